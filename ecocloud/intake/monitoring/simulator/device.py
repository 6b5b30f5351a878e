"""One simulated device, pure: times in, packets out; commands of the host in, answers out."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from ecocloud.intake.monitoring.hj212 import building
from ecocloud.intake.monitoring.hj212.building import Device
from ecocloud.intake.monitoring.hj212.decoder import Packet
from ecocloud.intake.monitoring.hj212.values import BEIJING, read_time
from ecocloud.intake.monitoring.simulator import series

REAL_TIME, MINUTES, HOURS, DAYS = "2011", "2051", "2061", "2031"
LENGTHS = {MINUTES: timedelta(minutes=10), HOURS: timedelta(hours=1), DAYS: timedelta(days=1)}
# Records that one request of history brings at most.
_MOST_HISTORY = 300
_NOTHING: Mapping[str, list[tuple[str, str]]] = MappingProxyType({})
# Seconds by which a wrong clock is wrong.
WRONG = 420.0


@dataclass(frozen=True)
class Simulated:
    """A device to be simulated. interval: seconds between real-time records. edition: year of the standard."""

    mn: str
    password: str
    st: str
    codes: tuple[str, ...]
    interval: float = 60.0
    edition: int = 2017
    key: bytes = b""


class SimulatedDevice:
    """What a device would send. clock_error: seconds its clock is ahead; a command 1012 sets it right."""

    def __init__(self, given: Simulated, clock_error: float = 0.0) -> None:
        self.given, self.clock_error = given, clock_error
        self.interval = given.interval
        self._device = Device(given.mn, given.st, given.password, given.edition, given.key)
        self._last_qn = ""

    def qn(self, now: datetime) -> str:
        """The next QN; never the same twice."""
        found = building.qn_of(now + timedelta(seconds=self.clock_error))
        if found <= self._last_qn:
            found = f"{int(self._last_qn) + 1:017d}"
        self._last_qn = found
        return found

    def record(self, cn: str, at: datetime, now: datetime, again: bool = False,
               instead: Mapping[str, list[tuple[str, str]]] = _NOTHING) -> list[bytes]:  # fmt: skip
        """The packets of one record. at: the moment (2011) or the beginning of the period, true time; instead: items
        that are sent in place of those of a code.
        """
        mn, codes = self.given.mn, self.given.codes
        shown = at + timedelta(seconds=self.clock_error if cn == REAL_TIME else 0)
        if cn == REAL_TIME:
            groups = [series.instant(mn, code, at) for code in codes]
        else:
            groups = [series.period(mn, code, at, LENGTHS[cn]) for code in codes]
        groups = [instead.get(code, group) for code, group in zip(codes, groups, strict=True)]
        packets = building.upload(cn, self._device, self.qn(now), shown, groups, again=again)
        self._last_qn = f"{int(self._last_qn) + len(packets) - 1:017d}"
        return packets

    def due(self, after: datetime, now: datetime) -> Iterator[tuple[str, datetime]]:
        """(CN, time) of the records that fall due after one time and up to another."""
        step = timedelta(seconds=self.interval)
        yield from ((REAL_TIME, at) for at in _marks(after, now, step))
        for cn, length in LENGTHS.items():
            yield from ((cn, end - length) for end in _marks(after, now, length))

    def history(self, cn: str, begin: datetime, end: datetime) -> Iterator[tuple[str, datetime]]:
        """(CN, time) of the periods that begin within a span, the first few hundred."""
        found = _marks(begin - timedelta(seconds=1), end, LENGTHS[cn])
        yield from ((cn, at) for _, at in zip(range(_MOST_HISTORY), found, strict=False))

    def answers(self, command: Packet, now: datetime) -> list[bytes]:
        """What the device sends when the host asks: 9011, what was asked for, 9012; nothing to acknowledgements."""
        cn, given = command.head.cn, command.parameters
        if cn.startswith("90") or not command.head.wants_answer:
            return []
        if command.head.pw != self.given.password:
            return [building.request_answer(command, 3)]
        packets: list[bytes] = []
        done = 1
        if cn == "1012" and (time := read_time(given.get("SystemTime", ""))[0]):
            self.clock_error = (time.astimezone(BEIJING) - now).total_seconds()
        elif cn == "1062" and given.get("RtdInterval", "").isdigit():
            self.interval = max(float(given["RtdInterval"]), 1.0)
        elif cn in LENGTHS:
            begin, end = (read_time(given.get(name, ""))[0] for name in ("BeginTime", "EndTime"))
            spans = list(self.history(cn, begin, end)) if begin and end else []
            for name, at in spans:
                packets += self.record(name, at, now)
            done = 1 if spans else 100  # no data
        elif cn in ("1011", "1061", "1063"):
            packets.append(building.answer(command, cn, self._told(cn, now)))
        return [building.request_answer(command, 1), *packets, building.result(command, done)]

    def _told(self, cn: str, now: datetime) -> str:
        if cn == "1011":
            return f"SystemTime={building.time_text(now + timedelta(seconds=self.clock_error))}"
        return f"RtdInterval={self.interval:.0f}" if cn == "1061" else "MinInterval=10"


def _marks(after: datetime, until: datetime, step: timedelta) -> Iterator[datetime]:
    """The multiples of a step, counted from midnight in Beijing, after one time and up to another."""
    zero = after.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    mark = zero + step * ((after - zero) // step + 1)
    while mark <= until:
        yield mark
        mark += step


class Faults:
    """What goes wrong, by name and share of packets, or of devices for a wrong ``clock`` and ``silent`` ones."""

    NAMES = ("duplicate", "cut", "garbage", "crc", "late", "clock", "silent")

    def __init__(self, shares: dict[str, float], seed: int) -> None:
        self._shares, self._chance = shares, random.Random(seed)

    def happens(self, name: str) -> bool:
        """Whether it happens this time."""
        share = self._shares.get(name, 0.0)
        return share > 0 and self._chance.random() < share

    def bent(self, packet: bytes) -> tuple[list[bytes], bool]:
        """The bytes sent in place of a packet, and whether the connection breaks then."""
        if self.happens("cut"):
            return [packet[: self._chance.randrange(1, len(packet))]], True
        pieces = [packet]
        if self.happens("crc"):
            pieces = [packet[:-6] + (b"0000" if packet[-6:-2] != b"0000" else b"0001") + packet[-2:]]
        if self.happens("duplicate"):
            pieces.append(packet)
        if self.happens("garbage"):
            pieces.insert(0, self._chance.randbytes(self._chance.randrange(1, 200)))
        return pieces, False
