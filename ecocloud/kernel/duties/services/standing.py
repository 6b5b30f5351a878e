"""What the engine must know: the facts of an item and what a person is towards it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.kernel.duties.models import (
    Extension,
    Instruction,
    ItemCase,
    ItemEvent,
    ItemLevel,
    ItemNode,
    ItemSeat,
    Objection,
    Opinion,
    Reporter,
    WorkItem,
)
from ecocloud.kernel.duties.parts import NEXT_LEVEL, Facts, Person, Step
from ecocloud.kernel.regions import permissions, scope
from ecocloud.kernel.regions.models import Department, User
from ecocloud.kernel.regions.queries import successors

VIEW = "duties.item.view"
CREATE = "duties.item.create"
MANAGE = "duties.item.manage"
HANDLE = "duties.item.handle"
APPROVE = "duties.item.approve"
INSTRUCT = "duties.item.instruct"
CHECK = "duties.level.check"
_HISTORY = 5


class NotVisible(EcoError):
    """The item does not exist for this person."""

    code = "duties.not_visible"
    http_status = 404


def sees(user: User, item: WorkItem) -> bool:
    """Whether ``item`` is within the person's data scope. The right follows the item and ends with it."""
    if not permissions.allowed(user, VIEW):
        return False
    reach = scope.reach(user, VIEW)
    if reach.everything or (reach.own and item.created_by_id == user.pk):
        return True
    if reach.own and acts(user) and (item.current_department_id == user.department_id or _asked(user, item)):
        return True
    return bool(reach.departments) and (
        ItemSeat.objects.filter(item=item, department_id__in=sorted(reach.departments)).exists()
    )


def _asked(user: User, item: WorkItem) -> bool:
    """Whether the item waits for an answer of the person though another unit holds it."""
    return any(rows.filter(item=item).exists() for rows in waiting_for(user))


def waiting_for(user: User) -> list[QuerySet]:
    """What waits for an answer of the person: opinions asked of the unit, extensions of items of the person's office to
    decide on, instructions to the unit that leads. Rows with ``item``."""
    may, unit = permissions.rights(user).permissions, user.department_id
    if unit is None:
        return []
    found: list[QuerySet] = []
    if HANDLE in may:
        found.append(Opinion.objects.filter(department_id=unit, given_at__isnull=True))
        found.append(Instruction.objects.filter(item__lead_department_id=unit, replied_at__isnull=True))
    if APPROVE in may:
        pending = Extension.objects.filter(state=Extension.State.PENDING, item__office_department_id=unit)
        found.append(pending.exclude(requested_by=user))
    return found


def acts(user: User) -> bool:
    """Whether the person has a part in work of the unit: who has to act on an item can always open it."""
    return bool({HANDLE, MANAGE, APPROVE, CHECK} & permissions.rights(user).permissions)


def require_seen(user: User, item: WorkItem) -> None:
    """Raise :class:`NotVisible` unless the person may see the item."""
    if not sees(user, item):
        raise NotVisible(
            "没有这个事项，或不在您的数据范围内。",
            f"item {item.pk} is not visible to user {user.pk}",
            value=item.pk,
            remedy_zh="刚才还能打开的，可能已转由其他单位办理，请刷新列表。",
        )


def acts_for(user: User, department: Department) -> bool:
    """Whether the person's unit is ``department`` or answers for it since a merger or split."""
    if user.department_id is None:
        return False
    if user.department_id == department.pk:
        return True
    if department.valid_to is None or department.in_force():
        return False
    return any(unit.pk == user.department_id for unit in successors(department))


def person(user: User, item: WorkItem, seen: bool | None = None) -> Person:
    """Who ``user`` is towards ``item``; without any part in it for people who may not see it."""
    may = permissions.rights(user).permissions
    roles = set()
    if HANDLE in may and user.department_id is not None:
        if acts_for(user, item.lead_department):
            roles.add("lead")
        else:
            seat = ItemSeat.objects.filter(item=item, department_id=user.department_id).values_list("role", flat=True)
            if ItemSeat.Role.COOPERATE in seat:
                roles.add("cooperating")
    wide = {MANAGE: "office", APPROVE: "approver", INSTRUCT: "leader"}
    held = {role for code, role in wide.items() if code in may}
    if CHECK in may and item.state_row.level and acts_for(user, item.current_department):
        held.add("checker")
    if "reporter" in item.table.roles and _reported(user, item):
        held.add("reporter")
    if held and (seen if seen is not None else sees(user, item)):
        roles |= held
    return Person(f"user:{user.pk}", str(user.department_id or ""), frozenset(roles), user.name)


def _reported(user: User, item: WorkItem) -> bool:
    if item.created_by_id == user.pk:
        return True
    if Reporter.objects.filter(item=item, ref=f"user:{user.pk}").exists():
        return True
    return ItemCase.objects.filter(merged_into=item, item__created_by=user).exists()


def _handlers(item: WorkItem) -> dict[str, Any]:
    found = ItemEvent.objects.filter(item=item, is_handling=True).order_by().values_list("actor_id", flat=True)
    return {"handlers": frozenset(found)}


def _children(item: WorkItem) -> dict[str, Any]:
    states = WorkItem.objects.filter(parent=item).values_list("kind", "state")
    table = WorkItem(kind=item.kind).table
    return {"open_children": sum(not _closed(table, kind, state) for kind, state in states)}


