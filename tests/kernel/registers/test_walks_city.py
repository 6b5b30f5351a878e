"""Packs of the offices of housing, emergency, weather, transport, culture and tourism, health and commerce. Each system
is walked by an object of its own. Values worked out by hand from the sample rows."""

import pytest

from tests.kernel.registers.walking import FAR, Step, Walk, computed, walked

# Verified accounts: 180.82 hectares of park for 16.52 (ten thousand people); 774.82 of 2305 green; 480.6 of 596.7 near.
# Trees kept: 35738, dead 2353. Tunnels: 7.4 kilometres in operation, 14.08 of 21.15 built.
GREEN = {"INF.GREEN.PERSON": "10.95", "INF.GREEN.BUILTUP": "33.6", "INF.GREEN.RADIUS": "80.5",
         "INF.GREEN.ALIVE": "93.4", "INF.TUNNEL.RUNNING": "7.4", "INF.TUNNEL.BUILT": "66.6"}  # fmt: skip

# Ready shelters: 25820 places for 104290 people, on 75850 square metres. Named: 24 of 82 villages. Answers: 356 of 379.
SAFE = {"INF.SHELTER.COVER": "24.8", "INF.SHELTER.AREA": "2.94", "GOV.WEATHER.NAMED": "29.3",
        "GOV.WEATHER.REACH": "93.9"}  # fmt: skip

# Fair or better: 114.691 of 138.788 kilometres; rails 70.4 of 81.5. Handed over: 0.62 and 6.915. Verified quarters:
# 3982.3 of 5586 (ten thousand) trips are green; within 5 km 2417.6 of 4668.5 go by the suited means.
ROADS = {"INF.ROAD.FAIR": "82.6", "INF.ROAD.GUARD": "86.4", "INF.ROAD.HANDED": "7.54", "INF.TRAVEL.GREEN": "71.3",
         "INF.TRAVEL.FIT": "51.8"}  # fmt: skip

# Titles in force without zones: 23232 (ten thousand yuan) of 175.33 (ten thousand) visitors. Three of six alerts are
# handled; information on eight of eleven days.
TOURISM = {"TOU.SPOT4A": "1", "TOU.RURAL4A": "1", "TOU.SPENT": "132.5", "TOU.ALERT.HANDLED": "50.0",
           "TOU.INFO.PUBLISHED": "72.7"}  # fmt: skip

# Named institutions: 483230 of 693610 bed days used, 575 of 1906 beds for nursing, three provincial bases.
WELLNESS = {"TOU.WELLNESS.USE": "69.7", "TOU.WELLNESS.NURSING": "30.2", "TOU.WELLNESS.PROVINCIAL": "3"}

# The named town makes 128400 (ten thousand yuan); 208820 of 370320 invested in the leading trades. Of 34.55 (ten
# thousand) people 24.1 live in towns, 0.6 of them in the unit without gaps.
TOWNS = {"IND.TOWN.OUTPUT": "12.84", "IND.TOWN.TRADE": "56.4", "INF.URBAN.RATE": "69.75",
         "INF.URBAN.FILLED": "2.5"}  # fmt: skip

# Open stations sell 9417.8, ecological 3973.5; 811 for 1829 farmers. Open depots reach 54 of 82 villages; 663.65 of
# 685.88 parcels (ten thousand) in time.
COMMERCE = {"IND.ECOM.SALES": "9418", "IND.ECOM.ECO": "42.2", "IND.ECOM.FARMER": "4434", "IND.DELIVERY.COVER": "65.9",
            "IND.DELIVERY.INTIME": "96.8"}  # fmt: skip

