"""Packs of the offices of development and reform, energy and housing: energy review, carbon peak, savings, buildings,
new energy. Each system is walked by an object of its own. Values worked out by hand from the sample rows."""

import pytest

from tests.kernel.registers.walking import FAR, Step, Walk, computed, walked

# Before anything is done. Issues: nine of sixteen closed. Papers: of fourteen projects not gone the second ceramics
# line, the pipe foundry and the glass-fibre works lack some. Started reviews: three of six accepted. Breaches: 17 of
# 27 mended.
REVIEW = {"ENE.HIGH.CLOSED": "56.2", "ENE.HIGH.PAPERS": "78.6", "ENE.APPROVED.PROJECTS": "2",
          "ENE.REVIEW.ACCEPTED": "50.0", "ENE.INSPECT.MENDED": "63.0"}  # fmt: skip

# Ten of thirteen documents in force or due are issued, in eight of the eleven fields; 129 of 150 measures due are
# carried out. Of fifteen measures begun three are done and five on time; nine actions are begun. Two of eight pilots
# begun passed.
PEAK = {"ENE.CARBON.FIELDS": "8", "ENE.CARBON.MEASURES": "86.0", "ENE.PEAK.ONTIME": "53.3", "ENE.PEAK.ACTIONS": "9",
        "ENE.PEAK.PILOTS": "8", "ENE.PEAK.PASSED": "25.0"}  # fmt: skip

# Checked accounts: 199638.08 tons of coal equivalent after 212439 (factors of GB/T 2589-2020 annex A). Certified
# projects save 9777.5 of 10386 tons designed.
SAVING = {"ENE.ACCOUNT.FALL": "6.03", "ENE.SAVING.CERTIFIED": "9777.5", "ENE.SAVING.REACHED": "94.1"}

# Civil floor area completed: 285181.8 square metres, of them 44220 not green and 126080.8 with stars. Retrofit: 121310
# of 238160 planned.
BUILDINGS = {"INF.GREEN.BUILDING": "84.49", "INF.BUILDING.STARS": "44.2", "INF.RETROFIT.DONE": "50.9"}

# Of 21.08 (ten thousand kilowatts) 18.98 are renewable; hydropower 3986 + 2544; 290 of 20894 of wind and sun
# curtailed; one of three filling stations built operates.
RENEWABLES = {
    "ENE.RENEW.SHARE": "90.0",
    "ENE.HYDRO.OUTPUT": "0.653",
    "ENE.NEW.LOST": "1.39",
    "ENE.HYDROGEN.OPEN": "33.3",
}

# Eleven stations open with 137 piles; 137 of 145 work with the one under repair. Electric vehicles 4455 after 3121;
# seven of thirteen fleets reach their goal.
ELECTRIC = {"ENE.CHARGERS": "137", "ENE.CHARGER.WORKING": "94.5", "ENE.NEV.GROWTH": "42.7", "ENE.FLEET.MET": "53.8"}

