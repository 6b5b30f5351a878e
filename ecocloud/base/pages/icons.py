"""Which icons pages can draw: the symbols of the sprite that is installed with them."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders

SPRITE = "vendor/icons.svg"
_SYMBOL = re.compile(r'<symbol[^>]*\bid="i-([a-z0-9-]+)"')


def names() -> frozenset[str] | None:
    """The names of the icons in the sprite; None on an installation without one, where nothing is known."""
    found = finders.find(SPRITE)
    return _read(found) if found else None


@lru_cache(maxsize=4)
def _read(path: str) -> frozenset[str]:
    return frozenset(_SYMBOL.findall(Path(path).read_text("utf-8")))
