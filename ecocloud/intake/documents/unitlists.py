"""Responsible units: bracketed and labelled lists with their roles as given."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache

from ecocloud.intake.documents.lexicon import any_of, organisations

OPEN, CLOSE = "([【〔", ")]】〕"
NOTE = re.compile(r"列第|排名?第|[列排]在?首位|下同|牵头单位|为主|以下简称|略$")
OTHERS = re.compile(r"等(?:有关|相关)?(?:部门|单位)?$")
JOINED = re.compile(r"以及|及|和|与")
MAX_LIST = 900
MAX_LABELLED = 400


@dataclass(frozen=True)
class Unit:
    """One responsible unit: ``raw`` as printed, ``name`` repaired, ``role`` as given, ``list`` number, ``source``."""

    name: str
    raw: str
    role: str
    list: int
    source: str
    start: int
    end: int

    def as_dict(self) -> dict[str, object]:
        return {
            "name": self.name, "raw": self.raw, "role": self.role, "list": self.list, "source": self.source,
            "start": self.start, "end": self.end,
        }  # fmt: skip


@dataclass
class UnitList:
    """A list of units with the span it fills, brackets included."""

    start: int
    end: int
    units: list[Unit] = field(default_factory=list)
    source: str = "bracket"


@cache
def _role_table() -> list[tuple[str, str]]:
    table = [(word, role) for role, words in organisations().roles.items() for word in words]
    return sorted(table, key=lambda p: -len(p[0]))


@cache
def _label_table() -> dict[str, str]:
    tables = (organisations().labels, organisations().short_labels)
    return {word: role for table in tables for role, words in table.items() for word in words}


def _long_labels() -> list[str]:
    return [word for words in organisations().labels.values() for word in words]


@cache
def label_pattern() -> re.Pattern[str]:
    """A label such as 责任单位 with its colon (or a bracket closing it)."""
    short = any_of(w for words in organisations().short_labels.values() for w in words)
    return re.compile(rf"[【(\[]?(?P<label>{any_of(_long_labels())}|(?<![\u4e00-\u9fff]){short})[】)\]]?\s*[::]\s*")


@cache
def _other_label() -> re.Pattern[str]:
    words = [*organisations().deadline_labels, *organisations().task_labels]
    return re.compile(rf"[【(\[]?(?:[\u4e00-\u9fff]{{2}})?{any_of(words)}[】)\]]?\s*[::]")


@cache
def _suffix() -> re.Pattern[str]:
    return re.compile(rf"{any_of(organisations().suffixes)}(?:\([^()]*\))?等?$")


@cache
def _not_unit() -> re.Pattern[str]:
    return re.compile(any_of(organisations().not_units))


def is_unit_name(name: str) -> bool:
    """Whether ``name`` ends like the name of a unit (局, 委, 公司, 街道 ...) or is a group such as 各县(市、区)."""
    bare = name.strip()
    if not 2 <= len(bare) <= 40 or re.search(r"[。;:!?“”《》\d%]", bare):
        return False
    return bool(_suffix().search(bare)) or bool(re.match(r"各.{0,4}(?:县|市|区|乡|镇|街)", bare))


def split_outside(text: str, start: int, end: int, separators: str) -> list[tuple[int, int]]:
    """Split at separators that stand outside brackets; stray closing brackets do not go below level 0."""
    parts, level, first = [], 0, start
    for at in range(start, end):
        char = text[at]
        if char in OPEN:
            level += 1
        elif char in CLOSE:
            level = max(0, level - 1)
        elif char in separators and level == 0:
            parts.append((first, at))
            first = at + 1
    parts.append((first, end))
    return [p for p in parts if text[p[0] : p[1]].strip()]


def _role_of(chunk: str) -> tuple[str, int]:
    """(role, length of the role words at the end of the chunk); role '' when there are none."""
    role, left = "", chunk
    while True:
        found = next(((w, r) for w, r in _role_table() if left.endswith(w) and len(left) > len(w)), None)
        if found is None or (role and found[1] != role):
            break
        role, left = found[1], left[: -len(found[0])]
    if role:
        left = left.rstrip("等共同分别按各自")
    return (role, len(chunk) - len(left)) if role else ("", 0)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in "、,;:。"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in "、,;:。等"):
        end -= 1
    opened = sum(text[i] in OPEN for i in range(start, end))
    closed = sum(text[i] in CLOSE for i in range(start, end))
    while closed > opened and end > start and text[end - 1] in CLOSE:
        end, closed = end - 1, closed - 1
    return start, end


def _split_joined(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """``甲局及乙局``: cut where both sides are names of units (but not 自然资源和规划局)."""
    for match in JOINED.finditer(text, start, end):
        left, right = text[start : match.start()], text[match.end() : end]
        if is_unit_name(left) and is_unit_name(right):
            return [(start, match.start()), *_split_joined(text, match.end(), end)]
    return [(start, end)]


def _members(text: str, start: int, end: int, role: str, number: int, source: str) -> list[Unit]:
    out = []
    parts = split_outside(text, start, end, "、，,和与 \t/" if source == "table" else "、")
    for a, b in (pair for part in parts for pair in _split_joined(text, *part)):
        a, b = _trim(text, a, b)
        others = OTHERS.search(text, a, b)
        b = others.start() if others and others.start() - a >= 2 else b
        if not 2 <= b - a <= 40 or re.search(r"\d(?!\d*号)|完成|以前$|[前底]$", text[a:b]):
            continue
        raw = text[a:b]
        if NOTE.search(raw):
            continue
        out.append(Unit(raw, raw, role or "unstated", number, source, a, b))
    return out


def _before_labels(text: str, chunks: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Chunks cut once more where a label stands inside (牵头单位：甲局 责任单位：乙局)."""
    out = []
    for first, last in chunks:
        cuts = [first, *(m.start() for m in label_pattern().finditer(text, first, last) if m.start() > first), last]
        out.extend(zip(cuts, cuts[1:], strict=False))
    return out


