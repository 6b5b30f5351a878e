"""Water retention 水源涵养."""

from __future__ import annotations

from decimal import Decimal

from ecocloud.domains.gep.asking import Part
from ecocloud.domains.gep.methods import SQUARE_METRES


def retained(area: Decimal, rain: Decimal, runoff: Decimal, evapotranspiration: Decimal) -> Decimal:
    """Water retained in a year, m³: ``A·(P − P·α − ET)·10⁻³`` (HJ 1173-2021, annex A).

    Parameters: ``area`` km², ``rain`` and ``evapotranspiration`` mm/a, ``runoff`` the coefficient α in %. Negative
    where more evaporates than falls: such a place loses water, which the sum of a region must show.
    """
    return area * SQUARE_METRES * (rain - rain * runoff / 100 - evapotranspiration) / 1000


def balance(part: Part, item: str) -> Decimal:
    """Water balance of one ecosystem, m³."""
    return retained(part.datum("area"), part.datum("rain"), part.parameter("runoff"), part.datum("evapotranspiration"))
