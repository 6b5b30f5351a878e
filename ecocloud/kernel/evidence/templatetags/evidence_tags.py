"""Tags of the room's templates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from ecocloud.base.pages.templatetags.pages import chip, figure

register = template.Library()


@register.simple_tag
def source_chip(ref: str) -> SafeString:
    """The chip of a value's or target's source for rows of a list."""
    return chip(ref)


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
