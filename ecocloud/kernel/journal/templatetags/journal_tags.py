"""Tags for pages that show entries of the journal."""

from __future__ import annotations

from django import template

from ecocloud.kernel.journal.words import action_word as word_of

register = template.Library()


@register.filter
def action_word(code: str) -> str:
    """An action in words, in the language of the page; an unknown one as its code."""
    return word_of(code)
