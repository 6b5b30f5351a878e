"""Trophic state of lakes and reservoirs: TLI of points for days, months and years, from the means of the section."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ecocloud.intake.monitoring.evaluation.facts import Facts, facts
from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from ecocloud.intake.monitoring.evaluation.water.nutrition import Nutrition, nutrition
from ecocloud.intake.monitoring.evaluation.water.standard import lake_codes
from ecocloud.intake.monitoring.results.made import Key, Made
from ecocloud.intake.monitoring.results.rules import WATER_LAKE, rules
from ecocloud.intake.monitoring.results.sites import Site
from ecocloud.intake.monitoring.results.water_periods import MEANS, Periods

_FACT = "water:"


def items_of(book: InForce) -> tuple[str, ...]:
    """The items the index is made of, in the order of the facts."""
    return tuple(book.under("tli"))


def lakes(periods: Periods, made: Sequence[Made], sites: Sequence[Site], source: Facts | None = None
          ) -> Iterator[Made]:  # fmt: skip
    """The index of the points of lakes among the sections. made: the results of the sections, in their order.

    It has a value where every item is measured; else the body says which are missing, and has the index by the others
    (weights made to add up to one) for comparison. A point where none of the items came in has no result.
    """
    book = InForce(source or facts("water"), periods.readings.days.max().item()) if len(made) else None
    rows = np.flatnonzero(periods.readings.lake)
    if book is None or not rows.size:
        return
    items = items_of(book)
    amounts = _columns(periods, items, rows)
    whole = nutrition(items, amounts, book)
    sent = book.fresh()
    lake_codes(sent)
    single = {key: nutrition((key,), amounts[:, [column]], book) for column, key in enumerate(items)}
    label = (MEANS,) if rules().water.unverified else ()
    known = (*(_FACT + one for one in (*whole.unverified, *sent.unverified)), *label)
    for place, row in enumerate(rows.tolist()):
        counts = _counts(periods, row)
        if any(counts.get(key) for key in items):
            yield _lake(made[row], sites[periods.sites[row]], (whole, single), place, amounts, counts,
                        known)  # fmt: skip


def _columns(periods: Periods, items: Sequence[str], rows: np.ndarray) -> Amounts:
    """The amounts of the items, missing where the periods have no such column."""
    own, shape = periods.readings, (len(rows), len(items))
    values, missing = np.zeros(shape, np.int64), np.ones(shape, np.bool_)
    for column, key in enumerate(items):
        if key in own.items:
            values[:, column] = own.amounts.values[rows, own.items.index(key)]
            missing[:, column] = own.amounts.missing[rows, own.items.index(key)]
    return Amounts(np.where(missing, 0, values), missing)


def _counts(periods: Periods, row: int) -> dict[str, int]:
    return {key: int(periods.counts[row, column]) for column, key in enumerate(periods.readings.items)}


def _lake(section: Made, site: Site, indices: tuple[Nutrition, dict[str, Nutrition]], place: int, amounts: Amounts,
          counts: dict[str, int], known: tuple[str, ...]) -> Made:  # fmt: skip
    whole, single = indices
    found: dict[str, Any] = {}
    for column, (key, one) in enumerate(single.items()):
        there = not amounts.missing[place, column]
        found[key] = {
            "value": int(amounts.values[place, column]) if there else None, "count": counts.get(key, 0),
            "index": int(one.units[place]) if one.known[place] else None,
        }  # fmt: skip
    missing = [key for key, one in found.items() if one["index"] is None]
    units = int(whole.units[place]) if whole.known[place] else None
    reason = "" if not missing else "no_items" if units is None else "item_missing"
    body = {"items": found, "missing": missing, "water": site.water, "places": whole.decimals, "index": units}
    key = Key(WATER_LAKE, section.key.span, section.key.start, section.key.subject)
    return Made(
        key, section.device, section.region, section.department, section.edition, None if missing else units,
        None if missing else int(whole.grade[place]), (), reason, body,
        {"section": [section.digest, section.outcome], "water": site.water}, parents=(section.key,), facts=known,
    )  # fmt: skip
