"""Means over months, quarters and years; half of the detection limit; too few months."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from ecocloud.intake.monitoring.evaluation.water.classes import classify
from ecocloud.intake.monitoring.evaluation.water.means import (
    body_means,
    month_means,
    quarter_means,
    rounded,
    to_date_means,
    year_means,
)
from ecocloud.intake.monitoring.evaluation.water.readings import Readings, with_non_detects
from tests.intake.monitoring.evaluation.water.made import amounts, book, readings


def table(days, values, lake=None):
    one = amounts(*values)
    cells = Amounts(one.values[:, None], one.missing[:, None])
    return Readings.of(("codmn",), cells, np.zeros(len(days), bool) if lake is None else np.array(lake), days)


def months_of(days, values, sections=None, lake=None):
    own = table(days, values, lake)
    return month_means(own, classify(own).use, np.zeros(len(days), int) if sections is None else np.array(sections))


def test_mean_of_a_month_leaves_out_what_is_no_measurement():
    days = ["2026-01-01", "2026-01-31", "2026-01-15", "2026-01-16", "2026-02-01"]
    found = months_of(days, [1, 2, None, -5, 4])
    assert [found.readings.amounts.number(row, 0) for row in (0, 1)] == [Decimal("1.500000"), Decimal(4)]
    assert found.counts[:, 0].tolist() == [2, 1]
    assert found.periods.tolist() == [2026 * 12, 2026 * 12 + 1]
    assert found.readings.days.astype(date).tolist() == [date(2026, 1, 31), date(2026, 2, 28)]


def test_sections_do_not_mix_and_order_changes_nothing():
    days, values, sections = ["2026-01-01", "2026-01-02", "2026-01-03"], [1, 5, 4], [7, 3, 7]
    found, turned = months_of(days, values, sections), months_of(days[::-1], values[::-1], sections[::-1])
    assert found.sections.tolist() == turned.sections.tolist() == [3, 7]
    assert found.readings.amounts.values[:, 0].tolist() == turned.readings.amounts.values[:, 0].tolist()
    assert found.readings.amounts.number(1, 0) == Decimal("2.5")


def test_a_mean_is_rounded_once_half_to_even():
    """2/3 of a millionth is one, half of one and half of three millionths are the even neighbour."""
    step = Decimal("0.000001")
    for values, mean in (([0, step], 0), ([step, 2 * step], 2), ([0, step, step], 1)):
        found = months_of(["2026-01-01"] * len(values), values)
        assert found.readings.amounts.values[0, 0] == mean


def test_quarter_needs_two_months_and_year_six():
    days = [f"2026-{month:02d}-05" for month in (1, 2, 4, 7, 8, 9)]
    months = months_of(days, [1, 2, 3, 4, 5, 9])
    quarters = quarter_means(months, book())
    assert [quarters.readings.amounts.number(row, 0) for row in range(3)] == [Decimal("1.5"), None, Decimal(6)]
    assert quarters.periods.tolist() == [2026 * 4, 2026 * 4 + 1, 2026 * 4 + 2]
    year = year_means(months, book())
    assert (year.readings.amounts.number(0, 0), year.periods.tolist()) == (Decimal(4), [2026])
    assert (months.unverified, year.unverified) == ((), ("months.year",))
    assert year.readings.days[0] == np.datetime64("2026-12-31")
    assert year_means(months_of(days[:5], [1] * 5), book()).readings.amounts.missing.tolist() == [[True]]


def test_the_year_is_the_mean_of_its_months_not_of_its_days():
    days = ["2026-01-01"] * 9 + [f"2026-{month:02d}-01" for month in range(2, 7)]
    assert year_means(months_of(days, [7] * 9 + [1] * 5), book()).readings.amounts.number(0, 0) == Decimal(2)


def test_a_section_is_a_lake_or_none():
    with pytest.raises(ValueError, match="a lake in one reading"):
        months_of(["2026-01-01", "2026-01-02"], [1, 2], lake=[True, False])
    with pytest.raises(ValueError, match="means of months"):
        year_means(quarter_means(months_of(["2026-01-01"], [1]), book()), book())


def test_below_detection_counts_half_of_the_limit():
    found = with_non_detects(amounts("0.04", "0.04", None), np.array([True, False, False]), book())
    assert [found.number(row) for row in range(3)] == [Decimal("0.02"), Decimal("0.04"), None]
    switched = with_non_detects(amounts("0.04", "0.04"), np.array([True, False]), book("non_detect"))
    assert [switched.number(0), switched.number(1)] == [None, Decimal("0.04")]


def test_means_rounded_to_the_places_of_the_report():
    months = months_of(["2026-01-01", "2026-01-02"], ["6.0", "6.1"])
    assert classify(months.readings).overall[0] == 4  # 6.05 is over 6
    assert rounded(months, {"codmn": 1}).amounts.number(0, 0) == Decimal("6.0")  # half to even
    assert classify(rounded(months, {"codmn": 1})).overall[0] == 3


def test_points_of_a_lake_are_averaged_before_they_are_evaluated():
    """0.04 and 0.08 mg/L of phosphorus are III and IV at a point, and IV (0.06) as the lake; the river stays apart."""
    own = readings([{"tp": "0.04"}, {"tp": "0.08"}, {"tp": "0.3"}, {"tp": None}], lake=[True, True, False, True])
    means, counts = body_means(own, classify(own).use, np.zeros(4, int), 1)
    assert [means.amounts.number(row, 0) for row in (0, 1)] == [Decimal("0.3"), Decimal("0.06")]
    assert counts[:, 0].tolist() == [1, 2]
    assert classify(means).overall.tolist() == [4, 4]


def test_means_to_date():
    days = ["2025-12-01", "2026-01-01", "2026-02-01", "2026-04-01", "2026-05-01"]
    found = to_date_means(months_of(days, [99, 1, 3, 8, 50]), 2026 * 12 + 3)
    assert found.readings.amounts.number(0, 0) == Decimal(4)  # January, February and April
    assert (found.kind, found.periods.tolist()) == ("to_date", [2026])
    assert found.readings.days.tolist() == [date(2026, 4, 30)]
    with pytest.raises(ValueError, match="means of months"):
        to_date_means(found, 2026 * 12)
