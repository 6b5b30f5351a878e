"""The English of a pack: what the packs that come with the product must say in English too. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from ecocloud.base.units import english_unit

CHINESE = re.compile(r"[\u4e00-\u9fff]")
_PAIRS = (("help", "help_en"), ("summary", "summary_en"), ("proof", "proof_en"), ("text", "text_en"),
          ("missing", "missing_en"), ("refusal_zh", "refusal_en"), ("zh", "en"))  # fmt: skip
# Official names and data stay as they are: sources, indicators (the catalogue is Chinese), examples.
_OFFICIAL = frozenset({"sources", "indicators", "examples"})


def missing_english(part: BaseModel, path: tuple = ()) -> Iterator[tuple[tuple, str]]:
    """Where a definition is Chinese only: the path of the key that is missing or Chinese, and the Chinese text."""
    fields = type(part).model_fields
    for chinese, english in _PAIRS:
        text = getattr(part, chinese, "") if chinese in fields and english in fields else ""
        if text and not getattr(part, english):
            yield (*path, english), text
    unit = getattr(part, "unit", "")
    if unit and CHINESE.search(english_unit(unit)):
        yield (*path, "unit"), unit
    for name in fields:
        if name not in _OFFICIAL:
            yield from _inside(getattr(part, name), (*path, name))


def _inside(value: Any, path: tuple) -> Iterator[tuple[tuple, str]]:
    if isinstance(value, BaseModel):
        yield from missing_english(value, path)
    elif isinstance(value, tuple):
        for position, one in enumerate(value):
            yield from _inside(one, (*path, position))
