"""Each pack of the product from its sample workbooks through the states of one object to indicator and report.

One walk for all; a pack is a row of ``WALKS``. Expected values are worked out by hand from the sample rows, as noted.
"""

import pytest

from tests.kernel.registers.walking import FAR, Step, Walk, computed, walked

WALKS = [
    # Patrols done (each reach at most its due number) 251 of 326 due: 2+4+4+4 of the main stem, 12 by township chiefs,
    # 52 by village chiefs. The reach that walks goes from 7 to 12. Ten of twenty problems are closed.
    Walk(
        "rivers-lakes", "reach", "柳林港下段",
        (
            Step("approve", {"plan_until": FAR}, refused="needs its patrols"),
            Step("approve", {"plan_until": FAR, "patrols_done": 12, "last_patrol_on": "2025-11-20"},
                 inspected=("patrol", {"no_outfall": True, "no_rubbish": True, "no_disorder": True,
                                       "sign_right": True})),
        ),
        "in_order", "coverage", "77.0", "78.5", {"WAT.CHIEF.COVER": "78.5", "WAT.CHIEF.CLOSED": "50.0"},
        "duty", ("河段（湖片）22个", "巡河到位率78.5%", "发现河湖问题20个，销号率50.0%"),
    ),
    # Single-factor classes of the yearly means by GB 3838 table 1: of 17 sections assessed for 2025, 12 attain their
    # target (the lower tributary, a river mouth, the old ditch and both points of the lake do not), 12 are class III or
    # better, 2 worse than V. The reservoir that walks is class II, its target; total phosphorus of 0.026 mg/L would be
    # class III in a lake. Largest exceedance against III: ammonia of the ditch, 3.85 / 1 - 1.
    Walk(
        "water-sections", "section_year", "乌石水库坝前2025年",
        (
            Step("assess", refused="at least six months"),
            Step("assess", {"months": 6}),
            Step("confirm", {"tp": "0.026"}, refused="only with causes"),
            Step("confirm"),
        ),
        "confirmed", "attain", "70.6", "72.2",
        {"WAT.SECTION.ATTAIN": "72.2", "WAT.SURFACE.GOOD": "72.2", "WAT.SURFACE.WORST": "11.1"},
        "quality", ("在用监测断面18个，其中国考断面3个", "水质达标率72.2%，优良比例72.2%，劣Ⅴ类比例11.1%",
                    "未达标断面5个，其中未查明原因4个，相对Ⅲ类的最大超标倍数2.85"),
    ),
    # 11 of 16 tested sources attain; their intake is 1783.8 of 1966.1; standard sources serve 9.4 of 33.242 (ten
    # thousand people), and 0.48 more after the walk.
    Walk(
        "drinking-sources", "water_source", "石桥上坪水源地",
        (
            Step("certify", refused="a valid plan"),
            Step("certify", {"plan_until": FAR}, refused="a clean patrol"),
            Step("certify", {"plan_until": FAR},
                 inspected=("patrol", {"fence_whole": True, "no_sewage": True, "no_activity": True,
                                       "signs_right": True})),
        ),
        "standard", "standard_people", "28.3", "29.7",
        {"WAT.DRINK.ATTAIN": "68.8", "WAT.DRINK.VOLUME": "90.7", "WAT.DRINK.STANDARD": "29.7"},
        "safety", ("水源地20处", "没有水质监测的2处", "风险源20个，整治完成率20.0%，一级保护区内尚有4个未整治"),
    ),
    # Of ten bodies in the built-up area five are cleared, then six; of 15.03 km in all 8.02 km, then 0.42 km more.
    Walk(
        "black-waters", "black_water", "医院后沟",
        (
            Step("effect", refused="a passed check"),
            Step("effect", inspected=("acceptance", {"outlets_shut": True, "dredged": True, "banks_clean": True}),
                 photo="photo_after"),
            Step("last", {"upkeep": "县市政公司"}, refused="six months"),
            Step("last", {"upkeep": "县市政公司", "clean_months": 7}),
        ),
        "lasting", "cleared", "50.0", "60.0", {"WAT.BLACK.CLEARED": "60.0", "WAT.BLACK.LENGTH": "56.2"},
        "progress", ("黑臭水体22条", "消除比例60.0%，消除长度占比56.2%", "重度黑臭4条，返黑返臭报警2条"),
    ),
    # Central inspection: 3 of 6 closed, provincial: 4 of 6; the walk closes one more. 8 problems were closed by their
    # day, of 12 that are closed in the end and 8 open ones that are past it. 12 of 22 closed.
    Walk(
        "inspection-problems", "inspection_problem", "畜禽养殖粪污还田不规范",
        (
            Step("close", {"closed_on": "2024-05-20"}, refused="with the paper"),
            Step("close", {"closing_paper": "云督改〔2024〕1号", "closed_on": "2024-05-09"}, refused="not before"),
            Step("close", {"closing_paper": "云督改〔2024〕1号", "closed_on": "2024-05-20"}),
            Step("reopen", refused="failed look-back"),
        ),
        "closed", "fixed", "58.3", "66.7", {"GOV.CASE.RECTIFIED": "66.7", "GOV.CASE.ONTIME": "40.0"},
        "ledger", ("问题22个，督察反馈问题整改完成率66.7%，全部问题销号率54.5%，按期销号率40.0%",
                   "逾期8个，反弹重办1个，待回头看8个", "警示片问题整改率33.3%，未销号重大问题3个"),
    ),
    # Six of 20 mines are green, then seven; of 730.8 (ten thousand tons a year) 519 come from green mines, then 18
    # more. Six of the ten large and medium ones; 263.9 of 443.3 hectares are restored.
    Walk(
        "green-mines", "mine", "岭背高岭土矿",
        (
            Step("list", {"licence_until": FAR}, refused="a valid licence"),
            Step("list", {"licence_until": FAR, "listed_on": "2025-12-10", "digital_rate": "74.9"},
                 inspected=("site", {"dust": True, "water": True, "slope": True, "within": True}),
                 refused="75 % in each group"),
            Step("list", {"licence_until": FAR, "listed_on": "2025-12-10"}),
        ),
        "green", "share", "30.0", "35.0",
        {"MIN.GREEN.SHARE": "35.0", "MIN.GREEN.LARGE": "100.0", "MIN.GREEN.MEDIUM": "42.9", "MIN.GREEN.OUTPUT": "73.5",
         "MIN.LAND.RESTORED": "59.5"},
        "progress", ("登记矿山20座，建成绿色矿山7座，建成率35.0%，其中大中型矿山建成率60.0%（大型100.0%、中型42.9%）",
                     "移出名录2座"),
    ),
]  # fmt: skip


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.pack)
def test_walk(walk, place, county, imported, photo):
    walked(walk, place, county, imported, photo)


