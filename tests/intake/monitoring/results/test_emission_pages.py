"""Pages of outlets: days, exceedances, amounts against the permit; reach, both languages, queries, files."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ecocloud.base.officedocs import docx_text
from ecocloud.intake.monitoring.results import emission_lists
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import period_of
from ecocloud.intake.monitoring.stations import services
from ecocloud.kernel.regions.models import Department
from tests.intake.monitoring.results.conftest import DAY
from tests.intake.monitoring.results.emission_site import GAS, SEWAGE, fill, plants
from tests.intake.monitoring.results.test_emission import MIDNIGHT
from tests.intake.monitoring.results.test_recalculating import chinese

__all__ = ["plants"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def filled(plants):
    """A kiln above its limit for two hours, marked for one; works that keep theirs; an outlet nothing came of."""
    fill(plants, "kiln", GAS, h3={"a21002": 400}, h4={"a21002": 200}, f9="M")
    fill(plants, "works", SEWAGE)
    plants.silent = services.add_device(
        plants.place.office, mn="NONE00000000000000000001", name="Silent 1", kind="outlet_water",
        region=plants.place.west, department=plants.place.other, password="123456",
    )  # fmt: skip
    services.add_upkeep(plants.place.office, plants.silent.pk, kind="shutdown", start=MIDNIGHT - timedelta(days=3),
                        note="停产报告3号")  # fmt: skip
    plants.run()
    return plants


def signed_in(user, settings):
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


@pytest.fixture
def client(filled, settings):
    return signed_in(filled.place.office, settings)


def page(client, name, *args, **more):
    answer = client.get(reverse(f"monitoring:{name}", args=args), more)
    assert answer.status_code == 200
    return answer.content.decode()


def sheet(client, name, **more):
    answer = client.get(reverse(f"monitoring:{name}"), {"export": "xlsx", **more})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    return list(book.active.iter_rows(values_only=True))


def test_outlets_of_a_day(filled, client):
    shown = page(client, "outlet-days", day=str(DAY))
    assert "氮氧化物（以NO2计） (1.22)" in shown and "标记 M 维护 1 小时" in shown
    assert "停产停排" in shown and "无数据" in shown and "达标" in shown
    row = Result.objects.get(device=filled.kiln, span="day")
    assert reverse("monitoring:result", args=[row.pk]) in shown
    only = page(client, "outlet-days", day=str(DAY), state="over")
    assert "Kiln 1" in only and "Silent 1" not in only
    only = page(client, "outlet-days", day=str(DAY), state="none")
    assert "Silent 1" in only and "Kiln 1" not in only
    rows = sheet(client, "outlet-days", day=str(DAY))
    assert len(rows) == 4 and any(str(one[-1]).startswith("eval:") for one in rows)
    for name in ("outlet-days", "exceedances", "emission-totals"):
        assert chinese(page(client, name, language="en")) == []
        page(client, name, language="zh-hans")


def test_the_number_of_queries_is_constant(filled, client):
    """S1: as many for one outlet as for twenty, at most twelve for the list beside the frame."""
    address = {"day": str(DAY)}
    page(client, "outlet-days", **address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        page(client, "outlet-days", **address)
    for number in range(20):
        services.add_device(filled.place.office, mn=f"MORE{number:020d}", name=f"排口{number}", kind="outlet_gas",
                            region=filled.place.east, password="123456")  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        page(client, "outlet-days", **address)
    assert len(many) == len(few)
    with CaptureQueriesContext(connection) as alone:
        emission_lists.dressed_days(filled.place.office, list(emission_lists.outlets_of(filled.place.office)), DAY)
    assert len(alone) <= 12


def test_exceedances_lead_to_the_hours(filled, client):
    shown = page(client, "exceedances")
    row = Result.objects.get(device=filled.kiln, span="day")
    assert f"{reverse('monitoring:result', args=[row.pk])}#values" in shown and "03:00–05:00" in shown
    assert "Works 1" not in shown and "Kiln 1" in str(sheet(client, "exceedances"))
    whole = page(client, "result", row.pk)
    assert "≤ 180 mg/m³" in whole and "基准含氧量 18%" in whole and "维护" in whole and 'id="values"' in whole
    assert whole.count("超标</span>") >= 3 and "2017" not in row.edition
    assert chinese(page(client, "result", row.pk, language="en")) == []


def test_a_station_and_its_longer_results(filled, client):
    shown = page(client, "evaluation", filled.kiln.pk, year=DAY.year)
    assert "2026 年日历" in shown and "氮氧化物" in shown and "#E60012" in shown
    for span in ("month", "quarter", "year"):
        row = Result.objects.get(device=filled.kiln, span=span, current=True)
        text = page(client, "result", row.pk)
        assert ("有效数据捕集率" if span == "quarter" else "超标小时") in text
        assert chinese(page(client, "result", row.pk, language="en")) == []
        page(client, "result", row.pk, language="zh-hans")


def test_amounts_against_the_permit(filled, client):
    """1.2 t a year are permitted for NOx: the share is worked out here from the hours sent."""
    shown = page(client, "emission-totals")
    kilograms = Fraction((100 * 21 + 400 + 200) * 36000, 10**6)
    share = kilograms / 1200 * 100
    (nox,) = [one for one in emission_lists.totals(filled.place.office, period_of("month", DAY)) if one.item == "nox"]
    assert nox.name == "Kiln Ltd" and nox.month == nox.year == kilograms * 10**6
    assert nox.share == Decimal(round(share * 10)) / 10 and f"{nox.share}" in shown and not nox.beyond
    assert nox.permitted == Decimal("1.2") and "未登记" in shown  # the others have no amount
    rows = sheet(client, "emission-totals")
    assert rows[0][0] == "单位" and any("eval:" in str(one[-1]) for one in rows[1:])


def test_the_bulletins_carry_emissions(filled, client):
    """Every figure has its result: the day's exceedances, the month's days above and amounts."""

    def given(at, form):
        answer = client.get(reverse("monitoring:bulletin", args=[at, form]))
        return b"".join(answer.streaming_content)

    day, month = (Result.objects.get(device=filled.kiln, span=span, current=True) for span in ("day", "month"))
    text = docx_text(given(str(DAY), "docx"))
    assert "排口超标" in text and "氮氧化物（以NO2计） (1.22)" in text and "03:00–05:00" in text and day.ref in text
    assert "Works 1" not in text  # it kept its limits
    assert "排污许可" not in text and "待核对原文" in text
    text = docx_text(given("2026-03", "docx"))
    kilograms = Fraction((100 * 21 + 400 + 200) * 36000, 10**6)
    assert f"氮氧化物（以NO2计） {float(kilograms)}" in text and month.ref in text and "Works 1" in text
    book = openpyxl.load_workbook(io.BytesIO(given("2026-03", "xlsx")))
    rows = {row[0]: row for row in book["排口排放"].iter_rows(values_only=True)}
    assert rows["Kiln 1"][1:3] == ("1", "1") and rows["Works 1"][1] == "0" and rows["Kiln 1"][-1] == month.ref
    assert "当日没有排口评价结果" in docx_text(given("2020-01-01", "docx"))


def test_everybody_sees_their_own(filled, settings):
    """An enterprise is a unit of its own: its people see its outlets and no others."""
    firm = Department.objects.create(code="p-firm", name="东县陶瓷公司", region=filled.place.east, kind="enterprise")
    filled.kiln.__class__.objects.filter(pk=filled.kiln.pk).update(department=firm)
    Result.objects.filter(device=filled.kiln).update(department=firm)
    reader = filled.place.east_staff
    reader.department = firm
    reader.save()
    own = signed_in(reader, settings)
    listed = page(own, "outlet-days", day=str(DAY))
    assert "Kiln 1" in listed and "Works 1" not in listed and "Silent 1" not in listed
    assert "Kiln 1" in page(own, "exceedances")
    totals = emission_lists.totals(reader, period_of("month", DAY))
    assert {one.parts[0].device_id for one in totals} == {filled.kiln.pk}
    other = Result.objects.get(device=filled.works, span="day")
    assert own.get(reverse("monitoring:result", args=[other.pk])).status_code == 404
    west = signed_in(filled.place.west_staff, settings)
    assert "Kiln 1" not in page(west, "exceedances") and "Silent 1" in page(west, "outlet-days", day=str(DAY))


def test_empty_pages_say_what_to_do(sites, settings):
    client = signed_in(sites.place.office, settings)
    assert "还没有排口设备" in page(client, "outlet-days")
    assert "没有超标记录" in page(client, "exceedances") and "还没有排放量" in page(client, "emission-totals")
