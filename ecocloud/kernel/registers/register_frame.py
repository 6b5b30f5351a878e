"""What the pages of one register share: its name, its tabs (each keeps the filters of the others), its buttons."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.kernel.regions import permissions
from ecocloud.kernel.registers import showing
from ecocloud.kernel.registers.lists import ObjectListing
from ecocloud.kernel.registers.register import Register


def frame(request: HttpRequest, register: Register, current: str, listing: ObjectListing) -> dict[str, Any]:
    """The context every page of a register starts from; ``current`` names its route."""
    return {
        "register": register,
        "definition": register.definition,
        "name": showing.pick(register.definition),
        "help": showing.help_of(register.definition),
        "listing": listing,
        "tabs": tabs(register, current, listing),
        "import_target": f"register-{register.code}",
        "may": permissions.rights(request.user).permissions,
    }


def tabs(register: Register, current: str, listing: ObjectListing) -> list[dict[str, Any]]:
    """The pages of a register as tabs; a map only where objects have a place."""
    pages = [("list", _("清单")), ("statistics", _("统计")), ("map", _("地图")), ("compare", _("两日对比")),
             ("cards", _("二维码牌"))]  # fmt: skip
    if register.definition.geometry.kind == "none":
        pages = [one for one in pages if one[0] != "map"]
    kept = filters_of(listing)
    return [
        {
            "label": label,
            "url": page_of(register, route, kept),
            "current": route == current,
        }
        for route, label in pages
    ]


def filters_of(listing: ObjectListing, **changes: str) -> str:
    """The filters of the address alone, with ``changes``, as a query: what another page of the register takes over."""
    kept = listing.params.copy()
    own = {name for bound in listing.filters for name in bound.names}
    for name in list(kept):
        if name not in own or not any(kept.getlist(name)):
            del kept[name]
    for name, value in changes.items():
        kept[name] = value
    return kept.urlencode()


def page_of(register: Register, route: str, query: str) -> str:
    """The address of a page of a register."""
    path = reverse(f"registers:{route}", args=[register.code])
    return f"{path}?{query}" if query else path
