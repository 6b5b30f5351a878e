"""Tiles of the cockpit: lights, loop, overdue items, counties. Every count equals the list its link opens."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.pages.maps import county_choropleth
from ecocloud.kernel.duties import queries, showing
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.duties.lights import CLOSED, GREEN, RED, YELLOW
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.duties.services.standing import CREATE
from ecocloud.kernel.regions import codes, permissions
from ecocloud.kernel.regions.models import Region, User
from ecocloud.kernel.regions.queries import regions_below

_LATE_SHOWN = 4
_THEME = "tasks"


def _narrow(region: Region | None) -> bool:
    """Whether a region is only a part of what the installation serves; a city's pages show everything."""
    return region is not None and region.level not in ("province", "city")


def ledger_url(year: int, region: Region | None, **more: Any) -> str:
    """The ledger under the same conditions as a number."""
    wanted = {"year": year} | ({"region": region.pk} if region is not None and _narrow(region) else {}) | more
    return f"{reverse('duties:ledger')}?{urlencode(wanted)}"


def _rows(viewer: User, region: Region | None, year: int) -> QuerySet[WorkItem]:
    rows = queries.visible(viewer).filter(year=year)
    if region is not None and _narrow(region):
        first, after = codes.span(region.pk)
        rows = rows.filter(region_id__gte=first, region_id__lt=after)
    return rows


def _counts(viewer: User, region: Region | None, year: int, by: str) -> dict[str, int]:
    if not _narrow(region):
        return queries.tab_counts(viewer, queries.Filters(year=year), by)
    return dict(_rows(viewer, region, year).order_by().values_list(by).annotate(n=Count("pk")))


def lights_tile(viewer: User, region: Region | None, year: int) -> dict[str, Any]:
    """Items by light, and those longest overdue."""
    held = _counts(viewer, region, year, "light")
    words = dict(showing.light_filters())
    late = _rows(viewer, region, year).filter(state__in=queries.open_states(), due__lt=timezone.localdate())
    found = showing.show(late.select_related("lead_department").order_by("due", "id")[:_LATE_SHOWN])
    return {
        "total": sum(held.values()), "url": ledger_url(year, region), "now": timezone.localtime(),
        "lights": [
            {"level": showing.LEVELS[code], "word": words[code], "count": held.get(code, 0),
             "url": ledger_url(year, region, light=code)}
            for code in (RED, YELLOW, GREEN, CLOSED)
        ],
        "late": found, "create_url": _create_url(viewer),
    }  # fmt: skip


def _create_url(viewer: User) -> str:
    return reverse("duties:create") if permissions.allowed(viewer, CREATE) else ""


def _stages() -> list[tuple[str, str]]:
    """The states of the main loop between issue and the end, in order, with their words."""
    kind = all_kinds()["task"]
    found = []
    leading = False
    for state in kind.states.values():
        leading = leading or state.owner == "lead"
        if leading and not state.terminal:
            found.append((state.code, _("待销号") if state.closed else showing.pick(state.label_zh, state.label_en)))
    return found


def loop_tile(viewer: User, region: Region | None, year: int) -> dict[str, Any]:
    """Where the items of the year are in the loop; the share that is done; how many are overdue."""
    held = _counts(viewer, region, year, "state")
    stages = _stages()
    most = max((held.get(code, 0) for code, _word in stages), default=0)
    whole = sum(held.values())
    gone = sum(
        n for state, n in held.items() if state in queries.closed_states() and state not in queries.void_states()
    )
    late = _rows(viewer, region, year).filter(state__in=queries.open_states(), due__lt=timezone.localdate()).count()
    where = {"region": region.pk} if region is not None and _narrow(region) else {}
    return {
        "stages": [
            {"word": word, "count": held.get(code, 0), "hot": bool(most) and held.get(code, 0) == most,
             "url": ledger_url(year, region, state=code)}
            for code, word in stages
        ],
        "total": whole, "done": gone, "share": Decimal(100 * gone) / whole if whole else None, "late": late,
        "late_url": f"{reverse('duties:mine')}?{urlencode({'tab': 'overdue', 'year': year} | where)}",
        "url": ledger_url(year, region), "now": timezone.localtime(), "create_url": _create_url(viewer),
    }  # fmt: skip


def map_themes() -> list[tuple[str, str]]:
    """The themes this room can draw."""
    return [(_THEME, showing.pick("任务", "Tasks"))]


def map_tile(viewer: User, region: Region | None, year: int, theme: str = "") -> dict[str, Any]:
    """The year's items by the county they are about."""
    title = _("任务数")
    if region is None:
        return {"spec": None, "title": title, "url": ledger_url(year, None)}
    parent = region.parent if _narrow(region) and region.parent else region
    counties = list(regions_below(parent, "county"))
    items = queries.visible(viewer).filter(year=year)
    held = dict.fromkeys((county.pk for county in counties), 0)
    for code, count in items.order_by().values_list("region_id").annotate(n=Count("pk")):
        if code and code[:6] in held:
            held[code[:6]] += count
    urls = {county.pk: ledger_url(year, county) for county in counties}
    spec = county_choropleth(
        parent.pk, {pk: Decimal(count) for pk, count in held.items()}, title=title, unit=_("项"),
        urls=urls, current=region.pk, places=0,
    )  # fmt: skip
    return {"spec": spec, "title": title, "unit": _("项"), "until": timezone.localdate(), "place": parent,
            "url": ledger_url(year, None), "year": year, "empty": False}  # fmt: skip
