"""Rows of the ledger. Drawn here and not by a template: it is the page people open most, with twenty rows and more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ecocloud.base.pages.templatetags.pages import attain, drawer_attrs, light, query_with
from ecocloud.kernel.duties.models import WorkItem

register = template.Library()


@register.simple_tag(takes_context=True)
def item_rows(
    context: template.Context, rows: Iterable[WorkItem], bulk: Any = False, opens: str = "page"
) -> SafeString:
    """The table rows of ``rows`` (each with ``shown``). ``bulk`` adds the box to choose a row; ``opens`` 'drawer' or
    'page' says how a title opens its item."""
    request: HttpRequest = context["request"]
    opened = getattr((context.get("opened") or {}).get("item"), "pk", None)
    words = _("无期限"), _("选择")
    return mark_safe(  # noqa: S308 every part is escaped where it is made
        "".join(_row(item, request, words, bool(bulk), opens == "drawer", item.pk == opened) for item in rows)
    )


def _row(item: WorkItem, request: HttpRequest, words: tuple[str, str], bulk: bool, drawer: bool, chosen: bool) -> str:
    shown, code = item.shown, escape(item.code)
    endless, choose = words
    address = drawer_attrs(query_with(request, open=item.pk)) if drawer else format_html('href="{}"', shown.url)
    source = f" · {escape(shown.source)}" if shown.source else ""
    if shown.deadline:
        left = shown.days
        days = f"<small>{escape(left)}</small>" if left else ""
        due = f"{shown.deadline}{days}"
    else:
        due = f'<span class="muted">{escape(endless)}</span>'
    pace = f'<span class="muted">{shown.planned_text}%</span>' if shown.planned_text else ""
    return "".join(
        (
            '<tr aria-selected="true">' if chosen else "<tr>",
            f'<td class="hide pick"><input type="checkbox" name="item" value="{item.pk}"'
            f' aria-label="{escape(choose)} {code}"></td>' if bulk else "",
            f'<td class="full"><span class="tk"><a class="t" {address}>{escape(item.title)}</a>'
            f"<small>{code} · {escape(shown.state)}{source}</small></span></td>",
            f'<td class="unit-name">{escape(item.lead_department.label)}</td><td class="num date">{due}</td>',
            f'<td><span class="pg"><span class="pg-v num"><b>{shown.progress_text}%</b>{pace}</span>',
            attain(item.progress, 100, shown.planned, "", shown.level, "%"),
            f"</span></td><td>{light(shown.level, shown.word)}</td></tr>\n",
        )
    )  # fmt: skip
