"""Capture of a quarter 有效数据捕集率 of flue gas, and what stands in for invalid hours (HJ 75-2017, from memory; may
be switched off). Substituted amounts count for totals, never for exceedance.

The transmission and validity rates of all devices are counted in ``stations.rates``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from ecocloud.intake.monitoring.evaluation.shares import Shares


@dataclass(frozen=True)
class Capture:
    """Shares of stacks: hours that count of those they ran; passes: at or above the least capture of a quarter."""

    shares: Shares
    passes: np.ndarray
    unverified: tuple[str, ...]


@dataclass(frozen=True)
class Substituted:
    """Hourly emissions of one stack in a quarter. amounts: measured or substituted, kg/h, missing where neither; by:
    which are substituted; capture: share of the quarter, %; unverified: names of unverified facts.
    """

    amounts: Amounts
    by: np.ndarray
    capture: Fraction | None
    unverified: tuple[str, ...]


def capture(valid: np.ndarray, stopped: np.ndarray, book: InForce) -> Capture:
    """``(hours - invalid - stopped) / (hours - stopped)``.

    valid, stopped: bool (stacks, hours of the quarter); an hour in which the source stood still is neither valid nor
    invalid, whatever was sent.
    """
    book = book.fresh()
    decimals, least = book.get("decimals.rate").whole(), book.get("gas.capture").whole()
    running = (~stopped).sum(axis=-1).astype(np.int64)
    captured = (valid & ~stopped).sum(axis=-1).astype(np.int64)
    shares = Shares.of(captured, running, decimals)
    return Capture(shares, (running > 0) & (100 * captured >= least * running), book.unverified)


def substitute(emissions: Amounts, stopped: np.ndarray, begin: int, book: InForce) -> Substituted:
    """What stands in for the invalid hours of one stack.

    emissions: kg/h, hours in a row that end with the quarter and begin before it (so that there are valid hours to
    look back on), missing where invalid; stopped: bool, hours in which the source stood still; begin: place of the
    quarter's first hour. A gap of up to 24 hours takes the greatest of the last 180 valid hours before it, a longer
    one of the last 720, at a capture of 90 % and more; of the last 2160 from 75 % on; below, and where there are none,
    it stays missing.
    """
    book = book.fresh()
    valid = ~emissions.missing & ~stopped
    running = int((~stopped[begin:]).sum())
    share = Fraction(100 * int(valid[begin:].sum()), running) if running else None
    rule = book.optional("gas.substitution")
    values, missing = emissions.values.copy(), emissions.missing | stopped
    by = np.zeros(values.shape, np.bool_)
    lines = rule.listed() if rule is not None and share is not None else ()
    for first, last in _gaps(~valid & ~stopped):
        if last <= begin:
            continue
        hours = next((line["hours"] for line in lines if share >= line["capture"]
                      and last - first <= line.get("gap_to", last - first)), 0)  # fmt: skip
        before = np.flatnonzero(valid[:first])[-hours:] if hours else ()
        if len(before):
            gap = slice(max(first, begin), last)
            values[gap], missing[gap], by[gap] = values[before].max(), False, True
    amounts = Amounts(np.where(missing, 0, values)[begin:], missing[begin:])
    return Substituted(amounts, by[begin:], share, book.unverified)


def _gaps(lacking: np.ndarray) -> list[tuple[int, int]]:
    """Runs of hours: first, and the one after the last."""
    edges = np.diff(np.concatenate([[0], lacking.astype(np.int8), [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True))
