"""QR cards of one object and of a list. Thin."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from ecocloud.base.pages import hooks
from ecocloud.base.pages.exports import list_page
from ecocloud.kernel.registers import cards, queries, showing
from ecocloud.kernel.registers.lists import ObjectListing
from ecocloud.kernel.registers.register import open_register, register_of
from ecocloud.kernel.registers.register_frame import frame


def one(request: HttpRequest, pk: int) -> HttpResponse:
    """The card of one object, as large as a sign."""
    row = queries.visible_object(request.user, pk)
    register = register_of(row.type)
    context = {
        "register": register, "name": showing.pick(register.definition), "row": row,
        "cards": cards.cards(request, register, [row]), "large": True,
    }  # fmt: skip
    return render(request, "registers/card.html", context)


def sheet(request: HttpRequest, code: str) -> HttpResponseBase:
    """The cards of a page of the list with its filters, eight on a sheet of A4."""
    register = open_register(code)
    listing = ObjectListing(request, request.user, register, part="cards")
    context = frame(request, register, "cards", listing) | {"cards": cards.cards(request, register, listing.rows)}
    return list_page(request, listing, "registers/cards.html", context)


def qr(request: HttpRequest, pk: int) -> HttpResponse:
    """The QR code of an object's address as an SVG file, for a maker of signs."""
    row = queries.visible_object(request.user, pk)
    drawn = cards.picture(cards.address(request, row))
    hooks.record_export(request, f"registers.{row.type.code}.qr", "svg", 1, row.code)
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{drawn.view_box}" width="40mm" height="40mm" '
        f'shape-rendering="crispEdges"><rect width="{drawn.size}" height="{drawn.size}" fill="#fff"/>'
        f'<path d="{drawn.path}"/></svg>'
    )
    response = HttpResponse(text, content_type="image/svg+xml")
    response["Content-Disposition"] = f'attachment; filename="{row.code}.svg"'
    return response
