"""Raw journals into the lake: blocks of records are decoded, laid out as rows, written as fresh files and committed.

One commit takes a batch of each raw journal: its files and the sequence numbers to go on with stand in the same
manifest. A process that dies before the commit leaves files that nobody names; the next one reads the same records
again. Packets that were quarantined are passed by, and taken in once their device is admitted.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from ecocloud.intake.monitoring.gateway.backstage import Admitted
from ecocloud.intake.monitoring.gateway.roster import LONGEST_MN, misfit
from ecocloud.intake.monitoring.hj212.bulk import Bulk, Columns
from ecocloud.intake.monitoring.hj212.dialect import STANDARD, Dialect
from ecocloud.intake.monitoring.hj212.head import mn_of
from ecocloud.intake.monitoring.lake import given
from ecocloud.intake.monitoring.lake.files import Target
from ecocloud.intake.monitoring.lake.manifest import File, Manifest, Store, Taken, Waiting
from ecocloud.intake.monitoring.lake.pivot import Limits, Origin, rows_of
from ecocloud.intake.monitoring.lake.schema import DAY, Partition
from ecocloud.intake.monitoring.raw import Block, Damaged, Kind, Reader

log = logging.getLogger(__name__)
MINUTE = 60_000_000
# A device's clock may be ahead by so much; a value that is older than so much comes of a clock that was set back.
# Values of files may have any age.
LIMITS = Limits(ahead=15 * MINUTE, oldest=5 * 365 * DAY)
OF_FILES = Limits(ahead=15 * MINUTE, oldest=0)
BATCH_BYTES = 48 << 20
MOST_WAITING = 10_000  # devices whose quarantined packets are remembered; strangers choose their names
_PW = re.compile(rb"PW=([^;,&\r\n]{0,64})")
_ST = re.compile(rb"ST=([^;,&\r\n]{0,16})")
_Parts = Iterable[tuple[Partition, pa.Table]]
AdmittedNow = Callable[[], Mapping[str, Admitted]]
Newest = Callable[[list[tuple[Partition, pa.Table]]], None]
Dialects = Callable[[], Mapping[str, Dialect]]


class _Records(NamedTuple):
    """Records of one raw journal: their bytes lie at starts and ends of data."""

    gateway: str
    data: bytes
    starts: np.ndarray
    ends: np.ndarray
    received: np.ndarray
    sequence: np.ndarray
    kinds: np.ndarray

    def some(self, mask: np.ndarray) -> _Records:
        """Those of a mask."""
        columns = (self.starts, self.ends, self.received, self.sequence, self.kinds)
        return _Records(self.gateway, self.data, *(column[mask] for column in columns))

    def each(self) -> Iterator[bytes]:
        """The bytes of each."""
        for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True):
            yield self.data[start:end]

    @property
    def origin(self) -> Origin:
        """Where the rows come from."""
        return Origin(self.gateway, self.received, self.sequence)


@dataclass
class _Batch:
    """What one commit brings."""

    taken: dict[str, Taken] = field(default_factory=dict)
    waiting: dict[str, dict[str, Waiting]] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    parts: list[tuple[Partition, pa.Table]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows of all parts."""
        return sum(table.num_rows for _partition, table in self.parts)


