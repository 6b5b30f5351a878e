"""The list of the systems of the programme (packs/systems.csv) is held against what the repository has."""

import csv

import pytest

from ecocloud.kernel.registers import pack

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
        assert not case or f'"{case.rstrip("]")}",' in text, row


def test_packs_and_list_name_each_other(rows, covered):
    listed = {row["id"]: row["place"].removeprefix("packs/") for row in rows if row["place"].startswith("packs/")}
    assert listed == covered
    assert all(row["state"] == "works" for row in rows if row["id"] in listed)
