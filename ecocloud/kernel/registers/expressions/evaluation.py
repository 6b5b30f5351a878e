"""Values of checked expressions. Numbers are exact fractions of root units; ``None`` is a missing value.

Missing values: arithmetic and comparison with one give a missing result; ``false and x`` is false and ``true or x`` is
true whatever x is; ``if`` on a missing condition is missing; min, max, sum and count pass over missing values and are
missing (count: 0) when nothing is left; a division by zero, a date outside the calendar and a result of more than 20
digits before the point are missing.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from ecocloud.base.units.quantity import parse_unit
from ecocloud.kernel.registers.errors import ExpressionError
from ecocloud.kernel.registers.expressions import syntax
from ecocloud.kernel.registers.expressions.checking import AGGREGATES, Checker, Kind, Scope, checked, number
from ecocloud.kernel.registers.expressions.codes import is_credit_code
from ecocloud.kernel.registers.expressions.syntax import Binary, Call, ListOf, Literal, Name, Node, Number, Unary

_TOO_LARGE = 10**20
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)


class Evaluator:
    """Evaluates one tree for one set of values; ``steps`` counts the nodes visited."""

    def __init__(self, scope: Scope, values: Mapping[str, Any], today: date, folded: Mapping[Call, Any] | None = None):
        self.scope, self.values, self.today = scope, values, today
        self.folded = folded or {}
        self.steps = 0

    def value(self, node: Node) -> Any:
        """The value of a node: Fraction, str, date, bool, tuple or None."""
        self.steps += 1
        match node:
            case Number(value=value, unit=unit):
                return Fraction(value) * (parse_unit(unit).factor if unit else 1)
            case Literal(value=value):
                return value
            case Name(id=name):
                return _entered(self.values.get(name), self.scope.fields[name])
            case Unary(sign=sign, arg=arg):
                inner = self.value(arg)
                return None if inner is None else (-inner if sign == "-" else not inner)
            case Binary():
                return self._binary(node)
            case ListOf(items=items):
                return tuple(self.value(item) for item in items)
            case Call():
                return self.folded[node] if node in self.folded else self._call(node)

    def _binary(self, node: Binary) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        if node.sign in ("and", "or"):
            deciding = node.sign == "or"
            if deciding in (left, right):
                return deciding
            return None if None in (left, right) else not deciding
        if left is None or right is None:
            return None
        match node.sign:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right if right else None
            case "=":
                return left == right
            case "!=":
                return left != right
            case "<":
                return left < right
            case "<=":
                return left <= right
            case ">":
                return left > right
            case ">=":
                return left >= right
            case _:
                return left in right

    def _call(self, node: Call) -> Any:
        if node.name == "date":
            return date.fromisoformat(node.args[0].value)
        given = [self.value(arg) for arg in node.args]
        match node.name:
            case "if":
                return None if given[0] is None else given[1 if given[0] else 2]
            case "coalesce":
                return next((one for one in given if one is not None), None)
            case "missing":
                return given[0] is None or given[0] == ()
            case "min" | "max" | "sum" | "count":
                return _folded(node.name, given)
            case "today":
                return self.today
        if None in given:
            return None
        match node.name:
            case "abs":
                return abs(given[0])
            case "days_between":
                return Fraction((given[1] - given[0]).days) * parse_unit("天").factor
            case "add_months":
                return _later(given[0], int(given[1]))
            case "year_of":
                return Fraction(given[0].year)
            case "length":
                return Fraction(len(given[0]))
            case "contains":
                return given[1] in given[0]
            case "is_credit_code":
                return is_credit_code(given[0])
            case _:
                return given[0] in self.scope.dictionaries[given[1]]


def _entered(value: Any, kind: Kind) -> Any:
    if value is None or value == "":
        return None
    if kind.name == "number":
        return Fraction(value) * kind.factor
    if kind.name == "list":
        return tuple(_entered(item, kind.item) for item in value)
    return value


def _folded(name: str, given: list[Any]) -> Any:
    items = given[0] if len(given) == 1 and isinstance(given[0], tuple) else given
    there = [item for item in items if item is not None]
    if name == "count":
        return Fraction(len(there))
    if not there:
        return None
    return {"min": min, "max": max, "sum": lambda parts: sum(parts, Fraction(0))}[name](there)


def _later(day: date, months: int) -> date | None:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _in_unit(value: Any, kind: Kind, unit: str, decimals: int) -> Any:
    if kind.name != "number" or value is None:
        return value
    share = value / number(unit).factor
    if abs(share) >= _TOO_LARGE:
        return None
    exact = _WIDE.divide(Decimal(share.numerator), Decimal(share.denominator))
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), context=_WIDE).normalize(_WIDE)
    return rounded if rounded.as_tuple().exponent <= 0 else rounded.quantize(Decimal(1), context=_WIDE)


@dataclass(frozen=True)
class Expression:
    """A checked expression over the fields of one object."""

    text: str
    tree: Node
    kind: Kind
    scope: Scope
    unit: str = ""
    decimals: int = 6

    @property
    def names(self) -> frozenset[str]:
        """The fields it reads."""
        return syntax.names(self.tree)

    def __call__(self, values: Mapping[str, Any], today: date) -> Any:
        """The value for an object: Decimal in ``unit``, str, bool, date, tuple, or None when missing.

        values: by field name, numbers as Decimal or int in their field's unit; today: the day of the evaluation.
        """
        found = Evaluator(self.scope, values, today).value(self.tree)
        return _in_unit(found, self.kind, self.unit, self.decimals)


def compile_row(text: str, scope: Scope, *, wanted: str = "", unit: str = "", decimals: int = 6) -> Expression:
    """A checked expression over one object.

    wanted: the type its result must have (number, text, date, bool); unit, decimals: of a number's result.
    Raises :class:`ExpressionError`.
    """
    tree, kind = checked(text, scope)
    _expect(kind, wanted, unit)
    return Expression(text, tree, kind, scope, unit, decimals)


def _expect(kind: Kind, wanted: str, unit: str) -> None:
    if wanted and kind.name != wanted:
        raise ExpressionError(f"结果应为{Kind(wanted).words()}，不是{kind.words()}。",
            f"{wanted} expected, got {kind.name}",
                              value=kind.name, remedy_zh="请改写表达式或字段类型。")  # fmt: skip
    if kind.name == "number" and kind.dims is not None and number(unit).dims != kind.dims:
        raise ExpressionError(f"结果的单位“{kind.unit or '无'}”换算不成“{unit or '无'}”。",
                              f"result in {kind.unit or '1'} does not fit {unit or '1'}", value=kind.unit,
                              remedy_zh="请改正字段的单位或表达式。")  # fmt: skip


@dataclass(frozen=True)
class Aggregate:
    """A checked expression over all objects of a type: rows(...), total(...), mean(...), lowest(...), highest(...)."""

    text: str
    tree: Node
    kind: Kind
    scope: Scope
    unit: str
    decimals: int

    def __call__(self, objects: Iterable[Mapping[str, Any]], today: date) -> Decimal | None:
        """The value over ``objects`` (values by field name), in ``unit`` rounded half-even to ``decimals``."""
        return together([self], objects, today)[0]

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """rows(...), total(...) and the like, in the order of the text."""
        return tuple(sorted(dict.fromkeys(_aggregates(self.tree)), key=lambda call: call.at))

    def part(self, call: Call, values: Mapping[str, Any], today: date) -> Fraction | None:
        """What one object adds to a call, in root units; None when it is not counted there."""
        row = Evaluator(self.scope, values, today)
        if len(call.args) > AGGREGATES[call.name][0] and row.value(call.args[-1]) is not True:
            return None
        return Fraction(1) if call.name == "rows" else row.value(call.args[0])

    def result(self, seen: Mapping[Call, list[Fraction]], today: date) -> Decimal | None:
        """The value, given what all objects added to each call."""
        folded = {call: _fold(call.name, found) for call, found in seen.items()}
        value = Evaluator(self.scope, {}, today, folded).value(self.tree)
        return _in_unit(value, self.kind, self.unit, self.decimals)

    def text_of(self, call: Call) -> str:
        """A call as it is written in the expression."""
        depth, quoted = 0, False
        for position in range(call.at, len(self.text)):
            sign = self.text[position]
            quoted ^= sign == '"'
            depth += 0 if quoted else {"(": 1, ")": -1}.get(sign, 0)
            if sign == ")" and depth == 0 and not quoted:
                return self.text[call.at : position + 1]
        return self.text[call.at :]

    @cached_property
    def names(self) -> frozenset[str]:
        """The fields and header values the expression reads."""
        found, waiting = set(), [self.tree]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Name):
                found.add(node.id)
            waiting.extend(syntax.children(node))
        return frozenset(found)


def together(
    aggregates: Sequence[Aggregate], objects: Iterable[Mapping[str, Any]], today: date
) -> list[Decimal | None]:
    """The values of several expressions over the same objects, which are walked once."""
    seen: list[dict[Call, list[Fraction]]] = [{call: [] for call in one.calls} for one in aggregates]
    for values in objects:
        for one, lists in zip(aggregates, seen, strict=True):
            for call, held in lists.items():
                found = one.part(call, values, today)
                if found is not None:
                    held.append(found)
    return [one.result(lists, today) for one, lists in zip(aggregates, seen, strict=True)]


def _aggregates(tree: Node) -> list[Call]:
    found, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Call) and node.name in AGGREGATES:
            found.append(node)
        else:
            waiting.extend(syntax.children(node))
    return found


def _fold(name: str, found: list[Fraction]) -> Fraction | None:
    if name in ("rows", "total"):
        return sum(found, Fraction(0))
    if not found:
        return None
    if name == "mean":
        return sum(found, Fraction(0)) / len(found)
    return min(found) if name == "lowest" else max(found)


def compile_aggregate(text: str, scope: Scope, *, unit: str = "", decimals: int = 2) -> Aggregate:
    """A checked expression over the objects of a type; its result is a number in ``unit``."""
    tree = syntax.parse(text)
    kind = Checker(scope, aggregate=True).check(tree)
    _expect(kind, "number", unit)
    return Aggregate(text, tree, kind, scope, unit, decimals)
