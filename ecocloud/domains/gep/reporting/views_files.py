"""Workbooks and CSV files of an accounting. Thin."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from ecocloud.base.errors import EcoError
from ecocloud.base.pages import hooks
from ecocloud.base.pages.answering import refusal
from ecocloud.base.pages.inputs import whole_number
from ecocloud.base.sheets import export_workbook
from ecocloud.base.sheets import services as sheets
from ecocloud.base.sheets.views import to_preview_or_mapping
from ecocloud.domains.gep import datasheet, queries
from ecocloud.domains.gep.errors import GepError, NotThere
from ecocloud.domains.gep.models import Accounting
from ecocloud.domains.gep.reporting import importing

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _found(request: HttpRequest, pk: int) -> Accounting:
    row = queries.accountings(request.user).filter(pk=pk).first()
    if row is None:
        raise NotThere("没有这项核算，或不在您的数据范围内。", f"no accounting {pk} in reach", value=pk)
    return row


def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """What this person owes as a workbook that comes back in; ``?form=ID`` one form of it."""
    row = _found(request, pk)
    rows = importing.rows_of(request.user, row, whole_number(request.GET.get("form", "")))
    content = export_workbook(importing.spec(row), rows)
    hooks.record_export(request, "gep.data", "xlsx", len(rows), str(pk))
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="gep-{pk}.xlsx"'
    return response


def take_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """A CSV file of values (UTF-8 or GB18030) goes the way of a workbook: preview, faults by cell, then in."""
    row = _found(request, pk)
    given = request.FILES.get("file")
    try:
        if given is None:
            raise GepError("没有选择文件。", "no file", where={"字段": "文件"})
        name = f"{given.name.rpartition('.')[0] or 'data'}.xlsx"
        book = datasheet.workbook_of_csv(given.read())
        batch = sheets.upload(request.user, importing.key_of(row.pk), name, book)
        return to_preview_or_mapping(request, batch)
    except EcoError as refused:
        if refused.http_status in (403, 404):
            raise
        messages.error(request, refusal(refused))
    return redirect("gep:accounting", pk=pk)
