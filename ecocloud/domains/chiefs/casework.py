"""The one place where this room makes work items: problems found on patrols, measures of plans."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ecocloud.domains.chiefs.errors import ChiefRefused
from ecocloud.domains.chiefs.facts import words
from ecocloud.domains.chiefs.models import Finding, Measure, Office, Patrol, Plan
from ecocloud.kernel.duties.kinds import kind_of
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.duties.services import items as duty_items
from ecocloud.kernel.duties.services import routing
from ecocloud.kernel.journal.services import Change
from ecocloud.kernel.regions.grids.queries import Owner, office_of
from ecocloud.kernel.regions.models import Department, User

CASE, CHANNEL = "case", "patrol"


def find(
    tx: Change, user: User, patrol: Patrol, owner: Owner, *, kind: str, text: str, number: int
) -> Finding:  # fmt: skip
    """A problem found on a patrol becomes a case: of the unit that answers for its category and place, else of the
    office's unit; given out by the unit that stands behind the chief. Whoever may record patrols may report problems.
    """
    facts, office = words(), patrol.office
    fact = next((one for one in facts.problems if one.code == kind), None)
    if fact is None:
        raise ChiefRefused("没有这种问题类型。", f"unknown problem {kind!r}", where={"字段": "问题类型"}, value=kind)
    spot = routing.Spot(CASE, fact.category, office.region_id, patrol.lon, patrol.lat)
    lead, routed = routing.route(kind_of(CASE), spot, owner.department or office.department)
    item = duty_items.make(tx, user, duty_items.Draft(
        title=f"{office.place}：{fact.zh}", lead=lead, routed=routed, kind=CASE, region=office.region, body=text,
        office=_watching(office, lead, user), channel=CHANNEL, category=fact.category, place=office.place,
        lon=patrol.lon, lat=patrol.lat, seen_on=patrol.day, reporter=f"user:{user.pk}",
        source_ref=f"{patrol.ref}#problem-{number}", source_title=f"{patrol.day} {facts.family_of(office.kind).patrol}",
        refs=[ref for ref in (f"obj:{office.object_id}" if office.object_id else "", owner.grid) if ref],
    ))  # fmt: skip
    return Finding.objects.create(patrol=patrol, kind=kind, text=text, item_ref=item.ref)


def _watching(office: Office, lead: Department, user: User) -> Department:
    """The unit that gives the case out and checks it: the contact unit, else the government above, never the lead
    where another can be found."""
    above = office_of(office.region.parent_id or office.region_id)
    found = (office.contact, above, user.department, office.department)
    return next((unit for unit in found if unit is not None and unit.pk != lead.pk), lead)


def measure(tx: Change, user: User, plan: Plan, *, title: str, lead: Department, deadline: date) -> Measure:
    """A measure of a plan and the work item that carries it."""
    item = duty_items.make(tx, user, duty_items.Draft(
        title=title, lead=lead, kind="task", region=plan.object.region, deadline=deadline,
        refs=[f"obj:{plan.object_id}"], source_ref=f"obj:{plan.object_id}", source_title=plan.title,
    ))  # fmt: skip
    return Measure.objects.create(plan=plan, title=title[:300], item_ref=item.ref)


def item_moved(tx: Change, user: Any, item: WorkItem, at: datetime) -> None:
    """A work item made of a problem has moved: whether the problem is still open follows it."""
    Finding.objects.filter(item_ref=item.ref).update(open=item.is_open)
