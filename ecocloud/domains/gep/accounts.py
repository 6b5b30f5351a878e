"""What is made of accounts: totals, shares, ratios, constant prices, decomposition of a change, comparison. Pure.

Every total is a sum of lines that were rounded once, so sums over any division of them agree to the last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal

from ecocloud.domains.gep.calculation import Account, Line
from ecocloud.domains.gep.facts import Facts
from ecocloud.domains.gep.pricing import CENT, Price, value

Key = Callable[[Account, Line], str]
_ZERO = Decimal(0)


def totals(accounts: Iterable[Account], *by: Key) -> dict[tuple[str, ...], Decimal]:
    """Value in 万元 by any keys of lines, in the order they come; their sum is that of the accounts."""
    found: dict[tuple[str, ...], Decimal] = {}
    for account in accounts:
        for line in account.lines:
            key = tuple(one(account, line) for one in by)
            found[key] = found.get(key, _ZERO) + line.value
    return found


def by_service(_: Account, line: Line) -> str:
    """Key: the service."""
    return line.service


def by_item(_: Account, line: Line) -> str:
    """Key: the item."""
    return line.item


def by_region(account: Account, _: Line) -> str:
    """Key: the region."""
    return account.region


def by_year(account: Account, _: Line) -> str:
    """Key: the year."""
    return str(account.year)


def by_ecosystem(_: Account, line: Line) -> str:
    """Key: the first-level class of ecosystem; '' for what belongs to the region or a thing."""
    return line.part[:1] if line.part.isdigit() else ""


def by_group(facts: Facts) -> Key:
    """Key: provisioning, regulating or cultural."""
    return lambda _, line: facts.services[line.service].group


def ratio(part: Decimal, whole: Decimal | None, digits: int = 2) -> Decimal | None:
    """A ratio rounded half to even; None where the whole is unknown or zero."""
    return (part / whole).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN) if whole else None


def at_prices(facts: Facts, account: Account, prices: Mapping[str, Price]) -> Account:
    """The account at other prices (those of a base year, by kind): constant prices.

    A kind without a price among them keeps its own, so that what cannot be made constant is told by the year of its
    price. Items that already are money stay as they are: a deflator is a choice the account does not make.
    """
    lines = []
    for line in account.lines:
        item = facts.items[line.item][1]
        price = prices.get(item.price, line.price) if item.price else None
        used = tuple(
            replace(one, value=price.value, source=price.source, mark=price.mark, part=price.place)
            if one.kind == "price" and price else one for one in line.used
        )  # fmt: skip
        lines.append(replace(line, price=price, value=value(item, line.amount, price), used=used))
    return replace(account, lines=tuple(lines))


@dataclass(frozen=True)
class Change:
    """The change of one item and part between two years, 万元: the effects add up to it exactly.

    ``area``: more or less ecosystem at the old amount per area and price; ``quality``: more or less per area on the
    new area at the old price; ``price``: the new amount at the difference of prices. What has no area is all quality;
    what is new or gone is all area.
    """

    service: str
    item: str
    part: str
    before: Decimal
    after: Decimal
    area: Decimal
    quality: Decimal
    price: Decimal


def decompose(facts: Facts, before: Account, after: Account) -> tuple[Change, ...]:
    """What changed from one account to another, line by line; the three effects of each line sum to its change."""
    old = {(line.item, line.part): line for line in before.lines}
    new = {(line.item, line.part): line for line in after.lines}
    return tuple(
        _change(facts, old.get(key), new.get(key)) for key in sorted({*old, *new}, key=lambda key: _order(facts, key))
    )


def _order(facts: Facts, key: tuple[str, str]) -> tuple[int, str]:
    return list(facts.items).index(key[0]), key[1]


def _change(facts: Facts, old: Line | None, new: Line | None) -> Change:
    line = new or old
    assert line is not None
    before, after = (old.value if old else _ZERO), (new.value if new else _ZERO)
    if not old or not new:
        return Change(line.service, line.item, line.part, before, after, after - before, _ZERO, _ZERO)
    item = facts.items[line.item][1]
    at_old = value(item, new.amount, old.price)
    price = after - at_old
    area_old, area_new = _area(old), _area(new)
    area = _ZERO
    if area_old and area_new is not None:
        scaled = value(item, old.amount / area_old * area_new, old.price)
        area = scaled - before
    return Change(line.service, line.item, line.part, before, after, area, after - before - area - price, price)


def _area(line: Line) -> Decimal | None:
    """The area a line was computed from, km²; None when it was not."""
    return next((one.value for one in line.used if one.kind == "datum" and one.code == "area"), None)


@dataclass(frozen=True)
class Difference:
    """An account against a published figure, 万元: what is different and which reasons can be told from the account."""

    key: str
    published: Decimal
    own: Decimal
    reasons: tuple[str, ...]

    @property
    def gap(self) -> Decimal:
        """Own less published, 万元."""
        return (self.own - self.published).quantize(CENT)


def against(published: Mapping[str, Decimal], account: Account, facts: Facts) -> tuple[Difference, ...]:
    """Each published service total (by the service's code, 万元) against the account's, with what is known of the
    reason:

    "gap" (something of the service is not accounted), "method" (not the edition's first), "price" (a price is older
    than the year), "absent" (the edition does not account the service).
    """
    sums = totals([account], by_service)
    found = []
    for service, told in published.items():
        lines = [line for line in account.lines if line.service == service]
        first = facts.editions[account.edition].by_service.get(service)
        reasons = []
        if first is None:
            reasons.append("absent")
        if any(gap.service == service for gap in account.gaps):
            reasons.append("gap")
        if first and any(line.method not in first.methods for line in lines):
            reasons.append("method")
        if any(line.price and line.price.year < account.year for line in lines):
            reasons.append("price")
        found.append(Difference(service, told, sums.get((service,), _ZERO), tuple(reasons)))
    return tuple(found)
