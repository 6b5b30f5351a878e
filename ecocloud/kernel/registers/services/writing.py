"""The one path by which objects are written: body, header, slots, version, uniqueness, roll-up, search.

Set-based: one object or fifty thousand go the same way. Callers have checked permission, reach and years.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count
from django.utils import timezone

from ecocloud.base import bulk, search
from ecocloud.kernel.journal.services import Change
from ecocloud.kernel.regions import codes
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import places, queries, rules, slots, values
from ecocloud.kernel.registers.errors import Duplicate, ValueFault, ValuesRefused
from ecocloud.kernel.registers.models import (
    Attachment,
    ObjectInspection,
    ObjectKey,
    ObjectVersion,
    RegisterObject,
    RegisterType,
)  # fmt: skip
from ecocloud.kernel.registers.places import Place
from ecocloud.kernel.registers.register import Register
from ecocloud.kernel.registers.services import counts, handling

_BATCH = 500
# A longer number is no key of a database.
_DIGITS = 18
_HEADER = ("name", "region", "department", "state", "year", "place", "west", "south", "east", "north", "schema", "body",
           "version", "valid_from", "updated_at")  # fmt: skip
_UNSET: Any = object()


@dataclass
class Draft:
    """One object about to be written: its row, its typed values, why it changes, and what it was (None: new)."""

    row: RegisterObject
    values: dict[str, Any]
    action: str
    note: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    was: RegisterObject | None = None

    @property
    def fresh(self) -> bool:
        """Whether the object is new."""
        return self.was is None


def draft_of(register: Register, row: RegisterObject, action: str, note: str = "") -> Draft:
    """The draft of a change of a locked row; made before anything of the row is changed."""
    typed = register.values(row)
    return Draft(row, dict(typed), action, note, typed, copy.copy(row))


def fresh_rows(register: Register, by: int | None) -> Callable[[], RegisterObject]:
    """A maker of empty rows of the register; a hundred defaults looked up once, not for every row."""
    model = RegisterObject(type_id=register.pk, created_by_id=by)
    values_ = [getattr(model, one.attname) for one in RegisterObject._meta.concrete_fields]
    return lambda: RegisterObject(*values_)


def set_place(row: RegisterObject, place: Place | None) -> None:
    """Put a checked geometry (or none) on an object."""
    row.place = place.wkb if place else None
    row.west, row.south = (place.west, place.south) if place else (None, None)
    row.east, row.north = (place.east, place.north) if place else (None, None)


def facts(register: Register, row: RegisterObject, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The object as the journal records it: header and body."""
    return {"code": row.code, "name": row.name, "region": row.region_id, "department": row.department_id,
            "state": row.state, "year": row.year, "place": _place_words(row),
            **values.encode(typed)}  # fmt: skip


def _place_words(row: RegisterObject) -> list[Any] | None:
    """Where an object lies, as the journal records it: its box, and a digest of the whole geometry."""
    if row.place is None:
        return None
    return [row.west, row.south, row.east, row.north, hashlib.sha256(bytes(row.place)).hexdigest()[:16]]


def environment(
    register: Register, rows: Sequence[RegisterObject], *, whole: bool = False
) -> dict[int, dict[str, Any]]:
    """What expressions read beside body and header: files by field, inspections and the drawn area, by primary key.

    Two queries when the type's rules (or ``whole``: a guard) read such things, else none.
    """
    definition = register.definition
    made = rules.compiled(definition)
    read = set().union(*(one.names for one in (*made.checks, *made.visible.values())), *(
        one.names for one in made.guards.values() if whole))  # fmt: skip
    files = [one.code for one in definition.fields if one.kind == "file" and one.code in read]
    found: dict[int, dict[str, Any]] = {row.pk: dict.fromkeys(files, 0) for row in rows if row.pk}
    if files and found:
        counted = Attachment.objects.filter(object__in=found, removed_at__isnull=True, field__in=files)
        for pk, code, count in counted.order_by().values_list("object_id", "field").annotate(n=Count("pk")):
            found[pk][code] = count
    if "area" in read:
        for row in rows:
            place = places.read(row.place and bytes(row.place), definition.geometry) if row.pk else None
            if place is not None:
                found[row.pk]["area"] = place.area
    if any(name.startswith("inspection.") for name in read) and found:
        for one in definition.inspections:
            for each in found.values():
                each[f"inspection.{one.code}.count"] = 0
        for one in ObjectInspection.objects.filter(object__in=found).order_by("on", "id"):
            each = found[one.object_id]
            each[f"inspection.{one.kind}.count"] = each.get(f"inspection.{one.kind}.count", 0) + 1
            each[f"inspection.{one.kind}.last"], each[f"inspection.{one.kind}.passed"] = one.on, one.passed
    return found