def parse_list(text: str, start: int, end: int, number: int, source: str, default: str = "") -> list[Unit]:
    """Units of the inside of a list: chunks by comma or semicolon, each with a trailing role word or a label."""
    units: list[Unit] = []
    waiting: list[int] = []
    label_role = default
    for first, last in _before_labels(text, split_outside(text, start, end, ",;。\n")):
        if _other_label().match(text[first:last].strip()):
            continue
        label = label_pattern().match(text, first, last)
        if label:
            label_role = _label_table()[label.group("label")]
            waiting = []
            first = label.end()
        first, last = _trim(text, first, last)
        role, size = _role_of(text[first:last])
        cut = last - size
        head = re.match(r"(?:由|会同)", text[first:cut])
        found = _members(text, first + (head.end() if head else 0), cut, role or label_role, number, source)
        inner = _inner_roles(found, number)
        base = len(units)
        units.extend(inner)
        if role and not label_role:
            for at in waiting:
                units[at] = replace(units[at], role=role)
            waiting = []
        elif not role and not label_role:
            waiting.extend(range(base, len(units)))
    return units


def _inner_roles(units: list[Unit], number: int) -> list[Unit]:
    """``甲局牵头、乙局配合``: a role word at the end of a single member belongs to it and to those before it."""
    out: list[Unit] = []
    pending = 0
    for unit in units:
        role, size = _role_of(unit.raw)
        if role and is_unit_name(unit.raw[:-size]):
            raw = unit.raw[:-size]
            out = [replace(u, role=role) if i >= pending else u for i, u in enumerate(out)]
            out.append(replace(unit, name=raw, raw=raw, role=role, end=unit.end - size))
            pending = len(out)
        else:
            out.append(unit)
    return out


def _looks_like_list(text: str, start: int, end: int) -> bool:
    inside = text[start:end]
    if _not_unit().match(inside.strip()) or len(inside) < 3:
        return False
    if label_pattern().match(inside.strip()):
        return True
    chunks = split_outside(text, start, end, "、,;")
    names = 0
    for a, b in chunks:
        a, b = _trim(text, a, b)
        _, size = _role_of(text[a:b])
        names += is_unit_name(text[a : b - size])
    return names >= 1 and names * 2 >= len(chunks)


def bracket_lists(text: str, start: int, end: int) -> list[UnitList]:
    """Bracketed unit lists in ``text[start:end]``; brackets may nest, a closing one may be missing or doubled."""
    found: list[UnitList] = []
    at = start
    for opening, close in sorted(_closings(text, start, end).items()):
        if opening < at:
            continue
        at = opening
        if _looks_like_list(text, at + 1, close) and _stands_alone(text, at, close, end):
            units = parse_list(text, at + 1, close, len(found) + 1, "bracket")
            if units:
                found.append(UnitList(opening, min(close + 1, end), units))
                at = close + 1
    return found


