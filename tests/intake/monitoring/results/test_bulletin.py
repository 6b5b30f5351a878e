"""The daily report and the monthly bulletin: the figures of the results, each with its result."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from ecocloud.base.officedocs import docx_text
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.kernel.journal.models import Entry
from tests.intake.monitoring.results.conftest import AIR, DAY, RUNNING, WATER

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled(sites):
    for hour in range(24):
        sites.send("east", hour, AIR)
        sites.send("west", hour, AIR | {"a34004": 80})
        sites.send("river", hour, WATER | {"w21003": 1.2})
    sites.run(now=RUNNING)
    return sites


@pytest.fixture
def client(sites, settings):
    client = Client()
    client.force_login(sites.place.office, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def given(client, at, form):
    answer = client.get(reverse("monitoring:bulletin", args=[at, form]))
    return b"".join(answer.streaming_content) if answer.status_code == 200 else answer.status_code


def test_the_daily_report(filled, client):
    text = docx_text(given(client, DAY.isoformat(), "docx"))
    assert "环境质量日报（2026年3月5日）" in text and "轻度污染" in text and "river" in text
    for row in Result.objects.filter(span="day", kind__startswith="air", current=True):
        assert str(row.value) in text and row.ref in text
    section = Result.objects.get(span="day", kind="water_section", current=True)
    assert section.ref in text
    assert Entry.objects.filter(action="monitoring.result.bulletin").count() == 1


def test_the_monthly_bulletin(filled, client):
    text = docx_text(given(client, "2026-03", "docx"))
    assert text.index("东县") < text.index("西县") and "待核对原文" in text and "Ⅳ" in text
    area = Result.objects.get(kind="air_area", span="month", subject="region:990102")
    assert f"{area.value / 100:.2f}" in text
    assert all(row.ref in text for row in Result.objects.filter(span="month", current=True).exclude(kind="air_point"))
    book = openpyxl.load_workbook(io.BytesIO(given(client, "2026-03", "xlsx")))
    rows = list(book["空气质量"].iter_rows(values_only=True))
    assert rows[0][-1] == "评价结果" and area.ref in [row[-1] for row in rows]
    assert "环境质量年报（2026年）" in docx_text(given(client, "2026", "docx"))


def test_nothing_there_and_wrong_addresses(sites, client):
    assert "当日没有断面评价结果" in docx_text(given(client, "2020-01-01", "docx"))
    assert given(client, "2020-13", "docx") == 404 and given(client, "2020-01", "pdf") == 404


def test_people_get_what_they_may_see(filled, settings):
    client = Client()
    client.force_login(filled.place.west_staff, backend=settings.AUTHENTICATION_BACKENDS[-1])
    assert "river" not in docx_text(given(client, DAY.isoformat(), "docx"))
