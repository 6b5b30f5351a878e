"""Single values. Expected readings are taken from how the forms are used in official documents, by hand."""

from datetime import date, datetime
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.base.sheets.cells import CellReader, RawCell
from ecocloud.base.sheets.dates import read_date, read_period
from ecocloud.base.sheets.faults import CellError
from ecocloud.base.sheets.numbers import read_number, read_whole
from ecocloud.base.sheets.spec import Choice, Column

PLAIN = Column("n", "数值", kind="decimal")
MONEY = Column("m", "投资", kind="decimal", unit="万元")
AREA = Column("a", "面积", kind="decimal", unit="亩")
RATE = Column("r", "完成率", kind="percent")
DAY = Column("d", "期限", kind="date")


@pytest.mark.parametrize(
    ("value", "column", "expected"),
    [
        (12, PLAIN, D(12)),
        (0, PLAIN, D(0)),
        (-3.5, PLAIN, D("-3.5")),
        (0.1 + 0.2, PLAIN, D("0.3")),
        ("1,234.50", PLAIN, D("1234.5")),
        ("1\u2009234\u2009567", PLAIN, D(1234567)),
        ("１２３．５", PLAIN, D("123.5")),
        ("−5", PLAIN, D(-5)),
        ("6.05万", PLAIN, D(60500)),
        ("1.2亿", PLAIN, D(120000000)),
        ("3万亿", PLAIN, D(3 * 10**12)),
        ("50 万元", MONEY, D(50)),
        ("1.2亿元", MONEY, D(12000)),
        ("30000元", MONEY, D(3)),
        ("6.05万亩", AREA, D(60500)),
        ("6.05万", AREA, D(60500)),
        ("1.5e3", PLAIN, D(1500)),
    ],
)
def test_numbers(value, column, expected):
    assert read_number(value, column)[0] == expected


@pytest.mark.parametrize(
    "value",
    ["约12", "12,34", "1.2.3", "三十", "5-8", "12%", "12吨", True, "1 2", "", "10^5", float("inf"), 1e19, "(5)"],
)
def test_not_numbers(value):
    with pytest.raises(CellError) as caught:
        read_number(value, MONEY)
    assert caught.value.message_zh and caught.value.remedy_zh


def test_multiple_on_a_unit_that_already_has_one_is_ambiguous():
    with pytest.raises(CellError) as caught:
        read_number("6.05万", MONEY)
    assert "重复" in caught.value.message_zh


def test_header_unit_converts_bare_numbers():
    assert read_number(1.2, MONEY, unit="亿元")[0] == D(12000)
    assert read_number("5万元", MONEY, unit="亿元")[0] == D(5)


def test_rounding_is_half_even_and_said():
    column = Column("x", "数", kind="decimal", max_decimals=2)
    assert read_number("0.125", column)[0] == D("0.12")
    assert read_number("0.135", column)[0] == D("0.14")
    assert read_number("0.135", column)[1]
    assert read_number("0.12", column)[1] == []
    assert read_number(1 / 3, PLAIN)[0] == D("0.333333")


def test_limits_are_inclusive():
    column = Column("x", "数", kind="int", minimum=0, maximum=100)
    assert read_whole(0, column)[0] == 0 and read_whole("100", column)[0] == 100
    for value in (-1, 101, 1.5, "1.5"):
        with pytest.raises(CellError):
            read_whole(value, column)


@pytest.mark.parametrize(
    ("value", "formatted", "expected"),
    [
        (0.97, True, D(97)),
        ("97%", False, D(97)),
        ("９７．５％", False, D("97.5")),
        (97, False, D(97)),
        (0, False, D(0)),
        (1, True, D(100)),
        ("-3%", False, D(-3)),
        (1.2, True, D(120)),
    ],
)
def test_percents(value, formatted, expected):
    assert read_number(value, RATE, percent=formatted)[0] == expected


