"""Inspections and files of objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone

from ecocloud.base.files import FileKind
from ecocloud.base.files import services as files
from ecocloud.base.files.services import Received
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.registers import values
from ecocloud.kernel.registers.definition import CheckItem, Inspection
from ecocloud.kernel.registers.errors import NoSuchThing, ValueFault, ValuesRefused
from ecocloud.kernel.registers.models import Attachment, ObjectInspection, RegisterObject
from ecocloud.kernel.registers.register import Register
from ecocloud.kernel.registers.services import guards, objects

_LONGEST_NOTE = 500
# What people and programs may attach to an object, and how many files at once.
MOST_FILES = 20
FILE_KINDS = frozenset(
    FileKind[name] for name in ("TXT", "CSV", "PDF", "DOCX", "XLSX", "DOC", "XLS", "OFD", "ZIP", "PNG", "JPG")
)


def inspect(
    user: Any, register: Register, pk: int, kind: str, *, results: Mapping[str, Any], on: date | None = None,
    photos: Sequence[Received] = (), note: str = "",
) -> ObjectInspection:  # fmt: skip
    """Record a filled check list with its photographs (received before: files are never taken inside a transaction).

    results: by item code; a ``pass`` item is true or false. It has passed when no such item is false.
    Raises NoSuchThing (unknown kind), ValuesRefused (missing or wrong items, too few photographs).
    """
    rule = register.definition.inspection(kind)
    if rule is None:
        known = "、".join(one.code for one in register.definition.inspections) or "无"
        raise NoSuchThing(f"没有检查“{kind}”。", f"no inspection {kind!r}", value=kind, remedy_zh=f"已有：{known}。")
    day = guards.day_of(on)
    found = _results(rule, results)
    if len(photos) < rule.photos:
        raise ValuesRefused([ValueFault("photos", f"照片不足：应有 {rule.photos} 张，只有 {len(photos)} 张。",
                                        "too few photographs", value=len(photos), remedy_zh="请补拍。")])  # fmt: skip
    passed = all(value is not False for value in found.values())
    with change(user.actor()) as tx:
        row = guards.locked_row(user, register, pk, guards.EDIT)
        objects.not_retired(register, row)
        guards.open_years(register, _years(row, day))
        made = ObjectInspection.objects.create(object=row, kind=kind, on=day, results=found, passed=passed,
                                               note=note[:500], by_id=getattr(user, "pk", None))  # fmt: skip
        for photo in photos:
            _keep(user, row, photo, inspection=made)
        tx.log("registers.object.inspect", Ref("obj", str(row.pk), f"inspection-{made.pk}"), None,
               {"kind": kind, "on": str(day), "passed": passed, "photos": len(photos), **found}, note)  # fmt: skip
    return made


def _years(row: RegisterObject, day: date) -> list[tuple[str, date, int | None]]:
    """What must be open for a proof of an object: the year of the day and the year the object counts for."""
    return [(row.region_id, day, row.year)]


def _results(rule: Inspection, given: Mapping[str, Any]) -> dict[str, Any]:
    faults, found = [], {}
    known = {item.code for item in rule.items}
    faults += [
        ValueFault(values.shown(code), f"检查表没有“{values.shown(code)}”。", "unknown item",
                   value=values.shown(given[code]), remedy_zh=f"已有：{'、'.join(sorted(known))}。")
        for code in sorted(set(given) - known)
    ]  # fmt: skip
    for item in rule.items:
        raw = given.get(item.code)
        where = {"项目": item.zh}
        if raw is None or raw == "":
            if item.required:
                faults.append(ValueFault(item.code, "没有填写。", "required", where=where, remedy_zh="本项必填。"))
            continue
        try:
            found[item.code] = _result(item, raw)
        except ValueFault as fault:
            faults.append(fault)
    if faults:
        raise ValuesRefused(faults)
    return found


def _result(item: CheckItem, raw: Any) -> bool | str:
    """What a line of a check list found, as it is kept; raises ValueFault for a value of another kind."""

    def fault(zh: str, en: str, remedy: str) -> ValueFault:
        seen = values.shown(raw)
        return ValueFault(item.code, f"“{seen}”{zh}", en, where={"项目": item.zh}, value=seen, remedy_zh=remedy)

    if item.kind == "pass":
        if not isinstance(raw, bool):
            raise fault("不是“合格”或“不合格”。", "not a truth value", "请勾选。")
        return raw
    if item.kind == "number":
        try:
            number = Decimal("NaN") if type(raw) not in (str, int, float, Decimal) else Decimal(str(raw))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise fault("不是数字。", "not a number", f"请填写数字{item.unit and f'（{item.unit}）'}。")
        if abs(number) > values.LARGEST or number.as_tuple().exponent < -values.MOST_DECIMALS:
            raise fault("太大，或小数位太多。", "number too large or with too many decimals",
                        f"绝对值应不超过一万亿，最多 {values.MOST_DECIMALS} 位小数。")  # fmt: skip
        return format(number, "f")
    if not isinstance(raw, str):
        raise fault("不是文字。", "not a text", "请填写文字。")
    if len(raw) > _LONGEST_NOTE:
        raise fault("太长。", "text too long", f"最多 {_LONGEST_NOTE} 个字。")
    return raw


def _keep(user: Any, row: RegisterObject, received: Received, **where: Any) -> Attachment:
    who = f"{getattr(user, 'pk', '')} {getattr(user, 'name', '')}".strip() or "console"
    return Attachment.objects.create(
        object=row, file=files.record(received, who), by_id=getattr(user, "pk", None), **where
    )


def attach(user: Any, register: Register, field: str, uploads: Iterable[tuple[int, Received]]) -> list[Attachment]:
    """Put files on objects in bulk: pairs of an object's key and a received file, into the file field ``field``."""
    spec = register.definition.by_code.get(field)
    if spec is None or spec.kind != "file" or spec.deprecated:
        known = "、".join(one.code for one in register.definition.fields if one.kind == "file") or "无"
        raise NoSuchThing(
            f"没有附件字段“{field}”。", f"no file field {field!r}", value=field, remedy_zh=f"已有：{known}。"
        )
    made = []
    today = timezone.localdate()
    with change(user.actor()) as tx:
        rows: dict[int, RegisterObject] = {}
        for pk, received in uploads:
            if pk not in rows:
                rows[pk] = guards.locked_row(user, register, pk, guards.EDIT)
                objects.not_retired(register, rows[pk])
                guards.open_years(register, _years(rows[pk], today))
            one = _keep(user, rows[pk], received, field=field)
            made.append(one)
            tx.log("registers.object.attach", Ref("obj", str(pk)), None,
                   {"field": field, "file": one.file_id, "name": one.file.name, "sha256": one.file.sha256})  # fmt: skip
    return made


def detach(user: Any, register: Register, attachment: Attachment, *, reason: str) -> Attachment:
    """Take a file off an object; its row and bytes stay, with the reason."""
    if not reason.strip():
        raise ValuesRefused([ValueFault("reason", "移除附件必须写明理由。", "removed without a reason",
                                        remedy_zh="请说明理由。")])  # fmt: skip
    with change(user.actor()) as tx:
        row = guards.locked_row(user, register, attachment.object_id, guards.EDIT)
        guards.open_years(register, _years(row, timezone.localdate()))
        found = Attachment.objects.select_for_update().get(pk=attachment.pk)
        if found.removed_at is None:
            found.removed_at, found.removed_reason = timezone.now(), reason.strip()[:200]
            found.save(update_fields=["removed_at", "removed_reason"])
            tx.log("registers.object.detach", Ref("obj", str(row.pk)), {"file": found.file_id}, None, reason)
    return found
