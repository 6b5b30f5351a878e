"""The rules of the room in one place: attainment, 序时 pace, 同比/环比, 倒算 and lights. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ecocloud.kernel.evidence.backcasting import OUTLOOK_ZH, Needed, Outlook, Progress, needed
from ecocloud.kernel.evidence.pacing import Comparison, Pace, compare, elapsed_share, pace
from ecocloud.kernel.evidence.targets import (
    OPERATOR_EN,
    OPERATOR_ZH,
    VERDICT_ZH,
    Attainment,
    Bounds,
    Operator,
    RuleError,
    Step,
    Target,
    Verdict,
    attainment,
    bounds,
    check_target,
    describe,
    show,
)

__all__ = [
    "OPERATOR_EN", "OPERATOR_ZH", "OUTLOOK_ZH", "VERDICT_ZH", "Attainment", "Bounds", "Comparison", "Light", "Needed",
    "Operator", "Outlook", "Pace", "Progress", "RuleError", "Step", "Target", "Verdict", "attainment", "bounds",
    "check_target", "compare", "describe", "elapsed_share", "light", "needed", "pace", "show",
]  # fmt: skip


@dataclass(frozen=True)
class Light:
    """A light with its word: color green, yellow, red or grey."""

    color: str
    word: Step


def light(
    found: Attainment, progress: Pace | None, outlook: Outlook | None, *, over: bool, amber: Decimal = Decimal("0.9")
) -> Light:
    """The light of an indicator: the word is the cause.

    over: the period has ended; amber: the lowest ratio (to the target, or to 序时 for cumulative ones) that is
    still amber.
    """
    if found.verdict == Verdict.UNKNOWN:
        return Light("grey", Step("无数据", "No data") if found.bounds else Step("缺基期", "No baseline"))
    if over:
        return (
            Light("green", Step("达标", "Met"))
            if found.verdict == Verdict.MET
            else Light("red", Step("未达标", "Not met"))
        )
    if outlook == Outlook.IMPOSSIBLE:
        return Light("red", Step("已无法完成", "Out of reach"))
    if progress and progress.applies and found.bounds and found.bounds.lower is not None:
        if found.verdict == Verdict.MET:
            return Light("green", Step("已完成", "Done"))
        if progress.ahead is not None and progress.ahead >= 0:
            return Light("green", Step("序时达标", "On pace"))
        slow = progress.ratio is not None and progress.ratio >= amber
        return Light("yellow", Step("慢于序时", "Slow")) if slow else Light("red", Step("滞后", "Behind"))
    if found.verdict == Verdict.MET:
        return Light("green", Step("达标", "Met"))
    near = found.ratio is not None and found.ratio >= amber
    return (
        Light("yellow", Step("接近目标", "Close to target")) if near else Light("red", Step("未达目标", "Off target"))
    )
