"""Outlets of a day, days above a limit, amounts against what is permitted. Thin."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.pages import hooks
from ecocloud.base.pages.exports import export, list_page
from ecocloud.base.pages.listing import EXPORT_FORMS, FilterSpec, SortSpec
from ecocloud.intake.monitoring.results import emission_lists
from ecocloud.intake.monitoring.results.outlets import media
from ecocloud.intake.monitoring.results.rules import Period
from ecocloud.intake.monitoring.stations import kinds


def chosen_day(request: HttpRequest, viewer: Any) -> date:
    """The day of ``?day=``; the newest whole one with results, else yesterday."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return emission_lists.newest_day(viewer) or timezone.localdate() - timedelta(days=1)


def outlet_days(request: HttpRequest) -> HttpResponse:
    """Outlets on a day: state, multiples, amounts; with export."""
    viewer = request.user
    day = chosen_day(request, viewer)
    words = emission_lists.state_words()
    filters = (
        FilterSpec("q", _("排口"), kind="text", fields=("name", "mn"), placeholder=_("排口名称")),
        FilterSpec("kind", _("类别"), choices=[(code, kinds.label_of(code)) for code in media()]),
        FilterSpec("state", _("结论"), choices=list(words.items()), in_bar=False, lights=emission_lists.TONES,
                   apply=lambda rows, state: emission_lists.with_state(rows, viewer, day, state),
                   counts=lambda rows: emission_lists.state_counts(viewer, rows, day)),
    )  # fmt: skip
    listing = emission_lists.DayListing(
        request, emission_lists.outlets_of(viewer), filters=filters, sorts=(SortSpec("name", ("name", "pk")),),
        decorate=lambda rows: rows.select_related("region", "department"), key="monitoring.outlet-days",
        columns=emission_lists.DAY_COLUMNS, title=_("排口达标"),
    )  # fmt: skip
    listing.viewer, listing.day = viewer, day
    context = {"day": day, "before": day - timedelta(days=1), "after": _after(day)}
    return list_page(request, listing, "monitoring/outlet_days.html", context)


def _after(day: date) -> date | None:
    return day + timedelta(days=1) if day < timezone.localdate() else None


def exceedances(request: HttpRequest) -> HttpResponse:
    """Days of outlets above a limit, each with the way to its hours; with export."""
    viewer = request.user
    filters = (
        FilterSpec("q", _("排口"), kind="text", fields=("device__name",), placeholder=_("排口名称")),
        FilterSpec("day", _("日期"), kind="date_range", field="start"),
        FilterSpec("kind", _("类别"), field="device__kind", choices=[(code, kinds.label_of(code)) for code in media()]),
    )  # fmt: skip
    listing = emission_lists.OverListing(
        request, emission_lists.over(viewer), filters=filters,
        sorts=(SortSpec("day", ("-start", "pk")), SortSpec("multiple", ("-value", "-start", "pk"))),
        decorate=lambda rows: rows.select_related("device", "region"), key="monitoring.exceedances",
        columns=emission_lists.OVER_COLUMNS, title=_("超标记录"),
    )  # fmt: skip
    return list_page(request, listing, "monitoring/exceedances.html", {})


def emission_totals(request: HttpRequest) -> HttpResponse:
    """Amounts of enterprises by month against what their permit allows in the year; ``?at=2026-03``; with export."""
    viewer = request.user
    known = emission_lists.months(viewer)
    asked = request.GET.get("at", "")
    start = next((one for one in known if Period("month", one).text == asked), known[0] if known else None)
    period = Period("month", start) if start else None
    rows = emission_lists.totals(viewer, period) if period else []
    form = request.GET.get("export", "")
    if form in EXPORT_FORMS:
        sheet: Any = emission_lists.TotalSheet(rows, period.text if period else "")
        record = partial(_record, request, form)
        return export(sheet, emission_lists.TOTAL_COLUMNS, _("排放量"), form=form, record=record)
    context = {
        "rows": rows,
        "period": period,
        "choices": [Period("month", one).text for one in known],
        "labels": emission_lists.labels(part for one in rows for part in one.parts),
    }
    return render(request, "monitoring/emission_totals.html", context)


def _record(request: HttpRequest, form: str, rows: int, query: str) -> None:
    hooks.record_export(request, "monitoring.emission-totals", form, rows, query)
