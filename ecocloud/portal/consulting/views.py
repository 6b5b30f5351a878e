"""Public pages of consultations: the list, one draft with its paragraphs and comments, the results as a paper. Thin."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from ecocloud.base.errors import EcoError
from ecocloud.base.officedocs import DOCX_TYPE
from ecocloud.base.pages.inputs import whole_number
from ecocloud.kernel.regions.signin import address_of
from ecocloud.portal.consulting import paper, queries, services
from ecocloud.portal.consulting.models import Comment, Consultation
from ecocloud.portal.consulting.states import Phase, Showing, State
from ecocloud.portal.facts import limits, spend
from ecocloud.portal.reports.views import told

PER_PAGE, MOST_SHOWN = 20, 2000


def public_list(request: HttpRequest) -> HttpResponse:
    """Everything that is or was open to the public, those that still are first."""
    rows = queries.public().order_by("-closes", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(whole_number(request.GET.get("page")) or 1)
    for row in page:
        row.left = (row.closes - row.opens).days
    return render(request, "portal/consults.html", {"page": page, "section": "consult"})


def public_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One draft: paragraphs, comments under them, the form for the chosen paragraph."""
    row = queries.public_consultation(pk)
    values = {name: request.POST.get(name, "")[:8000] for name in ("text", "name", "anchor", "client_key")}
    values["anchor"] = values["anchor"] or request.GET.get("at", "")[:20]
    problem, status = "", 200
    if request.method == "POST":
        try:
            spend("comment", address_of(request))
            made = services.comment(row, values["text"], anchor=values["anchor"], name=values["name"],
                                    client_key=values["client_key"])  # fmt: skip
            return redirect(f"{reverse('portal:consult', args=[row.pk])}?sent={made.number}#form")
        except EcoError as error:
            problem, status = told(error), error.http_status
    context = {
        "row": row, "parts": _parts(row), "general": _of(row, ""), "values": values, "problem": problem,
        "key": values["client_key"] or secrets.token_hex(16), "sent": whole_number(request.GET.get("sent")),
        "open": row.phase is Phase.RUNNING, "longest": limits().text.comment.value, "section": "consult",
        "chosen": next((text for anchor, _kind, text in row.segments if anchor == values["anchor"]), ""),
        "counts": _counts(row), "over": row.state == State.CONCLUDED.value,
    }  # fmt: skip
    return render(request, "portal/consult.html", context, status=status)


def _of(row: Consultation, anchor: str) -> list[Comment]:
    return [one for one in _all(row) if one.anchor == anchor]


def _all(row: Consultation) -> list[Comment]:
    if not hasattr(row, "_shown"):
        row._shown = list(row.comments.exclude(showing=Showing.WAITING.value).order_by("number")[:MOST_SHOWN])
    return row._shown


def _parts(row: Consultation) -> list[dict[str, Any]]:
    """The paragraphs with their comments; the headings by their level."""
    under: dict[str, list[Comment]] = {}
    for one in _all(row):
        under.setdefault(one.anchor, []).append(one)
    shown, placed = [], set()
    for anchor, kind, text in row.segments:
        first = anchor not in placed
        placed.add(anchor)
        shown.append({"anchor": anchor if first else "", "kind": kind, "text": text,
                      "comments": under.get(anchor, []) if first else []})  # fmt: skip
    return shown


def _counts(row: Consultation) -> dict[str, int]:
    found = _all(row)
    return {
        "shown": len([one for one in found if one.showing == Showing.SHOWN.value]),
        "answered": len([one for one in found if one.verdict]),
        "waiting": row.comments.filter(showing=Showing.WAITING.value).count(),
    }


def result(request: HttpRequest, pk: int) -> HttpResponse:
    """The results as a .docx, once they are published."""
    row = queries.public_consultation(pk)
    if row.state != State.CONCLUDED.value:
        raise queries.NoSuchConsultation("结果还没有公布。", "no results yet", value=pk)
    return paper_answer(row)


def paper_answer(row: Consultation) -> HttpResponse:
    """The paper of a consultation as a download."""
    answer = HttpResponse(paper.summary(row), content_type=DOCX_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="consultation-{row.pk}.docx"'
    return answer
