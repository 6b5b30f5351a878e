"""Rules of the closed loop on the pages and at their edges: who must act can open, wrong unit and wrong category, more
co-signers, merging from the page, the sheet of an inspection day, meeting decisions, referrals, satellite patches."""

import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document
from openpyxl import Workbook

from ecocloud.base.sheets import registry
from ecocloud.base.sheets import services as sheets
from ecocloud.kernel.duties import item_page, past, queries, services
from ecocloud.kernel.duties.errors import GuardFailed
from ecocloud.kernel.duties.models import Opinion, WorkItem
from ecocloud.kernel.duties.services import batch_books, batches, cases, cycling, outside
from ecocloud.kernel.journal.services import SYSTEM
from ecocloud.kernel.regions.models import Department, Role, RoleGrant, User
from ecocloud.kernel.regions.permissions import allowed

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
PROOF = {"refs": ["doc:1#1-2"]}


def fresh(item):
    return WorkItem.objects.get(pk=item.pk)


def problem(land, **fields):
    fields = {
        "title": "排口直排",
        "kind": "problem",
        "lead": land.at_water,
        "deadline": TODAY + timedelta(days=5),
    } | fields
    return services.create_item(land.clerk, **fields)


@pytest.fixture
def lone(land):
    """``lone(unit, right)``: somebody who sees only what is his own, with one right beside seeing."""

    def _lone(unit, right):
        role = Role.objects.create(code=f"n{unit.pk}{len(right)}", label_zh="窄", scope=Role.Scope.SELF)
        for code in ("duties.item.view", right):
            role.permissions.create(code=code)
        user = User.objects.create_user(f"lone{role.pk}", name="窄", department=unit)
        RoleGrant.objects.create(user=user, role=role)
        return user

    return _lone


def opens(user, item):
    return item in queries.visible(user) and item in queries.todo(user) and bool(queries.item_for(user, item.pk))


def test_who_approves_an_extension_can_open_the_item_while_it_waits(land, lone):
    boss, other = lone(land.at_office, "duties.item.approve"), lone(land.at_roads, "duties.item.approve")
    item = services.sign(land.hydro, services.issue(land.clerk, problem(land)))
    assert item not in queries.visible(boss)
    item = services.request_extension(land.hydro, item, TODAY + timedelta(days=9), "汛期")
    assert opens(boss, item) and item not in queries.visible(other)
    with pytest.raises(services.NotVisible):
        queries.item_for(other, item.pk)
    item = services.grant_extension(boss, item)
    assert item.deadline == TODAY + timedelta(days=9) and item not in queries.visible(boss)


def test_who_is_asked_to_co_sign_or_to_answer_an_instruction_can_open_the_item(land, lone):
    asked, leading = lone(land.at_forest, "duties.item.handle"), lone(land.at_water, "duties.item.handle")
    item = services.sign(land.hydro, services.issue(land.clerk, problem(land)))
    item = services.report(land.hydro, item, "完成", **PROOF)
    assert item not in queries.visible(asked) and item not in queries.visible(leading)
    item = services.instruct(land.chief, item, "请说明雨天情况")
    item = services.act(land.clerk, item, "cosign", units=[land.at_forest])
    assert opens(asked, item) and opens(leading, item)
    item = services.give_opinion(asked, item, "agree")
    item = services.reply_instruction(leading, item, "雨天无溢流")
    assert item not in queries.visible(asked) and item not in queries.visible(leading)


def test_more_units_can_be_asked_to_co_sign_while_others_have_answered(land):
    item = services.sign(land.hydro, services.issue(land.clerk, problem(land)))
    item = services.report(land.hydro, item, "完成", **PROOF)
    item = services.act(land.clerk, item, "cosign", units=[land.at_forest])
    item = services.give_opinion(land.ranger, item, "agree")
    item = services.act(land.second, item, "cosign", units=[land.at_roads, land.at_forest])  # 加签; one is asked again
    assert sorted(Opinion.objects.filter(item=item).values_list("department__code", "stance"), key=str) == [
        ("forest", "agree"), ("forest", None), ("roads", None),
    ]  # fmt: skip
    item = services.give_opinion(land.driver, item, "changes", opinion="道路须恢复")
    with pytest.raises(GuardFailed):
        services.accept(land.clerk, item)
    item = services.give_opinion(land.ranger, item, "agree")
    assert services.accept(land.clerk, item).state == "published" and past.differences(fresh(item)) == []


