"""Pages that show: indicators, observations, targets, queues. Thin."""

from __future__ import annotations

import csv
import io
from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecocloud.base.pages.exports import list_page, safe_text
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.base.pages.speaking import pick_words
from ecocloud.kernel.evidence import display, exporting, home, queries, trusted
from ecocloud.kernel.evidence.models import Indicator, Lock, Observation, Target
from ecocloud.kernel.journal.queries import entries_for
from ecocloud.kernel.journal.words import action_word
from ecocloud.kernel.regions.permissions import allowed

WARNED = "warned"
LIGHTS = (
    (WARNED, gettext_lazy("预警")),
    ("red", gettext_lazy("未达标")), ("yellow", gettext_lazy("偏慢")), ("green", gettext_lazy("达标")),
    ("none", gettext_lazy("无数据或无目标")),
)  # fmt: skip
SORTS = (SortSpec("order", ("order", "code")), SortSpec("name", ("zh",)), SortSpec("group", ("group", "order")))


def _state(request: HttpRequest) -> dict:
    """Rows of every tracked indicator for the page's region and year: a fixed number of queries."""
    region, year = display.page_region(request), display.page_year(request)
    return {"region": region, "year": year, "rows": exporting.tracked(request.user, region, year)}


def _marks(row: queries.Row) -> tuple[str, ...]:
    """The values of the light filter that show this row."""
    level = display.lamp(row)
    return (level, WARNED) if level in ("red", "yellow") else (level,)


def _indicator_listing(request: HttpRequest, state: dict) -> Listing:
    held = {row.indicator.pk: row for row in state["rows"]}
    everything = Indicator.objects.exclude(status="retired")

    def by_light(queryset, value):
        return queryset.filter(pk__in=[pk for pk, row in held.items() if value in _marks(row)])

    def counts(queryset):
        if not any(request.GET.get(name) for name in ("q", "group", "nature", "status", "all")):
            return Counter(mark for row in held.values() for mark in _marks(row))
        keys = set(queryset.values_list("pk", flat=True))
        return Counter(mark for pk, row in held.items() if pk in keys for mark in _marks(row))

    filters = (
        FilterSpec("q", _("指标"), kind="text", fields=("zh", "code", "aliases__text"), apply=exporting.named),
        FilterSpec("group", _("领域"), choices=display.group_names),
        FilterSpec("nature", _("性质"), choices=Indicator.Nature.choices[:2]),
        FilterSpec("status", _("状态"), choices=Indicator.Status.choices[:2]),
        FilterSpec("light", _("亮灯"), choices=LIGHTS, in_bar=False, apply=by_light, counts=counts,
                   lights={key: key for key, _word in LIGHTS if key != WARNED}),
    )  # fmt: skip
    if request.GET.get("all") != "1" and not request.GET.get("status"):
        everything = everything.filter(pk__in=list(held))
    return Listing(request, everything, filters=filters, sorts=SORTS, key="evidence.list", size=50)


def indicator_list(request: HttpRequest) -> HttpResponse:
    """The indicators of a region and year with value, target and light."""
    state = _state(request)
    listing = _indicator_listing(request, state)
    held = {row.indicator.pk: row for row in state["rows"]}
    lines = [{"indicator": one, "row": held.get(one.pk)} for one in listing.rows]
    for line in lines:
        line["level"] = display.lamp(line["row"]) if line["row"] else "none"
    return render(request, "evidence/list.html", {
        "listing": listing, "lines": lines, "page_region": state["region"], "year": state["year"],
        "years": display.year_choices(), "places": display.region_choices(state["region"]),
        "shows_all": request.GET.get("all") == "1", "may_propose": allowed(request.user, "evidence.indicator.propose"),
    })  # fmt: skip


def export_list(request: HttpRequest) -> HttpResponse:
    """The same list as a workbook; the export is journalled with its number of rows."""
    state = _state(request)
    listing = _indicator_listing(request, state)
    return exporting.indicators_file(request, listing, state)


def _indicator(code: str) -> Indicator:
    return get_object_or_404(Indicator.objects.prefetch_related("aliases"), code=code)


