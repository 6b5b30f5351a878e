"""A small lake and packets for it, for the tests of this folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ecocloud.intake.monitoring.gateway.backstage import Admitted
from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.compact import Compactor
from ecocloud.intake.monitoring.lake.ingest import Ingester
from ecocloud.intake.monitoring.lake.manifest import Store
from ecocloud.intake.monitoring.lake.reading import Snapshot, Wanted
from ecocloud.intake.monitoring.raw import Kind, Writer
from tests.intake.monitoring.made import packet

MN = "0123456789ABCDEF01234567"
# 2026-03-01 10:15:00 Beijing time
NOON = datetime(2026, 3, 1, 2, 15, tzinfo=UTC)
FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def stamp(moment: datetime) -> str:
    """A moment as devices write it."""
    return f"{moment.astimezone(schema.BEIJING):%Y%m%d%H%M%S}"


def frame(
    items: str, at: datetime | str = NOON, cn: str = "2011", mn: str = MN, more: str = "", st: str = "32"
) -> bytes:
    """A packet with items behind its DataTime."""
    time = at if isinstance(at, str) else stamp(at)
    head = f"QN=20260301101500123;ST={st};CN={cn};PW=123456;MN={mn};Flag=5;{more}"
    return packet(f"{head}CP=&&{f'DataTime={time};' if time else ''}{items}&&")


class Made:
    """A lake in a folder with its raw journal."""

    def __init__(self, folder: Path, gateway: str = "gw1") -> None:
        self.raw, self.store = folder / "raw", Store(folder)
        self.devices: dict[str, Admitted] = {}
        self.writer = Writer(self.raw, gateway)
        self.clock = NOON + timedelta(seconds=3)

    def put(self, *frames: bytes, kind: Kind = Kind.FRAME, at: datetime | None = None) -> int:
        """Store frames as received now (a second later each time); returns the sequence number of the last."""
        sequence = 0
        for one in frames:
            self.clock = at or self.clock + timedelta(seconds=1)
            sequence = self.writer.append(kind, 0, one, self.clock)
        self.writer.commit()
        return sequence

    def put_values(self, values: Mapping[str, Mapping[str, object]], at: str, cn: str = "2061") -> int:
        """Store values of a file."""
        record = {"mn": MN, "st": "21", "cn": cn, "time": at, "values": values, "source": "doc:1"}
        return self.put(json.dumps(record).encode(), kind=Kind.ROWS)

    def take(self, **more: object) -> int:
        """Take in what is there."""
        return Ingester(self.store, self.raw, lambda: self.devices, **more).drain()

    def compact(self, whole: bool = False, chunk_rows: int = 5, finish: bool = False) -> int:
        """Compact; chunks are small so that their borders are met."""
        return Compactor(self.store, chunk_rows).run(self.clock, whole=whole, finish=finish)

    def snapshot(self) -> Snapshot:
        """The lake now."""
        return Snapshot(self.store, seconds=None)

    def rows(self, interval: str = "rtd", versions: bool = False, **more: object) -> list[dict]:
        """Current rows, or all versions, with all columns."""
        wanted = Wanted(interval, FIRST, LAST, **more)
        found = self.snapshot().versions(wanted) if versions else self.snapshot().current(wanted, schema.SCHEMA.names)
        return sorted(found.to_pylist(), key=lambda row: (row["mn"], row["factor"], str(row["time"]), row["version"]))
