"""Closing years of a register, opening them again with a reason, what changed since. Thin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.inputs import whole_number
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.registers import services, showing, year_page
from ecocloud.kernel.registers.errors import ValueFault, ValuesRefused
from ecocloud.kernel.registers.forms import sentence
from ecocloud.kernel.registers.register import Register, open_register

_MOST = 200


def years(request: HttpRequest, code: str) -> HttpResponse:
    """The closed years of a register, and the form that closes one."""
    return _list(request, open_register(code))


def lock(request: HttpRequest, code: str) -> HttpResponse:
    """Close a year."""
    register = open_register(code)
    try:
        region = Region.objects.filter(pk=request.POST.get("region", "")[:12]).first()
        year = whole_number(request.POST.get("year"))
        if region is None or year is None:
            raise ValuesRefused([ValueFault("year", "请选择区划和年度。", "choose division and year")])
        made = services.lock_year(request.user, register, region, year, note=request.POST.get("note", "").strip())
    except EcoError as refused:
        return _list(request, register, refused)
    messages.success(request, _("已封账：%(region)s %(year)s 年，%(n)s 个对象。") % {
        "region": region.name, "year": year, "n": made.rows})  # fmt: skip
    return redirect("registers:year", code=code, pk=made.pk)


def _list(request: HttpRequest, register: Register, refused: EcoError | None = None) -> HttpResponse:
    rows = list(year_page.locks(request.user, register)[:_MOST])
    for row in rows:
        row.light = year_page.light_of(row)
    may = permissions.rights(request.user).permissions
    context: dict[str, Any] = {
        "register": register, "name": showing.pick(register.definition), "rows": rows, "may": may,
        "refused": sentence(refused) if refused else "", "typed": request.POST,
    }  # fmt: skip
    if "registers.year.lock" in may:
        context |= {"years": year_page.years_offered(),
                    "regions": year_page.regions_offered(request.user, register)}  # fmt: skip
    return render(request, "registers/years.html", context, status=refused.http_status if refused else 200)


def year(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One closed year."""
    return _one(request, open_register(code), pk)


def unlock(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Open a closed year again, with the reason."""
    register = open_register(code)
    row = year_page.lock_of(request.user, register, pk)
    try:
        services.unlock_year(request.user, row, reason=request.POST.get("reason", ""))
    except EcoError as refused:
        return _one(request, register, pk, refused)
    messages.success(request, _("已解除封账。"))
    return redirect("registers:year", code=code, pk=pk)


def _one(request: HttpRequest, register: Register, pk: int, refused: EcoError | None = None) -> HttpResponse:
    row = year_page.lock_of(request.user, register, pk)
    lines, total = year_page.change_lines(request.user, register, row)
    context = {
        "register": register, "name": showing.pick(register.definition), "row": row,
        "light": year_page.light_of(row), "check": year_page.check(row, register, request.GET.get("check") == "1"),
        "lines": lines, "total": total, "more": total - len(lines),
        "may": permissions.rights(request.user).permissions, "refused": sentence(refused) if refused else "",
        "typed": request.POST.get("reason", ""),
    }  # fmt: skip
    return render(request, "registers/year.html", context, status=refused.http_status if refused else 200)
