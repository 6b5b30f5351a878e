"""What a person makes of a record: accept, change, reject, undo, add, split. Nothing enters the ledger here."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.intake.documents import paragraphs
from ecocloud.intake.documents.models import Document, Record
from ecocloud.intake.documents.proposing import Proposer, deadline_of, readable_period, title_of
from ecocloud.intake.documents.review_errors import Incomplete, Stale, WrongState
from ecocloud.intake.documents.review_facts import review_facts
from ecocloud.intake.documents.services.receiving import comparable
from ecocloud.kernel.duties.cycles import all_cycles
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.evidence.models import Indicator
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, Region, User

DECIDE = "documents.record.decide"
_LONGEST = 4000


def _locked(record: Record, version: int | None) -> Record:
    Record.objects.select_for_update().only("pk").get(pk=record.pk)
    fresh = Record.objects.select_related("document", "document__region").get(pk=record.pk)
    if version is not None and fresh.version != version:
        raise Stale("这条记录刚刚被他人处理。", f"record {fresh.pk} is at {fresh.version}", value=version,
                    remedy_zh="请刷新后再办。")  # fmt: skip
    if fresh.result_ref is not None:
        raise WrongState("这条记录已入台账，不能再改。", f"record {fresh.pk} is entered", where={"记录": fresh.label},
                         remedy_zh="请在任务或指标页面变更。")  # fmt: skip
    return fresh


def _write(tx: Change, user: User, record: Record, action: str, before: dict[str, Any], opinion: str = "") -> Record:
    record.version += 1
    record.save()
    after = {"state": record.state, "title": record.title}
    if before.get("decided") != record.decided:
        after["decided"] = record.decided
    else:
        before = {name: value for name, value in before.items() if name != "decided"}
    tx.log(f"documents.record.{action}", record.ref, before, after, note=opinion)
    return record


def _before(record: Record) -> dict[str, Any]:
    return {"state": record.state, "decided": dict(record.decided)}


def accept(user: User, record: Record, *, changes: dict[str, Any] | None = None, version: int | None = None) -> Record:
    """Accept a record, with ``changes`` to what was proposed where the person made some.

    Raises Incomplete when it lacks what it needs (a lead unit, a year, a number), Stale, WrongState, Forbidden.
    """
    permissions.require(user, DECIDE)
    with change(user.actor()) as tx:
        fresh = _locked(record, version)
        before = _before(fresh)
        _apply(fresh, changes or {})
        complete(fresh)
        same = fresh.decided == before["decided"] and fresh.state != Record.State.EDITED
        fresh.state = Record.State.ACCEPTED if same else Record.State.EDITED
        fresh.decided_by, fresh.decided_at, fresh.opinion, fresh.problem = user, timezone.now(), "", ""
        return _write(tx, user, fresh, "accept", before)


def edit(user: User, record: Record, changes: dict[str, Any], *, version: int | None = None) -> Record:
    """Keep changes without accepting yet (暂存); an accepted record becomes 改后接受 and stays complete."""
    permissions.require(user, DECIDE)
    with change(user.actor()) as tx:
        fresh = _locked(record, version)
        before = _before(fresh)
        _apply(fresh, changes)
        if fresh.is_taken:
            complete(fresh)
            fresh.state, fresh.decided_by, fresh.decided_at = Record.State.EDITED, user, timezone.now()
        return _write(tx, user, fresh, "edit", before)


def reject(user: User, record: Record, opinion: str, *, version: int | None = None) -> Record:
    """不采纳, with a reason."""
    permissions.require(user, DECIDE)
    if not opinion.strip():
        raise Incomplete("不采纳必须写明理由。", "rejection without a reason", where={"字段": "意见"},
                         remedy_zh="请说明为什么不采纳。")  # fmt: skip
    with change(user.actor()) as tx:
        fresh = _locked(record, version)
        before = _before(fresh)
        fresh.state, fresh.opinion = Record.State.REJECTED, opinion.strip()[:400]
        fresh.decided_by, fresh.decided_at = user, timezone.now()
        return _write(tx, user, fresh, "reject", before, opinion)


def undo(user: User, record: Record, *, version: int | None = None) -> Record:
    """Take a decision back: the record waits again; what the person wrote stays."""
    permissions.require(user, DECIDE)
    with change(user.actor()) as tx:
        fresh = _locked(record, version)
        if fresh.state == Record.State.PENDING:
            raise WrongState("这条记录还没有处理，不需要撤销。", f"record {fresh.pk} is pending")
        before = _before(fresh)
        fresh.state, fresh.decided_by, fresh.decided_at, fresh.opinion = Record.State.PENDING, None, None, ""
        return _write(tx, user, fresh, "undo", before)


def undo_last(user: User, document: Document) -> Record:
    """Take back the person's own last decision in this document that has not entered the ledger."""
    permissions.require(user, DECIDE)
    last = Record.objects.filter(document=document, decided_by=user, result_ref__isnull=True)
    found = last.order_by("-decided_at", "-id").first()
    if found is None:
        raise WrongState("没有可以撤销的处理。", "nothing to undo", where={"文件": document.title})
    return undo(user, found)


