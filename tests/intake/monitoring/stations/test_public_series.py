"""The published series of the sample: what it says, where it lies, how its days are judged."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from django.utils import timezone

from ecocloud.intake.monitoring.lake import site
from ecocloud.intake.monitoring.lake.reading import Wanted
from ecocloud.intake.monitoring.lake.schema import BEIJING
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.recalculating import recalculate
from ecocloud.intake.monitoring.stations import public_series
from ecocloud.intake.monitoring.stations.models import Device

FACTS = public_series.facts()
ROWS = public_series.rows(FACTS)
DAY = "2020-04-03"


def test_the_file_names_its_source_and_has_no_other_columns():
    assert FACTS.licence == "MIT" and "公开" in FACTS.note and "未经审核" in FACTS.note
    assert list(ROWS[0]) == ["station", "time", "pm25", "pm10", "so2", "no2", "co", "o3_1h"]
    assert len(ROWS) == 367 and len({(row["station"], row["time"]) for row in ROWS}) == 367


@pytest.fixture
def loaded(place, settings, tmp_path, monkeypatch):
    """The series at the east county of the small organisation."""
    settings.HOME = tmp_path
    here = FACTS.model_copy(update={"region": place.east.code})
    monkeypatch.setattr(public_series, "facts", lambda: here)
    devices = public_series.load(place.office)
    store = site.store()
    with store.lock("ingest"):
        site.ingester(store).drain()
    public_series.end(place.office, devices)
    return devices


@pytest.mark.django_db
def test_every_number_lies_in_the_lake_and_nobody_waits_for_more(loaded):
    assert all("公开" in one.name for one in Device.objects.all())
    assert not Device.objects.filter(enabled=True).exists() and all(one.hour_ending for one in loaded)
    wanted = Wanted("hour", datetime(2020, 4, 2, tzinfo=BEIJING), datetime(2020, 4, 9, tzinfo=BEIJING))
    table = site.snapshot().current(wanted, ("mn", "factor", "avg"))
    given = [(row["station"], name) for row in ROWS for name in row if name not in ("station", "time") and row[name]]
    assert table.num_rows == len(given) == len([one for one in table["avg"].to_pylist() if one is not None])
    pm25 = sorted(Decimal(row["pm25"]) for row in ROWS if row["pm25"])
    held = [Decimal(str(n)) for n, code in zip(table["avg"].to_pylist(), table["factor"].to_pylist(), strict=True)
            if code == "a34004"]  # fmt: skip
    assert sorted(held) == pm25


# HJ 633-2012 table 1: what IAQI 50 is, in the unit of the file; all values of the day lie below.
FIFTY = {"pm25": 35, "pm10": 50, "so2": 50, "no2": 40, "co": 2, "o3": 100}


def aqi(station):
    """The AQI of the day by floating-free arithmetic of its own: means of the hours there are, MDA8 of ozone from
    windows ending at 08:00 to 24:00 with at least six hours, whole micrograms and tenths of a milligram half to even.
    """
    of_day = {row["time"][11:13]: row for row in ROWS if row["station"] == station and row["time"][:10] == DAY}
    del of_day["00"]
    of_day["24"] = next((r for r in ROWS if r["station"] == station and r["time"] == "2020-04-04 00:00"), {})
    hours = {int(hour): row for hour, row in of_day.items() if row}
    assert len(hours) == 20  # the least that GB 3095-2012 table 4 asks for
    found = {}
    for name in ("pm25", "pm10", "so2", "no2", "co"):
        digits = 1 if name == "co" else 0
        found[name] = round(sum(Fraction(row[name]) for row in hours.values()) / 20, digits)
    windows = [[Fraction(hours[h]["o3_1h"]) for h in range(end - 7, end + 1) if h in hours] for end in range(8, 25)]
    found["o3"] = round(max(sum(one) / len(one) for one in windows if len(one) >= 6))
    return max(ceil(50 * Fraction(value) / FIFTY[name]) for name, value in found.items())


@pytest.mark.django_db
def test_a_day_is_judged_by_the_edition_of_its_time_by_hours_that_end_at_their_stamp(loaded):
    recalculate(timezone.now())
    found = Result.objects.filter(kind="air_point", span="day", start=date(2020, 4, 3)).select_related("device")
    assert {row.edition for row in found} == {"2012"}
    assert {row.device.name.partition("（")[0]: row.value for row in found} == {
        station: aqi(station) for station in dict.fromkeys(row["station"] for row in ROWS)
    }
    # The day after has 18 hours at each station.
    after = Result.objects.filter(kind="air_point", span="day", start=date(2020, 4, 4))
    assert {row.value for row in after} == {None}
