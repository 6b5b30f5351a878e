"""What runs came to: the accounts of a year and of those before, with statistics and base prices; sums over them. Pure.

Page, chart, report and workbook are made from the same :class:`Outcome`, so that their totals are one number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import floor

from ecocloud.domains.gep import accounts as sums
from ecocloud.domains.gep.calculation import Account, Gap
from ecocloud.domains.gep.facts import Facts
from ecocloud.domains.gep.pricing import Price

Prices = Mapping[str, Mapping[str, Price]]  # by region and kind
_ZERO = Decimal(0)
_YUAN = Decimal(10**4)  # in a 万元


@dataclass(frozen=True)
class Outcome:
    """The accounts of one year and what they are compared with.

    Parameters
    ----------
    accounts: of the year, one for each region; they do not overlap, so their sum is the whole.
    earlier: of years before, of the same or other regions.
    statistics: value by region, year and code (``gdp`` 万元, ``population`` 人, ``land`` 平方公里).
    whole: the region the others are parts of; its account is what was not divided among them, its statistics are those
        of all together.
    base_year: the year whose prices are the constant ones; 0 where there are none.
    base: the prices of that year by region and kind.
    """

    facts: Facts
    year: int
    accounts: tuple[Account, ...]
    earlier: tuple[Account, ...] = ()
    statistics: Mapping[tuple[str, int, str], Decimal] = field(default_factory=dict)
    base_year: int = 0
    base: Prices = field(default_factory=dict)
    whole: str = ""

    @property
    def total(self) -> Decimal:
        """GEP of the year, 万元: the sum of the accounts."""
        return total(self.accounts)

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions accounted, in their order."""
        return tuple(one.region for one in self.accounts)

    @cached_property
    def constant(self) -> tuple[Account, ...]:
        """The accounts of the year at the prices of the base year; as they are where there is none."""
        return tuple(self.at_base(one) for one in self.accounts)

    def at_base(self, account: Account) -> Account:
        """An account at the prices of the base year."""
        return sums.at_prices(self.facts, account, self.base.get(account.region, {})) if self.base_year else account

    def of_year(self, year: int) -> tuple[Account, ...]:
        """The accounts of a year for the regions accounted, in their order."""
        known = {(one.year, one.region): one for one in (*self.earlier, *self.accounts)}
        return tuple(known[year, region] for region in self.regions if (year, region) in known)

    @property
    def years(self) -> tuple[int, ...]:
        """The years in which every region has an account, in order; others cannot be compared as a whole."""
        known = sorted({one.year for one in (*self.earlier, *self.accounts)})
        return tuple(year for year in known if len(self.of_year(year)) == len(self.accounts))

    @property
    def before(self) -> int:
        """The newest year before that can be compared; 0 where there is none."""
        return max((year for year in self.years if year < self.year), default=0)

    def is_rest(self, region: str) -> bool:
        """Whether the account of a region is what was not divided among its parts."""
        return region == self.whole and len(self.accounts) > 1

    def statistic(self, code: str, regions: Sequence[str], year: int) -> Decimal | None:
        """A statistic of one region or of all together: that of the whole, else the sum of the parts; None when it is
        not known or there is none of what was not divided.
        """
        if len(regions) == len(self.accounts):
            own = self.statistics.get((self.whole, year, code))
            if own is not None:
                return own
        elif any(map(self.is_rest, regions)):
            return None
        asked = [one for one in regions if not self.is_rest(one)]
        found = [self.statistics.get((region, year, code)) for region in asked]
        known = [one for one in found if one is not None]
        return sum(known, _ZERO) if found and len(known) == len(found) else None

    def ratios(self, value: Decimal, regions: Sequence[str], year: int) -> Ratios:
        """A GEP against GDP, area and people of its regions."""
        people = self.statistic("population", regions, year)
        return Ratios(
            sums.ratio(value, self.statistic("gdp", regions, year)),
            sums.ratio(value, self.statistic("land", regions, year)),
            sums.ratio(value * _YUAN, people),
        )

    def pairs(self, year: int) -> Iterator[tuple[Account, Account]]:
        """The accounts of ``year`` and of this one, region by region."""
        old = {one.region: one for one in self.of_year(year)}
        yield from ((old[one.region], one) for one in self.accounts if one.region in old)


@dataclass(frozen=True)
class Ratios:
    """GEP/GDP (times), GEP per km² (万元) and per head (元); None where the statistic was not given."""

    gdp: Decimal | None
    land: Decimal | None
    head: Decimal | None


def total(found: Iterable[Account]) -> Decimal:
    """The sum of accounts, 万元."""
    return sum((one.total for one in found), _ZERO)


def base_prices(facts: Facts, found: Iterable[Account]) -> dict[str, dict[str, Price]]:
    """The prices accounts of a base year were valued at, by region and kind."""
    return {
        account.region: {
            facts.items[line.item][1].price: line.price for line in account.lines if line.price is not None
        }
        for account in found
    }


