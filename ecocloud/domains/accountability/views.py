"""Pages of accountability files: choose and look, issue, issued ones, check. Thin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.domains.accountability import building, paper, services
from ecocloud.domains.accountability.models import IssuedFile
from ecocloud.kernel.journal.proofs import Proof
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.permissions import allowed

_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _days(request: HttpRequest) -> tuple[Any, Any]:
    given = request.POST if request.method == "POST" else request.GET
    today = timezone.localdate()
    first = typed.day(given["first"]) if given.get("first") else today.replace(month=1, day=1)
    last = typed.day(given["last"]) if given.get("last") else today
    return services.checked_days(first, last)


def _shown(line: dict[str, Any]) -> dict[str, Any]:
    return line | {"printed": [Proof(pk, digest).printed for pk, digest in line["proofs"]]}


def look(request: HttpRequest) -> HttpResponse:
    """A file as it would be issued today, for one unit or post and some days; POST issues it."""
    given = request.POST if request.method == "POST" else request.GET
    ref, problem, dossier = given.get("of", ""), "", None
    today = timezone.localdate()
    first, last = today.replace(month=1, day=1), today
    try:
        first, last = _days(request)
        if request.method == "POST":
            made = services.issue(request.user, ref, first, last)
            messages.success(request, _("已签发档案 %(number)s。") % {"number": made.number})
            return redirect("accountability:file", number=made.number)
        if ref:
            dossier = building.build(building.subject_for(request.user, ref), first, last)
    except EcoError as error:
        problem = error.sentence_zh()
    context = {"subjects": building.subjects(request.user), "of": ref, "first": first, "last": last,
               "problem": problem, "dossier": dossier, "issues": allowed(request.user, building.ISSUE)}  # fmt: skip
    if dossier:
        context["sections"] = [
            {"label": _(section["label"]), "count": section["count"],
             "lines": [_shown(line) for line in section["lines"]]}
            for section in dossier.body["sections"]
        ]  # fmt: skip
    return render(request, "accountability/look.html", context, status=400 if problem else 200)


def files(request: HttpRequest) -> HttpResponse:
    """Files that were issued, newest first."""
    rows, units = IssuedFile.objects.all(), building.units_in_reach(request.user)
    if units is not None:
        rows = rows.filter(department__in=units)
    listing = Listing(
        request, rows.order_by(),
        filters=(FilterSpec("q", _("编号或对象"), kind="text", fields=("number", "label")),
                 FilterSpec("at", _("签发日期"), kind="date_range", field="at__date")),
        sorts=(SortSpec("new", ("-at", "-pk")),), key="accountability.files", title=_("责任档案"),
        decorate=lambda found: found.select_related("by", "department"),
        columns=(ExportColumn(_("编号"), "number"), ExportColumn(_("对象"), "label"),
                 ExportColumn(_("开始"), "first"), ExportColumn(_("截止"), "last"),
                 ExportColumn(_("摘要"), "digest")),
    )  # fmt: skip
    return list_page(request, listing, "accountability/files.html", {})


def one(request: HttpRequest, number: str) -> HttpResponse:
    """One issued file; ``?form=docx`` or ``xlsx`` gives it as a file, journalled."""
    row = services.file_for(request.user, number)
    form = request.GET.get("form", "")
    if form in _TYPES:
        with change(request.user.actor()) as tx:
            tx.log("accountability.file.export", row.ref, None, {"number": row.number, "form": form})
        data = paper.document(row) if form == "docx" else paper.workbook(row)
        response = HttpResponse(data, content_type=_TYPES[form])
        response["Content-Disposition"] = f'attachment; filename="{row.number}.{form}"'
        return response
    sections = [
        {"label": _(section["label"]), "count": section["count"], "lines": [_shown(line) for line in section["lines"]]}
        for section in row.body["sections"]
    ]
    return render(request, "accountability/file.html", {"row": row, "sections": sections,
                                                        "digest": paper.printed_digest(row)})  # fmt: skip


def check(request: HttpRequest) -> HttpResponse:
    """Whether a printed file, or single entries of one, still hold."""
    number, digest = request.GET.get("number", ""), request.GET.get("digest", "")
    texts = request.GET.get("entries", "").split()[:200]
    verdict, row, problem = None, None, ""
    try:
        if number:
            row = services.file_for(request.user, number)
            verdict = services.check(row, digest)
        elif texts:
            verdict = services.check_printed(texts)
    except EcoError as error:
        problem = error.sentence_zh()
    context = {"number": number, "digest": digest, "entries": "\n".join(texts), "verdict": verdict, "row": row,
               "problem": problem,
               "verdict_word": _("与签发时一致") if verdict and verdict.holds else _("有不一致")}  # fmt: skip
    return render(request, "accountability/check.html", context, status=400 if problem else 200)
