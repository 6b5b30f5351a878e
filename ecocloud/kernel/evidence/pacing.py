"""序时 pace of cumulative indicators, 同比 and 环比: pure."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ecocloud.kernel.evidence.targets import (
    HUNDRED,
    POINT_UNITS,
    RATIO_UNITS,
    RuleError,
    Step,
    difference_unit,
    divide,
    show,
)


@dataclass(frozen=True)
class Pace:
    """``share``: part of the period that has passed (by days or curve); ``expected``: what should be there by then;
    ``ahead``: done minus expected (negative = behind); ``applies``: False for means and levels."""

    applies: bool
    share: Decimal | None
    expected: Decimal | None
    ahead: Decimal | None
    ratio: Decimal | None
    arithmetic: tuple[Step, ...]


def elapsed_share(start: date, end: date, on: date, curve: Sequence[Decimal] | None = None) -> Decimal:
    """How much of the period ``start``..``end`` should be done at the end of day ``on``, 0 to 1.

    curve: twelve monthly weights January to December (any positive scale); within a month the weight grows by days.
    """
    if end < start:
        raise RuleError(
            "时段的止日早于起日。", "period ends before it starts", value=f"{start}/{end}", remedy_zh="请检查起止日期。"
        )
    if on < start:
        return Decimal(0)
    on = min(on, end)
    if curve is None:
        return divide(Decimal((on - start).days + 1), Decimal((end - start).days + 1))
    if len(curve) != 12 or any(weight < 0 for weight in curve) or not any(curve):
        raise RuleError(
            "月度进度曲线应为十二个非负数，且不全为零。",
            "curve needs twelve non-negative weights",
            value=[str(weight) for weight in curve],
            remedy_zh="请按 1 月至 12 月各填一个权重。",
        )
    whole = _curve_sum(start, end, curve)
    return divide(_curve_sum(start, on, curve), whole) if whole else Decimal(1)


def _curve_sum(start: date, end: date, curve: Sequence[Decimal]) -> Decimal:
    total = Decimal(0)
    year, month = start.year, start.month
    while (year, month) <= (end.year, end.month):
        days = calendar.monthrange(year, month)[1]
        first = max(start, date(year, month, 1))
        last = min(end, date(year, month, days))
        total += divide(Decimal(curve[month - 1]) * ((last - first).days + 1), Decimal(days))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return total


def pace(
    goal: Decimal, done: Decimal | None, start: date, end: date, on: date, *,
    aggregation: str = "sum", unit: str = "", curve: Sequence[Decimal] | None = None,
) -> Pace:  # fmt: skip
    """序时 progress of a cumulative indicator on day ``on``; for others says why there is none.

    goal: amount for the whole period; done: amount so far (``None`` unknown), both in ``unit``.
    """
    if aggregation != "sum":
        return Pace(False, None, None, None, None, (
            Step("该指标不逐期累加，不计序时进度，只与全年目标比较年初至今值",
                 "Not cumulative: no pace; the year to date is held against the target"),
        ))  # fmt: skip
    share = elapsed_share(start, end, on, curve)
    expected = goal * share
    way_zh, way_en = ("按月度曲线", "by the monthly curve") if curve else ("按天数", "by days")
    part = show(share * HUNDRED, "%", 1)
    text = f"{show(goal, unit)} × {part} = {show(expected, unit, 2)}"
    steps = [
        Step(f"序时（{way_zh}）{part}，应完成 {text}", f"Expected by {on} ({way_en}, {part}): {text}"),
    ]
    if done is None:
        steps.append(Step("本期没有数值，不能比较", "There is no value to compare"))
        return Pace(True, share, expected, None, None, tuple(steps))
    ahead = done - expected
    ratio = divide(done, expected) if expected > 0 else None
    word_zh, word_en = (
        ("快于序时", "ahead by")
        if ahead > 0
        else (("与序时持平", "level") if ahead == 0 else ("慢于序时", "behind by"))
    )
    gap = "" if ahead == 0 else f" {show(abs(ahead), unit, 2)}"
    steps.append(Step(f"实际 {show(done, unit)}，{word_zh}{gap}", f"Actual {show(done, unit)}, {word_en}{gap}"))
    return Pace(True, share, expected, ahead, ratio, tuple(steps))


@dataclass(frozen=True)
class Comparison:
    """``difference`` in the indicator's unit (points for ratios); ``percent`` of the earlier value, ``None`` for
    ratios and where the earlier value is zero or negative; ``text`` the comparison in words."""

    difference: Decimal | None
    percent: Decimal | None
    unit: str
    text: Step


def compare(now: Decimal | None, then: Decimal | None, unit: str, *, kind: str = "yoy") -> Comparison:
    """``now`` against ``then``: kind ``yoy`` 同比 (same period last year) or ``previous`` 环比 (the period before)."""
    name_zh, name_en = {"yoy": ("同比", "Year on year"), "previous": ("环比", "On the period before")}[kind]
    if now is None or then is None:
        return Comparison(None, None, unit, Step(f"{name_zh}：缺少可比数值", f"{name_en}: nothing to compare with"))
    difference = now - then
    point_zh = difference_unit(unit)[0]
    if difference == 0:
        return Comparison(
            difference,
            None if unit in RATIO_UNITS else Decimal(0),
            point_zh,
            Step(f"{name_zh}持平", f"{name_en}: unchanged"),
        )
    word_zh, word_en = ("上升", "up") if difference > 0 else ("下降", "down")
    if unit in RATIO_UNITS or unit in POINT_UNITS or not unit or then <= 0:
        size = show(abs(difference), point_zh)
        return Comparison(
            difference, None, point_zh, Step(f"{name_zh}{word_zh} {size}", f"{name_en}: {word_en} {size}")
        )
    percent = divide(difference * HUNDRED, then)
    word_zh = "增长" if difference > 0 and unit not in {"μg/m³", "mg/m³"} else word_zh
    size = show(abs(percent), "%", 1)
    return Comparison(difference, percent, unit, Step(
        f"{name_zh}{word_zh} {size}（{show(then, unit)} → {show(now, unit)}）",
        f"{name_en}: {word_en} {size} ({show(then, unit)} → {show(now, unit)})",
    ))  # fmt: skip
