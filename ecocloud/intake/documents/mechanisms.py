"""Mechanisms: arrangements that a document sets up or uses (ledgers, lists, monitoring, assessment, plans, funds ...).

Lexical: a phrase whose name ends with a word of ``data/mechanisms.yaml``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from ecocloud.intake.documents.context import Context
from ecocloud.intake.documents.lexicon import any_of, mechanism_words
from ecocloud.intake.documents.phrases import Phrase, bare, clauses, members

MARKS = re.compile(r"[①-⑳]")
TAILS = re.compile(
    r"(?:建设|工作|成效|水平|力度|能力|成果|要求|任务|稳步推进|等形式|等活动|等|的|作用|创新|改革|项目|发展|情况|有关|事项|模式|做法|等产品|全覆盖|进程)$"
)


@dataclass
class Mechanism:
    """One mechanism, offsets in the text that is read."""

    start: int
    end: int
    name: str
    type: str
    path: str = ""
    status: str = "operating"
    rules: list[str] = field(default_factory=list)
    confidence: float = 0.45


@cache
def _heads() -> tuple[dict[str, str], list[int]]:
    table = {word: kind for kind, words in mechanism_words().heads.items() for word in words}
    return table, sorted({len(word) for word in table}, reverse=True)


@cache
def _not_names() -> re.Pattern[str]:
    return re.compile(any_of(mechanism_words().not_names))


def head_of(name: str) -> tuple[str, str] | None:
    """(head word, type) that a name ends with, or None."""
    plain = name.rstrip("”》)")
    table, sizes = _heads()
    for size in sizes:
        if len(plain) >= size and plain[-size:] in table:
            return plain[-size:], table[plain[-size:]]
    return None


def trim(words: str) -> str:
    """Take 工作, 能力 and the like off the end while a head is left."""
    while not head_of(words):
        match = TAILS.search(words)
        if not match or match.start() < 3:
            return words
        words = words[: match.start()]
    return words


def find_mechanisms(text: str, context: Context) -> list[Mechanism]:
    """All mechanisms of the body, in order (half-width text); the same name is kept once per top section."""
    found: list[Mechanism] = []
    seen: set[tuple[str, str]] = set()
    for clause in clauses(text, context):
        for mechanism in _clause(text, clause):
            key = (mechanism.name, context.section(mechanism.start).path)
            if key in seen:
                continue
            seen.add(key)
            mechanism.path = context.locator.path(mechanism.start)
            found.append(mechanism)
    return found


def _clause(text: str, clause: Phrase) -> list[Mechanism]:
    whole = _make(text, clause, clause.start, clause.end, 40)
    if whole is not None:
        return [whole]
    out = []
    for a, b in members(text, clause.start, clause.end):
        one = _make(text, clause, a, b, 40)
        if one is not None:
            out.append(one)
    return out


def _make(text: str, clause: Phrase, start: int, end: int, longest: int) -> Mechanism | None:
    phrase = bare(text, start, end)
    name = trim(phrase.text)
    head = head_of(name)
    clean = MARKS.sub("", name).strip()
    if head is None or not 3 <= len(clean) <= longest or _not_names().fullmatch(clean):
        return None
    status = next(
        (
            s
            for s, keys in mechanism_words().status.items()
            if any(k in text[clause.start : phrase.start] for k in keys)
        ),
        "pilot" if "试点" in clean else "operating",
    )
    return Mechanism(clause.start, clause.end, clean, head[1], "", status, [f"head:{head[0]}"])
