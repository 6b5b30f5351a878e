"""The frozen ``Period``: parse, print, label, step, compare. Pure: no clock."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import total_ordering

from ecocloud.base.errors import EcoError

_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_QUARTERS_ZH = ("一", "二", "三", "四")
_HALVES_ZH = ("上", "下")
_ONE_DAY = timedelta(days=1)
_FORMS = "2022、2022-08、2022-08-05、2022Q1、2022H1、2022-01/2022-08、../2020、2021/.."


class PeriodError(EcoError):
    """A period cannot be read, or the operation has no meaning for this kind of period."""

    code = "periods.invalid"


def _bad(text: object) -> PeriodError:
    return PeriodError(f"不认识时段“{text}”。", f"not a period: {text!r}", value=text, remedy_zh=f"可写为：{_FORMS}。")


@total_ordering
@dataclass(frozen=True)
class Period:
    """A span of days with both ends included; ``None`` is an open end. Build with :meth:`parse`, :meth:`of` or ytd."""

    start: date | None
    end: date | None

    def __post_init__(self) -> None:
        if self.start is None and self.end is None:
            raise PeriodError("时段两端都没有写。", "a period needs at least one end", value="../..")
        if self.start and self.end and self.start > self.end:
            raise PeriodError(
                "时段的起始晚于结束。",
                "period starts after it ends",
                value=f"{self.start}/{self.end}",
                remedy_zh="请把较早的日期写在前面。",
            )

    # --- building -------------------------------------------------------------------------------------------------

    @classmethod
    def parse(cls, text: str | Period) -> Period:
        """Read ``2022``, ``2022-08``, ``2022-08-05``, ``2022Q1``, ``2022H1``, ``A/B``, ``../B``, ``A/..``.

        Raises :class:`PeriodError` naming the text and the accepted forms.
        """
        if isinstance(text, Period):
            return text
        if not isinstance(text, str):
            raise _bad(text)
        plain = text.strip()
        if "/" not in plain:
            return cls(*_span(plain, text))
        left, _, right = plain.partition("/")
        start = None if left.strip() == ".." else _span(left.strip(), text)[0]
        end = None if right.strip() == ".." else _span(right.strip(), text)[1]
        return cls(start, end)

    @classmethod
    def of(cls, year: int, month: int | None = None, *, quarter: int | None = None, half: int | None = None) -> Period:
        """The year, or one month, quarter (1-4) or half (1-2) of it."""
        if sum(part is not None for part in (month, quarter, half)) > 1:
            raise PeriodError(
                "月、季、半年只能写一个。", "give only one of month, quarter, half", value=(month, quarter, half)
            )
        if half is not None:
            return cls(*_months_span(year, 6 * half - 5, 6 * half))
        if quarter is not None:
            return cls(*_months_span(year, 3 * quarter - 2, 3 * quarter))
        return cls(*_months_span(year, month or 1, 12 if month is None else month))

    @classmethod
    def ytd(cls, year: int, month: int) -> Period:
        """January to ``month`` (1-12) of ``year``."""
        return cls(*_months_span(year, 1, month))

    # --- what it is -----------------------------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        """year, half, quarter, month, day, range, open_start or open_end."""
        if self.start is None:
            return "open_start"
        if self.end is None:
            return "open_end"
        if self.start == self.end:
            return "day"
        if not self._whole_months or self.start.year != self.end.year:
            return "range"
        first, count = self.start.month, self.end.month - self.start.month + 1
        kinds = {12: "year", 6: "half", 3: "quarter", 1: "month"}
        return kinds[count] if count in kinds and (first - 1) % count == 0 else "range"

    @property
    def _whole_months(self) -> bool:
        return bool(self.start and self.end and self.start.day == 1 and _is_month_end(self.end))

    @property
    def edtf(self) -> str:
        """The one canonical text of this period; :meth:`parse` gives the period back."""
        kind = self.kind
        if kind == "open_start":
            year_end = (self.end.month, self.end.day) == (12, 31)
            return f"../{_year_text(self.end) if year_end else self.end.isoformat()}"
        if kind == "open_end":
            year_start = (self.start.month, self.start.day) == (1, 1)
            return f"{_year_text(self.start) if year_start else self.start.isoformat()}/.."
        start, end = self.start, self.end
        texts = {
            "year": lambda: _year_text(start),
            "half": lambda: f"{_year_text(start)}H{(start.month + 5) // 6}",
            "quarter": lambda: f"{_year_text(start)}Q{(start.month + 2) // 3}",
            "month": lambda: start.isoformat()[:7],
            "day": lambda: start.isoformat(),
            "range": lambda: f"{start.isoformat()}/{end.isoformat()}",
        }
        return texts[kind]()

    def __str__(self) -> str:
        return self.edtf

    @property
    def year(self) -> int | None:
        """The calendar year the period lies in, or None when it crosses years or is open."""
        return self.start.year if self.start and self.end and self.start.year == self.end.year else None

    @property
    def days(self) -> int:
        """Number of days, both ends included; open periods have none and raise PeriodError."""
        self._closed("days")
        return (self.end - self.start).days + 1

    @property
    def sort_key(self) -> tuple[date, date]:
        """Key for sorting: open start first, open end last."""
        return (self.start or date.min, self.end or date.max)

    def __lt__(self, other: object) -> bool:
        return self.sort_key < other.sort_key if isinstance(other, Period) else NotImplemented

    def _closed(self, operation: str) -> None:
        if self.start is None or self.end is None:
            raise PeriodError(
                f"“{self.label_zh()}”没有起止两端，不能这样计算。",
                f"{operation} needs a closed period: {self}",
                code="periods.open",
                value=self.edtf,
            )

    # --- labels ---------------------------------------------------------------------------------------------------

    def label_zh(self) -> str:
        """Chinese label: 2022年8月, 2022年1—8月, 截至2020年, 2021年以来."""
        kind, start, end = self.kind, self.start, self.end
        if kind == "open_start":
            return f"截至{_end_zh(end)}"
        if kind == "open_end":
            return f"{_start_zh(start)}以来"
        if kind == "year":
            return f"{start.year}年"
        if kind == "half":
            return f"{start.year}年{_HALVES_ZH[start.month // 7]}半年"
        if kind == "quarter":
            return f"{start.year}年第{_QUARTERS_ZH[start.month // 3]}季度"
        if kind == "month":
            return f"{start.year}年{start.month}月"
        if kind == "day":
            return _day_zh(start)
        if self._whole_months:
            if start.year == end.year:
                return f"{start.year}年{start.month}—{end.month}月"
            if start.month == 1 and end.month == 12:
                return f"{start.year}—{end.year}年"
            return f"{start.year}年{start.month}月—{end.year}年{end.month}月"
        tail = f"{end.month}月{end.day}日" if start.year == end.year else _day_zh(end)
        if (start.year, start.month) == (end.year, end.month):
            tail = f"{end.day}日"
        return f"{_day_zh(start)}—{tail}"

    def label_en(self) -> str:
        """English label: Aug 2022, Jan–Aug 2022, up to 2020, since 2021."""
        kind, start, end = self.kind, self.start, self.end
        if kind == "open_start":
            return f"up to {_end_en(end)}"
        if kind == "open_end":
            return f"since {_start_en(start)}"
        if kind == "year":
            return str(start.year)
        if kind == "half":
            return f"H{(start.month + 5) // 6} {start.year}"
        if kind == "quarter":
            return f"Q{(start.month + 2) // 3} {start.year}"
        if kind == "month":
            return _month_en(start)
        if kind == "day":
            return _day_en(start)
        if self._whole_months:
            if start.year == end.year:
                return f"{_MONTHS_EN[start.month - 1]}–{_month_en(end)}"
            if start.month == 1 and end.month == 12:
                return f"{start.year}–{end.year}"
            return f"{_month_en(start)} – {_month_en(end)}"
        return f"{_day_en(start)} – {_day_en(end)}"

    # --- steps ----------------------------------------------------------------------------------------------------

    def months(self) -> tuple[Period, ...]:
        """Every calendar month the period touches, in order. Open periods raise PeriodError."""
        self._closed("months")
        first = self.start.year * 12 + self.start.month - 1
        last = self.end.year * 12 + self.end.month - 1
        return tuple(Period.of(index // 12, index % 12 + 1) for index in range(first, last + 1))

    def previous(self) -> Period:
        """The span of the same length just before (环比): months step by months, other ranges by days."""
        self._closed("previous")
        if self._whole_months:
            count = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1
            first = self.start.year * 12 + self.start.month - 1 - count
            last = first + count - 1
            _check_year(first // 12, self.edtf)
            start = date(first // 12, first % 12 + 1, 1)
            return Period(start, _month_end(last // 12, last % 12 + 1))
        try:
            return Period(self.start - timedelta(days=self.days), self.start - _ONE_DAY)
        except OverflowError:
            raise _bad(f"{self.edtf} 之前") from None

    def same_last_year(self) -> Period:
        """The same span one year earlier (同比); an end at the end of February stays there."""
        return Period(_year_back(self.start, is_end=False), _year_back(self.end, is_end=True))

    def contains(self, other: date | Period) -> bool:
        """Whether a day or a whole period lies inside (both ends included)."""
        if not isinstance(other, Period):
            other = Period(other, other)
        after = self.start is None or (other.start is not None and other.start >= self.start)
        before = self.end is None or (other.end is not None and other.end <= self.end)
        return after and before

    def elapsed_fraction(self, on: date) -> Decimal:
        """Share of the days gone by the end of day ``on`` (序时), 0 to 1, six decimals half-even."""
        self._closed("elapsed_fraction")
        gone = min(max((on - self.start).days + 1, 0), self.days)
        return (Decimal(gone) / Decimal(self.days)).quantize(Decimal("0.000001"), rounding=ROUND_HALF_EVEN)


def ytd(year: int, month: int) -> Period:
    """January to ``month`` (1-12) of ``year``."""
    return Period.ytd(year, month)


_YEAR = re.compile(r"(\d{4})")
_PART = re.compile(r"(\d{4})-?(Q[1-4]|H[12])", re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def _span(plain: str, text: object) -> tuple[date, date]:
    """First and last day of a year, part of a year, month or day."""
    if not plain.isascii():
        raise _bad(text)
    try:
        if match := _YEAR.fullmatch(plain):
            return _months_span(int(match[1]), 1, 12)
        if match := _PART.fullmatch(plain):
            size, number = (3 if match[2][0] in "Qq" else 6), int(match[2][1])
            return _months_span(int(match[1]), size * (number - 1) + 1, size * number)
        if match := _MONTH.fullmatch(plain):
            year, month = int(match[1]), int(match[2])
            if 33 <= month <= 36:  # EDTF level 2: quarters 1 to 4
                return _months_span(year, 3 * (month - 33) + 1, 3 * (month - 32))
            if month in (40, 41):  # EDTF level 2: semesters
                return _months_span(year, 6 * (month - 40) + 1, 6 * (month - 39))
            return _months_span(year, month, month)
        if match := _DAY.fullmatch(plain):
            day = date(int(match[1]), int(match[2]), int(match[3]))
            return day, day
    except (ValueError, PeriodError):
        raise _bad(text) from None
    raise _bad(text)


def _check_year(year: int, value: object) -> None:
    if not MINYEAR <= year <= MAXYEAR:
        raise _bad(value)


def _months_span(year: int, first: int, last: int) -> tuple[date, date]:
    if not 1 <= first <= last <= 12 or not MINYEAR <= year <= MAXYEAR:
        raise _bad(f"{year}-{first}/{year}-{last}")
    return date(year, first, 1), _month_end(year, last)


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _is_month_end(day: date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]


def _year_back(day: date | None, *, is_end: bool) -> date | None:
    if day is None:
        return None
    if day.year == MINYEAR:
        raise _bad(f"{day} 的上年")
    last = monthrange(day.year - 1, day.month)[1]
    return date(day.year - 1, day.month, last if is_end and _is_month_end(day) else min(day.day, last))


def _year_text(day: date) -> str:
    return f"{day.year:04d}"


def _day_zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _end_zh(day: date) -> str:
    if (day.month, day.day) == (12, 31):
        return f"{day.year}年"
    return f"{day.year}年{day.month}月" if _is_month_end(day) else _day_zh(day)


def _start_zh(day: date) -> str:
    if (day.month, day.day) == (1, 1):
        return f"{day.year}年"
    return f"{day.year}年{day.month}月" if day.day == 1 else _day_zh(day)


def _month_en(day: date) -> str:
    return f"{_MONTHS_EN[day.month - 1]} {day.year}"


def _day_en(day: date) -> str:
    return f"{day.day} {_month_en(day)}"


def _end_en(day: date) -> str:
    if (day.month, day.day) == (12, 31):
        return str(day.year)
    return _month_en(day) if _is_month_end(day) else _day_en(day)


def _start_en(day: date) -> str:
    if (day.month, day.day) == (1, 1):
        return str(day.year)
    return _month_en(day) if day.day == 1 else _day_en(day)
