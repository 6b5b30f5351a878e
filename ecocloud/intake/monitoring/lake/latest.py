"""Keeps the table of newest values: moved forward by what is taken in, never by what comes late for earlier times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from django.db import transaction

from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.manifest import Store
from ecocloud.intake.monitoring.lake.models import FACTOR_MOST, FLAG_MOST, MN_MOST, TEXT_MOST, Latest
from ecocloud.intake.monitoring.lake.reading import Snapshot, Wanted, value_columns
from ecocloud.intake.monitoring.lake.schema import Partition
from ecocloud.intake.monitoring.lake.settle import ranked, settle

INTERVALS = ("rtd", "minute", "hour", "day")
_FIELDS = ("time", "value", "text", "flag", "version", "gateway", "sequence")
_AT_ONCE = 500


class Key(NamedTuple):
    """A row of the table."""

    mn: str
    interval: str
    factor: str


class Newest:
    """Moves the table; for the one process that holds the ingest lock, since it remembers what the table has."""

    def __init__(self, store: Store) -> None:
        self._store = store
        rows = Latest.objects.values_list("mn", "interval", "factor", "time", "text", "flag")
        self._known = {Key(*row[:3]): row[3:] for row in rows.iterator(10_000)}

    def __call__(self, parts: list[tuple[Partition, pa.Table]]) -> None:
        """Take notice of rows that are about to be committed; the lake does not have them yet."""
        moved: dict[Key, dict[str, Any]] = {}
        for partition, rows in parts:
            if partition.interval in INTERVALS:
                for several in newest_rows(rows):
                    self._offer(partition.interval, several, moved)
        self._write(moved)

    def rebuild(self) -> int:
        """Build the table anew from the lake; returns its rows. Every partition is looked at."""
        snapshot, moved = Snapshot(self._store, seconds=None), {}
        self._known = {}
        for partition, files in sorted(snapshot.manifest.partitions().items()):
            if partition.interval in INTERVALS:
                first = schema.moment(min(file.first for file in files))
                last = schema.moment(max(file.last for file in files)) + schema.MICROSECOND
                for rows in snapshot.pieces(Wanted(partition.interval, first, last)):
                    for several in newest_rows(rows):
                        self._offer(partition.interval, several, moved, settled=True)
        with transaction.atomic():
            Latest.objects.all().delete()
            self._write(moved)
        return len(moved)

    def _offer(
        self, interval: str, rows: list[dict[str, Any]], moved: dict[Key, dict[str, Any]], settled: bool = False
    ) -> None:
        """Rows of one device and factor at one time, the one that counts among them first."""
        key = Key(rows[0]["mn"], interval, rows[0]["factor"])
        if not _fits(key):
            return
        made = [_made(interval, row) for row in rows]
        known = self._known.get(key)
        if known is not None and (made[0]["time"] < known[0] or all(_shown(one) == known for one in made)):
            return
        counts = made[0]
        if known is not None and counts["time"] == known[0] and not settled:
            counts = _made(interval, self._counts(interval, rows))
        moved[key] = counts
        self._known[key] = _shown(counts)

    def _counts(self, interval: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Of rows and what the lake has at their time, the one that counts."""
        at: datetime = rows[0]["time"]
        wanted = Wanted(interval, at, at + schema.MICROSECOND, (rows[0]["mn"],), (rows[0]["factor"],))
        there = Snapshot(self._store, seconds=None).versions(wanted)
        mine = pa.Table.from_pylist(rows, schema=schema.SCHEMA)
        return max(settle(pa.concat_tables([there, mine])).current.to_pylist(), key=_rank)

    @staticmethod
    def _write(moved: dict[Key, dict[str, Any]]) -> None:
        if not moved:
            return
        rows = [Latest(**key._asdict(), **made) for key, made in sorted(moved.items())]
        with transaction.atomic():
            Latest.objects.bulk_create(
                rows, batch_size=_AT_ONCE, update_conflicts=True,
                unique_fields=["mn", "interval", "factor"], update_fields=list(_FIELDS),
            )  # fmt: skip


def newest_rows(rows: pa.Table) -> Iterable[list[dict[str, Any]]]:
    """Of each device and factor the rows at its newest time, the one that counts among them first (of several systems
    or commands the one that came last); those sent later on purpose (RF) and those that cannot be read left out.
    """
    rows = rows.filter(pa.compute.and_(rows["valid"], pa.compute.invert(rows["rf"])))
    if not rows.num_rows:
        return []
    rows = rows.unify_dictionaries()
    devices, _count = ranked(rows["mn"])
    factors, count = ranked(rows["factor"])
    key, time = devices * count + factors, rows["time"].cast(pa.int64()).to_numpy()
    last = np.full(int(key.max()) + 1, np.iinfo(np.int64).min)
    np.maximum.at(last, key, time)
    newest = rows.filter(pa.array(last[key] == time))
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in sorted(settle(newest).current.to_pylist(), key=_rank, reverse=True):
        found.setdefault((row["mn"], row["factor"]), []).append(row)
    if newest.num_rows > len(found):
        for row in newest.to_pylist():
            found[row["mn"], row["factor"]].append(row)
    return found.values()


def _rank(row: dict[str, Any]) -> tuple:
    return row["valid"], row["version"], row["gateway"], row["sequence"]


def _shown(made: dict[str, Any]) -> tuple:
    return made["time"], made["text"], made["flag"]


def _made(interval: str, row: dict[str, Any]) -> dict[str, Any]:
    one, other = value_columns(interval)
    texts = schema.sent_texts(row)
    value = row[one] if row[one] is not None else row[other]
    text, flag = texts.get(one, texts.get(other)), row["flag"]
    return {
        "time": row["time"], "value": value, "text": _storable(text, TEXT_MOST),
        "flag": _storable(flag, FLAG_MOST), "version": row["version"],
        "gateway": row["gateway"], "sequence": row["sequence"],
    }  # fmt: skip


def _storable(text: str | None, most: int) -> str | None:
    """A text as the database takes it: cut, and without NUL, which PostgreSQL refuses; the lake has it as sent."""
    return text.replace("\0", "\ufffd")[:most] if text else None


def _fits(key: Key) -> bool:
    """Names as devices have them; a sender's odd ones stay in the lake alone."""
    plain = key.mn.isprintable() and key.factor.isprintable()
    return plain and len(key.mn) <= MN_MOST and 0 < len(key.factor) <= FACTOR_MOST
