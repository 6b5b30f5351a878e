"""Group commit: packets of all connections are written as one block by one thread; answers go out when it is durable.

While a group is on its way to the disk the next one gathers. When the disk refuses, everything that waits is dropped
unanswered (devices send it again), nothing more is taken, and once a second the disk is asked again.
"""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ecocloud.intake.monitoring.gateway.backstage import Answer, Due, Sent
from ecocloud.intake.monitoring.gateway.frames import TELLING
from ecocloud.intake.monitoring.gateway.metrics import Metrics
from ecocloud.intake.monitoring.gateway.roster import moment
from ecocloud.intake.monitoring.gateway.session import NO_QN, Entry
from ecocloud.intake.monitoring.raw import CannotStore, Kind, Writer

log = logging.getLogger(__name__)
_RETURNED = ("QnRtn=", "ExeRtn=")


class Line(Protocol):
    """A connection as the store sees it. number: of its record in the raw journal, 0 before it has one."""

    number: int
    peer: str

    def send(self, data: bytes) -> bool:
        """Hand bytes to the connection; False when it is closed."""
        ...


@dataclass
class Group:
    """What is committed together. items: records as the writer takes them. since: clock of the oldest."""

    items: list[tuple] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)  # whose connection is recorded here
    answers: dict[Line, list[bytes]] = field(default_factory=dict)
    told: list[Answer] = field(default_factory=list)
    commands: list[tuple[Due, Line]] = field(default_factory=list)
    size: int = 0
    count: int = 0
    since: float = 0.0


