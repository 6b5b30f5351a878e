"""A pack before it is loaded: form, list, figures and report over its samples, in one file, without a database."""

import re
from datetime import date
from decimal import Decimal

import pytest

from ecocloud import cli
from ecocloud.base.pages import icons
from ecocloud.kernel.registers import pack, pack_preview

DAY = date(2026, 6, 30)
CHINESE = re.compile(r"[一-鿿]+")


@pytest.fixture(scope="module")
def outfalls():
    return pack.read(pack.own_folder() / "river-outfalls", icons.names())


def test_figures_are_those_of_the_sample_rows(outfalls):
    """Twelve rows; six of them closed, ten with a measure other than none (counted in the workbook)."""
    found = pack_preview.figures(outfalls, DAY)
    rows = outfalls.samples[0].rows
    due = [row for row in rows if row.values.get("measure", "none") != "none"]
    closed = [row for row in due if row.state == "closed"]
    assert found["all"] == len(rows) == 12
    assert found["fixed_share"] == round(Decimal(100 * len(closed)) / len(due), 1)


def test_the_file_shows_form_list_steps_and_report(outfalls):
    page = pack_preview.html(outfalls, DAY)
    definition = outfalls.types[0]
    for field in definition.fields:
        assert field.zh in page
    for row in outfalls.samples[0].rows:
        assert f"<td>{row.name}</td>" in page
    for step in definition.transitions:
        assert step.zh in page and step.refusal_zh in page
    assert "2026年6月30日" in page and "{region}" not in page and "云溪县" in page
    assert 'src="' not in page and "<link " not in page and "http://" not in page.partition("<body>")[2]


def test_in_english_only_data_is_chinese(outfalls):
    page = pack_preview.html(outfalls, DAY, "en").partition("<body>")[2]
    data = {row.name for row in outfalls.samples[0].rows} | {row.region for row in outfalls.samples[0].rows}
    data |= {str(value) for row in outfalls.samples[0].rows for value in row.values.values()}
    known = " ".join(data)
    left = [word for word in CHINESE.findall(re.sub(r"<code.*?</code>", "", page)) if word not in known]
    assert left == []


def test_references_stay_names_of_other_rows():
    made = pack.read(pack.own_folder() / "rivers-lakes")
    page = pack_preview.html(made, DAY)
    reach = made.type_by_code["river_problem"]
    assert any(one.kind == "object" for one in reach.fields) and "obj:" not in page


def test_the_command_writes_the_file(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["packs", "preview", "small-hydro", "--day", "2026-06-30"]) == 0
    assert "small-hydro-preview.html" in capsys.readouterr().out
    first = (tmp_path / "small-hydro-preview.html").read_text("utf-8")
    assert cli.main(["packs", "preview", "small-hydro", "--english", "--out", "x.html", "--day", "2026-06-30"]) == 0
    assert (tmp_path / "x.html").read_text("utf-8") != first
    assert cli.main(["packs", "preview", "nothing"]) == 1
