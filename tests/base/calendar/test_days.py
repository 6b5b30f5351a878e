"""Working days. Expected values: the notices' printed weekdays and day counts, an independent day list
(github.com/NateScarlet/holiday-cn, 2019.json and 2020.json) and the number of statutory holidays
(全国年节及纪念日放假办法: 11 days up to 2024, 13 from 2025)."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.base.calendar import CalendarError, WorkCalendar

WORK = WorkCalendar.load()
D = date.fromisoformat

# holiday-cn, 2019.json and 2020.json: days that are off, days that are worked
OFF_2019 = [
    "2018-12-30",
    "2018-12-31",
    "2019-01-01",
    "2019-02-04",
    "2019-02-05",
    "2019-02-06",
    "2019-02-07",
    "2019-02-08",
    "2019-02-09",
    "2019-02-10",
    "2019-04-05",
    "2019-05-01",
    "2019-05-02",
    "2019-05-03",
    "2019-05-04",
    "2019-06-07",
    "2019-09-13",
    "2019-10-01",
    "2019-10-02",
    "2019-10-03",
    "2019-10-04",
    "2019-10-05",
    "2019-10-06",
    "2019-10-07",
]
WORKED_2019 = ["2018-12-29", "2019-02-02", "2019-02-03", "2019-04-28", "2019-05-05", "2019-09-29", "2019-10-12"]
OFF_2020 = [
    "2020-01-01",
    "2020-01-24",
    "2020-01-25",
    "2020-01-26",
    "2020-01-27",
    "2020-01-28",
    "2020-01-29",
    "2020-01-30",
    "2020-01-31",
    "2020-02-01",
    "2020-02-02",
    "2020-04-04",
    "2020-04-05",
    "2020-04-06",
    "2020-05-01",
    "2020-05-02",
    "2020-05-03",
    "2020-05-04",
    "2020-05-05",
    "2020-06-25",
    "2020-06-26",
    "2020-06-27",
    "2020-10-01",
    "2020-10-02",
    "2020-10-03",
    "2020-10-04",
    "2020-10-05",
    "2020-10-06",
    "2020-10-07",
    "2020-10-08",
]
WORKED_2020 = ["2020-01-19", "2020-04-26", "2020-05-09", "2020-06-28", "2020-09-27", "2020-10-10"]


@pytest.mark.parametrize(("off", "worked"), [(OFF_2019, WORKED_2019), (OFF_2020, WORKED_2020)])
def test_against_an_independent_day_list(off, worked):
    assert [day for day in off if WORK.day_kind(D(day)).kind != "holiday"] == []
    assert [day for day in worked if WORK.day_kind(D(day)).kind != "makeup"] == []
    year = off[-1][:4]
    makeup = [day for day in _year(int(year)) if WORK.day_kind(day).kind == "makeup"]
    assert makeup == [D(day) for day in worked if day.startswith(year)]


def _year(year):
    return [
        date(year, 1, 1) + timedelta(days=offset) for offset in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    ]


@pytest.mark.parametrize(
    ("year", "statutory", "special"),
    [
        (2019, 11, 0),
        (2020, 11, -2),
        (2021, 11, 0),
        (2022, 11, 0),
        (2023, 11, 0),
        (2024, 11, 0),
        (2025, 13, 0),
        (2026, 13, 0),
    ],
)
def test_workdays_of_a_year(year, statutory, special):
    """Moving days around keeps the sum: days - Saturdays and Sundays - statutory holidays.

    2020: the extension of the Spring Festival took one Friday and one make-up Saturday.
    """
    days = _year(year)
    expected = sum(day.weekday() < 5 for day in days) - statutory + special
    # a statutory day on a weekend is made good by another free day, so the formula holds over the whole year
    assert sum(map(WORK.is_workday, days)) == expected


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        ("2026-01-04", "makeup", "元旦"),
        ("2026-02-14", "makeup", "春节"),
        ("2026-02-15", "holiday", "春节"),
        ("2026-02-23", "holiday", "春节"),
        ("2026-02-24", "workday", ""),
        ("2026-09-27", "holiday", "中秋节"),
        ("2026-10-08", "workday", ""),
        ("2026-10-10", "makeup", "国庆节"),
        ("2025-10-08", "holiday", "国庆节、中秋节"),
        ("2024-02-09", "workday", ""),
        ("2023-12-30", "holiday", "元旦"),
        ("2023-10-07", "makeup", "中秋节、国庆节"),
        ("2022-12-31", "holiday", "元旦"),
        ("2020-02-01", "holiday", "春节"),
        ("2026-03-07", "weekend", ""),
    ],
)
def test_single_days(day, kind, name):
    found = WORK.day_kind(D(day))
    assert (found.kind, found.name) == (kind, name)
    assert WORK.is_workday(D(day)) == (kind in ("workday", "makeup"))


def test_add_workdays():
    assert WORK.add_workdays(D("2026-09-30"), 1) == D("2026-10-08")
    assert WORK.add_workdays(D("2026-10-08"), -1) == D("2026-09-30")
    assert WORK.add_workdays(D("2026-02-13"), 1) == D("2026-02-14")
    assert WORK.add_workdays(D("2026-02-13"), 2) == D("2026-02-24")
    assert WORK.add_workdays(D("2026-03-07"), 0) == D("2026-03-07")
    assert WORK.add_workdays(D("2026-03-06"), 5) == D("2026-03-13")
    with pytest.raises(CalendarError):
        WORK.add_workdays(date(2026, 1, 1), 10**6)
    with pytest.raises(CalendarError):
        WORK.add_workdays(date(9999, 12, 30), 5)


def test_workdays_between():
    assert WORK.workdays_between(D("2026-09-30"), D("2026-10-12")) == 4
    assert WORK.workdays_between(D("2026-10-12"), D("2026-09-30")) == -4
    assert WORK.workdays_between(D("2026-10-12"), D("2026-10-12")) == 0


def test_counting_and_adding_agree(full_size):
    @settings(max_examples=1000 if full_size else 150, deadline=None)
    @given(st.dates(date(2018, 1, 1), date(2028, 12, 31)), st.integers(-300, 300))
    def check(day, n):
        end = WORK.add_workdays(day, n)
        assert WORK.workdays_between(day, end) == n
        if n:
            assert WORK.is_workday(end)

    check()


def test_unknown_years_are_said_aloud():
    assert WORK.years == tuple(range(2019, 2027))
    assert not WORK.known(2027) and not WORK.known(2018)
    assert WORK.is_workday(date(2027, 1, 1)), "a Friday; only weekends are free where no notice is known"
    assert WORK.day_kind(date(2027, 1, 2)).kind == "weekend"
    assert "2027年" in WORK.note(date(2026, 12, 1), date(2027, 1, 10))
    assert "2027—2028年" in WORK.note(date(2028, 12, 1), date(2026, 12, 1))
    assert "2027年" in WORK.note(date(2026, 12, 31))
    assert WORK.note(date(2026, 12, 25)) == ""
    assert WORK.note(date(2019, 1, 1), date(2026, 6, 1)) == ""
    assert WORK.notices(2027) == ()


def test_every_notice_is_cited():
    for year in WORK.years:
        for notice in WORK.notices(year):
            assert notice.number.startswith("国办发明电〔")
            assert notice.issued.year in (year - 1, year)
            assert notice.mark == "verified"


GOOD = """
year: 2027
notices: [{number: "示例1号", title: "示例", issued: 2026-11-01, mark: from_memory}]
holidays: [{name: 元旦, first: 2027-01-01, last: 2027-01-03, notice: "示例1号"}]
makeup_workdays: []
"""


def test_a_site_can_add_a_year(tmp_path):
    (tmp_path / "2027.yaml").write_text(GOOD, encoding="utf-8")
    extended = WorkCalendar.load(extra=tmp_path)
    assert extended.known(2027) and extended.known(2019)
    assert extended.day_kind(date(2027, 1, 1)).kind == "holiday"
    assert not WORK.known(2027)


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("makeup_workdays: []", "makeup_workdays: [{day: 2027-01-04, name: 元旦, notice: 示例1号}]"),
        GOOD.replace("makeup_workdays: []", "makeup_workdays: [{day: 2027-01-02, name: 元旦, notice: 示例1号}]"),
        GOOD.replace("last: 2027-01-03", "last: 2026-12-31"),
        GOOD.replace("first: 2027-01-01, last: 2027-01-03", "first: 2028-01-01, last: 2028-01-03"),
        GOOD.replace('notice: "示例1号"}]\nmakeup', 'notice: "示例2号"}]\nmakeup'),
        GOOD + "color: red\n",
        "year: [",
        "",
    ],
)
def test_a_wrong_file_is_named(tmp_path, text):
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CalendarError) as caught:
        WorkCalendar.load(extra=tmp_path)
    assert caught.value.where == {"file": "bad.yaml"}


def test_missing_folder(tmp_path):
    with pytest.raises(CalendarError):
        WorkCalendar.load(extra=tmp_path / "none")
