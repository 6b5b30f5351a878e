"""Data that come late count for their day, whatever its age. Expected counts by hand: an air station has six factors,
24 periods a day: 144 due."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
from django.utils import timezone

from ecocloud.intake.monitoring.lake import schema, site
from ecocloud.intake.monitoring.lake.days import days_of
from ecocloud.intake.monitoring.lake.schema import Partition
from ecocloud.intake.monitoring.stations import jobs, services
from ecocloud.intake.monitoring.stations.models import DayToCount
from ecocloud.intake.monitoring.stations.services import bringing
from ecocloud.intake.monitoring.stations.services.bringing import Given
from ecocloud.intake.monitoring.stations.services.counting import SETTLED, count_days, count_noted
from ecocloud.intake.monitoring.stations.services.late import note_days, note_late

DAY = date(2026, 3, 1)
MORNING = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)  # 8 o'clock in China


@pytest.fixture
def came(settings, tmp_path, place, device):
    """``came(hours, more)``: values of PM2.5 at hours of the day reach the lake as they would from a file."""
    settings.HOME = tmp_path

    def bring(*hours, flag="N", day=MORNING):
        given = [Given(device, day + timedelta(hours=n - 8), "hour", {"a34004": "35"}, flag) for n in hours]
        bringing.bring(place.office, given)
        store = site.store()
        with store.lock("ingest"):
            site.ingester(store).drain()

    return bring


def noted():
    return list(DayToCount.objects.order_by("day").values_list("day", flat=True))


def later():
    return timezone.now() + SETTLED


def counts(device, day=DAY):
    row = device.days.get(day=day)
    return row.due, row.got, row.valid


@pytest.mark.django_db
def test_values_of_months_ago_are_counted_for_their_day(came, device):
    came(8, 9)
    assert noted() == [DAY]
    assert count_noted(later()) == 1
    assert counts(device) == (144, 2, 2) and noted() == []
    came(10, flag="D")
    assert count_noted(later()) == 1
    assert counts(device) == (144, 3, 2) and noted() == []


@pytest.mark.django_db
def test_a_correction_of_what_was_counted_counts(came, device):
    came(8, flag="D")
    count_noted(later())
    assert counts(device) == (144, 1, 0)
    came(8, flag="N")
    count_noted(later())
    assert counts(device) == (144, 1, 1)


@pytest.mark.django_db
def test_a_note_waits_until_its_values_are_in_the_lake_for_certain(came, device):
    came(8)
    assert count_noted(later() - timedelta(seconds=30)) == 0 and noted() == [DAY]
    assert count_noted(later()) == 1


@pytest.mark.django_db
def test_what_is_noted_again_while_it_is_counted_is_counted_again(came, device, monkeypatch):
    came(8)
    at = later() + timedelta(minutes=1)
    from ecocloud.intake.monitoring.stations.services import counting

    whole = counting._count

    def meanwhile(*given):
        note_days([(device.pk, DAY)], at)
        return whole(*given)

    monkeypatch.setattr(counting, "_count", meanwhile)
    assert count_noted(later()) == 1 and noted() == [DAY]


@pytest.mark.django_db
def test_a_batch_that_is_not_committed_is_noted_all_the_same(came, device, monkeypatch):
    """The note comes first: a process that dies before the commit takes the same records in again."""
    from ecocloud.intake.monitoring.lake.manifest import Store

    with monkeypatch.context() as patch:
        patch.setattr(Store, "commit", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            came(8)
    assert noted() == [DAY] and site.store().newest().rows == 0


@pytest.mark.django_db
def test_days_that_are_counted_anyway_and_strangers_are_not_noted(place, device):
    now = datetime(2026, 3, 10, 4, tzinfo=UTC)
    today = date(2026, 3, 10)
    days = [today - timedelta(days=n) for n in range(4)] + [today + timedelta(days=1)]
    assert note_late({device.mn: days, "NOBODY": [DAY]}, now) == 2
    assert noted() == [date(2026, 3, 7), date(2026, 3, 8)]
    assert note_late({}, now) == 0


@pytest.mark.django_db
def test_a_device_that_was_switched_off_keeps_counting_what_it_sent_before(came, place, device):
    services.turn_device(place.office, device.pk, False, "拆除")
    DayToCount.objects.all().delete()
    note_days([(device.pk, DAY)], timezone.now() - SETTLED)
    came(9, day=MORNING)
    assert count_noted(later()) == 1 and counts(device) == (144, 1, 1)


@pytest.mark.django_db
def test_a_day_whose_values_have_ended_keeps_its_counts(came, device, settings):
    came(8)
    count_noted(later())
    settings.LAKE_DAYS = 30
    note_days([(device.pk, DAY)], MORNING)
    assert count_noted(datetime(2026, 4, 30, 4, tzinfo=UTC)) == 1  # the month of the 31st of March is there
    assert count_noted(datetime(2026, 5, 5, 4, tzinfo=UTC)) == 0
    note_days([(device.pk, DAY)], MORNING)
    assert count_noted(datetime(2026, 5, 5, 4, tzinfo=UTC)) == 0
    assert counts(device) == (144, 1, 1) and noted() == []


@pytest.mark.django_db
def test_upkeep_of_long_ago_is_counted_anew_and_nothing_is_missing_meanwhile(came, place, device):
    """A standstill from 8 to 10 o'clock takes two periods of six factors out."""
    came(8, 12)
    count_noted(later())
    start = MORNING
    services.add_upkeep(place.office, device.pk, kind="shutdown", start=start, end=start + timedelta(hours=2),
                        note="停产报备〔2026〕1号")  # fmt: skip
    assert counts(device) == (144, 2, 2) and noted() == [DAY]
    jobs.count_today(None)
    count_noted(later())
    assert counts(device) == (132, 1, 1)


@pytest.mark.django_db
def test_the_other_devices_of_the_day_are_left_as_they_were(came, place, device):
    other = services.add_device(place.office, mn="2" * 24, name="东县二中", kind="air", region=place.east,
                                department=place.bureau)  # fmt: skip
    type(other).objects.filter(pk=other.pk).update(created_at=MORNING - timedelta(days=1))
    count_days([DAY])
    made = other.days.get(day=DAY).made_at
    came(8)
    assert count_noted(later()) == 1
    assert other.days.get(day=DAY).made_at == made and counts(device)[1] == 1


def rows(*times):
    """Rows of hour data at times; None: without."""
    one = dict.fromkeys(schema.SCHEMA.names)
    return pa.Table.from_pylist([one | {"mn": mn, "time": at} for mn, at in times], schema=schema.SCHEMA)


def test_days_are_those_of_beijing():
    """Midnight of Beijing is 16:00 UTC of the day before."""
    edge = datetime(2026, 2, 28, 16, tzinfo=UTC)
    parts = [
        (Partition("hour", "2026-03"), rows(("A", edge), ("A", edge - schema.MICROSECOND), ("B", edge))),
        (Partition("hour", "1969-12"), rows(("B", datetime(1969, 12, 31, 15, tzinfo=UTC)))),
        (Partition("rtd", "2026-03-05"), rows(("C", edge))),
        (Partition("hour", "2026-04"), rows()),
    ]
    assert days_of(parts) == {
        "A": {date(2026, 3, 1), date(2026, 2, 28)}, "B": {date(2026, 3, 1), date(1969, 12, 31)},
    }  # fmt: skip
