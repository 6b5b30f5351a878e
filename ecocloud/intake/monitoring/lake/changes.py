"""What has come into the lake since somebody looked last: devices with the first and last time of new rows.

Files never change, so that new rows stand in files that were not there then; of a file that compaction made of old and
new rows, those count whose record of the raw journal had not been taken in.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.files import groups
from ecocloud.intake.monitoring.lake.manifest import Manifest, Store

_COLUMNS = ("mn", "time", "gateway", "sequence")
# device -> first and last time of its new rows, µs since 1970 UTC
Spans = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Position:
    """How far somebody has looked: names of files, and sequence numbers by raw journal."""

    files: frozenset[str] = frozenset()
    taken: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, manifest: Manifest) -> Position:
        """All that a manifest names."""
        return cls(frozenset(file.name for file in manifest.files),
                   {name: one.sequence for name, one in manifest.taken.items()})  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"files": sorted(self.files), "taken": self.taken}

    @classmethod
    def read(cls, given: dict[str, Any]) -> Position:
        """From plain data."""
        return cls(frozenset(given["files"]), dict(given["taken"]))


def since(store: Store, seen: Position, intervals: Collection[str]) -> tuple[dict[str, Spans], Position]:
    """New rows of some intervals as spans by interval and device, and the position to ask from next time.

    Rows of a device admitted meanwhile lie behind the position of its raw journal: they are found in fresh files, not
    in files that compaction has already made of them.
    """
    manifest = store.newest()
    found: dict[str, Spans] = {name: {} for name in intervals}
    for file in manifest.files:
        if file.interval not in found or file.name in seen.files or file.kind == "superseded":
            continue
        for group in groups(store, file, _COLUMNS):
            _gather(group if file.kind == "fresh" else _new_of(group, seen.taken), found[file.interval])
    return {name: spans for name, spans in found.items() if spans}, Position.of(manifest)


def _new_of(group: pa.Table, taken: dict[str, int]) -> pa.Table:
    """The rows whose record had not been taken in."""
    gateways, sequence = group["gateway"].cast(pa.string()), group["sequence"].to_numpy()
    new = np.zeros(len(sequence), np.bool_)
    for name in pc.unique(gateways).to_pylist():
        new |= pc.equal(gateways, name).to_numpy() & (sequence >= taken.get(name, 0))
    return group.filter(pa.array(new))


def _gather(rows: pa.Table, spans: Spans) -> None:
    rows = rows.filter(pc.is_valid(rows["time"]))
    table = pa.table([rows["mn"].cast(pa.string()), rows["time"]], names=["mn", "time"])
    for row in table.group_by("mn", use_threads=False).aggregate([("time", "min"), ("time", "max")]).to_pylist():
        first, last = schema.micro(row["time_min"]), schema.micro(row["time_max"])
        old = spans.get(row["mn"], (first, last))
        spans[row["mn"]] = (min(first, old[0]), max(last, old[1]))
