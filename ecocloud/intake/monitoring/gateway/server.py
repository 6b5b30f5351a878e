"""The gateway's process: sockets, clocks, the store's thread, and the talk with the database behind backstage."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import socket
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ecocloud.intake.monitoring.gateway.backstage import Admitted, Backstage, Due
from ecocloud.intake.monitoring.gateway.clock import Clock
from ecocloud.intake.monitoring.gateway.frames import Frames
from ecocloud.intake.monitoring.gateway.limits import Limits
from ecocloud.intake.monitoring.gateway.metrics import Metrics, Page
from ecocloud.intake.monitoring.gateway.recent import TAIL, from_journal
from ecocloud.intake.monitoring.gateway.roster import Roster
from ecocloud.intake.monitoring.gateway.session import STRAYS, Common, Session
from ecocloud.intake.monitoring.gateway.store import Store
from ecocloud.intake.monitoring.raw import Block, Damaged, Reader, Writer
from ecocloud.intake.monitoring.raw.layout import FIRST

log = logging.getLogger(__name__)
# How long data that carry the QN of a command are looked for, seconds.
EXPECTED = 7200.0
# A TLS handshake that takes longer is none, seconds.
HANDSHAKE = 10.0
# Options of a socket that find a device that went without a word: probes after a minute, dead after two.
_KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 120_000))


@dataclass(frozen=True)
class Options:
    """How a gateway runs. folder: of the raw journals. port, metrics_port: 0 chooses one; metrics_port None: no page.

    window: seconds a group gathers before it is written. sweep: seconds between looks for what is overdue. talk:
    seconds between talks with the database, of which each third one asks anew who is admitted. start_patience: seconds
    to wait for its first answer. stop_patience: seconds for connections to take their last answers. reuse_port: several
    gateways on one port.
    """

    folder: Path
    name: str = "gateway"
    host: str = "127.0.0.1"
    port: int = 0
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = 0
    window: float = 0.002
    sweep: float = 0.5
    talk: float = 2.0
    start_patience: float = 20.0
    stop_patience: float = 5.0
    reuse_port: bool = False
    tls: ssl.SSLContext | None = None
    limits: Limits = field(default_factory=Limits)
    writer: Callable[..., Writer] = Writer


class Line(asyncio.Protocol):
    """One connection."""

    __slots__ = ("number", "peer", "session", "_gateway", "_host", "_transport", "_held", "_unread")

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.number, self.peer, self._host = 0, "", ""
        self.session: Session | None = None
        self._transport: asyncio.Transport | None = None
        self._held, self._unread = False, 0.0  # since when answers wait to be read, 0 while they do not

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        peer = transport.get_extra_info("peername") or ("", 0)
        self._host, self.peer = peer[0], f"[{peer[0]}]:{peer[1]}" if ":" in peer[0] else f"{peer[0]}:{peer[1]}"
        gateway = self._gateway
        reason = gateway.refuses(self._host)
        if reason:
            gateway.metrics.count("refused_total", f'reason="{reason}"')
            self._host = ""
            transport.abort()  # type: ignore[attr-defined]
            return
        gateway.lines.add(self)
        gateway.hosts[self._host] += 1
        gateway.metrics.count("connections_total")
        transport.set_write_buffer_limits(high=gateway.options.limits.unread)  # type: ignore[attr-defined]
        _keep_alive(transport.get_extra_info("socket"))
        self.session = Session(gateway.common, self.peer, time.monotonic(), self)

    def data_received(self, data: bytes) -> None:
        session, gateway = self.session, self._gateway
        if session is None or session.closing or gateway.stopping:
            return  # read and forgotten: what stays unread would reset the connection under the last answers
        at, clock = gateway.clock.now(), time.monotonic()
        gateway.bytes += len(data)
        entries = session.received(data, at, clock)
        if entries:
            gateway.store.add(self, entries, at, clock)
            if gateway.store.pending > gateway.options.limits.pending:
                self._hold()
        if session.closing:
            gateway.shut(self, session.closing)
        elif session.waiting:
            gateway.partial.add(self)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._transport = None
        gateway, session = self._gateway, self.session
        gateway.partial.discard(self)
        gateway.held.discard(self)
        if self not in gateway.lines:
            return
        gateway.lines.discard(self)
        gateway.hosts[self._host] -= 1
        if not gateway.hosts[self._host]:
            del gateway.hosts[self._host]
        if session is not None:
            at, clock = gateway.clock.now(), time.monotonic()
            if entries := session.ended(at, clock):
                gateway.store.add(self, entries, at, clock)
            for device in session.devices.values():
                device.lines.remove(self)

    def pause_writing(self) -> None:
        """The device does not read its answers: nothing more is read of it, and it is let go when that lasts."""
        self._unread = time.monotonic()
        if self._transport is not None:
            self._transport.pause_reading()
        self._gateway.later(self._gateway.options.limits.packet, self._still_unread, self._unread)

    def resume_writing(self) -> None:
        self._unread = 0.0
        if self._transport is not None and not self._held:
            self._transport.resume_reading()

    def _still_unread(self, since: float) -> None:
        if self._unread == since:
            self._gateway.shut(self, "unread")

    def _hold(self) -> None:
        if self._transport is not None:
            self._held = True
            self._transport.pause_reading()
            self._gateway.held.add(self)

    def release(self) -> None:
        """Read on: the disk has caught up."""
        self._held = False
        if self._transport is not None and not self._unread:
            self._transport.resume_reading()

    def send(self, data: bytes) -> bool:
        """Hand bytes to the connection; False when it is closed."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return False
        transport.write(data)
        return True

    def close(self, at_once: bool) -> None:
        """Close; not at once: when the answers handed over are sent."""
        if self._transport is not None:
            if at_once:
                self._transport.abort()
            else:
                self._transport.close()


