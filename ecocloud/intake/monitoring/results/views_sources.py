"""Drinking-water sources of a month or year: which attain, what exceeds by how much; the rates of their areas. Thin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.intake.monitoring.results import lists, queries, showing, views_lists
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import SOURCE_AREA, WATER_SOURCE, Period, period_of

COLUMNS = (
    ExportColumn(gettext_lazy("水源"), "device.name"), ExportColumn(gettext_lazy("区划"), "region.name"),
    ExportColumn(gettext_lazy("时段"), "period_text"), ExportColumn(gettext_lazy("是否达标"), "level_word"),
    ExportColumn(gettext_lazy("超标项目（倍数）"), "over_word"), ExportColumn(gettext_lazy("缺测项目"), "lacking_word"),
    ExportColumn(gettext_lazy("达标月数"), "met"), ExportColumn(gettext_lazy("评价月数"), "months"),
    ExportColumn(gettext_lazy("年取水量（万立方米）"), "intake"), ExportColumn(gettext_lazy("计入达标率"), "counted"),
    ExportColumn(gettext_lazy("去年同期"), "year_word"), ExportColumn(gettext_lazy("评价结果"), "ref"),
)  # fmt: skip
_NAMED = 8  # missing items that a page names, then how many more


class SourceListing(Listing):
    """Sources of one period."""

    period: Period
    viewer: Any

    @property
    def dressed(self) -> list[Result]:
        """The rows of the page as they are shown (one query more)."""
        return self._dressed(list(self.rows))

    def all_rows(self) -> Iterator[Result]:
        yield from self._dressed(list(super().all_rows()))

    def _dressed(self, rows: list[Result]) -> list[Result]:
        ago = lists.others(self.viewer, rows, lists.year_before(self.period))
        for row in rows:
            _dress(row, ago.get(row.subject))
        return rows


def _dress(row: Result, ago: Result | None) -> None:
    body = row.body
    row.period_text, row.badge = Period(row.span, row.start).text, showing.colour_class(row.kind, row.level)
    row.level_word = showing.level_word(row.kind, row.level) or showing.reason_word(row.reason)
    row.over_word = over_words(row)
    lacking = body.get("lacking", [])
    row.lacking_word = showing.items_words(row.kind, lacking)
    row.lacking_short = showing.items_words(row.kind, lacking[:_NAMED])
    row.lacking_more = max(0, len(lacking) - _NAMED)
    row.met, row.months = body.get("met"), body.get("months")
    row.intake = showing.plain(body["intake"])
    row.counted = _("是") if body["counts"] else _("否")
    row.year_word = showing.level_word(ago.kind, ago.level) if ago else ""


def over_words(row: Result) -> str:
    """The items over their limits with their multiples, in a year their names."""
    if "items" not in row.body:
        return showing.items_words(row.kind, row.items)
    return lists.over_words(row) if row.level else ""


def source_list(request: HttpRequest) -> HttpResponse:
    """Sources of a month or year with the rates of the divisions in reach."""
    viewer = request.user
    period, known = views_lists.chosen_period(request, viewer, (WATER_SOURCE,))
    span = views_lists.span_of(request)
    rows = queries.current(viewer, WATER_SOURCE, span)
    rows = rows.filter(start=period.start) if period else rows.none()
    filters = (
        FilterSpec("q", _("水源"), kind="text", fields=("device__name",), placeholder=_("水源名称")),
        FilterSpec("level", _("是否达标"), choices=[("1", _("达标")), ("2", _("未达标"))],
                   apply=lambda found, level: found.filter(level=level)),
    )  # fmt: skip
    listing = SourceListing(
        request, rows, filters=filters, key="monitoring.sources", columns=COLUMNS, title=_("饮用水水源"),
        sorts=(SortSpec("name", ("device__name", "pk")), SortSpec("level", ("-level", "pk"))),
        decorate=lambda found: found.select_related("device", "region"),
    )  # fmt: skip
    listing.viewer, listing.period = viewer, period or period_of("month", date.min)
    context = views_lists.period_context(period, known, span) | {"labels": views_lists.labels_of(rows)}
    if period and not request.GET.get("export"):
        context["rates"] = _rates(viewer, period)
    return list_page(request, listing, "monitoring/sources.html", context)


def _rates(viewer: Any, period: Period) -> list[dict[str, Any]]:
    """The rates of the areas in reach (one query)."""
    rows = queries.current(viewer, SOURCE_AREA, period.span).filter(start=period.start)
    return [{"row": row, "name": row.region.name, "attained": showing.share_words(row.body["attained"]),
             "volume": _volume(row.body["volume"]), "without": row.body["without"]}
            for row in rows.select_related("region").order_by("region")]  # fmt: skip


def _volume(share: dict[str, Any]) -> str:
    """The share of volume; its parts are amounts in millionths."""
    if not share["whole"]:
        return ""
    return f"{showing.number(share['units'], share['places'])}%"
