"""Packs of water offices: each system is walked from the sample workbook to its own indicator and paragraph.
Values worked out by hand from the sample rows, as noted; edges of what grades by a threshold."""

from decimal import Decimal

import pytest

from tests.kernel.registers.walking import FAR, Step, Walk, computed, walked

# What the samples of a pack give before anything is done.
ZONES = {"WAT.ZONE.ATTAIN": "85.7", "WAT.ZONE.LIMITED": "64.3", "WAT.ZONE.OVER": "20.0", "WAT.THREE.GOOD": "60.0"}
HAPPY = {"WAT.HAPPYRIVER": "10", "WAT.HAPPY.LENGTH": "37.8", "WAT.HAPPY.SCORE": "82.3", "WAT.CIV.TOWNS": "4",
         "WAT.CIV.VILLAGES": "5", "WAT.CIV.PASSED": "40.0"}  # fmt: skip
PONDS = {"WAT.RESERVOIR.CLEARED": "6", "WAT.RESERVOIR.DRINK": "3", "WAT.RESERVOIR.SHARE": "34.2",
         "AGR.FISH.TAIL": "81.2", "AGR.FISH.FIT": "45.5"}  # fmt: skip
AQUATIC = {"WAT.FISHBAN.CASES": "8", "WAT.FISHBAN.SETTLED": "66.7", "WAT.AQUATIC.IBI": "73.3",
           "WAT.AQUATIC.GOOD": "88.9"}  # fmt: skip

