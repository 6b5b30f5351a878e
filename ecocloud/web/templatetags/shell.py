"""Tags of the frame. Every page draws it, so its long parts are put together here and not by a template."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from django import template
from django.http import HttpRequest
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from ecocloud.base.pages.templatetags.pages import icon
from ecocloud.kernel.regions.models import Region

register = template.Library()


@register.simple_tag(takes_context=True)
def place_links(
    context: template.Context, places: Iterable[Region], chosen: Region | None, css: str = "", icon_name: str = ""
) -> SafeString:
    """The present page for each of ``places``, as items of a list; its number of page is not kept."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    query.pop("page", None)
    query.pop("region", None)
    start = f"{request.path}?{query.urlencode()}&" if query else f"{request.path}?"
    head = format_html('<li class="{}">', css) if css else "<li>"
    sign = icon(icon_name) if icon_name else ""
    current = chosen.code if chosen is not None else ""
    made = []
    for place in places:
        mark = ' aria-current="true"' if place.code == current else ""
        address = f"{escape(start)}region={quote(place.code)}"
        made.append(f'{head}<a href="{address}"{mark}>{sign}{escape(place.name)}</a></li>')
    return mark_safe("".join(made))
