"""Sections against their targets; rankings of counties and cities by air and by water. Thin."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.pages.exports import list_page
from ecocloud.base.pages.listing import FilterSpec, SortSpec
from ecocloud.intake.monitoring.evaluation.air.rules import editions
from ecocloud.intake.monitoring.results import lists, queries, showing
from ecocloud.intake.monitoring.results.comparing import air_year_on_year
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import AIR_AREA, WATER_AREA, WATER_SECTION, Period, Span, period_of
from ecocloud.intake.monitoring.results.water_comparing import water_year_on_year

_SPANS: tuple[Span, ...] = ("month", "year")


def chosen_period(request: HttpRequest, viewer: Any, kinds: tuple[str, ...]) -> tuple[Period | None, list[date]]:
    """The period asked for by ``?span=`` and ``?at=`` (``2026-03``), the newest there is by default; all there are."""
    span: Span = "year" if request.GET.get("span") == "year" else "month"
    known = lists.periods_of(viewer, kinds, span)
    asked = request.GET.get("at", "")
    found = next((start for start in known if Period(span, start).text == asked), known[0] if known else None)
    return (period_of(span, found) if found else None), known


def period_context(period: Period | None, known: list[date], span: Span) -> dict[str, Any]:
    """What the choice of periods shows."""
    words = {"month": _("按月"), "year": _("按年")}
    return {
        "period": period, "spans": [(key, words[key]) for key in _SPANS], "span": span,
        "choices": [Period(span, start).text for start in known],
        "yesterday": (timezone.localdate() - timedelta(days=1)).isoformat(),
    }  # fmt: skip


def span_of(request: HttpRequest) -> Span:
    """Months by default, or years."""
    return "year" if request.GET.get("span") == "year" else "month"


def section_list(request: HttpRequest) -> HttpResponse:
    """Sections of a month or year: class against target, what decides, change; with export."""
    viewer = request.user
    period, known = chosen_period(request, viewer, (WATER_SECTION,))
    rows = queries.current(viewer, WATER_SECTION, span_of(request))
    rows = rows.filter(start=period.start) if period else rows.none()
    meets = {"yes": True, "no": False}
    filters = (
        FilterSpec("q", _("断面"), kind="text", fields=("device__name",), placeholder=_("断面名称")),
        FilterSpec("level", _("类别"), choices=[(str(n), name) for n, name in enumerate(showing.class_names(), 1)],
                   apply=lambda found, level: found.filter(level=level)),
        FilterSpec("meets", _("是否达标"), choices=[("yes", _("达标")), ("no", _("未达标"))],
                   apply=lambda found, which: found.filter(meets=meets[which])),
    )  # fmt: skip
    listing = lists.SectionListing(
        request, rows, filters=filters, sorts=(SortSpec("name", ("device__name", "pk")),
                                               SortSpec("level", ("-level", "pk"))),
        decorate=lambda found: found.select_related("device", "region"), key="monitoring.sections",
        columns=lists.SECTION_COLUMNS, title=_("断面水质"),
    )  # fmt: skip
    listing.viewer, listing.period = viewer, period or period_of(span_of(request), timezone.localdate())
    context = period_context(period, known, span_of(request)) | {"labels": labels_of(rows)}
    return list_page(request, listing, "monitoring/sections.html", context)


def air_ranking(request: HttpRequest) -> HttpResponse:
    """Counties or cities of a month or year by the composite index; with ``?beside=1`` those of the page year on year
    under both editions, which takes every day of both years.
    """
    context, listing = _ranking(request, AIR_AREA, lists.AIR_COLUMNS, "monitoring.air-ranking", _("空气质量排名"))
    period, context["beside"], context["beside_url"] = context["period"], *_beside(request)
    ways = []
    if period and context["beside"] and not request.GET.get("export"):
        ways = air_year_on_year(period, [row.region_id for row in listing.rows])
    known = {one.id: showing.pick_words(one.zh, one.en) for one in editions().all}
    context["ways"] = [{"edition": known.get(one.edition, ""), "rows": _compared(listing, one)} for one in ways]
    return list_page(request, listing, "monitoring/ranking_air.html", context)


def _beside(request: HttpRequest) -> tuple[bool, str]:
    """Whether the page is asked for year on year, and where it is so."""
    given = request.GET.copy()
    given["beside"] = "1"
    return request.GET.get("beside") == "1", f"?{given.urlencode()}#year"


def _compared(listing: lists.AreaListing, beside: Any) -> list[dict[str, Any]]:
    return [{"name": row.region.name, **beside.changes.get(row.region_id, {})} for row in listing.dressed]


def water_ranking(request: HttpRequest) -> HttpResponse:
    """Counties or cities of a month or year by the index of surface water; with ``?beside=1`` year on year, and who has
    become better or worse.
    """
    beside, beside_url = _beside(request)
    columns = (*lists.WATER_COLUMNS, *lists.WATER_BESIDE_COLUMNS) if beside else lists.WATER_COLUMNS
    context, listing = _ranking(request, WATER_AREA, columns, "monitoring.water-ranking", _("地表水质量排名"))
    context |= {"beside": beside, "beside_url": beside_url}
    if beside and context["period"]:
        context |= _water_beside(listing, context["period"], context["names"])
    return list_page(request, listing, "monitoring/ranking_water.html", context)


def _water_beside(listing: lists.AreaListing, period: Period, names: dict[str, str]) -> dict[str, Any]:
    """Every area of the list year on year (two queries). names: of the areas, by region."""
    found = water_year_on_year(period, list(names))
    if found is None:
        return {"year": None}
    listing.changes = {code: one["index"] for code, one in found.figures.items()}
    lists_ = [(title, [{"name": names[one.region], "place": one.place, "percent": one.percent} for one in own])
              for title, own in ((_("好转排名"), found.better), (_("变差排名"), found.worse))]  # fmt: skip
    rows = [{"name": row.region.name, **found.figures.get(row.region_id, {})} for row in listing.rows]
    return {"year": {"until": found.until, "rows": rows, "moved": lists_, "labels": showing.labels(found.facts)}}


def _ranking(request: HttpRequest, kind: str, columns: tuple, key: str, title: str) -> tuple:
    viewer = request.user
    period, known = chosen_period(request, viewer, (kind,))
    level = "city" if request.GET.get("level") == "city" else "county"
    rows = queries.current(viewer, kind, span_of(request)).filter(region__level=level)
    rows = rows.filter(start=period.start) if period else rows.none()
    areas = lists.ranked(rows)
    words = {"county": _("县（市、区）"), "city": _("设区市")}
    filters = (
        FilterSpec("level", _("范围"), choices=list(words.items()), in_bar=False, apply=lambda found, _which: found),
        FilterSpec("region", _("区划"), field="region_id", choices=list(areas.names.items())),
    )  # fmt: skip
    listing = lists.AreaListing(
        request, rows, filters=filters, sorts=(SortSpec("value", lists.BY_VALUE), SortSpec("name", ("region", "pk"))),
        decorate=lambda found: found.select_related("region"), key=key, columns=columns, title=title,
    )  # fmt: skip
    listing.viewer, listing.period = viewer, period or period_of(span_of(request), timezone.localdate())
    listing.places = areas.places
    context = period_context(period, known, span_of(request))
    context |= {"level": level, "levels": list(words.items()), "labels": showing.labels(areas.facts),
                "names": areas.names}  # fmt: skip
    return context, listing


def labels_of(rows: Any) -> list[showing.Label]:
    """What the results of a list rest on that is not compared with the printed text (one query)."""
    names: dict[str, None] = {}
    for listed in Result.objects.filter(pk__in=rows.values("pk")[:200]).values_list("facts", flat=True):
        names |= dict.fromkeys(listed)
    return showing.labels(names)
