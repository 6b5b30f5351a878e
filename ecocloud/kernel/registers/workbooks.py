"""A register as workbook columns: template, import and export share one spec made from the definition."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from shapely import from_wkb

from ecocloud.base.sheets import Choice, Column, SheetSpec
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import places, queries
from ecocloud.kernel.registers.definition import FieldSpec, GeometryRule
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.register import Register

_KINDS = {"text": "text", "long": "text", "number": "decimal", "money": "decimal", "integer": "int", "year": "int",
          "date": "date", "bool": "choice", "choice": "choice", "multichoice": "choice", "region": "ref",
          "department": "ref", "object": "ref", "document": "text", "item": "text"}  # fmt: skip
_YES_NO = (Choice("true", "是"), Choice("false", "否"))
HEADER = ("code", "name", "region", "department", "state")
_PLACE = ("lon", "lat")
_CANDIDATES = 6


def spec(register: Register, viewer: Any = None) -> SheetSpec:
    """The columns of a register's workbook: what every object has, then its fields that a person fills in.

    References to objects are looked up within the reach of ``viewer`` where there is one.

    Rows are told apart by the first uniqueness key whose fields are all columns, else by name and division.
    """
    definition = register.definition
    states = tuple(Choice(one.code, one.zh) for one in definition.states)
    columns = [
        Column("code", "编码", "Code", max_len=40, help="留空则由系统编号", synonyms=("编号",)),
        Column("name", "名称", "Name", required=True, max_len=120, width=24, one_line=True,
               synonyms=(f"{definition.zh}名称",)),
        Column("region", "区划", "Division", kind="ref", required=True, lookup=regions, label_of=region_name,
               help="区划代码或名称", synonyms=("所在区划", "所属乡镇", "县（市、区）")),
        Column("department", "责任单位", "Department", kind="ref", lookup=departments, label_of=department_name,
               help="单位名称", synonyms=("主管单位",)),
        Column("state", "状态", "State", kind="choice", choices=states, help="留空为“" + states[0].label + "”",
               synonyms=("当前状态",)),
    ]  # fmt: skip
    columns += _place_columns(definition.geometry.kind)
    taken = {column.title_zh for column in columns}
    for field in definition.fields:
        if field.kind != "file" and not field.computed and not field.deprecated:
            title = field.zh if field.zh not in taken else f"{field.zh}（{field.code}）"
            taken.add(title)
            columns.append(_column(register, field, title, viewer))
    return SheetSpec(
        name=f"register-{register.code}", title=definition.zh, columns=tuple(columns),
            key_columns=key_columns(register),
        note_lines=("状态只在首次导入时填写，以后经流转改变。",), blank_means="clear",
    )  # fmt: skip


def _place_columns(kind: str) -> list[Column]:
    """Where an object lies: two columns for a point, one text for a line or an area, both where it may be either."""
    words = {"line": "线", "none": "", "point": ""}.get(kind, "面")
    point = [
        Column("lon", "经度", "Longitude", kind="decimal", unit="", minimum=-180, maximum=180, help="度，CGCS2000"),
        Column("lat", "纬度", "Latitude", kind="decimal", unit="", minimum=-90, maximum=90, help="度，CGCS2000"),
    ]
    shape = [
        Column("geometry", "图形", "Shape", max_len=places.CELL, width=32, synonyms=("空间范围", "坐标串", "WKT"),
               help=f"{words}：WKT、GeoJSON，或“经度 纬度; 经度 纬度; …”，CGCS2000，经度在前")
    ]  # fmt: skip
    return (point if kind in ("point", "site") else []) + (shape if words else [])


def _column(register: Register, field: FieldSpec, title: str, viewer: Any) -> Column:
    more: dict[str, Any] = {}
    kind = _KINDS[field.kind]
    if kind == "choice":
        entries = register.definition.entries_of(field).values() if field.dictionary else ()
        more["choices"] = tuple(Choice(one.code, one.zh, (one.en, *one.names)) for one in entries) or _YES_NO
        more["multiple"] = field.kind == "multichoice"
    elif field.kind == "object":
        more |= {"lookup": partial(objects_of, field.target, viewer=viewer)}
    elif kind == "ref":
        look, name = (regions, region_name) if field.kind == "region" else (departments, department_name)
        more |= {"lookup": look, "label_of": name}
    elif kind in ("decimal", "int"):
        more |= {"unit": field.unit, "max_decimals": field.digits, "minimum": field.minimum, "maximum": field.maximum}
    elif kind == "text":
        more |= {"max_len": field.longest, "one_line": field.kind != "long"}
    required = field.required and not field.visible_when
    return Column(
        field.code, title, field.en, kind=kind, required=required, help=field.help, synonyms=field.names, **more
    )


def key_columns(register: Register) -> tuple[str, ...]:
    """The columns that tell rows apart."""
    known = register.definition.by_code
    for key in register.definition.unique:
        fields = [known[code] for code in key.fields if code != "name"]
        if all(not one.computed and not one.deprecated and one.kind not in ("file", "multichoice") for one in fields):
            return key.fields
    return ("name", "region")


def regions(text: str) -> list[Choice]:
    """Divisions with this code or name."""
    found = Region.objects.filter(Q(pk=text) | Q(name=text) | Q(short_name=text)).order_by("code")[:_CANDIDATES]
    return [Choice(row.pk, row.name) for row in found]


def departments(text: str) -> list[Choice]:
    """Departments with this code or name."""
    found = Department.objects.filter(Q(code=text) | Q(name=text) | Q(short_name=text)).order_by("order", "pk")
    return [Choice(row.code, row.name) for row in found[:_CANDIDATES]]


def objects_of(register: str, text: str, viewer: Any = None) -> list[Choice]:
    """Objects of the register with this reference, code or name, with ``viewer`` only those within his reach; retired
    ones are not offered."""
    wanted = Q(code=text) | Q(name=text)
    if text.startswith("obj:") and text[4:].isdecimal():
        wanted |= Q(pk=int(text[4:]))
    seen = RegisterObject.objects.all() if viewer is None else queries.reachable(viewer)
    found = seen.filter(wanted, type__code=register).exclude(state="retired").order_by("code")
    return [Choice(f"obj:{row.pk}", row.name) for row in found[:_CANDIDATES]]


def region_name(code: str) -> str:
    """The division's name."""
    return Region.objects.filter(pk=code).values_list("name", flat=True).first() or ""


