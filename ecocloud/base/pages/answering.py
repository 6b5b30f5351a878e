"""How a page answers a step a person took: done or refused is told on the page it goes back to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.speaking import is_english

# What a person may not do, or does not see: a page of its own, never a line on another.
_RAISED = (403, 404)


def refusal(error: EcoError) -> str:
    """What was refused and what to do, in the language of the page."""
    return error.message_en[:1].upper() + error.message_en[1:] if is_english() else error.sentence_zh()


def attempt(request: HttpRequest, act: Callable[[], Any], done: str, words: Callable[[EcoError], str] = refusal) -> Any:
    """Take a step and tell ``done``, or why not in ``words``. Returns what ``act`` gave, None when it was refused.

    What the person may not do or see (403, 404) is raised.
    """
    try:
        found = act()
    except EcoError as error:
        if error.http_status in _RAISED:
            raise
        messages.error(request, words(error))
        return None
    messages.success(request, done)
    return found
