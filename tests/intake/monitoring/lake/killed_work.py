"""What the processes of ``test_killed`` do until they are killed."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from pathlib import Path

from ecocloud.intake.monitoring.hj212 import bulk
from ecocloud.intake.monitoring.lake.compact import Compactor
from ecocloud.intake.monitoring.lake.ingest import Ingester
from ecocloud.intake.monitoring.lake.manifest import Store
from ecocloud.intake.monitoring.raw import Kind, Writer
from tests.intake.monitoring.lake.lake_made import MN, NOON, frame

FACTORS = ("w01018", "w21003", "w21011")
DEVICES = tuple(f"{MN[:-2]}{number:02d}" for number in range(4))
SPAN = timedelta(minutes=400)  # packets lie in two days, fresh ones among old ones


def sending(folder: str, gateway: str, seed: int) -> None:
    """Store packets in groups: new ones, the same again, corrections; each has all factors with one value."""
    chance = random.Random(seed)
    with Writer(Path(folder) / "raw", gateway, roll_bytes=20_000, patience=20) as writer:
        while True:
            for _ in range(chance.randint(1, 40)):
                at = NOON - chance.random() * SPAN * 3
                value = f"{chance.randint(0, 2)}"
                items = ";".join(f"{factor}-Rtd={value}" for factor in FACTORS)
                one = frame(items, at=at.replace(second=0, microsecond=0), mn=chance.choice(DEVICES))
                writer.append(Kind.FRAME, 0, one, NOON + timedelta(seconds=writer.next_sequence))
            writer.commit()
            time.sleep(chance.random() / 20)


def taking(folder: str) -> None:
    """Take in what comes, in small batches. The compiled kernel would take longer to load than a life lasts."""
    bulk.kernel = None
    store = Store(Path(folder))
    with store.lock("ingest", wait=True):
        ingester = Ingester(store, Path(folder) / "raw", dict, batch_bytes=4_000)
        while True:
            ingester.step()


def compacting(folder: str, seed: int) -> None:
    """Compact all the time, hourly or whole."""
    chance, store = random.Random(seed), Store(Path(folder))
    with store.lock("compact", wait=True):
        while True:
            Compactor(store, chunk_rows=200).run(NOON, whole=chance.random() < 0.5)
            store.clean()
