"""Cultural services 文化服务, in 万元."""

from __future__ import annotations

from decimal import Decimal

from ecocloud.domains.gep.asking import Part
from ecocloud.domains.gep.methods import WAN


def travel_cost(part: Part, item: str) -> Decimal:
    """Travel cost of the visitors from one place: ``N·(T·W + transport, board and tickets)``; persons, h, 元/h, 元."""
    cost = part.datum("visit_hours") * part.datum("hour_wage") + part.datum("trip_cost")
    return part.datum("visitors") * cost / WAN


def revenue(part: Part, item: str) -> Decimal:
    """Tourism revenue times the share of ecological tourism."""
    return part.datum("tourism_revenue") * part.parameter("tourism_share")


def leisure(part: Part, item: str) -> Decimal:
    """Leisure of residents as a survey valued it."""
    return part.datum("leisure_value")


def landscape(part: Part, item: str) -> Decimal:
    """What houses and hotels are dearer for their landscape."""
    return part.datum("landscape_value")
