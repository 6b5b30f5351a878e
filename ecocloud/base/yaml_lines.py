"""YAML with the line of every node, so that a fault in a data file can be named by file, line and field.

Numbers with a point are ``Decimal`` (never a float), keys are text as they are written (``on``, ``2024``), and a key
written twice in one mapping is a fault.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml

from ecocloud.base.errors import EcoError

Lines = dict[tuple, int]
# Where a key at the margin, or an item of the list under it, begins: what can be read by itself when the whole cannot.
_KEY = re.compile(r"^([A-Za-z_][\w-]*)[ ]*:(?:[ ]|$)")
_ITEM = re.compile(r"^([ ]*)-(?:[ ]|$)")

_TEXT, _MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"


class YamlFault(EcoError):
    """The text is not usable YAML; ``where`` has file and line."""

    code = "yaml.fault"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """The safe loader (in C where PyYAML has it) with exact numbers."""


_Loader.add_constructor(
    "tag:yaml.org,2002:float", lambda loader, node: Decimal(loader.construct_scalar(node).replace("_", ""))
)


@dataclass
class Salvage:
    """What of a text can be read. ``lost``: the text of the parts that cannot, by the key at the margin they stand
    under; an item of a list that cannot be read is ``missing`` (its place in the list stays)."""

    missing: object
    data: Any = None
    lines: Lines = field(default_factory=dict)
    faults: list[YamlFault] = field(default_factory=list)
    lost: dict[str, str] = field(default_factory=dict)


def salvage(text: str, name: str, missing: object = None) -> Salvage:
    """The YAML document as far as it can be read, with every fault of its text.

    When the whole is no YAML, each part of the outermost mapping is read by itself, and of a part that is a list each
    item. A key written twice keeps its last value.
    """
    found = Salvage(missing)
    try:
        found.data, found.lines = _read(text, name, found.faults)
        return found
    except YamlFault as fault:
        whole = fault
    parts = _parts(text.splitlines())
    if len(parts) < 2:
        found.faults.append(whole)
        return found
    found.faults.clear()
    found.data = {}
    for key, start, lines in parts:
        if key in found.data:
            found.faults.append(_twice(key, name, start + 1))
        try:
            data, places = _read("\n" * start + "\n".join(lines), name, found.faults)
            found.data |= data
            found.lines |= places
        except YamlFault as fault:
            _salvage_list(found, key, start, lines, name, fault)
    if not found.lost:  # each part by itself is right: what is wrong stands between them
        found.faults.append(whole)
    found.lines[()] = 1
    return found


def _salvage_list(found: Salvage, key: str, start: int, lines: list[str], name: str, whole: YamlFault) -> None:
    """A part that cannot be read: its items one by one when it is a list, else it is lost."""
    indent = next((match[1] for line in lines[1:] if (match := _ITEM.match(line))), None)
    begins = [n for n, line in enumerate(lines) if n and indent is not None and line.startswith(f"{indent}-")]
    if not begins:
        found.faults.append(whole)
        found.lost[key] = "\n".join(lines)
        return
    found.data[key] = []
    found.lines[(key,)] = start + 1
    for position, (first, last) in enumerate(zip(begins, [*begins[1:], len(lines)], strict=True)):
        body = lines[first:last]
        try:
            data, places = _read("\n" * (start + first) + "\n".join(body), name, found.faults)
            found.data[key].append(data[0])
            found.lines |= {(key, position, *path[1:]): line for path, line in places.items() if path}
        except YamlFault as fault:
            found.faults.append(fault)
            found.data[key].append(found.missing)
            found.lines[(key, position)] = start + first + 1
            found.lost[key] = found.lost.get(key, "") + "\n".join(body) + "\n"
    if key not in found.lost:
        found.faults.append(whole)
        found.lost[key] = lines[0]


def _parts(lines: list[str]) -> list[tuple[str, int, list[str]]]:
    """The parts of a mapping by its keys at the margin: key, number of lines before it, its lines."""
    begins = [(match[1], n) for n, line in enumerate(lines) if (match := _KEY.match(line))]
    ends = [*(n for _key, n in begins[1:]), len(lines)]
    return [(key, first, lines[first:last]) for (key, first), last in zip(begins, ends, strict=False)]


def part(text: str, name: str, key: str) -> tuple[Any, int]:
    """What stands under ``key`` at the margin and the line of the key, without reading the rest of the document.

    None and line 1 when it is not there or cannot be read; the last one counts where it is written twice.
    """
    for found, start, lines in reversed(_parts(text.splitlines())):
        if found == key:
            try:
                return _read("\n".join(lines), name, [])[0].get(key), start + 1
            except YamlFault:
                return None, start + 1
    return None, 1


def compose(text: str, name: str) -> tuple[Any, Lines]:
    """The YAML document and the line (from 1) of every node by its path of keys and positions.

    name: the file's name for messages. Raises :class:`YamlFault`.
    """
    faults: list[YamlFault] = []
    found = _read(text, name, faults)
    if faults:
        raise faults[0]
    return found


def _read(text: str, name: str, faults: list[YamlFault]) -> tuple[Any, Lines]:
    """As :func:`compose`; keys written twice are added to ``faults``."""
    try:
        return _Plain(text).document()
    except (_NotPlain, yaml.YAMLError, ValueError, ArithmeticError, RecursionError):
        return _read_whole(text, name, faults)


def _read_whole(text: str, name: str, faults: list[YamlFault]) -> tuple[Any, Lines]:
    """What :func:`_read` gives, for every text there is: the nodes first, then their values."""
    lines: Lines = {}
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        if root is None:
            return None, lines
        _walk(root, (), lines, name, faults)
        return loader.construct_document(root), lines
    except (yaml.YAMLError, ValueError, ArithmeticError, RecursionError) as error:
        mark = _mark(error)
        line = min(mark.line, text.count("\n", 0, len(text.rstrip()))) if mark else 0
        near = next(iter(text.splitlines()[line : line + 1]), "").strip()[:60] or None
        raise YamlFault(
            "文件不是有效的 YAML。", f"{name}: {error}", where={"文件": name, "行": line + 1}, value=near,
            remedy_zh="请检查缩进、引号、括号和逗号。",
        ) from error  # fmt: skip


class _NotPlain(Exception):
    """The text has something that only :func:`_read_whole` can judge: an anchor, a tag, a key written twice."""


class _Plain:
    """Reads mappings, lists and scalars straight from the events of the parser, in a third of the time of nodes.

    Whatever else a text has, and every mistake, raises: the reader of nodes then gives the value or the words.
    """

    def __init__(self, text: str) -> None:
        self.loader = _Loader(text)
        self.lines: Lines = {}

    def document(self) -> tuple[Any, Lines]:
        """The value and the lines of the only document."""
        event = self.loader.get_event
        event()
        if not isinstance(event(), yaml.DocumentStartEvent):
            raise _NotPlain
        value = self._node(event(), ())
        event()
        if not isinstance(event(), yaml.StreamEndEvent):
            raise _NotPlain
        return value, self.lines

    def _node(self, event: Any, path: tuple) -> Any:
        kind = type(event)
        if kind is yaml.AliasEvent or event.anchor is not None or event.tag is not None:
            raise _NotPlain
        self.lines[path] = event.start_mark.line + 1
        if kind is yaml.ScalarEvent:
            return _plain_value(event.value) if event.implicit[0] else event.value
        next_event = self.loader.get_event
        if kind is yaml.SequenceStartEvent:
            items: list[Any] = []
            while type(event := next_event()) is not yaml.SequenceEndEvent:
                items.append(self._node(event, (*path, len(items))))
            return items
        found: dict[str, Any] = {}
        while type(event := next_event()) is not yaml.MappingEndEvent:
            if type(event) is not yaml.ScalarEvent or event.anchor is not None or event.tag is not None:
                raise _NotPlain
            key = event.value
            if key in found or key == "<<":
                raise _NotPlain
            found[key] = self._node(next_event(), (*path, key))
        return found


@lru_cache(maxsize=8192)
def _plain_value(text: str) -> Any:
    """The value of a scalar without quotation marks: all that it may be cannot be changed, so it may be shared."""
    loader = _Loader("")
    tag = loader.resolve(yaml.ScalarNode, text, (True, False))
    return text if tag == _TEXT else loader.construct_object(yaml.ScalarNode(tag, text))


def _mark(error: Exception) -> Any:
    """Where a fault is: of a bracket or quotation mark that is never closed its beginning, not where the text ends."""
    open_ended = re.search("flow|quoted", getattr(error, "context", None) or "")
    return getattr(error, "context_mark" if open_ended else "problem_mark", None)


def _twice(key: str, name: str, line: int) -> YamlFault:
    return YamlFault(f"“{key}”写了两次。", f"{name}: key {key!r} twice", value=key, where={"文件": name, "行": line},
                     remedy_zh="请删去一处。")  # fmt: skip


def _walk(node: Any, path: tuple, lines: Lines, name: str, faults: list[YamlFault]) -> None:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key is no text", problem_mark=key.start_mark)
            if key.value in seen:
                faults.append(_twice(key.value, name, key.start_mark.line + 1))
            seen.add(key.value)
            if key.tag != _MERGE:
                key.tag = _TEXT
            _walk(value, (*path, key.value), lines, name, faults)
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            _walk(value, (*path, position), lines, name, faults)


def line_of(lines: Lines, path: tuple) -> int:
    """The line of the node at ``path``, or of the nearest node above it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)
