"""What the effects of the transition tables do to the tables of the database.

The names are those of :data:`ecocloud.kernel.duties.transitions.EFFECTS`. An effect changes ``step.item`` in memory
(it is saved once at the end) and writes rows of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from ecocloud.base.files import services as files
from ecocloud.kernel.duties.errors import GuardFailed, Invalid
from ecocloud.kernel.duties.guards import WORKING
from ecocloud.kernel.duties.models import (
    NO_DUE,
    Extension,
    Instruction,
    ItemCase,
    ItemEvent,
    ItemFile,
    ItemNode,
    ItemRef,
    Opinion,
    RoundReport,
    WorkItem,
)
from ecocloud.kernel.duties.services import carrying, case_effects, cases, items, notices, routing
from ecocloud.kernel.duties.transitions import Decision
from ecocloud.kernel.journal.services import Change
from ecocloud.kernel.regions.models import Department, User


@dataclass
class Step:
    """One action in the making."""

    tx: Change
    user: User
    item: WorkItem
    decision: Decision
    opinion: str
    data: dict[str, Any]
    at: datetime
    event: ItemEvent
    units_changed: bool = False
    # What the person is towards the item.
    roles: frozenset[str] = frozenset()
    detail: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What notices about this step are called."""
        return f"{self.decision.row.label_zh}：{self.item.title}"

    @property
    def mark(self) -> str:
        """The event of this step: who is told of it in several roles is told once."""
        return notices.event_of(self.item.ref, self.decision.row.action, self.at.isoformat())


def _note_handler(step: Step) -> None:
    step.event.is_handling = True


def _note_worker(step: Step) -> None:
    step.event.is_handling = bool(WORKING.intersection(step.roles))


def _set_lead(step: Step) -> None:
    lead: Department = items.checked_lead(step.data["lead"], timezone.localdate(step.at))
    step.detail.append(f"牵头单位由{step.item.lead_department.name}改为{lead.name}")
    step.item.lead_department = lead
    ItemCase.objects.filter(item=step.item).update(routed=step.data.get("routed", routing.DECIDED))
    step.item.units.filter(department=lead).delete()
    RoundReport.objects.filter(
        item=step.item, state__in=(RoundReport.State.OWED, RoundReport.State.RETURNED), round__state="open"
    ).update(department=lead)
    step.units_changed = True


def _maybe_lead(step: Step) -> None:
    lead = step.data.get("lead")
    if lead is not None and lead != step.item.lead_department:
        _set_lead(step)


def set_deadline(item: WorkItem, deadline: date | None) -> None:
    """Give the item a deadline (or none), keeping the order column true."""
    item.deadline, item.due = deadline, deadline or NO_DUE


def _change_fields(step: Step) -> None:
    for name in items.EDITABLE:
        if name not in step.data:
            continue
        value = step.data[name]
        if name == "title":
            value = items.checked_title(value)
        if name == "cycle":
            value = items.checked_cycle(value)
        old = getattr(step.item, name)
        if old == value:
            continue
        step.detail.append(f"{_LABELS[name]}由“{'无' if old in (None, '') else old}”改为“{value or '无'}”")
        if name == "deadline" and value is None and items.needs_deadline(step.item):
            raise Invalid(
                "此类事项必须有期限。",
                "this kind needs a deadline",
                where={"字段": "期限"},
                remedy_zh="请填写新的期限。",
            )
        if name == "deadline":
            set_deadline(step.item, value)
        else:
            setattr(step.item, name, value)
        if name == "source_ref":
            step.item.source_doc = items.source_doc_of(value)
    if step.item.table.takes_case:
        step.detail += cases.change(step.item, step.data)
    if "units" in step.data:
        items.set_units(step.item, step.data["units"])
        step.units_changed = True
        step.detail.append("调整配合单位")


_LABELS = {
    "title": "名称", "body": "内容", "deadline": "期限", "deadline_text": "期限原文", "cycle": "反馈周期",
    "source_ref": "来源", "source_title": "来源文件", "source_place": "来源位置",
}  # fmt: skip


def _ask_opinions(step: Step) -> None:
    units = list(step.data.get("units") or [])
    if not units:
        raise Invalid(
            "没有选择征求意见的部门。", "no units to consult", where={"字段": "部门"}, remedy_zh="请至少选一个。"
        )
    for unit in units:
        _, fresh = Opinion.objects.get_or_create(
            item=step.item, department=unit, given_at=None, defaults={"due": step.data.get("due"), "asked_at": step.at}
        )
        if fresh:
            notices.tell_unit(unit, "consult", step.item.ref, step.title, step.opinion, step.at, step.mark)
    # Being asked is a part in the item: the unit sees it from now on.
    items.set_units(step.item, [*items.units_of(step.item), *units])
    step.units_changed = True
    step.detail.append("征求" + "、".join(unit.label for unit in units) + "意见")


