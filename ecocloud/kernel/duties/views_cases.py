"""About one item or many: papers, the sheet of an inspection day, like checks, supervision letters, rates. Thin."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import XLSX_TYPE
from ecocloud.base.sheets import export_workbook
from ecocloud.base.sheets.spec import Column, SheetSpec
from ecocloud.kernel.duties import case_papers, forms, lists, papers, queries, showing, statistics
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.duties.services import batches, outputs, supervising

FORMS = {"package": ("docx", "zip"), "form": ("docx",), "inspection": ("docx", "zip")}


def item_paper(request: HttpRequest, pk: int, what: str, form: str) -> FileResponse:
    """销号材料, 验收表 or 情况一览 of one item."""
    if form not in FORMS.get(what, ()):
        raise Http404
    made = case_papers.make(request.user, pk, what, form)
    request_id = getattr(request, "request_id", "")
    outputs.record(request.user, what=f"{what}.{form}", rows=1, query=f"item={pk}", request_id=request_id)
    name = papers.file_name(made.name)
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=name, content_type=made.kind)


def inspection(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything on one item on one page, to be printed."""
    dossier = case_papers.Dossier(request.user, pk)
    context = {
        "item": dossier.item, "page": dossier.page, "facts": dossier.facts(), "files": dossier.files,
        "sections": case_papers.sections(dossier.page),
    }  # fmt: skip
    return render(request, "duties/inspection.html", context)


def like_checks(request: HttpRequest, pk: int) -> HttpResponse:
    """举一反三: choose a function or level, see who is asked, ask."""
    found = queries.item_for(request.user, pk)
    form = forms.CheckForm(request.POST if request.method == "POST" else request.GET or None)
    refused: EcoError | None = None
    units: list[Any] = []
    if form.is_valid():
        given = form.cleaned_data
        units = batches.units_for_check(found, function=given["function"], level=given["level"])
        if request.method == "POST":
            try:
                made = batches.ask_like_checks(request.user, found, **given)
            except EcoError as error:
                refused = error
            else:
                messages.success(request, _("已向 %(n)s 个单位下发自查。") % {"n": len(made)})
                return redirect("duties:item", pk=pk)
    context = {"item": found, "form": form, "refused": refused, "units": units[: batches.MOST_CHECKS]}
    return render(request, "duties/like_checks.html", context, status=422 if refused else 200)


def supervise(request: HttpRequest, pk: int) -> HttpResponse:
    """Draft a supervision letter about the item and open it."""
    found = queries.item_for(request.user, pk)
    try:
        made = supervising.supervise(request.user, found, text=request.POST.get("text", "").strip())
    except EcoError as error:
        if error.http_status == 404:
            raise
        messages.warning(request, showing.told(error))
        return redirect("duties:item", pk=pk)
    messages.success(request, _("已拟督办函：%(code)s，请核对后签发。") % {"code": made.code})
    return redirect("duties:item", pk=made.pk)


def rates(request: HttpRequest) -> HttpResponse:
    """按期率 and 返工率 by category and by unit of one kind and year."""
    table = all_kinds().get(request.GET.get("kind", "")) or all_kinds()["problem"]
    years = [int(value) for value, _label in lists.years(request.user)]
    text = request.GET.get("year", "")
    year = int(text) if text.isdigit() and int(text) in years else None
    found = {
        "category": statistics.by_category(request.user, table, year),
        "unit": statistics.by_unit(request.user, table, year),
    }
    if request.GET.get("export") in found:
        return _rates_book(request, request.GET["export"], found[request.GET["export"]])
    context = {
        "kinds": [(code, showing.kind_label(code)) for code in all_kinds()],
        "kind": table.code,
        "years": years,
        "year": year,
        "sections": [
            (key, label, found[key], statistics.chart_of(label, found[key]))
            for key, label in (("category", _("按类别")), ("unit", _("按牵头单位")))
        ],
    }
    return render(request, "duties/statistics.html", context)


def _rates_book(request: HttpRequest, name: str, rows: list[statistics.Rate]) -> FileResponse:
    labels = {
        "label": _("名称"), "total": _("总数"), "done": _("办结"), "on_time": _("按期"),
        "on_time_percent": _("按期率（%）"),
        "reported": _("已反馈"), "reworked": _("返工"), "rework_percent": _("返工率（%）"), "overdue": _("逾期未结"),
    }  # fmt: skip
    columns = tuple(Column(key, label, kind="text" if key == "label" else "decimal") for key, label in labels.items())
    values = [{key: getattr(row, key) for key in labels} for row in rows]
    content = export_workbook(SheetSpec(f"duties.rates.{name}", _("办理统计"), columns), values)
    request_id = getattr(request, "request_id", "")
    query = request.GET.urlencode()
    outputs.record(request.user, what=f"rates.{name}", rows=len(rows), query=query, request_id=request_id)
    return FileResponse(
        io.BytesIO(content), as_attachment=True, filename=papers.file_name(_("办理统计") + ".xlsx"),
        content_type=XLSX_TYPE,
    )  # fmt: skip
