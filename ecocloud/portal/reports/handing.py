"""A report becomes a case, and is told where the case stands. The one place that knows the duties room's way in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ecocloud.base.files.models import StoredFile
from ecocloud.base.geo.coordinates import GeoError
from ecocloud.kernel.duties.models import Reporter, WorkItem
from ecocloud.kernel.duties.services import loop, outside
from ecocloud.kernel.duties.services.outside import OutsideCase
from ecocloud.kernel.journal.services import Change
from ecocloud.kernel.regions.grids import queries as grids
from ecocloud.kernel.regions.models import Department, User
from ecocloud.portal.facts import categories
from ecocloud.portal.reports.models import Report

CHANNEL = "public"


@dataclass(frozen=True)
class Case:
    """Where the case of a report stands: unit and state in words, whether closed, whether merged into another."""

    code: str
    unit: str
    state_zh: str
    state_en: str
    closed: bool
    merged: bool
    item: int


def title_of(report: Report) -> str:
    """What the case is called: category and place, no words of the reporter."""
    found = categories().get(report.category)
    where = " ".join(part for part in (report.region.name, report.place) if part)
    return f"公众反映：{found.zh if found else report.category}，{where}"[:300]


def hand(
    tx: Change, user: User, report: Report, office: Department, photos: Sequence[StoredFile], lead: Department | None
) -> WorkItem:  # fmt: skip
    """Make the case of a report inside a running change, once. Without ``lead`` the duties room finds the unit with the
    function of the category; where there is none the office keeps it. Raises what that room refuses."""
    return outside.make_case(tx, user, OutsideCase(
        source=report.ref, channel=CHANNEL, category=categories()[report.category].case, title=title_of(report),
        text=report.text, place=report.place, lon=report.lon, lat=report.lat, region=report.region, lead=lead,
        office=office, files=photos, reporter=report.ref,
    ))  # fmt: skip


def case_of(report: Report) -> Case | None:
    """The case of a report, or the one it was merged into; None before there is one."""
    found = outside.status_of(report.ref) if report.item_ref else None
    if found is None:
        return None
    return Case(found.code, found.unit, found.state_zh, found.state_en, found.closed, found.merged, found.item)


def reopen(user: User, report: Report, text: str) -> WorkItem:
    """Open the case again because its reporter is not content."""
    return outside.reopen(user, report.ref, text)


def terminate(user: User, report: Report, reason: str) -> WorkItem:
    """End the case of a report that is not taken; needs the right to terminate work items."""
    return loop.act(user, WorkItem.objects.get(pk=int(report.item_ref.partition(":")[2])), "terminate", opinion=reason)


def following(item: WorkItem) -> list[str]:
    """References of the reports that follow an item, those of merged items too."""
    rows = Reporter.objects.filter(item=item, ref__startswith="report:").order_by("id")
    return list(rows.values_list("ref", flat=True))


def handlers(report: Report) -> set[int]:
    """The units that handle a report now: lead unit and present holder of its case; none before there is a case."""
    case = case_of(report)
    item: Any = WorkItem.objects.filter(pk=case.item).first() if case else None
    return {item.lead_department_id, item.current_department_id} if item else set()


def owner_by_grid(report: Report) -> Department | None:
    """Who answers for the place by its lowest grid; None where no grid holds it (the office behind all grids does not
    count)."""
    try:
        owner = grids.owner_of(report.lon, report.lat, report.region_id)
    except GeoError:
        return None
    return owner.department if owner.grid else None


def lead_of(report: Report) -> Department | None:
    """Who handles a report by grid and category; None where the duties room is to say (function, then office)."""
    return owner_by_grid(report) if categories()[report.category].by == "grid" else None
