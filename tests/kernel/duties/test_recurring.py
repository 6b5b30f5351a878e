"""Duties from task templates: which period, which unit, once and only once, carried back only where the template says.

Expected values are worked by hand from the templates below and the days given.
"""

import json
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ecocloud.base.errors import Forbidden
from ecocloud.base.jobs import drain
from ecocloud.base.jobs.models import Job
from ecocloud.kernel.duties import queries, recurring, services, template_pages
from ecocloud.kernel.duties.models import ItemRef, Notice, TemplateDuty, TemplateUse, WorkItem
from ecocloud.kernel.duties.services import counts, templates
from ecocloud.kernel.journal.services import SYSTEM
from ecocloud.kernel.regions.models import Department, Region, User
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import panels, reading
from ecocloud.kernel.registers import services as registers
from ecocloud.kernel.registers.models import Pack
from ecocloud.kernel.registers.pack_definition import PackDefinition
from ecocloud.kernel.registers.register import open_register

TYPE = """
code: pond
zh: 池塘
en: Pond
prefix: CT
fields:
  - {code: depth, zh: 水深, en: Depth, kind: number, unit: 米, index: true}
  - {code: cleaned_on, zh: 清淤日期, en: Cleaned on, kind: date, index: true}
columns: [code, name, depth, state]
states:
  - {code: open, zh: 在用, en: Open}
  - {code: shut, zh: 停用, en: Shut, final: true}
transitions:
  - {action: shut, zh: 停用, en: Shut, from: [open], to: shut}
examples:
  - {name: 东塘, values: {depth: 2}}
  - {name: 西塘, values: {depth: 3}}
"""


def task(code, **more):
    return {"code": code, "zh": f"池塘清淤检查{code}", "en": code, "type": "pond", "cycle": "quarter", "due_days": 80,
            "function": "water", "proof": "清淤照片"} | more  # fmt: skip


TASKS = (
    task("check", when='state = "open"'),
    task("fill", cycle="month", due_days=20, fills="cleaned_on"),
    task("round", cycle="year", due_days=300, per="unit"),
    task("deep", when="depth > 3[米]", cycle="once", due_days=30),
)
TODAY = timezone.localdate()


@pytest.fixture
def ponds(town):
    """Three ponds in two townships of the city; the water bureau answers for all of them."""
    Department.objects.filter(code="water").update(function="water")
    for code, name in (("360902001", "东乡"), ("360902002", "西镇")):
        Region.objects.create(code=code, name=name, level="township", parent=town.city)
    for code, roles in (("registers.object.view", ("office", "department", "leader")),
                        ("registers.object.edit", ("office", "department"))):  # fmt: skip
        for role in roles:
            from ecocloud.kernel.regions.models import RolePermission

            RolePermission.objects.get_or_create(role_id=role_pk(role), code=code)
    register = registers.define(CONSOLE, reading.read_type(TYPE, "pond.yaml"))
    content = {
        "id": "ponds", "version": "1.0.0", "zh": "池塘管护", "en": "Ponds", "summary": "逐塘登记和管护，按期检查清淤。",
        "owner_role": "department", "systems": ["S001"], "tasks": TASKS,
        "sources": [{"code": "s", "title": "管护办法", "issuer": "某市", "issued": "2020-01-01",
                     "mark": "from_memory"}],
        "coverage": [{"system": "S001", "side": "in", "item": "Ponds", "by": ["pond"]}],
    }  # fmt: skip
    made = PackDefinition.model_validate(content)
    Pack.objects.create(code=made.id, zh=made.zh, en=made.en, version=made.version, digest="0" * 64,
                        content=made.model_dump(mode="json"))  # fmt: skip
    town.ponds = [
        registers.create(town.clerk, register, name=name, region=Region.objects.get(pk=code), department=None,
                         given={"depth": depth})
        for name, code, depth in (("甲塘", "360902001", 2), ("乙塘", "360902001", 4), ("丙塘", "360902002", 5))
    ]  # fmt: skip
    return town


