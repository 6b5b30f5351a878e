"""Automatic flags: each rule at its bound, late data, and a plain second implementation for the drift rule.

Expected values are worked out by hand from the rules given here; the drift is compared with Fraction arithmetic.
"""

import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring.hj212.tables import TableError
from ecocloud.intake.monitoring.quality import rules as table
from ecocloud.intake.monitoring.quality.flags import Subject, flags
from ecocloud.intake.monitoring.quality.series import Series, exact, plain
from ecocloud.intake.monitoring.simulator import series as simulated

HOUR = 3600
START = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
HEAD = "  - {code: it, zh: 规则, en: A rule, citation: 测试, mark: from_memory, "


def made(text):
    return table.read("rules:\n" + HEAD + text + "}\n").rules


def hourly(*values, first=0, step=1):
    return Series.of((START + (first + step * n) * HOUR, value) for n, value in enumerate(values))


def found(rule, first=0, last=10**6, kind="air", neighbours=None, ranges=None, **series):
    one = Subject(kind, series, neighbours or {}, ranges or {})
    return [(flag.factor, (flag.at - START) // HOUR)
            for flag in flags(made(rule), one, START + first * HOUR, START + last * HOUR)]  # fmt: skip


def test_a_value_equal_to_a_bound_is_inside():
    rule = "check: range, factors: {a: {low: 0, high: 1000.5, unit: x}}"
    values = hourly(0, -0.000001, 1000.5, 1000.500001, None)
    assert found(rule, a=values) == [("a", 1), ("a", 3)]
    (low, high) = flags(made(rule), Subject("air", {"a": values}), START, START + 9 * HOUR)
    assert (low.values, low.bound) == ({"value": "-0.000001"}, {"low": "0", "high": "1000.5"})
    assert high.values == {"value": "1000.500001"}


def test_the_instruments_own_range():
    assert found("check: instrument", a=hourly(5, 5.1), ranges={"a": (None, 5_000_000)}) == [("a", 1)]
    assert found("check: instrument", a=hourly(5, 5.1), ranges={"a": (None, None)}) == []


def test_a_change_counts_from_the_value_before_however_many_are_missing_between():
    rule = "check: rate, minutes: 180, factors: {a: {change: 10, unit: x}}"
    assert found(rule, a=hourly(1, 11, 21.000001, None, None, 5)) == [("a", 2), ("a", 5)]
    assert found(rule, a=hourly(1, None, None, None, 50)) == []  # four hours apart


def test_the_same_value_is_flagged_from_the_hour_the_time_is_full():
    rule = "check: flat, hours: 3, least: 3, without: [b]"
    assert found(rule, a=hourly(1, 7, 7, 7, 7, 8), b=hourly(*[2] * 6)) == [("a", 3), ("a", 4)]
    assert found(rule, a=hourly(7, 7, None, 7, 7)) == []  # two values in three hours are not enough
    tolerant = "check: flat, hours: 3, least: 3, tolerance: 0.1"
    assert found(tolerant, a=hourly(7, 7.1, 7)) == [("a", 2)]
    assert found(tolerant, a=hourly(7, 7.100001, 7)) == []


def test_signs():
    assert found("check: sign, which: negative, factors: [a]", a=hourly(0, -0.1, 1, None)) == [("a", 1)]
    assert found("check: sign, which: zero, factors: [a]", a=hourly(0, -0.1, 1, None)) == [("a", 0)]


def test_a_part_above_its_whole_flags_both_and_only_where_both_are():
    rule = "check: order, part: p, whole: w, tolerance: 0, unit: x"
    assert found(rule, p=hourly(50, 51, 60, None), w=hourly(50, 50, None, 1)) == [("p", 1), ("w", 1)]


def test_rules_are_for_the_kinds_they_name():
    rule = "check: sign, which: zero, factors: [a], kinds: [section]"
    assert found(rule, kind="air", a=hourly(0)) == []
    assert found(rule, kind="section", a=hourly(0)) == [("a", 0)]


DRIFT = ("check: drift, hours: 6, neighbours: 2, share: 50, kilometres: 9, "
         "factors: {a: {least: 10, percent: 20, unit: x}}")  # fmt: skip


def plain_drift(mine, others):
    """The drift rule by loops over fractions: hours that are flagged."""
    bad = []
    for at in sorted(mine):
        apart = []
        for hour in range(at - 5, at + 1):
            beside = [one[hour] for one in others if hour in one]
            if hour in mine and len(beside) >= 2:
                apart.append((Fraction(mine[hour]), Fraction(median(map(Fraction, beside)))))
        if len(apart) >= 3 and at in mine and sum(at in one for one in others) >= 2:
            mean = sum(a - b for a, b in apart) / len(apart)
            base = sum(b for _a, b in apart) / len(apart)
            if abs(mean) > max(Fraction(10), Fraction(20, 100) * abs(base)):
                bad.append(at)
    return bad


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.integers(0, 14), st.integers(0, 120), max_size=15), min_size=3, max_size=5
    )
)  # fmt: skip
def test_drift_is_what_a_plain_reckoning_finds(stations):
    mine, *others = stations
    series = [Series.of((START + hour * HOUR, value) for hour, value in one.items()) for one in stations]
    hours = [hour for _factor, hour in found(DRIFT, neighbours={"a": series[1:]}, a=series[0])]
    assert hours == plain_drift(mine, others)


