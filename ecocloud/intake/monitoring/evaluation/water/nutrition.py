"""Trophic state of lakes 综合营养状态指数 TLI(Σ) (总站生字〔2001〕090号)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.scaled import SCALE, Amounts


@dataclass(frozen=True)
class Nutrition:
    """TLI of lakes. units: int64, in units of the last of ``decimals`` places; known: whether there is one; used: items
    that went in, bool (rows, items): weights are those of the items that are there, made to add up to one; grade: int8,
    1 贫营养 to 5 重度富营养, 0 for none; unverified: names of unverified facts.
    """

    units: np.ndarray
    known: np.ndarray
    used: np.ndarray
    grade: np.ndarray
    decimals: int
    unverified: tuple[str, ...]

    def words(self, book: InForce, english: bool = False) -> list[str]:
        """The grades in words; '' where there is none."""
        names = ("", *book.get("tli_words_en" if english else "tli_words").listed())
        return [names[one] for one in self.grade.tolist()]


def nutrition(items: Sequence[str], amounts: Amounts, book: InForce) -> Nutrition:
    """TLI of each row.

    items: the columns, of ``chla`` (mg/m³), ``tp``, ``tn``, ``codmn`` (mg/L) and ``sd`` (m, transparency); amounts:
    (rows, items). An amount at or below zero has no logarithm and does not go in. The grade is that of the rounded
    index: 30 is mesotrophic, 50, 60 and 70 belong to the grade below. Raises ValueError for other items.
    """
    book = book.fresh()
    terms = {key: fact.mapping() for key, fact in book.under("tli").items()}
    if unknown := [key for key in items if key not in terms]:
        raise ValueError(f"no items of the trophic index: {', '.join(unknown)}")
    decimals = book.get("decimals.tli").whole()
    used = ~amounts.missing & (amounts.values > 0)
    total, weights = np.zeros(amounts.shape[0]), np.zeros(amounts.shape[0])
    # In the order of the facts, so that the order of columns changes nothing.
    for column in sorted(range(len(items)), key=lambda one: list(terms).index(items[one])):
        term = {name: float(value) for name, value in terms[items[column]].items()}
        amount = np.where(used[:, column], amounts.values[:, column], SCALE) / SCALE
        index = 10 * (term["constant"] + term["slope"] * np.log(amount))
        total += np.where(used[:, column], term["r2"] * index, 0.0)
        weights += np.where(used[:, column], term["r2"], 0.0)
    known = used.any(axis=1)
    # To a millionth first: the last bits of a logarithm do not decide how a half is rounded.
    exact = np.rint(np.where(known, total / np.where(known, weights, 1.0), 0.0) * SCALE) / SCALE
    units = np.rint(exact * 10**decimals).astype(np.int64)
    bounds = [int(one) * 10**decimals for one in book.get("tli_bounds").listed()]
    grade = 1 + (units >= bounds[0]).astype(np.int8) + sum((units > bound).astype(np.int8) for bound in bounds[1:])
    return Nutrition(units, known, used, np.where(known, grade, 0).astype(np.int8), decimals, book.unverified)
