"""Periods. Expected spans are plain calendar facts; texts follow EDTF (ISO 8601-2:2019) and common labels."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.base.periods import Period, PeriodError, ytd


@pytest.mark.parametrize(
    ("text", "kind", "start", "end", "edtf", "zh", "en"),
    [
        ("2022", "year", "2022-01-01", "2022-12-31", "2022", "2022年", "2022"),
        ("2022-08", "month", "2022-08-01", "2022-08-31", "2022-08", "2022年8月", "Aug 2022"),
        ("2020-02", "month", "2020-02-01", "2020-02-29", "2020-02", "2020年2月", "Feb 2020"),
        ("2022Q1", "quarter", "2022-01-01", "2022-03-31", "2022Q1", "2022年第一季度", "Q1 2022"),
        ("2022-q4", "quarter", "2022-10-01", "2022-12-31", "2022Q4", "2022年第四季度", "Q4 2022"),
        ("2022-34", "quarter", "2022-04-01", "2022-06-30", "2022Q2", "2022年第二季度", "Q2 2022"),
        ("2022-07/2022-09", "quarter", "2022-07-01", "2022-09-30", "2022Q3", "2022年第三季度", "Q3 2022"),
        ("2022H1", "half", "2022-01-01", "2022-06-30", "2022H1", "2022年上半年", "H1 2022"),
        ("2022-H2", "half", "2022-07-01", "2022-12-31", "2022H2", "2022年下半年", "H2 2022"),
        ("2022-40", "half", "2022-01-01", "2022-06-30", "2022H1", "2022年上半年", "H1 2022"),
        ("2022-08-05", "day", "2022-08-05", "2022-08-05", "2022-08-05", "2022年8月5日", "5 Aug 2022"),
        (
            "2022-01/2022-08",
            "range",
            "2022-01-01",
            "2022-08-31",
            "2022-01-01/2022-08-31",
            "2022年1—8月",
            "Jan–Aug 2022",
        ),
        (
            "2020-01-01/2020-08-31",
            "range",
            "2020-01-01",
            "2020-08-31",
            "2020-01-01/2020-08-31",
            "2020年1—8月",
            "Jan–Aug 2020",
        ),
        ("2021/2025", "range", "2021-01-01", "2025-12-31", "2021-01-01/2025-12-31", "2021—2025年", "2021–2025"),
        (
            "2022-02/2022-04",
            "range",
            "2022-02-01",
            "2022-04-30",
            "2022-02-01/2022-04-30",
            "2022年2—4月",
            "Feb–Apr 2022",
        ),
        (
            "2021-11/2022-02",
            "range",
            "2021-11-01",
            "2022-02-28",
            "2021-11-01/2022-02-28",
            "2021年11月—2022年2月",
            "Nov 2021 – Feb 2022",
        ),
        (
            "2022-01-05/2022-02-03",
            "range",
            "2022-01-05",
            "2022-02-03",
            "2022-01-05/2022-02-03",
            "2022年1月5日—2月3日",
            "5 Jan 2022 – 3 Feb 2022",
        ),
        (
            "2022-01-05/2022-01-09",
            "range",
            "2022-01-05",
            "2022-01-09",
            "2022-01-05/2022-01-09",
            "2022年1月5日—9日",
            "5 Jan 2022 – 9 Jan 2022",
        ),
        ("2022-01-01/2022-12-31", "year", "2022-01-01", "2022-12-31", "2022", "2022年", "2022"),
        ("../2020", "open_start", None, "2020-12-31", "../2020", "截至2020年", "up to 2020"),
        ("../2022-09", "open_start", None, "2022-09-30", "../2022-09-30", "截至2022年9月", "up to Sep 2022"),
        ("../2022-09-15", "open_start", None, "2022-09-15", "../2022-09-15", "截至2022年9月15日", "up to 15 Sep 2022"),
        ("2021/..", "open_end", "2021-01-01", None, "2021/..", "2021年以来", "since 2021"),
        ("2021-03/..", "open_end", "2021-03-01", None, "2021-03-01/..", "2021年3月以来", "since Mar 2021"),
    ],
)
def test_forms(text, kind, start, end, edtf, zh, en):
    period = Period.parse(text)
    assert period.kind == kind
    assert period.start == (date.fromisoformat(start) if start else None)
    assert period.end == (date.fromisoformat(end) if end else None)
    assert period.edtf == str(period) == edtf
    assert period.label_zh() == zh
    assert period.label_en() == en
    assert Period.parse(edtf) == period
    assert hash(Period.parse(edtf)) == hash(period)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "22",
        "2022-13",
        "2022-00",
        "2022-02-30",
        "2022Q5",
        "2022Q0",
        "2022H3",
        "202X",
        "202X/..",
        "../..",
        "/",
        "2022/",
        "/2022",
        "2022-08/2022-01",
        "0000",
        "2022年",
        "２０２２",
        "2022-1",
        "2022/2023/2024",
        "20220801",
        "2022-37",
        None,
        2022,
    ],
)
def test_what_is_not_a_period_is_named(text):
    with pytest.raises(PeriodError) as caught:
        Period.parse(text)
    assert caught.value.message_zh.endswith("。")


def test_error_says_what_is_accepted():
    with pytest.raises(PeriodError) as caught:
        Period.parse("2022年度")
    assert "2022年度" in caught.value.message_zh and "2022Q1" in caught.value.remedy_zh


def test_year_to_date():
    assert ytd(2022, 8).edtf == "2022-01-01/2022-08-31"
    assert ytd(2022, 12).kind == "year"
    assert ytd(2022, 6).kind == "half"
    assert ytd(2022, 3).kind == "quarter"
    assert ytd(2022, 1).kind == "month"
    for month in (0, 13):
        with pytest.raises(PeriodError):
            ytd(2022, month)


def test_of():
    assert Period.of(2022) == Period.parse("2022")
    assert Period.of(2022, 8) == Period.parse("2022-08")
    assert Period.of(2022, quarter=3) == Period.parse("2022Q3")
    assert Period.of(2022, half=2) == Period.parse("2022H2")
    for wrong in ({"month": 0}, {"month": 13}, {"quarter": 5}, {"half": 0}, {"month": 1, "half": 1}):
        with pytest.raises(PeriodError):
            Period.of(2022, **wrong)


@pytest.mark.parametrize(
    ("text", "previous", "last_year"),
    [
        ("2022", "2021", "2021"),
        ("2022-01", "2021-12", "2021-01"),
        ("2022Q1", "2021Q4", "2021Q1"),
        ("2022H2", "2022H1", "2021H2"),
        ("2022-01/2022-08", "2021-05/2021-12", "2021-01/2021-08"),
        ("2020-02-29", "2020-02-28", "2019-02-28"),
        ("2020-02", "2020-01", "2019-02"),
        ("2021-02", "2021-01", "2020-02"),
        ("2021-01/2021-02", "2020-11/2020-12", "2020-01/2020-02"),
        ("2022-03-08/2022-03-14", "2022-03-01/2022-03-07", "2021-03-08/2021-03-14"),
    ],
)
def test_previous_and_last_year(text, previous, last_year):
    assert Period.parse(text).previous() == Period.parse(previous)
    assert Period.parse(text).same_last_year() == Period.parse(last_year)


def test_open_periods():
    cumulative, since = Period.parse("../2020"), Period.parse("2021/..")
    assert cumulative.same_last_year() == Period.parse("../2019")
    assert since.same_last_year() == Period.parse("2020/..")
    for period in (cumulative, since):
        for operation in (
            period.previous,
            period.months,
            lambda p=period: p.days,
            lambda p=period: p.elapsed_fraction(date(2022, 1, 1)),
        ):
            with pytest.raises(PeriodError):
                operation()


def test_months_and_days():
    assert [month.edtf for month in Period.parse("2021-11/2022-02").months()] == [
        "2021-11",
        "2021-12",
        "2022-01",
        "2022-02",
    ]
    assert [month.edtf for month in Period.parse("2022-01-31/2022-02-01").months()] == ["2022-01", "2022-02"]
    assert Period.parse("2020").days == 366
    assert Period.parse("2022-08-05").days == 1


def test_contains():
    year = Period.parse("2022")
    assert year.contains(date(2022, 1, 1)) and year.contains(date(2022, 12, 31))
    assert not year.contains(date(2021, 12, 31)) and not year.contains(date(2023, 1, 1))
    assert year.contains(Period.parse("2022Q1")) and year.contains(year)
    assert not year.contains(Period.parse("2021-12/2022-01"))
    assert not year.contains(Period.parse("../2022"))
    assert Period.parse("../2022").contains(year) and Period.parse("../2022").contains(Period.parse("../2021"))
    assert not Period.parse("../2022").contains(Period.parse("2022/.."))
    assert Period.parse("2021/..").contains(year)


def test_elapsed_share():
    year = Period.parse("2022")
    assert year.elapsed_fraction(date(2021, 12, 31)) == 0
    assert year.elapsed_fraction(date(2022, 1, 1)) == Decimal("0.002740")
    assert year.elapsed_fraction(date(2022, 9, 30)) == Decimal("0.747945")
    assert year.elapsed_fraction(date(2022, 12, 31)) == 1
    assert year.elapsed_fraction(date(2030, 1, 1)) == 1


def test_order():
    texts = ["2022", "2021/..", "../2020", "2022Q1", "2022-01", "../2019", "2021", "2022-02"]
    ordered = [period.edtf for period in sorted(map(Period.parse, texts))]
    assert ordered == ["../2019", "../2020", "2021", "2021/..", "2022-01", "2022Q1", "2022", "2022-02"]


def test_no_year_before_the_first():
    for text in ("0001", "0001-01", "0001-01-01"):
        with pytest.raises(PeriodError):
            Period.parse(text).previous()
        with pytest.raises(PeriodError):
            Period.parse(text).same_last_year()


_DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))


def test_round_trip(full_size):
    @settings(max_examples=5000 if full_size else 200, deadline=None)
    @given(st.one_of(st.none(), _DAYS), st.one_of(st.none(), _DAYS, st.integers(0, 800)))
    def check(start, end):
        if isinstance(end, int):
            end = min(
                date(9999, 12, 31),
                (start or date(2000, 1, 1))
                + timedelta(days=min(end, (date(9999, 12, 31) - (start or date(2000, 1, 1))).days)),
            )
        if start is None and end is None:
            return
        if start and end and start > end:
            start, end = end, start
        period = Period(start, end)
        assert Period.parse(period.edtf) == period
        assert period.label_zh() and period.label_en()
        if start and end:
            # Months of the longest spans are many; what holds for a century holds for them.
            assert period.days > 40000 or period.months()[0].start <= start <= end <= period.months()[-1].end

    check()


def test_whole_months_step_back_without_gap(full_size):
    @settings(max_examples=1000 if full_size else 100, deadline=None)
    @given(st.integers(1900, 2100), st.integers(1, 12), st.integers(1, 30))
    def check(year, month, count):
        last = year * 12 + month - 1 + count - 1
        period = Period(Period.of(year, month).start, Period.of(last // 12, last % 12 + 1).end)
        before = period.previous()
        assert before.end + timedelta(days=1) == period.start
        assert len(before.months()) == count
        assert len(period.same_last_year().months()) == count

    check()


def test_any_text_gives_a_period_or_a_period_error(full_size):
    @settings(max_examples=3000 if full_size else 200, deadline=None)
    @given(st.text(alphabet="0123456789-/.QHX年", max_size=12))
    def check(text):
        try:
            period = Period.parse(text)
        except PeriodError:
            return
        assert Period.parse(period.edtf) == period

    check()
