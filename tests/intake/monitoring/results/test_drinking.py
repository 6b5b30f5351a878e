"""Drinking-water sources from a file to rates. Limits are those printed in GB 3838-2002 (class III of table 1, tables 2
and 3); shares and multiples by hand."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from ecocloud.intake.monitoring.alarms import running
from ecocloud.intake.monitoring.lake import site
from ecocloud.intake.monitoring.results import feeding, sources
from ecocloud.intake.monitoring.results import sites as registers
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.recalculating import recalculate
from ecocloud.intake.monitoring.stations import importing, kinds, queries, services
from ecocloud.intake.monitoring.stations.models import DeviceDay
from ecocloud.intake.monitoring.stations.services import bringing
from ecocloud.intake.monitoring.stations.services.bringing import Given
from ecocloud.intake.monitoring.stations.services.counting import count_days
from tests.intake.monitoring.results.conftest import AFTER
from tests.intake.monitoring.results.test_recalculating import chinese

pytestmark = pytest.mark.django_db
GOOD = {"w01001": "7.2", "w01009": "8.1", "w01019": "2.1", "w21003": "0.12", "w21011": "0.03", "w20125": "0.2",
        "w20124": "0.05", "w21038": "20", "w21022": "12", "w21007": "1.1", "t01": "0.01"}  # fmt: skip
MARCH = date(2026, 3, 1)


@pytest.fixture
def water(sites, monkeypatch):
    """Sources ``one`` (a lake, 900 · 10⁴ m³), ``two`` (a river, 100) of the east, ``well`` and ``village``."""
    made = {}
    about = {"one": {"lake": True, "intake": 900_000_000}, "two": {"intake": 100_000_000},
             "well": {"ground": True, "intake": 5_000_000}, "village": {"counts": False}}  # fmt: skip
    for number, name in enumerate(about):
        made[name] = services.add_device(
            sites.place.office, mn=f"SOUR{number:020d}", name=name, kind="drinking", region=sites.place.east,
            department=sites.place.bureau, channels=(),
        )  # fmt: skip
    found = registers.source_sites

    def told(devices=None):
        return [registers.Source(**{**vars(one), **about[one.name]}) for one in found(devices)]

    monkeypatch.setattr("ecocloud.intake.monitoring.results.evaluating.source_sites", told)

    def bring(name, values, day=5, month=3, year=2026, flag=""):
        at = datetime(year, month, day, 1, tzinfo=UTC)
        bringing.bring(sites.place.office, [Given(made[name], at, "day", values, flag, "doc:1")])

    def run(now=AFTER):
        store = site.store()
        with store.lock("ingest"):
            site.ingester(store).drain()
        return recalculate(now)

    vars(sites).update(made=made, bring=bring, evaluate=run)
    return sites


def month(water, name, start=MARCH):
    return Result.objects.get(kind="water_source", span="month", start=start, device=water.made[name], current=True)


def area(span="month", code="990102"):
    return Result.objects.get(kind="source_area", span=span, subject=f"region:{code}", current=True)


def test_a_source_that_attains_and_what_was_not_measured(water):
    water.bring("two", GOOD)
    water.evaluate()
    row = month(water, "two")
    assert (row.meets, row.value, row.items, row.level) == (True, 0, "", 1)
    # 20 items of table 1, 5 of table 2 and the first 33 of table 3 are due; 5 + 5 + 1 came
    assert row.body["due"] == 58 and len(row.body["lacking"]) == 58 - 11 and "hg" in row.body["lacking"]
    assert sources.lake_refs(row)


def test_one_item_over_and_the_source_fails_with_its_multiple(water):
    """Iron 0.45 over 0.3 mg/L: (0.45 − 0.3) / 0.3 = 0.50; manganese equal to its limit of 0.1 keeps it."""
    water.bring("two", GOOD | {"w20125": "0.45", "w20124": "0.1"})
    water.evaluate()
    row = month(water, "two")
    assert (row.meets, row.items, row.value) == (False, "fe", 1)
    assert row.body["items"]["fe"]["multiple"] == 50 and row.body["items"]["fe"]["limit"] == [300_000]
    assert not row.body["items"]["mn"]["over"]


def test_lakes_have_their_own_limit_of_phosphorus(water):
    """0.06 mg/L is over 0.05 of lakes and within 0.2 of rivers."""
    for name in ("one", "two"):
        water.bring(name, GOOD | {"w21011": "0.06"})
    water.evaluate()
    assert month(water, "one").items == "tp" and month(water, "two").meets is True


def test_units_by_code_and_items_by_their_place_in_table_3(water):
    """Beryllium (t73, 0.002 mg/L) comes in µg/L under its code: 3 is over; formaldehyde has no code: t15, 0.9 mg/L."""
    water.bring("two", GOOD | {"w20127": "3", "t15": "0.9"})
    water.evaluate()
    row = month(water, "two")
    assert (
        row.items == "t73" and row.body["items"]["t73"]["value"] == 3_000 and row.body["items"]["t15"]["over"] is False
    )


def test_a_month_is_the_mean_of_its_samples(water):
    """0.2 and 0.5 of iron: 0.35 > 0.3; a sample with a negative value does not count."""
    water.bring("two", GOOD)
    water.bring("two", GOOD | {"w20125": "0.5"}, day=20)
    water.bring("two", {"w20125": "-1"}, day=21)
    water.evaluate()
    row = month(water, "two")
    assert row.body["items"]["fe"] == row.body["items"]["fe"] | {"value": 350_000, "count": 2, "over": True}


def test_the_ends_of_a_month(water):
    """The 31st of March and the 1st of April, both at nine in the morning of China."""
    water.bring("two", GOOD | {"w20125": "0.9"}, day=31)
    water.bring("two", GOOD, day=1, month=4)
    water.evaluate()
    assert month(water, "two").meets is False and month(water, "two", date(2026, 4, 1)).meets is True


def test_groundwater_is_not_judged_here(water):
    water.bring("well", GOOD)
    water.evaluate()
    row = month(water, "well")
    assert (row.meets, row.value, row.reason) == (None, None, "groundwater")
    assert area().body["attained"]["whole"] == 0 and area().body["without"] == 1


def test_rates_by_count_and_by_volume(water):
    """One of two attains: 50.0 %; the one that does has 900 of 1000: 90.0 %. The village does not count."""
    water.bring("one", GOOD)
    water.bring("two", GOOD | {"w20125": "0.45"})
    water.bring("village", GOOD | {"w20125": "0.45"})
    water.evaluate()
    body = area().body
    assert body["attained"] == {"part": 1, "whole": 2, "units": 500, "places": 1}
    assert body["volume"]["units"] == 900 and body["sources"] == 2
    assert Result.objects.filter(kind="source_area", span="month", subject="region:990100").exists()


def test_a_year_is_made_of_its_months(water):
    """one: 2 of 2 months, two: 1 of 2; by months 3 of 4 = 75.0 %; by volume (900 + 900 + 100) of 2000 = 95.0 %."""
    for number in (2, 3):
        water.bring("one", GOOD, month=number)
        water.bring("two", GOOD | ({"w20125": "0.45"} if number == 3 else {}), month=number)
    water.evaluate()
    rows = {row.device.name: row for row in Result.objects.filter(kind="water_source", span="year", current=True)}
    assert (rows["one"].meets, rows["two"].meets) == (True, False)
    assert (rows["two"].body["months"], rows["two"].body["met"], rows["two"].items) == (2, 1, "fe")
    body = area("year").body
    assert (body["attained"]["units"], body["volume"]["units"]) == (750, 950)
    assert len(area("year").sources["results"]) == 4


def test_a_correction_is_a_version_and_the_same_again_changes_nothing(water):
    water.bring("two", GOOD | {"w20125": "0.45"})
    water.evaluate()
    before = list(Result.objects.order_by("pk").values_list("pk", "version"))
    water.bring("two", GOOD | {"w20125": "0.45"})
    water.evaluate()
    assert list(Result.objects.order_by("pk").values_list("pk", "version")) == before
    water.bring("two", GOOD)
    assert water.evaluate()["days"] == 1
    row = month(water, "two")
    assert (row.version, row.meets, row.change) == (2, True, "values") and area().version == 2


def test_nothing_is_due_from_a_source_and_silence_is_no_alarm(water):
    count_days([MARCH], AFTER)
    assert not DeviceDay.objects.filter(device__kind="drinking").exists()
    assert queries.standing(water.made["one"]) == "by_hand"
    assert not queries.devices(water.place.office).filter(queries.STANDING["never"], kind="drinking").exists()
    assert running.evaluate([], None, AFTER)["devices"] == 0


def test_files_have_a_column_for_every_item(water):
    """109 items: 24 of table 1 without COD, nitrogen, coliforms and with the temperature, 5 and 80."""
    codes = [one.code for one in kinds.kinds()["drinking"].factors]
    assert len(codes) == len(set(codes)) == 21 + 5 + 80
    usual = [one.code for one in kinds.kinds()["drinking"].usual]
    assert len(usual) == 21 + 5 + 33 and importing.target("drinking").key.endswith("drinking")


@pytest.fixture
def client(water, settings):
    client = Client()
    client.force_login(water.place.office, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def page(client, name, *args, **more):
    return client.get(reverse(f"monitoring:{name}", args=args), more)


def test_the_page_its_file_and_the_page_of_a_result(water, client):
    assert "饮用水水源”设备" in page(client, "sources").content.decode()
    water.bring("one", GOOD)
    water.bring("two", GOOD | {"w20125": "0.45"})
    water.evaluate()
    shown = page(client, "sources", at="2026-03", language="zh-hans").content.decode()
    assert "铁 (0.50)" in shown and "90.0%" in shown and "50.0%" in shown and "未达标" in shown
    assert "0/1" in page(client, "sources", span="year", language="zh-hans").content.decode()
    file = page(client, "sources", at="2026-03", export="xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(file.streaming_content))).active.iter_rows(values_only=True))
    assert any("铁 (0.50)" in map(str, row) for row in rows)
    result = page(client, "result", month(water, "two").pk).content.decode()
    assert "0.45" in result and "03-05 09:00" in result and "lake:" in result
    for row in Result.objects.filter(kind__in=("water_source", "source_area")):
        assert page(client, "result", row.pk).status_code == 200
    assert chinese(page(client, "sources", span="year", language="en").content.decode()) == []
    english = page(client, "sources", at="2026-03", language="en").content.decode()
    assert "Iron (0.50)" in english and "Volume attaining" in english


def test_the_rates_are_handed_in(water):
    water.bring("one", GOOD)
    water.bring("two", GOOD | {"w20125": "0.45"})
    water.evaluate()
    known = {one.code: one for one in feeding.feedings() if one.kind == "source_area"}
    assert set(known) == {"WAT.DRINK.ATTAIN", "WAT.DRINK.VOLUME"}
    assert feeding.figure(known["WAT.DRINK.ATTAIN"], area("year").body) == (Decimal("50.0"), 2)
    assert feeding.figure(known["WAT.DRINK.VOLUME"], area("year").body)[0] == Decimal("90.0")


def test_sources_as_the_register_has_them(water):
    assert [one.counts for one in registers.source_sites()] == [True] * 4
    assert registers._millionths("920") == 920_000_000 and registers._millionths("x") is None
