"""The live map: what stations show now, within reach, in a fixed number of questions; without a script, on phones."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.models import Device, DeviceState
from ecocloud.intake.monitoring.results import live, views_live
from ecocloud.intake.monitoring.stations import services, showing
from ecocloud.kernel.registers.models import RegisterObject, RegisterType
from tests.intake.monitoring.results.conftest import AIR, DAY, RUNNING, WATER
from tests.intake.monitoring.results.test_recalculating import chinese

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 5, 10, 30, tzinfo=schema.BEIJING)


@pytest.fixture
def now(monkeypatch):
    """The pages are opened at NOW."""
    monkeypatch.setattr(views_live.timezone, "now", lambda: NOW)
    return NOW


@pytest.fixture
def client(sites, settings):
    client = Client()
    client.force_login(sites.place.office, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


@pytest.fixture
def filled(sites):
    """Both air stations, a section of class IV and an outlet; ``east`` and the outlet stand at a place."""
    sites.outlet = services.add_device(sites.place.office, mn="OUTL00000000000000000001", name="outlet",
                                       kind="outlet_water", region=sites.place.east, department=sites.place.bureau,
                                       password="123456")  # fmt: skip
    sites.send("east", 9, AIR)
    sites.send("west", 9, AIR | {"a34002": 200})
    sites.send("river", 0, WATER | {"w21003": 1.2})
    sites.run(now=RUNNING)
    return sites


def rows(sites):
    return list(Device.objects.select_related("region", "state").order_by("pk"))


def shown(sites, viewer=None, at=NOW):
    return {one.row.name: one for one in live.spots(viewer or sites.place.office, rows(sites), at)}


def test_what_each_kind_shows(filled):
    found = shown(filled)
    assert (found["east"].figure, found["east"].words, found["east"].tone) == (79, "良", "aqi-2")
    assert (found["west"].figure, found["west"].tone, found["west"].detail) == (131, "aqi-3", "PM10")
    assert (found["river"].words, found["river"].tone, found["river"].badge) == ("Ⅳ", "wq-4", "wq w4")
    assert found["outlet"].tone == "muted" and found["outlet"].words == "未收到数据"
    assert found["east"].at == datetime(2026, 3, 5, 9, tzinfo=schema.BEIJING) and "AQI 79 良" in found["east"].said
    assert len(live.editions_of(found.values())) == 2


@pytest.mark.parametrize(("hours", "stale"), [(4, False), (5, True)])
def test_an_hour_that_began_too_long_ago_is_out_of_date(filled, hours, stale):
    at = datetime(2026, 3, 5, 9, tzinfo=schema.BEIJING) + timedelta(hours=hours)
    one = shown(filled, at=at)["east"]
    assert (one.stale, one.figure is None, one.tone == "aqi-na") == (stale, stale, stale)
    assert one.at is not None and (one.words == "数据过时") == stale


def test_without_data_and_without_a_class(sites):
    found = shown(sites)
    assert found["east"].words == "没有数据" and found["river"].tone == "wq-na"
    assert live.spots(sites.place.office, [], NOW) == []


def test_the_page_its_list_and_files(filled, client, now):
    page = client.get(reverse("monitoring:live")).content.decode()
    assert "79" in page and 'class="aqi l2"' in page and 'class="wq w4"' in page and "没有有位置的站点" in page
    assert "HJ 633-2026" in page and 'hx-trigger="every 60s"' in page
    assert chinese(client.get(reverse("monitoring:live"), {"language": "en"}).content.decode()) == []
    part = client.get(
        reverse("monitoring:live"), {"language": "zh-hans"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert part.lstrip().startswith('<div id="live"') and "<html" not in part and "east" in part
    only = client.get(reverse("monitoring:live"), {"kind": "section", "language": "zh-hans"}).content.decode()
    assert "river" in only and ">west<" not in only
    answer = client.get(reverse("monitoring:live"), {"export": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [row[0] for row in sheet.iter_rows(values_only=True)].count("west") == 1


def test_the_map(filled, client, now):
    _place(filled.east, 114.9, 27.1)
    _place(filled.outlet, 115.0, 27.2)
    page = client.get(reverse("monitoring:live")).content.decode()
    assert 'id="object-map"' in page and "map-aqi-2" in page and "另有 2 个没有位置" in page
    url = reverse("monitoring:live-objects")
    found = client.get(url, {"box": "114,26,116,28"}).json()
    assert found["total"] == 2 and found["clusters"] == []
    by_name = {one["properties"]["name"]: one["properties"] for one in found["features"]}
    assert by_name["east"]["tone"] == "aqi-2" and "AQI 79 良" in by_name["east"]["state"]
    assert by_name["east"]["url"] == reverse("monitoring:evaluation", args=[filled.east.pk])
    assert client.get(url, {"box": "100,26,101,28"}).json()["total"] == 0
    assert client.get(url, {"box": "nonsense"}).status_code == 400
    assert client.get(url, {"box": "114,26,116,28", "kind": "air"}).json()["total"] == 1


def test_many_stations_come_counted(filled, client, now, monkeypatch):
    monkeypatch.setattr(views_live, "MOST_SINGLE", 1)
    _place(filled.east, 114.9001, 27.1)
    _place(filled.west, 114.9002, 27.1)
    found = client.get(reverse("monitoring:live-objects"), {"box": "114,26,116,28"}).json()
    (group,) = found["clusters"]
    assert group["count"] == 2 and "良 1" in group["words"] and "轻度污染 1" in group["words"]


def test_only_what_is_within_reach(filled, settings, now):
    client = Client()
    client.force_login(filled.place.west_staff, backend=settings.AUTHENTICATION_BACKENDS[-1])
    page = client.get(reverse("monitoring:live")).content.decode()
    assert ">west<" in page and ">east<" not in page
    _place(filled.east, 114.9, 27.1)
    assert client.get(reverse("monitoring:live-objects"), {"box": "114,26,116,28"}).json()["total"] == 0


def test_outlets_by_how_they_stand_and_alarms(filled, monkeypatch):
    DeviceState.objects.update_or_create(device=filled.outlet, defaults={"online": True, "last_packet": NOW})
    monkeypatch.setattr(live.devices, "standing", lambda _row: "online")
    assert shown(filled)["outlet"].tone == "good"
    monkeypatch.setattr(live, "_alarms", lambda *_: {filled.outlet.pk: 2})
    one = shown(filled)["outlet"]
    assert (one.tone, one.alarms) == ("bad", 2) and "2 条报警" in one.said


@pytest.mark.parametrize("stands", sorted(showing.LIGHTS))
def test_every_way_to_stand_has_a_colour(filled, monkeypatch, stands):
    monkeypatch.setattr(live.devices, "standing", lambda _row: stands)
    one = shown(filled)["outlet"]
    assert one.tone in live.TONES and one.words == showing.standing_words()[stands]


def test_empty_pages_say_what_to_do(place, settings):
    client = Client()
    client.force_login(place.office, backend=settings.AUTHENTICATION_BACKENDS[-1])
    assert "还没有监测站点" in client.get(reverse("monitoring:live")).content.decode()
    page = client.get(reverse("monitoring:live"), {"q": "nothing"}).content.decode()
    assert "没有符合条件的站点" in page


def test_every_colour_of_the_map_is_in_the_style_sheet(filled):
    sheets = ("monitoring/monitoring.css", "registers/registers.css")
    text = "".join(Path(finders.find(one)).read_text("utf-8") for one in sheets)
    assert all(f"--map-{tone}:" in text for tone in live.TONES)
    legend = live.legend({"air", "section", "outlet_gas"})
    assert {tone for tone, _word in legend} <= set(live.TONES) and json.dumps(legend)


def _place(device, lon, lat):
    """The device stands at an object of a register with a place."""
    kind, _new = RegisterType.objects.get_or_create(
        code="station", defaults={"zh": "站", "en": "Station", "digest": "0"}
    )
    row = RegisterObject.objects.create(
        type=kind, code=device.name, name=device.name, region=device.region, state="in_use", schema=1, body={},
        valid_from=DAY, west=lon, east=lon, south=lat, north=lat, place=b"x",
    )  # fmt: skip
    Device.objects.filter(pk=device.pk).update(object_ref=f"obj:{row.pk}")
