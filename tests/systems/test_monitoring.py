"""Systems that the monitoring room delivers, each from what comes in to what people read."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.base.officedocs import docx_text
from ecocloud.intake.monitoring.alarms import running
from ecocloud.intake.monitoring.alarms import services as alarms
from ecocloud.intake.monitoring.alarms.models import AlarmRule
from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.models import Latest
from ecocloud.intake.monitoring.results import emission_lists, feeding, parks
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import period_of
from ecocloud.intake.monitoring.stations import services
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.intake.monitoring.stations.services import counting
from tests.intake.monitoring.alarms.conftest import SILENT
from tests.intake.monitoring.lake.conftest import made
from tests.intake.monitoring.lake.lake_made import frame
from tests.intake.monitoring.results.conftest import AIR, DAY, RUNNING, sites
from tests.intake.monitoring.results.emission_site import GAS, SEWAGE, fill, plants, put
from tests.intake.monitoring.stations.conftest import place
from tests.systems.proving import proved

__all__ = ["made", "place", "plants", "sites"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def at(settings):
    """``at(user)``: a client of that person."""

    def signed(user):
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return signed


def page(client, name, *args, **more):
    """A page of the room as text."""
    answer = client.get(reverse(f"monitoring:{name}", args=args), more)
    assert answer.status_code == 200
    return answer.content.decode()


def test_s121_from_hours_of_six_pollutants_to_index_means_rates_and_rank(sites, at):
    """S121 空气质量监测网络与排名: hourly data -> AQI, means, good-day ratio, ozone days, yoy change, rank."""
    client = at(sites.place.office)
    form = {"mn": "x", "name": "", "kind": "air"}
    refused = client.post(reverse("monitoring:device-new"), form)
    assert refused.status_code in (200, 400, 422) and not Device.objects.filter(mn="x").exists()
    ago = DAY.replace(year=2025)
    for hour in range(24):
        sites.send("east", hour, AIR | {"a05024": 200})
        sites.send("east", hour, AIR, day=DAY + timedelta(days=1))
        sites.send("west", hour, AIR | {"a34004": 80})
        sites.send("east", hour, AIR | {"a34004": 80}, day=ago)
    sites.run(DAY, DAY + timedelta(days=1), now=RUNNING)
    sites.run(ago, ago, now=RUNNING)
    day = Result.objects.get(device=sites.west, span="day", start=DAY, current=True)
    # PM2.5 of 80 lies between 60 and 115 (HJ 633-2026 table 3): 100 + 20 x 50/55, rounded up
    assert day.value == 119
    month = Result.objects.get(kind="air_area", span="month", subject="region:990102", start__year=2026)
    assert month.body["good"] == {"part": 1, "whole": 2, "units": 500, "places": 1}
    days = next(one for one in feeding.feedings() if one.code == "AIR.O3.EXCEEDDAYS")
    shown = page(client, "air-ranking", at="2026-03", beside="1")
    rank = shown.index("东县") < shown.index("西县")
    report = docx_text(b"".join(client.get(reverse("monitoring:bulletin", args=[str(DAY), "docx"])).streaming_content))
    proved(
        "S121",
        given={"Hourly station data for six pollutants": day.body["hours"]},
        refused=refused,
        came_out={"AQI": ("119", report), "means": (40, month.body["statistics"]["pm25.mean"]["units"]),
                  "good-day ratio": ("50.0% <small class=\"muted\">1/2", shown),
                  "ozone days": (1, feeding.figure(days, month.body)[0]),
                  "yoy change": ("发布口径", shown), "rank": ([True], [rank])},
    )  # fmt: skip


def test_s185_from_online_data_and_limits_to_exceedance_uptime_and_totals(plants, at, monkeypatch):
    """S185 污染源在线监测: CEMS and wastewater online data, limits -> exceedance, uptime, emission totals."""
    client = at(plants.place.office)
    fill(plants, "kiln", GAS, h3={"a21002": 400}, f9="M")
    fill(plants, "works", SEWAGE, hours=range(18))
    plants.run()
    counting.count_days([DAY])  # of seven channels six sent 18 of 24 hours: 108/168
    own = client.post(reverse("monitoring:device-new"), {"mn": plants.kiln.mn, "name": "再一台", "kind": "outlet_gas"})
    assert Device.objects.filter(mn=plants.kiln.mn).count() == 1
    kiln, works = (Result.objects.get(device=row, span="day", current=True) for row in (plants.kiln, plants.works))
    listed = page(client, "exceedances")
    assert "Kiln 1" in listed and "Works 1" not in listed and "03:00–04:00" in listed
    assert "≤ 180 mg/m³" in page(client, "result", kiln.pk)
    monkeypatch.setattr(timezone, "localdate", lambda *more: DAY + timedelta(days=1))
    up = page(client, "rates", q="Works 1")
    monkeypatch.undo()
    (nox,) = [one for one in emission_lists.totals(plants.place.office, period_of("month", DAY)) if one.item == "nox"]
    kilograms = Fraction((100 * 22 + 400) * 36000, 10**6)  # hour 9 is upkeep and proves nothing
    proved(
        "S185",
        given={"CEMS and wastewater online data": [kiln, works],
               "limits": plants.outlet.body["limit_set"]},
        refused=own,
        came_out={"Exceedance": ("氮氧化物", listed), "uptime": ("64.3%", up),
                  "emission totals": (kilograms * 10**6, nox.month)},
    )  # fmt: skip


def test_s176_from_meters_to_the_days_energy_alarms_and_quality(sites, at, monkeypatch):
    """S176 工业能耗在线监测点: meter data -> real-time energy, alerts, data quality."""
    office = sites.place.office
    firm = put("energy_meter", "一号计量点", {}, sites.place.east, sites.place.bureau)
    meter = services.add_device(
        office, mn="METR00000000000000000001", name="一号电表", kind="energy", region=sites.place.east,
        department=sites.place.bureau, object_ref=f"obj:{firm.pk}", password="123456",
    )  # fmt: skip
    meter.channels.create(code="e1", name="用电量", unit="kWh")
    with pytest.raises(EcoError) as twice:
        services.add_device(office, mn=meter.mn, name="同号", kind="energy", region=sites.place.east,
                            department=sites.place.bureau, password="123456")  # fmt: skip
    midnight = schema.day_bounds(DAY)[0]
    Device.objects.filter(pk=meter.pk).update(created_at=midnight - timedelta(days=1))
    for hour, amount in enumerate(("10.5", "12.25", "11")):
        sites.lakes[-1].put(frame(f"e1-Cou={amount},e1-Flag=N", at=midnight + timedelta(hours=hour), cn="2061",
                                  mn=meter.mn, st=meter.st))  # fmt: skip
    sites.take()
    (used,) = parks.energy([meter], midnight + timedelta(hours=4))
    given = SILENT | {"zh": "电表数据中断", "kinds": ["energy"]}
    row = alarms.save_rule(office, None, given=given, region=sites.place.city)
    AlarmRule.objects.filter(pk=row.pk).update(begun=midnight)
    running.run(midnight + timedelta(hours=8))
    client = at(office)
    told = page(client, "alarms")
    counting.count_days([DAY], midnight + timedelta(hours=6))
    monkeypatch.setattr(timezone, "localdate", lambda *more: DAY)
    quality = page(client, "rates", q="一号电表")
    monkeypatch.undo()
    proved(
        "S176",
        given={"Meter data": Latest.objects.get(mn=meter.mn)},
        refused=twice.value,
        came_out={"Real-time energy": (Decimal("33.75"), used.amount), "alerts": ("电表数据中断", told),
                  "data quality": ("50.0", quality)},
    )  # fmt: skip
