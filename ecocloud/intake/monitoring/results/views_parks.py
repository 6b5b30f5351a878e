"""Parks 园区监控: the list with counts, and one park on one page. Thin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from shapely import box, from_wkb

from ecocloud.base.geo import Boundary, svg_map
from ecocloud.base.pages.charts import Chart, Limit, Series
from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.base.pages.maps import Locator, Mark
from ecocloud.intake.monitoring.alarms import queries as alarms
from ecocloud.intake.monitoring.alarms.wording import cause_word, level_word
from ecocloud.intake.monitoring.results import emission_lists, emission_showing, live, outlets, parks
from ecocloud.intake.monitoring.results.rules import rules
from ecocloud.intake.monitoring.stations import kinds, readings
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.kernel.registers.errors import NoSuchThing
from ecocloud.kernel.registers.models import RegisterObject

COLUMNS = (
    ExportColumn(gettext_lazy("园区"), "name"), ExportColumn(gettext_lazy("区划"), "region.name"),
    ExportColumn(gettext_lazy("环境站点"), "told.ambient"), ExportColumn(gettext_lazy("企业排口"), "told.outlets"),
    ExportColumn(gettext_lazy("用能计量"), "told.meters"), ExportColumn(gettext_lazy("在线设备"), "told.online"),
    ExportColumn(gettext_lazy("全部设备"), "told.every"), ExportColumn(gettext_lazy("近期超标天数"), "told.over"),
    ExportColumn(gettext_lazy("未结束报警"), "told.alarms"),
)  # fmt: skip
_SERIES, _SHOWN, _MARGIN = 4, 30, 0.12
_NOBODY = parks.Counts(0, 0, 0, 0, 0, 0, None)


class ParkListing(Listing):
    """Parks with what stands in them."""

    viewer: Any

    @cached_property
    def dressed(self) -> list[RegisterObject]:
        """The rows of the page with their counts (six queries more)."""
        return _dressed(self.viewer, list(self.rows))

    def all_rows(self) -> Iterator[RegisterObject]:
        yield from _dressed(self.viewer, list(super().all_rows()))


def _dressed(viewer: Any, rows: list[RegisterObject]) -> list[RegisterObject]:
    told = parks.counts(viewer, parks.members(viewer, rows), timezone.now())
    for row in rows:
        row.told = told.get(row.pk, _NOBODY)
    return rows


def park_list(request: HttpRequest) -> HttpResponseBase:
    """Parks with counts of stations, outlets, exceedances of the last days, open alarms; with export."""
    viewer = request.user
    listing = ParkListing(
        request, parks.parks(viewer),
        filters=(FilterSpec("q", _("园区"), kind="text", fields=("name", "code"), placeholder=_("园区名称")),),
        sorts=(SortSpec("name", ("name", "pk")),), decorate=lambda rows: rows.select_related("region"),
        key="monitoring.parks", columns=COLUMNS, title=_("园区监控"),
    )  # fmt: skip
    listing.viewer = viewer
    return list_page(request, listing, "monitoring/parks.html", {"days": rules().park.days})


def park_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One park; ``?factor=`` the factor of the trend."""
    viewer, now = request.user, timezone.now()
    park = parks.parks(viewer).filter(pk=pk).select_related("region").first()
    if park is None:
        raise NoSuchThing("没有这个园区，或它不在您的数据范围内。", f"no park {pk} in reach", value=pk)
    found = parks.members(viewer, [park])
    own = found.members.get(park.pk, [])
    newest = readings.latest([one.row.mn for one in own]) if own else {}
    spots = live.spots(viewer, [one.row for one in own], now)
    ambient = [one for one in spots if one.row.kind in rules().park.ambient]
    for one in ambient:
        one.row.values = _values(one.row, newest.get(one.row.mn, {}))
    meters = [one.row for one in own if one.row.kind == rules().park.energy]
    over = emission_lists.over(viewer).filter(device__in=[one.row.pk for one in own],
                                              start__gte=parks.first_day(now))  # fmt: skip
    context = {
        "park": park, "ambient": ambient, "firms": _firms(own, found, newest, spots, now),
        "over": emission_lists.dressed_over(list(over.select_related("device", "region").order_by("-start")[:_SHOWN])),
        "alarms": _alarms(viewer, own), "may_alarms": allowed(viewer, alarms.VIEW), "meters": meters,
        "energy": _energy(meters, now), "drawn": _drawn(park, own, spots), "days": rules().park.days,
        "told": parks.counts(viewer, found, now).get(park.pk, _NOBODY), "hours": rules().park.trend_hours,
        "now": timezone.localtime(now),
    } | _trend(request, own, newest, now)  # fmt: skip
    return render(request, "monitoring/park.html", context)


def _values(row: Any, newest: dict[str, readings.Newest]) -> list[dict[str, Any]]:
    """The newest value of each factor in words."""
    found = []
    for code, one in newest.items():
        name, unit = kinds.factor_facts(row.kind, code)
        found.append({"name": name, "unit": unit, "text": one.text, "at": one.at, "ref": one.ref})
    return found


