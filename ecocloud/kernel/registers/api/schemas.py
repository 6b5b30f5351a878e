"""A definition as JSON Schema (2020-12): what an object looks like, what may be written. Pure.

Numbers with decimals are text ("35.5"), so that no reader loses digits; whole numbers and years are JSON integers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ecocloud.kernel.registers.definition import NUMERIC, FieldSpec, TypeDefinition

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]
_DECIMAL = r"^-?[0-9]+(\.[0-9]+)?$"
DATE: Schema = {"type": "string", "format": "date"}
_REGION: Schema = {"type": "string", "pattern": "^[0-9]{6,12}$", "description": "Division code (GB/T 2260)"}
_GEOJSON = {"point": ["Point"], "line": ["LineString", "MultiLineString"], "polygon": ["Polygon"],
            "patch": ["Polygon", "MultiPolygon"], "site": ["Point", "Polygon", "MultiPolygon"]}  # fmt: skip


def _or_null(schema: Schema) -> Schema:
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _bounds(field: FieldSpec) -> Schema:
    found: Schema = {}
    low, high = field.minimum, field.maximum
    if field.kind == "year":
        low, high = 1900 if low is None else low, 2100 if high is None else high
    for key, bound in (("minimum", low), ("maximum", high)):
        if bound is not None:
            found[key] = int(bound) if bound == int(bound) else float(bound)
    return found


def _codes(definition: TypeDefinition, field: FieldSpec, *, writing: bool) -> Schema:
    entries = definition.entries_of(field).values()
    return {"type": "string", "enum": [one.code for one in entries if not (writing and one.deprecated)]}


def value_of(definition: TypeDefinition, field: FieldSpec, *, writing: bool = False) -> Schema:
    """The schema of one field's value, as read or as written."""
    shape = _shape(definition, field, writing)
    told = f"{field.zh} {field.en}" + (f" ({field.unit})" if field.unit else "")
    shape["description"] = f"{told}. {field.help}" if field.help else told
    if field.unit:
        shape["x-unit"] = field.unit
    if field.deprecated:
        shape["deprecated"] = True
    if field.computed:
        shape["readOnly"] = True
    return shape


def _shape(definition: TypeDefinition, field: FieldSpec, writing: bool) -> Schema:
    if field.kind in ("integer", "year"):
        return {"type": "integer", **_bounds(field)}
    if field.kind in NUMERIC:
        text: Schema = {"type": "string", "pattern": _DECIMAL}
        return {"anyOf": [text, {"type": "number", **_bounds(field)}]} if writing else text
    if field.kind == "choice":
        return _codes(definition, field, writing=writing)
    if field.kind == "multichoice":
        return {"type": "array", "items": _codes(definition, field, writing=writing), "uniqueItems": True}
    if field.kind == "region":
        return dict(_REGION)
    simple: dict[str, Schema] = {
        "date": DATE,
        "bool": {"type": "boolean"},
        "department": {"type": "string", "maxLength": 40},
        "object": {"type": "string", "pattern": "^obj:[0-9]+"},
        "document": {"type": "string", "pattern": "^doc:"},
        "item": {"type": "string", "pattern": "^item:"},
    }
    return dict(simple.get(field.kind) or {"type": "string", "maxLength": field.longest})


def _writable(field: FieldSpec) -> bool:
    return not (field.kind == "file" or field.computed or field.deprecated)


def values_read(definition: TypeDefinition) -> Schema:
    """The values of an object; a field without a value is left out."""
    fields = {one.code: value_of(definition, one) for one in definition.fields if one.kind != "file"}
    return {"type": "object", "properties": fields, "additionalProperties": False}


def values_written(definition: TypeDefinition) -> Schema:
    """Values to write; null clears a field, a field left out stays."""
    fields = {
        one.code: _or_null(value_of(definition, one, writing=True)) for one in definition.fields if _writable(one)
    }
    return {"type": "object", "properties": fields, "additionalProperties": False}


def required_fields(definition: TypeDefinition) -> list[str]:
    """The fields a new object needs in any case; a field shown on a condition may be needed besides."""
    return [one.code for one in definition.fields if one.required and _writable(one) and not one.visible_when]