def test_what_was_co_signed_and_ended_can_be_issued_again(land):
    """Answers to a co-signature need no reply in this kind: they must not hold back a later issue."""
    item = services.sign(land.hydro, services.issue(land.clerk, problem(land)))
    item = services.report(land.hydro, item, "完成", **PROOF)
    item = services.act(land.clerk, item, "cosign", units=[land.at_forest])
    item = services.give_opinion(land.ranger, item, "agree")
    item = services.terminate(land.chief, item, "与他案重复")
    item = services.reopen(land.clerk, item, "并非重复")
    assert item.state == "registered" and services.issue(land.clerk, item).state == "issued"


@pytest.fixture
def post(client, land):
    """``post(user, item, action, **fields)``: the dialog of an action as a person sends it; the item afterwards."""
    User.objects.update(must_change_password=False)

    def _post(user, item, action, ok=302, **fields):
        client.force_login(user)
        shown = client.get(reverse("duties:item", args=[item.pk])).content.decode()
        if action in item_page.BESIDE_ROWS:  # its buttons stand beside the objection
            assert f'value="{action}"' in shown and 'name="objection_id"' in shown
        else:
            assert f'id="act-{action}"' in shown, action
            dialog = shown[shown.index(f'id="act-{action}"') :].split("</dialog>")[0]
            for name in fields:
                assert re.search(rf'name="{name}"', dialog), (action, name)
        data = {"action": action, "version": item.version} | fields
        answer = client.post(reverse("duties:act", args=[item.pk]), data)
        assert answer.status_code == ok, answer.content.decode()[:500]
        return fresh(item)

    return _post


def test_wrong_unit_and_wrong_category_go_their_way_on_the_pages(land, post, client):
    item = services.issue(land.clerk, problem(land, category="water"))
    item = post(land.hydro, item, "decline", opinion="林地不归水利")
    item = post(land.clerk, item, "arbitrate", lead="市林业局", opinion="林业负责")
    assert (item.state, item.lead_department) == ("issued", land.at_forest)
    shown = client.get(reverse("duties:item", args=[item.pk])).content.decode()
    assert "林地不归水利" in shown and "裁定由市林业局承办" in shown
    client.force_login(land.ranger)
    own = client.get(reverse("duties:item", args=[item.pk])).content.decode()
    assert 'id="act-sign"' in own and 'id="act-decline"' not in own  # decided is decided
    item = post(land.clerk, item, "reclassify", category="nature", lead="市林业局", opinion="实为林地")
    assert (item.category, item.state) == ("nature", "issued")
    assert "类别由水污染改为自然保护地" in client.get(reverse("duties:item", args=[item.pk])).content.decode()


def test_suspension_notice_objection_and_reopening_work_on_the_pages(land, post):
    item = services.sign(land.hydro, services.issue(land.clerk, problem(land)))
    item = post(land.clerk, item, "suspend", until=(TODAY + timedelta(days=9)).isoformat(), opinion="汛期")
    item = post(land.hydro, item, "resume")
    item = services.report(land.hydro, item, "完成", **PROOF)
    item = post(land.second, item, "cosign", units="市林业局、市交通局")
    item = post(land.clerk, item, "cancel_cosign", opinion="不必等待")
    item = post(land.clerk, item, "accept", notice_until=(TODAY + timedelta(days=8)).isoformat())
    item = post(land.second, item, "object", objector="沿岸村民", opinion="还在冒水")
    item = post(land.clerk, item, "uphold", objection_id=item.objections.get().pk, opinion="属实")
    assert item.state == "in_progress"
    item = services.accept(land.clerk, services.report(land.hydro, item, "再完成", **PROOF))
    item.case.notice_until = TODAY - timedelta(days=1)
    item.case.save()
    item = post(land.clerk, item, "end_notice")  # no channel: no levels
    item = post(land.chief, item, "close_out")
    item = post(land.chief, item, "reopen", opinion="回头看发现反弹")  # the supervisor
    assert (item.state, past.differences(item)) == ("in_progress", [])


