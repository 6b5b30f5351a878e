"""Automatic flags: which values break which rule. Pure: series and rules in, flags out; a value is never changed.

A flag of a value depends on that value and on those before it, as far back as its rule looks, never on later ones: the
flags of a window are the same however the data came, and a late value changes flags only as far as the rules reach.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ecocloud.intake.monitoring.quality import rules as table
from ecocloud.intake.monitoring.quality.series import EMPTY, Series, plain


class Flag(NamedTuple):
    """One value that breaks one rule. at: its stamp, seconds since 1970 UTC. values: what was compared, bound: what
    with, as texts by name (``value``, ``before``, ``median`` …; ``low``, ``high``, ``change`` …)."""

    rule: str
    factor: str
    at: int
    values: dict[str, str]
    bound: dict[str, str]


@dataclass(frozen=True)
class Subject:
    """A device and what stands beside it.

    Parameters
    ----------
    kind: what it watches. series: by factor, beginning as far before the window as the rules reach.
    neighbours: for each factor the series of the neighbouring stations (those of this device left out).
    ranges: for each factor the range registered for its instrument, in 10^-6 of its unit.
    """

    kind: str
    series: Mapping[str, Series]
    neighbours: Mapping[str, Sequence[Series]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)


def flags(rules: Sequence[table.Rule], subject: Subject, first: int, last: int) -> list[Flag]:
    """The flags of the values with stamps from ``first`` to before ``last``, by factor, stamp and rule."""
    found: list[Flag] = []
    for rule in rules:
        if not rule.kinds or subject.kind in rule.kinds:
            found += _CHECKS[rule.check](rule, subject, first, last)
    return sorted(found, key=lambda one: (one.factor, one.at, one.rule))


def _outside(rule: Any, factor: str, series: Series, low: int | None, high: int | None, window: tuple) -> list[Flag]:
    here = series.places(*window)
    values = series.values[here]
    bad = np.zeros(len(here), np.bool_)
    bound = {}
    if low is not None:
        bad |= values < low
        bound["low"] = plain(low)
    if high is not None:
        bad |= values > high
        bound["high"] = plain(high)
    bad &= ~series.missing[here]
    return [Flag(rule.code, factor, int(series.times[n]), {"value": plain(int(series.values[n]))}, bound)
            for n in here[bad]]  # fmt: skip


def _range(rule: table.RangeRule, subject: Subject, first: int, last: int) -> list[Flag]:
    found = []
    for factor, bounds in rule.factors.items():
        low = None if bounds.low is None else table.micro(bounds.low)
        high = None if bounds.high is None else table.micro(bounds.high)
        found += _outside(rule, factor, subject.series.get(factor, EMPTY), low, high, (first, last))
    return found


def _instrument(rule: table.InstrumentRule, subject: Subject, first: int, last: int) -> list[Flag]:
    found = []
    for factor, (low, high) in subject.ranges.items():
        if low is not None or high is not None:
            found += _outside(rule, factor, subject.series.get(factor, EMPTY), low, high, (first, last))
    return found


def _sign(rule: table.SignRule, subject: Subject, first: int, last: int) -> list[Flag]:
    found = []
    for factor in rule.factors:
        series = subject.series.get(factor, EMPTY)
        here = series.places(first, last)
        values = series.values[here]
        bad = ((values < 0) if rule.which == "negative" else (values == 0)) & ~series.missing[here]
        bound = {"low": "0"} if rule.which == "negative" else {"not": "0"}
        found += [Flag(rule.code, factor, int(series.times[n]), {"value": plain(int(series.values[n]))}, bound)
                  for n in here[bad]]  # fmt: skip
    return found


def _rate(rule: table.RateRule, subject: Subject, first: int, last: int) -> list[Flag]:
    found = []
    for factor, step in rule.factors.items():
        series = subject.series.get(factor, EMPTY).present()
        if len(series) < 2:
            continue
        near = np.diff(series.times) <= rule.reach
        far = np.abs(np.diff(series.values)) > table.micro(step.change)
        inside = (series.times[1:] >= first) & (series.times[1:] < last)
        for n in np.flatnonzero(near & far & inside):
            values = {"value": plain(int(series.values[n + 1])), "before": plain(int(series.values[n]))}
            found.append(Flag(rule.code, factor, int(series.times[n + 1]), values, {"change": str(step.change)}))
    return found


def _flat(rule: table.FlatRule, subject: Subject, first: int, last: int) -> list[Flag]:
    """From the value at which the time is full; the values before it do not know yet."""
    found = []
    for factor in rule.factors if rule.factors is not None else sorted(subject.series):
        series = subject.series.get(factor, EMPTY).present()
        if factor in rule.without or not len(series):
            continue
        times, values = series.times, series.values
        begins = np.searchsorted(times, times - rule.reach, side="right")
        for n in series.places(first, last):
            part = values[begins[n] : n + 1]
            if len(part) >= rule.least and int(part.max()) - int(part.min()) <= table.micro(rule.tolerance):
                count = {"value": plain(int(values[n])), "count": str(len(part))}
                found.append(Flag(rule.code, factor, int(times[n]), count, {"hours": str(rule.hours)}))
    return found


def _order(rule: table.OrderRule, subject: Subject, first: int, last: int) -> list[Flag]:
    part, whole = (subject.series.get(name, EMPTY).present() for name in (rule.part, rule.whole))
    times, at_part, at_whole = np.intersect1d(part.times, whole.times, return_indices=True)
    over = part.values[at_part] - whole.values[at_whole] > table.micro(rule.tolerance)
    bound = {"tolerance": str(rule.tolerance)}
    found = []
    for n in np.flatnonzero(over & (times >= first) & (times < last)):
        values = {"value": plain(int(part.values[at_part[n]])), "whole": plain(int(whole.values[at_whole[n]]))}
        found += [Flag(rule.code, factor, int(times[n]), values, bound) for factor in (rule.part, rule.whole)]
    return found


def _drift(rule: table.DriftRule, subject: Subject, first: int, last: int) -> list[Flag]:
    found = []
    for factor, drift in rule.factors.items():
        series = subject.series.get(factor, EMPTY).present()
        others = [one.present() for one in subject.neighbours.get(factor, ())]
        if len(series) and len(others) >= rule.neighbours:
            found += _drifting(rule, drift, factor, series, others, (first, last))
    return found


def _drifting(
    rule: table.DriftRule, drift: table.Drift, factor: str, series: Series, others: Sequence[Series],
    window: tuple[int, int],
) -> list[Flag]:  # fmt: skip
    """Medians are kept doubled, so that the middle of two stays a whole number."""
    times, doubled = _medians(others, series.times, rule.neighbours)
    _common, mine, theirs = np.intersect1d(series.times, times, return_indices=True)
    at, medians = series.times[mine], doubled[theirs]
    apart = 2 * series.values[mine] - medians
    sums, bases = (np.concatenate([[0], np.cumsum(part)]) for part in (apart, medians))
    starts = np.searchsorted(at, at - rule.reach, side="right")
    least, need = table.micro(drift.least), -(-rule.hours * rule.share // 100)
    found = []
    for n in np.flatnonzero((at >= window[0]) & (at < window[1])):
        count = int(n - starts[n] + 1)
        total, base = (int(part[n + 1] - part[starts[n]]) for part in (sums, bases))
        allowed = max(2 * least * count * 100, drift.percent * abs(base))
        if count >= need and abs(total) * 100 > allowed:
            values = {
                "value": plain(int(series.values[mine[n]])), "median": plain(int(medians[n]) // 2),
                "difference": plain(round(total / (2 * count))), "hours": str(count),
            }  # fmt: skip
            bound = {"least": str(drift.least), "percent": str(drift.percent), "neighbours": str(len(others))}
            found.append(Flag(rule.code, factor, int(at[n]), values, bound))
    return found


def _medians(others: Sequence[Series], stamps: np.ndarray, least: int) -> tuple[np.ndarray, np.ndarray]:
    """Doubled medians of other stations at some stamps, where at least ``least`` of them have a value."""
    grid = np.full((len(others), len(stamps)), np.iinfo(np.int64).max)
    for row, one in zip(grid, others, strict=True):
        _common, mine, theirs = np.intersect1d(stamps, one.times, return_indices=True)
        row[mine] = one.values[theirs]
    grid.sort(axis=0)
    counts = (grid != np.iinfo(np.int64).max).sum(axis=0)
    enough = np.flatnonzero(counts >= least)
    low, high = (counts[enough] - 1) // 2, counts[enough] // 2
    return stamps[enough], grid[low, enough] + grid[high, enough]


_CHECKS: dict[str, Callable[..., list[Flag]]] = {
    "range": _range, "instrument": _instrument, "sign": _sign, "rate": _rate, "flat": _flat, "order": _order,
    "drift": _drift,
}  # fmt: skip
