"""Batches: a list of 2,203 problems comes in, counts are exact, export comes back unchanged; hotline lists with a saved
mapping; like checks; overdue items up to the supervision letter; rates; papers; pages."""

import io
import re
import runpy
import zipfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document
from openpyxl import Workbook, load_workbook

from ecocloud.base.errors import Conflict, Forbidden
from ecocloud.base.sheets import export_workbook, registry
from ecocloud.base.sheets import services as sheets
from ecocloud.kernel.duties import past, services, statistics
from ecocloud.kernel.duties.errors import Invalid
from ecocloud.kernel.duties.kinds import kind_of
from ecocloud.kernel.duties.models import ItemFile, Notice, WorkItem
from ecocloud.kernel.duties.services import batch_books, batches, cases, cycling, supervising
from ecocloud.kernel.journal.services import SYSTEM
from ecocloud.kernel.regions.models import Department, User
from ecocloud.kernel.regions.permissions import allowed

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
# The list of the benchmark is the list of the tests: what is measured is what is shown to be right.
HEAD = runpy.run_path(str(Path(__file__).resolve().parents[3] / "benchmarks" / "rectification.py"))["HEAD"]
HOTLINE = ["工单编号", "工单内容", "承办单位", "来电人", "联系电话", "来电时间", "事发地址", "诉求类型", "满意度"]


@pytest.fixture
def desk(town, settings, tmp_path):
    """The targets as at start; the water bureau has its function."""
    settings.MEDIA_ROOT = tmp_path / "files"
    registry.set_permission_checker(allowed)
    registry.register_family(batch_books.PREFIX, batch_books.make_target, batch_books.keys)
    Department.objects.filter(pk=town.at_water.pk).update(function="water")
    User.objects.update(must_change_password=False)
    return town


def book(head, rows):
    out, wb = io.BytesIO(), Workbook()
    for row in [head, *rows]:
        wb.active.append(row)
    wb.save(out)
    out.seek(0)
    return out


def problems(n):
    return [
        [f"矿-{k:04d}", f"废弃矿点{k}未复绿", ("市水利局", "市林业局", "东乡")[k % 3],
         TODAY + timedelta(days=30 + k % 90),
         "中央督察", "矿山生态", f"{k}号矿点", 114 + k / 10000, 27.5, "复绿", "边坡裸露"]
        for k in range(n)
    ]  # fmt: skip


def bring(user, batch, stream):
    return sheets.stage(user, sheets.upload(user, f"duties.batch.{batch.pk}", "清单.xlsx", stream))


def test_a_list_comes_in_is_counted_exactly_and_goes_out_unchanged(desk, exact):
    batch = batches.create_batch(desk.clerk, name="中央督察矿山问题", channel="central")
    staged = bring(desk.clerk, batch, book(HEAD, problems(30)))
    assert (staged.new, staged.wrong) == (30, 0), [row.faults for row in staged.rows.filter(outcome="wrong")][:3]
    sheets.commit(desk.clerk, staged)
    found = batches.roll_up(desk.clerk, batch)
    assert found.total == 30 and found.states == {"registered": 30}
    assert {unit: sum(lit.values()) for unit, lit in found.units.items()} == {
        desk.at_water.pk: 10, desk.at_forest.pk: 10, desk.at_east.pk: 10,
    }  # fmt: skip
    item = WorkItem.objects.get(case__number="矿-0001")
    assert (item.channel, item.category, item.case.values) == ("central", "mine", {"goal": "复绿"})
    services.issue(desk.clerk, item)
    assert batches.roll_up(desk.clerk, batch).states == {"registered": 29, "issued": 1}
    assert batches.roll_up(desk.hydro, batch).total == 10  # a bureau counts its own
    content = export_workbook(
        batch_books.spec_of(batch), [batch_books.values_of(r) for r in batch_books.rows_of(batch)]
    )
    again = bring(desk.clerk, batch, io.BytesIO(content))
    assert (again.new, again.changed, again.same, again.wrong) == (0, 0, 30, 0), [r.diffs for r in again.rows.all()][:2]
    assert past.differences(WorkItem.objects.get(pk=item.pk)) == []


