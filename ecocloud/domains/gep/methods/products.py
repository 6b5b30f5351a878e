"""Provisioning 物质供给: products, energy and water, in 万元, kWh and m³."""

from __future__ import annotations

from decimal import Decimal

from ecocloud.domains.gep.asking import Part
from ecocloud.domains.gep.methods import WAN


def farm(part: Part, item: str) -> Decimal:
    """Output of farming, forestry, livestock or fishery, 万元."""
    return part.datum(f"{item}_value")


def farm_local(part: Part, item: str) -> Decimal:
    """The same less what comes from outside the region (GB/T 46869-2025 deducts it), 万元."""
    return part.datum(f"{item}_value") - part.datum(f"{item}_outside")


def energy(part: Part, item: str) -> Decimal:
    """Hydropower, kWh (given in 万 kWh), or biomass energy, 万元."""
    return part.datum("hydropower") * WAN if item == "hydropower" else part.datum("biomass_value")


def water(part: Part, item: str) -> Decimal:
    """Water used, m³ (given in 万 m³)."""
    return part.datum(item) * WAN


def others(part: Part, item: str) -> Decimal:
    """Other products, 万元."""
    return part.datum("other_value")