WALKS = {
    # Nine of 14 zones have their limit (seven issued, two restricted), then ten. Six of seven important zones attain
    # (the industrial zone 9 of 12). COD 1872.5 of 1733 tons, ammonia 159.05 of 142.9; with this zone 2274.5 of 2213
    # and 195.85 of 186.9. Over by 138 + 37.5 + 128.7 tons of COD; ammonia of the scenic zone is 3.5 times its limit.
    "S105": Walk(
        "water-zones", "function_zone", "青溪出境缓冲区",
        (
            Step("allot", refused="Both limits"),
            Step("allot", {"limit_cod": "729.1", "limit_nh": 44}, refused="neither is above the capacity"),
            Step("allot", {"limit_cod": 480, "limit_nh": 44}),
            Step("restrict", refused="that attains its target"),
        ),
        "allotted", "allotted", "64.3", "71.4", ZONES | {"WAT.ZONE.LIMITED": "71.4", "WAT.ZONE.OVER": "18.2"},
        "zones", ("水功能区14个，重要水功能区达标率85.7%，限排总量下达率71.4%", "占限排总量的102.8%、104.8%",
                  "超载水功能区2个，应削减化学需氧量304.2"),
    ),
    # Six of ten units assessed are good in all three, then seven of eleven. Flow on 3362 of 3571 days and 173 of
    # 182. The town stretch dried up and is class V, the bank at the lock is walled, the lower Baisha lacks flow and
    # life.
    "S021": Walk(
        "water-zones", "water_unit", "柳林港入河口单元2025年",
        (
            Step("assess", refused="at least 180 days"),
            Step("assess", {"flow_days": 182, "flow_met": 173, "ibi": None}, refused="all three sets"),
            Step("assess", {"flow_days": 182, "flow_met": 173}),
            Step("confirm", {"natural_bank": "49.9"}, refused="only with measures"),
            Step("confirm"),
        ),
        "confirmed", "units_good", "60.0", "63.6", ZONES | {"WAT.THREE.GOOD": "63.6"},
        "three", ("三水统筹单元12个，三水均达标比例63.6%，生态流量满足程度94.2%", "分别为2个、2个、3个"),
    ),
    # Five of 13 projects are accepted, then six. Livestock cuts 38.6 of 52 tons designed, 41.6 are four fifths.
    # Loads fell by 487.2 of 2115.1 tons where counted again; the units hold 2455.5. Cut 241.6 tons, 238.4 of 265.5
    # without what is above the design; 11604.1 of 13900 spent, no project with more than its budget. Five of nine
    # units meet their class.
    "S110": Walk(
        "basin-treatment", "basin_project", "柳林规模场粪污治理",
        (
            Step("accept", inspected=("accept", {"built": True, "runs": True, "tested": True, "keeper": True}),
                 refused="four fifths of the cut"),
            Step("accept", {"real_cut": "41.5"}, refused="four fifths of the cut"),
            Step("accept", {"real_cut": "41.6", "spent": "1364.1"}, refused="a tenth over budget"),
            Step("accept", {"real_cut": "41.6"}),
        ),
        "accepted", "accepted_share", "38.5", "46.2",
        {"WAT.BASIN.CUT": "23.0", "WAT.BASIN.ACCEPTED": "46.2", "WAT.BASIN.KEPT": "89.8"},
        "basin", ("治理单元12个，基准年化学需氧量入河负荷2455.5", "已削减23.0%，水质达标率55.6%", "改善5个、变差1个",
                  "投资完成率83.5%，验收率46.2%，实测削减241.6", "削减兑现率89.8%"),
    ),
    # Titled are 18.4 + 12.6 + 11.25 + 5.85 of 127.35 km, then 17.05 more. The index, weighted by length, is 82.3
    # (91.1, 83.9, 82.1, 84.95, 66.4, 82.45, 65.6 and 90.35 over 95.35 km). 86 of 101 works, 13293 of 15770 (ten
    # thousand yuan).
    "S111": Walk(
        "happy-rivers", "happy_river", "柳林港省级幸福河湖",
        (
            Step("title", {"title_paper": "赣河办字〔2026〕2号", "recheck_by": FAR}, refused="a passed review"),
            Step("title", {"title_paper": "赣河办字〔2026〕2号", "recheck_by": FAR, "culture": "59.9"},
                 inspected=("review", {"banks": True, "water": True, "works": True, "keeper": True}),
                 refused="60 in each dimension"),
            Step("title", {"title_paper": "赣河办字〔2026〕2号", "recheck_by": FAR, "vetoes": ["black"]},
                 refused="no case of veto"),
            Step("title", {"title_paper": "赣河办字〔2026〕2号", "recheck_by": FAR}),
            Step("strike", refused="keeps its score"),
        ),
        "titled", "titled_length", "37.8", "51.2", HAPPY | {"WAT.HAPPY.LENGTH": "51.2"},
        "happy", ("启动建设幸福河湖10\xa0条，已命名5条，命名河长占建设河长51.2%", "幸福指数82.3",
                  "建设任务完成率85.1%，投资完成率84.3%，有一票否决情形的3条"),
    ),
    # Four of ten pilots passed, then five. 158 of 191 indicators are met, five pilots are short of a binding one.
    "S119": Walk(
        "happy-rivers", "water_civ", "荷塘村水生态文明村",
        (
            Step("fail", refused="is not failed"),
            Step("pass", {"accept_paper": "市水字〔2026〕7号"}, refused="a passed visit"),
            Step("pass", {"accept_paper": "市水字〔2026〕7号", "binding_met": 5},
                 inspected=("visit", {"works": True, "water": True, "rules": True, "people": True}),
                 refused="all binding indicators"),
            Step("pass", {"accept_paper": "市水字〔2026〕7号"}),
        ),
        "passed", "passed", "40.0", "50.0", HAPPY | {"WAT.CIV.PASSED": "50.0"},
        "pilots", ("试点10个，其中乡镇4\xa0个、村5\xa0个，验收通过率50.0%", "指标达标率82.7%，约束性指标未达标的5个"),
    ),
    # Freed are six reservoirs with 1355 of 3964 mu, three of them for drinking water; this one has 2140. Paid are
    # 233.5 of 308.7 (ten thousand yuan); phosphorus fell by 54.3, 57.9, 38.0, 29.5, 41.4 and 54.3 % where it was
    # tested again.
    "S113": Walk(
        "reservoirs-fishponds", "reservoir_exit", "乌石水库",
        (
            Step("clear", refused="a photograph"),
            Step("clear", {"pay_done": 92}, photo="photo", refused="half the payment"),
            Step("clear", {"cages": 1}, refused="no cages are left"),
            Step("clear"),
            Step("close", refused="sampled after the end"),
        ),
        "cleared", "freed_share", "34.2", "88.2",
        PONDS | {"WAT.RESERVOIR.CLEARED": "7", "WAT.RESERVOIR.DRINK": "4", "WAT.RESERVOIR.SHARE": "88.2"},
        "reservoirs", ("养殖水库12座，完成退养7\xa0座，其中饮用水源区4\xa0座，按水面退养完成率88.2%",
                       "饮用水源区未退养1座",
                       "补偿兑付率75.6%，退养水库总磷平均下降45.9%"),
    ),
    # Five of eleven farms are in order, then six. Of 1594.5 mu tested 1294 meet the level of their water: the
    # northern ponds are level 2 where 1 is due, the western piece worse than 2, the trout farm lets out into special
    # waters. 124 of 1658.5 mu have no works.
    "S114": Walk(
        "reservoirs-fishponds", "fish_farm", "石桥苗种繁育场",
        (
            Step("pass", inspected=("tail", {"works": True, "no_bypass": True, "ledger": True, "no_drug": True}),
                 refused="a test since it was recorded"),
            Step("pass", {"tested_on": "2025-10-15", "tn": "3.01"}, refused="meets its level"),
            Step("pass", {"tested_on": "2025-10-15"}),
            Step("order", {"order_on": "2025-11-01", "fix_by": "2026-11-01", "fix_text": "整改"},
                 refused="needs a failure"),
        ),
        "fit", "fit_share", "45.5", "54.5", PONDS | {"AGR.FISH.FIT": "54.5"},
        "tail", ("养殖场11家、面积1658.5", "设施配套率92.5%，按面积尾水达标率81.2%，达标认定率54.5%",
                 "不达标3家，责令整改中2家"),
    ),
    # Use 12195.8 of a cap of 13360 (ten thousand m3). Of the areas confirmed 8055.4 for a GDP of 1853800 (ten
    # thousand yuan), 8094 for 1750600 the year before; with this township 10457.2 for 2025100, 10534 for 1914100:
    # 51.6 m3. Industry fell from 2628.2 for 785000 to 2606.3 for 849600 without, from 2779.4 for 819900 to 2753.1
    # for 886400 with it.
    "S115": Walk(
        "water-saving", "water_account", "柳林镇2025年用水账",
        (
            Step("check", refused="Supply and use must agree"),
            Step("check", {"surface_water": "2349.7"}, refused="Supply and use must agree"),
            Step("check", {"surface_water": "2349.8", "cap": 2400}, refused="above the cap the cause"),
            Step("check", {"surface_water": "2349.8"}),
        ),
        "checked", "gdp_fall", "6.0", "6.2",
        {"WAT.USE.TOTAL": "1.22", "WAT.USE.GDPFALL": "6.2", "WAT.USE.INDFALL": "8.4", "WAT.EFFICIENT.FIRMS": "1",
         "WAT.SAVING.PARKS": "1"},
        "saving", ("占控制指标91.3%，万元生产总值用水量51.6", "下降6.2%",
                   "非常规水占供水3.7%；超控制指标区域1个，供用水不平0个",
                   "有效节水称号7个，其中国家水效领跑者1\xa0家、省级节水标杆园区1\xa0个，年节水443.46"),
    ),
    # Under control are 315.6 of 985.7 (ten thousand m3), then 82.5 more. The second old town area loses 18.4 %, less
    # 5.1 for households, 3 for length and 0.5 for pressure: 9.8 %. Of ten leaks repaired seven were in time.
    "S116": Walk(
        "supply-leakage", "leak_area", "老城二号分区",
        (
            Step("control", refused="night flow of at most 40 %"),
            Step("control", {"night_flow": "37.6", "billed": "65.9"}, refused="at 10 % or less"),
            Step("control", {"night_flow": "37.6"}),
            Step("flag", {"action": "检漏"}, refused="listed above 12 %"),
        ),
        "controlled", "controlled", "32.0", "40.4",
        {"WAT.LEAK.RATE": "9.5", "WAT.LEAK.CONTROLLED": "40.4", "WAT.LEAK.INTIME": "70.0"},
        "leakage", ("计量分区12个", "综合漏损率16.5%，管网漏损率9.5%",
                    "受控分区供水占40.4%，高漏损分区2个，夜间流量偏高3个",
                    "工单13张，按时修复率70.0%，年止漏162.0", "未修复3处"),
    ),
    # Accepted are 41.7 + 128 + 56.8 + 94.5 + 38.7 hectares, 358.2 of a task of 772.5 without what is above the task
    # of a patch; then 87.5 more. Alive (by area) 19964.95 of 224.7; used 788.7 of 1188 (ten thousand yuan), no patch
    # with more than its money; 433.2 for 447.2 hectares. Of 185.9 km2 of basins 162.6 are not eroded or treated.
    "S117": Walk(
        "soil-water", "erosion_patch", "乌石水保林图斑",
        (
            Step("accept", {"survival": 86}, refused="a passed check in the field"),
            Step("accept", {"survival": "84.9"},
                 inspected=("field", {"border": True, "dense": True, "works": True, "sign": True}),
                 refused="85 % of the plants alive"),
            Step("accept", {"survival": 86, "used": "134.1"}, refused="no overspending"),
            Step("accept", {"survival": 86}),
        ),
        "accepted", "area_done", "3.60", "4.47",
        {"WAT.EROSION.AREA": "4.47", "WAT.CLEAN.BASIN": "3", "WAT.CONSERVE.RATE": "87.47", "WAT.EROSION.TASK": "57.7"},
        "soil", ("治理图斑13个", "任务完成率57.7%，林草成活率88.9%", "资金使用率66.4%，单位成本0.97",
                 "水土保持率87.47%"),
    ),
    # Four of 13 projects are accepted or handed over, then five. River and torrent: 1890 + 3096 + 968; flood works,
    # dams and pumps 2312 + 6785 + 1096 + 655; farm water 2466 + 1955 + 492 + 241 (ten thousand yuan). 23225 of 28204
    # is in hand, 21950 carried out within the estimates.
    "S118": Walk(
        "water-works", "water_work", "柳林港山洪沟治理",
        (
            Step("accept", refused="a passed check"),
            Step("accept", {"quality": "fail"},
                 inspected=("accept", {"amounts": True, "solid": True, "files": True, "wages": True}),
                 refused="its quality passed"),
            Step("accept", {"done_money": "980.1"}, refused="within the estimate"),
            Step("accept", {"got_money": 919}, refused="95 % of the money"),
            Step("accept"),
            Step("hand", refused="handed over to somebody"),
        ),
        "accepted", "accepted", "30.8", "38.5",
        {"WAT.RIVER.PROJECTS": "3", "WAT.RIVER.INVEST": "5954", "WAT.RIVER.LENGTH": "21.9", "WAT.BANK.LENGTH": "30920",
         "WAT.FLOOD.INVEST": "10848", "WAT.FARM.INVEST": "5154", "WAT.CANAL.LENGTH": "62.27", "WAT.POND.FIXED": "11",
         "WAT.DAM.SMALL": "14", "WAT.WORKS.ACCEPTED": "38.5"},
        "works", ("水利工程13个", "资金到位率82.3%，投资完成率77.8%，竣工验收率38.5%", "未达度汛形象2个"),
    ),
    # Reached are 490 of 1588 hectares, then 168 more. Storage 147534 of 172419 m3 (need by 10 H phi F, of each area
    # not more than it needs); eight flooding spots are left. Runoff by area over 1412 hectares. Six of twelve
    # projects are in use.
    "S120": Walk(
        "sponge-city", "sponge_area", "城北排水分区",
        (
            Step("reach", refused="a passed check in the rain"),
            Step("reach", {"spots_gone": 0},
                 inspected=("rain", {"no_flood": True, "works": True, "no_spill": True}), refused="no flooding spot"),
            Step("reach", {"built_volume": 18700}, refused="storage as required"),
            Step("reach"),
            Step("fall", refused="still meets everything"),
        ),
        "reached", "reached", "30.9", "41.4",
        {"INF.SPONGE.AREA": "41.4", "INF.SPONGE.RANK": "7", "INF.SPONGE.ACCEPTED": "50.0"},
        "sponge", ("排水分区12个，海绵城市达标面积比例41.4%，年径流总量控制率68.9%，调蓄容积满足率85.6%",
                   "海绵项目12个，专项验收率50.0%，投资完成率77.5%", "得分84.2\xa0分、排名第7\xa0位，评为A档的年度0个"),
    ),
    # Settled are 16 of 24 fishers, then 18. Of 19 of working age 16 work, then 17; 22 of 24 are insured; eleven of
    # twelve boats are dismantled. Five of eight cases are decided, two went to the police.
    "S159": Walk(
        "aquatic-life", "retired_fisher", "柳林船户03",
        (
            Step("settle", inspected=("visit", {"no_boat": True, "income": True, "care": True}),
                 refused="all of working age in work"),
            Step("settle", {"working": 2, "pay_done": "9.7"}, refused="paid in full"),
            Step("settle", {"working": 2}),
        ),
        "settled", "settled", "66.7", "75.0", AQUATIC | {"WAT.FISHBAN.SETTLED": "75.0"},
        "ban", ("退捕渔户12户、渔民24\xa0人，渔船拆解率91.7%，安置到位率75.0%，转产就业率89.5%",
                "养老参保率91.7%，返捕1户",
                "巡护9次、里程127.9\xa0公里，清理网具43\xa0张", "案件8\xa0件，结案率62.5%，移送公安2件"),
    ),
    # Scores of the nine approved surveys sum to 35, 29, 23, 29, 31, 7, 31, 23 and 23 of 35; this one is 3 + 3 + 3 +
    # 3 + 5 + 3 + 5. Only the town stretch is below 60. Compensation 88.5 of 143.1 (ten thousand yuan).
    "S160": Walk(
        "aquatic-life", "aquatic_survey", "柳林桥2025年秋季调查",
        (
            Step("approve", refused="a passed quality check"),
            Step("approve", {"base_ibi": 77},
                 inspected=("quality", {"voucher": True, "names": True, "permit": True}), refused="its findings"),
            Step("approve"),
        ),
        "approved", "ibi_good", "88.9", "90.0",
        AQUATIC | {"WAT.AQUATIC.GOOD": "90.0", "WAT.AQUATIC.IBI": "73.2"},
        "life", ("水生生物调查11次，生物完整性指数平均73.2\xa0分，良好断面比例90.0%，比禁捕前平均变化13.7",
                 "指数下降断面2个",
                 "影响评价6项，补偿到位率61.8%"),
    ),
    # Wastewater: 233637.5 of 465871.5 yuan due after waivers are collected, then 103680 more; waste 23316 of 38409.
    # Due 563788.50 are waived 59508, collected 256953.50, owed 243247 and written off 4080: it agrees.
    "S082": Walk(
        "service-charges", "payer_bill", "石桥啤酒2025年三季度污水费",
        (
            Step("settle", refused="nothing is owed"),
            Step("settle", {"got": "103679.99", "got_on": "2025-11-20", "receipt": "PJ2025-3501"},
                 refused="nothing is owed"),
            Step("settle", {"got": 103680, "got_on": "2025-11-20"}, refused="day and receipt"),
            Step("write_off", {"waive_paper": "企业困难"}, refused="after three reminders"),
            Step("settle", {"got": 103680, "got_on": "2025-11-20", "receipt": "PJ2025-3501"}),
        ),
        "settled", "sewage_rate", "50.2", "72.4", {"WAT.CHARGE.COLLECT": "72.4", "WST.CHARGE.COLLECT": "60.7"},
        "charges", ("执行收费标准7项，低于最低标准1项；缴费户12个，自备水源未装表1个", "应收56.38", "减免5.95",
                    "实收36.06",                     "欠缴13.96", "核销0.41", "实收未缴库3张"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("system", WALKS)
def test_system(system, place, county, imported, photo):
    walked(WALKS[system], place, county, imported, photo)


ZONE = {"river": "青溪", "first": "reserve", "approved_on": "2012-03-20", "important": True, "target": "c3"}


@pytest.mark.parametrize(("tested", "met", "found"), [(10, 8, True), (12, 9, False), (6, 5, True), (5, 5, None)])
def test_a_zone_attains_with_four_fifths_of_at_least_six_tests(tested, met, found):
    assert computed("water-zones", "function_zone", {**ZONE, "tested": tested, "met": met}).get("attained") is found


@pytest.mark.parametrize(
    ("cod", "ammonia", "found"),
    [("109.9", "0.5", "spare"), (110, "0.5", "near"), ("119.9", "0.5", "near"), (50, "1.2", "over"), (50, 3, "far"),
     ("299.9", "1", "over"), (50, None, None)],
)  # fmt: skip
def test_a_zone_is_as_loaded_as_its_worse_pollutant(cod, ammonia, found):
    """Limits of 100 and 1 tons a year; 1.1, 1.2 and 3 times as the dictionary says."""
    given = {**ZONE, "limit_cod": 100, "limit_nh": 1, "load_cod": cod, "load_nh": ammonia}
    assert computed("water-zones", "function_zone", given).get("carry") == found


@pytest.mark.parametrize(("inflow", "found"), [(10, "315.4"), (20, "0"), (25, "0")])
def test_the_capacity_by_dilution_is_a_mass_balance(inflow, found):
    """(20 - 10) mg/L times 1 m3/s are 10 g/s, 315.36 tons in 365 days."""
    seen = computed("water-zones", "function_zone", {**ZONE, "design_flow": 1, "c0_cod": inflow, "cs_cod": 20})
    assert seen["dilute_cod"] == Decimal(found)


UNIT = {"unit_no": "1", "review_year": 2025, "target": "c3", "class": "c3", "dried": False, "flow_days": 100,
        "flow_met": 90, "ibi": 60, "natural_bank": 50}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "three", "lag"),
    [
        ({}, "all", "none"),
        ({"flow_met": 89}, "two", "flow"),
        ({"dried": True}, "two", "flow"),
        ({"class": "c4"}, "two", "quality"),
        ({"ibi": "59.9"}, "two", "ecology"),
        ({"natural_bank": "49.9", "class": "c6"}, "one", "several"),
        ({"natural_bank": "49.9", "class": "c6", "flow_met": 0}, "none", "several"),
        ({"ibi": None}, None, None),
    ],
)
def test_a_unit_is_good_when_all_three_are(more, three, lag):
    seen = computed("water-zones", "water_unit", {**UNIT, **more})
    assert (seen.get("three"), seen.get("lag")) == (three, lag)


BASIN = {"river": "青溪", "catchment": 50, "control": "断面", "surveyed_on": "2022-06-30", "base_year": 2021,
         "base_class": "c4", "goal_class": "c3"}  # fmt: skip


@pytest.mark.parametrize(
    ("loads", "found"),
    [((5, 1, 1, 1, 1), "town"), ((1, 5, 5, 1, 1), "village"), ((1, 1, 2, 2, 1), "crop"), ((1, 1, 1, 3, 3), "animal"),
     ((0, 0, 0, 0, "0.1"), "industry"), ((5, 1, 1, 1, None), None)],
)  # fmt: skip
def test_the_main_source_is_the_largest_and_the_first_of_equal_ones(loads, found):
    """A load of 5 + 1 + 1 + 1 + 1 over 50 km2 is 0.18; without one source nothing is summed."""
    given = dict(zip(("town", "village", "crop", "animal", "industry"), loads, strict=True))
    seen = computed("basin-treatment", "basin_area", {**BASIN, **given})
    assert (seen.get("main_source") if seen.get("base_load") is not None else None) == found


@pytest.mark.parametrize(("points", "found"), [(95, "very"), ("94.9", "happy"), (80, "happy"), ("79.9", "fair"),
                                               (60, "fair"), ("59.9", "poor"), (None, None)])  # fmt: skip
def test_a_happy_river_is_graded_by_its_index(points, found):
    given = dict.fromkeys(("safe", "clean", "alive", "lovely", "culture", "pleased"), points)
    seen = computed(
        "happy-rivers", "happy_river", {"water": "青溪", "tier": "city", "shape": "hill", "span": 1, **given}
    )
    assert seen.get("grade") == found


@pytest.mark.parametrize(
    ("met", "points", "found"), [(6, 80, "pass"), (6, "79.9", "fail"), (6, 90, "fine"), (5, 99, "fail")]
)
def test_a_pilot_needs_its_binding_indicators_and_points(met, points, found):
    given = {"scale": "village", "batch": "一", "binding": 6, "binding_met": met, "guiding": 9, "guiding_met": 9}
    assert computed("happy-rivers", "water_civ", {**given, "points": points})["verdict"] == found


FARM = {"owner": "渔场", "mode": "pond", "area_mu": 10, "surveyed_on": "2024-01-01", "plant": "three", "water": "key",
        "ph": 7, "ss": 50, "codmn": 15, "tp": "0.5", "tn": 3, "drain": 1}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "grade", "meets"),
    [
        ({}, "one", True),
        ({"tn": "3.01"}, "two", False),
        ({"tn": "3.01", "water": "common"}, "two", True),
        ({"ss": 100, "codmn": 25, "tp": 1, "tn": 5, "water": "common"}, "two", True),
        ({"ss": "100.1", "water": "common"}, "over", False),
        ({"ph": "9.1", "water": "common"}, "over", False),
        ({"tp": None}, None, None),
        ({"water": "special"}, "one", False),
        ({"water": "special", "drain": 0}, "one", True),
    ],
)
def test_tail_water_is_judged_by_the_water_it_goes_into(more, grade, meets):
    """SC/T 9101-2007, table 1, as the help of the field says it."""
    seen = computed("reservoirs-fishponds", "fish_farm", {**FARM, **more})
    assert (seen.get("grade"), seen.get("meets")) == (grade, meets)


