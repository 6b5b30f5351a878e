"""Permuting rows, splitting them into batches, sending some again and compacting in between changes no result: of days,
months and years, of air and water, sections, lakes, drinking-water sources and areas. The reference is one batch in
order. ECOCLOUD_FULL_SIZE=1 runs more orders of more days."""

from __future__ import annotations

import os
import random
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.results import sites as registers
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.stations import services
from tests.intake.monitoring.lake.lake_made import frame
from tests.intake.monitoring.results.conftest import AIR, WATER

pytestmark = pytest.mark.django_db
FULL = os.environ.get("ECOCLOUD_FULL_SIZE") == "1"
# The ends of a year and of months, the day the air standards changed, and a leap day.
DAYS = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 1))
MORE = (date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2024, 12, 31), date(2025, 1, 1), *DAYS)
STEP = 3 if FULL else 8
EXAMPLES, CUTS = (25, 6) if FULL else (2, 2)


def rows():
    """Every row there is: (device, day, hour, values, command). Some stand for the same hour in two versions."""
    found = []
    for number, day in enumerate(MORE if FULL else DAYS):
        for hour in range(0, 24, STEP):
            mark = number * 24 + hour
            found.append(("east", day, hour, AIR | {"a34004": 20 + mark % 60, "a05024": 60 + mark}, "2061"))
            found.append(("west", day, hour, AIR | {"a34002": 40 + mark % 90}, "2061"))
            lake = {"w21003": (mark + 1) / 40, "w01016": 5 + mark % 30, "w01004": 1.2, "w21001": 1.1}
            found.append(("river", day, hour, WATER | lake, "2061"))
        found.append(("source", day, 9, {"w20125": number / 10, "w20124": 0.05, "w01001": 7}, "2031"))
    return found


@pytest.fixture
def place_of_all(sites, monkeypatch):
    """The section stands at a lake, and stamps its hours at their end; a source beside the devices of the folder."""
    office = sites.place.office
    vars(sites)["source"] = services.add_device(
        office, mn="SOUR00000000000000000001", name="source", kind="drinking", region=sites.place.west,
        department=sites.place.other, channels=(),
    )  # fmt: skip
    services.edit_device(office, sites.river.pk, hour_ending=True)
    found = registers.water_sites

    def told(devices=None):
        return [registers.Site(**{**vars(one), "lake": True, "water": "湖"}) for one in found(devices)]

    monkeypatch.setattr("ecocloud.intake.monitoring.results.evaluating.water_sites", told)
    return sites


def arrive(sites, some):
    lake, ahead = sites.lakes[-1], timedelta(hours=1)
    for name, day, hour, values, command in some:
        row = getattr(sites, name)
        at = schema.day_bounds(day)[0] + timedelta(hours=hour) + (ahead if name == "river" else timedelta())
        items = ";".join(f"{code}-Avg={value},{code}-Flag=N" for code, value in values.items())
        lake.put(frame(items, at=at, cn=command, mn=row.mn, st=row.st))


def outcome():
    """What came out, whatever its version."""
    kept = Result.objects.filter(current=True).values_list(
        "kind", "span", "start", "subject", "value", "level", "items", "meets", "reason", "outcome", "digest"
    )
    return sorted(tuple(map(str, one)) for one in kept)


def test_no_order_of_arrival_changes_a_result(place_of_all):
    sites, every = place_of_all, rows()
    sites.fresh()
    arrive(sites, every)
    sites.recalculate()
    expected = outcome()
    kinds = {one[:2] for one in expected}
    assert {("air_point", "day"), ("air_area", "year"), ("water_section", "month"), ("water_lake", "month"),
            ("water_area", "year"), ("water_source", "month"), ("source_area", "year")} <= kinds  # fmt: skip

    @given(seed=st.integers(0, 2**32), cuts=st.lists(st.integers(1, len(every) - 1), max_size=CUTS, unique=True))
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    def one_order(seed, cuts):
        chance = random.Random(seed)
        mixed = chance.sample(every, len(every))
        sites.fresh()
        bounds = [0, *sorted(cuts), len(mixed)]
        for begin, end in zip(bounds, bounds[1:], strict=False):
            again = chance.sample(mixed[:end], min(3, end))
            arrive(sites, [*mixed[begin:end], *again])
            sites.recalculate()
            if chance.random() < 0.5:
                sites.lakes[-1].compact()
        assert outcome() == expected

    one_order()