def role_pk(code):
    from ecocloud.kernel.regions.models import Role

    return Role.objects.get(code=code).pk


def the(code):
    return templates.open_template("ponds", code)


@pytest.mark.parametrize(
    ("cycle", "day", "period", "first", "last"),
    [
        ("month", date(2024, 2, 29), "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("quarter", date(2026, 3, 31), "2026Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("quarter", date(2026, 4, 1), "2026Q2", date(2026, 4, 1), date(2026, 6, 30)),
        ("half_year", date(2026, 6, 30), "2026H1", date(2026, 1, 1), date(2026, 6, 30)),
        ("half_year", date(2026, 7, 1), "2026H2", date(2026, 7, 1), date(2026, 12, 31)),
        ("year", date(2026, 12, 31), "2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("once", date(2026, 5, 5), "once", date(2026, 5, 5), None),
    ],
)
def test_the_period_of_a_day(cycle, day, period, first, last):
    assert recurring.turn(cycle, day) == recurring.Turn(period, first, last)


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (date(2026, 1, 1), date(2026, 3, 22)),  # 80 days after 1 January
        (date(2026, 3, 22), date(2026, 3, 22)),  # the last day is still its day
        (date(2026, 3, 23), date(2026, 3, 31)),  # over: the end of the period
        (date(2026, 3, 31), date(2026, 3, 31)),
    ],
)
def test_a_duty_made_late_in_its_period_is_not_born_overdue(today, due):
    assert recurring.deadline(recurring.turn("quarter", today), 80, today) == due


def test_once_counts_from_the_day_it_is_made():
    assert recurring.deadline(recurring.turn("once", date(2026, 1, 30)), 30, date(2026, 1, 30)) == date(2026, 3, 1)


def test_preview_says_how_many_for_whom_and_writes_nothing(ponds):
    plan = templates.preview(ponds.clerk, the("check"))
    assert plan.by_unit() == [(ponds.at_water, 3, 3)]
    assert (plan.objects, plan.there, plan.nobody.total()) == (3, 0, 0)
    assert templates.preview(ponds.clerk, the("deep")).objects == 2
    assert templates.preview(ponds.clerk, the("round")).by_unit() == [(ponds.at_water, 1, 3)]
    assert not WorkItem.objects.exists() and not TemplateDuty.objects.exists()


def test_a_duty_has_owner_deadline_proof_and_its_object(ponds, exact):
    day = date(TODAY.year, 1, 10)
    templates.run(ponds.clerk, the("check"), day)
    item = WorkItem.objects.order_by("pk").first()
    assert item.title == f"池塘清淤检查check：甲塘（{TODAY.year}年第一季度）"
    assert (item.kind, item.state, item.lead_department, item.region_id) == (
        "routine", "issued", ponds.at_water, "360902001")  # fmt: skip
    assert item.deadline == date(TODAY.year, 1, 1) + timedelta(days=80)
    assert "清淤照片" in item.body
    assert item.source_ref == f"obj:{ponds.ponds[0].pk}" and item.source_doc == ""
    assert item.office_department == ponds.at_office
    notice = Notice.objects.get(kind="recurring")
    assert notice.department == ponds.at_water and "3 项" in notice.text


def test_nothing_is_made_twice_and_what_is_new_is_added(ponds, exact):
    assert templates.run(ponds.clerk, the("check")).made == 3
    again = templates.run(ponds.second, the("check"))
    assert (again.made, again.there) == (0, 3)
    registers.create(ponds.clerk, open_register("pond"), name="丁塘", region=ponds.ponds[0].region, department=None,
                     given={})  # fmt: skip
    assert templates.run(ponds.clerk, the("check")).made == 1
    assert WorkItem.objects.count() == TemplateDuty.objects.count() == 4
    assert Notice.objects.filter(kind="recurring").count() == 1


