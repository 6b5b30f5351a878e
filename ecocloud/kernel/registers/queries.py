"""Read models: visible objects, filters, statistics, as-of, comparison. Queries do not grow with the number of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Substr

from ecocloud.base.errors import EcoError
from ecocloud.kernel.regions import codes, scope
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.registers import slots, values
from ecocloud.kernel.registers.definition import FieldSpec
from ecocloud.kernel.registers.errors import NoSuchThing
from ecocloud.kernel.registers.models import ObjectCount, ObjectVersion, RegisterObject, RegisterType
from ecocloud.kernel.registers.register import Register

VIEW = "registers.object.view"
HEADER = ("code", "name", "region", "department", "state", "year")
_REACH = {"department_fields": ["department"], "region_field": "region", "permission": VIEW}


class FilterRefused(EcoError):
    """A filter names a field without a slot, or a value that does not fit its field."""

    code = "registers.filter"


def registers(viewer: Any) -> QuerySet[RegisterType]:
    """Every register; whether a person may open them is one right, what he sees inside depends on his reach."""
    return RegisterType.objects.select_related("pack")


def objects(viewer: Any, register: Register) -> QuerySet[RegisterObject]:
    """The objects of a register that ``viewer`` may see."""
    rows = RegisterObject.objects.filter(type=register.pk)
    return scope.limit(rows, viewer, owner_field="created_by", **_REACH)


def reachable(viewer: Any) -> QuerySet[RegisterObject]:
    """The objects of all registers that ``viewer`` may see."""
    return scope.limit(RegisterObject.objects.all(), viewer, owner_field="created_by", **_REACH)


def visible_versions(viewer: Any, pk: int) -> QuerySet[ObjectVersion]:
    """The versions of an object from when it lay within the viewer's reach."""
    rows = ObjectVersion.objects.filter(object=pk)
    return scope.limit(rows, viewer, owner_field="object__created_by", **_REACH)


def visible_object(viewer: Any, pk: int) -> RegisterObject:
    """The object of any register, with type, division and department; raises NoSuchThing outside the reach."""
    row = reachable(viewer).filter(pk=pk).select_related("type", "region", "department", "created_by").first()
    if row is None:
        raise NoSuchThing("没有这个对象，或它不在您的数据范围内。", f"no object {pk} in reach", value=pk)
    return row


def names(viewer: Any, **which: Any) -> dict[str, str]:
    """Names of the objects among ``which`` (a filter) that ``viewer`` may see: reference -> name (one query)."""
    rows = scope.limit(RegisterObject.objects.filter(**which), viewer, owner_field="created_by", **_REACH)
    return {f"obj:{pk}": name for pk, name in rows.order_by().values_list("pk", "name")}


def state_counts(viewer: Any) -> dict[int, dict[str, int]]:
    """How many objects of every register ``viewer`` may see, by state: type key -> state -> number (one query)."""
    if scope.reach(viewer, VIEW).own:
        rows = scope.limit(RegisterObject.objects.all(), viewer, owner_field="created_by", **_REACH)
        number = Count("pk")
    else:
        rows, number = scope.limit(ObjectCount.objects.filter(count__gt=0), viewer, **_REACH), Sum("count")
    found: dict[int, dict[str, int]] = {}
    for type_, state, n in rows.order_by().values_list("type", "state").annotate(n_=number):
        found.setdefault(type_, {})[state] = n
    return found


def counted(
    viewer: Any, register: Register, *, region: str = "", department: int | None = None, year: int | None = None
) -> QuerySet:
    """The roll-up of what ``viewer`` may see, in a division and below, of a department, of a year; the objects
    themselves for somebody who sees only his own."""
    rows = _counted(viewer, register)
    if region:
        first, after = codes.span(region)
        rows = rows.filter(region_id__gte=first, region_id__lt=after)
    if department is not None:
        rows = rows.filter(department_id=department)
    return rows if year is None else rows.filter(**{_year_column(rows): year})


def counted_values(viewer: Any, register: Register, column: str) -> QuerySet:
    """The distinct divisions (``region_id``), departments or years (``year``) of what ``viewer`` may see."""
    rows = _counted(viewer, register)
    if column == "year":
        column = _year_column(rows)
    if rows.model is ObjectCount:
        rows = rows.filter(count__gt=0)
    return rows.order_by().values_list(column, flat=True).distinct()


def within(rows: QuerySet, region: Region | None, field: str = "region_id") -> QuerySet:
    """The rows in ``region`` and everything below it."""
    if region is None:
        return rows
    first, after = region.span
    return rows.filter(**{f"{field}__gte": first, f"{field}__lt": after})


