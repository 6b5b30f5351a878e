"""Pages of batches: many documents from one zip, their progress, pause and resume, the outcome of each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.intake.documents import columns, forms, queries, services
from ecocloud.intake.documents.models import Batch, BatchFile, Document
from ecocloud.intake.documents.review_errors import Incomplete
from ecocloud.intake.documents.views import english

POLL_SECONDS = 3


def batch_list(request: HttpRequest) -> HttpResponse:
    """The person's batches, and the form that starts one."""
    context: dict[str, Any] = {"secrecies": Document.Secrecy.choices, "limit": services.batches.MAX_BYTES // 1048576,
                               "most": services.batches.MAX_FILES}  # fmt: skip
    status = 200
    if request.method == "POST":
        given = request.FILES.get("file")
        try:
            if given is None:
                raise Incomplete("没有选择文件。", "no file", remedy_zh="请选择一个 zip 压缩包。")
            secrecy = request.POST.get("secrecy") or Document.Secrecy.INTERNAL
            batch = services.batches.start(request.user, given.name, given.file, secrecy=secrecy)
            messages.success(request, _("已开始读取 %(n)s 个文件。") % {"n": batch.total})
            return redirect("documents:batch", batch.pk)
        except EcoError as error:
            context["error"], status = forms.sentence(error, english()), 400
    listing = Listing(
        request, queries.batches(request.user), filters=(), sorts=(SortSpec("new", ("-created_at", "-id")),),
        key="documents.batches", columns=columns.BATCHES, title=_("整批导入"))  # fmt: skip
    if request.method == "POST":
        return render(request, "documents/batches.html", context | {"listing": listing}, status=status)
    return list_page(request, listing, "documents/batches.html", context)


def batch_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A batch with its progress and its files."""
    batch = queries.batch_for(request.user, pk)
    outcomes = BatchFile.Outcome.choices
    filters = (
        FilterSpec("q", _("文件名"), kind="text", fields=("path",), placeholder=_("文件名")),
        FilterSpec("outcome", _("结果"), choices=[(c, _(w)) for c, w in outcomes], in_bar=False,
                   counts=queries.outcome_counts),
    )  # fmt: skip
    listing = Listing(
        request, batch.files.select_related("document__like").defer(
            "document__text", "document__segments", "document__like__text", "document__like__segments"),
        filters=filters, sorts=(SortSpec("order", ("number",)),), key="documents.batch",
        columns=columns.BATCH_FILES, title=batch.name)  # fmt: skip
    return list_page(request, listing, "documents/batch.html", _progress(batch))


def _progress(batch: Batch) -> dict[str, Any]:
    found = services.batches.counts(batch)
    done = batch.total - found["waiting"]
    return {"batch": batch, "counts": found, "done": done, "percent": done * 100 // max(1, batch.total),
            "poll": POLL_SECONDS if batch.state == Batch.State.RUNNING else 0}  # fmt: skip


def batch_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that is fetched again while the batch runs."""
    return render(request, "documents/_batch_progress.html", _progress(queries.batch_for(request.user, pk)))


def batch_pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause after the document that is being read."""
    return _turn(request, pk, services.batches.pause)


def batch_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on."""
    return _turn(request, pk, services.batches.resume)


def _turn(request: HttpRequest, pk: int, turn: Any) -> HttpResponse:
    batch = queries.batch_for(request.user, pk)
    try:
        turn(request.user, batch)
    except EcoError as error:
        messages.error(request, forms.sentence(error, english()))
    return redirect("documents:batch", batch.pk)