WALKS = {
    # The new district adds 41.05 hectares of park and 2.52 (ten thousand people): 221.87 / 19.04. Green: 124.85 more,
    # 899.67 of 2617; cover 961.3 of 2617; near 568.7 of 695.2.
    "S228": Walk(
        "urban-green", "green_account", "石桥新区2025年",
        (
            Step("check", {"checked_on": "2026-02-02"}, refused="the spot check passed"),
            Step("check", {"checked_on": "2025-10-11"},
                 inspected=("verify", {"image": True, "park": True, "people": True}), refused="an image is at hand"),
            Step("send_back", refused="has its reason"),
            Step("check", {"checked_on": "2026-02-02"}),
        ),
        "checked", "per_head", "10.95", "11.65",
        GREEN | {"INF.GREEN.PERSON": "11.65", "INF.GREEN.BUILTUP": "34.4", "INF.GREEN.RADIUS": "81.8"},
        "green", ("人均公园绿地11.65", "绿地率34.4%、绿化覆盖率36.7%，公园绿地服务半径覆盖率81.8%，未核定绿地账2份"),
    ),
    # 1860 trees of which 90 are dead come in: 35155 of 37598 live. 138.93 hectares and 6.3 more are kept, 82.7 and 6.3
    # of belts and roadside.
    "S228-patch": Walk(
        "urban-green", "green_patch", "白沙水泥厂防护带",
        (
            Step("accept", {"finished_on": "2026-04-20"},
                 inspected=("accept", {"trees": True, "soil": True, "paths": True, "line": True}),
                 refused="95 % of the trees alive"),
            Step("accept", {"finished_on": "2026-04-20", "dead": 94}, refused="95 % of the trees alive"),
            Step("accept", {"finished_on": "2026-04-20", "dead": 90}),
            Step("damage", refused="with its area"),
        ),
        "kept", "alive", "93.4", "93.5", GREEN | {"INF.GREEN.ALIVE": "93.5"},
        "patches", ("登记绿地12块，管护面积145.23", "防护带和通道绿化89.00", "苗木成活率93.5%，被占用2100.0"),
    ),
    # 2.86 kilometres more are in operation. Spent: 53317 of 98110; fees: 198.5 of 272.
    "S229": Walk(
        "urban-green", "tunnel_section", "云溪大道管廊二期",
        (
            Step("accept", refused="a passed check"),
            Step("accept", inspected=("accept", {"water": True, "fire": True, "light": True, "watch": True})),
            Step("open", {"entered": "1.2"}, refused="with an operator"),
            Step("open", {"entered": "2.87", "operator": "云溪管廊公司"}, refused="lines inside"),
            Step("open", {"entered": "2.86", "operator": "云溪管廊公司"}),
        ),
        "running", "running", "7.4", "10.26", GREEN | {"INF.TUNNEL.RUNNING": "10.26"},
        "tunnels", ("综合管廊10段21.15", "建成率66.6%，投资完成率54.3%，运行10.26", "费用收缴率73.0%"),
    ),
    # The school yard adds 2400 places on 2400 square metres: 28220 of 104290, 78250 square metres for them.
    "S230": Walk(
        "shelters-weather", "shelter", "城南小学避难点",
        (
            Step("ready", inspected=("check", {"signs": True, "ways": True, "water": True, "stores": True,
                                               "duty": True}), refused="the area per head"),
            Step("ready", {"usable": "2399.9"}, refused="the area per head"),
            Step("ready", {"usable": 2400, "review_until": FAR}),
            Step("fail", {"fault": ""}, refused="are written down"),
        ),
        "ready", "cover", "24.8", "27.1", SAFE | {"INF.SHELTER.COVER": "27.1", "INF.SHELTER.AREA": "2.77"},
        "shelters", ("避难场所11处，可启用8处，容纳28220", "避难容纳率27.1%，人均有效面积2.77", "储备物资121.0"),
    ),
    # 43 of 82 villages are in named townships; 73 of 82 have a plan.
    "S231": Walk(
        "shelters-weather", "weather_town", "柳林镇防御示范",
        (
            Step("name", {"named_on": "2026-09-15"}, refused="a passed visit"),
            Step("name", {"named_on": "2026-09-15", "points": "84.9"},
                 inspected=("review", {"plan": True, "staff": True, "device": True, "records": True}),
                 refused="enough points"),
            Step("name", {"named_on": "2026-09-15", "points": 85, "valid_until": FAR}),
            Step("remove", refused="when it ran out"),
        ),
        "named", "named_villages", "29.3", "52.4", SAFE | {"GOV.WEATHER.NAMED": "52.4"},
        "townships", ("防御乡镇5个，命名示范乡镇2个，村级预案覆盖率89.0%，示范乡镇村覆盖率52.4%",),
    ),
    # Five more answer: 361 of 379; six of eight in time; 460 people moved and 12 more.
    "S231-warning": Walk(
        "shelters-weather", "weather_warning", "青口6月22日暴雨红色",
        (
            Step("reach", refused="everyone told has answered"),
            Step("reach", {"receipts": 38}),
            Step("lift", {"lifted_on": "2026-06-23"}, refused="all are moved"),
            Step("lift", {"lifted_on": "2026-06-23", "moved": 152}),
        ),
        "lifted", "reach", "93.9", "95.3", SAFE | {"GOV.WEATHER.REACH": "95.3"},
        "warnings", ("预警8次，责任人到达率95.3%，按时叫应率75.0%，转移472", "直接损失567.2"),
    ),
    # 9.636 kilometres become good: 124.327 of 138.788. By grade: 65.942, 31.115, 34.752 and 6.979.
    "S232": Walk(
        "roads-green-travel", "road_line", "青口至上坪乡道",
        (
            Step("repair", refused="what is wrong"),
            Step("repair", {"fault": "路面破碎，一座五类桥"}),
            Step("reopen", {"pqi": "79.9", "risky": 0},
                 inspected=("quality", {"surface": True, "drain": True, "guard": True, "bridge": True}),
                 refused="the road is good"),
            Step("reopen", {"pqi": 80, "risky": 1}, refused="no bridge is risky"),
            Step("reopen", {"pqi": 80, "risky": 0}),
            Step("flag", refused="are not listed"),
        ),
        "open", "good_rate", "82.6", "89.6", ROADS | {"INF.ROAD.FAIR": "89.6"},
        "roads", ("公路12条138.8", "农村公路72.8", "二级以上65.9", "三级31.1", "四级34.8", "等外7.0",
                  "优良中路率89.6%，安防实施率86.4%，危桥2"),
    ),
    # 9.636 more are handed over. Built: 40.681 of 62.119 kilometres; spent: 39829 of 54267.
    "S232-project": Walk(
        "roads-green-travel", "road_project", "青口至上坪公路提升",
        (
            Step("hand_over", {"handed_on": "2026-10-20"}, refused="a passed check"),
            Step("hand_over", {"handed_on": "2026-10-20", "built_km": "9.635"},
                 inspected=("hand", {"base": True, "thick": True, "green": True, "signs": True}),
                 refused="the whole length"),
            Step("delay", refused="has its reason"),
            Step("hand_over", {"handed_on": "2026-10-20"}),
        ),
        "handed", "handed_km", "7.54", "17.17", ROADS | {"INF.ROAD.HANDED": "17.17"},
        "projects", ("交通项目9个，里程完成率65.5%，投资完成率73.4%，交工里程17.17", "滞后1个"),
    ),
    # The third quarter adds 1752.6 green of 2432.6 trips: 5734.9 of 8018.6; suited 3469.9 of 6691.9; bus 919.8 and
    # 431.9; points 699000 and 318500.
    "S233": Walk(
        "roads-green-travel", "travel_account", "县城2026年三季度",
        (
            Step("check", inspected=("survey", {"sample": True, "bus": True, "bike": True}),
                 refused="within their limit"),
            Step("check", {"bikes": 3000, "driven": "680.1"}, refused="add up to the trips"),
            Step("send_back", refused="has its reason"),
            Step("check", {"bikes": 3000}),
        ),
        "checked", "green_share", "71.3", "71.5", ROADS | {"INF.TRAVEL.GREEN": "71.5", "INF.TRAVEL.FIT": "51.9"},
        "travel", ("绿色出行比例71.5%，135适距出行率51.9%，公共交通客运量1351.7", "绿色积分101.8", "超限投放片区0个"),
    ),
    # A second 4A area: 26217 of 197.17; 13.32 more visitors than 183.85 a year before; 1014 farmers and 94.
    "S234": Walk(
        "tourism-sites", "tourist_site", "青口峡谷漂流景区",
        (
            Step("name", {"named_on": "2026-10-12", "review_until": FAR}, refused="a passed visit"),
            Step("name", {"named_on": "2026-10-12", "points": 849},
                 inspected=("visit", {"safe": True, "signs": True, "toilet": True, "price": True, "eco": True}),
                 refused="enough points"),
            Step("name", {"named_on": "2026-10-12", "points": 850, "review_until": FAR}),
            Step("warn", refused="says what is wrong"),
        ),
        "named", "spots4", "1", "2", TOURISM | {"TOU.SPOT4A": "2", "TOU.SPENT": "133.0"},
        "sites", ("旅游单位11家，有效称号8个", "4A级景区2", "休闲农业示范点2个；接待197.17", "增长7.2%，旅游收入2.6217",
                  "人均消费133.0", "带动农户1108"),
    ),
    # Four of six alerts are handled; information on nine of eleven days; 460 turned away and 386.
    "S227": Walk(
        "tourism-sites", "visitor_count", "柳岭10月2日",
        (
            Step("handle", {"published": True, "measures": "停止售票", "alert_minutes": 16}, refused="when full"),
            Step("handle", {"measures": "停止售票", "alert_minutes": 16, "turned_away": 386},
                 refused="with information given"),
            Step("handle", {"published": True, "measures": "停止售票", "alert_minutes": 16, "turned_away": 386}),
        ),
        "handled", "handled", "50.0", "66.7", TOURISM | {"TOU.ALERT.HANDLED": "66.7", "TOU.INFO.PUBLISHED": "81.8"},
        "crowds", ("监测11日次，达到预警6日次，超载3日次，预警处置率66.7%",
                   "最高瞬时承载率107.5%，服务信息发布率81.8%，劝返846"),
    ),
    # A fourth provincial base with 186 beds of which 30 for nursing: 505910 of 760570 bed days, 605 of 2092 beds; 75236
    # guests and 6420.
    "S235": Walk(
        "wellness-bases", "wellness_base", "上坪竹海康养基地",
        (
            Step("name", {"named_on": "2026-10-16"}, refused="a passed visit"),
            Step("name", {"named_on": "2026-10-16", "ions": 1199},
                 inspected=("visit", {"safe": True, "care": True, "files": True, "eco": True, "fee": True}),
                 refused="with its environment"),
            Step("name", {"named_on": "2026-10-16", "ions": 1200, "valid_until": FAR}),
            Step("order", refused="says what is wrong"),
        ),
        "named", "provincial", "3", "4",
        WELLNESS | {"TOU.WELLNESS.USE": "66.5", "TOU.WELLNESS.NURSING": "28.9", "TOU.WELLNESS.PROVINCIAL": "4"},
        "bases", ("机构11家，在命名8家，其中森林康养基地3家、省级以上康养基地4", "床位2092",
                  "床位使用率66.5%，医养机构82.3%，护理型床位占比28.9%", "年服务81656",
                  "收入43417", "环境达标率100.0%"),
    ),
    # 27 of 90 beds are 30 %: 501650 of 726460 bed days, homes 120540 of 156950; 602 of 1996 beds for nursing.
    "S235-home": Walk(
        "wellness-bases", "wellness_base", "云头敬老院",
        (
            Step("name", {"named_on": "2026-10-20", "paper": "云卫字〔2026〕42号", "licence": "PDY36099055"},
                 inspected=("visit", {"safe": True, "care": True, "files": True, "eco": True, "fee": True}),
                 refused="30 % nursing beds"),
            Step("name", {"named_on": "2026-10-20", "paper": "云卫字〔2026〕42号", "licence": "PDY36099055",
                          "nursing_beds": 26}, refused="30 % nursing beds"),
            Step("name", {"named_on": "2026-10-20", "paper": "云卫字〔2026〕42号", "nursing_beds": 27},
                 refused="homes with their registration"),
            Step("name", {"named_on": "2026-10-20", "paper": "云卫字〔2026〕42号", "licence": "PDY36099055",
                          "nursing_beds": 27}),
        ),
        "named", "use_rate", "69.7", "69.1", WELLNESS | {"TOU.WELLNESS.USE": "69.1"},
        "bases", ("在命名8家", "床位1996", "医养机构76.8%，护理型床位占比30.2%"),
    ),
    # 128400 and 246800 (ten thousand yuan); 370320 of 408000 invested.
    "S212": Walk(
        "towns-urbanisation", "feature_town", "石桥电子小镇",
        (
            Step("name", {"named_on": "2026-11-06"}, refused="a passed check"),
            Step("name", {"named_on": "2026-11-06", "invest_done": 149000},
                 inspected=("check", {"bounds": True, "trade": True, "house": True, "green": True, "debt": True}),
                 refused="the investment is made"),
            Step("name", {"named_on": "2026-11-06", "house_invest": 47000}, refused="at most 30 % in housing"),
            Step("name", {"named_on": "2026-11-06"}),
            Step("warn", refused="follows a bad rating"),
        ),
        "named", "named_output", "12.84", "37.52", TOWNS | {"IND.TOWN.OUTPUT": "37.52"},
        "towns", ("特色小镇4个，命名2个，较每县至少一个差0", "投资完成率90.8%，主导产业投资占56.4%，命名小镇产值37.52",
                  "房地产占比超三成1个"),
    ),
    # 2.52 more without gaps: 3.12 of 24.1. Gaps: three in the seat, four in Liulin, three each in Qingkou and the park.
    "S213": Walk(
        "towns-urbanisation", "urban_unit", "石桥新区",
        (
            Step("fill", inspected=("check", {"people": True, "school": True, "beds": True, "park": True}),
                 refused="all five services"),
            Step("list", {"gap_money": 0}, refused="with projects and money"),
            Step("fill", {"care_beds": 149}, refused="all five services"),
            Step("fill", {"care_beds": 150}),
        ),
        "filled", "filled_rate", "2.5", "12.9", TOWNS | {"INF.URBAN.FILLED": "12.9"},
        "urban", ("城镇化单元7个，城镇化率69.75%，户籍城镇化率51.61%，新落户2439", "建设用地143.3", "公共服务短板13",
                  "补齐单元人口占12.9%，补短板投资32860"),
    ),
    # 38.4 more sales, 36.8 of them ecological: 4010.3 of 9456.2; 820.2 for 1875 farmers; 1091840 parcels and 3120.
    # Growth of the others: 1650.2 over 7767.6.
    "S210": Walk(
        "rural-commerce", "shop_station", "上坪村电商站",
        (
            Step("open", refused="a passed check"),
            Step("open", {"floor": "19.9", "trained": 2},
                 inspected=("accept", {"board": True, "device": True, "train": True, "goods": True, "ledger": True}),
                 refused="20 square metres"),
            Step("open", {"floor": 20}, refused="a trained keeper"),
            Step("open", {"floor": 20, "trained": 2}),
            Step("idle", refused="has its reason"),
        ),
        "open", "sales", "9418", "9456",
        COMMERCE | {"IND.ECOM.SALES": "9456", "IND.ECOM.ECO": "42.4", "IND.ECOM.FARMER": "4374"},
        "shop", ("站点12个，运营9个、运营率75.0%，其中脱贫村4个；网上交易额9456",
                 "增长21.2%，生态产品占42.4%；寄出109.50", "带动农户1875", "户均增收4374"),
    ),
    # Ten more villages: 64 of 82; 685.55 of 710.48 in time; a parcel at the depots 120.122 / 205.3.
    "S211": Walk(
        "rural-commerce", "delivery_node", "青口乡中转站",
        (
            Step("open", inspected=("accept", {"scan": True, "fire": True, "fee": True, "signs": True}),
                 refused="five runs a week"),
            Step("open", {"runs": 5, "villages": 0}, refused="villages covered"),
            Step("open", {"runs": 5}),
            Step("stall", refused="has its reason"),
        ),
        "open", "cover", "65.9", "78.0", COMMERCE | {"IND.DELIVERY.COVER": "78.0", "IND.DELIVERY.INTIME": "96.5"},
        "delivery", ("配送节点11个，运行线路327.9", "村覆盖率78.0%，进村211.7", "出村65.2",
                     "按时投递率96.5%，中转站单件成本0.585", "二次收费投诉29"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("system", WALKS)
def test_walk(system, place, county, imported, photo):
    walked(WALKS[system], place, county, imported, photo)


@pytest.mark.parametrize(("usable", "met"), [(2400, True), ("2399.9", False), ("2400.1", True)])
def test_a_shelter_has_area_enough_at_its_norm(usable, met):
    """Two square metres a head for 1200 people are 2400."""
    given = {"site": "park", "stay": "short", "uses": ["quake"], "keeper": "某单位", "gross": 9000, "usable": usable,
             "people": 1200, "norm": 2, "served": 3000, "water": True, "power": True, "toilets": 4,
             "signs": True}  # fmt: skip
    assert computed("shelters-weather", "shelter", given)["met"] is met


@pytest.mark.parametrize(("minutes", "timely"), [(30, True), (31, False), (0, True), (None, None)])
def test_a_warning_is_in_time_up_to_the_limit_of_the_plan(minutes, timely):
    given = {"receiver": "某镇", "kind": "rain", "colour": "orange", "issued_on": "2026-04-18", "issued_at": "17:20",
             "told": 10, "receipts": 10, "minutes": minutes, "limit": 30}  # fmt: skip
    assert computed("shelters-weather", "weather_warning", given).get("in_time") is timely


@pytest.mark.parametrize(
    ("index", "condition"),
    [(90, "best"), ("89.9", "good"), (80, "good"), ("79.9", "fair"), (70, "fair"), ("69.9", "poor"), (60, "poor"),
     ("59.9", "bad"), (None, None)],
)  # fmt: skip
def test_the_condition_of_a_road_follows_its_index(index, condition):
    """JTG 5210-2018: 90, 80, 70 and 60 points."""
    given = {"route_no": "Y1", "level": "town", "grade": "four", "length": 3, "width": 5, "surface": "cement",
             "chief": "某人", "bus": True, "pqi": index, "checked_on": "2025-11-04"}  # fmt: skip
    assert computed("roads-green-travel", "road_line", given).get("condition") == condition


@pytest.mark.parametrize(
    ("entered", "peak", "load"),
    [(799, 399, "normal"), (800, 10, "near"), (10, 10, "normal"), (500, 400, "near"), (999, 499, "near"),
     (1000, 10, "full"), (600, 500, "full")],
)  # fmt: skip
def test_a_site_is_near_full_at_eighty_percent_of_either_capacity(entered, peak, load):
    """LB/T 034-2014: of 1000 a day or 500 at once, 80 % is the alert and all of it is full."""
    given = {"site": "obj:1", "counted_on": "2026-05-02", "time": "may", "entered": entered, "day_limit": 1000,
             "peak": peak, "peak_limit": 500, "published": True}  # fmt: skip
    assert computed("tourism-sites", "visitor_count", given)["load"] == load


@pytest.mark.parametrize(
    ("seats", "parking", "gas", "gaps"),
    [(100, 50, 90, 0), (99, 50, 90, 1), (100, 49, 90, 1), (100, 50, 89, 1), (99, 49, 89, 3), (101, 51, 91, 0)],
)
def test_the_gaps_of_a_town_are_the_services_below_their_standard(seats, parking, gas, gaps):
    """100 school places, 50 parking places and 90 of 100 homes with gas suffice exactly."""
    given = {"kind": "town", "account_year": 2025, "filler": "某镇", "residents": 3, "townsfolk": 1, "registered": 1,
             "town_land": 1, "seats": seats, "seats_due": 100, "hospital_beds": 9, "hospital_beds_due": 9,
             "care_beds": 7, "care_beds_due": 7, "parking": parking, "parking_due": 50, "gas_homes": gas,
             "homes": 100, "gas_goal": 90}  # fmt: skip
    assert computed("towns-urbanisation", "urban_unit", given)["gaps"] == gaps


@pytest.mark.parametrize(("ions", "line", "met"), [(1200, 1200, True), (1199, 1200, False), (None, None, True)])
def test_the_environment_of_a_base_suffices_at_its_line(ions, line, met):
    given = {"kind": "forest", "rank": "city", "runner": "某公司", "services": ["rest"], "beds": 10, "bed_days": 100,
             "bed_days_open": 365, "ions": ions, "ions_line": line, "applied_on": "2026-01-05"}  # fmt: skip
    assert computed("wellness-bases", "wellness_base", given)["env_met"] is met
