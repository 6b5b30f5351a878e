"""A section beside its target and in words: attainment, items that exceed with their multiples, main pollutants, grade
(环办〔2011〕22号)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.rounding import divide_half_even
from ecocloud.intake.monitoring.evaluation.scaled import SCALE
from ecocloud.intake.monitoring.evaluation.water.classes import Classes
from ecocloud.intake.monitoring.evaluation.water.readings import Readings
from ecocloud.intake.monitoring.evaluation.water.standard import WORST, Standard


@dataclass(frozen=True)
class Attainment:
    """Sections beside their targets. judged: there is a class and a target; meets: class at or better than the target
    (False where not judged); over: evaluated items worse than the target, bool (rows, items); multiples: how far they
    exceed its limit; unverified: names of unverified facts.
    """

    judged: np.ndarray
    meets: np.ndarray
    over: np.ndarray
    multiples: Multiples
    unverified: tuple[str, ...]


@dataclass(frozen=True)
class Multiples:
    """Exceed multiples 超标倍数 ``(C - S) / S``. units: int64 (rows, items), in units of the last of ``decimals``
    places; known: whether there is one (not for items that keep the limit, nor for temperature, pH and oxygen).
    """

    units: np.ndarray
    known: np.ndarray
    decimals: int


@dataclass(frozen=True)
class MainPollutants:
    """Main pollutants 主要污染指标 of each row, the worst first. columns: int16 (rows, most), -1 after the last one;
    multiples: over the limits of class III; unverified: names of unverified facts.
    """

    items: tuple[str, ...]
    columns: np.ndarray
    multiples: Multiples
    unverified: tuple[str, ...]

    def of(self, row: int) -> tuple[str, ...]:
        """The items of a row."""
        return tuple(self.items[column] for column in self.columns[row] if column >= 0)


def attain(readings: Readings, classes: Classes, targets: np.ndarray, standard: Standard, book: InForce) -> Attainment:
    """Sections against their target classes (断面是否达标).

    targets: int (rows), 1 to 5, 0 for a section without a target. classes: of these readings, under ``standard``.
    """
    book = book.fresh()
    targets = _targets(targets, len(readings))
    judged = (classes.overall > 0) & (targets > 0)
    evaluated = np.array([key in standard.evaluated for key in readings.items], np.bool_)
    over = judged[:, None] & evaluated & (classes.item_class > targets[:, None])
    multiples = exceed(readings, over, targets, standard, book)
    return Attainment(judged, judged & (classes.overall <= targets), over, multiples, book.unverified)


def exceed(readings: Readings, over: np.ndarray, against: np.ndarray, standard: Standard, book: InForce) -> Multiples:
    """The multiples of what is ``over`` (bool, rows and items), against the limits of the class ``against`` (rows)."""
    decimals = book.get("decimals.multiple").whole()
    units, known = np.zeros(over.shape, np.int64), np.zeros(over.shape, np.bool_)
    for column, key in enumerate(readings.items):
        rows = np.flatnonzero(over[:, column])
        limits = _limits(key, readings.lake[rows], against[rows], standard)
        rows, limits = rows[limits > 0], limits[limits > 0]
        known[rows, column] = True
        above = readings.amounts.values[rows, column] - limits
        units[rows, column] = divide_half_even(above * 10**decimals, limits)
    return Multiples(units, known, decimals)


def main_pollutants(readings: Readings, classes: Classes, standard: Standard, book: InForce) -> MainPollutants:
    """Items worse than class III: by class, then by multiple, the first three; toxic ones before all others.

    Items without a multiple come after those of their class that have one; what is still equal (multiples compared to
    a millionth) stands in the order of table 1.
    """
    book = book.fresh()
    base = book.get("main.standard_class").whole()
    most = book.get("main.count").whole()
    first = book.optional("main.first")
    toxic = first.listed() if first else ()
    evaluated = np.array([key in standard.evaluated for key in readings.items], np.bool_)
    over = evaluated & (classes.item_class > base)
    against = np.full(len(readings), base)
    multiples = exceed(readings, over, against, standard, book)
    order = list(standard.items)
    columns = sorted(range(len(readings.items)), key=lambda column: order.index(readings.items[column]))
    found = np.full((len(readings), most), -1, np.int16)
    polluted = np.flatnonzero(over.any(axis=1))
    rank = np.full((len(polluted), len(columns)), -1, np.int64)
    for place, column in enumerate(columns):
        own = over[polluted, column]
        rows, key = polluted[own], readings.items[column]
        grade = classes.item_class[rows, column].astype(np.int64) + (key in toxic) * (WORST + 1)
        limits = _limits(key, readings.lake[rows], against[rows], standard)
        rank[own, column] = _rank(readings.amounts.values[rows, column], limits, grade) * len(columns) - place
    worst = np.argsort(-rank, axis=1, kind="stable")[:, :most]
    found[polluted, : worst.shape[1]] = np.where(np.take_along_axis(rank, worst, 1) < 0, -1, worst)
    return MainPollutants(readings.items, found, multiples, book.unverified)


def section_words(classes: np.ndarray, book: InForce, english: bool = False) -> list[str]:
    """The grade of each class in words (优, 良好, 轻度污染 …), '' where there is none."""
    words = book.get("section.words_en" if english else "section.words").listed()
    return [words[one - 1] if one else "" for one in np.asarray(classes).tolist()]


def class_names(classes: np.ndarray, book: InForce) -> list[str]:
    """The classes as they are written, Ⅰ to 劣Ⅴ; '' where there is none."""
    names = book.get("classes").listed()
    return [names[one - 1] if one else "" for one in np.asarray(classes).tolist()]


def section_colours(classes: np.ndarray, book: InForce) -> list[str]:
    """The colour of each class on maps; '' where there is none."""
    colours = book.get("section.colours").listed()
    return [colours[one - 1] if one else "" for one in np.asarray(classes).tolist()]


def _rank(values: np.ndarray, limits: np.ndarray, grade: np.ndarray) -> np.ndarray:
    """One number by which items of a row are ordered: toxic and class, then multiple in whole millionths, cut off.

    limits: 0 where no multiple is counted. Beyond a hundred million times the limit all are equal.
    """
    most = 10**8 * SCALE
    whole, rest = np.divmod(values, np.maximum(limits, 1))
    ratio = np.minimum(np.minimum(whole, 10**8) * SCALE + rest * SCALE // np.maximum(limits, 1), most)
    return (2 * grade + (limits > 0)) * (most + 1) + np.where(limits > 0, ratio, 0)


def _limits(key: str, lake: np.ndarray, against: np.ndarray, standard: Standard) -> np.ndarray:
    """The limit of an item in each row at the class ``against``, 0 where it has none or no multiple is counted."""
    item = standard.items[key]
    if key in standard.without_multiple or item.kind != "most":
        return np.zeros(len(lake), np.int64)
    listed = [np.array((0, *(item.limits(is_lake) or (0,) * (WORST - 1))), np.int64) for is_lake in (False, True)]
    place = np.clip(against, 0, WORST - 1)
    return np.where(lake, listed[1][place], listed[0][place])


def _targets(targets: np.ndarray, rows: int) -> np.ndarray:
    found = np.asarray(targets)
    whole = found.shape == (rows,) and found.dtype.kind in "iu"
    if not whole or (rows and not 0 <= found.min() <= found.max() < WORST):
        raise ValueError("a target class is a whole number from 0 (none) to 5 for each row")
    return found.astype(np.int64)
