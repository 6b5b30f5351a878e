"""The API of registers: thin calls of queries and services. Refusals become problems (RFC 9457) in the shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import queries, services
from ecocloud.kernel.registers.api import answers, asking, cursors, paging, schemas
from ecocloud.kernel.registers.errors import NoSuchThing
from ecocloud.kernel.registers.models import ObjectInspection, RegisterObject
from ecocloud.kernel.registers.register import Register, open_register
from ecocloud.kernel.registers.services import guards

ROOM = "registers"
View = Callable[..., HttpResponse]


def may_open(viewer: Any, code: str, *, write: bool = False) -> bool:
    """Whether the key of the call (if it came by one) opens this register."""
    limit = getattr(viewer, "key_limit", None)
    return limit is None or limit.reaches(ROOM, code, write)


def opening(view: Callable[..., HttpResponse]) -> View:
    """Give the view the register of the address; for a key that does not open it there is no such register."""

    @wraps(view)
    def opened(request: HttpRequest, code: str, **more: Any) -> HttpResponse:
        write = request.method not in ("GET", "HEAD", "OPTIONS")
        permissions.require(request.user, guards.EDIT if write else queries.VIEW)
        if not may_open(request.user, code, write=write):
            raise NoSuchThing("没有这个名录，或密钥不含它。", f"no register {code!r} for this key", value=code)
        return view(request, open_register(code), **more)

    return opened


def answer(content: Mapping[str, Any], status: int = 200, **headers: str) -> JsonResponse:
    """The content as JSON."""
    return JsonResponse(content, status=status, headers=headers, json_dumps_params={"ensure_ascii": False})


def types(request: HttpRequest) -> HttpResponse:
    """The registers this caller may open."""
    permissions.require(request.user, queries.VIEW)
    rows = [row for row in queries.registers(request.user).order_by("code") if may_open(request.user, row.code)]
    items = [{"code": row.code, "zh": row.zh, "en": row.en, "version": row.version,
              "objects": reverse("registers-api:objects", args=[row.code])} for row in rows]  # fmt: skip
    return answer({"items": items, "next": None})


@opening
def type_(request: HttpRequest, register: Register) -> HttpResponse:
    """The definition itself, as packs write it."""
    return answer({"version": register.version, "definition": register.definition.as_json()})


@opening
def schema(request: HttpRequest, register: Register) -> HttpResponse:
    """The definition as JSON Schema."""
    told = answer(schemas.whole(register.definition))
    told["Content-Type"] = "application/schema+json"
    return told


@opening
def objects(request: HttpRequest, register: Register) -> HttpResponse:
    """A page of objects, or a new object."""
    if request.method == "POST":
        return _create(request, register)
    wanted = asking.listed(register, request.GET)
    if wanted.as_of:
        past, after = paging.past(request.user, register, wanted)
        day = wanted.as_of.isoformat()
        items = [answers.of_past(register, row, day, wanted.fields) for row in past]
    else:
        rows, after = paging.objects(request.user, register, wanted)
        items = [answers.of_object(register, row, wanted.fields) for row in rows]
    _journal_read(request, register, len(items))
    return answer({"items": items, "next": after})


def _journal_read(request: HttpRequest, register: Register, rows: int) -> None:
    """What leaves by the API is recorded like an export: register, query, number of rows."""
    with change(request.user.actor()) as tx:
        tx.log("registers.api.read", Ref("regtype", register.code), None,
               {"rows": rows, "query": request.META.get("QUERY_STRING", "")[:500]})  # fmt: skip


def _create(request: HttpRequest, register: Register) -> HttpResponse:
    given = asking.body(request, asking.CreateIn)
    row = services.create(
        request.user, register, name=given.name, region=asking.region_of(given.region),
        department=asking.department_of(given.department), code=given.code, geometry=given.geometry,
        given=given.values, on=given.on, note=given.note,
    )  # fmt: skip
    where = reverse("registers-api:object", args=[register.code, row.pk])
    return answer(answers.of_object(register, row), 201, Location=where)


def row_of(request: HttpRequest, register: Register, pk: int) -> RegisterObject:
    """The object within the caller's reach; raises NoSuchThing."""
    row = queries.objects(request.user, register).select_related("department", "region").filter(pk=pk).first()
    if row is None:
        raise NoSuchThing("没有这个对象，或它不在您的数据范围内。", f"no object {pk} in reach", value=pk)
    return row


