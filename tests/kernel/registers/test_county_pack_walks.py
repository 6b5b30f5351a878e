"""Packs of county offices from their sample workbooks to the report. Values worked out by hand from the sample rows."""

from datetime import date

import pytest

from ecocloud.kernel.registers import pack, rules
from tests.kernel.registers.walking import Step, Walk, computed, walked

YEAR = date.today().year
LISTED = {"paper": "赣工信节能〔2025〕166号", "listed_on": "2025-11-20"}

WALKS = [
    # Fifteen of seventeen decided applications were granted (one since revoked), then sixteen of eighteen. Of 98 tasks
    # of what is under way 79 are done, 57 of 76 without the one that is named. Five national honours, then six.
    Walk(
        "pilots-honours", "honour", "水系连通及水美乡村建设试点",
        (
            Step("name", {"named_on": f"{YEAR}-01-02"}, refused="by a paper with its day"),
            Step("name", {"paper": "办规计函〔2026〕3号"}, refused="by a paper with its day"),
            Step("name", {"paper": "办规计函〔2026〕3号", "named_on": "2024-06-01"}, refused="after their acceptance"),
            Step("name", {"paper": "办规计函〔2026〕3号", "named_on": f"{YEAR}-01-02"}),
            Step("recheck", refused="names the next one"),
        ),
        "named", "success", "88.2", "88.9",
        {"GOV.PILOT.HONOURS": "1", "GOV.PILOT.SUCCESS": "88.9", "GOV.PILOT.PROGRESS": "75.0"},
        "progress", ("现有试点及荣誉15项，其中国家级6项、省级8项、市县级1项", "申报和创建中3项，创建任务完成率75.0%"),
    ),
    # Of 13 large farms at work ten have fit facilities, then eleven; 46000 of 49850 tons of manure a year are used; two
    # of the five farms in no-breeding zones are closed.
    Walk(
        "livestock-farms", "livestock_farm", "宏发生猪养殖场",
        (
            Step("pass", inspected=("check", {"running": True, "no_leak": True, "ledger": True}),
                 refused="without facilities"),
            Step("order_close", {"close_by": "2026-12-31"}, refused="outside the no-breeding zones"),
            Step("pass", {"facility": True, "land": None}, refused="land for the manure"),
            Step("pass", {"facility": True}),
        ),
        "fit", "facility", "76.9", "84.6",
        {"AGR.MANURE.FACILITY": "84.6", "AGR.MANURE.USE": "92.3", "AGR.FARM.CLEARED": "40.0"},
        "progress", ("养殖场18家，其中规模场13家", "禁养区内尚有3家，关停搬迁率40.0%"),
    ),
    # Of twelve rural works built ten run, then eleven; twelve of the fifteen tested that run meet their standard, then
    # 13 of 16. Towns treat 35010 of 39130 tons a day. 43599 tons a day without the park, of them 699 rural.
    Walk(
        "sewage-works", "sewage_work", "柳岭村污水处理站",
        (
            Step("resume", {"tested_on": "2025-10-10"}, refused="a test after the stop"),
            Step("resume", {"tested_on": "2024-09-06", "cod": "52", "nh3n": "7.4", "tp": "0.9", "treated": 30},
                 inspected=("patrol", {"power": True, "inflow": True, "clear": True, "ledger": True}),
                 refused="a test after the stop"),
            Step("resume", {"tested_on": "2025-10-10", "cod": "52", "nh3n": "7.4", "tp": "0.9", "treated": 30}),
        ),
        "running", "running", "83.3", "91.7",
        {"INF.SEWAGE.RATE": "89.5", "INF.SEWAGE.SCALE": "4.36", "AGR.SEWAGE.CAPACITY": "699",
         "INF.SEWAGE.MEETS": "81.2", "AGR.SEWAGE.RUNNING": "91.7"},
        "progress", ("污水处理设施19座", "城镇生活污水集中处理率89.5%", "停运1座，在建1座，进水浓度偏低4座"),
    ),
    # Sorting works in six of eight public bodies, schools and hospitals, then seven. 377781 of 4919 households (per
    # cent times households) put it right; of 2126.43 tons 1059.8 are recyclables and kitchen waste.
    Walk(
        "waste-sorting", "sorting_point", "柳林中学分类点",
        (
            Step("run", refused="a passed check"),
            Step("run", {"points": "59.9"},
                 inspected=("check", {"signs": True, "no_mix": True, "clean": True, "ledger": True}),
                 refused="a passing score"),
            Step("run", {"bins": ["recycle", "kitchen", "other"]}, refused="all four bins"),
            Step("run"),
            Step("rectify", refused="what is wrong"),
        ),
        "running", "public", "75.0", "87.5",
        {"WST.SORT.PUBLIC": "87.5", "WST.SORT.CORRECT": "76.8", "WST.SORT.REUSE": "49.8"},
        "progress", ("垃圾分类点19个", "公共机构覆盖率87.5%，规范运行率68.4%", "优秀2个，不合格2个"),
    ),
    # 13 of 16 products once certified still are, then 14 of 17. Weighted by output the certified ones sell 118971 above
    # 176180 (thousand yuan).
    Walk(
        "farm-brands", "certified_product", "柳林香芋",
        (
            Step("certify", {"certifier": "中国绿色食品发展中心", "certified_on": f"{YEAR}-01-05",
                             "valid_until": f"{YEAR + 3}-01-04"}, refused="has number"),
            Step("certify", {"certifier": "中国绿色食品发展中心", "number": "LB-15-2602140206",
                             "certified_on": f"{YEAR}-01-05", "valid_until": f"{YEAR + 3}-01-06"},
                 refused="green food for three years"),
            Step("certify", {"certifier": "中国绿色食品发展中心", "number": "LB-15-2602140206",
                             "certified_on": f"{YEAR}-01-05", "valid_until": f"{YEAR + 3}-01-05"}),
            Step("lapse", refused="still valid"),
        ),
        "certified", "kept", "81.2", "82.4",
        {"AGR.BRAND.NEW": "1", "AGR.BRAND.KEPT": "82.4", "AGR.BRAND.PREMIUM": "67.5"},
        "progress", ("有效三品一标证书14个，其中绿色食品7个、有机农产品3个、地理标志3个", "溢价率67.5%"),
    ),
    # 16 of 18 ledgers balance, then 17: 0.3 tons of charcoal lacked a transfer, 1.5 tons of sludge too much stay. With
    # it 4661.55 of 4848.54 tons begun with or produced are treated or moved; of medical waste 119.93 of 120.38.
    Walk(
        "hazardous-waste", "hazard_ledger", "大坪铜业2025年废活性炭",
        (
            Step("confirm", inspected=("site", {"signs": True, "store": True, "match": True, "bills": True}),
                 refused="the balance closes"),
            Step("confirm", {"moved": "6.499"}, refused="the balance closes"),
            Step("confirm", {"moved": "6.5", "store_limit": 1}, refused="not overfull"),
            Step("confirm", {"moved": "6.5"}),
        ),
        "checked", "balanced", "88.9", "94.4",
        {"WST.HAZARD.TREATED": "96.1", "WST.MEDICAL.TREATED": "99.6", "WST.HAZARD.BALANCED": "94.4"},
        "progress", ("年度台账18本", "物料平衡率94.4%，去向不明0.000\xa0吨，来源不明1.500\xa0吨，台账核定率61.1%"),
    ),
    # Ten of 16 stations are put right or removed, then eleven; the flow was let out on 3194 of 3595 days measured.
    Walk(
        "small-hydro", "hydro_station", "柳林港二站",
        (
            Step("quit", {"closed_on": "2025-10-20"}, refused="for stations to be removed"),
            Step("fix", {"closed_on": "2025-10-20"},
                 inspected=("flow", {"running": True, "free": True, "signal": True}), refused="is measured"),
            Step("fix", {"closed_on": "2025-10-20", "monitor": "video", "seen": "0.579"}, refused="what is required"),
            Step("fix", {"closed_on": "2025-10-20", "monitor": "video"}),
            Step("reopen", refused="is not reopened"),
        ),
        "fixed", "done", "62.5", "68.8", {"WAT.HYDRO.DONE": "68.8", "WAT.HYDRO.FLOW": "88.8"},
        "progress", ("小水电站16座", "清理整改完成率68.8%，已退出2座，应退未退2座", "实测流量不足3座，自然保护地内3座"),
    ),
    # Ten of 17 villages are clean or models, then eleven. 3060 of 3294 homes have sanitary toilets; eight of twelve
    # public ones are open.
    Walk(
        "village-environment", "village", "荷塘村",
        (
            Step("pass", refused="a passed visit"),
            Step("pass", {"sewage": 59},
                 inspected=("visit", {"no_heap": True, "no_black": True, "toilets": True, "rules": True}),
                 refused="60 % in each item"),
            Step("pass"),
            Step("honour", refused="sanitary toilets in 95 %"),
        ),
        "clean", "clean", "58.8", "64.7",
        {"WST.TOILET.RURAL": "92.9", "AGR.VILLAGE.CLEAN": "64.7", "WST.TOILET.OPEN": "66.7"},
        "progress", ("建档行政村17个，整洁达标率64.7%，示范村2个", "农村卫生厕所普及率92.9%",
                     "公厕12座，正常开放率66.7%"),
    ),
    # Listed factories make 302500 of 630700 (ten thousand yuan), then 64000 more. At the intensities they applied with
    # they would need 149965.95 tons of coal equivalent, they need 138780.
    Walk(
        "green-manufacturing", "green_maker", "云溪药业绿色工厂",
        (
            Step("list", LISTED, refused="a passed visit"),
            Step("list", {**LISTED, "points": "79.9"},
                 inspected=("site", {"meters": True, "limits": True, "waste": True, "data": True}),
                 refused="80 points"),
            Step("list", {**LISTED, "listed_on": "2025-07-01"}, refused="after the assessment"),
            Step("list", LISTED),
            Step("remove", {"removed_for": "未说明"}, refused="a rising energy intensity"),
        ),
        "listed", "output_share", "48.0", "58.1",
        {"IND.GREEN.FACTORIES": "4", "IND.GREEN.PARKS": "1", "IND.GREEN.OUTPUT": "58.1", "IND.GREEN.CUT": "7.5"},
        "progress", ("绿色制造单位8个，其中国家级1个、省级以上绿色工厂4\xa0家、绿色园区1\xa0个",
                     "培育和申报中4个", "已移出2个"),
    ),
    # One of four parks at work is connected, then two; three of them have common sewage works; 23 of 24 outlets are
    # connected then, 16 of 21 alerts dealt with. Three of six meters in use send, 2217 values of 2232. At the gates:
    # 639.08 + 6142.98 + 228.59 + 497.86 + 115.53 tons of coal equivalent, factors of GB/T 2589-2020 annex A.
    Walk(
        "industrial-parks", "park", "青口稀土产业园",
        (
            Step("connect", {"outlets_online": 6}, refused="a passed patrol"),
            Step("limit", inspected=("patrol", {"sewer": True, "sewage": True, "pool": True, "gear": True}),
                 refused="has its paper"),
            Step("connect", {"air_stations": 0}, refused="has an air station"),
            Step("connect", {"air_stations": 1, "outlets_online": 5}, refused="all outlets due"),
            Step("connect", {"outlets_online": 6}),
            Step("revoke", refused="no outlets left"),
        ),
        "connected", "connected", "25.0", "50.0",
        {"IND.PARK.ONLINE": "50.0", "IND.PARK.SEWAGE": "75.0", "ENE.METER.ONLINE": "50.0"},
        "parks", ("工业园区5个、入园企业224\xa0家", "企业排口联网率95.8%，预警处置率76.2%，限批1个"),
    ),
    # The same pack by its meters: four of six send after the steam meter, 2967 values of 2982.
    Walk(
        "industrial-parks", "energy_meter", "青溪造纸蒸汽表",
        (
            Step("connect", inspected=("match", {"seal": True, "reading": True, "log": True}), refused="95 % of its"),
            Step("connect", {"got": 707, "mn": "88888"}, refused="an MN number of 24"),
            Step("connect", {"got": 750, "due": 750, "mn": "88888880000001"}),
            Step("stop", {"stopped_on": "2021-06-30", "stop_reason": "检修"}, refused="has its day"),
        ),
        "online", "meters_online", "50.0", "66.7",
        {"IND.PARK.ONLINE": "25.0", "IND.PARK.SEWAGE": "75.0", "ENE.METER.ONLINE": "66.7"},
        "energy", ("在用能源计量器具6台，联网率66.7%", "数据完整率99.5%", "一级计量折标7624.0"),
    ),
]  # fmt: skip


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.pack)
def test_walk(walk, place, county, imported, photo):
    walked(walk, place, county, imported, photo)


