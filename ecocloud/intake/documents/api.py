"""API of the room: documents and their records (JSON), limited to what the caller may open."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from ecocloud.intake.documents import queries
from ecocloud.intake.documents.models import Record
from ecocloud.kernel.regions.permissions import require

router = Router(tags=["documents"])
MAX_ROWS = 500


class DocumentOut(Schema):
    """A document."""

    id: int
    title: str
    number: str
    issuer: str
    doc_type: str
    region: str
    published: date | None
    status: str
    secrecy: str
    sha256: str
    pending: int
    accepted: int
    entered: int


class RecordOut(Schema):
    """A record with its evidence."""

    id: int
    kind: str
    label: str
    title: str
    quote: str
    start: int
    end: int
    place: str
    confidence: str
    state: str
    source: str
    result: str | None
    decided: dict[str, Any]


@router.get("/documents", response=list[DocumentOut], url_name="documents-list")
def documents(request: HttpRequest, q: str = "", status: str = "", offset: int = 0) -> Any:
    """Documents the caller may open, newest first, at most 500."""
    require(request.user, queries.VIEW)
    rows = queries.visible(request.user)
    rows = rows.filter(title__icontains=q) if q else rows
    rows = rows.filter(status=status) if status else rows
    start = max(0, offset)
    found = queries.with_counts(rows).order_by("-uploaded_at", "-id")[start : start + MAX_ROWS]
    names = ("id", "title", "number", "issuer", "doc_type", "published", "status", "secrecy", "sha256", "pending",
             "accepted", "entered")  # fmt: skip
    return [{name: getattr(row, name) for name in names} | {"region": row.region_id} for row in found]


@router.get("/documents/{pk}/records", response=list[RecordOut], url_name="documents-records")
def records(request: HttpRequest, pk: int, state: str = "", kind: str = "", offset: int = 0) -> Any:
    """The records of one document in the order of the text, at most 500."""
    require(request.user, queries.VIEW)
    document = queries.document_for(request.user, pk, text=False)
    rows = Record.objects.filter(document=document)
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(kind=kind) if kind else rows
    start = max(0, offset)
    return [
        {"id": r.pk, "kind": r.kind, "label": r.label, "title": r.title, "quote": r.quote, "start": r.start,
         "end": r.end, "place": r.place, "confidence": str(r.confidence), "state": r.state,
         "source": r.ref, "result": r.result_ref,
         "decided": r.decided}
        for r in rows.order_by("start", "number")[start : start + MAX_ROWS]
    ]  # fmt: skip
