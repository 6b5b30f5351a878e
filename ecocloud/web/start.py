"""Hanging the kernel's knowledge on the base floor's hooks, once per process."""

from __future__ import annotations

from typing import Any

from ecocloud.base.pages import hooks as page_hooks
from ecocloud.kernel.journal.refs import RefError, resolve


def _source(text: str, viewer: Any) -> page_hooks.Source | None:
    try:
        found = resolve(text, viewer)
    except RefError:
        return None
    return page_hooks.Source(label=found.place or found.title, url=found.url, title=found.title)


def hooks() -> None:
    """Let evidence chips resolve references."""
    page_hooks.set_ref_resolver(_source)
