"""Simulated devices on the line: each connects, reports what falls due, answers commands, comes back when cut off."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ecocloud.intake.monitoring.hj212.decoder import Decoder, Packet
from ecocloud.intake.monitoring.hj212.dialect import Dialect
from ecocloud.intake.monitoring.simulator.device import HOURS, MINUTES, WRONG, Faults, Simulated, SimulatedDevice

# Seconds until a device whose connection broke tries again, at most.
_RETRY = 5.0
# Records that a device holds back when it is late.
_MOST_LATE = 20


@dataclass
class Counts:
    """What all devices together sent and heard."""

    packets: int = 0
    acknowledged: int = 0
    commands: int = 0
    broken: int = 0


class Simulation:
    """Runs devices against one gateway.

    backfill: of so many hours before the start hourly and ten-minute records are sent first. tick: seconds between
    looks at the clock.
    """

    def __init__(
        self, devices: Sequence[Simulated], host: str, port: int, *, faults: dict[str, float] | None = None,
        backfill: float = 0.0, seed: int = 0, tick: float = 0.5,
    ) -> None:  # fmt: skip
        self.counts = Counts()
        self._devices, self._host, self._port = devices, host, port
        self._shares, self._backfill, self._seed, self._tick = faults or {}, backfill, seed, tick

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for number, given in enumerate(self._devices):
                group.create_task(self._device(given, self._seed * 1_000_003 + number))

    async def _device(self, given: Simulated, seed: int) -> None:
        chance, faults = random.Random(seed), Faults(self._shares, seed)
        device = SimulatedDevice(given, WRONG if faults.happens("clock") else 0.0)
        if faults.happens("silent"):
            return
        await asyncio.sleep(chance.random() * min(1.0, given.interval))
        reported = _now()
        first, late = True, []
        while True:
            with contextlib.suppress(OSError, ConnectionError):
                reader, writer = await asyncio.open_connection(self._host, self._port)
                listening = asyncio.create_task(self._listen(device, reader, writer))
                try:
                    if first:
                        await self._send_before(device, writer, reported)
                        first = False
                    while not listening.done():
                        now = _now()
                        for cn, at in device.due(reported, now):
                            late.append((cn, at))
                        reported = now
                        if not (faults.happens("late") and len(late) < _MOST_LATE):
                            while late:
                                await self._send(device, writer, *late.pop(0), faults)
                        await asyncio.sleep(self._tick)
                finally:
                    listening.cancel()
                    writer.close()
            self.counts.broken += 1
            await asyncio.sleep(chance.uniform(0.2, _RETRY) if self._tick >= 0.5 else self._tick)

    async def _send(
        self, device: SimulatedDevice, writer: asyncio.StreamWriter, cn: str, at: datetime, faults: Faults
    ) -> None:
        for packet in device.record(cn, at, _now()):
            pieces, breaks = faults.bent(packet)
            writer.write(b"".join(pieces))
            self.counts.packets += 1
            await writer.drain()
            if breaks:
                raise ConnectionError("cut on purpose")

    async def _send_before(self, device: SimulatedDevice, writer: asyncio.StreamWriter, now: datetime) -> None:
        begin = now - timedelta(hours=self._backfill)
        for cn in (HOURS, MINUTES) if self._backfill else ():
            for at in (at for name, at in device.due(begin, now) if name == cn):
                for packet in device.record(cn, at, _now(), again=True):
                    writer.write(packet)
                    self.counts.packets += 1
                await writer.drain()

    async def _listen(
        self, device: SimulatedDevice, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        keys = (device.given.key,) if device.given.key else ()
        decoder = Decoder(Dialect(keys=keys))
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                for event in decoder.feed(data):
                    if not isinstance(event, Packet):
                        continue
                    if event.head.cn in ("9013", "9014"):
                        self.counts.acknowledged += 1
                        continue
                    self.counts.commands += 1
                    for packet in device.answers(event, _now()):
                        writer.write(packet)
                        self.counts.packets += 1
                    await writer.drain()


def _now() -> datetime:
    return datetime.now(UTC)
