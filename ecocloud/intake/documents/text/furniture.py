"""Page furniture: navigation, buttons, editors, copyright, page numbers, running heads, abstracts that repeat the text.

Lines that say when, where or by whom a document was published stay: they are facts of the document.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict

from ecocloud.intake.documents.text.source import SourceText, fold

PAGE_LINE = re.compile(
    r"[ \t\u3000]*(?:[-—–－―·•]{1,3}[ \u3000]*(\d{1,4})[ \u3000]*[-—–－―·•]{1,3}"
    r"|第[ ]*(\d{1,4})[ ]*页(?:[ ,，/]*共[ ]*\d{1,4}[ ]*页)?"
    r"|(\d{1,4})[ ]*/[ ]*\d{1,4}|[Pp]age[ ]*(\d{1,4})(?:[ ]*of[ ]*\d{1,4})?)[ \t\r\u3000]*"
)
SENTENCE = re.compile(r"[。；]|[，：:,].{20,}[，,]")
META = re.compile(r"(?:19|20)\d{2}[-/.年]\s?\d{1,2}[-/.月]|来源|发文|发布机构|发布单位|文号|索引号")
CONTACT = re.compile(r"^[\s\d()（）@.:：/\-A-Za-z电话邮箱传真编网址]+$")
PHOTO = re.compile(r"^.{0,40}[（(](?:本报|本网|通讯员|记者|资料图|图为)?.{0,12}(?:摄|供图|图片来源.{0,12})[)）]$")
SPLIT = re.compile(r"[\s|｜【】\[\]<>《》·:：,，/]+")
MOST_LINE = 160
MOST_SHARE = 0.6
RUNNING_HEAD = 40
TEASER_KEY = 24


class Furniture(BaseModel):
    """The words of ``data/furniture.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: int
    leads: list[str]
    tokens: list[str]
    buttons: list[str]
    crumbs: list[str]
    teasers: list[str]


@cache
def furniture_words() -> Furniture:
    """Words of web and printed pages, through a checked schema."""
    text = resources.files("ecocloud.intake.documents").joinpath("data", "furniture.yaml").read_text("utf-8")
    return Furniture(**yaml.safe_load(text))


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    words = furniture_words()

    def any_of(found: list[str]) -> str:
        return "(?:" + "|".join(re.escape(w) for w in sorted(found, key=lambda w: (-len(w), w))) + ")"

    return {
        "leads": re.compile(rf"[\s【\[(（>]*(?:{any_of(words.leads)}|Copyright|(?:征求意见|征集|反馈)结果)", re.I),
        "tokens": re.compile(any_of(words.tokens), re.I),
        "crumbs": re.compile(rf"[\s【\[(（]*{any_of(words.crumbs)}.{{0,80}}[>＞»›→]"),
        "teasers": re.compile(rf"[\s【\[(（]*{any_of(words.teasers)}[\]】)）]?[ \t]*[:：\s]"),
    }


def is_furniture(line: str) -> bool:
    """Whether a line is certainly furniture: no sentence, no date or source, and one of the known forms."""
    words = line.strip()
    if not words or len(words) > MOST_LINE or SENTENCE.search(words):
        return False
    patterns = _patterns()
    if patterns["crumbs"].match(words):
        return True
    if META.search(words) and not patterns["tokens"].search(words):
        return False
    if patterns["leads"].match(words) or patterns["tokens"].search(words):
        return True
    parts = [p for p in SPLIT.split(words) if p]
    return bool(parts) and len(words) <= 60 and all(p in furniture_words().buttons for p in parts)


def _lines(text: str) -> list[tuple[int, int]]:
    """(start, end) of the lines, line ends left out."""
    out, at = [], 0
    for line in text.split("\n"):
        out.append((at, at + len(line)))
        at += len(line) + 1
    return out


def _is_loose(line: str) -> bool:
    """A line that may stand between furniture: empty, short without a sentence, an address or a number."""
    words = line.strip()
    return not words or bool(CONTACT.match(words)) or (len(words) <= 24 and not SENTENCE.search(words))


