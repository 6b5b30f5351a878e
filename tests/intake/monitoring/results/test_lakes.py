"""TLI of lakes from the lake of measurements to pages. Expected values by the formulas of
总站生字〔2001〕090号 worked out with the math module."""

from __future__ import annotations

import io
import math
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from ecocloud.intake.monitoring.results import sites as of_register
from ecocloud.intake.monitoring.results import sources
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.stations import kinds
from tests.intake.monitoring.results.conftest import DAY, RUNNING, WATER
from tests.intake.monitoring.results.test_recalculating import chinese

pytestmark = pytest.mark.django_db
# Chlorophyll a 12 µg/L, transparency 1.5 m beside CODMn 4, phosphorus 0.06, nitrogen 1.2 mg/L.
LAKE = WATER | {"w01016": 12, "w01004": 1.5, "w01019": 4, "w21011": 0.06, "w21001": 1.2}
TERMS = {"chla": (2.5, 1.086, 1), "tp": (9.436, 1.624, 0.7056), "tn": (5.453, 1.694, 0.6724),
         "sd": (5.118, -1.94, 0.6889), "codmn": (0.109, 2.661, 0.6889)}  # fmt: skip


def tli(**amounts):
    parts = [(TERMS[key][2], 10 * (TERMS[key][0] + TERMS[key][1] * math.log(one))) for key, one in amounts.items()]
    return Decimal(str(round(sum(r * x for r, x in parts) / sum(r for r, _x in parts), 1)))


WHOLE = {"chla": 12, "tp": 0.06, "tn": 1.2, "sd": 1.5, "codmn": 4}


@pytest.fixture
def lake(sites, monkeypatch):
    """The section stands at a lake called 荷塘湖, as the registers say it."""
    found = of_register.water_sites

    def told(devices=None):
        return [of_register.Site(**{**vars(one), "lake": True, "water": "荷塘湖"}) for one in found(devices)]

    monkeypatch.setattr("ecocloud.intake.monitoring.results.evaluating.water_sites", told)
    return sites


def result(span="day", **more):
    return Result.objects.get(kind="water_lake", span=span, current=True, **more)


def test_a_day_a_month_and_what_they_are_made_of(lake):
    lake.send("river", 0, LAKE)
    lake.send("river", 0, LAKE | {"w01016": 30}, day=DAY + timedelta(days=1))
    lake.recalculate(RUNNING)
    day, month = result(start=DAY), result("month")
    assert (Decimal(day.value) / 10, day.level) == (tli(**WHOLE), 3 if tli(**WHOLE) > 50 else 2)
    # (12 + 30) / 2 = 21 µg/L
    assert Decimal(month.value) / 10 == tli(**WHOLE | {"chla": 21}) and month.body["items"]["chla"]["count"] == 2
    assert day.body["water"] == "荷塘湖" and day.body["missing"] == []
    section = Result.objects.get(kind="water_section", span="day", start=DAY, current=True)
    assert day.sources["results"] == [[section.pk, section.version]]
    assert {item for item, _at in sources.lake_refs(section)} >= {"chla", "sd"}
    assert "water:lake_code.chla" in day.facts


def test_units_of_the_channel_count(lake):
    """0.012 mg/L and 150 cm are 12 mg/m³ and 1.5 m."""
    channels = lake.river.channels.model.objects
    for code, unit in (("w01016", "mg/L"), ("w01004", "cm")):
        channels.create(device=lake.river, code=code, name=code, unit=unit)
    lake.send("river", 0, LAKE | {"w01016": 0.012, "w01004": 150})
    lake.recalculate(RUNNING)
    assert Decimal(result().value) / 10 == tli(**WHOLE)


def test_what_is_missing_is_said_and_gives_no_index(lake):
    lake.send("river", 0, {key: value for key, value in LAKE.items() if key not in ("w01016", "w01004")})
    lake.recalculate(RUNNING)
    row = result()
    assert (row.value, row.level, row.reason, row.body["missing"]) == (None, None, "item_missing", ["chla", "sd"])
    known = {key: WHOLE[key] for key in ("tp", "tn", "codmn")}
    assert Decimal(row.body["index"]) / 10 == tli(**known)