def department_name(code: str) -> str:
    """The department's name."""
    return Department.objects.filter(code=code).values_list("name", flat=True).first() or ""


def row_of(register: Register, row: RegisterObject, department: str | None) -> dict[str, Any]:
    """An object as a row of the workbook; ``department``: the code of its department."""
    found: dict[str, Any] = {"code": row.code, "name": row.name, "region": row.region_id, "department": department,
                             "state": row.state}  # fmt: skip
    if row.place is not None:
        shape = from_wkb(bytes(row.place))
        found |= {"lon": shape.x, "lat": shape.y} if shape.geom_type == "Point" else {"geometry": places.text(shape)}
    return found | cells_of(register.values(row))


def cells_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the columns know them: yes and no are a choice."""
    return {code: str(value).lower() if isinstance(value, bool) else value for code, value in values.items()}


def rows_of(register: Register, rows: QuerySet[RegisterObject]) -> Iterator[dict[str, Any]]:
    """Objects as rows of the workbook, streamed (two queries)."""
    codes = dict(Department.objects.order_by().values_list("pk", "code"))
    for row in rows.iterator(chunk_size=2000):
        yield row_of(register, row, codes.get(row.department_id))


def named(spec_: SheetSpec) -> SheetSpec:
    """The spec with names of divisions and departments remembered, for exports of many rows."""
    from dataclasses import replace

    def remembering(find: Callable[[str], str]) -> Callable[[str], str]:
        known: dict[str, str] = {}

        def look(code: str) -> str:
            if code not in known:
                known[code] = find(code)
            return known[code]

        return look

    columns = tuple(
        replace(column, label_of=remembering(column.label_of)) if column.label_of else column
        for column in spec_.columns
    )
    return replace(spec_, columns=columns)


def given_of(register: Register, row: Mapping[str, Any]) -> dict[str, Any]:
    """The field values of a workbook row, without what every object has and what is computed."""
    entered = register.definition.entered
    return {key: value for key, value in row.items() if key in entered}


def place_of(rule: GeometryRule, row: Mapping[str, Any]) -> list[Any] | str | None:
    """Where a workbook row says its object lies: longitude and latitude (one may be missing), or a shape as text."""
    if rule.kind != "point" and (row.get("geometry") or rule.kind != "site"):
        return row.get("geometry") or None
    pair = [row.get(name) for name in _PLACE]
    return None if pair == [None, None] else pair


def cells_of_place(geometry: Mapping[str, Any] | None) -> dict[str, Any]:
    """A GeoJSON geometry as the columns know it."""
    if geometry is None:
        return {}
    if geometry["type"] == "Point":
        return dict(zip(_PLACE, geometry["coordinates"], strict=True))
    return {"geometry": json.dumps(geometry, default=float)}