@opening
def one(request: HttpRequest, register: Register, pk: int) -> HttpResponse:
    """One object, as it is or ``as_of`` a day; or a change of it."""
    if request.method == "PATCH":
        return _edit(request, register, pk)
    asking.only(request.GET, ("as_of",))
    on = asking.day(request.GET, "as_of")
    if on is None:
        return answer(answers.of_object(register, row_of(request, register, pk)))
    past = queries.as_of(request.user, register, on).select_related("object", "department").filter(object=pk).first()
    if past is None:
        raise NoSuchThing("当日没有这个对象，或它不在您的数据范围内。", f"no object {pk} in reach on {on}", value=pk)
    return answer(answers.of_past(register, past, on.isoformat()))


def _edit(request: HttpRequest, register: Register, pk: int) -> HttpResponse:
    given = asking.body(request, asking.EditIn)
    row_of(request, register, pk)
    named = given.model_fields_set
    more: dict[str, Any] = {}
    if "department" in named:
        more["department"] = asking.department_of(given.department)
    if "geometry" in named:
        more["geometry"] = given.geometry
    region = asking.region_of(given.region) if "region" in named else None
    row = services.edit(
        request.user, register, pk, given=given.values, name=given.name, region=region, version=given.version,
        on=given.on, note=given.note, **more,
    )  # fmt: skip
    return answer(answers.of_object(register, row))


@opening
def versions(request: HttpRequest, register: Register, pk: int) -> HttpResponse:
    """The versions of an object, oldest first; those from when it lay outside the caller's reach are left out."""
    asking.only(request.GET, ("limit", "cursor"))
    row_of(request, register, pk)
    limit = asking.whole(request.GET, "limit", asking.DEFAULT_LIMIT, 1, asking.LARGEST_LIMIT)
    rows = queries.visible_versions(request.user, pk)
    if request.GET.get("cursor"):
        rows = rows.filter(number__gt=cursors.number(request.GET["cursor"], "versions"))
    found = list(rows.select_related("object", "department", "by").order_by("number")[: limit + 1])
    after = cursors.write("versions", None, found[limit - 1].number) if len(found) > limit else None
    return answer({"items": [answers.of_version(register, row) for row in found[:limit]], "next": after})


@opening
def steps(request: HttpRequest, register: Register, pk: int) -> HttpResponse:
    """Take the object one step on; a guard that refuses says why (409)."""
    given = asking.body(request, asking.StepIn)
    row_of(request, register, pk)
    row = services.transition(
        request.user, register, pk, given.action, given=given.values, opinion=given.opinion, version=given.version,
        on=given.on,
    )  # fmt: skip
    return answer(answers.of_object(register, row))


@opening
def inspections(request: HttpRequest, register: Register, pk: int) -> HttpResponse:
    """The inspections of an object, newest first; or a new one (photographs come through the pages)."""
    row_of(request, register, pk)
    if request.method == "POST":
        given = asking.body(request, asking.InspectIn)
        made = services.inspect(request.user, register, pk, given.kind, results=given.results, on=given.on,
                                note=given.note)  # fmt: skip
        return answer(answers.of_inspection(made), 201)
    asking.only(request.GET, ("limit", "cursor"))
    limit = asking.whole(request.GET, "limit", asking.DEFAULT_LIMIT, 1, asking.LARGEST_LIMIT)
    rows = ObjectInspection.objects.filter(object=pk)
    if request.GET.get("cursor"):
        rows = rows.filter(pk__lt=cursors.number(request.GET["cursor"], "inspections"))
    found = list(rows.order_by("-pk")[: limit + 1])
    after = cursors.write("inspections", None, found[limit - 1].pk) if len(found) > limit else None
    return answer({"items": [answers.of_inspection(row) for row in found[:limit]], "next": after})


@opening
def statistics(request: HttpRequest, register: Register) -> HttpResponse:
    """Counts and sums within the caller's reach, from the roll-up."""
    params = request.GET
    asking.only(params, ("by", "region", "year", "retired"))
    by = [one for one in params.get("by", "state").split(",") if one]
    region: Region | None = asking.region_of(params["region"]) if params.get("region") else None
    year = asking.whole(params, "year", 0, 1900, 2100) or None
    lines = queries.statistics(
        request.user, register, by, region=region, year=year, retired=asking.yes(params, "retired")
    )
    keys = {line.key[by.index("department")] for line in lines} if "department" in by else set()
    units = dict(Department.objects.filter(pk__in=filter(None, keys)).order_by().values_list("pk", "code"))
    return answer({"by": by, "rows": [answers.of_statistic(by, line, units) for line in lines]})
