"""Two air stations and a section in two counties, their lake, and packets for it."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from ecocloud.intake.monitoring.lake import schema, site
from ecocloud.intake.monitoring.results.evaluating import evaluate
from ecocloud.intake.monitoring.results.models import Evaluated, Result
from ecocloud.intake.monitoring.results.recalculating import recalculate
from ecocloud.intake.monitoring.stations import services
from tests.intake.monitoring.lake.conftest import made
from tests.intake.monitoring.lake.lake_made import Made, frame
from tests.intake.monitoring.stations.conftest import place

__all__ = ["made", "place"]

EAST, WEST, RIVER = "EAST00000000000000000001", "WEST00000000000000000001", "RIVE00000000000000000001"
DAY = date(2026, 3, 5)
AIR = {"a34004": 40, "a34002": 90, "a21026": 10, "a21004": 30, "a21005": 0.8, "a05024": 100}
WATER = {"w01001": 7.2, "w01009": 8.0, "w01019": 3.0, "w21003": 0.4, "w21011": 0.09}
# Long after the days of the tests: what is made then is final.
AFTER = datetime(2027, 6, 1, tzinfo=UTC)


RUNNING = datetime(2026, 3, 8, tzinfo=UTC)  # while the month goes on
RECEIVED = datetime(2026, 3, 20, tzinfo=UTC)  # later than the hours that come


@pytest.fixture
def sites(place, made, settings, tmp_path):
    """Devices ``east``, ``west`` (air) and ``river`` (section) with functions to send hours and to evaluate."""
    made.clock = RECEIVED
    lakes = [made]
    rows = {}
    for name, mn, kind, region, unit in (
        ("east", EAST, "air", place.east, place.bureau), ("west", WEST, "air", place.west, place.other),
        ("river", RIVER, "section", place.east, place.bureau),
    ):  # fmt: skip
        rows[name] = services.add_device(place.office, mn=mn, name=name, kind=kind, region=region, department=unit,
                                         password="123456")  # fmt: skip

    def send(name, hour, values, day=DAY, flag="N"):
        """An hour of a device as it sends it, stamped with its start."""
        row = rows[name]
        at = schema.day_bounds(day)[0] + timedelta(hours=hour)
        lakes[-1].put(frame(";".join(f"{code}-Avg={value},{code}-Flag={flag}" for code, value in values.items()),
                       at=at, cn="2061", mn=row.mn, st=row.st))  # fmt: skip

    def take():
        site.ingester(lakes[-1].store).drain()

    def run(first=DAY, last=DAY, now=AFTER, **more):
        take()
        return evaluate(site.snapshot(None), first, last, now, **more)

    def again(now=AFTER):
        take()
        return recalculate(now)

    def fresh():
        """Nothing was evaluated, nothing came."""
        Result.objects.all().delete()
        Evaluated.objects.all().delete()
        settings.HOME = tmp_path / f"fresh{len(lakes)}"
        lakes.append(Made(site.folder()))
        lakes[-1].clock = RECEIVED

    yield SimpleNamespace(
        **rows,
        rows=rows,
        send=send,
        take=take,
        run=run,
        recalculate=again,
        fresh=fresh,
        place=place,
        seen=[],
        lakes=lakes,
    )
    for one in lakes[1:]:
        one.writer.close()
