"""Numbers written by anybody. Expected: the definition, decimal digits 0-9 up to the largest bigint (2**63 - 1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecocloud.base.pages.inputs import whole_number, whole_numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("7", 7), ("007", 7), ("9223372036854775807", 2**63 - 1), ("9223372036854775808", None),
        ("²", None), ("٣", None), ("①", None), ("-1", None), ("1.0", None), (" 1", None), ("", None), (None, None),
        ("9" * 5000, None),
    ],
)  # fmt: skip
def test_edges(text, number):
    assert whole_number(text) == number


@given(st.text(max_size=25))
def test_never_fails(text):
    number = whole_number(text)
    assert number is None or str(number) == (text.lstrip("0") or "0")


def test_bound_and_lists():
    assert whole_number("13", largest=12) is None
    assert whole_numbers(["2", "x", "²", "1"]) == [2, 1]
