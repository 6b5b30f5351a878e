"""Prices: which one is in force for a place and year, and what an annual value is worth today. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from ecocloud.domains.gep.errors import GepError, NoPrice
from ecocloud.domains.gep.facts import MONEY, Facts, ItemFact
from ecocloud.kernel.regions import codes

CENT = Decimal("0.01")  # 万元
_YUAN = Decimal(10**4)  # in a 万元


@dataclass(frozen=True)
class Price:
    """One price of a kind: year, place ('' everywhere, else the code of a division), value, source and mark."""

    kind: str
    year: int
    place: str
    value: Decimal
    source: str
    mark: str = "decided"

    def __post_init__(self) -> None:
        """Raises :class:`GepError` for a price without year or source, or below zero."""
        if not self.year or not self.source or self.value < 0:
            raise GepError(f"价格 {self.kind} 须有年份和来源，且不为负。",
                           f"price {self.kind} lacks year or source, or is negative", value=self.value,
                           where={"科目": self.kind}, remedy_zh="请补上价格的年份和来源。")  # fmt: skip


def published(facts: Facts) -> tuple[Price, ...]:
    """The prices that come with the product."""
    return tuple(Price(one.kind, one.year, one.place, one.value, one.citation, one.mark) for one in facts.prices)


def places_of(region: str) -> list[str]:
    """The divisions a region lies in, the nearest first."""
    return codes.line(region)[1:]


def choose(kind: str, year: int, places: Iterable[str], prices: Iterable[Price]) -> Price:
    """The price of a kind that holds in ``year``: of the nearest place first, then the newest not younger than the
    year.

    ``places``: codes of the division and of those it lies in, the nearest first; prices for everywhere come last. An
    office's own price stands before a published one of the same place and year. Raises :class:`NoPrice`.
    """
    order = {code: rank for rank, code in enumerate((*places, ""))}
    fitting = [one for one in prices if one.kind == kind and one.year <= year and one.place in order]
    if not fitting:
        raise NoPrice(f"没有 {year} 年可用的价格：{kind}。", f"no price of {kind} for {year}", value=kind,
                      remedy_zh="请填写本地价格及其年份和来源。")  # fmt: skip
    return min(fitting, key=lambda one: (order[one.place], -one.year, one.mark != "decided", one.source))


def value(item: ItemFact, amount: Decimal, price: Price | None) -> Decimal:
    """The value of an amount in 万元, rounded to 0.01 once, half to even (GB/T 8170).

    An item whose unit already is money has no price.
    """
    if item.unit == MONEY:
        return amount.quantize(CENT, ROUND_HALF_EVEN)
    assert price is not None, item.code
    return (amount * price.value / _YUAN).quantize(CENT, ROUND_HALF_EVEN)


def present_value(annual: Decimal, rate: Decimal, years: int) -> Decimal:
    """What a yearly value is worth at the beginning of the first year: ``Σ F/(1+r)^(i−1)``, i = 1 … n (annuity due).

    Raises :class:`GepError` for no years or a rate of -100 % and below. Source: the published valuation of national
    forests (19.10 a year, 2.77 %, 100 years -> 662).
    """
    if years < 1 or rate <= -1:
        raise GepError("年数须不少于1，折现率须大于-100%。", "years or rate out of range", value=(rate, years))
    return sum((annual / (1 + rate) ** year for year in range(years)), Decimal(0))