class Gateway:
    """One gateway. Use: ``await start()``, then ``await stop()``; all within one event loop."""

    def __init__(self, options: Options, backstage: Backstage) -> None:
        self.options, self.backstage = options, backstage
        self.metrics, self.clock = Metrics(), Clock()
        self.roster = Roster(options.limits)
        self._expected: dict[str, float] = {}
        self._asked: dict[tuple[str, str], float] = {}
        self._admitted: Mapping[str, Admitted] | None = None
        self.stopping = False
        frames = Frames(self.roster)
        self.common = Common(options.limits, self.roster, frames, self.metrics, self._expected, self._asked)
        self.lines: set[Line] = set()
        self.hosts: Counter[str] = Counter()
        self.partial: set[Line] = set()
        self.held: set[Line] = set()
        self.bytes = 0
        self.port = self.metrics_port = 0
        self._talker = ThreadPoolExecutor(1, "backstage")
        self._tasks: list[asyncio.Task[None]] = []
        self._page: Page | None = None

    async def start(self) -> None:
        """Open the journal, remember its end, ask for the devices, listen."""
        options = self.options
        self._loop = asyncio.get_running_loop()
        self._writer = await asyncio.to_thread(options.writer, options.folder, options.name)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._admit_first(), options.start_patience)
        self._remember()
        self.store = Store(self._writer, self.metrics, options.window, self._disk_moved)
        self._server = await self._loop.create_server(
            lambda: Line(self), options.host, options.port, ssl=options.tls, backlog=1024,
            reuse_port=options.reuse_port or None, ssl_handshake_timeout=HANDSHAKE if options.tls else None,
        )  # fmt: skip
        self.port = self._server.sockets[0].getsockname()[1]
        self._gauges()
        if options.metrics_port is not None:
            self._page = Page(self._text, lambda: self.store.fault)
            self.metrics_port = await self._page.open(options.metrics_host, options.metrics_port)
        self._tasks = [asyncio.create_task(self._sweeping()), asyncio.create_task(self._talking())]

    async def stop(self) -> None:
        """Stop accepting and reading, commit and answer what was received, tell the database, close."""
        self.stopping = True
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.sleep(0)  # what the sockets have already given is handled
        await self.store.drain()
        for line in list(self.lines):
            line.close(at_once=False)
        until = time.monotonic() + self.options.stop_patience
        while self.lines and time.monotonic() < until:
            await asyncio.sleep(0.01)
        for line in list(self.lines):
            line.close(at_once=True)
        await asyncio.sleep(0.01)
        await self.store.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._talk(), self.options.stop_patience)
        self._talker.shutdown(wait=False, cancel_futures=True)
        if self._page is not None:
            await self._page.close()
        self._writer.close()

    def refuses(self, host: str) -> str:
        """Why a new connection cannot be taken, '' when it can."""
        limits = self.options.limits
        if self.stopping:
            return "stopping"
        if len(self.lines) >= limits.connections:
            return "connections"
        return "address" if self.hosts[host] >= limits.per_address else ""

    def later(self, seconds: float, what: Callable[..., None], *given: object) -> None:
        """Call once later."""
        self._loop.call_later(seconds, what, *given)

    def shut(self, line: Line, reason: str) -> None:
        """Close a connection for a reason; answers already handed over have a while to go out."""
        self.metrics.count("closed_total", f'reason="{reason}"')
        if line.session is not None:
            line.session.closing = reason
        line.close(at_once=reason in ("foreign", "unread"))
        self.later(self.options.limits.packet, line.close, True)

    def _disk_moved(self) -> None:
        """A group is done: those that were held may be read again."""
        if self.held and self.store.pending <= self.options.limits.pending // 2:
            for line in list(self.held):
                self.held.discard(line)
                line.release()

    def _remember(self) -> None:
        start = max(FIRST, self._writer.next_sequence - TAIL)
        blocks = Reader(self.options.folder).blocks(self.options.name, start)
        try:
            count = from_journal(self._timed(blocks), lambda mn: self.roster.device(mn).recent)
        except Damaged as error:  # repeated packets may be stored twice; the lake knows them by their content
            log.error("%s", error)
        else:
            log.info("gateway %s: %d packets of the raw journal remembered", self.options.name, count)

    def _timed(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The blocks, the time of the last record noted."""
        for block in blocks:
            self.clock.saw(int(block.times[-1]))
            yield block

    def _text(self) -> str:
        self.metrics.counts["bytes_total", ""] = self.bytes
        return self.metrics.text(self.options.name)

    def _gauges(self) -> None:
        folder = self.options.folder / self.options.name
        self.metrics.gauges |= {
            "connections": lambda: len(self.lines),
            "devices_online": lambda: len(self.roster.online()),
            "storing": lambda: 0 if self.store.fault else 1,
            "pending_bytes": lambda: self.store.pending,
            "held_connections": lambda: len(self.held),
            "disk_free_bytes": lambda: _free(folder),
        }

    async def _sweeping(self) -> None:
        """Look for packets that only lack their tail, and for connections that are overdue."""
        turn = 0
        while True:
            await asyncio.sleep(self.options.sweep)
            at, clock = self.clock.now(), time.monotonic()
            turn += 1
            for line in list(self.lines if turn % 10 == 0 else self.partial):
                try:
                    self._look_at(line, at, clock)
                except Exception:  # one connection's trouble must not end the looking after all others
                    log.exception("gateway %s: %s", self.options.name, line.peer)
                    self.shut(line, "error")

    def _look_at(self, line: Line, at: int, clock: float) -> None:
        session = line.session
        if session is None or session.closing:
            return
        if entries := session.quiet(at, clock):
            self.store.add(line, entries, at, clock)
        if not session.waiting:
            self.partial.discard(line)
        if reason := session.overdue(clock):
            self.shut(line, reason)

    async def _admit_first(self) -> None:
        while not await self._admit():
            await asyncio.sleep(1)

    async def _admit(self) -> bool:
        found = await self._ask("admitted", self.backstage.admitted)
        if found is None:
            return False
        if found is self._admitted or found == self._admitted:
            return True
        self._admitted = found
        self.common.frames.admit(self.roster.admit(found))
        return True

    async def _ask(self, what: str, call: Callable[..., Any], *given: object) -> Any:
        """A call to the database in its thread; None when it failed, which stops nothing."""
        try:
            return await self._loop.run_in_executor(self._talker, call, *given)
        except Exception as error:
            self.metrics.count("backstage_failures_total", f'call="{what}"')
            log.warning("gateway %s: %s failed: %s", self.options.name, what, error)
            return None

    async def _talking(self) -> None:
        for turn in itertools.count():
            await asyncio.sleep(self.options.talk)
            try:
                if turn % 3 == 0:
                    await self._admit()
                await self._talk()
                await self._commands()
            except Exception:  # the next talk may fare better; without any, nobody new would be admitted
                log.exception("gateway %s", self.options.name)

    async def _talk(self) -> None:
        """Report devices, strangers and what became of commands."""
        name = self.options.name
        seen, strangers = self.roster.report()
        if seen or strangers:
            done = await self._ask("report", lambda: (self.backstage.report(name, seen, strangers), True))
            if done:
                self.roster.reported(seen, strangers)
        sent, told = self.store.news()
        if sent or told:
            done = await self._ask("sent", lambda: (self.backstage.sent(name, sent, told), True))
            if not done:
                self.store.restore(sent, told)
                return
        # Those told make room; the others are on their way through the store, and the database may be gone by then.
        given_back = self.common.strays + len(told) if self.store.busy else STRAYS
        self.common.strays = min(STRAYS, given_back)

    async def _commands(self) -> None:
        """Send what is due over the newest connection of each device."""
        online = self.roster.online()
        due: list[Due] = await self._ask("due", self.backstage.due, self.options.name, frozenset(online)) or []
        at, clock = self.clock.now(), time.monotonic()
        for awaited in (self._expected, self._asked):
            for key in [key for key, until in awaited.items() if until < clock]:
                del awaited[key]
        for one in due:
            device = online.get(one.mn)
            line = device.lines[-1] if device is not None and device.lines else None
            self._expected[one.qn] = self._asked[one.mn, one.cn] = clock + EXPECTED
            self.metrics.count("commands_total", f'delivered="{"yes" if line else "no"}"')
            self.store.send(line or _NoLine(), one, at, clock)


class _NoLine:
    """In place of a connection that is gone."""

    number, peer = 0, ""

    def send(self, data: bytes) -> bool:
        """Nobody takes it."""
        del data
        return False


def _keep_alive(sock: Any) -> None:
    if sock is None or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _free(folder: Path) -> float:
    try:
        found = os.statvfs(folder)
    except OSError:
        return float("nan")
    return found.f_bavail * found.f_frsize
