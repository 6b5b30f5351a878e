"""Hours of air: by the edition of the hour, of any station, as they stood; on pages, by command and API.

Expected indices are worked out by hand from the tables of HJ 633-2012 and HJ 633-2026 (beside each).
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from ecocloud.intake.monitoring.evaluation.facts import NoFact
from ecocloud.intake.monitoring.lake import schema, site
from ecocloud.intake.monitoring.lake.models import Latest
from ecocloud.intake.monitoring.models import Device
from ecocloud.intake.monitoring.quality import services as quality
from ecocloud.intake.monitoring.results import air_hours, commands, hour_refs, views_hour
from ecocloud.intake.monitoring.results.sites import air_sites
from ecocloud.kernel.journal.refs import Ref, resolve
from tests.intake.monitoring.results.conftest import AIR, DAY
from tests.intake.monitoring.results.test_recalculating import chinese

pytestmark = pytest.mark.django_db
CHANGE = date(2026, 3, 1)


@pytest.fixture
def client(sites, settings):
    client = Client()
    client.force_login(sites.place.office, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def lines(sites, day=DAY, days=1, name="east", **more):
    sites.take()
    found = air_hours.evaluate_hours(site.snapshot(None), air_sites([getattr(sites, name).pk]), day, days, **more)
    return list(found.lines(0))


def test_an_hour_by_the_edition_of_2026(sites):
    """PM2.5 40: 50 + 50·5/25 = 60; PM10 90: 50 + 50·40/70 = 78.6, up to 79; the others below 50."""
    sites.send("east", 8, AIR)
    (line,) = lines(sites)
    assert (line.aqi, line.level, line.primary, line.edition) == (79, 2, ("pm10",), "2026-transition")
    assert {item: one.iaqi for item, one in line.items.items()} == {
        "so2_1h": 4, "no2_1h": 15, "co_1h": 8, "o3_1h": 32, "pm10_1h": 79, "pm25_1h": 60}  # fmt: skip
    assert line.start == datetime(2026, 3, 5, 8, tzinfo=schema.BEIJING) and "air:hour.negative" in line.facts


def test_the_day_the_standard_changes(sites):
    """Until then particles count as means of 24 hours by the table of 2012: PM10 90: 50 + 50·40/100 = 70."""
    before = CHANGE - timedelta(days=1)
    for hour in range(4, 24):
        sites.send("east", hour, AIR, day=before)
    sites.send("east", 0, AIR, day=CHANGE)
    found = lines(sites, before, 2)
    last, first = found[-2], found[-1]
    assert (last.aqi, last.edition, last.key) == (70, "2012", "2026022823")
    assert (first.aqi, first.edition, first.key) == (79, "2026-transition", "2026030100")
    short = found[-3]  # 19 hours: no mean of 24 hours; ozone's 8 hours decide: 100 is 50
    assert (short.aqi, short.items["pm10_24h"].reason) == (50, "too_few_hours")
    # the running means of the first hours of a day reach into the day before
    assert lines(sites, CHANGE, under="2012")[0].aqi == 70


def test_missing_negative_and_flagged_hours(sites):
    sites.send("east", 1, {key: value for key, value in AIR.items() if key != "a05024"})
    sites.send("east", 2, AIR | {"a34002": -3})
    sites.send("east", 3, AIR, flag="D")
    sites.send("east", 4, AIR | {"a34004": 0, "a34002": 200, "a05024": 0})
    first, negative, high = lines(sites)
    assert (first.aqi, first.reason, first.computed) == (None, "item_missing", 79)  # HJ 633-2026 5.3
    assert (negative.aqi, negative.items["pm10_1h"].reason) == (None, "missing")
    # 120..250 is 100..150: 100 + 50·80/130 = 130.8, up to 131
    assert (high.aqi, high.level, high.items["pm25_1h"].iaqi) == (131, 3, 0)


def test_before_every_edition_there_is_no_index(sites):
    with pytest.raises(NoFact):
        lines(sites, date(2012, 2, 1))


def test_as_it_stood(sites):
    """A correction and a review count from the moment they came."""
    sites.send("east", 8, AIR)
    sites.take()
    came = schema.micro(Latest.objects.filter(mn=sites.east.mn).first().version)
    sites.lakes[-1].clock += timedelta(hours=2)
    sites.send("east", 8, AIR | {"a34002": 200})
    (now,) = lines(sites)
    (then,) = lines(sites, as_of=schema.moment(came))
    assert (now.aqi, then.aqi) == (131, 79)
    assert lines(sites, as_of=schema.moment(came - 1)) == []
    at = now.start
    quality.review(sites.place.office, sites.east, factor="a34002", interval="hour", first=at,
                   last=at + timedelta(hours=1), valid=False, reason="标定")  # fmt: skip
    (reviewed,) = lines(sites)
    (unreviewed,) = lines(sites, as_of=datetime(2026, 3, 21, tzinfo=UTC))
    assert (reviewed.aqi, unreviewed.aqi) == (None, 131)


def test_references(sites, client):
    sites.send("east", 8, AIR)
    sites.take()
    start = datetime(2026, 3, 5, 8, tzinfo=schema.BEIJING)
    ref = hour_refs.ref_of(sites.east.pk, start, datetime(2026, 3, 21, tzinfo=UTC))
    found = resolve(Ref.parse(str(ref)), sites.place.office)
    assert found.allowed and "AQI 79 良 PM10" in found.excerpt and "2026-03-05 08:00" in found.title
    assert "AQI 79" in client.get(found.url).content.decode()
    assert not resolve(ref, sites.place.west_staff).allowed
    assert not resolve(Ref("air_hour", f"{sites.river.pk}-2026030508"), sites.place.office).allowed
    for key in ("x-2026030508", f"{sites.east.pk}-2026030525", f"{sites.east.pk}", f"{'9' * 30}-2026030508"):
        assert hour_refs.resolve(Ref("air_hour", key), sites.place.office) is None


def test_the_newest_hour_of_the_table_is_that_of_the_lake(sites):
    for hour in (7, 8):
        sites.send("east", hour, AIR)
    sites.send("west", 8, AIR | {"a34004": 80, "a34002": 130})
    sites.take()
    stations = air_sites()
    found = air_hours.newest(stations, DAY)
    by_device = found.lines()
    for name in ("east", "west"):
        assert by_device[getattr(sites, name).pk] == lines(sites, name=name)[-1]
    areas = found.areas()
    # the city: PM2.5 (40 + 80) / 2 = 60 is 100; PM10 (90 + 130) / 2 = 110: 50 + 50·60/70 = 92.9, up to 93
    city = next(areas[code] for code in areas if code.endswith("00"))
    assert (city.aqi, city.primary, city.level) == (100, ("pm25",), 2)
    assert areas["990102"].aqi == 79 and "results:air" in areas["990102"].facts


def test_a_station_that_stamps_the_end_of_its_hours(sites, client):
    Device.objects.filter(pk=sites.east.pk).update(hour_ending=True)
    sites.send("east", 9, AIR)
    (line,) = lines(sites)
    assert (line.key, line.aqi) == ("2026030508", 79)
    assert air_hours.newest(air_sites(), DAY).lines()[sites.east.pk] == line
    page = client.get(reverse("monitoring:air-hour", args=[sites.east.pk, line.key])).content.decode()
    assert "小时值以时段终点标注" in page and "HOUR-20260305090000".lower() in page.lower()


def test_stations_with_another_hour_count_as_missing_for_areas(sites):
    sites.send("east", 7, AIR)
    sites.send("west", 8, AIR)
    sites.take()
    areas = air_hours.newest(air_sites(), DAY).areas()
    city = next(areas[code] for code in areas if code.endswith("00"))
    assert city.key == "2026030508" and city.items["pm25_1h"].reason in ("", "too_few_points")
    assert areas["990102"].key == "2026030507"


def test_newest_hours_under_an_edition_with_running_means_come_from_the_lake(sites):
    day = date(2025, 6, 3)
    for hour in range(20):
        sites.send("east", hour, AIR, day=day)
    sites.take()
    found = air_hours.newest(air_sites(), day)
    assert found.lines() == {} and found.areas() == {}
    assert found.lines(site.snapshot(None))[sites.east.pk].aqi == 70


def test_no_stations_no_hours(db):
    assert air_hours.newest([], DAY).lines() == {}


def test_the_course_on_the_page_of_the_station(sites, client, monkeypatch):
    now = datetime(2026, 3, 5, 10, 30, tzinfo=schema.BEIJING)
    for hour in range(10):
        sites.send("east", hour, AIR)
    sites.take()
    course = views_hour.course(sites.east, now)
    assert [one["aqi"] for one in course.rows] == [79] * 10 and course.rows[0]["hour"] == "2026030509"
    assert views_hour.course(sites.east, now + timedelta(days=3)) is None
    assert views_hour.course(sites.west, now) is None
    monkeypatch.setattr(views_hour, "course", lambda device, _now, real=views_hour.course: real(device, now))
    sites.run()
    page = client.get(reverse("monitoring:evaluation", args=[sites.east.pk])).content.decode()
    assert "近 24 小时" in page and course.rows[0]["url"] in page and "实时数据未经审核" in page


def test_the_page_of_an_hour(sites, client):
    sites.send("east", 8, AIR)
    sites.take()
    url = reverse("monitoring:air-hour", args=[sites.east.pk, "2026030508"])
    page = client.get(url).content.decode()
    assert "AQI 79" in page and "lake:" in page and "HJ 633-2026" in page and "air_hour:" in page
    assert chinese(client.get(url, {"language": "en"}).content.decode()) == []
    assert "这个小时没有数据" in client.get(url[:-3] + "09/", {"language": "zh-hans"}).content.decode()
    for wrong in ("2026030525", "today", "2026030"):
        assert client.get(reverse("monitoring:air-hour", args=[sites.east.pk, wrong])).status_code == 404
    assert client.get(reverse("monitoring:air-hour", args=[sites.river.pk, "2026030508"])).status_code == 404
    for hour in range(12):  # means of 24 hours name every hour they are made of
        sites.send("east", hour, AIR, day=date(2025, 6, 3))
    sites.take()
    page = client.get(reverse("monitoring:air-hour", args=[sites.east.pk, "2025060311"])).content.decode()
    assert "24小时滑动平均" in page and "06-03 00:00–01:00" in page


def test_the_api(sites, client):
    sites.send("east", 8, AIR)
    sites.take()
    url = reverse("api:monitoring-air-hours", args=[sites.east.pk])
    (found,) = client.get(url, {"first": "2026-03-05", "last": "2026-03-05"}).json()
    assert (found["aqi"], found["category"], found["primary"]) == (79, "良", ["pm10"])
    assert found["ref"] == f"air_hour:{sites.east.pk}-2026030508"
    assert {one["item"]: one["value"] for one in found["items"]}["co_1h"] == "0.8"
    assert client.get(url, {"first": "2026-03-05", "last": "2026-04-05"}).status_code == 400
    assert client.get(url, {"first": "2026-03-05", "last": "2026-03-04"}).status_code == 400
    other = reverse("api:monitoring-air-hours", args=[sites.river.pk])
    assert client.get(other, {"first": "2026-03-05", "last": "2026-03-05"}).status_code == 404


def test_the_command(sites, capsys):
    sites.send("east", 8, AIR)
    sites.take()
    given = {"first": DAY, "last": DAY, "edition": "", "hours": True, "station": "", "json": False}
    assert commands.run(SimpleNamespace(**given)) == 0
    assert "2026-03-05 08:00 east AQI 79 良 PM10" in capsys.readouterr().out
    assert commands.run(SimpleNamespace(**given | {"json": True, "station": sites.east.mn})) == 0
    assert json.loads(capsys.readouterr().out)["iaqi"]["pm25_1h"] == 60
    assert commands.run(SimpleNamespace(**given | {"station": "NOBODY"})) == 2
