"""Own documents (work points, report, rectification plan), annotated by hand in samples/expected.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ecocloud.intake.documents.read import read_document

FOLDER = Path(__file__).parent / "samples"
EXPECTED = yaml.safe_load((FOLDER / "expected.yaml").read_text("utf-8"))
CORE = {"actual", "target", "definition", "lower_bound", "upper_bound", "change_yoy", "change", "difference", "rank"}
NAMES = sorted(EXPECTED)


def reading(name):
    return read_document((FOLDER / name).read_bytes(), name)


@pytest.mark.parametrize("name", NAMES)
def test_document_facts(name):
    document = reading(name).document
    for key, value in EXPECTED[name]["document"].items():
        found = document["title"]["text"] if key == "title" else document[key]
        assert found == value, key


@pytest.mark.parametrize("name", NAMES)
def test_tasks_with_units_roles_and_deadlines(name):
    found = [
        {
            "path": t["path"],
            "title": t["title"],
            "deadlines": sorted({d["date"] for d in t["deadlines"]}),
            "units": [[u["name"], u["role"]] for u in t["units"]],
        }
        for t in reading(name).tasks
    ]
    expected = [
        {**t, "path": t["path"].replace("（", "(").replace("）", ")"), "deadlines": sorted(t["deadlines"])}
        for t in EXPECTED[name]["tasks"]
    ]
    assert found == expected


def matches(figure, wanted):
    names = {figure["indicator"], *figure["aliases"]}
    return (
        figure["value"] == wanted["value"]
        and figure["unit"] == wanted["unit"]
        and bool(names & set(wanted["names"]))
        and set(figure["qualifier"]) & CORE == set(wanted["tags"])
        and figure["direction"] == wanted.get("direction")
        and wanted.get("period", figure["period"]) == figure["period"]
        and wanted.get("region", figure["region"]) == figure["region"]
    )


@pytest.mark.parametrize("name", NAMES)
def test_figures_with_indicator_unit_period_region_and_qualifier(name):
    figures = [f for f in reading(name).figures if f["value"] is not None]
    missing = [w for w in EXPECTED[name]["figures"] if not any(matches(f, w) for f in figures)]
    extra = [
        (f["indicator"], f["value"], f["unit"], f["qualifier"], f["period"], f["region"], f["direction"])
        for f in figures
        if not any(matches(f, w) for w in EXPECTED[name]["figures"])
    ]
    assert (missing, extra) == ([], [])


def test_one_rank_is_linked_to_the_figure_it_is_about():
    records = reading("baogao_云岭市.txt").figures
    rank = next(f for f in records if "rank" in f["qualifier"])
    assert rank["comparison"]["kind"] == "peer_rank"
    assert next(f for f in records if f["id"] == rank["comparison"]["of"])["value"] == 3.4


def test_targets_of_a_task_are_the_figures_inside_its_span():
    result = reading("yaodian_清溪县.txt")
    task = next(t for t in result.tasks if t["title"] == "实施入河排口整治")
    values = [f["value"] for f in result.figures if f["id"] in task["targets"]]
    assert values == [12.5, 72.5, 10]
