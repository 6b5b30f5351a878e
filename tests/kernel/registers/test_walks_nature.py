"""Packs of forestry, natural resources and farming: every system is walked by an object of its own, from the sample
workbook to its indicator and paragraph. Values worked out by hand from the rows of the samples; each says how."""

from datetime import date
from decimal import Decimal

import pytest

from tests.kernel.registers.walking import FAR, Step, Walk, computed, walked

# A licence of three years from the first day of this year, and one a day too long.
YEAR = date.today().year
LICENCE = {"licence_no": "YX-010", "granted_on": f"{YEAR}-01-01", "licence_until": f"{YEAR + 3}-01-01", "price": "11",
           "sales": "231"}  # fmt: skip
LATE = f"{YEAR + 3}-01-02"
# What the samples of rural-houses give before anything is done.
HOUSES = {"SOL.HOUSE.EMPTY": "6", "SOL.LAND.REGISTERED": "62.5", "SOL.HOUSE.LAWFUL": "75.0",
          "SOL.HOUSE.CLEARED": "39.5", "SOL.HOUSE.LINKED": "92.3"}  # fmt: skip
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
        "models", ("基地15个", "投产面积占比86.8%", "亩均净收益1218", "亩均926", "亩均1705", "户均增收5067\xa0元；",
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
    # 79246.8 of the county's 89730.4 hectares are in the published townships, then 10483.6 more. Forest 89730.4 of
    # 131250.4; wetlands 1528.7 of 2086.2; stock 622.418 over 71320.6. Growth: 2160.2563 over 667.1 of six passed
    # plots.
    "S063": Walk(
        "forest-statistics", "forest_year", "白沙乡2025年度",
        (
            Step("check", refused="the year of the survey"),
            Step("check", {"basis": 2023, "before": "59.2"}, refused="needs its reason"),
            Step("check", {"basis": 2023, "before": "57.05"}),
            Step("publish", {"published_on": "2024-12-31"}, refused="a day not before the year"),
            Step("publish", {"published_on": "2026-03-20"}),
        ),
        "published", "matched", "88.32", "100.00",
        {"FOR.COVER": "68.37", "FOR.STOCK": "0.06", "FOR.STANDING": "0.06", "FOR.STOCK.HECTARE": "87.3",
         "FOR.STAT.MATCHED": "100.00", "FOR.GROWTH.RATE": "3.24"},
        "resources", ("森林覆盖率68.37%，居全省第20", "活立木蓄积量646.52", "湿地保护率73.28%，居全省第17",
                      "年度跨度0（", "复测样地10个，质检合格率66.7%，年均生长率3.24%"),
    ),
    # Progress by money: 82860.1 over 1782.2, and 48 points of 468.3 more. Eight of sixteen sites have the four
    # basics, six are sound, nine open; eight of fourteen items are passed on, 221 pupils of 30 bearers. Spent 779.5
    # of 1892.9, and 239.3 more.
    "S164": Walk(
        "heritage", "heritage_repair", "上坪围屋抢救性修复",
        (
            Step("accept", {"progress": 99, "spent": "455", "accepted_on": "2026-11-10"},
                 inspected=("final", {"original": True, "quality": True, "files": True}), photo="photo",
                 refused="below 100 %"),
            Step("accept", {"progress": 100, "spent": "455", "accepted_on": "2025-11-20"}, refused="Not accepted"),
            Step("accept", {"progress": 100, "spent": "455", "accepted_on": "2026-11-10"}),
        ),
        "accepted", "progress", "46.5", "59.1",
        {"TOU.HERITAGE.FOUR": "50.0", "TOU.HERITAGE.REPAIR": "59.1", "TOU.HERITAGE.ALIVE": "57.1"},
        "heritage", ("文物点16\xa0处，其中革命旧址4\xa0处，四有完成率50.0%，保存完好率37.5%，开放率56.2%",
                     "在办修缮项目7个，已验收4个，投资加权进度59.1%，资金支出率53.8%", "传承率57.1%", "带徒7.4人"),
    ),
    # Seven of thirteen blocks are clear, listed, sold or found no bid; the granite block is the eighth. Sold for
    # 11610 after first prices of 9590. Of the seven left 44 of 70 clearances are done.
    "S061": Walk(
        "resource-supply", "mine_block", "大坪花岗岩区块",
        (
            Step("ready", refused="all ten clearances"),
            Step("ready", {"opinions": True}, refused="a passed joint visit"),
            Step("ready", {"opinions": True},
                 inspected=("joint", {"corners": True, "empty": True, "access": True, "water": True})),
            Step("list", {"way": "list", "base_price": "1900", "listed_on": "2026-11-01", "closing_on": "2026-11-28"},
                 refused="28 days"),
            Step("list", {"way": "list", "base_price": "1900", "listed_on": "2026-11-01", "closing_on": "2026-11-29"}),
            Step("sell", {"price": "1899", "bidders": 2, "sold_on": "2026-12-01"}, refused="not below the first one"),
        ),
        "listed", "ready_rate", "53.8", "61.5",
        {"SOL.LAND.IDLE": "161", "SOL.LAND.REUSED": "24.7", "MIN.NET.READY": "61.5", "MIN.NET.PREMIUM": "21.1"},
        "blocks", ("区块13个，净矿8个，净矿率61.5%，待出让区块清障完成率62.9%", "溢价率21.1%，流拍1个"),
    ),
    # 160.55 of 651.03 mu are settled or used again, and 21.36 of the shop land more. Tax of 452.3 on the 467.72 mu
    # left; 621.8 on 66.15 mu afterwards.
    "S062": Walk(
        "resource-supply", "idle_parcel", "北门商服地块",
        (
            Step("settle", {"route": "start", "paper": "云自然资收〔2026〕3号", "settled_on": "2026-11-02",
                            "used_area": "21.36"},
                 refused="not settled in another way"),
            Step("settle", {"route": "take", "paper": "云自然资收〔2026〕3号", "settled_on": "2026-11-02",
                            "used_area": "21.36"}),
            Step("reuse", refused="Without a new project"),
        ),
        "settled", "used_rate", "24.7", "27.9",
        {"SOL.LAND.IDLE": "182", "SOL.LAND.REUSED": "27.9", "MIN.NET.READY": "53.8", "MIN.NET.PREMIUM": "21.1"},
        "land", ("闲置低效用地15\xa0宗", "盘活率27.9%", "亩均税收0.97", "盘活后9.4", "满两年未收回0"),
    ),
    # Due 1059347.10 (area times rate of thirteen batches), paid 841564.40 and 9155 more when the dispute is over;
    # 26355 held, then 17200. 48673.5 of 51333.2 mu are under agreement; the mean rate weighs 874207 yuan over that
    # area.
    "S100": Walk(
        "forest-benefits", "welfare_batch", "柳林镇2025年省级",
        (
            Step("settle", {"settled_on": "2026-11-20"},
                 inspected=("audit", {"amount": True, "area": True, "no_cut": True}), refused="holds money back"),
            Step("settle", {"settled_on": "2026-11-20", "held": "0", "paid": "77354.80"}, refused="does not balance"),
            Step("settle", {"settled_on": "2026-11-20", "held": "0", "paid": "77354.85"}),
        ),
        "settled", "paid", "79.4", "80.3",
        {"FOR.WELFARE.AREA": "5.13", "FOR.WELFARE.CITY": "5.11", "FOR.WELFARE.PAID": "80.3",
         "FOR.CARBON.ISSUED": "58.5", "FOR.CARBON.PRICE": "63.37"},
        "compensation", ("公益林小班14个", "管护协议签订率94.8%，加权补偿标准17.03", "兑付率80.3%，争议暂缓1.72",
                         "未轧平19.38"),
    ),
    # Net removals of seven periods, rounded to tons: 45847 + 32321 or 32322 + 3868 + 4301 + 17312 + 12218 + 7632 are
    # 123500; 72260 issued, and 31800 more. 341.94 (ten thousand yuan) for 53960 sold.
    "S169": Walk(
        "forest-benefits", "carbon_period", "云头造林第二监测期",
        (
            Step("issue", {"issued": 31801, "issued_on": "2026-05-20", "body": "ccer"}, refused="Not more than was"),
            Step("issue", {"issued": 31800, "issued_on": "2024-02-29", "body": "ccer"}, refused="after the period"),
            Step("issue", {"issued": 31800, "issued_on": "2026-05-20", "body": "ccer"}),
        ),
        "issued", "issued_rate", "58.5", "84.3",
        {"FOR.WELFARE.AREA": "5.13", "FOR.WELFARE.CITY": "5.11", "FOR.WELFARE.PAID": "79.4",
         "FOR.CARBON.ISSUED": "84.3", "FOR.CARBON.PRICE": "63.37"},
        "carbon", ("碳汇项目9个、11.29", "已登记4个", "签发减排量104060", "签发率84.3%", "成交均价63.37"),
    ),
    # Settled: 1945.32 after 2020.72 tons, then 158.92 after 152.37 of the vegetables. Pesticide 25.394 after 26.44.
    # On 118906.4 mu, that is 7927.09 hectares. Nitrogen: 19416.403 of 70647.26 (mg/l times mu) are cut.
    "S202": Walk(
        "farm-green", "input_year", "柳林镇蔬菜2025",
        (
            Step("settle", {"why": "扩种"}, refused="the check must pass"),
            Step("settle", {"why": ""}, inspected=("audit", {"books": True, "fields": True}), refused="A rise"),
            Step("settle", {"why": "茄果类扩种，亩均用量持平"}),
        ),
        "settled", "change", "-3.7", "-3.2",
        {"AGR.FERTILIZER.CHANGE": "-3.2", "AGR.FERTILIZER.PERAREA": "265.4", "AGR.PESTICIDE.PERAREA": "3.20",
         "AGR.STRAW.USE": "91.1", "AGR.NPS.NITROGEN": "27.5", "AGR.WASTE.RECYCLED": "92.5"},
        "inputs", ("测土配方覆盖率83.7%", "不降反增的报表2张，未审定2张", "示范区8个，排水总氮削减率27.5%"),
    ),
    # 28845 of 31654.8 tons are used, then 3629 of 4398 more; off the fields 6968, and 734 more.
    "S205": Walk(
        "farm-green", "straw_year", "青口乡晚稻秸秆2025",
        (
            Step("settle", inspected=("audit", {"weigh": True, "field": True, "market": True}),
                 refused="burning spots not dealt with"),
            Step("settle", {"burns_left": 0}),
        ),
        "settled", "straw_use", "91.1", "90.1",
        {"AGR.FERTILIZER.CHANGE": "-3.7", "AGR.FERTILIZER.PERAREA": "256.9", "AGR.PESTICIDE.PERAREA": "2.99",
         "AGR.STRAW.USE": "90.1", "AGR.NPS.NITROGEN": "27.5", "AGR.WASTE.RECYCLED": "92.5"},
        "straw", ("综合利用率90.1%，其中离田利用21.4%，焚烧火点19",),
    ),
    # 56823.5 of 61425.4 tons a year are recycled, and 54 more; with 100 lost the flows of the cattle base would
    # differ by 72.7 of 3128.7, which is more than 2 %.
    "S204": Walk(
        "farm-green", "circular_base", "云头肉牛牧草基地",
        (
            Step("recognise", inspected=("check", {"leak": True, "books": True, "safe": True}),
                 refused="less than 90 % recycled"),
            Step("recognise", {"recycled": "2860", "lost": "100"}, refused="differ by more than 2 %"),
            Step("recognise", {"recycled": "2860", "lost": "208"}),
        ),
        "demo", "recycled", "92.5", "92.6",
        {"AGR.FERTILIZER.CHANGE": "-3.7", "AGR.FERTILIZER.PERAREA": "256.9", "AGR.PESTICIDE.PERAREA": "2.99",
         "AGR.STRAW.USE": "91.1", "AGR.NPS.NITROGEN": "27.5", "AGR.WASTE.RECYCLED": "92.6"},
        "circular", ("循环农业基地12个", "循环利用率92.6%，替代化肥507.7", "年产值3627.9"),
    ),
    # Two of the orchards are recognised, then the third. Its 526.4 mu without a certificate come to 11967.9 of
    # 15389.2; 7954.9 (ten thousand yuan) on that area. 89 of 92 tests of the brand passed.
    "S206": Walk(
        "farm-bases", "farm_base", "田心脐橙标准园",
        (
            Step("finish", {"books": 0}, refused="its standard and records"),
            Step("finish", {"books": 94}),
            Step("recognise", {"level": "city", "recognised_on": "2026-11-10", "tests": 2, "failed": 0},
                 inspected=("visit", {"inputs": True, "wait": True, "sign": True}), refused="below 95 %"),
            Step("recognise", {"level": "city", "recognised_on": "2026-11-10", "tests": 2, "failed": 0, "books": 95}),
        ),
        "recognised", "orchards", "2", "3",
        {"AGR.BASE.COUNT": "14", "AGR.ORCHARD.STANDARD": "3", "AGR.BASE.CERTIFIED": "75.2", "AGR.BRAND.PASSED": "96.7",
         "AGR.BRAND.TRACED": "76.8"},
        "bases", ("标准化示范果园3\xa0个，已认定8个，绿色有机认证面积占比75.2%", "亩均产值4998", "认证到期未续1个"),
    ),
    # 89 of 92 tests of the licensed and the suspended passed, and four of four of the shoots. Premium by weight:
    # 21328.67 over 63724.03, with 210 tons at 11 instead of 8.5 more.
    "S073": Walk(
        "farm-bases", "brand_licence", "云溪好物·柳林冬笋",
        (
            Step("grant", {**LICENCE, "licence_until": LATE},
                 inspected=("visit", {"origin": True, "process": True, "trace": True}), refused="at most three years"),
            Step("grant", {**LICENCE, "credit": "91360999MA31511082"}, refused="a valid credit code"),
            Step("grant", LICENCE),
            Step("suspend", {"why": "抽查"}, refused="a failed test, a misuse"),
        ),
        "licensed", "pass", "96.7", "96.9",
        {"AGR.BASE.COUNT": "14", "AGR.ORCHARD.STANDARD": "2", "AGR.BASE.CERTIFIED": "77.8", "AGR.BRAND.PASSED": "96.9",
         "AGR.BRAND.TRACED": "76.8"},
        "brand", ("授权主体8\xa0家，暂停2\xa0家，产品检测合格率96.9%，溢价率33.4%，年销售额8736.3",
                  "放行率76.8%，召回2"),
    ),
    # 42939.1 of 55911.6 kg are released or sold, and 1985 more.
    "S073-batch": Walk(
        "farm-bases", "brand_batch", "辣椒10月9日批",
        (
            Step("release", {"tested_on": "2026-10-09", "result": "fail"}, refused="a failed test"),
            Step("release", {"tested_on": "2026-10-09", "result": "pass", "last_spray": "2026-10-03"},
                 refused="within the waiting time"),
            Step("release", {"tested_on": "2026-10-09", "result": "pass", "last_spray": "2026-10-02"}),
            Step("recall", refused="says what failed"),
        ),
        "released", "released", "76.8", "80.3",
        {"AGR.BASE.COUNT": "14", "AGR.ORCHARD.STANDARD": "2", "AGR.BASE.CERTIFIED": "77.8", "AGR.BRAND.PASSED": "96.7",
         "AGR.BRAND.TRACED": "80.3"},
        "brand", ("赋码批次14\xa0批，放行率80.3%", "追溯码查询6171"),
    ),
    # 14964.9 mu are accepted, and 4208.6 more; with at most the task 25486.9 of 30680. Spent 6118 of 7319 for 25589.5
    # mu, 22796.3 of them mapped. Grades: 2930.9 over 2773.2 mu; 2173.1 of them for grain.
    "S207": Walk(
        "field-works", "field_project", "石桥镇2025年高标准农田",
        (
            Step("finish", {"done_area": "4199.9", "road_rate": 95, "invested": "990"},
                 refused="less area than the task"),
            Step("finish", {"done_area": "4208.6", "road_rate": 95, "invested": "990"}),
            Step("accept", {"level": "county", "mapped": True, "accepted_on": "2026-11-20"},
                 inspected=("final", {"water": True, "road": True, "soil": True, "grain": True}),
                 refused="by the city or above"),
            Step("accept", {"level": "city", "mapped": True, "accepted_on": "2026-11-20"}),
            Step("keep", refused="a keeper and money"),
        ),
        "accepted", "built", "1.50", "1.92",
        {"AGR.FIELD.HIGH": "1.92", "AGR.FIELD.DONE": "83.1", "AGR.FIELD.GAIN": "1.06", "AGR.FIELD.GRAIN": "78.4"},
        "progress", ("项目10个", "任务完成率83.1%", "亩均投资2391", "资金支出率83.6%，上图入库率89.1%", "田间道路64.6",
                     "泵站21"),
    ),
    # Six of thirteen hollow houses are cleared, then seven: 706 and 131.6 of 1786 square metres. Nine of twelve
    # permits came in 20 working days; six houses are accepted and two in breach, 28.6 and 16.5 square metres above.
    "S054": Walk(
        "rural-houses", "rural_house", "大坪旧屋6号",
        (
            Step("clear", {"cleared_on": "2026-11-12"},
                 inspected=("after", {"rubble": True, "safe": True, "level": True}), refused="without photographs"),
            Step("clear", {"cleared_on": "2026-11-12"}, photo="photo"),
            Step("reuse", {"next_use": "garden"}, refused="its way and area"),
        ),
        "cleared", "cleared", "6", "7", HOUSES | {"SOL.HOUSE.EMPTY": "7", "SOL.HOUSE.CLEARED": "46.9"},
        "building", ("建房申请16\xa0户，发放许可12\xa0户，按时办结率75.0%，验收合格率75.0%，超面积占地45.1",
                     "列入空心房13\xa0栋，整治7\xa0栋，整治率46.9%，腾出土地再利用率40.0%，危房未处置8"),
    ),
    # Six of eight houses are by the rules, then seven of nine.
    "S054-permit": Walk(
        "rural-houses", "house_permit", "上坪村3组5号户",
        (
            Step("accept", {"accepted_on": "2026-11-15", "built_area": "140.1"}, photo="photo",
                 inspected=("visits", {"place": True, "line": True, "wall": True, "end": True}),
                 refused="more land than approved"),
            Step("breach", {"built_area": "140", "breach": "超高"}, refused="with too much land or a failed visit"),
            Step("accept", {"accepted_on": "2026-11-15", "built_area": "140"}),
        ),
        "accepted", "lawful", "75.0", "77.8", HOUSES | {"SOL.HOUSE.LAWFUL": "77.8"},
        "building", ("验收合格率77.8%", "违规未整改2\xa0户"),
    ),
    # Ten of sixteen parcels are registered, then eleven; 4435.2 of 4806.2 square metres of houses are linked.
    "S057": Walk(
        "rural-houses", "realty_parcel", "田心村014宗",
        (
            Step("register", {"entered_on": "2026-11-03"}, refused="a surplus left open"),
            Step("register", {"entered_on": "2026-11-03", "surplus": "note", "notice_days": 14},
                 refused="15 working days"),
            Step("register", {"entered_on": "2026-11-03", "surplus": "note"}),
            Step("issue", {"certificate": "云不动产权0004120", "issued_on": "2026-11-02"},
                 refused="not before the entry"),
            Step("issue", {"certificate": "云不动产权0004120", "issued_on": "2026-11-12"}),
        ),
        "issued", "registered", "62.5", "68.8", HOUSES | {"SOL.LAND.REGISTERED": "68.8"},
        "realty", ("宅基地16\xa0宗，房地一体确权登记率68.8%，发证9\xa0本，房屋落宗率92.3%", "权属争议1\xa0宗"),
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


@pytest.mark.parametrize(
    ("due", "recognised", "by_state", "measure", "fee"),
    [("2024-04-30", "2025-04-29", False, "none", 0), ("2024-04-30", "2025-04-30", False, "fee", 200),
     ("2024-04-30", "2026-04-29", False, "fee", 200), ("2024-04-30", "2026-04-30", False, "take", 0),
     ("2024-04-30", "2026-04-30", True, "talk", 0), (None, "2026-04-30", False, "none", None)],
)  # fmt: skip
def test_idle_land_is_dealt_with_by_the_time_it_lay_idle(due, recognised, by_state, measure, fee):
    """Order 53 of 2012: from a year on a fee of 20 % of the price (1000), from two years on it is taken back."""
    given = {"kind": "idle", "use": "trade", "holder": "甲", "firm": "none", "flagged_on": "2026-05-01",
             "parcel_area": 20, "start_due": due, "checked_on": recognised, "by_state": by_state,
             "price": 1000}  # fmt: skip
    found = computed("resource-supply", "idle_parcel", given)
    assert (found.get("measure"), found.get("fee")) == (measure if due else None, fee)


@pytest.mark.parametrize(("tax", "grade"), [("240", "a"), ("239.99", "b"), ("144", "b"), ("143.9", "c"), ("72", "c"),
                                            ("71.9", "d"), (None, None)])  # fmt: skip
def test_land_has_its_grade_from_tax_for_each_mu(tax, grade):
    """20 mu against a line of 12: 240 reaches it, 144 is 60 % of it, 72 is 30 %."""
    given = {"kind": "poor", "use": "industry", "holder": "甲", "firm": "work", "flagged_on": "2026-05-01",
             "parcel_area": 20, "line": 12, "tax": tax}  # fmt: skip
    assert computed("resource-supply", "idle_parcel", given).get("grade") == grade


@pytest.mark.parametrize(
    ("land", "own", "limit"), [("farm", None, 120), ("old", None, 180), ("wild", None, 240), ("wild", 150, 150)]
)
def test_a_house_has_its_limit_from_its_land(land, own, limit):
    """120, 180 and 240 square metres by kind of land, unless the county has its own; 0.5 above what was approved."""
    given = {"house_group": "一组", "applied_on": "2026-01-05", "kind": "same", "members": 4, "one_house": True,
             "land": land, "site_area": 100, "own_limit": own, "built_area": "100.5"}  # fmt: skip
    found = computed("rural-houses", "house_permit", given)
    assert (found["limit"], found["over_area"]) == (limit, Decimal("0.5"))


def test_removals_follow_from_growth():
    """100 ha x 5 m3 x 1 year x 0.5 x 1.5 x 1.25 x 0.5 x 44/12 = 859.375; less 59 and a tenth: 720.3375."""
    given = {"project": "obj:1", "period_from": "2024-01-01", "period_to": "2024-12-31", "years": 1,
             "measured_area": 100, "growth": 5, "density": "0.5", "bef": "1.5", "root": "0.25", "carbon": "0.5",
             "baseline": 59,
             "risk": 10}  # fmt: skip
    found = computed("forest-benefits", "carbon_period", given)
    assert (found["gross"], found["net"]) == (859, 720)


@pytest.mark.parametrize(("paid", "held", "balance"), [("430", "0", "0"), ("429.99", "0", "0.01"), ("400", "30", "0"),
                                                       (None, None, "430")])  # fmt: skip
def test_a_batch_balances_to_the_cent(paid, held, balance):
    """20 mu at 21.50 yuan are 430 yuan."""
    given = {
        "pay_year": 2025,
        "grade": "province",
        "pay_area": 20,
        "rate": "21.5",
        "way": "card",
        "paid": paid,
        "held": held,
    }
    found = computed("forest-benefits", "welfare_batch", given)
    assert (found["due"], found["balance"]) == (430, Decimal(balance))


@pytest.mark.parametrize(("volume", "cut", "rate"), [("120", None, "3.64"), ("110", "10", "3.64"), ("100", None, "0"),
                                                     (None, None, None)])  # fmt: skip
def test_growth_of_a_plot_is_pressler_s(volume, cut, rate):
    """From 100 to 120 in five years: 20 over 220, times 200 over 5, is 3.636 %; what was felled counts as there."""
    given = {"plot_no": "1", "plot_year": 2024, "land_class": "arbor", "volume": volume, "cut": cut, "last_volume": 100,
             "last_year": 2019}  # fmt: skip
    found = computed("forest-statistics", "inventory_plot", given).get("growth_rate")
    assert found == (None if rate is None else Decimal(rate))


def test_straw_is_what_the_grain_leaves_and_routes_are_shares_of_what_is_collectable():
    """1000 t x 0.9 = 900 t, 80 % of it 720 t; 540 and 108 t are 90 %."""
    given = {"stat_year": 2025, "crop": "early", "grain": 1000, "ratio": "0.9", "factor": 80, "field": 540,
             "fodder": 108, "burns": 0, "reported_on": "2026-01-10"}  # fmt: skip
    found = computed("farm-green", "straw_year", given)
    assert (found["made"], found["collectable"], found["used"], found["rate"]) == (900, 720, 648, 90)
