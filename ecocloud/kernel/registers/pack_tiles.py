"""Tiles of packs in the cockpit: numbers, bars, shares and maps of the packs it shows, with their objects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.pages.maps import Choropleth, county_choropleth
from ecocloud.kernel.regions import codes, permissions
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.queries import regions_below
from ecocloud.kernel.registers import pack_figures, queries, showing
from ecocloud.kernel.registers.models import Pack
from ecocloud.kernel.registers.pack_definition import PackDefinition, PackTile
from ecocloud.kernel.registers.register import Register, open_register
from ecocloud.kernel.registers.services import packs_in_use

_BARS = 8


@dataclass(frozen=True)
class Bar:
    """One bar: its words, number of objects, share of the longest and of all in percent, and the list behind it."""

    label: str
    count: int
    width: int
    share: Decimal
    url: str
    light: showing.Light | None = None


@dataclass(frozen=True)
class Drawn:
    """One tile of a pack ready for the template."""

    title: str
    kind: str
    figures: tuple[pack_figures.Shown, ...] = ()
    bars: tuple[Bar, ...] = ()
    more: int = 0
    total: int = 0
    map: Choropleth | None = None
    url: str = ""


def data(viewer: Any, region: Region | None, year: int) -> dict[str, Any]:
    """The packs of the division's cockpit with their tiles, as of today or of the last day of a past year."""
    today = timezone.localdate()
    day = min(today, date(year, 12, 31))
    rows = packs_in_use.shown(region)
    drawn = [_drawn(viewer, row, region, day) for row in rows] if region is not None else []
    return {
        "packs": drawn, "day": day, "now": timezone.localtime(), "past": day < today,
        "choose_url": reverse("registers:packs") if permissions.allowed(viewer, packs_in_use.SHOW) else "",
    }  # fmt: skip


def _drawn(viewer: Any, row: Pack, region: Region, day: date) -> dict[str, Any]:
    pack = PackDefinition.model_validate(row.content)
    codes = [code for tile in pack.tiles for code in tile.figures]
    taken = pack_figures.take(viewer, pack, codes, region, day)
    query = urlencode({"region": region.pk, "day": day.isoformat()})
    return {
        "name": showing.pick(row), "at": timezone.localtime(taken.at),
        "url": f"{reverse('registers:pack', args=[row.code])}?{query}",
        "tiles": [tile_of(viewer, tile, region, taken) for tile in pack.tiles],
    }  # fmt: skip


def tile_of(viewer: Any, tile: PackTile, region: Region, taken: pack_figures.Taken) -> Drawn:
    """One tile: its figures, or the objects of its register grouped as they stand today."""
    title = showing.pick(tile)
    if tile.figures:
        known = taken.by_code()
        return Drawn(title, "numbers", tuple(known[code] for code in tile.figures))
    register = open_register(tile.type)
    list_url = _list_url(register, region.pk)
    if tile.kind == "map":
        drawn = _map(viewer, register, region, title)
        if drawn is not None:
            return Drawn(title, "map", map=drawn[0], total=drawn[1], url=list_url)
    bars = _bars(viewer, register, tile.by or "township", region)
    total = sum(bar.count for bar in bars)
    kind = "share" if tile.kind == "share" else "bars"
    return Drawn(title, kind, bars=tuple(bars[:_BARS]), more=sum(one.count for one in bars[_BARS:]), total=total,
                 url=list_url)  # fmt: skip


def _list_url(register: Register, region: str, **more: Any) -> str:
    query = urlencode({"region": region} | more)
    return f"{reverse('registers:list', args=[register.code])}?{query}"


def _map(viewer: Any, register: Register, region: Region, title: str) -> tuple[Choropleth, int] | None:
    """The objects of a city by county; None below a city, without boundaries and where no object is in a county."""
    if region.level != "city":
        return None
    counted = {one.key[0]: one.count for one in queries.statistics(viewer, register, ("county",), region=region)}
    if not any(codes.level_of(code) == "county" for code in counted):
        return None
    held = dict.fromkeys(regions_below(region, "county").values_list("pk", flat=True), 0) | counted
    urls = {code: _list_url(register, code) for code in counted}
    values = {code: Decimal(count) for code, count in held.items()}
    spec = county_choropleth(region.pk, values, title=title, unit=_("个"), urls=urls, places=0)
    return (spec, sum(held.values())) if spec is not None else None


def _counted(viewer: Any, register: Register, by: str, region: Region) -> tuple[str, list[tuple[Any, int]]]:
    """The objects counted, and by what: by county instead of township where none is registered at a township.

    Objects registered at a county itself keep its code among the townships.
    """
    found = [(one.key[0], one.count) for one in queries.statistics(viewer, register, (by,), region=region)]
    if by == "township" and found and not any(codes.level_of(code) == by for code, _n in found):
        return _counted(viewer, register, "county", region)
    return by, found


def _bars(viewer: Any, register: Register, by: str, region: Region) -> list[Bar]:
    """The objects grouped; states in their order, years newest first, divisions the most first."""
    by, found = _counted(viewer, register, by, region)
    if by == "state":
        order = list(register.definition.state_by_code)
        found.sort(key=lambda pair: order.index(pair[0]))
    elif by == "year":
        found.sort(key=lambda pair: -(pair[0] or 0))
    else:
        found.sort(key=lambda pair: (-pair[1], pair[0]))
    names = {}
    if by in ("county", "township"):
        names = dict(Region.objects.filter(pk__in=[key for key, _n in found]).values_list("pk", "name"))
    whole, most = sum(n for _key, n in found), max((n for _key, n in found), default=0)
    made = []
    for key, n in found:
        light = None
        if by == "state":
            light = showing.light(register.definition.state_by_code[key])
            label, url = light.word, _list_url(register, region.pk, state=key)
        elif by == "year":
            label = str(key) if key else _("未定年度")
            url = _list_url(register, region.pk, **({"year": key} if key else {}))
        else:
            name = names.get(key, key)
            label = name if codes.level_of(key) == by else _("%(name)s本级") % {"name": name}
            url = _list_url(register, key)
        made.append(Bar(label, n, round(100 * n / most), Decimal(100 * n) / whole, url, light))
    return made
