"""Packs of air, soil and solid waste from their sample workbooks to the report, one walk for each system. Values worked
out by hand from the sample rows; edges of what computed fields grade by a threshold are pinned below."""

from datetime import date

import pytest

from tests.kernel.registers.walking import Step, Walk, computed, walked

YEAR = date.today().year
SIX = ["fence", "cover", "wash", "hard", "wet", "sealed"]

WALKS = {
    # At work, under rectification or stopped: eleven sources on 228400 square metres; six on 102900 have all measures
    # and cover, with the demolition site's 14300 it is 117200. Of 60.7 stoves 40.5 attain (without the closed shop).
    "S124": Walk(
        "dust-fume", "dust_site", "老街片区拆除工地",
        (
            Step("resume", {"measures": SIX, "covered": 6300}, refused="within the limit"),
            Step("resume", {"measures": SIX, "covered": 6300, "pm10": 132}, refused="a passed visit"),
            Step("resume", {"measures": SIX, "covered": 6299, "pm10": 132},
                 inspected=("site", {"board": True, "heaps": True, "wash": True, "road": True}),
                 refused="all six measures"),
            Step("resume", {"measures": SIX, "covered": 6300, "pm10": 150}),
            Step("order", refused="with the violation and a deadline", given={"fault": "none"}),
        ),
        "running", "complete", "45.1", "51.3", {"AIR.DUST.COMPLETE": "51.3", "AIR.FUME.FIT": "66.7"},
        "progress", ("在管扬尘源13处，措施到位面积占比51.3%", "违规未改3处", "达标灶头占比66.7%", "设在禁设区域3家"),
    ),
    # Nine boilers of ten tons or less in the built-up area, five gone, then six. Eleven yellow-label vehicles, seven
    # struck off. Of 33676 tons of coal 17206 are replaced.
    "S125": Walk(
        "coal-phaseout", "coal_boiler", "石桥米粉厂锅炉",
        (
            Step("accept", {"removed_on": f"{YEAR}-01-02"}, refused="all four proofs"),
            Step("accept", {"removed_on": f"{YEAR}-01-02", "cert": "锅注9号",
                            "proofs": ["before", "after", "cert", "fuel"]}, refused="a passed visit"),
            Step("accept", {"removed_on": f"{YEAR}-01-02", "cert": "锅注9号"},
                 inspected=("removal", {"body": True, "chimney": True, "coal": True}), refused="all four proofs"),
            Step("accept", {"removed_on": f"{YEAR}-01-02", "cert": "锅注9号",
                            "proofs": ["before", "after", "cert", "fuel"]}),
        ),
        "gone", "boiler_rate", "55.6", "66.7",
        {"AIR.BOILER.RATE": "66.7", "AIR.BOILER.RETIRED": "1", "AIR.VEHICLE.RETIRED": "0", "AIR.VEHICLE.RATE": "63.6",
         "ENE.CLEAN.SWITCH": "51.1"},
        "phaseout", ("建成区小锅炉淘汰率66.7%，剩余3\xa0台、20.0\xa0蒸吨/小时", "当年淘汰1\xa0台"),
    ),
    # Seven of eleven yellow-label vehicles are struck off, then eight.
    "S125-vehicle": Walk(
        "coal-phaseout", "old_vehicle", "微型面包车C255",
        (
            Step("move", refused="never transferred"),
            Step("strike", {"recycler": "再生公司", "scrapped_on": f"{YEAR}-01-03", "struck_on": f"{YEAR}-01-02",
                            "proof": "回收证9号"}, refused="not before it was handed in"),
            Step("strike", {"recycler": "再生公司", "scrapped_on": f"{YEAR}-01-02", "struck_on": f"{YEAR}-01-02",
                            "proof": "回收证9号"}),
        ),
        "struck", "vehicle_rate", "63.6", "72.7",
        {"AIR.BOILER.RATE": "55.6", "AIR.BOILER.RETIRED": "0", "AIR.VEHICLE.RETIRED": "1", "AIR.VEHICLE.RATE": "72.7",
         "ENE.CLEAN.SWITCH": "51.1"},
        "phaseout", ("黄标车11\xa0辆，淘汰率72.7%", "当年淘汰1\xa0辆"),
    ),
    # 17206 of 33676 tons of coal are replaced (the restaurants that went back to coal do not count), then 2960 more;
    # three of four ceramic makers burn gas.
    "S130": Walk(
        "coal-phaseout", "fuel_user", "荷塘电瓷公司",
        (
            Step("finish", {"switched_on": "2026-09-20"}, refused="the old device gone"),
            Step("finish", {"old_gone": True}, refused="the old device gone and dated"),
            Step("finish", {"old_gone": True, "switched_on": "2026-09-20"}),
            Step("relapse", refused="Say why"),
        ),
        "switched", "switch_rate", "51.1", "59.9",
        {"AIR.BOILER.RATE": "55.6", "AIR.BOILER.RETIRED": "0", "AIR.VEHICLE.RETIRED": "0", "AIR.VEHICLE.RATE": "63.6",
         "ENE.CLEAN.SWITCH": "59.9"},
        "switch", ("用户14户，按用煤量替代率59.9%", "用天然气比例75.0%", "返煤1户"),
    ),
    # Of 1845.4 kg a day ordered 1309.4 are done (no more than ordered is counted), then 95.6 more. At red 2139.6 of
    # 4577.9 kg are cut; 12 of 19 problems handed over are solved; 3769 of 4320 hours arrived.
    "S122": Walk(
        "air-response", "cut_order", "双江电瓷1月联动",
        (
            Step("done", {"cut": "95.6", "checked_on": "2025-01-24"}, refused="a passed check"),
            Step("done", {"cut": "95.5", "checked_on": "2025-01-24"},
                 inspected=("measure", {"lines": True, "lorries": True, "log": True, "facility": True}),
                 refused="no less was cut"),
            Step("done", {"cut": "95.6", "checked_on": "2025-01-22"}, refused="no less was cut"),
            Step("done", {"cut": "95.6", "checked_on": "2025-01-24"}),
        ),
        "done", "done", "71.0", "76.1",
        {"AIR.ALERT.DONE": "76.1", "AIR.ALERT.REDCUT": "46.7", "AIR.JOINT.SOLVED": "63.2", "AIR.JOINT.ARRIVAL": "87.2"},
        "alert", ("发布预警4次、14\xa0天，预报准确率75.0%", "清单企业12家，红色预警减排比例46.7%",
                  "减排指令12条，按减排量落实率76.1%，未签收1条，未落实3条"),
    ),
    # 12 of 19 problems handed over are solved, then 13; eight of ten answers came in time.
    "S123": Walk(
        "air-response", "joint_air", "界岭砖厂黑烟线索",
        (
            Step("close", refused="every problem handed over"),
            Step("close", {"solved": 1, "minutes": None}, refused="with its minutes"),
            Step("close", {"solved": 1}),
        ),
        "closed", "solved", "63.2", "68.4",
        {"AIR.ALERT.DONE": "71.0", "AIR.ALERT.REDCUT": "46.7", "AIR.JOINT.SOLVED": "68.4", "AIR.JOINT.ARRIVAL": "87.2"},
        "joint", ("联防联控事项12件，交换污染源38\xa0家，移交问题办结率68.4%，对方按时回应率80.0%", "数据到报率87.2%"),
    ),
    # COD: industry 154.6 and farming 148.9 of 7556.1 tons are cut, with towns (3215.7 - 2759.5) 759.7; ten tons were
    # unaccounted for. Ammonia 81.5 of 617.5, SO2 167.8 of 1268.5, NOx 336.9 of 3324.8. Six of twelve accounts attained.
    "S128": Walk(
        "emission-cuts", "cut_balance", "城镇生活源化学需氧量2025年",
        (
            Step("confirm", {"audited_on": "2026-02-11"}, refused="the account balances"),
            Step("confirm", {"closing": "2759.5"}, refused="the audit dated"),
            Step("confirm", {"closing": "2759.5", "task": "456.21", "audited_on": "2026-02-11"}, refused="is attained"),
            Step("demand", {"closing": "2759.5", "make_up": "无", "make_up_by": "2026-12-31"}, refused="misses its"),
            Step("confirm", {"closing": "2759.5", "audited_on": "2026-02-11"}),
        ),
        "checked", "cod_cut", "4.02", "10.05",
        {"WAT.COD.CUT": "10.05", "WAT.NH3N.CUT": "13.20", "AIR.SO2.CUT": "13.23", "AIR.NOX.CUT": "10.13",
         "WAT.CUT.ATTAINED": "58.3", "AIR.NOX.WORKS": "58.9", "AIR.VOC.CUT": "56.9"},
        "progress", ("分别下降10.05%、13.20%、13.23%、10.13%，削减任务完成率58.3%", "账不平0本，限期补足2本",
                     "化学需氧量核定比例92.4%"),
    ),
    # 58.9 tons of NOx are verified; 88.2 tons at 26.9 % compute 23.73, so 24 are too many.
    "S128-project": Walk(
        "emission-cuts", "cut_project", "双江电瓷脱硝",
        (
            Step("verify", {"nox": "24"}, refused="no more of any pollutant"),
            Step("verify", {"nox": "23.7", "proofs": ["accept"]}, refused="with two proofs"),
            Step("verify", {"nox": "23.7"}),
        ),
        "verified", "nox_works", "58.9", "82.6",
        {"WAT.COD.CUT": "4.02", "WAT.NH3N.CUT": "13.20", "AIR.SO2.CUT": "13.23", "AIR.NOX.CUT": "10.13",
         "WAT.CUT.ATTAINED": "50.0", "AIR.NOX.WORKS": "82.6", "AIR.VOC.CUT": "56.9"},
        "progress", ("减排项目13个，已核定9个", "账不平1本"),
    ),
    # Of 927.9 mu 531.1 are recognised, then 132.5 more; the plot has measures on 101.6 mu only and needs seven good
    # samples of seven.
    "S133": Walk(
        "farmland-soil", "farm_plot", "柳林村7号图斑",
        (
            Step("count", refused="measures on all of it"),
            Step("count", {"done_mu": "132.5", "good": 6}, refused="all produce good"),
            Step("count", {"done_mu": "132.5", "source_cut": False}, refused="the source cut off"),
            Step("count", {"done_mu": "132.5"}),
            Step("fail", refused="no sample over the limit"),
        ),
        "counted", "safe_rate", "57.2", "71.5",
        {"SOL.FARM.SAFE": "71.5", "AGR.FILM.RECYCLED": "78.9", "AGR.FILM.OVER": "47.9"},
        "farmland", ("图斑14块、927.9\xa0亩，安全利用率71.5%", "严格管控119.0\xa0亩，仍种食用农产品22.4\xa0亩"),
    ),
    # 1690 of 3530 mu are over the limit; the point sampled last lies on it (37.5 g on 5 square metres is 75 kg a
    # hectare) and adds 505 mu within it. Of 19771.5 kg of film that does not decay 15605.8 were collected.
    "S146": Walk(
        "farmland-soil", "film_point", "云头烟叶点",
        (
            Step("over", refused="not over the limit"),
            Step("fine", {"dry": "37.51"}, refused="by a test of a laboratory"),
            Step("fine", {"lab": None}, refused="by a test of a laboratory"),
            Step("fine"),
        ),
        "fine", "over", "47.9", "41.9",
        {"SOL.FARM.SAFE": "57.2", "AGR.FILM.RECYCLED": "78.9", "AGR.FILM.OVER": "41.9"},
        "film", ("监测点12个，农膜回收率78.9%", "残留超限面积占比41.9%，使用超薄膜点位3个"),
    ),
    # Of 106400 square metres to be built on 78000 are fit (the dye works' site lies on its screening value), then 18600
    # more; 84800 of 111300 cubic metres are repaired, then 800 more; a fourth repair is finished.
    "S134": Walk(
        "contaminated-sites", "land_site", "老电镀厂地块",
        (
            Step("remove", {"remain": "4.8", "done": 12400, "effect_on": "2026-09-10", "off_on": "2026-10-15"},
                 refused="a passed visit"),
            Step("remove", {"remain": "5.01", "done": 12400, "effect_on": "2026-09-10", "off_on": "2026-10-15"},
                 inspected=("works", {"cover": True, "water": True, "smell": True, "bills": True}),
                 refused="within the target"),
            Step("remove", {"remain": "5", "done": 12399, "effect_on": "2026-09-10", "off_on": "2026-10-15"},
                 refused="all soil repaired"),
            Step("remove", {"remain": "5", "done": 12400, "effect_on": "2026-09-10", "off_on": "2026-10-15"}),
            Step("supply", refused="with its permit"),
        ),
        "removed", "safe", "73.3", "90.8",
        {"SOL.SITE.SAFE": "90.8", "SOL.REMEDY.PROJECTS": "4", "SOL.SITE.REPAIRED": "76.9"},
        "progress", ("在册地块12块，待调查2块", "暂不得供地9800\xa0平方米", "检测合格率84.6%", "不平衡1批"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WALKS)
def test_walk(case, place, county, imported, photo):
    walked(WALKS[case], place, county, imported, photo)


FUME = {"trade": "grill", "keeper": "甲", "open_on": "2020-01-01", "site": "alone", "purifier": "static"}


@pytest.mark.parametrize(
    ("stoves", "fume", "rate", "scale", "attains"),
    [
        ("2.9", "2.0", "60", "small", True), ("3", "2.0", "74.9", "medium", False), ("3", "2.0", "75", "medium", True),
        ("6", "2.01", "90", "large", False), ("6", "2.0", "84.9", "large", False), ("6", "2.0", "85", "large", True),
        ("6", None, "90", "large", None),
    ],
)  # fmt: skip
def test_kitchens_by_stoves_fume_and_efficiency(stoves, fume, rate, scale, attains):
    """GB 18483: 2.0 mg/m3 at most; 60, 75 and 85 % from 1, 3 and 6 stoves on."""
    found = computed("dust-fume", "fume_shop", {**FUME, "stoves": stoves, "fume": fume, "rate": rate})
    assert (found["scale"], found.get("attains")) == (scale, attains)


@pytest.mark.parametrize(("steam", "small"), [("9.99", True), ("10", True), ("10.01", False)])
def test_a_boiler_of_ten_tons_is_still_small(steam, small):
    given = {"owner": "甲", "device": "1", "builtup": True, "use": "heat", "coal": 1, "steam": steam}
    assert computed("coal-phaseout", "coal_boiler", given)["small"] is small


@pytest.mark.parametrize(
    ("fuel", "stage", "yellow"),
    [("petrol", "s0", True), ("petrol", "s1", False), ("diesel", "s2", True), ("diesel", "s3", False)],
)
def test_yellow_label_is_petrol_below_stage_one_and_diesel_below_three(fuel, stage, yellow):
    given = {"plate": "1", "kind": "special", "holder": "firm", "first_on": "2001-01-01", "due_on": "2025-12-31"}
    assert computed("coal-phaseout", "old_vehicle", {**given, "fuel": fuel, "stage": stage})["yellow"] is yellow


@pytest.mark.parametrize(
    ("h150", "h200", "h300", "aqi", "level"),
    [
        (47, 0, 0, 190, "none"), (48, 0, 0, 190, "yellow"), (1, 1, 0, 201, "yellow"), (71, 47, 0, 260, "yellow"),
        (72, 0, 0, 190, "orange"), (48, 48, 0, 260, "orange"), (90, 72, 23, 310, "orange"), (90, 72, 24, 310, "red"),
        (90, 71, 24, 310, "orange"), (10, 5, 2, 500, "red"), (10, 5, 2, 499, "yellow"),
    ],
)  # fmt: skip
def test_the_level_of_an_alert_by_hours_and_index(h150, h200, h300, aqi, level):
    """The three levels of 2024: 48 and 72 hours above 150 and 200, 24 above 300, or an AQI of 500."""
    given = {"cause": "own", "pollutant": "pm25", "forecast_on": "2025-01-01", "forecast_aqi": aqi, "hours_150": h150,
             "hours_200": h200, "hours_300": h300}  # fmt: skip
    assert computed("air-response", "air_alert", given)["advised"] == level


@pytest.mark.parametrize(("closing", "attained"), [("90", True), ("90.01", False)])
def test_a_task_is_attained_when_the_cut_is_no_less(closing, attained):
    given = {"pollutant": "so2", "sector": "town", "account_year": 2025, "base_year": 2020, "base": "100", "task": "10",
             "opening": "95", "added": "0", "engineering": "5", "structure": "0", "closing": closing}  # fmt: skip
    found = computed("emission-cuts", "cut_balance", given)
    assert (found["attained"], found["cut"]) == (attained, 100 - found["closing"])


PLOT = {"plot_no": "1", "plot_year": 2025, "village": "甲村", "mu": "50", "metal": "cd", "done_mu": "40"}


@pytest.mark.parametrize(
    ("degree", "crop", "samples", "good", "counted"),
    [
        ("slight", "rice", None, None, "40"), ("medium", "rice", 4, 4, "40"), ("medium", "rice", 4, 3, "0"),
        ("medium", "rice", None, None, "0"), ("heavy", "rice", 4, 4, "0"), ("heavy", "tree", None, None, "40"),
    ],
)  # fmt: skip
def test_what_of_a_plot_counts_as_safely_used(degree, crop, samples, good, counted):
    """The accounting method: measures on slight plots, all produce good on medium ones, no food on heavy ones."""
    given = {"class": "strict" if degree == "heavy" else "safe", "degree": degree, "crop": crop, "samples": samples}
    assert computed("farmland-soil", "farm_plot", {**PLOT, **given, "good": good})["safe_mu"] == int(counted)


@pytest.mark.parametrize(("dry", "over"), [("37.5", False), ("37.51", True), (None, None)])
def test_film_residue_over_75_kg_a_hectare(dry, over):
    given = {"point_no": "1", "crop": "melon", "mu": 1, "film": "thick", "used": 1, "back": 1, "ground": 5, "dry": dry}
    assert computed("farmland-soil", "film_point", given).get("over") is over


@pytest.mark.parametrize(
    ("use", "metal", "highest", "over"),
    [
        ("first", "arsenic", "20", False), ("first", "arsenic", "20.001", True), ("second", "arsenic", "60", False),
        ("first", "cd", "20.1", True), ("second", "cd", "65", False), ("first", "cr6", "3", False),
        ("second", "cr6", "5.701", True), ("first", "cu", "2000", False), ("second", "cu", "18000.5", True),
        ("first", "pb", "400.5", True), ("second", "pb", "800", False), ("first", "hg", "8", False),
        ("second", "hg", "38.001", True), ("first", "ni", "150", False), ("second", "ni", "900.5", True),
        ("first", "pb", None, None),
    ],
)  # fmt: skip
def test_sites_against_the_screening_values_of_gb_36600(use, metal, highest, over):
    """GB 36600-2018, table 1, seven metals for both classes of use."""
    given = {"parcel": "1", "holder": "甲", "past": "mine", "trigger": "found", "found_on": "2025-01-01", "ground": 1,
             "wanted": True, "use": use, "metal": metal, "highest": highest}  # fmt: skip
    assert computed("contaminated-sites", "land_site", given).get("over") is over