class Ingester:
    """Takes raw journals into a lake. Hold ``store.lock("ingest")`` while using it.

    admitted: the devices with their dialects. dialects: of devices that are not admitted any more, whose packets of
    before are still to be read. newest: is told the rows of every batch before it is committed; when it
    fails, nothing is committed and the batch comes again.
    """

    def __init__(
        self,
        store: Store,
        raw: Path,
        admitted: AdmittedNow,
        newest: Newest | None = None,
        dialects: Dialects = dict,
        batch_bytes: int = BATCH_BYTES,
    ) -> None:
        self._store, self._reader, self._admitted, self._newest = store, Reader(raw), admitted, newest
        self._dialects = dialects
        self._batch_bytes, self._turn = batch_bytes, -1
        self._bulks: dict[Dialect, Bulk] = {}

    def drain(self) -> int:
        """Take in all there is; returns the rows."""
        total, more = 0, True
        while more:
            rows, more = self.step()
            total += rows
        return total

    def step(self) -> tuple[int, bool]:
        """Take in one batch of the raw journals; returns the rows, and whether anything came."""
        before, devices, batch = self._store.newest(), self._admitted(), _Batch()
        room, gateways = self._batch_bytes, self._reader.gateways()
        self._turn += 1  # each gateway is the first one in turn: one that sends much leaves the others no room
        for place in range(len(gateways)):
            gateway = gateways[(self._turn + place) % len(gateways)]
            if room > 0:
                room -= self._take(gateway, before.taken.get(gateway, Taken()), devices, batch, room)
        room = self._batch_bytes
        for mn, lies in before.waiting.items():
            if mn in devices and room > 0:
                room -= self._admit(devices[mn], lies, batch)
        if not batch.taken and not batch.done:
            return 0, False
        if self._newest is not None and batch.parts:
            self._newest(batch.parts)
        files = self._write(batch.parts)
        self._store.commit(lambda manifest: _with(manifest, batch, files))
        return batch.rows, True

    def counted(self, manifest: Manifest) -> dict[str, Taken]:
        """What the raw journals give up to where a manifest has them taken in, counted anew; nothing is written."""
        devices, found = self._admitted(), {}
        for gateway, taken in manifest.taken.items():
            now = Taken()
            while now.sequence < taken.sequence:
                batch = _Batch()
                self._take(gateway, now, devices, batch, self._batch_bytes, taken.sequence)
                if gateway not in batch.taken:
                    break
                now = batch.taken[gateway]
            found[gateway] = now
        return found

    def _take(
        self, gateway: str, taken: Taken, devices: Mapping[str, Admitted], batch: _Batch, room: int,
        until: int | None = None,
    ) -> int:  # fmt: skip
        """Some ``room`` bytes of one raw journal from where the last batch ended, not beyond ``until``; returns how
        many bytes were read.
        """
        blocks, following = self._blocks(gateway, taken.sequence, room, until)
        if following == taken.sequence:
            return 0
        records = _joined(gateway, blocks)
        before = batch.rows
        refused = self._frames(records.some(records.kinds == Kind.FRAME), devices, batch)
        refused += _given(records.some(records.kinds == Kind.ROWS), batch)
        strange = records.some(records.kinds == Kind.QUARANTINED)
        packets = int(np.isin(records.kinds, (Kind.FRAME, Kind.ROWS)).sum())
        packets += self._strange(strange, devices, batch)
        batch.taken[gateway] = Taken(
            following, taken.packets + packets, taken.rows + batch.rows - before, taken.refused + refused
        )
        return len(records.data)

    def _blocks(self, gateway: str, sequence: int, room: int, until: int | None = None) -> tuple[list[Block], int]:
        """Blocks up to some size and the sequence number behind them. Records that are damaged are passed by: what lies
        behind them must not wait for a person; ``lake check`` names the place.
        """
        blocks: list[Block] = []
        size, following = 0, sequence
        try:
            for block in self._reader.blocks(gateway, sequence):
                if until is not None and block.first >= until:
                    following = until
                    break
                blocks.append(block)
                size, following = size + len(block.data), block.following
                if size >= room:
                    break
        except Damaged as error:
            if blocks or error.following is None:
                log.error("raw journal damaged: %s", error)
                return blocks, following
            log.error("raw journal damaged, going on at %d: %s", error.following, error)
            return [], error.following
        return blocks, following

    def _frames(self, records: _Records, devices: Mapping[str, Admitted], batch: _Batch) -> int:
        """Packets by the standard, those of peculiar devices by their dialect; returns how many were refused."""
        if not len(records.starts):
            return 0
        known = {**self._dialects(), **dict(map(_dialect, devices.values()))}
        peculiar = {mn: dialect for mn, dialect in known.items() if dialect != STANDARD}
        columns, refused = self._decoded(records, STANDARD), 0
        dialects = _peculiar(records, columns, peculiar) if peculiar else {}
        for dialect in set(dialects.values()):
            mask = np.zeros(len(records.starts), np.bool_)
            mask[[place for place, one in dialects.items() if one == dialect]] = True
            columns.accepted[mask] = False
            some = records.some(mask)
            again = self._decoded(some, dialect)
            refused += int((~again.accepted).sum())
            batch.parts += rows_of(again, some.origin, LIMITS)
        batch.parts += rows_of(columns, records.origin, LIMITS)
        return refused + int((~columns.accepted).sum()) - len(dialects)

    def _decoded(self, records: _Records, dialect: Dialect) -> Columns:
        bulk = self._bulks.setdefault(dialect, Bulk(dialect))
        return bulk.decode(records.data, records.starts, records.ends)

    def _strange(self, records: _Records, devices: Mapping[str, Admitted], batch: _Batch) -> int:
        """Quarantined packets: those of devices admitted by now are taken in, of others it is noted where they lie.

        Those that an admitted device did not send (another password or system) are passed by for good.
        """
        if not len(records.starts):
            return 0
        now = np.zeros(len(records.starts), np.bool_)
        for place, raw in enumerate(records.each()):
            mn = mn_of(raw)
            if mn in devices:
                now[place] = _is_from(raw, devices[mn])
            elif 0 < len(mn) <= LONGEST_MN:
                sequence = int(records.sequence[place])
                lies = batch.waiting.setdefault(mn, {})
                lies[records.gateway] = _joined_waiting(lies.get(records.gateway), Waiting(sequence, sequence, 1))
        if now.any():
            self._frames(records.some(now), devices, batch)
        return int(now.sum())

    def _admit(self, device: Admitted, lies: Mapping[str, Waiting], batch: _Batch) -> int:
        """Take in the quarantined packets of a device that was admitted since, of each raw journal a batch; the rest
        goes on waiting. They lie among those of all devices, over months perhaps. Returns how many bytes were read.
        """
        size, rest = 0, {}
        for gateway, waiting in lies.items():
            blocks, following = self._blocks(gateway, waiting.first, self._batch_bytes, waiting.last + 1)
            size += sum(len(block.data) for block in blocks)
            records = _joined(gateway, blocks)
            records = records.some((records.kinds == Kind.QUARANTINED) & (records.sequence <= waiting.last))
            records = records.some(np.array([mn_of(raw) == device.mn for raw in records.each()], np.bool_))
            if following <= waiting.last:
                rest[gateway] = Waiting(following, waiting.last, waiting.packets - len(records.starts))
            if following == waiting.first:
                continue
            batch.done.add(device.mn)
            records = records.some(np.array([_is_from(raw, device) for raw in records.each()], np.bool_))
            before = batch.rows
            self._frames(records, {device.mn: device}, batch)
            known = batch.taken.get(gateway) or self._store.newest().taken.get(gateway, Taken())
            batch.taken[gateway] = replace(
                known, packets=known.packets + len(records.starts), rows=known.rows + batch.rows - before
            )
        if device.mn in batch.done and rest:
            batch.waiting[device.mn] = rest
        return size

    def _write(self, parts: _Parts) -> list[File]:
        """One fresh file for each part, or none at all."""
        files, targets = [], []
        try:
            for partition, rows in parts:
                targets.append(Target(self._store, partition, "fresh"))
                targets[-1].write(rows)
                files.append(targets[-1].close())
        except BaseException:
            for target in targets:
                target.abandon()
            raise
        return files


