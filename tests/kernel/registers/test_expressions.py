"""The expression language: arithmetic with units, missing values, refusals, and its three promises as properties.

Expected values are worked by hand from the definitions of the units (1 km = 1000 m, 1 公顷 = 15 亩) and of Kleene's
three-valued logic.
"""

import string
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecocloud.kernel.registers.errors import ExpressionError
from ecocloud.kernel.registers.expressions import (
    BOOL,
    DATE,
    TEXT,
    Scope,
    checking,
    compile_aggregate,
    compile_row,
    evaluation,
    list_of,
    number,
    syntax,
    text_of,
)  # fmt: skip
from ecocloud.kernel.registers.expressions.syntax import Binary, Call, ListOf, Literal, Name, Number, Unary

TODAY = date(2026, 3, 1)
SCOPE = Scope(
    {
        "length": number("km"), "width": number("m"), "mass": number("kg"), "rate": number("%"), "area": number("亩"),
        "n": number(), "found": DATE, "due": DATE, "note": TEXT, "kind": text_of(frozenset({"a", "b"})), "ok": BOOL,
        "uses": list_of(text_of(frozenset({"x", "y"}))), "inspection.visit.passed": BOOL,
    },
    {"seen": frozenset({"a"})},
)  # fmt: skip


def value(text, unit="", decimals=6, **values):
    return compile_row(text, SCOPE, unit=unit, decimals=decimals)(values, TODAY)


@pytest.mark.parametrize(
    ("text", "unit", "values", "expected"),
    [
        ("length + width", "m", {"length": Decimal("1.5"), "width": 20}, Decimal(1520)),
        ("length * width", "公顷", {"length": 2, "width": 5}, Decimal(1)),
        ("area", "公顷", {"area": 30}, Decimal(2)),
        ("width / width", "%", {"width": 4}, Decimal(100)),
        ("1 - rate", "%", {"rate": 30}, None),
        ("100[%] - rate", "%", {"rate": 30}, Decimal(70)),
        ("days_between(found, today())", "天", {"found": date(2026, 2, 1)}, Decimal(28)),
        ("min(length, width)", "m", {"length": 1}, Decimal(1000)),
        ("sum(n, 1, 2)", "", {}, Decimal(3)),
        ("max([n, 7])", "", {"n": 9}, Decimal(9)),
        ("count(uses)", "", {"uses": ["x", "y"]}, Decimal(2)),
        ("year_of(found) - 2000", "", {"found": date(2026, 1, 1)}, Decimal(26)),
        ("n * 1000000 * 1000000", "", {"n": 5}, Decimal(5 * 10**12)),
        ("if(length > 0, 1, 2)", "", {"length": Decimal("0.1")}, Decimal(1)),
        ("-n + abs(n)", "", {"n": -3}, Decimal(6)),
    ],
)
def test_numbers(text, unit, values, expected):
    if expected is None:  # a bare number beside a share is ambiguous
        with pytest.raises(ExpressionError, match="bare number"):
            value(text, unit, **values)
        return
    assert value(text, unit, **values) == expected


def test_a_third_is_rounded_half_even():
    assert value("1 / 3", decimals=2) == Decimal("0.33")
    assert value("1 / 8", decimals=2) == Decimal("0.12")  # GB/T 8170: 0.125 goes to the even digit


def test_dates():
    assert value("add_months(found, 1)", found=date(2026, 1, 31)) == date(2026, 2, 28)
    assert value("add_months(found, -1)", found=date(2026, 3, 31)) == date(2026, 2, 28)
    assert value("add_months(found, 1200)", found=date(9950, 1, 1)) is None
    assert value('found < date("2026-01-02")', found=date(2026, 1, 1)) is True


U, T, F = None, True, False


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [(T, T, T, T), (T, F, F, T), (T, U, U, T), (F, F, F, F), (F, U, F, U), (U, U, U, U), (U, T, U, T), (U, F, F, U)],
)
def test_three_valued_logic(left, right, both, either):
    """Kleene's tables."""
    values = {"ok": left, "inspection.visit.passed": right}
    assert value("ok and inspection.visit.passed", **values) is both
    assert value("ok or inspection.visit.passed", **values) is either
    assert value("not ok", **values) is (None if left is None else not left)