def test_a_likely_duplicate_is_offered_on_the_page_and_merged_from_it(land, post, client):
    """Two reports 0.001 degrees (about 110 m) apart on one day in one category; a third of another category."""
    one, two, far = (
        outside.report_case(
            land.clerk,
            outside.OutsideCase(f"patrol:{n}", "patrol", what, f"渣土{n}", lon=114.1, lat=lat, lead=land.at_water),
        )
        for n, what, lat in ((1, "shore", 27.1), (2, "shore", 27.101), (3, "air", 27.1))
    )
    client.force_login(land.clerk)
    shown = client.get(reverse("duties:item", args=[one.pk])).content.decode()
    assert two.code in shown and far.code not in shown
    one = post(land.clerk, one, "merge", into=two.code, opinion="同一处")
    assert (one.state, one.case.merged_into) == ("merged", two)
    assert outside.status_of("patrol:1").code == two.code


def test_the_sheet_of_an_inspection_day_has_everything_on_the_problem(land, client, post):
    User.objects.update(must_change_password=False)
    Department.objects.filter(pk=land.at_west.pk).update(function="water")
    item = services.sign(land.hydro, services.issue(land.clerk, problem(land, values={"goal": "不再直排"})))
    item = services.add_nodes(land.hydro, item, [{"title": "完成截污", "due": TODAY}])
    item = services.instruct(land.chief, item, "本月完成")
    item = services.request_extension(land.hydro, item, TODAY + timedelta(days=9), "管材未到")
    (check,) = batches.ask_like_checks(land.clerk, item, function="water")
    item = services.report(land.hydro, fresh(item), "已截污", **PROOF)
    item = services.act(land.clerk, item, "cosign", units=[land.at_forest])
    client.force_login(land.clerk)
    html = client.get(reverse("duties:inspection", args=[item.pk])).content.decode()
    answer = client.get(reverse("duties:item-paper", args=[item.pk, "inspection", "docx"]))
    paper = Document(io.BytesIO(b"".join(answer.streaming_content)))
    words = "\n".join(
        [p.text for p in paper.paragraphs] + [c.text for t in paper.tables for r in t.rows for c in r.cells]
    )
    for told in ("不再直排", "完成截污", "本月完成", "管材未到", check.code, "西镇", "已截污", "市林业局", "未答复"):
        assert told in words and told in html, told


def test_a_meeting_decision_is_co_signed_before_it_is_issued(land):
    item = services.create_item(
        land.clerk,
        title="联合检查机制",
        kind="decision",
        lead=land.at_water,
        channel="group",
        values={"meeting": "全体会议"},
    )
    item = services.consult(land.clerk, item, [land.at_forest])
    item = services.consult(land.clerk, item, [land.at_roads])  # 加签
    item = services.give_opinion(land.ranger, item, "agree")
    with pytest.raises(GuardFailed, match="co-signed"):
        services.issue(land.clerk, item)
    item = services.give_opinion(land.driver, item, "disagree", opinion="不宜联合")
    with pytest.raises(GuardFailed, match="not answered"):
        services.issue(land.clerk, item)
    for given in Opinion.objects.filter(item=item, answer__isnull=True):
        item = services.answer_opinion(land.clerk, item, given, "partly", reason="分工写明")
    item = services.issue(land.clerk, item)
    item = services.report(land.hydro, services.sign(land.hydro, item), "已建立")
    assert services.close_out(land.chief, services.accept(land.clerk, item)).state == "closed_out"


def test_a_referral_is_taken_up_or_refused_with_reason_and_reconsidered(land):
    about = problem(land)
    item = services.create_item(
        land.clerk, title="暗管排污案", kind="referral", lead=land.at_roads, channel="enforcement", refs=[about.ref],
        values={"suspect": "某作坊", "charge": "污染环境"},
    )  # fmt: skip
    item = services.sign(land.driver, services.issue(land.clerk, item))
    item = services.act(land.driver, item, "refuse", opinion="证据不足")
    assert (item.state, item.current_department, item.act_by is not None) == ("refused", land.at_office, True)
    item = services.act(land.clerk, item, "reconsider", opinion="补充监测报告")
    item = services.start(land.driver, item)
    item = services.report(land.driver, item, "已移送起诉", **PROOF)
    item = services.close_out(land.chief, services.accept(land.clerk, item))
    assert item.state == "closed_out" and past.differences(item) == []