EFFLUENT = {"kind": "town", "process": "aao", "built_on": "2020-01-01", "capacity": 1, "standard": "b1"}


@pytest.mark.parametrize(
    ("cod", "nh3n", "tp", "more", "found"),
    [
        (50, 5, "0.5", {}, ("a1", True)),
        ("50.1", 5, "0.5", {}, ("b1", True)),
        (50, "5.01", "0.5", {}, ("b1", True)),
        (50, 8, "0.5", {"cold": True}, ("a1", True)),
        (50, 5, "0.51", {}, ("b1", True)),
        (50, 5, 1, {"old": True}, ("a1", True)),
        (60, 8, 1, {}, ("b1", True)),
        (60, "8.01", 1, {}, ("c2", False)),
        (60, 15, "1.5", {"cold": True, "old": True}, ("b1", True)),
        (100, 25, 3, {}, ("c2", False)),
        (100, "25.1", 3, {}, ("over", False)),
        (100, 30, 3, {"cold": True}, ("c2", False)),
        ("100.1", 5, "0.5", {}, ("over", False)),
        (50, None, "0.5", {}, (None, None)),
    ],
)
def test_a_works_effluent_has_the_class_of_its_worst_item(cod, nh3n, tp, more, found):
    """Limits of GB 18918-2002, table 1: COD, ammonia above and below 12 degrees, phosphorus before and after 2006."""
    seen = computed("sewage-works", "sewage_work", {**EFFLUENT, "cod": cod, "nh3n": nh3n, "tp": tp, **more})
    assert (seen.get("class"), seen.get("meets")) == found


@pytest.mark.parametrize(
    ("sent", "received", "passes"),
    [(10, "9.7", True), (10, "10.3", True), (10, "9.699", False), (10, "10.301", False), (10, None, None)],
)
def test_a_bill_is_closed_only_with_a_small_difference(sent, received, passes):
    """Three per cent of what was sent, as the guard of the type says."""
    definition = pack.read(pack.own_folder() / "hazardous-waste").type_by_code["hazard_transfer"]
    given = {"ledger": "obj:1", "number": "1", "sent_on": "2025-01-02", "weight_out": sent, "weight_in": received,
             "receiver": "处置公司", "licence": "1", "licence_until": "2026-01-01",
             "received_on": "2025-01-03"}  # fmt: skip
    found = computed("hazardous-waste", "hazard_transfer", given)
    assert rules.compiled(definition).guards["receive"](found, date(2025, 1, 3)) is passes