def test_the_next_period_makes_the_next_duties_and_once_is_once(ponds):
    for month in (1, 2):
        assert templates.run(ponds.clerk, the("fill"), date(TODAY.year + 1, month, 5)).made == 3
        templates.run(ponds.clerk, the("deep"), date(TODAY.year + 1, month, 5))
    assert sorted(TemplateDuty.objects.filter(task="fill").values_list("period", flat=True).distinct()) == [
        f"{TODAY.year + 1}-01", f"{TODAY.year + 1}-02"]  # fmt: skip
    assert TemplateDuty.objects.filter(task="deep").count() == 2


def test_a_killed_run_goes_on_and_makes_each_once(ponds, monkeypatch, exact):
    monkeypatch.setattr(templates, "_CHUNK", 1)

    def killed(done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        templates.run(ponds.clerk, the("check"), progress=killed)
    assert TemplateDuty.objects.count() == WorkItem.objects.count() == 2
    told = templates.run(ponds.clerk, the("check"))
    assert (told.made, told.there) == (1, 2)
    assert set(TemplateDuty.objects.values_list("subject", flat=True)) == {f"obj:{one.pk}" for one in ponds.ponds}


def test_two_runs_at_the_same_time_make_each_once(ponds, exact):
    """Both planned before either wrote; the second finds the rows of the first."""
    first, second = (templates.preview(user, the("check")) for user in (ponds.clerk, ponds.second))
    assert templates.run(ponds.clerk, first).made == 3
    told = templates.run(ponds.second, second)
    assert (told.made, told.there) == (0, 3)
    assert WorkItem.objects.count() == 3


def test_a_failure_between_item_and_mark_leaves_neither(ponds, monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError("no power")

    monkeypatch.setattr(TemplateDuty.objects, "bulk_create", broken)
    with pytest.raises(RuntimeError):
        templates.run(ponds.clerk, the("check"))
    assert not WorkItem.objects.exists()
    assert counts.differences() == {}


def test_a_unit_duty_names_all_its_objects_and_shows_on_their_pages(ponds):
    templates.run(ponds.clerk, the("round"))
    item = WorkItem.objects.get()
    assert "甲塘、乙塘、丙塘" in item.body and item.source_ref == "regtype:pond"
    assert ItemRef.objects.filter(item=item, role="related").count() == 3
    panel = template_pages.object_panel(ponds.hydro, ponds.ponds[2])
    assert [one.pk for one in panel["items"]] == [item.pk] and (panel["open"], panel["closed"]) == (1, 0)


def test_the_unit_is_that_of_the_object_else_the_next_above(ponds):
    east = Department.objects.create(code="eastwater", name="东乡水务所", function="water",
                                     region=ponds.ponds[0].region)  # fmt: skip
    registers.edit(ponds.clerk, open_register("pond"), ponds.ponds[1].pk, department=ponds.at_water)
    found = {one.objects[0][1]: one.lead for one in templates.preview(ponds.clerk, the("check")).wanted}
    assert found == {"甲塘": east, "乙塘": ponds.at_water, "丙塘": ponds.at_water}


def test_objects_nobody_answers_for_are_told_and_not_given_to_anybody(ponds):
    Department.objects.filter(function="water").update(function="")
    plan = templates.preview(ponds.clerk, the("check"))
    assert plan.wanted == [] and dict(plan.nobody) == {"360902001": 2, "360902002": 1}
    assert templates.run(ponds.clerk, the("check")).nobody == 3


def close(town, item):
    for user, act, more in ((town.hydro, services.sign, {}), (town.hydro, services.start, {})):
        item = act(user, item, **more)
    item = services.report(town.hydro, item, "已清淤", refs=["doc:1#1-2"])
    return services.close_out(town.second, services.accept(town.clerk, item))


@pytest.mark.parametrize(("code", "filled"), [("fill", True), ("check", False)])
def test_closing_carries_the_date_back_only_where_the_template_says_so(ponds, code, filled):
    from ecocloud.kernel.regions.models import RolePermission

    RolePermission.objects.get_or_create(role_id=role_pk("office"), code="duties.item.approve")
    templates.run(ponds.clerk, the(code))
    item = close(ponds, WorkItem.objects.order_by("pk").first())
    register = open_register("pond")
    row = registers_row(ponds.ponds[0].pk)
    assert register.values(row).get("cleaned_on") == (TODAY if filled else None)
    assert row.version == (2 if filled else 1)
    assert ("回填清淤日期" in item.events.get(action="close_out").detail) is filled


def registers_row(pk):
    from ecocloud.kernel.registers.models import RegisterObject

    return RegisterObject.objects.get(pk=pk)


def test_a_closer_without_the_right_closes_and_the_timeline_says_what_is_missing(ponds):
    templates.run(ponds.clerk, the("fill"))
    item = WorkItem.objects.order_by("pk").first()
    for user, act in ((ponds.hydro, services.sign), (ponds.hydro, services.start)):
        item = act(user, item)
    item = services.accept(ponds.clerk, services.report(ponds.hydro, item, "已清淤", refs=["doc:1#1-2"]))
    item = services.close_out(ponds.chief, item)
    assert item.state == "closed_out" and "未回填" in item.events.get(action="close_out").detail
    assert registers_row(ponds.ponds[0].pk).version == 1


def test_the_clock_works_only_for_templates_in_use_and_notes_what_fails(ponds):
    assert templates.run_all(SYSTEM) == {}
    templates.start_use(ponds.clerk, the("check"))
    templates.start_use(ponds.second, the("check"))  # the same office: one row
    assert TemplateUse.objects.count() == 1
    first = date(TODAY.year, 1, 2)
    assert templates.run_all(SYSTEM, first)["made"] == 3
    assert templates.run_all(SYSTEM, first)["made"] == 0
    User.objects.filter(pk=ponds.second.pk).update(is_active=False)
    assert templates.run_all(SYSTEM, first) == {"troubles": 1}
    assert "权限" in TemplateUse.objects.get().trouble
    templates.start_use(ponds.clerk, the("check"))
    assert TemplateUse.objects.get().trouble == ""
    assert templates.stop_use(ponds.clerk, the("check")) and templates.run_all(SYSTEM) == {}


def test_the_clock_leaves_a_period_whose_deadline_is_over(ponds):
    templates.start_use(ponds.clerk, the("check"))
    last = date(TODAY.year, 1, 1) + timedelta(days=80)
    assert templates.run_all(SYSTEM, last + timedelta(days=1)) == {"late": 1}
    assert not WorkItem.objects.exists()
    assert templates.run_all(SYSTEM, last)["made"] == 3
    assert WorkItem.objects.first().deadline == last


def test_only_who_may_create_items_may_make_them(ponds):
    for act in (templates.preview, templates.run, templates.start_use, templates.stop_use):
        with pytest.raises(Forbidden):
            act(ponds.hydro, the("check"))


def test_the_page_previews_makes_and_links_to_what_was_made(ponds, client, registered):
    client.force_login(ponds.clerk)
    User.objects.update(must_change_password=False)
    url = reverse("duties:template", args=["ponds", "check"])
    text = client.get(url).content.decode()
    assert "生成 3 项任务" in text and "市水利局" in text
    assert client.post(url, {"do": "run"}).url == url
    text = client.get(url).content.decode()
    assert "本期任务已全部生成" in text
    line = template_pages.lines(ponds.clerk, [the("check")])[0]
    assert (line.made, line.open) == (3, 3)
    listing = client.get(line.made_url).context["listing"]
    assert listing.total == 3 == len(listing.rows)
    assert ("循环任务", f"池塘清淤检查check {recurring.turn('quarter', TODAY).period}") in listing.filter_words()
    assert client.get(f"{line.made_url[:-4]}x").context["listing"].total == 0
    client.post(url, {"do": "start"})
    assert "停用自动生成" in client.get(url).content.decode()
    assert "已启用" in client.get(reverse("duties:templates")).content.decode()
    assert client.get(reverse("duties:template", args=["ponds", "none"])).status_code == 404


def test_many_are_made_by_a_job(ponds, client, registered, monkeypatch):
    monkeypatch.setattr(templates, "LONG", 2)
    client.force_login(ponds.clerk)
    User.objects.update(must_change_password=False)
    answer = client.post(reverse("duties:template", args=["ponds", "check"]), {"do": "run"})
    job = Job.objects.get(name=templates.RUN_JOB)
    assert answer.url == reverse("web:job", args=[job.pk]) and not WorkItem.objects.exists()
    drain()
    job.refresh_from_db()
    assert job.result["made"] == 3 == WorkItem.objects.count()


def test_counts_of_the_page_follow_the_scope(ponds):
    templates.run(ponds.clerk, the("check"))
    seen = {name: template_pages.lines(getattr(ponds, name), [the("check")])[0].made
            for name in ("clerk", "hydro", "ranger")}  # fmt: skip
    assert seen == {"clerk": 3, "hydro": 3, "ranger": 0}
    assert template_pages.object_panel(ponds.ranger, ponds.ponds[0])["open"] == 0
    assert template_pages.object_panel(ponds.root, ponds.ponds[0]) is None


def test_the_pages_cost_the_same_with_many_duties(ponds, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost():
        with CaptureQueriesContext(connection) as seen:
            template_pages.lines(ponds.clerk)
            panels.panels(panels.OBJECT, ponds.clerk, ponds.ponds[0])
        return len(seen)

    cost()  # what definitions say is read once
    before = cost()
    for month in range(1, 7):
        templates.run(ponds.clerk, the("fill"), date(TODAY.year + 1, month, 5))
    assert cost() == before <= 12
    assert json.dumps(queries.total(ponds.clerk, queries.Filters())) == "18"


@pytest.fixture
def registered():
    from ecocloud.kernel.duties import jobs  # noqa: F401


DUE = """
code: permit
zh: 取水许可
en: Permit
prefix: XK
fields:
  - {code: until, zh: 有效期止, en: Valid until, kind: date, index: true}
columns: [code, name, until, state]
states: [{code: open, zh: 有效, en: Open}]
inspections:
  - {code: visit, zh: 现场检查, en: Visit, every_months: 1, items: [{code: ok, zh: 符合, en: In order}]}
expiry: {field: until, remind_days: 30}
examples:
  - {name: 甲证, values: {until: 2030-01-01}}
  - {name: 乙证, values: {}}
"""


def test_units_are_told_once_a_week_what_is_due_in_their_registers(ponds, client):
    from ecocloud.kernel.duties.services import object_notices
    from ecocloud.kernel.duties.views import notice_address

    register = registers.define(CONSOLE, reading.read_type(DUE, "permit.yaml"))
    for name, days in (("一", 3), ("二", -3), ("三", 70)):
        registers.create(ponds.clerk, register, name=name, region=ponds.city, department=ponds.at_water,
                         given={"until": TODAY + timedelta(days=days)})  # fmt: skip
    monday = TODAY - timedelta(days=TODAY.weekday())
    assert object_notices.remind(SYSTEM, monday) == 1
    assert object_notices.remind(SYSTEM, monday + timedelta(days=6)) == 0
    notice = Notice.objects.get(kind="object_due")
    assert notice.department == ponds.at_water and notice.text == "有效期止将到期或已过期 2 个"
    assert object_notices.remind(SYSTEM, monday + timedelta(days=63)) == 1
    later = Notice.objects.filter(kind="object_due").latest("pk")
    assert later.text == "有效期止将到期或已过期 3 个；现场检查到期或超期 3 个"
    User.objects.update(must_change_password=False)
    client.force_login(ponds.hydro)
    listing = client.get(notice_address(notice)).context["listing"]
    assert listing.total == 2
