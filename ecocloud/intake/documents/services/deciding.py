"""What a person makes of a record: accept, change, reject, reopen, add. Nothing enters the ledger here."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone

from ecocloud.intake.documents import paragraphs
from ecocloud.intake.documents.models import Document, Record
from ecocloud.intake.documents.proposing import readable_period, title_of
from ecocloud.intake.documents.review_errors import Incomplete, Stale, WrongState
from ecocloud.intake.documents.services.receiving import comparable, proposer_for
from ecocloud.intake.documents.services.stack import DECIDE, Step, step
from ecocloud.intake.documents.services.teaching import learn, learn_rejection
from ecocloud.kernel.duties.cycles import all_cycles
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.evidence.models import Indicator
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, Region, User

LONGEST = 4000  # characters of one record's evidence


def locked(record: Record, version: int | None = None) -> Record:
    """The record as it is now, held for this transaction; Stale for an old ``version``, WrongState when entered."""
    Record.objects.select_for_update().only("pk").get(pk=record.pk)
    fresh = Record.objects.select_related("document", "document__region").get(pk=record.pk)
    if version is not None and fresh.version != version:
        raise Stale("这条记录刚刚被他人处理。", f"record {fresh.pk} is at {fresh.version}", value=version,
                    remedy_zh="请刷新后再办。")  # fmt: skip
    if fresh.result_ref is not None:
        raise WrongState("这条记录已入台账，不能再改。", f"record {fresh.pk} is entered", where={"记录": fresh.label},
                         remedy_zh="请在任务或指标页面变更。")  # fmt: skip
    return fresh


def decided_as(record: Record, state: str, user: User, opinion: str = "") -> None:
    """Set what a person decided; a pending record has no decider."""
    open_ = state == Record.State.PENDING
    record.state, record.opinion = state, opinion.strip()[:400]
    record.decided_by, record.decided_at = (None, None) if open_ else (user, timezone.now())


def accept(user: User, record: Record, *, changes: dict[str, Any] | None = None, version: int | None = None) -> Record:
    """Accept a record, with ``changes`` to what was proposed where the person made some.

    Raises Incomplete when it lacks what it needs (a lead unit, a year, a number), Stale, WrongState, Forbidden.
    """
    with step(user, record.document_id, "accept") as made:
        fresh = made.touch(locked(record, version))
        before = fresh.decided
        _apply(fresh, changes or {})
        complete(fresh)
        same = fresh.decided == before and fresh.state != Record.State.EDITED
        decided_as(fresh, Record.State.ACCEPTED if same else Record.State.EDITED, user)
        fresh.problem = ""
        learn(made.tx, user, before, fresh)
        return fresh


def edit(user: User, record: Record, changes: dict[str, Any], *, version: int | None = None) -> Record:
    """Keep changes without accepting yet (暂存); an accepted record becomes 改后接受 and stays complete."""
    with step(user, record.document_id, "edit") as made:
        fresh = locked(record, version)
        if not changes:
            return fresh
        made.touch(fresh)
        before = fresh.decided
        _apply(fresh, changes)
        learn(made.tx, user, before, fresh)
        if fresh.is_taken:
            complete(fresh)
            decided_as(fresh, Record.State.EDITED, user)
        return fresh


def reject(user: User, record: Record, opinion: str, *, version: int | None = None) -> Record:
    """不采纳, with a reason."""
    permissions.require(user, DECIDE)
    needs_reason(opinion)
    with step(user, record.document_id, "reject") as made:
        fresh = made.touch(locked(record, version), opinion=opinion)
        decided_as(fresh, Record.State.REJECTED, user, opinion)
        learn_rejection(made.tx, user, fresh)
        return fresh


def needs_reason(opinion: str) -> None:
    """Raise Incomplete for a rejection without words."""
    if not opinion.strip():
        raise Incomplete("不采纳必须写明理由。", "rejection without a reason", where={"字段": "意见"},
                         remedy_zh="请说明为什么不采纳。")  # fmt: skip


def reopen(user: User, record: Record, *, version: int | None = None) -> Record:
    """Take a decision back, whoever made it: the record waits again; what was written on it stays."""
    with step(user, record.document_id, "reopen") as made:
        fresh = made.touch(locked(record, version))
        if fresh.state == Record.State.PENDING:
            raise WrongState("这条记录还没有处理，不需要撤销。", f"record {fresh.pk} is pending")
        decided_as(fresh, Record.State.PENDING, user)
        return fresh


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


def add(user: User, document: Document, kind: str, start: int, end: int) -> Record:
    """Add a record by selecting a stretch of the text; it waits for acceptance like any other."""
    permissions.require(user, DECIDE)
    if kind not in Record.Kind.values:
        raise Incomplete("没有这种记录。", f"unknown kind {kind}", value=kind)
    start, end = chosen(document, start, end)
    text = document.text[start:end]
    payload = {"kind": kind, "quote": text, "start": start, "end": end, "title": text[:120],
               "name": text[:60], "indicator": text[:40], "rules": ["by hand"]}  # fmt: skip
    decided = proposer_for(document).propose(kind, payload)
    with step(user, document.pk, "add") as made:
        return insert(made, document, kind, payload, decided)


def chosen(document: Document, start: int, end: int) -> tuple[int, int]:
    """A selected stretch without the blanks around it; raises Incomplete for an empty, foreign or endless one."""
    start, end = trim(document.text, start, end)
    if not 0 <= start < end <= len(document.text) or end - start > LONGEST:
        raise Incomplete(
            "没有选中原文。", f"span {start}-{end} of {len(document.text)}", value=f"{start}-{end}",
            remedy_zh=f"请在左侧原文中选中不超过 {LONGEST} 字的一段。",
        )  # fmt: skip
    return start, end


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the blanks at its ends."""
    while start < end and text[start : start + 1].isspace():
        start += 1
    while end > start and text[end - 1 : end].isspace():
        end -= 1
    return start, end


def insert(
    made: Step, document: Document, kind: str, payload: dict[str, Any], decided: dict[str, Any], *, action: str = "",
    confidence: Decimal | int = 0,
) -> Record:  # fmt: skip
    """A new pending record of a document, as part of a step; by hand where a person set its evidence."""
    Document.objects.select_for_update().only("pk").get(pk=document.pk)
    rows = Record.every.filter(document=document)
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    place = paragraphs.place_of(document.text, document.segments, payload["start"], payload["end"])
    inside = rows.filter(label__startswith=f"{place.mark}-").count()
    row = Record.objects.create(
        document=document, kind=kind, number=number, label=f"{place.mark}-{inside + 1}"[:16],
        start=payload["start"], end=payload["end"], place=place.words[:60], quote=payload["quote"],
        title=title_of(kind, payload, decided), payload=payload, decided=decided, confidence=confidence,
        by_hand="by hand" in payload.get("rules", []) or "split" in payload.get("rules", []), **comparable(decided),
    )  # fmt: skip
    return made.created(row, action=action)
