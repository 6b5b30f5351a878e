"""The work calendar: pure rules over checked year files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from ecocloud.base.errors import EcoError

_ONE_DAY = timedelta(days=1)
_MAX_STEPS = 20_000
_UNSETTLED_FROM_DAY = 26  # of December: the next year's notice may still move the days from here on


class CalendarError(EcoError):
    """A calendar file is wrong or a date cannot be counted."""

    code = "calendar.invalid"


class Notice(BaseModel):
    """The published notice; mark says whether its text was read or written from memory."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    number: str
    title: str
    issued: date
    url: str = ""
    mark: Literal["verified", "from_memory"]


class Holiday(BaseModel):
    """A span of days off, both ends included."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    first: date
    last: date
    notice: str


class MakeupWorkday(BaseModel):
    """A Saturday or Sunday that is worked."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    day: date
    name: str
    notice: str


class YearFile(BaseModel):
    """Schema of ``data/<year>.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    year: int
    notices: tuple[Notice, ...]
    holidays: tuple[Holiday, ...]
    makeup_workdays: tuple[MakeupWorkday, ...]

    @model_validator(mode="after")
    def _consistent(self) -> YearFile:
        numbers = {notice.number for notice in self.notices}
        first, last = date(self.year - 1, 12, 20), date(self.year, 12, 31)
        off: set[date] = set()
        for span in self.holidays:
            days = list(_days(span.first, span.last))
            if not days or not first <= span.first <= span.last <= last:
                raise ValueError(f"{span.name}: {span.first}–{span.last} is not a span of {self.year}")
            if off.intersection(days):
                raise ValueError(f"{span.name}: {span.first}–{span.last} overlaps another holiday")
            off.update(days)
        for extra in self.makeup_workdays:
            if extra.day.weekday() < 5 or extra.day in off or not first <= extra.day <= last:
                raise ValueError(f"{extra.day} is no free Saturday or Sunday of {self.year}")
        if len({extra.day for extra in self.makeup_workdays}) != len(self.makeup_workdays):
            raise ValueError("a make-up workday occurs twice")
        for entry in (*self.holidays, *self.makeup_workdays):
            if entry.notice not in numbers:
                raise ValueError(f"notice {entry.notice} is not listed")
        return self


@dataclass(frozen=True)
class DayKind:
    """What a day is: ``kind`` workday, weekend, holiday or makeup; ``name`` of the holiday; ``notice`` number."""

    kind: str
    name: str = ""
    notice: str = ""

    @property
    def is_workday(self) -> bool:
        """Whether the day is worked."""
        return self.kind in ("workday", "makeup")


class WorkCalendar:
    """Working days over the years whose notices are known; beyond them weekends only (see :meth:`known`)."""

    def __init__(self, years: Iterable[YearFile]) -> None:
        self._special: dict[date, DayKind] = {}
        self._years: dict[int, YearFile] = {}
        for entry in years:
            self._years[entry.year] = entry
            for span in entry.holidays:
                for day in _days(span.first, span.last):
                    self._special[day] = DayKind("holiday", span.name, span.notice)
            for extra in entry.makeup_workdays:
                self._special[extra.day] = DayKind("makeup", extra.name, extra.notice)

    @classmethod
    def load(cls, extra: Path | str | None = None) -> WorkCalendar:
        """The calendar of the package, with the files of the folder ``extra`` on top (same year: ``extra`` wins).

        Raises :class:`CalendarError` naming the file and the fault.
        """
        return cls([*(_package_years() if extra is None else _merged(Path(extra)).values())])

    @property
    def years(self) -> tuple[int, ...]:
        """The known years, ascending."""
        return tuple(sorted(self._years))

    def known(self, year: int) -> bool:
        """Whether the notice for ``year`` is in the data. Where it is not, only weekends count as free."""
        return year in self._years

    def notices(self, year: int) -> tuple[Notice, ...]:
        """The notices behind a year, empty when it is not known."""
        return self._years[year].notices if year in self._years else ()

    def day_kind(self, day: date) -> DayKind:
        """Workday, weekend, holiday or make-up workday, with the holiday's name."""
        return self._special.get(day) or DayKind("weekend" if day.weekday() >= 5 else "workday")

    def is_workday(self, day: date) -> bool:
        """Whether ``day`` is worked."""
        return self.day_kind(day).is_workday

    def add_workdays(self, day: date, n: int) -> date:
        """The ``n``-th workday after ``day`` (before it for negative ``n``); ``n == 0`` gives ``day`` itself."""
        if abs(n) > _MAX_STEPS:
            raise CalendarError(f"工作日数不能超过 {_MAX_STEPS}。", f"more than {_MAX_STEPS} workdays", value=n)
        step = _ONE_DAY if n > 0 else -_ONE_DAY
        left, current = abs(n), day
        while left:
            try:
                current += step
            except OverflowError:
                raise CalendarError("日期超出范围。", "date out of range", value=f"{day}{n:+d}") from None
            left -= self.is_workday(current)
        return current

    def workdays_between(self, a: date, b: date) -> int:
        """Workdays after ``a`` up to and including ``b``; when ``b`` is earlier, minus those from ``b`` up to ``a``."""
        if b < a:
            return -sum(self.is_workday(day) for day in _days(b, a - _ONE_DAY))
        return sum(self.is_workday(day) for day in _days(a + _ONE_DAY, b)) if b > a else 0

    def note(self, a: date, b: date | None = None) -> str:
        """A Chinese sentence to show when the span ``a`` to ``b`` touches days not yet settled by a notice, else ''."""
        first, last = min(a, b or a), max(a, b or a)
        unknown = [year for year in range(first.year, last.year + 1) if not self.known(year)]
        if unknown:
            years = f"{unknown[0]}年" if len(unknown) == 1 else f"{unknown[0]}—{unknown[-1]}年"
            return f"{years}的节假日安排未收录，只按周末推算，节假日公布后可能变化。"
        if (last.month, last.day) >= (12, _UNSETTLED_FROM_DAY) and not self.known(last.year + 1):
            return f"{last.year + 1}年的节假日安排未收录，{last.year}年12月底的日期可能随元旦调休变化。"
        return ""


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))


@lru_cache(maxsize=1)
def _package_years() -> tuple[YearFile, ...]:
    folder = files(__package__) / "data"
    entries = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda entry: entry.name
    )
    return tuple(_read(entry) for entry in entries)


def _merged(folder: Path) -> dict[int, YearFile]:
    years = {entry.year: entry for entry in _package_years()}
    if not folder.is_dir():
        raise CalendarError("没有这个日历文件夹。", "calendar folder not found", where={"file": str(folder)})
    for path in sorted(folder.glob("*.yaml")):
        entry = _read(path)
        years[entry.year] = entry
    return years


def _read(entry: Any) -> YearFile:
    try:
        return YearFile.model_validate(yaml.safe_load(entry.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError, ValidationError) as fault:
        raise CalendarError(
            "日历文件有误。",
            f"bad calendar file: {fault}",
            where={"file": entry.name},
            remedy_zh="请对照已有年份的文件改正。",
        ) from fault
