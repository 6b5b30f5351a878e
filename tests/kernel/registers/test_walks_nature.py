"""Packs of forestry, natural resources and farming: every system is walked by an object of its own, from the sample
workbook to its indicator and paragraph. Values worked out by hand from the rows of the samples; each says how."""

from decimal import Decimal

import pytest

from tests.kernel.registers.walking import FAR, Step, Walk, computed, walked

VERIFIED = ("verify", {"area": True, "quality": True, "archive": True})

WALKS = {
    # Twelve tasks of 27250 mu are at work; with at most the task of each 22090.5 mu are verified. The restored forest
    # goes from 1366.2 to 2171.4 of 2160 mu, so 793.8 more count. Survival: 181366.34 over 2107.1 mu surveyed. Of 2296
    # mu of patches 1319.5 are accepted; 501.9 of 895.6 (ten thousand yuan) are paid.
    "S149": Walk(
        "land-greening", "greening_duty", "青口乡2026年退化林修复",
        (
            Step("self_check", {"reported_area": "2190", "done_area": "2195", "checked_on": "2026-11-20"},
                 refused="verified area within it"),
            Step("self_check", {"reported_area": "2190", "done_area": "2171.4", "checked_on": "2026-11-20"}),
            Step("finish", {"done_area": "2159.9"}, inspected=VERIFIED, refused="below the task"),
            Step("finish"),
            Step("archive", refused="before its subsidy is paid"),
        ),
        "done", "done", "81.1", "84.0",
        {"FOR.PLANT.TASK": "2.72", "FOR.PLANT.ARTIFICIAL": "0.32", "FOR.CLOSE": "0.98", "FOR.LOWYIELD": "0.49",
         "FOR.DEGRADED": "0.22", "FOR.RESERVE.NATIONAL": "0.24", "FOR.GREEN.DONE": "84.0",
         "FOR.GREEN.SURVIVAL": "86.1"},
        "progress", ("在办营造林任务12项", "完成率84.0%", "退化林修复0.22", "资金拨付率56.0%", "面积验收合格率57.5%"),
    ),
    # Of 2038 trees ordered 1631 are replanted, each case with at most what it owes; the orchard plants its last 330.
    # Eight of fourteen cases are closed or referred then. Of 34.32 mu occupied 15.75 are restored, and 5.4 more;
    # 18.556 of 23.092 of the fines are paid, and 2.734 more. One case should be referred.
    "S150": Walk(
        "forest-guard", "forest_case", "青口开垦果园占林案",
        (
            Step("close", {"fine_paid": "5.734", "replanted": 640, "land_restored": "8.6"}, refused="the check passed"),
            Step("close", {"fine_paid": "5.734", "replanted": 639, "land_restored": "8.6"},
                 inspected=("replant", {"alive": True, "cleared": True}), refused="trees replanted"),
            Step("close", {"fine_paid": "5.734", "replanted": 640, "land_restored": "8.6"}),
        ),
        "closed", "replanted", "80.0", "96.2",
        {"FOR.CASES": "14", "FOR.FIRE.RATE": "0.49", "FOR.CASES.CLOSED": "57.1", "FOR.CASES.REPLANTED": "96.2",
         "FOR.FIRE.ONTIME": "60.0"},
        "cases", ("查处林业行政案件14\xa0起，结案率57.1%", "尚未移送1起", "违法占用林地34.3\xa0亩，恢复率61.6%",
                  "补种复绿率96.2%，罚款收缴率92.2%"),
    ),
    # Nine of fifteen alarms were checked in time, two not yet at all; the straw fire is the tenth. 7303.3 of 10799
    # hectares lie in ready grids, with 71.5 km of fire breaks; 5.32 hectares burnt.
    "S151": Walk(
        "forest-guard", "fire_alarm", "港口秸秆热点",
        (
            Step("fight", {"truth": "farm", "check_minutes": 60}, refused="Only a fire in the forest"),
            Step("dismiss", {"truth": "farm", "closed_on": "2026-11-27"}, refused="checked on the spot"),
            Step("dismiss", {"truth": "farm", "check_minutes": 60, "closed_on": "2026-11-27"}),
        ),
        "closed", "on_time", "60.0", "66.7",
        {"FOR.CASES": "14", "FOR.FIRE.RATE": "0.49", "FOR.CASES.CLOSED": "50.0", "FOR.CASES.REPLANTED": "80.0",
         "FOR.FIRE.ONTIME": "66.7"},
        "fire", ("防火网格13个，按林地面积达标率67.6%，防火隔离带密度6.6",
                 "按时核查率66.7%，未销2\xa0起，森林火灾6\xa0起",
                 "受害率0.49‰"),
    ),
    # 1613.9 (ten thousand yuan, 1586.5 and 27.4 more of the crayfish) over 13247.8 mu in production; 712.9 paid to
    # 1407 households. 66 of 652.4 mu would be 10.1 % of ditches.
    "S152": Walk(
        "forest-economy", "eco_base", "港口稻虾基地",
        (
            Step("recognise", {"level": "city", "demo_on": "2026-06-01", "demo_until": FAR, "output": "340",
                               "ditch": "66"},
                 inspected=("check", {"canopy": True, "inputs": True, "waste": True, "books": True}),
                 refused="10 % of ditches"),
            Step("recognise", {"level": "city", "demo_on": "2026-06-01", "demo_until": FAR, "output": "340",
                               "rice_yield": 499},
                 refused="the set yield of rice"),
            Step("recognise", {"level": "city", "demo_on": "2026-06-01", "demo_until": FAR, "output": "340"}),
            Step("lapse", refused="within its term"),
        ),
        "demo", "per_mu", "1198", "1218",
        {"FOR.OIL.AREA": "0.40", "AGR.RICEFISH.AREA": "0.13", "FOR.UNDER.PERMU": "1218", "FOR.UNDER.HOUSE": "5067"},
        "models", ("基地15个", "投产面积占比86.8%", "亩均净收益1218", "亩均926", "亩均1705",
                   "示范基地5个，到期未复核1个"),
    ),
    # 1024.5 of 1276 hectares are restored, each project with at most its plan; the gullies add 17.1. 2362.1 of 3452.8
    # of the central money are used, and 118 more; 1500 of 6611.4 are private. 39170 in three master plans; of 7700
    # for this year 5360 arrived.
    "S156": Walk(
        "eco-restoration", "restore_project", "云头崩岗治理",
        (
            Step("finish", {"done_area": "38.4", "invested": "458.6", "central_spent": "286"},
                 refused="before the planned area"),
            Step("finish", {"done_area": "38.5", "invested": "458.6", "central_spent": "286"}),
            Step("accept", {"accepted_on": "2026-11-20", "keeper": "云头镇林业站", "keep_until": "2029-11-19"},
                 inspected=("acceptance", {"area": True, "plants": True, "whole": True, "books": True}),
                 photo="photo", refused="at least three years"),
            Step("accept", {"accepted_on": "2026-11-20", "keeper": "云头镇林业站", "keep_until": "2029-11-20"}),
        ),
        "accepted", "area_rate", "80.3", "81.6",
        {"SOL.SHANSHUI.AREA": "81.6", "SOL.SHANSHUI.MONEY": "71.8", "FOR.CORRIDOR.LINKED": "94.4",
         "FOR.CORRIDOR.MENDED": "10.7"},
        "progress", ("总体方案3个（投资3.92\xa0亿元）、年度方案4个（资金到位率69.6%）",
                     "实施项目12个，通过验收4个", "完成率81.6%", "完成投资4244.3",
                     "中央资金执行率71.8%，社会资本占比22.7%"),
    ),
    # 8.48 of 151.5 km are gaps; 55 of 96 links (three times the habitats less two) are there. Of 8.05 km of gaps 0.86
    # are mended, then the 0.64 of the brickworks as well.
    "S157": Walk(
        "eco-restoration", "corridor_work", "港口砖厂段",
        (
            Step("finish", {"mended_on": "2026-11-10"}, refused="seen to pass"),
            Step("finish", {"mended_on": "2026-11-10", "mended": "0.63", "passes": 3}, refused="before the whole gap"),
            Step("finish", {"mended_on": "2026-11-10", "mended": "0.64", "passes": 3}),
        ),
        "mended", "mended_rate", "10.7", "18.6",
        {"SOL.SHANSHUI.AREA": "80.3", "SOL.SHANSHUI.MONEY": "68.4", "FOR.CORRIDOR.LINKED": "94.4",
         "FOR.CORRIDOR.MENDED": "18.6"},
        "corridors", ("生态廊道9\xa0条、151.5", "连通率94.4%，网络连接度57.3%，已贯通2\xa0条", "断点修复率18.6%",
                      "尚有断点8\xa0处"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("system", WALKS)
def test_walk(system, place, county, imported, photo):
    walked(WALKS[system], place, county, imported, photo)


@pytest.mark.parametrize(
    ("survival", "line", "result"),
    [("85", None, "good"), ("84.9", None, "replant"), ("80", "80", "good"), ("79.9", "80", "replant"),
     ("41", None, "replant"), ("40.9", None, "anew"), (None, None, None)],
)  # fmt: skip
def test_survival_is_graded(survival, line, result):
    """GB/T 15776: 85 % passes, from 41 % on it is replanted, below planted anew; a design may set its own line."""
    given = {"duty": "obj:1", "patch_no": "1", "owner": "group", "patch_area": 20, "tree": "fir", "density": 167,
             "planted_on": "2026-02-01", "checked_area": 20, "survival": survival, "pass_line": line}  # fmt: skip
    assert computed("land-greening", "greening_patch", given).get("result") == result


@pytest.mark.parametrize(
    ("kind", "forest", "given", "criminal"),
    [("steal", "trade", {"timber": "5"}, "yes"), ("steal", "trade", {"timber": "4.99", "saplings": 199}, "no"),
     ("steal", "trade", {"saplings": 200}, "yes"), ("steal", "trade", {"timber_value": "2"}, "yes"),
     ("over", "trade", {"timber": "20"}, "yes"), ("over", "trade", {"timber": "19.99", "timber_value": "4.999"}, "no"),
     ("occupy", "public", {"land": "5"}, "yes"), ("occupy", "public", {"land": "4.99"}, "no"),
     ("occupy", "trade", {"land": "10"}, "yes"), ("occupy", "trade", {"land": "9.99"}, "no"),
     ("over", "trade", {}, "no")],
)  # fmt: skip
def test_what_is_a_crime_is_told_by_its_amount(kind, forest, given, criminal):
    """The interpretation of 2023: 5 cubic metres stolen, 20 felled without permit, 5 or 10 mu of forest land."""
    case = {"kind": kind, "source": "patrol", "found_on": "2026-03-01", "forest_kind": forest, **given}
    assert computed("forest-guard", "forest_case", case)["criminal"] == criminal


@pytest.mark.parametrize(
    ("burnt", "grade"),
    [("0", "none"), ("0.99", "common"), ("1", "larger"), ("99.99", "larger"), ("100", "major"), ("1000", "worst"),
     (None, None)],
)  # fmt: skip
def test_a_forest_fire_has_its_grade_from_the_forest_burnt(burnt, grade):
    """Article 40 of the regulation on forest fires, the part that asks for the area; with the warning of the day."""
    given = {"grid": "obj:1", "found_on": "2026-03-01", "found_by": "call", "weather": "l4", "fire_area": burnt,
             "burnt": burnt}  # fmt: skip
    found = computed("forest-guard", "fire_alarm", given)
    assert (found.get("grade"), found["warning"]) == (grade, "orange")


@pytest.mark.parametrize(
    ("area", "ditch", "share"),
    [("600", "60", "10"), ("600", "60.1", "10.0"), ("600", "60.4", "10.1"), ("600", None, None)],
)
def test_ditches_of_rice_with_fish_are_a_share_of_the_base(area, ditch, share):
    """SC/T 1135.1: at most 10 % (the guard compares the exact share, the list shows one decimal)."""
    given = {"model": "carp", "owner": "合作社", "owner_kind": "coop", "forest_used": "none",
             "started_on": "2022-01-01", "base_area": area, "product": "鱼", "ditch": ditch}  # fmt: skip
    found = computed("forest-economy", "eco_base", given)
    assert (found["group"], found.get("ditch_share")) == ("fish", None if share is None else Decimal(share))


def test_links_of_a_corridor_are_held_against_a_planar_network():
    """Three times the habitats less two: 7 habitats may have 15 links, 9 of them are 60 %; without them none."""
    line = {
        "kind": "river",
        "rank": "first",
        "from_core": "甲",
        "to_core": "乙",
        "length": "10",
        "broken": "1",
        "keeper": "站",
    }
    found = computed("eco-restoration", "eco_corridor", {**line, "nodes": 7, "links_now": 9})
    assert (found["links_most"], found["gamma"], found["link_rate"]) == (15, 60, 90)
    assert computed("eco-restoration", "eco_corridor", line).get("gamma") is None
