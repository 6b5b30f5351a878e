"""Pages of devices and senders, as people of each reach see and use them."""

import json
import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from ecocloud.intake.monitoring import raw
from ecocloud.intake.monitoring.raw import Kind
from ecocloud.intake.monitoring.stations import packets, records, services
from ecocloud.intake.monitoring.stations.models import Device, Stranger, Upkeep
from ecocloud.kernel.journal.refs import resolve

pytestmark = pytest.mark.django_db
# HJ 212-2017 annex A prints this packet with its CRC.
PACKET = (
    b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
    b"CP=&&RtdInterval=30&&1C80\r\n"
)


@pytest.fixture
def client_of(settings):
    def make(user):
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return make


@pytest.fixture
def raw_home(settings, tmp_path):
    settings.HOME = tmp_path
    return tmp_path


def stored(kind, data):
    with raw.Writer(records.folder(), "g1") as writer:
        sequence = writer.append(kind, 0, data, 1_700_000_000_000_000)
        writer.commit()
    return sequence


def sender(mn="STRANGER1", sample=PACKET, reason="unknown"):
    at = datetime(2026, 3, 1, 8, tzinfo=UTC)
    return Stranger.objects.create(
        mn=mn, reason=reason, peer="10.0.0.7:5000", first=at, last=at, packets=3, sample=sample
    )


def test_the_list_shows_what_lies_in_reach_and_how_it_stands(place, device, client_of):
    page = client_of(place.east_staff).get(reverse("monitoring:devices")).content.decode()
    assert device.name in page and "未收到数据" in page
    assert device.name not in client_of(place.west_staff).get(reverse("monitoring:devices")).content.decode()


def test_the_words_of_every_page_have_their_english(place, device, client_of):
    """What is left of Chinese on an English page are names: of the device, the place, people, factors."""
    client = client_of(place.office)
    row = sender()
    services.add_upkeep(place.office, device.pk, kind="fault", start=row.first)
    names = [device.name, "东县", "环境局", "试验市", "办公室", *(one.name for one in device.channels.all())]
    urls = [reverse(f"monitoring:{name}") for name in ("devices", "rates", "strangers")]
    for url in [*urls, reverse("monitoring:device", args=[device.pk])]:
        page = client.get(url + "?language=en").content.decode()
        main = re.sub(r"<[^>]*>", " ", page[page.index("<main") : page.index("</main>")])
        for name in names:
            main = main.replace(name, "")
        assert "Devices" in page
        assert re.findall("[\u4e00-\u9fff]+", re.sub("(?s)How it is counted.*", "", main)) == [], url


def test_a_device_is_entered_by_its_form_and_faults_stand_beside_their_fields(place, client_of):
    client = client_of(place.office)
    url = reverse("monitoring:device-new")
    page = client.get(url + "?kind=noise").content.decode()
    assert 'value="Leq"' in page and 'name="kind" value="noise"' in page
    given = {"kind": "noise", "mn": "N1", "name": "噪声一站", "region": "990102", "department": "东县环境局",
             "st": "23", "step_minutes": "60", "minute_step": "10", "realtime_s": "60", "channel_code": ["Leq", ""],
             "channel_name": ["", ""], "channel_unit": ["", ""], "channel_low": ["30", ""], "channel_high": ["130", ""],
             "channel_limit": ["", ""], "channel_limit_text": ["", ""], "channel_used": ["Leq"]}  # fmt: skip
    wrong = client.post(url, given | {"name": "", "realtime_s": "5", "password": "sEcret1"})
    assert wrong.status_code == 400
    text = wrong.content.decode()
    assert "30 至 3600 秒" in text and "请填写设备名称" in text and "sEcret1" not in text and 'value="N1"' in text
    assert client.post(url, given).status_code == 302
    row = Device.objects.get()
    assert (row.department, [(c.code, c.name, str(c.high)) for c in row.channels.all()]) == (
        place.bureau, [("Leq", "等效声级", "130")])  # fmt: skip
    page = client.get(reverse("monitoring:device-edit", args=[row.pk])).content.decode()
    assert 'value="噪声一站"' in page
    done = client.post(
        reverse("monitoring:device-edit", args=[row.pk]), given | {"name": "改名", "revision": row.revision}
    )
    assert done.status_code == 302 and Device.objects.get().name == "改名"


def test_the_form_refuses_a_unit_or_division_that_is_not(place, client_of):
    given = {"kind": "air", "mn": "N1", "name": "站", "region": "000000", "department": "无此单位", "st": "22",
             "step_minutes": "x", "minute_step": "10", "realtime_s": "60"}  # fmt: skip
    text = client_of(place.office).post(reverse("monitoring:device-new"), given).content.decode()
    assert "请选择区划" in text and "没有名为“无此单位”的单位" in text and "请填写整数" in text


def test_a_device_page_for_those_who_may_change_and_those_who_read(place, device, client_of):
    url = reverse("monitoring:device", args=[device.pk])
    full = client_of(place.east_staff).get(url).content.decode()
    assert "登记时段" in full and "原始报文" in full and "123456" not in full
    reader = client_of(place.reader).get(url).content.decode()
    assert "登记时段" not in reader and "原始报文" not in reader
    assert client_of(place.west_staff).get(url).status_code == 404


