"""What changed between two readings: which record is the same, which changed, which is new or gone. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

LEAST = 0.55  # shared pairs of characters from which two texts are taken for one that was changed
_COMMON = 60  # a pair of characters that more records have says nothing
_NUMBER = re.compile(r"^(?:[（(]?[一二三四五六七八九十\d]{1,3}[)）.、．]|第[一二三四五六七八九十百\d]+条)")
_LONGEST = 4_000
_VALUES = ("value", "high", "value_text", "unit", "period", "region", "count", "amount", "status")


@dataclass(frozen=True)
class Item:
    """A record as far as comparing goes: its text without numbering and blanks, its name, and the facts read."""

    key: int
    kind: str
    text: str
    name: str
    facts: tuple

    @property
    def same(self) -> tuple:
        """Two records that agree in this are the same."""
        return self.kind, self.text, self.facts


def facts(payload: dict[str, Any]) -> dict[str, str]:
    """What was read of a record, field by field as words; for saying what changed where the text did not."""
    units = "、".join(f"{unit['name']}（{unit.get('role', '')}）" for unit in payload.get("units", []))
    due = "、".join(str(row.get("date") or row.get("quote") or "") for row in payload.get("deadlines", []))
    name = payload.get("title") or payload.get("indicator") or payload.get("name")
    found = {"name": name, "units": units, "deadlines": due, **{one: payload.get(one) for one in _VALUES}}
    return {field: str(value) for field, value in found.items() if value not in (None, "")}


@dataclass
class Matching:
    """Pairs (old, new) and what is left on either side, as keys, each in the order of the text."""

    same: list[tuple[int, int]] = field(default_factory=list)
    changed: list[tuple[int, int]] = field(default_factory=list)
    new: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)


def item(key: int, kind: str, payload: dict[str, Any]) -> Item:
    """A record of a reading for comparing."""
    units = tuple(sorted((unit["name"], unit.get("role", "")) for unit in payload.get("units", [])))
    due = tuple(sorted(str(row.get("date") or row.get("quote")) for row in payload.get("deadlines", [])))
    name = str(payload.get("title") or payload.get("indicator") or payload.get("name") or "")
    values = tuple(str(payload.get(one) or "") for one in _VALUES)
    return Item(key, kind, plain(str(payload.get("quote", ""))), plain(name), (name, units, due, values))


def plain(text: str) -> str:
    """A text without width differences, blanks and the number it begins with."""
    text = "".join(unicodedata.normalize("NFKC", text).split())
    return _NUMBER.sub("", text, count=1) or text


def match(old: Sequence[Item], new: Sequence[Item]) -> Matching:
    """Match the records of two readings of one document's editions.

    First those that agree in everything, in the order of the text; then the same words with other facts; then, by
    shared pairs of characters, texts that were changed, the most alike first.
    """
    made = Matching()
    old_left, new_left = list(old), list(new)
    keys = (
        (lambda one: one.same, made.same),
        (lambda one: (one.kind, one.text, one.name), made.changed),
        # One sentence may hold many figures: there the name must agree, too.
        (lambda one: (one.kind, one.text) if one.kind != "figure" else None, made.changed),
    )
    for key, pairs in keys:
        found, old_left, new_left = _by_key(old_left, new_left, key)
        pairs += found
    close, old_left, new_left = _by_likeness(old_left, new_left)
    made.changed += close
    place = {one.key: at for at, one in enumerate(new)}
    made.changed.sort(key=lambda pair: place[pair[1]])
    made.new, made.gone = [one.key for one in new_left], [one.key for one in old_left]
    return made


def _by_key(old: list[Item], new: list[Item], key: Any) -> tuple[list[tuple[int, int]], list[Item], list[Item]]:
    waiting: dict[Any, list[Item]] = defaultdict(list)
    for one in reversed(old):
        waiting[key(one)].append(one)
    pairs, rest = [], []
    for one in new:
        if key(one) is not None and waiting.get(key(one)):
            pairs.append((waiting[key(one)].pop().key, one.key))
        else:
            rest.append(one)
    used = {pair[0] for pair in pairs}
    return pairs, [one for one in old if one.key not in used], rest


def _pairs(one: Item) -> Counter[str]:
    text = one.name + "\n" + one.text[:_LONGEST] if one.kind == "figure" else one.text[:_LONGEST]
    return Counter(text[at : at + 2] for at in range(len(text) - 1))


def _by_likeness(old: list[Item], new: list[Item]) -> tuple[list[tuple[int, int]], list[Item], list[Item]]:
    bags = [_pairs(one) for one in old]
    where: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, bag in enumerate(bags):
        for pair in bag:
            where[old[at].kind, pair].append(at)
    scored = []
    for number, one in enumerate(new):
        mine, hits = _pairs(one), Counter()
        for pair in mine:
            at = where.get((one.kind, pair), ())
            if len(at) <= _COMMON:
                hits.update(at)
        for at, _n in hits.most_common(5):
            shared = sum((mine & bags[at]).values())
            score = 2 * shared / max(1, sum(mine.values()) + sum(bags[at].values()))
            if score >= LEAST:
                scored.append((-score, abs(at - number), at, number))
    pairs, used_old, used_new = [], set(), set()
    for _score, _distance, at, number in sorted(scored):
        if at not in used_old and number not in used_new:
            pairs.append((old[at].key, new[number].key))
            used_old.add(at)
            used_new.add(number)
    rest_old = [one for at, one in enumerate(old) if at not in used_old]
    return pairs, rest_old, [one for number, one in enumerate(new) if number not in used_new]


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """Both texts in one: ('' kept, 'del' only before, 'ins' only after)."""
    before, after = before[:_LONGEST], after[:_LONGEST]
    found = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(("", before[a:b]))
            continue
        if a < b:
            found.append(("del", before[a:b]))
        if c < d:
            found.append(("ins", after[c:d]))
    return found