def test_changed_rows_are_corrected_through_the_loop_and_bad_ones_named(desk, exact):
    batch = batches.create_batch(desk.clerk, name="一批", channel="own")
    rows = problems(3)
    sheets.commit(desk.clerk, bring(desk.clerk, batch, book(HEAD, rows)))
    rows[0][1], rows[1][2], rows[2][5] = "改名的矿点", "市交通局", "水污染"
    bad = [["矿-9", "坏行", "火星局", None, "", "", "", 200, 27, "", ""], ["", "没有编号", "市水利局", *[None] * 8]]
    staged = bring(desk.clerk, batch, book(HEAD, [*rows, *bad]))
    assert (staged.changed, staged.wrong) == (3, 2)
    with pytest.raises(sheets.ErrorsRemain):
        sheets.commit(desk.clerk, staged)
    sheets.commit(desk.clerk, staged, skip_errors=True)
    one, two, three = WorkItem.objects.filter(batch=batch).order_by("id")
    assert (one.title, two.lead_department, three.category) == ("改名的矿点", desk.at_roads, "water")
    assert all(past.differences(item) == [] for item in (one, two, three))


def test_a_hotline_list_as_exported_routes_by_category_and_keeps_the_mapping(desk):
    batch = batches.create_batch(desk.clerk, name="12345 九月", kind="case", channel="hotline_12345")
    rows = [
        ["GD001", "河岸有人倒渣土，请处理", None, "张某", "13800000000", TODAY, "沿河路 3 号", "河湖岸线", "满意"],
        ["GD002", "垃圾焚烧味道大", "市交通局", "李某", "13900000000", TODAY, "城东", "大气污染", ""],
    ]
    staged = bring(desk.clerk, batch, book(HOTLINE, rows))
    assert (staged.new, staged.wrong) == (2, 0), [row.faults for row in staged.rows.all()]
    sheets.commit(desk.clerk, staged)
    one, two = WorkItem.objects.filter(batch=batch).order_by("id")
    assert (one.title, one.lead_department, one.channel) == ("河岸有人倒渣土，请处理", desk.at_water, "hotline_12345")
    assert one.case.values == {"caller": "张某", "contact": "13800000000", "happened_on": TODAY.isoformat()}
    assert (two.lead_department, two.deadline) == (desk.at_roads, cases.workday_after(TODAY, 7))


def test_a_batch_has_its_rights_and_one_name(desk):
    batches.create_batch(desk.clerk, name="同名")
    with pytest.raises(Conflict):
        batches.create_batch(desk.clerk, name="同名")
    with pytest.raises(Forbidden):
        batches.create_batch(desk.hydro, name="无权")
    with pytest.raises(Invalid):
        batches.create_batch(desk.clerk, name="督办任务", kind="task")
    with pytest.raises(Invalid):
        batches.create_batch(desk.clerk, name=" ")
    with pytest.raises(services.NotVisible):
        batches.batch_for(desk.hydro, batches.create_batch(desk.clerk, name="空的").pk)


def test_many_rows_cost_a_bounded_number_of_questions(desk, django_assert_max_num_queries):
    batch = batches.create_batch(desk.clerk, name="三百", channel="central")
    staged = bring(desk.clerk, batch, book(HEAD, problems(300)))
    with django_assert_max_num_queries(90):
        sheets.commit(desk.clerk, staged)
    assert batches.roll_up(desk.clerk, batch).total == 300


def test_like_checks_ask_each_unit_once_and_hold_the_close_out(desk, exact):
    Department.objects.filter(pk__in=[desk.at_east.pk, desk.at_west.pk, desk.at_forest.pk]).update(function="water")
    item = services.create_item(desk.clerk, title="河道垃圾", kind="problem", lead=desk.at_water, channel="own")
    made = batches.ask_like_checks(desk.clerk, item, function="water", text="请自查")
    assert {one.lead_department for one in made} == {desk.at_east, desk.at_west, desk.at_forest}
    assert all((one.state, one.parent_id, one.kind) == ("issued", item.pk, "routine") for one in made)
    with pytest.raises(Invalid):
        batches.ask_like_checks(desk.clerk, item, function="water")
    with pytest.raises(Forbidden):
        batches.ask_like_checks(desk.hydro, item, function="water")
    assert past.differences(made[0]) == []


