"""Rates of data: what was due, came, is valid; by device over a time, with the rule beside it. Thin."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.pages.charts import Chart, Limit, Series
from ecocloud.base.pages.exports import list_page
from ecocloud.base.pages.listing import FilterSpec, SortSpec
from ecocloud.intake.monitoring.stations import columns, queries
from ecocloud.intake.monitoring.stations.quality import quality
from ecocloud.intake.monitoring.stations.rates import Counts, rates
from ecocloud.intake.monitoring.stations.views import DeviceListing, kind_filter, region_filter

SPANS = ("today", "week", "month", "year")


def span(key: str, today: date) -> tuple[date, date]:
    """The days a choice of time means; the week where it is unknown."""
    firsts = {"today": today, "month": today.replace(day=1), "year": today.replace(month=1, day=1)}
    return firsts.get(key, today - timedelta(days=queries.RECENT_DAYS - 1)), today


def rate_list(request: HttpRequest) -> HttpResponse:
    """Devices with their rates over the chosen time; ``?span=`` today, week (default), month or year."""
    viewer = request.user
    chosen = request.GET.get("span", "week")
    chosen = chosen if chosen in SPANS else "week"
    first, last = span(chosen, timezone.localdate())
    words = {"today": _("今天"), "week": _("近 7 日"), "month": _("本月"), "year": _("本年")}
    filters = (
        FilterSpec("q", _("设备"), kind="text", fields=("name", "mn"), placeholder=_("名称或 MN 号")),
        kind_filter(),
        region_filter(viewer),
        FilterSpec("span", _("时间"), choices=[(key, words[key]) for key in SPANS], in_bar=False,
                   apply=lambda rows, _key: rows),
    )  # fmt: skip
    listing = DeviceListing(
        request, queries.devices(viewer).filter(enabled=True), filters=filters,
        sorts=(SortSpec("name", ("name", "pk")),), decorate=lambda rows: queries.with_counts(rows, first, last),
        key="monitoring.rates", columns=columns.RATES, title=_("数据质量"),
    )  # fmt: skip
    whole = Counts(**queries.totals(viewer, first, last))
    facts = quality()
    context = {"first": first, "last": last, "chosen": chosen, "whole": whole, "chart": _chart(viewer, last),
               "spans": [(key, words[key]) for key in SPANS], "facts": facts,
               "tiles": [{"fact": fact, "value": getattr(rates(whole), name)} for name, fact in facts.rates.items()],
               "passing": facts.effective_rate.pass_percent}  # fmt: skip
    return list_page(request, listing, "monitoring/rates.html", context)


def _chart(viewer: Any, last: date) -> Chart | None:
    """The effective rate of all devices in sight by day, over the last days."""
    days = queries.daily(viewer, last - timedelta(days=queries.RECENT_DAYS - 1), last)
    if not days:
        return None
    passing = quality().effective_rate.pass_percent
    return Chart(
        "bar", quality().effective_rate.label, [f"{day:%m-%d}" for day, _counts in days],
        [Series(quality().effective_rate.label, [rates(counts).effective for _day, counts in days])], unit="%",
        limits=[Limit(_("合格"), passing, target=True)] if passing is not None else [], category_label=_("日期"),
    )  # fmt: skip
