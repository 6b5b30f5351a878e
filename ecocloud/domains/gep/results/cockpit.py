"""The tile of the cockpit: the newest confirmed GEP of a region, against GDP and the year before at constant prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.urls import reverse

from ecocloud.domains.gep import queries
from ecocloud.domains.gep.models import Run, RunAccount, RunLine
from ecocloud.domains.gep.results import reading, showing, tables
from ecocloud.domains.gep.results.outcome import Outcome
from ecocloud.kernel.evidence.display import home_region
from ecocloud.kernel.regions.models import Region

_YI = Decimal(10**4)  # 万元 in a 亿元
_BELOW = 3  # divisions named where the region itself has no account


def tile(viewer: Any, region: Region | None, year: int) -> dict[str, Any]:
    """What the tile shows of ``region`` for the newest year accounted up to ``year``.

    ``first`` is the region's own account, None where it has none (then ``why`` is told, never zero); ``below`` the
    newest of divisions in it.
    """
    place = region or home_region(viewer)
    found = _newest(viewer, place, year)
    own = found.pop(place.pk, None)
    page = reverse("gep:result-list")
    return {
        "place": place, "year": year, "first": _figures(own) if own else None,
        "below": [] if own else [_line(one) for one in list(found.values())[:_BELOW]],
        "list_url": f"{page}?{urlencode({'state': Run.State.CONFIRMED})}", "open_url": reverse("gep:accountings"),
    }  # fmt: skip


def _newest(viewer: Any, place: Region, year: int) -> dict[str, RunAccount]:
    """The account that holds of the newest year of each region accounted in ``place``, itself first (one query)."""
    first, after = place.span
    rows = RunAccount.objects.filter(
        standing=True, whole=True, year__lte=year, run__in=queries.runs(viewer).values("pk")
    )
    lines = RunLine.objects.filter(account__run=OuterRef("run"), account__year=OuterRef("year"))
    rows = rows.filter(Exists(lines), region_id__gte=first, region_id__lt=after)  # without a line nothing is accounted
    rows = rows.select_related("run__accounting__region", "region")
    found: dict[str, RunAccount] = {}
    for row in rows.defer("inputs").order_by("region_id", "-year"):
        found.setdefault(row.region_id, row)
    return found


def _url(run: Run, year: int, **more: str) -> str:
    return f"{reverse('gep:results', args=[run.pk])}?{urlencode({'year': year, **more})}"


def _line(row: RunAccount) -> dict[str, Any]:
    """A division with its GEP: what the whole keeps and its parts."""
    return {"name": row.region.name, "year": row.year, "url": _url(row.run, row.year),
            "total": queries.totals(row.run)[row.year] / _YI}  # fmt: skip


def _figures(row: RunAccount) -> dict[str, Any]:
    """Total, 亿元, GEP/GDP, change from the last year accounted at constant prices, per cent, open points; what is not
    known is None.
    """
    outcome = reading.outcome_of(row.run, row.year, row.run.accounting.base_year or 0)
    return {
        "year": row.year, "total": outcome.total / _YI,
        "ratio": outcome.ratios(outcome.total, outcome.regions, row.year).gdp,
        "change": _change(outcome), "before": outcome.before, "base_year": outcome.base_year,
        "open": len(tables.open_points(outcome, showing.speech({})).rows), "url": _url(row.run, row.year),
        "change_url": _url(row.run, row.year, view="change"), "gaps_url": _url(row.run, row.year, view="gaps"),
    }  # fmt: skip


def _change(outcome: Outcome) -> Decimal | None:
    """The last change of the table of years, per cent; None without a year before or without constant prices."""
    if not outcome.before or not outcome.base_year:
        return None
    return tables.years(outcome, showing.speech({})).rows[-1].cells[3]