def test_drift_needs_neighbours():
    far = hourly(*[100] * 10)
    assert found(DRIFT, a=far, neighbours={"a": [hourly(*[10] * 10)]}) == []
    two = {"a": [hourly(*[10] * 10), hourly(*[12] * 10)]}
    assert found(DRIFT, a=far, neighbours=two) == [("a", hour) for hour in range(2, 10)]


values = st.one_of(st.none(), st.integers(-5, 60))


@settings(max_examples=60, deadline=None)
@given(st.lists(values, min_size=1, max_size=40), st.lists(values, min_size=1, max_size=40), st.integers(1, 39))
def test_flags_of_a_window_need_only_what_the_rules_reach_back(one, two, cut):
    """Re-flagging from a late value on, with the values before it as far as the rules reach, gives what flagging all
    gives: whatever the order in which values came."""
    rules = (
        made("check: rate, minutes: 180, factors: {a: {change: 10, unit: x}}")
        + made("check: flat, hours: 3, least: 3") + made("check: order, part: a, whole: b, unit: x")
        + made("check: range, factors: {a: {low: 0, high: 40, unit: x}}")
    )  # fmt: skip
    whole = Subject("air", {"a": hourly(*one), "b": hourly(*two)})
    first, reach = START + cut * HOUR, max(rule.reach for rule in rules)
    late = Subject("air", {name: Series(*(part[kept] for part in (row.times, row.values, row.missing)))
                           for name, row in whole.series.items() for kept in [row.times >= first - reach]})  # fmt: skip
    end = START + 99 * HOUR
    all_at_once = flags(rules, whole, START, end)
    assert flags(rules, whole, START, first) + flags(rules, late, first, end) == sorted(
        all_at_once, key=lambda flag: flag.at >= first
    )


def test_numbers_are_the_shortest_decimals():
    assert [exact(one) for one in (0.1 + 0.2, 62.2, None, float("nan"), float("inf"), 1e13)] == [
        300_000, 62_200_000, None, None, None, None,
    ]  # fmt: skip
    assert [plain(one) for one in (0, -1, 12_300_000, -5_000_000)] == ["0", "-0.000001", "12.3", "-5"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("check: range, factors: {a: {unit: x}}", "neither low nor high"),
        ("check: range, factors: {a: {low: 2, high: 2, unit: x}}", "low is not below high"),
        ("check: drift, hours: 1, neighbours: 2, share: 5, kilometres: 1, factors: {}", "greater than or equal to 2"),
        ("check: wish", "check"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place(text, words):
    with pytest.raises(TableError) as refused:
        made(text)
    assert words in refused.value.sentence_zh() and refused.value.where["文件"] == "rules.yaml"


def test_a_code_twice_is_refused():
    with pytest.raises(TableError, match="twice"):
        table.read("rules:\n" + (HEAD + "check: instrument}\n") * 2)


def air(mn, days=10):
    """Hour means of a simulated station, by factor, and when it was looked after."""
    rows, hour = {}, timedelta(hours=1)
    for code in ("a34004", "a34002", "a05024", "a21004", "a21005"):
        pairs = []
        for n in range(days * 24):
            at = datetime(2026, 3, 1, tzinfo=UTC) + n * hour
            if simulated.flag(mn, at) == "N":
                pairs.append((int(at.timestamp()), dict(simulated.period(mn, code, at, hour))[f"{code}-Avg"]))
        rows[code] = Series.of(pairs)
    return rows


def test_planted_faults_are_flagged_and_nothing_else():
    """The rules of the installation on four simulated stations: clean ones give no flag but what a real rule may say of
    an episode; a planted fault of each kind is found in its hour."""
    rules, stations = table.rules().in_use, [air(f"CLEAN{n}") for n in range(4)]

    def said(rows, first=96):
        others = {code: [one[code] for one in stations[1:]] for code in rows}
        found = flags(rules, Subject("air", rows, others), START + first * HOUR, START + 240 * HOUR)
        return {(flag.rule, flag.factor, (flag.at - START) // HOUR) for flag in found}

    assert said(stations[0]) == set()
    rng = random.Random(7)

    def planted(code, change):
        rows = dict(stations[0])
        rows[code] = Series.of(
            (int(at), change((int(at) - START) // HOUR, value / 10**6))
            for at, value in zip(rows[code].times, rows[code].values.tolist(), strict=True)
        )
        return said(rows)

    hour = rng.randrange(120, 200)
    assert ("range", "a34004", hour) in planted("a34004", lambda n, v: 1200 if n == hour else v)
    assert ("rate", "a05024", hour) in planted("a05024", lambda n, v: v + 160 if n == hour else v)
    assert ("negative", "a21004", hour) in planted("a21004", lambda n, v: -3 if n == hour else v)
    assert ("order", "a34002", hour) in planted("a34004", lambda n, v: 300 if n == hour else v)
    assert ("flat_hour", "a21005", hour + 5) in planted("a21005", lambda n, v: 0.7 if hour <= n < hour + 6 else v)
    drifting = planted("a34004", lambda n, v: v + 60 if n >= 120 else v)
    assert {row[0] for row in drifting} >= {"drift"}
    assert min(n for rule, _code, n in drifting if rule == "drift") < 120 + 72
