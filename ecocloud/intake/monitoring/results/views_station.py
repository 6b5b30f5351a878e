"""The evaluation of one station or section: newest day with how it came, trend, calendar, exceedances, versions."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.pages.charts import Chart, Limit, Series
from ecocloud.intake.monitoring.results import emission_showing, queries, showing, views_hour, views_lakes, views_result
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.outlets import media
from ecocloud.intake.monitoring.results.rules import AIR_POINT, EMISSION, WATER_SECTION, Period, period_of, rules
from ecocloud.intake.monitoring.stations import queries as devices
from ecocloud.intake.monitoring.stations.models import Device

TREND_DAYS, SHOWN = 60, 20
# What is evaluated of devices, by their kind.
KINDS = {rules().air.kind: AIR_POINT, rules().water.kind: WATER_SECTION, **dict.fromkeys(media(), EMISSION)}
_GOOD = 2


def station_page(request: HttpRequest, pk: int) -> HttpResponse:
    """``?year=``: the year of the calendar, the present one by default."""
    row = devices.device_for(request.user, pk)
    return render(request, "monitoring/evaluation.html", context(request, row))


def context(request: HttpRequest, device: Device) -> dict[str, Any]:
    """Everything the page shows: the year's days in one query, the newest day whole in another."""
    kind = KINDS.get(device.kind, AIR_POINT)
    evaluated = device.kind in KINDS
    today = timezone.localdate()
    given = request.GET.get("year", "")
    year = int(given) if given.isascii() and given.isdecimal() and len(given) == 4 and given > "1900" else today.year
    own = queries.results(request.user).filter(device=device, kind=kind, asked="")
    days = list(own.filter(current=True, span="day", start__year=year).order_by("start").defer("body", "sources"))
    recent = list(own.filter(current=True, span="day", start__gt=today - timedelta(days=TREND_DAYS)).order_by("start"))
    newest = recent[-1] if recent else None
    return {
        "device": device, "evaluated": evaluated, "water": kind == WATER_SECTION,
        "emission": kind == EMISSION, "year": year, "days": len(days),
        "newest": _newest(newest), "trend": trend(kind, recent), "calendar": calendar(kind, year, days, today),
        "exceeding": [_line(one) for one in reversed(days) if exceeds(one)][:SHOWN],
        "changed": [_line(one) for one in own.filter(version__gt=1).order_by("-made_at")[:SHOWN].defer("body")],
        "periods": [_line(one) for one in _periods(own, today)], "ending": rules().stamp.ends(device.hour_ending),
        "lake": views_lakes.of_station(request.user, device, today, TREND_DAYS) if kind == WATER_SECTION else None,
        "years": (year - 1, year + 1 if year < today.year else None),
        "course": views_hour.course(device, timezone.now()) if device.kind == rules().air.kind else None,
    }  # fmt: skip


def _periods(own: Any, today: date) -> list[Result]:
    """The results of this month, quarter and year."""
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    quarter = period_of("quarter", today).start
    wanted = Q(span="month", start=month) | Q(span="year", start=year) | Q(span="quarter", start=quarter)
    rows = own.filter(current=True).filter(wanted)
    return list(rows.order_by("span").defer("body"))


def _newest(row: Result | None) -> dict[str, Any] | None:
    if row is None:
        return None
    outlet = row.kind == EMISSION
    return {"row": row, "words": showing.value_words(row), "badge": showing.colour_class(row.kind, row.level),
            "checks": emission_showing.checks(row) if outlet else [],
            "reasons": emission_showing.reasons(row) if outlet else "",
            "level": showing.level_word(row.kind, row.level), "items": views_result.figures(row),
            "deciding": showing.items_words(row.kind, row.items), "labels": showing.labels(row.facts),
            "edition": showing.edition_word(row.kind, row.edition),
            "target": showing.level_word(WATER_SECTION, row.target),
            "present": _present(row)}  # fmt: skip


def _present(row: Result) -> str:
    """How many of the day's hours came for each pollutant, the fewest: ``18/24``."""
    hours = row.body.get("hours")
    if not hours or row.kind == EMISSION:
        return ""
    counts = [sum(one is not None for one in own) for own in hours.values()]
    return f"{min(counts)}/{len(next(iter(hours.values())))}"