def judge(register: Register, draft: Draft, more: Mapping[str, Any], today: date) -> list[ValueFault]:
    """Complete the draft's computed fields and say what is wrong with the object as a whole."""
    draft.values = values.completed(register.definition, draft.values, today)
    row = draft.row
    seen = {**draft.values, "name": row.name, "code": row.code, "state": row.state, "region": row.region_id,
            "has_place": row.place is not None, "year": rules.year_of(register.definition, draft.values),
            **more}  # fmt: skip
    return values.judge(register.definition, seen, today)


def write(tx: Change, user: Any, register: Register, drafts: Sequence[Draft], day: date) -> None:
    """Write judged drafts in the caller's transaction. Raises :class:`Duplicate`."""
    if not drafts:
        return
    _number(register, [draft.row for draft in drafts if draft.fresh and not draft.row.code])
    for draft in drafts:
        if draft.was is not None:
            counts.shift(tx, draft.was, -1)
        _fill(register, draft, day)
    fresh = [draft.row for draft in drafts if draft.fresh]
    _no_second_code(register, fresh)
    old = [draft.row for draft in drafts if not draft.fresh]
    _insert(register, fresh)
    _save(old)
    _versions(user, drafts, old, day)
    _keys(register, drafts, {row.pk for row in old})
    for draft in drafts:
        counts.shift(tx, draft.row, 1)
    search.index_later(*(f"obj:{draft.row.pk}" for draft in drafts), created_by=str(getattr(user, "pk", "") or ""))
    handling.after(tx, user, register, drafts, day)


def _fill(register: Register, draft: Draft, day: date) -> None:
    row = draft.row
    row.year = rules.year_of(register.definition, draft.values)
    row.body, row.schema = values.encode(draft.values), register.version
    row.version = 1 if draft.fresh else row.version + 1
    row.valid_from, row.updated_at = day, timezone.now()
    for name, value in slots.project(register.definition, register.assigned, draft.values).items():
        if value is not None or not draft.fresh:
            setattr(row, name, value)


def _insert(register: Register, rows: Sequence[RegisterObject]) -> None:
    """Insert new objects and learn their keys, which codes tell apart."""
    for first in range(0, len(rows), _BATCH):
        part = rows[first : first + _BATCH]
        bulk.insert(part)
        known = RegisterObject.objects.filter(type=register.pk, code__in=[row.code for row in part])
        keys = dict(known.values_list("code", "pk"))
        for row in part:
            row.pk, row._state.adding = keys[row.code], False


def _save(rows: Sequence[RegisterObject]) -> None:
    if len(rows) == 1:
        rows[0].save(update_fields=[*_HEADER, *slots.ALL])
    else:
        upsert(rows, [*_HEADER, *slots.ALL])


def upsert(rows: Sequence[RegisterObject], names: Sequence[str]) -> None:
    """Write these columns of existing rows: one statement for hundreds of them (bulk_update needs one CASE a value)."""
    RegisterObject.objects.bulk_create(
        rows, batch_size=_BATCH, update_conflicts=True, unique_fields=["id"], update_fields=list(names)
    )


