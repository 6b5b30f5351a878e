"""Load for a gateway: many connections that each send one packet, wait for its answer and send the next.

One thread, the system's own poll and packets made beforehand: the client shares the machine with what it measures.
"""

from __future__ import annotations

import select
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from ecocloud.intake.monitoring.hj212.crc import crc

# Values of a packet of about 330 bytes: seven codes with value and flag.
CODES = ("w01018", "w21003", "w21011", "w21001", "w01001", "w01009", "w01010")
_STAMP = "20260301101500"


def load_mn(number: int) -> str:
    """MN of a device of the load."""
    return f"10AD{number:020d}"


def made_packets(count: int, devices: int, seed: int = 0) -> list[bytes]:
    """Packets, each another one, in turn of the devices; the QN counts up. seed: makes those of one run differ."""
    region = ";".join(f"{code}-Rtd={17.25 + place},{code}-Flag=N" for place, code in enumerate(CODES))
    heads = [
        f";ST=32;CN=2011;PW=123456;MN={load_mn(number)};Flag=5;CP=&&DataTime={_STAMP};{region}&&".encode()
        for number in range(devices)
    ]
    found = []
    for number in range(count):
        segment = b"QN=%017d%b" % (20260301_000000000 + seed * 10_000_000 + number, heads[number % devices])
        found.append(b"##%04d%b%b\r\n" % (len(segment), segment, crc(segment)))
    return found


@dataclass
class Measured:
    """What a run showed. seconds: from the first packet to the last answer. waits: seconds from each packet to its
    answer, in order of the answers. unanswered: packets without one at the end.
    """

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    unanswered: int = 0

    @property
    def rate(self) -> float:
        """Answered packets per second."""
        return len(self.waits) / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        """Seconds within which a share of the answers came."""
        ordered = sorted(self.waits)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else float("nan")


class Load:
    """Connections to one gateway."""

    STUCK = 10.0  # seconds without any answer after which a run ends

    def __init__(self, host: str, port: int, connections: int) -> None:
        self._poll = select.epoll()
        self._sockets: list[socket.socket] = []
        for _ in range(connections):
            one = socket.create_connection((host, port), timeout=10)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one.setblocking(False)
            self._poll.register(one.fileno(), select.EPOLLIN)
            self._sockets.append(one)

    def run(self, packets: Sequence[bytes], rate: float = 0.0) -> Measured:
        """Send packet i over connection i modulo their number, each only when the one before is answered.

        rate: packets per second offered; 0 sends as fast as answers come.
        """
        found, lines = Measured(), self._sockets
        place_of = {one.fileno(): place for place, one in enumerate(lines)}
        count, size = len(packets), len(lines)
        following = list(range(size))  # next packet of each connection
        sent_at = [0.0] * size
        ready = deque(range(size))
        sent, clock = 0, time.perf_counter
        start = last = clock()
        while len(found.waits) < count:
            now = clock()
            allowed = len(ready) if not rate else min(len(ready), int((now - start) * rate) - sent)
            for _ in range(allowed):
                place = ready.popleft()
                if following[place] >= count:
                    continue
                lines[place].send(packets[following[place]])
                sent_at[place] = clock()
                following[place] += size
                sent += 1
            events = self._poll.poll(0.001 if rate else 0.5, 4096)
            now = clock()
            for handle, _what in events:
                place = place_of[handle]
                if not (answer := lines[place].recv(4096)):
                    raise ConnectionError("the gateway closed a connection")
                if answer.endswith(b"\r\n"):
                    found.waits.append(now - sent_at[place])
                    ready.append(place)
            if events:
                last = now
            elif now - last > self.STUCK:
                break
        found.seconds = last - start
        found.unanswered = sent - len(found.waits)
        return found

    def close(self) -> None:
        """Close all connections."""
        self._poll.close()
        for one in self._sockets:
            one.close()
