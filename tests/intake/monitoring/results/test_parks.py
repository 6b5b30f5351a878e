"""Parks: what lies in one by its place, newest values beside limits, exceedances, alarms, energy; reach, languages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from shapely import Point, Polygon, to_wkb

from ecocloud.intake.monitoring.alarms.models import AlarmIncident
from ecocloud.intake.monitoring.lake.models import Latest
from ecocloud.intake.monitoring.results import outlets, parks
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import rules
from ecocloud.intake.monitoring.stations import services
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.intake.monitoring.stations.readings import Newest
from ecocloud.kernel.registers.models import RegisterObject
from tests.intake.monitoring.results.emission_site import GAS, fill, plants, put
from tests.intake.monitoring.results.test_emission_pages import page, signed_in
from tests.intake.monitoring.results.test_recalculating import chinese

__all__ = ["plants"]
pytestmark = pytest.mark.django_db
AREA = Polygon([(115.1, 27.3), (115.2, 27.3), (115.2, 27.4), (115.1, 27.4)])


def at(lon, lat):
    """What an object with a place at a point carries."""
    return {"west": lon, "east": lon, "south": lat, "north": lat}, to_wkb(Point(lon, lat))


@pytest.fixture
def park(plants):
    """A park with an own station, the kiln (by its enterprise's place) and a meter in it; the works lie outside."""
    west, south, east, north = AREA.bounds
    box = {"west": west, "east": east, "south": south, "north": north}
    plants.park = put("park", "Park A", {}, plants.place.east, plants.place.bureau, box=box, place=to_wkb(AREA))
    put("park", "Old park", {}, plants.place.east, plants.place.bureau)
    RegisterObject.objects.filter(name="Old park").update(state="revoked")
    lies, shape = at(115.15, 27.35)
    RegisterObject.objects.filter(pk=plants.firm.pk).update(place=shape, **lies)
    lies, shape = at(115.3, 27.35)
    RegisterObject.objects.filter(pk=plants.works_object.pk).update(place=shape, **lies)
    lies, shape = at(115.2, 27.4)  # a corner of the area: on its edge and so not within it
    corner = put("energy_meter", "Corner", {}, plants.place.east, box=lies, place=shape)
    lies, shape = at(115.11, 27.31)
    meter = put("energy_meter", "Meter", {}, plants.place.east, box=lies, place=shape)
    for name, kind, ref in (
        ("Air A", "park", plants.park),
        ("Meter 1", "energy", meter),
        ("Meter 2", "energy", corner),
    ):
        row = services.add_device(plants.place.office, mn=f"PARK{name.replace(' ', ''):0>20}", name=name, kind=kind,
                                  region=plants.place.east, department=plants.place.bureau, password="123456",
                                  object_ref=f"obj:{ref.pk}")  # fmt: skip
        setattr(plants, name.replace(" ", "_").lower(), row)
    return plants


def test_what_lies_in_a_park(park):
    found = parks.members(park.place.office, parks.parks(park.place.office))
    assert {one.row.name for one in found.members[park.park.pk]} == {"Air A", "Kiln 1", "Meter 1"}
    assert found.names[f"obj:{park.firm.pk}"] == "Kiln Ltd"
    assert [one.name for one in parks.parks(park.place.office)] == ["Park A"]  # not the one that was given up


def newest(**texts):
    now = timezone.now()
    return {code: Newest(now, text, "N", "raw:x/1") for code, text in texts.items()}


def test_newest_values_beside_limits(park):
    """HJ 212-2017 annex D (28): 100 mg/m³ at 19.5 % oxygen are 200 at the kiln's 18 %; equal to 180 is not above."""
    (site,) = outlets.outlets([park.kiln.pk])
    now = timezone.now()

    def nox(**texts):
        (one,) = [one for one in parks.held(site, newest(**texts), now) if one.code == "a21002"]
        return one.converted, one.over

    assert nox(a21002="100", a19001="19.5") == (Decimal(200), True)
    assert nox(a21002="90", a19001="19.5") == (Decimal(180), False)
    assert nox(a21002="500") == (None, None) and nox(a21002="500", a19001="21") == (None, None)
    assert nox(a21002="x", a19001="19.5") == (None, None)
    (works,) = outlets.outlets([park.works.pk])
    told = {one.code: one.over for one in parks.held(works, newest(w01001="9.1", w01018="50", w21011="0.51"), now)}
    assert told == {"w01001": True, "w01018": False, "w21011": True}


def test_energy_of_the_day(park):
    """Amounts of hours are added up; a meter of readings alone counts from its first reading of the day."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    park.lakes[-1].clock = today + timedelta(hours=3)  # also when the test itself runs just after midnight
    for name, field, values in (("meter_1", "Cou", ("10.5", "12.25")), ("meter_2", "Rtd", ("1000", "1030"))):
        row = getattr(park, name)
        for hour, value in enumerate(values):
            moment = today + timedelta(hours=hour)
            park.lakes[-1].put(made_frame(row, moment, f"e1-{field}={value},e1-Flag=N"))
    moment = today - timedelta(hours=1)
    park.lakes[-1].put(made_frame(park.meter_1, moment, "e1-Cou=99,e1-Flag=N"))
    park.take()
    used = parks.energy([park.meter_1, park.meter_2], today + timedelta(hours=3))
    assert [(one.row.name, one.amount, one.by_reading) for one in used] == [
        ("Meter 1", Decimal("22.75"), False), ("Meter 2", Decimal(30), True)]  # fmt: skip
    assert Fraction("10.5") + Fraction("12.25") == Fraction("22.75")


def made_frame(row, moment, items):
    from tests.intake.monitoring.lake.lake_made import frame

    return frame(items, at=moment, cn="2061", mn=row.mn, st=row.st)


@pytest.fixture
def shown(park, settings):
    """Yesterday's exceedance of the kiln, an alarm, newest values."""
    day = timezone.localdate() - timedelta(days=1)
    park.lakes[-1].clock = timezone.now()
    fill(park, "kiln", GAS, day=day, h3={"a21002": 400})
    park.run(day, day, now=timezone.now())
    now = timezone.now()
    AlarmIncident.objects.create(station=park.kiln.ref, device=park.kiln, cause="exceed", title="超限", level=2, peak=2,
                                 acknowledge_s=60, first=now, last=now)  # fmt: skip
    return SimpleNamespace(site=park, client=signed_in(park.place.office, settings), day=day)


def test_the_page_of_a_park(shown):
    text = page(shown.client, "park", shown.site.park.pk)
    row = Result.objects.get(device=shown.site.kiln, kind="emission", span="day", start=shown.day)
    assert f"{reverse('monitoring:result', args=[row.pk])}#values" in text and "03:00–04:00" in text
    assert "Kiln Ltd" in text and "≤ 180" in text and "Air A" in text and "Works 1" not in text
    assert "超限" in text and "<svg" in text and "还没有用能数据" in text
    assert "a21002" in text and "factor=a21002" in text
    assert "氮氧化物" in page(shown.client, "park", shown.site.park.pk, factor="a21002")
    assert chinese(page(shown.client, "park", shown.site.park.pk, language="en").replace("超限", "")) in (
        [],
        ["烟气温度"],
    )
    listed = page(shown.client, "parks", language="zh-hans")
    assert "Park A" in listed and "Old park" not in listed
    told = parks.counts(shown.site.place.office, parks.members(shown.site.place.office, [shown.site.park]),
                        timezone.now())[shown.site.park.pk]  # fmt: skip
    assert (told.ambient, told.outlets, told.meters, told.every, told.over, told.alarms) == (1, 1, 1, 3, 1, 1)


def test_the_number_of_queries_of_a_park_is_constant(shown):
    address = reverse("monitoring:park", args=[shown.site.park.pk])
    shown.client.get(address)
    with CaptureQueriesContext(connection) as few:
        shown.client.get(address)
    for number in range(10):
        row = services.add_device(shown.site.place.office, mn=f"MORE{number:020d}", name=f"More {number}",
                                  kind="outlet_gas", region=shown.site.place.east, password="123456",
                                  object_ref=shown.site.kiln.object_ref)  # fmt: skip
        Latest.objects.create(mn=row.mn, factor="a21002", time=timezone.now(), text="10", version=timezone.now(),
                              interval="hour", gateway="g", sequence=1)  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        shown.client.get(address)
    assert len(many) <= len(few) + 1


def test_reach_and_empty_pages(shown, settings):
    west = signed_in(shown.site.place.west_staff, settings)
    assert west.get(reverse("monitoring:park", args=[shown.site.park.pk])).status_code == 404
    assert "还没有园区" in page(west, "parks")
    Device.objects.filter(kind__in=rules().park.kinds).update(object_ref=None)
    assert "园区内还没有监测设备" in page(shown.client, "park", shown.site.park.pk)
