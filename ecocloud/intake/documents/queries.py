"""What pages, API, resolvers and counters read. Everything takes the viewer and shows only what he may see."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ecocloud.base.units import format_value
from ecocloud.intake.documents.choosing import tally
from ecocloud.intake.documents.models import Batch, Decision, Document, DocumentUnit, Record, Term
from ecocloud.intake.documents.review_errors import NotVisible
from ecocloud.kernel.duties.models import ItemSeat
from ecocloud.kernel.evidence.models import Target
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.regions import permissions, scope
from ecocloud.kernel.regions.models import User

VIEW = "documents.document.view"
DECIDE = "documents.record.decide"
_RANK = {"public": 0, "internal": 1, "sensitive": 2}


def visible(viewer: Any) -> QuerySet[Document]:
    """The documents ``viewer`` may open: by clearance, and unless public by data scope or by a duty from it."""
    if not permissions.allowed(viewer, VIEW):
        return Document.objects.none()
    cleared = [level for level, rank in _RANK.items() if rank <= _RANK[viewer.clearance]]
    rows = Document.objects.filter(secrecy__in=cleared)
    seen = scope.reach(viewer, VIEW)
    if seen.everything:
        return rows
    duty = DocumentUnit.objects.filter(document=OuterRef("pk"), department_id__in=sorted(seen.departments))
    near = Q(secrecy=Document.Secrecy.PUBLIC) | Q(department_id__in=sorted(seen.departments)) | Q(Exists(duty))
    return rows.filter(near | Q(uploaded_by=viewer))


def sees(viewer: Any, document: Document) -> bool:
    """Whether ``viewer`` may open this document; a unit that was given a duty from it later may, too."""
    if viewer is None or not permissions.allowed(viewer, VIEW) or _RANK[document.secrecy] > _RANK[viewer.clearance]:
        return False
    seen = scope.reach(viewer, VIEW)
    if seen.everything or document.secrecy == "public" or document.uploaded_by_id == viewer.pk:
        return True
    if document.department_id in seen.departments:
        return True
    if DocumentUnit.objects.filter(document=document, department_id__in=sorted(seen.departments)).exists():
        return True
    seats = ItemSeat.objects.filter(item__source_doc=document.ref, department_id__in=sorted(seen.departments))
    return seats.exists()


def document_for(viewer: User, pk: int, *, text: bool = True) -> Document:
    """One document; raises :class:`NotVisible` when it does not exist for this viewer."""
    rows = Document.objects.select_related("region", "department", "uploaded_by", "file")
    row = (rows if text else rows.defer("text", "segments")).filter(pk=pk).first()
    if row is None or not sees(viewer, row):
        raise NotVisible("没有这份文件，或不在您的权限内。", f"no document {pk}", value=pk,
                         remedy_zh="如工作需要，请联系生态文明办。")  # fmt: skip
    return row


def record_for(viewer: User, document: Document, pk: int) -> Record:
    """One record of a document."""
    row = Record.objects.filter(document=document, pk=pk).first()
    if row is None:
        raise NotVisible("没有这条记录。", f"no record {pk}", value=pk)
    return row


def with_counts(rows: QuerySet[Document]) -> QuerySet[Document]:
    """Documents without their text, with the numbers of records by decision."""
    taken = Q(records__state__in=Record.TAKEN)
    return (
        rows.defer("text", "segments")
        .select_related("region", "department")
        .annotate(
            pending=Count("records", filter=Q(records__state="pending")),
            accepted=Count("records", filter=taken),
            rejected=Count("records", filter=Q(records__state="rejected")),
            tasks=Count("records", filter=Q(records__kind="task") & ~Q(records__state="gone")),
            entered=Count("records", filter=Q(records__result_ref__isnull=False)),
        )
    )


def counts(document: Document, found: dict[tuple[str, str], int] | None = None) -> dict[str, int]:
    """Records of a document by state, with ``total``, ``taken``, ``done``, ``ready`` (accepted, not entered).

    ``found`` may give the numbers by (kind, state) where they are known already.
    """
    by_state: dict[str, int] = defaultdict(int)
    for (_kind, state), number in (tally(document) if found is None else found).items():
        by_state[state] += number
    made = {state: by_state[state] for state in Record.LISTED}
    made["total"] = sum(made.values())
    made["taken"] = made["accepted"] + made["edited"]
    made["done"] = made["total"] - made["pending"]
    entering = Record.objects.filter(document=document, state__in=Record.TAKEN, kind__in=("task", "figure"))
    made["ready"] = entering.filter(result_ref__isnull=True).count()
    return made


def records_between(document: Document, start: int, end: int, limit: int = 600) -> list[Record]:
    """The records whose evidence begins between two offsets, in the order of the text."""
    rows = Record.objects.filter(document=document, start__gte=start, start__lt=end).select_related("decided_by")
    return list(rows.order_by("start", "number")[:limit])


def own_steps(viewer: User, document: Document, limit: int = 12) -> list[Decision]:
    """The person's own last steps in a document, newest first, done and undone."""
    own = Decision.objects.filter(document=document, by=viewer).exclude(standing=Decision.Standing.DROPPED)
    return list(own.order_by("-pk")[:limit])