def _closed(table: Any, kind: str, state: str) -> bool:
    own = table if kind == table.code else WorkItem(kind=kind).table
    return own.states[state].closed


def _nodes(item: WorkItem) -> dict[str, Any]:
    return {"open_nodes": ItemNode.objects.filter(item=item, done_at__isnull=True).count()}


def _opinions(item: WorkItem) -> dict[str, Any]:
    return _of_opinions(Opinion.objects.filter(item=item).values_list("given_at", "answer"))


def _of_opinions(found: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    rows = list(found)
    return {
        "awaited_opinions": sum(given is None for given, _ in rows),
        "unanswered_opinions": sum(given is not None and answer is None for given, answer in rows),
    }


def _extension(item: WorkItem) -> dict[str, Any]:
    return _of_extension(Extension.objects.filter(item=item, state=Extension.State.PENDING).first())


def _of_extension(row: Extension | None) -> dict[str, Any]:
    return {"extension_by": f"user:{row.requested_by_id}", "extension_to": row.new_deadline} if row else {}


def _instructions(item: WorkItem) -> dict[str, Any]:
    return {"open_instructions": Instruction.objects.filter(item=item, replied_at__isnull=True).count()}


def _levels(item: WorkItem) -> dict[str, Any]:
    return _of_levels(ItemLevel.objects.filter(item=item) if item.table.levels else ())


def _of_levels(found: Iterable[ItemLevel]) -> dict[str, Any]:
    rows = list(found)
    return {
        "levels": tuple(row.state for row in rows),
        "level_units": {row.state: str(row.department_id) for row in rows},
        "passers": frozenset(f"user:{row.passed_by_id}" for row in rows if row.passed_by_id),
    }


def _case(item: WorkItem) -> dict[str, Any]:
    return _of_case(ItemCase.objects.filter(item=item).first() if item.table.takes_case else None)


def _of_case(row: ItemCase | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {
        "settled": frozenset(str(pk) for pk in row.settled),
        "notice_until": row.notice_until,
        "suspended_until": row.suspended_until,
    }


def _objections(item: WorkItem) -> dict[str, Any]:
    return {"open_objections": Objection.objects.filter(item=item, answered_at__isnull=True).count()}


def _longest(item: WorkItem) -> dict[str, Any]:
    from ecocloud.kernel.duties.services import cases  # cases needs the calendar of shine, which needs counts

    terms = cases.term_of(item, item.started_on)
    return {"longest": terms.longest} if terms else {}


_LOADERS: dict[str, Callable[[WorkItem], dict[str, Any]]] = {
    "not_handler": _handlers,
    "children_closed": _children,
    "nodes_done": _nodes,
    "opinions_answered": _opinions,
    "extension_pending": _extension,
    "no_extension": _extension,
    "not_requester": _extension,
    "instruction_open": _instructions,
    "opinions_given": _opinions,
    "opinions_awaited": _opinions,
    "may_decline": _case,
    "notice_over": _case,
    "new_passer": _levels,
    NEXT_LEVEL: _levels,
    "objections_answered": _objections,
    "objection_open": _objections,
    "within_longest": _longest,
}


def history(item: WorkItem, limit: int = _HISTORY) -> tuple[Step, ...]:
    """The last steps of an item, oldest first."""
    states = item.table.states
    rows = list(ItemEvent.objects.filter(item=item).order_by("-id")[:limit])
    return tuple(
        Step(
            e.action_zh, states[e.to_state].label_zh if e.to_state in states else e.to_state, e.actor_name,
            e.department_name, timezone.localtime(e.at).strftime("%Y-%m-%d"), e.opinion,
        )
        for e in reversed(rows)
    )  # fmt: skip


def known_facts(
    events: Iterable[ItemEvent], nodes: Iterable[ItemNode], opinions: Iterable[Opinion],
    extensions: Iterable[Extension], instructions: Iterable[Instruction], levels: Iterable[ItemLevel] = (),
    objections: Iterable[Objection] = (), case: ItemCase | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The facts that rows of an item already read give, for :func:`facts`; all but those of its children."""
    return (
        {
            "handlers": frozenset(event.actor_id for event in events if event.is_handling),
            "open_nodes": sum(node.done_at is None for node in nodes),
            "open_instructions": sum(row.replied_at is None for row in instructions),
            "open_objections": sum(row.answered_at is None for row in objections),
        }
        | _of_levels(levels)
        | _of_case(case)
        | _of_opinions((row.given_at, row.answer) for row in opinions)
        | _of_extension(next((row for row in extensions if row.state == Extension.State.PENDING), None))
    )


def facts(
    item: WorkItem, today: date, guards: Iterable[str] | None = None, *, told: bool = False,
    known: dict[str, Any] | None = None,
) -> Facts:  # fmt: skip
    """The facts of ``item``; only what ``guards`` need, or everything. ``told`` adds the history; ``known`` are facts
    already read (:func:`known_facts`)."""
    loaders = _LOADERS.values() if guards is None else (_LOADERS[name] for name in guards if name in _LOADERS)
    if known is not None:
        loaders = (_children,)
    more: dict[str, Any] = dict(known or {})
    for loader in dict.fromkeys(loaders):
        more |= loader(item)
    return Facts(
        state=item.state,
        lead=str(item.lead_department_id),
        office=str(item.office_department_id),
        holder=item.current_department.name,
        today=today,
        deadline=item.deadline,
        code=item.code,
        title=item.title,
        progress=item.progress,
        history=history(item) if told else (),
        **more,
    )
