"""Pages of documents: list, upload, document, original, records."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.files.services import open_stored
from ecocloud.base.pages.exports import list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.intake.documents import columns, forms, paragraphs, queries, services, showing
from ecocloud.intake.documents.models import Document, Record
from ecocloud.intake.documents.text.loaders import MAX_BYTES
from ecocloud.kernel.journal.queries import entries_for
from ecocloud.kernel.regions.permissions import allowed

MOST_FILES = 30


def english() -> bool:
    """Whether the page is shown in English."""
    return (get_language() or "").startswith("en")


def _years(viewer: Any) -> list[tuple[int, str]]:
    found = queries.visible(viewer).exclude(plan_year=None).order_by("-plan_year").values_list("plan_year", flat=True)
    return [(year, str(year)) for year in found.distinct()]


def document_list(request: HttpRequest) -> HttpResponse:
    """All documents the person may open, with what is confirmed and what waits."""
    viewer = request.user
    filters = (
        FilterSpec(
            "q", _("文件"), kind="text", fields=("title", "number", "issuer"), placeholder=_("标题、文号或发文机关")
        ),
        FilterSpec("year", _("计划年度"), field="plan_year", choices=lambda: _years(viewer)),
        FilterSpec("secrecy", _("密级"), choices=[(c, _(w)) for c, w in Document.Secrecy.choices]),
        FilterSpec("published", _("公布日期"), kind="date_range"),
        FilterSpec(
            "mine", _("我导入的"), kind="bool", in_bar=False, apply=lambda rows, on: rows.filter(uploaded_by=viewer.pk)
        ),
        FilterSpec("status", _("状态"), choices=[(c, _(w)) for c, w in Document.Status.choices], in_bar=False,
                   counts=_status_counts),
    )  # fmt: skip
    listing = Listing(
        request, queries.visible(viewer), filters=filters,
        sorts=(SortSpec("new", ("-uploaded_at", "-id")), SortSpec("published", ("published", "id")),
               SortSpec("title", ("title",))),
        decorate=queries.with_counts, key="documents.list", columns=columns.DOCUMENTS, title=_("政策文件"),
    )  # fmt: skip
    return list_page(request, listing, "documents/list.html", {"may": _may(viewer)})


def _status_counts(rows: QuerySet) -> dict[str, int]:
    return dict(rows.order_by().values_list("status").annotate(n=Count("pk")))


def _may(viewer: Any) -> dict[str, bool]:
    codes = {"upload": services.receiving.UPLOAD, "edit": services.receiving.EDIT, "decide": queries.DECIDE,
             "enter": services.entering.ENTER, "dictionary": services.teaching.DICTIONARY}  # fmt: skip
    return {name: allowed(viewer, code) for name, code in codes.items()}


def record_list(request: HttpRequest) -> HttpResponse:
    """Records of all documents the person may open."""
    viewer = request.user
    documents = queries.visible(viewer).order_by("-uploaded_at").values_list("pk", "title")
    filters = (
        FilterSpec("q", _("记录"), kind="text", fields=("title", "quote"), placeholder=_("名称或原文")),
        FilterSpec("document", _("文件"), field="document_id", choices=lambda: list(documents[:200])),
        FilterSpec("kind", _("类型"), choices=[(c, _(w)) for c, w in Record.Kind.choices]),
        FilterSpec("state", _("状态"), choices=[(s.value, s.label) for s in Record.LISTED]),
    )
    listing = Listing(
        request, queries.records(viewer), filters=filters,
        sorts=(SortSpec("text", ("document_id", "start", "number")),),
        decorate=lambda rows: rows.select_related("document").defer("document__text", "document__segments"),
        key="documents.records", columns=columns.RECORDS, title=_("文件记录"),
    )  # fmt: skip
    for row in listing.rows:
        row.tone = showing.TONES[row.kind]
    return list_page(request, listing, "documents/records.html", {"may": _may(viewer)})


def upload(request: HttpRequest) -> HttpResponse:
    """Bring in files: several at once, each refusal one sentence, the others kept."""
    context: dict[str, Any] = {"outcomes": [], "limit": MAX_BYTES // 1048576, "most": MOST_FILES,
                               "secrecies": Document.Secrecy.choices}  # fmt: skip
    if request.method == "POST":
        given = request.FILES.getlist("files")[:MOST_FILES]
        if not given:
            context["error"] = _("没有选择文件。请选择要导入的文件。")
        secrecy = request.POST.get("secrecy") or Document.Secrecy.INTERNAL
        found = services.upload_many(request.user, [(file.name, file.file) for file in given], secrecy=secrecy)
        context["outcomes"] = [
            {"it": one, "sentence": forms.sentence(one.error, english()) if one.error else ""} for one in found
        ]
        kept = [one for one in found if one.document is not None and not one.known]
        if len(found) == 1 and kept and kept[0].document.status == Document.Status.REVIEW:
            messages.success(request, _("已读取《%(title)s》，请逐条确认。") % {"title": kept[0].document.title})
            return redirect("documents:review", kept[0].document.pk)
    status = 400 if context.get("error") or any(one["sentence"] for one in context["outcomes"]) else 200
    return render(request, "documents/upload.html", context, status=status)


def _span(text: str, document: Document) -> tuple[int, int] | None:
    match = re.fullmatch(r"(\d{1,9})-(\d{1,9})", text or "")
    if not match:
        return None
    start, end = int(match[1]), int(match[2])
    return (start, end) if 0 <= start < end <= len(document.text) else None


def page_number(request: HttpRequest) -> int:
    """The page of the text asked for, 0 for none."""
    text = request.GET.get("page", "")
    return int(text) if text.isdigit() and len(text) < 7 else 0


def document_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A document; with ``?at=start-end`` opened at a sentence, which is marked and named."""
    document = queries.document_for(request.user, pk)
    span = _span(request.GET.get("at", ""), document)
    number = page_number(request) or (showing.page_at(document, span[0]) if span else 1)
    first, last, start, end, pages = showing.bounds(document, number)
    records = queries.records_between(document, start, end + 1)
    spans = [paragraphs.Span(*span, "s", 0, True)] if span else []
    text = showing.text_page(document, number, spans, {})
    history = entries_for(document.ref).filter(action__startswith="documents.document.")[:12]
    context: dict[str, Any] = {
        "document": document, "text": text, "counts": queries.counts(document), "may": _may(request.user),
        "history": history, "span": span,
    }  # fmt: skip
    if context["may"]["decide"] and document.status in ("in_review", "entered"):
        context["candidates"] = queries.earlier_candidates(request.user, document) if not document.previous_id else []
    if span:
        place = paragraphs.place_of(document.text, document.segments, *span)
        context |= {"place": place, "quote": document.text[span[0] : span[1]]}
        for line in text.lines:
            if line.anchor == place.anchor and not any(one.caption for one in text.lines):
                line.caption = place.words
        context["beside"] = [r for r in records if r.start < span[1] and r.end > span[0] and r.is_taken][:8]
    return render(request, "documents/document.html", context)


def original(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as it came in; taking it is recorded."""
    document = queries.document_for(request.user, pk, text=False)
    stream = open_stored(document.file)
    services.note_download(request.user, document)
    response = FileResponse(stream, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(document.file.name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def change_facts(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a document's facts."""
    document = queries.document_for(request.user, pk, text=False)
    context: dict[str, Any] = {"document": document, "secrecies": Document.Secrecy.choices}
    if request.method == "POST":
        try:
            fields = forms.facts(request.POST)
            services.change_facts(request.user, document, version=forms.version_of(request.POST), **fields)
        except EcoError as error:
            context["error"] = forms.sentence(error, english())
            return render(request, "documents/facts.html", context, status=error.http_status)
        messages.success(request, _("文件信息已更新。"))
        return redirect("documents:document", document.pk)
    return render(request, "documents/facts.html", context)
