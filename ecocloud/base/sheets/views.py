"""Pages of an import: upload, mapping, preview, commit. Thin: every check is in the services."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ecocloud.base.errors import EcoError
from ecocloud.base.files import services as files
from ecocloud.base.jobs import job_status
from ecocloud.base.sheets import long_imports, registry, services
from ecocloud.base.sheets.book import samples
from ecocloud.base.sheets.compare import OUTCOMES, PreviewRow
from ecocloud.base.sheets.export import code_text
from ecocloud.base.sheets.headers import Mapping
from ecocloud.base.sheets.limits import limits
from ecocloud.base.sheets.models import ImportBatch
from ecocloud.base.sheets.spec import Column, SheetSpec
from ecocloud.base.sheets.template import template_workbook

Status = ImportBatch.Status
PAGE_ROWS = 50
SHOWN_COLUMNS = 6


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, target: str) -> HttpResponse:
    """Choose a file; a file whose columns are all found goes straight to the preview."""
    wanted = _target(request, target)
    error = None
    if request.method == "POST":
        given = request.FILES.get("file")
        try:
            if given is None:
                raise EcoError(_("请先选择文件。"), "no file given")
            batch = services.upload(request.user, target, given.name, given.file)
            return to_preview_or_mapping(request, batch)
        except EcoError as refused:
            error = refused
    recent = ImportBatch.objects.filter(target=target, created_by=str(request.user.pk)).select_related("file")
    context = {
        "target": wanted,
        "error": error,
        "max_rows": limits().max_rows.value,
        "recent": recent.order_by("-id")[:10],
        "list_url": _list_url(wanted),
    }
    return render(request, "sheets/upload.html", context, status=_status(error))


@require_GET
def template(request: HttpRequest, target: str) -> FileResponse:
    """The empty template."""
    wanted = _target(request, target)
    spec = wanted.spec(request.user)
    return _download(template_workbook(spec), _("%(title)s模板.xlsx") % {"title": spec.title})


@require_http_methods(["GET", "POST"])
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Which column is which; the choice can be remembered for the next file."""
    batch, target = _batch(request, pk)
    spec = target.spec(request.user)
    running, failed = _job(batch)
    if running:
        return redirect("web:job", pk=batch.job)
    error = EcoError(failed) if failed else None
    if request.method == "POST":
        chosen = {int(name[1:]): key for name, key in request.POST.items() if name[:1] == "c" and name[1:].isdigit()}
        remember = batch.mapping["sheet"] if request.POST.get("remember") else ""
        try:
            services.choose_mapping(request.user, batch, chosen, remember_as=remember)
            if long_imports.is_large(batch):
                return redirect("web:job", pk=long_imports.stage_later(request.user, batch).pk)
            services.stage(request.user, batch)
            return redirect("sheets:preview", pk=pk)
        except EcoError as refused:
            error = refused
    current = Mapping.from_json(batch.mapping)
    context = {
        "batch": batch,
        "target": target,
        "mapping": current,
        "error": error,
        "missing": current.missing(spec),
        "lines": _mapping_lines(batch, current, request.POST),
        "columns": spec.columns,
        "needed": [column.key for column in spec.columns if spec.needed(column)],
    }
    return render(request, "sheets/mapping.html", context, status=_status(error))


@require_GET
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Rows by outcome, wrong ones first; after the commit the same page shows the result."""
    batch, target = _batch(request, pk)
    if _job(batch)[0]:
        return redirect("web:job", pk=batch.job)
    if batch.status in (Status.UPLOADED, Status.STAGING):
        return redirect("sheets:mapping", pk=pk)
    return _preview_page(request, batch, target, None)


@require_POST
def commit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the rows: at once, or as a job where there are many and the target allows it."""
    batch, target = _batch(request, pk)
    skip = request.POST.get("skip_errors") == "1"
    try:
        if batch.status == Status.COMMITTING or (target.in_chunks and long_imports.is_large(batch)):
            return redirect("web:job", pk=long_imports.commit_later(request.user, batch, skip_errors=skip).pk)
        whole = request.POST.get("all_or_nothing") == "1"
        services.commit(request.user, batch, skip_errors=skip, all_or_nothing=whole)
    except EcoError as refused:
        batch.refresh_from_db()
        return _preview_page(request, batch, target, refused)
    return redirect("sheets:preview", pk=pk)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the import up; one that was written in part ends with what was written."""
    batch, _target_of_batch = _batch(request, pk)
    if batch.status == Status.COMMITTING:
        long_imports.stop(request.user, batch)
        return redirect("sheets:preview", pk=pk)
    services.cancel(request.user, batch)
    return redirect("sheets:upload", target=batch.target)


@require_GET
def error_file(request: HttpRequest, pk: int) -> FileResponse:
    """The user's own file with a column 错误原因."""
    batch, _target_of_batch = _batch(request, pk)
    stem = batch.file.name.rpartition(".")[0] or batch.file.name
    return _download(services.error_file(request.user, batch), _("%(name)s（错误原因）.xlsx") % {"name": stem})


def _target(request: HttpRequest, key: str) -> registry.ImportTarget:
    try:
        target = registry.target_of(key)
    except registry.UnknownTarget as missing:
        raise Http404(missing.message_zh) from missing
    registry.require(request.user, target)
    return target


