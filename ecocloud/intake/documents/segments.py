"""The outline of a document: numbered headings and items, in line and at line start, as a tree with exact spans."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from ecocloud.intake.documents.numbers import chinese_to_int

C = "一二三四五六七八九十百"
MARKERS = (
    ("编", 0, re.compile(rf"第([{C}]+)[编篇部](?:分)?\s*")),
    ("章", 1, re.compile(rf"第([{C}]+)章\s*")),
    ("节", 2, re.compile(rf"第([{C}]+)节\s*")),
    ("、", 3, re.compile(rf"([{C}]{{1,3}})、\s*")),
    ("()", 4, re.compile(rf"\(([{C}]{{1,3}})\)[、.]?\s*")),
    ("是", 5, re.compile(rf"([{C}]{{1,2}})(?:是|要)(?=[\u4e00-\u9fff“《])")),
    ("条", 5, re.compile(rf"第([{C}]+)条\s*")),
    ("1.", 6, re.compile(r"(\d{1,3})(?:[.](?!\d)|、)\s*")),
    ("1是", 6, re.compile(r"(\d{1,2})是(?=[\u4e00-\u9fff“])")),
    ("(1)", 7, re.compile(r"\((\d{1,2})\)[、.]?\s*")),
    ("1)", 8, re.compile(r"(\d{1,2})\)\s*")),
    ("①", 9, re.compile(r"([①-⑳])\s*")),
)
INLINE = re.compile(
    rf"(?P<shi>(?<![唯统之第同万单专其另任某每])[{C}]{{1,2}}是)(?=[\u4e00-\u9fff“《])"
    r"|(?P<dot>(?<![\d.A-Za-z+])\d{1,2}[.](?!\d)(?=[^\s]))"
    r"|(?P<shi1>(?<![\d.A-Za-z])\d{1,2}是(?=[\u4e00-\u9fff]))"
    r"|(?P<paren>\(\d{1,2}\))"
)
SENTENCE_END = "。;:!?"
RANK = {name: rank for name, rank, _ in MARKERS}
LABEL = {"、": "{}", "()": "({})", "是": "{}是", "1.": "{}", "1是": "{}是", "(1)": "({})", "1)": "{})", "①": "{}"}


@dataclass
class Node:
    """One heading or item: ``kind`` of marker, printed ``number``, ``start`` of the marker, ``text_start`` behind it,
    ``end`` of the whole branch, ``own_end`` of its own text before the first child."""

    kind: str
    number: str
    value: int
    start: int
    text_start: int
    inline: bool = False
    end: int = 0
    own_end: int = 0
    title_start: int = 0
    title_end: int = 0
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    line_end: int = 0

    @property
    def rank(self) -> int:
        return -1 if self.kind == "root" else 10 if self.inline and self.kind == "是" else RANK.get(self.kind, 5)

    @property
    def label(self) -> str:
        if self.kind in LABEL:
            return LABEL[self.kind].format(self.number)
        return f"第{self.number}{self.kind}" if self.kind in RANK else self.number

    def walk(self) -> Iterator[Node]:
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def ancestors(self) -> list[Node]:
        """From the outermost heading down to this node itself, without the root."""
        chain, node = [], self
        while node is not None and node.kind != "root":
            chain.append(node)
            node = node.parent  # type: ignore[assignment]
        return chain[::-1]

    def path(self) -> str:
        """Heading path such as ``二/(一)/4``."""
        return "/".join(node.label for node in self.ancestors())


class Locator:
    """Finds the innermost node at an offset by bisection; built once per document."""

    def __init__(self, root: Node) -> None:
        self.nodes = sorted((n for n in root.walk() if n.kind != "root"), key=lambda n: n.start)
        self.starts = [n.start for n in self.nodes]

    def at(self, offset: int) -> Node | None:
        """The innermost node whose span holds ``offset``."""
        found = bisect_right(self.starts, offset) - 1
        node: Node | None = self.nodes[found] if found >= 0 else None
        while node is not None and node.kind != "root" and not node.start <= offset < node.end:
            node = node.parent
        return None if node is None or node.kind == "root" else node

    def path(self, offset: int) -> str:
        """Heading path at an offset, '' outside all headings."""
        node = self.at(offset)
        return node.path() if node is not None else ""

    def stretches(self, start: int, end: int) -> list[tuple[int, int]]:
        """``start``-``end`` cut at the markers of nodes inside, the markers themselves left out."""
        first, last = bisect_left(self.starts, start), bisect_left(self.starts, end)
        edges = [start, *(edge for n in self.nodes[first:last] for edge in (n.start, n.text_start)), end]
        return list(zip(edges[::2], edges[1::2], strict=True))


def lines_of(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """(start, end) of each non-empty line, stripped of white space and quote marks of web pages."""
    out, at = [], start
    for raw in text[start:end].split("\n"):
        first, last = at, at + len(raw)
        at = last + 1
        while first < last and (text[first].isspace() or text[first] in ">*#·●■◆•\ufeff"):
            first += 1
        while last > first and text[last - 1].isspace():
            last -= 1
        if first < last:
            out.append((first, last))
    return out


def line_marker(text: str, start: int, end: int) -> Node | None:
    """The marker at the start of a line, if there is one."""
    for kind, _, pattern in MARKERS:
        match = pattern.match(text, start, end)
        if match:
            raw = match.group(1)
            value = ord(raw) - 0x2460 + 1 if kind == "①" else int(raw) if raw.isdigit() else chinese_to_int(raw)
            if value is None or (kind == "1." and value == 0):
                return None
            return Node(kind, raw, value, start, match.end())
    return None


def _inline_nodes(text: str, start: int, end: int, first: Node | None, upcoming: dict[str, int]) -> list[Node]:
    """Markers inside a line, accepted only as parts of a running sequence.

    ``upcoming`` gives, per kind, the number of the next marker of that kind at a line start: an inline marker with the
    same number is a stray word, not an item.
    """
    candidates = []
    for match in INLINE.finditer(text, start, end):
        group = match.lastgroup or ""
        kind = {"shi": "是", "dot": "1.", "shi1": "1是", "paren": "(1)"}[group]
        raw = re.sub(r"[是.()]", "", match.group())
        value = int(raw) if raw.isdigit() else chinese_to_int(raw) or 0
        previous = text[match.start() - 1] if match.start() > start else ""
        clean = not previous or previous in SENTENCE_END or (first is not None and match.start() == first.text_start)
        candidates.append((kind, raw, value, match.start(), match.end(), clean))
    out: list[Node] = []
    running: dict[str, int] = {first.kind: first.value} if first is not None else {}
    follows = _followed(candidates)
    stop_at = text.find("。", first.text_start, end) if first is not None else -1
    for (kind, raw, value, begin, stop, clean), followed in zip(candidates, follows, strict=True):
        if (first is not None and begin == first.start) or upcoming.get(kind) == value:
            continue
        starts = value == 1 and followed
        in_heading = first is not None and (stop_at < 0 or begin < stop_at)
        if not clean and not (kind == "是" and starts and in_heading):
            continue
        if starts or running.get(kind) == value - 1 and value > 1:
            running[kind] = value
            for deeper in [k for k in running if RANK[k] > RANK[kind]]:
                del running[deeper]
            out.append(Node(kind, raw, value, begin, stop, inline=True))
    return out


def _followed(candidates: list[tuple[str, str, int, int, int, bool]]) -> list[bool]:
    """For each candidate, whether the next number of its kind comes later in the line."""
    later: set[tuple[str, int]] = set()
    out = []
    for kind, _, value, *_ in reversed(candidates):
        out.append((kind, value + 1) in later)
        later.add((kind, value))
    return out[::-1]


def outline(text: str, start: int, end: int) -> Node:
    """The tree of ``text[start:end]`` (half-width view)."""
    root = Node("root", "", 0, start, start, end=end)
    lines = lines_of(text, start, end)
    markers = [line_marker(text, a, b) for a, b in lines]
    upcoming = _upcoming(markers)
    stack = [root]
    for (begin, stop), marker, following in zip(lines, markers, upcoming, strict=True):
        while stack[-1].inline:
            stack.pop()
        if marker is not None:
            _push(stack, marker, stop)
        for node in _inline_nodes(text, begin, stop, marker, following):
            _push(stack, node, stop, marker)
    _close(root, end, text)
    return root


def _upcoming(markers: list[Node | None]) -> list[dict[str, int]]:
    """For each line, the number of the next line-start marker of each kind before a higher heading."""
    out: list[dict[str, int]] = []
    ahead: dict[str, int] = {}
    for marker in reversed(markers):
        out.append(dict(ahead))
        if marker is not None:
            ahead = {k: v for k, v in ahead.items() if RANK[k] <= marker.rank}
            ahead[marker.kind] = marker.value
    return out[::-1]


def _push(stack: list[Node], node: Node, line_end: int, line_marker_node: Node | None = None) -> None:
    node.line_end = line_end
    same = next((i for i in range(len(stack) - 1, 0, -1) if stack[i].kind == node.kind), None)
    if same is not None and (not node.inline or stack[same].inline or stack[same] is line_marker_node):
        if node.inline and not stack[same].inline:
            node.inline = node.kind == "是"
        del stack[same:]
    elif not node.inline:
        while stack[-1].kind != "root" and stack[-1].rank >= node.rank:
            stack.pop()
    elif node.kind != "是":
        while stack[-1].kind != "root" and stack[-1].rank >= node.rank and stack[-1].inline:
            stack.pop()
    node.parent = stack[-1]
    stack[-1].children.append(node)
    stack.append(node)


def _close(root: Node, end: int, text: str) -> None:
    """Set ``end``, ``own_end`` and the title span of every node."""
    order = list(root.walk())
    stack: list[tuple[Node, int]] = [(root, end)]
    while stack:
        node, stop = stack.pop()
        while stop > node.start and text[stop - 1].isspace():
            stop -= 1
        node.end = max(stop, node.text_start)
        node.own_end = node.children[0].start if node.children else node.end
        for child, following in zip(node.children, [*node.children[1:], None], strict=False):
            stack.append((child, following.start if following is not None else stop))
    for node in order:
        if node.kind != "root":
            _title(node, text)


def _title(node: Node, text: str) -> None:
    """The short heading: up to the first full stop or the line end."""
    limit = min(node.line_end or node.end, node.own_end)
    match = re.search(r"[。;:\n]", text[node.text_start : limit])
    node.title_start = node.text_start
    node.title_end = node.text_start + match.start() if match else limit
    while node.title_end > node.title_start and text[node.title_end - 1].isspace():
        node.title_end -= 1
