"""Actions in words."""

from __future__ import annotations

from django.utils.translation import get_language

from ecocloud.base.rooms import action_words


def action_word(code: str) -> str:
    """The action ``code`` in the language of the page; the code itself when no room has words for it."""
    zh, en = action_words().get(code, (code, code))
    return en if (get_language() or "").startswith("en") else zh
