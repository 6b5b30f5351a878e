"""Many records at once, as one step: what is sure and complete, a kind, a section, a selection."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import QuerySet

from ecocloud.base.errors import EcoError
from ecocloud.intake.documents.models import Document, Record
from ecocloud.intake.documents.review_errors import Incomplete, Stale
from ecocloud.intake.documents.review_facts import review_facts
from ecocloud.intake.documents.services.deciding import complete, decided_as, needs_reason
from ecocloud.intake.documents.services.stack import DECIDE, step
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import User


@dataclass(frozen=True)
class Sweep:
    """Which pending records: at least this sure (0 to 1), of these kinds (none: all), beginning in this stretch of the
    text, among these keys (None: all)."""

    least: Decimal = Decimal(0)
    kinds: tuple[str, ...] = ()
    span: tuple[int, int] | None = None
    records: tuple[int, ...] | None = None

    def rows(self, document: Document) -> QuerySet[Record]:
        """The pending records meant, in the order of the text."""
        rows = Record.objects.filter(document=document, state=Record.State.PENDING, confidence__gte=self.least)
        if self.kinds:
            rows = rows.filter(kind__in=self.kinds)
        if self.span:
            rows = rows.filter(start__gte=self.span[0], start__lt=self.span[1])
        if self.records is not None:
            rows = rows.filter(pk__in=self.records)
        return rows.order_by("start", "number")


@dataclass
class Preview:
    """What a sweep would do: the records it would take and those left for a person, each with the reason."""

    ready: list[Record] = field(default_factory=list)
    left: list[tuple[Record, str]] = field(default_factory=list)

    def by_kind(self) -> list[tuple[str, int, int]]:
        """(kind, taken, left) for every kind that occurs, in the order of the kinds."""
        found = []
        for kind in Record.Kind.values:
            ready = sum(1 for row in self.ready if row.kind == kind)
            left = sum(1 for row, _why in self.left if row.kind == kind)
            if ready or left:
                found.append((kind, ready, left))
        return found


def preview(document: Document, sweep: Sweep) -> Preview:
    """What :func:`accept_many` would take now; one query."""
    return _sorted(sweep.rows(document).defer("payload"))


def _sorted(rows: QuerySet[Record]) -> Preview:
    made = Preview()
    for row in rows:
        why = _open_question(row)
        if why:
            made.left.append((row, why))
        else:
            made.ready.append(row)
    return made


def _open_question(record: Record) -> str:
    """Why a person must look at a record before it is taken; '' when nothing is open."""
    if record.decided.get("doubt"):
        return str(record.decided["doubt"])
    if record.decided.get("lead_note"):
        return str(record.decided["lead_note"])
    if record.decided.get("question"):
        return "牵头单位有几种可能"
    try:
        complete(record)
    except EcoError as error:
        return error.message_zh
    return ""


def accept_many(
    user: User, document: Document, sweep: Sweep | None = None, *, expected: int | None = None
) -> tuple[int, int]:
    """Accept every pending record of ``sweep`` that is complete and has no open question, as one step.

    Without ``sweep``: what is at least as sure as the installation's "sweep" share. ``expected`` is the number the
    person saw; when it is no longer so nothing is done (Stale). Returns (accepted, still pending in the document).
    """
    sweep = sweep or Sweep(least=review_facts().confidence.sweep.value)
    with step(user, document.pk, "bulk") as made:
        Document.objects.select_for_update().only("pk").get(pk=document.pk)
        found = _sorted(sweep.rows(document).select_for_update())
        _as_seen(len(found.ready), expected)
        at = None
        for row in found.ready:
            made.touch(row, action="accept")
            decided_as(row, Record.State.ACCEPTED, user)
            at = row.decided_at = at or row.decided_at  # the same moment, so that the rows are written together
        number = len(found.ready)
    return number, Record.objects.filter(document=document, state=Record.State.PENDING).count()


def reject_many(
    user: User, document: Document, sweep: Sweep, opinion: str, *, expected: int | None = None
) -> tuple[int, int]:
    """不采纳 for every pending record of ``sweep`` with one reason, as one step; returns like :func:`accept_many`."""
    permissions.require(user, DECIDE)
    needs_reason(opinion)
    with step(user, document.pk, "bulk") as made:
        Document.objects.select_for_update().only("pk").get(pk=document.pk)
        rows = list(sweep.rows(document).select_for_update())
        _as_seen(len(rows), expected)
        at = None
        for row in rows:
            made.touch(row, action="reject", opinion=opinion)
            decided_as(row, Record.State.REJECTED, user, opinion)
            at = row.decided_at = at or row.decided_at
    return len(rows), Record.objects.filter(document=document, state=Record.State.PENDING).count()


def _as_seen(number: int, expected: int | None) -> None:
    if expected is None:
        return
    if number != expected:
        raise Stale(f"符合条件的记录现在是 {number} 条，与刚才显示的 {expected} 条不同。",
                    f"{number} records instead of {expected}", value=number, remedy_zh="请核对后再办。")  # fmt: skip
    if not number:
        raise Incomplete("没有符合条件的记录。", "nothing to decide", remedy_zh="请放宽条件，或逐条确认。")
