"""Workbooks of a batch: template, import and export of its items; also the lists of 12345 and 12369 as they come.

The target of batch 12 is ``duties.batch.12``. A row is known by its number. Which column of a foreign list feeds which
of ours is found by the usual names and kept as the person's saved mapping.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ecocloud.base.errors import EcoError
from ecocloud.base.sheets.compare import NEW, PreviewRow
from ecocloud.base.sheets.registry import ImportTarget, Problem, RowsRefused
from ecocloud.base.sheets.spec import Choice, Column, SheetSpec
from ecocloud.kernel.duties import queries
from ecocloud.kernel.duties.kinds import kind_of
from ecocloud.kernel.duties.models import ItemBatch, WorkItem
from ecocloud.kernel.duties.parts import FormField, Kind
from ecocloud.kernel.duties.services import batches, items, ledger, loop, routing
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, User

PREFIX = "duties.batch."
_HEADINGS = Path(__file__).parent.parent / "data" / "headings.yaml"
_NONE = (Choice("none"),)
_CHUNK = 500
_TITLE = 60
_OWN = ("title", "body", "place", "channel")


def _choices(rows: Iterable[Any]) -> tuple[Choice, ...]:
    return tuple(Choice(row.code, row.label_zh, tuple(row.names)) for row in rows)


def _column(field: FormField) -> Column:
    names = tuple(field.names)
    if field.kind == "choice":
        entries = tuple(Choice(code, zh) for code, (zh, _en) in field.entries.items())
        return Column(f"v_{field.code}", field.label_zh, field.label_en, kind="choice", choices=entries, synonyms=names)
    if field.kind == "date":
        return Column(f"v_{field.code}", field.label_zh, field.label_en, kind="date", synonyms=names)
    size = 8000 if field.kind == "long" else 300
    return Column(f"v_{field.code}", field.label_zh, field.label_en, max_len=size, width=32, synonyms=names)


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """What the columns are called where lists come from."""
    return {key: tuple(names) for key, names in yaml.safe_load(_HEADINGS.read_text("utf-8"))["names"].items()}


def _columns(kind: Kind) -> tuple[Column, ...]:
    routed = kind.code == "case"
    found = [
        Column("number", "编号", "Number", max_len=80),
        Column("title", "名称", "Title", required=not routed, max_len=300, width=40, one_line=True,
               help="空白时取内容的开头" if routed else ""),
        Column("body", "内容", "Body", max_len=8000, width=48),
        Column("lead", "牵头单位", "Lead unit", kind="ref", required=not routed, label_of=ledger.label_of, width=24,
               help="空白时按类别和区划确定" if routed else ""),
        Column("units", "配合单位", "Cooperating units", kind="ref", multiple=True, label_of=ledger.label_of, width=28),
        Column("deadline", "期限", "Deadline", kind="date"),
        Column("channel", "来源", "Channel", kind="choice", choices=_choices(kind.channels) or _NONE),
        Column("category", "类别", "Category", kind="choice", choices=_choices(kind.categories) or _NONE),
        Column("place", "位置", "Place", max_len=200, width=28),
        Column("lon", "经度", "Longitude", kind="decimal", minimum=Decimal(-180), maximum=Decimal(180)),
        Column("lat", "纬度", "Latitude", kind="decimal", minimum=Decimal(-90), maximum=Decimal(90)),
    ]  # fmt: skip
    named = [replace(column, synonyms=_names().get(column.key, ())) for column in found if column.choices != _NONE]
    return (*named, *(_column(field) for field in kind.fields))


def spec_of(batch: ItemBatch) -> SheetSpec:
    """The sheet of a batch: what every item has and what its kind asks."""
    kind = kind_of(batch.kind)
    return SheetSpec(
        "duties.batch", f"{kind.label_zh}清单", _columns(kind), ("number",),
        ("每行一项，编号在本批次内不重复。", "牵头单位只写一个；类别、来源可写名称或代码。"), blank_means="keep",
    )  # fmt: skip


def values_of(item: WorkItem) -> dict[str, Any]:
    """One item of a batch as a row; its units and case should be prefetched."""
    case = item.case
    values: dict[str, Any] = {
        "number": case.number or None, "title": item.title, "body": item.body or None,
        "lead": item.lead_department.code, "deadline": item.deadline,
        "units": ledger.codes_of_units(items.units_of(item)) if item.units.all() else None,
        "channel": item.channel or None, "category": item.category or None, "place": case.place or None,
        "lon": None if case.lon is None else Decimal(str(case.lon)),
        "lat": None if case.lat is None else Decimal(str(case.lat)),
    }  # fmt: skip
    for field in item.table.fields:
        text = case.values.get(field.code)
        values[f"v_{field.code}"] = typed_value(field, text)
    return values


def typed_value(field: FormField, text: str | None) -> Any:
    """The value of a field as its column takes it."""
    return date.fromisoformat(text) if text and field.kind == "date" else text or None


def rows_of(batch: ItemBatch, viewer: User | None = None) -> list[WorkItem]:
    """The items of a batch in order (those ``viewer`` sees), with what a row shows."""
    rows = WorkItem.objects.all() if viewer is None else queries.visible(viewer)
    rows = rows.filter(batch=batch).select_related("lead_department", "case")
    return list(rows.prefetch_related("units__department").order_by("id"))


def existing(batch: ItemBatch) -> dict[tuple, dict[str, Any]]:
    """The rows there are, by number."""
    return {(item.case.number,): values_of(item) for item in rows_of(batch) if item.case.number}


def _field_values(kind: Kind, values: dict[str, Any]) -> dict[str, Any]:
    return {field.code: values.get(f"v_{field.code}") for field in kind.fields if values.get(f"v_{field.code}")}


def _title(values: dict[str, Any]) -> str:
    text = values.get("title") or " ".join((values.get("body") or "").split())[:_TITLE]
    return text or str(values["number"])


def _draft(
    user: User, batch: ItemBatch, kind: Kind, values: dict[str, Any], leads: dict[str, Department]
) -> items.Draft:
    lon, lat = values.get("lon"), values.get("lat")
    category = values.get("category") or ""
    spot = routing.Spot(kind.code, category, batch.region_id, lon and float(lon), lat and float(lat))
    named = leads.get(values.get("lead") or "")
    lead, routed = (named, "") if named else routing.route(kind, spot, batch.office)
    fields = _field_values(kind, values)
    return items.Draft(
        title=_title(values), lead=lead, kind=kind.code, office=batch.office, region=batch.region,
        body=values.get("body") or "", deadline=values.get("deadline") or batch.deadline,
        units=ledger.units_of_codes(user, values.get("units")) if values.get("units") else (),
        source_title=batch.name, channel=values.get("channel") or batch.channel, category=category,
        number=str(values["number"]), place=values.get("place") or "", lon=lon and float(lon), lat=lat and float(lat),
        values=fields, batch=batch, routed=routed,
    )  # fmt: skip


def apply(user: User, batch: ItemBatch, rows: Sequence[PreviewRow]) -> dict[str, int]:
    """Write new rows set by set and changed ones one by one, in the caller's transaction."""
    permissions.require(user, ledger.IMPORT)
    kind = kind_of(batch.kind)
    fresh = [row for row in rows if row.outcome == NEW]
    changed = [row for row in rows if row.outcome != NEW]
    leads = {d.code: d for d in Department.objects.filter(code__in={row.values.get("lead") for row in rows} - {None})}
    with change(user.actor()) as tx:
        for first in range(0, len(fresh), _CHUNK):
            part = fresh[first : first + _CHUNK]
            items.make_many(tx, user, [_draft(user, batch, kind, row.values, leads) for row in part])
        known = {item.case.number: item for item in rows_of(batch)} if changed else {}
        refused: dict[int, list[Problem]] = {}
        for row in changed:
            try:
                _correct(user, known[row.values["number"]], row, leads)
            except EcoError as error:
                refused[row.number] = [Problem("number", row.values["number"], error.message_zh, error.remedy_zh)]
        if refused:
            raise RowsRefused(refused)
    return {"created": len(fresh), "changed": len(changed)}