def test_a_year_that_ends_with_too_few_months_loses_its_index_and_says_so(lake):
    """A year needs six months (环办〔2011〕22号); while it goes on it is the mean to date."""
    lake.send("river", 0, LAKE)
    lake.recalculate(RUNNING)
    assert Decimal(result("year").value) / 10 == tli(**WHOLE)
    lake.recalculate()
    row = result("year")
    assert (row.value, row.reason, row.body["index"], row.final) == (None, "no_items", None, True)


def test_rivers_and_other_items_have_none(sites, lake, monkeypatch):
    lake.send("river", 0, {"w01001": 7})
    lake.recalculate(RUNNING)
    assert not Result.objects.filter(kind="water_lake").exists()
    monkeypatch.undo()
    sites.send("river", 4, LAKE)
    sites.recalculate(RUNNING)
    assert not Result.objects.filter(kind="water_lake").exists()


def test_a_corrected_value_makes_a_version_with_the_reason_of_the_day(lake):
    lake.send("river", 0, LAKE)
    lake.recalculate()
    lake.send("river", 0, LAKE | {"w01016": 60})
    lake.recalculate()
    row = result(start=DAY)
    assert (row.version, row.change) == (2, "values") and Decimal(row.value) / 10 == tli(**WHOLE | {"chla": 60})
    lake.send("river", 4, LAKE | {"w01016": 60})
    lake.recalculate()
    assert (result(start=DAY).version, result(start=DAY).change) == (3, "late")


def test_a_new_section_has_no_channels_of_lakes_but_files_may_bring_them(sites):
    assert {"w01016", "w01004"}.isdisjoint(sites.river.channels.values_list("code", flat=True))
    assert {"w01016", "w01004"} <= {one.code for one in kinds.kinds()["section"].factors}


@pytest.fixture
def client(lake, settings):
    client = Client()
    client.force_login(lake.place.office, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def page(client, name, *args, **more):
    return client.get(reverse(f"monitoring:{name}", args=args), more)


def test_the_list_its_trend_and_its_file(lake, client):
    lake.send("river", 0, LAKE)
    lake.send("river", 0, LAKE | {"w01016": 30}, day=DAY.replace(year=2025))
    lake.send("river", 0, LAKE | {"w01016": 6}, day=date(2026, 2, 5))
    lake.recalculate(RUNNING)
    shown = page(client, "lakes").content.decode()
    now, ago, before = (tli(**WHOLE | {"chla": one}) for one in (12, 30, 6))
    assert all(str(one) in shown for one in (now, ago, now - ago)) and "荷塘湖" in shown and "近 12 个月" in shown
    assert chinese(page(client, "lakes", language="en").content.decode()) in ([], ["荷塘湖"])
    file = page(client, "lakes", export="xlsx", language="zh-hans")
    rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(file.streaming_content))).active.iter_rows(values_only=True))
    assert "river" in rows[-1] and any("eval:" in str(one) for one in rows[-1])
    assert {float(before), float(ago)} <= {float(one) for one in rows[-1] if str(one).replace(".", "").isdigit()}
    assert "river" not in page(client, "lakes", level="5").content.decode().split("<tbody>")[-1]


def test_pages_of_the_section_and_of_the_result(lake, client):
    lake.send("river", 0, {key: value for key, value in LAKE.items() if key != "w01004"})
    lake.recalculate(RUNNING)
    shown = page(client, "result", result().pk).content.decode()
    assert "透明度" in shown and "单项指数" in shown and "按已测项目推算" in shown
    assert set(chinese(page(client, "result", result().pk, language="en").content.decode())) <= {"荷塘湖"}


def test_the_page_of_a_section_shows_its_trophic_state(lake, client):
    from django.utils import timezone

    from ecocloud.intake.monitoring.results.recalculating import recalculate

    yesterday = timezone.localdate() - timedelta(days=1)
    lake.lakes[-1].clock = timezone.now()
    lake.send("river", 0, LAKE, day=yesterday)
    lake.take()
    recalculate(timezone.now())
    shown = page(client, "evaluation", lake.river.pk, language="zh-hans").content.decode()
    assert 'id="lake"' in shown and str(tli(**WHOLE)) in shown and "TLI 近 60 日" in shown
    assert chinese(page(client, "evaluation", lake.river.pk, language="en").content.decode()) == []


def test_empty_list_says_what_to_do(client):
    assert "导入监测数据" in page(client, "lakes").content.decode()
