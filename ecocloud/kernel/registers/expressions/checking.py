"""Types and units of expressions: what passes here never meets a wrong type or unit when it is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from functools import lru_cache

from ecocloud.base.units.quantity import UnitError, parse_unit
from ecocloud.base.units.registry import root
from ecocloud.kernel.regions import unmeasured
from ecocloud.kernel.registers.errors import ExpressionError
from ecocloud.kernel.registers.expressions import syntax
from ecocloud.kernel.registers.expressions.syntax import Binary, Call, ListOf, Literal, Name, Node, Number, Unary, fault

Dimensions = tuple[tuple[str, Fraction], ...]
WORDS = {"number": "数字", "text": "文字", "date": "日期", "bool": "是否", "list": "列表"}


@dataclass(frozen=True)
class Kind:
    """The type of a node. ``dims`` and ``factor`` belong to numbers: dimensions, and root units in one of its units;
    ``dims`` None is the literal 0, which fits every unit. ``codes`` are the entries of a choice's dictionary."""

    name: str
    dims: Dimensions | None = ()
    factor: Fraction = Fraction(1)
    unit: str = ""
    codes: frozenset[str] | None = None
    item: Kind | None = None
    bare: bool = field(default=False, compare=False)

    @property
    def is_share(self) -> bool:
        """Whether it is a pure ratio written in % or ‰, so that a bare number beside it would be ambiguous."""
        return self.name == "number" and self.dims == () and self.factor != 1

    def words(self) -> str:
        """The type in Chinese words."""
        return f"数字（{self.unit}）" if self.name == "number" and self.unit else WORDS[self.name]


TEXT, DATE, BOOL = Kind("text"), Kind("date"), Kind("bool")


@lru_cache(maxsize=1024)
def number(unit: str = "") -> Kind:
    """The type of numbers in ``unit``; raises ``UnitError`` for an unknown unit."""
    if not unit:
        return Kind("number")
    parsed = parse_unit(unit)
    return Kind("number", root(parsed.parts)[1], parsed.factor, unit)


def text_of(codes: frozenset[str]) -> Kind:
    """The type of a choice among ``codes``."""
    return Kind("text", codes=codes)


def list_of(item: Kind) -> Kind:
    """The type of a list of ``item``."""
    return Kind("list", item=item)


@dataclass(frozen=True)
class Scope:
    """What an expression may read: fields by name with their types, and dictionaries by name with their codes."""

    fields: Mapping[str, Kind]
    dictionaries: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # What the fields are called, where a formula must not be made of them by what they are (``regions.unmeasured``).
    names: Mapping[str, str] = field(default_factory=dict)


AGGREGATES = {"rows": (0, 1), "total": (1, 2), "mean": (1, 2), "lowest": (1, 2), "highest": (1, 2)}


