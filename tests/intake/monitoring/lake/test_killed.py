"""Sender, ingester and compactor as processes, killed (SIGKILL) at random moments, while a reader looks on."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter

from ecocloud.intake.monitoring.hj212.decoder import Decoder
from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.compact import Compactor
from ecocloud.intake.monitoring.lake.files import digest
from ecocloud.intake.monitoring.lake.ingest import Ingester
from ecocloud.intake.monitoring.lake.manifest import Manifest, Store
from ecocloud.intake.monitoring.lake.reading import Snapshot, Wanted
from ecocloud.intake.monitoring.raw import Reader
from tests.intake.monitoring.lake import killed_work
from tests.intake.monitoring.lake.lake_made import FIRST, LAST, NOON

WANTED = Wanted("rtd", FIRST, LAST)


def look(store: Store, before: tuple[int, Manifest]) -> tuple[int, Manifest]:
    """One reader: each key once, each packet with all its factors, and nothing that was there is gone."""
    snapshot = Snapshot(store, seconds=None)
    rows = snapshot.current(WANTED, ("mn", "time", "factor", "rtd", "gateway", "sequence")).to_pylist()
    keys = Counter((row["mn"], row["time"], row["factor"]) for row in rows)
    assert not [key for key, count in keys.items() if count > 1]
    packets = Counter((row["mn"], row["time"], row["gateway"], row["sequence"], row["rtd"]) for row in rows)
    assert not [one for one, count in packets.items() if count != len(killed_work.FACTORS)]
    assert len(rows) >= before[0] and snapshot.manifest.number >= before[1].number
    manifest = snapshot.manifest
    assert manifest.rows + manifest.dropped == sum(taken.rows for taken in manifest.taken.values())
    return len(rows), manifest


def of_raw(folder) -> dict[tuple, dict[float, tuple]]:
    """What the raw journals say, by a plain loop: (mn, time, factor) -> value -> its first arrival."""
    found: dict[tuple, dict[float, tuple]] = {}
    reader, decoder = Reader(folder / "raw"), Decoder()
    for gateway in reader.gateways():
        for block in reader.blocks(gateway):
            for place in range(len(block)):
                (packet,) = decoder.feed(block.record(place))
                came = (int(block.times[place]), gateway, block.first + place)
                for factor, fields in packet.values.items():
                    contents = found.setdefault((packet.head.mn, packet.time, factor), {})
                    value = float(fields["Rtd"])
                    contents[value] = min(contents.get(value, came), came)
    return found


def test_killed_at_random_moments(tmp_path, full_size):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.intake.monitoring.lake.killed_work"])
    chance, store, seen = random.Random(2026), Store(tmp_path), (0, Manifest())
    work = {
        "sender 1": lambda: (killed_work.sending, (str(tmp_path), "gw1", chance.random())),
        "sender 2": lambda: (killed_work.sending, (str(tmp_path), "gw2", chance.random())),
        "ingester": lambda: (killed_work.taking, (str(tmp_path),)),
        "compactor": lambda: (killed_work.compacting, (str(tmp_path), chance.random())),
    }

    def start(name: str) -> multiprocessing.Process:
        target, given = work[name]()
        process = context.Process(target=target, args=given, daemon=True)
        process.start()
        return process

    running = {name: start(name) for name in work}
    deadline = time.monotonic() + 60
    while store.newest().number < 3 and time.monotonic() < deadline:  # until the first ones work
        time.sleep(0.05)
    try:
        for _ in range(50 if full_size else 6):
            until = time.monotonic() + chance.uniform(0.05, 0.6)
            while time.monotonic() < until:
                seen = look(store, seen)
            for name in chance.sample(sorted(work), chance.randint(1, 2)):
                running[name].kill()
                running[name].join()
                running[name] = start(name)
    finally:
        for process in running.values():
            process.kill()
            process.join()
    assert seen[0] > 0
    Ingester(store, tmp_path / "raw", dict).drain()
    raw = of_raw(tmp_path)
    for _ in range(2):
        look(store, seen)
        versions = Snapshot(store, seconds=None).versions(WANTED).to_pylist()
        found = sorted(
            (
                row["mn"],
                row["time"],
                row["factor"],
                row["rtd"],
                schema.micro(row["version"]),
                row["gateway"],
                row["sequence"],
            )
            for row in versions
        )
        assert found == sorted(
            (*key, value, *came) for key, contents in raw.items() for value, came in contents.items()
        )
        Compactor(store, 500).run(NOON, whole=True)
    manifest = store.newest()
    assert all(digest(store.data / file.name) == file.sha256 for file in manifest.files)
    assert {file.kind for file in manifest.files} == {"current", "superseded"}
