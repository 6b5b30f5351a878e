"""What pages, other rooms and commands read about divisions, departments and people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.kernel.regions import codes, scope
from ecocloud.kernel.regions.models import Department, DepartmentChange, Region, User


class NoSuchRegion(EcoError):
    """No division has this code."""

    code = "regions.no_region"
    http_status = 404


def region_by_code(code: str) -> Region:
    """The division with ``code`` (``3608`` and ``360800`` alike); raises :class:`NoSuchRegion`."""
    region = Region.objects.filter(pk=codes.normalise(code)).first()
    if region is None:
        raise NoSuchRegion("没有这个区划。", f"no region {code}", value=code, remedy_zh="请先装入区划数据。")
    return region


def regions_below(region: Region | str, level: str | None = None, *, itself: bool = False) -> QuerySet[Region]:
    """The divisions below ``region``, optionally of one level (``"county"``)."""
    code = region if isinstance(region, str) else region.code
    first, after = codes.span(code)
    found = Region.objects.filter(code__gte=first, code__lt=after)
    if not itself:
        found = found.exclude(code=codes.normalise(code))
    return found.filter(level=level) if level else found


def in_force(on: date | None = None) -> QuerySet[Department]:
    """The departments that exist on the day ``on`` (default: today)."""
    on = on or timezone.localdate()
    return Department.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=on), Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    )


def departments_of(region: Region | str, on: date | None = None, kind: str | None = None) -> QuerySet[Department]:
    """The departments of exactly this division on the day ``on``."""
    code = region if isinstance(region, str) else region.code
    found = in_force(on).filter(region_id=codes.normalise(code))
    return found.filter(kind=kind) if kind else found


def name_on(department: Department, on: date, changes: Sequence[DepartmentChange] | None = None) -> str:
    """The name the department bore on the day ``on`` (renames are dated)."""
    if changes is None:
        changes = list(department.changes.filter(kind=DepartmentChange.Kind.RENAME).order_by("on", "id"))
    for event in changes:
        if event.kind == DepartmentChange.Kind.RENAME and on < event.on and event.old_name:
            return event.old_name
    return department.name


def successors(department: Department, on: date | None = None) -> list[Department]:
    """The departments that answer for ``department`` on the day: itself, or those it was merged or split into."""
    on = on or timezone.localdate()
    found: dict[int, Department] = {}
    waiting, seen = [department], set()
    while waiting:
        unit = waiting.pop(0)
        if unit.pk in seen:
            continue
        seen.add(unit.pk)
        kinds = (DepartmentChange.Kind.MERGE, DepartmentChange.Kind.SPLIT)
        events = unit.changes.filter(kind__in=kinds, on__lte=on).select_related("successor")
        heirs = [event.successor for event in events]
        if unit.in_force(on) or not heirs:
            found[unit.pk] = unit
        waiting.extend(heirs)
    return list(found.values())


def people(on_department: Department | None = None) -> QuerySet[User]:
    """People with their department and post."""
    found = User.objects.select_related("department", "post")
    return found.filter(department=on_department) if on_department else found


def visible(viewer: Any, queryset: QuerySet, **fields: Any) -> QuerySet:
    """:func:`ecocloud.kernel.regions.scope.limit` with the viewer first."""
    return scope.limit(queryset, viewer, **fields)
