"""The live map 实时地图: stations as they are now on a map, and beside it as a list that needs no script. Thin."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from shapely import box as rectangle

from ecocloud.base.geo import Boundary, svg_map
from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.base.pages.maps import Locator, Mark
from ecocloud.intake.monitoring.alarms import queries as alarms
from ecocloud.intake.monitoring.results import live
from ecocloud.intake.monitoring.results.live import Spot
from ecocloud.intake.monitoring.results.rules import rules
from ecocloud.intake.monitoring.stations import queries, showing
from ecocloud.intake.monitoring.stations.errors import DeviceRefused
from ecocloud.intake.monitoring.stations.views import kind_filter, region_filter
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.kernel.registers.map_data import CELLS, MOST_SINGLE, Box, areas, cell_of

COLUMNS = (
    ExportColumn(gettext_lazy("名称"), "row.name"), ExportColumn(gettext_lazy("类别"), "kind"),
    ExportColumn(gettext_lazy("区划"), "row.region.name"), ExportColumn("AQI", "figure"),
    ExportColumn(gettext_lazy("现况"), "words"), ExportColumn(gettext_lazy("首要污染物或定类项目"), "detail"),
    ExportColumn(gettext_lazy("数据时间"), "at"), ExportColumn(gettext_lazy("状态"), "state"),
    ExportColumn(gettext_lazy("报警"), "alarms"), ExportColumn(gettext_lazy("评价标准"), "edition"),
)  # fmt: skip


class LiveListing(Listing):
    """Stations, all of them read at once: the map shows every one, the list a page of them."""

    viewer: Any

    @cached_property
    def everything(self) -> list[Spot]:
        """Every station the filters leave, as it is now."""
        rows = list(self.ordered().select_related("region", "state"))
        return live.spots(self.viewer, rows, timezone.now())

    @cached_property
    def total(self) -> int:
        return len(self.everything)

    @cached_property
    def rows(self) -> list[Spot]:
        start = (self.page - 1) * self.per_page
        return self.everything[start : start + self.per_page]

    def all_rows(self, chunk: int = 2000) -> Iterator[Spot]:
        yield from self.everything

    @cached_property
    def placed(self) -> list[Spot]:
        """Those with a place."""
        return [one for one in self.everything if one.lon is not None]


def _listing(request: HttpRequest) -> LiveListing:
    viewer = request.user
    words = showing.standing_words()
    filters = [
        FilterSpec("q", _("站点"), kind="text", fields=("name", "mn"), placeholder=_("名称或 MN 号")),
        kind_filter(), region_filter(viewer),
        FilterSpec("standing", _("状态"), choices=[(code, words[code]) for code in queries.STANDING], in_bar=False,
                   apply=lambda rows, which: rows.filter(queries.STANDING[which]), counts=queries.standing_counts,
                   lights={code: showing.LIGHTS[code] for code in queries.STANDING}),
    ]  # fmt: skip
    if allowed(viewer, alarms.VIEW):
        filters.append(FilterSpec("alarm", _("有报警"), kind="bool", apply=lambda rows, _on: rows.filter(
            pk__in=alarms.going(viewer).values("device"))))  # fmt: skip
    listing = LiveListing(
        request, queries.devices(viewer), filters=filters,
        sorts=(SortSpec("name", ("name", "pk")), SortSpec("kind", ("kind", "name", "pk"))), key="monitoring.live",
        columns=COLUMNS, title=_("实时地图"),
    )  # fmt: skip
    listing.viewer = viewer
    return listing


def live_page(request: HttpRequest) -> HttpResponseBase:
    """The map with its list; for htmx the list alone, which the page asks for again and again."""
    listing = _listing(request)
    context: dict[str, Any] = {"listing": listing, "every": rules().live.every_seconds, "now": timezone.localtime(),
                               "editions": live.editions_of(listing.everything)}  # fmt: skip
    if request.headers.get("HX-Request") == "true":
        return render(request, "monitoring/_live_rows.html", context)
    placed = listing.placed
    if placed:
        box = _extent(placed)
        kept = listing.query(page=None, export=None, sort=None, per=None)
        spec = {
            "objects": f"{reverse('monitoring:live-objects')}?{kept}{kept and '&'}box=",
            "ground": f"{reverse('registers:map-ground')}?box={box.text}",
            "bounds": [box.west, box.south, box.east, box.north],
            "tones": live.TONES, "every": rules().live.every_seconds,
        }  # fmt: skip
        note = _("界线为示意，仅供内部演示，无审图号；坐标为 CGCS2000")
        context |= {"spec": json.dumps(spec), "box": box, "note": note, "missing": listing.total - len(placed),
                    "drawn": _drawn(placed, box, note),
                    "legend": live.legend({one.row.kind for one in listing.everything})}  # fmt: skip
    return list_page(request, listing, "monitoring/live.html", context)


def live_objects(request: HttpRequest) -> JsonResponse:
    """What lies in a part of the world (``?box=``), for the script of the map: stations, or many of them counted."""
    box = Box.read(request.GET.get("box", ""))
    if box is None:
        raise DeviceRefused("没有给出地图范围。", "box must be west,south,east,north in degrees",
                            value=request.GET.get("box", "")[:80],
                            remedy_zh="应为 box=西,南,东,北，单位为度。")  # fmt: skip
    inside = [one for one in _listing(request).placed if _inside(one, box)]
    groups = _cells(inside, box) if len(inside) > MOST_SINGLE else [[one] for one in inside]
    return JsonResponse({
        "features": [_feature(one[0]) for one in groups if len(one) == 1],
        "clusters": [_cluster(one) for one in groups if len(one) > 1], "total": len(inside),
    })  # fmt: skip


def _inside(one: Spot, box: Box) -> bool:
    assert one.lon is not None and one.lat is not None
    return box.west <= one.lon <= box.east and box.south <= one.lat <= box.north


def _extent(placed: list[Spot]) -> Box:
    lons, lats = [one.lon or 0.0 for one in placed], [one.lat or 0.0 for one in placed]
    return Box(min(lons), min(lats), max(lons), max(lats)).wider()


def _cells(placed: list[Spot], box: Box) -> list[list[Spot]]:
    """Stations that lie together, by the cells of a fixed grid."""
    side, found = cell_of(box), {}
    for one in placed:
        found.setdefault(((one.lon or 0.0) // side, (one.lat or 0.0) // side), []).append(one)
    return list(found.values())


def _middle(group: list[Spot]) -> tuple[float, float]:
    return (sum(one.lon or 0.0 for one in group) / len(group), sum(one.lat or 0.0 for one in group) / len(group))


def _feature(one: Spot) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [one.lon, one.lat]},
            "properties": {"code": one.kind, "name": one.row.name, "state": one.said, "tone": one.tone,
                           "where": one.row.region.name, "url": one.url}}  # fmt: skip


def _cluster(group: list[Spot]) -> dict[str, Any]:
    lon, lat = _middle(group)
    counts: dict[str, int] = {}
    for one in group:
        counts[one.words] = counts.get(one.words, 0) + 1
    words = "，".join(f"{word} {n}" for word, n in counts.items())
    return {"lon": round(lon, 5), "lat": round(lat, 5), "count": len(group), "words": words}


def _drawn(placed: list[Spot], box: Box, note: str) -> Locator:
    """The map as it is without a script: divisions, or a plain frame, with a dot for each station or cell."""
    groups = _cells(placed, box) if len(placed) > CELLS else [[one] for one in placed]
    marks = [(group, *_middle(group)) for group in groups]
    frame = Boundary("", "", "county", "", rectangle(box.west, box.south, box.east, box.north))
    picture = svg_map(areas(box) or [frame], {}, points=[(lon, lat) for _group, lon, lat in marks])
    placed_marks = tuple(_mark(*one, *at) for one, at in zip(marks, picture.points, strict=True))
    return Locator(_("实时地图"), picture, placed_marks, note)


def _mark(group: list[Spot], lon: float, lat: float, x: float, y: float) -> Mark:
    if len(group) > 1:
        return Mark(lon, lat, f"{len(group)}", count=len(group), x=x, y=y)
    one = group[0]
    return Mark(lon, lat, f"{one.row.name} {one.said}", one.url, tone=f"map-{one.tone}", x=x, y=y)
