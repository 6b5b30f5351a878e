"""Objects follow when divisions are merged or split: choose, preview, move. Thin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.inputs import whole_number
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import move_page, queries, showing, workbooks
from ecocloud.kernel.registers.errors import ValueFault, ValuesRefused
from ecocloud.kernel.registers.forms import sentence
from ecocloud.kernel.registers.move_page import Plan
from ecocloud.kernel.registers.views_form import names_offered
from ecocloud.kernel.registers.views_object import day


def divisions(request: HttpRequest) -> HttpResponse:
    """Which objects of a division go to another one, and the move itself."""
    if request.method != "POST":
        return _page(request)
    try:
        plan = _plan(request)
        found = move_page.groups(request.user, plan)
        keys = move_page.going(found)
        seen = move_page.stamp(plan, keys)
        if request.POST.get("write") == seen:
            moved = move_page.write(request.user, plan, found)
            messages.success(request, _("已将 %(n)s 个对象由%(source)s调整到%(target)s。") % {
                "n": moved, "source": plan.source.name, "target": plan.target.name})  # fmt: skip
            return redirect("registers:divisions")
    except EcoError as refused:
        return _page(request, refused=refused)
    return _page(request, plan, found, seen)


def _plan(request: HttpRequest) -> Plan:
    post = request.POST
    source, target = _region(post.get("source", ""), "source"), _region(post.get("target", ""), "target")
    if source == target:
        raise ValuesRefused([ValueFault("target", "调入和调出是同一个区划。", "source and target are the same",
                                        value=target.name, remedy_zh="请另选调入的区划。")])  # fmt: skip
    if not post.get("note", "").strip():
        raise ValuesRefused([ValueFault("note", "区划调整必须写明依据。", "moved without a basis",
                                        remedy_zh="请填写文号。")])  # fmt: skip
    ticked = frozenset(pk for text in post.getlist("pk") if (pk := whole_number(text)) is not None)
    heirs = {}
    for name, text in post.items():
        old = whole_number(name.removeprefix("heir-")) if name.startswith("heir-") else None
        if old is not None and text.strip():
            heirs[old] = _unit(text.strip())
    return Plan(source, target, day(post.get("on", "")), post["note"].strip()[:300], post.get("register", "")[:30],
                ticked if "picking" in post else None, heirs)  # fmt: skip


def _region(text: str, field: str) -> Region:
    found = [one.code for one in workbooks.regions(text.strip())] if text.strip() else []
    if len(found) != 1:
        words = "没有填写区划。" if not text.strip() else f"“{text}”不是一个确定的区划。"
        raise ValuesRefused([ValueFault(field, words, "not one division", value=text,
                                        remedy_zh="请从提示的名称中选择，或填写区划代码。")])  # fmt: skip
    return Region.objects.get(pk=found[0])


def _unit(text: str) -> Department:
    found = workbooks.departments(text)
    if len(found) != 1:
        raise ValuesRefused([ValueFault("department", f"没有“{text}”这个单位。", "not one department", value=text,
                                        remedy_zh="请从提示的名称中选择。")])  # fmt: skip
    return Department.objects.get(code=found[0].code)


def _page(
    request: HttpRequest, plan: Plan | None = None, found: list[move_page.Group] | None = None, seen: str = "",
    refused: EcoError | None = None,
) -> HttpResponse:  # fmt: skip
    post = request.POST
    found = found or []
    whole = sum(len(one.rows) for one in found)
    context: dict[str, Any] = {
        "plan": plan, "groups": found, "stamp": seen, "refused": sentence(refused) if refused else "",
        "typed": post, "whole": whole, "going": len(move_page.going(found)),
        "picking": whole <= move_page.PICKED_ONE_BY_ONE,
        "owners": [(unit, post.get(f"heir-{unit.pk}", "")) for unit in move_page.owners(found)],
        "registers": [(row.code, showing.pick(row)) for row in queries.registers(request.user).order_by("code")],
        **names_offered(request),
    }  # fmt: skip
    return render(request, "registers/divisions.html", context, status=refused.http_status if refused else 200)