def _take_opinion(step: Step) -> None:
    row = Opinion.objects.filter(item=step.item, department_id=step.user.department_id, given_at__isnull=True).first()
    stance = step.data.get("stance", Opinion.Stance.AGREE)
    if stance not in Opinion.Stance.values:
        raise Invalid("没有说明是否同意。", f"unknown stance {stance}", where={"字段": "态度"}, value=stance)
    if stance != Opinion.Stance.AGREE and not step.opinion.strip():
        raise Invalid("不同意或要求修改时必须写明意见。", "text missing", where={"字段": "意见"})
    row.stance, row.text, row.given_by, row.given_at = stance, step.opinion, step.user, step.at
    row.save()
    step.detail.append(Opinion.Stance(stance).label)


def _answer_opinion(step: Step) -> None:
    row = Opinion.objects.filter(item=step.item, pk=step.data.get("opinion_id"), given_at__isnull=False).first()
    answer = step.data.get("answer")
    if row is None or row.answer is not None:
        raise Invalid("没有这条待答复的意见。", "no such opinion", value=step.data.get("opinion_id"))
    if answer not in Opinion.Answer.values:
        raise Invalid(
            "没有选择采纳、部分采纳或不采纳。", f"unknown answer {answer}", where={"字段": "答复"}, value=answer
        )
    if answer != Opinion.Answer.ADOPTED and not step.opinion.strip():
        raise Invalid("部分采纳或不采纳时必须写明理由。", "reason missing", where={"字段": "理由"})
    row.answer, row.reason, row.answered_by, row.answered_at = answer, step.opinion, step.user, step.at
    row.save()
    step.detail.append(f"{row.department.label}：{Opinion.Answer(answer).label}")
    notices.tell_unit(row.department_id, "answer", step.item.ref, f"意见答复：{step.item.title}", step.opinion, step.at)


def _request_extension(step: Step) -> None:
    wanted = step.data["deadline"]
    Extension.objects.create(
        item=step.item, requested_by=step.user, requested_at=step.at, old_deadline=step.item.deadline,
        new_deadline=wanted, reason=step.opinion,
    )  # fmt: skip
    step.detail.append(f"申请由 {step.item.deadline} 延至 {wanted}")


def _pending(step: Step) -> Extension | None:
    return Extension.objects.select_for_update().filter(item=step.item, state=Extension.State.PENDING).first()


def _settle(step: Step, row: Extension, state: str) -> None:
    row.state, row.answered_at, row.answer, row.approver = state, step.at, step.opinion, step.user
    row.save()


def _grant_extension(step: Step) -> None:
    row = _pending(step)
    _settle(step, row, Extension.State.GRANTED)
    step.detail.append(f"期限由 {row.old_deadline} 延至 {row.new_deadline}")
    set_deadline(step.item, row.new_deadline)


def _drop_extension(step: Step) -> None:
    row = _pending(step)
    if row is not None:
        refused = step.decision.row.action == "refuse_extension"
        _settle(step, row, Extension.State.REFUSED if refused else Extension.State.DROPPED)
        step.detail.append(f"延至 {row.new_deadline} 的申请{'未获同意' if refused else '失效'}")


def _write_instruction(step: Step) -> None:
    due, day = step.data.get("due"), timezone.localdate(step.at)
    if due is not None and due < day:
        raise GuardFailed("回复期限早于批示的日期。", "the reply is due before the instruction", value=due,
                          remedy_zh=f"请填写 {day} 或以后的日期，或不填。")  # fmt: skip
    Instruction.objects.create(
        item=step.item, leader=step.user, text=step.opinion, at=step.at, due=step.data.get("due")
    )


def _reply_instruction(step: Step) -> None:
    waiting = Instruction.objects.filter(item=step.item, replied_at__isnull=True).order_by("id")
    wanted = step.data.get("instruction_id")
    row = waiting.filter(pk=wanted).first() if wanted else waiting.first()
    if row is None:
        raise GuardFailed("这条批示已回复或不属于此事项。", "no such open instruction", value=wanted)
    row.reply, row.replied_by, row.replied_at = step.opinion, step.user, step.at
    row.save()
    title = f"批示回复：{step.item.title}"
    notices.tell_person(row.follower or row.leader, "reply", step.item.ref, title, step.opinion, step.at)


