"""Systems that the duties room delivers, each from what goes in to what comes out."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from ecocloud.base.errors import EcoError
from ecocloud.base.officedocs import docx_text
from ecocloud.kernel.duties import queries, services
from ecocloud.kernel.duties.models import ItemFile, Notice, Opinion, RoundReport, WorkItem
from ecocloud.kernel.duties.services import cases, rounds
from ecocloud.kernel.regions.models import User
from tests.kernel.duties.conftest import land, make, town
from tests.systems.proving import proved

__all__ = ["land", "make", "town"]
pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def as_(client, town, settings, tmp_path):
    """``as_(person)``: a client signed in as that person; files go to a folder of the test."""
    settings.MEDIA_ROOT = tmp_path
    User.objects.update(must_change_password=False, password_changed_at=timezone.now())

    def _as(person):
        client.force_login(User.objects.get(pk=person.pk), backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return _as


def act(client, item, action, **more):
    """A step on the page of an item."""
    item.refresh_from_db()
    return client.post(reverse("duties:act", args=[item.pk]), {"action": action, "version": item.version} | more)


def words_of(answer):
    """The text of a paper, without the numbers of its notes."""
    text = docx_text(b"".join(answer.streaming_content))
    return text.replace("[1]", "").replace("[2]", "")


def test_s007_from_status_and_a_visit_to_the_schedule_and_a_letter_with_its_day(as_, make, town):
    """S007 日常调度、调研评估、发函督办: task status, overdue items, visit notes -> dispatch sheets, letters."""
    today = timezone.localdate()
    late = make("in_progress", title="排污口整治", deadline=today - 20 * DAY)
    make("in_progress", title="河道清淤", deadline=today + 90 * DAY)
    assert list(queries.overdue(town.clerk)) == [late]
    # status: the round of the month, filled by the unit, checked by the office
    opened = as_(town.clerk).post(reverse("duties:round-new"), {"period": f"{today:%Y-%m}", "due": today,
                                                                "title": "本月调度"})  # fmt: skip
    assert opened.status_code == 302
    report = RoundReport.objects.get(item=late)
    fill = reverse("duties:fill", args=[report.round_id])
    given = {f"version-{report.pk}": 1, f"progress-{report.pk}": "45.5", f"text-{report.pk}": "完成护岸三处"}
    wrong = as_(town.hydro).post(fill, given | {"do": "send", f"progress-{report.pk}": "140"})
    assert wrong.status_code == 422 and RoundReport.objects.get(pk=report.pk).state == "owed"
    as_(town.hydro).post(fill, given | {"do": "send", f"version-{report.pk}": report.version})
    report.refresh_from_db()
    rounds.check(town.clerk, report)
    # a visit: its notes hang on the item
    note = SimpleUploadedFile("调研记录.txt", "现场仍有两处直排".encode())
    assert act(as_(town.clerk), late, "attach", files=note, opinion="调研走访").status_code == 302
    visit = ItemFile.objects.get(item=late)
    # out: the schedule with what was reported
    sheet = words_of(as_(town.clerk).get(reverse("duties:round-paper", args=[report.round_id, "docx"])))
    assert "排污口整治" in sheet and "45.5%" in sheet
    # out: the letter, drafted from the item with what the visit found, sent, answered by its day
    drafted = as_(town.clerk).post(reverse("duties:supervise", args=[late.pk]),
                                   {"text": "调研发现仍有两处直排，请书面回复。"})  # fmt: skip
    letter = WorkItem.objects.get(kind="letter")
    assert drafted["Location"] == reverse("duties:item", args=[letter.pk])
    assert act(as_(town.chief), letter, "issue").status_code == 302
    letter.refresh_from_db()
    assert letter.state == "issued" and letter.deadline == cases.workday_after(today, 10)
    paper = words_of(as_(town.clerk).get(reverse("duties:paper", args=["letter", "docx"]), {"item": letter.pk}))
    due = f"{letter.deadline.year}年{letter.deadline.month}月{letter.deadline.day}日"
    assert "市水利局：" in paper and "两处直排" in paper
    assert act(as_(town.hydro), letter, "sign").status_code == 302
    assert act(as_(town.hydro), letter, "report", opinion="本周封堵").status_code == 302
    assert "本周封堵" in as_(town.clerk).get(reverse("duties:item", args=[letter.pk])).content.decode()
    proved(
        "S007",
        given={"Task status": report, "overdue items": late, "visit notes": visit},
        refused=wrong,
        came_out={"Dispatch sheets": ("完成护岸三处", sheet),
                  "supervision letters with reply deadline": (f"完成期限{due}", paper)},
    )  # fmt: skip


def test_s001_from_tasks_and_reports_to_the_years_plan_the_bulletin_and_reminders(as_, make, town):
    """S001 领导小组办公室: tasks, unit reports, notices -> yearly plan, progress bulletin, reminders."""
    today = timezone.localdate()
    year = today.year
    client = as_(town.clerk)
    refused = client.post(reverse("duties:create"), {"title": "", "kind": "task", "lead": town.at_water.pk})
    assert refused.status_code == 422 and not WorkItem.objects.exists()
    late = make("in_progress", title="排污口整治", deadline=today - DAY)
    late = services.report_progress(town.hydro, late, 30, "完成三成")
    done = make("closed_out", title="湿地修复", lead=town.at_water, deadline=today + 9 * DAY)
    # notices: the decision of a meeting reaches the unit
    services.urge(town.clerk, late, opinion="请在月底前完成")
    notice = Notice.objects.filter(ref=late.ref, department=town.at_water).latest("pk")
    # out: the list of the year with unit and day, as a workbook
    book = load_workbook(io.BytesIO(b"".join(
        as_(town.clerk).get(reverse("duties:paper", args=["list", "xlsx"]), {"year": year}).streaming_content
    )))  # fmt: skip
    cells = {str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row}
    # out: the bulletin
    bulletin = words_of(client.get(reverse("duties:paper", args=["circular", "docx"])))
    assert "督办任务共2项" in bulletin and "排污口整治" in bulletin and "30%" in bulletin
    # out: the reminder on the desk of the unit
    told = [one.title for one in queries.urged(town.hydro)]
    proved(
        "S001",
        given={"Tasks": done, "unit reports": late, "notices": notice},
        refused=refused,
        came_out={"Yearly plan": ({"排污口整治", "湿地修复"}, {"排污口整治", "湿地修复"} & cells),
                  "progress bulletin": ("市水利局", bulletin), "reminders": ([notice.title], told)},
    )  # fmt: skip


def test_s039_from_itemised_duties_to_open_paid_and_overdue_by_unit(as_, make, town):
    """S039 账单式管理与跟踪监管: itemised duties by unit -> open and paid items, arrears."""
    today = timezone.localdate()
    paid = make("closed_out", title="退塘还湖", deadline=today + 30 * DAY)
    opened = make("in_progress", title="封山育林", deadline=today + 30 * DAY)
    owed = make("in_progress", title="截污纳管", deadline=today - 5 * DAY)
    make("issued", title="别家的", lead=town.at_forest, units=[], deadline=today - 5 * DAY)
    # paid only on what somebody else accepted
    reported = services.report(town.hydro, opened, "做完了", refs=["doc:1#1-2"])
    with pytest.raises(EcoError) as own:
        services.accept(town.hydro, reported)
    services.return_(town.clerk, reported, "佐证不足")
    line = next(one for one in queries.by_unit(town.clerk) if one["department_id"] == town.at_water.pk)
    page = as_(town.clerk).get(reverse("duties:ledger"), {"lead": town.at_water.pk}).content.decode()
    assert all(one.title in page for one in (paid, opened, owed)) and "别家的" not in page
    # the unit sees its own bill
    mine = as_(town.hydro).get(reverse("duties:ledger"), {"light": "red"}).content.decode()
    assert "截污纳管" in mine and "别家的" not in mine
    proved(
        "S039",
        given={"Itemised duties by unit": [paid, opened, owed]},
        refused=own.value,
        came_out={"Open and paid items": ((3, 1), (line["total"], line["lights"]["closed"])),
                  "arrears": ([owed], list(queries.overdue(town.hydro)))},
    )  # fmt: skip


def test_s053_from_a_matter_of_several_units_to_joint_opinions_in_time(as_, town):
    """S053 业务协调平台: cases needing several departments -> joint opinions, timing."""
    today = timezone.localdate()
    item = services.create_item(town.clerk, title="沿江选址会商", kind="decision", lead=town.at_roads,
                                channel="special", values={"meeting": "专题会"})  # fmt: skip
    client = as_(town.clerk)
    asked = act(client, item, "consult", units="市水利局、市林业局")
    assert asked.status_code == 302
    item.refresh_from_db()
    assert item.state == "consulting" and item.act_by == cases.workday_after(today, 5)
    assert list(queries.opinions_awaited(town.ranger)) and list(queries.opinions_awaited(town.hydro))
    assert act(as_(town.ranger), item, "give_opinion", stance="changes", opinion="避让公益林").status_code == 302
    early = act(as_(town.clerk), item, "issue")
    assert early.status_code in (409, 422)
    assert act(as_(town.hydro), item, "give_opinion", stance="agree").status_code == 302
    for one in Opinion.objects.filter(item=item):
        services.answer_opinion(town.clerk, WorkItem.objects.get(pk=item.pk), one, "adopted")
    assert act(as_(town.clerk), item, "issue").status_code == 302
    item.refresh_from_db()
    page = as_(town.clerk).get(reverse("duties:item", args=[item.pk])).content.decode()
    assert item.state == "issued" and "市林业局" in page and "市水利局" in page
    given = Opinion.objects.filter(item=item, given_at__isnull=False)
    assert item.deadline == cases.workday_after(today, 60)
    proved("S053", given={"Cases needing several departments": item}, refused=early,
           came_out={"Joint opinions": ("避让公益林", page),
                     "timing": ([today, today], [timezone.localdate(one.given_at) for one in given])})  # fmt: skip


def test_s215_from_a_case_and_its_papers_to_a_transfer_with_state_and_time(as_, land):
    """S215 两法衔接: administrative cases, monitoring data, transfer papers -> transferred cases, feedback time."""
    today = timezone.localdate()
    case = services.create_item(land.clerk, title="暗管排污查处", kind="problem", lead=land.at_water,
                                channel="enforcement")  # fmt: skip
    paper = SimpleUploadedFile("移送书.txt", "移送书".encode())
    data = "lake:KILN00000000000000000001/w01018/hour-2026-03-05T00:00@1"
    item = services.create_item(
        land.clerk, title="暗管排污案", kind="referral", lead=land.at_roads, channel="monitoring",
        refs=[case.ref, data], values={"suspect": "某厂", "charge": "污染环境", "paper": "1号"},
    )  # fmt: skip
    assert act(as_(land.clerk), item, "attach", files=paper).status_code == 302
    assert act(as_(land.clerk), item, "issue").status_code == 302
    item.refresh_from_db()
    assert item.act_by == cases.workday_after(today, 1)  # to be received the next working day
    assert act(as_(land.driver), item, "sign").status_code == 302
    item.refresh_from_db()
    review = item.act_by
    without = act(as_(land.driver), item, "refuse")
    assert without.status_code == 422  # a refusal says why
    assert act(as_(land.driver), item, "start").status_code == 302
    client = as_(land.clerk)
    page = client.get(reverse("duties:item", args=[item.pk])).content.decode()
    assert "某厂" in page and case.code in page and "移送书" in page
    listed = client.get(reverse("duties:ledger"), {"kind": "referral"}).content.decode()
    assert "暗管排污案" in listed
    proved("S215", given={"Administrative cases": case, "monitoring data": item.refs.filter(ref=data).get(),
                          "transfer papers": ItemFile.objects.get(item=item)}, refused=without,
           came_out={"Transferred cases with state": ("立案侦办", listed),
                     "feedback time": (cases.workday_after(today, 3), review)})  # fmt: skip
