"""Conditions of the transition tables (guards) and what effects do to the facts. Pure functions on frozen values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from ecocloud.kernel.duties.parts import Attempt, Facts

# A guard answers what is wrong, as (Chinese sentence, English sentence, what would be right), or None.
Fault = tuple[str, str, str]
Guard = Callable[[Facts, Attempt], "Fault | None"]


def _not_handler(facts: Facts, attempt: Attempt) -> Fault | None:
    if attempt.person.id in facts.handlers:
        return "审核人不能是办理人。", "the verifier must not be the handler", "请由未办理此事项的人员审核。"
    return None


def _children_closed(facts: Facts, attempt: Attempt) -> Fault | None:
    if facts.open_children:
        return (
            f"还有 {facts.open_children} 个子任务未办结。",
            f"{facts.open_children} sub-tasks are still open",
            "请先办结或终止子任务。",
        )
    return None


def _nodes_done(facts: Facts, attempt: Attempt) -> Fault | None:
    if facts.open_nodes:
        return (
            f"还有 {facts.open_nodes} 个节点未完成。",
            f"{facts.open_nodes} nodes are not done",
            "请先填报节点完成日期。",
        )
    return None


def _opinions_answered(facts: Facts, attempt: Attempt) -> Fault | None:
    if facts.unanswered_opinions:
        return (
            f"还有 {facts.unanswered_opinions} 条部门意见未答复。",
            f"{facts.unanswered_opinions} opinions are not answered",
            "请逐条填写采纳、部分采纳或不采纳及理由。",
        )
    return None


def _opinion_awaited(facts: Facts, attempt: Attempt) -> Fault | None:
    if attempt.data.get("awaited", 1) < 1:
        return (
            "没有向贵单位征求意见，或意见已提交。",
            "no opinion of this unit is awaited",
            "如需补充请与交办单位联系。",
        )
    return None


def _has_deadline(facts: Facts, attempt: Attempt) -> Fault | None:
    if facts.deadline is None:
        return "此事项没有完成期限。", "the item has no deadline", "请先填写期限。"
    return None


def _later_deadline(facts: Facts, attempt: Attempt) -> Fault | None:
    wanted = attempt.data.get("deadline")
    if not isinstance(wanted, date):
        return "没有填写新的期限。", "no new deadline given", "请填写新的完成日期。"
    if facts.deadline is not None and wanted <= facts.deadline:
        return (
            f"新期限 {wanted} 不晚于现期限 {facts.deadline}。",
            f"new deadline {wanted} is not after {facts.deadline}",
            "延期日期应晚于现期限；提前请用“变更”。",
        )
    if wanted < facts.today:
        return f"新期限 {wanted} 已经过去。", f"new deadline {wanted} is in the past", "请填写今天或以后的日期。"
    return None


def _no_extension(facts: Facts, attempt: Attempt) -> Fault | None:
    if facts.extension_by:
        return "已有一份延期申请待批。", "an extension is already pending", "请等待批复或先撤回。"
    return None


def _extension_pending(facts: Facts, attempt: Attempt) -> Fault | None:
    if not facts.extension_by:
        return "没有待批的延期申请。", "no extension is pending", "请由牵头单位先提出申请。"
    return None


def _not_requester(facts: Facts, attempt: Attempt) -> Fault | None:
    if facts.extension_by and attempt.person.id == facts.extension_by:
        return "申请人不能批准自己的延期。", "the requester cannot approve the extension", "请由其他审批人批准。"
    return None


def _other_unit(facts: Facts, attempt: Attempt) -> Fault | None:
    unit = attempt.data.get("lead")
    if not unit:
        return "没有指定新的牵头单位。", "no new lead unit given", "请选择一个单位。"
    if str(unit) == facts.lead:
        return "新的牵头单位与现牵头单位相同。", "the new lead unit is the present one", "请选择另一个单位。"
    return None


def _instruction_open(facts: Facts, attempt: Attempt) -> Fault | None:
    if not facts.open_instructions:
        return "没有待回复的批示。", "no instruction awaits a reply", "无需回复。"
    return None


def _opinions_given(facts: Facts, attempt: Attempt) -> Fault | None:
    if facts.awaited_opinions:
        return (
            f"还有 {facts.awaited_opinions} 个会签单位未答复。",
            f"{facts.awaited_opinions} units have not co-signed",
            "请等待会签单位答复，或取消会签并说明理由。",
        )
    return None


def _opinions_awaited(facts: Facts, attempt: Attempt) -> Fault | None:
    if not facts.awaited_opinions:
        return "没有待答复的会签。", "no co-signature is awaited", "无需取消。"
    return None


def _may_decline(facts: Facts, attempt: Attempt) -> Fault | None:
    if facts.lead in facts.settled:
        return (
            "办公室已裁定由贵单位承办，不能再退。",
            "the office has decided for this unit",
            "请签收办理；情况有变化的请与办公室联系转办。",
        )
    return None


def _new_passer(facts: Facts, attempt: Attempt) -> Fault | None:
    if attempt.person.id in facts.passers:
        return (
            "同一人不能通过两个层级的验收。",
            "one person cannot pass two levels",
            "请由本级其他人员验收。",
        )
    return None


def _objections_answered(facts: Facts, attempt: Attempt) -> Fault | None:
    if facts.open_objections:
        return (
            f"还有 {facts.open_objections} 条异议未处理。",
            f"{facts.open_objections} objections are not answered",
            "请逐条答复是否成立及理由。",
        )
    return None


def _objection_open(facts: Facts, attempt: Attempt) -> Fault | None:
    if not facts.open_objections:
        return "没有待处理的异议。", "no objection awaits an answer", "无需答复。"
    return None


def _notice_over(facts: Facts, attempt: Attempt) -> Fault | None:
    if facts.notice_until is None or facts.today <= facts.notice_until:
        until = facts.notice_until or "—"
        return f"公示期到 {until} 止，尚未期满。", f"the notice runs until {until}", "请在公示期满后办理。"
    return None


def _within_longest(facts: Facts, attempt: Attempt) -> Fault | None:
    wanted = attempt.data.get("deadline")
    if isinstance(wanted, date) and facts.longest is not None and wanted > facts.longest:
        return (
            f"新期限 {wanted} 超过最长办理时限 {facts.longest}。",
            f"{wanted} is after the longest term {facts.longest}",
            "最长时限见时限规则；确需更长的请由办公室变更。",
        )
    return None


def _later_end(facts: Facts, attempt: Attempt) -> Fault | None:
    until = attempt.data.get("until")
    if not isinstance(until, date):
        return "没有填写挂起到哪一天。", "no end of the suspension given", "请填写恢复办理的日期。"
    if until <= facts.today:
        return f"挂起截止日 {until} 不晚于今天。", f"{until} is not after today", "请填写今天以后的日期。"
    return None


def _target_named(facts: Facts, attempt: Attempt) -> Fault | None:
    if not attempt.data.get("into"):
        return "没有指定并入哪一件。", "no item to merge into", "请选择保留的事项。"
    return None


def _category_named(facts: Facts, attempt: Attempt) -> Fault | None:
    if not attempt.data.get("category"):
        return "没有选择新的类别。", "no category given", "请选择类别。"
    return None


GUARDS: dict[str, Guard] = {
    "not_handler": _not_handler,
    "children_closed": _children_closed,
    "nodes_done": _nodes_done,
    "opinions_answered": _opinions_answered,
    "opinion_awaited": _opinion_awaited,
    "has_deadline": _has_deadline,
    "later_deadline": _later_deadline,
    "no_extension": _no_extension,
    "extension_pending": _extension_pending,
    "not_requester": _not_requester,
    "other_unit": _other_unit,
    "instruction_open": _instruction_open,
    "opinions_given": _opinions_given,
    "opinions_awaited": _opinions_awaited,
    "may_decline": _may_decline,
    "new_passer": _new_passer,
    "objections_answered": _objections_answered,
    "objection_open": _objection_open,
    "notice_over": _notice_over,
    "within_longest": _within_longest,
    "later_end": _later_end,
    "target_named": _target_named,
    "category_named": _category_named,
}
# Conditions on what is given with the action: they say nothing before it is tried.
NEEDS_DATA = frozenset(
    {"later_deadline", "other_unit", "within_longest", "later_end", "target_named", "category_named"}
)

# Roles of people whose unit works on the item.
WORKING = frozenset({"lead", "cooperating"})

# Effects on the facts. The services know the same names and do the same to the tables.
Effect = Callable[[Facts, Attempt], Facts]


def _drop_extension(facts: Facts, attempt: Attempt) -> Facts:
    return replace(facts, extension_by="", extension_to=None)


def _note_worker(facts: Facts, attempt: Attempt) -> Facts:
    """Who does it for a unit that works on the item has handled it; the office that writes it down has not."""
    if not WORKING.intersection(attempt.person.roles):
        return facts
    return replace(facts, handlers=facts.handlers | {attempt.person.id})


EFFECTS: dict[str, Effect] = {
    "note_handler": lambda f, a: replace(f, handlers=f.handlers | {a.person.id}),
    "note_worker": _note_worker,
    "set_lead": lambda f, a: replace(f, lead=str(a.data["lead"])),
    "change_fields": lambda f, a: replace(f, deadline=a.data.get("deadline", f.deadline)),
    "ask_opinions": lambda f, a: replace(f, awaited_opinions=f.awaited_opinions + len(a.data.get("units", ()))),
    "take_opinion": lambda f, a: replace(
        f, awaited_opinions=max(0, f.awaited_opinions - 1), unanswered_opinions=f.unanswered_opinions + 1
    ),
    "answer_opinion": lambda f, a: replace(f, unanswered_opinions=max(0, f.unanswered_opinions - 1)),
    "request_extension": lambda f, a: replace(f, extension_by=a.person.id, extension_to=a.data["deadline"]),
    "grant_extension": lambda f, a: replace(_drop_extension(f, a), deadline=f.extension_to),
    "drop_extension": _drop_extension,
    "write_instruction": lambda f, a: replace(f, open_instructions=f.open_instructions + 1),
    "reply_instruction": lambda f, a: replace(f, open_instructions=f.open_instructions - 1),
    "add_children": lambda f, a: replace(f, open_children=f.open_children + len(a.data.get("children", ()))),
    "add_nodes": lambda f, a: replace(f, open_nodes=f.open_nodes + len(a.data.get("nodes", ()))),
    "finish_node": lambda f, a: replace(f, open_nodes=max(0, f.open_nodes - 1)),
    "note_progress": lambda f, a: replace(f, progress=a.data.get("progress", f.progress)),
    "full_progress": lambda f, a: replace(f, progress=100),
    "start_clock": lambda f, a: f,
    "stop_clock": lambda f, a: f,
    "notify_lead": lambda f, a: f,
    "notify_units": lambda f, a: f,
    "notify_office": lambda f, a: f,
    "attach": lambda f, a: f,
    "fill_object": lambda f, a: f,
    "drop_opinions": lambda f, a: replace(f, awaited_opinions=0),
    "note_passer": lambda f, a: replace(f, passers=f.passers | {a.person.id}),
    "clear_passers": lambda f, a: replace(f, passers=frozenset()),
    "settle": lambda f, a: replace(f, settled=f.settled | {str(a.data.get("lead") or f.lead)}),
    "maybe_lead": lambda f, a: replace(f, lead=str(a.data["lead"])) if a.data.get("lead") else f,
    "open_notice": lambda f, a: replace(f, notice_until=a.data.get("notice_until", f.today)),
    "add_objection": lambda f, a: replace(f, open_objections=f.open_objections + 1),
    "answer_objection": lambda f, a: replace(f, open_objections=max(0, f.open_objections - 1)),
    "suspend": lambda f, a: replace(f, suspended_until=a.data["until"]),
    "resume": lambda f, a: replace(f, suspended_until=None),
    "set_category": lambda f, a: f,
    "merge": lambda f, a: f,
    "split_off": lambda f, a: f,
    "notify_holder": lambda f, a: f,
    "notify_reporters": lambda f, a: f,
}
