"""Tags of the room's templates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.safestring import SafeString

from ecocloud.base.pages import speaking
from ecocloud.base.pages.templatetags.pages import chip, figure
from ecocloud.kernel.evidence.display import aims, group_names, indicator_name
from ecocloud.kernel.regions.models import in_language

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
    return in_language(step.zh, step.en)


@register.filter
def named(indicator: Any) -> str:
    """An indicator's name in the language of the page."""
    return indicator_name(indicator)


@register.filter
def spanned(span: Any) -> str:
    """A period in the language of the page."""
    return in_language(span.label_zh(), span.label_en())


@register.filter
def aim(operator: str) -> str:
    """The words of a target's operator (不低于) in the language of the page."""
    return aims().get(operator, operator)


@register.filter
def subject(indicator: Any) -> str:
    """The group an indicator belongs to in the language of the page; its stored name where the catalogue lacks it."""
    return dict(group_names()).get(indicator.group, indicator.group_zh)


@register.filter
def amount(value: Decimal | None, indicator: Any) -> str:
    """A value with the indicator's unit and decimals, as pages print it."""
    from ecocloud.kernel.evidence.rules import show

    return "—" if value is None else show(value, speaking.unit_word(indicator.unit), _places(value, indicator))


def _places(value: Decimal, indicator: Any) -> int:
    """As many decimals as the indicator has, fewer where the value has fewer."""
    decimals = max(indicator.decimals, 0)
    exact = -value.normalize().as_tuple().exponent if value else 0
    return min(decimals, max(exact, 0))


@register.simple_tag
def measured(value: Decimal | None, indicator: Any) -> SafeString:
    """A value in the indicator's decimals, its unit one step smaller."""
    return figure(value, indicator.unit, None if value is None else _places(value, indicator))