def test_missing_values():
    assert value("length + width", "m", length=1) is None
    assert value("n / n", n=0) is None
    assert value("n > 1") is None
    assert value("if(ok, 1, 2)") is None
    assert value("coalesce(n, 4)") == 4
    assert value("missing(n) and missing(note)", note="") is True
    assert value("sum(n, n)") is None
    assert value("count(n, 1)") == 1
    assert value('kind in ["a"]') is None


def test_texts_and_lists():
    assert value('kind in ["a", "b"] and "x" in uses', kind="b", uses=("x",)) is True
    assert value('in_dictionary(kind, "seen")', kind="b") is False
    assert value('contains(note, "桥") and length(note) = 3', note="大桥下") is True


@pytest.mark.parametrize(
    ("code", "right"),
    [
        ("91350100M000100Y43", True),  # worked example of GB 32100-2015: the sum is 1640, so the check character is 3
        ("91350100M000100Y4Z", False),
        ("91130200699229617X", True),  # example of HJ 608-2017, annex A
        ("91130200699229671X", False),  # two digits changed places
        ("9113020069922961", False),
        ("91350100M000100O43", False),  # the letter O is none of the 31
        ("91350100m000100y43", False),
        (None, None),
    ],
)
def test_a_credit_code_has_its_check_character(code, right):
    assert value("is_credit_code(note)", note=code) is right


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("length + mass", "differ"), ("length > 3", "differ"), ("rate > 95", "bare number"),
        ("kind = \"c\"", "dictionary"),
        ("lenght", "unknown field"), ("open(note)", "unknown function"), ("kind < \"b\"", "on text"),
        ("if(ok, 1)", "arguments"), ("ok + 1", "number expected"), ("not n", "bool expected"), ("1 = note", "against"),
        ("n in 3", "list expected"), ("uses = uses", "on list"), ("[]", "empty list"), ("[[n]]", "nested"),
        ("in_dictionary(kind, \"zzz\")", "unknown dictionary"), ("date(\"2026-13-01\")", "ISO date"),
        ("add_months(found, n)", "whole number"), ("3[克朗]", "unit"), ("rows()", "unknown function"), ("1 +", "end"),
        ("1 2", "unexpected"), ("(1", "expected"), ("n == 1", "unexpected"), ("n.__class__", "unexpected"), ("", "end"),
        ("\u2028", "unexpected|end"), ("min(uses)", "over text"), ("1" * 31, "too long"),
        ("n+" * 1200 + "n", "too long"),
        ("(" * 60 + "n" + ")" * 60, "deep"), ("+".join("n" * 150), "too many"), ("uses in uses", "list in list"),
    ],
)  # fmt: skip
def test_refusals_name_the_mistake(text, word):
    with pytest.raises(ExpressionError, match=word) as caught:
        compile_row(text, SCOPE)
    assert caught.value.message_zh
    assert caught.value.remedy_zh or caught.value.where


def test_a_result_must_fit_its_field():
    for text, wanted, unit in (("length", "number", "kg"), ("note", "number", ""), ("n", "bool", "")):
        with pytest.raises(ExpressionError):
            compile_row(text, SCOPE, wanted=wanted, unit=unit)


def test_aggregates():
    rows = [{"kind": "a", "n": 1}, {"kind": "b", "n": 3}, {"n": None}]

    def over(text, unit=""):
        return compile_aggregate(text, SCOPE, unit=unit)(iter(rows), TODAY)

    assert over("rows()") == 3
    assert over('rows(kind = "a") / rows()', "%") == Decimal("33.33")
    assert over("total(n)") == 4
    assert over("mean(n)") == 2
    assert over('highest(n, kind = "a") + lowest(n)') == 2
    assert over("mean(n, false)") is None
    assert over("1 / rows(false)") is None
    for wrong in ("n", "rows(rows() > 1)", "total(note)", "rows(1)", "kind"):
        with pytest.raises(ExpressionError):
            compile_aggregate(wrong, SCOPE)


# --- the three promises -----------------------------------------------------------------------------------------------

