"""Class of a section by the single worst item (单因子评价, GB 3838-2002 5.1; items by 环办〔2011〕22号)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from ecocloud.intake.monitoring.evaluation.facts import Facts, NoFact, facts
from ecocloud.intake.monitoring.evaluation.in_force import spans
from ecocloud.intake.monitoring.evaluation.scaled import SCALE
from ecocloud.intake.monitoring.evaluation.water.readings import Readings, Use, uses
from ecocloud.intake.monitoring.evaluation.water.standard import Item, Standard, standard_of, standard_on

REASONS = ("", "no_edition", "no_items", "required_missing")
"""Why a row has no class, by its number: no edition in force that day, no item to evaluate, a required one missing."""
REASON_WORDS = {
    "no_edition": ("监测当日没有生效的标准", "no standard in force on the day"),
    "no_items": ("没有可评价的项目", "no item to evaluate"),
    "required_missing": ("缺少必测项目", "a required item is missing"),
}
"""The reasons in words, Chinese and English."""


@dataclass(frozen=True)
class Classes:
    """Classes of rows and items. items: the columns, as in the readings.

    item_class: int8 (rows, items), 0 where the item was not evaluated; overall: int8 (rows), 0 where there is none;
    deciding: the evaluated items whose class is the overall one; reason: int8, place in :data:`REASONS`; use: int8,
    :class:`Use`; edition: place in ``editions``, -1 for none; by_saturation: oxygen is class I by its saturation, not
    by its amount; unverified: names of unverified facts the classes rest on.
    """

    items: tuple[str, ...]
    item_class: np.ndarray
    overall: np.ndarray
    deciding: np.ndarray
    reason: np.ndarray
    use: np.ndarray
    edition: np.ndarray
    editions: tuple[str, ...]
    by_saturation: np.ndarray
    unverified: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.overall)

    def deciding_items(self, row: int) -> tuple[str, ...]:
        """The items that decide the class of a row."""
        return tuple(self.items[column] for column in np.flatnonzero(self.deciding[row]))


def classify(
    readings: Readings, *, required: Collection[str] = (), edition: str | None = None, source: Facts | None = None,
    saturation: bool = True,
) -> Classes:  # fmt: skip
    """Classes by the edition of each row's day, or all under ``edition``.

    required: items without which a row has no class. saturation: oxygen of 90 % saturation is class I whatever its
    amount (GB 3838 table 1); needs the water temperature of the row. Raises :class:`NoFact` for an unknown edition,
    ValueError for an item the standard does not know. The order of rows and how they are cut change nothing.
    """
    rows = len(readings)
    result = _none(readings)
    used: dict[str, Standard] = {}
    parts = [(None, np.arange(rows))] if edition else spans(source or facts("water"), readings.days)
    for day, numbers in parts:
        chosen = numbers if len(parts) > 1 else slice(None)
        try:
            standard = standard_of(edition, source) if day is None else standard_on(day, source)
        except NoFact:
            if edition:
                raise
            continue
        used.setdefault(standard.edition, standard)
        part = _classify(readings[chosen], standard, required, saturation)
        for name in ("item_class", "overall", "deciding", "reason", "use", "by_saturation"):
            getattr(result, name)[chosen] = getattr(part, name)
        result.edition[chosen] = list(used).index(standard.edition)
    unverified = dict.fromkeys(name for standard in used.values() for name in standard.unverified)
    return replace(result, editions=tuple(used), unverified=tuple(unverified))


def _none(readings: Readings) -> Classes:
    """No class of any row, for want of an edition."""
    rows, cells = len(readings), readings.amounts.shape
    reason = np.full(rows, REASONS.index("no_edition"), np.int8)
    use = np.full(cells, Use.MISSING, np.int8)
    return Classes(
        items=readings.items, item_class=np.zeros(cells, np.int8), overall=np.zeros(rows, np.int8),
        deciding=np.zeros(cells, np.bool_), reason=reason, use=use, edition=np.full(rows, -1, np.int8), editions=(),
        by_saturation=np.zeros(rows, np.bool_), unverified=(),
    )  # fmt: skip


def _classify(readings: Readings, standard: Standard, required: Collection[str], saturation: bool) -> Classes:
    unknown = [key for key in (*readings.items, *required) if key not in standard.items]
    if unknown:
        raise ValueError(f"{standard.edition} has no items {', '.join(unknown)}")
    use = uses(readings, standard)
    found = np.zeros(use.shape, np.int8)
    for column, own in enumerate(np.ascontiguousarray(readings.amounts.values.T)):
        found[:, column] = item_classes(own, readings.lake, standard.items[readings.items[column]], standard)
    by_saturation = _saturated(readings, use, standard) if saturation else np.zeros(len(readings), np.bool_)
    if "do" in readings.items:
        oxygen = readings.items.index("do")
        by_saturation &= found[:, oxygen] > 1
        found[by_saturation, oxygen] = 1
    found[use != Use.USED] = 0
    counted = np.array([key in standard.evaluated for key in readings.items], np.bool_)
    overall = np.max(found, axis=1, where=counted[None, :], initial=0)
    reason = np.where(overall == 0, REASONS.index("no_items"), 0).astype(np.int8)
    for key in required:
        present = use[:, readings.items.index(key)] == Use.USED if key in readings.items else np.bool_(False)
        reason = np.where(present | (reason != 0), reason, REASONS.index("required_missing")).astype(np.int8)
    overall = np.where(reason == 0, overall, 0).astype(np.int8)
    deciding = counted & (found == overall[:, None]) & (overall > 0)[:, None]
    return replace(
        _none(readings), item_class=found, overall=overall, deciding=deciding, reason=reason, use=use,
        by_saturation=by_saturation,
    )  # fmt: skip


def item_classes(values: np.ndarray, lake: np.ndarray, item: Item, standard: Standard) -> np.ndarray:
    """Class of one item in every row, 0 where the standard has no limit for that kind of water.

    values: millionths of the item's unit; equal to a limit meets it.
    """
    river = _by_limits(values, item, item.river, standard)
    return river if item.river == item.lake else np.where(lake, _by_limits(values, item, item.lake, standard), river)


def _by_limits(values: np.ndarray, item: Item, limits: tuple[int, ...], standard: Standard) -> np.ndarray:
    found = np.zeros(values.shape, np.int8)
    if not limits:
        return found
    if item.kind == "range":
        outside = (values < limits[0]) | (values > limits[1])
        return np.where(outside, np.int8(standard.outside_ph), np.int8(1))
    for limit in limits:
        found += values < limit if item.kind == "least" else values > limit
    return found + np.int8(1)


def _saturated(readings: Readings, use: np.ndarray, standard: Standard) -> np.ndarray:
    """Rows whose oxygen is at least the share of saturation of class I; exact, in whole numbers."""
    if standard.saturation is None or not {"do", "water_temp"} <= set(readings.items):
        return np.zeros(len(readings), np.bool_)
    oxygen, warm = readings.items.index("do"), readings.items.index("water_temp")
    known = (use[:, oxygen] == Use.USED) & (use[:, warm] == Use.USED)
    share, numerator, offset = standard.saturation
    amount = np.where(known, readings.amounts.values[:, oxygen], 0)
    below = np.where(known, readings.amounts.values[:, warm], 0) + offset
    # DO ≥ share % of numerator / (offset + t), both sides multiplied out.
    return known & (100 * amount * below >= share * numerator * SCALE)
