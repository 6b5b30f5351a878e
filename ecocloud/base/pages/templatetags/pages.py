"""Tags every template may use (registered as builtins in the settings)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ecocloud.base.pages import figures, hooks, icons, speaking

register = template.Library()
_numbers = itertools.count(1)


def new_id(prefix: str) -> str:
    """An id that no other element of the page has."""
    return f"{prefix}-{next(_numbers)}"


@lru_cache(maxsize=512)
def _still_icon(name: str, size: int) -> SafeString:
    css = "i" if size == 16 else f"i i-{size}"
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', css, static(icons.SPRITE), name
    )


@register.simple_tag
def icon(name: str, label: str = "", size: int = 16) -> SafeString:
    """A line icon of the sprite. ``label`` only where the icon stands alone; ``size`` 16, 20 or 24 px."""
    if not label:
        return _still_icon(name, size)
    css = "i" if size == 16 else f"i i-{size}"
    return format_html(
        '<svg class="{}" role="img" aria-label="{}"><use href="{}#i-{}"/></svg>', css, label, static(icons.SPRITE), name
    )


@register.simple_tag
def light(level: str, word: str) -> SafeString:
    """Shape, colour and word. ``level``: green, yellow, red, done or none; ``word`` says the cause."""
    return format_html('<span class="light {}">{}</span>', figures.LIGHT_CLASSES.get(str(level), "n"), word)


@register.simple_tag
def figure(value: Any, unit: str = "", places: int | None = None) -> SafeString:
    """A number with its unit, grouped by thin spaces; an absent value is a dash without unit."""
    text = figures.group_digits(value, places)
    if text == "—" or not unit:
        return format_html('<span class="num">{}</span>', text)
    return format_html('<span class="num">{}<span class="unit">{}</span></span>', text, speaking.unit_word(unit))


@register.filter
def unit_word(symbol: Any) -> str:
    """A unit as the page writes it."""
    return speaking.unit_word(str(symbol or ""))


@register.filter
def formula_words(text: str) -> str:
    """A formula as the page shows it."""
    return speaking.formula_words(text)


@register.simple_tag
def in_brackets(symbol: Any) -> str:
    """A unit in brackets behind a name; '' for none."""
    return speaking.with_unit("", str(symbol or ""))


@register.filter
def grouped(value: Any, places: int | None = None) -> str:
    """The number alone, grouped by thin spaces."""
    return figures.group_digits(value, places)


@register.simple_tag
def badge(text: str, tone: str = "") -> SafeString:
    """A small label. ``tone``: '', ok, warn, bad, act or trace."""
    return (
        format_html('<span class="tag {}">{}</span>', tone, text)
        if tone
        else format_html('<span class="tag">{}</span>', text)
    )


def _chip(ref: Any, viewer: Any, label: str) -> SafeString:
    source = hooks.resolve_ref(str(ref or ""), viewer)
    if source is None and not label:
        return mark_safe("")
    words = label or source.label
    if source is None or not source.url:
        return format_html('<span class="ev off" data-ref="{}">{}</span>', words, words)
    return format_html(
        '<a class="ev" href="{}" title="{}" data-ref="{}">{}<span>{}</span></a>',
        source.url,
        source.title or words,
        f"{source.title} {words}" if source.title and source.title != words else words,
        icon("link-2"),
        words,
    )


def _viewer(context: template.Context) -> Any:
    return getattr(context.get("request"), "user", None)


@register.simple_tag(takes_context=True)
def evidence(context: template.Context, ref: Any, label: str = "") -> SafeString:
    """The chip that opens the source behind a figure. ``ref`` is a Ref or its text; ``label`` replaces its words."""
    return _chip(ref, _viewer(context), label)


@register.simple_tag
def chip(ref: Any, label: str = "") -> SafeString:
    """A chip that opens its source without reading it now, so that a list costs no query per row."""
    text = str(ref or "")
    if not text:
        return mark_safe("")
    words = label or hooks.kind_word(text)
    for route in hooks.SOURCE_ROUTES:
        with suppress(NoReverseMatch):
            return format_html('<a class="ev" href="{}" title="{}" data-ref="{}">{}<span>{}</span></a>',
                               reverse(route, args=[text]), text, text, icon("link-2"), words)  # fmt: skip
    return format_html('<span class="ev off" data-ref="{}">{}</span>', text, words)


# A list draws one for each row, so it is put together here and not by a template.
_BAR = (
    '<svg class="bar{tone}" width="100%" height="18" role="img" aria-label="{words}">'
    "<title>{words}</title>{parts}</svg>"
)
_BED = '<rect class="bar-bed" y="6" width="100%" height="8" rx="4"/>'
_NOW = '<rect class="bar-now" y="6" width="{}%" height="8" rx="4"/>'
_STROKE = '<svg x="{}%" overflow="visible"><rect class="bar-target" x="-1" y="2" width="2" height="16"/></svg>'
_CARET = '<svg x="{}%" overflow="visible"><path class="bar-pace" d="M-4 0h8l-4 5z"/></svg>'


@lru_cache(maxsize=8)
def _bar_words(_language: str | None) -> dict[str, str]:
    """The words of a bar in the language of the page, looked up once and not for every row."""
    return {
        "now": _("现值 %(value)s"), "pace": _("序时 %(value)s"), "target": _("目标 %(value)s"),
        "below": _("低于目标为好"), "comma": _("，"),
    }  # fmt: skip


@register.simple_tag
def attain(now: Any, target: Any, pace: Any = None, direction: str = "", light: str = "", unit: str = "") -> SafeString:
    """Bar = now, stroke = target, caret = pace today; ``direction`` 'negative' adds the words 低于目标为好."""
    said = _bar_words(get_language())
    words = [said["now"] % {"value": _worded(now, unit, target)}]
    if pace not in (None, ""):
        words.append(said["pace"] % {"value": _worded(pace, unit, target)})
    if target not in (None, ""):
        words.append(said["target"] % {"value": _worded(target, unit, target)})
    if direction in ("negative", "down", "-"):
        words.append(said["below"])
    bar = figures.attainment_bar(now, target, pace, light)
    places = ((_NOW, bar.now), (_STROKE, bar.target), (_CARET, bar.pace))
    parts = _BED + "".join(shape.format(at) for shape, at in places if at is not None)
    tone = f" {bar.tone}" if bar.tone else ""
    return mark_safe(_BAR.format(tone=tone, words=escape(said["comma"].join(words)), parts=parts))


def _worded(value: Any, unit: str, target: Any) -> str:
    """A figure of a bar in words: as exact as its target, at least two decimals."""
    places = min(figures.decimals(value), max(2, figures.decimals(target)))
    text = figures.group_digits(value, places)
    return text if text == "—" else f"{text}{speaking.unit_word(unit)}"


@register.inclusion_tag("pages/timeline.html", takes_context=True)
def timeline(context: template.Context, entries: Iterable[Mapping[str, Any]], label: str = "") -> dict[str, Any]:
    """Entries newest first: keys title, who, unit, at, text, refs, kind ('' | 'now' | 'back')."""
    return {"entries": entries, "label": label or _("流程记录"), "request": context.get("request")}


@register.inclusion_tag("pages/empty.html")
def empty(title: str, reason: str = "", url: str = "", action: str = "", icon: str = "inbox") -> dict[str, Any]:
    """An empty state: what is empty, why, and one action."""
    return {"title": title, "reason": reason, "url": url, "action": action, "icon_name": icon}


@register.inclusion_tag("pages/pager.html")
def pager(listing: Any) -> dict[str, Any]:
    """Total, shown range, page size and page links of a Listing."""
    return {"listing": listing}


@register.inclusion_tag("pages/filterbar.html")
def filterbar(listing: Any) -> dict[str, Any]:
    """The filters of a Listing; applied ones are filled and removable one by one."""
    return {"listing": listing}


@register.inclusion_tag("pages/segments.html")
def segments(listing: Any, key: str) -> dict[str, Any]:
    """One choice filter as a row of buttons with counts (lights as filters)."""
    return {"filter": listing.filter(key), "listing": listing}


@register.inclusion_tag("pages/saved_views.html", takes_context=True)
def saved_views(context: template.Context, listing: Any) -> dict[str, Any]:
    """The person's saved views of this list and a field to save the present one."""
    return {"listing": listing, "views": listing.saved_views(), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("pages/sortable.html")
def sortable(listing: Any, key: str, label: str, css: str = "") -> dict[str, Any]:
    """A table head cell whose link sorts the list."""
    return {"label": label, "css": css, "sort": listing.sort_state(key)}


@register.inclusion_tag("pages/confirm.html", takes_context=True)
def confirm_dialog(
    context: template.Context,
    id: str,
    title: str,
    url: str,
    *,
    consequence: str = "",
    action: str = "",
    opinion: str = "",
    opinion_label: str = "",
    danger: bool = False,
    fields: Mapping[str, Any] | None = None,
    method: str = "post",
) -> dict[str, Any]:
    """A native dialog. ``title`` is the act; ``opinion``: '' none, 'optional' or 'required' (button waits for it)."""
    return {
        "id": id,
        "title": title,
        "url": url,
        "consequence": consequence,
        "action": action or title,
        "opinion": opinion,
        "opinion_label": opinion_label or _("意见"),
        "danger": danger,
        "fields": (fields or {}).items(),
        "method": method,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("pages/toast.html")
def toast(text: str, undo_url: str = "") -> dict[str, Any]:
    """A message that leaves after 6 s, with 撤销 when the act can be undone. Errors are never toasts."""
    return {"text": text, "undo_url": undo_url}


@register.inclusion_tag("pages/tabs.html")
def tabs(entries: Iterable[Mapping[str, Any]], label: str = "") -> dict[str, Any]:
    """Tabs as links: keys label, url, count, current."""
    return {"entries": entries, "label": label}


@register.inclusion_tag("pages/rowerror.html")
def rowerror(columns: int, cell: str, why: str, right: str = "") -> dict[str, Any]:
    """A table row under a faulty one: cell, reason, what would be right. ``columns`` is the table's width."""
    return {"columns": columns, "cell": cell, "why": why, "right": right}


@register.inclusion_tag("pages/stat.html", takes_context=True)
def stat(
    context: template.Context,
    label: str,
    value: Any,
    unit: str = "",
    *,
    url: str = "",
    note: str = "",
    ref: Any = "",
    icon: str = "",
    tone: str = "",
    time: Any = None,
) -> dict[str, Any]:
    """A tile: label, number with unit, comparison, data time and its source (``url`` or ``ref``)."""
    return {
        "label": label,
        "value": value,
        "unit": unit,
        "url": url,
        "note": note,
        "chip": _chip(ref, _viewer(context), "") if ref else "",
        "icon_name": icon,
        "tone": tone,
        "time": time,
    }


@register.inclusion_tag("pages/chart.html")
def chart(spec: Any, height: str = "") -> dict[str, Any]:
    """A chart with its table. ``spec`` is a ``charts.Chart``; ``height``: '', 'low' or 'tall'."""
    return {"spec": spec, "height": height or ("low" if spec.kind == "calendar" else ""), "id": new_id("chart")}


@register.inclusion_tag("pages/drawn.html")
def drawn(spec: Any) -> dict[str, Any]:
    """A small chart drawn on the server, with its table for those who do not see it. ``spec``: ``drawing.Drawing``."""
    return {"spec": spec}


@register.inclusion_tag("pages/choropleth.html")
def choropleth(spec: Any) -> dict[str, Any]:
    """A map drawn on the server as SVG, with its legend and table. ``spec`` is a ``maps.Choropleth``."""
    return {"spec": spec, "id": new_id("map")}


@register.inclusion_tag("pages/locator.html")
def locator(spec: Any) -> dict[str, Any]:
    """Places on a map drawn on the server. ``spec`` is a ``maps.Locator``."""
    return {"spec": spec, "id": new_id("locator")}


@register.simple_tag
def query_with(request: HttpRequest | None, **changes: Any) -> str:
    """The present address with some parameters changed; None removes one."""
    asked = getattr(request, "GET", None)
    query = dict(asked.lists()) if asked is not None else {}
    for key, value in changes.items():
        if value is None:
            query.pop(key, None)
        else:
            query[key] = [str(value)]
    text = urlencode(query, doseq=True)
    path = getattr(request, "path", "")
    return f"{path}?{text}" if text else path or "?"


@register.simple_tag
def drawer_attrs(url: str) -> SafeString:
    """Attributes of a link that opens ``url`` as a drawer beside the list; without a script it opens as a page."""
    return format_html(
        'href="{}" hx-get="{}" hx-target="#drawer" hx-select="#drawer" hx-swap="outerHTML show:none" '
        'hx-push-url="true" data-drawer',
        url,
        url,
    )


@register.filter
def get_item(mapping: Mapping[Any, Any], key: Any) -> Any:
    """``mapping[key]`` or None."""
    return mapping.get(key) if mapping else None


@register.filter
def width_class(percent: Any) -> str:
    """The class ``w-0`` to ``w-100`` for a share in percent (widths without inline styles)."""
    try:
        number = round(float(percent))
    except (TypeError, ValueError):
        number = 0
    return f"w-{min(100, max(0, number))}"
