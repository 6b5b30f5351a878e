"""The page of all registers, the list of one. Thin."""

from __future__ import annotations

from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from ecocloud.base.pages.exports import list_page
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.registers import queries, showing
from ecocloud.kernel.registers.lists import ObjectListing
from ecocloud.kernel.registers.models import RegisterType
from ecocloud.kernel.registers.register import open_register, register_of
from ecocloud.kernel.registers.register_frame import filters_of, frame
from ecocloud.kernel.registers.services.guards import EDIT


def index(request: HttpRequest) -> HttpResponse:
    """Every register with its objects by state, grouped by pack."""
    counts = queries.state_counts(request.user)
    groups: dict[str, list[dict]] = {}
    for row in queries.registers(request.user).order_by("pack__code", "code"):
        name = showing.pick(row.pack) if row.pack_id else _("未归入包的名录")
        groups.setdefault(name, []).append(_register_card(row, counts.get(row.pk, {})))
    context = {"groups": groups.items(), "may": permissions.rights(request.user).permissions}
    return render(request, "registers/index.html", context)


def _register_card(row: RegisterType, counts: dict[str, int]) -> dict:
    definition = register_of(row).definition
    states = [
        {"light": showing.light(one), "code": one.code, "count": counts.get(one.code, 0)} for one in definition.states
    ]
    total = sum(one["count"] for one in states)
    return {
        "row": row,
        "name": showing.pick(row),
        "icon": definition.icon,
        "help": showing.help_of(definition),
        "states": states,
        "total": total,
    }


def objects(request: HttpRequest, code: str) -> HttpResponseBase:
    """The objects of a register within the person's reach."""
    register = open_register(code)
    listing = ObjectListing(request, request.user, register)
    context = frame(request, register, "list", listing)
    if EDIT in context["may"]:
        context["bulk"] = parse_qsl(filters_of(listing)) or [("", "")]
    context["drawn_rows"] = lambda: showing.drawn_rows(listing.rows, to_pick="bulk" in context)
    return list_page(request, listing, "registers/list.html", context)
