"""The measurement lake: raw journal to queryable rows, a station's month, a day's means; beside SQLite and pandas.

``python benchmarks/lake.py [--size small|full] [--folder DIR] [--again]``. Minute data of ten factors, each with mean
and flag: a month of few stations and one day of many. Full size: 99.8 M rows of 231 stations in 30 days and 28.8 M rows
of 2,000 stations in a day; needs 20 GB and some 15 minutes. ``--again`` asks only, of what an earlier run left in the
folder. One thread; CPU seconds and wall clock, best of several. Nothing is asserted about time. The other ways:

- SQLite: packets by the readable decoder into a table with the key (mn, factor, time); the day of all stations and the
  month of ten of them are loaded (its answers do not depend on how many others there are).
- pandas (where installed): the same Parquet files by ``read_parquet`` with filters, ``groupby``.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ecocloud.intake.monitoring.hj212 import crc
from ecocloud.intake.monitoring.hj212.decoder import Decoder
from ecocloud.intake.monitoring.lake.compact import Compactor
from ecocloud.intake.monitoring.lake.ingest import Ingester
from ecocloud.intake.monitoring.lake.manifest import Store
from ecocloud.intake.monitoring.lake.reading import Snapshot, open_ahead
from ecocloud.intake.monitoring.lake.schema import BEIJING
from ecocloud.intake.monitoring.raw import Kind, Reader, Writer

try:
    import pandas
except ImportError:
    pandas = None

FACTORS = ("w01001", "w01009", "w01010", "w01014", "w01018", "w01019", "w21001", "w21003", "w21011", "w21019")
MONTH, DAY = date(2026, 3, 1), date(2026, 4, 15)
WARM = date(2026, 5, 1)


class Size(NamedTuple):
    """Stations and days of the month, stations of the day, minutes of a day that have values."""

    month_stations: int
    days: int
    day_stations: int
    minutes: int


SIZES = {"small": Size(10, 30, 100, 144), "full": Size(231, 30, 2000, 1440)}


class Cost(NamedTuple):
    """Seconds."""

    cpu: float
    wall: float

    def __str__(self) -> str:
        return f"{self.cpu * 1000:10.1f} ms CPU {self.wall * 1000:10.1f} ms wall"


def measured(way: Callable[[], Any], repeat: int = 1) -> tuple[Cost, Any]:
    """The least cost of some repetitions, and the answer."""
    costs = []
    for _ in range(repeat):
        cpu, wall = time.process_time(), time.perf_counter()
        answer = way()
        costs.append(Cost(time.process_time() - cpu, time.perf_counter() - wall))
    return min(costs), answer


def mn(station: int) -> str:
    """The identity of a station."""
    return f"0123456789ABCDEF{station:08d}"


def packets(day: date, stations: int, minutes: int, chance: np.random.Generator) -> Iterator[tuple[int, bytes, int]]:
    """(received, packets of one minute one after another, length of each) of a day: every station each minute.

    All packets are of one length, so that they are made as one array: digits and checksum are filled in by column.
    """
    items = ";".join(f"{factor}-Avg=000.0,{factor}-Flag=N" for factor in FACTORS)
    head = f"QN=00000000000000000;ST=32;CN=2051;PW=123456;MN={mn(0)};Flag=5;"
    segment = f"{head}CP=&&DataTime=00000000000000;{items}&&".encode()
    places = [segment.index(f"{factor}-Avg=".encode()) + len(factor) + 5 for factor in FACTORS]
    block = np.tile(np.frombuffer(segment, np.uint8), (stations, 1))
    identity = segment.index(b"MN=") + 3
    names = np.frombuffer("".join(map(mn, range(stations))).encode(), np.uint8).reshape(stations, -1)
    block[:, identity : identity + names.shape[1]] = names
    values = chance.integers(1500, 9000, (stations, len(FACTORS)))
    flags = [place + 6 + len(FACTORS[0]) + 6 for place in places]
    frame = np.zeros((stations, len(segment) + 12), np.uint8)
    frame[:, :6] = np.frombuffer(b"##%04d" % len(segment), np.uint8)
    frame[:, -2:] = (13, 10)
    begin = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
    stamped = segment.index(b"DataTime=") + 9
    for minute in range(minutes):
        at = begin + minute * timedelta(minutes=1440 // minutes)
        stamp = np.frombuffer(f"{at:%Y%m%d%H%M%S}".encode(), np.uint8)
        block[:, 3:17], block[:, stamped : stamped + 14] = stamp, stamp
        values = np.clip(values + chance.integers(-40, 41, values.shape), 1000, 9999)
        for digit, power in ((0, 1000), (1, 100), (2, 10), (4, 1)):
            for column, place in enumerate(places):
                block[:, place + digit] = 48 + values[:, column] // power % 10
        for place in flags:
            block[:, place] = np.where(chance.random(stations) < 0.01, ord("D"), ord("N"))
        frame[:, 6:-6] = block
        frame[:, -6:-2] = checksums(block)
        yield int(at.timestamp() * 1e6) + 1_000_000, frame.tobytes(), frame.shape[1]


def checksums(block: np.ndarray) -> np.ndarray:
    """The four digits for each row, by the fold of :mod:`crc`: bytes at the same distance from the end, modulo 8."""
    length = block.shape[1]
    high = np.full(len(block), crc.BEGIN[length & 7], np.uint8)
    for distance in range(8):
        last = length - 1 - distance
        folded = np.bitwise_xor.reduce(block[:, last % 8 : last + 1 : 8], axis=1)
        high ^= np.array(crc.BY_DISTANCE[distance], np.uint8)[folded]
    return np.frombuffer(b"".join(crc.TEXT), np.uint8).reshape(256, 4)[high]


def store_day(writer: Writer, day: date, stations: int, minutes: int) -> None:
    """A day of packets into a raw journal."""
    chance = np.random.default_rng(day.toordinal())
    for received, data, length in packets(day, stations, minutes, chance):
        for place in range(0, len(data), length):
            writer.append(Kind.FRAME, 1, data[place : place + length], received)
        writer.commit()


def build(folder: Path, size: Size) -> Store:
    """Raw journals, then the lake from them; prints what it took."""
    shutil.rmtree(folder, ignore_errors=True)
    warm_up(folder / "warm")
    cost, _ = measured(lambda: make_raw(folder / "lake" / "raw", size))
    bytes_ = sum(path.stat().st_size for path in (folder / "lake" / "raw").rglob("*.raw"))
    print(f"raw journal made               {cost}   {bytes_ / 1e9:.2f} GB")
    store = Store(folder / "lake")
    cost, rows = measured(Ingester(store, folder / "lake" / "raw", dict).drain)
    values = 2 * rows
    print(f"raw journal to queryable rows  {cost}   {rows:,} rows, {values:,} values (mean and flag)")
    print(f"    {values / cost.cpu:,.0f} values/s, {rows / cost.cpu:,.0f} rows/s of one core")
    by_sqlite(folder, values / cost.cpu)
    before = sum(file.size for file in store.newest().files)
    cost, count = measured(lambda: Compactor(store).run(datetime(2026, 6, 1, tzinfo=UTC), finish=True))
    after = sum(file.size for file in store.newest().files)
    print(
        f"compaction of {count} files    {cost}   {before / 1e9:.2f} to {after / 1e9:.2f} GB, {after / rows:.1f} B/row"
    )
    return store


def warm_up(folder: Path) -> None:
    """Load the compiled code before anything is measured."""
    with Writer(folder / "raw", "gw") as writer:
        store_day(writer, WARM, 3, 10)
    Ingester(Store(folder), folder / "raw", dict).drain()


def make_raw(folder: Path, size: Size) -> None:
    """The raw journals: the month by one gateway, the day by another."""
    with Writer(folder, "month") as writer:
        for day in range(size.days):
            store_day(writer, MONTH + timedelta(days=day), size.month_stations, size.minutes)
    with Writer(folder, "day") as writer:
        store_day(writer, DAY, size.day_stations, size.minutes)


def by_sqlite(folder: Path, rate: float) -> None:
    """Some of the packets into SQLite by the readable decoder, a row at a time."""
    database, decoder = opened(folder / "ingest.sqlite3"), Decoder()
    block = next(Reader(folder / "lake" / "raw").blocks("day"))
    frames = [block.record(place) for place in range(len(block))] * max(1, 4000 // len(block))

    def rows() -> Iterator[tuple]:
        for number, raw in enumerate(frames):
            for packet in decoder.feed(raw):
                for code, fields in packet.values.items():
                    yield packet.head.mn, code, number, float(fields["Avg"]), fields["Flag"]

    def insert() -> None:
        with database:
            database.executemany("INSERT INTO value VALUES (?, ?, ?, ?, ?)", rows())

    cost, _ = measured(insert)
    other = 2 * len(frames) * len(FACTORS) / cost.cpu
    print(f"    SQLite by the readable decoder: {other:,.0f} values/s; the lake is {rate / other:.1f} times as fast")
    database.close()


def opened(path: Path) -> sqlite3.Connection:
    """An empty database with the table."""
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.executescript(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-262144;"
        "CREATE TABLE value (mn TEXT, factor TEXT, time INTEGER, avg REAL, flag TEXT, "
        "PRIMARY KEY (mn, factor, time)) WITHOUT ROWID"
    )
    return database


def load_sqlite(path: Path, store: Store) -> sqlite3.Connection:
    """The day of all stations and the month of ten of them."""
    database = opened(path)
    columns = ["mn", "factor", "time", "avg", "flag"]
    for file in store.newest().files:
        source = pq.ParquetFile(store.data / file.name)
        for batch in source.iter_batches(200_000, columns=columns):
            if file.period != DAY.isoformat():
                batch = batch.filter(pa.compute.less(batch["mn"].cast(pa.string()), mn(10)))
            batch = batch.set_column(2, "time", batch["time"].cast(pa.int64()))
            rows = zip(*(batch[name].to_pylist() for name in columns), strict=True)
            database.executemany("INSERT INTO value VALUES (?, ?, ?, ?, ?)", rows)
    database.commit()
    return database


def ask(store: Store, folder: Path, size: Size) -> None:
    """The questions to the lake and to the others."""
    snapshot, station = Snapshot(store, seconds=None), mn(min(7, size.month_stations - 1))
    rows = store.newest().rows
    print(f"lake of {rows:,} rows in {len(store.newest().files)} files")
    open_ahead()  # as each web process does
    first, found = measured(lambda: snapshot.station_month(station, "minute", 2026, 3))
    print(f"station's month, first asked   {first}   {found.num_rows:,} rows")
    month, found = measured(lambda: snapshot.station_month(station, "minute", 2026, 3), 7)
    print(f"station's month                {month}   {found.num_rows:,} rows")
    one, found = measured(lambda: snapshot.station_month(station, "minute", 2026, 3, FACTORS[4:5]), 7)
    print(f"one factor of it               {one}   {found.num_rows:,} rows")
    means, answer = measured(lambda: snapshot.day_means("minute", DAY), 5)
    print(f"day's means of all stations    {means}   {sum(answer['count'].to_pylist()):,} values")
    expected = {(row["mn"], row["factor"]): row["mean"] for row in answer.to_pylist()}
    if pandas is None:
        print("pandas is not installed: skipped (pip install pandas)")
    else:
        ask_pandas(store, station, month, means, expected)
    ask_sqlite(folder, store, station, month, means, expected)


def ask_pandas(store: Store, station: str, month: Cost, means: Cost, expected: dict[tuple[str, str], float]) -> None:
    """The same files with pandas."""
    files = [store.data / file.name for file in store.newest().files]
    of_month = [path for path in files if MONTH.isoformat()[:7] in path.parent.name]
    of_day = [path for path in files if path.parent.name == DAY.isoformat()]

    def station_month() -> Any:
        filters, columns = [("mn", "==", station)], ["factor", "time", "avg", "rtd", "flag"]
        return pandas.concat([pandas.read_parquet(path, columns=columns, filters=filters) for path in of_month])

    def day_means() -> Any:
        frame = pandas.read_parquet(of_day, columns=["mn", "factor", "avg", "flag"])
        return frame[frame["flag"] == "N"].groupby(["mn", "factor"], observed=True)["avg"].mean()

    cost, _ = measured(station_month, 3)
    print(f"pandas: station's month        {cost}   {cost.cpu / month.cpu:.1f} times the lake's CPU time")
    cost, answer = measured(day_means, 2)
    print(f"pandas: day's means            {cost}   {cost.cpu / means.cpu:.1f} times")
    same(expected, answer.to_dict())


def ask_sqlite(
    folder: Path, store: Store, station: str, month: Cost, means: Cost, expected: dict[tuple[str, str], float]
) -> None:
    """The same rows in SQLite."""
    path = folder / "values.sqlite3"
    loading, database = measured(lambda: load_sqlite(path, store))
    print(f"SQLite: loaded                 {loading}   {path.stat().st_size / 1e9:.2f} GB")
    begin = datetime(2026, 3, 1, tzinfo=BEIJING)
    bounds = [int(at.timestamp() * 1e6) for at in (begin, begin + timedelta(days=31))]
    question = "SELECT factor, time, avg, flag FROM value WHERE mn = ? AND time >= ? AND time < ?"
    cost, _ = measured(lambda: database.execute(question, (station, *bounds)).fetchall(), 3)
    print(f"SQLite: station's month        {cost}   {cost.cpu / month.cpu:.1f} times the lake's CPU time")
    begin = datetime(DAY.year, DAY.month, DAY.day, tzinfo=BEIJING)
    bounds = [int(at.timestamp() * 1e6) for at in (begin, begin + timedelta(days=1))]
    question = "SELECT mn, factor, avg(avg) FROM value WHERE time >= ? AND time < ? AND flag = 'N' GROUP BY mn, factor"
    cost, answer = measured(lambda: database.execute(question, bounds).fetchall(), 1)
    print(f"SQLite: day's means            {cost}   {cost.cpu / means.cpu:.1f} times")
    same(expected, {(one, factor): mean for one, factor, mean in answer})
    database.close()


def same(expected: dict[tuple[str, str], float], found: dict[tuple[str, str], float]) -> None:
    """Both ways must answer the same, or nothing was measured."""
    assert expected.keys() == found.keys()
    assert all(abs(mean - found[key]) < 1e-6 for key, mean in expected.items())


def main() -> None:
    """Make, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--folder", type=Path, help="kept afterwards; without it a temporary one")
    parser.add_argument("--again", action="store_true", help="only the questions, on what is in the folder")
    args = parser.parse_args()
    pa.set_cpu_count(1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.folder or Path(temporary)
        store = Store(folder / "lake") if args.again else build(folder, SIZES[args.size])
        ask(store, folder, SIZES[args.size])


if __name__ == "__main__":
    main()