def test_overdue_is_reminded_raised_one_level_and_supervised_by_a_letter(desk):
    late = TODAY - timedelta(days=30)
    item = services.create_item(desk.clerk, title="拖了很久", kind="problem", lead=desk.at_water, deadline=late)
    item = services.issue(desk.clerk, item)
    told = cycling.remind_due(SYSTEM, TODAY)
    assert (told["escalate"], told["supervise"]) == (1, 1)
    assert Notice.objects.filter(user=desk.chief, kind="escalate", ref=item.ref).count() == 1
    letter = WorkItem.objects.get(kind="letter")
    assert (letter.state, letter.lead_department, letter.source_ref) == ("registered", desk.at_water, item.ref)
    again = cycling.remind_due(SYSTEM, TODAY)
    assert "supervise" not in again and "escalate" not in again
    with pytest.raises(Conflict):
        supervising.supervise(desk.clerk, item)
    letter = services.issue(desk.clerk, letter)
    letter = services.report(desk.hydro, services.sign(desk.hydro, letter), "已组织整改")
    letter = services.close_out(desk.chief, services.accept(desk.clerk, letter))
    assert letter.state == "closed_out"
    assert supervising.supervise(desk.clerk, item, text="再次督办").body == "再次督办"
    with pytest.raises(Forbidden):
        supervising.supervise(desk.hydro, item)


def test_nothing_is_raised_before_its_day(desk):
    deadline = TODAY - timedelta(days=1)
    services.issue(
        desk.clerk,
        services.create_item(desk.clerk, title="刚过", kind="problem", lead=desk.at_water, deadline=deadline),
    )
    told = cycling.remind_due(SYSTEM, TODAY)
    assert told == {"overdue": 2}


def test_rates_by_category_and_unit(desk, make):
    """Counted by hand: three reported, one sent back; two accepted, one of them late."""
    proof = {"refs": ["doc:1#1-2"]}
    kept = []
    for n, days in enumerate((30, -5, 30)):
        item = services.create_item(
            desk.clerk, title=f"事件{n}", kind="case", lead=desk.at_water, category="water",
            deadline=TODAY + timedelta(days=days),
        )  # fmt: skip
        item = services.sign(desk.hydro, services.issue(desk.clerk, item))
        kept.append(services.report(desk.hydro, item, "已办", **proof))
    services.accept(desk.clerk, kept[0])
    services.accept(desk.clerk, kept[1])
    services.return_(desk.clerk, kept[2], "没做完")
    (line,) = statistics.by_category(desk.clerk, kind_of("case"))
    assert (line.key, line.total, line.done, line.on_time, line.reported, line.reworked) == ("water", 3, 2, 1, 3, 1)
    assert (line.on_time_percent, line.rework_percent) == (Decimal("50.0"), Decimal("33.3"))
    (unit,) = statistics.by_unit(desk.clerk, kind_of("case"), TODAY.year)
    assert (unit.label, unit.done, unit.overdue) == ("市水利局", 2, 0)
    assert statistics.by_unit(desk.ranger, kind_of("case")) == []
    assert not any("user" in name or "person" in name for name in vars(line))


def test_the_chart_of_rates_has_the_numbers_of_the_table_and_no_ranking():
    def line(n):
        return statistics.Rate(
            str(n), f"单位{n}", total=n, done=n // 2, on_time=0, reported=0, reworked=0, overdue=n % 2
        )

    assert statistics.chart_of("按牵头单位", []) is None
    few = statistics.chart_of("按牵头单位", [line(3), line(1), line(2)])
    assert few.rows == [("单位3", [3, 1, 1]), ("单位1", [1, 0, 1]), ("单位2", [2, 1, 0])] and few.title == "按牵头单位"
    assert len(statistics.chart_of("按类别", [line(n) for n in range(1, 13)]).rows) == 12
    many = statistics.chart_of("按类别", [line(n) for n in range(1, 15)])
    assert [name for name, _values in many.rows] == [f"单位{n}" for n in range(3, 15)] and "12" in many.title


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


@pytest.fixture
def page(client, desk):
    """``page(user, route, *args, method=..., data=...)``: what the page says."""

    def _page(user, route, *args, data=None, query=None, ok=200):
        client.force_login(user)
        address = reverse(route, args=args)
        answer = client.post(address, data) if data is not None else client.get(address, query or {})
        assert answer.status_code == ok, answer.content.decode()[:800]
        return answer

    return _page


