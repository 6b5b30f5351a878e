"""A case from outside: a patrol, an alarm, a public report, a hotline, a satellite patch hands it in by its reference.

Rooms above call :func:`make_case` inside their own change (they hold their record's lock), pages :func:`report_case`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ecocloud.base.errors import Conflict
from ecocloud.base.files import services as files
from ecocloud.kernel.duties import likeness, queries
from ecocloud.kernel.duties.errors import Invalid
from ecocloud.kernel.duties.kinds import kind_of
from ecocloud.kernel.duties.models import CaseSource, ItemCase, ItemFile, ItemRef, WorkItem
from ecocloud.kernel.duties.services import case_effects, cases, items, loop, routing
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions import codes, permissions
from ecocloud.kernel.regions.models import Department, Region, User
from ecocloud.kernel.regions.queries import in_force

REPORT = "duties.case.report"
_NEAR = 200


@dataclass(frozen=True)
class OutsideCase:
    """What is handed in. ``source`` names the record it comes from; ``lead`` the unit that answers for it where the
    caller knows; ``reporter`` who follows it (``user:3``, ``report:55``); ``lon`` and ``lat`` in degrees."""

    source: str
    channel: str
    category: str
    title: str
    text: str = ""
    kind: str = "case"
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    region: Region | None = None
    lead: Department | None = None
    office: Department | None = None
    files: Sequence[Any] = ()
    reporter: str = ""
    seen_on: date | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Status:
    """What may be told of a case to whoever handed it in: nothing about persons."""

    code: str
    state: str
    state_zh: str
    state_en: str
    unit: str
    closed: bool
    merged: bool
    since: datetime
    deadline: date | None
    item: int


@dataclass(frozen=True)
class Near:
    """An open item that may be about the same thing."""

    item: WorkItem
    metres: int
    days: int


def case_for(source: str) -> WorkItem | None:
    """The item that was made of the record ``source``, as it was made."""
    ref = str(Ref.parse(source))
    row = CaseSource.objects.filter(ref=ref, item__isnull=False).first()
    # Items of rooms that make them themselves, and those of earlier releases.
    row = row or ItemRef.objects.filter(ref=ref, role=ItemRef.Role.SOURCE).order_by("id").first()
    return WorkItem.objects.select_related("case__merged_into").get(pk=row.item_id) if row else None


def _claim(source: str) -> CaseSource | None:
    """The right to make the case of ``source``: the first to ask has it, others wait for its transaction. None when it
    was made meanwhile."""
    try:
        with transaction.atomic():
            return CaseSource.objects.create(ref=str(Ref.parse(source)))
    except IntegrityError:
        return None


def office_of(region: str, default: Department | None) -> Department:
    """The eco-office of the division or the next above, else ``default``; raises Invalid where there is neither."""
    wanted = []
    code: str | None = region
    while code:
        wanted.append(code)
        code = codes.parent_of(code)
    rows = in_force().filter(function=cases.LEVEL_FUNCTION, region__in=wanted).order_by("-order", "-id")
    found = {unit.region_id: unit for unit in rows}
    office = next((found[code] for code in wanted if code in found), default)
    if office is None:
        raise Invalid("没有受理单位。", f"no office for {region}", value=region, remedy_zh="请先在组织机构中设立。")
    return office


def make_case(tx: Change, user: User, case: OutsideCase, at: datetime | None = None) -> WorkItem:
    """Write a case inside a running change; the same source gives the same case. The caller has checked the right."""
    there = case_for(case.source)
    if there is not None:
        return there
    claim = _claim(case.source)
    if claim is None:
        there = case_for(case.source)
        if there is None:
            raise Conflict("这件事件正在受理。", f"{case.source} is being taken in", value=case.source,
                           code="duties.case_claimed", remedy_zh="请稍后再看。")  # fmt: skip
        return there
    made = _write_case(tx, user, case, at)
    claim.item = made
    claim.save(update_fields=["item"])
    return made


def _write_case(tx: Change, user: User, case: OutsideCase, at: datetime | None) -> WorkItem:
    at = at or timezone.now()
    kind = kind_of(case.kind)
    unit = user.department
    region = case.region or (unit.region if unit else None)
    if region is None:
        raise Invalid("没有说明事件在哪个区划。", "no region", where={"字段": "区划"}, remedy_zh="请选择区划。")
    about = kind.category(case.category)
    if about is not None and about.needs_photo and not case.files:
        raise Invalid(f"“{about.label_zh}”须附照片。", f"{about.code} needs a photo", where={"字段": "照片"},
                      remedy_zh=f"依据：{about.legal_basis}。")  # fmt: skip
    office = case.office or office_of(region.code, unit)
    spot = routing.Spot(kind.code, case.category, region.code, case.lon, case.lat)
    lead, routed = (case.lead, "") if case.lead else routing.route(kind, spot, office)
    made = items.make(
        tx, user,
        items.Draft(
            title=case.title, lead=lead, routed=routed, kind=kind.code, office=office,
            region=region, body=case.text, source_ref=case.source, channel=case.channel, category=case.category,
            place=case.place, lon=case.lon, lat=case.lat, seen_on=case.seen_on,
            reporter=case.reporter or f"user:{user.pk}",
            values=case.values,
        ), at,
    )  # fmt: skip
    for one in case.files:
        stored = files.record(one, user.actor().id) if isinstance(one, files.Received) else one
        ItemFile.objects.get_or_create(
            item=made, file_id=stored if isinstance(stored, int) else stored.pk,
            defaults={"use": ItemFile.Use.BEFORE, "label": getattr(stored, "name", "")[:200]},
        )  # fmt: skip
    return made


def report_case(user: User, case: OutsideCase) -> WorkItem:
    """As :func:`make_case` in a change of its own, for people who may report cases."""
    permissions.require(user, REPORT)
    with change(user.actor()) as tx:
        return make_case(tx, user, case)


def status_of(source: str) -> Status | None:
    """Where the case of ``source`` stands, or the one it was merged into; None when nothing was made of it."""
    own = case_for(source)
    if own is None:
        return None
    item = WorkItem.objects.select_related("current_department").get(pk=case_effects.leading(own).pk)
    row = item.state_row
    return Status(
        item.code, item.state, row.label_zh, row.label_en, item.current_department.label, row.closed,
        item.pk != own.pk, item.since, item.deadline, item.pk,
    )  # fmt: skip


def reopen(user: User, source: str, text: str) -> WorkItem:
    """The reporter says that it is not done: the case of ``source``, or the one it was merged into, is opened again."""
    own = case_for(source)
    if own is None:
        raise Invalid("没有这件事件。", f"no case of {source}", value=source)
    return loop.act(user, case_effects.leading(own), "reopen", opinion=text)


def likely(
    kind: str, category: str, *, lon: float | None, lat: float | None, viewer: User | None = None,
    day: date | None = None, besides: int = 0,
) -> list[Near]:  # fmt: skip
    """Open items that may be about the same thing, the nearest first; those ``viewer`` sees, or all of them for rooms
    that show nothing of the item."""
    if lon is None or lat is None:
        return []
    west, south, east, north = likeness.box(kind, category, lon, lat)
    rows = ItemCase.objects.filter(lat__gte=south, lat__lte=north, lon__gte=west, lon__lte=east, item__kind=kind)
    rows = rows.filter(item__state__in=queries.open_states()).exclude(item=besides)
    if viewer is not None:
        rows = rows.filter(item__in=queries.visible(viewer))
    found = {row.item_id: row for row in rows.select_related("item__lead_department").order_by("-item_id")[:_NEAR]}
    one = likeness.Report(besides, day or timezone.localdate(), category, lon, lat)
    others = [likeness.Report(pk, row.seen_on, row.item.category, row.lon, row.lat) for pk, row in found.items()]
    return [Near(found[o.key].item, alike.metres, alike.days) for o, alike in likeness.like(kind, one, others)]
