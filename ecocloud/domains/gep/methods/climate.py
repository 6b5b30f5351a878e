"""Local climate 局部气候调节: heat that plants and open water take up, as the electricity it would need, kWh."""

from __future__ import annotations

from decimal import Decimal

from ecocloud.domains.gep.asking import Part
from ecocloud.domains.gep.methods import SQUARE_METRES, WAN

_KJ_OF_KWH = Decimal(3600)


def evaporation_energy(volume: Decimal, latent_heat: Decimal, humidifier: Decimal) -> Decimal:
    """Energy of evaporated water, kWh: ``E_w·ρ·q/3600 + E_w·γ``.

    ``volume`` E_w m³ (ρ = 10⁶ g/m³), ``latent_heat`` q J/g, ``humidifier`` γ kWh/m³.
    """
    return volume * (latent_heat * 10**6 / 1000 / _KJ_OF_KWH + humidifier)


def transpired_volume(trees: Decimal, shrubs: Decimal, of_tree: Decimal, of_shrub: Decimal) -> Decimal:
    """Water transpired, 万 m³: m³ per t of dry matter times net primary production, t (Gaotianyan 2014: 4314.46)."""
    return (trees * of_tree + shrubs * of_shrub) / WAN


def transpiration(part: Part, item: str) -> Decimal:
    """Heat of transpiration of one ecosystem: ``EPP·S·D/(3600·r)``, EPP kJ/(m²·d), S km², D days above 26 °C."""
    heat = part.parameter("heat_of_plants") * part.datum("area") * SQUARE_METRES * part.datum("hot_days")
    return heat / (_KJ_OF_KWH * part.parameter("cooling_ratio"))


def evaporation(part: Part, item: str) -> Decimal:
    """Heat of evaporation of open water, from its volume, m³."""
    return evaporation_energy(
        part.datum("water_evaporation"), part.parameter("latent_heat"), part.parameter("humidifier_power")
    )
