"""What the room registers when a process starts: the resolver of ``doc:`` references and its search source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.base.search import EVERYONE, SearchDoc, register_source
from ecocloud.intake.documents import paragraphs, queries
from ecocloud.intake.documents.models import Document, Record
from ecocloud.intake.documents.review_facts import review_facts
from ecocloud.kernel.journal.refs import Ref, Resolved, register_resolver


def start() -> None:
    """Register ``doc:ID#start-end`` and the search source; called once per process by the shell."""
    register_resolver("doc", resolve_document)
    register_source("doc", all_searchable, searchable, label_zh="政策文件", permission=queries.VIEW)


def span_url(document: Document, start: int, end: int, anchor: str) -> str:
    """The document's page opened at a span (its caption has the id ``at``)."""
    return f"{reverse('documents:document', args=[document.pk])}?at={start}-{end}#{anchor}"


def resolve_document(ref: Ref, viewer: Any) -> Resolved | None:
    """``doc:ID`` and ``doc:ID#start-end``: title, link to the sentence, quote, place; by secrecy and scope."""
    pk = int(ref.key) if ref.key.isdecimal() and len(ref.key) < 19 else None
    row = Document.objects.defer("text", "segments").filter(pk=pk).first()
    if row is None:
        return None
    if not queries.sees(viewer, row):
        return Resolved(ref, _("政策文件（不在您的权限内）"), allowed=False)
    title = f"《{row.title}》"
    if ref.span is None:
        return Resolved(ref, title, reverse("documents:document", args=[row.pk]), place=row.number or row.doc_type)
    start, end = ref.span
    known = Record.objects.filter(document=row, start=start, end=end).only("quote", "place").first()
    if known is not None:
        return Resolved(ref, title, span_url(row, start, end, "at"), known.quote, known.place)
    if not 0 <= start < end <= len(row.text):
        return None
    place = paragraphs.place_of(row.text, row.segments, start, end)
    return Resolved(ref, title, span_url(row, start, end, place.anchor), row.text[start:end], place.words)


# -- search ----------------------------------------------------------------------------------------------------------


def _scopes(row: Document) -> tuple[str, ...]:
    if row.secrecy == Document.Secrecy.PUBLIC:
        return (EVERYONE,)
    units = {unit.department_id for unit in row.units.all()} | ({row.department_id} if row.department_id else set())
    return tuple(f"d{pk}" for pk in sorted(units))


def _passages(row: Document) -> Iterator[SearchDoc]:
    """A document as passages of a few paragraphs, each with its own reference."""
    facts = review_facts().reading
    common = {"kind": "doc", "scopes": _scopes(row), "year": row.plan_year or row.report_year,
              "updated": row.uploaded_at}  # fmt: skip
    head = " ".join(part for part in (row.number, row.issuer, row.doc_type) if part)
    yield SearchDoc(ref=row.ref, title=row.title, body=head, **common)
    for first, last in paragraphs.pages(row.segments, 4, facts.longest_segment.value):
        part = row.segments[first:last]
        if not part:
            continue
        start, end = part[0][0], part[-1][1]
        yield SearchDoc(ref=f"{row.ref}#{start}-{end}", title=row.title, body=row.text[start:end], **common)


def all_searchable() -> Iterator[SearchDoc]:
    """Every document in passages."""
    after = 0
    while True:
        row = Document.objects.prefetch_related("units").filter(pk__gt=after).exclude(text="").order_by("pk").first()
        if row is None:
            return
        yield from _passages(row)
        after = row.pk


def searchable(ref: str) -> list[SearchDoc] | None:
    """One document in passages, or None when it is gone."""
    key = Ref.parse(ref).key
    row = Document.objects.prefetch_related("units").filter(pk=key).first() if key.isdigit() else None
    return list(_passages(row)) if row else None