@pytest.mark.parametrize(
    ("storage", "found"),
    [("9.9", "pond"), (10, "small2"), (100, "small1"), (1000, "medium"), ("9999.9", "medium"), (10000, "large")],
)
def test_a_reservoir_has_the_size_of_its_storage(storage, found):
    given = {"storage": storage, "source": False, "keeper": "站", "found_on": "2024-01-01", "mode": "wild"}
    assert computed("reservoirs-fishponds", "reservoir_exit", given)["size"] == found


@pytest.mark.parametrize(
    ("pipes", "pressure", "rate", "band"),
    [
        (9, "0.55", "9.45", "one"),
        (9, "0.56", "8.95", "fine"),
        (9, "0.35", "9.95", "one"),
        (100, "0.35", "9.00", "fine"),
        (1, "0.35", "15.00", "high"),
        (9, None, None, None),
    ],
)
def test_leakage_is_what_is_left_after_the_corrections(pipes, pressure, rate, band):
    """100 supplied, 80 billed, 4 free: 16 % gross; 0.08 times half at households is 4 %, 0.99 times (0.09 - 0.0693)
    is 2.05 %, at most 3 % up (100 km) and down (1 km); 0.5 % above 0.35 MPa, 1 % above 0.55."""
    given = {"utility": "公司", "step": "dma", "balance_year": 2025, "supplied": 100, "billed": 80, "free_use": 4}
    seen = computed(
        "supply-leakage", "leak_area", {**given, "home_metered": 50, "pipe_length": pipes, "pressure": pressure}
    )
    assert seen.get("net_rate") == (rate and Decimal(rate)) and seen.get("band") == band


