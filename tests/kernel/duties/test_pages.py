"""Pages of the duties room: lists, counts, actions, conflicts, papers, rounds, API.

Expected counts are counted from the items that the tests make; expected sentences are those of the transition table.
"""

import io
import json
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from ecocloud.base.jobs.models import Job
from ecocloud.base.officedocs import docx_text
from ecocloud.kernel.duties import home, queries, services
from ecocloud.kernel.duties.models import ItemEvent, ItemFile, Notice, RoundReport, WorkItem
from ecocloud.kernel.duties.services import rounds
from ecocloud.kernel.duties.services.items import Group
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.regions.models import User
from tests.kernel.duties.conftest import some_items

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def as_(client, town):
    """``as_(person)``: a client signed in as the person."""
    User.objects.update(must_change_password=False)

    def _as(person):
        client.force_login(User.objects.get(pk=person.pk))
        return client

    return _as


@pytest.fixture
def many(make):
    """``many(n)``: n more items, half of them late."""
    return lambda n: some_items(make, n)


def body(answer):
    """The bytes of a download."""
    return b"".join(answer.streaming_content)


# --- lists ---


def segments(page):
    """The counts behind the lights of a ledger page, by light."""
    return {
        option["url"].partition("light=")[2][:6]: option["count"]
        for option in page.context["listing"].filter("light").segments
    }


@pytest.mark.parametrize("who", ["clerk", "hydro", "ranger"])
@pytest.mark.parametrize(
    "filter_", ["", "year=YEAR", "state=issued", "q=任务1", "doc=doc:1", "lead=WATER", "due_from=TODAY"]
)
def test_the_lights_count_what_their_lists_hold(as_, town, many, who, filter_):
    many(16)
    person = getattr(town, who)
    filter_ = (
        filter_.replace("YEAR", str(TODAY.year)).replace("WATER", str(town.at_water.pk)).replace("TODAY", str(TODAY))
    )
    client = as_(person)
    page = client.get(f"/duties/?{filter_}")
    seen = list(page.context["listing"].narrowed())
    assert page.context["listing"].total == len(seen)
    for light in ("red", "yellow", "green", "closed", "none"):
        expected = sum(item.light == light for item in seen)
        assert page.context["listing"].light_counts.get(light, 0) == expected
        behind = client.get(f"/duties/?{filter_}&light={light}").context["listing"]
        assert behind.total == expected == len(list(behind.narrowed()))


def test_pages_of_the_list_show_every_item_once_for_the_office_and_for_one_unit(as_, town, many):
    many(25)
    for person in (town.clerk, town.hydro, town.driver):
        client, found = as_(person), []
        for number in (1, 2, 3):
            listing = client.get(f"/duties/?per=10&page={number}").context["listing"]
            if listing.page == number:
                found += [row.pk for row in listing.rows]
        wanted = list(queries.items(person).values_list("pk", flat=True))
        assert found == wanted and len(set(found)) == len(found)


@pytest.mark.parametrize("tab", ["todo", "done", "started", "copied", "urged", "read", "warning"])
def test_home_tabs_open_lists_of_the_same_size(as_, town, many, make, tab):
    many(6)
    item = make("in_progress", deadline=TODAY - timedelta(days=1))
    services.urge(town.clerk, item)
    for person in (town.clerk, town.hydro, town.chief, town.driver):
        expected = home.todo_count(person) if tab == "todo" else home.count(person, tab)
        page = as_(person).get(reverse("duties:mine"), {"tab": tab})
        assert page.context["listing"].total == expected


def test_overdue_list_equals_its_counter(as_, town, many):
    many(9)
    page = as_(town.clerk).get(home.overdue_url(town.clerk))
    assert page.context["listing"].total == home.overdue_count(town.clerk) == 4


def test_an_item_of_another_unit_is_not_shown(as_, town, make):
    item = make("issued", units=[])
    client = as_(town.driver)
    assert client.get(f"/duties/items/{item.pk}/").status_code == 404
    assert item.title not in client.get("/duties/").content.decode()
    opened = client.get(f"/duties/?open={item.pk}").content.decode()
    assert item.title not in opened and "不在您的数据范围内" in opened


# --- actions ---


