"""What every page's frame shows: menu, counts, region, person."""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpRequest
from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils import timezone, translation

from ecocloud.base.rooms import MenuEntry, all_rooms, load
from ecocloud.kernel.regions import permissions
from ecocloud.web.home import counted, todo_total
from ecocloud.web.public import is_open
from ecocloud.web.region_switch import DEFAULT_NAME, chosen_region, region_choices, site


def label(thing) -> str:
    """The thing's label in the language of the page."""
    return thing.label_en if (translation.get_language() or "").startswith("en") else thing.label_zh


@lru_cache(maxsize=1024)
def _fixed_address(route: str, _urlconf: str | None) -> str | None:
    """The address of a route without parts; the menu asks for the same ones on every page."""
    try:
        return reverse(route)
    except NoReverseMatch:
        return None


def _line(entry: MenuEntry, user, current: str) -> dict | None:
    if not permissions.allowed(user, entry.permission):
        return None
    url = _fixed_address(entry.route, get_urlconf())
    if url is None:
        return None
    room = entry.route.partition(":")[0]
    return {
        "label": label(entry), "url": url, "icon": entry.icon, "active": entry.route == current, "count": None,
        "room": room, "entry": entry,
    }  # fmt: skip


def _address(user, route: str, permission: str) -> str:
    """The address of a page for those who may open it, '' for others: no link of the frame leads to a refusal."""
    return reverse(route) if permissions.allowed(user, permission) else ""


def menu(request: HttpRequest, current: str) -> list[dict]:
    """The left rail: at most two levels; a group holds the entries that name it; only the current group is open.

    Counts are taken of the entries that are seen, not of those in closed groups.
    """
    user = request.user
    entries = sorted((entry for room in all_rooms() for entry in room.menu), key=lambda entry: entry.order)
    groups: dict[str, dict] = {}
    rail: list[dict] = []
    for entry in entries:
        line = _line(entry, user, current)
        if line is None:
            continue
        line["children"] = []
        if not entry.group:
            rail.append(line)
            continue
        if entry.group not in groups:
            group = {"label": translation.gettext(entry.group), "url": line["url"], "icon": line["icon"]}
            groups[entry.group] = group | {"active": False, "count": None, "children": []}
            rail.append(groups[entry.group])
        groups[entry.group]["children"].append(line)
    alone = any(line["active"] for line in rail)  # a page of the first level: no group is open
    for line in rail:
        near = not alone and any(child["room"] == current.partition(":")[0] for child in line["children"])
        line["open"] = near or any(child["active"] for child in line["children"])
        line["active"] = line["active"] or any(child["active"] for child in line["children"])
        for one in [line, *(line["children"] if line["open"] else ())]:
            entry = one.get("entry")
            if entry is not None and entry.count:
                one["count"] = counted(request, entry.route, lambda entry=entry: load(entry.count)(user))
    return rail


def shell(request: HttpRequest) -> dict:
    """Template context of the frame; empty for people who are not signed in."""
    own = site()
    name = own.name
    base = {
        "language": translation.get_language(),
        "site_name": translation.gettext(name) if name == DEFAULT_NAME else name,
        "is_sample": own.is_sample,
        "data_time": timezone.localtime(),
        "public_url": reverse("web:public") if is_open(own) else "",
    }
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return base
    match = request.resolver_match
    return base | {
        "menu": menu(request, match.view_name if match else ""),
        "todo_count": todo_total(request),
        "region": chosen_region(request),
        "site_regions": region_choices(),
        "home_url": _address(user, "web:home", "web.home.view"),
        "search_url": _address(user, "web:search", "web.search.use"),
    }