class Checker:
    """Types of every node of one tree; ``aggregate`` allows rows(...), total(...) and the like outside of rows."""

    def __init__(self, scope: Scope, *, aggregate: bool = False) -> None:
        self.scope = scope
        self.aggregate = aggregate

    def check(self, node: Node) -> Kind:
        """The type of ``node``; raises :class:`ExpressionError` at the first mistake."""
        match node:
            case Number():
                return self._literal(node)
            case Literal(value=value):
                return BOOL if isinstance(value, bool) else Kind("text", codes=frozenset([value]), bare=True)
            case Name():
                return self._field(node)
            case Unary():
                return self._unary(node)
            case Binary():
                return self._binary(node)
            case ListOf():
                return self._list(node)
            case Call():
                return self._call(node)

    def _literal(self, node: Number) -> Kind:
        try:
            kind = number(node.unit)
        except UnitError as error:
            raise fault(
                node.at, error.message_zh, error.message_en, value=node.unit, remedy_zh=error.remedy_zh
            ) from None
        if not node.unit:
            kind = replace(kind, bare=True, dims=None if node.value == 0 else ())
        return kind

    def _field(self, node: Name) -> Kind:
        kind = self.scope.fields.get(node.id)
        word = unmeasured.word_in(node.id, self.scope.names.get(node.id, ""))
        if word:
            zh, en, remedy = unmeasured.sentences(word)
            raise fault(node.at, zh, en, value=node.id, remedy_zh=remedy)
        if kind is not None and not self.aggregate:
            return kind
        near = get_close_matches(node.id, self.scope.fields, n=3, cutoff=0.5)
        if self.aggregate and kind is not None:
            remedy = "字段要写在 rows、total、mean、lowest、highest 里面。"
        else:
            remedy = f"相近的字段：{'、'.join(near)}。" if near else "请写本类型已有的字段代码。"
        raise fault(node.at, f"没有字段“{node.id}”。", f"unknown field {node.id!r}", value=node.id, remedy_zh=remedy)

    def _unary(self, node: Unary) -> Kind:
        wanted = "number" if node.sign == "-" else "bool"
        return self._need(node.arg, wanted)

    def _need(self, node: Node, wanted: str) -> Kind:
        kind = self.check(node)
        if kind.name != wanted:
            raise fault(node.at, f"这里应为{WORDS[wanted]}，不是{kind.words()}。",
                f"{wanted} expected, got {kind.name}",
                        value=kind.name, remedy_zh=f"请写{WORDS[wanted]}。")  # fmt: skip
        return kind

    def _binary(self, node: Binary) -> Kind:
        if node.sign in ("and", "or"):
            self._need(node.left, "bool")
            self._need(node.right, "bool")
            return BOOL
        if node.sign in ("*", "/"):
            return self._product(node)
        if node.sign in ("+", "-"):
            return self._same(node.at, [self._need(node.left, "number"), self._need(node.right, "number")])
        if node.sign == "in":
            return self._member(node)
        left, right = self.check(node.left), self.check(node.right)
        self._same(node.at, [left, right])
        if left.name == "list" or (node.sign not in ("=", "!=") and left.name not in ("number", "date")):
            raise fault(node.at, f"{left.words()}不能用“{node.sign}”比较。", f"{node.sign} on {left.name}",
                        value=node.sign, remedy_zh="文字和是否只能比较 = 或 !=；列表用 in。")  # fmt: skip
        return BOOL

    def _product(self, node: Binary) -> Kind:
        left, right = self._need(node.left, "number"), self._need(node.right, "number")
        powers = dict(left.dims or ())
        sign = 1 if node.sign == "*" else -1
        for name, power in right.dims or ():
            powers[name] = powers.get(name, Fraction(0)) + sign * power
        dims = tuple(sorted((name, power) for name, power in powers.items() if power))
        return Kind("number", dims, unit="" if not dims else f"{left.unit or '1'}{node.sign}{right.unit or '1'}")

    def _same(self, at: int, kinds: list[Kind]) -> Kind:
        """The common type of several; raises where they differ in type, unit or dictionary."""
        first = kinds[0]
        for other in kinds[1:]:
            first = self._both(at, first, other)
        return first

    def _both(self, at: int, one: Kind, other: Kind) -> Kind:
        if one.name != other.name:
            raise fault(at, f"{one.words()}与{other.words()}不是同一类。", f"{one.name} against {other.name}",
                        value=f"{one.name}/{other.name}", remedy_zh="两边应为同一类的值。")  # fmt: skip
        if one.name == "number":
            return self._both_numbers(at, one, other)
        if one.name == "text":
            return self._both_texts(at, one, other)
        if one.name == "list":
            return list_of(self._both(at, one.item, other.item))
        return one

    def _both_numbers(self, at: int, one: Kind, other: Kind) -> Kind:
        if one.dims is None or other.dims is None:
            return other if one.dims is None else one
        if one.dims != other.dims:
            raise fault(at, f"单位“{one.unit or '无'}”与“{other.unit or '无'}”不是同一种量。",
                        f"units {one.unit or '1'} and {other.unit or '1'} differ", value=f"{one.unit}/{other.unit}",
                        remedy_zh="请给数字写上单位，如 3[km]，或改用同一种量的字段。")  # fmt: skip
        if (one.bare and other.is_share) or (other.bare and one.is_share):
            raise fault(at, "比率旁的数字没有写单位。", "bare number beside a share", remedy_zh="请写明，如 95[%]。")
        return replace(one, bare=one.bare and other.bare)

    def _both_texts(self, at: int, one: Kind, other: Kind) -> Kind:
        if one.codes is None or other.codes is None:
            return TEXT
        for literal, choice in ((one, other), (other, one)):
            if literal.bare and not choice.bare and not literal.codes <= choice.codes:
                word = min(literal.codes - choice.codes)
                near = get_close_matches(word, choice.codes, n=3, cutoff=0.4) or sorted(choice.codes)[:5]
                raise fault(at, f"字典里没有“{word}”。", f"{word!r} is not in the dictionary", value=word,
                            remedy_zh=f"可用的代码：{'、'.join(near)}。")  # fmt: skip
        return Kind("text", codes=one.codes | other.codes, bare=one.bare and other.bare)

    def _member(self, node: Binary) -> Kind:
        left, right = self.check(node.left), self._need(node.right, "list")
        if left.name == "list":
            raise fault(node.at, "列表不能是列表的成员。", "list in list", remedy_zh="左边写一个值。")
        self._both(node.at, left, right.item)
        return BOOL

    def _list(self, node: ListOf) -> Kind:
        if not node.items:
            raise fault(node.at, "列表是空的。", "empty list", remedy_zh="至少写一项。")
        kinds = [self.check(item) for item in node.items]
        if any(kind.name == "list" for kind in kinds):
            raise fault(node.at, "列表里不能再有列表。", "nested list", remedy_zh="请写成一层。")
        return list_of(self._same(node.at, kinds))

    def _call(self, node: Call) -> Kind:
        if self.aggregate and node.name in AGGREGATES:
            return self._aggregated(node)
        rule = _FUNCTIONS.get(node.name)
        if rule is None:
            near = get_close_matches(node.name, [*_FUNCTIONS, *AGGREGATES], n=3, cutoff=0.4)
            known = "、".join(near or sorted(_FUNCTIONS))
            raise fault(node.at, f"没有函数“{node.name}”。", f"unknown function {node.name!r}", value=node.name,
                        remedy_zh=f"可用的函数：{known}。")  # fmt: skip
        return rule(self, node)

    def _aggregated(self, node: Call) -> Kind:
        least, most = AGGREGATES[node.name]
        self.counted(node, least, most)
        inside = Checker(self.scope)
        if len(node.args) > least:
            inside._need(node.args[-1], "bool")
        if node.name == "rows":
            return Kind("number")
        kind = inside._need(node.args[0], "number")
        return replace(kind, bare=False, dims=kind.dims or ())

    def counted(self, node: Call, least: int, most: int | None = None) -> None:
        """Raise unless the call has from ``least`` to ``most`` arguments."""
        most = least if most is None else most
        if not least <= len(node.args) <= most:
            wanted = str(least) if least == most else f"{least} 至 {most}"
            raise fault(node.at, f"{node.name} 应有 {wanted} 个参数，写了 {len(node.args)} 个。",
                        f"{node.name} takes {least} to {most} arguments", value=len(node.args),
                        remedy_zh="请检查逗号和括号。")  # fmt: skip


