"""Commands between database and gateway: claims, answers, silence, a gateway that dies, strangers' answers."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from ecocloud.intake.monitoring.commanding import delivery, services
from ecocloud.intake.monitoring.commanding.models import Command, CommandEvent, StrayAnswer
from ecocloud.intake.monitoring.gateway.backstage import Answer
from ecocloud.intake.monitoring.hj212.decoder import Decoder
from ecocloud.intake.monitoring.stations.models import DeviceState
from ecocloud.intake.monitoring.stations.services import turn_device
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.services import Busy
from tests.intake.monitoring.commanding.conftest import MN, Gateway, age

pytestmark = pytest.mark.django_db

HISTORY = {"BeginTime": "2026-01-01T00:00", "EndTime": "2026-01-02T00:00"}


def state(row):
    row.refresh_from_db()
    return row.state


def steps(row):
    return [(one.kind, one.cn, one.result) for one in row.events.order_by("pk")]


@pytest.fixture
def reading(place, device):
    return services.ask(place.east_staff, device, "2061", HISTORY, reason="核对缺数")


@pytest.fixture
def sampling(place, device):
    row = services.ask(place.east_staff, device, "3015", reason="超标留样")
    return services.approve(place.office, row.pk, opinion="同意")


def test_history_9011_data_9012(reading, gateway):
    (one,) = gateway.due()
    (packet,) = Decoder().feed(one.frame)
    assert (packet.head.mn, packet.head.cn, packet.qn, packet.head.pw) == (MN, "2061", one.qn, "123456")
    assert packet.parameters["BeginTime"] == "20260101000000"
    assert gateway.due() == []  # it is taken
    gateway.went_out(one)
    gateway.told("9011", one.qn, 1)
    for _ in range(3):
        gateway.told("2061", one.qn)
    gateway.told("9012", one.qn, 1)
    assert state(reading) == "done"
    assert (reading.data, reading.sends, reading.result, reading.matched) == (3, 1, 1, "qn")
    assert reading.data_ref == "raw:g1/4"
    assert [kind for kind, _cn, _result in steps(reading)] == [
        "asked", "handed", "sent", "answer", "data", "data", "data", "answer"]  # fmt: skip
    assert reading.events.get(cn="9012").raw_ref == "raw:g1/5"
    actions = list(Entry.objects.filter(ref_kind="command").order_by("pk").values_list("action", flat=True))
    assert actions == ["monitoring.command.ask", "monitoring.command.sent", "monitoring.command.end"]


def test_remote_sampling_waits_for_a_second_person(place, device, gateway):
    row = services.ask(place.east_staff, device, "3015", reason="超标留样")
    assert gateway.due() == []
    services.approve(place.office, row.pk)
    (one,) = gateway.due()
    gateway.went_out(one)
    gateway.told("9011", one.qn, 1)
    gateway.told("3015", one.qn)
    gateway.told("9012", one.qn, 1)
    assert (state(row), row.data) == ("done", 1)


@pytest.mark.parametrize("code", [2, 3, 4, 5, 6, 7, 8, 9, 100])
def test_refused_with_every_code_of_the_standard(reading, gateway, code):
    (one,) = gateway.due()
    gateway.went_out(one)
    gateway.told("9011", one.qn, code)
    assert (state(reading), reading.result) == ("refused", code)
    assert gateway.due() == []


def test_a_silent_device_is_asked_again_with_the_same_qn(reading, gateway):
    """HJ 212-2017 table 1: three re-sends."""
    frames = set()
    for sends in range(1, 5):
        (one,) = gateway.due()
        frames.add(one.frame)
        gateway.went_out(one)
        assert state(reading) == "sent"
        assert reading.sends == sends
        age(reading, 20)
        delivery.sweep()
    assert (state(reading), reading.why, len(frames)) == ("timed_out", "no_answer", 1)
    gateway.told("9012", one.qn, 1)  # late, but true
    assert (state(reading), reading.why) == ("done", "answered_late")


def test_a_sampling_is_never_sent_twice(sampling, gateway):
    (one,) = gateway.due()
    gateway.went_out(one)
    age(sampling, 20)
    assert gateway.due() == []
    assert (state(sampling), sampling.sends) == ("timed_out", 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Command.objects.filter(pk=sampling.pk).update(sends=2)


def test_a_gateway_dies_between_sending_and_answer(sampling, gateway):
    """Its claim stands; whoever starts next does not get it, and it ends in a definite state."""
    (one,) = gateway.due()
    assert Gateway("g1").due() == []
    assert state(sampling) == "handed"
    age(sampling, 60)
    assert Gateway("g2").due() == []
    assert (state(sampling), sampling.why, sampling.sends) == ("unknown", "no_report", 1)
    gateway.told("9012", one.qn, 1)
    assert state(sampling) == "done"


def test_a_gateway_dies_with_a_reading_command(reading, gateway):
    (first,) = gateway.due()
    age(reading, 60)
    (again,) = Gateway("g2").due()
    assert (again.qn, again.frame) == (first.qn, first.frame)


def test_off_line(reading, sampling, gateway):
    assert gateway.due("0" * 24) == []
    age(sampling, 700)
    delivery.sweep()
    assert (state(sampling), sampling.why) == ("undelivered", "off_line")
    assert state(reading) == "ready"  # a reading command waits a day
    (one,) = gateway.due()
    gateway.went_out(one, delivered=False)
    assert (state(reading), reading.sends) == ("ready", 0)
    assert gateway.due() == []  # not at once again


def test_one_at_a_time_for_a_device(place, device, gateway):
    first = services.ask(place.office, device, "1061", reason="核对")
    second = services.ask(place.office, device, "1063", reason="核对")
    (one,) = gateway.due()
    assert one.id == first.pk
    assert Gateway("g2").due() == []
    gateway.went_out(one)
    gateway.told("9012", one.qn, 1)
    (other,) = gateway.due()
    assert other.id == second.pk
    assert other.qn != one.qn


def test_a_qn_of_its_own(place, device, sampling, gateway):
    """Some devices answer so: reading commands take it, acting ones only from a device that is set so."""
    (one,) = gateway.due()
    gateway.went_out(one)
    gateway.told("9011", "1", 1)
    assert state(sampling) == "sent"
    assert StrayAnswer.objects.get().cn == "9011"
    services.set_up(place.office, device, link="mobile", own_qn=True)
    gateway.told("9012", "2", 1)
    assert (state(sampling), sampling.matched) == ("done", "device")
    services.set_up(place.office, device, link="mobile", own_qn=False)
    row = services.ask(place.office, device, "1061", reason="核对")
    (one,) = gateway.due()
    gateway.went_out(one)
    gateway.told("1061", "20260301101501000")
    gateway.told("9012", "", 1)
    assert (state(row), row.matched, row.data) == ("done", "device", 1)


def test_answers_to_nothing_are_counted_and_change_nothing(reading, gateway):
    """S16: 9014, 9011, 9012, 9013 with a QN nobody knows; an upload is not one of them."""
    for cn in ("9011", "9012", "9013", "9014", "9014", "2011"):
        gateway.told(cn, "20200101000000000", 1)
    assert dict(StrayAnswer.objects.values_list("cn", "count")) == {"9011": 1, "9012": 1, "9013": 1, "9014": 2}
    assert state(reading) == "ready"
    assert not CommandEvent.objects.exclude(kind="asked").exists()


def test_an_answer_told_twice_counts_once(reading, gateway):
    (one,) = gateway.due()
    gateway.went_out(one)
    for _ in range(2):
        gateway.told("2061", one.qn, ref="raw:g1/77")
    assert state(reading) == "accepted"
    assert reading.data == 1


def test_many_packets_are_counted_not_listed(reading, gateway):
    (one,) = gateway.due()
    gateway.went_out(one)
    for _ in range(delivery.SHOWN_DATA + 5):
        gateway.told("2061", one.qn)
    assert state(reading) == "accepted"
    assert reading.data == delivery.SHOWN_DATA + 5
    assert reading.events.filter(kind="data").count() == delivery.SHOWN_DATA


def test_a_device_that_was_switched_off_gets_nothing(place, device, reading, gateway):
    turn_device(place.office, device.pk, False, "检修")
    assert gateway.due() == []


def test_a_command_that_cannot_be_built_any_more_ends(reading, gateway, monkeypatch):
    monkeypatch.setattr(delivery.building, "LONGEST_CP", 5)
    assert gateway.due() == []
    assert (state(reading), reading.why) == ("undelivered", "not_built")
    assert "BeginTime" in reading.events.last().note


def test_a_drifting_clock_is_set_once_in_a_while(place, device, gateway):
    DeviceState.objects.create(device=device, online=True, clock_drift_s=-95.0)
    assert delivery.set_clocks() == 0  # nobody switched it on
    services.set_up(place.office, device, link="mobile", auto_clock=True)
    assert delivery.set_clocks() == 1
    assert delivery.set_clocks() == 0
    row = Command.objects.get()
    assert (row.cn, row.automatic, row.asked_by, row.reason) == ("1012", True, None, "设备时钟偏差 -95 秒，自动校时")
    (one,) = gateway.due()
    (packet,) = Decoder().feed(one.frame)
    assert len(packet.parameters["SystemTime"]) == 14
    assert delivery.set_clocks(timezone.now() + timedelta(hours=5)) == 0
    assert delivery.set_clocks(timezone.now() + timedelta(hours=7)) == 1
    DeviceState.objects.update(clock_drift_s=60.0)
    Command.objects.update(asked_at=timezone.now() - timedelta(days=2))
    assert delivery.set_clocks() == 0  # not above the limit


def test_one_that_cannot_be_taken_in_holds_up_no_other(reading, gateway, monkeypatch, caplog):
    (one,) = gateway.due()
    gateway.went_out(one)
    known = delivery.match

    def broken(said, rows):
        if said.qn == "bad":
            raise ValueError("bad")
        return known(said, rows)

    monkeypatch.setattr(delivery, "match", broken)
    now = timezone.now()
    told = [Answer(MN, "9012", qn, 1, f"raw:g1/{number}", now) for number, qn in enumerate(("bad", one.qn))]
    delivery.sent("g1", [], told)
    assert state(reading) == "done"
    assert "is left out" in caplog.text


def test_a_busy_database_is_told_again(reading, gateway, monkeypatch):
    def busy(said, rows):
        raise Busy("忙")

    monkeypatch.setattr(delivery, "match", busy)
    with pytest.raises(Busy):
        gateway.told("9012", "x", 1)
