"""倒算: what the rest of the year must still bring so that the year meets its target. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum

from ecocloud.kernel.evidence.targets import HUNDRED, Bounds, Step, Target, bounds, difference_unit, divide, show


class Outlook(StrEnum):
    """The answer of :func:`needed`."""

    SECURE = "secure"
    POSSIBLE = "possible"
    IMPOSSIBLE = "impossible"
    MET = "met"
    MISSED = "missed"
    UNKNOWN = "unknown"


OUTLOOK_ZH = {
    "secure": "已稳达", "possible": "尚可完成", "impossible": "已无法完成", "met": "已完成", "missed": "未完成",
    "unknown": "暂不能推算",
}  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """Where a year stands.

    kind: how the year is made (``sum``, ``mean``, ``ratio``, ``last``); value: amount so far, mean so far or newest
    level (``ratio`` does not use it); elapsed: time units (days, months) with a value; left: time units still to come;
    good: for ``ratio``, fulfilling ones among ``elapsed``; time_zh / time_en: name of the time unit.
    """

    kind: str
    value: Decimal | None
    elapsed: int
    left: int
    good: int | None = None
    time_zh: str = "个月"
    time_en: str = "months"


@dataclass(frozen=True)
class Needed:
    """``rate``: what each remaining time unit must bring (sum, last) or the mean it must hold (mean); ``count``: good
    time units still needed (ratio); ``affordable``: bad ones that may still come; ``cap``: the rate is a ceiling."""

    outlook: Outlook
    rate: Decimal | None
    count: int | None
    affordable: int | None
    cap: bool
    arithmetic: tuple[Step, ...]
    sentence: Step


def _answer(outlook: Outlook, sentence: Step, steps: Sequence[Step] = (), **more: object) -> Needed:
    base = Needed(outlook, None, None, None, False, (*steps, sentence), sentence)
    return replace(base, **more)  # type: ignore[arg-type]


def needed(
    target: Target, progress: Progress, *, unit: str = "", decimals: int = 2, direction: str = "none",
    floor: Decimal | None = Decimal(0), ceiling: Decimal | None = None,
) -> Needed:  # fmt: skip
    """What is still required for the rest of the year so that the year meets ``target``.

    Parameters
    ----------
    target: the year's target; progress: where the year stands, same unit.
    decimals: the rate is rounded to this many decimals, to the safe side, so that following it reaches the target.
    floor, ceiling: the least and most one time unit (sum, mean) can bring; ``None`` where there is no such limit.
        They decide between possible, impossible and secure. Percentages should be given ceiling 100.
    """
    limits = bounds(target, direction)
    known = progress.good is not None if progress.kind == "ratio" else progress.value is not None
    if limits is None or (not known and progress.elapsed > 0):
        return _answer(Outlook.UNKNOWN, Step("缺少数值或基期值，不能倒算", "A value or the baseline is missing"))
    if limits.lower is not None and limits.upper is not None:
        return _answer(Outlook.UNKNOWN, Step("区间目标不作倒算", "No back-calculation for ranges"))
    if progress.kind == "ratio":
        return _needed_days(limits, progress)
    if progress.kind == "mean":
        return _needed_mean(limits, progress, unit, decimals, floor, ceiling)
    if progress.kind == "sum":
        return _needed_sum(limits, progress, unit, decimals, floor, ceiling)
    if progress.kind == "last":  # a level may fall again: nothing is ever safe, nothing out of reach before the end
        return _needed_sum(limits, progress, difference_unit(unit)[0], decimals, None, None)
    return _answer(
        Outlook.UNKNOWN, Step("该指标不按时段推算，不作倒算", "The indicator is stated as a whole: nothing to derive")
    )


def _over(limits: Bounds, value: Decimal, steps: Sequence[Step] = ()) -> Needed:
    if limits.contains(value):
        return _answer(Outlook.MET, Step("时段已结束，目标已完成", "The period is over: met"), steps)
    return _answer(Outlook.MISSED, Step("时段已结束，目标未完成", "The period is over: missed"), steps)


def _rate_sentence(rate: Decimal, progress: Progress, unit: str, decimals: int, cap: bool, mean: bool) -> Step:
    shown = show(rate, unit, decimals)
    verb_zh, verb_en = ("不高于", "at most") if cap else ("不低于", "at least")
    what_zh, what_en = (
        ("平均应", "must average")
        if mean
        else ("平均每" + progress.time_zh.removeprefix("个") + "应", "need a mean of")
    )
    return Step(
        f"剩余 {progress.left} {progress.time_zh}{what_zh}{verb_zh} {shown}，方可完成全年目标",
        f"The remaining {progress.left} {progress.time_en} {what_en} {verb_en} {shown}",
    )


def _needed_sum(
    limits: Bounds, progress: Progress, unit: str, decimals: int, floor: Decimal | None, ceiling: Decimal | None
) -> Needed:
    done = progress.value or Decimal(0)
    cap = limits.upper is not None
    goal = limits.upper if cap else limits.lower
    assert goal is not None
    rest = goal - done
    steps = [
        Step(
            f"{show(goal, unit)} − {show(done, unit)} = {show(rest, unit)}（{'尚可增加' if cap else '尚需完成'}）",
            f"{show(goal, unit)} − {show(done, unit)} = {show(rest, unit)} (still {'allowed' if cap else 'needed'})",
        )
    ]
    if progress.left <= 0:
        return _over(limits, done, steps)
    if progress.kind == "last" and limits.contains(done):
        keep = Step("目前水平已达到目标，保持至期末即可", "The present level meets the target: hold it")
        return _answer(Outlook.POSSIBLE, keep, steps, rate=Decimal(0), cap=cap)
    rate = divide(rest, Decimal(progress.left), ROUND_FLOOR if cap else ROUND_CEILING, decimals)
    steps.append(
        Step(
            f"{show(rest, unit)} ÷ {progress.left} = {show(rate, unit, decimals)}",
            f"{show(rest, unit)} ÷ {progress.left} = {show(rate, unit, decimals)}",
        )
    )
    least = None if floor is None else done + floor * progress.left
    most = None if ceiling is None else done + ceiling * progress.left
    sentence = _rate_sentence(rate, progress, unit, decimals, cap, mean=False)
    verdict = _outlook(limits, least, most)
    return _outlook_answer(verdict, rate, cap, steps, sentence)


def _outlook(limits: Bounds, least: Decimal | None, most: Decimal | None) -> Outlook:
    """Where the year can end: all of it inside the target is secure, none of it impossible."""
    if limits.lower is not None:
        if least is not None and least >= limits.lower:
            return Outlook.SECURE
        return Outlook.IMPOSSIBLE if most is not None and most < limits.lower else Outlook.POSSIBLE
    assert limits.upper is not None
    if most is not None and most <= limits.upper:
        return Outlook.SECURE
    return Outlook.IMPOSSIBLE if least is not None and least > limits.upper else Outlook.POSSIBLE


def _outlook_answer(outlook: Outlook, rate: Decimal, cap: bool, steps: list[Step], sentence: Step) -> Needed:
    if outlook == Outlook.SECURE:
        return _answer(
            outlook, Step("无论后期如何，全年目标已可稳达", "The target is already safe"), steps, rate=rate, cap=cap
        )
    if outlook == Outlook.IMPOSSIBLE:
        return _answer(
            outlook,
            Step("即使后期做到最好，全年目标也已无法完成", "The target can no longer be reached"),
            steps,
            rate=rate,
            cap=cap,
        )
    return _answer(outlook, sentence, steps, rate=rate, cap=cap)


def _needed_mean(
    limits: Bounds, progress: Progress, unit: str, decimals: int, floor: Decimal | None, ceiling: Decimal | None
) -> Needed:
    mean = progress.value or Decimal(0)
    before, left = progress.elapsed, progress.left
    if left <= 0:
        return _over(limits, mean)
    cap = limits.upper is not None
    goal = limits.upper if cap else limits.lower
    assert goal is not None
    so_far = mean * before
    exact = goal * (before + left) - so_far
    rate = divide(exact, Decimal(left), ROUND_FLOOR if cap else ROUND_CEILING, decimals)
    text = f"({show(goal, unit)} × {before + left} − {show(mean, unit)} × {before}) ÷ {left}"
    text += f" = {show(rate, unit, decimals)}"
    steps = [Step(f"剩余时段所需均值：{text}", f"Mean needed for the rest: {text}")]
    whole = Decimal(before + left)
    least = None if floor is None else divide(so_far + floor * left, whole)
    most = None if ceiling is None else divide(so_far + ceiling * left, whole)
    sentence = _rate_sentence(rate, progress, unit, decimals, cap, mean=True)
    return _outlook_answer(_outlook(limits, least, most), rate, cap, steps, sentence)


def _needed_days(limits: Bounds, progress: Progress) -> Needed:
    """Good days still needed, or bad days still affordable, for a share in per cent; all days left count as valid."""
    good, before, left = progress.good or 0, progress.elapsed, progress.left
    total = before + left
    time_zh, time_en = progress.time_zh, progress.time_en
    if total == 0:
        return _answer(Outlook.UNKNOWN, Step("没有有效天数，不能倒算", "There are no valid days"))
    if left <= 0:
        return _over(limits, divide(Decimal(good) * HUNDRED, Decimal(before)))
    if limits.lower is not None:
        must = int((limits.lower * total / HUNDRED).to_integral_value(rounding=ROUND_CEILING))
        count = max(0, must - good)
        steps = [
            Step(
                f"全年至少需 {show(limits.lower, '%')} × {total} = {must} {time_zh}，"
                f"已有 {good} {time_zh}，还需 {count} {time_zh}",
                f"At least {show(limits.lower, '%')} × {total} = {must} {time_en}, {good} so far, {count} to go",
            )
        ]
        if count > left:
            return _answer(Outlook.IMPOSSIBLE, Step(
                f"还需 {count} {time_zh}达标，仅剩 {left} {time_zh}，全年目标已无法完成",
                f"{count} {time_en} needed, only {left} left: can no longer be reached"),
                steps, count=count)  # fmt: skip
        spare = left - count
        if count == 0:
            return _answer(
                Outlook.SECURE,
                Step("无论后期如何，全年目标已可稳达", "The target is already safe"),
                steps,
                count=0,
                affordable=spare,
            )
        return _answer(Outlook.POSSIBLE, Step(
            f"剩余 {left} {time_zh}中还需 {count} {time_zh}达标，最多还可有 {spare} {time_zh}不达标",
            f"{count} of the remaining {left} {time_en} must be good; {spare} may fail"),
            steps, count=count, affordable=spare)  # fmt: skip
    return _needed_bad_days(limits, progress)


def _needed_bad_days(limits: Bounds, progress: Progress) -> Needed:
    """The same for a share that must stay low: how many more may come."""
    good, left, total = progress.good or 0, progress.left, progress.elapsed + progress.left
    time_zh, time_en = progress.time_zh, progress.time_en
    assert limits.upper is not None
    may = int((limits.upper * total / HUNDRED).to_integral_value(rounding=ROUND_FLOOR))
    spare = may - good
    steps = [
        Step(
            f"全年至多 {show(limits.upper, '%')} × {total} = {may} {time_zh}，已有 {good} {time_zh}",
            f"At most {show(limits.upper, '%')} × {total} = {may} {time_en}, {good} so far",
        )
    ]
    if spare < 0:
        return _answer(
            Outlook.IMPOSSIBLE,
            Step(f"已超出 {-spare} {time_zh}，全年目标已无法完成", f"Already {-spare} {time_en} too many"),
            steps,
            cap=True,
        )
    if spare >= left:
        return _answer(
            Outlook.SECURE,
            Step("无论后期如何，全年目标已可稳达", "The target is already safe"),
            steps,
            affordable=left,
            cap=True,
        )
    return _answer(Outlook.POSSIBLE, Step(f"剩余 {left} {time_zh}中最多还可出现 {spare} {time_zh}",
                                          f"At most {spare} more within the remaining {left} {time_en}"), steps,
                   affordable=spare, cap=True)  # fmt: skip
