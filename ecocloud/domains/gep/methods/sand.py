"""Sand fixation 防风固沙: the revised wind erosion equation, and the land that was kept from sand."""

from __future__ import annotations

import math
from decimal import Decimal

from ecocloud.domains.gep.asking import Part


def sand_area(amount: Decimal, density: Decimal, depth: Decimal) -> Decimal:
    """Land that the sand held back would have covered, m²: ``Q/(ρ·h)``; t, t/m³, m (Ganzi 2010: 779.42 万t -> 60.89
    km²).
    """
    return amount / (density * depth)


def soil_loss(weather: float, erodible: float, crust: float, roughness: float, cover: float, distance: float) -> float:
    """Soil lost to wind, kg/m²: ``(2z/S²)·Qmax·exp(−(z/S)²)`` with ``Qmax = 109.8·WF·EF·SCF·K'·C`` and
    ``S = 150.71·(WF·EF·SCF·K'·C)^−0.3711`` (HJ 1173-2021, A.14 ff.; the minus signs, lost in the published copy,
    follow the standard literature).

    ``weather`` WF kg/m, the others without unit, ``distance`` z m. Zero when any factor is zero.
    """
    product = weather * erodible * crust * roughness * cover
    if product <= 0 or distance <= 0:
        return 0.0
    field_length = 150.71 * product**-0.3711
    return 2 * distance / field_length**2 * 109.8 * product * math.exp(-((distance / field_length) ** 2))


def from_amount(part: Part, item: str) -> Decimal:
    """From the sand fixed in one ecosystem, t; m²."""
    return sand_area(part.datum("sand_kept"), part.parameter("sand_density"), part.parameter("sand_depth"))
