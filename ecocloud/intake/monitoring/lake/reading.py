"""Questions to the lake. A :class:`Snapshot` keeps to one manifest, so that it never sees half of a change.

Files of a partition whose times do not overlap need no look at each other: a settled one is read as it is, by DuckDB
where few rows are wanted, row group by row group where all are. Only files that overlap are settled while reading.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.compact import devices_of, loaded
from ecocloud.intake.monitoring.lake.duck import Duck
from ecocloud.intake.monitoring.lake.files import groups, of_devices
from ecocloud.intake.monitoring.lake.manifest import File, Manifest, Store
from ecocloud.intake.monitoring.lake.problems import TooSlow
from ecocloud.intake.monitoring.lake.settle import settle

SECONDS = 10.0
# Flags of values that count in means: normal, or none sent (HJ 212-2017 table 5).
NORMAL = ("N", "")
SERIES = ("mn", "factor", "time", "rtd", "avg", "min", "max", "cou", "flag")
_SETTLED_AT_ONCE = 1_500_000


@dataclass(frozen=True)
class Wanted:
    """Which rows: an interval, moments from ``first`` to before ``last`` (those without a believed time: of their
    receipt), and devices and factors (None: all).
    """

    interval: str
    first: datetime
    last: datetime
    devices: tuple[str, ...] | None = None
    factors: tuple[str, ...] | None = None


class Cluster(NamedTuple):
    """Files of a partition whose times overlap. straight: one settled file that is read as it is."""

    files: tuple[File, ...]
    straight: bool


class Limit:
    """How long a question may take, in seconds; None: as long as it takes."""

    def __init__(self, seconds: float | None) -> None:
        self.until = None if seconds is None else time.monotonic() + seconds

    @property
    def left(self) -> float | None:
        """Seconds left."""
        return None if self.until is None else self.until - time.monotonic()

    def check(self) -> None:
        """Raises :class:`TooSlow` when the time is over."""
        if self.until is not None and time.monotonic() > self.until:
            raise _too_slow()


def _too_slow() -> TooSlow:
    return TooSlow(
        "查询超过了时间限制。", "the question took too long",
        remedy_zh="请缩小时间范围、站点或因子，或用 ecocloud lake export 在后台导出。",
    )  # fmt: skip


class Readable(Protocol):
    """What current rows are asked of."""

    def current(self, wanted: Wanted, columns: Sequence[str] = SERIES) -> pa.Table:
        """The rows wanted that count."""
        ...


class Snapshot:
    """The lake as one manifest has it. seconds: the limit of each question."""

    def __init__(self, store: Store, manifest: Manifest | None = None, seconds: float | None = SECONDS) -> None:
        self._store, self._seconds = store, seconds
        self.manifest = store.newest() if manifest is None else manifest

    def current(self, wanted: Wanted, columns: Sequence[str] = SERIES) -> pa.Table:
        """The current rows wanted, period by period, in each in the order (mn, factor, time) unless files overlap."""
        limit = Limit(self._seconds)
        clusters = self._clusters(wanted)
        straight = [cluster.files[0] for cluster in clusters if cluster.straight]
        tables = [_selected(self._store, straight, wanted, columns, limit)] if straight else []
        for cluster in clusters:
            if not cluster.straight:
                tables += [table.select(columns) for table in self._settled(cluster, wanted, limit)]
        return _joined([table for table in tables if table.num_rows], columns)

    def pieces(self, wanted: Wanted) -> Iterator[pa.Table]:
        """The current rows wanted with all columns, a bounded number at a time, period by period."""
        limit = Limit(self._seconds)
        for cluster in self._clusters(wanted):
            if cluster.straight:
                yield from (_of(group, wanted) for group in self._groups(cluster.files[0], wanted, limit))
            else:
                yield from self._settled(cluster, wanted, limit)

    def versions(self, wanted: Wanted) -> pa.Table:
        """Every version of the rows wanted, repetitions left out, by (mn, factor, time, version)."""
        limit, tables = Limit(self._seconds), []
        for files in self._partitions(wanted).values():
            for rows in self._rows(files, wanted, limit):
                settled = settle(rows)
                tables += [settled.current, settled.superseded]
        keys = [(name, "ascending") for name in ("mn", "factor", "time", "st", "cn", "version", "gateway", "sequence")]
        rows = _joined(tables, schema.SCHEMA.names).unify_dictionaries()
        return rows.take(pc.sort_indices(_plain(rows.select([name for name, _way in keys])), keys))

    def as_it_stood(self, moment: datetime) -> Readable:
        """The rows that counted at a moment: what came later is left out."""
        return _Then(self, moment)

    def station_month(self, mn: str, interval: str, year: int, month: int, factors: Sequence[str] = ()) -> pa.Table:
        """The current values of a station in a month of Beijing time: factor, time, value, flag and the columns it
        is made of; all factors unless some are named.
        """
        first, _next = schema.day_bounds(date(year, month, 1))
        last, _next = schema.day_bounds(date(year + month // 12, month % 12 + 1, 1))
        wanted = Wanted(interval, first, last, (mn,), tuple(factors) or None)
        one, other = value_columns(interval)
        rows = self.current(wanted, ("factor", "time", one, other, "flag"))
        return rows.append_column("value", pc.coalesce(rows[one], rows[other]))

    def day_means(self, interval: str, day: date, flags: Sequence[str] = NORMAL) -> pa.Table:
        """Of each station and factor: mean, least and greatest value of a day of Beijing time and how many values;
        those with other flags left out. Columns mn, factor, mean, least, most, count.
        """
        wanted, limit = Wanted(interval, *schema.day_bounds(day)), Limit(self._seconds)
        found = []
        one, other = value_columns(interval)
        columns = ("mn", "factor", one, "flag") + (("time",) if interval not in schema.DAILY else ())
        for cluster in self._clusters(wanted):
            if cluster.straight:
                tables = groups(self._store, cluster.files[0], columns, instead=(one, other))
            else:
                tables = self._settled(cluster, wanted, limit)
            for table in tables:
                limit.check()
                if "time" in columns:
                    table = table.filter(_moments(wanted))
                found.append(_sums(table, (one, other), flags))
        if not found:
            found = [_sums(schema.SCHEMA.empty_table(), (one, other), flags)]
        sums = pa.concat_tables(found).unify_dictionaries()
        totals = sums.group_by(["mn", "factor"], use_threads=False).aggregate(
            [("sum", "sum"), ("count", "sum"), ("least", "min"), ("most", "max")]
        )
        totals = totals.filter(pc.field("count_sum") > 0)
        mean = pc.divide(totals["sum_sum"], totals["count_sum"].cast(pa.float64()))
        return pa.table(
            [totals["mn"], totals["factor"], mean, totals["least_min"], totals["most_max"], totals["count_sum"]],
            names=["mn", "factor", "mean", "least", "most", "count"],
        )

    def _partitions(self, wanted: Wanted) -> dict[Any, list[File]]:
        first, last = schema.periods(wanted.interval, wanted.first, wanted.last - schema.MICROSECOND)
        found: dict[Any, list[File]] = {}
        for file in self.manifest.files:
            if file.interval == wanted.interval and first <= file.period <= last and _may_hold(file, wanted):
                found.setdefault(file.partition, []).append(file)
        return dict(sorted(found.items()))

    def _clusters(self, wanted: Wanted) -> list[Cluster]:
        return [
            cluster
            for partition, files in self._partitions(wanted).items()
            for cluster in clusters(files, partition.interval == schema.UNDATED)
        ]

    def _groups(self, file: File, wanted: Wanted, limit: Limit) -> Iterator[pa.Table]:
        """Row groups of a file with the devices wanted."""
        names = wanted.devices
        inside = None if names is None else lambda low, high: any(low <= name <= high for name in names)
        for group in groups(self._store, file, wanted=inside):
            limit.check()
            yield group if names is None else of_devices(group, names)

    def _rows(self, files: Sequence[File], wanted: Wanted, limit: Limit) -> Iterator[pa.Table]:
        """All rows wanted of overlapping files, some devices at a time."""
        rows = devices_of(self._store, files) if wanted.devices is None else dict.fromkeys(wanted.devices, 0)
        chunk: list[str] = []
        for device in sorted(rows):
            chunk.append(device)
            if sum(rows[one] for one in chunk) >= _SETTLED_AT_ONCE:
                limit.check()
                yield _of(loaded(self._store, files, chunk), wanted)
                chunk = []
        if chunk:
            limit.check()
            yield _of(loaded(self._store, files, chunk), wanted)

    def _settled(self, cluster: Cluster, wanted: Wanted, limit: Limit) -> Iterator[pa.Table]:
        """Current rows of overlapping files. Of a large settled one only the devices are settled that the others
        have too; its other rows stand as they are.
        """
        files = cluster.files
        large = max(files, key=lambda file: (file.kind == "current", file.rows))
        others = [file for file in files if file is not large]
        if wanted.devices is None and large.kind == "current" and others:
            touched = sorted(devices_of(self._store, others))
            for group in groups(self._store, large):
                limit.check()
                yield _of(of_devices(group, touched, keep=False), wanted)
            wanted = Wanted(wanted.interval, wanted.first, wanted.last, tuple(touched), wanted.factors)
        for rows in self._rows(files, wanted, limit):
            yield settle(rows).current


class _Then:
    """A snapshot without what arrived after a moment."""

    def __init__(self, snapshot: Snapshot, moment: datetime) -> None:
        self._snapshot, self._moment = snapshot, pa.scalar(moment, pa.timestamp("us", "UTC"))

    def current(self, wanted: Wanted, columns: Sequence[str] = SERIES) -> pa.Table:
        """As of :meth:`Snapshot.current`; every version is looked at, so ask for little."""
        rows = self._snapshot.versions(wanted)
        return settle(rows.filter(pc.less_equal(rows["version"], self._moment))).current.select(list(columns))


def value_columns(interval: str) -> tuple[str, str]:
    """The column that is an interval's value, and the one in its place where it was not sent."""
    return ("rtd", "avg") if interval == "rtd" else ("avg", "rtd")