def _versions(user: Any, drafts: Sequence[Draft], old: Sequence[RegisterObject], day: date) -> None:
    keys = [row.pk for row in old]
    for first in range(0, len(keys), _BATCH):
        part = keys[first : first + _BATCH]
        ObjectVersion.objects.filter(object__in=part, valid_to__isnull=True).update(valid_to=day)
    by = getattr(user, "pk", None)
    names = ("name", "region_id", "department_id", "state", "year", "place", "schema", "body")
    bulk.insert([
        ObjectVersion(
            type_id=draft.row.type_id, object_id=draft.row.pk, number=draft.row.version, valid_from=day, by_id=by,
            action=draft.action[:40], note=draft.note[:300], **{name: getattr(draft.row, name) for name in names},
        )
        for draft in drafts
    ])  # fmt: skip


def _keys(register: Register, drafts: Sequence[Draft], old: set[int]) -> None:
    wanted = [
        ObjectKey(type_id=register.pk, object_id=draft.row.pk, name=key.code, digest=digest)
        for draft in drafts
        if draft.row.state != "retired"
        for key in register.definition.unique
        if (digest := key_digest(key.fields, {**draft.values, "name": draft.row.name}))
    ]
    if old and register.definition.unique:
        for first in range(0, len(drafts), _BATCH):
            ObjectKey.objects.filter(object__in=[one.row.pk for one in drafts[first : first + _BATCH]]).delete()
    names = {draft.row.pk: draft.row for draft in drafts}
    seen: dict[tuple[str, str], int] = {}
    for first in range(0, len(wanted), _BATCH):
        part = wanted[first : first + _BATCH]
        known = {one.name for one in part}  # without the name its index is of no use
        taken = ObjectKey.objects.filter(type=register.pk, name__in=known, digest__in=[one.digest for one in part])
        for name, digest, other in taken.values_list("name", "digest", "object__code"):
            mine = next((one for one in part if (one.name, one.digest) == (name, digest)), None)
            if mine:
                raise duplicate(register, names[mine.object_id], name, other)
        for one in part:
            other = seen.setdefault((one.name, one.digest), one.object_id)
            if other != one.object_id:
                raise duplicate(register, names[one.object_id], one.name, names[other].code)
    bulk.insert(wanted)


def key_digest(fields: Iterable[str], typed: Mapping[str, Any]) -> str:
    """The digest of a uniqueness key's values; '' when one of them is missing (then nothing is compared)."""
    body = values.encode({code: typed.get(code) for code in fields})
    if len(body) < len(set(fields)):
        return ""
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def duplicate(register: Register, row: RegisterObject, name: str, other: str) -> Duplicate:
    """The refusal of a row whose uniqueness key ``name`` object ``other`` (its code) has already."""
    key = next(one for one in register.definition.unique if one.code == name)
    known = register.definition.by_code
    words = "、".join("名称" if code == "name" else known[code].zh for code in key.fields)
    return Duplicate(f"“{row.name}”的{words}与 {other} 相同。", f"{name} repeats {other}", value=other,
                     where={"对象": row.code},
                         remedy_zh="请核对是否同一对象；确为不同对象时请改正这些项目。")  # fmt: skip


def _no_second_code(register: Register, rows: Sequence[RegisterObject]) -> None:
    given = [row.code for row in rows]
    twice = {code for code in given if given.count(code) > 1} if len(given) < 1000 else _twice(given)
    for first in range(0, len(given), _BATCH):
        part = given[first : first + _BATCH]
        twice |= set(RegisterObject.objects.filter(type=register.pk, code__in=part).values_list("code", flat=True))
    if twice:
        raise Duplicate(f"编码 {min(twice)} 已经使用。", "code taken", value=min(twice), where={"字段": "编码"},
                        remedy_zh="请换一个编码，或留空由系统编号。")  # fmt: skip


def _twice(given: Sequence[str]) -> set[str]:
    seen: set[str] = set()
    return {code for code in given if code in seen or seen.add(code)}