WALKS = {
    # Nine of sixteen issues are closed (56.25 %), then ten. Ten projects are built or stopped, two planned, two
    # building.
    "S174": Walk(
        "energy-review", "two_high_issue", "石灰窑能效",
        (
            Step("close", {"paper": "云工信函〔2025〕41号", "closed_on": "2025-12-08"}, refused="a passed acceptance"),
            Step("close", {"paper": "云工信函〔2025〕41号", "closed_on": "2025-12-08", "saved": 0},
                 inspected=("accept", {"papers": True, "site": True, "energy": True, "lasting": True}),
                 refused="for efficiency the energy saved"),
            Step("close", {"paper": "云工信函〔2025〕41号", "closed_on": "2025-12-08", "saved": 690}),
        ),
        "closed", "closed", "56.2", "62.5", REVIEW | {"ENE.HIGH.CLOSED": "62.5"},
        "projects", ("“两高”项目14个，其中拟建2个、在建2个、存量10个", "手续齐全率78.6%，未批先建3个", "销号率62.5%"),
    ),
    # Two provincial approvals, then three. Approved: 39235 of 40440 tons applied for, and 11940 of 12350 more.
    "S173": Walk(
        "energy-review", "energy_review", "云头铸管",
        (
            Step("approve", {"paper": "市发改能审〔2026〕9号", "approved_on": "2026-09-10", "quota": 11940,
                             "valid_until": "2028-09-09", "given_by": "local"}, refused="the province from 10,000"),
            Step("approve", {"paper": "赣发改能审〔2026〕52号", "approved_on": "2026-09-10", "quota": 11940,
                             "valid_until": "2028-09-11", "given_by": "province"}, refused="at most two years"),
            Step("approve", {"paper": "赣发改能审〔2026〕52号", "approved_on": "2026-09-10", "quota": 11940,
                             "valid_until": "2028-09-10", "given_by": "province"}),
        ),
        "approved", "province", "2", "3", REVIEW | {"ENE.APPROVED.PROJECTS": "3"},
        "reviews", ("获省批复3\xa0个，有效批复年能耗5.12", "评审核减率3.1%"),
    ),
    # 17 of 27 breaches are mended, then the four left at the foundry too.
    "S175": Walk(
        "energy-review", "energy_inspection", "石桥铸造设备监察",
        (
            Step("close", {"closed_on": "2026-11-18"}, refused="all is mended"),
            Step("close", {"closed_on": "2026-11-18", "mended": 6}, refused="the re-check passed"),
            Step("punish", {"paper": "punish", "paper_no": "云节监罚〔2026〕1号"}, refused="not all is mended"),
            Step("close", {"closed_on": "2026-11-18", "mended": 6},
                 inspected=("recheck", {"devices": True, "limit": True, "ledger": True, "person": True})),
        ),
        "closed", "mended", "63.0", "77.8", REVIEW | {"ENE.INSPECT.MENDED": "77.8"},
        "inspections", ("计划完成率86.7%", "违法事项整改率77.8%"),
    ),
    # Eight fields are covered, then circular economy too: eleven of thirteen documents are issued.
    "S166": Walk(
        "carbon-peak", "carbon_policy", "循环经济助力降碳方案",
        (
            Step("issue", {"number": "云发改字〔2026〕41号", "issued_on": "2026-11-10"},
                 refused="at least one measure"),
            Step("issue", {"number": "云发改字〔2026〕41号", "issued_on": "2026-10-19", "measures": 11},
                 refused="after the draft"),
            Step("issue", {"number": "云发改字〔2026〕41号", "issued_on": "2026-11-10", "measures": 11}),
            Step("repeal", refused="by another document"),
        ),
        "issued", "fields", "8", "9", PEAK | {"ENE.CARBON.FIELDS": "9"},
        "policies", ("登记文件13\xa0件，印发率84.6%，覆盖9\xa0个领域，举措落实率86.0%",),
    ),
    # Eight of fifteen are done or on time; the boilers have gone 19 of 23 with 85 % due, then all of them. Carbon:
    # 224390 tons and 1400 more. Invested: 78773 of 118220.
    "S167": Walk(
        "carbon-peak", "peak_measure", "燃煤锅炉清零",
        (
            Step("press", refused="the reason is given"),
            Step("finish", {"now": 1, "carbon": 43000},
                 inspected=("verify", {"data": True, "proof": True, "carbon": True}), refused="the goal is reached"),
            Step("finish", {"now": 0, "carbon": 43000}),
        ),
        "done", "on_time", "53.3", "60.0", PEAK | {"ENE.PEAK.ONTIME": "60.0"},
        "actions", ("已启动9\xa0个行动，登记措施16\xa0项，已完成4\xa0项", "滞后6项；投资完成率66.6%，形成减碳量22.58"),
    ),
    # Two of eight, then three. The park emits 380900 tons for 462000: 0.824 against 0.986, a fall of 16.4 % with 15 to
    # be reached. Five of seven accounts reach their fall; 63 of 90 projects are finished.
    "S168": Walk(
        "carbon-peak", "carbon_pilot", "云溪工业园区试点",
        (
            Step("pass", refused="an account verified before"),
            Step("pass", {"cut_goal": 17},
                 inspected=("account", {"bounds": True, "fuel": True, "factor": True, "power": True}),
                 refused="the fall of intensity reached"),
            Step("pass", {"cut_goal": 15, "score": "59.9"}, refused="60 points"),
            Step("pass", {"score": 60}),
        ),
        "passed", "pilots_passed", "25.0", "37.5", PEAK | {"ENE.PEAK.PASSED": "37.5"},
        "pilots", ("试点8\xa0个，评估通过率37.5%，强度降幅达标率71.4%，重点工程建成率70.0%",),
    ),
    # The dryer hood adds 790 tons of 820 designed: 10567.5 of 11206; 90 days after 26 November is 24 February.
    "S177": Walk(
        "energy-saving", "saving_project", "造纸烘缸封闭罩",
        (
            Step("certify", {"certified_on": "2026-02-24"}, refused="a passed test"),
            Step("certify", {"certified_on": "2026-02-23"},
                 inspected=("trial", {"base": True, "device": True, "meter": True}), refused="90 days of running"),
            Step("certify", {"certified_on": "2026-02-24"}),
        ),
        "certified", "certified", "9777.5", "10567.5",
        SAVING | {"ENE.SAVING.CERTIFIED": "10567.5", "ENE.SAVING.REACHED": "94.3"},
        "projects", ("其中工业10238.0", "达成率94.3%，单位节能量投资0.841", "合同能源管理投资占49.9%"),
    ),
    # The circuit works used 8009.08 tons after 7420: 207647.16 of 219859 together.
    "S177-account": Walk(
        "energy-saving", "energy_account", "石桥电路2025年用能",
        (
            Step("check", {"checked_on": "2026-04-12"}, refused="passed its verification"),
            Step("return", inspected=("verify", {"bills": True, "meters": True, "stock": True}),
                 refused="of more than 20"),
            Step("check", {"checked_on": "2026-04-12", "quota": 8009}, refused="above its allowance explains"),
            Step("check", {"checked_on": "2026-04-12", "quota": 8300}),
        ),
        "checked", "fall", "6.03", "5.55", SAVING | {"ENE.ACCOUNT.FALL": "5.55"},
        "fields", ("同比下降5.55%，其中工业下降5.5%、交通下降10.7%、公共机构下降4.0%", "公共机构人均能耗299.9"),
    ),
    # Then 52180 more, all with one star: 293141.8 of 337361.8 green, 178260.8 with stars.
    "S178": Walk(
        "green-buildings", "green_building", "云溪花园二期",
        (
            Step("complete", {"completed_on": "2026-10-20", "energy_check_on": "2026-09-15", "built_grade": "two"},
                 refused="a passed energy check"),
            Step("complete", {"completed_on": "2026-10-20", "energy_check_on": "2026-10-21", "built_grade": "two"},
                 inspected=("energy", {"wall": True, "window": True, "air": True, "renew": True}),
                 refused="the energy acceptance first"),
            Step("complete", {"completed_on": "2026-10-20", "energy_check_on": "2026-09-15", "built_grade": "two"}),
            Step("label", {"label_no": "赣LB2026-0088", "labelled_on": "2026-11-12"}, refused="as the points say"),
            Step("label", {"label_no": "赣LB2026-0088", "labelled_on": "2026-11-12", "built_grade": "one",
                           "label_until": FAR}),
            Step("lapse", refused="when its validity is over"),
        ),
        "labelled", "share", "84.49", "86.89",
        BUILDINGS | {"INF.GREEN.BUILDING": "86.89", "INF.BUILDING.STARS": "52.8"},
        "buildings", ("竣工民用建筑33.74", "绿色建筑占比86.89%，星级占比52.8%，获标识3\xa0个"),
    ),
    # Then 12860 more: 134170. Savings weighted by area: 20.9 % of what is accepted.
    "S178-retrofit": Walk(
        "green-buildings", "building_retrofit", "县中医院门诊楼",
        (
            Step("accept", refused="a passed check"),
            Step("accept", {"after": 112},
                 inspected=("accept", {"works": True, "quality": True, "meter": True, "people": True}),
                 refused="a saving of 15 %"),
            Step("accept", {"after": "109.5"}),
        ),
        "done", "retro_rate", "50.9", "56.3", BUILDINGS | {"INF.RETROFIT.DONE": "56.3"},
        "retrofit", ("完成134170\xa0平方米，完成率56.3%，面积加权节能率20.9%",),
    ),
    # With five more of wind 23.98 of 26.08 are renewable; 0.4 of storage is 8 %, 0.5 is ten.
    "S179": Walk(
        "new-energy", "power_plant", "柳岭风电二期",
        (
            Step("connect", {"connected_on": "2026-11-05"}, refused="a passed check"),
            Step("connect", {"connected_on": "2026-11-05"},
                 inspected=("grid", {"protect": True, "fire": True, "meter": True, "dispatch": True}),
                 refused="storage of 10 %"),
            Step("connect", {"connected_on": "2026-11-05", "store_power": "0.5"}),
        ),
        "running", "renew_share", "90.0", "91.9", RENEWABLES | {"ENE.RENEW.SHARE": "91.9"},
        "renewables", ("可再生能源装机占比91.9%", "风光弃电率1.39%"),
    ),
    # One of three, then two; 51000 kilograms in a month of 126000. Invested 66599 of 159840.
    "S180": Walk(
        "new-energy", "hydrogen_site", "城西综合能源站",
        (
            Step("operate", inspected=("safe", {"leak": True, "vessel": True, "distance": True, "duty": True}),
                 refused="a valid licence"),
            Step("operate", {"licence": "赣K-QZ-0015", "licence_until": FAR, "storage": 8001},
                 refused="no more storage than the code"),
            Step("operate", {"licence": "赣K-QZ-0015", "licence_until": FAR, "storage": 3000}),
            Step("halt", refused="A halt has its reason"),
        ),
        "operating", "h_open", "33.3", "66.7", RENEWABLES | {"ENE.HYDROGEN.OPEN": "66.7"},
        "hydrogen", ("投资完成率41.7%", "运营率66.7%，供氢能力4200", "负荷率40.5%"),
    ),
    # 143 piles, 143 of 151 working, 79 of them fast.
    "S181": Walk(
        "electric-vehicles", "charger_station", "青口乡充电站",
        (
            Step("open", {"opened_on": "2026-11-08"}, refused="a passed safety check"),
            Step("open", {"opened_on": "2026-11-08", "online": False},
                 inspected=("safe", {"ground": True, "fire": True, "cable": True, "sign": True}),
                 refused="public ones are on the platform"),
            Step("open", {"opened_on": "2026-11-08", "working": 5}, refused="all piles working"),
            Step("open", {"opened_on": "2026-11-08", "working": 6, "online": True}),
        ),
        "open", "chargers", "137", "143", ELECTRIC | {"ENE.CHARGERS": "143", "ENE.CHARGER.WORKING": "94.7"},
        "chargers", ("公共桩69\xa0个，直流占55.2%，完好率94.7%",),
    ),
    # Eight of thirteen fleets then; of the public fleets 470 of 1013 vehicles are electric.
    "S181-fleet": Walk(
        "electric-vehicles", "vehicle_fleet", "县环卫所2025年",
        (
            Step("confirm", refused="reaches the goal"),
            Step("press", refused="with the reason"),
            Step("confirm", {"added_electric": 8}),
        ),
        "confirmed", "met", "53.8", "61.5", ELECTRIC | {"ENE.FLEET.MET": "61.5"},
        "vehicles", ("新能源车辆4455\xa0辆，比上年增长42.7%，公共领域占比46.4%，车队目标达成率61.5%，督促2个",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("system", WALKS)
def test_walk(system, place, county, imported, photo):
    walked(WALKS[system], place, county, imported, photo)


@pytest.mark.parametrize(
    ("energy", "power", "level"),
    [
        (10000, 100, "province"),
        ("9999.9", 100, "local"),
        (1000, 0, "local"),
        ("999.9", 500, "local"),
        ("999.9", "499.9", "none"),
    ],
)
def test_the_level_of_an_energy_review_follows_energy_and_electricity(energy, power, level):
    """Order 2 of 2023: ten thousand tons of coal equivalent and more to the province, below a thousand tons and five
    million kilowatt-hours no separate review."""
    given = {"project_no": "1", "owner": "某公司", "trade": "建材", "energy": energy, "power": power,
             "applied_on": "2026-01-05"}  # fmt: skip
    assert computed("energy-review", "energy_review", given)["level"] == level


@pytest.mark.parametrize(
    ("used", "grade"), [(100, "best"), ("100.1", "base"), (117, "base"), ("117.1", "below"), (None, None)]
)
def test_the_efficiency_of_a_project_is_graded_by_two_levels(used, grade):
    """At the best level of 100 kilograms, at the base level of 117, beyond it."""
    given = {"project_no": "1", "industry": "building", "product": "熟料", "listed_on": "2021-08-31", "energy": 5000,
             "unit_energy": used, "base_line": 117, "best_line": 100}  # fmt: skip
    assert computed("energy-review", "two_high_project", given).get("grade") == grade


@pytest.mark.parametrize(("now", "behind"), [("-4", False), ("-3.9", True), ("-4.1", False), (None, None)])
def test_a_measure_is_behind_when_less_is_covered_than_is_due(now, behind):
    """A fall from 0 to -5 with 80 % due is reached at -4; the way down counts like the way up."""
    given = {"action": "saving", "content": "降低", "lead": "县发改委", "start_on": "2026-01-01",
             "due_on": "2026-12-31", "indicator": "降幅", "goal_unit": "%", "base": 0, "goal": -5, "now": now,
             "planned": 80}  # fmt: skip
    assert computed("carbon-peak", "peak_measure", given).get("behind") is behind


@pytest.mark.parametrize(
    ("points", "basics", "grade"),
    [
        (85, True, "three"),
        ("84.9", True, "two"),
        (70, True, "two"),
        ("69.9", True, "one"),
        (60, True, "one"),
        ("59.9", True, "base"),
        (None, True, "base"),
        (90, False, "none"),
        (90, None, None),
    ],
)
def test_the_grade_of_a_building_follows_its_points(points, basics, grade):
    """GB/T 50378-2019: 60, 70 and 85 points, and nothing without the basic items."""
    given = {"permit_no": "1", "builder": "某公司", "use": "home", "permitted_on": "2024-01-01", "floor": 1000,
             "state_money": False, "design_grade": "one", "points": points, "basics_met": basics}  # fmt: skip
    assert computed("green-buildings", "green_building", given).get("grade_due") == grade


@pytest.mark.parametrize(
    ("stored", "rank"),
    [
        (3000, "third"),
        (3001, "second"),
        (5000, "second"),
        (5001, "first"),
        (8000, "first"),
        (8001, "beyond"),
        (None, None),
    ],
)
def test_a_filling_station_has_the_rank_of_its_storage(stored, rank):
    """GB 50516, ranks by the hydrogen stored."""
    given = {"owner": "某公司", "kind": "station", "in_park": False, "invest": 100, "storage": stored}
    assert computed("new-energy", "hydrogen_site", given).get("rank") == rank
