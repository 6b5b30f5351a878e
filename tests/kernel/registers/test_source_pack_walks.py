"""Packs of sources and mines from their sample workbooks to the report. Values worked out by hand from the samples."""

import pytest

from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import pack, services
from ecocloud.kernel.registers.errors import StepRefused, ValuesRefused
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import packs
from tests.kernel.registers.walking import Step, Walk, computed, walked

GREEN = {"stable": True, "no_hazard": True, "no_pollution": True, "green": True, "papers": True}

WALKS = [
    # Of 80.7 hectares in twenty patches 31.6 are accepted, then 3.8 more: 35.4 hectares or 531 mu. Works without the
    # two patches left to nature cost 1012.4 and 125 for 27.9 and 3.8 hectares (475.5 mu). Twelve projects of 2176
    # (ten thousand yuan): six with 1086 accepted, two with 630 past the first, three with 400 open, one stopped.
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
    # Three closed or gone took down 7.0 of 7.3 (ten thousand tons a year), then all. Of 13 running that need a permit
    # 12 have one; of 12 that must be on line ten are; six of twelve upgrades are done. Settled years: 147 of 358.3 (ten
    # thousand cubic metres) reused; 91300 of 121670 tons used (120840 generated, 830 from storage), 28410 disposed of.
    Walk(
        "key-enterprises", "enterprise", "双江农药厂",
        (
            Step("exit", {"removed_lines": 4, "removed_capacity": "0.5"}, refused="checked after the closure"),
            Step("exit", inspected=("dismantle", {"lines_gone": True, "waste_gone": True, "power_cut": True}),
                 refused="whole capacity"),
            Step("exit", {"removed_lines": 4, "removed_capacity": "0.5"}, refused="survey of its site"),
            Step("exit", {"removed_lines": 4, "removed_capacity": "0.5", "soil_paper": "土调备〔2025〕6号"}),
        ),
        "exited", "gone_capacity", "7.00", "7.30",
        {"GOV.PERMIT.COVER": "92.3", "GOV.STATION.ONLINE": "83.3", "IND.EXIT.CAPACITY": "7.30", "IND.CLEAN.AUDIT": "8",
         "AIR.FACILITY.DONE": "50.0", "IND.WATER.REUSE": "41.0", "WST.INDUSTRIAL.USE": "75.0"},
        "exit", ("产能拆除率100.0%", "中水回用率41.0%，一般工业固体废物综合利用率75.0%、处置率23.5%"),
    ),
    # Six of 15 tested points are above a screening value of GB 15618: five to be used safely, one under strict control
    # (cadmium 1.62 against 1.5). Measures cover 670 of the 1050 mu they represent, then 150 more. Stations in use
    # deliver 3910 valid values of 4278.
    Walk(
        "monitoring-points", "soil_point", "云头稀土下游田",
        (
            Step("confirm", {"measured_area": 150}, refused="passed quality control"),
            Step("confirm", {"measures": None}, refused="measures",
                 inspected=("control", {"blank": True, "parallel": True, "standard": True})),
            Step("redo", refused="failed the quality control"),
            Step("confirm", {"measured_area": 150}),
        ),
        "classed", "managed", "63.8", "78.1",
        {"GOV.STATION.VALID": "91.4", "SOL.POINT.OVER": "40.0", "SOL.POINT.MANAGED": "78.1"},
        "soil", ("土壤点位17个，检测完成率88.2%，类别核定率86.7%", "优先保护类9个、安全利用类5个、严格管控类1个",
                 "最大为筛选值的5.40倍，超筛选值面积措施落实率78.1%"),
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


FIRM = {"industry": "c22", "opened_on": "2010-01-01", "permit_level": "key"}
CODE = "91130200699229617X"  # example of HJ 608-2017, annex A, as is its permit number


def test_an_enterprise_has_a_credit_code_that_checks_and_a_permit_that_begins_with_it(place, loaded):
    register = loaded("key-enterprises", "enterprise")

    def make(**given):
        return services.create(place.office, register, name="东厂", region=place.east, geometry=(115, 27),
                               given={**FIRM, **given})  # fmt: skip

    with pytest.raises(ValuesRefused, match="check character"):
        make(credit_code="911302006992296171")
    with pytest.raises(ValuesRefused, match="22 characters"):
        make(credit_code=CODE, permit=f"{CODE}01P")
    with pytest.raises(ValuesRefused, match="22 characters"):
        make(credit_code=CODE, permit="91350100M000100Y43001P")
    assert make(credit_code=CODE, permit=f"{CODE}001P").state == "running"
    assert make(credit_code="91350100M0001TGQXM", pilot_code=True).state == "running"  # given out before the standard


def test_a_year_is_settled_only_when_waste_in_and_out_agree(place, loaded):
    register = loaded("key-enterprises", "enterprise_year")
    firm = services.create(place.office, open_register("enterprise"), name="东厂", region=place.east,
                           geometry=(115, 27), given={**FIRM, "credit_code": CODE})  # fmt: skip
    given = {"enterprise": f"obj:{firm.pk}", "list_year": 2025, "categories": ["water"], "basis": "筛选",
             "published_on": "2024-03-28", "fresh": 10, "opening": 50, "generated": 300, "used": 280, "used_old": 10,
             "disposed": 40, "closing": 20}  # fmt: skip
    row = services.create(place.office, register, name="东厂2025年", region=place.east, given=given)
    with pytest.raises(StepRefused, match="day of that year"):
        services.transition(place.office, register, row.pk, "publish")
    services.transition(place.office, register, row.pk, "publish", given={"published_on": "2025-03-28"})
    with pytest.raises(StepRefused, match="agree"):  # 50 + 300 - 280 - 40 - 20 = 10 tons vanished
        services.transition(place.office, register, row.pk, "settle")
    with pytest.raises(StepRefused, match="storage"):
        services.transition(place.office, register, row.pk, "settle", given={"closing": 30, "used_old": 51})
    done = services.transition(place.office, register, row.pk, "settle", given={"closing": 30})
    assert done.state == "settled"


@pytest.mark.parametrize(
    ("given", "worst", "over"),
    [
        ({"medium": "water", "cod": 50, "cod_limit": 50, "nh3n": 4, "nh3n_limit": 5}, "100.0", False),
        ({"medium": "water", "cod": 20, "cod_limit": 50, "nh3n": "5.1", "nh3n_limit": 5}, "102.0", True),
        ({"medium": "gas", "dust": 31, "dust_limit": 30, "so2": 10, "so2_limit": 200}, "103.3", True),
        ({"medium": "gas", "dust": 31}, None, None),
    ],
)
def test_an_outlet_is_above_its_limits_when_one_factor_is(given, worst, over):
    found = computed("key-enterprises", "outlet", given)
    assert (str(found["worst"]) if "worst" in found else None, found.get("over")) == (
        worst and str(float(worst)).removesuffix(".0"), over)  # fmt: skip


def test_an_upgrade_is_done_only_with_a_test_after_it(place, loaded):
    register = loaded("key-enterprises", "outlet")
    firm = services.create(place.office, open_register("enterprise"), name="东厂", region=place.east,
                           geometry=(115, 27), given={**FIRM, "credit_code": CODE})  # fmt: skip
    given = {"enterprise": f"obj:{firm.pk}", "number": "DA001", "medium": "gas", "set_on": "2015-01-01", "dust": 25,
             "dust_limit": 30, "upgrade": "done"}  # fmt: skip
    wrong = ({}, {"upgraded_on": "2025-06-01"}, {"upgraded_on": "2025-06-01", "tested_on": "2025-05-31"},
             {"upgraded_on": "2025-06-01", "tested_on": "2025-06-09", "dust": 31},
             {"upgraded_on": "2025-06-01", "tested_on": "2025-06-09", "dust": None})  # fmt: skip
    for one in wrong:
        with pytest.raises(ValuesRefused, match="an upgrade is done|An upgrade is done"):
            services.create(place.office, register, name="东厂窑炉", region=place.east, given={**given, **one})
    right = {**given, "upgraded_on": "2025-06-01", "tested_on": "2025-06-09"}
    assert services.create(place.office, register, name="东厂窑炉", region=place.east, given=right).state == "set"


SOIL = {"land": "paddy", "ph": "5.5", "cd": "0.1", "hg": "0.1", "arsenic": 1, "pb": 1, "cr": 1, "cu": 1, "ni": 1,
        "zn": 1}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "found", "item"),
    [
        ({}, "priority", "none"),
        ({"cd": "0.3"}, "priority", "none"),  # equal to the value meets it
        ({"cd": "0.301"}, "safe", "cd"),
        ({"cd": "0.4", "ph": "5.51"}, "priority", "none"),
        ({"cd": "0.31", "ph": 6, "land": "other"}, "safe", "cd"),
        ({"cd": "0.8", "ph": "7.51"}, "priority", "none"),
        ({"cd": "1.5"}, "safe", "cd"),
        ({"cd": "1.501"}, "strict", "cd"),
        ({"cd": 2, "ph": "5.51"}, "safe", "cd"),
        ({"pb": "80.001"}, "safe", "pb"),
        ({"pb": "400.001"}, "strict", "pb"),
        ({"cu": 150, "land": "orchard"}, "priority", "none"),
        ({"cu": 51}, "safe", "cu"),
        ({"zn": 5000}, "safe", "zn"),  # zinc has no control value
        ({"ph": None, "cd": 2}, None, None),
        ({"ni": None, "cd": 2}, None, None),
    ],
)
def test_a_point_has_the_soil_class_of_its_worst_item(given, found, item):
    """Screening and control values of GB 15618-2018, tables 1 and 3."""
    seen = computed("monitoring-points", "soil_point", {**SOIL, **given})
    assert (seen.get("class"), seen.get("worst_item")) == (found, item)