def _if(checker: Checker, node: Call) -> Kind:
    checker.counted(node, 3)
    checker._need(node.args[0], "bool")
    return checker._same(node.at, [checker.check(arg) for arg in node.args[1:]])


def _coalesce(checker: Checker, node: Call) -> Kind:
    checker.counted(node, 1, 20)
    return checker._same(node.at, [checker.check(arg) for arg in node.args])


def _over(checker: Checker, node: Call, wanted: tuple[str, ...]) -> Kind:
    checker.counted(node, 1, 50)
    kinds = [checker.check(arg) for arg in node.args]
    kind = kinds[0].item if len(kinds) == 1 and kinds[0].name == "list" else checker._same(node.at, kinds)
    if wanted and kind.name not in wanted:
        names = "或".join(WORDS[name] for name in wanted)
        raise fault(node.at, f"{node.name} 只用于{names}，不是{kind.words()}。", f"{node.name} over {kind.name}",
                    value=kind.name, remedy_zh=f"请写{names}。")  # fmt: skip
    return kind


def _fixed(result: Kind, *wanted: str) -> Callable[[Checker, Call], Kind]:
    def rule(checker: Checker, node: Call) -> Kind:
        checker.counted(node, len(wanted))
        for arg, name in zip(node.args, wanted, strict=True):
            checker._need(arg, name)
        return result

    return rule


