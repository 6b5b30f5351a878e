"""Devices that stamp hours at their end: which day an hour belongs to, at midnight and at the end of a month; what
changes when the stamps come to mean something else. Expected values by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ecocloud.intake.monitoring.results import sources
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.stations import services
from ecocloud.intake.monitoring.stations.models import DayToCount, DeviceDay
from ecocloud.intake.monitoring.stations.services.counting import SETTLED, count_days, count_noted
from ecocloud.intake.monitoring.stations.services.late import note_late
from tests.intake.monitoring.results.conftest import AIR, DAY, WATER

pytestmark = pytest.mark.django_db
LAST, NEXT = date(2026, 2, 28), date(2026, 3, 1)


def edit(sites, row, ending):
    row.refresh_from_db()
    return services.edit_device(sites.place.office, row.pk, hour_ending=ending)


def days(kind="air_point"):
    rows = Result.objects.filter(kind=kind, span="day", current=True).order_by("start", "subject")
    return {row.start: row for row in rows}


def test_an_hour_that_ends_at_midnight_belongs_to_the_day_that_ends(sites):
    """Hours stamped 01:00 to 24:00 of 28 February, as 40 + hour: 41 is the first, 64 (24:00) the last."""
    edit(sites, sites.east, True)
    for hour in range(1, 25):
        sites.send("east", hour, AIR | {"a34004": 40 + hour}, day=LAST)
    sites.send("east", 25, AIR | {"a34004": 500}, day=LAST)
    sites.recalculate()
    found = days()
    assert found[LAST].body["hours"]["pm25"] == [(41 + n) * 1_000_000 for n in range(24)]
    assert found[NEXT].body["hours"]["pm25"][0] == 500_000_000 and found[NEXT].body["hours"]["pm25"][1] is None
    months = Result.objects.filter(kind="air_point", span="month", current=True).order_by("start")
    assert [row.start for row in months] == [date(2026, 2, 1), date(2026, 3, 1)]
    last = sources.lake_refs(found[LAST])["pm25", 23]
    assert "a34004" in str(last) and "20260301" in str(last).replace("-", "")


def test_two_devices_may_stamp_otherwise(sites):
    edit(sites, sites.west, True)
    for hour in range(24):
        sites.send("east", hour, AIR)
        sites.send("west", hour, AIR)
    sites.run(DAY - timedelta(days=1), DAY)
    rows = Result.objects.filter(kind="air_point", span="day", current=True)
    hours = {(row.device_id, row.start): row.body["hours"]["pm25"] for row in rows}
    assert None not in hours[sites.east.pk, DAY]
    assert hours[sites.west.pk, DAY][23] is None and hours[sites.west.pk, DAY][0] is not None
    assert hours[sites.west.pk, DAY - timedelta(days=1)][23] == 40_000_000
    assert (sites.east.pk, DAY - timedelta(days=1)) not in hours


def test_a_section_of_four_hours(sites):
    """04:00 to 24:00 are the six values of a day; ammonia of 1.2 at 24:00 makes the mean (5 · 0.4 + 1.2) / 6."""
    edit(sites, sites.river, True)
    for hour in range(4, 25, 4):
        sites.send("river", hour, WATER | ({"w21003": 1.2} if hour == 24 else {}), day=LAST)
    sites.recalculate()
    row = days("water_section")[LAST]
    assert row.body["items"]["nh3n"] == row.body["items"]["nh3n"] | {"count": 6, "value": 533_333}
    assert list(days("water_section")) == [LAST]


def test_a_change_evaluates_the_days_again_and_says_why(sites):
    for hour in range(24):
        sites.send("east", hour, AIR | {"a34004": 40 + hour})
        sites.send("river", hour, WATER)
    sites.recalculate()
    assert list(days()) == [DAY]
    edit(sites, sites.east, True)
    assert sites.recalculate()["days"] == 3
    found = days()
    assert list(found) == [DAY - timedelta(days=1), DAY]
    assert found[DAY].body["hours"]["pm25"][:2] == [41_000_000, 42_000_000]
    assert (found[DAY].version, found[DAY].change) == (2, "rule")
    month = Result.objects.get(kind="air_point", span="month", current=True)
    assert (month.version, month.change) == (2, "rule")
    assert Result.objects.get(kind="water_section", span="day").version == 1
    # Old versions still know what their stamps meant.
    old = Result.objects.get(kind="air_point", span="day", start=DAY, version=1)
    assert not sources.ending(old) and sources.ending(found[DAY])
    assert sites.recalculate()["days"] == 0
    edit(sites, sites.east, None)
    sites.recalculate()
    found = days()
    # The day before has lost its only hour: it says so and is no day of the month.
    assert (found[DAY].version, found[DAY].body["hours"]["pm25"][0]) == (3, 40_000_000)
    gone = found[DAY - timedelta(days=1)]
    assert gone.value is None and gone.change == "rule" and set(gone.body["hours"]["pm25"]) == {None}


def test_a_section_day_without_anything_left_says_so(sites):
    sites.send("river", 24, WATER)
    sites.recalculate()
    edit(sites, sites.river, True)
    sites.recalculate()
    found = days("water_section")
    assert found[DAY].value == 2 and found[DAY + timedelta(days=1)].value is None


def test_the_same_meaning_changes_nothing(sites):
    for hour in range(24):
        sites.send("east", hour, AIR)
    sites.recalculate()
    edit(sites, sites.east, False)
    assert sites.recalculate()["days"] == 0 and days()[DAY].version == 1


def test_counts_of_days_follow_the_stamps(sites):
    """24 hours stamped 01:00 to 24:00 are all of a day: 6 factors · 24 = 144 of 144; by their begin one hour lies in
    the next day, 138 of 144 and 6."""
    for hour in range(1, 25):
        sites.send("east", hour, AIR)
    sites.take()
    after = DAY + timedelta(days=1)
    count_days([DAY, after], datetime(2026, 3, 8, tzinfo=UTC))
    got = {row.day: (row.got, row.due) for row in DeviceDay.objects.filter(device=sites.east)}
    assert got == {DAY: (138, 144), after: (6, 144)}
    edit(sites, sites.east, True)
    noted = set(DayToCount.objects.filter(device=sites.east).values_list("day", flat=True))
    assert {DAY, after} <= noted
    count_noted(timezone.now() + SETTLED)
    assert {row.day: row.got for row in DeviceDay.objects.filter(device=sites.east)} == {DAY: 144}


def test_the_hour_of_midnight_that_comes_late_counts_for_both_days(sites):
    edit(sites, sites.east, True)
    DayToCount.objects.all().delete()
    now = datetime(2026, 3, 10, 4, tzinfo=UTC)
    # Yesterday is counted anyway; its stamp of 00:00 belongs to the day before, which is not.
    assert note_late({sites.east.mn: {date(2026, 3, 9)}}, now) == 1
    assert list(DayToCount.objects.values_list("day", flat=True)) == [date(2026, 3, 8)]
    assert note_late({sites.west.mn: {date(2026, 3, 9)}}, now) == 0


def test_the_form_keeps_it_and_the_page_says_it(sites, settings):
    client = Client()
    client.force_login(sites.place.office, backend=settings.AUTHENTICATION_BACKENDS[-1])
    page = client.get(reverse("monitoring:device", args=[sites.east.pk])).content.decode()
    assert "08:00 的值是 08:00 至 09:00" in page and "按通行口径" in page
    form = client.get(reverse("monitoring:device-edit", args=[sites.east.pk])).content.decode()
    assert "按通行口径（时段起点）" in form
    sent = {"mn": sites.east.mn, "name": "east", "kind": "air", "st": "22", "region": sites.place.east.pk,
            "step_minutes": "60", "realtime_s": "60", "minute_step": "10", "revision": sites.east.revision,
            "hour_ending": "end", "channel_code": ["a34004"], "channel_name": [""], "channel_unit": [""],
            "channel_low": [""], "channel_high": [""], "channel_limit": [""], "channel_limit_text": [""]}  # fmt: skip
    assert client.post(reverse("monitoring:device-edit", args=[sites.east.pk]), sent).status_code == 302
    sites.east.refresh_from_db()
    assert sites.east.hour_ending is True and sites.east.restamped_at <= timezone.now()
    page = client.get(reverse("monitoring:device", args=[sites.east.pk])).content.decode()
    assert "24:00 的值属于当日" in page and "时段以终点标注" in page
    english = client.get(reverse("monitoring:device", args=[sites.east.pk]) + "?language=en").content.decode()
    assert "End of the hour" in english and "stamped with the end of the period" in english
    api = client.get("/api/monitoring/devices").json()
    assert {one["mn"]: one["hour_ending"] for one in api}[sites.east.mn] is True
