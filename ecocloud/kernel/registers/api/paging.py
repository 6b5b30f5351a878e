"""One page of a list by cursor: the rows after it in the list's order, and where the next page begins."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Q

from ecocloud.kernel.regions import codes
from ecocloud.kernel.registers import queries, slots
from ecocloud.kernel.registers.api import cursors
from ecocloud.kernel.registers.api.asking import Wanted
from ecocloud.kernel.registers.models import ObjectVersion, RegisterObject
from ecocloud.kernel.registers.register import Register

_COLUMNS = {"region": "region_id", "department": "department_id"}
_KINDS: dict[str, type] = {"year": int, "department_id": int}


def _kind(column: str) -> type:
    if column in slots.NUMBERS:
        return Decimal
    return date if column in slots.DATES else _KINDS.get(column, str)


def objects(viewer: Any, register: Register, wanted: Wanted) -> tuple[list[RegisterObject], str | None]:
    """A page of objects within the viewer's reach, and the cursor of the next one."""
    rows = queries.filtered(queries.objects(viewer, register), register, wanted.filters, order=wanted.order)
    if wanted.code:
        rows = rows.filter(code=wanted.code)
    if not wanted.retired and "retired" not in wanted.filters.get("state", ()):
        rows = rows.exclude(state="retired")
    name, falling = wanted.order.lstrip("-"), wanted.order.startswith("-")
    column = register.slots.get(name) or _COLUMNS.get(name, name)
    if wanted.cursor:
        value, last = cursors.read(wanted.cursor, wanted.order, _kind(column))
        rows = rows.filter(_after(column, value, str(last), falling))
    ordered = F(column).desc(nulls_last=True) if falling else F(column).asc(nulls_last=True)
    rows = rows.order_by(*([ordered] if column == "code" else [ordered, "code"]))
    found = list(rows.select_related("department")[: wanted.limit + 1])
    if len(found) <= wanted.limit:
        return found, None
    end = found[wanted.limit - 1]
    return found[: wanted.limit], cursors.write(wanted.order, getattr(end, column), end.code)


def _after(column: str, value: Any, code: str, falling: bool) -> Q:
    """Rows behind (value, code): by column, ties by code; rows without a value come last."""
    if column == "code":
        return Q(code__lt=code) if falling else Q(code__gt=code)
    none = Q(**{f"{column}__isnull": True})
    if value is None:
        return none & Q(code__gt=code)
    beyond = Q(**{f"{column}__lt" if falling else f"{column}__gt": value})
    return beyond | Q(**{column: value}, code__gt=code) | none


def past(viewer: Any, register: Register, wanted: Wanted) -> tuple[list[ObjectVersion], str | None]:
    """A page of what objects were on a day, in the order of their keys."""
    assert wanted.as_of is not None
    rows = queries.as_of(viewer, register, wanted.as_of).filter(**_header(wanted))
    if "region" in wanted.filters:
        first, after = codes.span(wanted.filters["region"])
        rows = rows.filter(region_id__gte=first, region_id__lt=after)
    if wanted.cursor:
        rows = rows.filter(object_id__gt=cursors.number(wanted.cursor, "as_of"))
    found = list(rows.select_related("object", "department").order_by("object_id")[: wanted.limit + 1])
    if len(found) <= wanted.limit:
        return found, None
    return found[: wanted.limit], cursors.write("as_of", None, found[wanted.limit - 1].object_id)


def _header(wanted: Wanted) -> dict[str, Any]:
    found = {f"{_COLUMNS.get(name, name)}__in": wanted.filters[name]
             for name in ("state", "year", "department") if name in wanted.filters}  # fmt: skip
    return found | ({"object__code": wanted.code} if wanted.code else {})
