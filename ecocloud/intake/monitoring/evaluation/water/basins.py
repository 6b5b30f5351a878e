"""Rivers, basins and regions 河流、流域、区域: shares of classes, grade, main pollutants, change (环办〔2011〕22号)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ecocloud.intake.monitoring.evaluation.facts import Facts
from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.shares import Shares, counts
from ecocloud.intake.monitoring.evaluation.water.classes import Classes, classify
from ecocloud.intake.monitoring.evaluation.water.means import body_means
from ecocloud.intake.monitoring.evaluation.water.readings import Readings
from ecocloud.intake.monitoring.evaluation.water.standard import WORST, Standard

GOOD = 3
UNKNOWN_CHANGE = -9


@dataclass(frozen=True)
class Ratios:
    """Shares of sections in groups. classes: sections in each class, int64 (groups, 6); good: Ⅰ to Ⅲ of those with a
    class (优良比例); worst: 劣Ⅴ; attained: target met of those with class and target (断面达标率); without_class:
    sections that have none and are in no share; unverified: names of unverified facts.
    """

    classes: np.ndarray
    good: Shares
    worst: Shares
    attained: Shares
    without_class: np.ndarray
    unverified: tuple[str, ...]


@dataclass(frozen=True)
class Grades:
    """Grades of groups. grade: int8, 1 优 to 5 重度污染, 0 for none; by_shares: by shares of classes (enough sections),
    or by the mean of each item over the sections; mean_class: the class of those means, 0 where graded by shares.
    """

    grade: np.ndarray
    by_shares: np.ndarray
    mean_class: np.ndarray
    unverified: tuple[str, ...]

    def words(self, book: InForce, english: bool = False) -> list[str]:
        """The grades in words; '' where there is none."""
        words = dict.fromkeys(book.get("section.words_en" if english else "section.words").listed())
        names = ("", *words)
        return [names[one] for one in self.grade.tolist()]


def ratios(classes: np.ndarray, targets: np.ndarray, groups: np.ndarray, number: int, book: InForce) -> Ratios:
    """Shares of the sections of each group.

    classes: int (rows), 0 for none; targets: int (rows), 0 for none; groups: int (rows), 0 to ``number - 1``.
    """
    book = book.fresh()
    classes, targets, groups = np.asarray(classes), np.asarray(targets), np.asarray(groups)
    decimals = book.get("decimals.rate").whole()
    tables = np.stack([counts(classes == one, groups, number) for one in range(WORST + 1)], axis=1)
    whole = tables[:, 1:].sum(axis=1)
    judged = (classes > 0) & (targets > 0)
    return Ratios(
        tables[:, 1:],
        Shares.of(tables[:, 1 : GOOD + 1].sum(axis=1), whole, decimals),
        Shares.of(tables[:, WORST], whole, decimals),
        Shares.of(counts(judged & (classes <= targets), groups, number), counts(judged, groups, number), decimals),
        tables[:, 0],
        book.unverified,
    )


def grades(
    readings: Readings, classes: Classes, groups: np.ndarray, number: int, book: InForce, source: Facts | None = None
) -> Grades:
    """Grade of each river or basin: with five sections or more by the shares of Ⅰ to Ⅲ and of 劣Ⅴ, with fewer by the
    mean of each item over the sections.

    Groups of fewer sections are taken river sections and lake points apart; the worse of the two decides.
    """
    book = book.fresh()
    groups = np.asarray(groups)
    least = book.get("basin.least_sections").whole()
    good_bounds = [int(one) for one in book.get("basin.good_shares").listed()]
    bad_bounds = [int(one) for one in book.get("basin.bad_shares").listed()]
    whole = counts(classes.overall > 0, groups, number)
    good = counts((classes.overall > 0) & (classes.overall <= GOOD), groups, number)
    worst = counts(classes.overall == WORST, groups, number)
    # 1 and 2 by the share of Ⅰ to Ⅲ; below, 3 to 5 by the share of 劣Ⅴ.
    by_good = 1 + sum((100 * good < bound * whole).astype(np.int8) for bound in good_bounds)
    by_bad = 1 + len(good_bounds) + sum((100 * worst >= bound * whole).astype(np.int8) for bound in bad_bounds)
    by_shares = whole >= least
    mean_class = np.where(by_shares, 0, _mean_classes(readings, classes, groups, number, source))
    grade = np.where(by_shares, np.where(by_good <= len(good_bounds), by_good, by_bad), _steps(book)[mean_class])
    return Grades(grade.astype(np.int8), by_shares, mean_class.astype(np.int8), book.unverified)


def basin_pollutants(
    classes: Classes, groups: np.ndarray, number: int, standard: Standard, book: InForce
) -> list[tuple[tuple[str, Shares], ...]]:
    """Main pollutants of each group: items by the share of sections that are worse than III (断面超标率), the first
    three.

    Returns for each group (item, its share); what is equal stands in the order of the columns.
    """
    groups = np.asarray(groups)
    base, most = book.get("main.standard_class").whole(), book.get("main.count").whole()
    decimals = book.get("decimals.rate").whole()
    whole = counts(classes.overall > 0, groups, number)
    evaluated = [column for column, key in enumerate(classes.items) if key in standard.evaluated]
    over = {column: counts((classes.item_class[:, column] > base) & (classes.overall > 0), groups, number)
            for column in evaluated}  # fmt: skip
    found = []
    for group in range(number):
        worst = sorted((column for column in evaluated if over[column][group]), key=lambda one: -over[one][group])
        found.append(tuple(
            (classes.items[column], Shares.of(over[column][group : group + 1], whole[group : group + 1], decimals))
            for column in worst[:most]
        ))  # fmt: skip
    return found


def section_changes(before: np.ndarray, now: np.ndarray, book: InForce) -> np.ndarray:
    """Change of the grade of sections: int8, 2 明显好转, 1 有所好转, 0 无明显变化, -1 有所变差, -2 明显变差;
    :data:`UNKNOWN_CHANGE` where one of the two classes is missing.
    """
    some, clear = (int(one) for one in book.get("trend.section").listed())
    step = _steps(book)
    better = step[np.asarray(before)] - step[np.asarray(now)]
    size = (np.abs(better) >= some).astype(np.int8) + (np.abs(better) >= clear)
    known = (np.asarray(before) > 0) & (np.asarray(now) > 0)
    return np.where(known, np.sign(better) * size, UNKNOWN_CHANGE).astype(np.int8)


def basin_changes(before: Ratios, now: Ratios, book: InForce) -> np.ndarray:
    """Change of groups by ``ΔG - ΔD``, percentage points of the shares of Ⅰ to Ⅲ and of 劣Ⅴ; numbers as those of
    :func:`section_changes`.

    Taken from the counts, not from rounded shares: up to 10 is no clear change, above 20 a clear one.
    """
    some, clear = (int(one) for one in book.get("trend.basin").listed())
    found = []
    for group in range(len(now.good.whole)):
        if not (before.good.whole[group] and now.good.whole[group]):
            found.append(UNKNOWN_CHANGE)
            continue
        better = _balance(now, group) - _balance(before, group)
        size = (abs(better) > some) + (abs(better) > clear)
        found.append(size if better > 0 else -size)
    return np.array(found, np.int8)


def change_words(changes: np.ndarray, book: InForce, english: bool = False) -> list[str]:
    """The changes in words; '' where one is not known."""
    words = book.get("trend.words_en" if english else "trend.words").listed()
    return ["" if one == UNKNOWN_CHANGE else words[one + len(words) // 2] for one in np.asarray(changes).tolist()]


def _steps(book: InForce) -> np.ndarray:
    """The grade, from 1, of each class; 0 of none."""
    words = book.get("section.words").listed()
    names = list(dict.fromkeys(words))
    return np.array((0, *(1 + names.index(one) for one in words)), np.int64)


def _balance(ratios_: Ratios, group: int) -> Fraction:
    return Fraction(100 * int(ratios_.good.part[group] - ratios_.worst.part[group]), int(ratios_.good.whole[group]))


def _mean_classes(
    readings: Readings, classes: Classes, groups: np.ndarray, number: int, source: Facts | None
) -> np.ndarray:
    """Class of the mean of each item over the sections of a group, the worse of rivers and lakes."""
    means, _counts = body_means(readings, classes.use, groups, number)
    return classify(means, source=source).overall.reshape(number, 2).max(axis=1)
