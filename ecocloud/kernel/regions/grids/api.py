"""API of grids: those in sight, and the owner of a place."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from ecocloud.kernel.regions.grids import queries

router = Router(tags=["regions"])
MOST = 500


class GridOut(Schema):
    """A grid as it is today."""

    code: str
    name: str
    level: int
    region: str
    parent: str | None
    unit: str | None
    version: int


class GridPage(Schema):
    """Grids in the order of their codes; ``total`` is how many there are."""

    total: int
    rows: list[GridOut]


class OwnerOut(Schema):
    """Who answers for a place: ``by`` is area, list or office (no grid holds it)."""

    grid: str
    name: str
    unit: str
    post: str
    by: str


@router.get("/grids", response=GridPage, url_name="regions-grids")
def grids(request: HttpRequest, level: int | None = None, offset: int = 0) -> Any:
    """The grids in sight."""
    rows = queries.grids(request.user).filter(ended_on__isnull=True).order_by("code")
    if level is not None:
        rows = rows.filter(level=level)
    start = max(0, min(offset, 10**9))
    shown = rows.select_related("parent", "department")[start : start + MOST]
    return {"total": rows.count(), "rows": [
        {"code": row.code, "name": row.name, "level": row.level, "region": row.region_id, "version": row.number,
         "parent": row.parent.code if row.parent else None, "unit": row.department.name if row.department else None}
        for row in shown
    ]}  # fmt: skip


@router.get("/grids/at", response=OwnerOut, url_name="regions-grid-at")
def at(
    request: HttpRequest, lon: float | None = None, lat: float | None = None, region: str = "", on: date | None = None
) -> Any:
    """The one grid and owner of a place on a day."""
    found = queries.owner_of(lon, lat, region, on)
    unit = found.department.name if found.department else ""
    return {"grid": found.grid, "name": found.name, "unit": unit, "post": found.post, "by": found.by}
