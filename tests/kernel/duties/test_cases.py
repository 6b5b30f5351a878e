"""Rectification and cases through the services: levels, notice, arbitration, suspension, co-signing, merging;
and random walks over every kind: the journal alone tells the stored state."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecocloud.base.errors import EcoError
from ecocloud.kernel.duties import kinds, past, queries, services
from ecocloud.kernel.duties.errors import GuardFailed, Invalid, WrongPerson
from ecocloud.kernel.duties.models import CaseSource, ItemCase, ItemSeat, Notice, Objection, Opinion, Reporter, WorkItem
from ecocloud.kernel.duties.services import cases, counts, outside, routing
from ecocloud.kernel.regions.models import Department, Role, RoleGrant, User

pytestmark = pytest.mark.django_db
PROOF = {"refs": ["doc:1#1-2"]}


def fresh(item):
    return WorkItem.objects.get(pk=item.pk)


def problem(land, **fields):
    fields = {"title": "青溪支流排口直排", "kind": "problem", "lead": land.at_east, "channel": "central"} | fields
    return services.create_item(land.clerk, **fields)


def rectified(land, **fields):
    """A problem whose result is accepted and open to the public."""
    item = services.issue(land.clerk, problem(land, **fields))
    item = services.report(land.farmer, services.sign(land.farmer, item), "已截污纳管", **PROOF)
    return services.accept(land.clerk, item)


def days_on(item, days):
    """The notice began earlier."""
    case = ItemCase.objects.get(item=item)
    case.notice_from -= timedelta(days=days)
    case.notice_until -= timedelta(days=days)
    case.save()


def test_levels_pass_upwards_each_by_its_own_unit_and_never_by_the_handler(land, exact):
    item = rectified(land)
    assert item.state == "published" and item.light == "closed" and item.is_open
    with pytest.raises(GuardFailed, match="notice runs"):
        services.act(land.clerk, item, "end_notice")
    days_on(item, 8)
    item = services.act(land.clerk, item, "end_notice")
    # 乡 → 县 → 市; the province has no unit here and falls to the office.
    assert (item.state, item.current_department) == ("check_township", land.at_east)
    with pytest.raises(GuardFailed):  # the farmer has handled it
        services.act(land.farmer, item, "pass_level", opinion="合格")
    with pytest.raises((WrongPerson, services.NotVisible)):
        services.act(land.county, item, "pass_level", opinion="合格")
    item = services.act(land.mayor, item, "pass_level", opinion="合格")
    assert (item.state, item.current_department) == ("check_county", land.at_county)
    assert item in queries.todo(land.county) and item not in queries.todo(land.mayor)
    item = services.act(land.county, item, "pass_level", opinion="合格")
    assert (item.state, item.current_department) == ("check_city", land.at_office)
    item = services.act(land.clerk, item, "pass_level", opinion="合格")
    assert item.state == "check_province"
    with pytest.raises(GuardFailed, match="two levels"):
        services.act(land.clerk, item, "pass_level", opinion="合格")
    item = services.act(land.second, item, "pass_level", opinion="省里批复")
    assert item.state == "completed"
    item = services.close_out(land.chief, item)
    assert item.state == "closed_out" and past.differences(item) == []


def test_levels_follow_the_channel_and_the_level_of_the_lead_unit(land):
    states = lambda item: list(item.levels.values_list("state", flat=True))  # noqa: E731
    assert states(problem(land, channel="own")) == ["check_township", "check_county"]
    assert states(problem(land, lead=land.at_water)) == ["check_city", "check_province"]  # a bureau of the city
    assert states(problem(land, channel="", title="无来源")) == []


def test_a_return_on_a_level_starts_the_levels_anew(land):
    item = rectified(land, channel="own")
    days_on(item, 8)
    item = services.act(land.mayor, services.act(land.clerk, item, "end_notice"), "pass_level", opinion="合格")
    item = services.return_(land.county, item, "现场仍有渗漏")
    assert (item.state, item.closed_at, item.current_department) == ("in_progress", None, land.at_east)
    assert not item.levels.filter(passed_at__isnull=False).exists()
    item = services.report(land.farmer, item, "已堵漏", **PROOF)
    item = services.accept(land.clerk, item)
    days_on(item, 8)
    assert services.act(land.clerk, item, "end_notice").state == "check_township"


def test_objections_are_answered_one_by_one_before_the_notice_ends(land):
    item = rectified(land)
    days_on(item, 8)
    item = services.act(land.second, item, "object", opinion="管网还在冒水", objector="沿岸村民")
    with pytest.raises(GuardFailed, match="objections"):
        services.act(land.clerk, item, "end_notice")
    item = services.act(land.clerk, item, "reject_objection", opinion="已现场复核，系雨水")
    assert services.act(land.clerk, item, "end_notice").state == "check_township"
    other = rectified(land, title="另一处")
    other = services.act(land.second, other, "object", opinion="没有做完")
    other = services.act(land.clerk, other, "uphold", opinion="属实")
    assert other.state == "in_progress"
    assert list(Objection.objects.order_by("id").values_list("answer", "by")) == [
        ("rejected", "沿岸村民"),
        ("upheld", "second"),
    ]


def test_a_declined_item_is_decided_by_the_office_once(land, exact):
    item = services.issue(land.clerk, problem(land, lead=land.at_water))
    with pytest.raises(EcoError):  # a reason is needed
        services.act(land.hydro, item, "decline")
    item = services.act(land.hydro, item, "decline", opinion="属林业管辖")
    assert (item.state, item.current_department, item.act_by is not None) == ("declined", land.at_office, True)
    item = services.act(land.clerk, item, "arbitrate", lead=land.at_forest, opinion="湿地由林业负责")
    assert (item.state, item.lead_department) == ("issued", land.at_forest)
    with pytest.raises(GuardFailed, match="decided"):
        services.act(land.ranger, item, "decline", opinion="不归我们")
    told = [(e.action, e.department_name, e.opinion) for e in item.events.all() if e.action in ("decline", "arbitrate")]
    assert told == [("decline", "市水利局", "属林业管辖"), ("arbitrate", "市生态文明办", "湿地由林业负责")]
    assert past.differences(fresh(item)) == []


def test_another_category_moves_deadline_and_owner(land, exact):
    day = timezone.localdate()
    Department.objects.filter(pk=land.at_water.pk).update(function="water")
    case = services.create_item(land.clerk, title="噪声扰民", kind="case", lead=land.at_forest, category="noise")
    assert case.deadline == cases.workday_after(day, 15)
    case = services.issue(land.clerk, case)
    case = services.act(land.clerk, case, "reclassify", category="shore", opinion="实为侵占河岸")
    assert (case.category, case.lead_department, case.state) == ("shore", land.at_water, "issued")
    assert case.deadline == cases.workday_after(day, 7)
    with pytest.raises(GuardFailed):
        services.act(land.clerk, case, "reclassify", category="shore", opinion="再改")
    with pytest.raises(Invalid):
        services.act(land.clerk, case, "reclassify", category="moon", opinion="再改")
    assert "类别由噪声改为河湖岸线" in case.events.get(action="reclassify").detail
    assert past.differences(fresh(case)) == []


def test_a_suspended_item_has_a_clock_and_its_deadline_moves(land):
    day = timezone.localdate()
    item = services.sign(land.farmer, services.issue(land.clerk, problem(land, deadline=day + timedelta(days=60))))
    with pytest.raises(GuardFailed):
        services.act(land.clerk, item, "suspend", opinion="汛期", until=day)
    end = day + timedelta(days=14)
    item = services.act(land.clerk, item, "suspend", opinion="汛期不能施工", until=end)
    assert (item.state, item.act_by) == ("suspended", end)
    assert item.deadline > day + timedelta(days=60)
    item = services.act(land.farmer, item, "resume")  # the same day: nothing was lost
    assert (item.state, item.deadline) == ("in_progress", day + timedelta(days=60))
    assert past.differences(fresh(item)) == []


def test_all_units_co_sign_before_the_step(land):
    item = services.issue(land.clerk, problem(land))
    item = services.report(land.farmer, services.sign(land.farmer, item), "完成", **PROOF)
    item = services.act(land.clerk, item, "cosign", units=[land.at_water, land.at_forest])
    assert item in queries.todo(land.hydro)
    item = services.give_opinion(land.hydro, item, "agree")
    with pytest.raises(GuardFailed, match="co-signed"):
        services.accept(land.clerk, item)
    item = services.act(land.clerk, item, "cancel_cosign", opinion="林业无意见")
    assert not Opinion.objects.filter(item=item, given_at__isnull=True).exists()
    assert services.accept(land.clerk, item).state == "published"


def test_a_merged_case_ends_and_its_reporter_follows_the_other(land, exact):
    one, other = (
        outside.report_case(
            user,
            outside.OutsideCase(
                f"report:{n}", "public", "water", "河水发黑", lead=land.at_water, reporter=f"user:{user.pk}"
            ),
        )
        for n, user in ((1, land.farmer), (2, land.ranger))
    )
    one = services.act(land.clerk, one, "merge", into=other.pk, opinion="同一处")
    assert one.state == "merged" and one.closed_at is not None
    assert set(Reporter.objects.filter(item=other).values_list("ref", flat=True)) == {
        f"user:{land.farmer.pk}",
        f"user:{land.ranger.pk}",
    }
    assert outside.status_of("report:1").code == other.code
    with pytest.raises(Invalid):  # not in a circle
        services.act(land.clerk, fresh(other), "merge", into=one.pk, opinion="反过来")
    with pytest.raises(Invalid):
        services.act(land.clerk, fresh(other), "merge", into=other.pk, opinion="自己")
    assert past.differences(one) == past.differences(fresh(other)) == []
    back = services.reopen(land.clerk, one, "并错了")
    assert back.state == "registered" and Reporter.objects.filter(item=other).count() == 1
    assert outside.status_of("report:1").code == one.code


def test_a_reporter_reopens_what_was_closed_and_is_told(land):
    case = outside.report_case(
        land.farmer,
        outside.OutsideCase(
            "report:9", "public", "air", "烧垃圾", lead=land.at_water, reporter=f"user:{land.farmer.pk}"
        ),
    )
    case = services.issue(land.clerk, case)
    case = services.report(land.hydro, services.sign(land.hydro, case), "已处理", **PROOF)
    case = services.accept(land.clerk, case)
    assert Notice.objects.filter(user=land.farmer, kind="accept").exists()
    with pytest.raises(services.NotVisible):
        services.reopen(land.ranger, case, "没有处理")
    with pytest.raises(WrongPerson):
        services.reopen(land.hydro, case, "没有处理")
    case = services.reopen(land.farmer, case, "又烧起来了")
    assert (case.state, case.current_department) == ("in_progress", land.at_water)


def test_a_case_from_outside_is_made_once_and_routed(land):
    Department.objects.filter(pk=land.at_forest.pk).update(function="forestry")
    told = outside.OutsideCase(
        "patrol:5", "patrol", "nature", "林地堆渣", place="老鹰嘴", lon=114.2, lat=27.1, text="约 20 方"
    )
    case = outside.report_case(land.farmer, told)
    assert (case.kind, case.lead_department, case.state) == ("case", land.at_forest, "registered")
    assert (case.case.place, case.case.lon, case.act_by) == (
        "老鹰嘴",
        114.2,
        cases.workday_after(timezone.localdate(), 2),
    )
    assert outside.report_case(land.farmer, told).pk == case.pk
    near = outside.likely("case", "nature", lon=114.201, lat=27.1, viewer=land.clerk)
    assert [found.item.pk for found in near] == [case.pk]
    assert outside.likely("case", "air", lon=114.201, lat=27.1, viewer=land.clerk) == []
    routing._routers.append(lambda spot: land.at_roads)
    try:
        again = outside.report_case(
            land.farmer, outside.OutsideCase("patrol:6", "patrol", "nature", "又一处", lon=114.2, lat=27.1)
        )
    finally:
        routing._routers.pop()
    assert again.lead_department == land.at_roads
    with pytest.raises(EcoError):
        outside.report_case(land.auditor, told)


def test_two_calls_for_one_source_make_one_case(land, monkeypatch):
    """Both looked before either had written: the database lets one of them make the case."""
    told = outside.OutsideCase("patrol:9", "patrol", "water", "河面油膜", lead=land.at_water)
    case = outside.report_case(land.farmer, told)
    assert CaseSource.objects.get().item == case
    answers = [None, case]
    monkeypatch.setattr(outside, "case_for", lambda source: answers.pop(0))
    assert outside.report_case(land.clerk, told) == case and answers == []
    assert WorkItem.objects.count() == 1 and CaseSource.objects.count() == 1
    monkeypatch.undo()
    with pytest.raises(Invalid):  # what is refused leaves no claim behind
        outside.report_case(land.clerk, outside.OutsideCase("patrol:10", "moon", "water", "无此来源"))
    assert outside.case_for("patrol:10") is None and not CaseSource.objects.filter(ref="patrol:10").exists()


def test_without_a_function_the_grid_that_holds_the_place_answers(land, monkeypatch):
    held = SimpleNamespace(grid="grid:G1@1", department=land.at_west)
    monkeypatch.setattr(routing, "owner_of", lambda lon, lat, region: held if lon < 115 else SimpleNamespace(grid=""))
    told = outside.OutsideCase("patrol:7", "patrol", "other", "路边堆渣", lon=114.2, lat=27.1)
    assert outside.report_case(land.farmer, told).lead_department == land.at_west
    away = outside.OutsideCase("patrol:8", "patrol", "other", "路边堆渣", lon=116.2, lat=27.1)
    case = outside.report_case(land.farmer, away)
    assert case.lead_department == case.office_department  # the office routes it


def test_a_deadline_beyond_the_longest_term_is_no_extension(land):
    case = services.sign(
        land.hydro,
        services.issue(land.clerk, services.create_item(land.clerk, title="堆渣", kind="case", lead=land.at_water)),
    )
    with pytest.raises(GuardFailed, match="longest"):
        services.request_extension(land.hydro, case, timezone.localdate() + timedelta(days=200), "太难")
    assert services.request_extension(land.hydro, case, cases.workday_after(timezone.localdate(), 60), "材料")
    with pytest.raises(Invalid):
        services.change_item(land.clerk, fresh(case), "不要期限", deadline=None)


def test_whoever_has_to_act_can_open_the_item_even_with_a_narrow_scope(land):
    item = rectified(land, channel="own")
    days_on(item, 8)
    item = services.act(land.mayor, services.act(land.clerk, item, "end_notice"), "pass_level", opinion="合格")
    role = Role.objects.create(code="narrow", label_zh="窄", scope=Role.Scope.SELF)
    for code in ("duties.item.view", "duties.level.check"):
        role.permissions.create(code=code)
    lone = User.objects.create_user("lone", name="lone", department=land.at_county)
    RoleGrant.objects.create(user=lone, role=role)
    assert item in queries.visible(lone) and queries.item_for(lone, item.pk)
    done = services.act(lone, item, "pass_level", opinion="合格")
    assert done.state == "completed" and done not in queries.visible(lone)


# --- walks over every kind -------------------------------------------------------------------------

ACTIONS = sorted({row.action for kind in kinds.all_kinds().values() for row in kind.transitions})


@pytest.mark.parametrize("code", sorted(kinds.all_kinds()))
def test_the_journal_alone_tells_the_stored_state(land, code, full_size):
    people = [land.clerk, land.second, land.chief, land.hydro, land.farmer, land.mayor, land.county]
    units = [land.at_water, land.at_east, land.at_forest]
    kind = kinds.kind_of(code)

    @settings(
        max_examples=20 if full_size else 2, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 6), st.integers(0, 2)), min_size=15, max_size=30))
    def walk(steps):
        item = services.create_item(
            land.clerk, title="走一走", kind=code, lead=land.at_east,
            channel=kind.channels[0].code if kind.channels else "", deadline=timezone.localdate() + timedelta(days=90),
        )  # fmt: skip
        other = services.create_item(land.clerk, title="另一件", kind=code, lead=land.at_water)
        for choice, who, unit in steps:
            rows = list(kind.rows(item.state))
            row = rows[choice % len(rows)]
            today = timezone.localdate()
            data = {"until": today + timedelta(days=9), "lead": units[unit], "category": "mine", "into": other.pk}
            data |= {
                "units": units[:unit],
                "deadline": today + timedelta(days=120 + choice),
                "nodes": [{"title": "节点"}],
            }
            if row.evidence:
                data |= PROOF
            if item.state == "published":
                days_on(item, 30)
            try:
                item = services.act(people[who], item, row.action, opinion="理由", **data)
            except EcoError:
                item = fresh(item)
            state = item.state_row
            assert item.current_department_id == cases.holder(item, item.state).pk
            assert state.terminal or item.act_by is not None
            assert ItemSeat.objects.filter(item=item, department=item.current_department).exists()
        assert past.differences(item) == []

    walk()
    assert counts.differences() == {}
