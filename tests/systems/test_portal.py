"""Systems that need the public pages, from what goes in to what everybody reads, or to what a report leads to."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from ecocloud.intake.documents import services as documents
from ecocloud.intake.monitoring.alarms import linking
from ecocloud.intake.monitoring.alarms.models import AlarmIncident
from ecocloud.intake.monitoring.stations import services as stations
from ecocloud.kernel.duties import services as duties
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.portal.disclosure.models import Publication
from ecocloud.portal.reports.models import Report
from tests.portal.conftest import _fresh_rates, document, public, staff, town
from tests.systems.proving import proved

__all__ = ["_fresh_rates", "document", "public", "staff", "town"]
pytestmark = pytest.mark.django_db


def test_s243_from_approved_texts_and_figures_to_the_pages_of_release(town, document, staff, public):
    """S243 新闻发布与信息公开: approved figures and texts -> release pages."""
    clerk = staff(town.clerk)
    document = documents.change_facts(town.clerk, document, secrecy="internal")
    text = {"document": document.pk, "list": "plans", "period": "2026"}
    refused = clerk.post(reverse("portal:publish"), text)
    assert refused.status_code == 400 and not Publication.objects.exists()
    assert document.title not in public.get("/public/open/plans/").content.decode()
    # approved for everybody by whoever may change the facts of the document
    documents.change_facts(town.clerk, document, secrecy="public")
    assert clerk.post(reverse("portal:publish"), text).status_code == 302
    figures = SimpleUploadedFile("空气质量月报.csv", "县,PM2.5\n某区,26\n".encode())
    given = {"list": "quality", "title": "空气质量月报", "period": "2026年3月", "file": figures}
    assert clerk.post(reverse("portal:publish"), given).status_code == 302
    plan, report = Publication.objects.order_by("pk")
    listed = public.get("/public/open/plans/").content.decode() + public.get("/public/open/quality/").content.decode()
    assert document.title in listed and "空气质量月报" in listed and "某市生态文明办" in listed
    content = b"".join(public.get(f"/public/open/file/{report.pk}/").streaming_content).decode()
    assert "某区,26" in content
    rows = public.get("/public/data/publications.json").json()["rows"]
    assert {row["title"] for row in rows} == {document.title, "空气质量月报"}
    proved("S243", given={"Approved figures and texts": [plan, report]}, refused=refused,
           came_out={"Release pages": (f"/public/open/file/{report.pk}/", listed)})  # fmt: skip


def test_s225_from_events_and_sensors_to_dispatch_and_closing(town, staff, public, settings):
    """S225 一网统管: city events, sensors -> dispatch, event closing."""
    form = {"category": "waste", "region": town.place.code, "text": "桥头垃圾满溢", "place": "桥头"}
    refused = public.post("/public/report/", form | {"text": "", "category": "nothing"})
    assert refused.status_code == 400 and not Report.objects.exists()
    public.post("/public/report/", form)
    event = Report.objects.get()
    device = stations.add_device(town.clerk, mn="FLOW00000000000000000001", name="桥下积水点", kind="section",
                                 region=town.county, department=town.ecology, password="123456")  # fmt: skip
    now = timezone.now()
    alarm = AlarmIncident.objects.create(station=device.ref, device=device, cause="exceed", title="水位偏高", level=2,
                                         peak=2, acknowledge_s=60, first=now, last=now)  # fmt: skip
    sensed = linking.make_item(town.clerk, alarm.pk, lead=town.ecology,
                               deadline=timezone.localdate() + timedelta(days=3), body="排涝")  # fmt: skip
    reported = WorkItem.objects.get(pk=int(event.item_ref.partition(":")[2]))
    # both on one list, dispatched to the unit that answers
    ledger = staff(town.clerk).get(reverse("duties:ledger")).content.decode()
    assert reported.code in ledger and sensed.code in ledger
    units = [(one.lead_department, one.source_ref) for one in (reported, sensed)]
    item = duties.issue(town.clerk, reported)
    item = duties.report(town.worker, duties.sign(town.worker, item), "已清运", refs=["doc:1#1-2"])
    duties.accept(town.second, item)
    closed = public.get(f"/public/status/{event.number}/").content.decode()
    rates = staff(town.clerk).get(reverse("duties:statistics"), {"kind": "case"}).content.decode()
    assert "某区生态环境局" in rates
    alarm.refresh_from_db()
    assert alarm.item_ref == sensed.ref
    proved("S225", given={"City events": event, "sensors": alarm}, refused=refused,
           came_out={"Dispatch": ([(town.ecology, event.ref), (town.ecology, alarm.ref)], units),
                     "event closing": ("已办结", closed)})  # fmt: skip
