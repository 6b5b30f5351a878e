"""Days of many series at once: hours in, AQI and exceedances out, each day by the edition in force on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from ecocloud.intake.monitoring.evaluation.air import hours as hourly
from ecocloud.intake.monitoring.evaluation.air.areas import area_means
from ecocloud.intake.monitoring.evaluation.air.areas import facts_of as areas_facts
from ecocloud.intake.monitoring.evaluation.air.index import Indices, indices, joined, over_limit
from ecocloud.intake.monitoring.evaluation.air.means import Means, Rounded
from ecocloud.intake.monitoring.evaluation.air.rules import Edition, Editions
from ecocloud.intake.monitoring.evaluation.scaled import Amounts

# Hourly values of one pollutant worked on at once: what fits into the cache of a core.
_AT_ONCE = 60_000


@dataclass(frozen=True)
class Days:
    """Evaluated days. days: datetime64[D]; indices: of shape (…, days); over: for each a bit by item (in the order of
    ``indices.items``) where the concentration exceeds the limit of GB 3095 for the zone.
    """

    days: np.ndarray
    indices: Indices
    over: np.ndarray

    def exceeded(self, *place: int) -> tuple[str, ...]:
        """The items over their limit at a place."""
        bits = int(self.over[place])
        return tuple(item for bit, item in enumerate(self.indices.items) if bits >> bit & 1)


def evaluate_items(editions: Editions, days: np.ndarray, items: Mapping[str, Means], *, grade: np.ndarray | int = 2,
                   under: Edition | None = None, not_monitored: Mapping[str, Any] | None = None,
                   facts: tuple[str, ...] = ()) -> Days:  # fmt: skip
    """Days from concentrations of days (points, areas, published figures).

    days: datetime64[D], ascending; items: by item (``pm25_24h``, ``o3_8h`` …), exact, (…, days); grade: 1 or 2, of the
    zone, one for all or (…, 1); under: this edition for all days in place of the one in force; not_monitored: by item a
    mask (…, 1) of where it is exempt; facts: unverified ones the concentrations rest on.
    """
    days = _some(np.asarray(days, "datetime64[D]"))
    parts, over = [], []
    for edition, stretch in _stretches(editions, days, under):
        cut = {item: means[..., stretch] for item, means in items.items()}
        part = indices(edition, "daily", cut, not_monitored, facts)
        parts.append(part)
        over.append((edition, cut, part))
    result = joined(parts)
    bits = [_over(edition, cut, result.items, part, grade) for edition, cut, part in over]
    return Days(days, result, np.concatenate(bits, axis=-1))


def evaluate_hours(editions: Editions, first: date, hours: Mapping[str, Amounts], *, grade: np.ndarray | int = 2,
                   under: Edition | None = None, not_monitored: Mapping[str, np.ndarray] | None = None,
                   threads: int = 2) -> Days:  # fmt: skip
    """Days from hourly values of many series (stations), some series at a time in ``threads`` threads.

    first: the first day; hours: by pollutant (series, days · 24), 0 where missing, the first hour from 00:00 to 01:00
    Beijing time (:func:`hours.hour_grid` makes them from rows); grade: 1 or 2, one for all or one for each series;
    under and not_monitored (a mask for each series) as of :func:`evaluate_items`.
    """
    series, length = next(iter(hours.values())).shape
    days = _some(np.datetime64(first, "D") + np.arange(length // hourly.HOURS))
    for pollutant in hours:
        editions.on(first).places(pollutant)  # an unknown name is refused, it would count as missing
    grades = np.broadcast_to(np.asarray(grade), (series,))[:, None]
    exempt = {item: np.broadcast_to(mask, (series,))[:, None] for item, mask in (not_monitored or {}).items()}
    step = max(1, _AT_ONCE // max(length, 1))

    def block(start: int) -> Days:
        cut = slice(start, start + step)
        parts = {pollutant: amounts[cut] for pollutant, amounts in hours.items()}
        masks = {item: mask[cut] for item, mask in exempt.items()}
        return _block(editions, days, parts, grades[cut], under, masks)

    starts = range(0, max(series, 1), step)
    if threads > 1 and len(starts) > 1:
        with ThreadPoolExecutor(threads) as pool:
            return _stacked(list(pool.map(block, starts)))
    return _stacked([block(start) for start in starts])


def evaluate_areas(editions: Editions, first: date, hours: Mapping[str, Amounts], areas: np.ndarray, count: int, *,
                   under: Edition | None = None) -> Days:  # fmt: skip
    """Days of counties or cities from hourly values of their points: items of each point first, then the mean of the
    points, then the index (grade 2). hours, first, under as of :func:`evaluate_hours`; areas, count as of
    :func:`areas.area_means`.
    """
    length = next(iter(hours.values())).shape[-1]
    days = _some(np.datetime64(first, "D") + np.arange(length // hourly.HOURS))

    def gathered(edition: Edition, items: dict[str, Means]) -> dict[str, Means]:
        return {item: area_means(edition, means, areas, count) for item, means in items.items()}

    return _block(editions, days, hours, 2, under, {}, gathered)


def _block(editions: Editions, days: np.ndarray, hours: Mapping[str, Amounts], grade: np.ndarray | int,
           under: Edition | None, not_monitored: Mapping[str, np.ndarray],
           gathered: Callable[[Edition, dict[str, Means]], dict[str, Means]] | None = None) -> Days:  # fmt: skip
    parts, cuts = [], []
    for edition, stretch in _stretches(editions, days, under):
        inside = slice(stretch.start * hourly.HOURS, stretch.stop * hourly.HOURS)
        items = hourly.day_items(edition, {name: amounts[:, inside] for name, amounts in hours.items()}, grade)
        facts = hourly.facts_of(edition, "daily")
        if gathered is not None:
            items, facts = gathered(edition, items), facts + areas_facts(edition)
        parts.append(indices(edition, "daily", items, not_monitored, facts))
        cuts.append((edition, items, parts[-1]))
    result = joined(parts)
    over = [_over(edition, items, result.items, part, grade) for edition, items, part in cuts]
    return Days(days, result, np.concatenate(over, axis=-1))


def _some(days: np.ndarray) -> np.ndarray:
    if not days.size:
        raise ValueError("there are no days to evaluate")
    return days


def _stretches(editions: Editions, days: np.ndarray, under: Edition | None) -> list[tuple[Edition, slice]]:
    return editions.slices(days) if under is None else [(under, slice(0, len(days)))]


def _over(edition: Edition, given: Mapping[str, Means], items: tuple[str, ...], part: Indices,
          grade: np.ndarray | int) -> np.ndarray:  # fmt: skip
    """The bits of what exceeds its limit; a concentration above its column of the index does so too."""
    bits = np.zeros(part.aqi.shape, np.uint16)
    for n, item in enumerate(part.items):
        if item in given:
            values = Rounded(part.units[n], part.decimals[n], given[item].reason)
            over = over_limit(edition, item, values, grade)
            bits |= np.left_shift(over.astype(np.uint16), np.uint16(items.index(item)))
    return bits


def _stacked(blocks: list[Days]) -> Days:
    """Blocks of series one under another."""
    if len(blocks) == 1:
        return blocks[0]
    first = blocks[0].indices
    by_item = {
        name: np.concatenate([getattr(block.indices, name) for block in blocks], axis=1)
        for name in ("units", "iaqi", "reason")
    }
    plain = {
        name: np.concatenate([getattr(block.indices, name) for block in blocks])
        for name in ("aqi", "aqi_reason", "computed", "incomplete", "category", "primary")
    }
    over = np.concatenate([block.over for block in blocks])
    return Days(blocks[0].days, replace(first, **by_item, **plain), over)
