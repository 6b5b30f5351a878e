"""Numbers and bars. Grouping: GB/T 15835-2011, 5.1.4 (thin space every three digits from four digits on)."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.base.pages.figures import THIN_SPACE, attainment_bar, decimals, group_digits


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (0, None, "0"),
        (999, None, "999"),
        (1000, None, "1 000"),
        (1234567.5, None, "1 234 567.5"),
        (-1234, None, "−1 234"),
        (-0.3, None, "−0.3"),
        (Decimal("6.050"), None, "6.050"),
        (Decimal("1E+6"), None, "1 000 000"),
        (97, 1, "97.0"),
        ("12345", None, "12 345"),
        ("约 3", None, "约 3"),
        (None, None, "—"),
        ("", None, "—"),
        (float("nan"), None, "—"),
        (float("inf"), None, "—"),
    ],
)
def test_figures_are_grouped_by_thin_spaces(value, places, text):
    assert group_digits(value, places) == text.replace(" ", THIN_SPACE) if value != "约 3" else text


@settings(max_examples=60)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=3))
def test_grouping_changes_no_digit(value):
    back = group_digits(value).replace(THIN_SPACE, "").replace("−", "-")
    assert Decimal(back) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [(12, 0), ("1.50", 2), (Decimal("1E+3"), 0), (Decimal("0.001"), 3), ("缺", 0), (None, 0), (float("nan"), 0)],
)
def test_decimals_are_those_written(value, expected):
    assert decimals(value) == expected


def test_bar_places_target_after_a_smaller_value():
    # desk mock-up: 4.92 of 6.05, pace 4.4; the full width is 8 % above the largest.
    bar = attainment_bar("4.92", 6.05, Decimal("4.4"), "green")
    assert bar.now == pytest.approx(4.92 / (6.05 * 1.08) * 100, abs=0.01)
    assert bar.target == pytest.approx(100 / 1.08, abs=0.01)
    assert bar.pace == pytest.approx(4.4 / (6.05 * 1.08) * 100, abs=0.01)
    assert bar.tone == ""


@pytest.mark.parametrize(
    ("now", "target", "pace", "expected"),
    [
        (None, 100, None, (None, 92.59, None)),
        (0, 0, 0, (0.0, 0.0, 0.0)),
        (-5, 10, None, (0.0, 92.59, None)),
        (150, 100, 90, (92.59, 61.73, 55.56)),
        ("缺", None, None, (None, None, None)),
    ],
)
def test_bar_edges(now, target, pace, expected):
    bar = attainment_bar(now, target, pace, "red")
    assert (bar.now, bar.target, bar.pace) == expected
    assert bar.tone == "r"
