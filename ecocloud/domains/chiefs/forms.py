"""What forms of the room send: days, people, units, objects, refusals in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ecocloud.base import typed
from ecocloud.base.pages import answering
from ecocloud.base.pages.inputs import whole_number
from ecocloud.domains.chiefs import queries
from ecocloud.domains.chiefs.errors import ChiefRefused
from ecocloud.domains.chiefs.facts import words as facts
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.models import Department, User
from ecocloud.kernel.registers import queries as registers
from ecocloud.kernel.registers.models import RegisterObject

MOST_UNITS = 400


def day(text: str, name: Any = "", *, needed: bool = False) -> date | None:
    """A day of a form; raises ChiefRefused where it is needed and missing, BadInput where it is none."""
    if text.strip():
        return typed.day(text)
    if needed:
        raise ChiefRefused(f"没有填写{name}。", "no day given", where={"字段": str(name)})
    return None


def person(text: str) -> User | None:
    """The account of a name typed for it; None where none was typed. Raises ChiefRefused for an unknown one."""
    name = text.strip()
    if not name:
        return None
    found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise ChiefRefused("没有这个账号。", f"no account {name!r}", where={"字段": "账号"}, value=name[:40],
                           remedy_zh="请填写登录账号，没有账号可留空。")  # fmt: skip
    return found


def unit(text: str, viewer: Any = None, permission: str = "") -> Department | None:
    """The unit with this number, of those in reach where a viewer is given."""
    rows = scope.departments_in_scope(viewer, permission) if viewer is not None else Department.objects.all()
    return rows.filter(pk=whole_number(text) or 0).first()


def units(viewer: Any, permission: str = queries.EDIT) -> list[Department]:
    """The units a person may keep chiefs of."""
    rows = scope.departments_in_scope(viewer, permission).exclude(kind=Department.Kind.GROUP)
    return list(rows.order_by("order", "pk")[:MOST_UNITS])


def thing(viewer: Any, text: str) -> RegisterObject | None:
    """The object of a code or name typed, in reach and of a register chiefs answer for; None where none was typed.

    Raises ChiefRefused for none or several.
    """
    name = text.strip()
    if not name:
        return None
    kinds = {code for one in facts().kinds for code in one.registers}
    number = whole_number(name.removeprefix("obj:"))
    where = Q(pk=number) if number is not None else Q(code=name) | Q(name=name)
    rows = list(registers.reachable(viewer).filter(where, type__code__in=kinds).select_related("type", "region")[:2])
    if len(rows) != 1:
        raise ChiefRefused("名录中没有或不止一个这样的对象。", f"{len(rows)} objects for {name!r}",
                           where={"字段": "对象"}, value=name[:40], remedy_zh="请填写名录编号。")  # fmt: skip
    return rows[0]


def attempt(request: HttpRequest, act: Callable[[], Any], done: str, to: str, **where: Any) -> HttpResponse:
    """Do it and go on to the page ``to``; a refusal is told there."""
    answering.attempt(request, act, done)
    return redirect(to, **where)


def refused_day(text: str) -> date | None:
    """A day of an address; None for what is none."""
    try:
        return typed.day(text) if text else None
    except typed.BadInput:
        return None


def gone() -> ChiefRefused:
    """What is told when a form names a unit out of reach."""
    return ChiefRefused(_("请选择单位。"), "no such unit", where={"字段": "单位"})
