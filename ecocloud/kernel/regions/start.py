"""What the room registers when a process starts: the resolvers of its references."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from ecocloud.base.sheets.registry import register_target
from ecocloud.kernel.journal.refs import Ref, Resolved, register_resolver
from ecocloud.kernel.regions.grids import importing
from ecocloud.kernel.regions.grids import queries as grids
from ecocloud.kernel.regions.grids.models import Grid, GridVersion
from ecocloud.kernel.regions.models import Department, Region, UnitQuestion, User
from ecocloud.kernel.regions.permissions import allowed


def register() -> None:
    """Register ``dept:ID``, ``user:ID``, ``region:CODE``, ``unitq:ID``, ``grid:CODE@VERSION`` and the workbook of
    grids."""
    register_target(importing.TARGET)
    register_resolver("grid", _grid)
    register_resolver("dept", _department)
    register_resolver("user", _person)
    register_resolver("region", _region)
    register_resolver("unitq", _question)


def _number(ref: Ref) -> int | None:
    return int(ref.key) if ref.key.isdecimal() and len(ref.key) < 19 else None


def _department(ref: Ref, viewer: Any) -> Resolved | None:
    unit = Department.objects.select_related("region").filter(pk=_number(ref)).first()
    if unit is None:
        return None
    may = allowed(viewer, "regions.department.view")
    return Resolved(ref, unit.name, reverse("regions:department", args=[unit.pk]), place=unit.region.name, allowed=may)


def _person(ref: Ref, viewer: Any) -> Resolved | None:
    person = User.objects.select_related("department").filter(pk=_number(ref)).first()
    if person is None:
        return None
    unit = person.department.name if person.department else ""
    if allowed(viewer, "regions.account.view"):
        return Resolved(ref, person.name, reverse("regions:person", args=[person.pk]), place=unit)
    if person.department_id and allowed(viewer, "regions.department.view"):
        return Resolved(ref, person.name, reverse("regions:department", args=[person.department_id]), place=unit)
    return Resolved(ref, person.name, place=unit, allowed=False)


def _region(ref: Ref, viewer: Any) -> Resolved | None:
    region = Region.objects.filter(pk=ref.key).first()
    if region is None:
        return None
    may = allowed(viewer, "regions.department.view")
    return Resolved(ref, region.name, reverse("regions:departments") + f"?region={region.code}", allowed=may)


def _question(ref: Ref, viewer: Any) -> Resolved | None:
    question = UnitQuestion.objects.filter(pk=_number(ref)).first()
    if question is None:
        return None
    may = allowed(viewer, "regions.unit.view")
    return Resolved(ref, question.text, reverse("regions:unit-questions"), allowed=may)


def _grid(ref: Ref, viewer: Any) -> Resolved | None:
    row = Grid.objects.filter(code=ref.key).first()
    if row is None:
        return None
    number = int(ref.version) if ref.version.isdecimal() and len(ref.version) < 9 else row.number
    version = GridVersion.objects.filter(grid=row, number=number).first()
    name = version.name if version else row.name
    seen = allowed(viewer, grids.VIEW) and grids.grids(viewer).filter(pk=row.pk).exists()
    url = reverse("regions:grid", args=[row.code]) + (f"?on={version.valid_from}" if version and ref.version else "")
    return Resolved(ref, name, url, place=row.code, allowed=seen)