def drop_furniture(source: SourceText) -> SourceText:
    """Navigation above the title, buttons and imprint behind the text, captions of photographs.

    At the end everything from the first furniture line of the closing run goes (the run holds short lines without
    sentences only); above the title only the furniture lines themselves.
    """
    text = source.text
    lines = _lines(text)
    marks = [is_furniture(text[a:b]) for a, b in lines]
    edits: list[tuple[int, int, str]] = []
    first = len(lines)
    for at in range(len(lines) - 1, -1, -1):
        if marks[at]:
            first = at
        elif not _is_loose(text[lines[at][0] : lines[at][1]]):
            break
    head = True
    for at, (start, end) in enumerate(lines[:first]):
        head = head and end - start <= MOST_LINE and at < 40 and not SENTENCE.search(text, start, end)
        if (marks[at] and head) or PHOTO.match(text[start:end].strip()):
            edits.append((start, min(end + 1, len(text)), ""))
    kept = [a for a, b in lines[:first] if text[a:b].strip()]
    if first < len(lines) and kept:
        edits.append((lines[first][0], len(text), ""))
    if sum(b - a for a, b, _ in edits) > MOST_SHARE * len(text):
        return source
    return source.edit("page_furniture", edits)


def drop_page_lines(source: SourceText) -> SourceText:
    """Lines with a page number, and the running heads beside them.

    Proof: at least two page numbers that grow by one. A running head is a short line that stands beside a page number
    (or a form feed) at least three times.
    """
    text = source.text
    lines = _lines(text)
    numbered = [(at, int(next(g for g in m.groups() if g))) for at, (a, b) in enumerate(lines)
                if b - a <= 30 and (m := PAGE_LINE.fullmatch(text, a, b))]  # fmt: skip
    follows = {at for (at, n), (_, m) in zip(numbered, numbered[1:], strict=False) if m == n + 1}
    follows |= {at for (_, n), (at, m) in zip(numbered, numbered[1:], strict=False) if m == n + 1}
    feeds = {at for at, (a, b) in enumerate(lines) if "\f" in text[a:b]}
    if len(follows) < 2 and len(feeds) < 2:
        return source
    beside: Counter[str] = Counter()
    near: dict[int, str] = {}
    for at in sorted(follows | feeds):
        for step in (1, -1) if at in follows else (0, 1, -1):
            other = _next(text, lines, at, step, follows) if step else at
            if other is None or other in near:
                continue
            key = re.sub(r"[\d\s\f]+", "", fold(text[slice(*lines[other])]))
            if 4 <= len(key) <= RUNNING_HEAD and not SENTENCE.search(key):
                near[other] = key
                beside[key] += 1
    heads = {at for at, key in near.items() if beside[key] >= 3}
    drop = sorted(follows | heads)
    edits = []
    for at in drop:
        start, end = lines[at][0], min(lines[at][1] + 1, len(text))
        if edits and not text[edits[-1][1] : start].strip():
            edits[-1] = (edits[-1][0], end, "")
        else:
            edits.append((start, end, ""))
    return source.edit("page_numbers_and_heads", [_close(text, *e[:2]) for e in edits])


def _next(text: str, lines: list[tuple[int, int]], at: int, step: int, skip: set[int]) -> int | None:
    """The next line in a direction that is neither blank nor a page number, at most three lines away."""
    for other in range(at + step, at + 4 * step, step):
        if not 0 <= other < len(lines):
            return None
        if other not in skip and text[slice(*lines[other])].strip():
            return other
    return None


def _close(text: str, start: int, end: int) -> tuple[int, int, str]:
    """The edit of a page break, with the blank lines around it: what stands on both sides are neighbours again."""
    while start > 0 and text[start - 1] in " \t\r\n\f":
        start -= 1
    stop = end
    while stop < len(text) and text[stop] in "\r\n\f":
        stop += 1
    return (start, stop, "\n") if start and stop < len(text) else (start, end, "")


def drop_teaser(source: SourceText) -> SourceText:
    """An abstract above the text that is cut off (``...``) and repeats its beginning word for word."""
    text = source.text
    edits = []
    for start, end in _lines(text)[:30]:
        line = text[start:end].strip()
        if len(line) < TEASER_KEY or not line.endswith(("...", "…")):
            continue
        label = _patterns()["teasers"].match(line)
        words = line[label.end() :] if label else line
        plain = re.sub(r"\s+", "", words.rstrip(".… "))
        key, last = plain[:TEASER_KEY], plain[-12:]
        behind = re.sub(r"\s+", "", text[end : end + 40 * MOST_LINE])
        if len(key) == TEASER_KEY and key in behind and last in behind:
            edits.append((start, min(end + 1, len(text)), ""))
    return source.edit("repeated_abstract", edits)