def clusters(files: Sequence[File], together: bool = False) -> list[Cluster]:
    """Files of one partition in groups that overlap in time; superseded ones only where something is to be settled.
    together: times are not believed, all files are one group.
    """
    main = sorted((file for file in files if file.kind != "superseded"), key=lambda file: (file.first, file.last))
    parts: list[list[File]] = []
    last = None
    for file in main:
        if parts and (together or (last is not None and file.first <= last)):
            parts[-1].append(file)
            last = max(last or file.last, file.last)
        else:
            parts.append([file])
            last = file.last
    found = []
    for part in parts:
        straight = len(part) == 1 and part[0].kind == "current"
        if not straight:
            first, last = min(file.first for file in part), max(file.last for file in part)
            part += [file for file in files if file.kind == "superseded" and file.first <= last and file.last >= first]
        found.append(Cluster(tuple(part), straight))
    return found


def _may_hold(file: File, wanted: Wanted) -> bool:
    """Whether rows wanted can be in a file."""
    if wanted.devices is not None and not any(file.low <= mn <= file.high for mn in wanted.devices):
        return False
    if wanted.interval == schema.UNDATED:
        return True
    return file.first < schema.micro(wanted.last) and file.last >= schema.micro(wanted.first)


def _moments(wanted: Wanted) -> pc.Expression:
    """The moments wanted; all rows of the partitions wanted where times are not believed."""
    if wanted.interval == schema.UNDATED:
        return pc.scalar(True)
    return (pc.field("time") >= pa.scalar(wanted.first, pa.timestamp("us", "UTC"))) & (
        pc.field("time") < pa.scalar(wanted.last, pa.timestamp("us", "UTC"))
    )


