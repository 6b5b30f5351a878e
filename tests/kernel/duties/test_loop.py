"""The services on the database: the whole loop, refusals, extensions, opinions, instructions, transfer, sub-tasks."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from ecocloud.base.errors import Conflict, Forbidden
from ecocloud.kernel.duties import errors, queries, services
from ecocloud.kernel.duties import transitions as tr
from ecocloud.kernel.duties.models import Extension, Instruction, ItemEvent, ItemSeat, Notice, Opinion, WorkItem
from ecocloud.kernel.duties.services import effects
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.refs import RefError
from ecocloud.kernel.journal.verification import verify
from ecocloud.kernel.regions.models import Department, DepartmentChange

pytestmark = pytest.mark.django_db
FAR = timezone.localdate() + timedelta(days=200)


def test_every_effect_of_the_engine_is_done_on_the_tables():
    assert set(effects.DONE) == set(tr.EFFECTS)


def test_whole_loop_leaves_timeline_journal_and_exact_counts(make, town, exact):
    item = make("closed_out", deadline=FAR, source_ref="doc:12#100-120", source_title="工作要点")
    assert item.progress == 100 and item.light == "closed" and item.closed_at and item.source_doc == "doc:12"
    actions = [e.action for e in queries.timeline(town.clerk, item)]
    assert actions == ["create", "issue", "sign", "start", "report", "review", "accept", "close_out"]
    logged = list(
        Entry.objects.filter(ref_kind="item", ref_key=str(item.pk)).order_by("id").values_list("action", flat=True)
    )
    assert logged == [f"duties.item.{a}" for a in actions]
    assert verify().findings == []
    assert item.version == len(actions)
    exact()


def test_codes_run_by_year_and_are_unique(make, town):
    first, second, other = make(year=2026), make(year=2026), make(year=2027)
    assert [i.code for i in (first, second, other)] == ["督2026-0001", "督2026-0002", "督2027-0001"]
    with pytest.raises(Conflict, match="exists"):
        make(code="督2026-0002")
    assert [make(code=code).code for code in ("督2026-0003", "自编1号")] == ["督2026-0003", "自编1号"]
    assert make(year=2026).code == "督2026-0004"


def test_wrong_state_and_wrong_person_tell_the_story_and_change_nothing(make, town, exact):
    item = make("issued")
    before = Entry.objects.count()
    with pytest.raises(errors.WrongPerson) as person:
        services.sign(town.ranger, item)  # cooperates, does not lead
    with pytest.raises(errors.WrongState) as state:
        services.accept(town.clerk, item)
    assert person.value.story.history[-1].action_zh == "交办"
    assert "签收（牵头单位）" in state.value.sentence_zh()
    assert isinstance(person.value, Forbidden)
    assert Entry.objects.count() == before and WorkItem.objects.get(pk=item.pk).version == item.version


def test_not_visible_is_not_told_anything(make, town):
    item = make("issued")
    for user in (town.driver, town.root):
        with pytest.raises(services.NotVisible):
            services.sign(user, item)
        with pytest.raises(services.NotVisible):
            queries.item_for(user, item.pk)
    with pytest.raises(services.NotVisible):
        queries.item_for(town.clerk, item.pk + 1)
    with pytest.raises(errors.WrongPerson):
        services.sign(town.auditor, item)  # reads everything, does nothing


def test_create_needs_the_right_a_title_and_sound_values(make, town):
    with pytest.raises(Forbidden):
        services.create_item(town.hydro, title="x", lead=town.at_water)
    for wrong in ({"title": " \n"}, {"title": "长" * 301}, {"cycle": "daily"}, {"year": 1800}):
        with pytest.raises(errors.Invalid):
            make(**wrong)
    with pytest.raises(errors.KindError, match="unknown kind"):
        make(kind="dance")
    with pytest.raises(RefError):
        make(source_ref="no reference")
    assert WorkItem.objects.count() == 0


def test_the_lead_is_one_unit_in_force(make, town):
    group = Department.objects.create(code="towns", name="各乡镇", region=town.city, kind="group")
    gone = Department.objects.create(
        code="old", name="原水务局", region=town.city, valid_to=timezone.localdate() - timedelta(days=1)
    )
    item = make("in_progress")
    for lead in (group, gone):
        with pytest.raises(errors.Invalid):
            make(lead=lead)
        with pytest.raises(errors.Invalid):
            services.transfer(town.clerk, item, lead, "调整")


def test_a_unit_that_was_merged_is_answered_for_by_its_successor(make, town):
    """People of the successor act on the duties that still name the merged unit (regions: dated changes)."""
    item = make("issued")
    yesterday = timezone.localdate() - timedelta(days=1)
    Department.objects.filter(pk=town.at_water.pk).update(valid_to=yesterday)
    DepartmentChange.objects.create(department=town.at_water, kind="merge", on=yesterday, successor=town.at_roads)
    assert services.sign(town.driver, item).state == "signed"


def test_stale_version_is_a_conflict_that_names_who_was_first(make, town):
    item = make("issued")
    old = WorkItem.objects.get(pk=item.pk)
    services.sign(town.hydro, item)
    with pytest.raises(services.Stale) as refused:
        services.return_(town.hydro2, old, "不属本单位职责")
    assert "hydro 已签收" in refused.value.sentence_zh() and refused.value.http_status == 409
    assert WorkItem.objects.get(pk=item.pk).state == "signed"


def test_a_repeated_call_with_the_same_key_does_nothing(make, town):
    item = make("issued")
    first = services.sign(town.hydro, item, key="form-1")
    again = services.sign(town.hydro, item, key="form-1")
    assert again.version == first.version and again.state == "signed"
    assert ItemEvent.objects.filter(item=item, action="sign").count() == 1


def test_return_at_issue_goes_to_the_office_and_needs_an_opinion(make, town, exact):
    item = make("issued")
    with pytest.raises(errors.OpinionMissing):
        services.return_(town.hydro, item, "  ")
    item = services.return_(town.hydro, item, "此事由林业部门负责")
    assert item.state == "decomposed" and item.current_department == town.at_office
    assert Notice.objects.filter(department=town.at_office, kind="return").count() == 1
    item = services.issue(town.clerk, services.assign(town.clerk, item, town.at_forest))
    assert item.lead_department == town.at_forest == item.current_department
    with pytest.raises(services.NotVisible):  # the right ended with the item
        services.sign(town.hydro, item)


def test_return_at_review_goes_back_to_the_lead_unit(make, town, exact):
    item = services.return_(town.clerk, make("under_review"), "缺少验收材料")
    assert item.state == "in_progress" and item.current_department == town.at_water


def test_verifier_is_not_the_handler(make, town):
    item = make(lead=town.at_office, units=[])
    item = services.issue(town.clerk, item)
    for step in ("sign", "start"):
        item = services.act(town.clerk, item, step)
    item = services.report(town.clerk, item, "完成")
    with pytest.raises(errors.GuardFailed, match="verifier"):
        services.accept(town.clerk, item)
    assert services.accept(town.second, item).state == "completed"


@pytest.mark.parametrize(("days", "ok"), [(-1, False), (0, False), (1, True)])
def test_extension_edges_against_the_deadline(make, town, days, ok, exact):
    item = make("in_progress", deadline=FAR)
    wanted = FAR + timedelta(days=days)
    if not ok:
        with pytest.raises(errors.GuardFailed):
            services.request_extension(town.hydro, item, wanted, "汛期停工")
        return
    item = services.request_extension(town.hydro, item, wanted, "汛期停工")
    assert item.deadline == FAR
    item = services.grant_extension(town.chief, item)
    assert item.deadline == item.due == wanted and item.act_by == wanted
    row = Extension.objects.get(item=item)
    assert (row.state, row.approver, row.old_deadline) == ("granted", town.chief, FAR)


def test_extension_of_an_overdue_item_not_into_the_past(make, town):
    today = timezone.localdate()
    item = make("in_progress", deadline=today - timedelta(days=9), started_on=today - timedelta(days=30))
    assert item.light == "red" and item.light_words.startswith("逾期 9 天")
    with pytest.raises(errors.GuardFailed, match="past"):
        services.request_extension(town.hydro, item, today - timedelta(days=1), "x")
    item = services.request_extension(town.hydro, item, today, "今天完成")
    item = services.grant_extension(town.chief, item)
    # issued and due on the same day with nothing done: behind by 100 points
    assert item.light == "red" and item.light_words == "今天到期；实际 0%，序时 100%"


def test_extension_refused_dropped_and_only_one(make, town):
    item = services.request_extension(town.hydro, make("in_progress", deadline=FAR), FAR + timedelta(days=5), "x")
    with pytest.raises(errors.GuardFailed, match="pending"):
        services.request_extension(town.hydro, item, FAR + timedelta(days=6), "x")
    with pytest.raises(errors.WrongPerson):
        services.grant_extension(town.hydro2, item)
    assert list(queries.extensions_pending(town.chief)) == list(Extension.objects.all())
    item = services.refuse_extension(town.chief, item, "按期完成")
    assert item.deadline == FAR and Extension.objects.get().state == "refused"
    item = services.request_extension(town.hydro, item, FAR + timedelta(days=7), "x")
    item = services.transfer(town.clerk, item, town.at_forest, "职责调整")
    assert sorted(Extension.objects.values_list("state", flat=True)) == ["dropped", "refused"]
    with pytest.raises(errors.GuardFailed):
        services.grant_extension(town.chief, item)


def test_extension_without_deadline_or_with_text_is_refused(make, town):
    with pytest.raises(errors.GuardFailed, match="no deadline"):
        services.request_extension(town.hydro, make("in_progress"), FAR, "x")
    with pytest.raises(errors.Invalid, match="not a date"):
        services.request_extension(town.hydro, make("in_progress", deadline=FAR), "2030-01-01", "x")


def test_transfer_moves_seat_ball_and_rights(make, town, exact):
    item = services.transfer(town.clerk, make("in_progress", deadline=FAR), town.at_east, "属地办理")
    assert item.state == "issued" and item.current_department == town.at_east
    seats = dict(ItemSeat.objects.filter(item=item).values_list("department__code", "role"))
    assert seats == {"east": "lead", "forest": "cooperate", "office": "office"}
    assert services.sign(town.farmer, item).state == "signed"
    with pytest.raises(errors.GuardFailed, match="present one"):
        services.transfer(town.clerk, WorkItem.objects.get(pk=item.pk), town.at_east, "x")


def test_consultation_needs_every_answer(make, town, exact):
    item = services.consult(town.clerk, make(units=[]), [town.at_forest, town.at_water], due=FAR)
    assert queries.opinions_awaited(town.ranger).count() == 1
    item = services.give_opinion(town.ranger, item, "changes", opinion="建议延后一个月")
    with pytest.raises(errors.GuardFailed, match="awaited"):
        services.give_opinion(town.ranger, item, "agree")
    with pytest.raises(errors.GuardFailed, match="not answered"):
        services.issue(town.clerk, item)
    given = Opinion.objects.get(department=town.at_forest)
    with pytest.raises(errors.Invalid):  # a reason is mandatory unless adopted
        services.answer_opinion(town.clerk, item, given, "rejected")
    item = services.answer_opinion(town.clerk, item, given, "partly", reason="延后半个月")
    with pytest.raises(errors.Invalid):
        services.answer_opinion(town.clerk, item, given, "adopted")
    assert services.issue(town.clerk, item).state == "issued"


def test_instruction_is_answered_by_the_lead_unit(make, town):
    item = services.instruct(town.chief, make("in_progress"), "请水利局抓紧", due=FAR)
    with pytest.raises(errors.WrongPerson):
        services.instruct(town.clerk, item, "不能代批")
    assert queries.instructions_open(town.hydro).count() == 1
    item = services.reply_instruction(town.hydro, item, "月底前完成")
    row = Instruction.objects.get()
    assert row.replied_by == town.hydro and Notice.objects.filter(user=town.chief, kind="reply").exists()
    with pytest.raises(errors.GuardFailed, match="awaits"):
        services.reply_instruction(town.hydro, item, "再复")


def test_a_reply_cannot_be_due_before_its_instruction(make, town):
    item, day = make("in_progress"), timezone.localdate()
    with pytest.raises(errors.GuardFailed) as caught:
        services.instruct(town.chief, item, "请抓紧", due=day - timedelta(days=1))
    assert str(day) in caught.value.remedy_zh and not Instruction.objects.exists()
    services.instruct(town.chief, item, "今日回复", due=day)
    assert Instruction.objects.get().due == day


def test_nodes_give_progress_and_stop_completion(make, town, exact):
    item = services.decompose(
        town.clerk, make(), nodes=[{"title": "方案", "weight": 1}, {"title": "施工", "weight": 3}]
    )
    item = services.sign(town.hydro, services.issue(town.clerk, item))
    first, second = item.nodes.all()
    item = services.finish_node(town.hydro, item, first)
    assert item.progress == Decimal(25)
    with pytest.raises(errors.Invalid):
        services.finish_node(town.hydro, item, first)
    with pytest.raises(errors.Invalid, match="future"):
        services.finish_node(town.hydro, item, second, done_at=timezone.localdate() + timedelta(days=1))
    item = services.report(town.hydro, item, "完成")
    with pytest.raises(errors.GuardFailed, match="nodes"):
        services.accept(town.clerk, item)


def test_sub_tasks_have_their_own_lead_and_stop_completion(make, town, exact):
    parent = services.decompose(
        town.clerk, make(deadline=FAR), children=[{"title": "东段", "lead": town.at_east, "deadline": FAR}]
    )
    child = parent.children.get()
    assert child.lead_department == town.at_east and child.parent == parent and child.source_ref == parent.source_ref
    assert child in queries.visible(town.hydro)  # the unit that leads the parent sees the sub-task
    assert parent not in queries.visible(town.farmer)
    parent = services.report(town.hydro, services.sign(town.hydro, services.issue(town.clerk, parent)), "完成")
    with pytest.raises(errors.GuardFailed, match="sub-tasks"):
        services.accept(town.clerk, parent)
    services.terminate(town.chief, child, "并入主任务")
    assert services.accept(town.clerk, parent).state == "completed"
    # the parent's right over the sub-task moves with the parent
    parent = services.reopen(town.clerk, WorkItem.objects.get(pk=parent.pk), "再办")
    services.transfer(town.clerk, parent, town.at_roads, "调整")
    assert child not in queries.visible(town.hydro) and child in queries.visible(town.driver)


@pytest.mark.parametrize("progress", [-1, "100.1", "abc"])
def test_progress_out_of_range_is_refused(make, town, progress):
    item = make("in_progress")
    with pytest.raises(errors.Invalid):
        services.report_progress(town.hydro, item, progress)


@pytest.mark.parametrize("progress", [0, "33.3", 100])
def test_progress_is_kept_exactly(make, town, progress, exact):
    item = services.report_progress(town.hydro, make("in_progress", deadline=FAR), progress, "正在推进")
    assert WorkItem.objects.get(pk=item.pk).progress == Decimal(str(progress))


def test_change_is_told_field_by_field(make, town, exact):
    item = services.change_item(
        town.clerk, make("in_progress"), "任务调整", deadline=FAR, title="完成河道清淤和护岸", units=[town.at_roads]
    )
    detail = ItemEvent.objects.filter(item=item).latest("id").detail
    assert "期限由“无”改为" in detail and "护岸" in detail and "配合单位" in detail
    assert item in queries.visible(town.driver) and item not in queries.visible(town.ranger)


def test_terminate_and_reopen(make, town, exact):
    item = services.terminate(town.chief, make("in_progress"), "政策取消")
    assert item.state == "terminated" and item.light == "closed" and item.act_by is None
    item = services.reopen(town.chief, item, "恢复")
    assert item.state == "registered" and item.closed_at is None and item.light == "none"


def test_rectification_needs_proof(make, town):
    item = make("in_progress", kind="problem")
    with pytest.raises(errors.EvidenceMissing):
        services.report(town.hydro, item, "已整改")
    item = services.attach(town.hydro, item, refs=["doc:3#1-9"])
    assert services.report(town.hydro, item, "已整改").state == "reported"


def test_possible_actions_are_those_that_work(make, town):
    item = make("issued")
    for user in (town.hydro, town.ranger, town.clerk, town.chief, town.auditor):
        labels = {o.row.action for o in services.possible(user, item)}
        assert ("sign" in labels) == (user is town.hydro)
        assert ("transfer" in labels) == (user is town.clerk)
    assert services.story(item).sentence_zh().startswith(f"事项{item.code}现为“交办”")


def test_many_at_once_reports_each_refusal(make, town):
    good, bad = make(), make("issued")
    done, refused = services.act_on_many(town.clerk, [bad, good], "issue")
    assert done[0].pk == good.pk and isinstance(refused[0][1], errors.WrongState)


def test_since_and_act_by_follow_the_state(make, town):
    at = timezone.make_aware(timezone.datetime(2026, 6, 1, 9))
    item = services.create_item(town.clerk, title="x", lead=town.at_water, at=at)
    item = services.issue(town.clerk, item, at=at)
    # three working days after Monday 2026-06-01
    assert item.act_by == date(2026, 6, 4) and item.since == at and item.started_on == date(2026, 6, 1)


def test_opinion_rows(make, town):
    item = services.consult(town.clerk, make(), [town.at_forest])
    services.give_opinion(town.ranger, item, "changes", opinion="建议延后")
    row = Opinion.objects.get()
    assert (row.stance, row.text, row.given_by) == ("changes", "建议延后", town.ranger)
