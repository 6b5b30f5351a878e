"""Farmland soil 农用地土壤: GB 15618 screening and intervention values by pH and use, class of farmland, rate of safe
use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from ecocloud.intake.monitoring.evaluation.in_force import InForce, millionths
from ecocloud.intake.monitoring.evaluation.rounding import Exact, divide_half_even, half_even
from ecocloud.intake.monitoring.evaluation.scaled import Amounts

LANDS = ("paddy", "orchard", "other", "rotation")
"""Uses of land by their number: paddy field 水田, orchard 果园, other 其他, paddy and dry land in turn 水旱轮作."""
REASONS = ("", "no_ph", "no_items", "no_rule")
"""Why a sample has no class: pH missing or impossible, nothing to compare, the rule for rotation is switched off."""
REASON_WORDS = {
    "no_ph": ("缺少有效的pH，不能确定限值", "no valid pH: the values are open"),
    "no_items": ("没有可评价的项目", "no item to evaluate"),
    "no_rule": ("水旱轮作的取值规则未启用", "the rule for rotation is switched off"),
}
"""The reasons in words, Chinese and English."""
_PH = (0, 14)


@dataclass(frozen=True)
class SoilClasses:
    """Samples beside GB 15618. level: int8 (samples, items), 0 none, 1 at most the screening value (优先保护), 2 above
    it (安全利用), 3 above the intervention value (严格管控); overall: the worst of them; deciding: items of that
    level, where it is above 1; multiples: over the screening value, int64 (samples, items) in units of the last of
    ``decimals`` places, 0 where it is kept; reason: place in :data:`REASONS`; unverified: names of unverified facts.
    """

    items: tuple[str, ...]
    level: np.ndarray
    overall: np.ndarray
    deciding: np.ndarray
    multiples: np.ndarray
    decimals: int
    reason: np.ndarray
    edition: str
    unverified: tuple[str, ...]

    def words(self, book: InForce, english: bool = False) -> list[str]:
        """The classes of farmland in words; '' where there is none."""
        names = ("", *book.get("class.words_en" if english else "class.words").listed())
        return [names[one] for one in self.overall.tolist()]


def judge_soil(items: Sequence[str], amounts: Amounts, ph: Amounts, land: np.ndarray, book: InForce) -> SoilClasses:
    """Samples against screening and intervention values (equal to a value meets it).

    items: the columns (``cd``, ``hg``, ``as``, ``pb``, ``cr``, ``cu``, ``ni``, ``zn``, ``hch``, ``ddt``, ``bap``);
    amounts: mg/kg (samples, items), total contents; ph: (samples); land: int (samples), place in :data:`LANDS`.
    A negative amount, and one of more than the soil itself, is not evaluated. Copper, nickel and zinc have no
    intervention value. Raises ValueError for other items or uses, NoFact for a day before the edition.
    """
    book = book.fresh()
    edition = book.get("edition").text()
    bounds = book.units("ph_bounds")
    decimals = book.get("decimals.multiple").whole()
    low, high = (millionths(one) for one in book.get("plausible").listed())
    land = np.asarray(land, np.int64)
    if land.size and not 0 <= land.min() <= land.max() < len(LANDS):
        raise ValueError(f"a use of land is a number from 0 to {len(LANDS) - 1}")
    sour = ph.missing | (ph.values < _PH[0] * 10**6) | (ph.values > _PH[1] * 10**6)
    column = np.searchsorted(np.array(bounds), ph.values, "left")
    without_rule = land == LANDS.index("rotation")
    if without_rule.any() and book.optional("rotation_strictest"):
        without_rule = np.zeros(land.shape, np.bool_)
    level, multiples = np.zeros(amounts.shape, np.int8), np.zeros(amounts.shape, np.int64)
    for place, key in enumerate(items):
        screening, intervention = _tables(book, key)
        values = amounts.values[:, place]
        used = ~amounts.missing[:, place] & (values >= low) & (values <= high) & ~sour & ~without_rule
        least = screening[land, column]
        level[:, place] = np.where(used, 1 + (values > least) + (values > intervention[column]), 0)
        over = used & (values > least)
        multiples[over, place] = divide_half_even((values[over] - least[over]) * 10**decimals, least[over])
    overall = level.max(axis=1, initial=0)
    reason = np.where(overall == 0, REASONS.index("no_items"), 0).astype(np.int8)
    reason[without_rule] = REASONS.index("no_rule")
    reason[sour] = REASONS.index("no_ph")
    deciding = (level == overall[:, None]) & (overall > 1)[:, None]
    return SoilClasses(tuple(items), level, overall, deciding, multiples, decimals, reason, edition, book.unverified)


def safe_use_rate(
    protected: Exact, safely_used: Exact, controlled: Exact, polluted: Exact, book: InForce
) -> Decimal | None:
    """受污染耕地安全利用率, %: ``(B + C + D) / E``, areas in one unit.

    protected: B, slightly polluted land under priority protection; safely_used: C, light and medium polluted land under
    safe use or remediation whose produce meets the standards; controlled: D, heavily polluted land under strict
    control; polluted: E, all polluted farmland. None where there is no polluted land. Raises ValueError for a negative
    area, and when B, C and D are more than E.
    """
    book.get("safe_use")
    parts = [Fraction(one) for one in (protected, safely_used, controlled)]
    whole = Fraction(polluted)
    if min(*parts, whole) < 0 or sum(parts) > whole:
        raise ValueError("an area is below zero, or the parts are more than all polluted farmland")
    return half_even(100 * sum(parts) / whole, book.get("decimals.rate").whole()) if whole else None


def _tables(book: InForce, key: str) -> tuple[np.ndarray, np.ndarray]:
    """Screening values (land, pH bin) and intervention values (pH bin), millionths; where there is none, what no soil
    can hold.
    """
    found = book.under(f"screening.{key}")
    if not found:
        raise ValueError(f"GB 15618 has no item {key}")
    rows = {land: [millionths(one) for one in fact.listed()] for land, fact in found.items()}

    def row(*lands: str) -> list[int]:
        return next(rows[land] for land in (*lands, "all") if land in rows)

    own = {"paddy": row("paddy", "other"), "orchard": row("orchard", "other"), "other": row("other")}
    own["rotation"] = [min(pair) for pair in zip(own["paddy"], own["other"], strict=True)]
    top = book.under(f"intervention.{key}").get("all")
    most = [millionths(one) for one in top.listed()] if top else [np.iinfo(np.int64).max] * len(own["other"])
    return np.array([own[land] for land in LANDS], np.int64), np.array(most, np.int64)
