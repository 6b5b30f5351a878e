"""Evaluation: hours of air, a day of all stations of a lake, a year anew, classes of sections, outlets; beside pandas.

``python benchmarks/evaluation.py [--size small|full] [--folder DIR] [--again] [--threads 2]``. Full size: 100 M hourly
values of 1,903 stations (six pollutants, a year), held as arrays, and 102 M rows of hour data in a lake of twelve
months; needs 8 GB of memory, 3 GB of disk and some five minutes. ``--again`` asks only, of the lake an earlier run left
in the folder. CPU seconds and wall clock, best of several; nothing is asserted about time. Targets: days of 100 M
hourly values in 3 s on two cores, a year of eleven cities under another edition in 1 s.

pandas (extra ``bench``): means of days with at least 20 values, MDA8 by rolling means, sub-indices by interpolation in
floating point. It lacks the rule for days of ozone with few windows and rounds ties by what floating point makes of
them; days on which its AQI differs are counted.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from lake import Cost, measured  # the benchmark beside this one

from ecocloud.intake.monitoring.evaluation.air.daily import Days, evaluate_hours, evaluate_items
from ecocloud.intake.monitoring.evaluation.air.hours import HOURS, pollutant_grids
from ecocloud.intake.monitoring.evaluation.air.means import Means
from ecocloud.intake.monitoring.evaluation.air.rules import POLLUTANTS, Edition, editions
from ecocloud.intake.monitoring.evaluation.emission.limits import limits_of
from ecocloud.intake.monitoring.evaluation.emission.waste_water import day_means, judge_days
from ecocloud.intake.monitoring.evaluation.facts import facts
from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.scaled import SCALE, Amounts
from ecocloud.intake.monitoring.evaluation.water.classes import classify
from ecocloud.intake.monitoring.evaluation.water.readings import Readings
from ecocloud.intake.monitoring.evaluation.water.sections import attain, main_pollutants
from ecocloud.intake.monitoring.evaluation.water.standard import standard_on
from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.files import Target
from ecocloud.intake.monitoring.lake.manifest import Store
from ecocloud.intake.monitoring.lake.reading import NORMAL, Snapshot, Wanted
from ecocloud.intake.monitoring.lake.schema import Partition

try:
    import pandas
except ImportError:
    pandas = None

YEAR = 2027
LEVEL = {"so2": 12.0, "no2": 28.0, "pm10": 60.0, "co": 0.8, "o3": 80.0, "pm25": 35.0}


class Size(NamedTuple):
    """Stations and days of the arrays; stations and months of the lake; readings of sections, outlets."""

    stations: int
    days: int
    lake_stations: int
    months: int
    readings: int
    outlets: int


SIZES = {"small": Size(60, 90, 60, 2, 50_000, 100), "full": Size(1903, 365, 1940, 12, 1_000_000, 1000)}


def hours_of(pollutant: str, stations: int, hours: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Hourly values (float64) and where one is missing (2 %): a level of the day, a course over it, noise."""
    chance = np.random.default_rng(seed)
    level, places = LEVEL[pollutant], 1 if pollutant == "co" else 0
    day = chance.gamma(3.0, level / 3, (stations, hours // HOURS)).astype(np.float32)
    course = 1 + 0.4 * np.sin((np.arange(hours) % HOURS - 8) * np.pi / 12, dtype=np.float32)
    values = np.repeat(day, HOURS, axis=1) * course
    values += chance.standard_normal(values.shape, np.float32) * level * 0.1
    np.round(np.maximum(values, 0.0, out=values), places, out=values)
    missing = chance.random(values.shape, np.float32) < 0.02
    return values.astype(np.float64), missing


# --- hours held as arrays -------------------------------------------------------------------------------------------


def ask_arrays(size: Size, threads: int) -> None:
    """Days of many stations."""
    hours, floats = {}, {}
    for seed, pollutant in enumerate(POLLUTANTS):
        values, missing = hours_of(pollutant, size.stations, size.days * HOURS, seed)
        hours[pollutant] = Amounts.from_floats(values, missing)
        if pandas is not None:
            floats[pollutant] = np.where(missing, np.nan, values).astype(np.float32)
        del values, missing
    count = sum(amounts.values.size for amounts in hours.values())
    first = date(YEAR, 1, 1)
    for number in sorted({1, threads}):
        cost, found = measured(lambda n=number: evaluate_hours(editions(), first, hours, threads=n), 3)
        print(f"days of {count:,} hourly values, {number} thread(s)  {cost}   {found.indices.aqi.size:,} station days")
    again, _ = measured(
        lambda: evaluate_hours(editions(), first, hours, under=editions().named("2012"), threads=threads)
    )
    print(f"    the same under the edition of 2012          {again}")
    if pandas is None:
        print("pandas is not installed: skipped (pip install 'ecocloud[bench]')")
        return
    edition = editions().on(first)
    part = max(1, size.stations // 20)
    other, aqi = measured(lambda: by_pandas(edition, {name: one[:part] for name, one in floats.items()}))
    whole = Cost(other.cpu * size.stations / part, other.wall * size.stations / part)
    differing = int((aqi != found.indices.computed[:part]).sum())
    print(f"    pandas, from {part} stations                 {whole}   {whole.cpu / cost.cpu:.1f} times the CPU time")
    print(f"    its AQI differs on {differing:,} of {aqi.size:,} days (floating point, short days of ozone)")
    assert differing < aqi.size / 50


def by_pandas(edition: Edition, floats: dict[str, np.ndarray]) -> np.ndarray:
    """The AQI of the items there are, as one would write it with pandas: a column a station, floating point."""
    best = None
    for item, column in edition.items("daily").items():
        pollutant, _, averaging = item.partition("_")
        values = floats[pollutant].astype(np.float64)
        index = pandas.date_range(date(YEAR, 1, 1), periods=values.shape[1], freq="h")
        frame = pandas.DataFrame(values.T, index=index)
        if averaging == "8h":
            rolled = frame.rolling(8, min_periods=6).mean()
            rolled = rolled[(rolled.index.hour >= 7)]
            days = rolled.resample("D")
            daily = days.max().where(days.count() >= 14)
        else:
            days = frame.resample("D")
            daily = days.mean().where(days.count() >= 20)
        daily = daily.round(edition.places(item))
        points = np.array(edition.fact(f"iaqi.breakpoints.{column}").listed(), float)
        levels = np.array(edition.fact("iaqi.levels").listed()[: len(points)], float)
        iaqi = np.ceil(np.interp(daily.to_numpy(), points, levels))
        best = iaqi if best is None else np.fmax(best, iaqi)
    return np.maximum(np.nan_to_num(best), 1).astype(np.int16).T


# --- a day of all stations of a lake --------------------------------------------------------------------------------


def mn(station: int) -> str:
    """The identity of a station."""
    return f"0123456789ABCDEF{station:08d}"


def build(folder: Path, size: Size) -> Store:
    """A lake of settled files, a month each, written straight: benchmarks/lake.py measures what receiving costs."""
    store = Store(folder / "lake")
    names = [mn(station) for station in range(size.lake_stations)]
    for month in range(1, size.months + 1):
        begin = date(YEAR, month, 1)
        hours = ((date(YEAR + month // 12, month % 12 + 1, 1)) - begin).days * HOURS
        target = Target(store, Partition("hour", f"{begin:%Y-%m}"), "current")
        for start in range(0, size.lake_stations, 20):
            target.write(rows_of(names[start : start + 20], start, begin, hours))
        file = target.close()
        store.commit(lambda manifest, file=file: manifest.exchanged(set(), [file], 0))
    return store


def rows_of(names: list[str], start: int, begin: date, hours: int) -> pa.Table:
    """Rows of some stations, by station, factor and time."""
    codes = {pollutant: code for code, pollutant in editions().codes(begin).items()}
    order = sorted(POLLUTANTS, key=codes.__getitem__)
    made = [hours_of(pollutant, len(names), hours, start * 100 + n + begin.month) for n, pollutant in enumerate(order)]
    values = np.stack([one for one, _ in made], axis=1).reshape(-1)
    flags = np.stack([lacking for _, lacking in made], axis=1).reshape(-1).astype(np.int32)
    count, each = len(values), len(order) * hours
    first = schema.micro(schema.day_bounds(begin)[0])
    times = pa.array(
        np.tile(first + np.arange(hours) * 3_600_000_000, len(names) * len(order)), pa.timestamp("us", "UTC")
    )
    columns = {
        "mn": words(np.repeat(np.arange(len(names)), each), names), "st": words(np.zeros(count), ["22"]),
        "cn": words(np.zeros(count), ["2061"]), "time": times, "avg": pa.array(values),
        "factor": words(np.tile(np.repeat(np.arange(len(order)), hours), len(names)), [codes[one] for one in order]),
        "flag": words(flags, ["N", "D"]), "decimals": pa.array(np.full(count, 2 << 4)), "version": times,
        "gateway": words(np.zeros(count), ["gw"]), "sequence": pa.array(np.arange(count)),
        "rf": pa.array(np.zeros(count, bool)), "valid": pa.array(np.ones(count, bool)),
        "doubt": pa.array(np.zeros(count, np.int8)),
    }  # fmt: skip
    whole = {field.name: columns.get(field.name, pa.nulls(count, field.type)) for field in schema.SCHEMA}
    return pa.table(whole, schema=schema.SCHEMA)


def words(places: np.ndarray, texts: list[str]) -> pa.DictionaryArray:
    """A column of words."""
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(texts))


def day_of_lake(store: Store, day: date) -> Days:
    """The AQI of every station of a lake on a day: read, placed, evaluated."""
    wanted = Wanted("hour", *schema.day_bounds(day), factors=tuple(editions().codes(day)))
    rows = Snapshot(store, seconds=None).current(wanted, ("mn", "factor", "time", "avg", "flag")).unify_dictionaries()
    stations, names = encoded(rows["mn"])
    factors, codes = encoded(rows["factor"])
    flags, flag_words = encoded(rows["flag"])
    bad = ~np.array([word in NORMAL for word in flag_words], bool)[flags]
    amounts = Amounts.from_floats(rows["avg"].to_numpy(), bad)
    stamps = rows["time"].cast(pa.int64()).to_numpy()
    grids = pollutant_grids(editions().codes(day), factors, codes, stations, stamps, amounts,
                            count=len(names), first=day, days=1, hour_ending=False)  # fmt: skip
    return evaluate_hours(editions(), day, {pollutant: grid.amounts for pollutant, grid in grids.items()})


def encoded(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """Places of words, and the words."""
    array = column.combine_chunks()
    array = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
    return array.indices.to_numpy(), array.dictionary.to_pylist()


def ask_lake(store: Store) -> None:
    """A day of all stations."""
    day = date(YEAR, 1, 15)
    manifest = store.newest()
    size = sum(file.size for file in manifest.files)
    print(f"lake of {manifest.rows:,} rows in {len(manifest.files)} files, {size / 1e9:.2f} GB")
    cost, found = measured(lambda: day_of_lake(store, day), 5)
    print(f"a day of all stations of it      {cost}   {found.indices.aqi.size:,} stations")
    wanted = Wanted("hour", *schema.day_bounds(day))
    reading, rows = measured(
        lambda: Snapshot(store, seconds=None).current(wanted, ("mn", "factor", "time", "avg", "flag")), 5
    )
    print(f"    of that reading              {reading}   {rows.num_rows:,} rows")
    if pandas is None:
        print("pandas is not installed: skipped (pip install 'ecocloud[bench]')")
        return
    path = next(store.data / file.name for file in manifest.files if file.period == f"{day:%Y-%m}")
    begin, end = (at.astimezone(UTC) for at in schema.day_bounds(day))

    def means() -> Any:
        frame = pandas.read_parquet(path, columns=["mn", "factor", "time", "avg", "flag"],
                                    filters=[("time", ">=", begin), ("time", "<", end)])  # fmt: skip
        days = frame[frame["flag"] == "N"].groupby(["mn", "factor"], observed=True)["avg"]
        return days.mean().where(days.count() >= 20)

    other, _ = measured(means, 3)
    print(f"    pandas, means of it alone    {other}   {other.cpu / cost.cpu:.1f} times the CPU time")


# --- a year of eleven cities under another edition ------------------------------------------------------------------


def ask_year() -> None:
    """A year of published daily concentrations, judged anew."""
    days = np.datetime64(datetime(YEAR, 1, 1), "D") + np.arange(365)
    chance = np.random.default_rng(7)
    items = {}
    for item in ("so2_24h", "no2_24h", "pm10_24h", "co_24h", "o3_8h", "pm25_24h"):
        level = LEVEL[item.partition("_")[0]]
        items[item] = Means.of(Amounts.from_floats(chance.gamma(3.0, level / 2, (11, 365)).round(1)))
    for name in ("2012", "2026-final"):
        cost, _ = measured(lambda n=name: evaluate_items(editions(), days, items, under=editions().named(n)), 7)
        print(f"a year of 11 cities under {name:11}  {cost}")


# --- classes of many sections, days of many outlets ------------------------------------------------------------------

WATER = ("do", "codmn", "cod", "bod5", "nh3n", "tp", "f", "hg", "pb", "cn", "oil")


def ask_water(rows: int) -> None:
    """Classes of readings of sections by the worst item, their main pollutants, attainment; pandas: classes alone."""
    day = date(YEAR, 1, 1)
    standard, book = standard_on(day), InForce(facts("water"), day)
    chance = np.random.default_rng(11)
    tops = np.array([standard.items[key].river[3] / SCALE for key in WATER])
    floats = (chance.gamma(2.0, 0.5, (rows, len(WATER))) * tops).round(6)
    lacking = chance.random(floats.shape) < 0.05
    amounts = Amounts.from_floats(floats, lacking)
    lake = np.arange(rows) % 5 == 0
    readings = Readings.of(WATER, amounts, lake, np.full(rows, np.datetime64(day, "D")))
    cost, classes = measured(lambda: classify(readings), 3)
    print(f"classes of {rows:,} readings of {len(WATER)} items  {cost}")
    targets = np.full(rows, 3)
    rest, _ = measured(lambda: (main_pollutants(readings, classes, standard, book),
                                attain(readings, classes, targets, standard, book)), 3)  # fmt: skip
    print(f"    their main pollutants, multiples, targets  {rest}")
    if pandas is None:
        return
    frame = pandas.DataFrame(np.where(lacking, np.nan, floats), columns=WATER)
    limits = {key: [[one / SCALE for one in standard.items[key].limits(own)] for own in (False, True)] for key in WATER}
    other, overall = measured(lambda: classes_by_pandas(frame, lake, limits))
    print(f"    pandas, classes alone                      {other}   {other.cpu / cost.cpu:.1f} times the CPU time")
    assert (overall == classes.overall).all()


def classes_by_pandas(frame: Any, lake: np.ndarray, limits: dict[str, list[list[float]]]) -> np.ndarray:
    """The worst item by counting the limits passed, rivers and lakes apart."""
    found = pandas.DataFrame(index=frame.index)
    for key, bodies in limits.items():
        column = pandas.Series(np.nan, index=frame.index)
        for is_lake, listed in enumerate(bodies):
            own = frame.loc[lake == bool(is_lake), key]
            if key == "do":
                column[own.index] = 6 - sum((own >= least).astype(float) for least in listed).where(own.notna())
            else:
                column[own.index] = 1 + sum((own > most).astype(float) for most in listed).where(own.notna())
        found[key] = column
    return found.max(axis=1).fillna(0).to_numpy(np.int8)


def ask_outlets(outlets: int, days: int) -> None:
    """Days of outlets weighted by flow against a limit; pandas: the means alone."""
    book = InForce(facts("emission"), date(YEAR, 1, 1))
    limit = next(one for one in limits_of("gb18918", ("1a",), date(YEAR, 1, 1)) if one.item == "cod")
    chance = np.random.default_rng(12)
    shape = (outlets, days * HOURS)
    values, flows = chance.gamma(4.0, 10.0, shape).round(3), chance.uniform(0, 500, shape).round(3)
    lacking = chance.random(shape) < 0.03
    concentration, flow = Amounts.from_floats(values, lacking), Amounts.from_floats(flows)
    cost, found = measured(lambda: judge_days(day_means(concentration, flow, book), (limit,), book), 3)
    print(f"days of {outlets:,} outlets, {values.size:,} hours     {cost}   {int(found.exceeds.sum()):,} exceed")
    if pandas is None:
        return
    day = np.repeat(np.arange(outlets * days), HOURS)
    frame = pandas.DataFrame({"day": day, "value": np.where(lacking, np.nan, values).ravel(), "flow": flows.ravel()})

    def means() -> Any:
        there = frame.dropna()
        sums = there.assign(load=there["value"] * there["flow"]).groupby("day")[["load", "flow"]].sum()
        return sums["load"] / sums["flow"]

    other, _ = measured(means)
    print(f"    pandas, means of days alone                {other}   {other.cpu / cost.cpu:.1f} times the CPU time")


def main() -> None:
    """Make, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--folder", type=Path, help="kept afterwards; without it a temporary one")
    parser.add_argument("--again", action="store_true", help="ask the lake that is in the folder")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    pa.set_cpu_count(2)
    ask_year()
    ask_water(SIZES[args.size].readings)
    ask_outlets(SIZES[args.size].outlets, SIZES[args.size].days // 3)
    ask_arrays(SIZES[args.size], args.threads)
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.folder or Path(temporary)
        ask_lake(Store(folder / "lake") if args.again else build(folder, SIZES[args.size]))


if __name__ == "__main__":
    main()