def post(client, item, action, **data):
    """Send the dialog of an action."""
    return client.post(f"/duties/items/{item.pk}/act/", {"action": action, "version": item.version, **data})


def test_the_buttons_are_what_the_engine_allows_and_do_it(as_, town, make):
    item = make("issued")
    page = as_(town.hydro).get(f"/duties/items/{item.pk}/").content.decode()
    assert 'data-dialog="act-sign"' in page and 'data-dialog="act-accept"' not in page
    assert post(as_(town.hydro), item, "sign").status_code == 302
    item.refresh_from_db()
    assert item.state == "signed"


def test_dialogs_ask_for_a_mandatory_opinion_and_carry_the_version(as_, town, make):
    item = make("issued")
    page = as_(town.hydro).get(f"/duties/items/{item.pk}/").content.decode()
    dialog = page.split('id="act-return"')[1].split("</dialog>")[0]
    assert (
        "data-needs-opinion" in dialog and "required" in dialog and f'name="version" value="{item.version}"' in dialog
    )
    refused = post(as_(town.hydro), item, "return")
    assert refused.status_code == 422 and "必须写明意见" in refused.content.decode()
    item.refresh_from_db()
    assert item.state == "issued"


def test_a_stale_page_is_told_what_changed_and_keeps_the_words(as_, town, make):
    item = make("reported")
    services.return_(town.clerk, item, "缺少清单")
    answer = post(as_(town.second), item, "accept", opinion="材料齐全同意办结")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "已被他人更新" in page and "缺少清单" in page and "材料齐全同意办结" in page
    item.refresh_from_db()
    assert item.state == "in_progress"


def test_the_same_form_sent_twice_acts_once(as_, town, make):
    item = make("in_progress")
    for _ in range(2):
        post(as_(town.hydro), item, "progress", progress="40", opinion="已完成四成", key="a1")
    assert ItemEvent.objects.filter(item=item, action="progress").count() == 1
    item.refresh_from_db()
    assert item.progress == 40


def test_fields_of_actions_are_read(as_, town, make):
    item = make("in_progress", deadline=TODAY + timedelta(days=5))
    later = TODAY + timedelta(days=40)
    assert (
        post(as_(town.hydro), item, "request_extension", deadline=later.isoformat(), opinion="汛期").status_code == 302
    )
    item.refresh_from_db()
    assert item.extensions.get().new_deadline == later
    assert post(as_(town.chief), item, "grant_extension").status_code == 302
    item.refresh_from_db()
    assert item.deadline == later
    assert post(as_(town.clerk), item, "transfer", lead="市林业局", opinion="职能调整").status_code == 302
    item.refresh_from_db()
    assert item.lead_department == town.at_forest
    unknown = post(as_(town.clerk), item, "transfer", lead="无此单位", opinion="职能调整")
    assert unknown.status_code == 422 and "没有“无此单位”这个单位" in unknown.content.decode()


