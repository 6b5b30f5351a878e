"""Packs that bring several systems: each system is walked by itself, from the sample workbook to its own indicator and
paragraph. The first system of a pack is walked in ``test_*pack_walks.py``. Values worked out by hand from samples."""

import pytest

from tests.kernel.registers.walking import FAR, Step, Walk, walked

# What the samples of key-enterprises give before anything is done (see test_source_pack_walks.py).
SOURCES = {"GOV.PERMIT.COVER": "92.3", "GOV.STATION.ONLINE": "83.3", "IND.EXIT.CAPACITY": "7.00",
           "IND.CLEAN.AUDIT": "8", "AIR.FACILITY.DONE": "50.0", "IND.WATER.REUSE": "41.0",
           "WST.INDUSTRIAL.USE": "75.0"}  # fmt: skip
ON_LINE = {
    "mn": "360990000000000000000030",
    "maker": "雪迪环境仪器",
    "sampling": "烟囱采样平台",
    "compared_on": "2026-09-28",
}
UPGRADED = {"upgrade": "done", "upgraded_on": "2026-09-20", "tested_on": "2026-09-25", "dust": 21}
YEAR = (
    Step("settle", refused="waste in and out agree"),
    Step("settle", {"disposed": 549}, refused="waste in and out agree"),
    Step("settle", {"disposed": 550}),
)

WALKS = {
    # Six of twelve upgrades are done; the roaster's is the seventh.
    "S126": Walk(
        "key-enterprises", "outlet", "云头钨业焙烧炉",
        (
            Step("connect", {**ON_LINE, **UPGRADED}, refused="a passed comparison"),
            Step("connect", {**ON_LINE, **UPGRADED, "mn": "3609900000000000000"},
                 inspected=("compare", {"accuracy": True, "sampling": True, "data": True}), refused="MN number"),
            Step("connect", {**ON_LINE, **UPGRADED}),
        ),
        "online", "upgraded", "50.0", "58.3", SOURCES | {"AIR.FACILITY.DONE": "58.3"},
        "duty", ("升级改造完成率58.3%",),
    ),
    # 91300 of 121670 tons used, and 900 of 1450 more; disposed of 28410 of 120840 generated, and 550 of 1450 more. Of
    # water 147 of 358.3 (ten thousand cubic metres) is reused, and 19.5 of 50.5 more.
    "S141-S188": Walk(
        "key-enterprises", "enterprise_year", "白沙线路板2025年", YEAR, "settled", "waste_use", "75.0", "74.9",
        SOURCES | {"WST.INDUSTRIAL.USE": "74.9", "IND.WATER.REUSE": "40.7"},
        "exit", ("中水回用率40.7%，一般工业固体废物综合利用率74.9%、处置率23.7%",),
    ),
    # Six projects with 1086 (ten thousand yuan) are accepted; this one of 360 + 90 + 40 is the seventh. Patches as they
    # are: nine of 31.6 hectares (474 mu); works cost 1012.4 for 418.5 mu.
    "S163": Walk(
        "mine-restoration", "mine_project", "云头稀土尾地治理二期",
        (
            Step("accept", {"accept_paper": "市自然资修〔2026〕3号", "accepted_on": "2026-03-20",
                            "accept_level": "city"},
                 refused="fits the source of the money"),
            Step("accept", {"accept_paper": "省自然资修〔2026〕3号", "accepted_on": "2025-10-27"},
                 refused="a day after the first one"),
            Step("accept", {"accept_paper": "省自然资修〔2026〕3号", "accepted_on": "2026-03-20"}),
        ),
        "accepted", "passed", "6", "7",
        {"MIN.RESTORE.PATCHES": "9", "MIN.RESTORE.AREA": "474", "MIN.RESTORE.SHARE": "39.2", "MIN.RESTORE.COST": "2.42",
         "SOL.GEO.PROJECTS": "12", "SOL.GEO.FUNDS": "2176", "SOL.GEO.ACCEPTED": "7", "SOL.GEO.ACCEPTEDFUNDS": "1576"},
        "progress", ("修复率39.2%",),
    ),
    # 9910.4 of 14642.9 hectares are managed, and 890 more. Eleven of twenty points are closed; 75020 of 99220 square
    # metres restored.
    "S154": Walk(
        "nature-reserves", "reserve", "柳岭省级森林公园",
        (
            Step("manage", {"markers": 30, "plan_until": FAR}, refused="a passed patrol"),
            Step("manage", {"plan_until": FAR},
                 inspected=("patrol", {"no_building": True, "no_felling": True, "markers_whole": True, "fire": True}),
                 refused="surveyed and marked"),
            Step("manage", {"markers": 30, "plan_until": FAR}),
            Step("lapse", refused="not sent back"),
        ),
        "managed", "managed", "67.7", "73.8",
        {"FOR.RESERVE.COUNT": "1", "FOR.PARK.COUNT": "3", "FOR.WETPARK.COUNT": "2", "FOR.GEOPARK.COUNT": "0",
         "FOR.PROTECT.MANAGED": "73.8", "FOR.SHIELD.CLOSED": "55.0", "FOR.SHIELD.RESTORED": "76.0"},
        "areas", ("73.8%",),
    ),
    # Eight of twelve public toilets are open, then nine.
    "S209": Walk(
        "village-environment", "village_toilet", "荷塘湖观景厕所",
        (
            Step("open", refused="a passed check"),
            Step("open", {"water": False}, inspected=("check", {"clean": True, "works": True, "waste": True}),
                 refused="water and power"),
            Step("open"),
            Step("break", refused="names the fault"),
        ),
        "open", "open", "66.7", "75.0",
        {"WST.TOILET.RURAL": "92.9", "AGR.VILLAGE.CLEAN": "58.8", "WST.TOILET.OPEN": "75.0"},
        "progress", ("公厕12座，正常开放率75.0%",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("system", WALKS)
def test_system(system, place, county, imported, photo):
    walked(WALKS[system], place, county, imported, photo)
