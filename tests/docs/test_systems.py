"""The list of the systems of the programme (packs/systems.csv) is held against what the repository has."""

import csv
import json
import re

import pytest

from ecocloud.kernel.registers import pack, systems

HEADER = ["id", "name", "place", "test", "state"]


@pytest.fixture(scope="module")
def rows(root):
    with (root / "ecocloud" / "packs" / "systems.csv").open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        assert reader.fieldnames == HEADER
        return list(reader)


@pytest.fixture(scope="module")
def covered():
    """Which pack covers which systems, as the packs themselves say."""
    found = {}
    for name in pack.own_packs():
        for system in pack.read(pack.own_folder() / name).definition.systems:
            assert system not in found, f"{system} in {found.get(system)} and {name}"
            found[system] = name
    return found


def test_every_system_stands_once_and_in_order(rows):
    assert [row["id"] for row in rows] == [f"S{number:03}" for number in range(1, 246)]
    names = [row["name"] for row in rows]
    assert all(names) and len(set(names)) == len(names)
    assert {row["state"] for row in rows} <= {"works", "partial", "planned"}


def test_what_works_or_partly_works_has_its_test_and_what_is_planned_claims_none(rows, root):
    for row in rows:
        file, _, node = row["test"].partition("::")
        assert bool(file) == (row["state"] != "planned"), row
        if not file:
            continue
        assert (root / file).exists(), row
        assert (root / "ecocloud" / row["place"]).is_dir(), row
        assert node or row["state"] == "partial", row
        name, _, case = node.partition("[")
        text = (root / file).read_text("utf-8") if node else ""
        assert not node or f"def {name}(" in text, row
        case = case.rstrip("]")
        assert not case or f'"{case}",' in text or f'"{case}": Walk(' in text, row


def test_what_works_is_walked_through_all_five_steps(rows, root):
    """Loaded, its sample workbook imported, an object walked and refused, its indicator changed, its paragraph filled:
    that is what ``walked`` does for a row of ``WALKS``; no other kind of test counts, but the one that did it first,
    with its fixture."""
    first, fixture = "test_outfalls_are_fed_into_evidence_and_the_report", "def outfalls("
    for row in (row for row in rows if row["state"] == "works"):
        file, _, node = row["test"].partition("::")
        name = node.partition("[")[0]
        text = (root / file).read_text("utf-8")
        body = text.partition(f"def {name}(")[2].partition("\ndef ")[0]
        if name == first:
            body += text.partition(fixture)[2].partition("\ndef ")[0]
        steps = ("packs.load(", "imported(", "StepRefused", "packs.feed(", "packs.paragraphs(")
        assert "walked(" in body or (name == first and all(step in body for step in steps)), row


def test_items_of_the_data_are_those_of_the_programme(rows, covered, shared_folder):
    """Against the published list of systems: no item is dropped; some are told apart (patches and mu restored)."""
    path = shared_folder / "design" / "systems.jsonl"
    if not path.exists():
        pytest.skip("the list of systems is absent")
    for line in path.read_text("utf-8").splitlines():
        told = json.loads(line)
        for side in ("in", "out"):
            own = " ".join(one.en for one in systems.items()[told["id"]] if one.side == side).lower()
            wanted = re.findall(r"[a-z0-9%-]+", re.sub(r"\(sums to 17\)", "", told[f"data_{side}"].lower()))
            missing = [word for word in wanted if word not in own and word != "and"]
            assert not missing, (told["id"], side, missing)
    assert all(one.zh for code in covered for one in systems.items()[code])


def test_packs_and_list_name_each_other(rows, covered):
    listed = {row["id"]: row["place"].removeprefix("packs/") for row in rows if row["place"].startswith("packs/")}
    assert listed == covered
    assert all(row["state"] == "works" for row in rows if row["id"] in listed)