def _missing(checker: Checker, node: Call) -> Kind:
    checker.counted(node, 1)
    checker.check(node.args[0])
    return BOOL


def _date(checker: Checker, node: Call) -> Kind:
    checker.counted(node, 1)
    word = node.args[0]
    try:
        date.fromisoformat(word.value if isinstance(word, Literal) and isinstance(word.value, str) else "")
    except ValueError:
        raise fault(node.at, "日期应写成 date(\"2026-01-31\")。", "date() takes an ISO date",
                    remedy_zh="年-月-日，两位月日。") from None  # fmt: skip
    return DATE


def _add_months(checker: Checker, node: Call) -> Kind:
    checker.counted(node, 2)
    checker._need(node.args[0], "date")
    count = node.args[1].arg if isinstance(node.args[1], Unary) else node.args[1]
    if not isinstance(count, Number) or count.unit or count.value != int(count.value) or count.value > 1200:
        raise fault(node.at, "add_months 的第二个参数应为不超过 1200 的整数。", "add_months takes a whole number",
                    remedy_zh="例如 add_months(issued, 36)。")  # fmt: skip
    return DATE


def _in_dictionary(checker: Checker, node: Call) -> Kind:
    checker.counted(node, 2)
    checker._need(node.args[0], "text")
    word = node.args[1]
    name = word.value if isinstance(word, Literal) else ""
    if name not in checker.scope.dictionaries:
        known = "、".join(sorted(checker.scope.dictionaries)) or "无"
        raise fault(node.at, f"没有字典“{name}”。", f"unknown dictionary {name!r}", value=name,
                    remedy_zh=f"已有的字典：{known}。")  # fmt: skip
    return BOOL


_DAYS = number("天")
_FUNCTIONS: dict[str, Callable[[Checker, Call], Kind]] = {
    "if": _if,
    "coalesce": _coalesce,
    "missing": _missing,
    "min": lambda checker, node: _over(checker, node, ("number", "date")),
    "max": lambda checker, node: _over(checker, node, ("number", "date")),
    "sum": lambda checker, node: _over(checker, node, ("number",)),
    "count": lambda checker, node: (_over(checker, node, ()), Kind("number"))[1],
    "abs": lambda checker, node: (checker.counted(node, 1), checker._need(node.args[0], "number"))[1],
    "today": _fixed(DATE),
    "date": _date,
    "days_between": _fixed(_DAYS, "date", "date"),
    "add_months": _add_months,
    "year_of": _fixed(Kind("number"), "date"),
    "length": _fixed(Kind("number"), "text"),
    "contains": _fixed(BOOL, "text", "text"),
    "is_credit_code": _fixed(BOOL, "text"),
    "in_dictionary": _in_dictionary,
}
FUNCTIONS = frozenset(_FUNCTIONS)


def checked(text: str, scope: Scope, *, aggregate: bool = False) -> tuple[Node, Kind]:
    """The tree of ``text`` and its type; raises :class:`ExpressionError`."""
    tree = syntax.parse(text)
    return tree, Checker(scope, aggregate=aggregate).check(tree)


__all__ = ["AGGREGATES", "BOOL", "DATE", "FUNCTIONS", "TEXT", "Checker", "ExpressionError", "Kind", "Scope", "checked",
           "list_of", "number", "text_of"]  # fmt: skip