@pytest.mark.parametrize(
    ("leak", "day", "found"),
    [("burst", 2, True), ("burst", 3, False), ("open", 3, True), ("open", 4, False), ("hidden", 8, True),
     ("hidden", 9, False)],
)  # fmt: skip
def test_a_leak_is_repaired_in_time_or_not(leak, day, found):
    given = {"leak_in": "obj:1", "seen_on": "2025-01-01", "find": "call", "leak": leak, "mended_on": f"2025-01-0{day}"}
    assert computed("supply-leakage", "leak_ticket", given)["in_time"] is found


SURVEY = {"site_no": "1", "on_water": "青溪", "surveyed_on": "2025-10-01", "gear": "gill", "natives": 21,
          "expected": 30, "tolerant": "4.9", "omnivores": "19.9", "insects": "45.1", "hunters": "5.1", "aliens": 0,
          "sick": 2}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "index", "level"),
    [
        ({}, "100", "best"),
        ({"natives": 20}, "94.3", "best"),
        ({"natives": 10}, "88.6", "best"),
        ({"tolerant": 5, "omnivores": 20, "insects": 45, "hunters": 5, "aliens": 1, "sick": 5}, "65.7", "good"),
        (
            {"tolerant": "20.1", "omnivores": "45.1", "insects": "19.9", "hunters": "0.9", "aliens": "1.1"},
            "42.9",
            "fair",
        ),
        ({"sick": None}, None, None),
    ],
)
def test_integrity_is_scored_in_seven_metrics(more, index, level):
    """5, 3 or 1 each of 35; the edges as the help of the fields says: two thirds and one third of the species expected,
    Karr 1986 for the rest. At the lower edges 5 + 6 times 3 are 23, below them 2 times 5 and 5 times 1 are 15 of 35."""
    seen = computed("aquatic-life", "aquatic_survey", {**SURVEY, **more})
    assert seen.get("ibi") == (index and Decimal(index)) and seen.get("level") == level


