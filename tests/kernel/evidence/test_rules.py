"""Attainment, pace, comparisons and 倒算. Expected numbers are worked out by hand in the comments."""

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ecocloud.kernel.evidence import rules
from ecocloud.kernel.evidence.rules import Outlook, Progress, RuleError, Target, Verdict

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
numbers = st.decimals(min_value=-1000, max_value=1000, places=2, allow_nan=False)
positive = st.decimals(min_value=D("0.01"), max_value=1000, places=2, allow_nan=False)


@pytest.mark.parametrize(
    ("target", "value", "verdict", "shortfall"),
    [
        (Target(">=", D("93.2")), D("93.2"), "met", D(0)),
        (Target(">=", D("93.2")), D("93.1"), "not", D("0.1")),
        (Target("<=", D(26)), D(26), "met", D(0)),
        (Target("<=", D(26)), D("26.5"), "not", D("0.5")),
        (Target("<=", D(0)), D(0), "met", D(0)),
        (Target("<=", D(0)), D(1), "not", D(1)),
        (Target(">=", D(0)), D(0), "met", D(0)),
        (Target(">=", D(0)), D(-3), "not", D(3)),
        (Target("=", D(100)), D(100), "met", D(0)),
        (Target("=", D(100)), D(101), "not", D(1)),
        (Target("range", D(6), D(9)), D(6), "met", D(0)),
        (Target("range", D(6), D(9)), D(9), "met", D(0)),
        (Target("range", D(6), D(9)), D("9.2"), "not", D("0.2")),
        (Target("range", D(6), D(9)), D(5), "not", D(1)),
        # fall by 2.6 % of 0.5 -> at most 0.487
        (Target("change", D("-2.6"), unit="%", baseline=D("0.5")), D("0.487"), "met", D(0)),
        (Target("change", D("-2.6"), unit="%", baseline=D("0.5")), D("0.488"), "not", D("0.001")),
        # rise by two points from 61.5 -> at least 63.5
        (Target("change", D(2), unit="个百分点", baseline=D("61.5")), D("63.5"), "met", D(0)),
        (Target("change", D(2), unit="个百分点", baseline=D("61.5")), D(63), "not", D("0.5")),
        # rise by 10 % of a negative baseline -10 -> at least -9
        (Target("change", D(10), unit="%", baseline=D(-10)), D(-9), "met", D(0)),
        (Target("change", D(-5), unit="%", baseline=D(0)), D(0), "met", D(0)),
    ],
)
def test_attainment_and_its_edges(target, value, verdict, shortfall):
    found = rules.attainment(target, value, unit="%")
    assert (found.verdict, found.shortfall) == (verdict, shortfall)
    assert len(found.arithmetic) >= 2 and all(step.zh and step.en for step in found.arithmetic)


def test_reaching_a_round_figure_is_met_on_the_good_side():
    target = Target("=", D(100))
    assert rules.attainment(target, D(101), direction="up").verdict == Verdict.MET
    assert rules.attainment(target, D(99), direction="down").verdict == Verdict.MET
    assert rules.attainment(target, D(99), direction="up").verdict == Verdict.NOT


def test_missing_is_unknown_never_zero():
    found = rules.attainment(Target("<=", D(26)), None, unit="μg/m³")
    assert (found.verdict, found.ratio, found.shortfall) == (Verdict.UNKNOWN, None, None)
    no_base = rules.attainment(Target("change", D(-2), unit="%"), D(5))
    assert no_base.verdict == Verdict.UNKNOWN and no_base.bounds is None


def test_ratios():
    assert rules.attainment(Target(">=", D(200)), D(150)).ratio == D("0.75")
    assert rules.attainment(Target("<=", D(30)), D(40)).ratio == D("0.75")  # 30/40
    assert rules.attainment(Target(">=", D(0)), D(5)).ratio is None
    # wanted fall 2, achieved 1: half the way
    assert rules.attainment(Target("change", D(-2), unit="吨", baseline=D(10)), D(9), unit="吨").ratio == D("0.5")


def test_the_arithmetic_says_the_numbers():
    text = " ".join(step.zh for step in rules.attainment(Target("<=", D(26)), D("27.5"), unit="μg/m³").arithmetic)
    for part in ("不高于", "26", "27.5", "超出", "1.5", "未达标"):
        assert part in text


