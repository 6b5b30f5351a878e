"""Clauses, the objects of their verbs and the heads inside them, with exact offsets: the common ground of projects and
mechanisms.

A clause of official Chinese runs adverb, verb, object: 扎实推进甲乙丙体系建设. The object is bounded on the left by the
last verb that governs it (``data/phrases.yaml``), on the right by a head word of the reader (平台, 机制) with nothing
but tails, numbers, verbs or punctuation behind it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from ecocloud.intake.documents.context import Context
from ecocloud.intake.documents.lexicon import any_of, phrase_words
from ecocloud.intake.documents.segments import Node, lines_of

OPENING, CLOSING = "(“《[", ")”》]"
LONGEST = 250
BREAK = ",;。:!?\n"
MARKS = re.compile(r"[①-⑳]")
COUNTERS = "个|座|条|家|处|项|所|片|类|种|支|名|场|期|批|件|户|台|套|宗|起|只|辆|村|镇"
NUMBER = re.compile(
    rf"(?:\d+(?:\.\d+)?|[一二三四五六七八九十百]+)[多余]?[万亿]?(?:{COUNTERS}|亩|公里|吨|千瓦|平方米|公顷)(?:以上)?的?"
)
PREAMBLE = re.compile(
    r"(?:深入|全面|认真|坚决|积极|牢固)*(?:贯彻|学习|牢固树立|树立|践行|聚焦|围绕|紧盯|以.{1,30}为(?:指导|引领|目标|重点|抓手|契机|主线|平台))"
)
LOOSE = re.compile(r"[在以把将从即与及于是]")
LABEL = re.compile(r"[\u4e00-\u9fff]{2,8}:")
GENERAL = re.compile(r"总体要求|指导思想|工作目标|主要目标|目标任务是")
MEASURE = re.compile(r"\d(?:[万亿余多]*(?:[\u4e00-\u9fff]{1,3}|[a-z]+\d?))?(?:以上)?、")
AND = re.compile(r"以及|和(?!谐|平|美)|及(?!其|时|地)|与(?!会)")


@dataclass(frozen=True)
class Clause:
    """A clause: ``start``-``end`` without the punctuation; ``title`` is true for the sentence that a numbered item
    begins with when more text follows; ``mode`` is that of the section; ``general`` marks paragraphs of guiding
    thought and overall aims."""

    start: int
    end: int
    text: str
    title: bool
    mode: str
    general: bool


@dataclass(frozen=True)
class Head:
    """A head word at ``start``-``end`` with the kind it stands for."""

    start: int
    end: int
    word: str
    kind: str


@dataclass
class Group:
    """The object of one verb: ``start``-``end`` up to its last head, ``heads`` in order, ``verb`` in front of it,
    ``subject`` what stands in front of the verb (甲县 in 甲县建设乙中心)."""

    start: int
    end: int
    verb: str
    subject: str
    heads: list[Head] = field(default_factory=list)


def split_level(text: str, start: int, end: int, separators: str) -> list[tuple[int, int]]:
    """Split at separators outside brackets and quotes."""
    out, level, first = [], 0, start
    for match in _signs(separators).finditer(text, start, end):
        char, at = match.group(), match.start()
        if char in OPENING:
            level += 1
        elif char in CLOSING:
            level = max(0, level - 1)
        elif level == 0:
            out.append((first, at))
            first = at + 1
    out.append((first, end))
    return [(a, b) for a, b in out if text[a:b].strip()]


@cache
def _signs(separators: str) -> re.Pattern[str]:
    return re.compile("[" + re.escape(OPENING + CLOSING + separators) + "]")


def clauses(text: str, context: Context) -> Iterator[Clause]:
    """Clauses of the body in order; notes, page furniture and lists of responsible units left out."""
    for start, end in lines_of(text, *context.body):
        section = context.section(start)
        if section.mode == "notes":
            continue
        for begin, stop in context.locator.stretches(start, end):
            node = context.locator.at(begin)
            general = bool(GENERAL.search(text, begin, min(stop, begin + 60)))
            titled = (-1, -1)
            if node is not None and node.title_end - node.title_start <= 60 and _goes_on(text, node):
                titled = (node.title_start, node.title_end)
            for a, b in split_level(text, begin, stop, BREAK):
                while a < b and text[a].isspace():
                    a += 1
                if text[a] in "([":
                    a = _behind(text, a, b)
                if 3 <= b - a <= LONGEST:
                    inside = titled[0] <= a and b <= titled[1]
                    yield Clause(a, b, text[a:b], inside, section.mode, general)


def _goes_on(text: str, node: Node) -> bool:
    """Whether more than a list of units follows the first sentence of an item."""
    rest = text[node.title_end : min(node.end, node.title_end + 24)]
    if rest[:1] in ",;、":
        return False
    rest = rest.lstrip("。: \n")
    return len(rest) >= 16 and rest[0] not in "([" and not LABEL.match(rest)


def _behind(text: str, start: int, end: int) -> int:
    """The place behind the bracket that opens at ``start`` and stray closing ones."""
    close = text.find(")" if text[start] == "(" else "]", start, end)
    at = close + 1 if close >= 0 else end
    while at < end and text[at] in ")] ":
        at += 1
    return at


@cache
def _front() -> re.Pattern[str]:
    """Everything that may stand in front of the object at the beginning of a clause."""
    words = phrase_words()
    years = r"(?:到|至|截至)?(?:\d{4}|20\d[_Xx×])年(?:\d+月)?(?:底|末|度|前)?"
    times = rf"{years}|\d+月(?:底|份)?前?|[一二三四五六七八九十]是要?"
    verbs = any_of([*words.governing, *words.weak, *words.front_only])
    adverbs = rf"{any_of(words.adverbs)}|{any_of(words.both)}(?={verbs})"
    return re.compile(rf"(?:[ 、]|{times}|{verbs}(?!用地|[、和及与])[了好起到着]?|{adverbs}|{any_of(words.leads)})+")


@cache
def _inner() -> re.Pattern[str]:
    """A verb inside a clause that governs what follows."""
    words = phrase_words()
    ends = "|".join(f"(?<=[^城]{w})" if w == "市" else f"(?<={w})" for w in words.subject_ends)
    subject = rf"(?:{ends}){any_of(words.subject_verbs)}"
    called = rf"(?:{any_of(words.adverbs)}|(?<=[县市区等)])){any_of(words.weak)}"
    return re.compile(
        rf"(?:{any_of(words.governing)}|{called}|{subject})[了好起到着]?(?!{any_of(words.noun_after)})"
        r"(?=[\u4e00-\u9fff“《\dA-Za-z])"
    )


@cache
def _after() -> re.Pattern[str]:
    """What may follow a head that ends a name."""
    words = phrase_words()
    verbs = any_of([*words.governing, *words.behind])
    return re.compile(
        rf"[”》)]?(?:[\u2460-\u2473]|\([^()]{{0,12}}\))?(?:{any_of(words.tails)})*"
        rf"(?:$|[、,;。:()“”《》0-9+等和及与的了已均被获在为成达共由居列占向同较比]|以及|{verbs})"
    )


def _leave_verb(text: str, start: int, stop: int) -> tuple[int, str]:
    """(where the object begins, the words cut off) at the front of a clause."""
    at = start
    while True:
        match = _front().match(text, at, stop)
        number = NUMBER.match(text, match.end() if match else at, stop)
        end = number.end() if number else match.end() if match else at
        if end == at or stop - end < 2:
            return at, text[start:at]
        at = end


def _in_bracket(text: str, start: int, at: int) -> bool:
    return text.rfind("(", start, at) > text.rfind(")", start, at)


@dataclass(frozen=True)
class HeadWords:
    """Head words with their kinds, ready for search."""

    kinds: Mapping[str, str]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, table: Mapping[str, list[str]]) -> HeadWords:
        """From lists of words by kind."""
        kinds = {word: kind for kind, words in table.items() for word in words}
        tree: dict[str, list[str]] = {}
        for word in sorted(kinds, key=lambda w: (-len(w), w)):
            tree.setdefault(word[0], []).append(re.escape(word[1:]))
        return cls(
            kinds, re.compile("|".join(f"{re.escape(a)}(?:{'|'.join(rest)})" for a, rest in sorted(tree.items())))
        )

    def groups(self, text: str, clause: Clause, crossing: Callable[[Head], bool] = lambda _: False) -> list[Group]:
        """The objects of a clause that end with a head. A head with nothing of its own behind its verb (建立台账) is
        left out unless ``crossing`` allows it to take what stands in front of the verb."""
        heads = []
        for match in self.pattern.finditer(text, clause.start, clause.end):
            if _after().match(text, match.end(), clause.end) and not _in_bracket(text, clause.start, match.start()):
                heads.append(Head(match.start(), match.end(), match.group(), self.kinds[match.group()]))
        if not heads:
            return []
        edges, verbs = _edges(text, clause, heads[-1].end)
        out: list[Group] = []
        for head in heads:
            at = max(0, bisect_right(edges, head.start) - 1)
            crossed = 0
            while (
                at > 0
                and head.start - edges[at] < 2
                and text[edges[at]] not in "“《"
                and len(head.word) < 4
                and not head.word.isascii()
            ):
                at -= 1
                crossed += 1
            if crossed and not crossing(head):
                continue
            start = min(edges[at], head.start)
            if out and out[-1].start == start:
                out[-1].heads.append(head)
                out[-1].end = head.end
            else:
                subject = text[edges[0] : start - len(verbs[at])] if at else ""
                out.append(Group(start, head.end, verbs[at], subject, [head]))
        for group in out:
            _close(text, clause, group)
        return out


def _edges(text: str, clause: Clause, stop: int) -> tuple[list[int], list[str]]:
    """Where objects begin, and the verb in front of each."""
    first, lead = _leave_verb(text, clause.start, stop)
    edges, verbs = [first], [lead]
    quoted = [(m.start(), m.end()) for m in re.finditer(r"“[^”]*”|《[^》]*》|\([^)]*\)", text[clause.start : stop])]
    cuts = [(m.end(), m.group()) for m in _inner().finditer(text, first, stop)]
    cuts += [(m.end(), "") for m in MEASURE.finditer(text, first, stop)]
    for at, verb in sorted(cuts):
        inside = at - clause.start
        if at < edges[-1] or any(a < inside < b for a, b in quoted):
            continue
        begin, more = _leave_verb(text, at, stop)
        if stop - begin >= 3 and begin > edges[-1]:
            edges.append(begin)
            verbs.append(verb + more or verbs[-1])
    return edges, verbs


def _close(text: str, clause: Clause, group: Group) -> None:
    """Take in the quotation that the head stands in, cut at 的 when the right side names enough."""
    words = text[group.start : group.end]
    for opened, closed in ("“”", "《》"):
        if words.count(opened) > words.count(closed):
            shut = text.find(closed, group.end, clause.end)
            group.end = shut + 1 if shut >= 0 else group.end
    words = text[group.start : group.end]
    cut = words.rfind("的", 0, len(words) - 4)
    rest = [h for h in group.heads if h.start > group.start + cut]
    own = bool(rest) and (rest[0].start - group.start - cut > 2 or text[rest[0].start] == "”")
    if cut > 0 and own and words[cut - 1] not in "”》" and words.count("“", 0, cut) == words.count("”", 0, cut):
        group.start += cut + 1
        group.heads = rest
    while group.start < group.end and text[group.start] in " 、":
        group.start += 1


def members(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Members of a list inside a clause (、, 和, 及, 与, 以及)."""
    out = []
    for a, b in split_level(text, start, end, "、"):
        at = a
        for match in AND.finditer(text, a, b):
            inside = text[at : match.start()]
            balanced = all(inside.count(o) == inside.count(c) for o, c in zip(OPENING, CLOSING, strict=True))
            if balanced and match.start() - at >= 2 and b - match.end() >= 2:
                out.append((at, match.start()))
                at = match.end()
        out.append((at, b))
    return out
