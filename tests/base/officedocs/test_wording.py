"""Expected values: GB/T 9704-2012 7.3.3 and 7.3.5.4 as quoted in handbooks of official writing, and common numerals."""

from datetime import date
from decimal import Decimal

import pytest

from ecocloud.base.officedocs.layout import gbt9704
from ecocloud.base.officedocs.wording import (
    HeadingNumbers,
    cell_text,
    chinese_number,
    clean,
    column_widths,
    is_number,
    official_date,
    spread,
    width_in_characters,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (9, "九"),
        (10, "十"),
        (11, "十一"),
        (19, "十九"),
        (20, "二十"),
        (21, "二十一"),
        (99, "九十九"),
        (100, "一百"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1005, "一千零五"),
        (9999, "九千九百九十九"),
    ],
)
def test_chinese_numbers(number, text):
    assert chinese_number(number) == text


@pytest.mark.parametrize("number", [0, -1, 10000])
def test_chinese_numbers_out_of_range(number):
    with pytest.raises(ValueError):
        chinese_number(number)


def test_lower_levels_start_anew_under_a_higher_heading():
    patterns = [gbt9704().style(f"heading{level}").numbering for level in (1, 2, 3, 4)]
    numbers = HeadingNumbers(patterns)
    marks = [numbers.next(level) for level in (1, 2, 2, 3, 4, 4, 3, 2, 1, 2, 3)]
    assert marks == ["一、", "（一）", "（二）", "1.", "（1）", "（2）", "2.", "（三）", "二、", "（一）", "1."]


def test_dates_have_no_leading_zeros():
    assert official_date(date(2026, 1, 5)) == "2026年1月5日"
    assert official_date(date(2026, 12, 31)) == "2026年12月31日"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, True),
        (-3, True),
        (Decimal("1.50"), True),
        ("96.2%", True),
        ("1,234.5", True),
        ("≥85", True),
        (" 12 ", True),
        (True, False),
        ("2026-01-05", False),
        ("3家", False),
        ("", False),
        ("—", False),
        ("1.2.3", False),
    ],
)
def test_which_cells_are_figures(value, expected):
    assert is_number(value) is expected


def test_cells_as_text():
    assert cell_text(None) == "—"
    assert cell_text(0) == "0"
    assert cell_text(Decimal("1E+3")) == "1000"
    assert cell_text(date(2026, 2, 3)) == "2026年2月3日"
    assert cell_text("a\x00b\x08c") == "abc"


def test_clean_drops_what_xml_forbids_and_keeps_the_rest():
    assert clean("甲\x00乙\ud800丙\ufffe丁\r\n戊\t己") == "甲乙丙丁\n戊 己"
    assert clean("𠮷〇①℃") == "𠮷〇①℃"


def test_width_counts_latin_half():
    assert width_in_characters("2026年1月5日") == 6.0  # six digits at a half and three full characters
    assert width_in_characters("") == 0


@pytest.mark.parametrize("count", [1, 2, 7, 30, 200])
def test_column_widths_fill_the_table_exactly(count):
    headers = ["标题" * (index % 3 + 1) for index in range(count)]
    rows = [["内容" * (index * 5) for index in range(count)]]
    widths = column_widths(headers, rows, 8844, 210, 120)
    assert sum(widths) == 8844
    assert min(widths) > 0


def test_a_heading_of_four_characters_stays_on_one_line():
    widths = column_widths(["牵头单位", "任务"], [["某局", "很长的任务" * 30]], 8844, 210, 120)
    assert widths[0] >= 4 * 210 + 120 and widths[1] > widths[0]


def test_spread_keeps_the_sum():
    assert spread([1, 1, 1], 100) == [34, 33, 33]
    assert sum(spread([0, 0], 10)) == 10
