"""What the pages of questions, tables and comparisons read; everything within what the viewer may open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When

from ecocloud.intake.documents import comparison, consistency, decided, paragraphs, queries
from ecocloud.intake.documents.comparison import Comparison, Mode
from ecocloud.intake.documents.findings_facts import consistency_facts
from ecocloud.intake.documents.models import Document, Question
from ecocloud.intake.documents.review_errors import NotVisible
from ecocloud.kernel.regions.models import User

HIDDEN = "另一份文件（不在您的权限内）"


def questions(viewer: Any) -> QuerySet[Question]:
    """The questions (not what agrees) of all documents the viewer may open, that still stand."""
    return Question.objects.filter(document__in=queries.visible(viewer).values("pk"), standing=True, holds=False)


def with_order(rows: QuerySet[Question]) -> QuerySet[Question]:
    """Questions with the numbers they are ordered by: open first, contradictions first."""
    grave = [When(severity=name, then=Value(one.order)) for name, one in consistency_facts().severities.items()]
    first = Case(When(answer="open", then=Value(0)), default=Value(1), output_field=IntegerField())
    return rows.annotate(first=first, grave=Case(*grave, default=Value(9), output_field=IntegerField()))


def question_for(viewer: User, document: Document, pk: int) -> Question:
    """One question of a document; raises :class:`NotVisible`."""
    row = Question.objects.filter(document=document, pk=pk).first()
    if row is None:
        raise NotVisible("没有这个问题。", f"no question {pk}", value=pk)
    return row


def of_document(document: Document) -> list[Question]:
    """All questions of one document and those of other documents that point at it; standing ones first."""
    rows = Question.objects.filter(Q(document=document) | Q(other=document, holds=False, standing=True))
    rows = with_order(rows).select_related("answered_by", "document", "other")
    rows = rows.defer("document__text", "document__segments", "other__text", "other__segments")
    return list(rows.order_by("-standing", "holds", "first", "grave", "start", "id"))


def counts(document: Document) -> dict[str, int]:
    """Standing questions of a document: ``open``, ``answered``, ``held``."""
    rows = Question.objects.filter(document=document, standing=True)
    return rows.aggregate(
        open=Count("pk", filter=Q(holds=False, answer="open")), held=Count("pk", filter=Q(holds=True)),
        answered=Count("pk", filter=Q(holds=False) & ~Q(answer="open")),
    )  # fmt: skip


def decorate(viewer: Any, rows: Sequence[Question], english: bool) -> None:
    """Give questions their labels, words and places in the language; hides what the viewer may not open."""
    asked = {row.other_id for row in rows if row.other_id} | {row.document_id for row in rows if row.other_id}
    seen = set(queries.visible(viewer).filter(pk__in=asked).values_list("pk", flat=True)) if asked else set()
    kinds, severities = consistency_facts().kinds, consistency_facts().severities
    for row in rows:
        kind = kinds.get(row.kind)
        row.label = (kind.label_en if english else kind.label_zh) if kind else row.kind
        grave = severities[row.severity]
        row.grave_label = grave.label_en if english else grave.label_zh
        hidden = row.other_id is not None and not {row.other_id, row.document_id} <= seen
        facts = {**row.facts, "other": HIDDEN, "found": "—"} if hidden else row.facts
        row.said = consistency.words(row.kind, facts, english=english) if kind else row.words
        row.sums = "" if hidden else row.arithmetic
        row.places = [_place(row, span) for span in row.spans if not (hidden and _of(row, span) not in seen)]


def _of(row: Question, span: dict[str, Any]) -> int:
    return int(span["doc"].removeprefix("doc:")) if span["doc"] else row.document_id


def _place(row: Question, span: dict[str, Any]) -> dict[str, Any]:
    title = row.other.title if span["doc"] and row.other_id else ""
    return {**span, "document": _of(row, span), "title": title, "at": f"{span['start']}-{span['end']}"}


# -- comparisons -------------------------------------------------------------------------------------------------------


def comparable(viewer: Any) -> QuerySet[Document]:
    """Documents that were read, newest plan first."""
    rows = queries.visible(viewer).filter(status__in=(Document.Status.REVIEW, Document.Status.ENTERED))
    return rows.defer("text", "segments").order_by(F("plan_year").desc(nulls_last=True), "title", "pk")


def compared(left: Document, right: Document, mode: Mode) -> Comparison:
    """The comparison of two documents with what people decided in them."""
    stated = []
    for document in (left, right):
        records = decided.records_of(document)
        stated.append(decided.stated_of(document, records, decided.indicators(records)))
    return comparison.compare(stated[0], stated[1], mode)


def placer(document: Document) -> Any:
    """A callable that words a span of the document."""
    starts = [segment[0] for segment in document.segments]
    return lambda start, end: paragraphs.place_of(document.text, document.segments, start, end, starts).words


def suggested(viewer: Any, document: Document) -> list[tuple[Document, Mode]]:
    """Documents worth comparing with: the same region's plan of the year before, plans of a region above."""
    if document.plan_year is None:
        return []
    rows = comparable(viewer).filter(plan_year__in=(document.plan_year, document.plan_year - 1)).exclude(pk=document.pk)
    found: list[tuple[Document, Mode]] = []
    for row in rows.select_related("region")[:200]:
        if row.region_id == document.region_id and row.plan_year == document.plan_year - 1:
            found.append((row, "year"))
        elif row.region_id != document.region_id and row.region.contains(document.region_id):
            found.append((row, "level"))
    return sorted(found, key=lambda pair: (pair[0].doc_type != document.doc_type, pair[1] != "year", pair[0].pk))[:6]
