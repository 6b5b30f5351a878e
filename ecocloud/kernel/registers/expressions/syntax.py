"""From text to a tree. Own scanner and parser; nothing is ever handed to Python's ``eval``.

Limits: 2000 characters, 400 nodes, 40 levels of brackets, a tree 100 high, 30 digits. They
bound the cost of checking and evaluating: every node is visited once (an aggregate visits its inner nodes once for each
object).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from ecocloud.kernel.registers.errors import ExpressionError

MAX_LENGTH, MAX_NODES, MAX_DEPTH, MAX_HEIGHT, MAX_DIGITS = 2000, 400, 40, 100, 30
KEYWORDS = frozenset({"and", "or", "not", "in", "true", "false"})
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+(?:\.\d+)?)(?:\[(?P<unit>[^\[\],"]{1,20})\])?
    |(?P<text>"[^"\n]{0,200}")
    |(?P<name>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*){0,3})
    |(?P<sign><=|>=|!=|[=<>+\-*/()\[\],])
    )""",
    re.X | re.A,
)


@dataclass(frozen=True)
class Number:
    """A literal number, with its unit where one was written: ``3[km]``."""

    value: Decimal
    unit: str
    at: int


@dataclass(frozen=True)
class Literal:
    """A literal text or truth value."""

    value: str | bool
    at: int


@dataclass(frozen=True)
class Name:
    """A field."""

    id: str
    at: int


@dataclass(frozen=True)
class Unary:
    """``-x`` or ``not x``."""

    sign: str
    arg: Node
    at: int


@dataclass(frozen=True)
class Binary:
    """Two sides and what joins them."""

    sign: str
    left: Node
    right: Node
    at: int


@dataclass(frozen=True)
class Call:
    """A function of the language with its arguments."""

    name: str
    args: tuple[Node, ...]
    at: int


@dataclass(frozen=True)
class ListOf:
    """``[a, b]``."""

    items: tuple[Node, ...]
    at: int


Node = Number | Literal | Name | Unary | Binary | Call | ListOf


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int
    unit: str = ""


def fault(at: int, message_zh: str, message_en: str, *, value: object = None, remedy_zh: str = "") -> ExpressionError:
    """An error at the position ``at`` (counted from 0; shown from 1)."""
    return ExpressionError(message_zh, message_en, where={"位置": at + 1}, value=value, remedy_zh=remedy_zh)


def _scan(text: str) -> list[_Token]:
    tokens, at = [], 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            place = at + len(text[at:]) - len(text[at:].lstrip())
            raise fault(place, f"看不懂“{text[place : place + 10]}”。", f"unexpected {text[place]!r}",
                        value=text[place : place + 10],
                        remedy_zh="文字用英文双引号，等于用 =，且、或、非用 and、or、not。")  # fmt: skip
        kind = match.lastgroup if match.lastgroup != "unit" else "number"
        word = match[kind]
        if kind == "number" and len(word) > MAX_DIGITS:
            raise fault(match.start(kind), "数字太长。", "number too long", value=word[:12], remedy_zh="最多 30 位。")
        start = match.start(kind)
        if kind == "name" and word in KEYWORDS:
            kind = "word"
        tokens.append(_Token(kind, word, start, match["unit"] or ""))
        at = match.end()
    tokens.append(_Token("end", "", len(text)))
    return tokens


