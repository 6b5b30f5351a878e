"""Values by file and API: layouts that are recognised, faults that are named, records as the lake reads them."""

import json
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ecocloud.base.sheets.headers import guess_mapping
from ecocloud.base.sheets.models import ImportBatch
from ecocloud.intake.monitoring import raw
from ecocloud.intake.monitoring.lake import site
from ecocloud.intake.monitoring.lake.models import Latest
from ecocloud.intake.monitoring.stations import importing, records, tabular
from ecocloud.intake.monitoring.stations.services.bringing import moment
from ecocloud.intake.monitoring.stations.services.counting import count_days
from ecocloud.kernel.journal.models import Entry


@pytest.fixture
def at_home(settings, tmp_path):
    settings.HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"


def kept():
    found = []
    for block in raw.Reader(records.folder()).blocks("files"):
        found += [json.loads(block.record(place)) for place in range(len(block))]
    return found


def client_of(user, settings):
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-03-01 08:00", 0), ("2026/3/1 08:00:00", None), ("2026-03-01T08:00:00+08:00", 0),
        ("2026-03-01T00:00:00Z", 0), ("2026030108", 0), ("20260301080000", 0), ("2026年03月01日08时", 0),
        ("昨天", None), ("", None), ("2026-13-01 00:00", None), ("2026139999", None),
    ],
)  # fmt: skip
def test_times_as_people_write_them(text, hour):
    found = moment(text)
    assert found == (datetime(2026, 3, 1, hour, tzinfo=UTC) if hour is not None else None)


def test_a_row_for_each_factor_becomes_a_column_for_each():
    """The layout of the hourly city file: date, hour, type, city, value."""
    lines = ["date,hour,type,city,value,adcode", "20251206,0,PM2.5,甲市,54.0,1", "20251206,0,SO2,甲市,10,1",
             "20251206,1,SO2,甲市,9,1"]  # fmt: skip
    text = "\n".join(lines)
    headers, rows = tabular.table_of("a.csv", text.encode("gb18030"))
    assert headers == ["time", "city", "adcode", "PM2.5", "SO2"]
    assert rows == [["2025-12-06 00:00", "甲市", "1", "54.0", "10"], ["2025-12-06 01:00", "甲市", "1", "", "9"]]


def test_json_keeps_the_digits_it_was_written_with():
    headers, rows = tabular.table_of("a.json", b'[{"mn": "A", "time": "2026-03-01 08:00", "a34004": 35.10}]')
    assert (headers, rows) == (["mn", "time", "a34004"], [["A", "2026-03-01 08:00", "35.10"]])


NO_TABLES = [("a.csv", b""), ("a.csv", b"\xff\xfe\x00\xff"), ("a.json", b"{"), ("a.json", b"[1]"), ("a.json", b"[]"),
             ("a.csv", b"a,b\n")]  # fmt: skip


@pytest.mark.parametrize(("name", "data"), NO_TABLES)
def test_what_is_no_table_is_refused(name, data):
    with pytest.raises(tabular.NotATable):
        tabular.table_of(name, data)


AIR = ["device", "time", "a34004", "a34002", "a21026", "a21004", "a21005", "a05024"]
WATER = ["device", "time", "w01010", "w01001", "w01009", "w01014", "w01003", "w01019", "w21003", "w21011", "w21001"]
PUBLIC = [("air/jiangxi_stations_hourly_20200402-0408.csv", "air", AIR),
          ("water/jiangxi_sections_4hourly_202104.csv", "section", WATER)]  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "keys"), PUBLIC)
def test_layouts_of_public_files_are_recognised(shared_folder, name, kind, keys, place):
    headers, rows = tabular.table_of(name, (shared_folder / "data" / name).read_bytes())
    spec = importing.target(kind).spec(place.office)
    mapping = guess_mapping([headers, *rows[:3]], spec, None)
    assert set(keys) <= {one.key for one in mapping.columns} and not mapping.missing(spec)


@pytest.mark.django_db
def test_a_csv_is_previewed_and_then_reaches_the_lake_once(place, device, at_home, settings):
    client = client_of(place.east_staff, settings)
    lines = ["station,time,pm25,co", f"{device.name},2026-03-01 08:00,35.5,0.70", f"{device.mn},2026-03-01 09:00,36,",
             "不认识,2026-03-01 09:00,1,1", f"{device.name},昨天,1,1"]  # fmt: skip
    text = "\n".join(lines)
    url = reverse("monitoring:values")
    sent = client.post(url, {"kind": "air", "file": SimpleUploadedFile("a.csv", text.encode())}, follow=True)
    page = sent.content.decode()
    assert sent.status_code == 200 and "不是时间" in page and kept() == []
    batch = ImportBatch.objects.get()
    client.post(reverse("sheets:commit", args=[batch.pk]), {"skip_errors": "1"})
    told = kept()
    assert [(one["mn"], one["cn"], one["time"]) for one in told] == [
        (device.mn, "2061", "2026-03-01T08:00:00+08:00"), (device.mn, "2061", "2026-03-01T09:00:00+08:00")]  # fmt: skip
    assert told[0]["values"] == {"a34004": {"Avg": "35.5", "Flag": "N"}, "a21005": {"Avg": "0.70", "Flag": "N"}}
    assert Entry.objects.filter(action="monitoring.values.bring").count() == 1
    store = site.store()
    with store.lock("ingest"):
        assert site.ingester(store).drain() == 3
    assert Latest.objects.get(factor="a34004").value == 36
    count_days([datetime(2026, 3, 1).date()])
    day = device.days.get()
    assert (day.due, day.got, day.valid) == (144, 3, 3)


@pytest.mark.django_db
def test_the_api_keeps_all_records_or_none(place, device, at_home, settings):
    client, url = client_of(place.east_staff, settings), reverse("api:monitoring-values")
    good = {"mn": device.mn, "time": "2026-03-01T08:00:00+08:00", "values": {"a34004": "35.10", "a21005": 0.7}}
    for wrong, field in (({"mn": "NOBODY"}, "records.1.mn"), ({"time": "soon"}, "records.1.time"),
                         ({"values": {"a34004": "much"}}, "records.1.values.a34004")):  # fmt: skip
        refused = client.post(url, {"records": [good, good | wrong]}, "application/json")
        assert refused.status_code == 400 and refused.json()["faults"][0]["field"] == field
    assert client.post(url, {"records": []}, "application/json").status_code == 422
    assert kept() == []
    told = client.post(url, {"records": [good]}, "application/json").json()
    assert told == {"records": 1, "devices": 1, "raw": "files/1-1"}
    assert kept()[0]["values"]["a34004"] == {"Avg": "35.10", "Flag": "N"}
    assert client_of(place.west_staff, settings).post(url, {"records": [good]}, "application/json").status_code == 400
    assert client_of(place.reader, settings).post(url, {"records": [good]}, "application/json").status_code == 403


@pytest.mark.django_db
def test_the_api_lists_devices_in_reach(place, device, settings):
    url = reverse("api:monitoring-devices")
    assert [one["mn"] for one in client_of(place.reader, settings).get(url).json()] == [device.mn]
    assert client_of(place.west_staff, settings).get(url).json() == []
