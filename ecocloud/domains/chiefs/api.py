"""API of the room: offices, patrols (read and record), coverage. Limited to the caller's data scope."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from ecocloud.domains.chiefs import coverage, queries, showing
from ecocloud.domains.chiefs.services import patrols

router = Router(tags=["chiefs"])
MOST = 200


class OfficeOut(Schema):
    """An office and who holds it today."""

    id: int
    title: str
    kind: str
    nature: str
    level: str
    region: str
    object: int | None
    unit: str
    post: str
    name: str | None
    since: date | None


class PatrolOut(Schema):
    """A patrol without its photographs."""

    id: int
    office: int
    day: date
    start: datetime
    counts_as: str
    minutes: int | None
    metres: int | None
    lon: float | None
    lat: float | None
    grid: str
    found: int
    note: str


class ProblemIn(Schema):
    """A problem found: its kind and words."""

    kind: str
    text: str


class PatrolIn(Schema):
    """A patrol to be recorded; the same ``key`` again is the same patrol."""

    key: str
    office: int
    start: datetime | None = None
    minutes: int | None = None
    metres: int | None = None
    lon: float | None = None
    lat: float | None = None
    track: list[list[float]] = []
    note: str = ""
    problems: list[ProblemIn] = []


class RecordedOut(Schema):
    """The patrol; ``fresh`` is false when it had been recorded before; what is told of it."""

    id: int
    fresh: bool
    warnings: list[str]


class LineOut(Schema):
    """Coverage of one office."""

    office: int
    title: str
    unit: str
    owed: int
    done: int
    found: int
    open: int


@router.get("/offices", response=list[OfficeOut], url_name="chiefs-offices")
def offices(request: HttpRequest, kind: str = "", offset: int = 0) -> Any:
    """Offices in sight that exist today, in the order of their numbers."""
    rows = queries.offices(request.user).filter(queries.open_offices())
    if kind:
        rows = rows.filter(kind=kind)
    start = max(0, min(offset, 10**9))
    shown = list(rows.select_related("object", "region", "department").order_by("pk")[start : start + MOST])
    held = queries.holders(shown)
    return [
        {"id": row.pk, "title": showing.title(row), "kind": row.kind, "nature": row.nature, "level": row.level,
         "region": row.region_id, "object": row.object_id, "unit": row.department.name, "post": row.post,
         "name": held[row.pk].name if row.pk in held else None,
         "since": held[row.pk].valid_from if row.pk in held else None}
        for row in shown
    ]  # fmt: skip


@router.get("/patrols", response=list[PatrolOut], url_name="chiefs-patrols")
def patrol_list(
    request: HttpRequest,
    office: int | None = None,
    first: date | None = None,
    last: date | None = None,
    offset: int = 0,
) -> Any:
    """Patrols in sight, the newest first."""
    rows = queries.patrols(request.user)
    if office is not None:
        rows = rows.filter(office=office)
    if first is not None:
        rows = rows.filter(day__gte=first)
    if last is not None:
        rows = rows.filter(day__lte=last)
    start = max(0, min(offset, 10**9))
    return [
        {"id": row.pk, "office": row.office_id, "day": row.day, "start": row.start, "counts_as": row.counts_as,
         "minutes": row.minutes, "metres": row.metres, "lon": row.lon, "lat": row.lat, "grid": row.grid,
         "found": row.found, "note": row.note}
        for row in rows.order_by("-start", "-pk")[start : start + MOST]
    ]  # fmt: skip


@router.post("/patrols/new", response=RecordedOut, url_name="chiefs-patrol-record")
def record(request: HttpRequest, given: PatrolIn) -> Any:
    """Record a patrol; photographs come through the page."""
    told = patrols.record(request.user, patrols.Given(
        given.key, given.office, given.start, given.minutes, given.metres, given.lon, given.lat, given.track,
        given.note, [patrols.Problem(one.kind, one.text) for one in given.problems],
    ))  # fmt: skip
    return {"id": told.patrol.pk, "fresh": told.fresh, "warnings": list(told.warnings)}


@router.get("/coverage", response=list[LineOut], url_name="chiefs-coverage")
def covered(request: HttpRequest, first: date, last: date, family: str = "") -> Any:
    """Coverage of the offices in sight over the periods that ended in some days."""
    found = coverage.build(request.user, first, last, family=family)
    return [
        {"office": line.office.pk, "title": line.label, "unit": line.unit, "owed": line.cover.owed,
         "done": line.cover.done, "found": line.found, "open": line.open}
        for line in found.offices
    ]  # fmt: skip
