"""Which days of which devices rows of hour data belong to. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from ecocloud.intake.monitoring.lake.schema import DAY, EAST, Partition

_ZERO = date(1970, 1, 1)


def days_of(parts: Iterable[tuple[Partition, pa.Table]]) -> dict[str, set[date]]:
    """MN -> the days (Beijing time) of its rows of hour data; what has no time of its own belongs to none."""
    found: dict[str, set[date]] = defaultdict(set)
    for partition, rows in parts:
        if partition.interval != "hour" or not rows.num_rows:
            continue
        days = pc.floor(pc.divide(pc.add(rows["time"].cast(pa.int64()), EAST).cast(pa.float64()), float(DAY)))
        pairs = pa.table({"mn": rows["mn"].cast(pa.string()), "day": days.cast(pa.int64())})
        for pair in pairs.group_by(["mn", "day"]).aggregate([]).to_pylist():
            found[pair["mn"]].add(_ZERO + timedelta(days=pair["day"]))
    return dict(found)