@pytest.mark.parametrize(
    ("channel", "head", "row"),
    [
        ("satellite", ["图斑编号", "图斑名称", "中心经度", "中心纬度", "类别", "承办单位"],
         ["TB-1", "新增堆土", 114.21, 27.11, "河湖岸线", None]),
        ("hotline_12369", ["举报编号", "举报内容", "承办单位", "举报时间", "污染类型", "污染地址"],
         ["JB-1", "作坊烧塑料", None, TODAY, "河湖岸线", "沿河路"]),
    ],
)  # fmt: skip
def test_lists_of_patches_and_of_the_environment_hotline_come_in_as_they_are(
    land, settings, tmp_path, channel, head, row
):
    settings.MEDIA_ROOT = tmp_path
    registry.set_permission_checker(allowed)
    registry.register_family(batch_books.PREFIX, batch_books.make_target, batch_books.keys)
    Department.objects.filter(pk=land.at_water.pk).update(function="water")
    out, wb = io.BytesIO(), Workbook()
    for line in (head, row):
        wb.active.append(line)
    wb.save(out)
    out.seek(0)
    batch = batches.create_batch(land.clerk, name="一批", kind="case", channel=channel)
    staged = sheets.stage(land.clerk, sheets.upload(land.clerk, f"duties.batch.{batch.pk}", "表.xlsx", out))
    assert (staged.new, staged.wrong) == (1, 0), [one.faults for one in staged.rows.all()]
    sheets.commit(land.clerk, staged)
    item = WorkItem.objects.get(batch=batch)
    # Without a unit in the list the category's function finds it.
    assert (item.channel, item.case.number, item.lead_department) == (channel, row[0], land.at_water)
    assert item.title == row[1] and (
        item.case.lon == 114.21 if channel == "satellite" else item.case.values["happened_on"]
    )


def test_who_finishes_a_step_or_attaches_proof_for_the_lead_unit_does_not_verify(land):
    """The office leads a duty of its own: who worked on it in any way is not who accepts it; who only wrote down what
    another unit had done may."""
    own = services.create_item(land.clerk, title="自己牵头", lead=land.at_office, nodes=[{"title": "方案"}])
    land.chief_clerk = User.objects.create_user("third", name="third", department=land.at_office)
    RoleGrant.objects.create(user=land.chief_clerk, role=Role.objects.get(code="office"))
    own = services.sign(land.second, services.issue(land.second, own))
    own = services.finish_node(land.clerk, own, own.nodes.get())
    own = services.attach(land.second, own, refs=["doc:1#1-2"])
    own = services.report(land.chief_clerk, own, "已完成")
    for user in (land.clerk, land.second, land.chief_clerk):
        with pytest.raises(GuardFailed, match="verifier"):
            services.accept(user, own)
    assert services.accept(land.chief, own).state == "completed" and past.differences(fresh(own)) == []
    other = services.create_item(land.clerk, title="水利牵头", lead=land.at_water, nodes=[{"title": "方案"}])
    other = services.sign(land.hydro, services.issue(land.clerk, other))
    other = services.finish_node(land.clerk, other, other.nodes.get())
    other = services.report(land.hydro, other, "已完成")
    assert services.accept(land.clerk, other).state == "completed" and past.differences(fresh(other)) == []


def test_a_duty_without_a_deadline_has_a_clock_that_every_report_winds_up(land):
    item = services.create_item(land.clerk, title="长期坚持", lead=land.at_water)
    assert item.deadline is None and item.act_by == cases.workday_after(TODAY, 10)
    item = services.start(land.hydro, services.sign(land.hydro, services.issue(land.clerk, item)))
    assert item.act_by == cases.workday_after(TODAY, 22)  # the kind's own number
    WorkItem.objects.filter(pk=item.pk).update(act_by=TODAY - timedelta(days=1))
    told = cycling.remind_due(SYSTEM, TODAY)
    assert told == {"remind": 1}
    item = services.urge(land.clerk, fresh(item))  # urging is no work
    assert item.act_by == TODAY - timedelta(days=1)
    item = services.report_progress(land.hydro, item, 10, "在办")
    assert item.act_by == cases.workday_after(TODAY, 22)
    item = services.change_item(land.clerk, item, "定期限", deadline=TODAY + timedelta(days=40))
    assert item.act_by == item.deadline
    assert services.change_item(land.clerk, item, "取消", deadline=None).act_by == cases.workday_after(TODAY, 22)