class Store:
    """Belongs to the event loop; only :meth:`_work` runs in the thread, which alone uses the writer after the start.

    window: seconds a group gathers at least. after: called in the loop when a group is done or dropped.
    """

    RETRY, MOST_TOLD = 1.0, 20_000

    def __init__(self, writer: Writer, metrics: Metrics, window: float, after: Callable[[], None]) -> None:
        self._writer, self._metrics, self._window, self._after = writer, metrics, window, after
        self._loop = asyncio.get_running_loop()
        self._group, self._next = Group(), writer.next_sequence
        self._busy = self._planned = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._flying = 0
        self._sent: list[Sent] = []
        self._told: list[Answer] = []
        # Why nothing can be stored, '' while all is well.
        self.fault = ""
        self._queue: queue.SimpleQueue[Group | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="raw journal", daemon=True)
        self._thread.start()

    @property
    def pending(self) -> int:
        """Bytes that wait for the disk."""
        return self._group.size + self._flying

    @property
    def busy(self) -> bool:
        """Whether packets wait for the disk, or answers to be told."""
        return bool(self.pending or self._told)

    def add(self, line: Line, entries: list[Entry], at: int, clock: float) -> None:
        """Packets of a connection, received ``at`` µs since 1970 UTC."""
        if self.fault:
            self._drop(entries)
            return
        group = self._group
        if not group.count:
            group.since = clock
        items, parts = group.items, []
        for entry in entries:
            kind, data, answer, _device, _digest, qn = entry
            if kind:
                if not line.number:
                    self._introduce(line, at)
                items.append((at, line.number, len(data), kind, data))
                group.size += len(data)
                if qn:
                    group.told.append(self._answer(entry, self._next, at))
                self._next += 1
            if answer:
                parts.append(answer)
        group.entries += entries
        group.count += len(entries)
        if parts:
            known = group.answers.get(line)
            if known is None:
                group.answers[line] = parts
            else:
                known += parts
        self._plan()

    def send(self, line: Line, due: Due, at: int, clock: float) -> None:
        """A command: recorded, then sent."""
        if self.fault:
            self._sent.append(Sent(due.id, moment(at), False))
            return
        self._group.commands.append((due, line))
        self.add(line, [Entry(Kind.SENT, due.frame, due.frame, None, 0, "")], at, clock)

    def news(self) -> tuple[list[Sent], list[Answer]]:
        """What became of commands since the last call."""
        found = self._sent, self._told
        self._sent, self._told = [], []
        return found

    def restore(self, sent: list[Sent], told: list[Answer]) -> None:
        """News that could not be delivered: given again by the next call."""
        self._sent, self._told = sent + self._sent, told + self._told

    async def drain(self) -> None:
        """Return when everything taken so far is durable and answered, or dropped."""
        await self._idle.wait()

    async def close(self) -> None:
        """Commit what waits, then stop the thread; the writer stays open."""
        await self.drain()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _introduce(self, line: Line, at: int) -> None:
        """The connection's own record, before its first one."""
        group = self._group
        line.number = self._next & 0xFFFFFFFF
        began = moment(at)
        told = {"connection": line.number, "peer": line.peer, "time": began.isoformat() if began else ""}
        data = json.dumps(told).encode()
        group.items.append((at, line.number, len(data), Kind.CONNECTION, data))
        group.lines.append(line)
        self._next += 1

    def _answer(self, entry: Entry, sequence: int, at: int) -> Answer:
        text = entry.data.decode("latin-1")
        result = None
        for name in _RETURNED:
            _before, found, rest = text.partition(name)
            digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
            if found and digits:
                result = int(digits[:9])
        cn = text.partition("CN=")[2].partition(";")[0]
        mn = entry.device.mn if entry.device else ""
        qn = "" if entry.qn == NO_QN else entry.qn
        return Answer(mn, cn, qn, result, f"raw:{self._writer.gateway}/{sequence}", moment(at))

    def _plan(self) -> None:
        self._idle.clear()
        if not self._busy and not self._planned:
            self._planned = True
            self._loop.call_later(self._window, self._go)

    def _go(self) -> None:
        self._planned = False
        group, self._group = self._group, Group()
        self._flying, self._busy = group.size, True
        if group.items:
            self._queue.put(group)
        else:  # only repeated packets, whose first ones are durable
            self._done(group, "")

    def _work(self) -> None:
        while (group := self._queue.get()) is not None:
            fault = ""
            try:
                if self.fault:
                    self._writer.recover()
                self._writer.extend(group.items)
                self._writer.commit()
            except CannotStore as error:
                fault = error.message_zh
            except Exception as error:  # whatever it is: what was not committed must not be acknowledged
                log.exception("raw journal")
                fault = repr(error)
            self._loop.call_soon_threadsafe(self._done, group, fault)

    def _done(self, group: Group, fault: str) -> None:
        """A group is durable: send its answers; or it is not: drop it and what waits."""
        self._flying, self._busy = 0, False
        if fault:
            self._refused(group, fault)
        else:
            if self.fault:
                log.warning("gateway %s: storing again", self._writer.gateway)
                self.fault = ""
            self._answered(group)
        if self._group.count:
            self._plan()
        elif not self.fault:
            self._idle.set()
        self._after()

    def _answered(self, group: Group) -> None:
        answers, closed = 0, set()
        for line, parts in group.answers.items():
            if line.send(b"".join(parts)):
                answers += len(parts)
            else:
                closed.add(line)
        metrics = self._metrics
        if answers:
            metrics.waited(max(0.0, time.monotonic() - group.since), answers)
        metrics.count("acknowledged_total", by=answers)
        metrics.count("groups_total")
        metrics.count("records_total", by=len(group.items))
        # Data that a command asked for may come by the ten thousand; what tells of the command itself always has room.
        self._told += group.told if len(self._told) < self.MOST_TOLD else [
            one for one in group.told if one.cn in TELLING
        ]  # fmt: skip
        at = moment(time.time_ns() // 1000)
        for due, line in group.commands:
            self._sent.append(Sent(due.id, at, line not in closed))

    def _refused(self, group: Group, fault: str) -> None:
        if not self.fault:
            log.error("gateway %s cannot store, nothing is acknowledged: %s", self._writer.gateway, fault)
        self.fault = fault
        waiting, self._group = self._group, Group()
        at = moment(time.time_ns() // 1000)
        for one in (group, waiting):
            self._drop(one.entries)
            for line in one.lines:
                line.number = 0
            self._sent += [Sent(due.id, at, False) for due, _line in one.commands]
        self._next = self._writer.next_sequence
        self._idle.set()
        self._loop.call_later(self.RETRY, self._ask)

    def _ask(self) -> None:
        """Try the disk with an empty group."""
        if self.fault and not self._busy:
            self._busy = True
            self._queue.put(Group())

    def _drop(self, entries: list[Entry]) -> None:
        """These will not be stored: a repetition is no repetition then."""
        dropped = 0
        for entry in entries:
            if entry.device is not None and entry.kind:
                entry.device.recent.forget(entry.digest)
                dropped += 1
        if dropped:
            self._metrics.count("dropped_total", 'reason="disk"', dropped)
