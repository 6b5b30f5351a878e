"""Batches: many items that were handed over together; and the same check for many units from one problem (举一反三)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import IntegrityError
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from ecocloud.base import typed
from ecocloud.base.errors import Conflict
from ecocloud.kernel.duties import queries
from ecocloud.kernel.duties.errors import Invalid
from ecocloud.kernel.duties.kinds import kind_of
from ecocloud.kernel.duties.models import ItemBatch, ItemCount, WorkItem
from ecocloud.kernel.duties.services import cases, items, loop, standing
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, User
from ecocloud.kernel.regions.queries import in_force

MOST_CHECKS = 500


@dataclass
class RollUp:
    """Exact counts of a batch: by state, by light, by lead unit and light; ``total`` is their sum."""

    states: Counter[str] = field(default_factory=Counter)
    lights: Counter[str] = field(default_factory=Counter)
    units: dict[int, Counter[str]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many items there are."""
        return sum(self.lights.values())

    def add(self, unit: int, state: str, light: str, n: int) -> None:
        """Count ``n`` items."""
        self.states[state] += n
        self.lights[light] += n
        self.units.setdefault(unit, Counter())[light] += n


def create_batch(
    user: User, *, name: str, kind: str = "problem", channel: str = "", deadline: date | None = None, note: str = ""
) -> ItemBatch:
    """A batch of the person's office. Raises Forbidden, Invalid, Conflict (name in use)."""
    permissions.require(user, standing.CREATE)
    name = typed.words(name)
    if not name or len(name) > 120:
        raise Invalid("批次名称应为 1 至 120 字。", "batch name", where={"字段": "名称"}, value=name[:40])
    if user.department is None:
        raise Invalid("您的账号未挂单位，不能建立批次。", f"user {user.pk} has no department")
    table = kind_of(kind)
    if not table.takes_case:
        raise Invalid(
            f"“{table.label_zh}”不分批次。", f"kind {kind} has no batches", where={"字段": "类型"}, value=kind
        )
    try:
        with change(user.actor()) as tx:
            made = ItemBatch.objects.create(
                name=name, kind=kind, channel=cases.checked_code(table, "channel", channel), deadline=deadline,
                note=note.strip(), region=user.department.region, office=user.department, created_by=user,
            )  # fmt: skip
            after = {"name": name, "kind": kind, "channel": channel, "deadline": deadline}
            tx.log("duties.batch.create", made.ref, after=after, note=note)
    except IntegrityError as error:
        raise Conflict(
            f"已有批次“{name}”。", f"batch {name} exists", code="duties.batch_exists",
            where={"字段": "名称"}, value=name, remedy_zh="请换一个名称。",
        ) from error  # fmt: skip
    return made


def visible(viewer: User) -> QuerySet[ItemBatch]:
    """The batches with an item the viewer sees, and those of the viewer's own office."""
    view = queries.view_of(viewer)
    if view.everything:
        return ItemBatch.objects.all()
    if view.nothing:
        return ItemBatch.objects.none()
    seen = Exists(queries.visible(viewer).filter(batch=OuterRef("pk")))
    return ItemBatch.objects.filter(Q(office_id__in=view.departments) | seen)


def batch_for(viewer: User, pk: int) -> ItemBatch:
    """One batch; raises NotVisible when it does not exist for this viewer."""
    found = visible(viewer).select_related("office", "region", "created_by").filter(pk=pk).first()
    if found is None:
        raise standing.NotVisible("没有这个批次，或不在您的数据范围内。", f"no batch {pk}", value=pk)
    return found


def roll_up(viewer: User, batch: ItemBatch) -> RollUp:
    """The counts of a batch: from the exact counts for who sees everything, else of the items the viewer sees."""
    found = RollUp()
    if queries.view_of(viewer).everything:
        rows = ItemCount.objects.filter(role=batch.seat, count__gt=0).order_by()
        rows = rows.values_list("department_id", "state", "light").annotate(n=Sum("count"))
    else:
        seen = queries.visible(viewer).filter(batch=batch).order_by()
        rows = seen.values_list("lead_department_id", "state", "light").annotate(n=Count("pk"))
    for unit, state, light, n in rows:
        found.add(unit, state, light, n)
    return found


def totals(viewer: User, batches: Sequence[ItemBatch]) -> dict[int, Counter[str]]:
    """Counts by light of many batches, in one query."""
    told: dict[int, Counter[str]] = {batch.pk: Counter() for batch in batches}
    if queries.view_of(viewer).everything:
        by_seat = {batch.seat: batch.pk for batch in batches}
        rows = ItemCount.objects.filter(role__in=by_seat, count__gt=0).order_by()
        for seat, light, n in rows.values_list("role", "light").annotate(n=Sum("count")):
            told[by_seat[seat]][light] += n
    else:
        seen = queries.visible(viewer).filter(batch__in=list(told)).order_by()
        for pk, light, n in seen.values_list("batch_id", "light").annotate(n=Count("pk")):
            told[pk][light] += n
    return told


def units_for_check(item: WorkItem, *, function: str = "", level: str = "", on: date | None = None) -> list[Department]:
    """The units of a function or of a level within the region of ``item`` other than its lead unit: who is asked."""
    if not function and not level:
        return []
    first, after = item.office_department.region.span
    rows = in_force(on).filter(region_id__gte=first, region_id__lt=after).exclude(pk=item.lead_department_id)
    rows = rows.exclude(kind__in=(Department.Kind.GROUP, Department.Kind.LEADER, Department.Kind.ENTERPRISE))
    if function:
        rows = rows.filter(function=function)
    if level:
        rows = rows.filter(region__level=level)
        if not function:
            rows = rows.filter(kind__in=(Department.Kind.GOVERNMENT, Department.Kind.TOWNSHIP))
    return list(rows.order_by("order", "id")[: MOST_CHECKS + 1])


def ask_like_checks(
    user: User, item: WorkItem, *, function: str = "", level: str = "", deadline: date | None = None, text: str = ""
) -> list[WorkItem]:
    """举一反三: every unit of the function or level gets the same check as an issued sub-task of ``item``.

    A unit that has one already gets no second. Raises Forbidden, Invalid (nobody to ask, too many), NotVisible.
    """
    permissions.require(user, standing.MANAGE)
    standing.require_seen(user, item)
    asked = set(WorkItem.objects.filter(parent=item).values_list("lead_department_id", flat=True))
    units = [unit for unit in units_for_check(item, function=function, level=level) if unit.pk not in asked]
    if not units or len(units) > MOST_CHECKS or item.state_row.closed:
        raise Invalid(
            "没有要自查的单位，或单位过多，或事项已结束。", f"{len(units)} units to ask", where={"字段": "单位"},
            value=len(units), remedy_zh=f"请选择职能或层级，一次不超过 {MOST_CHECKS} 个单位。",
        )  # fmt: skip
    today = timezone.localdate()
    due = deadline or cases.workday_after(today, 20)
    title = f"举一反三自查：{item.title}"[:300]
    with change(user.actor()) as tx:
        drafts = [
            items.Draft(
                title=title, lead=unit, kind="routine", office=item.office_department, region=unit.region, deadline=due,
                body=text or item.body, parent=item, source_ref=item.ref, source_title=item.title,
            )
            for unit in units
        ]  # fmt: skip
        made = items.make_many(tx, user, drafts)
        return [loop.act(user, one, "issue") for one in made]