@pytest.mark.parametrize(
    "target",
    [Target(">=", None), Target("!", D(1)), Target("range", D(9)), Target("range", D(9), D(6)), Target("change", D(0))],
)
def test_targets_without_sense_are_refused(target):
    with pytest.raises(RuleError) as caught:
        rules.attainment(target, D(1))
    assert caught.value.where and caught.value.remedy_zh


@settings(max_examples=150, deadline=None)
@given(numbers, numbers, positive)
def test_better_values_never_lose_attainment(limit, value, more):
    if rules.attainment(Target(">=", limit), value).verdict == Verdict.MET:
        assert rules.attainment(Target(">=", limit), value + more).verdict == Verdict.MET
    if rules.attainment(Target("<=", limit), value).verdict == Verdict.MET:
        assert rules.attainment(Target("<=", limit), value - more).verdict == Verdict.MET
    found = rules.attainment(Target(">=", limit), value)
    assert (found.shortfall == 0) == (found.verdict == Verdict.MET)
    assert found.shortfall >= 0


def test_pace_by_days():
    # 2026-07-01 is day 182 of 365: 365 * 182/365 = 182
    found = rules.pace(D(365), D(180), *YEAR, date(2026, 7, 1), unit="个")
    assert (found.expected, found.ahead) == (D(182), D(-2))
    assert "慢于序时" in found.arithmetic[-1].zh
    assert rules.elapsed_share(*YEAR, date(2025, 12, 31)) == 0
    assert rules.elapsed_share(*YEAR, YEAR[1]) == 1
    assert rules.elapsed_share(*YEAR, date(2027, 3, 1)) == 1
    assert rules.elapsed_share(date(2026, 5, 5), date(2026, 5, 5), date(2026, 5, 5)) == 1


def test_pace_by_a_monthly_curve():
    curve = [D(0), D(0), D(5), D(5), *[D(0)] * 8]  # planting season: all in March and April
    assert rules.elapsed_share(*YEAR, date(2026, 2, 28), curve) == 0
    assert rules.elapsed_share(*YEAR, date(2026, 3, 31), curve) == D("0.5")
    assert rules.elapsed_share(*YEAR, date(2026, 4, 15), curve) == D("0.75")
    assert rules.elapsed_share(*YEAR, date(2026, 8, 1), curve) == 1
    with pytest.raises(RuleError):
        rules.elapsed_share(*YEAR, date(2026, 4, 15), [D(1)] * 11)
    with pytest.raises(RuleError):
        rules.elapsed_share(*YEAR, date(2026, 4, 15), [D(0)] * 12)


def test_means_have_no_pace():
    found = rules.pace(D(26), D(25), *YEAR, date(2026, 7, 1), aggregation="mean")
    assert not found.applies and found.expected is None and "不计序时" in found.arithmetic[0].zh


@settings(max_examples=100, deadline=None)
@given(st.dates(*YEAR), st.dates(*YEAR), st.lists(st.integers(0, 9), min_size=12, max_size=12))
def test_pace_never_goes_back(one, two, curve):
    first, second = sorted((one, two))
    weights = [D(weight) for weight in curve] if any(curve) else None
    assert rules.elapsed_share(*YEAR, first, weights) <= rules.elapsed_share(*YEAR, second, weights) + D("1e-20")


@pytest.mark.parametrize(
    ("now", "then", "unit", "difference", "percent", "words"),
    [
        (D(110), D(100), "亿元", D(10), D(10), "同比增长 10.0%"),
        (D(24), D(30), "μg/m³", D(-6), D(-20), "同比下降 20.0%"),
        (D("96.3"), D("95.1"), "%", D("1.2"), None, "1.2 个百分点"),
        (D(5), D(0), "个", D(5), None, "上升 5 个"),
        (D(5), D(-2), "个", D(7), None, "上升 7 个"),
        (D(5), D(5), "个", D(0), D(0), "持平"),
        (None, D(5), "个", None, None, "缺少"),
        (D(5), None, "个", None, None, "缺少"),
    ],
)
def test_comparisons(now, then, unit, difference, percent, words):
    found = rules.compare(now, then, unit)
    assert (found.difference, found.percent) == (difference, percent)
    assert words in found.text.zh.replace("\u00a0", " ")
    assert "环比" in rules.compare(now, then, unit, kind="previous").text.zh