def accept_sure(user: User, document: Document) -> tuple[int, int]:
    """全部接受: every pending record that is sure enough and complete; returns (accepted, left for a person)."""
    permissions.require(user, DECIDE)
    least = review_facts().confidence.sweep.value
    pending = Record.objects.filter(document=document, state=Record.State.PENDING).order_by("start", "number")
    keys = list(pending.filter(confidence__gte=least).values_list("pk", flat=True))
    done = 0
    for first in range(0, len(keys), 100):
        with change(user.actor()) as tx:
            part = Record.objects.select_for_update().filter(
                pk__in=keys[first : first + 100], state=Record.State.PENDING
            )
            ready = [row for row in part.order_by("pk") if _is_complete(row)]
            now = timezone.now()
            for row in ready:
                row.state, row.decided_by, row.decided_at = Record.State.ACCEPTED, user, now
                row.version += 1
                after = {"state": row.state, "title": row.title}
                tx.log("documents.record.accept", row.ref, {"state": "pending"}, after)
            names = ["state", "decided_by", "decided_at", "version"]
            Record.objects.bulk_update(ready, names, batch_size=100)
            done += len(ready)
    return done, pending.count()


def _is_complete(record: Record) -> bool:
    if record.decided.get("lead_note") or record.decided.get("question"):
        return False
    try:
        complete(record)
    except EcoError:
        return False
    return True


def complete(record: Record) -> None:
    """Raise Incomplete unless the record holds all that its entry in the ledger needs."""
    made, where = record.decided, {"记录": record.label}
    if record.kind == Record.Kind.TASK:
        if not made.get("lead"):
            raise Incomplete("这项任务没有确定的牵头单位。", "task without a lead unit", where=where,
                             value=made.get("lead_text"), remedy_zh="请选择一个牵头单位后再接受。")  # fmt: skip
        if not made.get("title"):
            raise Incomplete("任务名称不能为空。", "task without a title", where=where, remedy_zh="请写明做什么。")
    if record.kind == Record.Kind.FIGURE and made.get("use") != "none":
        if not made.get("period"):
            raise Incomplete("原文没有写明这个数据的时段。", "figure without a period", where=where,
                             remedy_zh="请填写年份、季度或月份，如 2026、2026Q1、2026-09。")  # fmt: skip
        if not made.get("value") and (made["use"] == "target" or not made.get("value_text")):
            raise Incomplete("这个数据没有数值。", "figure without a value", where=where,
                             remedy_zh="请填写数值，或改为“不入台账”。")  # fmt: skip
        if not made.get("indicator") and not made.get("propose"):
            raise Incomplete("没有选择指标。", "figure without an indicator", where=where,
                             remedy_zh="请选择已有指标，或按新指标提出。")  # fmt: skip


def _apply(record: Record, changes: dict[str, Any]) -> None:
    """Put checked changes into the decision."""
    made = dict(record.decided)
    for name, value in changes.items():
        if name == "lead":
            made |= _lead(value)
        elif name == "deadline":
            made["deadline"] = value.isoformat() if value else ""
        else:
            made[name] = value
    _check(record, made)
    record.decided = made
    if record.kind == Record.Kind.FIGURE:
        for name, value in comparable(made).items():
            setattr(record, name, value)
    if changes.get("title"):
        record.title = str(changes["title"])[:300]


def _lead(value: Department | None) -> dict[str, Any]:
    if value is None:
        return {"lead": None, "lead_name": ""}
    return {"lead": value.pk, "lead_name": value.label, "lead_note": "", "question": []}


def _check(record: Record, made: dict[str, Any]) -> None:
    where = {"记录": record.label}
    if record.kind == Record.Kind.TASK:
        if made.get("cycle") not in all_cycles() or made.get("kind") not in all_kinds():
            raise Incomplete("没有这种反馈周期或事项类型。", "unknown cycle or kind", where=where)
        return
    if record.kind != Record.Kind.FIGURE:
        return
    if made.get("period") and not readable_period(made["period"]):
        raise Incomplete(f"“{made['period']}”不是时段。", "not a period", where={**where, "字段": "时段"},
                         value=made["period"], remedy_zh="应形如 2026、2026Q1、2026-09。")  # fmt: skip
    for name in ("value", "high"):
        try:
            finite = not made.get(name) or Decimal(made[name]).is_finite()
        except ArithmeticError:
            finite = False
        if not finite:
            raise Incomplete(f"“{made[name]}”不是数字。", "not a number", where={**where, "字段": "数值"},
                             value=made[name], remedy_zh="请填写数字，单位写在单位栏。")  # fmt: skip
    if made.get("indicator") and not Indicator.objects.filter(code=made["indicator"]).exists():
        raise Incomplete(f"没有编号为“{made['indicator']}”的指标。", "unknown indicator", where=where)
    if made.get("region") and not Region.objects.filter(code=made["region"]).exists():
        raise Incomplete(f"没有区划“{made['region']}”。", "unknown region", where=where)


