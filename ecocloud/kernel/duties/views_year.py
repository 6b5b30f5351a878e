"""The light rule and the year rollover. Thin."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.jobs.models import Job
from ecocloud.kernel.duties import forms, lights, queries, services, showing
from ecocloud.kernel.duties.models import LightRule, WorkItem
from ecocloud.kernel.duties.services import long_work, rollover, shine
from ecocloud.kernel.regions import permissions

# The effect of a rule is shown on at most so many open items.
SAMPLE = 2000
SHOWN_PLANS = 200


def rule(request: HttpRequest) -> HttpResponse:
    """The rule in force with its versions; whoever may edit it sees the effect before saving."""
    may_edit = permissions.allowed(request.user, shine.RULES)
    current = shine.rules()["*"]
    first = {name: lights.plain(getattr(current, name)) for name in ("yellow_gap", "red_gap", "grace_share")}
    form = forms.RuleForm(request.POST or None, initial=first | {"near_workdays": current.near_workdays})
    context: dict[str, Any] = {"form": form, "current": current, "may_edit": may_edit}
    context["numbers"] = {
        name: lights.plain(getattr(current, name)) for name in ("yellow_gap", "red_gap", "grace_share")
    }
    status = 200
    if request.method == "POST":
        permissions.require(request.user, shine.RULES)
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            values = {name: given[name] for name in ("near_workdays", "yellow_gap", "red_gap", "grace_share")}
            try:
                if request.POST.get("do") == "save":
                    made = services.edit_rule(request.user, note=given["note"], **values)
                    messages.success(
                        request, _("已启用第 %(n)s 版亮灯规则，各任务在下次计算时更新。") % {"n": made.version}
                    )
                    return redirect("duties:rule")
                context["effect"], status = _effect(request, replace(current, **values)), 200
            except EcoError as error:
                context["refused"], status = error, error.http_status
    context["versions"] = LightRule.objects.filter(kind="*").select_related("created_by")[:20]
    context["default"] = lights.default_rule()
    return render(request, "duties/rule.html", context, status=status)


def _effect(request: HttpRequest, wanted: lights.Rule) -> dict[str, Any]:
    """How many open items would change their light, counted on the visible open items (the first so many)."""
    today = timezone.localdate()
    rows = list(queries.visible(request.user).filter(state__in=queries.open_states()).order_by("pk")[: SAMPLE + 1])
    counts: Counter[tuple[str, str]] = Counter()
    for item in rows[:SAMPLE]:
        counts[item.light, shine.light_of(item, today, {"*": wanted}).code] += 1
    names = dict(showing.light_filters())
    lines = [
        {"level": showing.LEVELS[light], "label": names[light],
         "before": sum(n for (old, _new), n in counts.items() if old == light),
         "after": sum(n for (_old, new), n in counts.items() if new == light)}
        for light in (lights.RED, lights.YELLOW, lights.GREEN, lights.NONE)
    ]  # fmt: skip
    changed = sum(n for (old, new), n in counts.items() if old != new)
    return {"lines": lines, "changed": changed, "read": min(len(rows), SAMPLE), "cut": len(rows) > SAMPLE}


def year(request: HttpRequest) -> HttpResponse:
    """Year rollover: what would happen item by item, then doing it."""
    years = sorted(WorkItem.objects.order_by().values_list("year", flat=True).distinct(), reverse=True)
    text = request.POST.get("year", "") or request.GET.get("year", "")
    this = timezone.localdate().year
    chosen = int(text) if text.isdigit() and int(text) in years else next((y for y in years if y < this), this)
    choices = {
        int(name[4:]): value
        for name, value in request.POST.items()
        if name.startswith("act-") and name[4:].isdigit() and value in rollover.WORDS
    }
    if request.method == "POST":
        opinion = request.POST.get("opinion", "").strip() or _("年度结转")
        outcome = long_work.roll_over(request.user, chosen, choices, opinion=opinion)
        if isinstance(outcome, Job):
            messages.success(request, _("任务较多，正在后台结转。"))
            return redirect("web:job", pk=outcome.pk)
        told = "，".join(f"{rollover.WORDS[what]} {n} 项" for what, n in sorted(outcome.done.items()))
        messages.success(request, _("%(year)s 年度结转：%(told)s。") % {"year": chosen, "told": told or _("没有变化")})
        for pk, why in outcome.refused[:5]:
            messages.warning(request, f"#{pk}：{why}")
        return redirect(f"{reverse('duties:year')}?year={chosen}")
    plans = rollover.preview(request.user, chosen, limit=SHOWN_PLANS)
    showing.show(plan.item for plan in plans)
    counts = rollover.proposed(request.user, chosen)
    total = sum(counts.values())
    acts = [(code, showing.said(word), counts[code]) for code, word in rollover.WORDS.items()]
    context = {"year": chosen, "years": years, "plans": plans, "more": max(0, total - len(plans)), "total": total}
    return render(request, "duties/year.html", context | {"acts": acts})
