"""From the observations of a year to one value, and from value and target to a reading. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

from ecocloud.kernel.evidence import rules
from ecocloud.kernel.evidence.rules import Step, show

HUNDRED = Decimal(100)


class Observed(Protocol):
    """What is read of an observation."""

    pk: Any
    value: Decimal | None
    denominator: Decimal | None
    start: date | None
    end: date | None
    source: str


@dataclass(frozen=True)
class Kind:
    """What is read of an indicator."""

    aggregation: str
    unit: str
    decimals: int
    direction: str


@dataclass(frozen=True)
class YearValue:
    """A year as far as it is known: ``value`` up to ``until``; ``good`` of ``days`` for shares of days; ``used`` the
    observations behind it; ``complete`` when the whole year is covered; ``steps`` how it was made."""

    value: Decimal | None
    until: date | None
    days: int
    good: int | None
    used: tuple[Any, ...]
    complete: bool
    steps: tuple[Step, ...]


EMPTY = YearValue(None, None, 0, None, (), False, (Step("本年度尚无确认值", "No confirmed value this year"),))


def _days(row: Observed) -> int:
    assert row.start and row.end
    return (row.end - row.start).days + 1


def _good(row: Observed) -> tuple[int, int]:
    valid = int(row.denominator) if row.denominator else _days(row)
    return int((Decimal(row.value or 0) * valid / HUNDRED).to_integral_value()), valid


def year_value(kind: Kind, rows: Sequence[Observed], year: int, on: date | None = None) -> YearValue:
    """The year's value from confirmed ``rows`` of one indicator and region (any periods).

    A value stated for the year so far (from 1 January) wins when it reaches at least as far as the shorter periods;
    else the shorter ones are put together as the aggregation says. on: only what ended by this day counts.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    inside = [
        row for row in rows
        if row.value is not None and row.end is not None and first <= row.end <= last and (on is None or row.end <= on)
    ]  # fmt: skip
    if kind.aggregation == "last":
        inside = [row for row in inside if row.start is None or row.start >= first]
        return _whole(kind, max(inside, key=lambda row: row.end), last) if inside else EMPTY
    dated = [row for row in inside if row.start is not None and row.start >= first]
    stated = [row for row in dated if row.start == first]
    best = max(stated, key=lambda row: row.end, default=None)
    parts = _parts([row for row in dated if row is not best])
    if kind.aggregation == "none" or not dated:
        return _whole(kind, max(dated, key=lambda row: (row.end, -row.start.toordinal())), last) if dated else EMPTY
    if best is not None and (not parts or best.end >= parts[-1].end or best.end == last):
        return _whole(kind, best, last)
    if best is not None:  # a stated stretch continued by shorter periods
        parts = [best, *(row for row in parts if row.start > best.end)]
    return _together(kind, parts, last)


def _parts(rows: Sequence[Observed]) -> list[Observed]:
    """Shorter periods without overlap, in order; of overlapping ones the shorter."""
    chosen: list[Observed] = []
    for row in sorted(rows, key=lambda one: (one.start, _days(one))):
        if not chosen or row.start > chosen[-1].end:
            chosen.append(row)
    return chosen


def _whole(kind: Kind, row: Observed, last: date) -> YearValue:
    good, valid = _good(row) if kind.aggregation == "ratio" else (None, _days(row) if row.start else 0)
    shown = show(row.value, kind.unit, kind.decimals) if row.value is not None else "—"
    step = Step(f"截至 {row.end} 的确认值 {shown}", f"Confirmed up to {row.end}: {shown}")
    return YearValue(row.value, row.end, valid, good, (row,), row.end == last, (step,))