def term_counts(rows: QuerySet[Term]) -> dict[str, int]:
    """Entries of the dictionary by standing."""
    return dict(rows.order_by().values_list("standing").annotate(n=Count("pk")))


def proposed_terms(document: Document, limit: int = 5) -> list[Term]:
    """What corrections in this document propose for the site's dictionary."""
    return list(Term.objects.filter(document=document, standing=Term.Standing.PROPOSED).order_by("-pk")[:limit])


def gone_records(document: Document) -> QuerySet[Record]:
    """Records of the edition before that this one does not have."""
    if document.previous_id is None:
        return Record.objects.filter(document=document, change="gone")
    later = Record.every.filter(former=OuterRef("pk"), document=document)
    return Record.objects.filter(document=document.previous_id).exclude(Exists(later)).order_by("start", "number")


def earlier_candidates(viewer: User, document: Document, limit: int = 30) -> list[Document]:
    """Documents that may be the edition before: same number or title first, then the newest of the same division."""
    rows = visible(viewer).exclude(pk=document.pk).filter(status__in=("in_review", "entered"), later__isnull=True)
    rows = rows.filter(region=document.region).defer("text", "segments").order_by("-uploaded_at")[:limit]
    plain = _plain_title(document.title)
    return sorted(
        rows, key=lambda row: not (_plain_title(row.title) == plain or (row.number and row.number == document.number))
    )


def _plain_title(title: str) -> str:
    """A title without what editions differ in: brackets at the end (征求意见稿), blanks."""
    return re.sub(r"[（(][^（()）]*[)）]|\s", "", title)


def near(record: Record, limit: int = 6) -> list[Record]:
    """Pending records of the same kind close to ``record``: those it may have to be merged with; two queries."""
    rows = Record.objects.filter(document=record.document_id, kind=record.kind, state=Record.State.PENDING)
    rows = rows.exclude(pk=record.pk).defer("payload", "decided")
    half = limit // 2
    before = rows.filter(start__lte=record.start).order_by("-start", "-number")[:half]
    return [*reversed(list(before)), *rows.filter(start__gt=record.start).order_by("start", "number")[:half]]


def records(viewer: User) -> QuerySet[Record]:
    """The records of all documents the viewer may open."""
    return Record.objects.filter(document__in=visible(viewer).values("pk"))


def waiting_documents(viewer: User) -> QuerySet[Document]:
    """Documents with something to confirm."""
    return visible(viewer).filter(status=Document.Status.REVIEW)


@dataclass(frozen=True)
class Clash:
    """A different target for the same indicator, region and period somewhere else."""

    ref: str
    title: str
    place: str
    words: str


def clashes(found: list[Record]) -> dict[int, list[Clash]]:
    """For each record the targets that differ from it, in other documents and in force; four queries at most."""
    asked = [r for r in found if r.indicator and r.period and r.value is not None and r.state != "rejected"]
    if not asked:
        return {}
    codes = {r.indicator for r in asked}
    own = {r.document_id for r in asked}
    others: dict[tuple, list[tuple[Any, Clash]]] = defaultdict(list)
    rows = Record.objects.filter(indicator__in=codes, value__isnull=False).exclude(document_id__in=own)
    for row in rows.exclude(state="rejected").select_related("document").defer("document__text", "document__segments"):
        words = f"{row.decided.get('value')} {row.decided.get('unit', '')}".strip()
        clash = Clash(row.ref, row.document.title, row.place, words)
        others[row.indicator, row.region, row.period].append((row.value, clash))
    in_force = Target.objects.filter(indicator__code__in=codes, status="active").select_related("indicator")
    mine = {f"doc:{pk}" for pk in own}
    known = {clash.ref for pairs in others.values() for _, clash in pairs}
    for row in in_force:
        if str(Ref.parse(row.document).record) in mine or row.document in known:
            continue
        clash = Clash(f"target:{row.pk}", "已登记的目标", "", format_value(row.value, row.unit))
        others[row.indicator.code, row.region_id, row.period].append((row.value, clash))
    made = {}
    for record in asked:
        differing = [c for value, c in others[record.indicator, record.region, record.period] if value != record.value]
        if differing:
            made[record.pk] = differing[:3]
    return made


def batches(viewer: User) -> QuerySet[Batch]:
    """The batches a person started; nobody else sees them."""
    return Batch.objects.filter(created_by=viewer.pk)


def batch_for(viewer: User, pk: int) -> Batch:
    """One batch; raises :class:`NotVisible` when it does not exist for this viewer."""
    row = batches(viewer).select_related("file").filter(pk=pk).first()
    if row is None:
        raise NotVisible("没有这个导入批次。", f"no batch {pk}", value=pk)
    return row


def outcome_counts(rows: QuerySet) -> dict[str, int]:
    """Files of a batch by outcome."""
    return dict(rows.order_by().values_list("outcome").annotate(n=Count("pk")))