def geometry(definition: TypeDefinition) -> Schema:
    """GeoJSON in degrees of CGCS2000 (EPSG:4490), or null."""
    kind = definition.geometry.kind
    if kind == "none":
        return {"type": "null"}
    parts = {"type": {"type": "string", "enum": _GEOJSON[kind]}, "coordinates": {"type": "array"}}
    return _or_null({"type": "object", "required": ["type", "coordinates"], "properties": parts})


def _header(definition: TypeDefinition) -> Schema:
    return {
        "name": {"type": "string", "minLength": 1, "maxLength": 120},
        "region": dict(_REGION),
        "department": {"type": ["string", "null"], "maxLength": 40, "description": "Code of the department"},
        "geometry": geometry(definition),
    }


def object_read(definition: TypeDefinition) -> Schema:
    """An object as the API answers it."""
    fields = {
        "id": {"type": "integer"},
        "ref": {"type": "string", "pattern": "^obj:[0-9]+$"},
        "register": {"const": definition.code},
        "code": {"type": "string", "maxLength": 40},
        **_header(definition),
        "state": {"type": "string", "enum": list(definition.state_by_code)},
        "year": {"type": ["integer", "null"]},
        "version": {"type": "integer", "minimum": 1},
        "valid_from": DATE,
        "updated_at": {"type": "string", "format": "date-time"},
        "values": values_read(definition),
        "as_of": DATE,
    }
    needed = ["id", "ref", "register", "code", "name", "region", "department", "state", "year", "version", "valid_from",
              "values"]  # fmt: skip
    return {"type": "object", "title": definition.en, "properties": fields, "required": needed,
            "additionalProperties": False}  # fmt: skip


def object_created(definition: TypeDefinition) -> Schema:
    """The body that creates an object."""
    fields = {**_header(definition), "code": {"type": "string", "maxLength": 40}, "on": DATE,
              "note": {"type": "string", "maxLength": 300}}  # fmt: skip
    values = values_written(definition)
    needed = required_fields(definition)
    values |= {"required": needed} if needed else {}
    required = ["name", "region", *(["values"] if needed else [])]
    required += ["geometry"] if definition.geometry.required else []
    return {"type": "object", "properties": {**fields, "values": values}, "required": required,
            "additionalProperties": False}  # fmt: skip


def object_edited(definition: TypeDefinition) -> Schema:
    """The body that changes an object: what is left out stays."""
    version = {
        "type": "integer",
        "minimum": 1,
        "description": "The version that was read; an older one is refused (409)",
    }
    fields = {**_header(definition), "values": values_written(definition), "version": version, "on": DATE,
              "note": {"type": "string", "maxLength": 300}}  # fmt: skip
    return {"type": "object", "properties": fields, "required": ["version"], "additionalProperties": False}


def step_taken(definition: TypeDefinition) -> Schema:
    """The body that takes an object one step on."""
    words = "; ".join(f"{one.action}: {one.zh} {one.en}" for one in definition.transitions)
    action = {"type": "string", "enum": [one.action for one in definition.transitions], "description": words}
    fields = {"action": action, "version": {"type": "integer", "minimum": 1}, "values": values_written(definition),
              "opinion": {"type": "string"}, "on": DATE}  # fmt: skip
    return {"type": "object", "properties": fields, "required": ["action"], "additionalProperties": False}


_ITEM: dict[str, Schema] = {
    "pass": {"type": "boolean"},
    "number": {"anyOf": [{"type": "string", "pattern": _DECIMAL}, {"type": "number"}]},
    "text": {"type": "string", "maxLength": 500},
}


def inspection_written(definition: TypeDefinition) -> Schema:
    """The body that records an inspection: one of the kinds of the type, each with its check list."""
    kinds = []
    for one in definition.inspections:
        items = {item.code: {**_ITEM[item.kind], "description": f"{item.zh} {item.en}"} for item in one.items}
        results: Schema = {"type": "object", "properties": items, "additionalProperties": False}
        needed = [item.code for item in one.items if item.required]
        results |= {"required": needed} if needed else {}
        fields = {"kind": {"const": one.code, "description": f"{one.zh} {one.en}"}, "results": results, "on": DATE,
                  "note": {"type": "string", "maxLength": 500}}  # fmt: skip
        kinds.append({"type": "object", "properties": fields, "required": ["kind", "results"],
                      "additionalProperties": False})  # fmt: skip
    return {"oneOf": kinds} if len(kinds) != 1 else kinds[0]


