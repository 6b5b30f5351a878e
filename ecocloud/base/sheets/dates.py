"""Dates and periods as people type them: 2022-09-30, 2022.9.30, 20220930, 2022年9月底前, Excel serial numbers."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta

from ecocloud.base.periods import Period, PeriodError
from ecocloud.base.sheets.faults import CellError
from ecocloud.base.sheets.spec import Column
from ecocloud.base.typed import YEARS, BadInput, checked_day, match_day, plain, short

WINDOWS_EPOCH = date(1899, 12, 30)
SERIALS = range(20000, 80000)  # 1954-10-03 to 2119-01-10
_MONTH = re.compile(r"(?:(\d{4})\s*[-./年]\s*)?(\d{1,2})\s*月?(底|末|上旬|中旬|下旬|初)?")
_COMPACT_MONTH = re.compile(r"(\d{4})(\d{2})")
_YEAR_PART = re.compile(r"(\d{4})\s*年?\s*(年底|年末|年内|底|末|内|上半年|下半年|第?[一二三四1234]季度?[底末]?|Q[1-4])")
_ENDING = re.compile(r"(前|以前|之前|止)$")
_NUMERALS = {"一": 1, "二": 2, "三": 3, "四": 4}
_RANGE = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*月?\s*[-~—至到]+\s*(\d{1,2})\s*月")


def read_date(value: object, column: Column, epoch: date = WINDOWS_EPOCH) -> tuple[date, list[str]]:
    """A cell as a date.

    Parameters: the cell's value; the column (``vague`` and ``default_year`` matter); day 0 of the workbook's serial
    numbers. Returns the date and notes. Raises :class:`CellError`.
    """
    try:
        if isinstance(value, date):
            return checked_day(value.year, value.month, value.day, value), []
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _from_number(value, column, epoch)
        text = plain(str(value))
        ending = _ENDING.sub("", text).strip()
        found = match_day(ending, column.default_year)
    except BadInput as bad:
        raise _fault(value, bad.message_zh, bad.remedy_zh) from None
    if found is not None:
        return found, []
    vague = _vague(ending, column, value)
    if vague is None:
        raise _fault(value, f"“{short(value)}”不是日期。")
    if column.vague == "refuse":
        raise _fault(value, f"“{short(value)}”没有写明哪一天。")
    return vague, [f"{column.title_zh}：原文“{short(value)}”，按 {vague.isoformat()} 读取"]


def read_period(value: object, column: Column) -> tuple[str, list[str]]:
    """A cell as the text of a period (``2022``, ``2022-08``, ``2022Q3``, ``2022-01-01/2022-08-31``)."""
    if isinstance(value, datetime | date):
        month = Period.of(value.year, value.month).edtf
        return month, [f"{column.title_zh}：日期 {value:%Y-%m-%d} 按 {month} 读取"]
    text = plain(str(value))
    if re.fullmatch(r"\d+\.0", text):
        text = text[:-2]
    for candidate in (text, _period_text(text)):
        if candidate is None:
            continue
        try:
            return Period.parse(candidate).edtf, []
        except PeriodError:
            continue
    raise CellError(
        f"“{short(value)}”不是时段。",
        f"not a period: {value!r}",
        value=value,
        remedy_zh="应如 2022、2022-08、2022Q3 或 2022年1-8月。",
        code="period",
    )


def _period_text(text: str) -> str | None:
    found = _RANGE.fullmatch(text)
    if found and 1 <= int(found[2]) <= int(found[3]) <= 12:
        return f"{found[1]}-{int(found[2]):02}/{found[1]}-{int(found[3]):02}"
    found = re.fullmatch(r"(\d{4})\s*年度?", text)
    if found:
        return found[1]
    found = _YEAR_PART.fullmatch(text)
    if found:
        return _part_code(found[1], found[2])
    found = re.fullmatch(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*月?", text) or _COMPACT_MONTH.fullmatch(text)
    return f"{found[1]}-{int(found[2]):02}" if found else None


def _part_code(year: str, part: str) -> str | None:
    if part in ("上半年", "下半年"):
        return f"{year}H{1 if part[0] == '上' else 2}"
    if "季" in part or part.startswith("Q"):
        digit = next(sign for sign in part if sign in "一二三四1234")
        return f"{year}Q{_NUMERALS.get(digit) or digit}"
    return None


def _from_number(value: int | float, column: Column, epoch: date) -> tuple[date, list[str]]:
    if value != value or abs(value) > 1e9:
        raise _fault(value, f"{value} 不是日期。")
    whole = int(value)
    if whole in SERIALS:
        day = epoch + timedelta(days=whole)
        return day, [f"{column.title_zh}：{value} 按 Excel 日期序号读作 {day.isoformat()}"]
    if whole == value and len(str(whole)) == 8:
        text = str(whole)
        return checked_day(int(text[:4]), int(text[4:6]), int(text[6:]), value), []
    if whole != value and whole in YEARS:
        raise _fault(value, f"{value} 是数字，1 月和 10 月无法区分。")
    raise _fault(value, f"{value} 不是完整的日期。")


def _vague(text: str, column: Column, value: object) -> date | None:
    """The day meant by a month, a part of a month, a quarter or a year's end; None when it is none of these."""
    found = _YEAR_PART.fullmatch(text)
    if found:
        return _part_of_year(int(found[1]), found[2], column)
    found = _MONTH.fullmatch(text) if not text.isdigit() else None
    if found and (found[1] or "月" in text):
        year = int(found[1]) if found[1] else column.default_year
        if year is None:
            return None
        return _part_of_month(year, int(found[2]), found[3] or "", column, value)
    found = _COMPACT_MONTH.fullmatch(text)
    return _part_of_month(int(found[1]), int(found[2]), "", column, value) if found else None


def _part_of_month(year: int, month: int, part: str, column: Column, value: object) -> date:
    if not 1 <= month <= 12 or year not in YEARS:
        raise _fault(value, f"“{short(value)}”的年或月不存在。")
    last = monthrange(year, month)[1]
    first_day, last_day = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, last), "初": (1, 5)}.get(part, (1, last))
    if part in ("底", "末"):
        return date(year, month, last)
    return date(year, month, last_day if column.vague == "end" else first_day)


def _part_of_year(year: int, part: str, column: Column) -> date | None:
    if year not in YEARS:
        return None
    code = _part_code(str(year), part)
    if code is None:
        period = Period.of(year)
        at_end = True if part[-1] in "底末" else column.vague == "end"
    else:
        period = Period.parse(code)
        at_end = part[-1] in "底末" or column.vague == "end"
    return period.end if at_end else period.start


def _fault(value: object, message: str, remedy: str = "应如 2022-09-30 或 2022年9月30日。") -> CellError:
    return CellError(message, f"not a date: {value!r}", value=value, remedy_zh=remedy, code="date")
