"""Grouping: GB/T 15835-2011, 5.1.3 (its examples: 55 235 367.346 23, 98 235 358.238 368); rounding: GB/T 8170-2008."""

from decimal import Decimal

import pytest

from ecocloud.base.units import format_number, format_value

D = Decimal


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        ("55235367.34623", None, "55 235 367.346 23"),
        ("98235358.238368", None, "98 235 358.238 368"),
        ("999", None, "999"),
        ("1000", None, "1 000"),
        ("0", None, "0"),
        ("0", 2, "0.00"),
        ("-1234.5", 1, "−1 234.5"),
        ("-0.04", 1, "0.0"),
        ("2.50", None, "2.5"),
        ("1E+3", None, "1 000"),
        ("12.5", 0, "12"),
        ("13.5", 0, "14"),
        ("999.95", 1, "1 000.0"),
    ],
)
def test_grouping_and_rounding(value, decimals, expected):
    assert format_number(D(value), decimals).replace("\u2009", " ") == expected


def test_units_follow_the_number():
    assert format_value(D("6.05"), "万亩") == "6.05\u00a0万亩"
    assert format_value(D("97"), "%", 1) == "97.0%"
    assert format_value(D("26.5"), "μg/m³") == "26.5\u00a0μg/m³"
    assert format_value(3) == "3"
    assert format_value(D("-12345"), "元", group="") == "-12345\u00a0元"
