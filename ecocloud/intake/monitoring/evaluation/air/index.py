"""Sub-indices, AQI, primary pollutants, categories (HJ 633), and exceedance of limits (GB 3095), on arrays and singly.

A concentration is rounded half to even, looked up in its column, and the sub-index rounded up. Exceedance is judged
apart from the index: the concentration as rounded against the limit of GB 3095 for the zone; equal to it meets it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from ecocloud.base.errors import EcoError
from ecocloud.intake.monitoring.evaluation.air.means import Means, Reason, Rounded
from ecocloud.intake.monitoring.evaluation.air.rules import POLLUTANTS, Edition, Report, pollutant_of
from ecocloud.intake.monitoring.evaluation.rounding import Exact, divide_half_even
from ecocloud.intake.monitoring.evaluation.scaled import Amounts

# The levels 优 and 良.
GOOD = 2


class UnknownItem(EcoError):
    """A name that is no item of any report: a concentration under it would count as missing."""

    code = "evaluation.item"


@dataclass(frozen=True)
class Indices:
    """Indices of many days (or hours): arrays of one shape S, the items as a first axis where there is one.

    editions, edition: the editions used, and for each place of the last axis which (uint8).
    units, decimals: concentrations as rounded, int32, in units of the last place of each item; iaqi: int16;
    reason: uint8 by item, why there is no sub-index (:class:`Reason`), 0 where there is one.
    aqi: int16 as published, 0 where ``aqi_reason`` says why not; computed: from the items there are, 0 where none is;
    incomplete: an item was missing; category: level 1 to 6, 0 without AQI; primary: a bit for each item in order.
    """

    editions: tuple[str, ...]
    edition: np.ndarray
    items: tuple[str, ...]
    decimals: tuple[int, ...]
    units: np.ndarray
    iaqi: np.ndarray
    reason: np.ndarray
    aqi: np.ndarray
    aqi_reason: np.ndarray
    computed: np.ndarray
    incomplete: np.ndarray
    category: np.ndarray
    primary: np.ndarray
    facts: tuple[str, ...] = ()

    def primaries(self, *place: int) -> tuple[str, ...]:
        """The primary pollutants at a place, in the order of :data:`POLLUTANTS`; each once."""
        bits = int(self.primary[place])
        named = {pollutant_of(item) for bit, item in enumerate(self.items) if bits >> bit & 1}
        return tuple(one for one in POLLUTANTS if one in named)

    def one(self, *place: int) -> Index:
        """What is at a place."""
        reasons = {item: Reason(int(self.reason[(n, *place)])) for n, item in enumerate(self.items)}
        has = not self.aqi_reason[place]
        return Index(
            edition=self.editions[int(self.edition[place[-1]])],
            aqi=int(self.aqi[place]) if has else None,
            reason=Reason(int(self.aqi_reason[place])),
            computed=int(self.computed[place]) if has or self.aqi_reason[place] == Reason.ITEM_MISSING else None,
            category=int(self.category[place]) or None,
            primary=self.primaries(*place),
            iaqi={item: None if reasons[item] else int(self.iaqi[(n, *place)]) for n, item in enumerate(self.items)},
            reasons=reasons,
            facts=self.facts,
        )


@dataclass(frozen=True)
class Index:
    """The AQI of one day or hour. aqi: None with the reason why it is not published; computed: what the items there are
    give; category: level 1 to 6; primary: pollutants; iaqi and reasons by item; facts: unverified ones it rests on.
    """

    edition: str
    aqi: int | None
    reason: Reason
    computed: int | None
    category: int | None
    primary: tuple[str, ...]
    iaqi: Mapping[str, int | None]
    reasons: Mapping[str, Reason]
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Exceedances:
    """Against a limit of GB 3095: over (bool), multiple ``(C − S) / S`` where over, in units of the last of
    ``decimals`` places; reason uint8, why it is not judged.
    """

    over: np.ndarray
    multiple: np.ndarray
    decimals: int
    reason: np.ndarray
    facts: tuple[str, ...]


def sub_indices(edition: Edition, column: str, values: Rounded) -> tuple[np.ndarray, np.ndarray]:
    """Sub-indices (int16) of concentrations as rounded, and the reason (uint8) where there is none."""
    table = edition.column(column)
    top = len(table.index) - 1
    iaqi = table.index[np.clip(values.units, 0, top)]
    reason = np.where(values.units < 0, np.uint8(Reason.BELOW_ZERO), np.uint8(0))
    if table.above:
        reason[values.units >= top] = Reason.ABOVE_TABLE
    reason = np.where(values.reason != 0, values.reason, reason).astype(np.uint8)
    return np.where(reason != 0, np.int16(0), iaqi), reason


def sub_index(edition: Edition, column: str, concentration: Exact) -> int | None:
    """The sub-index of one concentration, µg/m³ (CO mg/m³); None below zero and above a column that then gives way."""
    values = Means.of(Amounts.from_numbers([concentration])).rounded(edition.places(column))
    iaqi, reason = sub_indices(edition, column, values)
    return None if reason[0] else int(iaqi[0])


def indices(edition: Edition, report: Report, items: Mapping[str, Means],
            not_monitored: Mapping[str, Any] | None = None, facts: Sequence[str] = ()) -> Indices:  # fmt: skip
    """The AQI of every place of the arrays.

    items: exact concentrations by item of the report (µg/m³, CO mg/m³), all of one shape; items left out are missing.
    The column that stands in above another (``so2_24h`` for an hour of 2012) may be given too.
    not_monitored: by item a mask (broadcasts) of where it is exempt, being outside of the plan.
    Items of the other report or of another edition are passed over; raises :class:`UnknownItem` for what is no item.
    facts: names of unverified facts the concentrations rest on.
    """
    for name in (*items, *(not_monitored or {})):
        if name not in edition.known_items:
            raise UnknownItem(f"空气质量指数没有“{name}”这一项。", f"no item {name!r}", value=name,
                              remedy_zh="可选：" + "、".join(sorted(edition.known_items)) + "。")  # fmt: skip
    columns = dict(edition.items(report))
    asked = len(columns)
    columns |= {name: name for name in _stand_ins(edition, columns) if name in items}
    shape = np.broadcast_shapes(*(means.shape for means in items.values()))
    units = np.zeros((len(columns), *shape), np.int32)
    iaqi, reason = np.zeros(units.shape, np.int16), np.zeros(units.shape, np.uint8)
    for n, (item, column) in enumerate(columns.items()):
        values = _values(edition, items.get(item), item, shape)
        iaqi[n], reason[n] = sub_indices(edition, column, values)
        units[n] = np.clip(values.units, 0, np.iinfo(np.int32).max)
        exempt = (not_monitored or {}).get(item)
        if exempt is not None:
            reason[n] = np.where((reason[n] != 0) & exempt, np.uint8(Reason.NOT_MONITORED), reason[n])
    for n, item in enumerate(columns):
        if n >= asked:  # a stand-in counts only where the column it stands in for is exceeded
            used = _stood_in_for(edition, columns, item, reason)
            iaqi[n], reason[n] = np.where(used, iaqi[n], 0), np.where(used, reason[n], np.uint8(Reason.NOT_AN_ITEM))
    decimals = tuple(edition.places(item) for item in columns)
    return _judged(edition, columns, decimals, units, iaqi, reason, tuple(facts))


def _stand_ins(edition: Edition, columns: Mapping[str, str]) -> list[str]:
    """Columns that are used above others and are no items themselves."""
    named = (edition.column(column).above for column in columns.values())
    return [name for name in dict.fromkeys(named) if name and name not in columns]


def _stood_in_for(edition: Edition, columns: Mapping[str, str], item: str, reason: np.ndarray) -> np.ndarray:
    places = [n for n, column in enumerate(columns.values()) if edition.column(column).above == item]
    return (reason[places] == Reason.ABOVE_TABLE).any(axis=0)


def _values(edition: Edition, means: Means | None, item: str, shape: tuple[int, ...]) -> Rounded:
    decimals = edition.places(item)
    if means is None:
        return Rounded(np.zeros(shape, np.int64), decimals, np.full(shape, Reason.MISSING, np.uint8))
    return means.rounded(decimals)


def _judged(edition: Edition, columns: Mapping[str, str], decimals: tuple[int, ...], units: np.ndarray,
            iaqi: np.ndarray, reason: np.ndarray, facts: tuple[str, ...]) -> Indices:  # fmt: skip
    none_there = (reason != 0).all(axis=0)
    least, most = edition.aqi_range
    highest = iaqi.max(axis=0)
    computed = np.where(none_there, np.int16(0), np.clip(highest, least, most)).astype(np.int16)
    incomplete = _lacking(edition, columns, reason)
    withheld = np.zeros(none_there.shape, bool)
    publish_above = edition.optional("aqi.incomplete_above")
    if publish_above is not None:
        withheld = incomplete & ~none_there & (computed <= publish_above.whole())
    aqi_reason = np.where(none_there, np.uint8(Reason.MISSING), np.uint8(0))
    aqi_reason = np.where(withheld, np.uint8(Reason.ITEM_MISSING), aqi_reason)
    aqi = np.where(aqi_reason != 0, np.int16(0), computed)
    ends = np.array([category.most for category in edition.categories], np.int16)
    category = np.where(aqi_reason != 0, 0, np.searchsorted(ends, aqi) + 1).astype(np.uint8)
    has_primary = (aqi_reason == 0) & (aqi > edition.fact("aqi.primary_above").whole())
    primary = np.zeros(aqi.shape, np.uint16)
    for n in range(len(columns)):
        primary |= (has_primary & (reason[n] == 0) & (iaqi[n] == highest)).astype(np.uint16) << np.uint16(n)
    last = aqi.shape[-1] if aqi.ndim else 1
    return Indices((edition.id,), np.zeros(last, np.uint8), tuple(columns), decimals, units, iaqi, reason, aqi,
                   aqi_reason, computed, incomplete, category, primary, facts)  # fmt: skip


def _lacking(edition: Edition, columns: Mapping[str, str], reason: np.ndarray) -> np.ndarray:
    """Where an item that should be there is not. One above its column is not lacking while its stand-in is there."""
    lacking = np.zeros(reason.shape[1:], bool)
    items = list(columns)
    for n, column in enumerate(columns.values()):
        missing = (reason[n] != 0) & (reason[n] != Reason.NOT_MONITORED) & (reason[n] != Reason.NOT_AN_ITEM)
        instead = edition.column(column).above
        if instead in columns:
            missing &= ~((reason[n] == Reason.ABOVE_TABLE) & (reason[items.index(instead)] == 0))
        lacking |= missing
    return lacking


def index(edition: Edition, report: Report, concentrations: Mapping[str, Exact | None],
          not_monitored: Collection[str] = ()) -> Index:  # fmt: skip
    """The AQI of one day or hour. concentrations: by item of the report, µg/m³ (CO mg/m³), None where missing;
    not_monitored: exempt items.
    """
    items = {item: Means.of(Amounts.from_numbers([value])) for item, value in concentrations.items()}
    items = items or {next(iter(edition.items(report))): Means.of(Amounts.from_numbers([None]))}
    return indices(edition, report, items, dict.fromkeys(not_monitored, np.True_)).one(0)


def joined(parts: Sequence[Indices]) -> Indices:
    """Indices of following stretches of days as one; items an edition does not ask for are NOT_AN_ITEM there."""
    if len(parts) == 1:
        return parts[0]
    items = tuple(dict.fromkeys(item for part in parts for item in part.items))
    decimals = {item: places for part in parts for item, places in zip(part.items, part.decimals, strict=True)}
    named = tuple(dict.fromkeys(name for part in parts for name in part.editions))
    widened = [_widened(part, items) for part in parts]
    edition = np.concatenate(
        [np.array([named.index(name) for name in part.editions], np.uint8)[part.edition] for part in parts]
    )
    plain = ("aqi", "aqi_reason", "computed", "incomplete", "category")
    flat = {name: np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in plain}
    wide = {name: np.concatenate([part[name] for part in widened], axis=-1) for name in widened[0]}
    facts = tuple(dict.fromkeys(name for part in parts for name in part.facts))
    return Indices(editions=named, edition=edition, items=items, decimals=tuple(decimals[item] for item in items),
                   facts=facts, **flat, **wide)  # fmt: skip


def _widened(part: Indices, items: tuple[str, ...]) -> dict[str, np.ndarray]:
    shape = (len(items), *part.aqi.shape)
    found = {"units": np.zeros(shape, np.int32), "iaqi": np.zeros(shape, np.int16),
             "reason": np.full(shape, Reason.NOT_AN_ITEM, np.uint8),
             "primary": np.zeros(part.aqi.shape, np.uint16)}  # fmt: skip
    for n, item in enumerate(part.items):
        place = items.index(item)
        for name in ("units", "iaqi", "reason"):
            found[name][place] = getattr(part, name)[n]
        found["primary"] |= (part.primary >> np.uint16(n) & np.uint16(1)) << np.uint16(place)
    return found


def exceedances(edition: Edition, item: str, values: Means, grade: np.ndarray | int = 2) -> Exceedances:
    """Concentrations of an item (``pm25_24h``, ``o3_8h``, ``so2_annual``) against GB 3095.

    values: µg/m³ (CO mg/m³), compared as rounded, those the index does not know (TSP, Pb …) to the places of the limit
    (GB/T 8170-2008, 4.3.3); grade: 1 or 2, one for all or an array (broadcasts).
    """
    places = edition.fact("statistic.multiple_decimals").whole()
    facts = edition.unverified("statistic.multiple_decimals")
    decimals = limit_places(edition, item)
    if decimals is None:
        zero = np.zeros(values.reason.shape, np.int64)
        return Exceedances(zero.astype(bool), zero, places, np.full(zero.shape, Reason.NO_LIMIT, np.uint8), facts)
    rounded = values.rounded(decimals)
    over = over_limit(edition, item, rounded, grade)
    limit = _limit_units(edition, item, decimals, grade)
    multiple = divide_half_even(np.where(over, rounded.units - limit, 0) * 10**places, limit)
    return Exceedances(over, multiple, places, rounded.reason, facts)


def limit_places(edition: Edition, item: str) -> int | None:
    """To how many places concentrations of an item are compared with their limit; None where there is none."""
    limits = [edition.limit(item, grade) for grade in (1, 2)]
    own = [max(0, -int(limit.as_tuple().exponent)) for limit in limits if limit is not None]
    return edition.decimals.get(pollutant_of(item), max(own)) if len(own) == len(limits) else None


def over_limit(edition: Edition, item: str, rounded: Rounded, grade: np.ndarray | int = 2) -> np.ndarray:
    """Where concentrations as rounded exceed their limit; nowhere when there is no limit."""
    if limit_places(edition, item) is None:
        return np.zeros(rounded.units.shape, np.bool_)
    return (rounded.reason == 0) & (rounded.units > _limit_units(edition, item, rounded.decimals, grade))


def _limit_units(edition: Edition, item: str, decimals: int, grade: np.ndarray | int) -> np.ndarray:
    units = []
    for one in (1, 2):
        limit = edition.limit(item, one)
        if limit is None or limit * 10**decimals != int(limit * 10**decimals):
            raise ValueError(f"no limit of {item} with {decimals} places: {limit}")
        units.append(int(limit * 10**decimals))
    return np.where(np.asarray(grade) == 1, *units)


def exceedance(edition: Edition, item: str, concentration: Exact, grade: int = 2) -> Decimal | None:
    """By how much one concentration exceeds its limit: ``(C − S) / S``; None when it meets it or there is no limit."""
    found = exceedances(edition, item, Means.of(Amounts.from_numbers([concentration])), grade)
    return Rounded(found.multiple, found.decimals, found.reason).number(0) if found.over[0] else None


def never_primary_when_polluted(given: Indices, item: str) -> np.ndarray:
    """Whether an item was on none of the days (the last axis) the primary pollutant of a day worse than 良: with three
    years of days, what HJ 633-2026 5.3 asks of an item outside of the monitoring plan.
    """
    bit = np.uint16(given.items.index(item))
    return ~((given.category > GOOD) & (given.primary >> bit & np.uint16(1) == 1)).any(axis=-1)