def test_needed_mean():
    # target 26 for 12 months, 27 over 9: (26*12 - 27*9) / 3 = (312 - 243) / 3 = 23
    found = rules.needed(Target("<=", D(26)), Progress("mean", D(27), 9, 3), unit="μg/m³", decimals=1)
    assert (found.outlook, found.rate, found.cap) == (Outlook.POSSIBLE, D(23), True)
    assert "剩余 3 个月" in found.sentence.zh and "23.0" in found.sentence.zh
    # 40 over 9 already exceeds 312 in total: impossible
    assert rules.needed(Target("<=", D(26)), Progress("mean", D(40), 9, 3)).outlook == Outlook.IMPOSSIBLE
    # 100 % over 9 of 12 secures 75 % even with zeros
    assert rules.needed(Target(">=", D(75)), Progress("mean", D(100), 9, 3), ceiling=D(100)).outlook == Outlook.SECURE
    assert (
        rules.needed(Target(">=", D(98)), Progress("mean", D(96), 9, 3), ceiling=D(100)).outlook == Outlook.IMPOSSIBLE
    )


def test_needed_amount():
    # 30.7 wanted, 20 done, 3 months: 10.7 / 3 = 3.5667 -> 3.57 upwards
    found = rules.needed(Target(">=", D("30.7")), Progress("sum", D(20), 9, 3), unit="万亩")
    assert (found.outlook, found.rate) == (Outlook.POSSIBLE, D("3.57"))
    assert rules.needed(Target(">=", D(20)), Progress("sum", D(20), 9, 3)).outlook == Outlook.SECURE
    assert rules.needed(Target(">=", D(20)), Progress("sum", D(5), 9, 3), ceiling=D(4)).outlook == Outlook.IMPOSSIBLE
    cap = rules.needed(Target("<=", D(100)), Progress("sum", D(90), 9, 3))  # 10/3 downwards
    assert (cap.outlook, cap.rate, cap.cap) == (Outlook.POSSIBLE, D("3.33"), True)
    assert rules.needed(Target("<=", D(100)), Progress("sum", D(101), 9, 3)).outlook == Outlook.IMPOSSIBLE


def test_needed_days():
    # 93.2 % of 365 = 340.18 -> 341; 285 good of 304, 61 left: 56 to go, 5 may fail
    found = rules.needed(Target(">=", D("93.2")), Progress("ratio", None, 304, 61, 285, "天", "days"))
    assert (found.outlook, found.count, found.affordable) == (Outlook.POSSIBLE, 56, 5)
    assert "最多还可有 5 天" in found.sentence.zh
    # 61 bad days already out of 304: 243 + 61 = 304 < 341
    assert rules.needed(Target(">=", D("93.2")), Progress("ratio", None, 304, 61, 243)).outlook == Outlook.IMPOSSIBLE
    assert rules.needed(Target(">=", D(50)), Progress("ratio", None, 304, 61, 200)).outlook == Outlook.SECURE
    # exactly all remaining days needed
    edge = rules.needed(Target(">=", D(100)), Progress("ratio", None, 304, 61, 304))
    assert (edge.outlook, edge.count, edge.affordable) == (Outlook.POSSIBLE, 61, 0)
    # heavy days: at most 1 % of 365 = 3.65 -> 3; 1 so far: 2 may come
    heavy = rules.needed(Target("<=", D(1)), Progress("ratio", None, 304, 61, 1))
    assert (heavy.outlook, heavy.affordable) == (Outlook.POSSIBLE, 2)
    assert rules.needed(Target("<=", D(1)), Progress("ratio", None, 304, 61, 4)).outlook == Outlook.IMPOSSIBLE
    assert rules.needed(Target("<=", D(50)), Progress("ratio", None, 304, 61, 1)).outlook == Outlook.SECURE