@pytest.mark.parametrize("value", [0.97, 1, "0.5", "5个百分点", "97吨", -0.2])
def test_ambiguous_percents_are_refused(value):
    with pytest.raises(CellError):
        read_number(value, RATE)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2022, 9, 30, 8), date(2022, 9, 30)),
        (date(2022, 9, 30), date(2022, 9, 30)),
        ("2022-09-30", date(2022, 9, 30)),
        ("2022/9/30", date(2022, 9, 30)),
        ("2022.9.30", date(2022, 9, 30)),
        ("２０２２．９．３０", date(2022, 9, 30)),
        ("2022年9月30日", date(2022, 9, 30)),
        ("2022 年 9 月 30 日前", date(2022, 9, 30)),
        ("20220930", date(2022, 9, 30)),
        (20220930, date(2022, 9, 30)),
        ("2022-09-30 08:15:00", date(2022, 9, 30)),
        ("2024年2月29日", date(2024, 2, 29)),
        # Excel's day 44834 is 2022-09-30 (day 1 is 1900-01-01 with the false leap day of 1900).
        (44834, date(2022, 9, 30)),
        (44834.75, date(2022, 9, 30)),
        ("2022年9月底", date(2022, 9, 30)),
        ("2022年9月底前", date(2022, 9, 30)),
        ("2022年2月末", date(2022, 2, 28)),
        ("2022年9月上旬", date(2022, 9, 10)),
        ("2022年9月", date(2022, 9, 30)),
        ("2022.9", date(2022, 9, 30)),
        ("2022年底", date(2022, 12, 31)),
        ("2022年年底前", date(2022, 12, 31)),
        ("2022年上半年", date(2022, 6, 30)),
        ("2022年第三季度末", date(2022, 9, 30)),
        ("202209", date(2022, 9, 30)),
    ],
)
def test_dates(value, expected):
    assert read_date(value, DAY)[0] == expected


def test_vague_dates_say_how_they_were_read():
    assert "2022年9月底前" in read_date("2022年9月底前", DAY)[1][0]
    assert read_date("2022-09-30", DAY)[1] == []
    start = Column("d", "开始", kind="date", vague="start")
    assert read_date("2022年9月", start)[0] == date(2022, 9, 1)
    assert read_date("2022年9月底", start)[0] == date(2022, 9, 30)
    with pytest.raises(CellError):
        read_date("2022年9月底", Column("d", "开始", kind="date", vague="refuse"))


def test_dates_without_a_year_need_one():
    with pytest.raises(CellError):
        read_date("9月30日", DAY)
    column = Column("d", "期限", kind="date", default_year=2022)
    assert read_date("9月30日前", column)[0] == date(2022, 9, 30)
    assert read_date("9月底", column)[0] == date(2022, 9, 30)


@pytest.mark.parametrize(
    "value",
    [
        "2022-02-29",
        "2022-13-01",
        "2022年13月",
        2022,
        2022.1,
        "长期",
        "2022",
        "明年",
        "1022-01-01",
        -1,
        1e12,
        "30/9/2022",
        "9.30",
    ],
)
def test_not_dates(value):
    with pytest.raises(CellError) as caught:
        read_date(value, DAY)
    assert "2022-09-30" in caught.value.remedy_zh


def test_serials_of_the_1904_calendar():
    assert read_date(43372, DAY, date(1904, 1, 1))[0] == date(2022, 9, 30)


@given(st.dates(date(1955, 1, 1), date(2100, 12, 31)))
@settings(max_examples=60)
def test_every_day_in_every_form(day):
    serial = (day - date(1899, 12, 30)).days
    forms = [
        f"{day:%Y-%m-%d}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
    ]
    assert {read_date(form, DAY)[0] for form in [*forms, serial, int(f"{day:%Y%m%d}")]} == {day}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2022, "2022"),
        ("2022年", "2022"),
        ("2022年度", "2022"),
        ("2022-08", "2022-08"),
        ("2022年8月", "2022-08"),
        (202208, "2022-08"),
        ("2022.8", "2022-08"),
        (datetime(2022, 8, 1), "2022-08"),
        ("2022Q3", "2022Q3"),
        ("2022年第三季度", "2022Q3"),
        ("2022年三季度", "2022Q3"),
        ("2022年上半年", "2022H1"),
        ("2022年1-8月", "2022-01-01/2022-08-31"),
        ("2022年1—8月", "2022-01-01/2022-08-31"),
        ("../2020", "../2020"),
    ],
)
def test_periods(value, expected):
    assert read_period(value, Column("p", "时段", kind="period"))[0] == expected