def _firms(own: list[parks.Member], found: parks.Found, newest: dict, spots: list[live.Spot], now: datetime
           ) -> list[dict[str, Any]]:  # fmt: skip
    """Enterprises with their outlets: newest values beside the limits of the day."""
    here = [one for one in own if one.row.kind in outlets.media()]
    sites = {one.device: one for one in outlets.outlets([one.row.pk for one in here])} if here else {}
    by_pk = {one.row.pk: one for one in spots}
    grouped: dict[str, list[dict[str, Any]]] = {}
    for one in here:
        lines = [_line(line) for line in parks.held(sites[one.row.pk], newest.get(one.row.mn, {}), now)]
        name = found.names.get(one.enterprise) or one.row.name
        grouped.setdefault(name, []).append({"row": one.row, "spot": by_pk[one.row.pk], "lines": lines})
    return [{"name": name, "outlets": listed} for name, listed in sorted(grouped.items())]


def _line(one: parks.Held) -> dict[str, Any]:
    name, unit = emission_showing.code_name(one.code)
    limit = one.limit
    words = emission_showing.limit_words(limit.least, limit.most) if limit else ""
    return {"name": name, "unit": unit, "text": one.newest.text, "at": one.newest.at, "flag": one.newest.flag,
            "ref": one.newest.ref, "converted": one.converted, "over": one.over, "limit": words,
            "averaging": emission_showing.averaging_word(limit.averaging) if limit else ""}  # fmt: skip


def _alarms(viewer: Any, own: list[parks.Member]) -> list[Any]:
    if not own or not allowed(viewer, alarms.VIEW):
        return []
    rows = alarms.going(viewer).filter(device__in=[one.row.pk for one in own]).select_related("device")
    listed = list(rows.order_by("-first")[:_SHOWN])
    for row in listed:
        row.level_text, row.cause_text = level_word(row.level), cause_word(row.cause)
    return listed


def _energy(meters: list[Any], now: datetime) -> list[dict[str, Any]]:
    found = []
    for one in parks.energy(meters, now):
        name, usual = kinds.factor_facts(one.row.kind, one.code)
        found.append({"row": one.row, "name": name, "unit": one.unit or usual, "amount": one.amount.normalize(),
                      "by_reading": one.by_reading, "hours": one.hours})  # fmt: skip
    return found


def _factor(kind: str, code: str) -> tuple[str, str]:
    """Name and unit of a factor of a device; of the factors of outlets those that results have."""
    found, usual = emission_showing.code_name(code), kinds.factor_facts(kind, code)
    return (found[0], usual[1]) if kind in outlets.media() and found[0] != code else usual


def _trend(request: HttpRequest, own: list[parks.Member], newest: dict, now: datetime) -> dict[str, Any]:
    """The chart of the factor asked for, else of the first one there is: the devices that have it, four at most."""
    choices: dict[str, tuple[str, str]] = {}
    for one in own:
        for code in newest.get(one.row.mn, {}):
            choices.setdefault(code, _factor(one.row.kind, code))
    asked = request.GET.get("factor", "")
    code = asked if asked in choices else next(iter(choices), "")
    rows = [one.row for one in own if code in newest.get(one.row.mn, {})]
    listed = [(key, name) for key, (name, _unit) in choices.items()]
    if not code:
        return {"trend": None, "factors": [], "factor": ""}
    every, values = parks.course([row.mn for row in rows[:_SERIES]], code, now)
    series = [Series(row.name, values[row.mn]) for row in rows[:_SERIES]]
    chart = None
    if any(value is not None for one in series for value in one.values):
        labels = [f"{timezone.localtime(at):%m-%d %H:%M}" for at in every]
        name, unit = choices[code]
        chart = Chart("line", name, labels, series, unit=unit, limits=_limits(rows[:_SERIES], code, now),
                      category_label=_("时间"))  # fmt: skip
    return {"trend": chart, "factors": listed, "factor": code, "left": max(0, len(rows) - _SERIES)}


def _limits(rows: list[Any], code: str, now: datetime) -> list[Limit]:
    """The limit of the outlets drawn, where they have the same one and nothing is converted."""
    sites = outlets.outlets([row.pk for row in rows if row.kind in outlets.media()])
    day = timezone.localtime(now).date()
    found = {limit.most for one in sites for limit in outlets.held_on(one, day)
             if limit.code == code and limit.most is not None and limit.oxygen is None}  # fmt: skip
    if len(found) != 1:
        return []
    return [Limit(_("限值"), emission_showing.short(found.pop()))]


def _drawn(park: RegisterObject, own: list[parks.Member], spots: list[live.Spot]) -> Locator | None:
    """The park's area with its devices; None without a place."""
    if not park.place:
        return None
    area = from_wkb(bytes(park.place))
    west, south, east, north = area.bounds
    wide, high = (max(east - west, 0.002) * _MARGIN, max(north - south, 0.002) * _MARGIN)
    frame = Boundary("", "", "county", "", box(west - wide, south - high, east + wide, north + high))
    at = {one.row.pk: one.at for one in own}
    placed = [(one, at[one.row.pk] or (area.centroid.x, area.centroid.y)) for one in spots]
    picture = svg_map([frame], {}, points=[point for _one, point in placed], outlines=[area])
    marks = tuple(Mark(*point, f"{one.row.name} {one.said}", one.url, tone=f"map-{one.tone}", x=x, y=y)
                  for (one, point), (x, y) in zip(placed, picture.points, strict=True))  # fmt: skip
    note = _("界线为示意，仅供内部演示，无审图号；坐标为 CGCS2000")
    return Locator(str(park.name), picture, marks, note)