@pytest.mark.parametrize(("base", "trend"), [(95, "up"), ("95.1", "same"), (100, "same"), (None, None)])
def test_a_site_recovers_with_five_points_more(base, trend):
    assert computed("aquatic-life", "aquatic_survey", {**SURVEY, "base_ibi": base}).get("trend") == trend


SPONGE = {"number": "1", "drain_to": "青溪", "outflow": "separate", "planned_on": "2020-01-01", "extent": 100,
          "roof": 20, "paved": 20, "porous": 20, "green": 30, "pool": 10, "rain": 20, "goal_rate": 75}  # fmt: skip


@pytest.mark.parametrize(
    ("volume", "rate", "meets"), [(10583, 75, True), (10582, 75, False), (10583, "74.9", False), (10583, None, None)]
)
def test_an_area_meets_its_goal_with_rate_and_storage(volume, rate, meets):
    """0.85 times 40, 0.36 times 20, 0.15 times 30 and 10 are 55.7 of 100 hectares; 10 x 20 x 0.557 x 100 = 11140 m3, of
    which 95 % are 10583: the storage built may be a little less than the need."""
    seen = computed("sponge-city", "sponge_area", {**SPONGE, "built_volume": volume, "real_rate": rate})
    assert seen["coefficient"] == Decimal("0.557") and seen["need_volume"] == Decimal(11140)
    assert seen.get("meets") is meets


@pytest.mark.parametrize(("got", "waived", "owed"), [(None, None, "120"), (20, None, "100"), (100, 20, "0")])
def test_a_bill_owes_what_is_neither_waived_nor_collected(got, waived, owed):
    given = {"payer": "obj:1", "service": "sewage", "period_from": "2025-01-01", "period_to": "2025-03-31"}
    given |= {"quantity": 100, "price": "1.2", "got": got, "waived": waived}
    seen = computed("service-charges", "payer_bill", given)
    assert seen["owed"] == Decimal(owed)
