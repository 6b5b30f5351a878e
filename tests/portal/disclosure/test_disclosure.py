"""Disclosure: what is due when, publishing and taking back, objections, terms, open data."""

import csv
import io
import json
from datetime import date, timedelta

import pytest
from django.utils import timezone

from ecocloud.base.errors import Forbidden
from ecocloud.base.files.models import StoredFile
from ecocloud.intake.documents.models import Document
from ecocloud.kernel.duties import services as duties
from ecocloud.kernel.duties.models import ItemCase, Objection
from ecocloud.portal.disclosure import facts, opendata, queries, services
from ecocloud.portal.disclosure.models import Publication
from ecocloud.portal.errors import NotOpen, Refused
from ecocloud.portal.reports import services as reports
from ecocloud.portal.reports.models import Report

TODAY = timezone.localdate()


@pytest.mark.parametrize(
    ("every", "last", "due"),
    [
        ("month", date(2026, 3, 31), date(2026, 4, 1)), ("month", date(2026, 12, 1), date(2027, 1, 1)),
        ("quarter", date(2026, 3, 31), date(2026, 4, 1)), ("quarter", date(2026, 11, 2), date(2027, 1, 1)),
        ("year", date(2026, 6, 5), date(2027, 1, 1)), ("month", None, date(2026, 5, 1)),
        ("none", date(2026, 1, 1), None),
    ],
)  # fmt: skip
def test_the_next_is_due_in_the_period_after_the_last(every, last, due):
    assert facts.due_after(every, last, date(2026, 5, 20)) == due


def test_every_term_and_list_has_both_languages():
    for one in (*facts.terms(), *facts.lists().values()):
        assert one.zh and one.en and one.what_zh and one.what_en
    assert len({one.zh for one in facts.terms()}) == len(facts.terms())


@pytest.fixture
def document(town):
    from django.conf import settings

    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    (settings.MEDIA_ROOT / "b").write_bytes(b"<html><script>alert(1)</script></html>")
    kept = StoredFile.objects.create(sha256="b" * 64, size=9, kind="txt", name="报告.txt", path="b", uploaded_by="x")
    return Document.objects.create(
        title="年度报告", file=kept, sha256="b" * 64, uploaded_by=town.clerk, region=town.city,
        department=town.office, secrecy="public", status="in_review",
    )  # fmt: skip


@pytest.mark.django_db
def test_published_and_taken_back_with_the_reason_in_its_place(town, document, public):
    row = services.publish(town.clerk, "reports", document=document, period="2025")
    answer = public.get(f"/public/open/file/{row.pk}/")
    assert answer["Content-Disposition"].startswith("attachment") and answer["X-Content-Type-Options"] == "nosniff"
    assert "年度报告" in public.get("/public/open/reports/").content.decode()
    with pytest.raises(Forbidden):
        services.withdraw(town.worker, row, "x")
    with pytest.raises(Refused):
        services.withdraw(town.clerk, row, " ")
    services.withdraw(town.clerk, row, "数据有误")
    assert public.get(f"/public/open/file/{row.pk}/").status_code == 404
    assert "数据有误" in public.get("/public/open/reports/").content.decode()
    assert public.get("/public/open/nothing/").status_code == 404


@pytest.mark.django_db
def test_what_is_not_public_or_not_yet_due_is_not_shown(town, document, public):
    services.publish(town.clerk, "reports", document=document, day=TODAY + timedelta(days=1))
    assert not queries.public().exists()
    document.secrecy = "internal"
    with pytest.raises(Refused, match="not public"):
        services.publish(town.clerk, "reports", document=document)
    with pytest.raises(Refused):
        services.publish(town.clerk, "nothing", document=document)
    with pytest.raises(Forbidden):
        services.publish(town.mayor, "reports", document=document)


