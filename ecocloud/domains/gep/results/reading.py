"""The outcome of a run as it is kept: its accounts, the standing ones of the year before, statistics, base prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from ecocloud.domains.gep import facts, pricing, queries, snapshot
from ecocloud.domains.gep.calculation import Account
from ecocloud.domains.gep.errors import NoPrice
from ecocloud.domains.gep.models import Published, Run, RunAccount
from ecocloud.domains.gep.pricing import CENT, Price
from ecocloud.domains.gep.results.outcome import Outcome
from ecocloud.domains.gep.results.published import Told
from ecocloud.kernel.regions.models import Region

STATISTICS = ("gdp", "population")


def outcome_of(run: Run, year: int, base_year: int = 0, *, earlier: bool = True) -> Outcome:
    """What a run came to in ``year``, with its earlier years and the standing account of the year before it began.

    ``base_year``: the year whose prices are the constant ones; 0 for none. Without ``earlier`` the year alone, which
    is a fraction of the work.
    """
    rows = [row for row in queries.accounts_of(run, None if earlier else year) if row.year <= year]
    rows += _standing(run, rows) if earlier else []
    accounts = queries.accounts(rows)
    known = facts.load()
    now = tuple(accounts[row.pk] for row in rows if row.year == year)
    before = tuple(accounts[row.pk] for row in rows if row.year < year)
    whole = run.accounting.region_id
    base = base_prices(run, (*now, *before), base_year) if base_year else {}
    return Outcome(known, year, now, before, _statistics(rows, whole), base_year, base, whole)


def _standing(run: Run, rows: Sequence[RunAccount]) -> list[RunAccount]:
    """The accounts that hold for the year before the first of the run, of the same regions."""
    first = min((row.year for row in rows), default=0)
    regions = {row.region_id for row in rows}
    found = RunAccount.objects.filter(region__in=regions, year=first - 1, standing=True).exclude(run=run)
    return list(found.select_related("region"))


def base_prices(run: Run, accounts: Sequence[Account], year: int) -> dict[str, dict[str, Price]]:
    """The prices of ``year`` for the regions of accounts, chosen as the run chooses; kinds without one are left out."""
    known, prices = facts.load(), snapshot.prices_of(run.basis)
    kinds = {line.price.kind for account in accounts for line in account.lines if line.price}
    found: dict[str, dict[str, Price]] = defaultdict(dict)
    for region in {account.region for account in accounts}:
        places = (region, *pricing.places_of(region))
        for kind in (one for one in known.kinds if one in kinds):
            try:
                found[region][kind] = pricing.choose(kind, year, places, prices)
            except NoPrice:
                continue
    return dict(found)


def _statistics(rows: Sequence[RunAccount], whole: str) -> dict[tuple[str, int, str], Decimal]:
    """GDP and people as given, and the area of the ecosystems, by region and year."""
    found: dict[tuple[str, int, str], Decimal] = {}
    by_year: dict[int, list[RunAccount]] = defaultdict(list)
    for row in rows:
        by_year[row.year].append(row)
    for year, group in by_year.items():
        for row in group:
            told = {code: queries.statistic(group, code, row.region_id) for code in STATISTICS}
            told["land"] = queries.area(group, row.region_id, whole)
            found |= {(row.region_id, year, code): value for code, value in told.items() if value is not None}
    return found


def told_of(run: Run, year: int) -> list[Told]:
    """The published figures entered for a year of the accounting of a run."""
    rows = Published.objects.filter(accounting=run.accounting_id, year=year)
    return [Told(one.service, one.value.quantize(CENT), one.source, one.reason) for one in rows]


def region_names(outcome: Outcome) -> dict[str, str]:
    """Names of the divisions an outcome speaks of: its regions and the places of its prices (one query)."""
    codes = {one.region for one in (*outcome.accounts, *outcome.earlier)}
    codes |= {line.price.place for one in outcome.accounts for line in one.lines if line.price and line.price.place}
    return dict(Region.objects.filter(pk__in=codes).values_list("pk", "name"))
