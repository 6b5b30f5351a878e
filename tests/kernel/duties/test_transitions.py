"""The engine and the tables. Expected paths are those of FUNCTIONS F1.4 (立项…销号, 退回, 延期, 变更, 终止, reopen)."""

import copy
from dataclasses import replace
from datetime import date

import pytest
import yaml

from ecocloud.kernel.duties import errors, home, item_page, kinds, showing
from ecocloud.kernel.duties import transitions as tr
from ecocloud.kernel.duties.models import WorkItem

TODAY = date(2026, 6, 1)
CLERK = tr.Person("u1", "office", frozenset({"office", "approver"}), "甲")
OTHER_CLERK = tr.Person("u2", "office", frozenset({"office", "approver"}), "乙")
LEAD = tr.Person("u3", "water", frozenset({"lead"}), "丙")
HELPER = tr.Person("u4", "forest", frozenset({"cooperating"}), "丁")
CHIEF = tr.Person("u5", "office", frozenset({"leader", "approver"}), "戊")
STRANGER = tr.Person("u6", "roads", frozenset(), "己")


def facts(state="registered", **more):
    values = {"lead": "water", "office": "office", "holder": "office", "today": TODAY, "deadline": date(2026, 12, 31)}
    return tr.Facts(state, **(values | {"code": "督2026-0001"} | more))


def go(kind, start, *steps):
    now = start
    for step in steps:
        action, person, *rest = step
        attempt = tr.Attempt(action, person, **(rest[0] if rest else {}))
        now = tr.apply(kind, now, tr.decide(kind, now, attempt), attempt)
    return now


@pytest.fixture(params=sorted(kinds.all_kinds()))
def kind(request):
    return kinds.kind_of(request.param)


def test_every_state_has_a_next_act_and_steps_for_the_pages(kind):
    for state in kind.states:
        item = WorkItem(kind=kind.code, state=state)
        if not kind.states[state].terminal:
            assert home._next_act(item, {}), state
        assert [step.code for step in showing.loop_steps(item) if step.mark == "now"] == [state]
        for row in kind.rows(state):
            item_page._moves_on(row, item)
    if kind.levels:
        assert home._next_act(WorkItem(kind=kind.code, state="check_county"), {}) == "验收通过"


TASK = kinds.kind_of("task")


def test_every_table_is_sound(kind):
    assert kinds.faults(kind) == []


def test_main_path_from_registration_to_close_out(kind):
    proof = {"opinion": "已完成", "evidence": 1}
    levels = [tr.Person(f"l{n}", unit, frozenset({"checker"})) for n, unit in enumerate(("east", "county", "city"))]
    open_to_all = [("end_notice", CLERK), *(("pass_level", one, {"opinion": "合格"}) for one in levels)]
    end = go(
        kind,
        facts(levels=("check_township", "check_county", "check_city"), notice_until=date(2026, 5, 31)),
        ("issue", CLERK),
        ("sign", LEAD),
        ("start", LEAD),
        ("progress", LEAD, {"data": {"progress": 80}}),
        ("report", LEAD, proof),
        ("review", CLERK),
        ("accept", CLERK, {"data": {"notice_until": date(2026, 5, 31)}}),
        *(open_to_all if kind.levels else ()),
        ("close_out", CHIEF),
    )
    assert end.state == "closed_out" and end.progress == 100
    assert go(kind, end, ("reopen", CHIEF, {"opinion": "复核发现问题"})).state == "in_progress"


def test_task_path_with_decomposition_and_consultation():
    now = go(
        TASK,
        facts(),
        ("decompose", CLERK, {"data": {"nodes": [1, 2]}}),
        ("consult", CLERK, {"data": {"units": ["water"]}}),
        ("give_opinion", LEAD, {"opinion": "建议延后"}),
    )
    with pytest.raises(errors.GuardFailed, match="not answered"):
        tr.decide(TASK, now, tr.Attempt("issue", CLERK))
    now = go(TASK, now, ("answer_opinion", CLERK), ("issue", CLERK))
    assert (now.state, now.holder, now.open_nodes) == ("issued", "water", 2)


