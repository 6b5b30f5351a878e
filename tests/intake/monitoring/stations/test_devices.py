"""Devices: what may be entered, by whom, what the journal keeps; secrets never leave their seal."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from ecocloud.base.errors import Forbidden
from ecocloud.intake.monitoring.stations import kinds, queries, sealing, services
from ecocloud.intake.monitoring.stations.errors import AlreadyDecided, DeviceRefused, NoSuchDevice, SealBroken
from ecocloud.intake.monitoring.stations.models import Channel, Device, Upkeep
from ecocloud.intake.monitoring.stations.services import ChannelGiven
from ecocloud.intake.monitoring.stations.services.devices import dialect_of, key_of, password_of
from ecocloud.kernel.journal.models import Entry

pytestmark = pytest.mark.django_db


def last_entry(action):
    return Entry.objects.filter(action=action).order_by("-pk").first()


def test_a_device_has_the_usual_factors_of_its_kind_with_their_units(device):
    assert [(one.code, one.unit) for one in device.channels.all()] == [
        ("a34004", "μg/m³"), ("a34002", "μg/m³"), ("a21026", "μg/m³"), ("a21004", "μg/m³"), ("a21005", "mg/m³"),
        ("a05024", "μg/m³"),
    ]  # fmt: skip
    assert (device.st, device.step_minutes) == ("22", 60)


def test_the_password_opens_and_stands_nowhere_in_plain(device):
    assert password_of(Device.objects.get()) == "123456"
    assert b"123456" not in bytes(Device.objects.get().password)
    entry = last_entry("monitoring.device.add")
    assert "123456" not in entry.after and json.loads(entry.after)["secrets"] == ["password"]


def test_a_seal_opens_only_at_its_place_and_unaltered():
    sealed = sealing.seal(b"123456", "A/password")
    assert sealing.unseal(sealed, "A/password") == b"123456"
    assert sealing.seal(b"123456", "A/password") != sealed
    for wrong, where in (
        (sealed, "B/password"), (sealed[:-1] + bytes([sealed[-1] ^ 1]), "A/password"), (sealed[:20], "A/password"),
        (b"", "A/password"),
    ):  # fmt: skip
        with pytest.raises(SealBroken):
            sealing.unseal(wrong, where)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"mn": ""}, "mn"),
        ({"mn": "x" * 25}, "mn"),
        ({"mn": "AB CD"}, "mn"),
        ({"name": " "}, "name"),
        ({"kind": "moon"}, "kind"),
        ({"st": "99"}, "st"),
        ({"step_minutes": 61}, "step_minutes"),
        ({"realtime_s": 29}, "realtime_s"),
        ({"realtime_s": 3601}, "realtime_s"),
        ({"minute_step": 7}, "minute_step"),
        ({"password": "口令"}, "password"),
        ({"password": "x" * 21}, "password"),
        ({"cipher_key": "short"}, "cipher_key"),
        ({"dialect": {"crc": "own"}}, "dialect"),
        ({"object_ref": "obj:999"}, "object_ref"),
        ({"object_ref": "doc:1"}, "object_ref"),
    ],
)
def test_what_cannot_be_is_named_by_field_and_nothing_is_written(place, given, field):
    right = {"mn": "A1", "name": "站", "kind": "air", "region": place.east}
    with pytest.raises(DeviceRefused) as caught:
        services.add_device(place.office, **right | given)
    assert set(caught.value.faults) == {field}
    assert not Device.objects.exists() and not Entry.objects.filter(action__startswith="monitoring").exists()


def test_edges_of_intervals_and_lengths_pass(place):
    """HJ 212-2017 表4: RtdInterval 30 to 3600 s, MinInterval one of eleven values."""
    for number, (realtime, minute) in enumerate(((30, 1), (3600, 30))):
        services.add_device(place.office, mn=f"A{number}".ljust(24, "0"), name="站", kind="air", region=place.east,
                            realtime_s=realtime, minute_step=minute, cipher_key="0" * 32)  # fmt: skip
    assert key_of(Device.objects.first()) == bytes(16)
    assert dialect_of(Device.objects.first(), bytes(16)).keys == (bytes(16),)


def test_an_mn_is_registered_once(place, device):
    with pytest.raises(DeviceRefused, match="mn"):
        services.add_device(place.office, mn=device.mn, name="又一", kind="air", region=place.east)


def test_people_see_and_change_what_lies_in_their_reach(place, device):
    assert queries.device_for(place.east_staff, device.pk) == device
    services.edit_device(place.east_staff, device.pk, name="新名")
    with pytest.raises(NoSuchDevice):
        queries.device_for(place.west_staff, device.pk)
    with pytest.raises(Forbidden):
        services.edit_device(place.west_staff, device.pk, name="别人")
    with pytest.raises(Forbidden):
        services.edit_device(place.reader, device.pk, name="读者")
    with pytest.raises(Forbidden):  # not out of one's own reach either
        services.edit_device(place.east_staff, device.pk, region=place.west, department=place.other)
    device.refresh_from_db()
    assert (device.name, device.region) == ("新名", place.east)


def test_a_change_is_journalled_by_field_and_an_old_revision_is_refused(place, device):
    row = services.edit_device(place.office, device.pk, revision=1, maker="某厂")
    entry = last_entry("monitoring.device.edit")
    assert (json.loads(entry.before), json.loads(entry.after)) == ({"maker": ""}, {"maker": "某厂"})
    assert row.revision == 2
    with pytest.raises(AlreadyDecided):
        services.edit_device(place.office, device.pk, revision=1, maker="另一厂")


def test_secrets_are_changed_and_taken_away_without_being_told(place, device):
    services.set_password(place.office, device.pk, password="654321")
    assert password_of(Device.objects.get()) == "654321"
    services.set_password(place.office, device.pk, password="")
    assert password_of(Device.objects.get()) == ""
    assert "654321" not in "".join(Entry.objects.values_list("after", flat=True))


def test_switching_off_needs_a_reason(place, device):
    with pytest.raises(DeviceRefused, match="reason"):
        services.turn_device(place.office, device.pk, False, " ")
    services.turn_device(place.office, device.pk, False, "搬迁")
    assert queries.standing(Device.objects.get()) == "off"
    assert last_entry("monitoring.device.disable").note == "搬迁"


def test_channels_are_replaced_in_order_and_those_left_out_stay_out_of_use(place, device):
    services.set_channels(place.office, device.pk, [
        ChannelGiven("w01018", low="0", high="200", limit="50", limit_text="一级A 50"), ChannelGiven("a34004"),
    ])  # fmt: skip
    rows = list(device.channels.all())
    assert [(one.code, one.in_use) for one in rows[:2]] == [("w01018", True), ("a34004", True)]
    assert {one.in_use for one in rows[2:]} == {False} and len(rows) == 7
    assert (rows[0].name, rows[0].unit, rows[0].high) == ("化学需氧量", "毫克/升", 200)
    for given, word in (
        (ChannelGiven("a b"), "编码"), (ChannelGiven("a34004", low="5", high="5"), "量程"),
        (ChannelGiven("a34004", low="五"), "数字"), (ChannelGiven("a34004", high="1e12"), "数字"),
    ):  # fmt: skip
        with pytest.raises(DeviceRefused) as caught:
            services.set_channels(place.office, device.pk, [given])
        assert word in caught.value.message_zh
    with pytest.raises(DeviceRefused):
        services.set_channels(place.office, device.pk, [ChannelGiven("LA"), ChannelGiven("LA")])
    assert Channel.objects.filter(in_use=True).count() == 2


def test_upkeep_is_entered_ended_and_taken_back(place, device):
    start = timezone.now() - timedelta(hours=2)
    row = services.add_upkeep(place.east_staff, device.pk, kind="calibration", start=start)
    assert services.end_upkeep(place.east_staff, row.pk).end is not None
    with pytest.raises(AlreadyDecided):
        services.end_upkeep(place.east_staff, row.pk)
    with pytest.raises(DeviceRefused):
        services.cancel_upkeep(place.east_staff, row.pk, "")
    assert services.cancel_upkeep(place.east_staff, row.pk, "填错").cancelled_at
    assert Upkeep.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "holiday"}, "kind"),
        ({"end": 0}, "end"),
        ({"kind": "shutdown"}, "note"),
        ({"start": timedelta(days=400)}, "start"),
    ],
)
def test_upkeep_that_cannot_be_is_refused(place, device, given, field):
    now = timezone.now()
    start = now + given.pop("start", timedelta(0))
    if "end" in given:
        given["end"] = start
    with pytest.raises(DeviceRefused) as caught:
        services.add_upkeep(place.office, device.pk, **{"kind": "fault", "start": start} | given)
    assert field in caught.value.faults


def test_kinds_hold_together():
    """Every usual system is in HJ 212's table; numbers of devices by system find a kind."""
    from ecocloud.intake.monitoring.hj212.tables import systems

    assert {st for kind in kinds.kinds().values() for st in kind.systems} <= set(systems())
    assert [kinds.kind_of_system(st) for st in ("22", "21", "32", "31", "23", "44", "27")] == [
        "air", "section", "outlet_water", "outlet_gas", "noise", "energy", "park"]  # fmt: skip
    assert kinds.factor_facts("air", "a34004") == ("PM2.5", "μg/m³")
    assert kinds.factor_facts("air", "w01018") == ("化学需氧量", "毫克/升")
    assert kinds.factor_facts("air", "zz9") == ("zz9", "")