@pytest.mark.django_db
def test_a_list_is_late_when_its_period_has_passed(town, document):
    services.publish(town.clerk, "quality", document=document, day=date(2026, 3, 5))
    line = {one.fact.code: one for one in queries.overview(date(2026, 4, 30))}["quality"]
    assert (line.due, line.late) == (date(2026, 4, 1), False)
    assert {one.fact.code: one for one in queries.overview(date(2026, 5, 1))}["quality"].late


@pytest.fixture
def on_notice(town):
    item = duties.create_item(town.clerk, title="支流排口直排", kind="problem", lead=town.ecology, channel="central")
    item = duties.sign(town.worker, duties.issue(town.clerk, item))
    item = duties.accept(town.second, duties.report(town.worker, item, "已截污", refs=["doc:1#1-2"]))
    assert item.state == "published"
    return item


def test_anybody_may_object_while_the_notice_runs(on_notice, town, public):
    page = public.get("/public/open/notices/").content.decode()
    assert "支流排口直排" in page
    sent = public.post("/public/open/notices/", {"item": on_notice.pk, "text": "还在排", "name": "李四"})
    assert sent.status_code == 302
    row = Objection.objects.get()
    assert (row.text, row.by) == ("还在排", "公众 李四")
    assert "李四" not in public.get("/public/open/notices/").content.decode()
    assert public.post("/public/open/notices/", {"item": on_notice.pk, "text": " "}).status_code == 400


def test_after_the_notice_the_words_come_back(on_notice, town, public):
    ItemCase.objects.filter(item=on_notice).update(notice_until=TODAY - timedelta(days=1))
    late = public.post("/public/open/notices/", {"item": on_notice.pk, "text": "还在排"})
    assert late.status_code == 409 and "还在排" in late.content.decode() and not Objection.objects.exists()
    with pytest.raises(NotOpen):
        services.object_to(on_notice, "x")


@pytest.mark.django_db
def test_open_data_holds_no_person_and_says_what_its_columns_mean(town, document, public):
    reports.create(reports.Given("water", town.village, "家门口", 114.98, 27.12, "邻居王五排污", "13800000000"))
    services.publish(town.clerk, "reports", document=document, title="=1+1")
    whole = public.get("/public/data/reports.json").json()
    assert whole["licence"]["name"] and [one["code"] for one in whole["fields"]] == list(whole["rows"][0])
    assert whole["rows"][0]["region"] == "360802100" and whole["rows"][0]["state"] == "handling"
    text = json.dumps(whole, ensure_ascii=False)
    for secret in ("王五", "家门口", "13800000000", "114.98", "360802100201"):
        assert secret not in text
    answer = public.get("/public/data/publications.csv")
    assert answer["Cache-Control"] == "public, max-age=600" and 'rel="license"' in answer["Link"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0]["title"] == "'=1+1"
    assert public.get("/public/data/nothing.csv").status_code == 404
    assert public.get("/public/data/reports.exe").status_code == 404


@pytest.mark.django_db
def test_open_data_is_kept_for_a_while_and_cut_at_its_limit(town, monkeypatch):
    one = opendata.set_of("reports")
    small = one.model_copy(update={"most": one.most.model_copy(update={"value": 2})})
    for number in range(3):
        reports.create(reports.Given("water", town.place, text="x", client_key=f"k{number}"))
    whole = json.loads(opendata.as_file(small, "json"))
    assert len(whole["rows"]) == 2 and whole["rows_cut"]
    Report.objects.all().update(seen=9)
    assert json.loads(opendata.as_file(small, "json"))["rows"] == whole["rows"]


@pytest.mark.django_db
def test_pages_of_staff(town, document, staff):
    clerk = staff(town.clerk)
    assert clerk.post("/portal/open/publish/", {"list": "plans", "document": document.pk}).status_code == 302
    row = Publication.objects.get()
    assert clerk.get("/portal/open/").context["listing"].total == 1
    clerk.post(f"/portal/open/{row.pk}/withdraw/", {"reason": "重复"})
    assert Publication.objects.get().reason == "重复"
    assert staff(town.reader).get("/portal/open/publish/").status_code == 403