def _of(table: pa.Table, wanted: Wanted) -> pa.Table:
    """The rows wanted of a table, by moment and factor."""
    condition = _moments(wanted)
    if wanted.factors is not None:
        condition &= pc.field("factor").cast(pa.string()).isin(list(wanted.factors))
    return table.filter(condition)


def _joined(tables: list[pa.Table], columns: Sequence[str]) -> pa.Table:
    return pa.concat_tables(tables) if tables else schema.SCHEMA.empty_table().select(columns)


def _plain(table: pa.Table) -> pa.Table:
    """A table with its words as texts."""
    fields = [pa.field(one.name, pa.string() if one.name in schema.WORDS else one.type) for one in table.schema]
    return table.cast(pa.schema(fields))


def _sums(table: pa.Table, value: tuple[str, str], flags: Sequence[str]) -> pa.Table:
    """Sum, count, least and greatest value of each run of one station and factor; rows with other flags and without a
    number left out. The second value column is needed only where the first has gaps.

    Replacing what does not count is three times as fast here as leaving it out of the arrays first.
    """
    table = table.combine_chunks()
    mn, factor = _indices(table["mn"]), _indices(table["factor"])
    numbers = table[value[0]]
    if numbers.null_count:
        numbers = pc.coalesce(numbers, table[value[1]])
    values = numbers.to_numpy()
    change = np.flatnonzero((mn[0][1:] != mn[0][:-1]) | (factor[0][1:] != factor[0][:-1])) + 1
    starts = np.concatenate([np.zeros(min(1, len(values)), np.int64), change])
    flag, words = _indices(table["flag"])
    counts = np.array([word in flags for word in words] + ["" in flags], np.bool_)[flag]
    good = counts if not numbers.null_count else counts & ~np.isnan(values)
    if good.all():
        count = np.diff(np.append(starts, len(values)))
        parts = [np.add.reduceat(values, starts), np.minimum.reduceat(values, starts),
                 np.maximum.reduceat(values, starts)] if len(starts) else [values] * 3  # fmt: skip
    else:
        count = np.add.reduceat(good, starts, dtype=np.int64)
        parts = [np.add.reduceat(np.where(good, values, 0.0), starts),
                 np.minimum.reduceat(np.where(good, values, np.inf), starts),
                 np.maximum.reduceat(np.where(good, values, -np.inf), starts)]  # fmt: skip
    named = [
        pa.DictionaryArray.from_arrays(pa.array(codes[starts], pa.int32()), pa.array(texts, pa.string()))
        for codes, texts in (mn, factor)
    ]
    return pa.table(
        [*named, parts[0], parts[1], parts[2], pa.array(count, pa.int64())],
        names=["mn", "factor", "sum", "least", "most", "count"],
    )


