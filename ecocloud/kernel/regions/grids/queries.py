"""Read models of grids: those in sight, those of a day, the grid and the owner of a place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from shapely import from_wkb

from ecocloud.base.errors import EcoError
from ecocloud.kernel.regions import codes, scope
from ecocloud.kernel.regions.grids.models import Grid, GridTerm, GridVersion
from ecocloud.kernel.regions.grids.resolver import Cell, Resolver
from ecocloud.kernel.regions.models import Department, Region

VIEW, EDIT = "regions.grid.view", "regions.grid.edit"


class NoSuchGrid(EcoError):
    """There is no such grid in the person's reach."""

    code = "regions.no_grid"
    http_status = 404


def grids(viewer: Any, permission: str = VIEW) -> QuerySet[Grid]:
    """The grids ``viewer`` may see: those of units in reach, and those of divisions in reach."""
    rows = Grid.objects.all()
    owned = scope.limit(rows, viewer, ["department"], permission=permission)
    if owned is rows:
        return rows
    placed = scope.limit(rows, viewer, (), "region", permission=permission)
    return rows.filter(Q(pk__in=owned.values("pk")) | Q(pk__in=placed.values("pk")))


def grid_for(viewer: Any, code: str) -> Grid:
    """One grid; raises :class:`NoSuchGrid` outside the reach."""
    row = grids(viewer).filter(code=code).select_related("region", "parent", "department").first()
    if row is None:
        raise NoSuchGrid("没有这个网格，或它不在您的数据范围内。", f"no grid {code!r} in reach", value=code[:40])
    return row


def in_force(on: date) -> Q:
    """The condition on rows with ``valid_from`` and ``valid_to`` that hold on a day."""
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gte=on))


def versions_on(on: date | None = None) -> QuerySet[GridVersion]:
    """The versions in force on a day (default: today)."""
    return GridVersion.objects.filter(in_force(on or timezone.localdate())).select_related("grid")


def cell_of(row: GridVersion) -> Cell:
    """A version as the pure modules take it; its key is ``grid:CODE@NUMBER``."""
    shape = from_wkb(bytes(row.place)) if row.place is not None else None
    parent = row.parent.code if row.parent_id else ""
    return Cell(row.grid.code, row.grid.level, row.region_id, shape, tuple(row.members), parent, row.name,
                f"{row.grid.ref}@{row.number}")  # fmt: skip


def cells(rows: Iterable[GridVersion] | QuerySet[GridVersion]) -> list[Cell]:
    """Versions as the pure modules take them."""
    if isinstance(rows, QuerySet):
        rows = rows.select_related("grid", "parent")
    return [cell_of(row) for row in rows]


@dataclass(frozen=True)
class Owner:
    """Who answers for a place on a day: the grid as ``grid:CODE@NUMBER`` and its name (both '' where there is none),
    the unit, the post and the person; ``by`` as in :class:`resolver.Found`, ``office`` where the division's unit
    answers because no grid holds the place."""

    grid: str
    name: str
    department: Department | None
    post: str
    holder: str
    person: Any
    by: str


def owner_of(
    lon: float | None = None, lat: float | None = None, region: str = "", on: date | None = None
) -> Owner:  # fmt: skip
    """The one owner of a place on a day: of its lowest grid, else the unit of its township, else of the next division
    above (two to five queries). Raises ``GeoError`` for what is no place.
    """
    day = on or timezone.localdate()
    where = Q(pk__in=[])
    if lon is not None and lat is not None:
        where |= Q(west__lte=lon, east__gte=lon, south__lte=lat, north__gte=lat)
    if region:
        region = codes.normalise(region)
        where |= Q(place__isnull=True, region_id__in=codes.line(region))
    found = Resolver(cells(versions_on(day).filter(where))).at(lon, lat, region)
    if found.cell is None:
        return Owner("", "", office_of(region, day), "", "", None, "office")
    term = GridTerm.objects.filter(in_force(day), grid__code=found.cell.code).select_related("department", "person")
    held = term.first()
    unit = held.department if held else office_of(found.cell.region, day)
    return Owner(found.cell.key, found.cell.name, unit, held.post if held else "", held.holder if held else "",
                 held.person if held else None, found.by)  # fmt: skip


def office_of(region: str, on: date | None = None) -> Department | None:
    """The unit that answers for a division: the township's, the government's, else that of the next division above."""
    if not region:
        return None
    line = codes.line(region)
    kinds = (Department.Kind.TOWNSHIP, Department.Kind.GOVERNMENT)
    units = Department.objects.filter(region_id__in=line, kind__in=kinds).order_by("order", "pk")
    by_region: dict[str, Department] = {}
    for unit in units:
        if unit.in_force(on):
            by_region.setdefault(unit.region_id, unit)
    return next((by_region[code] for code in line if code in by_region), None)


def terms_today(rows: Iterable[Grid], on: date | None = None) -> dict[int, GridTerm]:
    """Who owns each of these grids on a day (one query)."""
    found = GridTerm.objects.filter(in_force(on or timezone.localdate()), grid__in=[row.pk for row in rows])
    return {row.grid_id: row for row in found.select_related("department", "person")}


def divisions_near(regions: Iterable[str]) -> list[str]:
    """Codes of all divisions below the counties of ``regions`` that are townships or villages."""
    spans = {codes.span(codes.normalise(code[:6])) for code in regions}
    where = Q(pk__in=[])
    for first, after in spans:
        where |= Q(code__gte=first, code__lt=after)
    return list(Region.objects.filter(where, level__in=["township", "village"]).values_list("code", flat=True))
