"""Which rows of a key count: the rule of versions. Pure.

Of rows with the same key and content the one that arrived first stays: a packet that is sent again later changes
nothing, also when it comes after a correction. Of the rest, the newest that can be read wins; one that has values of
which none can be read wins only when there is no other. Rows without a time of their own are keyed by their arrival.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from ecocloud.intake.monitoring.lake.schema import CONTENT, WORDS


class Settled(NamedTuple):
    """current: one row of each key, in the order (mn, factor, time, st, cn); superseded: its other versions, in the
    same order; dropped: rows left out because the same was there.
    """

    current: pa.Table
    superseded: pa.Table
    dropped: int


def settle(rows: pa.Table) -> Settled:
    """Settle rows in any order."""
    rows = rows.unify_dictionaries().combine_chunks()
    if not rows.num_rows:
        return Settled(rows, rows, 0)
    group, time = _groups(rows), _times(rows)
    order = np.lexsort((time, group))
    same = (group[order][1:] == group[order][:-1]) & (time[order][1:] == time[order][:-1])
    if not same.any():
        return Settled(rows.take(pa.array(order)), rows.slice(0, 0), 0)
    starts = np.flatnonzero(np.concatenate([[True], ~same]))
    counts = np.diff(np.append(starts, len(order)))
    several = starts[counts > 1]
    members = np.concatenate([np.arange(first, first + count) for first, count in
                              zip(several.tolist(), counts[counts > 1].tolist(), strict=True)])  # fmt: skip
    fates = _fates(rows.take(pa.array(order[members])), np.repeat(several, counts[counts > 1]))
    fate = np.zeros(len(order), np.int8)
    fate[members] = fates
    current, superseded = order[fate == _CURRENT], order[fate == _SUPERSEDED]
    return Settled(rows.take(pa.array(current)), rows.take(pa.array(superseded)), int((fate == _DROPPED).sum()))


_CURRENT, _SUPERSEDED, _DROPPED = 0, 1, 2


def _times(rows: pa.Table) -> np.ndarray:
    """Time of each row, that of its arrival where it has none."""
    time, version = rows["time"].cast(pa.int64()), rows["version"].cast(pa.int64())
    return pa.compute.coalesce(time, version).to_numpy()


def _groups(rows: pa.Table) -> np.ndarray:
    """One number for (mn, factor, st, cn, whether it has a time), in their order."""
    number = np.zeros(rows.num_rows, np.int64)
    for name in ("mn", "factor", "st", "cn"):
        ranks, count = ranked(rows[name])
        number = number * count + ranks
    return number * 2 + rows["time"].is_null().to_numpy()


def ranked(column: pa.ChunkedArray) -> tuple[np.ndarray, int]:
    """For each row the place of its word among all words in order (0: none), and how many places there are."""
    array = column.combine_chunks()
    array = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
    words = array.dictionary.to_pylist()
    order = sorted(range(len(words)), key=words.__getitem__)
    rank = np.zeros(len(words) + 1, np.int64)
    rank[order] = np.arange(1, len(words) + 1)
    return rank[array.indices.fill_null(len(words)).to_numpy()], len(words) + 1


def _fates(rows: pa.Table, key: np.ndarray) -> np.ndarray:
    """What becomes of rows whose keys are there several times; ``key`` is the same for rows of one key."""
    plain = rows.cast(pa.schema([_plain(field) for field in rows.schema]))
    content = list(zip(*(plain[name].to_pylist() for name in CONTENT), strict=True))
    came = list(zip(*(plain[name].to_pylist() for name in ("version", "gateway", "sequence")), strict=True))
    valid = plain["valid"].to_pylist()
    fates = np.full(len(key), _SUPERSEDED, np.int8)
    best: dict[int, int] = {}
    seen: set[tuple] = set()
    for place in sorted(range(len(key)), key=came.__getitem__):
        one = (int(key[place]), content[place])
        if one in seen:
            fates[place] = _DROPPED
            continue
        seen.add(one)
        other = best.get(one[0])
        if other is None or valid[place] >= valid[other]:
            best[one[0]] = place
    fates[list(best.values())] = _CURRENT
    return fates


def _plain(field: pa.Field) -> pa.Field:
    if field.name in WORDS:
        return pa.field(field.name, pa.string())
    return pa.field(field.name, pa.int64()) if pa.types.is_timestamp(field.type) else field
