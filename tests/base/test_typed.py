"""What people type, read strictly: expected values by hand."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecocloud.base import typed
from ecocloud.base.typed import BadInput


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.5", "12.5"),
        ("1,000", "1000"),
        ("12,345.6", "12345.6"),
        ("1 234 567", "1234567"),
        ("１２．５", "12.5"),
        ("１，０００", "1000"),
        ("-3", "-3"),
        ("−3", "-3"),
        (" 7 ", "7"),
        (".5", "0.5"),
        ("1e3", "1000"),
        ("0", "0"),
    ],
)
def test_numbers(text, value):
    assert typed.number(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("12.5 m²", "12.5", "m2"),
        ("35 mg/m³", "35", "mg/m3"),
        ("1,200 万m³", "1200", "万m3"),
        ("8 m³/s", "8", "m3/s"),
        ("3.2tCO₂", "3.2", "tCO2"),
    ],
)
def test_a_unit_may_have_a_digit(text, number, unit):
    assert typed.split_number(text) == (Decimal(number), unit)


@pytest.mark.parametrize("text", ["12至15", "12x10", "3 米5", "5 m25", "1 2 3"])
def test_two_numbers_are_not_one_with_a_unit(text):
    with pytest.raises(BadInput, match="not one number"):
        typed.split_number(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("12,5", "逗号"),
        ("1,00", "逗号"),
        ("1,0000", "逗号"),
        ("12,345,6", "逗号"),
        ("1.234,5", "逗号"),
        ("1,234 567", "逗号"),
        ("0,123", "逗号"),
        ("1_000", "一个数"),
        ("1 2", "一个数"),
        ("1-2", "一个数"),
        ("12.", "一个数"),
        ("1.2.3", "一个数"),
        ("三", "不是数字"),
        ("", "不是数字"),
        ("NaN", "不是数字"),
        ("Infinity", "不是数字"),
        ("٣", "不是数字"),
        ("12米", "以外"),
        ("1e9999", "一个数"),
        ("e5", "不是数字"),
        ("+E12", "不是数字"),
    ],
)
def test_what_is_no_number_says_why(text, word):
    with pytest.raises(BadInput) as refused:
        typed.number(text)
    assert word in refused.value.message_zh and refused.value.remedy_zh


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9))
def test_a_number_with_thousands_set_off_is_the_number(value):
    assert typed.number(f"{value:,f}") == typed.number(f"{value:f}") == value


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01",
        "2026年3月1日",
        "2026.3.1",
        "2026/3/1",
        "20260301",
        "２０２６年３月１日",
        "2026 年 3 月 1 日",
        "2026-3-1",
        "２０２６－０３－０１",
        "2026/03/01 00:00",
    ],
)
def test_days(text):
    assert typed.day(text) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("0001-01-01", "年份不合理"),
        ("9999-12-31", "年份不合理"),
        ("1899-12-31", "年份不合理"),
        ("2200-01-01", "年份不合理"),
        ("2026-02-29", "日历"),
        ("20261301", "日历"),
        ("3/1/2026", "看不出"),
        ("01-03-2026", "看不出"),
        ("26-3-1", "看不出"),
        ("2026-03", "哪一天"),
        ("2026年3月", "哪一天"),
        ("2026", "哪一天"),
        ("3月1日", "不是日期"),
        ("明天", "不是日期"),
        ("2026-W09-1", "不是日期"),
        ("", "不是日期"),
    ],
)
def test_what_is_no_day_says_why(text, word):
    with pytest.raises(BadInput) as refused:
        typed.day(text)
    assert word in refused.value.message_zh and "2022-09-30" in refused.value.remedy_zh


def test_a_date_is_held_to_the_same_years():
    assert typed.day(date(1900, 1, 1)) == date(1900, 1, 1) and typed.day(date(2199, 12, 31)) == date(2199, 12, 31)
    with pytest.raises(BadInput):
        typed.day(date.max)


def test_words_in_one_line_or_several():
    assert typed.words("  东 \t 井\r\n口 ") == "东 井 口"
    assert typed.words(" 一\r\n二\t三\r四 ", lines=True) == "一\n二\t三\n四"
    assert typed.words("东\u200b井\ufeff") == "东井"
    assert typed.words("𠮷野家 é ا") == "𠮷野家 é ا"  # a rare character, an accent, a letter written from the right


@pytest.mark.parametrize(
    "sign",
    [
        "\x00",
        "\x01",
        "\x08",
        "\x0b",
        "\x1b",
        "\x1f",
        "\x7f",
        "\x85",
        "\u200e",
        "\u200f",
        "\u2028",
        "\u202a",
        "\u202e",
        "\u2066",
        "\u2069",
        "\ud800",
        "\udfff",
        "\uffff",
    ],
)
def test_signs_that_nobody_sees_are_refused_by_name(sign):
    for lines in (False, True):
        with pytest.raises(BadInput) as refused:
            typed.words(f"东{sign}井", lines=lines)
        assert f"U+{ord(sign):04X}" in refused.value.message_zh and "东□井" in refused.value.message_zh
        refused.value.message_zh.encode()  # can be written and shown


@given(st.text())
def test_words_are_taken_whole_or_refused(text):
    try:
        made = typed.words(text, lines=True)
    except BadInput:
        return
    assert typed.words(made, lines=True) == made
    made.encode()
