"""Packs of the offices of industry, science and commerce: running and smart factories, innovation, chains, investment.
Each system is walked by an object of its own. Values worked out by hand from the sample rows."""

from datetime import date

import pytest

from ecocloud.kernel.registers import pack, values
from tests.kernel.registers.walking import FAR, Step, Walk, computed, walked

YEAR = date.today().year

# Output 26021 after 27153; one of four needs is solved. Eight of twelve smart projects send data, 452 of 516 machines.
DISPATCH = {"IND.TRADITION.GROWTH": "-4.2", "IND.HELP.SOLVED": "25.0", "IND.SMART.ONLINE": "87.6",
            "IND.SMART.SHARE": "66.7"}  # fmt: skip

# Five of ten results are in use; eight of ten platforms run, 4997 of 5155 jobs on time; three of ten topics are
# finished.
INNOVATION = {"IND.GREENTECH.SPREAD": "50.0", "IND.PLATFORM.RUNNING": "80.0", "IND.PLATFORM.ONTIME": "96.9",
              "ENE.EXPERT.FINISHED": "30.0"}  # fmt: skip

# 113880 of 259400 bought locally, one of seven links filled; six of thirteen firms have a title, none of this year;
# five of seven contracts started with 52340 of 128100 arrived.
CHAINS = {"IND.CHAIN.LOCAL": "43.9", "IND.CHAIN.FILLED": "14.3", "IND.LITTLEGIANT.NEW": "0",
          "IND.LADDER.TITLED": "46.2", "IND.INVEST.STARTED": "71.4", "IND.INVEST.ARRIVED": "40.9"}  # fmt: skip

