"""Carbon fixation and oxygen release 固碳、释氧, in tons; the biomass of bamboo; the CO₂ of fuels."""

from __future__ import annotations

from decimal import Decimal

from ecocloud.domains.gep.asking import Part
from ecocloud.domains.gep.methods import HECTARES

# Molar masses, g/mol: CO₂ and O₂ per carbon.
CO2_OF_CARBON = Decimal(44) / 12
O2_OF_CARBON = Decimal(32) / 12


def from_nep(part: Part, item: str) -> Decimal:
    """CO₂ from net ecosystem production, t of carbon."""
    return part.datum("nep") * CO2_OF_CARBON


def from_npp(part: Part, item: str) -> Decimal:
    """CO₂ from net primary production, t of dry matter (Gaotianyan 2014: 58012.70 t -> 94560.72 t)."""
    return part.datum("npp") * part.parameter("co2_of_npp")


def from_stock(part: Part, item: str) -> Decimal:
    """CO₂ from what the stock of carbon grows by in a year, t of carbon."""
    return part.datum("carbon_gain") * CO2_OF_CARBON


def from_rate(part: Part, item: str) -> Decimal:
    """CO₂ from a rate of sequestration, t of carbon per hm² and year, and the area, km²."""
    return part.parameter("carbon_rate") * part.datum("area") * HECTARES * CO2_OF_CARBON


def oxygen_from_nep(part: Part, item: str) -> Decimal:
    """O₂ released beside the carbon of net ecosystem production."""
    return part.datum("nep") * O2_OF_CARBON


def oxygen_from_npp(part: Part, item: str) -> Decimal:
    """O₂ from net primary production, t of dry matter (Gaotianyan 2014: 58012.70 t -> 69035.12 t)."""
    return part.datum("npp") * part.parameter("o2_of_npp")


def bamboo_biomass(culms: Decimal, per_culm: Decimal) -> Decimal:
    """Biomass of a stand of bamboo, t/hm²: ``culms`` per hm² times ``per_culm`` kg."""
    return culms * per_culm / 1000


def fuel_co2(heat: Decimal, carbon: Decimal, oxidised: Decimal) -> Decimal:
    """CO₂ of one unit of fuel, kg: ``heat`` lower calorific value kJ, ``carbon`` t of carbon per TJ, ``oxidised``
    share.

    The CO₂ a source emits is what an offset by forests is set against.
    """
    return heat * carbon * oxidised * CO2_OF_CARBON / 10**6
