"""What comes of holding emissions against a limit: exceeded, kept, or not judged and why; flags that prove nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from ecocloud.intake.monitoring.evaluation.emission.limits import Limit, beyond
from ecocloud.intake.monitoring.evaluation.in_force import InForce, millionths
from ecocloud.intake.monitoring.evaluation.rounding import divide_half_even
from ecocloud.intake.monitoring.evaluation.scaled import Amounts


class Reason(IntEnum):
    """Why something is not judged; 0 where it is."""

    JUDGED = 0
    MISSING = 1
    EXCLUDED = 2
    TOO_LOW = 3
    TOO_HIGH = 4
    NO_OXYGEN = 5
    OXYGEN_AS_AIR = 6
    NO_FLOW = 7
    TOO_FEW = 8
    NO_TEMPERATURE = 9
    ANOTHER_TIME = 10
    SWITCHED_OFF = 11


REASON_WORDS = {
    Reason.JUDGED: ("", ""), Reason.MISSING: ("缺数据", "no value"),
    Reason.EXCLUDED: ("已标记，不用于判定", "marked: proves nothing"),
    Reason.TOO_LOW: ("负值或低于可测范围", "below what can be measured"),
    Reason.TOO_HIGH: ("超量程", "above what can be measured"),
    Reason.NO_OXYGEN: ("缺含氧量，不能折算", "no oxygen to convert with"),
    Reason.OXYGEN_AS_AIR: ("含氧量达到空气含氧量，不能折算", "oxygen as in air: cannot be converted"),
    Reason.NO_FLOW: ("无流量", "no flow"), Reason.TOO_FEW: ("有效数据不足", "too few valid values"),
    Reason.NO_TEMPERATURE: ("缺水温，限值不能确定", "no water temperature: the limit is open"),
    Reason.ANOTHER_TIME: ("该限值不按此均值时长判定", "the limit has another averaging time"),
    Reason.SWITCHED_OFF: ("判定规则未启用", "the rule is switched off"),
}  # fmt: skip
"""The reasons in words, Chinese and English."""


@dataclass(frozen=True)
class Verdicts:
    """values: what was held against the limit (an hourly or daily mean, converted), missing where there is none;
    judged, exceeds: bool; multiples: ``(C - S) / S`` in units of the last of ``decimals`` places, 0 where nothing
    exceeds or the limit is a range; reason: :class:`Reason`; limit: the place in ``limits`` of the one that applies,
    -1 for none; unverified: names of unverified facts.
    """

    values: Amounts
    judged: np.ndarray
    exceeds: np.ndarray
    multiples: np.ndarray
    decimals: int
    reason: np.ndarray
    limit: np.ndarray
    limits: tuple[Limit, ...]
    unverified: tuple[str, ...]


def counted(flags: np.ndarray, book: InForce) -> np.ndarray:
    """Which data flags (HJ 212 table 8) are of valid data: bool, the shape of ``flags``."""
    return np.isin(flags, list(book.get("flags.valid").listed()))


def excused(marks: np.ndarray, book: InForce) -> np.ndarray:
    """Which marks of an incinerator's state (烘炉, 启炉, 停炉 …) excuse it: bool, the shape of ``marks``; none where
    the rule is switched off or not yet in force.
    """
    rule = book.optional("flags.incinerator")
    return np.isin(marks, list(rule.listed())) if rule else np.zeros(np.shape(marks), np.bool_)


def checked(amounts: Amounts, kind: str, excluded: np.ndarray | None, book: InForce) -> np.ndarray:
    """Why each amount does not count, :class:`Reason`, uint8. kind: which ``plausible`` range."""
    low, high = (millionths(one) for one in book.get(f"plausible.{kind}").listed())
    reason = np.where(amounts.values < low, Reason.TOO_LOW, np.where(amounts.values > high, Reason.TOO_HIGH, 0))
    if excluded is not None:
        reason = np.where(excluded, Reason.EXCLUDED, reason)
    return np.where(amounts.missing, Reason.MISSING, reason).astype(np.uint8)


def verdicts(
    values: Amounts, reason: np.ndarray, limits: Sequence[Limit], applies: np.ndarray, book: InForce,
    exceeds: np.ndarray | None = None,
) -> Verdicts:  # fmt: skip
    """Values against the limit that applies to each. applies: place in ``limits``, -1 for none; exceeds: where it was
    found on what is more exact than ``values``.
    """
    decimals = book.get("decimals.multiple").whole()
    judged = reason == Reason.JUDGED
    found = np.zeros(values.shape, np.bool_) if exceeds is None else exceeds
    multiples = np.zeros(values.shape, np.int64)
    for place, limit in enumerate(limits):
        own = judged & (applies == place)
        if exceeds is None:
            found |= own & beyond(values.values, limit)
        over = own & found
        if limit.most and limit.least is None:
            multiples[over] = divide_half_even((values.values[over] - limit.most) * 10**decimals, limit.most)
    unverified = dict.fromkeys((*book.unverified, *(f"limit.{one.name}" for one in limits if one.unverified)))
    return Verdicts(
        Amounts(np.where(judged, values.values, 0), ~judged), judged, judged & found, multiples, decimals, reason,
        np.where(judged, applies, -1), tuple(limits), tuple(unverified),
    )  # fmt: skip
