"""What the API answers: objects, versions, inspections, statistics as plain values. Pure but for what rows hold."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ecocloud.kernel.registers import places, queries, values
from ecocloud.kernel.registers.models import Attachment, ObjectInspection, ObjectVersion, RegisterObject
from ecocloud.kernel.registers.register import Register

GEOMETRY = "geometry"
_WHOLE = frozenset({"integer", "year"})


def moment(at: datetime) -> str:
    """A time in UTC (RFC 3339)."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _values(register: Register, row: RegisterObject | ObjectVersion, wanted: Collection[str] | None) -> dict[str, Any]:
    known = register.definition.by_code
    body = values.encode(register.values(row))
    return {
        code: int(value) if known[code].kind in _WHOLE else value
        for code, value in body.items()
        if wanted is None or code in wanted
    }


def _common(register: Register, row: Any, key: int, code: str, wanted: Collection[str] | None) -> dict[str, Any]:
    found = {
        "id": key, "ref": f"obj:{key}", "register": register.code, "code": code, "name": row.name,
        "region": row.region_id, "department": row.department.code if row.department_id else None,
        "state": row.state, "year": row.year, "valid_from": row.valid_from.isoformat(),
        "values": _values(register, row, wanted),
    }  # fmt: skip
    if wanted is None or GEOMETRY in wanted:
        found[GEOMETRY] = places.geojson(row.place) if row.place is not None else None
    return found


def of_object(register: Register, row: RegisterObject, wanted: Collection[str] | None = None) -> dict[str, Any]:
    """An object as it is today; ``wanted``: only these fields (``geometry`` among them), None for all."""
    found = _common(register, row, row.pk, row.code, wanted)
    return {**found, "version": row.version, "updated_at": moment(row.updated_at)}


def of_past(register: Register, row: ObjectVersion, day: str, wanted: Collection[str] | None = None) -> dict[str, Any]:
    """An object as it was on a day."""
    found = _common(register, row, row.object_id, row.object.code, wanted)
    return {**found, "version": row.number, "as_of": day}


def of_version(register: Register, row: ObjectVersion) -> dict[str, Any]:
    """One version with what was done, by whom, and until when it held."""
    found = _common(register, row, row.object_id, row.object.code, None)
    return {
        **found, "version": row.number, "valid_to": row.valid_to.isoformat() if row.valid_to else None,
        "action": row.action, "note": row.note, "by": row.by.name if row.by_id else None, "at": moment(row.at),
    }  # fmt: skip


def of_inspection(row: ObjectInspection) -> dict[str, Any]:
    """One filled check list."""
    return {"id": row.pk, "kind": row.kind, "on": row.on.isoformat(), "passed": row.passed, "results": row.results,
            "note": row.note, "at": moment(row.at)}  # fmt: skip


def of_file(row: Attachment) -> dict[str, Any]:
    """One file; ``field`` is empty for a photograph of an inspection."""
    return {"id": row.pk, "field": row.field, "inspection": row.inspection_id, "name": row.file.name,
            "size": row.file.size, "kind": row.file.kind, "sha256": row.file.sha256, "at": moment(row.at)}  # fmt: skip


def of_statistic(by: list[str], line: queries.Statistic, departments: dict[int, str]) -> dict[str, Any]:
    """One line of statistics; departments by their codes."""
    key = dict(zip(by, line.key, strict=True))
    if "department" in key and key["department"] is not None:
        key["department"] = departments.get(key["department"])
    return {"key": key, "count": line.count, "sums": {code: number(amount) for code, amount in line.sums.items()}}


def number(value: Decimal) -> str:
    """A number as text without exponent."""
    return format(values.plain(value), "f")
