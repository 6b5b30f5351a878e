"""Waste water 废水: daily means weighted by flow, the limits in brackets by water temperature, exceedance by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ecocloud.intake.monitoring.evaluation.emission.gas import HOURS
from ecocloud.intake.monitoring.evaluation.emission.limits import Limit, beyond
from ecocloud.intake.monitoring.evaluation.emission.verdicts import Reason, Verdicts, checked, verdicts
from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.products import divide_big, row_product_sums
from ecocloud.intake.monitoring.evaluation.rounding import divide_half_even
from ecocloud.intake.monitoring.evaluation.scaled import SCALE, Amounts


@dataclass(frozen=True)
class DayMeans:
    """Daily means of outlets. amounts: (outlets, days), rounded once, missing where not valid; tops over bottoms: the
    exact mean in millionths, arrays of Python's whole numbers; valid, due: hours; reason: :class:`Reason`; unverified:
    names of unverified facts.
    """

    amounts: Amounts
    tops: np.ndarray
    bottoms: np.ndarray
    valid: np.ndarray
    due: np.ndarray
    reason: np.ndarray
    unverified: tuple[str, ...]


def day_means(
    concentration: Amounts, flow: Amounts, book: InForce, *, every: int = 1, excluded: np.ndarray | None = None,
    kind: str = "concentration",
) -> DayMeans:  # fmt: skip
    """``ΣCQ / ΣQ`` over the valid hours of each day (HJ 356-2019, from memory).

    concentration, flow: (outlets, days · 24), mg/L and m³/h; every: hours between two values of the analyser;
    excluded: hours whose flag proves nothing; kind: the plausible range, ``ph`` for pH. An hour without flow is not
    due and its value not valid; one whose flow nobody knows is due. A day of which less than a share of the due values
    is valid has no mean. With the rule of weighting switched off the mean is the plain one of the hours with flow.
    """
    book = book.fresh()
    shape = (concentration.shape[0], concentration.shape[1] // HOURS, HOURS)
    known = checked(flow, "flow", None, book) == Reason.JUDGED
    flowing = known & (flow.values > 0) if book.optional("water.zero_flow_invalid") else known
    usable = (checked(concentration, kind, excluded, book) == Reason.JUDGED) & flowing
    due, valid = ((mask.reshape(shape)).sum(axis=-1) for mask in (~known | flowing, usable))
    weighted = book.optional("water.weighted") is not None
    weights = np.where(usable, flow.values if weighted else SCALE, 0).reshape(shape)
    tops = row_product_sums(np.where(usable, concentration.values, 0).reshape(shape), weights)
    bottoms = weights.sum(axis=-1).astype(object)
    share = book.get("water.share_of_day").whole()
    enough = 100 * valid * every >= share * due
    reason = np.where(enough, 0, Reason.TOO_FEW)
    reason = np.where(valid == 0, Reason.MISSING, reason)
    reason = np.where(due == 0, Reason.NO_FLOW, reason).astype(np.uint8)
    amounts = Amounts(np.where(reason == 0, divide_big(tops, np.maximum(bottoms, 1)), 0), reason != 0)
    return DayMeans(amounts, tops, bottoms, valid, due, reason, book.unverified)


def judge_days(means: DayMeans, limits: Sequence[Limit], book: InForce, temperature: Amounts | None = None) -> Verdicts:
    """Daily means against a daily limit, or against the two of which one is in brackets (GB 18918: NH3-N at a water
    temperature of 12 ℃ and less).

    temperature: (outlets, days · 24), ℃; the mean of the valid hours of the day decides which limit applies. Without
    it a mean that keeps the stricter limit keeps, one beyond the looser exceeds, and between them nothing is judged.
    """
    book = book.fresh()
    if not limits or any(limit.averaging != "day" for limit in limits):
        raise ValueError("a daily mean is held against daily limits")
    reason = means.reason
    if book.optional("water.day_exceedance") is None:
        reason = np.where(reason == 0, Reason.SWITCHED_OFF, reason).astype(np.uint8)
    applies = np.zeros(reason.shape, np.int64)
    if any(limit.warmer_than is not None or limit.not_warmer_than is not None for limit in limits):
        applies = _bracket(means, limits, temperature, book)
        reason = np.where((reason == 0) & (applies < 0), Reason.NO_TEMPERATURE, reason).astype(np.uint8)
    over = np.zeros(reason.shape, np.bool_)
    for place, limit in enumerate(limits):
        over |= (applies == place) & _beyond(means, limit)
    found = verdicts(means.amounts, reason, limits, applies, book, over)
    return replace(found, unverified=tuple(dict.fromkeys((*means.unverified, *found.unverified))))


def judge_single(
    values: Amounts, limit: Limit, book: InForce, excluded: np.ndarray | None = None, kind: str = "ph"
) -> Verdicts:
    """Single values against a limit that holds at any moment (pH of GB 18918) or for the mean of one sampling."""
    book = book.fresh()
    reason = checked(values, kind, excluded, book)
    if limit.averaging not in ("instant", "sampling"):
        reason = np.where(reason == 0, Reason.ANOTHER_TIME, reason).astype(np.uint8)
    return verdicts(values, reason, (limit,), np.zeros(reason.shape, np.int64), book)


def warnings(concentration: Amounts, limit: Limit, book: InForce, excluded: np.ndarray | None = None) -> np.ndarray:
    """Valid hourly values beyond a daily limit: bool. They warn; they prove no exceedance."""
    return (checked(concentration, "concentration", excluded, book) == 0) & beyond(concentration.values, limit)


def _beyond(means: DayMeans, limit: Limit) -> np.ndarray:
    """Exactly, not as rounded."""
    over = np.zeros(means.reason.shape, np.bool_)
    if limit.most is not None:
        over |= (means.tops > limit.most * means.bottoms).astype(np.bool_)
    if limit.least is not None:
        over |= (means.tops < limit.least * means.bottoms).astype(np.bool_)
    return over


def _bracket(means: DayMeans, limits: Sequence[Limit], temperature: Amounts | None, book: InForce) -> np.ndarray:
    """The limit that applies to each day: place in ``limits``, -1 where it stays open."""
    shape = means.reason.shape
    known, mean = np.zeros(shape, np.bool_), np.zeros(shape, np.int64)
    if temperature is not None and book.optional("water.temperature_day") is not None:
        usable = (checked(temperature, "temperature", None, book) == 0).reshape(*shape, HOURS)
        sums = np.where(usable, temperature.values.reshape(*shape, HOURS), 0).sum(axis=-1)
        counts = usable.sum(axis=-1)
        known, mean = counts > 0, divide_half_even(sums, np.maximum(counts, 1))
    applies = np.full(shape, -1, np.int64)
    for place, limit in enumerate(limits):
        holds = known.copy()
        if limit.warmer_than is not None:
            holds &= mean > limit.warmer_than
        if limit.not_warmer_than is not None:
            holds &= mean <= limit.not_warmer_than
        applies[holds] = place
    beyond_all = np.logical_and.reduce([_beyond(means, limit) for limit in limits])
    within_all = ~np.logical_or.reduce([_beyond(means, limit) for limit in limits])
    order = sorted(range(len(limits)), key=lambda place: limits[place].most or 0)
    applies[~known & within_all] = order[0]
    applies[~known & beyond_all] = order[-1]
    return applies