def _with(manifest: Manifest, batch: _Batch, files: list[File]) -> Manifest:
    """The manifest with what a batch brings."""
    waiting = {mn: dict(lies) for mn, lies in manifest.waiting.items() if mn not in batch.done}
    for mn, lies in batch.waiting.items():
        if mn not in waiting and len(waiting) >= MOST_WAITING:
            log.warning("too many devices wait for admission; %s is not remembered (lake replay finds it)", mn)
            continue
        known = waiting.setdefault(mn, {})
        for gateway, one in lies.items():
            known[gateway] = _joined_waiting(known.get(gateway), one)
    return replace(manifest, files=(*manifest.files, *files), taken={**manifest.taken, **batch.taken}, waiting=waiting)


def _joined_waiting(one: Waiting | None, other: Waiting) -> Waiting:
    if one is None:
        return other
    return Waiting(min(one.first, other.first), max(one.last, other.last), one.packets + other.packets)


def _joined(gateway: str, blocks: list[Block]) -> _Records:
    """The records of blocks one after another."""
    if not blocks:
        none = np.zeros(0, np.int64)
        return _Records(gateway, b"", none, none, none, none, none)
    sizes = np.array([len(block.data) for block in blocks], np.int64)
    shifts = np.cumsum(sizes) - sizes
    return _Records(
        gateway,
        b"".join(block.data for block in blocks) if len(blocks) > 1 else blocks[0].data,
        np.concatenate([block.starts + shift for block, shift in zip(blocks, shifts, strict=True)]),
        np.concatenate([block.ends + shift for block, shift in zip(blocks, shifts, strict=True)]),
        np.concatenate([block.times for block in blocks]),
        np.concatenate([np.arange(block.first, block.following) for block in blocks]),
        np.concatenate([block.kinds for block in blocks]),
    )


def _given(records: _Records, batch: _Batch) -> int:
    """Values of files and of the API; returns how many records are none."""
    if not len(records.starts):
        return 0
    found = [given.read(raw) for raw in records.each()]
    good = np.array([one is not None for one in found], np.bool_)
    columns = given.columns_of([one for one in found if one is not None])
    batch.parts += rows_of(columns, records.some(good).origin, OF_FILES)
    return int((~good).sum())


def _dialect(device: Admitted) -> tuple[str, Dialect]:
    dialect = device.dialect
    if device.key and device.key not in dialect.keys:
        dialect = replace(dialect, keys=(device.key, *dialect.keys))
    return device.mn, dialect


def _peculiar(records: _Records, columns: Columns, peculiar: Mapping[str, Dialect]) -> dict[int, Dialect]:
    """Which packets are to be read by which dialect; of those refused the MN is looked for in their bytes."""
    found: dict[int, Dialect] = {}
    special = np.array([*(head.mn in peculiar for head in columns.heads), False])
    for place in np.flatnonzero(special[columns.head]).tolist():
        found[place] = peculiar[columns.heads[columns.head[place]].mn]
    for place in np.flatnonzero(~columns.accepted).tolist():
        mn = mn_of(records.data[records.starts[place] : records.ends[place]])
        if mn in peculiar:
            found[place] = peculiar[mn]
    return found


def _said(name: re.Pattern[bytes], raw: bytes) -> str:
    """A head field of a packet that need not be whole."""
    match = name.search(raw)
    return match[1].decode("utf-8", "replace").strip() if match else ""


def _is_from(raw: bytes, device: Admitted) -> bool:
    """Whether a quarantined packet fits what its device was admitted with."""
    return not misfit(device, _said(_PW, raw), _said(_ST, raw))
