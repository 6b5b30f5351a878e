"""What pages read of the lake: newest values, a day's course, packets, marks of a day. Values are those put in."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ecocloud.intake.monitoring.lake import site
from ecocloud.intake.monitoring.stations import readings
from tests.intake.monitoring.lake.lake_made import Made, frame
from tests.intake.monitoring.stations.conftest import MN

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 4, 20, tzinfo=UTC)  # 12:20 in China
HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)


@pytest.fixture
def made(tmp_path, settings, monkeypatch):
    """The lake of the installation and its raw journal; the clock of the pages stands at 12:20."""
    settings.HOME = tmp_path
    monkeypatch.setattr(readings.timezone, "now", lambda: NOW)
    one = Made(site.folder())
    one.clock = NOW - timedelta(minutes=5)
    yield one
    one.writer.close()


def take(made):
    site.ingester(made.store).drain()


def put(made, items, at, cn="2061", mn=MN, received=None):
    return made.put(frame(items, at=at, cn=cn, mn=mn, st="22"), at=received)


def test_newest_values_of_whatever_interval(made):
    put(made, "a34004-Avg=35.10,a34004-Flag=N", NOON - HOUR)
    at = put(made, "a34004-Rtd=41,a34004-Flag=D;a34002-Rtd=--", NOON + timedelta(minutes=10), cn="2011")
    put(made, "a34004-Rtd=9", NOON, cn="2011", mn="OTHER")
    take(made)
    found = readings.latest([MN])[MN]
    assert (found["a34004"].text, found["a34004"].flag, found["a34004"].at) == ("41", "D", NOON + timedelta(minutes=10))
    assert found["a34004"].ref == f"raw:gw1/{at}" and "a34002" not in found
    assert readings.latest([]) == {} and readings.latest(["NOBODY"]) == {}


def test_the_last_day_has_a_point_for_each_period_and_gaps_stay_gaps(made):
    put(made, "a34004-Avg=35,a34004-Flag=N", NOON)
    put(made, "a34004-Avg=30,a34004-Flag=C", NOON - 3 * HOUR)
    put(made, "a34004-Avg=1,a34004-Flag=N", NOON - 24 * HOUR)  # the same hour of yesterday is a day ago
    put(made, "a34004-Avg=2,a34004-Flag=N", NOON - 23 * HOUR)
    take(made)
    points = readings.last_day(MN, "a34004", HOUR)
    assert len(points) == 24 and points[0].at == NOON - 23 * HOUR and points[-1].at == NOON
    values = {n: (point.value, point.flag) for n, point in enumerate(points) if point.value is not None}
    assert values == {0: (2.0, "N"), 20: (30.0, "C"), 23: (35.0, "N")}


def test_the_last_day_of_a_four_hourly_device(made):
    """Periods are cut from midnight of China: at 12:20 the present one began at 12."""
    put(made, "w01001-Avg=7.1,w01001-Flag=N", NOON - 4 * HOUR)
    put(made, "w01001-Avg=7.2,w01001-Flag=N", NOON - 4 * HOUR + timedelta(minutes=30))  # within the same period
    take(made)
    points = readings.last_day(MN, "w01001", 4 * HOUR)
    assert [point.at for point in points] == [NOON - n * 4 * HOUR for n in range(5, 0, -1)]  # nothing came at 12 yet
    assert [point.value for point in points if point.value is not None] == [7.2]


def test_a_value_without_a_number_is_a_gap_with_its_flag(made):
    put(made, "a34004-Avg=--,a34004-Flag=B", NOON - HOUR)
    take(made)
    last = readings.last_day(MN, "a34004", HOUR)[-1]
    assert (last.value, last.flag) == (None, "B")


def test_packets_once_each_the_one_that_came_last_first(made):
    first = put(made, "a34004-Avg=35;a34002-Avg=60", NOON - HOUR, received=NOW - timedelta(minutes=9))
    second = put(made, "a34004-Rtd=35", NOON + timedelta(minutes=15), cn="2011", received=NOW - timedelta(minutes=3))
    put(made, "a34004-Rtd=9", NOON, cn="2011", mn="OTHER")
    put(made, "a34004-Rtd=9", NOW - timedelta(hours=25), cn="2011")  # data of more than a day ago
    take(made)
    found = readings.packets(MN, 10)
    assert [(one.cn, one.gateway, one.sequence) for one in found] == [("2011", "gw1", second), ("2061", "gw1", first)]
    assert found[0].received == NOW - timedelta(minutes=3)
    assert [one.sequence for one in readings.packets(MN, 1)] == [second]
    assert readings.packets("NOBODY", 10) == []


def test_marks_of_a_day_by_device_and_factor_in_their_order(made):
    """A day of China begins at 16:00 UTC of the day before."""
    begin = datetime(2026, 2, 28, 16, tzinfo=UTC)
    put(made, "a34004-Avg=2,a34004-Flag=D", begin + HOUR)
    put(made, "a34004-Avg=1,a34004-Flag=N;a34002-Avg=1", begin)
    put(made, "a34004-Avg=9,a34004-Flag=N", begin - timedelta(seconds=1))
    put(made, "a34004-Avg=9,a34004-Flag=N", begin + 24 * HOUR)
    put(made, "a34004-Avg=9,a34004-Flag=N", begin, mn="OTHER")
    take(made)
    found = readings.marks(date(2026, 3, 1))
    assert {mn: dict(factors) for mn, factors in found.items()} == {
        MN: {"a34004": [(begin, "N"), (begin + HOUR, "D")], "a34002": [(begin, "")]},
        "OTHER": {"a34004": [(begin, "N")]},
    }
    assert set(readings.marks(date(2026, 3, 1), [MN])) == {MN}
    assert readings.marks(date(2026, 3, 1), []) == {} and readings.marks(date(2025, 3, 1)) == {}


def test_an_empty_lake_answers_with_nothing(made):
    assert readings.latest([MN]) == {} and readings.packets(MN, 5) == [] and readings.marks(date(2026, 3, 1)) == {}
    assert {point.value for point in readings.last_day(MN, "a34004", HOUR)} == {None}