INSPECTION: Schema = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"}, "kind": {"type": "string"}, "on": DATE, "passed": {"type": "boolean"},
        "results": {"type": "object"}, "note": {"type": "string"}, "at": {"type": "string", "format": "date-time"},
    },
    "required": ["id", "kind", "on", "passed", "results", "note", "at"],
    "additionalProperties": False,
}  # fmt: skip
FILE: Schema = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"}, "field": {"type": "string"}, "inspection": {"type": ["integer", "null"]},
        "name": {"type": "string"}, "size": {"type": "integer"}, "kind": {"type": "string"},
        "sha256": {"type": "string"}, "at": {"type": "string", "format": "date-time"},
    },
    "required": ["id", "field", "inspection", "name", "size", "kind", "sha256", "at"],
    "additionalProperties": False,
}  # fmt: skip


def files_written(definition: TypeDefinition) -> Schema:
    """An upload: the file field of the type, and the files."""
    known = [one.code for one in definition.fields if one.kind == "file" and not one.deprecated]
    fields = {"field": {"type": "string", "enum": known},
              "files": {"type": "array", "items": {"type": "string", "format": "binary"}}}  # fmt: skip
    return {"type": "object", "properties": fields, "required": ["field", "files"], "additionalProperties": False}


STATISTICS: Schema = {
    "type": "object",
    "properties": {
        "by": {"type": "array", "items": {"type": "string"}},
        "rows": {"type": "array", "items": {
            "type": "object",
            "properties": {"key": {"type": "object"}, "count": {"type": "integer"},
                           "sums": {"type": "object", "additionalProperties": {"type": "string", "pattern": _DECIMAL}}},
            "required": ["key", "count", "sums"], "additionalProperties": False}},
    },
    "required": ["by", "rows"],
    "additionalProperties": False,
}  # fmt: skip
PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457",
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "code": {"type": "string"},
        "faults": {"type": "array", "items": {"type": "object", "properties": {
            "field": {"type": "string"}, "message_en": {"type": "string"}}, "required": ["field", "message_en"]}},
        "reason": {"type": "string"}, "story": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["type", "title", "status", "detail", "code"],
}  # fmt: skip


def page_of(items: Schema) -> Schema:
    """A page of a list: ``next`` is the cursor of the next page, null on the last one."""
    fields = {"items": {"type": "array", "items": items}, "next": {"type": ["string", "null"]}}
    return {"type": "object", "properties": fields, "required": ["items", "next"], "additionalProperties": False}


VERSION: Schema = {
    "properties": {"action": {"type": "string"}, "note": {"type": "string"}, "valid_to": _or_null(DATE),
                   "by": {"type": ["string", "null"]}, "at": {"type": "string", "format": "date-time"}},
    "required": ["action", "note", "valid_to", "by", "at"],
}  # fmt: skip


def version_read(definition: TypeDefinition) -> Schema:
    """One version of an object: what it was, from when until the day before ``valid_to``, and what was done."""
    whole = object_read(definition)
    fields = {name: one for name, one in whole["properties"].items() if name not in ("updated_at", "as_of")}
    return {**whole, "properties": {**fields, **VERSION["properties"]},
            "required": [*whole["required"], *VERSION["required"]]}  # fmt: skip


SHAPES: dict[str, Callable[[TypeDefinition], Schema]] = {
    "object": object_read,
    "version": version_read,
    "create": object_created,
    "edit": object_edited,
    "step": step_taken,
    "inspection": inspection_written,
}


def whole(definition: TypeDefinition) -> Schema:
    """The definition as one JSON Schema document: an object, and under ``$defs`` everything else."""
    return {"$schema": DIALECT, "title": f"{definition.zh} {definition.en}", "$ref": "#/$defs/object",
            "$defs": shapes_of(definition)}  # fmt: skip


def _applies(definition: TypeDefinition, name: str) -> bool:
    return {"step": bool(definition.transitions), "inspection": bool(definition.inspections)}.get(name, True)


def shapes_of(definition: TypeDefinition) -> dict[str, Schema]:
    """The schemas of a type by name (``object``, ``create``, ...); those of what it does not have are left out."""
    return {name: make(definition) for name, make in SHAPES.items() if _applies(definition, name)}
