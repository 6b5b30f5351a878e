"""From observations to a year. Expected values by hand."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal as D

import pytest

from ecocloud.base.periods import Period
from ecocloud.kernel.evidence import rules, years
from ecocloud.kernel.evidence.years import Kind


@dataclass
class Obs:
    period: str
    value: D | None
    denominator: D | None = None
    pk: int = 1
    source: str = "doc:1"

    @property
    def start(self):
        return Period.parse(self.period).start

    @property
    def end(self):
        return Period.parse(self.period).end


SUM, MEAN = Kind("sum", "万亩", 2, "up"), Kind("mean", "μg/m³", 1, "down")
RATIO, LAST, NONE = Kind("ratio", "%", 1, "up"), Kind("last", "%", 1, "up"), Kind("none", "%", 1, "up")


def value(kind, *rows, year=2026, on=None):
    return years.year_value(kind, rows, year, on)


def test_months_add_up_or_are_weighted_by_days():
    rows = (Obs("2026-01", D(10)), Obs("2026-02", D(20)))
    assert value(SUM, *rows).value == 30
    # (10*31 + 20*28) / 59 = 870/59 = 14.745763
    assert value(MEAN, *rows).value == D("14.745763")
    assert value(MEAN, *rows).until == date(2026, 2, 28)


def test_shares_of_days_come_from_counts():
    # 90 % of 30 valid days = 27; 100 % of 28 = 28; (27+28)/58
    found = value(RATIO, Obs("2026-01", D(90), D(30)), Obs("2026-02", D(100)))
    assert (found.good, found.days, found.value) == (55, 58, D("94.827586"))


def test_the_value_stated_for_the_year_so_far_wins_when_it_reaches_as_far():
    months = [Obs(f"2026-{month:02d}", D(10)) for month in range(1, 9)]
    stated = Obs("2026-01-01/2026-08-31", D(27))
    assert value(MEAN, *months, stated).value == 27
    assert value(SUM, *months, Obs("2026-01-01/2026-08-31", D(85))).value == 85
    # September follows the statement: 85 + 4
    assert value(SUM, *months, Obs("2026-01-01/2026-08-31", D(85)), Obs("2026-09", D(4))).value == 89
    assert value(SUM, *months, Obs("2026", D(120))).complete


def test_overlapping_periods_are_counted_once():
    found = value(SUM, Obs("2026Q2", D(30)), Obs("2026-04", D(9)), Obs("2026-05", D(9)), Obs("2026-06", D(9)))
    assert found.value == 27


def test_last_none_and_the_edges():
    rows = (Obs("2025", D(66)), Obs("2026-06-30", D(67)), Obs("2026-09-30", D(68)))
    assert value(LAST, *rows).value == 68
    assert value(LAST, *rows, on=date(2026, 8, 1)).value == 67
    assert value(LAST, *rows, year=2025).value == 66
    assert value(NONE, Obs("2026-01", D(1)), Obs("2026-01-01/2026-06-30", D(2))).value == 2
    assert value(SUM).value is None and value(SUM, Obs("2026-01", None)).value is None
    assert value(SUM, Obs("2026-01", D(0))).value == 0


def test_gaps_are_said_and_not_filled():
    found = value(MEAN, Obs("2026-01", D(10)), Obs("2026-03", D(10)))
    assert any("缺 28 天" in step.zh for step in found.steps) and not found.complete


def reading(kind, target, *rows, before=(), year=2026):
    span = (date(year, 1, 1), date(year, 12, 31))
    return years.read(kind, value(kind, *rows, year=year), value(kind, *before, year=year - 1), target, span)


def test_reading_of_a_cumulative_indicator():
    # 30.7 wanted, 20 by September: 序时 273/365 * 30.7 = 22.96; 10.7 / 3 months = 3.57
    found = reading(SUM, rules.Target(">=", D("30.7")), *[Obs(f"2026-{m:02d}", D(20) / 10) for m in range(1, 10)],
                    Obs("2026-01-01/2026-09-30", D(20)))  # fmt: skip
    assert found.pace.expected.quantize(D("0.01")) == D("22.96")
    assert found.light.color == "red" and found.needed.rate == D("3.57")
    assert "剩余 3 个月" in found.sentence.zh


def test_reading_of_a_mean_and_of_days():
    rows = [Obs(f"2026-{month:02d}", D(27)) for month in range(1, 11)]
    found = reading(MEAN, rules.Target("<=", D(26)), *rows)
    # (26*365 - 27*304) / 61 = 21.016 -> 21.0 downwards
    assert found.needed.rate == D("21.0") and found.pace is None and found.light.color == "yellow"
    days = reading(RATIO, rules.Target(">=", D("93.2")), Obs("2026-01-01/2026-10-31", D("93.75"), D(304)))
    # 285 good of 304; 341 needed: 56 of the remaining 61
    assert (days.needed.count, days.needed.affordable) == (56, 5)


def test_the_year_is_over():
    met = reading(SUM, rules.Target(">=", D(10)), Obs("2025", D(10)), year=2025)
    assert met.light.color == "green" and met.needed is None
    assert reading(SUM, rules.Target(">=", D(10)), Obs("2025", D(9)), year=2025).light.color == "red"


def test_without_target_or_value():
    assert reading(SUM, None, Obs("2026-01", D(1))).light.word.zh == "无目标"
    assert reading(SUM, rules.Target(">=", D(1))).light.word.zh == "无数据"


@pytest.mark.parametrize(("month", "left"), [(1, 11), (9, 3), (11, 1)])
def test_months_left(month, left):
    found = reading(SUM, rules.Target(">=", D(1000)), Obs(Period.ytd(2026, month).edtf, D(1)))
    assert f"剩余 {left} 个月" in found.sentence.zh
