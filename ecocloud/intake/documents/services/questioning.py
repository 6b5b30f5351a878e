"""Checks of documents: what was found is kept; a person's answers are kept with it and journalled."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone

from ecocloud.intake.documents import consistency, decided, paragraphs
from ecocloud.intake.documents.consistency import LastYear, OtherTarget, TargetKey
from ecocloud.intake.documents.models import Document, Question, Record
from ecocloud.intake.documents.review_errors import Incomplete, Stale
from ecocloud.intake.documents.stated import Finding, Span
from ecocloud.kernel.evidence import queries as evidence
from ecocloud.kernel.evidence.models import Observation
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import User

DECIDE = "documents.record.decide"
_NEEDS_NOTE = (Question.Answer.DOCUMENT_WRONG, Question.Answer.READING_WRONG, Question.Answer.NOTED)


def check(user: User, document: Document) -> dict[str, int]:
    """Check a document as its records stand now and keep what was found.

    A question that is found again keeps its answer; one that is not found any more stays as not ``standing``. Returns
    counts by ``asked``, ``held``, ``gone``. Raises Forbidden.
    """
    permissions.require(user, DECIDE)
    return refresh(user, document)


def refresh(user: User, document: Document) -> dict[str, int]:
    """The same without asking for a right: what reading a document ends with."""
    rows = list({row.key: row for row in (_row(document, finding) for finding in findings(document))}.values())
    with change(user.actor()) as tx:
        Document.objects.select_for_update().only("pk").get(pk=document.pk)
        known = {row.key: row for row in Question.objects.filter(document=document)}
        fresh = [row for row in rows if row.key not in known]
        again = [_renewed(known[row.key], row) for row in rows if row.key in known]
        gone = [row for key, row in known.items() if row.standing and key not in {one.key for one in rows}]
        for row in gone:
            row.standing = False
        Question.objects.bulk_create(fresh, batch_size=100)
        names = ["standing", "holds", "severity", "spans", "arithmetic", "facts", "words", "other", "start"]
        Question.objects.bulk_update([*again, *gone], names, batch_size=100)
        counts = {
            "asked": sum(not row.holds for row in rows),
            "held": sum(row.holds for row in rows),
            "gone": len(gone),
        }
        tx.log("documents.question.check", document.ref, after=counts)
    return counts


def _renewed(old: Question, new: Question) -> Question:
    for name in ("holds", "severity", "spans", "arithmetic", "facts", "words", "start"):
        setattr(old, name, getattr(new, name))
    old.other_id, old.standing = new.other_id, True
    return old


def answer(user: User, question: Question, given: str, note: str, *, version: int | None = None) -> Question:
    """A person's answer: as printed, document wrong, reading wrong, noted, or open again.

    All but "as printed" need words. Raises Incomplete, Stale, Forbidden.
    """
    permissions.require(user, DECIDE)
    note = note.strip()[:400]
    if given not in Question.Answer.values:
        raise Incomplete("没有这种答复。", f"unknown answer {given}", value=given, remedy_zh="请选择一种答复。")
    if given in _NEEDS_NOTE and not note:
        raise Incomplete(
            "请写明说明。", "answer without a note", where={"字段": "说明"}, remedy_zh="写明应为多少、依据什么。"
        )
    with change(user.actor()) as tx:
        row = Question.objects.select_for_update().get(pk=question.pk)
        if version is not None and row.version != version:
            raise Stale("这个问题刚刚被他人答复。", f"question {row.pk} is at {row.version}", value=version,
                        remedy_zh="请刷新后再办。")  # fmt: skip
        before = {"answer": row.answer, "note": row.note}
        row.answer, row.note = given, note if given != Question.Answer.OPEN else ""
        taken_back = given == Question.Answer.OPEN
        row.answered_by, row.answered_at = (None, None) if taken_back else (user, timezone.now())
        row.version += 1
        row.save(update_fields=["answer", "note", "answered_by", "answered_at", "version"])
        after = {"question": row.pk, "kind": row.kind, "answer": row.answer, "words": row.words}
        tx.log("documents.question.answer", row.ref, before, after, note=row.note)
    return row


# -- what a check looks at ---------------------------------------------------------------------------------------------


def findings(document: Document) -> list[Finding]:
    """All findings of a document: inside it, against last year's confirmed values, against other documents."""
    records = decided.records_of(document)
    # The units of a level above are not in the directory of this office and owe it nothing.
    above = document.department is not None and not document.department.region.contains(document.region_id)
    known = decided.indicators(records)
    stated = decided.stated_of(document, records, known)
    return [
        *consistency.check(
            stated, last_year=_last_year(document, known), catalogue=decided.catalogue_of(known, records),
            unknown_units={} if above else decided.unknown_units(records),
        ),
        *consistency.conflicts(stated, _others(document, list(known))),
    ]  # fmt: skip