def _stands_alone(text: str, start: int, close: int, end: int) -> bool:
    """A list closes a sentence or a paragraph; a bracket inside a name (某市(县、区)政府) does not."""
    before = text[start - 1] if start else "\n"
    after = text[close + 1 : close + 2]
    inside = text[start + 1 : close]
    roles = any(word in inside for word, _ in _role_table()) or label_pattern().search(inside)
    if (
        not roles
        and _suffix().search(text[max(0, start - 8) : start])
        and "、" not in inside.replace("、区", "").replace("、市", "")
    ):
        return False
    if before in "。;!?\n \t” " or (after in ("", "\n", "。", ";") or close + 1 >= end):
        return bool(roles) or inside.count("、") >= 1 or after in ("", "\n", "。") or close + 1 >= end
    return bool(roles) and (inside.count("、") >= 1 or bool(label_pattern().match(inside)))


def _closings(text: str, start: int, end: int) -> dict[int, int]:
    """Closing offset of every opening bracket; a bracket that is left open closes with its line."""
    found: dict[int, int] = {}
    stack: list[int] = []
    for at in range(start, end):
        char = text[at]
        if char in OPEN:
            stack.append(at)
        elif char in CLOSE and stack:
            found[stack.pop()] = at
        elif char == "\n":
            found.update((left, at) for left in stack)
            stack.clear()
    found.update((left, end) for left in stack)
    return {a: b for a, b in found.items() if b - a <= MAX_LIST}


def labelled_lists(text: str, start: int, end: int, number: int) -> list[UnitList]:
    """``责任单位：甲局、乙局`` outside brackets, up to the line end, a full stop or the next label."""
    found: list[UnitList] = []
    for match in label_pattern().finditer(text, start, end):
        stop = _label_end(text, match.end(), end)
        role = _label_table()[match.group("label")]
        units = parse_list(text, match.end(), stop, number + len(found), "label", role)
        units = [u for u in units if len(u.raw) <= 30]
        if units:
            found.append(UnitList(match.start(), max(stop, match.end()), units, "label"))
    return found


@cache
def _list_stop() -> re.Pattern[str]:
    return re.compile(rf"[。\n\t]|{label_pattern().pattern}|{_other_label().pattern}".replace("?P<label>", "?:"))


def _label_end(text: str, start: int, end: int) -> int:
    """Where a labelled list ends; a semicolon goes on when a unit name follows it."""
    later = _list_stop().search(text, start, min(end, start + MAX_LABELLED))
    stop = later.start() if later else min(end, start + MAX_LABELLED)
    at = text.find(";", start, stop)
    while at >= 0:
        following = re.split(r"[;,、]", text[at + 1 : stop], maxsplit=1)[0].strip()
        if not is_unit_name(following):
            return at
        at = text.find(";", at + 1, stop)
    return stop


def repair_names(lists: list[list[Unit]]) -> list[list[Unit]]:
    """Slips inside one document: names that differ only in linking characters or in the order of their parts take the
    most frequent spelling; ``某办领导小组办公室`` is the office 某办 when the document names that."""
    counts = Counter(u.raw for units in lists for u in units)
    order = list(counts)
    table: dict[str, str] = {}
    slips = organisations().slip_characters
    groups: dict[tuple[str, str], list[str]] = {}
    for name in order:
        if len(name) >= 8:
            groups.setdefault(("core", "".join(c for c in name if c not in slips) + name[-1]), []).append(name)
            groups.setdefault(("bag", "".join(sorted(name)) + name[-2:]), []).append(name)
    for members in groups.values():
        best = max(members, key=lambda n: (counts[n], -order.index(n)))
        for name in members:
            if name != best and len(members) > 1:
                table[name] = best
    for name in order:
        base = re.sub(r"领导小组办公室$|工作领导小组办公室$", "", name)
        if base != name and (base in counts or base.endswith("办")):
            table.setdefault(name, base)
    return [[replace(u, name=table.get(u.raw, u.raw)) for u in units] for units in lists]