def _batch(request: HttpRequest, pk: int) -> tuple[ImportBatch, registry.ImportTarget]:
    found = ImportBatch.objects.select_related("file").filter(pk=pk, created_by=str(request.user.pk)).first()
    if found is None:
        raise Http404("no such batch of this user")
    return found, _target(request, found.target)


def _job(batch: ImportBatch) -> tuple[bool, str]:
    """Whether the batch's job is at work or waits, and why it failed."""
    status = job_status(batch.job) if batch.job else None
    return (False, "") if status is None else (not status.finished, status.error)


def to_preview_or_mapping(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """Where a fresh batch goes on: to its columns when some are not found, else to the preview, large ones by a job."""
    spec = registry.target_of(batch.target).spec(request.user)
    if Mapping.from_json(batch.mapping).missing(spec):
        return redirect("sheets:mapping", pk=batch.pk)
    if long_imports.is_large(batch):
        return redirect("web:job", pk=long_imports.stage_later(request.user, batch).pk)
    try:
        services.stage(request.user, batch)
    except EcoError:
        services.cancel(request.user, batch)
        raise
    return redirect("sheets:preview", pk=batch.pk)


def _preview_page(
    request: HttpRequest, batch: ImportBatch, target: registry.ImportTarget, error: EcoError | None
) -> HttpResponse:
    spec = target.spec(request.user)
    counts = batch.counts()
    first = next((name for name in ("wrong", "new", "changed", "same") if counts[name]), "new")
    tab = request.GET.get("tab") if request.GET.get("tab") in OUTCOMES else first
    rows = batch.rows.filter(outcome=tab).order_by("number")
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
    columns = _shown_columns(spec, Mapping.from_json(batch.mapping), tab)
    labels = {"wrong": _("错误"), "new": _("新增"), "changed": _("更新"), "same": _("不变")}
    context = {
        "batch": batch,
        "target": target,
        "error": error,
        "tab": tab,
        "tabs": [(name, labels[name], counts[name]) for name in ("wrong", "new", "changed", "same")],
        "columns": columns,
        "page": page,
        "rows": [_line(services.preview_row(row), spec, columns) for row in page],
        "to_write": batch.new + batch.changed,
        "open": batch.status == Status.PREVIEWED,
        "halted": batch.status == Status.COMMITTING,
        "in_chunks": target.in_chunks and long_imports.is_large(batch),
        "may_split": target.in_chunks and not batch.wrong and not long_imports.is_large(batch),
        "list_url": _list_url(target),
        "result": batch.result.items(),
    }
    return render(request, "sheets/preview.html", context, status=_status(error))


def _shown_columns(spec: SheetSpec, mapping: Mapping, tab: str) -> list[Column]:
    """The columns of the preview's table: keys and needed ones first, as many as fit; all faults are listed beside."""
    mapped = [column for column in spec.columns if column.key in mapping.keys]
    mapped.sort(key=lambda column: not spec.needed(column))
    wanted = 2 if tab == "changed" else SHOWN_COLUMNS
    return mapped[:wanted]


def _line(row: PreviewRow, spec: SheetSpec, columns: list[Column]) -> dict[str, Any]:
    wrong = {fault.title: fault for fault in row.faults}
    cells = []
    for column in columns:
        fault = wrong.get(column.title_zh)
        text = fault.value if fault else shown(column, row.values.get(column.key))
        cells.append({"text": text, "wrong": fault is not None, "number": column.kind in ("int", "decimal", "percent")})
    diffs = [
        {
            "title": spec.by_key[diff.key].title_zh,
            "before": shown(spec.by_key[diff.key], diff.before),
            "after": shown(spec.by_key[diff.key], diff.after),
        }
        for diff in row.diffs
        if diff.key in spec.by_key
    ]
    return {"number": row.number, "cells": cells, "faults": row.faults, "diffs": diffs, "notes": row.notes}


def shown(column: Column, value: Any) -> str:
    """A value as people read it in the preview; a dash when empty."""
    if value is None or value == "" or value == ():
        return "—"
    if column.kind in ("choice", "ref"):
        codes = value if isinstance(value, tuple | list) else (value,)
        return "；".join(code_text(column, str(code)) for code in codes)
    if isinstance(value, int | Decimal | float) and column.kind in ("int", "decimal", "percent"):
        text = f"{Decimal(str(value)).normalize():,f}"
        return f"{text}%" if column.kind == "percent" else text
    return value.isoformat() if isinstance(value, date) else str(value)


def _mapping_lines(batch: ImportBatch, current: Mapping, posted: Any) -> list[dict[str, Any]]:
    with files.open_stored(batch.file) as stream:
        rows = samples(stream, current)
    chosen = {column.index: column.key for column in current.columns}
    headers = {column.index: column.header for column in current.columns} | dict(current.unmatched)
    lines = []
    for index, header in sorted(headers.items()):
        values = [str(row[index - 1]) for row in rows if index <= len(row) and row[index - 1] is not None]
        key = posted.get(f"c{index}", chosen.get(index, ""))
        lines.append({"index": index, "header": header, "samples": [text[:40] for text in values], "key": key})
    return lines


def _list_url(target: registry.ImportTarget) -> str:
    if not target.list_route:
        return ""
    try:
        return reverse(target.list_route)
    except NoReverseMatch:
        return ""


def _download(data: bytes, name: str) -> FileResponse:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return FileResponse(io.BytesIO(data), as_attachment=True, filename=name, content_type=kind)


def _status(error: EcoError | None) -> int:
    return error.http_status if error else 200
