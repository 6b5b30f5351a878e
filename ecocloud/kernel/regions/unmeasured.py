"""What is never measured (减负): no indicator, formula, figure or rule is made of logins, time on line, punch-ins,
length of tracks, number of uploads or clicks. One list of words (``data/unmeasured.yaml``) for every place where
formulas are given."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from ecocloud.base.errors import EcoError

_PLAIN = re.compile(r"[\s._\-/:]+")


class Unmeasured(EcoError):
    """A formula is made of something that is never measured."""

    code = "regions.unmeasured"


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Basis(_Fact):
    """A document that forbids it."""

    citation: str
    mark: Literal["verified", "verified-secondary", "from_memory"]


class Words(_Fact):
    """One sort of trace with its words."""

    code: str
    zh: tuple[str, ...]
    en: tuple[str, ...]


class File(_Fact):
    """``data/unmeasured.yaml``."""

    basis: tuple[Basis, ...]
    equipment: tuple[str, ...]
    words: tuple[Words, ...]


@cache
def facts() -> File:
    """The words and what they rest on."""
    text = (files("ecocloud.kernel.regions") / "data" / "unmeasured.yaml").read_text("utf-8")
    return File.model_validate(yaml.safe_load(text))


@cache
def _table() -> tuple[tuple[str, str], ...]:
    rows = [(word, word) for one in facts().words for word in one.zh]
    return (*rows, *((word, word) for one in facts().words for word in one.en))


def word_in(*texts: str) -> str:
    """The first word of the list that one of ``texts`` holds, '' without any."""
    for text in texts:
        plain = _PLAIN.sub("", text or "").lower()
        if any(one in plain for one in facts().equipment):
            continue
        for word, shown in _table():
            if word in plain:
                return shown
    return ""


def sentences(word: str) -> tuple[str, str, str]:
    """What is told of a word: Chinese sentence, English sentence, remedy."""
    return (
        f"“{word}”记录的是操作痕迹，不得作为考核、计算或判断的依据。",
        f"{word!r} is a trace of use and is never measured",
        "请改用工作成效，如问题办结数、按期率、水质类别。",
    )


def refuse(*texts: str, field: str = "") -> None:
    """Raise :class:`Unmeasured` when one of ``texts`` (names, codes, definitions) holds such a word."""
    word = word_in(*texts)
    if word:
        zh, en, remedy = sentences(word)
        raise Unmeasured(zh, en, where={"字段": field} if field else {}, value=word, remedy_zh=remedy)