def exceeds(row: Result) -> bool:
    """Worse than 良, or than the target of the section."""
    if row.kind in (WATER_SECTION, EMISSION):
        return row.meets is False
    return (row.level or 0) > _GOOD


def _line(row: Result) -> dict[str, Any]:
    return {"row": row, "period": Period(row.span, row.start).text, "badge": showing.colour_class(row.kind, row.level),
            "level": showing.level_word(row.kind, row.level), "words": _words(row),
            "items": showing.items_words(row.kind, row.items), "why": showing.reason_word(row.reason),
            "change": showing.change_word(row.change)}  # fmt: skip


def _words(row: Result) -> str:
    if row.value is None and row.kind != EMISSION:
        return showing.reason_word(row.reason)
    if row.kind in (WATER_SECTION, EMISSION) or row.span == "day":
        return showing.value_words(row)
    return _("综合指数 %(n)s") % {"n": Decimal(row.value) / 100}


def trend(kind: str, recent: list[Result]) -> Chart | None:
    """The AQI, the class, or of outlets the greatest multiple, of the last days; days without a result are gaps."""
    if not any(one.value is not None for one in recent):
        return None
    by_day = {one.start: one for one in recent}
    first, last = recent[0].start, recent[-1].start
    every = [first + timedelta(days=back) for back in range((last - first).days + 1)]
    values = [by_day[day].value if day in by_day else None for day in every]
    open_days = tuple(n for n, day in enumerate(every) if day in by_day and not by_day[day].final)
    name = _measure(kind)
    if kind == EMISSION:
        values = [None if one is None else Decimal(one) / 100 for one in values]
    limits = []
    if kind == WATER_SECTION and recent[-1].target:
        limits.append(Limit(_("目标"), recent[-1].target, target=True))
    if kind == AIR_POINT:
        limits.append(Limit(showing.level_word(kind, _GOOD), showing.categories()[_GOOD - 1].most))
    return Chart("line", name, [f"{day:%m-%d}" for day in every], [Series(name, values, marks=open_days)],
                 limits=limits, category_label=_("日期"))  # fmt: skip


def _measure(kind: str) -> str:
    return {WATER_SECTION: _("水质类别"), EMISSION: _("最大超标倍数")}.get(kind, "AQI")


def calendar(kind: str, year: int, days: list[Result], today: date) -> Chart | None:
    """The days of a year in the standard colours, the word of each beside its colour."""
    if not days:
        return None
    last = min(date(year, 12, 31), today)
    every = [date(year, 1, 1) + timedelta(days=n) for n in range((last - date(year, 1, 1)).days + 1)]
    by_day = {one.start: one for one in days}
    values = [by_day[day].value if day in by_day else None for day in every]
    if kind == EMISSION:
        values = [by_day[day].level if day in by_day else None for day in every]
        pieces = [{"gte": level, "lt": level + 1, "label": showing.level_word(kind, level), "color": colour}
                  for level, colour in enumerate(rules().emission.colours, 1)]  # fmt: skip
        return _calendar(_("达标情况"), every, values, pieces)
    if kind == WATER_SECTION:
        colours = rules().water.colours
        pieces = [{"gte": n, "lt": n + 1, "label": name, "color": colour}
                  for n, (name, colour) in enumerate(zip(showing.class_names(), colours, strict=True), 1)]  # fmt: skip
    else:
        lows = [-1, *(one.most for one in showing.categories())]
        pieces = [{"gt": low, "lte": one.most, "label": showing.short_word(one.level), "color": one.colour}
                  for low, one in zip(lows, showing.categories(), strict=False)]  # fmt: skip
    return _calendar(_measure(kind), every, values, pieces)


def _calendar(name: str, every: list[date], values: list[int | None], pieces: list[dict[str, Any]]) -> Chart:
    return Chart("calendar", name, [day.isoformat() for day in every], [Series(name, values)],
                 category_label=_("日期"), extra={"pieces": pieces})  # fmt: skip
