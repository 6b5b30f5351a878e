"""The one path by which objects are written: body, header, slots, version, uniqueness, roll-up, search.

Set-based: one object or fifty thousand go the same way. Callers have checked permission, reach and years.
"""

from __future__ import annotations

import copy
import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError
from django.db.models import Count
from django.utils import timezone

from ecocloud.base import bulk, search, typed
from ecocloud.kernel.journal.services import Change
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
from ecocloud.kernel.registers.services import counts, handling, nearby
from ecocloud.kernel.registers.services.claims import Claim, Claims, digests

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
    digests: dict[str, str] | None = None  # of its uniqueness keys, once they were asked for

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


def located(given: Any, register: Register, region: Region | None) -> Place | None:
    """A geometry as it is given, checked by itself and against the division it is said to lie in; raises GeoError."""
    place = places.read(given, register.definition.geometry)
    if place is not None and region is not None:
        nearby.check(place, region)
    return place


def reads_beside(register: Register) -> bool:
    """Whether rules of the type read more than fields: files, inspections, the drawn area."""
    made = rules.compiled(register.definition)
    read = set().union(*(one.names for one in (*made.checks, *made.visible.values())))
    files = {one.code for one in register.definition.fields if one.kind == "file"}
    return any(name in files or name == "area" or name.startswith("inspection.") for name in read)


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
    if draft.fresh and row.place is not None and register.definition.geometry.has_area:
        seen["area"] = places.read(bytes(row.place), register.definition.geometry).area
    return values.judge(register.definition, seen, today)


def write(tx: Change, user: Any, register: Register, drafts: Sequence[Draft], day: date, *,
          claims_checked: bool = False) -> None:  # fmt: skip
    """Write judged drafts in the caller's transaction.

    claims_checked: :func:`claimed` was asked in this transaction and found nothing. Raises :class:`Duplicate`.
    """
    if not drafts:
        return
    if not claims_checked:
        for faults in claimed(user, register, drafts).values():
            raise faults[0] if isinstance(faults[0], Duplicate) else ValuesRefused([faults[0]])
    for draft in drafts:
        if draft.was is not None:
            counts.shift(tx, draft.was, -1)
        _fill(register, draft, day)
    fresh = [draft.row for draft in drafts if draft.fresh]
    old = [draft.row for draft in drafts if not draft.fresh]
    try:
        _insert(register, fresh)
        _save(old)
        _versions(user, drafts, old, day)
        _keys(register, drafts, {row.pk for row in old})
    except IntegrityError as error:
        raise Duplicate("同样的编码或唯一项刚被他人使用，本次未写入。", f"taken meanwhile: {error}",
                        remedy_zh="请刷新后重试。") from error  # fmt: skip
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
    """Write the uniqueness keys anew; that nobody else has them was seen to before."""
    if not register.definition.unique:
        return
    if old:
        for first in range(0, len(drafts), _BATCH):
            ObjectKey.objects.filter(object__in=[one.row.pk for one in drafts[first : first + _BATCH]]).delete()
    bulk.insert([
        ObjectKey(type_id=register.pk, object_id=draft.row.pk, name=name, digest=digest)
        for draft in drafts
        for name, digest in (draft.digests or {}).items()
    ])  # fmt: skip


def _claim_of(register: Register, draft: Draft) -> Claim:
    """What a draft wants that only one object may have."""
    row, was = draft.row, draft.was
    draft.digests = digests(register, row.state, row.name, draft.values)
    if was is None:
        return Claim(row.name, row.code, draft.digests, row.region_id)
    before = digests(register, was.state, was.name, draft.before)
    return Claim(row.name, "", {key: one for key, one in draft.digests.items() if one != before.get(key)}, own=row.code)


def claimed(
    user: Any, register: Register, drafts: Sequence[Draft], named: Callable[[int], str] | None = None
) -> dict[int, list[Duplicate | ValueFault]]:  # fmt: skip
    """Give new objects their codes; what each wants that another one has, by position. ``named``: the words for one."""
    if any(draft.fresh and not draft.row.code for draft in drafts):
        RegisterType.objects.select_for_update().get(pk=register.pk)  # the type row is the lock of numbering
    wanted = [_claim_of(register, draft) for draft in drafts]
    found = Claims(register, user).check(wanted, named or (lambda at: wanted[at].code or wanted[at].own))
    for draft, claim in zip(drafts, wanted, strict=True):
        if draft.fresh:
            draft.row.code = claim.code
    return {at: faults for at, faults in enumerate(found) if faults}


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
    """A name in one line, 1 to 120 characters; raises :class:`ValuesRefused`."""
    text = checked_words("name", "名称", name)
    if not 1 <= len(text) <= 120:
        raise ValuesRefused([ValueFault("name", "名称应为 1 至 120 个字。", "name length", value=text[:20],
                                        where={"字段": "名称"}, remedy_zh="请填写名称。")])  # fmt: skip
    return text


def checked_code(code: str) -> str:
    """A given code: letters, digits, hyphens, at most 40; '' stays (a number is given)."""
    text = typed.plain(checked_words("code", "编码", code or ""))
    if text and (len(text) > 40 or not all(sign.isalnum() or sign in "-_./" for sign in text)):
        raise ValuesRefused([ValueFault("code", f"编码“{text[:45]}”不能用，只能有字母、数字和 -_./。", "bad code",
                                        value=text, where={"字段": "编码"}, remedy_zh="最多 40 个字符。")])  # fmt: skip
    return text


def checked_words(field: str, label: str, text: object, *, lines: bool = False) -> str:
    """What a person wrote beside the fields (a name, a reason), as ``base.typed`` reads it; raises ValuesRefused."""
    try:
        return typed.words(str(text), lines=lines)
    except typed.BadInput as bad:
        raise ValuesRefused([ValueFault(field, bad.message_zh, bad.message_en, value=bad.value,
                                        where={"字段": label}, remedy_zh=bad.remedy_zh)]) from None  # fmt: skip


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