@pytest.mark.parametrize("value", ["去年", "2022年13月", "2022-8-40", "2022年9-8月", 22])
def test_not_periods(value):
    with pytest.raises(CellError):
        read_period(value, Column("p", "时段", kind="period"))


def code_reader(**changes):
    choices = (Choice("360802", "吉州区", ("吉州",)), Choice("1", "城南街道"), Choice("2", "城南街道"))
    return CellReader(Column("u", "单位", kind="ref", choices=choices, **changes))


@pytest.mark.parametrize(
    "value", ["360802", 360802, 360802.0, "360802 吉州区", "３６０８０２", "吉州区", "吉 州 区", "吉州"]
)
def test_codes(value):
    assert code_reader().read(RawCell(value)) == ("360802", [])


def test_code_wins_over_a_different_name_and_says_so():
    value, notes = code_reader().read(RawCell("360802 青原区"))
    assert value == "360802" and "以代码为准" in notes[0]


def test_name_of_two_codes_needs_the_code():
    with pytest.raises(CellError) as caught:
        code_reader().read(RawCell("城南街道"))
    assert caught.value.code == "ambiguous" and "1 城南街道、2 城南街道" in caught.value.remedy_zh
    assert code_reader().read(RawCell("2 城南街道"))[0] == "2"


def test_several_codes_and_unknown_ones():
    reader = code_reader(multiple=True)
    assert reader.read(RawCell("360802、2；360802 吉州区"))[0] == ("360802", "2")
    with pytest.raises(CellError) as caught:
        reader.read(RawCell("360802、财政局"))
    assert "财政局" in caught.value.message_zh


def test_lookup_is_asked_once_per_text():
    asked = []

    def lookup(text):
        asked.append(text)
        return [Choice("A1", "甲")] if text in ("A1", "甲") else []

    reader = CellReader(Column("u", "单位", kind="ref", lookup=lookup), lookup=lookup)
    assert [reader.read(RawCell("甲"))[0] for _ in range(3)] == ["A1"] * 3
    assert len(asked) == 2
    assert reader.read(RawCell("A1 甲"))[0] == "A1"


def test_texts():
    reader = CellReader(Column("t", "名称", max_len=5))
    assert reader.read(RawCell("  甲乙 "))[0] == "甲乙"
    assert reader.read(RawCell(12.0))[0] == "12"
    assert reader.read(RawCell(0.1 + 0.2))[0] == "0.3"
    assert reader.read(RawCell("—"))[0] == "—"
    assert reader.read(RawCell("一二三四五"))[0] == "一二三四五"
    for value in ("一二三四五六", 360421198001011234, 3.60421198001011e17):
        with pytest.raises(CellError):
            reader.read(RawCell(value))


@pytest.mark.parametrize("mark", ["", "  ", "-", "—", "/", "无", None])
def test_blank_marks(mark):
    assert CellReader(PLAIN).read(RawCell(mark)) == (None, [])
    with pytest.raises(CellError) as caught:
        CellReader(PLAIN, needed=True).read(RawCell(mark))
    assert caught.value.code == "required"


@pytest.mark.parametrize(("error", "says"), [("#REF!", "已被删除"), ("#DIV/0!", "除以了零"), ("#SPILL!", "公式出错")])
def test_error_cells(error, says):
    with pytest.raises(CellError) as caught:
        CellReader(PLAIN).read(RawCell(error, is_error=True))
    assert error in caught.value.message_zh and says in caught.value.message_zh


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.dates(), st.booleans(), st.datetimes()))
@settings(max_examples=150)
def test_any_value_is_read_or_refused_with_a_sentence(value):
    choices = (Choice("a", "甲"),)
    for kind in ("text", "int", "decimal", "percent", "date", "period", "choice"):
        column = Column("x", "列", kind=kind, choices=choices if kind == "choice" else ())
        try:
            CellReader(column).read(RawCell(value))
        except CellError as error:
            assert error.message_zh and error.remedy_zh
