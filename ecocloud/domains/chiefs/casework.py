"""The one place where this room makes work items: problems found on patrols, measures of plans."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from ecocloud.domains.chiefs.errors import ChiefRefused
from ecocloud.domains.chiefs.facts import words
from ecocloud.domains.chiefs.models import Finding, Measure, Office, Patrol, Plan
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.duties.services import items as duty_items
from ecocloud.kernel.journal.services import Change
from ecocloud.kernel.regions.grids.queries import Owner, office_of
from ecocloud.kernel.regions.models import Department, User

_KINDS = ("case", "problem")


def kind_of_cases() -> str:
    """The kind of work item that problems become: cases where there are such, else rectification."""
    return next(code for code in _KINDS if code in all_kinds())


def deadline_after(days: int, today: date) -> date:
    """The day so many days on."""
    return today + timedelta(days=days)


def find(
    tx: Change, user: User, patrol: Patrol, owner: Owner, *, kind: str, text: str, number: int, today: date
) -> Finding:  # fmt: skip
    """A problem found on a patrol becomes a work item: of the unit whose grid the place lies in, else of the office's
    unit; watched by the unit that stands behind the chief. Whoever may record patrols may report problems."""
    facts, office = words(), patrol.office
    fact = next((one for one in facts.problems if one.code == kind), None)
    if fact is None:
        raise ChiefRefused("没有这种问题类型。", f"unknown problem {kind!r}", where={"字段": "问题类型"}, value=kind)
    lead = owner.department or office.department
    item = duty_items.make(tx, user, duty_items.Draft(
        title=f"{office.place}：{fact.zh}", lead=lead, kind=kind_of_cases(), region=office.region, body=text,
        office=_watching(office, lead, user), deadline=deadline_after(facts.case_days.value, today),
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
