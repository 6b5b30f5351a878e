"""SIGKILL at random moments under load: what was acknowledged is in the raw journal, once, and no packet is half."""

import random
import signal
import time
from collections import Counter

from ecocloud.intake.monitoring import raw
from ecocloud.intake.monitoring.simulator.load import load_mn, made_packets
from tests.intake.monitoring.gateway_site import stored
from tests.intake.monitoring.kill_site import Station, started

DEVICES = 12


def test_killed_at_random_moments_under_load(tmp_path, full_size):
    kills = 50 if full_size else 4
    chance = random.Random(212)
    packets = made_packets(DEVICES * kills * 600, DEVICES)
    port, seen = [1], [0]
    stations = [Station(packets[number::DEVICES], lambda: port[0]) for number in range(DEVICES)]
    for station in stations:
        station.start()
    for _ in range(kills):
        process, port[0] = started(tmp_path)
        time.sleep(chance.uniform(0.05, 0.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        # Nothing is read twice or half by one who comes right after the death, before anybody repairs anything.
        known = Counter(stored(tmp_path))
        acknowledged = [packet for station in stations for packet in list(station.acknowledged)]
        assert all(known[packet] == 1 for packet in acknowledged)
        seen.append(len(acknowledged))
    process, port[0] = started(tmp_path)
    time.sleep(0.5)
    for station in stations:
        station.done.set()
    for station in stations:
        station.join(20)
        assert not station.is_alive() and not station.astray
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    process.stdout.close()
    known, sent = Counter(stored(tmp_path)), set(packets)
    assert set(known.values()) == {1} and set(known) <= sent
    assert seen[-1] > 200 and len(set(seen)) > len(seen) // 2  # there was load at most deaths
    assert any(count > 1 for station in stations for count in station.sent.values())  # and packets were sent again
    assert {load_mn(number).encode() for number in range(DEVICES)} <= {p.partition(b"MN=")[2][:24] for p in known}
    for block in raw.Reader(tmp_path).blocks("gateway"):
        assert block.following - block.first == len(block) > 0
