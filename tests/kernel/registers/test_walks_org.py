"""Packs of the office of ecological civilisation: titles, reform, rules, campaigns, supervision, publicity. Each
system is walked by an object of its own. Values worked out by hand from the sample rows."""

import pytest

from tests.kernel.registers.walking import FAR, Step, Walk, computed, walked

# Titles: one national area, no base; six of nine candidates that applied hold or held theirs (the mining park lost
# it). Criteria: six of thirteen that apply are met. Units: seven of fifteen are named.
TITLES = {"GOV.DEMO.COUNTIES": "1", "GOV.DEMO.BASES": "0", "GOV.TITLE.GRANTED": "66.7", "GOV.TITLE.CRITERIA": "46.2",
          "GOV.GREEN.UNITS": "7", "GOV.GREEN.SHARE": "46.7"}  # fmt: skip
# Reforms: thirteen not stopped, six of them done, three of these promoted. Cases: four of seven endorsed are copied.
REFORM = {"GOV.REFORM.TASKS": "13", "GOV.REFORM.DONE": "46.2", "GOV.REFORM.PROMOTED": "50.0",
          "GOV.MODEL.SPREAD": "57.1"}  # fmt: skip

# Ten of thirteen rules are passed; nine of eleven drafts came in time. Eight of twelve clauses are mapped.
RULES = {"GOV.RULE.PASSED": "76.9", "GOV.RULE.ONTIME": "81.8", "GOV.PLAN.MAPPED": "66.7"}

