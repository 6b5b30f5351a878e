"""Pages of incidents: the list, one incident with what may be done, stations off-line. Thin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from ecocloud.base.pages.exports import list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.intake.monitoring.alarms import linking, queries, services, showing, tracing, wording
from ecocloud.intake.monitoring.alarms.errors import AlarmRefused
from ecocloud.intake.monitoring.alarms.models import OPEN, AlarmIncident
from ecocloud.intake.monitoring.answering import attempt
from ecocloud.intake.monitoring.stations import queries as stations
from ecocloud.intake.monitoring.stations import showing as devices
from ecocloud.intake.monitoring.stations.models import Channel
from ecocloud.intake.monitoring.stations.views import DeviceListing, kind_filter, region_filter
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.duties.services.standing import CREATE
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.models import Department, Region, in_language
from ecocloud.kernel.regions.permissions import allowed

MOST_SIGNALS, MOST_UNITS, DEFAULT_DAYS = 30, 300, 7


class IncidentListing(Listing):
    """Incidents with words and lights, on pages and in files."""

    @property
    def dressed(self) -> list[AlarmIncident]:
        """The rows of the page as they are shown."""
        return showing.dressed(self.rows)


def _counts(rows: QuerySet) -> dict[str, int]:
    return rows.order_by().aggregate(**{code: Count("pk", filter=which) for code, which in queries.GROUPS.items()})


def _regions(viewer: Any) -> FilterSpec:
    def choices() -> list[tuple[str, str]]:
        codes = stations.devices(viewer).order_by().values("region")
        return list(Region.objects.filter(pk__in=codes).order_by("code").values_list("code", "name"))

    return FilterSpec("region", _("区划"), field="device__region_id", choices=choices)


def alarm_list(request: HttpRequest) -> HttpResponse:
    """All incidents in sight, those that wait first."""
    viewer, groups = request.user, showing.group_words()
    causes = [(one, wording.cause_word(one)) for one in ("exceed", "no_data", "flat", "instrument", "sudden")]
    filters = (
        FilterSpec("q", _("站点"), kind="text", fields=("device__name", "device__mn", "title"),
                   placeholder=_("名称、MN 号或报警")),
        FilterSpec("cause", _("原因"), choices=causes),
        FilterSpec("level", _("最高级别"), field="peak", choices=[(str(n), wording.level_word(n)) for n in (1, 2, 3)]),
        _regions(viewer),
        FilterSpec("on", _("触发日期"), kind="date_range", field="last__date"),
        FilterSpec("open", _("未结束"), kind="bool", apply=lambda rows, _on: rows.filter(state__in=OPEN)),
        FilterSpec("state", _("状态"), choices=[(code, one[0]) for code, one in groups.items()], in_bar=False,
                   apply=lambda rows, code: rows.filter(queries.GROUPS[code]), counts=_counts,
                   lights={code: one[1] for code, one in groups.items()}),
    )  # fmt: skip
    listing = IncidentListing(
        request, queries.incidents(viewer), filters=filters,
        sorts=(SortSpec("last", ("-last", "-pk")), SortSpec("first", ("-first", "-pk")),
               SortSpec("level", ("-level", "-peak", "-pk")), SortSpec("device", ("device__name", "-pk"))),
        decorate=lambda rows: rows.select_related("device__region", "device__department", "acknowledged_by",
                                                  "assigned_to"),
        key="monitoring.alarms", columns=showing.COLUMNS, title=_("报警"),
    )  # fmt: skip
    may = {"handle": allowed(viewer, queries.HANDLE), "rule": allowed(viewer, queries.RULE)}
    return list_page(request, listing, "monitoring/alarms.html", {"may": may, "groups": groups})


def alarm_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident: what, by which rule, the values around it, every step, where it may come from, what may be done."""
    viewer = request.user
    row = queries.incident_for(viewer, pk)
    showing.dressed([row])
    signals = list(row.signals.select_related("rule", "device").prefetch_related(
        Prefetch("device__channels", Channel.objects.filter(in_use=True)))[: MOST_SIGNALS + 1])  # fmt: skip
    chosen = next((one for one in signals if str(one.pk) == request.GET.get("signal")), signals[0] if signals else None)
    mine = (
        queries.incidents(viewer, queries.HANDLE).filter(pk=pk).exists() if allowed(viewer, queries.HANDLE) else False
    )
    openly = services.is_open(row)
    may = {
        "acknowledge": mine and row.state in ("raised", "over"), "assign": mine and openly,
        "done": mine and row.state == "assigned", "false": mine and openly, "comment": mine,
        "item": mine and openly and row.item_ref is None and allowed(viewer, CREATE),
    }  # fmt: skip
    events = row.events.select_related("person__department").order_by("at", "pk")
    return render(request, "monitoring/alarm.html", {
        "row": row, "may": may, "steps": showing.steps(row), "timeline": showing.timeline(events),
        "signals": showing.signal_rows(signals[:MOST_SIGNALS]), "more": len(signals) > MOST_SIGNALS, "chosen": chosen,
        "chart": showing.chart(chosen), "rules": _rules(signals), "hints": tracing.hints_of(viewer, row),
        "light_word": showing.light_word(row), "acknowledge": wording.span(row.acknowledge_s // 60),
        "units": _units(viewer) if may["assign"] else [], "today": timezone.localdate(),
        "deadline": services.deadline_after(DEFAULT_DAYS), "kinds": _item_kinds(),
    })  # fmt: skip


def _rules(signals: Any) -> list[dict[str, Any]]:
    from ecocloud.intake.monitoring.alarms import document as doc

    found = {}
    for one in signals:
        if one.rule_id not in found:
            try:
                said = wording.rule_words(doc.read(one.rule.document))
            except doc.RuleFaults:
                said = []
            found[one.rule_id] = {"row": one.rule, "label": one.rule.label, "grades": said,
                                  "older": one.rule_revision != one.rule.revision}  # fmt: skip
    return list(found.values())


def _item_kinds() -> list[tuple[str, str]]:
    return [(one.code, in_language(one.label_zh, one.label_en)) for one in all_kinds().values()]


def _units(viewer: Any) -> list[Department]:
    rows = scope.departments_in_scope(viewer, queries.HANDLE).exclude(kind=Department.Kind.GROUP)
    return list(rows.order_by("order", "pk")[:MOST_UNITS])


def _attempt(request: HttpRequest, pk: int, act: Callable[[], Any], done: str) -> HttpResponse:
    return attempt(request, act, done, "monitoring:alarm", pk)


def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one has seen it."""
    note = request.POST.get("opinion", "")
    return _attempt(request, pk, lambda: services.acknowledge(request.user, pk, note=note), _("已确认。"))


def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it to a unit."""
    note = request.POST.get("opinion", "")
    return _attempt(
        request, pk, lambda: services.assign(request.user, pk, unit=_unit(request), note=note), _("已指派。")
    )


def _unit(request: HttpRequest) -> Department:
    number = request.POST.get("unit", "")
    units = scope.departments_in_scope(request.user, queries.HANDLE)
    row = units.filter(pk=int(number)).first() if number.isascii() and number.isdigit() and len(number) < 15 else None
    if row is None:
        raise AlarmRefused(_("请选择单位。"), "no such unit", where={"字段": "单位"}, value=number[:20])
    return row


def done(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what was done."""
    note = request.POST.get("opinion", "")
    return _attempt(request, pk, lambda: services.done(request.user, pk, note=note), _("已记录处置情况。"))


def false_alarm(request: HttpRequest, pk: int) -> HttpResponse:
    """End it as a false alarm."""
    reason = request.POST.get("opinion", "")
    return _attempt(request, pk, lambda: services.false_alarm(request.user, pk, reason=reason), _("已认定为误报。"))


def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Add words to it."""
    note = request.POST.get("opinion", "")
    return _attempt(request, pk, lambda: services.comment(request.user, pk, note=note), _("已记下。"))


def item(request: HttpRequest, pk: int) -> HttpResponse:
    """Make its work item."""

    def act() -> None:
        deadline = parse_date(request.POST.get("deadline", "")) if request.POST.get("deadline") else None
        if deadline is None or deadline < timezone.localdate():
            raise AlarmRefused(_("期限应为今天或以后的日期。"), "no deadline", where={"字段": "期限"})
        kind, body = request.POST.get("kind", linking.DEFAULT_KIND), request.POST.get("opinion", "")
        linking.make_item(request.user, pk, lead=_unit(request), deadline=deadline, kind=kind, body=body)

    return _attempt(request, pk, act, _("已转为督办事项。"))


def offline_list(request: HttpRequest) -> HttpResponse:
    """Stations off-line: devices of which nothing comes, since when, with their open incident."""
    viewer = request.user
    kept = {code: which for code, which in stations.STANDING.items() if code in ("offline", "never")}
    labels = devices.standing_words()
    rows = stations.devices(viewer).filter(Q(pk__in=_silent(viewer)) | kept["offline"] | kept["never"])

    def counts(found: QuerySet) -> dict[str, int]:
        return {code: n for code, n in stations.standing_counts(found).items() if code in kept}

    filters = (
        FilterSpec("q", _("站点"), kind="text", fields=("name", "mn"), placeholder=_("名称或 MN 号")),
        kind_filter(), region_filter(viewer),
        FilterSpec("standing", _("状态"), choices=[(code, labels[code]) for code in kept], in_bar=False,
                   apply=lambda found, which: found.filter(kept[which]),
                   counts=counts, lights={code: devices.LIGHTS[code] for code in kept}),
    )  # fmt: skip
    listing = DeviceListing(
        request, rows, filters=filters,
        sorts=(SortSpec("last", ("state__last_packet", "pk")), SortSpec("name", ("name", "pk"))),
        decorate=lambda found: found.select_related("region", "department", "state"), key="monitoring.offline",
        columns=showing.OFFLINE_COLUMNS, title=_("站点离线清单"),
    )  # fmt: skip
    shown = listing.dressed
    alarms = queries.going(viewer).filter(cause="no_data", device__in=[one.pk for one in shown])
    known = {one.device_id: one for one in showing.dressed(alarms)}
    for one in shown:
        one.incident = known.get(one.pk)
    return list_page(request, listing, "monitoring/offline.html", {"shown": shown})


def _silent(viewer: Any) -> QuerySet:
    """Devices with an open incident of missing data."""
    return queries.going(viewer).filter(cause="no_data", active=True).values("device")
