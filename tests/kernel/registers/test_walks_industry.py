"""Packs of the offices of industry, parks, approval and commerce. Each system is walked by an object of its own. Values
worked out by hand from the sample rows."""

import pytest

from tests.kernel.registers.walking import Step, Walk, computed, walked

# Ten projects are past settling, three produce. Eleven EIA papers, three refusals; four of six built are accepted.
GATES = {"INF.GATE.PRODUCING": "30.0", "INF.EIA.APPROVED": "11", "INF.EIA.ACCEPTED": "4", "INF.EIA.REFUSED": "3",
         "INF.EIA.ACCEPTRATE": "66.7"}  # fmt: skip

# One of two recognised parks is in order; five of twelve firms are accepted. Of eleven wells sampled five are of class
# III or better; three of the six worse ones are under control.
CHEMICALS = {"IND.CHEMPARK.GOOD": "50.0", "IND.CHEMFIRM.DONE": "41.7", "WAT.CHEMWELL.GOOD": "45.5",
             "WAT.CHEMWELL.CONTROL": "50.0"}  # fmt: skip

# Five accounts are checked: 824600 of value added from 881600 tons, 323900 of 404800 tons of waste used. Eight of
# eleven exchanges deliver; two of seven green parks are open; three of seven graded parks are good or better.
CIRCULAR = {"IND.PARK.RESOURCE": "0.935", "IND.PARK.WASTEUSE": "80.0", "IND.LINK.MATCHED": "72.7",
            "IND.GREENPARK.OPEN": "28.6", "IND.PARKGRADE.GOOD": "42.9"}  # fmt: skip