def test_files_are_kept_shown_downloaded_and_journalled(as_, town, make, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    item = make("in_progress")
    upload = io.BytesIO("排查清单".encode())
    upload.name = "清单.txt"
    assert post(as_(town.hydro), item, "attach", files=upload).status_code == 302
    row = ItemFile.objects.get(item=item)
    assert "清单.txt" in as_(town.hydro).get(f"/duties/items/{item.pk}/").content.decode()
    assert body(as_(town.hydro).get(f"/duties/files/{row.pk}/")).decode() == "排查清单"
    assert Entry.objects.filter(action="duties.file.download").count() == 1
    assert as_(town.farmer).get(f"/duties/files/{row.pk}/").status_code == 404


def test_create_by_hand_change_and_decompose(as_, town):
    client = as_(town.clerk)
    given = {
        "title": "新任务",
        "lead": "市水利局",
        "units": "市林业局、各乡镇",
        "deadline": "2030年9月30日",
        "kind": "task",
        "cycle": "monthly",
        "year": "2030",
    }
    assert client.post("/duties/new/", given | {"lead": "水务集团"}).status_code == 422
    wrong = client.post("/duties/new/", given | {"deadline": "2026-13-01", "body": "写好的内容"})
    assert wrong.status_code == 422 and "写好的内容" in wrong.content.decode()
    assert "“2026-13-01”不是日期，应为 2026-12-31 的形式。" in wrong.content.decode()
    made = client.post("/duties/new/", given)
    assert made.status_code == 302, (made.context["form"].errors, made.context["refused"])
    item = WorkItem.objects.get(title="新任务")
    assert (item.lead_department, item.year, item.cycle) == (town.at_water, 2030, "monthly")
    assert [row.text for row in item.units.order_by("id")] == ["市林业局", "各乡镇"]
    change = {
        "title": "改名任务",
        "units": "市林业局、各乡镇",
        "deadline": "2030-10-31",
        "cycle": "monthly",
        "version": item.version,
    }
    assert client.post(f"/duties/items/{item.pk}/edit/", change).status_code == 422
    assert client.post(f"/duties/items/{item.pk}/edit/", change | {"opinion": "会议确定"}).status_code == 302
    item.refresh_from_db()
    assert (item.title, str(item.deadline)) == ("改名任务", "2030-10-31")
    split = {"version": item.version, "nodes-TOTAL_FORMS": 1, "nodes-INITIAL_FORMS": 0, "nodes-0-title": "摸底",
             "nodes-0-due": "2030-08-01",
             "children-TOTAL_FORMS": 1, "children-INITIAL_FORMS": 0, "children-0-title": "子任务一",
             "children-0-lead": "东乡"}  # fmt: skip
    assert client.post(f"/duties/items/{item.pk}/decompose/", split).status_code == 302
    assert item.nodes.get().title == "摸底" and item.children.get().lead_department == town.at_east


def test_reminding_many_tells_which_were_refused(as_, town, make):
    open_, fresh = make("issued"), make("registered")
    page = as_(town.clerk).post("/duties/remind/", {"item": [open_.pk, fresh.pk]}, follow=True).content.decode()
    assert "已催办 1 项" in page and fresh.code in page
    assert Notice.objects.filter(kind="urge", department=town.at_water).count() == 1


def test_notices_are_marked_read(as_, town, make):
    make("issued")
    page = as_(town.hydro).get("/duties/mine/?tab=read")
    unread = page.context["listing"].total
    assert unread == queries.unread(town.hydro).count() > 0
    as_(town.hydro).post("/duties/read/", {"all": "1"})
    assert queries.unread(town.hydro).count() == 0


# --- papers ---


@pytest.mark.parametrize("query", ["", "light=red", "lead=FOREST", "q=任务1", "list=todo"])
def test_counts_in_the_papers_equal_the_list(as_, town, many, query):
    many(14)
    query = query.replace("FOREST", str(town.at_forest.pk))
    client = as_(town.clerk)
    address = "/duties/mine/?tab=todo" if "todo" in query else f"/duties/?{query}"
    listing = client.get(address).context["listing"]
    total, lit = listing.total, [row.light for row in listing.narrowed()]
    assert total == len(lit) > 0
    circular = docx_text(body(client.get(f"/duties/papers/circular.docx?{query}")))
    assert f"督办任务共{total}项" in circular.replace("[1]", "")
    for light, word in (("red", "红灯（逾期、滞后）"), ("green", "绿灯（正常）")):
        count = lit.count(light)
        assert (f"{word}{count}项" in circular) == bool(count)
    whole = next(line for line in circular.splitlines() if "合计" in line)
    assert [int(cell) for cell in whole.split("\t")[2:]] == [
        total,
        *(lit.count(name) for name in ("red", "yellow", "green", "none", "closed")),
    ]
    book = load_workbook(io.BytesIO(body(client.get(f"/duties/papers/schedule.xlsx?{query}"))))
    assert book.worksheets[0].max_row == total + 1
    schedule = docx_text(body(client.get(f"/duties/papers/schedule.docx?{query}")))
    assert f"共{total}项" in schedule.replace("[1]", "")


def test_every_item_in_a_paper_names_its_source(as_, town, many):
    many(8)
    text = docx_text(body(as_(town.clerk).get("/duties/papers/schedule.docx")))
    appendix = text.split("数据与事实来源")[1]
    for item in WorkItem.objects.all():
        assert any(item.source_title in line and item.source_place in line for line in appendix.splitlines())
    assert "督办任务台账" in appendix


def test_letters_come_one_for_each_unit(as_, town, many):
    many(8)
    answer = as_(town.clerk).get("/duties/papers/letter.docx")
    archive = zipfile.ZipFile(io.BytesIO(body(answer)))
    units = {item.lead_department.name for item in WorkItem.objects.all()}
    assert len(archive.namelist()) == len(units) == 2
    total = 0
    for name in archive.namelist():
        text = docx_text(archive.read(name))
        lead = next(unit for unit in units if unit in name)
        mine = [item for item in WorkItem.objects.all() if item.lead_department.name == lead]
        assert f"{lead}：" in text and all(item.code in text for item in mine)
        total += len(mine)
    assert total == 8
    one = as_(town.clerk).get(f"/duties/papers/letter.docx?lead={town.at_forest.pk}")
    assert one["Content-Type"].endswith("wordprocessingml.document")


def test_exports_are_journalled_with_rows_and_filter(as_, town, many):
    many(4)
    body(as_(town.clerk).get("/duties/papers/list.xlsx?q=任务1"))
    entry = Entry.objects.filter(action="duties.item.export").latest("id")
    after = json.loads(entry.after) if isinstance(entry.after, str) else entry.after
    assert after["rows"] == 1 and "q=" in after["filter"]


def test_picked_items_only(as_, town, many):
    many(6)
    chosen = [str(pk) for pk in WorkItem.objects.values_list("pk", flat=True)[:2]]
    book = load_workbook(io.BytesIO(body(as_(town.clerk).get("/duties/papers/list.xlsx", {"item": chosen}))))
    assert book.worksheets[0].max_row == 3


def test_the_exported_list_comes_back_in_unchanged(as_, town, many):
    from ecocloud.base.sheets.book import guess_workbook
    from ecocloud.base.sheets.compare import compare
    from ecocloud.base.sheets.reading import read_rows
    from ecocloud.kernel.duties.services import ledger

    many(5)
    content = body(as_(town.clerk).get("/duties/papers/list.xlsx"))
    spec = ledger.ledger_spec(town.clerk)
    rows = read_rows(
        content, spec, guess_workbook(content, spec), lambda key, text: ledger.look_up(town.clerk, key, text)
    )
    found = compare(rows, ledger.ledger_existing(town.clerk), spec)
    assert found.counts() == {"new": 0, "changed": 0, "same": 5, "wrong": 0}, [
        row.faults or row.diffs for row in found.wrong + found.changed
    ]


def test_long_lists_become_a_job_whose_file_belongs_to_its_maker(as_, town, many, monkeypatch, settings, tmp_path):
    from ecocloud.base.jobs.worker import drain
    from ecocloud.kernel.duties import jobs, views_papers

    assert jobs
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(views_papers, "AT_ONCE", 3)
    many(5)
    answer = as_(town.clerk).get("/duties/papers/circular.docx")
    assert answer.status_code == 302
    drain()
    job = Job.objects.get(name="duties.output")
    assert job.state == "done" and job.result["rows"] == 5, job.error
    assert f"共{5}项" in docx_text(body(as_(town.clerk).get(job.result["url"]))).replace("[1]", "")
    assert as_(town.second).get(job.result["url"]).status_code == 404


# --- rounds ---


@pytest.fixture
def round_(town, make):
    """An open round with three reports of the water bureau and one of the forest bureau."""
    for title in ("甲", "乙", "丙"):
        make("in_progress", title=title)
    services.sign(town.ranger, make("issued", title="丁", lead=town.at_forest, units=[]))
    return rounds.open_round(town.clerk, period="2026-08", due=TODAY)


def fill_data(reports, **more):
    """A post of the fill form."""
    data = {}
    for report in reports:
        data |= {
            f"version-{report.pk}": report.version,
            f"progress-{report.pk}": "55",
            f"text-{report.pk}": f"{report.item.title}进展",
        }
    return data | more


def test_a_unit_keeps_a_draft_and_sends_its_reports(as_, town, round_):
    reports = list(RoundReport.objects.filter(round=round_, department=town.at_water).select_related("item"))
    address = f"/duties/rounds/{round_.pk}/fill/"
    assert as_(town.hydro).post(address, fill_data(reports, do="draft")).status_code == 302
    kept = RoundReport.objects.get(pk=reports[0].pk)
    assert (kept.state, kept.text, kept.progress) == ("owed", f"{reports[0].item.title}进展", Decimal(55))
    stale = as_(town.hydro).post(address, fill_data(reports, do="send"))
    assert stale.status_code == 409
    fresh = list(RoundReport.objects.filter(round=round_, department=town.at_water).select_related("item"))
    assert as_(town.hydro).post(address, fill_data(fresh, do="send")).status_code == 302
    assert set(RoundReport.objects.filter(department=town.at_water).values_list("state", flat=True)) == {"submitted"}
    assert RoundReport.objects.get(department=town.at_forest).state == "owed"


def test_a_wrong_number_sends_nothing_and_keeps_what_was_typed(as_, town, round_):
    reports = list(RoundReport.objects.filter(round=round_, department=town.at_water).select_related("item"))
    data = fill_data(reports, do="send") | {f"progress-{reports[2].pk}": "140"}
    answer = as_(town.hydro).post(f"/duties/rounds/{round_.pk}/fill/", data)
    assert answer.status_code == 422 and "甲进展" in answer.content.decode()
    assert set(RoundReport.objects.values_list("state", flat=True)) == {"owed"}


def test_counts_of_a_round_equal_the_lists_behind_them(as_, town, round_):
    reports = list(RoundReport.objects.filter(round=round_, department=town.at_water).select_related("item"))
    as_(town.hydro).post(f"/duties/rounds/{round_.pk}/fill/", fill_data(reports, do="send"))
    for report in RoundReport.objects.filter(department=town.at_water)[:1]:
        rounds.check(town.clerk, report)
    for person in (town.clerk, town.hydro):
        page = as_(person).get(f"/duties/rounds/{round_.pk}/")
        for state, _label, count in page.context["states"]:
            behind = as_(person).get(f"/duties/rounds/{round_.pk}/check/?state={state}").context["listing"]
            assert behind.total == count
    assert {line.name: line.owing for line in as_(town.clerk).get(f"/duties/rounds/{round_.pk}/").context["lines"]} == {
        "市水利局": 0,
        "市林业局": 1,
    }


def test_the_office_accepts_returns_with_reason_reminds_and_locks(as_, town, round_):
    reports = list(RoundReport.objects.filter(round=round_, department=town.at_water).select_related("item"))
    as_(town.hydro).post(f"/duties/rounds/{round_.pk}/fill/", fill_data(reports, do="send"))
    a, b, c = RoundReport.objects.filter(department=town.at_water).order_by("pk")
    address = f"/duties/rounds/{round_.pk}/decide/"
    as_(town.clerk).post(address, {"report": [a.pk], f"version-{a.pk}": a.version})
    as_(town.clerk).post(address, {"accept": b.pk, f"version-{b.pk}": b.version})
    as_(town.clerk).post(address, {"report": c.pk, "do": "return"})
    c.refresh_from_db()
    assert c.state == "submitted"
    as_(town.clerk).post(address, {"report": c.pk, "do": "return", "opinion": "缺佐证"})
    assert list(
        RoundReport.objects.filter(department=town.at_water).order_by("pk").values_list("state", flat=True)
    ) == ["accepted", "accepted", "returned"]
    assert WorkItem.objects.get(pk=a.item_id).progress == 55
    as_(town.clerk).post(f"/duties/rounds/{round_.pk}/remind/")
    assert Notice.objects.filter(kind="remind").count() == 2
    as_(town.clerk).post(f"/duties/rounds/{round_.pk}/lock/")
    round_.refresh_from_db()
    assert round_.state == "open"
    as_(town.clerk).post(f"/duties/rounds/{round_.pk}/lock/", {"as_is": "1"})
    round_.refresh_from_db()
    assert round_.state == "locked"


def test_the_workbook_of_a_unit_goes_out_and_comes_back(as_, town, round_):
    book = load_workbook(
        io.BytesIO(body(as_(town.clerk).get(f"/duties/rounds/{round_.pk}/workbook/?unit={town.at_water.pk}")))
    )
    sheet = book.worksheets[0]
    assert sheet.max_row == 4
    sheet["D2"], sheet["E2"] = 0.7, "完成七成"
    sheet["D3"], sheet["E3"] = "很多", "填错"

    def send():
        out = io.BytesIO()
        book.save(out)
        out.seek(0)
        out.name = "填报表.xlsx"
        return as_(town.clerk).post(f"/duties/rounds/{round_.pk}/upload/", {"unit": town.at_water.pk, "workbook": out})

    wrong = send()
    assert wrong.status_code == 422 and "D3" in wrong.content.decode()
    assert set(RoundReport.objects.values_list("state", flat=True)) == {"owed"}
    sheet["D3"], sheet["E3"] = 0.4, "完成四成"
    assert send().status_code == 302
    done = RoundReport.objects.filter(state="submitted").order_by("-progress")
    assert [(row.progress, row.text) for row in done] == [(Decimal(70), "完成七成"), (Decimal(40), "完成四成")]


# --- rule, year, API ---


def test_a_new_rule_is_tried_before_it_is_used(as_, town, make):
    item = make("in_progress", deadline=TODAY + timedelta(days=100))
    WorkItem.objects.filter(pk=item.pk).update(started_on=TODAY - timedelta(days=100), light="red", light_rank=1)
    given = {"near_workdays": 5, "yellow_gap": 60, "red_gap": 70, "grace_share": 10, "note": "试行"}
    page = as_(town.clerk).post("/duties/rule/", given | {"do": "try"})
    assert page.context["effect"]["changed"] == 1
    assert as_(town.clerk).get("/duties/rule/").context["current"].version == 1
    assert as_(town.clerk).post("/duties/rule/", given | {"do": "save"}).status_code == 302
    assert as_(town.clerk).get("/duties/rule/").context["current"].version == 2
    assert as_(town.hydro).post("/duties/rule/", given | {"do": "save"}).status_code == 403


def test_year_rollover_shows_and_does(as_, town, make):
    item = make("in_progress", year=TODAY.year - 1)
    page = as_(town.clerk).get(f"/duties/year/?year={TODAY.year - 1}")
    assert page.context["total"] == 1 and "跨年度事项，继续办理" in page.content.decode()
    english = as_(town.clerk).get("/duties/year/", {"year": TODAY.year - 1, "language": "en"})
    assert "Goes on beyond the year" in english.content.decode()
    as_(town.clerk).get("/duties/year/?language=zh-hans")
    as_(town.clerk).post("/duties/year/", {"year": TODAY.year - 1, f"act-{item.pk}": "carry"})
    item.refresh_from_db()
    assert item.year == TODAY.year


def test_the_api_lists_shows_and_acts(as_, town, make):
    item = make("issued")
    client = as_(town.hydro)
    found = client.get("/api/duties/items").json()
    assert found["total"] == 1 and found["items"][0]["code"] == item.code
    detail = client.get(f"/api/duties/items/{item.pk}").json()
    assert "sign" in [one["action"] for one in detail["possible"]]
    sent = {"action": "sign", "version": item.version}
    done = client.post(f"/api/duties/items/{item.pk}/act", sent, content_type="application/json")
    assert done.status_code == 200 and done.json()["state"] == "signed"
    stale = client.post(f"/api/duties/items/{item.pk}/act", sent, content_type="application/json")
    assert stale.status_code == 409 and stale.json()["code"] == "duties.stale"
    assert as_(town.driver).get(f"/api/duties/items/{item.pk}").status_code == 404


def test_a_group_of_cooperating_units_is_written_once(as_, town, make):
    item = make("issued", units=[town.at_roads, Group("各乡镇（街道）", (town.at_east, town.at_west))])
    assert item.units.count() == 3
    client, address = as_(town.clerk), f"/duties/items/{item.pk}/"
    assert "市交通局、各乡镇（街道）（2 个单位）</dd>" in client.get(address).content.decode()
    assert "各乡镇（街道） (2 units)</dd>" in client.get(address, {"language": "en"}).content.decode()
    assert client.get(f"/api/duties/items/{item.pk}").json()["units"] == ["市交通局", "各乡镇（街道）"]
    listed = body(client.get("/duties/papers/list.csv?language=zh-hans")).decode("utf-8-sig")
    assert "市交通局、各乡镇（街道）," in listed and "各乡镇（街道）、各乡镇（街道）" not in listed
