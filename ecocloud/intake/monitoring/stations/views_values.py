"""Bringing values in by file: CSV and JSON are turned into a workbook, then the import of workbooks goes on. Thin."""

from __future__ import annotations

import io

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ecocloud.base.errors import EcoError
from ecocloud.base.sheets import services as sheets
from ecocloud.base.sheets.views import to_preview_or_mapping
from ecocloud.intake.monitoring.stations import importing, kinds, showing, tabular


def bring(request: HttpRequest) -> HttpResponse:
    """Choose what the file holds and the file; the preview shows every row before anything is kept."""
    codes = tuple(importing.keys())
    offered = [kinds.kinds()[code] for code in codes]
    refused: EcoError | None = None
    if request.method == "POST":
        given, kind = request.FILES.get("file"), request.POST.get("kind", "")
        try:
            if given is None or kind not in codes:
                raise tabular.NotATable("请选择数据类别和文件。", "choose what the file holds and the file")
            name, stream = given.name, given.file
            if name.lower().endswith((".csv", ".json")):
                data = tabular.workbook_of(*tabular.table_of(name, stream.read(tabular.MOST_BYTES + 1)))
                name, stream = f"{name}.xlsx", io.BytesIO(data)
            batch = sheets.upload(request.user, f"{importing.PREFIX}{kind}", name, stream)
            return to_preview_or_mapping(request, batch)
        except EcoError as error:
            refused = error
    context = {"kinds": offered, "prefix": importing.PREFIX, "refused": refused, "chosen": request.POST.get("kind", ""),
               "refused_words": showing.refusal_words(refused) if refused else ""}  # fmt: skip
    return render(request, "monitoring/values.html", context, status=refused.http_status if refused else 200)
