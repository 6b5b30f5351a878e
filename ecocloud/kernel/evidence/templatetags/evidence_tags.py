"""Tags of the room's templates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ecocloud.base.pages.templatetags.pages import figure

register = template.Library()
_KINDS = {"doc": "文件", "row": "表格", "lake": "监测", "user": "人员", "obs": "数据", "target": "目标", "item": "事项",
          "file": "附件", "import": "导入", "demo": "演示数据", "public": "公开报告", "web": "公开来源"}  # fmt: skip


@register.simple_tag
def source_chip(ref: str) -> SafeString:
    """A chip for rows of a list: opens the source without reading it now, so that a list costs no query per row."""
    if not ref:
        return mark_safe("")
    kind, _colon, key = str(ref).partition(":")
    if kind == "obs" and key.isdecimal():
        url = reverse("evidence:observation", args=[key])
    elif kind == "target" and key.split("@")[0].isdecimal():
        url = reverse("evidence:target", args=[key.split("@")[0]])
    else:
        try:
            url = reverse("web:source", args=[ref])
        except NoReverseMatch:
            return format_html('<span class="ev off" data-ref="{}">{}</span>', ref, ref)
    icon = format_html('<svg class="i" aria-hidden="true"><use href="{}#i-link-2"/></svg>', static("vendor/icons.svg"))
    return format_html('<a class="ev" href="{}" title="{}" data-ref="{}">{}<span>{}</span></a>', url, ref, ref, icon,
                       _(_KINDS.get(kind, "来源")))  # fmt: skip


@register.filter
def say(step: Any) -> str:
    """A step (Chinese and English) in the language of the page."""
    if step is None:
        return ""
    return step.en if (get_language() or "").startswith("en") else step.zh


@register.filter
def named(indicator: Any) -> str:
    """An indicator's name in the language of the page."""
    english = (get_language() or "").startswith("en") and indicator.en
    return indicator.en if english else indicator.zh


@register.filter
def amount(value: Decimal | None, indicator: Any) -> str:
    """A value with the indicator's unit and decimals, as pages print it."""
    from ecocloud.kernel.evidence.rules import show

    return "—" if value is None else show(value, indicator.unit, _places(value, indicator))


def _places(value: Decimal, indicator: Any) -> int:
    """As many decimals as the indicator has, fewer where the value has fewer."""
    decimals = max(indicator.decimals, 0)
    exact = -value.normalize().as_tuple().exponent if value else 0
    return min(decimals, max(exact, 0))


@register.simple_tag
def measured(value: Decimal | None, indicator: Any) -> SafeString:
    """A value in the indicator's decimals, its unit one step smaller."""
    return figure(value, indicator.unit, None if value is None else _places(value, indicator))