def indicator_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator: value against target, arithmetic, 倒算, trend, counties, values and their sources."""
    indicator = _indicator(code)
    region, year = display.page_region(request), display.page_year(request)
    row = queries.rows_for(request.user, [indicator], [region], year)[0]
    parent = region if region.level != "county" else region.parent
    counties = queries.county_table(request.user, indicator, parent, year) if parent else []
    shown = [one for one in counties if one.value is not None or one.target is not None]
    values = queries.observations(request.user).filter(indicator=indicator, region=region).exclude(status="superseded")
    goals = queries.targets(request.user).filter(indicator=indicator, region=region).select_related("replaces")
    return render(request, "evidence/detail.html", {
        "indicator": indicator, "row": row, "level": display.lamp(row), "page_region": region, "year": year,
        "years": display.year_choices(), "places": display.region_choices(region),
        "trend": display.trend(request.user, row), "counties": [(one, display.lamp(one)) for one in shown],
        "map": display.county_map(counties, indicator, parent, year) if parent else None,
        "values": values.select_related("entered_by", "confirmed_by", "department").order_by("-end", "-id")[:36],
        "goals": goals.order_by("-end", "-version")[:12], "timeline": _timeline(f"ind:{indicator.code}"),
        "may_fill": allowed(request.user, "evidence.observation.fill"),
        "may_target": allowed(request.user, "evidence.target.edit"),
        "may_accept": indicator.status == "proposed" and allowed(request.user, "evidence.indicator.edit"),
    })  # fmt: skip


def indicator_csv(request: HttpRequest, code: str) -> HttpResponse:
    """All standing values of one indicator that the person may see, as CSV with their sources."""
    indicator = _indicator(code)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["code", "indicator", "region_code", "region", "period", "value", "unit", "status", "source"])
    rows = queries.standing(request.user).filter(indicator=indicator).select_related("region").order_by("region", "end")
    for row in rows:
        cells = (indicator.code, indicator.zh, row.region_id, row.region.name, row.period,
                 "" if row.value is None else f"{row.value:f}", row.unit, row.status, row.source)  # fmt: skip
        writer.writerow([safe_text(cell) for cell in cells])
    exporting.record(request.user, f"ind:{indicator.code}", len(rows), "csv")
    response = HttpResponse("\ufeff" + buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{indicator.code}.csv"'
    return response


def _timeline(ref: str) -> list[dict]:
    return [
        {"title": action_word(entry.action), "who": entry.actor_name, "unit": entry.actor_unit, "at": entry.at,
         "text": entry.note, "kind": "back" if entry.action.endswith("returned") else ""}
        for entry in entries_for(ref)[:50]
    ]  # fmt: skip


def observation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One value: what, from where, by whom, its versions and what may be done with it."""
    rows = queries.observations(request.user).select_related(
        "indicator", "region", "department", "entered_by", "confirmed_by"
    )
    row = get_object_or_404(rows, pk=pk)
    reviewer = allowed(request.user, "evidence.observation.review")
    filler = allowed(request.user, "evidence.observation.fill")
    reading = None
    if row.end and row.qualifier == "actual":
        reading = queries.rows_for(request.user, [row.indicator], [row.region], row.end.year)[0]
    return render(request, "evidence/observation.html", {
        "row": row, "rule": pick_words(*trusted.words(row.confirmed_rule)), "reading": reading,
        "level": display.lamp(reading) if reading else "none",
        "versions": display.observation_steps(row), "timeline": _timeline(f"obs:{row.pk}"),
        "open_correction": row.corrections.filter(status__in=Observation.OPEN).first(),
        "may_review": reviewer and row.status == "submitted" and row.entered_by_id != request.user.pk,
        "may_submit": filler and row.status in ("draft", "returned"),
        "may_correct": filler and row.status == "confirmed",
    })  # fmt: skip


def review(request: HttpRequest) -> HttpResponse:
    """Values waiting for review."""
    listing = Listing(
        request, queries.review_queue(request.user),
        filters=(FilterSpec("q", _("指标"), kind="text", fields=("indicator__zh", "indicator__code")),
                 FilterSpec("group", _("领域"), choices=display.group_names, field="indicator__group")),
        sorts=(SortSpec("at", ("at",)), SortSpec("indicator", ("indicator__order",))), key="evidence.review",
        columns=exporting.VALUES, title=_("数据复核"),
        decorate=lambda rows: rows.select_related("indicator", "region", "department", "entered_by", "replaces"),
    )  # fmt: skip
    return list_page(request, listing, "evidence/review.html", {})


MY_TABS = (
    ("todo", gettext_lazy("待办")),
    ("started", gettext_lazy("已报送待复核")),
    ("done", gettext_lazy("我确认的")),
)


