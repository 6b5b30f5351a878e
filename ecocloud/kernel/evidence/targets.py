"""Targets and attainment: pure arithmetic on ``Decimal``, every step put into words.

Values are compared exactly as given (全数值比较法, GB/T 8170-2008 4.3.2); rounding is only for display. Equal to the
limit meets it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum

from ecocloud.base.errors import EcoError
from ecocloud.base.units import english_unit, format_value

HUNDRED = Decimal(100)
RATIO_UNITS = {"%": ("个百分点", "percentage points"), "‰": ("个千分点", "per-mille points")}
POINT_UNITS = frozenset({"个百分点", "百分点", "个千分点"})


class RuleError(EcoError):
    """A target or a calculation that makes no sense; says which part and what would be right."""

    code = "evidence.rule"


class Operator(StrEnum):
    """How a value is held against a target."""

    GE = ">="
    LE = "<="
    EQ = "="
    CHANGE = "change"
    RANGE = "range"


OPERATOR_ZH = {">=": "不低于", "<=": "不高于", "=": "达到", "change": "变化", "range": "区间"}
OPERATOR_EN = {">=": "at least", "<=": "at most", "=": "reach", "change": "change", "range": "range"}


class Verdict(StrEnum):
    """The answer of :func:`attainment`."""

    MET = "met"
    NOT = "not"
    UNKNOWN = "unknown"


VERDICT_ZH = {"met": "已达标", "not": "未达标", "unknown": "暂不能判定"}


@dataclass(frozen=True)
class Step:
    """One step of the arithmetic in words."""

    zh: str
    en: str


@dataclass(frozen=True)
class Target:
    """What must be reached.

    operator: one of :class:`Operator`; value: the limit, the lower end of a range, or the signed size of a change
    (-2.6 with ``%`` = fall by 2.6 % of the baseline, +2 with ``个百分点`` = rise by two points, else an amount);
    value2: the upper end of a range; baseline: the value a change is counted from, in the unit of the indicator.
    """

    operator: str
    value: Decimal | None
    value2: Decimal | None = None
    unit: str = ""
    baseline: Decimal | None = None


@dataclass(frozen=True)
class Bounds:
    """The values that meet a target: from ``lower`` to ``upper``, both inclusive, ``None`` where open."""

    lower: Decimal | None
    upper: Decimal | None

    def contains(self, value: Decimal) -> bool:
        """Whether ``value`` meets the target."""
        return (self.lower is None or value >= self.lower) and (self.upper is None or value <= self.upper)


@dataclass(frozen=True)
class Attainment:
    """``ratio``: 1 or more when met, as far as a ratio makes sense; ``shortfall``: what is missing, in the unit of the
    indicator, never negative; ``bounds``: what would meet the target; ``arithmetic``: the steps."""

    verdict: Verdict
    ratio: Decimal | None
    shortfall: Decimal | None
    bounds: Bounds | None
    arithmetic: tuple[Step, ...]


def show(value: Decimal, unit: str, decimals: int | None = None) -> str:
    """A value with its unit as pages print it."""
    return format_value(value, unit, decimals)


def divide(top: Decimal, bottom: Decimal, rounding: str | None = None, decimals: int | None = None) -> Decimal:
    """``top / bottom`` with 40 digits, rounded to ``decimals`` where given."""
    with localcontext() as context:
        context.prec = 40
        result = top / bottom
        if decimals is not None:
            result = result.quantize(Decimal(1).scaleb(-decimals), rounding=rounding)
        return result


def check_target(target: Target) -> None:
    """Raise :class:`RuleError` for a target without its numbers or with its ends exchanged."""
    if target.operator not in set(Operator):
        raise RuleError(
            "目标的比较方式不对。",
            f"unknown operator {target.operator}",
            value=target.operator,
            where={"字段": "operator"},
            remedy_zh="只能取 >=、<=、=、change、range。",
        )
    if target.value is None:
        raise RuleError("目标值缺失。", "target without a value", where={"字段": "value"}, remedy_zh="请填写目标值。")
    if target.operator == Operator.RANGE:
        if target.value2 is None:
            raise RuleError(
                "区间目标缺少上限。",
                "range without an upper end",
                where={"字段": "value2"},
                remedy_zh="请填写区间上限。",
            )
        if target.value2 < target.value:
            raise RuleError(
                "区间上限小于下限。",
                "range ends exchanged",
                where={"字段": "value2"},
                value=target.value2,
                remedy_zh="请把较大的数填作上限。",
            )
    if target.operator == Operator.CHANGE and target.value == 0:
        raise RuleError(
            "变化目标为零。",
            "change of zero",
            where={"字段": "value"},
            value=0,
            remedy_zh="保持不变请用“不低于”或“不高于”基期值。",
        )


def bounds(target: Target, direction: str = "none") -> Bounds | None:
    """The values that meet ``target``; ``None`` when a change has no baseline.

    ``direction`` (up, down, none) reads ``=``: 达到 100% of an indicator whose high side is good is also met above it.
    """
    check_target(target)
    value = target.value
    assert value is not None
    if target.operator == Operator.GE:
        return Bounds(value, None)
    if target.operator == Operator.LE:
        return Bounds(None, value)
    if target.operator == Operator.RANGE:
        return Bounds(value, target.value2)
    if target.operator == Operator.EQ:
        return Bounds(None if direction == "down" else value, None if direction == "up" else value)
    if target.baseline is None:
        return None
    if target.unit == "%":
        limit = target.baseline + abs(target.baseline) * value / HUNDRED
    else:
        limit = target.baseline + value
    return Bounds(limit, None) if value > 0 else Bounds(None, limit)


def describe(target: Target, unit: str) -> Step:
    """The target in words: ``不低于 93.2%``, ``较基期 30 μg/m³ 下降 2%``."""
    value = target.value if target.value is not None else Decimal(0)
    unit_en = english_unit(unit)
    if target.operator == Operator.RANGE and target.value2 is not None:
        low, high = show(value, unit), show(target.value2, unit)
        low_en, high_en = show(value, unit_en), show(target.value2, unit_en)
        return Step(f"在 {low} 至 {high} 之间", f"between {low_en} and {high_en}")
    if target.operator == Operator.CHANGE:
        size, size_en = (show(abs(value), one) for one in (target.unit or unit, english_unit(target.unit or unit)))
        base_zh = f"较基期 {show(target.baseline, unit)} " if target.baseline is not None else "较基期"
        base_en = f" from the baseline {show(target.baseline, unit_en)}" if target.baseline is not None else ""
        word_zh, word_en = ("上升", "rise") if value > 0 else ("下降", "fall")
        return Step(f"{base_zh}{word_zh} {size} 以上", f"{word_en} by at least {size_en}{base_en}")
    words = {">=": ("不低于", "at least"), "<=": ("不高于", "at most"), "=": ("达到", "reach")}[target.operator]
    return Step(f"{words[0]} {show(value, unit)}", f"{words[1]} {show(value, unit_en)}")


def _ratio(limits: Bounds, value: Decimal, target: Target) -> Decimal | None:
    if target.operator == Operator.CHANGE and target.baseline is not None:
        limit = limits.lower if limits.lower is not None else limits.upper
        assert limit is not None
        wanted = limit - target.baseline
        return divide(value - target.baseline, wanted) if wanted else None
    if limits.lower is not None and value < limits.lower:
        return divide(value, limits.lower) if limits.lower > 0 and value >= 0 else None
    if limits.upper is not None and value > limits.upper:
        return divide(limits.upper, value) if value > 0 and limits.upper >= 0 else None
    if limits.lower is not None and limits.upper is None:
        return divide(value, limits.lower) if limits.lower > 0 else None
    if limits.upper is not None and limits.lower is None:
        if value == limits.upper:
            return Decimal(1)
        return divide(limits.upper, value) if value > 0 and limits.upper > 0 else None
    return Decimal(1)


def attainment(target: Target, value: Decimal | None, *, unit: str = "", direction: str = "none") -> Attainment:
    """Hold ``value`` against ``target``.

    Parameters
    ----------
    target: what must be reached, in ``unit``.
    value: the observed value in ``unit``, ``None`` when there is none (unknown, never zero).
    unit: unit of the indicator, for the words. direction: up, down or none, see :func:`bounds`.
    """
    limits = bounds(target, direction)
    words = describe(target, unit)
    steps = [Step(f"目标：{words.zh}", f"Target: {words.en}")]
    if limits is None:
        steps.append(Step("缺少基期值，不能判定", "The baseline is missing: no verdict"))
        return Attainment(Verdict.UNKNOWN, None, None, None, tuple(steps))
    if target.operator == Operator.CHANGE:
        limit = limits.lower if limits.lower is not None else limits.upper
        steps.append(_change_step(target, limit, unit))
    if value is None:
        steps.append(Step("本期没有数值，不能判定", "There is no value: no verdict"))
        return Attainment(Verdict.UNKNOWN, None, None, limits, tuple(steps))
    shown = show(value, unit)
    if limits.contains(value):
        limit = limits.lower if limits.lower is not None else limits.upper
        equal = " = " if value in (limits.lower, limits.upper) else (" ≥ " if limits.lower is not None else " ≤ ")
        steps.append(
            Step(f"实际 {shown}{equal}{show(limit, unit)}，达标", f"Actual {shown}{equal}{show(limit, unit)}: met")
        )
        return Attainment(Verdict.MET, _ratio(limits, value, target), Decimal(0), limits, tuple(steps))
    below = limits.lower is not None and value < limits.lower
    limit = limits.lower if below else limits.upper
    assert limit is not None
    short = abs(limit - value)
    gap = show(short, difference_unit(unit)[0])
    sign = "<" if below else ">"
    steps.append(
        Step(
            f"实际 {shown} {sign} {show(limit, unit)}，{'还差' if below else '超出'} {gap}，未达标",
            f"Actual {shown} {sign} {show(limit, unit)}, {'short by' if below else 'above by'} {gap}: not met",
        )
    )
    return Attainment(Verdict.NOT, _ratio(limits, value, target), short, limits, tuple(steps))


def _change_step(target: Target, limit: Decimal | None, unit: str) -> Step:
    assert limit is not None and target.baseline is not None and target.value is not None
    base, result = show(target.baseline, unit), show(limit, unit)
    sign = "+" if target.value > 0 else "−"
    if target.unit == "%":
        text = f"{base} × (1 {sign} {show(abs(target.value), '%')}) = {result}"
    else:
        text = f"{base} {sign} {show(abs(target.value), target.unit or unit)} = {result}"
    return Step(f"应达到：{text}", f"Limit: {text}")


def difference_unit(unit: str) -> tuple[str, str]:
    """The unit of a difference, Chinese and English: points for ratios."""
    return RATIO_UNITS.get(unit, (unit, unit))