def _add_children(step: Step) -> None:
    children = list(step.data.get("children") or [])
    for raw in children:
        draft = items.Draft(
            **({"kind": step.item.kind, "year": step.item.year, "office": step.item.office_department} | raw),
            parent=step.item, source_ref=step.item.source_ref, source_title=step.item.source_title,
            source_place=step.item.source_place,
        )  # fmt: skip
        items.make(step.tx, step.user, draft, step.at)
    if children:
        step.detail.append(f"分解为 {len(children)} 个子任务")


def _add_nodes(step: Step) -> None:
    count = items.add_nodes(step.item, step.data.get("nodes") or [])
    if count:
        step.detail.append(f"增加 {count} 个节点")


def _finish_node(step: Step) -> None:
    nodes = list(ItemNode.objects.filter(item=step.item))
    node = next((n for n in nodes if n.pk == step.data.get("node_id")), None)
    if node is None or node.done_at is not None:
        raise Invalid("没有这个待完成的节点。", "no such open node", value=step.data.get("node_id"))
    done_at = step.data.get("done_at") or timezone.localdate(step.at)
    if done_at > timezone.localdate():
        raise Invalid("完成日期不能晚于今天。", "done_at in the future", where={"字段": "完成日期"}, value=done_at)
    node.done_at = done_at
    node.save(update_fields=["done_at"])
    total = sum(n.weight for n in nodes)
    if total > 0:
        share = (100 * sum(n.weight for n in nodes if n.done_at) / total).quantize(Decimal("0.1"))
        step.item.progress = max(step.item.progress, min(share, Decimal(100)))
    step.detail.append(f"节点“{node.title}”于 {done_at} 完成")


def _note_progress(step: Step) -> None:
    wanted = step.data.get("progress")
    if wanted is None:
        return
    if not 0 <= wanted <= 100:
        raise Invalid(
            f"进度 {wanted} 超出范围。", "progress out of range", where={"字段": "进度"}, value=wanted,
            remedy_zh="应为 0 至 100。",
        )  # fmt: skip
    step.item.progress = wanted
    step.detail.append(f"进度 {wanted}%")


def _full_progress(step: Step) -> None:
    step.item.progress = Decimal(100)


def _start_clock(step: Step) -> None:
    step.item.closed_at = None
    if step.decision.row.action == "issue":
        step.item.started_on, step.item.paused_days = timezone.localdate(step.at), 0


def _stop_clock(step: Step) -> None:
    step.item.closed_at = step.at


def _notify_lead(step: Step) -> None:
    row = step.decision.row
    told = (row.action, step.item.ref, step.title, step.opinion, step.at, step.mark)
    notices.tell_unit(step.item.lead_department_id, *told)


def _notify_units(step: Step) -> None:
    if step.decision.row.action != "consult":
        notices.tell_cooperating(step.item, step.decision.row.action, step.title, step.opinion, step.at, step.mark)


def _notify_office(step: Step) -> None:
    row = step.decision.row
    told = (row.action, step.item.ref, step.title, step.opinion, step.at, step.mark)
    notices.tell_unit(step.item.office_department_id, *told)


def _attach(step: Step) -> None:
    given = [(file, "") for file in step.data.get("files") or ()]
    given += [(file, use) for use in ItemFile.Use.values for file in step.data.get(use) or ()]
    for file, use in given:
        # Of a received upload the row is written here: a refused action leaves none.
        file = files.record(file, step.user.actor().id) if isinstance(file, files.Received) else file
        pk = file if isinstance(file, int) else file.pk
        ItemFile.objects.get_or_create(
            item=step.item,
            file_id=pk,
            defaults={"event": step.event, "use": use, "label": getattr(file, "name", "")[:200]},
        )
    items.add_refs(step.item, step.data.get("refs") or (), ItemRef.Role.EVIDENCE)


DONE: dict[str, Callable[[Step], None]] = {
    "note_handler": _note_handler,
    "note_worker": _note_worker,
    "set_lead": _set_lead,
    "maybe_lead": _maybe_lead,
    "change_fields": _change_fields,
    "ask_opinions": _ask_opinions,
    "take_opinion": _take_opinion,
    "answer_opinion": _answer_opinion,
    "request_extension": _request_extension,
    "grant_extension": _grant_extension,
    "drop_extension": _drop_extension,
    "write_instruction": _write_instruction,
    "reply_instruction": _reply_instruction,
    "add_children": _add_children,
    "add_nodes": _add_nodes,
    "finish_node": _finish_node,
    "note_progress": _note_progress,
    "full_progress": _full_progress,
    "start_clock": _start_clock,
    "stop_clock": _stop_clock,
    "notify_lead": _notify_lead,
    "notify_units": _notify_units,
    "notify_office": _notify_office,
    "attach": _attach,
    "fill_object": carrying.fill_object,
} | case_effects.DONE