def filtered(
    rows: QuerySet[RegisterObject], register: Register, wanted: Mapping[str, Any], *, order: str = "code",
) -> QuerySet[RegisterObject]:  # fmt: skip
    """Objects filtered by header columns and indexed fields, in order.

    wanted: ``state``, ``year``, ``region`` (with all below), ``department``, ``name`` (holds the text),
        ``code`` (begins
    with it), ``box`` (west, south, east, north) or a field code; a value, a list of values, or for numbers and dates a
    pair ``{"from": ..., "to": ...}``. order: a header column or indexed field, ``-`` before it for descending.
    Raises :class:`FilterRefused`.
    """
    for name, value in wanted.items():
        if value is not None and value != "" and value != []:
            rows = rows.filter(_condition(register, name, value))
    column = _column(register, order.lstrip("-"))
    sign = "-" if order.startswith("-") else ""
    if column == "code":
        return rows.order_by(f"{sign}code")
    if column in slots.ALL:
        ordered = F(column).desc(nulls_last=True) if sign else F(column).asc(nulls_last=True)
        return rows.order_by(ordered, "code")
    return rows.order_by(f"{sign}{column}", "code")


def _column(register: Register, name: str) -> str:
    if name in HEADER:
        return name
    if name in register.slots:
        return register.slots[name]
    known = "、".join([*HEADER, *register.slots])
    raise FilterRefused(f"“{name}”不能筛选或排序。", f"{name!r} has no index", value=name, remedy_zh=f"可用：{known}。")


def _condition(register: Register, name: str, value: Any) -> Q:
    if name == "region":
        first, after = codes.span(str(value))
        return Q(region_id__gte=first, region_id__lt=after)
    if name == "name":
        return Q(name__contains=str(value))
    if name == "code":
        return Q(code__gte=str(value), code__lt=f"{value}\U0010ffff")
    if name == "box":
        west, south, east, north = (float(part) for part in value)
        return Q(west__lte=east, east__gte=west, south__lte=north, north__gte=south)
    column = _column(register, name)
    field = register.definition.by_code.get(name)
    read = (lambda raw: _read(register, field, raw)) if field else (lambda raw: raw)
    if isinstance(value, Mapping):
        pairs = {"from": "gte", "to": "lte"}
        given = {f"{column}__{pairs[key]}": read(raw) for key, raw in value.items() if raw not in (None, "")}
        return Q(**given)
    if isinstance(value, list | tuple | set):
        return Q(**{f"{column}__in": [read(one) for one in value]})
    return Q(**{column: read(value)})


def _read(register: Register, field: FieldSpec, raw: Any) -> Any:
    loose = field.model_copy(update={"minimum": None, "maximum": None, "decimals": 6})
    try:
        value = values.typed(register.definition, loose, raw, raw)
    except values.ValueFault as fault:
        raise FilterRefused(fault.message_zh, fault.message_en, value=raw, where={"字段": field.zh},
                            remedy_zh=fault.remedy_zh) from fault  # fmt: skip
    return slots.as_text(value) if register.slots[field.code] in slots.TEXTS else value


# --- statistics -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Statistic:
    """One line of statistics: the values of the grouping columns, count, share of all, sums by field code."""

    key: tuple
    count: int
    share: Decimal
    sums: dict[str, Decimal]


_STEMS = {"province": 2, "city": 4, "county": 6, "township": 9}
GROUPS = ("state", "year", "department", *_STEMS)


def statistics(
    viewer: Any, register: Register, by: Sequence[str] = ("state",), *, region: Region | None = None,
    year: int | None = None, retired: bool = False,
) -> list[Statistic]:  # fmt: skip
    """Counts and sums of what ``viewer`` may see, from the roll-up, grouped by columns of :data:`GROUPS`.

    A division level groups by the division of that level (its full code). Retired objects count only on request.
    """
    unknown = set(by) - set(GROUPS)
    if unknown:
        raise FilterRefused(f"不能按 {min(unknown)} 汇总。", f"cannot group by {min(unknown)}", value=min(unknown),
                            remedy_zh=f"可用：{'、'.join(GROUPS)}。")  # fmt: skip
    totals = {one.code: register.slots[one.code] for one in register.definition.fields
              if one.total and one.code in register.slots}  # fmt: skip
    rows = _counted(viewer, register)
    rows = within(rows, region)
    if year is not None:
        rows = rows.filter(**{_year_column(rows): year})
    if not retired:
        rows = rows.exclude(state="retired")
    names = []
    for level in by:
        name = {"year": _year_column(rows), "state": "state", "department": "department_id"}.get(level)
        if name is None:
            name = f"by_{level}"
            rows = rows.annotate(**{name: Substr("region_id", 1, _STEMS[level])})
        names.append(name)
    number = Sum("count") if rows.model is ObjectCount else Count("pk")
    sums = {f"sum_{code}": Sum(slot) for code, slot in totals.items()}
    if names:
        found = list(rows.order_by(*names).values_list(*names).annotate(n_=number, **sums))
    else:
        found = [tuple(rows.aggregate(n_=number, **sums).values())]
    whole = sum(row[len(names)] or 0 for row in found)
    return [
        Statistic(
            tuple(_shown(level, value) for level, value in zip(by, row, strict=False)), row[len(names)],
            Decimal(row[len(names)] * 100) / whole if whole else Decimal(0),
            {code: amount or Decimal(0) for code, amount in zip(totals, row[len(names) + 1 :], strict=True)},
        )
        for row in found
        if row[len(names)]
    ]  # fmt: skip