def proposer_for(document: Document) -> Proposer:
    """The proposer of a document's records."""
    return Proposer(document.region, document.published, document.title, (document.report_year, document.plan_year))


def add(user: User, document: Document, kind: str, start: int, end: int) -> Record:
    """Add a record by selecting a stretch of the text; it waits for acceptance like any other."""
    permissions.require(user, DECIDE)
    if kind not in Record.Kind.values:
        raise Incomplete("没有这种记录。", f"unknown kind {kind}", value=kind)
    text = document.text
    while start < end and text[start : start + 1].isspace():
        start += 1
    while end > start and text[end - 1 : end].isspace():
        end -= 1
    if not 0 <= start < end <= len(text) or end - start > _LONGEST:
        raise Incomplete(
            "没有选中原文。", f"span {start}-{end} of {len(text)}", value=f"{start}-{end}",
            remedy_zh=f"请在左侧原文中选中不超过 {_LONGEST} 字的一段。",
        )  # fmt: skip
    payload = {"kind": kind, "quote": text[start:end], "start": start, "end": end, "title": text[start:end][:120],
               "name": text[start:end][:60], "indicator": text[start:end][:40], "rules": ["by hand"]}  # fmt: skip
    decided = proposer_for(document).propose(kind, payload)
    with change(user.actor()) as tx:
        return _insert(tx, document, kind, payload, decided, "add")


def _insert(
    tx: Change, document: Document, kind: str, payload: dict[str, Any], decided: dict[str, Any], action: str
) -> Record:
    Document.objects.select_for_update().only("pk").get(pk=document.pk)
    rows = Record.objects.filter(document=document)
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    place = paragraphs.place_of(document.text, document.segments, payload["start"], payload["end"])
    inside = sum(1 for label in rows.values_list("label", flat=True) if label.startswith(f"{place.mark}-"))
    made = Record.objects.create(
        document=document, kind=kind, number=number, label=f"{place.mark}-{inside + 1}"[:16],
        start=payload["start"], end=payload["end"], place=place.words[:60], quote=payload["quote"],
        title=title_of(kind, payload, decided), payload=payload, decided=decided, by_hand=True,
        **comparable(decided),
    )  # fmt: skip
    if document.status == Document.Status.ENTERED:
        Document.objects.filter(pk=document.pk).update(status=Document.Status.REVIEW)
    tx.log(f"documents.record.{action}", made.ref, after={"kind": kind, "title": made.title})
    return made


def split_task(user: User, record: Record, at: Sequence[int], *, version: int | None = None) -> list[Record]:
    """Split a task behind the given offsets of the text; the parts keep units and the deadline that lies in them."""
    permissions.require(user, DECIDE)
    with change(user.actor()) as tx:
        fresh = _locked(record, version)
        if fresh.kind != Record.Kind.TASK or fresh.state != Record.State.PENDING:
            raise WrongState("只有待确认的任务可以拆分。", f"record {fresh.pk} is {fresh.kind} {fresh.state}")
        cuts = sorted({offset for offset in at if fresh.start < offset < fresh.end})
        if not cuts:
            raise Incomplete("没有选择拆分处。", "no place to split", where={"记录": fresh.label},
                             remedy_zh="请勾选在哪一句后断开。")  # fmt: skip
        edges = [fresh.start, *cuts, fresh.end]
        spans = [_trim(fresh.document.text, a, b) for a, b in zip(edges, edges[1:], strict=False)]
        spans = [(a, b) for a, b in spans if a < b]
        before, original = _before(fresh), dict(fresh.payload)
        _part(fresh, original, *spans[0])
        parts = [_write(tx, user, fresh, "split", before)]
        for start, end in spans[1:]:
            payload, decided = _content(fresh, original, start, end)
            parts.append(_insert(tx, fresh.document, "task", payload, decided, "split"))
        return parts


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _content(record: Record, original: dict[str, Any], start: int, end: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Payload and decision of one part of a split task."""
    text = record.document.text[start:end]
    due = [row for row in original.get("deadlines", []) if start <= row["start"] < end]
    payload = {**original, "quote": text, "start": start, "end": end, "deadlines": due, "title": text[:80]}
    payload |= {"title_start": start, "title_end": end}
    deadline, words = deadline_of(due)
    decided = {**record.decided, "title": " ".join(text.split()).rstrip("。；;")[:300], "deadline": deadline,
               "deadline_text": words}  # fmt: skip
    return payload, decided


def _part(record: Record, original: dict[str, Any], start: int, end: int) -> None:
    title = original.get("title")
    record.payload, record.decided = _content(record, original, start, end)
    if title and original.get("title_end", 0) <= end:
        record.payload["title"] = record.decided["title"] = title
    place = paragraphs.place_of(record.document.text, record.document.segments, start, end)
    record.start, record.end, record.place = start, end, place.words[:60]
    record.quote, record.title = record.payload["quote"], record.decided["title"][:300]
