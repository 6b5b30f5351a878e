"""Parquet files of the lake: how they are laid out, written durably, and read row group by row group."""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.manifest import File, FileKind, Store, sync_folder
from ecocloud.intake.monitoring.lake.problems import Damaged
from ecocloud.intake.monitoring.lake.schema import Partition

# Rows of a group: large, so that a month of daily files has few groups to look at; a group is what a reader skips by.
GROUP = 131_072
_DELTA = ("time", "version", "sequence")
# Measured values repeat; a fresh file lives for an hour and is written in haste.
_SETTLED_WORDS = [*schema.WORDS, *schema.NUMBER_COLUMNS, "decimals", "text", "more", "sample_time"]
_FRESH_WORDS = [*schema.WORDS, "decimals"]


class Target:
    """A file being written. It has a name of its own from the beginning and counts once a manifest names it."""

    def __init__(self, store: Store, partition: Partition, kind: FileKind) -> None:
        self._store, self.partition, self.kind = store, partition, kind
        self.name = f"{partition.interval}/{partition.period}/{kind}-{uuid.uuid4().hex}.parquet"
        self._path = store.data / self.name
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = kind == "fresh"
        self._writer = pq.ParquetWriter(
            self._path, schema.SCHEMA, compression="zstd", compression_level=1 if fresh else 3,
            use_dictionary=_FRESH_WORDS if fresh else _SETTLED_WORDS,
            column_encoding=dict.fromkeys(_DELTA, "DELTA_BINARY_PACKED"),
            write_statistics=["mn", "factor", "time", "cn"], store_schema=True,
        )  # fmt: skip
        self.rows = 0
        self._first, self._last, self._low, self._high = [], [], [], []

    def write(self, rows: pa.Table) -> None:
        """Rows in the order of the file."""
        if not rows.num_rows:
            return
        self._writer.write_table(rows, row_group_size=GROUP)
        self.rows += rows.num_rows
        times = pc.coalesce(rows["time"], rows["version"]).cast(pa.int64())
        bounds = pc.min_max(times)
        self._first.append(bounds["min"].as_py())
        self._last.append(bounds["max"].as_py())
        devices = words_in(rows["mn"])
        self._low.append(devices[0])
        self._high.append(devices[-1])

    def close(self) -> File:
        """The finished file, durable."""
        self._writer.close()
        handle = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        for folder in (self._path.parent, self._path.parent.parent, self._store.data):
            sync_folder(folder)
        return File(
            self.name, *self.partition, self.kind, self.rows, self._path.stat().st_size, digest(self._path),
            min(self._first), max(self._last), min(self._low), max(self._high),
        )  # fmt: skip

    def abandon(self) -> None:
        """Leave no trace of a file that no manifest will name: without rows, or broken off, as by a full disk."""
        with contextlib.suppress(OSError, pa.ArrowException):  # its last bytes may not go onto the disk either
            self._writer.close()
        self._path.unlink(missing_ok=True)


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def words_in(column: pa.ChunkedArray) -> list[str]:
    """The words that a column holds, in order."""
    found: set[str] = set()
    for chunk in column.chunks:
        used = np.unique(chunk.indices.drop_null().to_numpy())
        found.update(chunk.dictionary.take(pa.array(used)).to_pylist())
    return sorted(found)


def opened(store: Store, file: File, words: Iterable[str] = schema.WORDS) -> pq.ParquetFile:
    """A file for reading, its words kept as words. Raises :class:`Damaged` when it is not there or no Parquet file."""
    with _readable(file):
        return pq.ParquetFile(store.data / file.name, read_dictionary=list(words), pre_buffer=False)


@contextlib.contextmanager
def _readable(file: File) -> Iterator[None]:
    """Whatever goes wrong with reading a file is damage to it."""
    try:
        yield
    except (OSError, pa.ArrowInvalid) as error:
        raise Damaged(
            "数据文件读不出来。", f"{file.name}: {error}", where={"文件": file.name},
            remedy_zh="请运行 ecocloud lake check，必要时用 ecocloud lake replay 重建。",
        ) from error  # fmt: skip


def groups(
    store: Store,
    file: File,
    columns: Sequence[str] | None = None,
    wanted: Callable[[str, str], bool] | None = None,
    instead: tuple[str, str] | None = None,
) -> Iterator[pa.Table]:
    """Row groups of a file, one at a time; ``wanted(least MN, greatest MN)`` says which.

    instead: where the first column has gaps, the second is read as well.
    """
    names = schema.SCHEMA.names if columns is None else list(columns)
    source = opened(store, file, [name for name in names if name in schema.WORDS])
    place = schema.SCHEMA.names.index("mn")
    for number in range(source.num_row_groups):
        if wanted is not None:
            bounds = source.metadata.row_group(number).column(place).statistics
            if bounds is not None and not wanted(bounds.min, bounds.max):
                continue
        with _readable(file):
            group = source.read_row_group(number, columns=names, use_threads=False)
            if instead is not None and group[instead[0]].null_count:
                other = source.read_row_group(number, columns=[instead[1]], use_threads=False)
                group = group.append_column(instead[1], other[instead[1]])
        yield group


def of_devices(table: pa.Table, devices: Sequence[str], keep: bool = True) -> pa.Table:
    """The rows of some devices, or of all others."""
    column = table["mn"].combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries().chunk(0)
    known = set(devices)
    chosen = np.array([(word in known) == keep for word in column.dictionary.to_pylist()], np.bool_)
    mask = chosen[column.indices.to_numpy()]
    return table if mask.all() else table.filter(pa.array(mask))
