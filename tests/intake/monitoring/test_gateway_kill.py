"""SIGKILL at random moments under load: what was acknowledged is in the raw journal, once, and no packet is half."""

import contextlib
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter

from ecocloud.intake.monitoring import raw
from ecocloud.intake.monitoring.hj212.decoder import Decoder
from ecocloud.intake.monitoring.simulator.load import load_mn, made_packets
from tests.intake.monitoring.gateway_site import stored

DEVICES, IN_FLIGHT = 12, 4


def started(folder):
    """A gateway as a process of its own: (process, port)."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ecocloud.cli", "gateway", "--anyone", str(folder), "--listen", "127.0.0.1:0",
         "--metrics", "none"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    return process, int(process.stdout.readline().rsplit(":", 1)[1])


class Station(threading.Thread):
    """Sends its packets, a few at a time, until each is acknowledged, and again what was not when a gateway died."""

    def __init__(self, packets, port_of):
        super().__init__(daemon=True)
        self.left, self.port_of = list(packets), port_of
        self.acknowledged, self.sent, self.astray = [], Counter(), []
        self.done = threading.Event()

    def run(self):
        while self.left and not self.done.is_set():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port_of()), 1) as line:
                line.settimeout(1)
                decoder = Decoder()
                while self.left and not self.done.is_set():
                    flying = self.left[:IN_FLIGHT]
                    line.sendall(b"".join(flying))
                    self.sent.update(flying)
                    answers = []
                    while len(answers) < len(flying):
                        if not (data := line.recv(4096)):
                            raise ConnectionError
                        for answer in decoder.feed(data):
                            answers.append(answer)
                            if answer.qn.encode() not in self.left[0]:  # answers come in the order of the packets
                                self.astray.append(answer)
                            self.acknowledged.append(self.left.pop(0))
            time.sleep(0.02)


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
