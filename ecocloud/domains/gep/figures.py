"""Which indicators a confirmed account gives, and their values. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from ecocloud.domains.gep import accounts
from ecocloud.domains.gep.calculation import Account
from ecocloud.domains.gep.facts import Facts

TOTAL, OF_GDP, PER_AREA, PER_HEAD = "FIN.GEP.TOTAL", "FIN.GEP.GDP", "FIN.GEP.AREA", "FIN.GEP.HEAD"
GROUPS = {"provisioning": "FIN.GEP.PROVISION", "regulating": "FIN.GEP.REGULATE", "cultural": "FIN.GEP.CULTURE"}
_OF_YI = Decimal(10**4)  # 万元 in a 亿元


def of_region(
    facts: Facts, rows: Iterable[Account], gdp: Decimal | None, population: Decimal | None, area: Decimal | None
) -> dict[str, Decimal]:
    """The figures of one region and year by code of indicator: totals in 亿元, GEP to GDP, 万元/平方公里, 元/人.

    rows: the accounts that sum to the region's; gdp in 万元, area in km². What is not known gives no figure.
    """
    rows = list(rows)
    total = sum((one.total for one in rows), Decimal(0))
    groups = accounts.totals(rows, accounts.by_group(facts))
    found = {TOTAL: total / _OF_YI}
    found |= {code: groups.get((group,), Decimal(0)) / _OF_YI for group, code in GROUPS.items()}
    of_head = total * _OF_YI
    ratios = {OF_GDP: accounts.ratio(total, gdp), PER_AREA: accounts.ratio(total, area),
              PER_HEAD: accounts.ratio(of_head, population)}  # fmt: skip
    return found | {code: value for code, value in ratios.items() if value is not None}