def _counted(viewer: Any, register: Register) -> QuerySet:
    """The roll-up within the viewer's reach; the objects themselves for somebody who sees only his own."""
    seen = scope.reach(viewer, VIEW)
    if seen.own and not seen.everything:
        return objects(viewer, register)
    return scope.limit(ObjectCount.objects.filter(type=register.pk), viewer, **_REACH)


def _year_column(rows: QuerySet) -> str:
    return "year_key" if rows.model is ObjectCount else "year"


def _shown(level: str, value: Any) -> Any:
    if level in _STEMS:
        return codes.normalise(value) if len(value) == _STEMS[level] else value
    return (value or None) if level == "year" else value


# --- time -------------------------------------------------------------------------------------------------------------


def rows_on(register: Register, day: date, region: Region | None = None) -> QuerySet[ObjectVersion]:
    """What every object was on ``day`` (without those retired by then), in ``region`` and below. No data scope."""
    rows = ObjectVersion.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=day), type=register.pk, valid_from__lte=day
    ).exclude(state="retired")
    return within(rows, region)


def as_of(viewer: Any, register: Register, day: date, region: Region | None = None) -> QuerySet[ObjectVersion]:
    """What the objects that ``viewer`` may see were on ``day``; judged by where they lay then, by division."""
    rows = rows_on(register, day, region).order_by("region", "object")
    return scope.limit(rows, viewer, owner_field="object__created_by", **_REACH)


@dataclass(frozen=True)
class Difference:
    """One object on two days: its code and name, and what differs (None on the side where it was not there)."""

    object: int
    code: str
    name: str
    kind: str
    fields: dict[str, tuple[Any, Any]]


def compare(
    viewer: Any, register: Register, first: date, second: date, region: Region | None = None
) -> Iterator[Difference]:
    """What came (``new``), went (``gone``) and ``changed`` between two days, in the order of codes."""
    header = ("name", "region_id", "department_id", "state", "year")
    kept: list[dict[int, ObjectVersion]] = []
    for day in (first, second):
        rows = as_of(viewer, register, day, region).select_related("object").defer("place")
        kept.append({row.object_id: row for row in rows.iterator(chunk_size=2000)})
    before, after = kept
    names = {pk: row.object for pk, row in [*before.items(), *after.items()]}
    for pk in sorted(names, key=lambda one: names[one].code):
        old, new = before.get(pk), after.get(pk)
        if old is not None and new is not None and old.number == new.number:
            continue
        was = _whole(register, old, header)
        now = _whole(register, new, header)
        fields = {
            name: (was.get(name), now.get(name)) for name in sorted({*was, *now}) if was.get(name) != now.get(name)
        }
        kind = "new" if old is None else "gone" if new is None else "changed"
        if fields:
            yield Difference(pk, names[pk].code, (new or old).name, kind, fields)


def _whole(register: Register, row: ObjectVersion | None, header: Sequence[str]) -> dict[str, Any]:
    return {} if row is None else {**{name: getattr(row, name) for name in header}, **register.values(row)}


def slot_differences(register: Register) -> dict[str, tuple[dict, dict]]:
    """Objects whose slots differ from their body: code -> (slots, what they should be). Empty when exact."""
    wrong: dict[str, tuple[dict, dict]] = {}
    for row in RegisterObject.objects.filter(type=register.pk).iterator(chunk_size=2000):
        should = slots.project(register.definition, register.assigned, register.values(row))
        has = {name: getattr(row, name) for name in slots.ALL}
        if has != should:
            wrong[row.code] = (has, should)
    return wrong
