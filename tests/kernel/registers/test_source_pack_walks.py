"""Packs of sources and mines from their sample workbooks to the report. Values worked out by hand from the samples."""

import pytest

from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import pack, services
from ecocloud.kernel.registers.errors import StepRefused
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import packs
from tests.kernel.registers.walking import Step, Walk, walked

GREEN = {"stable": True, "no_hazard": True, "no_pollution": True, "green": True, "papers": True}

WALKS = [
    # Of 80.7 hectares in twenty patches 31.6 are accepted, then 3.8 more: 35.4 hectares or 531 mu. Works without the
    # two patches left to nature cost 1012.4 and 125 for 27.9 and 3.8 hectares (475.5 mu). Twelve projects of 2176 (ten
    # thousand yuan): six with 1086 accepted, two with 630 past the first, three with 400 open, one stopped; 1736.7 paid.
    Walk(
        "mine-restoration", "mine_patch", "白沙南坑",
        (
            Step("accept", {"keeper": "白沙乡林业站"}, refused="whole area restored"),
            Step("accept", {"keeper": "白沙乡林业站", "restored_ha": "3.7"}, inspected=("acceptance", GREEN),
                 refused="whole area restored"),
            Step("accept", {"keeper": "白沙乡林业站"}, inspected=("acceptance", {**GREEN, "no_hazard": False}),
                 refused="inspection passed"),
            Step("accept", {"keeper": "白沙乡林业站"}, inspected=("acceptance", GREEN)),
            Step("reopen", refused="failed its upkeep"),
        ),
        "accepted", "share", "39.2", "43.9",
        {"MIN.RESTORE.PATCHES": "10", "MIN.RESTORE.AREA": "531", "MIN.RESTORE.SHARE": "43.9",
         "MIN.RESTORE.COST": "2.39", "SOL.GEO.PROJECTS": "12", "SOL.GEO.FUNDS": "2176", "SOL.GEO.ACCEPTED": "6",
         "SOL.GEO.ACCEPTEDFUNDS": "1086"},
        "progress", ("修复率43.9%，其中自然恢复占10.5%", "每亩投入2.39", "隐患未消除6处"),
    ),
]  # fmt: skip


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.pack)
def test_walk(walk, place, county, imported, photo):
    walked(walk, place, county, imported, photo)


@pytest.fixture
def loaded():
    """``loaded(pack, type)``: the register of a pack without its samples."""

    def make(name, code):
        packs.load(CONSOLE, pack.read(pack.own_folder() / name))
        return open_register(code)

    return make


def square(side):
    """A square with ``side`` in degrees at 27 degrees north; 0.001 degrees are about 99.2 by 110.8 metres, 1.10 ha."""
    corners = [[115, 27], [115 + side, 27], [115 + side, 27 + side], [115, 27 + side], [115, 27]]
    return {"type": "Polygon", "coordinates": [corners]}


def test_a_plan_needs_the_patch_drawn_with_the_area_that_was_given(place, loaded):
    register = loaded("mine-restoration", "mine_patch")
    given = {"patch_no": "T-1", "mine": "东矿", "origin": "legacy", "damage": "dug", "found_on": "2024-01-01",
             "area_ha": "1.15", "hazard": False, "measure": "natural", "goal_ha": 1, "owner": "东县",
             "plan_until": "2025-01-01"}  # fmt: skip
    row = services.create(place.office, register, name="东矿一号", region=place.east, given=given)
    for drawn in (None, square(0.0012), square(0.0009)):  # nothing, 1.58 ha, 0.89 ha
        if drawn:
            services.edit(place.office, register, row.pk, geometry=drawn)
        with pytest.raises(StepRefused, match="drawn patch"):
            services.transition(place.office, register, row.pk, "design")
    services.edit(place.office, register, row.pk, geometry=square(0.001))
    assert services.transition(place.office, register, row.pk, "design").state == "designed"


def test_a_project_is_accepted_at_the_level_of_its_money(place, loaded):
    register = loaded("mine-restoration", "mine_project")
    given = {"number": "T-1", "approved_on": "2023-01-01", "approval": "东发改〔2023〕1号", "area_ha": 2, "central": 60,
             "province": 0, "local": 40, "paid": 90, "accept_level": "city", "builder": "东建", "watcher": "东监",
             "started_on": "2023-02-01", "first_on": "2024-01-01"}  # fmt: skip
    row = services.create(place.office, register, name="东矿治理", region=place.east, given=given)
    services.transition(place.office, register, row.pk, "start")
    services.inspect(place.office, register, row.pk, "visit",
                     results={"quantity": True, "quality": True, "papers": True})  # fmt: skip
    services.transition(place.office, register, row.pk, "first")
    end = {"accepted_on": "2024-03-01", "accept_paper": "市自然资函〔2024〕1号", "settled": 95}
    for wrong in ({}, {"accept_level": "province", "settled": 89}, {"accept_level": "province", "settled": 101}):
        with pytest.raises(StepRefused, match="source of the money"):
            services.transition(place.office, register, row.pk, "accept", given={**end, **wrong}, opinion="经验收")
    given = {**end, "accept_level": "province"}
    done = services.transition(place.office, register, row.pk, "accept", given=given, opinion="经验收")
    assert done.state == "accepted"
