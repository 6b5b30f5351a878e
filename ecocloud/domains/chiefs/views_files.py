"""Pages of coverage, the monthly report, patrol rules, and of one river, one file. Thin."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.pages import hooks
from ecocloud.base.pages.exports import EXPORT_FORMS, ExportColumn, export
from ecocloud.base.pages.inputs import whole_number
from ecocloud.domains.chiefs import coverage, forms, panel, queries, showing
from ecocloud.domains.chiefs import report as papers
from ecocloud.domains.chiefs.errors import ChiefRefused
from ecocloud.domains.chiefs.facts import LEVELS, PERIODS, variants, words
from ecocloud.domains.chiefs.models import Plan, RuleChoice
from ecocloud.domains.chiefs.services import rules as services
from ecocloud.kernel.duties.services.standing import CREATE
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.kernel.registers import queries as registers

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MOST_DAYS = 3 * 366


@dataclass(frozen=True)
class _Lines:
    """The lines of the coverage as ``exports.export`` takes rows."""

    lines: tuple[coverage.Line, ...]
    query_text: str

    @property
    def total(self) -> int:
        return len(self.lines)

    def all_rows(self) -> Iterator[coverage.Line]:
        return iter(self.lines)


def _span(request: HttpRequest) -> tuple[date, date, str]:
    """The days asked for: from and to, or a named span."""
    first, last = (forms.refused_day(request.GET.get(name, "")) for name in ("first", "last"))
    if first and last and first <= last and (last - first).days <= _MOST_DAYS:
        return first, last, "own"
    name = request.GET.get("span", "year")
    name = name if name in ("month", "quarter", "year") else "year"
    return (*coverage.span(name), name)


def covered(request: HttpRequest) -> HttpResponseBase:
    """Coverage by object and by unit."""
    first, last, name = _span(request)
    family = request.GET.get("family", "")
    family = family if family in {one.code for one in words().families} else ""
    found = coverage.build(request.user, first, last, family=family)
    form = request.GET.get("export", "")
    if form in EXPORT_FORMS:
        columns = (
            ExportColumn(_("对象"), "label"), ExportColumn(_("责任单位"), "unit"),
            ExportColumn(_("应巡查"), "cover.owed"),
            ExportColumn(_("到位"), "cover.done"), ExportColumn(_("缺"), "cover.missing"),
            ExportColumn(_("巡查次数"), "cover.records"), ExportColumn(_("发现问题"), "found"),
            ExportColumn(_("在办"), "open"),
        )  # fmt: skip

        def record(rows: int, query: str) -> None:
            hooks.record_export(request, "chiefs.coverage", form, rows, query)

        lines = _Lines(found.offices, request.META.get("QUERY_STRING", ""))
        return export(lines, columns, _("巡查到位"), form=form, record=record)
    spans = [("month", _("上月")), ("quarter", _("上季度")), ("year", _("今年"))]
    context = {"found": found, "first": first, "last": last, "name": name, "family": family, "spans": spans,
               "families": showing.choices(words().families), "rules": allowed(request.user, queries.RULE)}  # fmt: skip
    return render(request, "chiefs/coverage.html", context)


def report(request: HttpRequest) -> HttpResponse:
    """The monthly report of the days shown as .docx, journalled before the first byte."""
    first, last, _name = _span(request)
    made = papers.paper(request.user, first, last)
    with change(request.user.actor(getattr(request, "request_id", ""))) as tx:
        tx.log("chiefs.report.export", Ref("user", str(request.user.pk)), None, {"first": first, "last": last})
    name = f"{papers.title_of(first, last)}.docx"
    return FileResponse(io.BytesIO(made), as_attachment=True, filename=name, content_type=_DOCX)


def rule_list(request: HttpRequest) -> HttpResponse:
    """The patrol rules: which hold where since when, and those that come with the product."""
    chosen = list(RuleChoice.objects.select_related("region").order_by("region_id", "family", "-valid_from", "-pk"))
    for row in chosen:
        row.lines, row.family_word = showing.choice_lines(row), showing.family_word(row.family)
        row.variant_fact = variants().get(row.variant)
    known = [
        {"fact": one, "family": showing.family_word(one.family), "lines": showing.rule_lines(dict(one.levels)),
         "doubtful": [showing.level_word(level) for level in one.levels if not one.verified(level)]}
        for one in variants().values()
    ]  # fmt: skip
    edits = allowed(request.user, queries.RULE)
    seen = scope.reach(request.user, queries.RULE)
    regions = Region.objects.filter(level__in=["province", "city", "county"]).order_by("code")
    context = {
        "chosen": [row for row in chosen if row.valid_to is None or row.valid_to >= row.valid_from], "known": known,
        "edits": edits, "regions": regions if edits and seen.everything else (), "today": timezone.localdate(),
        "families": showing.choices(words().families), "levels": showing.choices(words().levels),
        "periods": [(one, showing.period_word(one)) for one in PERIODS],
    }  # fmt: skip
    return render(request, "chiefs/rules.html", context)


def choose_rule(request: HttpRequest) -> HttpResponse:
    """Choose a variant, or the office's own numbers."""

    def act() -> None:
        data = request.POST
        region = Region.objects.filter(pk=data.get("region", "")).first()
        if region is None:
            raise ChiefRefused("请选择区划。", "no region", where={"字段": "区划"})
        variant, _colon, family = data.get("variant", "").partition(":")
        own: dict[str, Any] = {}
        for level in LEVELS if not variant else ():
            times = whole_number(data.get(f"times-{level}"), 366)
            if times:
                own[level] = {"every": {"period": data.get(f"period-{level}", "month"), "times": times}}
        services.choose_rule(request.user, region, family, variant=variant, basis=data.get("basis", ""), levels=own,
                             on=forms.day(data.get("on", "")))  # fmt: skip

    return forms.attempt(request, act, _("巡查频次已选定。"), "chiefs:rules")


def file_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One river, one file."""
    row = registers.visible_object(request.user, pk)
    edits = allowed(request.user, queries.EDIT) and panel.fits(row)
    context = panel.file_of(request.user, row) | {
        "row": row, "edits": edits, "measures": edits and allowed(request.user, CREATE), "today": timezone.localdate(),
        "units": forms.units(request.user) if edits else (),
    }  # fmt: skip
    return render(request, "chiefs/file.html", context)


def make_plan(request: HttpRequest, pk: int) -> HttpResponse:
    data = request.POST
    return forms.attempt(request, lambda: services.make_plan(
        request.user, pk, title=data.get("title", ""), goal=data.get("goal", ""),
        valid_from=forms.day(data.get("start", ""), _("开始日期"), needed=True),
        valid_to=forms.day(data.get("end", ""), _("结束日期"), needed=True),
    ), _("方案已登记。"), "chiefs:file", pk=pk)  # fmt: skip


def add_measure(request: HttpRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(Plan.objects.select_related("object__region", "object__department"), pk=pk)
    registers.visible_object(request.user, plan.object_id)
    data = request.POST

    def act() -> None:
        lead = forms.unit(data.get("unit", ""))
        if lead is None:
            raise forms.gone()
        services.add_measure(request.user, plan, title=data.get("title", ""), lead=lead,
                             deadline=forms.day(data.get("due", ""), _("期限"), needed=True))  # fmt: skip

    return forms.attempt(request, act, _("措施已登记为任务。"), "chiefs:file", pk=plan.object_id)