def mine(request: HttpRequest) -> HttpResponse:
    """The values behind the person's tabs of the desk: to do, handed in, confirmed."""
    tab = request.GET.get("tab", "todo")
    tab = tab if tab in dict(MY_TABS) else "todo"
    listing = Listing(
        request, home.values_of(request.user, tab),
        filters=(FilterSpec("q", _("指标"), kind="text", fields=("indicator__zh", "indicator__code")),),
        sorts=(SortSpec("at", ("-at",)), SortSpec("indicator", ("indicator__order",))), key=f"evidence.mine.{tab}",
        columns=exporting.VALUES, title=str(dict(MY_TABS)[tab]),
        decorate=lambda rows: rows.select_related("indicator", "region", "department", "entered_by", "replaces"),
    )  # fmt: skip
    tabs = [{"label": label, "url": f"?tab={key}", "current": key == tab} for key, label in MY_TABS]
    return list_page(request, listing, "evidence/mine.html", {"tabs": tabs})


def target_list(request: HttpRequest) -> HttpResponse:
    """All targets the person may see."""
    listing = Listing(
        request, queries.targets(request.user),
        filters=(
            FilterSpec("q", _("指标"), kind="text", fields=("indicator__zh", "indicator__code")),
            FilterSpec("group", _("领域"), choices=display.group_names, field="indicator__group"),
            FilterSpec("year", _("年度"), choices=[(str(year), str(year)) for year in display.year_choices()],
                       field="end__year"),
            FilterSpec("status", _("状态"), choices=Target.Status.choices),
        ),
        sorts=(SortSpec("end", ("-end", "indicator__order", "region_id")),
               SortSpec("indicator", ("indicator__order",))),
        key="evidence.targets", decorate=lambda rows: rows.select_related("indicator", "region", "department"),
        columns=exporting.TARGETS, title=_("目标"),
    )  # fmt: skip
    may = {"may_edit": allowed(request.user, "evidence.target.edit")}
    return list_page(request, listing, "evidence/targets.html", may)


def target_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One target with the document that sets it, its versions and the present reading."""
    rows = queries.targets(request.user).select_related("indicator", "region", "department", "entered_by", "replaces")
    target = get_object_or_404(rows, pk=pk)
    reading = None
    if target.end and target.status == "active":
        reading = queries.rows_for(request.user, [target.indicator], [target.region], target.end.year)[0]
    return render(request, "evidence/target.html", {
        "target": target, "row": reading, "level": display.lamp(reading) if reading else "none",
        "words": queries.target_words(target), "timeline": _timeline(f"target:{target.pk}"),
        "may_edit": target.status == "active" and allowed(request.user, "evidence.target.edit"),
    })  # fmt: skip


def conflict_list(request: HttpRequest) -> HttpResponse:
    """Targets that contradict each other between documents."""
    found = queries.conflicts(request.user)
    groups = [(one, [(target, queries.target_words(target)) for target in one.targets]) for one in found]
    return render(request, "evidence/conflicts.html", {"groups": groups})


def correction_list(request: HttpRequest) -> HttpResponse:
    """Every correction with its reason, old and new value."""
    listing = Listing(
        request, queries.observations(request.user).filter(version__gt=1),
        filters=(FilterSpec("q", _("指标"), kind="text", fields=("indicator__zh", "reason")),
                 FilterSpec("status", _("状态"), choices=Observation.Status.choices)),
        sorts=(SortSpec("at", ("-at",)),), key="evidence.corrections",
        columns=exporting.CORRECTIONS, title=_("更正记录"),
        decorate=lambda rows: rows.select_related("indicator", "region", "replaces", "entered_by"),
    )  # fmt: skip
    return list_page(request, listing, "evidence/corrections.html", {})


def lock_list(request: HttpRequest) -> HttpResponse:
    """Locks in force and past ones."""
    listing = Listing(
        request, Lock.objects.all(), sorts=(SortSpec("at", ("-locked_at",)),), key="evidence.locks",
        columns=exporting.LOCKS, title=_("年度锁定"),
        decorate=lambda rows: rows.select_related("region", "locked_by", "unlocked_by"),
    )  # fmt: skip
    region = display.page_region(request)
    return list_page(request, listing, "evidence/locks.html", {
        "groups": dict(display.group_names()), "years": display.year_choices(),
        "places": display.region_choices(region), "page_region": region,
        "may_lock": allowed(request.user, "evidence.period.lock"),
        "may_unlock": allowed(request.user, "evidence.period.unlock"),
    })  # fmt: skip