def _indices(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """The numbers of words (one behind the last where there is none) and the words."""
    if column.num_chunks == 0:
        return np.zeros(0, np.int32), []
    if column.num_chunks > 1:
        column = column.unify_dictionaries()
    array = column.combine_chunks()
    array = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
    words = array.dictionary.to_pylist()
    indices = array.indices.fill_null(len(words)) if array.null_count else array.indices
    return indices.to_numpy(), words


_duck = Duck()


def open_ahead() -> None:
    """Open what the first question of a process needs, before it is asked: a third of what it takes."""
    with _duck.ready(()) as connection:
        connection.sql("SELECT 1").to_arrow_table()


def _selected(store: Store, files: Sequence[File], wanted: Wanted, columns: Sequence[str], limit: Limit) -> pa.Table:
    """The rows wanted of settled files."""
    conditions, values = ["true"], [[str(store.data / file.name) for file in files]]
    for name, words in (("mn", wanted.devices), ("factor", wanted.factors)):
        if words is not None:
            conditions.append(f"{name} IN ({', '.join('?' * len(words))})")
            values += words
    inside = all(wanted.first <= schema.moment(f.first) and schema.moment(f.last) < wanted.last for f in files)
    if wanted.interval != schema.UNDATED and not inside:
        conditions.append("time >= ? AND time < ?")
        values += [wanted.first, wanted.last]
    question = f"SELECT {', '.join(columns)} FROM read_parquet(?) WHERE {' AND '.join(conditions)}"  # noqa: S608
    left = limit.left
    with _duck.ready(files) as connection:
        timer = threading.Timer(max(left, 0.0), connection.interrupt) if left is not None else None
        if timer is not None:
            timer.start()
        try:
            found = connection.sql(question, params=values).to_arrow_table()
        except duckdb.InterruptException as error:
            raise _too_slow() from error
        finally:
            if timer is not None:
                timer.cancel()
    return found.cast(pa.schema([schema.SCHEMA.field(name) for name in columns]))
