"""What the effects of cases and rectification do: arbitration, category, suspension, notice, levels, merging.

An effect changes ``step.item`` in memory (saved once at the end) and writes rows of its own.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from ecocloud.kernel.duties.errors import GuardFailed, Invalid
from ecocloud.kernel.duties.models import (
    NO_DUE,
    ItemLevel,
    ItemRef,
    Objection,
    Opinion,
    Reporter,
    WorkItem,
)
from ecocloud.kernel.duties.services import cases, counts, items, notices, routing, shine, standing
from ecocloud.kernel.regions.models import User

if TYPE_CHECKING:
    from ecocloud.kernel.duties.services.effects import Step

_CHAIN = 50


def settle(step: Step) -> None:
    """Remember for which unit the office decided."""
    case = cases.case_of(step.item)
    if step.item.lead_department_id not in case.settled:
        case.settled = [*case.settled, step.item.lead_department_id]
        case.save(update_fields=["settled"])
    step.detail.append(f"裁定由{step.item.lead_department.name}承办")


def set_category(step: Step) -> None:
    """Another category: the deadline follows the policy, the lead unit the routing unless one is named."""
    item, kind = step.item, step.item.table
    wanted = cases.checked_code(kind, "category", str(step.data.get("category") or ""))
    if wanted == item.category:
        raise GuardFailed(
            "新类别与现类别相同。", "same category", where={"字段": "类别"}, value=wanted, remedy_zh="请选择另一类别。"
        )
    before, after = kind.category(item.category), kind.category(wanted)
    step.detail.append(f"类别由{before.label_zh if before else '无'}改为{after.label_zh}")
    old = cases.term_of(item, item.started_on)
    item.category = wanted
    new = cases.term_of(item, item.started_on)
    if new is not None and (old is None or new.close_by != old.close_by):
        step.detail.append(f"期限由 {item.deadline or '无'} 改为 {new.close_by}")
        item.deadline, item.due = new.close_by, new.close_by
    if not step.data.get("lead"):
        step.data["lead"] = routing.by_category(kind, wanted, item.region_id, None)
        step.data["routed"] = routing.CATEGORY


def drop_opinions(step: Step) -> None:
    """Units that have not co-signed are no longer waited for."""
    rows = list(Opinion.objects.select_related("department").filter(item=step.item, given_at__isnull=True))
    step.detail.append("不再等待" + "、".join(row.department.label for row in rows) + "会签")
    Opinion.objects.filter(pk__in=[row.pk for row in rows]).delete()


def suspend(step: Step) -> None:
    """The clock runs to a stated day; the deadline moves by the working days that are lost."""
    item, case, today = step.item, cases.case_of(step.item), timezone.localdate(step.at)
    until = step.data["until"]
    case.suspended_from, case.suspended_until, case.kept_deadline = today, until, item.deadline
    case.save(update_fields=["suspended_from", "suspended_until", "kept_deadline"])
    step.detail.append(f"挂起至 {until}")
    _move_deadline(step, shine.calendar().workdays_between(today, until))


def resume(step: Step) -> None:
    """The deadline moves by the working days that were lost in fact; after its stated day the clock has run again."""
    case, today = cases.case_of(step.item), timezone.localdate(step.at)
    first = case.suspended_from or today
    last = max(first, min(today, case.suspended_until or today))
    step.item.deadline = case.kept_deadline
    step.item.paused_days += (last - first).days
    _move_deadline(step, shine.calendar().workdays_between(first, last))
    case.suspended_from = case.suspended_until = case.kept_deadline = None
    case.save(update_fields=["suspended_from", "suspended_until", "kept_deadline"])


def _move_deadline(step: Step, days: int) -> None:
    item = step.item
    if item.deadline is not None and days:
        item.deadline = cases.workday_after(item.deadline, days)
        step.detail.append(f"期限顺延 {days} 个工作日至 {item.deadline}")
    item.due = item.deadline or NO_DUE


def open_notice(step: Step) -> None:
    """The result is open to the public for the days of the kind, or more where given."""
    case, today = cases.case_of(step.item), timezone.localdate(step.at)
    days = step.item.table.notice_days
    until = step.data.get("notice_until") or today + timedelta(days=days)
    if until < today + timedelta(days=days):
        raise Invalid(
            f"公示期不足 {days} 天。", f"notice shorter than {days} days", where={"字段": "公示截止"}, value=until,
            remedy_zh=f"应不早于 {today + timedelta(days=days)}。",
        )  # fmt: skip
    case.notice_from, case.notice_until = today, until
    case.save(update_fields=["notice_from", "notice_until"])
    step.detail.append(f"公示 {today} 至 {until}")


def add_objection(step: Step) -> None:
    """An objection to the result, by whoever is named."""
    by = str(step.data.get("objector") or step.user.name)[:120]
    Objection.objects.create(item=step.item, text=step.opinion, by=by, at=step.at)


def answer_objection(step: Step) -> None:
    """The answer to one objection, the oldest open one by default."""
    rows = Objection.objects.filter(item=step.item, answered_at__isnull=True)
    wanted = step.data.get("objection_id")
    row = rows.filter(pk=wanted).first() if wanted else rows.first()
    if row is None:
        raise Invalid("没有这条待处理的异议。", "no such objection", value=wanted)
    upheld = step.decision.row.action == "uphold"
    row.answer = Objection.Answer.UPHELD if upheld else Objection.Answer.REJECTED
    row.reason, row.answered_by, row.answered_at = step.opinion, step.user, step.at
    row.save()
    step.detail.append(f"异议{row.get_answer_display()}：{row.text[:60]}")


def note_passer(step: Step) -> None:
    """This level is passed by this person."""
    row, _ = ItemLevel.objects.get_or_create(
        item=step.item, state=step.decision.source, defaults={"department": step.item.current_department}
    )
    row.passed_at, row.passed_by, row.opinion = step.at, step.user, step.opinion
    row.save()
    step.detail.append(f"{step.item.table.states[row.state].label_zh}通过")


def clear_passers(step: Step) -> None:
    """All levels have to pass again; what they said stays in the timeline."""
    ItemLevel.objects.filter(item=step.item).update(passed_at=None, passed_by=None, opinion="")


def target_of(step: Step) -> WorkItem:
    """The item to merge into, locked: of the same kind, visible, open, not this one and not one merged into it."""
    wanted = step.data.get("into")
    pk = wanted.pk if isinstance(wanted, WorkItem) else int(wanted) if str(wanted).isdigit() else 0
    found = WorkItem.objects.select_for_update().filter(pk=pk).first()
    if found is None or not standing.sees(step.user, found):
        raise Invalid(
            "没有这个事项，或不在您的数据范围内。", f"no item {wanted}", where={"字段": "并入"}, value=str(wanted)
        )
    if found.pk == step.item.pk or found.kind != step.item.kind or found.state_row.terminal:
        raise Invalid(
            f"不能并入 {found.code}。", f"cannot merge into item {found.pk}", where={"字段": "并入"}, value=found.code,
            remedy_zh="请选择同类、未结束的另一事项。",
        )  # fmt: skip
    return found


def merge(step: Step) -> None:
    """The item ends in another one; its reporters follow that one."""
    item, other = step.item, target_of(step)
    case = cases.case_of(item)
    case.merged_into = other
    case.save(update_fields=["merged_into"])
    items.add_refs(item, [other.ref], ItemRef.Role.RELATED)
    items.add_refs(other, [item.ref], ItemRef.Role.RELATED)
    there = set(Reporter.objects.filter(item=other).values_list("ref", flat=True))
    moving = Reporter.objects.filter(item=item).exclude(ref__in=there).order_by("id")
    Reporter.objects.bulk_create(Reporter(item=other, ref=row.ref, through=item) for row in moving)
    step.detail.append(f"并入 {other.code}")
    other.version += 1
    other.save(update_fields=["version"])
    counts.follow(step.tx, other, units_changed=True)
    items.record(
        other, step.user, "absorb", "并入", other.state, other.state, opinion=step.opinion,
        detail=f"{item.code} {item.title}", at=step.at,
    )  # fmt: skip
    step.tx.log(
        "duties.item.absorb", other.ref, None, {"merged": item.ref, "version": other.version}, note=step.opinion
    )


def split_off(step: Step) -> None:
    """The item is on its own again."""
    case = cases.case_of(step.item)
    if case.merged_into_id:
        Reporter.objects.filter(item_id=case.merged_into_id, through=step.item).delete()
        counts.follow(step.tx, case.merged_into, units_changed=True)
        step.detail.append(f"不再并入 {case.merged_into.code}")
        case.merged_into = None
        case.save(update_fields=["merged_into"])


def notify_holder(step: Step) -> None:
    """Tell the unit that holds the item after this step."""
    unit = cases.holder(step.item, step.decision.target)
    told = (step.decision.row.action, step.item.ref, step.title, step.opinion, step.at, step.mark)
    notices.tell_unit(unit, *told)


def notify_reporters(step: Step) -> None:
    """Tell the people who reported the item; other rooms follow by themselves."""
    keys = [
        ref.partition(":")[2]
        for ref in Reporter.objects.filter(item=step.item, ref__startswith="user:").values_list("ref", flat=True)
    ]
    for user in User.objects.filter(pk__in=[key for key in keys if key.isdigit()]).order_by("pk"):
        told = (step.decision.row.action, step.item.ref, step.title, step.opinion, step.at, step.mark)
        notices.tell_person(user, *told)


def leading(item: WorkItem) -> WorkItem:
    """The item that an item was merged into, and so on; the item itself when it is on its own."""
    for _ in range(_CHAIN):
        case = getattr(item, "case", None) if item.state == "merged" else None
        if case is None or case.merged_into is None:
            return item
        item = case.merged_into
    return item


DONE: dict[str, Any] = {
    "settle": settle,
    "set_category": set_category,
    "drop_opinions": drop_opinions,
    "suspend": suspend,
    "resume": resume,
    "open_notice": open_notice,
    "add_objection": add_objection,
    "answer_objection": answer_objection,
    "note_passer": note_passer,
    "clear_passers": clear_passers,
    "merge": merge,
    "split_off": split_off,
    "notify_holder": notify_holder,
    "notify_reporters": notify_reporters,
}
