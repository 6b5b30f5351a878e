"""Pages of rules: the list, one rule in words, its form with a trial on past data. Thin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.intake.monitoring.alarms import document as doc
from ecocloud.intake.monitoring.alarms import forms, queries, replaying, services, showing, wording
from ecocloud.intake.monitoring.alarms.facts import given_rules
from ecocloud.intake.monitoring.alarms.models import OPEN, AlarmRule
from ecocloud.intake.monitoring.alarms.taking import moment
from ecocloud.intake.monitoring.stations.forms import regions_for
from ecocloud.intake.monitoring.stations.showing import history, refusal_words
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.permissions import allowed, require

SHOWN_ENTRIES = 12


class RuleListing(Listing):
    """Rules with their conditions in words."""

    @property
    def dressed(self) -> list[AlarmRule]:
        """The rows of the page as they are shown."""
        return [_dressed(row) for row in self.rows]


def _dressed(row: AlarmRule) -> AlarmRule:
    row.cause_word, row.interval_word = wording.cause_word(row.cause), wording.interval_word(row.interval)
    try:
        read = doc.read(row.document)
        row.grades, row.scope = wording.rule_words(read), wording.scope_words(read)
    except doc.RuleFaults as error:
        row.grades, row.scope, row.broken = [], [], error.message_zh
    return row


def rule_list(request: HttpRequest) -> HttpResponse:
    """All rules with what they say."""
    filters = (
        FilterSpec("q", _("规则"), kind="text", fields=("name",)),
        FilterSpec("cause", _("原因"), choices=forms.choices()["causes"]),
        FilterSpec("enabled", _("状态"), choices=[("1", _("启用")), ("0", _("停用"))], in_bar=False,
                   apply=lambda rows, on: rows.filter(enabled=on == "1"), lights={"1": "green", "0": "none"},
                   counts=lambda rows: rows.order_by().aggregate(
                       **{"1": Count("pk", filter=Q(enabled=True)), "0": Count("pk", filter=Q(enabled=False))})),
    )  # fmt: skip
    listing = RuleListing(
        request, queries.rules(request.user), filters=filters,
        sorts=(SortSpec("name", ("name", "pk")), SortSpec("updated", ("-updated_at", "-pk"))),
        decorate=lambda rows: rows.select_related("region").annotate(
            going=Count("signals__incident", filter=Q(signals__incident__state__in=OPEN), distinct=True)),
        key="monitoring.rules", columns=showing.RULE_COLUMNS, title=_("报警规则"),
    )  # fmt: skip
    there = AlarmRule.objects.filter(given__isnull=False).count()
    context = {"may": allowed(request.user, queries.RULE), "missing": len(given_rules()) - there}
    return list_page(request, listing, "monitoring/alarm_rules.html", context)


def install(request: HttpRequest) -> HttpResponse:
    """Bring in the rules of a fresh installation."""
    try:
        made = services.install(request.user)
    except EcoError as error:
        if error.http_status == 403:
            raise
        messages.error(request, refusal_words(error))
    else:
        messages.success(request, _("已引入 %(n)s 条内置规则。") % {"n": made})
    return redirect("monitoring:alarm-rules")


def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a rule on or off."""
    on = request.POST.get("on") == "1"
    services.switch_rule(request.user, pk, on=on)
    messages.success(request, _("已启用。") if on else _("已停用。"))
    return redirect("monitoring:alarm-rule", pk=pk)


def rule_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One rule in words with its sources, what it would have found lately, who changed it."""
    row = _dressed(queries.rule_for(request.user, pk))
    days = _days(request.GET.get("days", ""))
    tried = _tried(request.user, row.document, row.region, days) if request.GET.get("days") else None
    return render(request, "monitoring/alarm_rule.html", {
        "row": row, "tried": tried, "days": days, "spans": replaying.DAYS, "may": allowed(request.user, queries.RULE),
        "entries": history(row.ref, SHOWN_ENTRIES),
        "going": queries.going(request.user).filter(signals__rule=row).distinct().count(),
    })  # fmt: skip


def _days(text: str) -> int:
    return int(text) if text in {str(one) for one in replaying.DAYS} else replaying.DAYS[-1]


def _tried(viewer: Any, given: Any, region: Region, days: int) -> dict[str, Any]:
    read = doc.read(given)
    found = replaying.try_on(viewer, read, region, days)
    rows = []
    for device, factor, one in found.found:
        units = {channel.code: (channel.label, channel.unit_label) for channel in device.channels.all()}
        rows.append({"device": device, "factor": units.get(factor, (factor, ""))[0], "start": moment(one.start),
                     "end": moment(one.end) if one.end is not None else None, "level": wording.level_word(one.peak),
                     "peak": one.peak, "because": wording.because_words(one.because, units)})  # fmt: skip
    return {"result": found, "rows": rows}


def create(request: HttpRequest) -> HttpResponse:
    """A new rule, or a copy of one (``?copy=ID``)."""
    copy = request.GET.get("copy", "")
    model = queries.rules(request.user).filter(pk=int(copy)).first() if copy.isascii() and copy.isdigit() else None
    return _form(request, None, model.document if model else {"interval": "hour"})


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a rule."""
    row = queries.rule_for(request.user, pk)
    return _form(request, row, row.document)


def _form(request: HttpRequest, row: AlarmRule | None, document: Any) -> HttpResponse:
    require(request.user, queries.RULE)
    faults: dict[str, str] = {}
    tried, status = None, 200
    region = row.region if row else getattr(request.user.department, "region", None)
    days = _days(request.POST.get("days", ""))
    again = "show" in request.POST or "more" in request.POST
    if request.method == "POST":
        region = Region.objects.filter(pk=request.POST.get("region", "")).first() or region
    if request.method == "POST" and not again:
        document, faults = forms.read(request.POST, document)
        try:
            if region is None:
                faults["region"] = _("请选择区划。")
            if not faults and "try" in request.POST:
                tried = _tried(request.user, document, region, days)
            elif not faults:
                seen = request.POST.get("revision", "")
                made = services.save_rule(request.user, row, given=document, region=region,
                                          revision=int(seen) if seen.isascii() and seen.isdigit() else None,
                                          enabled=row.enabled if row else True)  # fmt: skip
                messages.success(request, _("已保存，下一分钟起按新规则判定。"))
                return redirect("monitoring:alarm-rule", pk=made.pk)
        except doc.RuleFaults as error:
            faults |= forms.shown_faults(error, document)
        except EcoError as error:
            if error.http_status == 403:
                raise
            faults["form"] = refusal_words(error)
        status = 400 if faults else 200
    values = forms.values_sent(request.POST) if request.method == "POST" else forms.values_of(document)
    for key, line in faults.items():
        if forms.grade_of(key):
            values["grades"][forms.grade_of(key) - 1]["fault"] = line
    return render(request, "monitoring/alarm_rule_form.html", forms.choices() | {
        "row": row, "values": values, "faults": faults, "fault_lines": forms.fault_lines(faults),
        "tried": tried, "region": region, "regions": regions_for(request.user), "days": days,
        "spans": replaying.DAYS,
    }, status=status)  # fmt: skip
