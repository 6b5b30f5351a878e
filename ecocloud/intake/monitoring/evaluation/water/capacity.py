"""Assimilative capacity 纳污能力 of rivers and lakes (GB/T 25173-2010): how much of a pollutant a reach can take so
that the water at its end meets the target. Concentrations mg/L, flows m³/s, decay 1/s, lengths m, velocities m/s.

Arrays or numbers; NaN in, NaN out (missing). A negative capacity means that the water that comes in exceeds the target.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ecocloud.intake.monitoring.evaluation.in_force import InForce


@dataclass(frozen=True)
class Capacity:
    """grams_per_second: g/s; tonnes_per_year: t/a; unverified: names of unverified facts, the formula's among them."""

    grams_per_second: np.ndarray
    tonnes_per_year: np.ndarray
    unverified: tuple[str, ...]


def velocity(flow: ArrayLike, a: ArrayLike, beta: ArrayLike) -> np.ndarray:
    """``u = a Q^β``, m/s."""
    return np.asarray(a, np.float64) * np.asarray(flow, np.float64) ** np.asarray(beta, np.float64)


def mixed(
    concentration: ArrayLike, flow: ArrayLike, outlet_concentration: ArrayLike, outlet_flow: ArrayLike
) -> np.ndarray:
    """Concentration after full mixing, mg/L: ``(Cp Qp + C0 Q) / (Qp + Q)``."""
    river, outlet = np.asarray(flow, np.float64), np.asarray(outlet_flow, np.float64)
    load = np.asarray(concentration, np.float64) * river + np.asarray(outlet_concentration, np.float64) * outlet
    return load / (river + outlet)


def after_decay(concentration: ArrayLike, decay: ArrayLike, length: ArrayLike, speed: ArrayLike) -> np.ndarray:
    """Concentration after a reach, mg/L: ``C0 exp(-K x / u)``."""
    return np.asarray(concentration, np.float64) * np.exp(-_travel(decay, length, speed))


def river_zero(
    target: ArrayLike, coming: ArrayLike, flow: ArrayLike, outlet_flow: ArrayLike, book: InForce
) -> Capacity:
    """Small well-mixed reaches: ``(Cs - C0)(Q + Qp)``."""
    book = book.fresh()
    book.get("capacity.zero")
    return _capacity(_above(target, coming) * (np.asarray(flow, np.float64) + outlet_flow), book)


def river_one(
    target: ArrayLike, coming: ArrayLike, flow: ArrayLike, outlet_flow: ArrayLike, decay: ArrayLike, length: ArrayLike,
    speed: ArrayLike, book: InForce,
) -> Capacity:  # fmt: skip
    """Along a reach, outlet at its end: ``(Cs - C0 exp(-K L / u))(Q + Qp)``."""
    book = book.fresh()
    book.get("capacity.one")
    arriving = after_decay(coming, decay, length, speed)
    return _capacity(_above(target, arriving) * (np.asarray(flow, np.float64) + outlet_flow), book)


def river_middle(
    target: ArrayLike, coming: ArrayLike, flow: ArrayLike, decay: ArrayLike, length: ArrayLike, speed: ArrayLike,
    book: InForce,
) -> Capacity:  # fmt: skip
    """Along a reach, outlets taken together at its middle: ``(Cs - C0 exp(-K L / u)) exp(K L / 2u) Q``."""
    book = book.fresh()
    book.get("capacity.middle")
    arriving = after_decay(coming, decay, length, speed)
    return _capacity(_above(target, arriving) * np.exp(_travel(decay, length, speed) / 2) * flow, book)


def river_spread(
    target: ArrayLike, coming: ArrayLike, flow: ArrayLike, decay: ArrayLike, length: ArrayLike, speed: ArrayLike,
    share: ArrayLike, book: InForce,
) -> Capacity:  # fmt: skip
    """Along a reach, outlets spread evenly: ``b (Cs - C0 exp(-K L / u)) (Q K L / u) / (1 - exp(-K L / u))``.

    share: the factor b of uneven distribution, 0 to 1. Without decay the last fraction is Q.
    """
    book = book.fresh()
    book.get("capacity.spread")
    travel = _travel(decay, length, speed)
    arriving = np.asarray(coming, np.float64) * np.exp(-travel)
    moving = np.where(travel == 0, 1.0, travel)
    spread = np.where(travel == 0, 1.0, moving / -np.expm1(-moving))
    return _capacity(np.asarray(share, np.float64) * _above(target, arriving) * flow * spread, book)


def lake_mixed(target: ArrayLike, present: ArrayLike, volume: ArrayLike, book: InForce) -> np.ndarray:
    """A well-mixed lake at once, g: ``(Cs - C0) V``. volume: m³."""
    book.get("capacity.lake")
    return _above(target, present) * np.asarray(volume, np.float64)


def lake_steady(target: ArrayLike, decay: ArrayLike, volume: ArrayLike, share: ArrayLike, book: InForce) -> Capacity:
    """A lake in balance: ``b K V Cs``. volume: m³; decay: 1/s; share: the factor b, 0 to 1."""
    book = book.fresh()
    book.get("capacity.lake_steady")
    lost = np.asarray(decay, np.float64) * np.asarray(volume, np.float64)
    return _capacity(np.asarray(share, np.float64) * lost * target, book)


def lake_concentration(
    present: ArrayLike, inflow: ArrayLike, outflow: ArrayLike, decay: ArrayLike, volume: ArrayLike, seconds: ArrayLike
) -> np.ndarray:
    """Concentration of a well-mixed lake after a time, mg/L: ``m/(Kh V) + (C0 - m/(Kh V)) exp(-Kh t)`` with
    ``Kh = QL/V + K``.

    inflow: all load that comes in, g/s; outflow: m³/s.
    """
    volume = np.asarray(volume, np.float64)
    renewal = np.asarray(outflow, np.float64) / volume + decay
    balance = np.asarray(inflow, np.float64) / (renewal * volume)
    return balance + (np.asarray(present, np.float64) - balance) * np.exp(-renewal * seconds)


def _above(target: ArrayLike, present: ArrayLike) -> np.ndarray:
    return np.asarray(target, np.float64) - np.asarray(present, np.float64)


def _travel(decay: ArrayLike, length: ArrayLike, speed: ArrayLike) -> np.ndarray:
    speed = np.asarray(speed, np.float64)
    if (speed <= 0).any():
        raise ValueError("a velocity is not above zero")
    return np.asarray(decay, np.float64) * length / speed


def _capacity(grams: np.ndarray, book: InForce) -> Capacity:
    per_year = book.get("capacity.seconds_per_year").whole()
    return Capacity(grams, grams * (per_year / 10**6), book.unverified)
