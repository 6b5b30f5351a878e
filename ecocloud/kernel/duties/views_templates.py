"""Recurring duties: the task templates of packs, what one would make, making it, having it made by the clock. Thin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.jobs.models import Job
from ecocloud.base.pages import hooks
from ecocloud.base.pages.exports import export
from ecocloud.base.pages.listing import EXPORT_FORMS
from ecocloud.kernel.duties import showing, template_pages
from ecocloud.kernel.duties.services import templates
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.registers.register import open_register

_UNITS_SHOWN = 60


def index(request: HttpRequest) -> HttpResponseBase:
    """Every task template of the loaded packs with what was made for the period of today; ``?export=`` as a file."""
    found = template_pages.lines(request.user)
    form = request.GET.get("export", "")
    if form in EXPORT_FORMS:
        table, columns = template_pages.Table(found), template_pages.columns()
        return export(table, columns, _("循环任务"), form=form, record=lambda rows, query: hooks.record_export(
            request, "duties.templates", form, rows, query))  # fmt: skip
    groups: dict[str, list[template_pages.Line]] = {}
    for line in found:
        groups.setdefault(line.pack, []).append(line)
    return render(request, "duties/templates.html", {"groups": groups.items(), "forms": EXPORT_FORMS if found else ()})


def one(request: HttpRequest, pack: str, task: str) -> HttpResponse:
    """One template: its rule, a preview by unit; POST makes the duties or starts and stops the clock."""
    template = templates.open_template(pack, task)
    refused = None
    if request.method == "POST":
        try:
            return _done(request, template, request.POST.get("do", ""))
        except EcoError as error:
            refused = error
    context = _context(request, template) | {"refused": refused}
    return render(request, "duties/template.html", context, status=refused.http_status if refused else 200)


def _done(request: HttpRequest, template: templates.Template, what: str) -> HttpResponse:
    if what == "start":
        templates.start_use(request.user, template)
        messages.success(request, _("已启用：每期自动生成任务。"))
    elif what == "stop":
        templates.stop_use(request.user, template)
        messages.success(request, _("已停用自动生成，已生成的任务不变。"))
    elif what == "run":
        outcome = templates.run_or_enqueue(request.user, template)
        if isinstance(outcome, Job):
            messages.success(request, _("任务较多，正在后台生成。"))
            return redirect("web:job", pk=outcome.pk)
        messages.success(request, _("已生成 %(n)s 项任务，已有 %(there)s 项未重复生成。")
                         % {"n": outcome.made, "there": outcome.there})  # fmt: skip
    return redirect("duties:template", pack=template.pack.id, task=template.task.code)


def _context(request: HttpRequest, template: templates.Template) -> dict[str, Any]:
    plan = templates.preview(request.user, template)
    units = plan.by_unit()
    names = dict(Region.objects.filter(pk__in=plan.nobody).values_list("pk", "name"))
    task = template.task
    definition = open_register(task.type).definition
    line = template_pages.lines(request.user, [template])[0]
    mine = request.user.department_id
    return {
        "template": template, "task": task, "proof": showing.pick(task.proof, task.proof_en),
        "plan": plan, "line": line, "units": units[:_UNITS_SHOWN],
        "more_units": len(units) - _UNITS_SHOWN if len(units) > _UNITS_SHOWN else 0, "total": len(plan.wanted),
        "nobody": sorted((names.get(code, code), n) for code, n in plan.nobody.items()),
        "register": showing.pick(definition.zh, definition.en),
        "late": template.too_late(timezone.localdate()),
        "fills": definition.by_code.get(task.fills),
        "used": any(use.office_id == mine for use in line.uses),
        "all_url": template_pages.ledger_url(template.key),
        "may_view": permissions.allowed(request.user, "registers.object.view"),
    }  # fmt: skip
