"""The small place and device of the stations' tests, the lake of the installation, hourly values put into it."""

from datetime import UTC, datetime, timedelta

import pytest

from ecocloud.intake.monitoring.alarms import running
from ecocloud.intake.monitoring.alarms import services as alarms
from ecocloud.intake.monitoring.alarms.models import AlarmRule
from ecocloud.intake.monitoring.lake import site
from ecocloud.intake.monitoring.stations import services
from ecocloud.intake.monitoring.stations.models import Device
from tests.intake.monitoring.lake.lake_made import Made, frame
from tests.intake.monitoring.stations.conftest import MN, place

__all__ = ["MN", "place"]

# 2026-03-02 08:00 Beijing time
START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def lake(tmp_path, settings):
    """The lake of the installation in a folder of its own, and its raw journal."""
    settings.HOME = tmp_path
    one = Made(site.folder())
    yield one
    one.writer.close()


@pytest.fixture
def device(place):
    """An air station of the east county, there since the day before."""
    return station(place)


def station(place, mn=MN, region=None, department=None, **more):
    """A device with the usual factors."""
    given = {"name": "东县一中", "kind": "air", "password": "123456"} | more
    row = services.add_device(place.office, mn=mn, region=region or place.east,
                              department=department or place.bureau, **given)  # fmt: skip
    Device.objects.filter(pk=row.pk).update(created_at=START - 24 * HOUR)
    row.refresh_from_db()
    return row


class Site:
    """Values come in and the minute's job runs, at times of the test's choosing."""

    def __init__(self, lake):
        self.lake = lake

    def put(self, values, first=0, code="a34004", mn=MN, flag="N", st="22"):
        """Hourly values from the hour ``first`` after START; None: nothing came."""
        frames = [frame(f"{code}-Avg={value},{code}-Flag={flag}", START + (first + n) * HOUR, cn="2061", mn=mn, st=st)
                  for n, value in enumerate(values) if value is not None]  # fmt: skip
        self.lake.clock = max(self.lake.clock, START + (first + len(values)) * HOUR)
        self.lake.put(*frames)
        self.lake.take()

    def run(self, hours):
        """The job, so many hours after START."""
        return running.run(START + timedelta(hours=hours))


@pytest.fixture
def field(lake):
    return Site(lake)


HIGH = {"cause": "exceed", "zh": "PM2.5 偏高", "interval": "hour", "kinds": ["air"], "each": ["a34004"],
        "acknowledge": 60,
        "grades": [{"level": 1, "when": {"is": "limit", "op": ">", "value": 75}},
                   {"level": 2, "when": {"is": "limit", "op": ">", "value": 150}}]}  # fmt: skip
SILENT = {"cause": "no_data", "zh": "数据中断", "interval": "hour",
          "grades": [{"level": 1, "when": {"is": "no_data", "intervals": 1.5}}]}  # fmt: skip


def rule(user, given, region, **more):
    """A rule in force since START."""
    row = alarms.save_rule(user, None, given=given | more, region=region)
    AlarmRule.objects.filter(pk=row.pk).update(begun=START)
    row.refresh_from_db()
    return row
