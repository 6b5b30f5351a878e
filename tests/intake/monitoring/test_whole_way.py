"""The whole way under load: sockets, gateway, raw journal, ``lake ingest``, lake, with a compactor and a reader; all
but the reader are killed (SIGKILL) at random moments. What was acknowledged is in the lake, once for each key and
content.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ecocloud.intake.monitoring.hj212.decoder import Decoder
from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.care import verify
from ecocloud.intake.monitoring.lake.compact import Compactor
from ecocloud.intake.monitoring.lake.ingest import Ingester
from ecocloud.intake.monitoring.lake.manifest import Store
from ecocloud.intake.monitoring.lake.reading import Snapshot, Wanted
from ecocloud.intake.monitoring.raw import Reader
from tests.intake.monitoring.gateway_site import stored
from tests.intake.monitoring.kill_site import Station, started
from tests.intake.monitoring.made import packet
from tests.intake.monitoring.whole_way_work import FACTORS, look

ROOT = Path(__file__).resolve().parents[3]
DEVICES, PAUSE = 6, 0.03


class Nursery:
    """Starts and ends the processes of the lake and the gateway; whatever happens, none is left."""

    def __init__(self, home: Path) -> None:
        kept = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "PYTEST_CURRENT_TEST")}
        told = {"ECOCLOUD_HOME": str(home), "DJANGO_SETTINGS_MODULE": "ecocloud.web.settings", "PYTHONPATH": str(ROOT)}
        self.errors = (home / "errors.txt").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.intake.monitoring.whole_way_work"], env=kept | told, cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
        )  # fmt: skip
        assert self.process.stdout.readline() == "ready\n", self.said()
        self.running: dict[str, int] = {}
        self.port = self.receive(home)

    def receive(self, home: Path) -> int:
        """Start the gateway; its port."""
        self.gateway, self.port = started(home / "lake" / "raw")
        return self.port

    def end_gateway(self, how: int) -> int:
        """The exit code."""
        self.gateway.send_signal(how)
        self.gateway.stdout.close()
        return self.gateway.wait(20)

    def _ask(self, line: str) -> int:
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def start(self, name: str) -> None:
        self.running[name] = self._ask(f"start {name}")

    def end(self, name: str, how: str) -> int:
        """The exit code: negative for a signal."""
        return self._ask(f"{how} {self.running.pop(name)}")

    def said(self) -> str:
        """What the processes said of their trouble."""
        return (Path(self.errors.name)).read_text()[-3000:]

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.running):
            self.end(name, "kill")
        self.end_gateway(signal.SIGKILL)
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()
        self.errors.close()


def mn(device: int) -> str:
    return f"WHOLEWAY{device:016d}"


def made(device: int, count: int, begin: datetime) -> list[bytes]:
    """Packets of a device each ten seconds: most are new; some the same again to the byte, the same under another QN,
    a correction of one shortly before. All factors of a packet have one value, so that a half one is seen.
    """
    chance, found, step = random.Random(device), [], 0
    last: dict[int, int] = {}
    while len(found) < count:
        kind, back = chance.random(), step - chance.randint(0, 5)
        if kind < 0.1 and found:
            found.append(found[-1])
            continue
        if back not in last or kind > 0.3:
            step += 1
            back = step
        elif kind < 0.2:
            last[back] += 1
        value = last.setdefault(back, chance.randint(0, 9) * 100)
        at = (begin + back * timedelta(seconds=10)).astimezone(schema.BEIJING)
        items = ";".join(f"{factor}-Rtd={value}.50,{factor}-Flag=N" for factor in FACTORS)
        head = f"QN=20260301{len(found):09d};ST=32;CN=2011;PW=123456;MN={mn(device)};Flag=5;"
        found.append(packet(f"{head}CP=&&DataTime={at:%Y%m%d%H%M%S};{items}&&"))
    return found


def contents(packets: list[bytes]) -> set[tuple]:
    """(mn, time, factor, value) of packets, by the readable decoder."""
    decoder, found = Decoder(), set()
    for raw in packets:
        (event,) = decoder.feed(raw)
        for factor, fields in event.values.items():
            found.add((event.head.mn, event.time, factor, float(fields["Rtd"])))
    return found


def taken_in(store: Store, raw: Path) -> bool:
    return store.newest().taken["gateway"].sequence == Reader(raw).following("gateway")


def judge(home: Path, acknowledged: list[bytes], wanted: Wanted) -> None:
    """What is there in the end, against what was acknowledged and what the raw journal has."""
    store, raw = Store(home / "lake"), home / "lake" / "raw"
    versions = Snapshot(store, seconds=None).versions(wanted).to_pylist()
    found = [(row["mn"], row["time"], row["factor"], row["rtd"]) for row in versions]
    assert len(found) == len(set(found))  # each key and content once
    assert contents(list(dict.fromkeys(acknowledged))) <= set(found)  # what was acknowledged, in all its factors
    assert set(found) == contents(stored(raw))  # and nothing that did not come
    current = Snapshot(store, seconds=None).current(wanted).to_pylist()
    newest: dict[tuple, tuple] = {}
    for row in sorted(current, key=lambda row: row["time"]):
        newest[row["mn"], row["factor"]] = row["time"].isoformat(" ")[:19], row["rtd"]
    with sqlite3.connect(next(home.glob("*.sqlite3"))) as database:
        latest = database.execute("SELECT mn, factor, substr(time, 1, 19), value FROM monitoring_latest").fetchall()
    assert {(one, factor): (at, value) for one, factor, at, value in latest} == newest
    assert list(verify(store, Ingester(store, raw, dict), raw)) == []


def test_killed_on_the_whole_way(tmp_path, full_size):
    kills, chance = (50 if full_size else 4), random.Random(5)
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(days=20)
    store, raw = Store(tmp_path / "lake"), tmp_path / "lake" / "raw"
    with Nursery(tmp_path) as nursery:
        stations = [Station(made(one, 400 * (kills + 4), begin), lambda: nursery.port, PAUSE) for one in range(DEVICES)]
        for name in ("ingest", "compactor", "reader"):
            nursery.start(name)
        for station in stations:
            station.start()
        until = time.monotonic() + 30
        while store.newest().number < 3 and time.monotonic() < until:  # until all are at work
            time.sleep(0.02)
        seen, killed = (0, 0), dict.fromkeys(("gateway", "ingest", "compactor"), 0)
        for _ in range(kills):
            time.sleep(chance.uniform(0.05, 0.8))
            for name in chance.sample(sorted(killed), chance.randint(1, 3)):
                killed[name] += 1
                if name == "gateway":
                    assert nursery.end_gateway(signal.SIGKILL) == -signal.SIGKILL
                    nursery.receive(tmp_path)
                else:
                    assert nursery.end(name, "kill") == -signal.SIGKILL, nursery.said()  # it had not ended before
                    nursery.start(name)
            seen = look(store, seen)
        time.sleep(0.5)
        for station in stations:
            station.done.set()
        for station in stations:
            station.join(20)
            assert not station.is_alive() and not station.astray
        assert nursery.end_gateway(signal.SIGTERM) == 0
        until = time.monotonic() + 60
        while not taken_in(store, raw) and time.monotonic() < until:
            time.sleep(0.05)
        assert nursery.end("ingest", "stop") == 0 and nursery.end("reader", "stop") == 0, nursery.said()
        nursery.end("compactor", "kill")
    acknowledged = [packet for station in stations for packet in station.acknowledged]
    assert taken_in(store, raw) and min(killed.values()) >= kills // 4
    assert len(acknowledged) > 40 * kills and all(len(station.left) for station in stations)
    wanted = Wanted("rtd", begin, begin + timedelta(days=30))
    judge(tmp_path, acknowledged, wanted)
    Compactor(store, 3000).run(datetime.now(UTC), whole=True)
    judge(tmp_path, acknowledged, wanted)
    print(f"{killed}, {len(acknowledged)} acknowledged, {look(store, seen)[0]} rows, {store.newest().dropped} dropped")
