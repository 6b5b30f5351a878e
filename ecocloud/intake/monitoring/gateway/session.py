"""One connection, pure: bytes and times in; what is to be stored, what is answered then, and whether to close, out."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from typing import NamedTuple

from ecocloud.intake.monitoring.gateway.frames import Frame, Frames, Sender
from ecocloud.intake.monitoring.gateway.limits import Allowance, Limits
from ecocloud.intake.monitoring.gateway.metrics import Metrics
from ecocloud.intake.monitoring.gateway.recent import quarantined
from ecocloud.intake.monitoring.gateway.roster import AHEAD, UNKNOWN, Device, Roster
from ecocloud.intake.monitoring.hj212.framing import Rejected
from ecocloud.intake.monitoring.hj212.head import mn_of
from ecocloud.intake.monitoring.hj212.words import Reason
from ecocloud.intake.monitoring.raw import Kind

# Nothing is stored, the answer is sent again.
REPEATED = 0
# In place of the QN of an answer that has none.
NO_QN = "-"
# Answers that belong to no known command and that the database hears of between two talks with it.
STRAYS = 500
# First bytes of what other protocols send: HTTP, TLS, SSH, SMB, RDP.
_FOREIGN = (b"GET ", b"POST ", b"HEAD ", b"PUT ", b"OPTIONS ", b"CONNECT ", b"DELETE ", b"PRI * ", b"SSH-", b"\x16\x03",
            b"\x00\x00\x00", b"\x03\x00\x00")  # fmt: skip
_new = tuple.__new__


class Entry(NamedTuple):
    """kind: of the record, REPEATED for none. answer: sent once the record is durable. digest: hash by which a repeated
    packet is known. qn: by which the database hears of this packet, since it answers a command or may do so; NO_QN for
    an answer without one, '' for all others.
    """

    kind: int
    data: bytes
    answer: bytes
    device: Device | None
    digest: int
    qn: str


@dataclass
class Common:
    """What all connections of a gateway share. expected: QN of commands that wait for answers. asked: (MN, CN) of these
    commands, since some devices send what was asked for under a QN of their own. strays: how many answers that belong
    to no known command may still be told.
    """

    limits: Limits
    roster: Roster
    frames: Frames
    metrics: Metrics
    expected: Container[str] = field(default_factory=dict)
    asked: Container[tuple[str, str]] = field(default_factory=dict)
    strays: int = STRAYS

    def __post_init__(self) -> None:
        self.allowance = Allowance(self.limits.strange, self.limits.strange_rate)


class Session:
    """clock: monotonic seconds; at: µs since 1970 UTC. ``closing``: why the connection must be closed, '' otherwise."""

    __slots__ = ("closing", "peer", "devices", "_common", "_framer", "_began", "_last", "_partial", "_good", "_line",
                 "_device")  # fmt: skip

    def __init__(self, common: Common, peer: str, clock: float, line: object = None) -> None:
        self._common, self.peer, self._line = common, peer, line
        self._framer = common.frames.framer()
        self._began = self._last = clock
        self._partial = 0.0  # since when a packet lacks its rest, 0 when none does
        self._good = False
        self.closing = ""
        self.devices: dict[str, Device] = {}
        self._device: Device | None = None  # the one that sent last

    @property
    def waiting(self) -> bool:
        """Whether a packet lacks its rest."""
        return self._partial > 0

    def received(self, data: bytes, at: int, clock: float) -> list[Entry]:
        """The next bytes of the connection."""
        self._last = clock
        framer = self._framer
        if not self._good and framer.since_packet < 16 and data.startswith(_FOREIGN):
            self.closing = "foreign"
            return []
        events = framer.feed(data)
        if not framer.waiting:
            self._partial = 0.0
        elif events or not self._partial:
            self._partial = clock
        if framer.since_packet > self._common.limits.garbage:
            self.closing = "garbage"
        return self._entries(events, at, clock)

    def quiet(self, at: int, clock: float) -> list[Entry]:
        """Nothing came for a while: a packet that lacks only its tail is whole."""
        if not self._partial or clock - self._last < self._common.limits.quiet:
            return []
        entries = self._entries(self._framer.quiet(), at, clock)
        if not self._framer.waiting:
            self._partial = 0.0
        return entries

    def ended(self, at: int, clock: float) -> list[Entry]:
        """The connection is closed: what waited is whole, rejected or noise."""
        self._partial = 0.0
        return self._entries(self._framer.end(), at, clock)

    def overdue(self, clock: float) -> str:
        """Why the connection has lasted too long without what it is for; '' when it has not."""
        limits = self._common.limits
        if self._partial and clock - self._partial > limits.packet:
            return "slow"
        if not self._good and clock - self._began > limits.first:
            return "silent"
        return "idle" if clock - self._last > limits.idle else ""

    def _entries(self, events: list, at: int, clock: float) -> list[Entry]:
        try:
            return self._read(events, at, clock)
        except Exception:
            # What was remembered and will not be stored now must not pass for a repetition when it is sent again.
            for device in self.devices.values():
                device.recent.clear()
            raise

    def _read(self, events: list, at: int, clock: float) -> list[Entry]:
        entries: list[Entry] = []
        expected = self._common.expected
        for event in events:
            if type(event) is not Frame:
                self._bad(event, at, clock, entries)
                continue
            raw, qn, sender, time, answer = event
            device = sender.device
            if device is not self._device or sender.reason:
                if sender.reason:
                    device = self._unusual(event, at, clock, entries)
                    if device is None:
                        continue
                self._sends(device, at)
            self._good = True
            device.packets += 1
            device.last = at
            digest = hash(raw)
            if device.recent.repeats(digest):
                device.duplicates += 1
                self._common.metrics.count("frames_total", 'as="repeated"')
                entries.append(Entry(REPEATED, b"", answer, device, digest, ""))
                continue
            if device.data_time < time <= at + AHEAD:
                device.data_time = time
            if len(qn) == 17 and qn.isdigit() and (sent := self._common.frames.time(qn[:14])):
                lead = sent + int(qn[14:]) * 1000 - at
                if lead > device.drift:
                    device.drift = lead
            told = self._told(qn, sender, device) if expected or sender.tells else ""
            entries.append(_new(Entry, (Kind.FRAME, raw, answer, device, digest, told)))
        return entries

    def _told(self, qn: bytes, sender: Sender, device: Device) -> str:
        """The QN by which the database hears of a packet: it answers a command, or may do so."""
        common, text = self._common, qn.decode("utf-8", "replace")
        if text in common.expected:
            return text
        if common.strays > 0 and (sender.tells or (device.mn, sender.head.cn) in common.asked):
            common.strays -= 1
            return text or NO_QN
        return ""

    def _sends(self, device: Device, at: int) -> None:
        """Another device than before sends on this connection."""
        self._device = device
        if device.mn not in self.devices:
            self.devices[device.mn] = device
            if device.lines:
                self._common.metrics.count("several_lines_total")
            device.lines.append(self._line)
            device.peer, device.connected = self.peer, at

    def _unusual(self, frame: Frame, at: int, clock: float, entries: list[Entry]) -> Device | None:
        """A packet whose sender is not admitted: its device when it is one after all, else None."""
        head = frame.sender.head
        if not head.mn and self._device is not None:  # answers of 2005 name no device
            return self._device
        self._good = True
        common, device = self._common, frame.sender.device
        common.roster.strange(head.mn, frame.sender.reason, self.peer, at, frame.raw)
        digest = quarantined(frame.raw)
        if device.recent.repeats(digest):
            entries.append(Entry(REPEATED, b"", frame.answer, device, digest, ""))
        elif common.allowance.take(len(frame.raw), clock):
            common.metrics.count("frames_total", 'as="quarantined"')
            entries.append(Entry(Kind.QUARANTINED, frame.raw, frame.answer, device, digest, ""))
        else:
            device.recent.forget(digest)
            common.metrics.count("dropped_total", 'reason="strangers"')
        return None

    def _bad(self, event: object, at: int, clock: float, entries: list[Entry]) -> None:
        """Rejected bytes: counted, a sample kept; noise: counted."""
        common = self._common
        if not isinstance(event, Rejected):
            common.metrics.count("noise_bytes_total", by=event.size)
            return
        common.metrics.count("rejected_total", f'reason="{event.reason}"')
        if self._device is not None:
            self._device.rejected += 1
        if event.reason is Reason.NO_KEY and (mn := mn_of(event.raw)):
            common.roster.strange(mn, UNKNOWN, self.peer, at, event.raw)
        sample = event.raw[: common.limits.sample]
        if common.allowance.take(len(sample), clock):
            entries.append(Entry(Kind.REJECTED, sample, b"", None, 0, ""))
