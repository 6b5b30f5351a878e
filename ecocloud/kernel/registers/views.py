"""The page of all registers, the list of one. Thin."""

from __future__ import annotations

from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from ecocloud.base.pages.exports import list_page
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.registers import outlines, queries, showing
from ecocloud.kernel.registers.lists import ObjectListing
from ecocloud.kernel.registers.models import Pack, RegisterType
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.register_frame import filters_of, frame
from ecocloud.kernel.registers.services.guards import EDIT
from ecocloud.kernel.registers.work_fields import Finder, Found, field_of, words_of


def index(request: HttpRequest) -> HttpResponse:
    """Every register with its objects by state, by field of work."""
    counts = queries.state_counts(request.user)
    rows = list(queries.registers(request.user).order_by("pack__code", "code"))
    known = outlines.outlines(rows)
    numbers = dict(Pack.objects.values_list("pk", "content__systems"))
    finder = Finder(request, [
        _found(row, known[row.pk], counts.get(row.pk, {}), numbers.get(row.pack_id) or []) for row in rows
    ])  # fmt: skip
    context = {"finder": finder, "groups": finder.groups(), "total": len(finder.found()),
               "may": permissions.rights(request.user).permissions}  # fmt: skip
    return render(request, "registers/index.html", context)


def _found(row: RegisterType, outline: outlines.Outline, counts: dict[str, int], systems: list[str]) -> Found:
    """A register with what a search finds it by: its names, its help, its pack and the systems of that."""
    states = [
        {"light": showing.light(one), "code": one.code, "count": counts.get(one.code, 0)} for one in outline.states
    ]
    pack = row.pack
    card = {
        "row": row, "name": showing.pick(row), "icon": outline.icon, "help": showing.help_of(outline), "states": states,
        "total": sum(one["count"] for one in states), "pack": pack, "pack_name": showing.pick(pack) if pack else "",
    }  # fmt: skip
    said = [row.code, row.zh, row.en, card["help"], *((pack.code, pack.zh, pack.en) if pack else ())]
    return Found(field_of(systems), " ".join([*said, words_of(systems)]), card)


def objects(request: HttpRequest, code: str) -> HttpResponseBase:
    """The objects of a register within the person's reach."""
    register = open_register(code)
    listing = ObjectListing(request, request.user, register)
    context = frame(request, register, "list", listing)
    if EDIT in context["may"]:
        context["bulk"] = parse_qsl(filters_of(listing)) or [("", "")]
    context["drawn_rows"] = lambda: showing.drawn_rows(listing.rows, to_pick="bulk" in context)
    return list_page(request, listing, "registers/list.html", context)
