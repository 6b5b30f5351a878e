"""The daily report and the monthly bulletin as files. Thin."""

from __future__ import annotations

import io
from datetime import date

from django.http import FileResponse, Http404, HttpRequest

from ecocloud.base.officedocs import DOCX_TYPE
from ecocloud.base.pages.exports import XLSX_TYPE
from ecocloud.intake.monitoring.results import bulletin
from ecocloud.intake.monitoring.results.rules import period_of
from ecocloud.intake.monitoring.results.services import ALL
from ecocloud.kernel.journal.services import change

_FORMS = {"docx": (bulletin.docx, DOCX_TYPE), "xlsx": (bulletin.xlsx, XLSX_TYPE)}


def bulletin_file(request: HttpRequest, at: str, form: str) -> FileResponse:
    """A file of a day (``2026-03-05``), month (``2026-03``) or year (``2026``); who took it is journalled."""
    if form not in _FORMS:
        raise Http404
    try:
        start = date.fromisoformat(f"{at}-01-01"[:10] if len(at) == 4 else f"{at}-01" if len(at) == 7 else at)
    except ValueError as error:
        raise Http404 from error
    if len(at) == 10:
        paper = bulletin.daily(request.user, start)
    else:
        paper = bulletin.monthly(request.user, period_of("year" if len(at) == 4 else "month", start))
    write, kind = _FORMS[form]
    content = write(paper)
    with change(request.user.actor(getattr(request, "request_id", ""))) as tx:
        tx.log("monitoring.result.bulletin", ALL, None, {"at": at, "form": form})
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=f"{paper.title}.{form}", content_type=kind)