def test_wrong_state_is_another_error_than_wrong_person():
    with pytest.raises(errors.WrongState) as state:
        tr.decide(TASK, facts("registered"), tr.Attempt("sign", LEAD))
    with pytest.raises(errors.WrongPerson) as person:
        tr.decide(TASK, facts("issued"), tr.Attempt("sign", HELPER))
    assert not isinstance(state.value, errors.WrongPerson) and not isinstance(person.value, errors.WrongState)
    assert person.value.http_status == 403 and state.value.http_status == 409
    with pytest.raises(errors.UnknownAction):
        tr.decide(TASK, facts(), tr.Attempt("dance", CLERK))


def test_a_refusal_tells_state_history_and_what_is_possible_by_whom():
    step = tr.Step("交办", "交办", "甲", "生态文明办", "2026-05-06")
    with pytest.raises(errors.WrongState) as refused:
        tr.decide(TASK, facts("issued", history=(step,)), tr.Attempt("accept", CLERK))
    told = refused.value.as_dict()["story"]
    assert told["state"] == "issued" and told["history"][0]["who"] == "甲"
    possible = {row["action"]: row["by"] for row in told["possible"]}
    assert possible["sign"] == ["lead"] and "accept" not in possible
    sentence = refused.value.sentence_zh()
    assert "催办" in sentence and "同意延期" not in sentence  # nobody asked for an extension
    assert possible["grant_extension"] == ["approver"]
    assert "现为“交办”" in sentence and "签收（牵头单位）" in sentence and "2026-05-06 生态文明办甲 交办" in sentence


@pytest.mark.parametrize(
    ("state", "person", "action"),
    [
        ("issued", LEAD, "return"),
        ("under_review", CLERK, "return"),
        ("in_progress", LEAD, "report"),
        ("in_progress", CHIEF, "terminate"),
        ("closed_out", CHIEF, "reopen"),
        ("in_progress", CLERK, "change"),
    ],
)
def test_opinion_is_mandatory_and_blank_is_no_opinion(state, person, action):
    for opinion in ("", " \n　"):
        with pytest.raises(errors.OpinionMissing):
            tr.decide(TASK, facts(state), tr.Attempt(action, person, opinion))
    assert tr.decide(TASK, facts(state), tr.Attempt(action, person, "理由"))


def test_rectification_needs_proof():
    problem = kinds.kind_of("problem")
    with pytest.raises(errors.EvidenceMissing):
        tr.decide(problem, facts("in_progress"), tr.Attempt("report", LEAD, "已整改"))
    assert (
        tr.decide(problem, facts("in_progress"), tr.Attempt("report", LEAD, "已整改", evidence=1)).target == "reported"
    )


@pytest.mark.parametrize("action", ["review", "accept"])
def test_verifier_is_not_the_handler(kind, action):
    both = replace(CLERK, roles=CLERK.roles | {"lead"})
    now = facts("reported", handlers=frozenset({both.id}))
    with pytest.raises(errors.GuardFailed, match="verifier"):
        tr.decide(kind, now, tr.Attempt(action, both))
    assert tr.decide(kind, now, tr.Attempt(action, OTHER_CLERK))


@pytest.mark.parametrize(
    ("wanted", "deadline", "ok"),
    [
        (date(2027, 1, 1), date(2026, 12, 31), True),
        (date(2026, 12, 31), date(2026, 12, 31), False),  # equal to the deadline
        (date(2026, 12, 30), date(2026, 12, 31), False),
        (date(2026, 6, 1), date(2026, 5, 1), True),  # overdue item, today
        (date(2026, 5, 31), date(2026, 5, 1), False),  # later than the deadline but in the past
        (None, date(2026, 12, 31), False),
        ("2027-01-01", date(2026, 12, 31), False),  # text is not a date
        (date(2027, 1, 1), None, False),  # nothing to extend
    ],
)
def test_extension_dates(wanted, deadline, ok):
    attempt = tr.Attempt("request_extension", LEAD, "汛期停工", data={"deadline": wanted})
    now = facts("in_progress", deadline=deadline)
    if ok:
        after = tr.apply(TASK, now, tr.decide(TASK, now, attempt), attempt)
        assert (after.extension_to, after.deadline) == (wanted, deadline)
    else:
        with pytest.raises(errors.GuardFailed):
            tr.decide(TASK, now, attempt)


