"""``ecocloud gep`` as it is typed: check, run, compare, and codes that are not zero for every error."""

import json

import pytest
import yaml

from ecocloud import cli
from tests.domains.gep.raster import landscape


@pytest.fixture
def typed(tmp_path, capsys):
    """A county on disk; ``typed(words...)`` gives the exit code and what was printed."""
    given = landscape.make(tmp_path, 40, 40, holes=False)
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(given, allow_unicode=True), "utf-8")
    changed = {
        **given,
        "output": "other",
        "parameters": {"slope_length": "invest-3.14", "threshold_flow_accumulation": 200},
    }
    (tmp_path / "b.yaml").write_text(yaml.safe_dump(changed, allow_unicode=True), "utf-8")

    def type_(*words):
        code = cli.main(["gep", *(str(tmp_path / one) if one.endswith((".yaml", "out")) else one for one in words)])
        found = capsys.readouterr()
        return code, found.out + found.err

    return type_


def test_check_run_compare(typed):
    code, told = typed("check", "a.yaml")
    assert code == 0 and "40 × 40" in told and "hj1173-2021" in told
    assert typed("compare", "a.yaml", "a.yaml")[0] == 1  # nothing was run yet
    code, told = typed("run", "a.yaml", "--json")
    assert code == 0 and json.loads(told.splitlines()[-1])["slope_length"] == "hj1173-2021"
    assert typed("compare", "a.yaml", "out") == (0, "两次结果相同\n")
    assert typed("run", "b.yaml", "--json")[0] == 0
    code, told = typed("compare", "a.yaml", "b.yaml")
    assert code == 1 and "soil 1 " in told and "retained" in told and "water" not in told
    assert typed("compare", "a.yaml", "b.yaml", "--tolerance", "10")[0] == 0


def test_an_example_is_written_and_computed(typed, tmp_path):
    code, told = typed("example", str(tmp_path / "made"))
    assert code == 0 and "合成数据" in told
    assert typed("run", str(tmp_path / "made" / "county.yaml"), "--json")[0] == 0
    assert {"ls.tif", "result.json"} <= {one.name for one in (tmp_path / "made" / "result").iterdir()}
    code, told = typed("example", str(tmp_path / "made"))
    assert code == 1 and "不是空的" in told


def test_every_error_ends_with_a_code(typed, tmp_path):
    (tmp_path / "dem.tif").unlink()
    for action in ("check", "run"):
        code, told = typed(action, "a.yaml")
        assert code == 1 and "dem.tif" in told
    assert typed("check", "none.yaml")[0] == 1
