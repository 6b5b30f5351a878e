"""Flood storage 洪水调蓄: of vegetation, lakes, reservoirs and marshes, each in m³."""

from __future__ import annotations

from decimal import Decimal

from ecocloud.domains.gep.asking import Part
from ecocloud.domains.gep.methods import SQUARE_METRES, WAN


def lake_storage(area: Decimal, exponent: Decimal, intercept: Decimal, exchanges: Decimal) -> Decimal:
    """What a lake stores, m³: ``e^b·A^a·T`` in 万 m³; ``area`` A km², ``exchanges`` T of its water a year. Zero for no
    area.

    The regression is for single lakes: with an exponent that is not one, two lakes are not one of their common area.
    """
    if area <= 0:
        return Decimal(0)
    return intercept.exp() * (exponent * area.ln()).exp() * exchanges * WAN


def vegetation(part: Part, item: str) -> Decimal:
    """Rain of storms that vegetation held: ``(P − R)·A``; mm and km²."""
    held = part.datum("storm_rain") - part.datum("storm_runoff")
    return held / 1000 * part.datum("area") * SQUARE_METRES


def lake(part: Part, item: str) -> Decimal:
    """One lake."""
    return lake_storage(
        part.datum("lake_area"), part.parameter("lake_exponent"), part.parameter("lake_intercept"),
        part.datum("lake_exchanges"),
    )  # fmt: skip


def reservoir(part: Part, item: str) -> Decimal:
    """One reservoir: a share of its capacity (万 m³)."""
    return part.parameter("reservoir_share") * part.datum("reservoir_capacity") * WAN


def marsh(part: Part, item: str) -> Decimal:
    """Marshes: the depth they hold, m, times their area, km²."""
    return part.parameter("marsh_depth") * part.datum("area") * SQUARE_METRES