def _last_year(document: Document, known: Any) -> dict[tuple[str, str], LastYear]:
    """Confirmed values of the year before by indicator and region, not those this document gave."""
    if document.plan_year is None or not known:
        return {}
    rows = Observation.objects.filter(
        evidence.in_year(document.plan_year - 1), indicator__code__in=list(known), status__in=Observation.STANDING,
        qualifier="actual", value__isnull=False, start__lte=f"{document.plan_year - 1}-01-01",
    ).exclude(source__startswith=f"{document.ref}#")  # fmt: skip
    found = {}
    for row in rows.select_related("indicator").order_by("end", "id"):
        where = f"已确认的{document.plan_year - 1}年数值"
        found[row.indicator.code, row.region_id] = LastYear(Decimal(row.value), row.unit, where, f"obs:{row.pk}")
    return found


def _others(document: Document, codes: Sequence[str]) -> dict[TargetKey, list[OtherTarget]]:
    """The targets of other documents for the same indicators."""
    rows = Record.objects.filter(indicator__in=codes, value__isnull=False).exclude(document=document)
    rows = rows.exclude(state="rejected").exclude(document__abolished__isnull=False)
    found: dict[TargetKey, list[OtherTarget]] = defaultdict(list)
    for row in rows.select_related("document").defer("document__text", "document__segments").order_by("pk"):
        span = Span(row.start, row.end, row.quote, "其他文件", row.document.ref)
        value = abs(Decimal(row.value)) if row.decided.get("operator") == "change" else Decimal(row.value)
        key = (row.indicator, row.region or "", row.period or "")
        found[key].append(OtherTarget(row.document.title, value, row.decided.get("unit") or "", span))
    return found


def _row(document: Document, finding: Finding) -> Question:
    kind = consistency.kind_of(finding)
    key = hashlib.sha256(finding.key.encode()).hexdigest()[:40]
    other = next((int(span.doc.removeprefix("doc:")) for span in finding.spans if span.doc.startswith("doc:")), None)
    spans = [_span(document, span) for span in finding.spans]
    return Question(
        document=document, other_id=other, key=key, kind=finding.kind, severity=kind.severity, holds=finding.holds,
        start=finding.spans[0].start, spans=spans, arithmetic=finding.arithmetic[:600], facts=dict(finding.facts),
        words=consistency.words(finding.kind, finding.facts)[:600],
    )  # fmt: skip


def _span(document: Document, span: Span) -> dict[str, Any]:
    place = "" if span.doc else paragraphs.place_of(document.text, document.segments, span.start, span.end).words
    return {"start": span.start, "end": span.end, "quote": span.quote[:400], "role": span.role, "doc": span.doc,
            "place": place}  # fmt: skip


def note_export(user: User, ref: str, what: str, rows: int, **more: Any) -> None:
    """Record that somebody took questions, tables or a comparison as a file (``what``: tables.xlsx, ...)."""
    with change(user.actor()) as tx:
        tx.log("documents.document.export", ref, after={"what": what, "rows": rows} | more)