def test_a_station_runs_with_its_number_and_its_data_and_ends_with_a_paper(place, loaded):
    register = loaded("monitoring-points", "station")
    given = {"station_code": "T-1", "medium": "air", "level": "county", "automatic": True, "started_on": "2025-01-01",
             "due": 744, "got": 700, "valid": 557}  # fmt: skip
    with pytest.raises(ValuesRefused, match="within those due"):
        services.create(place.office, register, name="东站", region=place.east, geometry=(115, 27),
                        given={**given, "got": 745})  # fmt: skip
    row = services.create(place.office, register, name="东站", region=place.east, geometry=(115, 27), given=given)
    step = services.transition
    with pytest.raises(StepRefused, match="MN number"):
        step(place.office, register, row.pk, "install", given={"mn": "36099000000000000001000"})
    step(place.office, register, row.pk, "install", given={"mn": "360990000000000000010001"})
    services.inspect(place.office, register, row.pk, "quality",
                     results={"zero": True, "sampling": True, "surroundings": True, "log": True})  # fmt: skip
    with pytest.raises(StepRefused, match="75 %"):  # 557 of 744 are 74.9 %
        step(place.office, register, row.pk, "accept", given={"maker": "甲仪器"}, opinion="验收")
    step(place.office, register, row.pk, "accept", given={"maker": "甲仪器", "valid": 558}, opinion="验收")
    with pytest.raises(StepRefused, match="not because its data are bad"):
        step(place.office, register, row.pk, "take_down", opinion="数据差",
             given={"stopped_on": "2025-09-01", "stop_reason": "数据差"})  # fmt: skip
