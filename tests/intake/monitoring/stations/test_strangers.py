"""Quarantine: what a gateway reports is kept, a person decides; reports add up and never go back in time."""

from collections import namedtuple
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from ecocloud.base.errors import Forbidden
from ecocloud.intake.monitoring.stations import queries, services
from ecocloud.intake.monitoring.stations.errors import AlreadyDecided, DeviceRefused
from ecocloud.intake.monitoring.stations.models import Device, DeviceState, Stranger
from ecocloud.intake.monitoring.stations.services.devices import password_of
from ecocloud.kernel.journal.models import Entry

pytestmark = pytest.mark.django_db
# The fields of the gateway's own reports.
Seen = namedtuple(
    "Seen", "mn peer online connected last_packet last_data_time packets rejected duplicates clock_drift_s"
)
Knock = namedtuple("Knock", "mn reason peer first last packets sample")
T = datetime(2026, 3, 1, 8, tzinfo=UTC)


def seen(mn, at=T, online=True, packets=10, drift=None):
    return Seen(mn, "10.0.0.9:4000", online, T, at, at - timedelta(minutes=1), packets, 1, 2, drift)


def knock(mn="STRANGER1", reason="unknown", last=T, packets=3, sample=b"##0010..."):
    return Knock(mn, reason, "10.0.0.7:5000", T - timedelta(minutes=5), last, packets, sample)


def test_reports_add_counts_and_keep_the_later_time(device):
    services.take_report("g1", [seen(device.mn), seen("NOBODY")], [])
    services.take_report("g1", [seen(device.mn, at=T - timedelta(hours=1), packets=5, drift=-30.0)], [])
    state = DeviceState.objects.get()
    assert (state.packets, state.rejected, state.duplicates) == (15, 2, 4)
    assert (state.last_packet, state.clock_drift_s, state.gateway) == (T, -30.0, "g1")


def test_a_sender_with_an_odd_name_does_not_hold_up_the_reports_of_others(device):
    """PostgreSQL takes no NUL and no text that is too long."""
    odd = [knock("A\0B"), knock("\0" * 200), knock("\ufffd\u202e" * 30, sample=b"\0" * 9000)]
    for packets in (10, 5):
        services.take_report("g1", [seen(device.mn, packets=packets)], odd)
    assert DeviceState.objects.get().packets == 15
    assert {row.mn: row.packets for row in Stranger.objects.all()} == {
        "A\ufffdB": 6, "\ufffd" * 40: 6, "\ufffd\u202e" * 20: 6
    }  # fmt: skip


def test_the_gateway_a_device_left_does_not_set_it_off_line(device):
    services.take_report("g1", [seen(device.mn)], [])
    services.take_report("g2", [seen(device.mn)], [])
    services.take_report("g1", [seen(device.mn, online=False, packets=0)], [])
    state = DeviceState.objects.get()
    assert (state.online, state.gateway) == (True, "g2")
    services.take_report("g2", [seen(device.mn, online=False, packets=0)], [])
    assert DeviceState.objects.get().online is False


def test_standing_by_what_was_reported(device):
    now = timezone.now()
    assert queries.standing(device) == "never"
    for at, online, word in (
        (now, True, "online"), (now - timedelta(minutes=9), True, "online"),
        (now - timedelta(minutes=11), True, "late"), (now, False, "offline"),
    ):  # fmt: skip
        DeviceState.objects.all().delete()
        services.take_report("g1", [seen(device.mn, at=at, online=online)], [])
        assert queries.standing(Device.objects.select_related("state").get()) == word


def test_senders_are_kept_once_with_a_bounded_sample(place):
    services.take_report("g1", [], [knock(sample=b"x" * 9000)])
    services.take_report("g1", [], [knock(last=T + timedelta(minutes=1), packets=4, sample=b"")])
    row = Stranger.objects.get()
    assert (row.packets, row.last, len(row.sample)) == (7, T + timedelta(minutes=1), 2048)
    services.take_report("g1", [], [knock(mn="M" * 99, reason="password" * 9)])
    assert Stranger.objects.count() == 2


def test_admission_makes_a_device_and_is_journalled(place):
    services.take_report("g1", [], [knock()])
    row = Stranger.objects.get()
    device = services.admit(place.office, row.pk, name="新站", kind="air", region=place.east, password="111111")
    row.refresh_from_db()
    assert (device.mn, row.state, row.device, row.decided_by) == ("STRANGER1", "admitted", device, place.office)
    assert password_of(device) == "111111"
    assert Entry.objects.filter(action="monitoring.stranger.admit").count() == 1
    with pytest.raises(AlreadyDecided):
        services.admit(place.office, row.pk, name="再次", kind="air", region=place.east)


def test_a_faulty_admission_leaves_the_sender_waiting(place):
    services.take_report("g1", [], [knock()])
    with pytest.raises(DeviceRefused):
        services.admit(place.office, Stranger.objects.get().pk, name="", kind="air", region=place.east)
    assert Stranger.objects.get().state == "waiting" and not Device.objects.exists()


def test_a_known_device_with_another_password_is_admitted_with_it(place, device):
    services.take_report("g1", [], [knock(mn=device.mn, reason="password")])
    services.turn_device(place.office, device.pk, False, "检修")
    services.admit(place.office, Stranger.objects.get().pk, password="999999")
    device.refresh_from_db()
    assert device.enabled and password_of(device) == "999999" and Device.objects.count() == 1


def test_refusal_needs_a_reason_and_can_be_looked_at_again(place):
    services.take_report("g1", [], [knock()])
    pk = Stranger.objects.get().pk
    with pytest.raises(DeviceRefused):
        services.refuse(place.office, pk, " ")
    services.refuse(place.office, pk, "不是本地设备")
    services.take_report("g1", [], [knock(last=T + timedelta(days=1))])
    assert Stranger.objects.get().state == "refused"  # it goes on knocking, and stays refused
    assert services.readmit(place.office, pk).state == "waiting"


def test_one_admitted_that_knocks_again_waits_again(place):
    services.take_report("g1", [], [knock()])
    services.admit(place.office, Stranger.objects.get().pk, name="新站", kind="air", region=place.east)
    services.take_report("g1", [], [knock(last=timezone.now() + timedelta(minutes=1), reason="unknown")])
    assert Stranger.objects.get().state == "waiting"


def test_only_the_office_decides(place):
    services.take_report("g1", [], [knock()])
    pk = Stranger.objects.get().pk
    for call in (
        lambda: services.admit(place.east_staff, pk, name="站", kind="air", region=place.east),
        lambda: services.refuse(place.east_staff, pk, "不行"),
        lambda: services.readmit(place.reader, pk),
        lambda: queries.strangers(place.east_staff),
    ):
        with pytest.raises(Forbidden):
            call()
    assert queries.waiting(place.office) == 1