def test_needed_when_over_missing_or_without_meaning():
    for kind, value in (("sum", D(9)), ("mean", D(9)), ("last", D(9))):
        assert rules.needed(Target(">=", D(10)), Progress(kind, value, 12, 0)).outlook == Outlook.MISSED
        assert rules.needed(Target(">=", D(9)), Progress(kind, value, 12, 0)).outlook == Outlook.MET
    assert rules.needed(Target(">=", D(50)), Progress("ratio", None, 10, 0, 5)).outlook == Outlook.MET
    assert rules.needed(Target(">=", D(50)), Progress("ratio", None, 0, 0, 0)).outlook == Outlook.UNKNOWN
    assert rules.needed(Target(">=", D(10)), Progress("sum", None, 9, 3)).outlook == Outlook.UNKNOWN
    assert rules.needed(Target(">=", D(10)), Progress("sum", None, 0, 12)).rate == D(
        "0.84"
    )  # nothing yet: 10/12 upwards
    assert rules.needed(Target("range", D(1), D(2)), Progress("mean", D(1), 9, 3)).outlook == Outlook.UNKNOWN
    assert rules.needed(Target(">=", D(10)), Progress("none", D(1), 9, 3)).outlook == Outlook.UNKNOWN
    # a level of 67 % that shall be 67.7 % in 7 months: 0.1 points a month
    assert rules.needed(Target(">=", D("67.7")), Progress("last", D(67), 5, 7), unit="%", decimals=2).rate == D("0.1")


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([">=", "<="]), st.sampled_from(["sum", "mean"]), positive, positive,
    st.integers(1, 365), st.integers(1, 365), st.integers(0, 4),
)  # fmt: skip
def test_following_the_needed_rate_reaches_the_target(operator, kind, goal, value, before, left, decimals):
    target = Target(operator, goal)
    found = rules.needed(target, Progress(kind, value, before, left), decimals=decimals)
    assume(found.outlook != Outlook.UNKNOWN)
    end = value + found.rate * left if kind == "sum" else (value * before + found.rate * left) / (before + left)
    if kind == "mean":  # judged without division
        total = value * before + found.rate * left
        assert total >= goal * (before + left) if operator == ">=" else total <= goal * (before + left)
    else:
        assert rules.attainment(target, end).verdict == Verdict.MET
    if found.outlook == Outlook.IMPOSSIBLE and operator == "<=":  # even zeros from now on are too much
        least = value if kind == "sum" else D(value * before) / (before + left)
        assert least > goal
    if found.outlook == Outlook.SECURE and operator == ">=":
        assert (value if kind == "sum" else value * before / (before + left)) >= goal


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([">=", "<="]), st.decimals(0, 100, places=1), st.integers(0, 365), st.integers(0, 365), st.data()
)
def test_following_the_needed_days_reaches_the_target(operator, rate, before, left, data):
    assume(before + left > 0 and left > 0)
    good = data.draw(st.integers(0, before))
    target = Target(operator, rate)
    found = rules.needed(target, Progress("ratio", None, before, left, good))
    total = before + left

    def met(days):
        share = D(100) * days
        return share >= rate * total if operator == ">=" else share <= rate * total

    reachable = met(good + left) if operator == ">=" else met(good)
    assert (found.outlook == Outlook.IMPOSSIBLE) == (not reachable)
    if operator == ">=" and found.count is not None and reachable:
        assert met(good + found.count)
        assert found.count == 0 or not met(good + found.count - 1)  # not one day more than needed
        assert found.affordable == left - found.count
    if operator == "<=" and found.affordable is not None:
        assert met(good + found.affordable)
        assert found.affordable == left or not met(good + found.affordable + 1)


@settings(max_examples=100, deadline=None)
@given(positive, positive, positive, st.integers(1, 12), st.integers(1, 12))
def test_a_better_start_never_needs_more(goal, value, more, before, left):
    for kind in ("sum", "mean"):
        worse = rules.needed(Target(">=", goal), Progress(kind, value, before, left))
        better = rules.needed(Target(">=", goal), Progress(kind, value + more, before, left))
        assert better.rate <= worse.rate


def test_lights_say_their_cause():
    over = rules.attainment(Target(">=", D(10)), D(9))
    assert rules.light(over, None, None, over=True).color == "red"
    pace = rules.pace(D(365), D(170), *YEAR, date(2026, 7, 1))  # expected 182: 93 %
    cumulative = rules.attainment(Target(">=", D(365)), D(170))
    assert rules.light(cumulative, pace, Outlook.POSSIBLE, over=False).color == "yellow"
    assert rules.light(cumulative, pace, Outlook.IMPOSSIBLE, over=False).word.zh == "已无法完成"
    slow = rules.pace(D(365), D(100), *YEAR, date(2026, 7, 1))
    assert rules.light(rules.attainment(Target(">=", D(365)), D(100)), slow, None, over=False).word.zh == "滞后"
    near = rules.attainment(Target("<=", D(26)), D(27))
    assert rules.light(near, None, Outlook.POSSIBLE, over=False).color == "yellow"
    assert rules.light(rules.attainment(Target("<=", D(26)), None), None, None, over=False).word.zh == "无数据"
