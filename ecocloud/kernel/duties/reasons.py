"""Why a row of the desk is this person's (为何在我这里): unit, post, category, grid, escalation, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from ecocloud.kernel.duties import queries, showing
from ecocloud.kernel.duties.models import ItemCase, ItemSeat, Notice, WorkItem
from ecocloud.kernel.duties.services import routing
from ecocloud.kernel.regions.models import Role, User
from ecocloud.kernel.regions.permissions import rights
from ecocloud.kernel.regions.reasons import by_role, post_of, unit_of

_ASKED = {"give_opinion": "opinion", "grant_extension": "extension", "reply_instruction": "instruction"}


def _routed(item: WorkItem, case: ItemCase | None, unit: str) -> str:
    """How the case came to its lead unit; '' where a person named the unit."""
    how = case.routed if case else ""
    row = item.table.category(item.category)
    if how == routing.CATEGORY and row is not None:
        word = showing.pick(row.label_zh, row.label_en)
        return _("类别“%(category)s”由%(unit)s负责") % {"category": word, "unit": unit}
    if how == routing.GRID:
        return _("事发地所在网格由%(unit)s负责") % {"unit": unit}
    if how == routing.ROUTER:
        return _("按来源分派给%(unit)s") % {"unit": unit}
    if how == routing.OFFICE:
        return _("没有对应的责任单位，由%(unit)s受理分派") % {"unit": unit}
    if how == routing.DECIDED:
        return _("经裁定或调整由%(unit)s承办") % {"unit": unit}
    return ""


def _answer_owed(viewer: User, item: WorkItem, asked: Mapping[str, set[int]]) -> str:
    kinds = {_ASKED.get(action) for action, ids in asked.items() if item.pk in ids}
    unit = unit_of(viewer)
    if "extension" in kinds:
        return by_role(viewer, "duties.item.approve", _("审批延期"))
    if "instruction" in kinds:
        return _("领导批示待回复，%(unit)s是牵头单位") % {"unit": unit}
    if "opinion" in kinds:
        return _("征求%(unit)s意见，待答复") % {"unit": unit}
    return ""


def of_todo(viewer: User, item: WorkItem, case: ItemCase | None, asked: Mapping[str, set[int]]) -> str:
    """Why an item waits for the viewer."""
    owed = _answer_owed(viewer, item, asked)
    if owed:
        return owed
    unit = unit_of(viewer)
    if item.state in queries.closing_states() or item.current_department_id != viewer.department_id:
        return by_role(viewer, "duties.item.approve", _("审批销号"))
    if item.state_row.level:
        return _("%(unit)s负责这一级验收") % {"unit": unit}
    if item.state_row.owner == "office" and item.lead_department_id != viewer.department_id:
        return _("%(unit)s是交办单位，等待审核或处理") % {"unit": unit}
    if item.state_row.owner == "office":
        return _routed(item, case, unit) or _("%(unit)s是交办单位，等待审核或处理") % {"unit": unit}
    return _routed(item, case, unit) or _("%(unit)s是牵头单位") % {"unit": unit}


_SEATS = {
    ItemSeat.Role.LEAD: lambda unit: _("%(unit)s是牵头单位") % {"unit": unit},
    ItemSeat.Role.LEVEL: lambda unit: _("%(unit)s负责一级验收") % {"unit": unit},
    ItemSeat.Role.COOPERATE: lambda unit: _("%(unit)s是配合单位") % {"unit": unit},
    ItemSeat.Role.OFFICE: lambda unit: _("%(unit)s是交办单位") % {"unit": unit},
    ItemSeat.Role.ABOVE: lambda unit: _("%(unit)s牵头上级任务") % {"unit": unit},
    ItemSeat.Role.REPORTER: lambda unit: _("由%(unit)s反映") % {"unit": unit},
}


def of_item(viewer: User, item: WorkItem, seat: str) -> str:
    """Why an item stands among warnings or copies: the seat of the viewer's unit, else the reach of the role."""
    unit = unit_of(viewer)
    if seat in _SEATS:
        return _SEATS[ItemSeat.Role(seat)](unit)
    if item.created_by_id == viewer.pk:
        return _("由您发起")
    role = next((one for one in rights(viewer).roles if "duties.item.view" in one.permissions), None)
    if role is not None and role.scope == Role.Scope.ALL:
        return _("您的角色“%(role)s”掌握全部事项") % {"role": role.label}
    return _("在您的角色“%(role)s”的数据范围内") % {"role": role.label if role else ""}


def of_notice(viewer: User, notice: Notice) -> str:
    """Why a notice is to be read by the viewer."""
    unit = unit_of(viewer)
    if notice.kind == "escalate":
        return _("逾期未办，按规定升级告知%(post)s") % {"post": post_of(viewer)}
    if notice.user_id is not None:
        return _("发给您本人")
    return _("发给%(unit)s") % {"unit": unit}


def reasons(viewer: User, tab: str, items: Sequence[WorkItem], asked: Mapping[str, set[int]]) -> dict[int, str]:
    """The reason for each item of a tab, by its number; at most two queries."""
    if not items:
        return {}
    keys = [item.pk for item in items]
    if tab == "started":
        return dict.fromkeys(keys, _("由您发起"))
    if tab == "todo":
        cases: dict[int, Any] = {}
        taken = [item.pk for item in items if item.table.takes_case]
        if taken:
            cases = ItemCase.objects.in_bulk(taken)
        return {item.pk: of_todo(viewer, item, cases.get(item.pk), asked) for item in items}
    seats = dict(
        ItemSeat.objects.filter(item__in=keys, department_id=viewer.department_id).values_list("item_id", "role")
    )
    return {item.pk: of_item(viewer, item, seats.get(item.pk, "")) for item in items}
