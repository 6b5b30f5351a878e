"""City index of surface water 城市水质指数 CWQI and its rankings (《城市地表水环境质量排名技术规定（试行）》)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from ecocloud.intake.monitoring.evaluation.in_force import InForce, millionths
from ecocloud.intake.monitoring.evaluation.rounding import from_units
from ecocloud.intake.monitoring.evaluation.water.means import totals
from ecocloud.intake.monitoring.evaluation.water.readings import Readings, Use
from ecocloud.intake.monitoring.evaluation.water.standard import Item, Standard


@dataclass(frozen=True)
class CityIndex:
    """The index of one city; the lower the better. value: with ``decimals`` places, None where an item is missing or
    there are no sections; sections, points: river sections and lake points that went in; terms: the single index of
    each item, by body of water (``river``, ``lake``); missing: (body, item) without a value; unverified: names.
    """

    value: Decimal | None
    sections: int
    points: int
    terms: dict[str, dict[str, Fraction]]
    missing: tuple[tuple[str, str], ...]
    unverified: tuple[str, ...]


def city_indices(
    readings: Readings, use: np.ndarray, cities: np.ndarray, number: int, standard: Standard, book: InForce,
    items: Sequence[str] | None = None,
) -> list[CityIndex]:  # fmt: skip
    """The index of each city for one period.

    Each item is averaged over the city's river sections and over its lake points; its single index is the mean over the
    limit of class III (oxygen the other way round, pH by its distance from 7); they are added up, and rivers and lakes
    weighted by their number. An item nobody measured leaves the city without an index: it is not counted as clean.

    readings: one row for each section, its mean of the period; use: which amounts count; cities: int (rows), 0 to
    ``number - 1``; items: which items are added up, the 21 evaluated ones by default.
    """
    book = book.fresh()
    keys = tuple(items or standard.evaluated)
    base = book.get("cwqi.standard_class").whole()
    neutral = millionths(book.get("cwqi.ph_neutral").number())
    decimals = book.get("decimals.cwqi").whole()
    by_sections = book.get("cwqi.by_sections").value
    bodies = np.asarray(cities) * 2 + readings.lake
    sums, many = totals(readings, use == Use.USED, bodies, 2 * number)
    rows = np.bincount(bodies, minlength=2 * number)
    found = []
    for city in range(number):
        terms: dict[str, dict[str, Fraction]] = {}
        missing: list[tuple[str, str]] = []
        for lake, body in enumerate(("river", "lake")):
            if not rows[2 * city + lake]:
                continue
            terms[body] = {}
            for key in keys:
                column = readings.items.index(key) if key in readings.items else -1
                count = int(many[2 * city + lake, column]) if column >= 0 else 0
                mean = Fraction(int(sums[2 * city + lake, column]), count) if count else None
                single = None if mean is None else _single(mean, standard.items[key], bool(lake), base, neutral)
                if single is None:
                    missing.append((body, key))
                else:
                    terms[body][key] = single
        weights = {"river": int(rows[2 * city]), "lake": int(rows[2 * city + 1])}
        value = None
        if terms and not missing:
            value = _city(terms, weights if by_sections else dict.fromkeys(weights, 1), decimals)
        found.append(CityIndex(value, weights["river"], weights["lake"], terms, tuple(missing), book.unverified))
    return found


def ranks(values: Sequence[Decimal | None]) -> list[int]:
    """Places from the lowest on; equal values share a place and the next is left free (1, 2, 2, 4); 0 for None."""
    known = sorted(one for one in values if one is not None)
    place = {one: 1 + position for position, one in reversed(list(enumerate(known)))}
    return [0 if one is None else place[one] for one in values]


def changes(
    before: Sequence[Decimal | None], now: Sequence[Decimal | None], book: InForce,
    classes: Sequence[int] | None = None,
) -> list[Decimal | None]:  # fmt: skip
    """Change of the index against a base period, %, from the published (rounded) indices; negative is better.

    classes: the class of each city or section now; with the local rule ``cwqi.leave_out_good`` switched on, those at
    class II or better stay out of the ranking of change (None), as those do that have no index before or now.
    """
    decimals = book.get("decimals.change").whole()
    leave = book.optional("cwqi.leave_out_good")
    best = leave.whole() if leave else 0
    found: list[Decimal | None] = []
    for position, (old, new) in enumerate(zip(before, now, strict=True)):
        good = classes is not None and 0 < classes[position] <= best
        if old is None or new is None or old == 0 or good:
            found.append(None)
            continue
        exact = (Fraction(new) - Fraction(old)) / Fraction(old) * 100
        found.append(from_units(round(exact * 10**decimals), decimals))
    return found


def _single(mean: Fraction, item: Item, lake: bool, base: int, neutral: int) -> Fraction | None:
    """The single index of a mean in millionths; None for oxygen of zero, which has none."""
    limits = item.limits(lake)
    if item.kind == "range":
        end = limits[0] if mean <= neutral else limits[1]
        return (mean - neutral) / (end - neutral)
    if item.kind == "least":
        return None if mean == 0 else limits[base - 1] / mean
    return mean / limits[base - 1]


def _city(terms: dict[str, dict[str, Fraction]], weights: dict[str, int], decimals: int) -> Decimal:
    whole = sum(weights[body] for body in terms)
    total = sum((sum(singles.values()) * weights[body] for body, singles in terms.items()), Fraction(0))
    return from_units(round(total / whole * 10**decimals), decimals)
