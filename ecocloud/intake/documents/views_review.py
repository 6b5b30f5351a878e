"""The review: document beside records, linked both ways; every decision is one post."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.base import jobs
from ecocloud.base.errors import EcoError, Forbidden
from ecocloud.intake.documents import forms, queries, services, showing
from ecocloud.intake.documents.models import Document, Record
from ecocloud.intake.documents.review_facts import review_facts
from ecocloud.intake.documents.views import _may, english, page_number
from ecocloud.kernel.regions.models import Department

TABS = {"pending": ("pending",), "taken": Record.TAKEN, "rejected": ("rejected",), "all": tuple(Record.State.values)}


def _current(request: HttpRequest, document: Document, tab: str) -> Record | None:
    rows = Record.objects.filter(document=document)
    asked = request.GET.get("record", "")
    if asked.isdigit() and len(asked) < 19:
        found = rows.filter(pk=asked).first()
        if found is not None:
            return found
    if page_number(request):
        return None
    return rows.filter(state__in=TABS[tab]).order_by("start", "number").first()


def review(request: HttpRequest, pk: int) -> HttpResponse:
    """The original left, the records of this page of it right."""
    document = queries.document_for(request.user, pk)
    asked = request.GET.get("tab", "pending")
    tab = asked if asked in TABS else "pending"
    kind = request.GET.get("kind", "")
    current = _current(request, document, tab)
    number = page_number(request) or (showing.page_at(document, current.start) if current else 1)
    _first, _last, start, end, _pages = showing.bounds(document, number)
    found = queries.records_between(document, start, end + 1)
    if current is not None:
        current = next((r for r in found if r.pk == current.pk), current)
    spans, pins = showing.marks(found, current)
    shown = [r for r in found if r.state in TABS[tab] and (not kind or r.kind == kind)]
    if current is not None and current not in shown:
        shown = sorted([*shown, current], key=lambda r: (r.start, r.number))
    showing.decorate(document, found if current is None or current in found else [*found, current], current)
    tally = queries.counts(document)
    context: dict[str, Any] = {
        "document": document, "text": showing.text_page(document, number, spans, pins), "records": shown, "tab": tab,
        "current": current, "by_key": {r.pk: r for r in found}, "counts": tally, "kind": kind,
        "tabs": _tabs(document, tab, tally), "may": _may(request.user), "kinds": Record.Kind.choices,
        "reject_url": reverse("documents:decide", args=[pk, current.pk]) if current else "",
        "sweep": review_facts().confidence.sweep.value,
        "shares": _shares(tally), "beside": _beside(shown, current),
    }  # fmt: skip
    if current is not None:
        context |= showing.form_context(document, current)
        first, after = document.region.span
        context["unit_names"] = Department.objects.filter(region=document.region).values_list("name", flat=True)[:200]
    return render(request, "documents/review.html", context)


def _tabs(document: Document, tab: str, tally: dict[str, int]) -> list[dict[str, Any]]:
    base = reverse("documents:review", args=[document.pk])
    rows = (("pending", _("待确认"), tally["pending"]), ("taken", _("已接受"), tally["taken"]),
            ("rejected", _("不采纳"), tally["rejected"]))  # fmt: skip
    return [{"url": f"{base}?tab={key}", "label": word, "count": n, "current": key == tab} for key, word, n in rows]


def _shares(tally: dict[str, int]) -> list[tuple[str, int]]:
    total = max(1, tally["total"])
    return [(css, round(100 * tally[state] / total)) for css, state in
            (("accepted", "accepted"), ("edited", "edited"), ("rejected", "rejected"))]  # fmt: skip


def _beside(shown: list[Record], current: Record | None) -> dict[str, Record | None]:
    if current is None or current not in shown:
        return {"previous": None, "next": shown[0] if shown else None}
    at = shown.index(current)
    return {"previous": shown[at - 1] if at else None, "next": shown[at + 1] if at + 1 < len(shown) else None}


def _back(document: Document, record: Record | None = None, tab: str = "") -> HttpResponse:
    tail = [f"tab={tab}"] if tab in TABS and tab != "pending" else []
    tail += [f"record={record.pk}"] if record else []
    url = reverse("documents:review", args=[document.pk])
    return redirect(f"{url}?{'&'.join(tail)}" if tail else url)


def _refuse(request: HttpRequest, error: EcoError) -> None:
    """A refusal beside the records; missing rights stay what they are."""
    if isinstance(error, Forbidden):
        raise error
    messages.error(request, forms.sentence(error, english()))


def _next(document: Document, record: Record) -> Record | None:
    rows = Record.objects.filter(document=document, state=Record.State.PENDING).order_by("start", "number")
    after = [
        row
        for row in rows.filter(start__gte=record.start)[:30]
        if (row.start, row.number) > (record.start, record.number)
    ]
    return after[0] if after else rows.first()


def decide(request: HttpRequest, pk: int, record: int) -> HttpResponse:
    """Accept, keep, reject, split or undo one record."""
    document = queries.document_for(request.user, pk)
    row = queries.record_for(request.user, document, record)
    act, version, tab = request.POST.get("act", ""), forms.version_of(request.POST), request.POST.get("tab", "")
    try:
        if act == "accept":
            services.accept(request.user, row, changes=forms.changes_of(request.POST, document, row), version=version)
        elif act == "edit":
            services.edit(request.user, row, forms.changes_of(request.POST, document, row), version=version)
            return _back(document, row, tab)
        elif act == "reject":
            services.reject(request.user, row, request.POST.get("opinion", ""), version=version)
        elif act == "split":
            cuts = [int(text) for text in request.POST.getlist("cut") if text.isdigit()]
            services.split_task(request.user, row, cuts, version=version)
            return _back(document, row, tab)
        elif act == "undo":
            services.undo(request.user, row, version=version)
            return _back(document, row)
        else:
            messages.error(request, _("没有选择怎样处理。"))
            return _back(document, row, tab)
    except EcoError as error:
        _refuse(request, error)
        return _back(document, row, tab)
    return _back(document, _next(document, row))


def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a record by selecting a stretch of the text."""
    document = queries.document_for(request.user, pk)
    try:
        start, end = forms.span_of(request.POST, document)
        row = services.add(request.user, document, request.POST.get("kind", ""), start, end)
    except EcoError as error:
        _refuse(request, error)
        return _back(document)
    return _back(document, row)