def unpriced(outcome: Outcome) -> tuple[str, ...]:
    """Kinds of prices that the base year has none of: what they value keeps its own price."""
    items = outcome.facts.items
    found = [
        items[line.item][1].price
        for account in outcome.accounts
        for line in account.lines
        if line.price is not None and items[line.item][1].price not in outcome.base.get(account.region, {})
    ]
    return tuple(dict.fromkeys(found)) if outcome.base_year else ()


def shares(values: Sequence[Decimal]) -> tuple[Decimal | None, ...]:
    """Shares in percent with two decimals that add up to exactly 100 (largest remainder); None where the whole is 0."""
    whole = sum(values, _ZERO)
    if not whole:
        return tuple(None for _ in values)
    hundredths = [Fraction(value) * 10_000 / Fraction(whole) for value in values]
    floors = [floor(one) for one in hundredths]
    left = 10_000 - sum(floors)
    most = sorted(range(len(values)), key=lambda at: (floors[at] - hundredths[at], at))[:left]
    return tuple(Decimal(one + (at in most)).scaleb(-2) for at, one in enumerate(floors))


EFFECTS = ("area", "quality", "price", "scope")


@dataclass(frozen=True)
class Moved:
    """What changed in one service, 万元: the effects add up to ``after - before``.

    ``scope``: what could be accounted in one of the years only and is a gap of the other; no change of nature.
    """

    service: str
    before: Decimal
    after: Decimal
    area: Decimal
    quality: Decimal
    price: Decimal
    scope: Decimal

    @property
    def change(self) -> Decimal:
        """After less before."""
        return self.after - self.before


def moved(outcome: Outcome, year: int) -> tuple[Moved, ...]:
    """The change from ``year`` to the year of the outcome by service: the sums of its lines over all regions."""
    by: dict[str, list[Moved]] = {service: [] for service in outcome.facts.services}
    open_then, open_now = _open(outcome.of_year(year)), _open(outcome.accounts)
    for old, new in outcome.pairs(year):
        had, has = ({(line.item, line.part) for line in one.lines} for one in (old, new))
        for one in sums.decompose(outcome.facts, old, new):
            key = one.item, one.part
            gone = key not in has and _is_open(open_now, new.region, outcome.whole, key)
            came = key not in had and _is_open(open_then, old.region, outcome.whole, key)
            area, scope = (_ZERO, one.area) if gone or came else (one.area, _ZERO)
            by[one.service].append(Moved(one.service, one.before, one.after, area, one.quality, one.price, scope))
    return tuple(_sum(service, found) for service, found in by.items() if found)


def _open(accounts: Iterable[Account]) -> dict[str, set[tuple[str, str]]]:
    """Items and parts that are gaps, by region."""
    return {account.region: {(gap.item, gap.part) for gap in account.gaps} for account in accounts}


def _is_open(gaps_of: Mapping[str, set[tuple[str, str]]], region: str, whole: str, key: tuple[str, str]) -> bool:
    """Whether an item of a region is a gap: its own, or one that nobody gave, which is told with the whole."""
    item, _part = key
    found = gaps_of.get(region, set()) | gaps_of.get(whole, set())
    return key in found or (item, "") in found


def _sum(service: str, found: Sequence[Moved]) -> Moved:
    parts = [[getattr(one, name) for one in found] for name in ("before", "after", *EFFECTS)]
    return Moved(service, *(sum(one, _ZERO) for one in parts))


def whole(found: Sequence[Moved]) -> Moved:
    """All services together."""
    return _sum("", found)


def effects(found: Sequence[Moved]) -> tuple[str, ...]:
    """The effects to be shown: that of the scope only where there is one."""
    return EFFECTS if any(one.scope for one in found) else EFFECTS[:-1]


def waterfall(found: Sequence[Moved]) -> tuple[tuple[str, Decimal], ...]:
    """The steps of a change: its effects, and their sum."""
    change = whole(found)
    return tuple((key, getattr(change, key)) for key in (*effects(found), "change"))


def unlike(outcome: Outcome, year: int) -> tuple[str, ...]:
    """Items that could be accounted in one of the two years only, wholly or in part: their change is one of the
    account, not of nature.
    """
    found: dict[str, None] = {}
    for old, new in outcome.pairs(year):
        for one, other in ((old, new), (new, old)):
            has = {line.item for line in one.lines}
            open_too = {(gap.item, gap.part) for gap in one.gaps}
            found.update((gap.item, None) for gap in other.gaps
                         if gap.item in has and (gap.item, gap.part) not in open_too)  # fmt: skip
    return tuple(found)


def gaps(outcome: Outcome) -> tuple[tuple[Gap, tuple[str, ...]], ...]:
    """Each gap once, with the regions that have it."""
    found: dict[Gap, list[str]] = {}
    for account in outcome.accounts:
        for gap in account.gaps:
            found.setdefault(gap, []).append(account.region)
    return tuple((gap, tuple(regions)) for gap, regions in found.items())
