"""Drinking-water sources 饮用水水源: which meet class III of table 1 and tables 2 and 3 of GB 3838; the two rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ecocloud.intake.monitoring.evaluation.in_force import InForce, millionths
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from ecocloud.intake.monitoring.evaluation.shares import Shares, counts
from ecocloud.intake.monitoring.evaluation.water.readings import Readings, uses
from ecocloud.intake.monitoring.evaluation.water.sections import Multiples, exceed
from ecocloud.intake.monitoring.evaluation.water.standard import Item, Standard


@dataclass(frozen=True)
class SourceVerdicts:
    """Sources beside their limits. judged: at least one listed item was evaluated; meets: none of them exceeds (False
    where not judged); over: items that exceed, bool (rows, items); multiples: by how much; lacking: listed items that
    were not evaluated, bool (rows, all listed items, in the order of ``listed``); unverified: names of facts.
    """

    items: tuple[str, ...]
    listed: tuple[str, ...]
    judged: np.ndarray
    meets: np.ndarray
    over: np.ndarray
    multiples: Multiples
    lacking: np.ndarray
    unverified: tuple[str, ...]


@dataclass(frozen=True)
class SourceRates:
    """The two rates of groups, both published: sources attaining of all judged (水源达标率), and water taken from them
    of all water taken from judged sources (水量达标率). without: sources that could not be judged, in neither.
    """

    by_count: Shares
    by_volume: Shares
    without: np.ndarray
    unverified: tuple[str, ...]


def source_standard(
    standard: Standard, book: InForce, every_specific: bool = False
) -> tuple[Standard, tuple[str, ...]]:
    """The standard with the items of tables 2 and 3 beside those of table 1, and the names of the items a source is
    judged by: those of every month (the first 33 of table 3), or with ``every_specific`` all of table 3.

    Items of table 3 are ``t01`` to ``t80`` by their number.
    """
    more: dict[str, Item] = {}
    listed = [*book.get("source.table1").listed(), *book.under("table2")]
    # Below zero or above this nothing was measured, as for the other items of table 1.
    low, high = (millionths(one) for one in book.get("plausible.other").listed())
    for prefix in ("table2", "table3"):
        for key, fact in book.under(prefix).items():
            limit = (millionths(fact.number()),) * 5
            more[key] = Item(key, fact.zh, fact.en or fact.zh, fact.unit, "most", limit, limit, (low, high))
    specific = list(book.under("table3"))
    if not every_specific:
        specific = specific[: book.get("source.table3_monthly").whole()]
    items: Mapping[str, Item] = {**standard.items, **more}
    return replace(standard, items=items), (*listed, *specific)


def judge_sources(readings: Readings, standard: Standard, listed: tuple[str, ...], book: InForce) -> SourceVerdicts:
    """Sources by one month (one row each), with :func:`source_standard`; one item over the limit and the source fails.

    Oxygen must be at least, pH within, all others at most the limit; lakes have their own limit of total phosphorus.
    Columns that are not listed are looked at by nobody.
    """
    book = book.fresh()
    base = book.get("source.class").whole()
    use = uses(readings, standard)
    over = np.zeros(use.shape, np.bool_)
    lacking = np.ones((len(readings), len(listed)), np.bool_)
    for column, key in enumerate(readings.items):
        if key not in listed:
            continue
        own = use[:, column] == 0
        lacking[:, listed.index(key)] = ~own
        over[:, column] = own & _over(readings, column, standard.items[key], base)
    judged = ~lacking.all(axis=1)
    multiples = exceed(readings, over, np.full(len(readings), base), standard, book)
    meets = judged & ~over.any(axis=1)
    return SourceVerdicts(readings.items, listed, judged, meets, over, multiples, lacking, book.unverified)


def source_rates(
    verdicts: SourceVerdicts, intake: Amounts, groups: np.ndarray, number: int, book: InForce
) -> SourceRates:
    """The rates of groups of sources (a city, a month).

    intake: water taken from each source, in any one unit (10⁴ m³), millionths; a source whose intake is missing counts
    in the first rate only. Raises ValueError for a negative intake. groups: int (rows), 0 to ``number - 1``.
    """
    book = book.fresh()
    if (intake.values < 0).any():
        raise ValueError("an intake is below zero")
    groups = np.asarray(groups)
    decimals = book.get("decimals.rate").whole()
    volumes = []
    for chosen in (verdicts.meets, verdicts.judged):
        total = np.zeros(number, np.int64)
        np.add.at(total, groups, np.where(chosen & ~intake.missing, intake.values, 0))
        volumes.append(total)
    by_count = Shares.of(counts(verdicts.meets, groups, number), counts(verdicts.judged, groups, number), decimals)
    by_volume = Shares.of(volumes[0], volumes[1], decimals)
    return SourceRates(by_count, by_volume, counts(~verdicts.judged, groups, number), book.unverified)


def _over(readings: Readings, column: int, item: Item, base: int) -> np.ndarray:
    values = readings.amounts.values[:, column]
    found = np.zeros(len(readings), np.bool_)
    for is_lake in (False, True):
        limits = item.limits(is_lake)
        rows = readings.lake == is_lake
        if not limits:
            continue
        if item.kind == "range":
            found[rows] = ((values < limits[0]) | (values > limits[1]))[rows]
        elif item.kind == "least":
            found[rows] = (values < limits[base - 1])[rows]
        else:
            found[rows] = (values > limits[base - 1])[rows]
    return found
