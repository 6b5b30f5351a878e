"""Simulated devices: the same series every time, packets a gateway takes, faults that do what they say."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from ecocloud.intake.monitoring import raw
from ecocloud.intake.monitoring.gateway.backstage import Admitted, MemoryBackstage
from ecocloud.intake.monitoring.hj212 import building
from ecocloud.intake.monitoring.hj212.decoder import Decoder
from ecocloud.intake.monitoring.simulator import series
from ecocloud.intake.monitoring.simulator.commands import AIR, STACK, WATER
from ecocloud.intake.monitoring.simulator.device import Faults, Simulated, SimulatedDevice
from ecocloud.intake.monitoring.simulator.running import Simulation
from tests.intake.monitoring.gateway_site import Site, until

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)  # 12:00 in Beijing
GIVEN = Simulated("5EED00000000000000000001", "123456", "22", AIR)


def read(packets):
    return Decoder().feed(b"".join(packets))


def test_series_are_the_same_every_time_and_follow_the_day():
    """Ozone peaks in the afternoon: over sixty days 15:00 is well above 3:00; nothing is below zero or without end."""
    days = [NOON + timedelta(days=day) for day in range(60)]
    night, day = ([series.value(GIVEN.mn, "a05024", one + timedelta(hours=hour)) for one in days] for hour in (-9, 3))
    assert day == [series.value(GIVEN.mn, "a05024", one + timedelta(hours=3)) for one in days]
    assert sum(day) > 2 * sum(night)
    for code in (*AIR, *WATER, *STACK, "unknown"):
        values = [series.value("M", code, NOON + timedelta(hours=hour)) for hour in range(500)]
        level = series.course_of(code).level
        assert all(level * 0.01 <= value <= level * 5 for value in values) and len(set(values)) > 400
    assert {series.flag("M", NOON + timedelta(hours=hour)) for hour in range(24 * 14)} == {"N", "M"}


def test_an_average_lies_within_its_least_and_greatest():
    items = dict(series.period("M", "w01018", NOON, timedelta(hours=1)))
    least, mean, most = (float(items[f"w01018-{name}"]) for name in ("Min", "Avg", "Max"))
    assert least <= mean <= most and least < most


def test_records_fall_due_on_their_marks_in_beijing_time():
    """Between 23:54:30 and 0:00:30 in Beijing: seven minutes, one ten-minute record, one hour, one day; each begins at
    the beginning of its period (HJ 212-2017 annex C).
    """
    after = datetime(2026, 3, 1, 15, 54, 30, tzinfo=UTC)
    found = list(SimulatedDevice(GIVEN).due(after, after + timedelta(minutes=6)))
    names = [cn for cn, _at in found]
    assert [names.count(cn) for cn in ("2011", "2051", "2061", "2031")] == [6, 1, 1, 1]
    times = {cn: f"{at.astimezone(building.BEIJING):%d %H:%M}" for cn, at in found if cn != "2011"}
    assert times == {"2051": "01 23:50", "2061": "01 23:00", "2031": "01 00:00"}


@pytest.mark.parametrize("edition", [2005, 2017, 2025])
def test_packets_are_right_and_no_qn_comes_twice(edition):
    device = SimulatedDevice(Simulated(GIVEN.mn, "123456", "31", STACK + WATER + AIR[:2], edition=edition))
    events = read([packet for _ in range(3) for packet in device.record("2061", NOON, NOON)])
    let_pass = {let.kind for event in events for let in event.leniencies}
    assert len(events) > 3 and (let_pass <= {"segment_long"} or edition == 2005)
    assert len({event.qn for event in events}) == len(events)
    assert {event.head.edition for event in events} == {edition}


def asked(cn, values=None, pw="123456"):
    return read([building.command(cn, building.Device(GIVEN.mn, "22", pw), building.qn_of(NOON), values)])[0]


def test_commands_are_answered_as_the_standard_says():
    device = SimulatedDevice(GIVEN, clock_error=420.0)
    now = NOON + timedelta(milliseconds=300)
    set_right = device.answers(asked("1012", {"SystemTime": NOON}), now)
    assert [event.head.cn for event in read(set_right)] == ["9011", "9012"] and abs(device.clock_error) < 1
    spans = {"BeginTime": NOON - timedelta(hours=3), "EndTime": NOON - timedelta(hours=1)}
    events = read(device.answers(asked("2061", spans), now))
    assert [event.head.cn for event in events] == ["9011", "2061", "2061", "2061", "9012"]
    assert [event.data_time for event in events[1:4]] == ["20260301090000", "20260301100000", "20260301110000"]
    device.answers(asked("1062", {"RtdInterval": 30}), now)
    assert device.interval == 30
    (refused,) = read(device.answers(asked("1062", {"RtdInterval": 30}, pw="000000"), now))
    assert refused.parameters["QnRtn"] == "3"
    assert device.answers(read([building.answer(asked("1062", {"RtdInterval": 30}), "9014")])[0], now) == []


def test_faults_come_as_often_as_told_and_are_what_they_say():
    (packet,) = SimulatedDevice(GIVEN).record("2011", NOON, NOON)
    faults = Faults({"duplicate": 1.0}, 1)
    assert faults.bent(packet) == ([packet, packet], False)
    (cut,), breaks = Faults({"cut": 1.0}, 1).bent(packet)
    assert breaks and packet.startswith(cut) and len(cut) < len(packet)
    (bad,), _breaks = Faults({"crc": 1.0}, 1).bent(packet)
    assert [event.reason for event in Decoder().feed(bad + packet)[:1]] == ["crc_error"]
    half = Faults({"garbage": 0.5}, 1)
    assert 400 < sum(half.happens("garbage") for _ in range(1000)) < 600


def test_simulated_devices_at_a_gateway(tmp_path):
    """Everything whole arrives once, everything broken is told apart, commands come back answered."""
    given = [Simulated(f"5EED{number:020d}", "123456", "22", AIR[:3], interval=0.2) for number in range(6)]
    backstage = MemoryBackstage(Admitted(one.mn, one.password, one.st) for one in given)
    shares = {"duplicate": 0.2, "cut": 0.1, "garbage": 0.2, "crc": 0.2, "late": 0.2}
    with Site(tmp_path, backstage, limits={"recent": 1000}) as site:
        simulation = Simulation(given, "127.0.0.1", site.gateway.port, faults=shares, backfill=2, tick=0.05)
        with pytest.raises(TimeoutError):
            asyncio.run(asyncio.wait_for(simulation.run(), 2.5))
        assert until(lambda: not site.gateway.lines)
        frames = site.stored()
        rejected = site.counted("rejected_total", 'reason="crc_error"')
    assert len(frames) == len(set(frames)) > 100 and rejected > 0 and simulation.counts.broken > 0
    events = read(frames)
    assert {event.head.cn for event in events} >= {"2011", "2051", "2061"} and len(events) == len(frames)
    assert simulation.counts.acknowledged > 50


def test_the_commands_work_together(tmp_path):
    """``ecocloud gateway`` and ``ecocloud simulate`` as programs: a run, a load, an orderly stop."""
    base = [sys.executable, "-m", "ecocloud.cli"]
    gateway = subprocess.Popen(
        [*base, "gateway", "--anyone", str(tmp_path), "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    address = gateway.stdout.readline().strip().rpartition("：")[2]
    listed = tmp_path / "list.json"
    listed.write_text(json.dumps([{"mn": GIVEN.mn, "password": "1", "st": "22", "codes": ["a34004"]}]))
    options = ["--list", str(listed), "--interval", "0.5", "--seconds", "3", "--backfill", "3"]
    done = subprocess.run([*base, "simulate", "--to", address, *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = ["--load", "0", "--connections", "50", "--packets", "1000"]
    done = subprocess.run([*base, "simulate", "--to", address, *loaded], capture_output=True, text=True)
    assert done.returncode == 0 and "1000 个应答" in done.stdout and "未应答 0 个" in done.stdout, done.stderr
    gateway.terminate()
    assert gateway.wait(20) == 0
    gateway.communicate()
    frames = [
        block.record(place) for block in raw.Reader(tmp_path).blocks("gateway")
        for place in range(len(block)) if block.kinds[place] == raw.Kind.FRAME
    ]  # fmt: skip
    assert len(frames) == len(set(frames)) >= 1000 + 20
    wrong = subprocess.run([*base, "simulate", "--faults", "nonsense"], capture_output=True, text=True)
    assert wrong.returncode == 2 and "nonsense" in wrong.stderr
    nobody = subprocess.run([*base, "simulate", "--to", address, *loaded], capture_output=True, text=True)
    assert nobody.returncode == 1
