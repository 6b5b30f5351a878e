"""Batches: list, new, one with its roll-up, its workbook. Thin."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import XLSX_TYPE, list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.base.sheets import export_workbook
from ecocloud.kernel.duties import columns, forms, lights, papers, showing
from ecocloud.kernel.duties.kinds import kind_of
from ecocloud.kernel.duties.models import ItemBatch
from ecocloud.kernel.duties.services import batch_books, batches, outputs
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department


def batch_list(request: HttpRequest) -> HttpResponse:
    """Every batch the person sees, with its counts."""
    listing = Listing(
        request, batches.visible(request.user).order_by(),
        filters=(FilterSpec("q", _("名称"), kind="text", fields=("name",)),), sorts=(SortSpec("new", ("-id",)),),
        decorate=lambda rows: rows.select_related("office"), key="duties.batches", columns=columns.BATCHES,
        title=_("问题批次"),
    )  # fmt: skip
    told = batches.totals(request.user, listing.rows)
    for row in listing.rows:
        lit = told[row.pk]
        row.all, row.done, row.late = sum(lit.values()), lit[lights.CLOSED], lit[lights.RED]
        row.percent = round(100 * row.done / row.all) if row.all else 0
        row.kind_label = showing.kind_label(row.kind)
    may = permissions.rights(request.user).permissions
    return list_page(request, listing, "duties/batches.html", {"may": may})


def new_batch(request: HttpRequest) -> HttpResponse:
    """A new batch; then its list is imported."""
    form = forms.BatchForm(request.POST or None)
    refused = None
    if request.method == "POST" and form.is_valid():
        try:
            made = batches.create_batch(request.user, **form.cleaned_data)
        except EcoError as error:
            refused = error
        else:
            messages.success(request, _("已建立批次：%(name)s。请导入清单。") % {"name": made.name})
            return redirect("duties:batch", pk=made.pk)
    context = {"form": form, "refused": refused}
    return render(request, "duties/batch_new.html", context, status=422 if request.method == "POST" else 200)


def one_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """One batch: counts by state and light, a line for each lead unit; every number opens its items."""
    batch = batches.batch_for(request.user, pk)
    found = batches.roll_up(request.user, batch)
    order = list(kind_of(batch.kind).states)
    units, heads = Department.objects.in_bulk(list(found.units)), showing.light_filters()
    rows = [
        {
            "label": units[unit].label,
            "total": sum(lit.values()),
            "url": _items(batch, lead=unit),
            "cells": [(light, lit[light], _items(batch, lead=unit, light=light), label) for light, label in heads],
        }
        for unit, lit in sorted(found.units.items(), key=lambda pair: (units[pair[0]].order, pair[0]))
    ]
    states = [
        {"label": showing.state_label(batch.kind, state), "n": found.states[state], "url": _items(batch, state=state)}
        for state in sorted(found.states, key=order.index)
    ]
    tiles = [
        {"label": label, "level": showing.LEVELS[code], "n": found.lights[code], "url": _items(batch, light=code)}
        for code, label in showing.light_filters()
    ]
    context: dict[str, Any] = {
        "batch": batch, "total": found.total, "all_url": _items(batch), "rows": rows, "states": states, "tiles": tiles,
        "heads": [label for _code, label in heads], "kind_label": showing.kind_label(batch.kind),
        "import_key": f"{batch_books.PREFIX}{batch.pk}", "may": permissions.rights(request.user).permissions,
        "done_percent": round(100 * found.lights[lights.CLOSED] / found.total) if found.total else 0,
    }  # fmt: skip
    return render(request, "duties/batch.html", context)


def _items(batch: ItemBatch, **more: Any) -> str:
    return f"{reverse('duties:ledger')}?{urlencode({'batch': batch.pk} | more)}"


def workbook(request: HttpRequest, pk: int) -> FileResponse:
    """The list of a batch as a workbook that can be brought in again unchanged; only items the person sees."""
    batch = batches.batch_for(request.user, pk)
    rows = batch_books.rows_of(batch, request.user)
    content = export_workbook(batch_books.spec_of(batch), [batch_books.values_of(row) for row in rows])
    request_id = getattr(request, "request_id", "")
    outputs.record(request.user, what="batch.xlsx", rows=len(rows), query=f"batch={batch.pk}", request_id=request_id)
    name = papers.file_name(f"{batch.name}.xlsx")
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=name, content_type=XLSX_TYPE)
