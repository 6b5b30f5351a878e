"""Commands over a real socket: gateway, raw journal, database and a device that answers as the standard says, or not.

The gateway runs in its own thread; what it asks of the database is done by the test's thread while it waits, so that
the test's transaction sees all of it.
"""

import queue
import threading
import time
from concurrent.futures import Future

import pytest

from ecocloud.intake.monitoring import raw
from ecocloud.intake.monitoring.commanding import delivery, services
from ecocloud.intake.monitoring.commanding.models import Command, StrayAnswer
from ecocloud.intake.monitoring.gateway.backstage_db import DatabaseBackstage
from ecocloud.intake.monitoring.hj212 import building
from tests.intake.monitoring.commanding.conftest import MN, age
from tests.intake.monitoring.gateway_site import Client, Site, upload

pytestmark = pytest.mark.django_db
SPAN = {"BeginTime": "2026-01-01T00:00", "EndTime": "2026-01-02T00:00"}
PARAMETERS = {
    "1062": {"RtdInterval": "60"}, "1064": {"MinInterval": "10"},
    "2031": SPAN, "2041": SPAN, "2051": SPAN, "2061": SPAN,
}  # fmt: skip


class Pumped:
    """The database backstage, called by whoever pumps."""

    def __init__(self):
        self.real, self.calls, self.deaf = DatabaseBackstage(), queue.Queue(), False

    def __getattr__(self, name):
        def call(*given):
            if self.deaf and name == "sent":
                raise ConnectionError("the database is away")
            future = Future()
            self.calls.put((future, name, given))
            return future.result(30)

        return call

    def pump(self, condition, seconds=15.0):
        """Do what the gateway asks until the condition holds; says whether it does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return True
            try:
                future, name, given = self.calls.get(timeout=0.02)
            except queue.Empty:
                continue
            try:
                future.set_result(getattr(self.real, name)(*given))
            except Exception as error:  # the gateway's to judge
                future.set_exception(error)
        return bool(condition())


class Wired(threading.Thread):
    """A device on the line. ``behave(packet) -> frames``; what it was asked stands in ``asked``."""

    def __init__(self, port, behave):
        super().__init__(daemon=True)
        self.client, self.behave, self.asked, self.acknowledged = Client(port), behave, [], []
        self.start()

    def run(self):
        while found := self.client.answers(1, seconds=30):
            (packet,) = found
            if packet.head.cn == "9014":
                self.acknowledged.append(packet.qn)
                continue
            self.asked.append(packet)
            for frame in self.behave(packet):
                self.client.send(frame)


def data(packet, count=1, qn=""):
    """Packets of data that answer a command, each with its own hour."""
    who = building.Device(MN, packet.head.st, packet.head.pw)
    region = "DataTime=202601010{}0000;w01018-Avg=32.6,w01018-Flag=N"
    return [
        building.packet(building.head(packet.head.cn, who, qn=qn or packet.qn), region.format(number))
        for number in range(count)
    ]


def right(packet, count=2):
    """9011, data where they were asked for, 9012; 9013 to a notice."""
    if packet.head.cn in ("2012", "2022"):
        return [building.answer(packet, "9013")]
    many = {"1": 1 if packet.head.cn in ("1011", "1061", "1063") else 0}.get(packet.head.cn[0], count)
    return [building.request_answer(packet, 1), *data(packet, many), building.result(packet, 1)]


@pytest.fixture
def line(place, device, tmp_path):
    """``line(behave)``: a running gateway with the device on it; ``pump(condition)`` and the device."""
    opened = []

    class Line:
        def __init__(self, behave=right, folder=tmp_path):
            self.backstage = Pumped()
            opening = threading.Thread(target=self._open, args=(folder,))
            opening.start()
            assert self.pump(lambda: not opening.is_alive())
            self.device = Wired(self.site.gateway.port, behave)
            opened.append(self)
            self.device.client.send(upload(mn=MN, st="22"))
            assert self.pump(lambda: self.device.acknowledged)

        def _open(self, folder):
            self.site = Site(folder, self.backstage)
            self.site.__enter__()

        def pump(self, condition, seconds=15.0):
            return self.backstage.pump(condition, seconds)

        def end(self):
            self.device.client.close()
            closing = threading.Thread(target=self.site.__exit__)
            closing.start()
            assert self.pump(lambda: not closing.is_alive())

        def reaches(self, row, state):
            assert self.pump(lambda: Command.objects.get(pk=row.pk).state == state), Command.objects.get(
                pk=row.pk
            ).state
            row.refresh_from_db()
            return row

    yield Line
    for one in opened:
        one.end()


def asked(place, device, cn):
    return services.ask(place.east_staff, device, cn, PARAMETERS.get(cn, {}), reason="核对")


def test_every_kind_of_command_from_asking_to_its_result(place, device, line):
    """Time, intervals, real-time start and stop, four kinds of history: one after another on one line."""
    wire = line()
    codes = ["1012", "1061", "1062", "1063", "1064", "2011", "2012", "2031", "2041", "2051", "2061"]
    rows = {cn: asked(place, device, cn) for cn in codes}
    for cn, row in rows.items():
        assert wire.reaches(row, "done").sends == 1, cn
        assert row.matched == "qn"
    assert [packet.head.cn for packet in wire.device.asked] == codes
    assert len({packet.qn for packet in wire.device.asked}) == len(codes)
    assert [rows[cn].data for cn in codes] == [0, 1, 0, 1, 0, 2, 0, 2, 2, 2, 2]
    clock = wire.device.asked[0]
    assert abs(int(clock.parameters["SystemTime"]) - int(clock.qn[:14])) <= 100
    answers = [one.raw_ref for one in rows["2061"].events.exclude(raw_ref=None)]
    first, *_rest = (int(ref.rpartition("/")[2]) for ref in answers)
    assert b"CN=9011" in raw.find(wire.site.folder, "gateway", first).data
    assert all(b"CN=" in frame for frame in wire.site.stored(raw.Kind.SENT))


def test_remote_sampling_9011_then_data_then_9012_while_uploads_stream(place, device, line):
    """S18."""

    def behave(packet):
        accepted, *middle, result = right(packet, 1)
        return [upload(1, MN, st="22"), accepted, upload(2, MN, st="22"), *middle, upload(3, MN, st="22"), result]

    wire = line(behave)
    row = asked(place, device, "3015")
    assert not wire.pump(lambda: wire.device.asked, 0.4)
    services.approve(place.office, row.pk)
    row = wire.reaches(row, "done")
    assert (row.data, row.sends, len(wire.device.asked)) == (1, 1, 1)
    assert [one.cn for one in row.events.filter(kind__in=("answer", "data")).order_by("pk")] == ["9011", "3015", "9012"]
    assert wire.pump(lambda: len(wire.device.acknowledged) == 4)  # uploads are acknowledged, answers are not


@pytest.mark.parametrize("code", [2, 4, 9, 100])
def test_refused_by_the_device(place, device, line, code):
    wire = line(lambda packet: [building.request_answer(packet, code)])
    assert wire.reaches(asked(place, device, "2061"), "refused").result == code
    assert len(wire.device.asked) == 1


def test_a_silent_device_is_asked_by_the_table_then_it_times_out(place, device, line):
    wire = line(lambda packet: [])
    row = asked(place, device, "1061")
    for sends in range(1, 5):
        assert wire.pump(lambda sends=sends: len(wire.device.asked) == sends)
        wire.reaches(row, "sent")
        assert row.sends == sends
        age(row, 20)
    assert wire.reaches(row, "timed_out").why == "no_answer"
    assert len({packet.raw for packet in wire.device.asked}) == 1  # word for word, with one QN
    assert not wire.pump(lambda: len(wire.device.asked) > 4, 0.4)


def test_a_silent_device_is_asked_to_sample_once(place, device, line):
    wire = line(lambda packet: [])
    row = services.approve(place.office, asked(place, device, "3015").pk)
    assert wire.pump(lambda: wire.device.asked)
    wire.reaches(row, "sent")
    age(row, 20)
    wire.reaches(row, "timed_out")
    assert not wire.pump(lambda: len(wire.device.asked) > 1, 0.4)


def test_a_device_off_line_is_waited_for(place, device, line, tmp_path):
    row = asked(place, device, "1061")
    assert delivery.due("other", set()) == []
    wire = line()
    assert wire.reaches(row, "done").sends == 1


def test_the_gateway_dies_between_sending_and_the_answer(place, device, line, tmp_path):
    """The database never hears that it was sent. The next gateway sends the reading command again and the sampling
    never; both end in a definite state, and what the device says later still counts."""
    first = line(lambda packet: [])
    first.backstage.deaf = True
    sampling = services.approve(place.office, asked(place, device, "3015").pk)
    assert first.pump(lambda: len(first.device.asked) == 1)
    first.backstage.calls = queue.Queue()
    assert Command.objects.get(pk=sampling.pk).state == "handed"
    second = line(right, tmp_path / "second")
    reading = asked(place, device, "2061")
    assert not second.pump(lambda: second.device.asked, 0.4)  # one at a time, and the sampling is still claimed
    age(sampling, 60)
    assert second.reaches(sampling, "unknown").sends == 1
    second.reaches(reading, "done")
    assert [packet.head.cn for packet in second.device.asked] == ["2061"]
    second.device.client.send(building.result(first.device.asked[0], 1))
    assert second.reaches(sampling, "done").why == "answered_late"


def test_a_device_with_a_qn_of_its_own(place, device, line):
    def behave(packet):
        other = packet._replace(qn="20200101000000001")
        return [building.request_answer(other, 1), *data(packet, 2, "20200101000000002"), building.result(other, 1)]

    wire = line(behave)
    row = wire.reaches(asked(place, device, "2061"), "done")
    assert (row.data, row.matched) == (2, "device")


def test_answers_to_nothing_are_noted_and_never_answered(place, device, line):
    """S16: also with the acknowledgement bit set, as a simulator sends them."""
    wire = line()
    who = building.Device(MN, "22", "123456")
    for number, cn in enumerate(("9011", "9012", "9013", "9014", "9014")):
        head = building.head(cn, who, qn=f"2020010100000000{number}", answer=True)
        wire.device.client.send(building.packet(head, "QnRtn=1" if cn == "9011" else ""))
    wire.device.client.send(upload(9, MN, st="22"))
    assert wire.pump(lambda: len(wire.device.acknowledged) == 2)  # the two uploads alone
    assert wire.pump(lambda: StrayAnswer.objects.count() == 3)
    assert dict(StrayAnswer.objects.values_list("cn", "result")) == {"9011": 1, "9012": None, "9013": None}
    assert len(wire.site.stored()) == 7  # all are kept in the raw journal
    assert wire.device.asked == []
