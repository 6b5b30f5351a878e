"""All that a gateway knows of the database: which devices are admitted, what is reported, which commands are due.

Every method is called in a thread, never in the event loop, and may fail: storing and acknowledging go on.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ecocloud.intake.monitoring.hj212.dialect import STANDARD, Dialect


@dataclass(frozen=True)
class Admitted:
    """A device that may send. password and st: "" takes any. key: SM4 key of the edition of 2025, b"" without.

    What is secret stands in no log: it is no part of the text of an object (nor are bytes that carry it).
    """

    mn: str
    password: str = field(repr=False)
    st: str
    dialect: Dialect = field(default=STANDARD, repr=False)
    key: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Seen:
    """What became of a device since the last report: counts are of that time alone.

    Every admitted device is reported once after a gateway's start, also when it has not come. peer: ``address:port`` of
    its newest connection, '' and times None while nothing came since the start: what is known of before holds then.
    clock_drift_s: seconds its clock is ahead of the receiver's, None when no packet told.
    """

    mn: str
    peer: str
    online: bool
    connected: datetime | None
    last_packet: datetime | None
    last_data_time: datetime | None
    packets: int
    rejected: int
    duplicates: int
    clock_drift_s: float | None


@dataclass(frozen=True)
class Stranger:
    """A device that is not admitted.

    reason: ``unknown`` MN, wrong ``password`` or ``system`` (ST). packets: since the last report. sample: one packet.
    """

    mn: str
    reason: str
    peer: str
    first: datetime
    last: datetime
    packets: int
    sample: bytes


@dataclass(frozen=True)
class Due:
    """A command to be sent now. qn: its QN, by which answers are told; cn: its CN, for data under another QN."""

    id: int
    mn: str
    frame: bytes = field(repr=False)
    qn: str
    cn: str = ""


@dataclass(frozen=True)
class Sent:
    """What became of sending a command. delivered: handed to an open connection of the device."""

    id: int
    at: datetime
    delivered: bool


@dataclass(frozen=True)
class Answer:
    """A packet of a device that carries the QN of a command, or that may answer one without: 9011, 9012, 9013, or data
    of the CN that was asked for. Which command it answers, if any, the database decides.

    result: QnRtn or ExeRtn, None without. raw_ref: ``raw:GATEWAY/SEQUENCE`` of the stored packet.
    """

    mn: str
    cn: str
    qn: str
    result: int | None
    raw_ref: str
    at: datetime


class Backstage(Protocol):
    """What a gateway asks and tells."""

    def admitted(self) -> Mapping[str, Admitted]:
        """The devices that may send, by MN; called every few seconds."""
        ...

    def report(self, gateway: str, seen: list[Seen], strangers: list[Stranger]) -> None:
        """What came since the last report."""
        ...

    def due(self, gateway: str, online: Collection[str]) -> list[Due]:
        """Commands to be sent now to devices that are connected here."""
        ...

    def sent(self, gateway: str, sent: list[Sent], answers: list[Answer]) -> None:
        """What became of commands."""
        ...


class MemoryBackstage:
    """Keeps everything in memory: for tests, for load, and for a gateway without a database.

    anyone: every device that comes is admitted with its own password.
    """

    def __init__(self, devices: Iterable[Admitted] = (), *, anyone: bool = False) -> None:
        self.devices: Mapping[str, Admitted] = {one.mn: one for one in devices}
        if anyone:
            self.devices = _Anyone(self.devices)
        self.seen: list[Seen] = []
        self.strangers: list[Stranger] = []
        self.outbox: list[Due] = []
        self.sendings: list[Sent] = []
        self.answers: list[Answer] = []
        self._lock = threading.Lock()

    def admitted(self) -> Mapping[str, Admitted]:
        """The devices given."""
        return self.devices

    def report(self, gateway: str, seen: list[Seen], strangers: list[Stranger]) -> None:
        """Keep the newest report of each device, and every stranger."""
        del gateway
        with self._lock:
            self.seen = list(({one.mn: one for one in self.seen} | {one.mn: one for one in seen}).values())
            self.strangers += strangers

    def due(self, gateway: str, online: Collection[str]) -> list[Due]:
        """Commands of ``outbox`` for connected devices, each once."""
        del gateway
        with self._lock:
            found = [one for one in self.outbox if one.mn in online]
            self.outbox = [one for one in self.outbox if one.mn not in online]
        return found

    def sent(self, gateway: str, sent: list[Sent], answers: list[Answer]) -> None:
        """Keep what became of commands."""
        del gateway
        with self._lock:
            self.sendings += sent
            self.answers += answers


class _Anyone(dict[str, Admitted]):
    """Admits whoever comes."""

    def get(self, mn: str, default: object = None) -> Admitted:  # type: ignore[override]
        """The device given for an MN, else one of that MN with any password."""
        found = super().get(mn)
        return Admitted(mn, "", "") if found is None else found
