"""The list of the systems of the programme (packs/systems.csv) is held against what the repository has."""

import csv
import json
import re
from types import SimpleNamespace

import pytest

from ecocloud.base.errors import EcoError
from ecocloud.kernel.registers import pack, systems
from tests.systems.proving import proved

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


def test_what_a_pack_brings_is_walked_through_all_five_steps(rows, root):
    """Loaded, its sample workbook imported, an object walked and refused, its indicator changed, its paragraph filled:
    that is what ``walked`` does for a row of ``WALKS``; no other kind of test counts, but the one that did it first,
    with its fixture."""
    first, fixture = "test_outfalls_are_fed_into_evidence_and_the_report", "def outfalls("
    for row in (row for row in rows if row["state"] == "works" and row["place"].startswith("packs/")):
        name, text, body = _walk(root, row)
        if name == first:
            body += text.partition(fixture)[2].partition("\ndef ")[0]
        steps = ("packs.load(", "imported(", "StepRefused", "packs.feed(", "packs.paragraphs(")
        assert "walked(" in body or (name == first and all(step in body for step in steps)), row


def _walk(root, row):
    """The name of the test of a row, the text of its file, and what the test does."""
    file, _, node = row["test"].partition("::")
    name = node.partition("[")[0]
    text = (root / file).read_text("utf-8")
    return name, text, text.partition(f"def {name}(")[2].partition("\ndef ")[0]


def test_what_works_in_a_room_is_proved_from_what_goes_in_to_what_comes_out(rows, root):
    """Only by a test of its own under ``tests/systems`` that ends with ``proved("S...", ...)``, which refuses a walk
    without one of the items of the system or without a refusal; and such a test counts for that row alone."""
    room = {row["id"]: row for row in rows if row["state"] == "works" and not row["place"].startswith("packs/")}
    for row in room.values():
        name, _, body = _walk(root, row)
        assert row["test"].startswith("tests/systems/test_"), row
        assert name.startswith(f"test_{row['id'].lower()}_"), row
        assert re.findall(r'proved\(\s*"(S\d+)"', body) == [row["id"]], row
        assert all(one.zh for one in systems.items()[row["id"]]), row
    written = [path.read_text("utf-8") for path in sorted((root / "tests" / "systems").glob("test_*.py"))]
    proofs = [system for text in written for system in re.findall(r'proved\(\s*"(S\d+)"', text)]
    assert sorted(proofs) == sorted(room), "every proof is registered in packs/systems.csv, once"


@pytest.mark.parametrize("harm", ["dropped", "strange", "empty", "accepted", "absent"])
def test_a_walk_that_leaves_something_out_is_no_proof(harm):
    """S245 has one item on either side."""
    given, out, refused = {"Terms with definitions": "term"}, {"Linked definitions": ("a", "abc")}, EcoError("不", "no")
    proved("S245", given=given, refused=refused, came_out=out)
    given = {"dropped": {}, "strange": given | {"Tasks": 1}, "empty": {"Terms with definitions": []}}.get(harm, given)
    refused = SimpleNamespace(status_code=200) if harm == "accepted" else refused
    out = {"Linked definitions": ("x", "abc")} if harm == "absent" else out
    with pytest.raises(AssertionError, match="S245"):
        proved("S245", given=given, refused=refused, came_out=out)


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
