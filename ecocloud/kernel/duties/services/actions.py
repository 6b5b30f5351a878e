"""The actions by name: thin ways to call :func:`ecocloud.kernel.duties.services.loop.act`.

Each takes the person and the item, ``opinion`` where people may write one, and passes ``version``, ``key``, ``files``
and ``refs`` on. Errors are those of ``act``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from ecocloud.kernel.duties.models import ItemNode, Opinion, WorkItem
from ecocloud.kernel.duties.services.loop import act
from ecocloud.kernel.regions.models import Department, User


def decompose(
    user: User, item: WorkItem, *, children: Sequence[dict[str, Any]] = (), nodes: Sequence[dict[str, Any]] = (),
    **more: Any,
) -> WorkItem:  # fmt: skip
    """Split into sub-tasks (dicts of :class:`Draft` fields) and dated nodes (title, department, due, weight)."""
    return act(user, item, "decompose", children=list(children), nodes=list(nodes), **more)


def consult(
    user: User, item: WorkItem, units: Sequence[Department], *, due: date | None = None, **more: Any
) -> WorkItem:
    """Ask departments for their opinion until ``due``."""
    return act(user, item, "consult", units=list(units), due=due, **more)


def give_opinion(user: User, item: WorkItem, stance: str, *, opinion: str = "", **more: Any) -> WorkItem:
    """The unit's opinion: agree, changes, disagree; words are mandatory unless it agrees."""
    return act(user, item, "give_opinion", stance=stance, opinion=opinion, **more)


def answer_opinion(
    user: User, item: WorkItem, given: Opinion, answer: str, *, reason: str = "", **more: Any
) -> WorkItem:
    """The office's answer: adopted, partly, rejected; a reason is mandatory unless adopted."""
    return act(user, item, "answer_opinion", opinion_id=given.pk, answer=answer, opinion=reason, **more)


def assign(user: User, item: WorkItem, lead: Department, **more: Any) -> WorkItem:
    """Choose another lead unit before the item is issued."""
    return act(user, item, "assign", lead=lead, **more)


def issue(user: User, item: WorkItem, **more: Any) -> WorkItem:
    """交办: the lead unit has to sign for it."""
    return act(user, item, "issue", **more)


def sign(user: User, item: WorkItem, *, opinion: str = "", **more: Any) -> WorkItem:
    """签收."""
    return act(user, item, "sign", opinion=opinion, **more)


def return_(user: User, item: WorkItem, opinion: str, **more: Any) -> WorkItem:
    """退回: at issue to the office (wrong unit), at review to the lead unit (insufficient)."""
    return act(user, item, "return", opinion=opinion, **more)


def start(user: User, item: WorkItem, **more: Any) -> WorkItem:
    """推进: work begins."""
    return act(user, item, "start", **more)


def report_progress(
    user: User, item: WorkItem, progress: Decimal | int | str | None, text: str = "", **more: Any
) -> WorkItem:
    """Progress in percent, with words."""
    return act(user, item, "progress", progress=progress, opinion=text, **more)


def report(user: User, item: WorkItem, opinion: str, **more: Any) -> WorkItem:
    """反馈: the lead unit says that it is done."""
    return act(user, item, "report", opinion=opinion, **more)


def withdraw(user: User, item: WorkItem, **more: Any) -> WorkItem:
    """撤回: take a report back before its review begins."""
    return act(user, item, "withdraw", **more)


def review(user: User, item: WorkItem, **more: Any) -> WorkItem:
    """审核: the review begins."""
    return act(user, item, "review", **more)


def accept(user: User, item: WorkItem, *, opinion: str = "", **more: Any) -> WorkItem:
    """办结, by somebody who did not handle the item."""
    return act(user, item, "accept", opinion=opinion, **more)


def close_out(user: User, item: WorkItem, *, opinion: str = "", **more: Any) -> WorkItem:
    """销号, by an approver."""
    return act(user, item, "close_out", opinion=opinion, **more)


def reopen(user: User, item: WorkItem, opinion: str, **more: Any) -> WorkItem:
    """重新打开, with a reason; ``deadline`` may be given."""
    return act(user, item, "reopen", opinion=opinion, **more)


def request_extension(user: User, item: WorkItem, deadline: date, reason: str, **more: Any) -> WorkItem:
    """申请延期 to a later day."""
    return act(user, item, "request_extension", deadline=deadline, opinion=reason, **more)


def grant_extension(user: User, item: WorkItem, *, opinion: str = "", **more: Any) -> WorkItem:
    """同意延期, by an approver who did not ask for it."""
    return act(user, item, "grant_extension", opinion=opinion, **more)


def refuse_extension(user: User, item: WorkItem, opinion: str, **more: Any) -> WorkItem:
    """不同意延期."""
    return act(user, item, "refuse_extension", opinion=opinion, **more)


def change_item(user: User, item: WorkItem, opinion: str, **fields: Any) -> WorkItem:
    """变更 of title, body, deadline, deadline_text, cycle, source, units, with a reason."""
    return act(user, item, "change", opinion=opinion, **fields)


def transfer(user: User, item: WorkItem, lead: Department, opinion: str, **more: Any) -> WorkItem:
    """转办 to another lead unit, which has to sign."""
    return act(user, item, "transfer", lead=lead, opinion=opinion, **more)


def terminate(user: User, item: WorkItem, opinion: str, **more: Any) -> WorkItem:
    """终止, by an approver, with a reason."""
    return act(user, item, "terminate", opinion=opinion, **more)


def instruct(user: User, item: WorkItem, opinion: str, *, due: date | None = None, **more: Any) -> WorkItem:
    """批示 by a leader, answered by the lead unit until ``due``."""
    return act(user, item, "instruct", opinion=opinion, due=due, **more)


def reply_instruction(
    user: User, item: WorkItem, opinion: str, *, instruction_id: int | None = None, **more: Any
) -> WorkItem:
    """Reply to an instruction (the oldest open one by default)."""
    return act(user, item, "reply_instruction", opinion=opinion, instruction_id=instruction_id, **more)


def urge(user: User, item: WorkItem, *, opinion: str = "", **more: Any) -> WorkItem:
    """催办: a notice to the lead unit."""
    return act(user, item, "urge", opinion=opinion, **more)


def finish_node(user: User, item: WorkItem, node: ItemNode, *, done_at: date | None = None, **more: Any) -> WorkItem:
    """完成节点 on the day ``done_at`` (today by default)."""
    return act(user, item, "finish_node", node_id=node.pk, done_at=done_at, **more)


def add_nodes(user: User, item: WorkItem, nodes: Sequence[dict[str, Any]], **more: Any) -> WorkItem:
    """Add dated nodes while the work runs."""
    return act(user, item, "add_nodes", nodes=list(nodes), **more)


def attach(user: User, item: WorkItem, *, files: Sequence[Any] = (), refs: Sequence[str] = (), **more: Any) -> WorkItem:
    """Attach stored files and references as proof."""
    return act(user, item, "attach", files=list(files), refs=list(refs), **more)