class _Parser:
    """Recursive descent with counted depth and nodes."""

    def __init__(self, text: str) -> None:
        self.tokens = _scan(text)
        self.position = 0
        self.depth = 0
        self.nodes = 0
        self.heights: dict[int, int] = {}

    @property
    def token(self) -> _Token:
        return self.tokens[self.position]

    def take(self, *texts: str) -> _Token | None:
        token = self.token
        if token.kind in ("sign", "word") and token.text in texts:
            self.position += 1
            return token
        return None

    def need(self, text: str) -> None:
        if not self.take(text):
            token = self.token
            raise fault(token.at, f"这里应为“{text}”。", f"expected {text!r}", value=token.text or "结尾",
                        remedy_zh="请检查括号和逗号。")  # fmt: skip

    def made(self, node: Node) -> Node:
        self.nodes += 1
        height = 1 + max((self.heights[id(below)] for below in children(node)), default=0)
        self.heights[id(node)] = height
        if self.nodes > MAX_NODES or height > MAX_HEIGHT:
            raise fault(node.at, "表达式太长。", "too many nodes", value=self.nodes, remedy_zh="请拆成几个计算字段。")
        return node

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise fault(self.token.at, "嵌套太深。", "nested too deeply", remedy_zh="请拆成几个计算字段。")

    def either(self) -> Node:
        self.deeper()
        left = self.both()
        while token := self.take("or"):
            left = self.made(Binary("or", left, self.both(), token.at))
        self.depth -= 1
        return left

    def both(self) -> Node:
        left = self.negated()
        while token := self.take("and"):
            left = self.made(Binary("and", left, self.negated(), token.at))
        return left

    def negated(self) -> Node:
        if token := self.take("not"):
            self.deeper()
            inner = self.negated()
            self.depth -= 1
            return self.made(Unary("not", inner, token.at))
        return self.compared()

    def compared(self) -> Node:
        left = self.summed()
        if token := self.take("=", "!=", "<=", ">=", "<", ">", "in"):
            return self.made(Binary(token.text, left, self.summed(), token.at))
        return left

    def summed(self) -> Node:
        left = self.multiplied()
        while token := self.take("+", "-"):
            left = self.made(Binary(token.text, left, self.multiplied(), token.at))
        return left

    def multiplied(self) -> Node:
        left = self.signed()
        while token := self.take("*", "/"):
            left = self.made(Binary(token.text, left, self.signed(), token.at))
        return left

    def signed(self) -> Node:
        if token := self.take("-"):
            self.deeper()
            inner = self.signed()
            self.depth -= 1
            return self.made(Unary("-", inner, token.at))
        return self.single()

    def single(self) -> Node:
        token = self.token
        if self.take("("):
            inner = self.either()
            self.need(")")
            return inner
        if self.take("["):
            return self.made(ListOf(self.several("]"), token.at))
        if self.take("true", "false"):
            return self.made(Literal(token.text == "true", token.at))
        self.position += 1
        if token.kind == "number":
            return self.made(Number(Decimal(token.text), token.unit.strip(), token.at))
        if token.kind == "text":
            return self.made(Literal(token.text[1:-1], token.at))
        if token.kind == "name":
            if self.take("("):
                return self.made(Call(token.text, self.several(")"), token.at))
            return self.made(Name(token.text, token.at))
        raise fault(token.at, f"这里不应是“{token.text or '结尾'}”。", f"unexpected {token.text or 'end'!r}",
                    value=token.text, remedy_zh="应为字段、数字、文字或函数。")  # fmt: skip

    def several(self, closing: str) -> tuple[Node, ...]:
        if self.take(closing):
            return ()
        items = [self.either()]
        while self.take(","):
            items.append(self.either())
        self.need(closing)
        return tuple(items)


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The tree of an expression; raises :class:`ExpressionError` with the position for anything else."""
    if len(text) > MAX_LENGTH:
        raise fault(MAX_LENGTH, "表达式太长。", "expression too long", value=len(text), remedy_zh="最多 2000 个字符。")
    parser = _Parser(text)
    tree = parser.either()
    if parser.token.kind != "end":
        token = parser.token
        raise fault(token.at, f"多出“{token.text}”。", f"unexpected {token.text!r}", value=token.text,
                    remedy_zh="请检查括号和运算符。")  # fmt: skip
    return tree


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    match node:
        case Unary(arg=arg):
            return (arg,)
        case Binary(left=left, right=right):
            return (left, right)
        case Call(args=below) | ListOf(items=below):
            return below
        case _:
            return ()


def names(node: Node) -> frozenset[str]:
    """Every field the tree reads."""
    found, waiting = set(), [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Name):
            found.add(one.id)
        waiting.extend(children(one))
    return frozenset(found)