LEAVES = st.one_of(
    st.sampled_from([Name(name, 0) for name in sorted(SCOPE.fields)]),
    st.builds(Number, st.sampled_from([Decimal(0), Decimal(1), Decimal("2.5")]), st.sampled_from(["", "m", "%", "天"]),
              st.just(0)),
    st.builds(Literal, st.sampled_from(["a", "x", True, False]), st.just(0)),
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda below: st.one_of(
        st.builds(Unary, st.sampled_from(["-", "not"]), below, st.just(0)),
        st.builds(Binary, st.sampled_from(["+", "-", "*", "/", "=", "!=", "<", ">=", "and", "or", "in"]), below, below,
                  st.just(0)),
        st.builds(ListOf, st.lists(below, min_size=1, max_size=3).map(tuple), st.just(0)),
        st.builds(Call, st.sampled_from(sorted(checking.FUNCTIONS)), st.lists(below, max_size=3).map(tuple),
            st.just(0)),
    ),
    max_leaves=12,
)  # fmt: skip
NUMBERS = st.one_of(st.none(), st.integers(-(10**12), 10**12), st.decimals(-1000, 1000, places=6))
DAYS = st.one_of(st.none(), st.dates())
VALUES = st.fixed_dictionaries({
    "length": NUMBERS, "width": NUMBERS, "mass": NUMBERS, "rate": NUMBERS, "area": NUMBERS, "n": NUMBERS,
    "found": DAYS, "due": DAYS, "note": st.one_of(st.none(), st.text(max_size=5)),
    "kind": st.sampled_from([None, "a", "b"]), "ok": st.sampled_from([None, True, False]),
    "uses": st.sampled_from([None, (), ("x",), ("x", "y")]), "inspection.visit.passed": st.sampled_from([None, True]),
})  # fmt: skip
PYTHON_TYPE = {"number": Fraction, "text": str, "date": date, "bool": bool, "list": tuple}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much], derandomize=True)
@given(TREES, VALUES)
def test_the_checker_is_sound_and_every_evaluation_ends_within_its_cost(tree, values):
    """What passes the checker never raises, has the promised type, and visits each node at most once."""
    try:
        kind = checking.Checker(SCOPE).check(tree)
    except ExpressionError:
        return
    run = evaluation.Evaluator(SCOPE, values, TODAY)
    found = run.value(tree)
    assert found is None or isinstance(found, PYTHON_TYPE[kind.name])
    waiting, nodes = [tree], 0
    while waiting:
        nodes += 1
        waiting.extend(syntax.children(waiting.pop()))
    assert run.steps <= nodes
    if kind.name == "number" and kind.dims in ((), None):
        shown = evaluation._in_unit(found, kind, "", 6)
        assert shown is None or (isinstance(shown, Decimal) and abs(shown) <= 10**20)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(TREES, VALUES)
def test_an_expression_reaches_nothing_but_its_fields(tree, values):
    """The values are a mapping that records what is asked of it: only the names of the tree, all of them fields."""
    try:
        checking.Checker(SCOPE).check(tree)
    except ExpressionError:
        return
    asked = set()

    class Watched(dict):
        def get(self, key, default=None):
            asked.add(key)
            return super().get(key, default)

        def __getitem__(self, key):
            raise AssertionError("only get is used")

    evaluation.Evaluator(SCOPE, Watched(values), TODAY).value(tree)
    assert asked <= syntax.names(tree) <= set(SCOPE.fields)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.one_of(
    st.text(max_size=60),
    st.text(alphabet="n+-*/()[],=<>! \"1.", max_size=80),
    st.lists(st.sampled_from(["n", "length", "(", ")", "+", "and", "not", "if(", ",", "1", "3[km]", '"a"', "in", "[",
        "]",
                              "rows(", "__import__", "lambda", ".", "\\", "\x00"]), max_size=40).map(" ".join),
))  # fmt: skip
def test_any_text_is_an_expression_or_our_error(text):
    try:
        compile_row(text, SCOPE, unit="")
    except ExpressionError:
        return
    assert text.strip(string.whitespace)


def test_the_highest_tree_is_checked_and_evaluated():
    """The limits themselves: 99 additions, 39 brackets."""
    assert value("+".join("n" * 99), n=1) == 99
    assert value("(" * 38 + "n" + ")" * 38, n=1) == 1
    assert value("*".join(["n"] * 90), n=10**12) is None  # more digits than any result may have