WALKS = {
    # Three of ten, then four. The trial run began on 10 February 2026: a year and a day later is too late. Four of
    # sixteen looked at are refused, three for policy, list or place; encouraged 137400 of 194600.
    "S183": Walk(
        "project-approval", "project_gate", "电镀园二期",
        (
            Step("produce", {"accepted_on": "2026-07-20"}, refused="a passed check on site"),
            Step("produce", {"accepted_on": "2027-02-11"},
                 inspected=("site", {"built": True, "works": True, "store": True, "data": True}),
                 refused="within twelve months"),
            Step("produce", {"accepted_on": "2026-07-20"}),
        ),
        "producing", "through_rate", "30.0", "40.0", GATES | {"INF.GATE.PRODUCING": "40.0"},
        "gates", ("登记项目17\xa0个，否决4\xa0个、否决率25.0%，引进关不符合3个",
                  "鼓励类投资占70.6%，应入园入园率100.0%"),
    ),
    # The five gates one after the other hold what does not fit: no park, no approval, no permit.
    "S183-gates": Walk(
        "project-approval", "project_gate", "青口精细化工扩建",
        (
            Step("start", {"started_on": "2026-11-02"}, refused="an EIA approval before the start"),
            Step("start", {"eia_no": "云环评字〔2026〕58号", "eia_on": "2026-10-20", "started_on": "2026-11-02"}),
            Step("release", {"permit": "91990104MAYX14QW0T002", "trial_on": "2026-11-20", "online_due": False},
                 refused="a discharge permit of 22"),
            Step("release", {"permit": "91990104MAYX14QW0T002P", "trial_on": "2026-11-20", "online_due": True},
                 refused="monitoring connected"),
            Step("release", {"permit": "91990104MAYX14QW0T002P", "trial_on": "2026-11-20", "online": True}),
            Step("produce", {"accepted_on": "2026-11-28"},
                 inspected=("site", {"built": True, "works": True, "store": True, "data": True})),
        ),
        "producing", "through_rate", "30.0", "40.0", GATES | {"INF.GATE.PRODUCING": "40.0"},
        "gates", ("通过五关4\xa0个，落户项目投产率40.0%",),
    ),
    # Four of six built are accepted, then five. 683 days for eleven decisions; 18531 of 148580 for the environment.
    "S182": Walk(
        "project-approval", "eia_project", "电镀园二期环评",
        (
            Step("accept", refused="passes the spot check"),
            Step("accept", {"platform": False},
                 inspected=("spot", {"works": True, "size": True, "waste": True, "risk": True}),
                 refused="on the platform"),
            Step("accept", {"platform": True, "accept_on": "2026-01-29"}, refused="follows completion"),
            Step("accept", {"accept_on": "2026-07-20"}),
        ),
        "accepted", "accept_rate", "66.7", "83.3", GATES | {"INF.EIA.ACCEPTED": "5", "INF.EIA.ACCEPTRATE": "83.3"},
        "eia", ("平均用时62.1", "建成项目验收率83.3%；环保投资占12.5%，批复化学需氧量34.80"),
    ),
    # One of two, then two of three. Points 76.5, 69.5 and 73; of 24 issues fifteen are closed.
    "S186": Walk(
        "chemical-parks", "chem_park", "石桥电镀与新材料园",
        (
            Step("recognise", {"paper": "赣工信石化〔2026〕70号"}, refused="a passed visit"),
            Step("recognise", {"paper": "赣工信石化〔2026〕70号", "grade": "b"},
                 inspected=("site", {"line": True, "fire": True, "pool": True, "watch": True}),
                 refused="safety grade C or D"),
            Step("recognise", {"grade": "c", "river_far": "0.99"}, refused="a kilometre to the river"),
            Step("recognise", {"paper": "赣工信石化〔2026〕70号", "river_far": 1, "listed_on": "2026-11-16"}),
            Step("order", refused="open issues and a time limit"),
        ),
        "recognised", "park_good", "50.0", "66.7", CHEMICALS | {"IND.CHEMPARK.GOOD": "66.7"},
        "parks", ("已认定化工园区3\xa0个，合格率66.7%，平均得分73.0", "问题整改率62.5%", "岸线一公里内未完成4家"),
    ),
    # Five of twelve firms, then six; 68 of 86 issues are closed.
    "S186-firm": Walk(
        "chemical-parks", "chem_firm", "云头硫酸铵厂",
        (
            Step("press", refused="overdue with open issues"),
            Step("accept", {"paper": "云工信字〔2026〕19号", "accepted_on": "2026-11-12"}, refused="a passed visit"),
            Step("accept", {"paper": "云工信字〔2026〕19号", "way": "close"},
                 inspected=("check", {"line": True, "waste": True, "water": True, "plan": True}),
                 refused="their land surveyed"),
            Step("accept", {"paper": "云工信字〔2026〕19号", "accepted_on": "2026-11-12", "way": "upgrade"}),
        ),
        "accepted", "firm_done", "41.7", "50.0", CHEMICALS | {"IND.CHEMFIRM.DONE": "50.0"},
        "parks", ("列入整治化工企业12\xa0家，完成率50.0%，问题整改率79.1%",),
    ),
    # Three of six under control, then four; their plumes 30300 square metres and 2600 more.
    "S187": Walk(
        "chemical-parks", "gw_well", "QK-03",
        (
            Step("watch", refused="no worse than class III"),
            Step("control", refused="a report and measures"),
            Step("control", {"measure": "下游截渗沟和抽提井", "plume": 2600}),
        ),
        "controlled", "controlled", "50.0", "66.7", CHEMICALS | {"WAT.CHEMWELL.CONTROL": "66.7"},
        "water", ("Ⅲ类以上比例45.5%，下游劣于背景3口，高风险3口，劣Ⅲ类井管控率66.7%，管控污染羽32900",),
    ),
    # 846300 of value added from 928400 tons; 341500 of 423700 tons of waste; 17383 of 24458 (thousand tons) of water
    # reused.
    "S189": Walk(
        "circular-economy", "circular_park", "石桥再生园2025年循环账",
        (
            Step("check", {"checked_on": "2026-04-20"}, refused="A checked account balances"),
            Step("return", inspected=("balance", {"input": True, "stock": True, "waste": True, "water": True}),
                 refused="by more than 30 %"),
            Step("check", {"checked_on": "2026-04-20"}),
        ),
        "checked", "park_rp", "0.935", "0.912",
        CIRCULAR | {"IND.PARK.RESOURCE": "0.912", "IND.PARK.WASTEUSE": "80.6"},
        "circular", ("固废综合利用率80.6%，水重复利用率71.1%，循环化项目完成率68.8%",),
    ),
    # Eight of eleven, then nine. Delivered 2596780 of 2691960 due; 2600980 tons in all.
    "S189-link": Walk(
        "circular-economy", "resource_link", "再生铝灰利用",
        (
            Step("sign", refused="hazardous waste needs licence"),
            Step("sign", {"eco_paper": "赣环危废临证2026-004", "agreed": 160, "signed_on": "2026-05-20"}),
            Step("run", refused="begins with a quantity"),
            Step("run", {"moved": 120, "due_moved": 160}),
        ),
        "running", "matched", "72.7", "81.8", CIRCULAR | {"IND.LINK.MATCHED": "81.8"},
        "circular", ("资源交换12\xa0条，撮合率81.8%，履约率96.5%，累计交换260.10",),
    ),
    # Two of seven, then three: 1420 of tax on 214.6 mu is 6.62 with six asked. Four of six meet their rules.
    "S190": Walk(
        "circular-economy", "green_eco_park", "柳林绿色竹业园",
        (
            Step("open", refused="a passed check"),
            Step("open", {"rule_tax": 7},
                 inspected=("entry", {"review": True, "contract": True, "energy": True, "exit": True}),
                 refused="its own rules met"),
            Step("open", {"rule_tax": 6, "built": 189}, refused="half of the land"),
            Step("open", {"built": "214.6"}),
        ),
        "open", "green_open", "28.6", "42.9", CIRCULAR | {"IND.GREENPARK.OPEN": "42.9"},
        "green", ("开园率42.9%，指标达标率66.7%，亩均税收11.63", "绿色企业占71.4%，闲置用地124.0"),
    ),
    # Three of seven, then of eight: the enclave has 71 points. 27 of 47 gaps are closed.
    "S196": Walk(
        "circular-economy", "park_grade", "深云飞地园2025年",
        (
            Step("grade", {"parent": "云溪工业园区"}, refused="passed the review"),
            Step("grade", {"parent": None},
                 inspected=("review", {"data": True, "site": True, "company": True}), refused="names the parent"),
            Step("grade", {"parent": "云溪工业园区"}),
            Step("mend", refused="gaps and a time limit"),
        ),
        "graded", "grade_good", "42.9", "37.5", CIRCULAR | {"IND.PARKGRADE.GOOD": "37.5"},
        "grades", ("评定园区8\xa0个，良好以上占37.5%，差距补齐率57.4%，管委会加公司和公司化运营占55.6%",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("system", WALKS)
def test_walk(system, place, county, imported, photo):
    walked(WALKS[system], place, county, imported, photo)


WATER = {"codmn": 1, "nh3n": "0.02", "nitrate": 2, "fluoride": 1, "arsenic": "0.001", "benzene": "0.5"}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, 1),
        ({"nh3n": "0.021"}, 2),
        ({"nh3n": "0.1"}, 2),
        ({"nh3n": "0.5"}, 3),
        ({"nh3n": "0.501"}, 4),
        ({"nh3n": "1.5"}, 4),
        ({"nh3n": "1.501"}, 5),
        ({"codmn": 3}, 3),
        ({"codmn": "3.01"}, 4),
        ({"codmn": "10.01"}, 5),
        ({"nitrate": 20}, 3),
        ({"nitrate": "30.01"}, 5),
        ({"fluoride": "1.01"}, 4),
        ({"fluoride": "2.01"}, 5),
        ({"arsenic": "0.01"}, 3),
        ({"arsenic": "0.0501"}, 5),
        ({"benzene": 10}, 3),
        ({"benzene": "120.1"}, 5),
        ({"benzene": None}, 1),
    ],
)
def test_groundwater_has_the_class_of_its_worst_item(changed, found):
    """Limits of GB/T 14848-2017, tables 1 and 2 (from memory): the worst of the items measured decides."""
    given = {"firm": "某厂", "place": "down", "layer": "shallow", "depth": 10, **WATER, **changed}
    assert computed("chemical-parks", "gw_well", given)["class_no"] == found