def test_a_case_is_written_handled_with_photographs_and_packed(desk, page, exact):
    made = page(
        desk.clerk, "duties:create",
        data={"kind": "problem", "title": "排口直排", "lead": "市水利局", "channel": "own", "category": "water",
              "place": "清江桥下", "lon": "114.1", "lat": "27.2", "number": "自-1",
              "v_goal": "截污", "v_weight": "grave"},
        ok=302,
    )  # fmt: skip
    item = WorkItem.objects.get(title="排口直排")
    assert made.url == reverse("duties:item", args=[item.pk])
    assert (item.case.number, item.case.values, item.category) == ("自-1", {"goal": "截污", "weight": "grave"}, "water")
    item = services.sign(desk.hydro, services.issue(desk.clerk, item))
    photo = io.BytesIO(PNG)
    photo.name = "现场.png"
    after = io.BytesIO(PNG + b"\n")
    after.name = "完工.png"
    page(
        desk.hydro, "duties:act", item.pk,
        data={"action": "report", "version": item.version, "opinion": "已截污", "before": photo, "after": after},
        ok=302,
    )  # fmt: skip
    assert dict(ItemFile.objects.values_list("file__name", "use")) == {"现场.png": "before", "完工.png": "after"}
    words = page(desk.clerk, "duties:item", item.pk).content.decode()
    for told in ("整改前", "清江桥下", "自查发现", "水污染", "截污", "重大", "会签", "销号材料"):
        assert told in words, told
    docx = b"".join(page(desk.clerk, "duties:item-paper", item.pk, "package", "docx").streaming_content)
    paper = Document(io.BytesIO(docx))
    assert len(paper.inline_shapes) == 2 and "排口直排销号材料" in "\n".join(p.text for p in paper.paragraphs)
    packed = b"".join(page(desk.clerk, "duties:item-paper", item.pk, "package", "zip").streaming_content)
    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert {"销号材料.docx", "4验收表/销号验收表.docx", "2整改前/现场.png", "3整改后/完工.png"} == set(names)
    sheet = page(desk.clerk, "duties:inspection", item.pk).content.decode()
    assert "已截污" in sheet and "清江桥下" in sheet
    b"".join(page(desk.clerk, "duties:item-paper", item.pk, "inspection", "docx").streaming_content)
    packed = b"".join(page(desk.clerk, "duties:item-paper", item.pk, "inspection", "zip").streaming_content)
    assert set(zipfile.ZipFile(io.BytesIO(packed)).namelist()) == {
        "情况一览.docx", "2整改前/现场.png", "3整改后/完工.png",
    }  # fmt: skip
    page(desk.clerk, "duties:item-paper", item.pk, "package", "pdf", ok=404)


def test_pages_of_batches_checks_letters_and_rates(client, settings, desk, page, django_assert_max_num_queries):
    page(desk.clerk, "duties:batches")
    page(desk.clerk, "duties:batch-new", data={"name": "", "kind": "problem"}, ok=422)
    page(desk.clerk, "duties:batch-new", data={"name": "新批", "kind": "problem", "channel": "own"}, ok=302)
    batch = batches.visible(desk.clerk).get()
    assert "还没有事项" in page(desk.clerk, "duties:batch", batch.pk).content.decode()
    sheets.commit(desk.clerk, bring(desk.clerk, batch, book(HEAD, problems(6))))
    settings.TESTING = False  # what is kept for seconds is kept, as when served
    client.force_login(desk.clerk)
    for route, args in (("duties:batches", ()), ("duties:batch", (batch.pk,)), ("duties:statistics", ())):
        client.get(reverse(route, args=args))
        with django_assert_max_num_queries(12):
            client.get(reverse(route, args=args))
    words = page(desk.clerk, "duties:batch", batch.pk).content.decode()
    link = re.search(r'href="(/duties/\?batch=\d+&amp;lead=\d+)"', words).group(1).replace("&amp;", "&")
    listed = page(desk.clerk, "duties:ledger", query=dict(part.split("=") for part in link.split("?")[1].split("&")))
    assert "共 2 项" in listed.content.decode().replace("\u2009", " ")
    content = b"".join(page(desk.clerk, "duties:batch-workbook", batch.pk).streaming_content)
    assert load_workbook(io.BytesIO(content)).worksheets[0].max_row == 7
    page(desk.ranger, "duties:batch", batch.pk)
    item = WorkItem.objects.filter(batch=batch).first()
    Department.objects.filter(pk=desk.at_west.pk).update(function="water")
    shown = page(desk.clerk, "duties:like-checks", item.pk, query={"function": "water"}).content.decode()
    assert "西镇" in shown
    page(desk.clerk, "duties:like-checks", item.pk, data={"function": "water"}, ok=302)
    page(desk.clerk, "duties:like-checks", item.pk, data={}, ok=422)
    page(desk.clerk, "duties:supervise", item.pk, data={}, ok=302)
    assert WorkItem.objects.filter(kind="letter", source_ref=item.ref).count() == 1
    for what in ("category", "unit"):
        assert b"".join(page(desk.clerk, "duties:statistics", query={"export": what}).streaming_content)
    for code in ("problem", "case", "letter", "decision", "referral", "task"):
        assert page(desk.clerk, "duties:create", query={"kind": code}).status_code == 200