def test_extension_is_granted_by_another_person_once():
    asked = go(
        TASK,
        facts("in_progress"),
        ("request_extension", LEAD, {"opinion": "x", "data": {"deadline": date(2027, 3, 1)}}),
    )
    with pytest.raises(errors.GuardFailed, match="pending"):
        tr.decide(TASK, asked, tr.Attempt("request_extension", LEAD, "x", data={"deadline": date(2027, 4, 1)}))
    asker = replace(CHIEF, id=LEAD.id)
    with pytest.raises(errors.GuardFailed, match="requester"):
        tr.decide(TASK, asked, tr.Attempt("grant_extension", asker))
    granted = go(TASK, asked, ("grant_extension", CHIEF))
    assert granted.deadline == date(2027, 3, 1) and not granted.extension_by
    refused = go(TASK, asked, ("refuse_extension", CHIEF, {"opinion": "按期完成"}))
    assert refused.deadline == date(2026, 12, 31) and not refused.extension_by


def test_open_children_and_nodes_stop_completion():
    with pytest.raises(errors.GuardFailed, match="sub-tasks"):
        tr.decide(TASK, facts("under_review", open_children=1), tr.Attempt("accept", CLERK))
    with pytest.raises(errors.GuardFailed, match="nodes"):
        tr.decide(TASK, facts("under_review", open_nodes=1), tr.Attempt("accept", CLERK))


def test_transfer_moves_accountability_and_the_old_unit_cannot_act():
    now = go(
        TASK,
        facts("in_progress", holder="water"),
        ("transfer", CLERK, {"opinion": "机构调整", "data": {"lead": "forest"}}),
    )
    assert (now.state, now.lead, now.holder) == ("issued", "forest", "forest")
    with pytest.raises(errors.GuardFailed):
        tr.decide(TASK, now, tr.Attempt("transfer", CLERK, "x", data={"lead": "forest"}))


def test_options_name_blocks_and_are_limited_to_the_person():
    all_options = tr.options(TASK, facts("under_review", open_nodes=2))
    accept = next(o for o in all_options if o.row.action == "accept")
    assert "2 个节点" in accept.blocked_zh
    assert tr.options(TASK, facts("under_review"), STRANGER) == ()
    assert {o.row.action for o in tr.options(TASK, facts("issued"), LEAD)} >= {"sign", "return", "request_extension"}


def raw():
    return {p.name: yaml.safe_load(p.read_text("utf-8")) for p in kinds.FOLDER.glob("task.yaml")}


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda d: [r.update(guards=[]) for r in d["transitions"] if r["action"] == "review"], "审核人不同于办理人"),
        (lambda d: d.update(transitions=[r for r in d["transitions"] if r["action"] != "reopen"]), "不能重新打开"),
        (lambda d: d.update(transitions=[r for r in d["transitions"] if r["action"] != "sign"]), "到不了"),
        (lambda d: d["states"]["issued"]["clock"].update(workdays=0), "时钟没有天数"),
        (lambda d: d["states"]["closed_out"]["clock"].update(by="deadline"), "时钟与是否终点不一致"),
        (lambda d: d["transitions"].append(dict(d["transitions"][0])), "有两行"),
        (lambda d: d["transitions"][0].update(guards=["no_such"]), "守卫 no_such 不存在"),
        (lambda d: d["states"]["completed"].update(owner="lead"), "承办方无事可做"),
        (lambda d: d["transitions"][0].update(colour="red"), "格式有误"),
    ],
)
def test_an_unsound_table_is_refused_and_named(spoil, says):
    data = copy.deepcopy(raw())
    spoil(data["task.yaml"])
    with pytest.raises(errors.KindError, match=says):
        kinds.build(data)
