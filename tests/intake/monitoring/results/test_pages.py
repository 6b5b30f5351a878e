"""Pages of stations, sections and rankings: what they show, in both languages, empty, as files."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from ecocloud.intake.monitoring.results.models import Result
from tests.intake.monitoring.results.conftest import AIR, DAY, RUNNING, WATER
from tests.intake.monitoring.results.test_recalculating import chinese

pytestmark = pytest.mark.django_db
AGO = DAY.replace(year=2025)


@pytest.fixture
def client(sites, settings):
    client = Client()
    client.force_login(sites.place.office, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


@pytest.fixture
def filled(sites):
    """A day of both stations and of the section, and a day a year before of the stations."""
    for hour in range(24):
        sites.send("east", hour, AIR)
        sites.send("west", hour, AIR | {"a34004": 80})
        sites.send("river", hour, WATER | {"w21003": 1.2})
        sites.send("east", hour, AIR, day=AGO)
    sites.run(now=RUNNING)
    sites.run(AGO, AGO, now=RUNNING)
    return sites


def page(client, name, *args, **more):
    return client.get(reverse(f"monitoring:{name}", args=args), more).content.decode()


def given(client, name, form):
    """The list as a file."""
    return b"".join(client.get(reverse(f"monitoring:{name}"), {"export": form}).streaming_content)


def test_a_station(filled, client):
    shown = page(client, "evaluation", filled.west.pk, year=DAY.year)
    newest = Result.objects.get(device=filled.west, span="day", current=True)
    assert "2026 年日历" in shown and "轻度污染" in shown and "#FF7E00" in shown
    assert reverse("monitoring:result", args=[newest.pk]) in shown
    assert chinese(page(client, "evaluation", filled.west.pk, year=DAY.year, language="en")) == []


def test_a_section_page_and_the_list_of_sections(filled, client):
    assert "Ⅳ" in page(client, "evaluation", filled.river.pk, year=DAY.year)
    shown = page(client, "sections")
    assert "river" in shown and "氨氮" in shown and "Ⅳ" in shown and 'class="wq w4"' in shown
    assert chinese(page(client, "sections", language="en")) == []
    sheet = openpyxl.load_workbook(io.BytesIO(given(client, "sections", "xlsx")))
    rows = list(sheet.active.iter_rows(values_only=True))
    assert "river" in rows[-1] and any("eval:" in str(one) for one in rows[-1])
    assert "river" not in page(client, "sections", level="1", language="zh-hans")


def test_the_air_ranking_and_its_years(filled, client):
    shown = page(client, "air-ranking", at="2026-03")
    assert shown.index("东县") < shown.index("西县")
    rows = list(Result.objects.filter(kind="air_area", span="month", start__year=2026, region__level="county"))
    assert all(str(row.value)[:-2] + "." + str(row.value)[-2:] in shown for row in rows)
    assert "两期都按" not in shown and "与去年同期比较" in shown
    # 2025 by GB 3095-2012, 2026 by the transition: as published and under both
    shown = page(client, "air-ranking", at="2026-03", beside="1")
    assert shown.count("两期都按") == 2 and "发布口径" in shown
    assert "试验市" in page(client, "air-ranking", at="2026-03", level="city")
    assert "2026-03-05" in shown  # to date
    assert chinese(page(client, "air-ranking", at="2026-03", language="en")) == []
    csv = given(client, "air-ranking", "csv").decode()
    assert "东县" in csv and "eval:" in csv


def test_the_water_ranking(filled, client):
    shown = page(client, "water-ranking")
    area = Result.objects.get(kind="water_area", span="month", subject="region:990102")
    assert area.body["short_index"]["value"] in shown and "轻度污染" in shown
    assert chinese(page(client, "water-ranking", language="en")) == []


def test_empty_pages_say_what_to_do(sites, client):
    for name in ("sections", "air-ranking", "water-ranking"):
        assert "还没有评价结果" in page(client, name)
    assert "还没有评价结果" in page(client, "evaluation", sites.east.pk)


def test_other_people_see_their_own(filled, settings):
    client = Client()
    client.force_login(filled.place.west_staff, backend=settings.AUTHENTICATION_BACKENDS[-1])
    assert client.get(reverse("monitoring:evaluation", args=[filled.east.pk])).status_code == 404
    assert "river" not in page(client, "sections")


def test_the_number_of_queries_is_fixed(filled, client):
    """More days of more stations ask no more questions."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def counted(name, *args):
        page(client, name, *args)
        with CaptureQueriesContext(connection) as asked:
            page(client, name, *args)
        return len(asked)

    pages = (("sections",), ("air-ranking",), ("water-ranking",), ("evaluation", filled.east.pk))
    before = [counted(*one) for one in pages]
    for back in range(1, 4):
        for hour in range(24):
            filled.send("east", hour, AIR, day=DAY + timedelta(days=back))
            filled.send("river", hour, WATER, day=DAY + timedelta(days=back))
    filled.run(DAY, DAY + timedelta(days=3), now=RUNNING + timedelta(days=4))
    assert [counted(*one) for one in pages] == before


@pytest.mark.parametrize("name", ["sections", "lakes", "air-ranking", "water-ranking"])
def test_a_list_without_any_result_is_an_empty_file(sites, client, name):
    assert "eval:" not in given(client, name, "csv").decode()
