"""Compaction: many small fresh files become few settled ones, in which each key stands once.

Every few minutes, the fresh files of a partition are put together with those settled ones that are not much larger, so
that a row is rewritten a few times in its life, not each time. At night a partition whose period is over becomes one
file. The work goes device by device in bounded memory and is exchanged in one manifest: a reader sees all or nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pyarrow as pa

from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.files import Target, groups, of_devices
from ecocloud.intake.monitoring.lake.manifest import File, Manifest, Store
from ecocloud.intake.monitoring.lake.problems import Damaged
from ecocloud.intake.monitoring.lake.schema import Partition
from ecocloud.intake.monitoring.lake.settle import settle

log = logging.getLogger(__name__)
CHUNK_ROWS = 1_500_000
_TIER = 4  # a settled file up to so many times the fresh rows is taken along
_QUIET = timedelta(hours=2)  # how long after its period a partition is made one file


class Compactor:
    """Compacts a lake. Hold ``store.lock("compact")`` while using it. chunk_rows: rows in memory at once."""

    def __init__(self, store: Store, chunk_rows: int = CHUNK_ROWS) -> None:
        self._store, self._chunk = store, chunk_rows

    def run(self, now: datetime, *, finish: bool = False, whole: bool = False) -> int:
        """Compact every partition that needs it; returns how many files were exchanged for others.

        finish: partitions whose period is over become one file each. whole: all partitions do. A partition with a
        damaged file stays as it is; the others are compacted all the same, then :class:`Damaged` is raised.
        """
        count, damage = 0, None
        for partition, files in sorted(self._store.newest().partitions().items()):
            chosen = chosen_files(files, whole or (finish and is_over(partition, now)))
            try:
                if chosen:
                    self._exchange(partition, chosen)
                    count += len(chosen)
            except Damaged as error:
                log.error("not compacted: %s", error)
                damage = damage or error
        if damage is not None:
            raise damage
        return count

    def _exchange(self, partition: Partition, old: list[File]) -> None:
        """Write the settled files and exchange them for the old ones."""
        current = Target(self._store, partition, "current")
        superseded = Target(self._store, partition, "superseded")
        try:
            new, dropped = self._settled(old, current, superseded)
        except BaseException:
            current.abandon()
            superseded.abandon()
            raise
        names = {file.name for file in old}

        def change(manifest: Manifest) -> Manifest:
            return manifest.exchanged(names, new, dropped)

        self._store.commit(change)
        log.info("compacted %s: %d files to %d, %d rows dropped", "/".join(partition), len(old), len(new), dropped)

    def _settled(self, old: list[File], current: Target, superseded: Target) -> tuple[list[File], int]:
        """The finished files with the rows of old ones, settled, and how many rows were dropped."""
        dropped, new = 0, []
        for devices in self._chunks(old):
            settled = settle(loaded(self._store, old, devices))
            current.write(settled.current)
            superseded.write(settled.superseded)
            dropped += settled.dropped
        for target in (current, superseded):
            if target.rows:
                new.append(target.close())
            else:
                target.abandon()
        return new, dropped

    def _chunks(self, files: Sequence[File]) -> Iterator[list[str]]:
        """Devices in order, as many at a time as fit into memory."""
        rows = devices_of(self._store, files)
        chunk: list[str] = []
        size = 0
        for device in sorted(rows):
            if chunk and size + rows[device] > self._chunk:
                yield chunk
                chunk, size = [], 0
            chunk.append(device)
            size += rows[device]
        if chunk:
            yield chunk


def is_over(partition: Partition, now: datetime) -> bool:
    """Whether the period of a partition ended a while ago."""
    return partition.period < schema.partition_of(partition.interval, now - _QUIET).period


def chosen_files(files: Sequence[File], whole: bool) -> list[File]:
    """The files of a partition to be put together now; none when that would change nothing.

    With settled files always come the superseded rows of the same times: they decide what is a repetition.
    """
    fresh = [file for file in files if file.kind == "fresh"]
    settled = [file for file in files if file.kind == "current"]
    if whole:
        return list(files) if fresh or len(settled) > 1 else []
    if not fresh:
        return []
    chosen, rows = list(fresh), sum(file.rows for file in fresh)
    for file in sorted(settled, key=lambda one: one.rows):
        if file.rows > _TIER * rows:
            break
        chosen.append(file)
        rows += file.rows
    first, last = min(file.first for file in chosen), max(file.last for file in chosen)
    older = [one for one in files if one.kind == "superseded" and one.first <= last and one.last >= first]
    return chosen + older


def devices_of(store: Store, files: Sequence[File]) -> Counter[str]:
    """Rows of each device in some files."""
    rows: Counter[str] = Counter()
    for file in files:
        for group in groups(store, file, ["mn"]):
            for one in group["mn"].value_counts():
                rows[one["values"].as_py()] += one["counts"].as_py()
    return rows


def loaded(store: Store, files: Sequence[File], devices: Sequence[str]) -> pa.Table:
    """All rows of some devices (in order) in some files."""
    low, high = devices[0], devices[-1]
    tables = [
        of_devices(group, devices)
        for file in files
        if file.low <= high and file.high >= low
        for group in groups(store, file, wanted=lambda least, most: least <= high and most >= low)
    ]
    return pa.concat_tables(tables) if tables else schema.SCHEMA.empty_table()