WALKS = {
    # Applied for: the base, the township of Baisha, the failed one and six held or lost, then one of the three more.
    "S237": Walk(
        "eco-titles", "eco_title", "白沙乡生态乡镇",
        (
            Step("name", {"named_on": "2026-11-02", "notice": "省级生态乡镇公告"}, refused="a later re-check"),
            Step("name", {"named_on": "2026-07-15", "notice": "省级生态乡镇公告", "recheck_on": FAR},
                 refused="its notice, its day"),
            Step("name", {"named_on": "2026-11-02", "notice": "省级生态乡镇公告", "recheck_on": FAR}),
            Step("revoke", refused="when a bar has come up"),
        ),
        "named", "granted", "66.7", "77.8", TITLES | {"GOV.TITLE.GRANTED": "77.8"},
        "titles", ("国家示范区1\xa0个、“两山”基地0\xa0个，创建命名率77.8%",),
    ),
    # Then seven of thirteen.
    "S237-criterion": Walk(
        "eco-titles", "title_criterion", "青口公众满意度",
        (
            Step("meet", {"met_on": "2026-11-20"}, refused="a value that reaches what is asked"),
            Step("waive", refused="A binding criterion cannot be set aside"),
            Step("meet", {"met_on": "2026-11-20", "now": 85}),
        ),
        "met", "closed", "46.2", "53.8", TITLES | {"GOV.TITLE.CRITERIA": "53.8"},
        "gaps", ("达标率53.8%",),
    ),
    # Then eight: 46.7 of a hundred become 53.3.
    "S238": Walk(
        "eco-titles", "green_unit", "县交通局机关",
        (
            Step("name", {"named_on": "2026-11-06", "paper": "节约型机关名单2026", "valid_until": FAR},
                 refused="five days of publication"),
            Step("refuse", refused="What passed is not refused"),
            Step("name", {"named_on": "2026-11-07", "paper": "节约型机关名单2026", "valid_until": FAR}),
        ),
        "named", "share", "46.7", "53.3", TITLES | {"GOV.GREEN.UNITS": "8", "GOV.GREEN.SHARE": "53.3"},
        "units", ("绿色示范单位8\xa0个", "绿色创建率53.3%，节约型机关创建率75.0%"),
    ),
    # Then seven of thirteen; four of these seven promoted. The five left on trial reached 19 of 30 milestones.
    "S010": Walk(
        "reform-cases", "reform_item", "河湖长提级巡查",
        (
            Step("finish", {"steps_done": 3, "done_on": "2026-11-20"},
                 refused="when all milestones are reached"),
            Step("finish", {"done_on": "2026-11-20"}),
            Step("promote", {"listed_in": "province", "listed_on": "2026-11-19", "list_no": "省清单第2项"},
                 refused="a day after the end"),
            Step("promote", {"listed_in": "province", "listed_on": "2026-11-28", "list_no": "省清单第2项"}),
        ),
        "promoted", "done", "46.2", "53.8", REFORM | {"GOV.REFORM.DONE": "53.8", "GOV.REFORM.PROMOTED": "57.1"},
        "reforms", ("完成率53.8%，在推改革里程碑完成率63.3%", "入围国家推广清单2项，完成事项入围推广率57.1%"),
    ),
    # Then five of eight; fifteen places and two more; eight of nine stored cases are endorsed.
    "S012": Walk(
        "reform-cases", "model_case", "陶瓷窑炉余热供暖",
        (
            Step("endorse", {"level": "province", "endorsed_on": "2026-03-09", "body": "省工信厅"}),
            Step("spread", refused="At least one place"),
            Step("archive", refused="within five years"),
            Step("spread", {"copies": 2, "visits": 3}),
        ),
        "spread", "spread", "57.1", "62.5", REFORM | {"GOV.MODEL.SPREAD": "62.5"},
        "cases", ("入库典型案例10个，认可率88.9%，获认可案例推广率62.5%", "推广到17\xa0个地区，接待学习考察77\xa0次"),
    ),
    # Then eleven of thirteen; of 340 opinions 125 were taken.
    "S016": Walk(
        "rules-plans", "local_rule", "工业固废管理办法",
        (
            Step("pass", {"passed_on": "2026-09-10", "number": "云府规〔2026〕2号"},
                 refused="without a check of legality"),
            Step("pass", {"passed_on": "2026-09-10", "number": "云府规〔2026〕2号", "checked": True}),
            Step("force", {"effective_on": "2026-10-10"}, refused="has its validity"),
            Step("force", {"effective_on": "2026-10-10", "valid_until": "2031-10-10"}),
            Step("expire", refused="when its validity is over"),
            Step("repeal", refused="follows an assessment"),
        ),
        "effective", "passed", "76.9", "84.6", RULES | {"GOV.RULE.PASSED": "84.6"},
        "rules", ("现行有效文件8件，其中法规规章3件；在办3件，立法计划完成率84.6%，按时送审率81.8%，意见采纳率36.8%",),
    ),
    # Then nine of twelve, and no goal lower than asked is left.
    "S004": Walk(
        "rules-plans", "plan_clause", "市林业规划湿地率",
        (
            Step("gap", refused="A clause with measures is no gap"),
            Step("map", {"local_doc": "县湿地保护方案", "lead": "县林业局", "mapped_on": "2026-11-20"},
                 refused="no lower than asked"),
            Step("map", {"local_doc": "县湿地保护方案", "lead": "县林业局", "mapped_on": "2026-11-20", "own_goal": 62}),
            Step("act", refused="has its progress"),
        ),
        "mapped", "mapped", "66.7", "75.0", RULES | {"GOV.PLAN.MAPPED": "75.0"},
        "clauses", ("登记上位条款12条，对接率75.0%，本地措施36\xa0条，平均落实进度77.8%", "低于上位要求0条"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("system", WALKS)
def test_walk(system, place, county, imported, photo):
    walked(WALKS[system], place, county, imported, photo)


@pytest.mark.parametrize(
    ("sign", "need", "now", "done", "met"),
    [
        ("ge", 90, 90, None, True),
        ("ge", 90, "89.99", None, False),
        ("le", 250, 250, None, True),
        ("le", 250, "250.01", None, False),
        ("ge", 90, None, None, None),
        ("yes", None, None, True, True),
        ("yes", None, None, None, None),
    ],
)
def test_a_criterion_is_met_from_what_is_asked_on(sign, need, now, done, met):
    given = {"title": "obj:1", "area_of": "safe", "nature": "bind", "sign": sign, "need": need, "now": now,
             "done": done, "lead": "县生态环境局", "due_on": "2026-12-31"}  # fmt: skip
    assert computed("eco-titles", "title_criterion", given).get("met") is met


@pytest.mark.parametrize(
    ("score", "veto", "rank"),
    [(90, False, "star"), ("89.9", False, "good"), (80, False, "good"), ("79.9", False, "none"), (95, True, "none"),
     (None, False, None)],
)  # fmt: skip
def test_a_green_unit_is_ranked_by_its_score_and_the_veto(score, veto, rank):
    given = {"kind": "office", "people": 60, "leads": "县机关事务中心", "score": score, "veto": veto}
    assert computed("eco-titles", "green_unit", given).get("rank") == rank


@pytest.mark.parametrize(("kind", "days"), [("law", 30), ("decree", 30), ("normative", 7), ("system", 0)])
def test_days_of_consultation_follow_the_kind_of_rule(kind, days):
    given = {"kind": kind, "topic": "eco", "drafter": "县发改委", "basis": "环境保护法", "listed_on": "2026-01-01",
             "draft_due": "2026-06-30"}  # fmt: skip
    assert computed("rules-plans", "local_rule", given)["hearing_due"] == days


@pytest.mark.parametrize(
    ("falls", "goal", "matched"),
    [(False, 90, True), (False, "89.9", False), (True, 90, True), (True, "90.1", False), (False, None, None)],
)
def test_a_local_goal_is_as_asked_or_better(falls, goal, matched):
    """What falls is better when less."""
    given = {"plan": "省级方案", "level": "province", "clause_no": "一", "kind": "target", "asks": "目标",
             "issued_on": "2022-01-01", "need": 90, "falls": falls, "measures": 1, "own_goal": goal,
             "due_on": "2026-12-31"}  # fmt: skip
    assert computed("rules-plans", "plan_clause", given).get("matched") is matched