def _correct(user: User, item: WorkItem, row: PreviewRow, leads: dict[str, Department]) -> None:
    names = {diff.key: diff.after for diff in row.diffs}
    fields: dict[str, Any] = {name: names[name] or "" for name in _OWN if name in names}
    if "deadline" in names:
        fields["deadline"] = names["deadline"]
    fields |= {name: float(names[name]) for name in ("lon", "lat") if names.get(name) is not None}
    values = {key.removeprefix("v_"): value for key, value in names.items() if key.startswith("v_")}
    if values:
        fields["values"] = values
    if "units" in names:
        fields["units"] = ledger.units_of_codes(user, names["units"])
    if fields:
        item = loop.act(user, item, "change", opinion="导入清单更正", **fields)
    if "category" in names:
        item = loop.act(user, item, "reclassify", opinion="导入清单更正", category=names["category"])
    if "lead" in names and leads.get(names["lead"]) != item.lead_department:
        action = "assign" if item.table.row(item.state, "assign") else "transfer"
        loop.act(user, item, action, opinion="导入清单更正", lead=leads.get(names["lead"]))


def _batch(key: str) -> ItemBatch:
    return ItemBatch.objects.select_related("office", "region").get(pk=int(key))


def make_target(key: str) -> ImportTarget:
    """The target of one batch; only people who see the batch can use it."""

    def open_for(user: User) -> ItemBatch:
        return batches.batch_for(user, int(key))

    batch = _batch(key)
    return ImportTarget(
        f"{PREFIX}{key}", batch.name, ledger.IMPORT, lambda user: spec_of(open_for(user)),
        lambda user: existing(open_for(user)), lambda user, rows: apply(user, open_for(user), rows), ledger.look_up,
        "duties:batches", in_chunks=True, mapping_key=f"duties.batch:{batch.kind}:{batch.channel}",
    )  # fmt: skip


def keys() -> list[str]:
    """The batches there are."""
    return [str(pk) for pk in ItemBatch.objects.order_by("id").values_list("pk", flat=True)]
