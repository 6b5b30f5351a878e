"""Who answers for a case: by the routers of rooms above, else the category's function, else the owner of its grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ecocloud.kernel.duties.parts import Kind
from ecocloud.kernel.regions import codes
from ecocloud.kernel.regions.grids.queries import owner_of
from ecocloud.kernel.regions.models import Department
from ecocloud.kernel.regions.queries import in_force


@dataclass(frozen=True)
class Spot:
    """Where and what: the kind and category of a case, its division and its place."""

    kind: str
    category: str
    region: str
    lon: float | None = None
    lat: float | None = None


Router = Callable[[Spot], Department | None]
_routers: list[Router] = []


def register_router(router: Router) -> None:
    """Ask ``router`` before the function of the category; registering it again changes nothing."""
    if router not in _routers:
        _routers.append(router)


def by_category(kind: Kind, category: str, region: str, default: Department | None) -> Department | None:
    """The unit with the category's function in ``region`` or the next division above; else ``default``."""
    row = kind.category(category)
    if row is None or not row.function:
        return default
    wanted = []
    code: str | None = region
    while code:
        wanted.append(code)
        code = codes.parent_of(code)
    rows = in_force().filter(function=row.function, region__in=wanted).exclude(kind=Department.Kind.GROUP)
    found = {unit.region_id: unit for unit in rows.order_by("-order", "-id")}
    return next((found[code] for code in wanted if code in found), default)


ROUTER, CATEGORY, GRID, OFFICE, DECIDED = "router", "category", "grid", "office", "decided"


def route(kind: Kind, spot: Spot, default: Department) -> tuple[Department, str]:
    """The unit that answers for ``spot``, and by what: a router, the category's function, the grid that holds the
    place; else ``default`` (the office, which then routes it)."""
    for router in _routers:
        unit = router(spot)
        if unit is not None:
            return unit, ROUTER
    unit = by_category(kind, spot.category, spot.region, None)
    if unit is not None:
        return unit, CATEGORY
    unit = _of_grid(spot)
    return (unit, GRID) if unit is not None else (default, OFFICE)


def _of_grid(spot: Spot) -> Department | None:
    """The owner of the grid that holds the place; None where no grid does."""
    if spot.lon is None or spot.lat is None:
        return None
    found = owner_of(spot.lon, spot.lat, spot.region)
    return found.department if found.grid else None