def test_upkeep_and_switching_through_the_page(place, device, client_of):
    client = client_of(place.east_staff)
    add = reverse("monitoring:upkeep-add", args=[device.pk])
    refused = client.post(add, {"kind": "calibration", "start": "yesterday"})
    assert refused.status_code == 400 and "不是时间" in refused.content.decode()
    assert client.post(add, {"kind": "calibration", "start": "2026-03-01T08:00"}).status_code == 302
    row = Upkeep.objects.get()
    assert str(row.start) == "2026-03-01 00:00:00+00:00"
    assert client.post(reverse("monitoring:upkeep-end", args=[row.pk])).status_code == 302
    assert client.post(reverse("monitoring:upkeep-cancel", args=[row.pk]), {"opinion": ""}).status_code == 400
    assert client.post(reverse("monitoring:upkeep-cancel", args=[row.pk]), {"opinion": "填错"}).status_code == 302
    off = reverse("monitoring:device-turn", args=[device.pk])
    assert client.post(off, {"opinion": ""}).status_code == 400
    assert client.post(off, {"opinion": "搬迁"}).status_code == 302 and not Device.objects.get().enabled
    assert client.post(off, {"on": "1"}).status_code == 302 and Device.objects.get().enabled
    assert client_of(place.west_staff).post(off, {"opinion": "x"}).status_code == 404
    assert client_of(place.west_staff).post(reverse("monitoring:upkeep-end", args=[row.pk])).status_code == 404


def test_a_sender_is_shown_by_its_packet_without_its_password_and_admitted(place, client_of):
    client, row = client_of(place.office), sender()
    url = reverse("monitoring:stranger", args=[row.pk])
    page = client.get(url).content.decode()
    assert "CRC 校验码，正确" in page and "PW=******" in page and "100000" not in page
    assert 'value="outlet_water" selected' in page  # ST=32
    faulty = client.post(url, {"kind": "outlet_water", "name": "", "region": "990102"})
    assert faulty.status_code == 400 and Stranger.objects.get().state == "waiting"
    done = client.post(url, {"kind": "outlet_water", "name": "总排口", "region": "990102", "take_password": "1"})
    assert done.status_code == 302
    device = Device.objects.get()
    assert (device.mn, device.st, services.devices.password_of(device)) == ("STRANGER1", "32", "100000")


def test_a_refused_sender_names_who_and_why(place, client_of):
    client, row = client_of(place.office), sender()
    client.post(reverse("monitoring:stranger-refuse", args=[row.pk]), {"opinion": "外地设备"})
    assert "外地设备" in client.get(reverse("monitoring:stranger", args=[row.pk])).content.decode()
    client.post(reverse("monitoring:stranger-reopen", args=[row.pk]))
    assert Stranger.objects.get().state == "waiting"


def test_the_bytes_of_a_packet_with_their_meaning(place, device, client_of, raw_home):
    sequence = stored(Kind.FRAME, PACKET)
    url = reverse("monitoring:raw", args=["g1", sequence])
    page = client_of(place.east_staff).get(url).content.decode()
    assert "数据段长度 101 字节，与实际相符" in page and "100000" not in page and device.name in page
    assert client_of(place.west_staff).get(url).status_code == 404
    assert client_of(place.office).get(reverse("monitoring:raw", args=["g1", 99])).status_code == 404
    assert resolve(f"raw:g1/{sequence}", place.east_staff).url == url
    assert not resolve(f"raw:g1/{sequence}", place.west_staff).allowed
    assert not resolve(f"raw:g1/{sequence}", place.reader).allowed
    assert "不存在" in resolve("raw:g1/99", place.office).title


def test_what_no_device_of_ours_sent_is_for_those_who_decide(place, client_of, raw_home):
    url = reverse("monitoring:raw", args=["g1", stored(Kind.QUARANTINED, PACKET)])
    assert client_of(place.office).get(url).status_code == 200
    assert client_of(place.east_staff).get(url).status_code == 404


def test_values_of_a_file_are_shown_as_text(place, device, client_of, raw_home):
    sequence = stored(Kind.ROWS, json.dumps({"mn": device.mn, "note": "文件"}, ensure_ascii=False).encode())
    page = client_of(place.east_staff).get(reverse("monitoring:raw", args=["g1", sequence])).content.decode()
    assert "文件" in page and device.name in page


@pytest.mark.parametrize(
    "raw_bytes", [b"", b"rubbish", b"##0003PW=secret;MN=1", PACKET[:60], PACKET.replace(b"1C80", b"0000")]
)
def test_no_packet_however_broken_shows_its_password(raw_bytes):
    text = "".join(one.text for one in packets.shown(raw_bytes))
    assert not re.search(r"PW=[^*;&]", text) and "secret" not in text
    assert sum(one.size for one in packets.shown(raw_bytes)) == len(raw_bytes)


def test_references_of_devices_lead_only_where_the_person_may_go(place, device):
    assert resolve(device.ref, place.east_staff).title == device.name
    assert not resolve(device.ref, place.west_staff).allowed
    row = sender()
    assert resolve(row.ref, place.office).title == "STRANGER1"
    assert not resolve(row.ref, place.east_staff).allowed
