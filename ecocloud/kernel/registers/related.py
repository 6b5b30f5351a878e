"""Which objects refer to one: the other end of the fields that point at objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ecocloud.kernel.registers import outlines, queries, showing
from ecocloud.kernel.registers.lists import key_of
from ecocloud.kernel.registers.models import RegisterObject, RegisterType
from ecocloud.kernel.registers.register import Register, register_of
from ecocloud.kernel.registers.register_frame import page_of

MOST_GROUPS = 6
MOST_ROWS = 5


@dataclass(frozen=True)
class Group:
    """The objects of one register that name the object in one field; ``url`` lists all, ``new`` enters another."""

    title: str
    register: Register
    count: int
    rows: list[RegisterObject]
    url: str
    new: str


def referring(viewer: Any, row: RegisterObject) -> list[Group]:
    """The objects within the reach that refer to ``row``, newest first; retired ones do not count.

    Only indexed fields are asked, so that a register of a million objects costs no more than a small one; at most
    ``MOST_GROUPS`` fields, two queries each, beside one for the registers.
    """
    ref = f"obj:{row.pk}"
    found = []
    for register, code, label in _fields(row.type.code)[:MOST_GROUPS]:
        rows = queries.objects(viewer, register).filter(**{register.slots[code]: ref}).exclude(state="retired")
        shown = list(rows.order_by("-pk")[: MOST_ROWS + 1])
        new = page_of(register, "create", f"v_{code}={ref}")
        if shown or register.code != row.type.code:
            count = len(shown) if len(shown) <= MOST_ROWS else rows.count()
            states = register.definition.state_by_code
            for one in shown:
                one.light = showing.light(states[one.state])
            url = page_of(register, "list", f"{key_of(register.definition.by_code[code])}={ref}")
            title = f"{showing.pick(register.definition)}（{label}）"
            found.append(Group(title, register, count, shown[:MOST_ROWS], url, new))
    return found


def _fields(target: str) -> list[tuple[Register, str, str]]:
    """The indexed fields of all registers that point at objects of one."""
    rows = list(RegisterType.objects.order_by("code"))
    known = outlines.outlines(rows)
    return [
        (register_of(row), one.code, showing.pick(one))
        for row in rows
        for one in known[row.pk].pointing
        if one.target == target and one.code in outlines.ready(row, known[row.pk])
    ]
