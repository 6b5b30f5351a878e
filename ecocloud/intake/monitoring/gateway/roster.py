"""Who may send, and what became of each device since the last report. In memory; the database is behind backstage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ecocloud.intake.monitoring.gateway.backstage import Admitted, Seen, Stranger
from ecocloud.intake.monitoring.gateway.limits import Limits
from ecocloud.intake.monitoring.gateway.recent import Recent
from ecocloud.intake.monitoring.hj212.building import INTERACTION
from ecocloud.intake.monitoring.hj212.dialect import STANDARD, Dialect
from ecocloud.intake.monitoring.hj212.head import Head

UNKNOWN, PASSWORD, SYSTEM = "unknown", "password", "system"
# Of senders that are not admitted: a longer MN is none, and of a packet so many bytes are shown.
LONGEST_MN, SAMPLE = 64, 2048
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = 60_000_000
# DataTime further ahead than this says nothing of how far a device has reported (µs).
AHEAD = 15 * _MINUTE
_NEVER = -(1 << 62)


def moment(microseconds: int) -> datetime | None:
    """A time from µs since 1970 UTC; None from 0."""
    return _EPOCH + timedelta(microseconds=microseconds) if microseconds else None


def misfit(admitted: Admitted, password: str, st: str) -> str:
    """Why a packet with this PW and ST is not one of an admitted device; '' when it is."""
    if admitted.password and password != admitted.password:
        return PASSWORD
    return SYSTEM if admitted.st and st not in (admitted.st, INTERACTION, "") else ""


class Device:
    """One device. Times in µs since 1970 UTC, 0 for never; counts since the last report."""

    __slots__ = ("mn", "recent", "lines", "peer", "connected", "last", "data_time", "packets", "rejected",
                 "duplicates", "drift", "told")  # fmt: skip

    def __init__(self, mn: str, recent: int) -> None:
        self.mn = mn
        self.recent = Recent(recent)
        self.lines: list[object] = []  # open connections, the newest last
        self.peer, self.connected, self.last, self.data_time = "", 0, 0, 0
        self.packets = self.rejected = self.duplicates = 0
        # The greatest lead of its clock over ours in µs: what is late on its way only makes it smaller.
        self.drift = _NEVER
        self.told: bool | None = None  # on-line as reported

    def seen(self) -> Seen | None:
        """What to report; None when nothing changed."""
        online = bool(self.lines)
        if self.told is online and not (self.packets or self.rejected or self.duplicates):
            return None
        drift = None if self.drift == _NEVER else self.drift / 1e6
        return Seen(
            self.mn, self.peer, online, moment(self.connected), moment(self.last), moment(self.data_time),
            self.packets, self.rejected, self.duplicates, drift,
        )  # fmt: skip

    def reported(self, seen: Seen) -> None:
        """The report arrived: what came meanwhile stays."""
        self.told = seen.online
        self.packets -= seen.packets
        self.rejected -= seen.rejected
        self.duplicates -= seen.duplicates
        self.drift = _NEVER


class Roster:
    """Admitted devices, all devices met, and strangers."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._admitted: Mapping[str, Admitted] = {}
        self._devices: dict[str, Device] = {}  # admitted
        self._others: dict[str, Device] = {}  # not admitted, the oldest first
        self._strangers: dict[tuple[str, str], Stranger] = {}

    def admit(self, admitted: Mapping[str, Admitted]) -> dict[str, Dialect]:
        """The devices that may send from now on; returns the dialects of those that have one."""
        self._admitted = admitted
        for mn in [mn for mn in self._devices if admitted.get(mn) is None]:
            self._others[mn] = self._devices.pop(mn)
        for mn in [mn for mn in self._others if admitted.get(mn) is not None]:
            self._devices[mn] = self._others.pop(mn)
        for mn in admitted:
            self.device(mn)
        own = {
            mn: replace(one.dialect, keys=(one.key, *one.dialect.keys)) if one.key else one.dialect
            for mn, one in admitted.items()
        }
        return {mn: dialect for mn, dialect in own.items() if dialect != STANDARD}

    def verdict(self, head: Head) -> str:
        """'' when the sender of a head is admitted, else why not."""
        known = self._admitted.get(head.mn)
        return UNKNOWN if known is None else misfit(known, head.pw, head.st)

    def device(self, mn: str) -> Device:
        """The device of an MN, admitted or not; of the others the one met longest ago is forgotten for a new one."""
        found = self._devices.get(mn) or self._others.get(mn)
        if found is None:
            found = Device(mn, self._limits.recent)
            if self._admitted.get(mn) is not None:
                self._devices[mn] = found
            else:
                if len(self._others) >= self._limits.devices:
                    del self._others[next(iter(self._others))]
                self._others[mn] = found
        return found

    def strange(self, mn: str, reason: str, peer: str, at: int, sample: bytes) -> None:
        """A packet of a device that is not admitted. Senders choose their names: what is kept of each is bounded."""
        now, mn = moment(at) or _EPOCH, mn[:LONGEST_MN]
        known = self._strangers.get((mn, reason))
        if known is not None:
            self._strangers[mn, reason] = replace(known, peer=peer, last=now, packets=known.packets + 1)
        elif len(self._strangers) < self._limits.devices:
            self._strangers[mn, reason] = Stranger(mn, reason, peer, now, now, 1, sample[:SAMPLE])

    def online(self) -> dict[str, Device]:
        """Admitted devices with an open connection."""
        return {mn: device for mn, device in self._devices.items() if device.lines}

    def report(self) -> tuple[list[Seen], list[Stranger]]:
        """What is to be reported."""
        seen = [one for device in self._devices.values() if (one := device.seen()) is not None]
        return seen, list(self._strangers.values())

    def reported(self, seen: list[Seen], strangers: list[Stranger]) -> None:
        """The report arrived."""
        for one in seen:
            if one.mn in self._devices:
                self._devices[one.mn].reported(one)
        for stranger in strangers:
            key = (stranger.mn, stranger.reason)
            now = self._strangers.get(key)
            if now is not None and now.packets == stranger.packets:
                del self._strangers[key]
            elif now is not None:
                self._strangers[key] = replace(now, packets=now.packets - stranger.packets)