def _number(register: Register, rows: Sequence[RegisterObject]) -> None:
    """Give codes: prefix, six digits of the county (or higher) region, five digits in order."""
    if not rows:
        return
    # The type row is the lock of numbering.
    RegisterType.objects.select_for_update().get(pk=register.pk)
    by_head: dict[str, list[RegisterObject]] = defaultdict(list)
    for row in rows:
        by_head[f"{register.definition.prefix}{codes.normalise(row.region_id)[:6]}"].append(row)
    for head, group in by_head.items():
        known = RegisterObject.objects.filter(type=register.pk, code__gte=f"{head}00000", code__lte=f"{head}99999")
        last = known.order_by("-code").values_list("code", flat=True).first()
        number = int(last[len(head) :]) if last and last[len(head) :].isdecimal() else 0
        if number + len(group) > 99999:
            raise ValuesRefused([ValueFault("code", "该区划的编号已用完。", "numbers used up", value=head,
                                            remedy_zh="请自行填写编码。")])  # fmt: skip
        for place, row in enumerate(group, number + 1):
            row.code = f"{head}{place:05d}"


def apply_header(
    draft: Draft, *, name: str | None = None, region: Region | None = None, department: Any = _UNSET,
) -> None:  # fmt: skip
    """Change what every object has. ``department``: a Department, None for none, left out for no change."""
    row = draft.row
    if name is not None:
        row.name = checked_name(name)
    if region is not None:
        row.region = region
    if department is not _UNSET:
        row.department = department


def checked_name(name: str) -> str:
    """A name without outer blanks, 1 to 120 characters; raises :class:`ValuesRefused`."""
    text = " ".join(str(name).split())
    if not 1 <= len(text) <= 120:
        raise ValuesRefused([ValueFault("name", "名称应为 1 至 120 个字。", "name length", value=text[:20],
                                        where={"字段": "名称"}, remedy_zh="请填写名称。")])  # fmt: skip
    return text


def check_references(register: Register, drafts: Sequence[Draft], user: Any) -> dict[int, list[ValueFault]]:
    """Faults of references to divisions, departments and objects that do not exist, or of new ones to objects outside
    the reach of ``user``, by position (three queries)."""
    wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
    fields = [one for one in register.definition.fields if one.kind in ("region", "department", "object")]
    for draft in drafts:
        for one in fields:
            if draft.values.get(one.code) is not None and draft.values.get(one.code) != draft.before.get(one.code):
                wanted[one.kind, one.target].add(draft.values[one.code])
    known = {(kind, target): _existing(kind, target, texts, user) for (kind, target), texts in wanted.items()}
    faults: dict[int, list[ValueFault]] = defaultdict(list)
    for position, draft in enumerate(drafts):
        for one in fields:
            text = draft.values.get(one.code)
            if text in wanted.get((one.kind, one.target), ()) and text not in known[one.kind, one.target]:
                faults[position].append(ValueFault(one.code, f"“{text}”不存在。", "reference to nothing", value=text,
                                                   where={"字段": one.zh}, remedy_zh="请重新选择。"))  # fmt: skip
    return faults


def _existing(kind: str, target: str, texts: set[str], user: Any) -> set[str]:
    found: set[str] = set()
    ordered = sorted(texts)
    for first in range(0, len(ordered), _BATCH):
        part = ordered[first : first + _BATCH]
        if kind == "region":
            found |= set(Region.objects.filter(pk__in=part).values_list("pk", flat=True))
        elif kind == "department":
            found |= set(Department.objects.filter(code__in=part).values_list("code", flat=True))
        else:
            keys = [text.partition(":")[2] for text in part]
            numbers = [key for key in keys if key.isdecimal() and len(key) <= _DIGITS]
            rows = queries.reachable(user).filter(pk__in=numbers, type__code=target)
            found |= {f"obj:{pk}" for pk in rows.values_list("pk", flat=True)}
    return found