MEANS = {"water": "river", "target": "c3", "ph": 7, "oxygen": 8, "codmn": 2, "nh3n": "0.15", "tp": "0.02"}


@pytest.mark.parametrize(
    ("given", "grade", "item", "met"),
    [
        ({}, "c1", "none", True),
        ({"oxygen": "7.49"}, "c2", "none", True),
        ({"cod": 15, "bod5": 3}, "c1", "none", True),  # equal to the limit meets it
        ({"cod": "15.1"}, "c3", "none", True),
        ({"nh3n": "1.001"}, "c4", "nh3n", False),
        ({"oxygen": 2}, "c5", "oxygen", False),
        ({"oxygen": "1.99"}, "c6", "oxygen", False),
        ({"ph": "9.1"}, "c6", "ph", False),
        ({"tp": "0.2"}, "c3", "none", True),
        ({"tp": "0.2", "water": "lake"}, "c5", "tp", False),
        ({"fluoride": "1.01"}, "c4", "fluoride", False),
        ({"rest": "c5", "target": "c5"}, "c5", "rest", True),
        ({"tp": None}, None, None, None),  # one of the five main items is missing: no class
    ],
)
def test_a_section_has_the_class_of_its_worst_item(given, grade, item, met):
    """Limits of GB 3838-2002, table 1."""
    found = computed("water-sections", "section_year", {**MEANS, **given})
    assert (found.get("grade"), found.get("worst_item"), found.get("met")) == (grade, item, met)


@pytest.mark.parametrize(
    ("given", "grade"),
    [
        ({}, "none"),
        ({"clarity": "24.9"}, "light"),
        ({"oxygen": "1.99"}, "light"),
        ({"orp": 49}, "light"),
        ({"nh3n": "8.01"}, "light"),
        ({"nh3n": 15}, "light"),
        ({"clarity": "9.9"}, "heavy"),
        ({"oxygen": "0.19"}, "heavy"),
        ({"orp": -201, "nh3n": 9}, "heavy"),
        ({"nh3n": "15.01"}, "heavy"),
        ({"orp": None}, None),
    ],
)
def test_a_water_has_the_grade_of_its_worst_item(given, grade):
    """Grading of the guide of 2015 (table 2), as the dictionary of the type cites it."""
    clean = {"clarity": 25, "oxygen": 2, "orp": 50, "nh3n": 8}
    assert computed("black-waters", "black_water", {**clean, **given}).get("grade") == grade
