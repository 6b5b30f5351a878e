"""Lakes and reservoirs by their trophic state: the list of a month or year with its trend; what the page of a section
shows of it. Thin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecocloud.base.pages.charts import Chart, Limit, Series
from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.intake.monitoring.evaluation.facts import facts
from ecocloud.intake.monitoring.results import lists, queries, showing, views_lists, views_result
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import WATER_LAKE, Period, period_of

COLUMNS = (
    ExportColumn(gettext_lazy("断面"), "device.name"), ExportColumn(gettext_lazy("水体"), "water"),
    ExportColumn(gettext_lazy("区划"), "region.name"), ExportColumn(gettext_lazy("时段"), "period_text"),
    ExportColumn("TLI", "tli"), ExportColumn(gettext_lazy("营养状态"), "level_word"),
    ExportColumn(gettext_lazy("缺测项目"), "missing_word"), ExportColumn(gettext_lazy("按已测项目推算"), "partial"),
    ExportColumn(gettext_lazy("上一时段"), "before_tli"), ExportColumn(gettext_lazy("去年同期"), "year_tli"),
    ExportColumn(gettext_lazy("较去年同期"), "change"), ExportColumn(gettext_lazy("评价结果"), "ref"),
)  # fmt: skip
TREND_MONTHS, DRAWN = 12, 4


class LakeListing(Listing):
    """Points of lakes in one period with their index, what is missing, and the change against other periods."""

    period: Period
    viewer: Any

    @property
    def dressed(self) -> list[Result]:
        """The rows of the page as they are shown (two queries more)."""
        return self._dressed(list(self.rows))

    def all_rows(self) -> Iterator[Result]:
        yield from self._dressed(list(super().all_rows()))

    def _dressed(self, rows: list[Result]) -> list[Result]:
        return dressed(rows, lists.others(self.viewer, rows, lists.before(self.period)),
                       lists.others(self.viewer, rows, lists.year_before(self.period)))  # fmt: skip


def dressed(rows: list[Result], previous: Mapping[str, Result], last_year: Mapping[str, Result]) -> list[Result]:
    """Points of lakes with what a list shows."""
    for row in rows:
        row.period_text = Period(row.span, row.start).text
        row.water, row.tli = row.body["water"], showing.tli(row)
        row.level_word = showing.level_word(row.kind, row.level)
        row.missing_word = showing.items_words(row.kind, row.body["missing"])
        row.partial = None if row.tli is not None else showing.number(row.body["index"], row.body["places"])
        old, ago = previous.get(row.subject), last_year.get(row.subject)
        row.before_tli = showing.tli(old) if old else None
        row.year_tli = showing.tli(ago) if ago else None
        row.change = None if row.tli is None or row.year_tli is None else row.tli - row.year_tli
    return rows


def lake_list(request: HttpRequest) -> HttpResponse:
    """Points of lakes of a month or year by their index; the course of the last months of the first ones."""
    viewer = request.user
    period, known = views_lists.chosen_period(request, viewer, (WATER_LAKE,))
    span = views_lists.span_of(request)
    rows = queries.current(viewer, WATER_LAKE, span)
    rows = rows.filter(start=period.start) if period else rows.none()
    grades = range(1, len(facts("water").versions("tli_words")[-1].listed()) + 1)
    words = [showing.level_word(WATER_LAKE, n) for n in grades]
    filters = (
        FilterSpec("q", _("断面"), kind="text", fields=("device__name",), placeholder=_("断面名称")),
        FilterSpec("level", _("营养状态"), choices=[(str(n), word) for n, word in enumerate(words, 1)],
                   apply=lambda found, level: found.filter(level=level)),
    )  # fmt: skip
    listing = LakeListing(
        request, rows, filters=filters, key="monitoring.lakes", columns=COLUMNS, title=_("湖库营养状态"),
        sorts=(SortSpec("value", lists.BY_VALUE), SortSpec("name", ("device__name", "pk"))),
        decorate=lambda found: found.select_related("device", "region"),
    )  # fmt: skip
    listing.viewer, listing.period = viewer, period or period_of(span, timezone.localdate())
    context = views_lists.period_context(period, known, span) | {"labels": views_lists.labels_of(rows)}
    if period and not request.GET.get("export"):
        context["trend"] = _months(viewer, list(listing.rows)[:DRAWN], period)
    return list_page(request, listing, "monitoring/lakes.html", context)


def _months(viewer: Any, rows: Sequence[Result], period: Period) -> Chart | None:
    """The months up to the end of a period, of a few points (one query)."""
    last = period.after - timedelta(days=1)
    number = last.year * 12 + last.month - 1
    months = [date(one // 12, one % 12 + 1, 1) for one in range(number - TREND_MONTHS + 1, number + 1)]
    found = queries.current(viewer, WATER_LAKE, "month").filter(
        start__gte=months[0], start__lte=months[-1], subject__in=[row.subject for row in rows]
    )
    at = {(row.subject, row.start): row for row in found}
    series = [Series(row.device.name, [_value(at.get((row.subject, month))) for month in months]) for row in rows]
    if not any(value is not None for one in series for value in one.values):
        return None
    return Chart("line", "TLI", [f"{month:%Y-%m}" for month in months], series, limits=_bounds(),
                 category_label=_("月份"))  # fmt: skip


def _value(row: Result | None) -> Any:
    return showing.tli(row) if row else None


def _bounds() -> list[Limit]:
    """The bounds above which the grades of eutrophic water begin."""
    known = facts("water").versions("tli_bounds")[-1].listed()
    return [Limit(showing.level_word(WATER_LAKE, 3), int(known[1]))]


def of_station(viewer: Any, device: Any, today: date, days: int) -> dict[str, Any] | None:
    """What the page of a section shows of its trophic state (one query); None where it has none."""
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    wanted = Q(span="month", start=month) | Q(span="year", start=year)
    wanted |= Q(span="day", start__gt=today - timedelta(days=days))
    rows = queries.results(viewer).filter(wanted, device=device, kind=WATER_LAKE, asked="", current=True)
    found = list(rows.order_by("start", "span"))
    daily = [row for row in found if row.span == "day"]
    if not found:
        return None
    newest = (daily or found)[-1]
    dressed([newest], {}, {})
    return {"newest": newest, "items": views_result.figures(newest), "trend": _days(daily),
            "labels": showing.labels(newest.facts),
            "periods": [{"period": Period(row.span, row.start).text, "words": showing.value_words(row), "row": row}
                        for row in found if row.span != "day"]}  # fmt: skip


def _days(daily: Sequence[Result]) -> Chart | None:
    if not any(row.value is not None for row in daily):
        return None
    at = {row.start: row for row in daily}
    length = (daily[-1].start - daily[0].start).days + 1
    every = [daily[0].start + timedelta(days=n) for n in range(length)]
    series = Series("TLI", [_value(at.get(day)) for day in every])
    days = [f"{day:%m-%d}" for day in every]
    return Chart("line", "TLI", days, [series], limits=_bounds(), category_label=_("日期"))
