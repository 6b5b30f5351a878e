"""Hourly values of the lake as exact amounts: one question for all stations, never one for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecocloud.base.units import UnitError, convert
from ecocloud.intake.monitoring.evaluation.rounding import divide_half_even
from ecocloud.intake.monitoring.evaluation.scaled import GREATEST, Amounts
from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.reading import NORMAL, Readable, Wanted, value_columns
from ecocloud.intake.monitoring.quality.judging import INVALID, NONE, Verdicts
from ecocloud.intake.monitoring.results.sites import Site

INTERVAL = "hour"
COLUMNS = ("mn", "factor", "time", "avg", "rtd", "flag", "version")
_HOUR = timedelta(hours=1)
_HOUR_US = 3_600_000_000


@dataclass(frozen=True)
class Factor:
    """A factor code: the item it is, the unit amounts of the item are in, how many of the unit it is usually sent in
    make one of it.
    """

    item: int
    unit: str
    many: int = 1


@dataclass(frozen=True)
class Rows:
    """Values in the order (site, item, moment), one for each. site, item: numbers; stamps: µs since 1970 UTC, as sent;
    begins: the begins of the hours they mean; amounts: in the unit of the item, missing where the flag says that the
    value does not count or there is no number. sent: as they came, whether they count or not; flags: of the sender;
    decided: what people decided, as of ``Verdicts.mask``.
    """

    site: np.ndarray
    item: np.ndarray
    stamps: np.ndarray
    begins: np.ndarray
    amounts: Amounts
    sent: Amounts
    flags: np.ndarray
    decided: np.ndarray

    def __len__(self) -> int:
        return len(self.site)


def bounds(first: date, days: int, ending: bool) -> tuple[datetime, datetime]:
    """The stamps that belong to days: from the first moment to before the last. ending: stamps end hours."""
    begin, _next = schema.day_bounds(first)
    late = _HOUR if ending else timedelta()
    return begin + late, begin + timedelta(days=days) + late


def both_bounds(first: date, days: int) -> tuple[datetime, datetime]:
    """The stamps that may belong to days, whatever they mean."""
    return bounds(first, days, False)[0], bounds(first, days, True)[1]


def begins_of(stamps: np.ndarray, ending: np.ndarray) -> np.ndarray:
    """The begins of the hours that stamps mean, µs since 1970 UTC. ending: bool, for each stamp."""
    return stamps - np.where(ending, _HOUR_US, 0)


def read(snapshot: Readable, sites: Sequence[Site], factors: Mapping[str, Factor], first: date, days: int,
         verdicts: Verdicts) -> Rows:  # fmt: skip
    """The current hourly values of sites on days. verdicts: what people decided about values; it stands over the flag.

    Of several rows of one item and hour (two systems, two codes) the newest counts. A value whose flag is not normal is
    there but missing. Amounts are brought to the unit of the item by the unit of the device's channel.
    """
    late = any(one.ending for one in sites)
    begin, end = both_bounds(first, days) if late else bounds(first, days, False)
    wanted = Wanted(INTERVAL, begin, end, tuple(one.mn for one in sites), tuple(factors))
    span = bounds(first, days, False) if late else None
    return rows_of(snapshot.current(wanted, COLUMNS), sites, factors, verdicts, span)


def rows_of(table: pa.Table, sites: Sequence[Site], factors: Mapping[str, Factor], verdicts: Verdicts,
            span: tuple[datetime, datetime] | None = None, interval: str = INTERVAL) -> Rows:  # fmt: skip
    """As :func:`read`, of rows with the columns :data:`COLUMNS`. span: only hours that begin from one moment to before
    another.
    """
    ending = np.array([one.ending for one in sites], np.bool_)
    mns, codes = [one.mn for one in sites], list(factors)
    site, code = _places(table["mn"], mns), _places(table["factor"], codes)
    item = np.array([factors[one].item for one in codes], np.int64)[code]
    stamps, version = (table[name].cast(pa.int64()).to_numpy() for name in ("time", "version"))
    begins = begins_of(stamps, ending[site])
    order = np.lexsort((code, version, stamps, item, site))
    key = np.stack([site[order], item[order], stamps[order]])
    last = np.append((key[:, 1:] != key[:, :-1]).any(axis=0), True)[: len(order)]
    chosen = order[last]
    if span is not None:
        begin, after = (schema.micro(one) for one in span)
        chosen = chosen[(begins[chosen] >= begin) & (begins[chosen] < after)]
    one, other = value_columns(interval)
    numbers = pc.fill_null(pc.coalesce(table[one], table[other]), float("nan")).to_numpy()[chosen]
    flags = pc.fill_null(table["flag"].cast(pa.string()), "")
    off = pc.invert(pc.is_in(flags, pa.array(NORMAL))).to_numpy()[chosen]
    decided = _decided(verdicts, sites, site[chosen], codes, code[chosen], stamps[chosen], interval)
    off = np.where(decided == NONE, off, decided == INVALID)
    sent = _in_units(Amounts.from_floats(numbers), sites, site[chosen], factors, codes, code[chosen])
    missing = sent.missing | off
    amounts = Amounts(np.where(missing, 0, sent.values), missing)
    flagged = flags.to_numpy()[chosen]
    return Rows(site[chosen], item[chosen], stamps[chosen], begins[chosen], amounts, sent, flagged, decided)


def _decided(verdicts: Verdicts, sites: Sequence[Site], site: np.ndarray, codes: Sequence[str], code: np.ndarray,
             stamps: np.ndarray, interval: str) -> np.ndarray:  # fmt: skip
    """What people decided about each value."""
    decided = np.full(len(site), NONE, np.int8)
    for place, number in _pairs(site, code) if verdicts else ():
        own = np.flatnonzero((site == place) & (code == number))
        decided[own] = verdicts.mask(sites[place].mn, codes[number], interval, stamps[own] // 1_000_000)
    return decided


def _pairs(site: np.ndarray, code: np.ndarray) -> list[list[int]]:
    """The pairs of site and code there are."""
    return np.unique(np.stack([site, code]), axis=1).T.tolist() if len(site) else []


def _places(column: pa.ChunkedArray, words: Sequence[str]) -> np.ndarray:
    found = pc.index_in(column.cast(pa.string()), pa.array(words, pa.string()))
    return found.cast(pa.int64()).to_numpy()


def _in_units(amounts: Amounts, sites: Sequence[Site], site: np.ndarray, factors: Mapping[str, Factor],
              codes: Sequence[str], code: np.ndarray) -> Amounts:  # fmt: skip
    """Amounts in the units of their items, half to even."""
    values, missing = amounts.values.copy(), amounts.missing.copy()
    for place, number in _pairs(site, code):
        top, bottom = ratio(sites[place].units.get(codes[number], ""), factors[codes[number]])
        if top == bottom:
            continue
        own = np.flatnonzero((site == place) & (code == number))
        fits = np.abs(values[own]) <= GREATEST // top
        missing[own[~fits]] = True
        values[own] = np.where(fits, divide_half_even(np.where(fits, values[own], 0) * top, bottom), 0)
    return Amounts(values, missing)


def ratio(unit: str, factor: Factor) -> tuple[int, int]:
    """What a number in ``unit`` is multiplied and divided by; units that are not comparable: as it is usually sent."""
    if unit and unit != factor.unit:
        try:
            return convert(1, unit, factor.unit).as_integer_ratio()
        except UnitError:
            pass
    return 1, factor.many
