"""Air and water purification 空气净化、水质净化, in tons."""

from __future__ import annotations

from decimal import Decimal

from ecocloud.domains.gep.asking import Part
from ecocloud.domains.gep.methods import HECTARES


def emission(part: Part, item: str) -> Decimal:
    """Where less is emitted than the ecosystems can take (air), or the water meets its class: all of it is purified,
    t.
    """
    return part.datum(f"emission_{item}")


def capacity(part: Part, item: str) -> Decimal:
    """Where more is emitted: the capacity of the ecosystems, kg/(hm²·a), times their area, km²; t."""
    return part.parameter(f"capacity_{item}") * part.datum("area") * HECTARES / 1000