def accept_sure(request: HttpRequest, pk: int) -> HttpResponse:
    """全部接受 what is sure and complete."""
    document = queries.document_for(request.user, pk, text=False)
    done, left = services.accept_sure(request.user, document)
    messages.success(
        request,
        _("已接受 %(done)s 条把握高且内容完整的记录，还有 %(left)s 条需逐条确认。") % {"done": done, "left": left},
    )
    return _back(document)


def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one's own last decision."""
    document = queries.document_for(request.user, pk, text=False)
    try:
        row = services.undo_last(request.user, document)
    except EcoError as error:
        _refuse(request, error)
        return _back(document)
    return _back(document, row)


def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter what is accepted; many records by a job."""
    document = queries.document_for(request.user, pk, text=False)
    if queries.counts(document)["ready"] > review_facts().entering.at_once.value:
        jobs.enqueue("documents.enter", {"document": pk}, key=f"doc:{pk}", created_by=request.user.actor().id)
        messages.success(request, _("记录较多，正在后台入台账，完成后可在任务清单查看。"))
        return redirect("documents:document", pk)
    found = services.enter(request.user, document)
    words = _("入台账完成：任务 %(items)s 项，目标 %(targets)s 个，数值 %(observations)s 个。") % found
    messages.success(request, words)
    if found["refused"]:
        messages.warning(request, _("有 %(refused)s 条未能入台账，原因写在记录旁。") % found)
        return _back(document, tab="taken")
    return redirect("documents:document", pk)
