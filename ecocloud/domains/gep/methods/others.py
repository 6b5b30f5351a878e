"""Coast, noise and pests 海岸带防护、噪声消减、病虫害控制."""

from __future__ import annotations

from decimal import Decimal

from ecocloud.domains.gep.asking import Part
from ecocloud.domains.gep.methods import HECTARES


def coast(part: Part, item: str) -> Decimal:
    """Length of coast that ecosystems protect, km."""
    return part.datum("coast_length")


def noise(part: Part, item: str) -> Decimal:
    """Length of green belts along roads, km."""
    return part.datum("green_belt")


def pests(part: Part, item: str) -> Decimal:
    """Forest or grassland that heals by itself, hm²."""
    return part.datum("area") * HECTARES * part.parameter("self_healing")
