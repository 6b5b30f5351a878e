"""Tags of the room's templates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import get_language

register = template.Library()


@register.filter
def say(step: Any) -> str:
    """A step (Chinese and English) in the language of the page."""
    if step is None:
        return ""
    return step.en if (get_language() or "").startswith("en") else step.zh


@register.filter
def amount(value: Decimal | None, indicator: Any) -> str:
    """A value with the indicator's unit and decimals, as pages print it."""
    from ecocloud.kernel.evidence.rules import show

    if value is None:
        return "—"
    decimals = max(indicator.decimals, 0)
    exact = -value.normalize().as_tuple().exponent if value else 0
    return show(value, indicator.unit, min(decimals, max(exact, 0)) if exact <= decimals else decimals)
