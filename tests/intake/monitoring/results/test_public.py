"""Public panels of air and water: the division and its counties, with edition and time; nothing of enterprises."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.template.loader import render_to_string

from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.results import public
from ecocloud.intake.monitoring.stations import services
from tests.intake.monitoring.results.conftest import AIR, DAY, RUNNING, WATER

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 6, 1, 30, tzinfo=schema.BEIJING)


@pytest.fixture
def filled(sites, monkeypatch):
    """Yesterday of both counties, the first hour of today of the east one, a section of class IV, an outlet."""
    monkeypatch.setattr(public.timezone, "now", lambda: NOW)
    services.add_device(sites.place.office, mn="OUTL00000000000000000001", name="某企业排口", kind="outlet_water",
                        region=sites.place.east, department=sites.place.bureau, password="123456")  # fmt: skip
    for hour in range(24):
        sites.send("east", hour, AIR)
        sites.send("west", hour, AIR | {"a34004": 80})
        sites.send("river", hour, WATER | {"w21003": 1.2})
    sites.send("east", 0, AIR, day=DAY + timedelta(days=1))
    sites.run(DAY, DAY + timedelta(days=1), now=RUNNING)
    return sites


def test_air(filled):
    found = public.air(filled.place.city)
    lines = {one["name"]: one for one in found["lines"]}
    assert set(lines) == {"试验市", "东县", "西县"}
    assert (lines["东县"]["now"]["aqi"], lines["东县"]["now"]["level"]) == (79, "良")
    assert lines["西县"]["now"]["aqi"] == lines["西县"]["day"]["aqi"] == 119  # PM2.5 80: 100 + 50·20/55 = 118.2
    assert lines["东县"]["day"]["aqi"] == 79 and lines["东县"]["good"].startswith("100")
    assert found["hour"] == datetime(2026, 3, 6, 0, tzinfo=schema.BEIJING) and found["day"] == DAY
    html = render_to_string("monitoring/public_air.html", found)
    assert "实时数据未经审核" in html and "HJ 633-2026" in html and "某企业" not in html
    assert public.air(filled.place.west)["lines"][0]["name"] == "西县"


def test_an_old_hour_is_not_now(filled, monkeypatch):
    monkeypatch.setattr(public.timezone, "now", lambda: NOW + timedelta(hours=6))
    found = public.air(filled.place.city)
    assert found["hour"] is None and all("now" not in one for one in found["lines"])
    assert "最近几小时没有实时数据" in render_to_string("monitoring/public_air.html", found)


def test_water(filled):
    found = public.water(filled.place.city)
    (section,) = found["sections"]
    assert (found["month"], section["name"], section["level"], section["meets"]) == ("2026-03", "river", "Ⅳ", None)
    assert found["shares"]["good"].startswith("0") and not found["final"]
    html = render_to_string("monitoring/public_water.html", found)
    assert "GB 3838" in html and "未经审核" in html and "某企业" not in html
    assert public.water(filled.place.west) is None


def test_nothing_yet(sites):
    assert public.air(sites.place.city) is None and public.water(sites.place.city) is None