def _together(kind: Kind, parts: Sequence[Observed], last: date) -> YearValue:
    values = [Decimal(row.value) for row in parts]
    days = sum(_days(row) for row in parts)
    until, good = parts[-1].end, None
    if kind.aggregation == "sum":
        value = sum(values, Decimal(0))
        how = (
            f"{len(parts)} 期相加 = {show(value, kind.unit)}",
            f"Sum of {len(parts)} periods = {show(value, kind.unit)}",
        )
    elif kind.aggregation == "ratio":
        counts = [_good(row) for row in parts]
        good, days = sum(one for one, _ in counts), sum(valid for _, valid in counts)
        value = Decimal(good) * HUNDRED / days if days else Decimal(0)
        text = f"{good} ÷ {days} = {show(value, kind.unit, kind.decimals)}"
        how = f"符合天数 ÷ 有效天数：{text}", f"Good days / valid days: {text}"
    else:
        value = sum((row_value * _days(row) for row_value, row in zip(values, parts, strict=True)), Decimal(0)) / days
        shown = show(value, kind.unit, kind.decimals)
        how = f"{len(parts)} 期按天数加权平均 = {shown}", f"Mean of {len(parts)} periods weighted by days = {shown}"
    value = value.quantize(Decimal("0.000001")).normalize()
    if value.as_tuple().exponent > 0:  # 1E+1 -> 10
        value = value.quantize(Decimal(1))
    covered = (until - parts[0].start).days + 1
    gap = covered - sum(_days(row) for row in parts)
    steps = [Step(*how)]
    if gap:
        steps.append(Step(f"其中缺 {gap} 天的数据，未作插补", f"{gap} days have no data and were not filled in"))
    complete = until == last and parts[0].start == date(last.year, 1, 1) and not gap
    return YearValue(value, until, days, good, tuple(parts), complete, tuple(steps))


@dataclass(frozen=True)
class Reading:
    """An indicator of one region and year against its target: all a page shows."""

    year: YearValue
    found: rules.Attainment | None
    pace: rules.Pace | None
    needed: rules.Needed | None
    light: rules.Light
    year_on_year: rules.Comparison
    steps: tuple[Step, ...]

    @property
    def sentence(self) -> Step | None:
        """The 倒算 sentence where there is one worth saying."""
        return self.needed.sentence if self.needed and self.needed.outlook != "unknown" else None


NO_TARGET = rules.Light("grey", Step("无目标", "No target"))


def read(
    kind: Kind, now: YearValue, before: YearValue, target: rules.Target | None, span: tuple[date, date], *,
    curve: Sequence[Decimal] | None = None, amber: Decimal = Decimal("0.9"),
) -> Reading:  # fmt: skip
    """Hold a year against its target.

    before: the same stretch of the year before, for 同比. span: first and last day of the target's period.
    """
    compared = rules.compare(now.value, before.value, kind.unit)
    if target is None:
        return Reading(now, None, None, None, NO_TARGET, compared, now.steps)
    found = rules.attainment(target, now.value, unit=kind.unit, direction=kind.direction)
    start, end = span
    over = now.complete or (now.until is not None and now.until >= end)
    needed = pace = None
    limits = found.bounds
    if not over and limits and now.until is not None:
        if limits.lower is not None and limits.upper is None and kind.aggregation == "sum":
            pace = rules.pace(limits.lower, now.value, start, end, now.until, unit=kind.unit, curve=curve)
        needed = _needed(kind, now, target, end)
    lamp = rules.light(found, pace, needed.outlook if needed else None, over=over, amber=amber)
    steps = [*now.steps, *found.arithmetic]
    steps += pace.arithmetic if pace else ()
    steps += needed.arithmetic if needed else ()
    steps.append(compared.text)
    return Reading(now, found, pace, needed, lamp, compared, tuple(steps))


def _needed(kind: Kind, now: YearValue, target: rules.Target, end: date) -> rules.Needed:
    assert now.until is not None
    left_days = (end - now.until).days
    ceiling = HUNDRED if kind.unit == "%" else None
    if kind.aggregation in ("mean", "ratio"):
        progress = rules.Progress(kind.aggregation, now.value, now.days, left_days, now.good, "天", "days")
    else:
        months = (end.year - now.until.year) * 12 + end.month - (now.until + timedelta(days=1)).month + 1
        if (now.until + timedelta(days=1)).year > end.year:
            months = 0
        progress = rules.Progress(kind.aggregation, now.value, now.until.month, max(0, months))
    return rules.needed(
        target, progress, unit=kind.unit, decimals=kind.decimals, direction=kind.direction, ceiling=ceiling
    )