@pytest.mark.parametrize(
    ("place", "nh3n", "far", "risk"),
    [
        ("down", "0.5", 100, "low"),
        ("down", "0.6", 999, "high"),
        ("down", "0.6", 1000, "middle"),
        ("inside", "0.6", 999, "middle"),
        ("inside", "1.6", 999, "high"),
    ],
)
def test_the_risk_of_a_well_follows_class_spread_and_distance(place, nh3n, far, risk):
    """Own rule of the pack: low up to class III, high with spread or class V within a kilometre of a receptor."""
    given = {"firm": "某厂", "place": place, "layer": "shallow", "depth": 10, **WATER, "nh3n": nh3n, "background": 3,
             "target_far": far}  # fmt: skip
    assert computed("chemical-parks", "gw_well", given)["risk"] == risk


@pytest.mark.parametrize(
    ("fourth", "fifth", "minus", "grade"),
    [
        (15, 5, None, "top"),
        (15, "4.9", None, "good"),
        (5, 0, None, "good"),
        ("4.9", 0, None, "pass"),
        (0, 0, 10, "pass"),
        (0, 0, "10.1", "fail"),
        (0, None, None, None),
    ],
)
def test_a_park_is_graded_by_its_points(fourth, fifth, minus, grade):
    """Seventy points from three parts and what is given: 90, 75 and 60 are the limits."""
    given = {"park": "某园", "kind": "zone", "model": "board", "on_year": 2025, "saving": 25, "friendly": 25,
             "third": 20, "fourth": fourth, "fifth": fifth, "minus": minus}  # fmt: skip
    assert computed("circular-economy", "park_grade", given).get("grade") == grade


@pytest.mark.parametrize(
    ("inside", "far", "way"),
    [(True, 1, "keep"), (True, "0.99", "upgrade"), (False, 1, "upgrade"), (False, "0.99", "move")],
)
def test_what_is_due_of_a_chemical_firm_follows_park_and_river(inside, far, way):
    """Own rule of the pack: within a kilometre of the river a firm outside parks moves, one inside is upgraded."""
    given = {"product": "某", "in_park": inside, "river_far": far, "listed_on": "2026-01-05", "way": "keep",
             "due_on": "2026-12-31", "unit": "县工信局", "issues": 1, "issues_closed": 0}  # fmt: skip
    assert computed("chemical-parks", "chem_firm", given)["way_due"] == way