WALKS = {
    # One of four needs, then two. Red or orange: cement, castings, ceramics, lime, rosin.
    "S192": Walk(
        "industry-dispatch", "firm_month", "云头铸件10月",
        (
            Step("solve", {"solved_on": "2026-11-20", "rated": 4}, refused="Solved with a result"),
            Step("solve", {"solved_on": "2026-11-20", "rated": 2, "answer": "招聘会到岗12人"},
                 refused="three points of the firm"),
            Step("solve", {"solved_on": "2026-11-20", "rated": 3, "answer": "招聘会和校企合作到岗31人"}),
        ),
        "solved", "solved", "25.0", "50.0", DISPATCH | {"IND.HELP.SOLVED": "50.0"},
        "run", ("当月产值2.60", "同比-4.2%", "红橙预警5家，帮扶中2家", "诉求办结率50.0%"),
    ),
    # Nine of twelve send data then, 483 of 561 machines; 233490 of 246120 values; 31 of 45 machines are 69 %, 26 are
    # 58.
    "S194": Walk(
        "industry-dispatch", "smart_factory", "柳林陶瓷数字车间",
        (
            Step("connect", {"machines_online": 26}, refused="60 % of its key machines"),
            Step("connect", {"machines_online": 31, "got": 16720}, refused="90 % of its values"),
            Step("connect", {"machines_online": 31, "got": 16920}),
            Step("accept", {"paper": "市工信字〔2026〕61号", "accepted_on": "2026-11-18"}, refused="passed its review"),
            Step("accept", {"paper": "市工信字〔2026〕61号", "accepted_on": "2026-11-18"},
                 inspected=("site", {"run": True, "data": True, "energy": True, "safe": True})),
        ),
        "accepted", "share", "66.7", "75.0", DISPATCH | {"IND.SMART.SHARE": "75.0", "IND.SMART.ONLINE": "86.1"},
        "smart", ("已评定7\xa0个，数据接入率75.0%，关键设备联网率86.1%，数据完整率94.9%，断报1个",
                  "平均设备综合效率81.7%"),
    ),
    # Five of ten, then six; 33 of 50 users aimed at.
    "S193": Walk(
        "green-innovation", "green_tech", "陶瓷低温快烧",
        (
            Step("spread", refused="a passed check of its effect"),
            Step("spread", {"users": 1},
                 inspected=("effect", {"run": True, "meter": True, "user": True}), refused="two users at least"),
            Step("spread", {"users": 2}),
        ),
        "spread", "spread", "50.0", "60.0", INNOVATION | {"IND.GREENTECH.SPREAD": "60.0"},
        "tech", ("登记绿色技术12\xa0项", "发明专利34\xa0件，成果推广率60.0%，推广目标完成率66.0%，合同成交3475"),
    ),
    # Eight of ten, then nine; 5449 of 5665 jobs on time; 1876 of income from 219 people.
    "S195": Walk(
        "green-innovation", "innovation_platform", "陶瓷产品检测中心",
        (
            Step("open", {"cma_until": FAR}, refused="a passed check"),
            Step("open", {"cma_until": "2026-04-30"},
                 inspected=("check", {"people": True, "equipment": True, "ledger": True, "open": True}),
                 refused="a valid accreditation"),
            Step("open", {"cma_until": FAR, "staff": 4}, refused="five staff"),
            Step("open", {"cma_until": FAR, "staff": 9}),
            Step("press", refused="with the reason"),
        ),
        "running", "in_order", "80.0", "90.0",
        INNOVATION | {"IND.PLATFORM.RUNNING": "90.0", "IND.PLATFORM.ONTIME": "96.2"},
        "platforms", ("创新平台10\xa0个，其中省级以上4个，正常运行率90.0%，服务企业672", "人均服务收入8.57",
                      "检测资质过期1个"),
    ),
    # Three of ten, then four; 10 of 18 pieces of advice; 362 of 500 days. 31 of 40 days are 77.5 %.
    "S171": Walk(
        "green-innovation", "expert_topic", "园区绿电直供",
        (
            Step("finish", {"days_done": 31}, refused="80 % of the days"),
            Step("finish", {"days_done": 34, "score": 59}, refused="60 points"),
            Step("finish", {"days_done": 34, "score": 82}),
        ),
        "finished", "finished", "30.0", "40.0", INNOVATION | {"ENE.EXPERT.FINISHED": "40.0"},
        "experts", ("课题9\xa0项，结题率40.0%，建议采纳率55.6%，驻站完成率72.4%",),
    ),
    # One of seven, then two: magnets are bought locally for 10400 of 36000, 28.9 %.
    "S197": Walk(
        "industry-chains", "chain_link", "有色新材料永磁体",
        (
            Step("give_up", refused="stays on the map"),
            Step("done", {"filled_on": "2026-11-20", "local_goal": 29}, refused="reaches its goal"),
            Step("done", {"filled_on": "2026-11-20", "local_goal": 28}),
        ),
        "filled", "filled", "14.3", "28.6", CHAINS | {"IND.CHAIN.FILLED": "28.6"},
        "chains", ("产业链环节15\xa0个，链上企业47\xa0家、营业收入33.47", "本地配套率43.9%，缺断环节7个"),
    ),
    # Six of thirteen, then seven. Research 13263 of 358100.
    "S198": Walk(
        "industry-chains", "nurtured_firm", "石桥电路小巨人",
        (
            Step("name", {"paper": "工信部企业函〔2026〕140号", "titled_on": f"{YEAR}-06-01", "until": FAR},
                 refused="a passed review"),
            Step("name", {"paper": "工信部企业函〔2026〕140号", "titled_on": "2026-05-27", "until": FAR},
                 inspected=("review", {"data": True, "product": True, "rights": True, "safe": True}),
                 refused="a day after the application"),
            Step("name", {"paper": "工信部企业函〔2026〕140号", "titled_on": f"{YEAR}-06-01", "until": FAR}),
            Step("recheck", refused="within six months"),
            Step("remove", {"removed_for": "未说明"}, refused="conditions not met"),
        ),
        "titled", "titled", "46.2", "53.8", CHAINS | {"IND.LADDER.TITLED": "53.8", "IND.LITTLEGIANT.NEW": "1"},
        "ladder", ("小巨人2\xa0家（当年新增1\xa0家）、专精特新中小企业3\xa0家，梯度命名率53.8%",
                   "研发占比3.70%，上市辅导1家"),
    ),
    # Six of seven started; 4800 of 26000 is 18.5 %, 5200 a fifth. 52740 of 128100 arrived; ten of thirteen past the
    # check.
    "S199": Walk(
        "industry-chains", "invest_lead", "覆铜板二期",
        (
            Step("start", {"started_on": "2026-09-10"}, refused="with 20 % of the money"),
            Step("start", {"started_on": "2026-01-14", "paid": 5200}, refused="after the contract"),
            Step("start", {"started_on": "2026-09-10", "paid": 5200}),
            Step("produce", {"produced_on": "2026-11-20"}, refused="60 % of the money"),
        ),
        "landed", "started", "71.4", "85.7", CHAINS | {"IND.INVEST.STARTED": "85.7", "IND.INVEST.ARRIVED": "41.2"},
        "invest", ("招商项目16\xa0个，签约投资12.81", "绿色预审通过率76.9%，签约项目开工率85.7%，到资率41.2%",
                   "流失否决2个"),
    ),
    # The pipe foundry uses 0.594 where 0.48 is allowed to high-energy projects; with 11000 tons 0.470. Six of eight
    # started.
    "S199-check": Walk(
        "industry-chains", "invest_lead", "云头铸管",
        (
            Step("check", {"checked_on": "2026-06-10"}, refused="within 80 % of it"),
            Step("check", {"checked_on": "2026-06-10", "energy": 11000}),
            Step("sign", {"signed_on": "2026-07-01", "signed": 38600}, refused="50,000 yuan of tax"),
            Step("sign", {"signed_on": "2026-07-01", "signed": 38600, "land": 160}),
            Step("start", {"started_on": "2026-10-12", "landed_on": "2026-09-20", "paid": 8000}),
        ),
        "landed", "started", "71.4", "75.0", CHAINS | {"IND.INVEST.STARTED": "75.0", "IND.INVEST.ARRIVED": "36.2"},
        "invest", ("签约投资16.67", "绿色预审通过率84.6%"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("system", WALKS)
def test_walk(system, place, county, imported, photo):
    walked(WALKS[system], place, county, imported, photo)


@pytest.mark.parametrize(
    ("output", "capacity", "orders", "stopped", "level"),
    [
        (70, 80, 60, 0, "red"),
        ("70.1", 80, 60, 0, "orange"),
        (100, 80, 60, 15, "red"),
        (100, 80, 60, 14, "none"),
        (85, 80, 60, 0, "orange"),
        ("85.1", 80, 60, 0, "yellow"),
        (100, "49.9", 60, 0, "orange"),
        (100, 50, 60, 0, "none"),
        (95, 80, 60, 0, "yellow"),
        ("95.1", 80, 60, 0, "none"),
        (100, 80, "14.9", 0, "yellow"),
        (100, 80, 15, 0, "none"),
        (100, 80, None, 0, None),
    ],
)
def test_a_month_warns_by_output_capacity_orders_and_stops(output, capacity, orders, stopped, level):
    """Own rule of the pack: half a month or 30 % red, 15 % or half of capacity orange, 5 % or half a month of orders
    yellow; growth is kept to a tenth of a per cent."""
    given = {"firm": "某厂", "trade": "food", "month": "2026-10-01", "output": output, "output_before": 100,
             "capacity_use": capacity, "orders": orders, "stop_days": stopped}  # fmt: skip
    assert computed("industry-dispatch", "firm_month", given).get("level") == level


@pytest.mark.parametrize(
    ("local", "gap"),
    [(60, "strong"), ("59.9", "weak"), (30, "weak"), ("29.9", "short"), ("0.1", "short"), (0, "broken"), (None, None)],
)
def test_a_link_is_strong_weak_short_or_broken(local, gap):
    """Own rule: 60 % and 30 % bought locally, and anything at all."""
    given = {"chain": "energy", "class": "nurture", "place": "up", "product": "瓶", "lead_unit": "县工信局", "firms": 1,
             "need": 100, "local": local, "judged_on": "2026-01-05"}  # fmt: skip
    definition = pack.read(pack.own_folder() / "industry-chains").type_by_code["chain_link"]
    found, _faults = values.clean(definition, {key: value for key, value in given.items() if value is not None})
    assert values.completed(definition, found, date(2026, 1, 5)).get("gap") == gap


@pytest.mark.parametrize(
    ("years", "rnd", "revenue", "points", "fits"),
    [
        (2, 100, 3333, 60, True),
        ("1.9", 100, 3333, 60, False),
        (2, "99.9", 3000, 60, False),
        (2, 100, 3400, 60, False),
        (2, 100, 3333, "59.9", False),
        (2, 100, 3333, None, None),
    ],
)
def test_a_specialised_firm_meets_its_conditions(years, rnd, revenue, points, fits):
    """Two years in the branch, a million yuan and 3 % for research, sixty points."""
    given = {"uscc": "1", "step": "special", "trade": "某", "entered_on": "2026-01-05", "years": years, "rnd": rnd,
             "revenue": revenue, "main": revenue, "points": points}  # fmt: skip
    assert computed("industry-chains", "nurtured_firm", given).get("fits") is fits


@pytest.mark.parametrize(
    ("energy", "high", "green"),
    [(50, False, True), ("50.1", False, False), (40, True, True), ("40.1", True, False), (None, True, None)],
)
def test_the_green_check_is_stricter_for_high_energy_projects(energy, high, green):
    """0.5 tons allowed for ten thousand yuan, four fifths of it for projects of high energy use."""
    given = {"investor": "某", "source": "move", "trade": "铸造", "found_on": "2026-01-05", "invest": 1000, "land": 10,
             "negative": False, "two_high": high, "energy": energy, "added_value": 100, "energy_limit": "0.5",
             "zone_ok": True, "water_ok": True}  # fmt: skip
    assert computed("industry-chains", "invest_lead", given).get("green") is green
