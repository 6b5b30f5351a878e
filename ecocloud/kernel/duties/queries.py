"""What pages, counters, exports and other rooms read. Everything takes the viewer and shows only what he may see."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.duties.lights import CLOSED, RANKS, RED, YELLOW
from ecocloud.kernel.duties.models import (
    Extension,
    Instruction,
    ItemCount,
    ItemEvent,
    ItemFile,
    ItemLevel,
    ItemNode,
    ItemRef,
    ItemSeat,
    ItemTarget,
    ItemUnit,
    Notice,
    Objection,
    Opinion,
    Round,
    RoundReport,
    TreeSeat,
    WorkItem,
)
from ecocloud.kernel.duties.services import trees
from ecocloud.kernel.duties.services.standing import (
    APPROVE,
    CHECK,
    HANDLE,
    MANAGE,
    VIEW,
    NotVisible,
    acts,
    require_seen,
    waiting_for,
)
from ecocloud.kernel.regions import permissions, scope
from ecocloud.kernel.regions.models import User

ORDER = ("light_rank", "due", "id")
# Lights that an open item can have.
OPEN_RANKS = tuple(sorted(rank for light, rank in RANKS.items() if light != CLOSED))
# Items that are named one by one in a condition.
_NAMED = 500
RELATED = ("lead_department", "current_department", "region")


def closed_states() -> tuple[str, ...]:
    """The states that count as done, over all kinds."""
    return tuple(sorted({s.code for kind in all_kinds().values() for s in kind.states.values() if s.closed}))


def void_states() -> tuple[str, ...]:
    """The states that end an item without a result, over all kinds."""
    return tuple(sorted({s.code for kind in all_kinds().values() for s in kind.states.values() if s.void}))


def open_states() -> tuple[str, ...]:
    """The states in which work is still to be done, over all kinds."""
    return tuple(sorted({s.code for kind in all_kinds().values() for s in kind.states.values() if not s.closed}))


def closing_states() -> tuple[str, ...]:
    """The states in which only the close-out is missing, over all kinds."""
    kinds = all_kinds().values()
    return tuple(sorted({s.code for kind in kinds for s in kind.states.values() if s.closed and not s.terminal}))


def states_of(owner: str) -> tuple[str, ...]:
    """The open states whose ball lies with ``owner``: lead, office or level."""
    rows = {s.code for k in all_kinds().values() for s in k.states.values() if not s.closed and s.owner == owner}
    return tuple(sorted(rows))


def asking_states() -> tuple[str, ...]:
    """The states in which units that were asked may answer, over all kinds."""
    rows = (row for kind in all_kinds().values() for row in kind.transitions if "take_opinion" in row.effects)
    return tuple(sorted({state for row in rows for state in row.sources}))


@dataclass(frozen=True)
class View:
    """How far a viewer sees: everything, or the items on which ``departments`` have a seat, or the viewer's own.

    ``tree`` is the unit whose seats of the tree are exactly the items of ``departments``, where there is one.
    """

    everything: bool = False
    departments: tuple[int, ...] = ()
    own: bool = False
    tree: int | None = None

    @property
    def nothing(self) -> bool:
        """Whether no item at all can be seen."""
        return not (self.everything or self.departments or self.own)

    @property
    def single(self) -> bool:
        """Whether the seats of one unit (:meth:`seats`) are the whole list."""
        return not self.everything and not self.own and (self.tree is not None or len(self.departments) == 1)

    def seats(self) -> QuerySet:
        """The seats that let the viewer see; one for each item where :attr:`single`."""
        if self.tree is not None:
            return TreeSeat.objects.filter(department_id=self.tree)
        if len(self.departments) == 1:
            return ItemSeat.objects.filter(department_id=self.departments[0])
        return ItemSeat.objects.filter(department_id__in=self.departments)

    def counts(self) -> QuerySet[ItemCount]:
        """The rollup's rows of the viewer, each item once; only where :attr:`single` or :attr:`everything`."""
        if self.everything:
            return ItemCount.objects.filter(role=ItemSeat.Role.LEAD, count__gt=0)
        if self.tree is not None:
            return ItemCount.objects.filter(department_id=self.tree, role=TreeSeat.role, count__gt=0)
        return ItemCount.objects.filter(department_id=self.departments[0], role__in=ItemSeat.Role.values, count__gt=0)


def view_of(viewer: User) -> View:
    """How far the viewer sees items."""
    if not permissions.allowed(viewer, VIEW):
        return View()
    return scope.remembered(viewer, "duties.view", lambda: _view_of(viewer))


def _view_of(viewer: User) -> View:
    reach = scope.reach(viewer, VIEW)
    units, top = tuple(sorted(reach.departments)), viewer.department_id
    # Asked afresh for every request: seats of a tree count only while they follow the organisation exactly.
    whole = len(units) > 1 and not reach.everything and top in reach.departments and trees.complete(top, units)
    return View(reach.everything, units, reach.own, top if whole else None)


def visible(viewer: User) -> QuerySet[WorkItem]:
    """The items the viewer may see; filter and order it like any list."""
    view = view_of(viewer)
    if view.everything:
        return WorkItem.objects.all()
    seen = Q(pk__in=[])
    if view.departments:
        seen |= Q(Exists(view.seats().filter(item=OuterRef("pk"))))
    if view.own:
        seen |= Q(created_by=viewer)
        if viewer.department_id and acts(viewer):
            seen |= Q(current_department_id=viewer.department_id)
            for rows in waiting_for(viewer):
                seen |= Q(pk__in=rows.order_by().values("item_id"))
    return WorkItem.objects.filter(seen)


def _require_seen(viewer: User, item: WorkItem) -> None:
    """As :func:`require_seen`; asked once for each request."""
    scope.remembered(viewer, f"duties.seen:{item.pk}", lambda: require_seen(viewer, item))


def item_for(viewer: User, pk: int) -> WorkItem:
    """One item with its units; raises :class:`NotVisible` when it does not exist for this viewer."""
    # What most items lack (parent, case, batch) is read when it is there: with nine joins the database plans longer
    # than it reads.
    item = WorkItem.objects.select_related(*RELATED, "office_department").filter(pk=pk).first()
    if item is None:
        raise NotVisible("没有这个事项，或不在您的数据范围内。", f"no item {pk}", value=pk)
    _require_seen(viewer, item)
    return item


@dataclass(frozen=True)
class Filters:
    """A filter of the ledger. Empty means no condition."""

    year: int | None = None
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    lights: tuple[str, ...] = ()
    lead: int | None = None
    role: str = ""
    text: str = ""
    region: str = ""
    source_doc: str = ""
    due_from: date | None = None
    due_to: date | None = None
    open_only: bool = False

    @property
    def counted(self) -> bool:
        """Whether the rollup can answer it: only year, kind, state, light, unit."""
        return not (self.text or self.region or self.source_doc or self.due_from or self.due_to)

    def all_states(self) -> tuple[str, ...]:
        """The states asked for, open ones only where wanted; empty for all."""
        if not self.open_only:
            return self.states
        return tuple(s for s in (self.states or open_states()) if s in open_states()) or ("-",)


def _narrow(rows: QuerySet, filters: Filters, prefix: str = "") -> QuerySet:
    wanted: dict[str, Any] = {}
    if filters.year:
        wanted["year"] = filters.year
    if filters.kinds:
        wanted["kind__in"] = filters.kinds
    if filters.all_states():
        wanted["state__in"] = filters.all_states()
    if filters.lights:
        wanted["light__in"] = filters.lights
        if prefix == "list":
            wanted["light_rank__in"] = [RANKS[light] for light in filters.lights if light in RANKS]
    return rows.filter(**wanted)


def items(viewer: User, filters: Filters | None = None) -> QuerySet[WorkItem]:
    """The ledger: visible items under ``filters``, what is late first."""
    filters = filters or Filters()
    rows = _narrow(visible(viewer), filters, "list")
    if filters.lead:
        rows = rows.filter(lead_department_id=filters.lead)
    if filters.role:
        mine = view_of(viewer).departments or ([viewer.department_id] if viewer.department_id else [])
        seat = ItemSeat.objects.filter(item=OuterRef("pk"), department_id__in=mine, role=filters.role)
        rows = rows.filter(Exists(seat))
    if filters.text:
        rows = rows.filter(Q(title__icontains=filters.text) | Q(code__icontains=filters.text))
    if filters.region:
        rows = rows.filter(region_id=filters.region)
    if filters.source_doc:
        rows = rows.filter(source_doc=filters.source_doc)
    if filters.due_from:
        rows = rows.filter(due__gte=filters.due_from)
    if filters.due_to:
        rows = rows.filter(deadline__isnull=False, due__lte=filters.due_to)
    return rows.order_by(*ORDER)


def _seat_rows(viewer: User, filters: Filters) -> QuerySet[ItemSeat] | None:
    """The seats that are exactly the list, when one unit's seats are enough."""
    view = view_of(viewer)
    if not view.single or filters.lead or not filters.counted or (filters.role and view.tree is not None):
        return None
    rows = _narrow(view.seats(), filters, "list")
    return rows.filter(role=filters.role) if filters.role else rows


def page(viewer: User, filters: Filters | None = None, *, offset: int = 0, limit: int = 20) -> list[WorkItem]:
    """One page of the ledger: the ids from a covering index, then the rows of the page only."""
    filters = filters or Filters()
    seats = _seat_rows(viewer, filters)
    if seats is not None:
        ids = list(
            seats.order_by("light_rank", "due", "item_id").values_list("item_id", flat=True)[offset : offset + limit]
        )
    else:
        ids = list(items(viewer, filters).values_list("pk", flat=True)[offset : offset + limit])
    rows = WorkItem.objects.select_related(*RELATED).in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


def _rollup(viewer: User, filters: Filters) -> QuerySet[ItemCount] | None:
    """The rows of the rollup that answer ``filters`` exactly, or ``None`` when they cannot."""
    view = view_of(viewer)
    if not filters.counted or not (view.everything or view.single):
        return None
    if (filters.lead and not view.everything) or (filters.role and (view.everything or view.tree is not None)):
        return None
    rows = _narrow(view.counts(), filters)
    if filters.lead:
        rows = rows.filter(department_id=filters.lead)
    return rows.filter(role=filters.role) if filters.role else rows


def total(viewer: User, filters: Filters | None = None) -> int:
    """How many items the list has; from the rollup where it can answer, else counted."""
    filters = filters or Filters()
    if view_of(viewer).nothing:
        return 0
    rows = _rollup(viewer, filters)
    if rows is not None:
        return rows.aggregate(n=Sum("count"))["n"] or 0
    return items(viewer, filters).count()


def tab_counts(viewer: User, filters: Filters | None = None, by: str = "light") -> dict[str, int]:
    """Counts by ``light``, ``state``, ``kind``, ``year`` or ``lead_department``; each equals the list behind it.

    The dimension itself is left out of ``filters`` by the caller.
    """
    filters = filters or Filters()
    if view_of(viewer).nothing:
        return {}
    rows = _rollup(viewer, filters)
    if rows is not None and (by != "lead_department" or view_of(viewer).everything):
        column = "department" if by == "lead_department" else by
        found = rows.order_by().values_list(column).annotate(n=Sum("count"))
    else:
        found = items(viewer, filters).order_by().values_list(by).annotate(n=Count("pk"))
    return {key: n for key, n in found if n}


# --- what a person has to do ----------------------------------------------------------------------


def _acting(viewer: User) -> set[int]:
    return {viewer.department_id} if viewer.department_id else set()


def todo(viewer: User) -> QuerySet[WorkItem]:
    """待办, by deadline: items whose ball lies with the viewer's unit, and those that wait for an opinion, a decision
    on an extension or a reply to an instruction of the viewer."""
    may = permissions.rights(viewer).permissions
    wanted = Q(pk__in=[])
    units = _acting(viewer)
    states: set[str] = set()
    if HANDLE in may:
        states.update(states_of("lead"))  # the holder is the lead unit then
    if MANAGE in may:
        states.update(states_of("office"))
    if CHECK in may:
        states.update(states_of("level"))
    if APPROVE in may and MANAGE in may:
        states.update(closing_states())
    elif APPROVE in may:
        # Whoever only approves (a leader) sees what awaits close-out wherever it lies.
        wanted |= Q(state__in=closing_states())
    if states and units:
        wanted |= Q(current_department_id__in=units, state__in=sorted(states))
    named = asked(viewer)
    if named is None:
        for rows in answers_owed(viewer).values():
            wanted |= Q(pk__in=rows)
    elif named:
        wanted |= Q(pk__in=named)
    return visible(viewer).filter(wanted).order_by("due", "id")


def asked(viewer: User) -> list[int] | None:
    """The items that wait for an answer of the viewer, by number; None when there are too many to name.

    Mostly there are none or a few; named, they leave the other conditions of the list to their indexes.
    """

    def ask() -> list[int] | None:
        owed = [rows for rows in answers_owed(viewer).values() if not rows.query.is_empty()]
        found = {row["item_id"] for row in owed[0].union(*owed[1:])[: _NAMED + 1]} if owed else set()
        return sorted(found) if len(found) <= _NAMED else None

    return scope.remembered(viewer, "duties.asked", ask)


def answers_owed(viewer: User) -> dict[str, QuerySet]:
    """Item ids that wait for an answer of the viewer, by the action that gives it."""
    return {
        "give_opinion": opinions_awaited(viewer).order_by().values("item_id"),
        "grant_extension": extensions_pending(viewer).order_by().values("item_id"),
        "reply_instruction": instructions_open(viewer).order_by().values("item_id"),
    }


def opinions_awaited(viewer: User) -> QuerySet[Opinion]:
    """Opinions the viewer's unit still owes."""
    if not permissions.allowed(viewer, HANDLE):
        return Opinion.objects.none()
    rows = Opinion.objects.filter(
        department_id__in=_acting(viewer), given_at__isnull=True, item__state__in=asking_states()
    )
    return rows.select_related("item").order_by("due", "id")


def extensions_pending(viewer: User) -> QuerySet[Extension]:
    """Extensions that wait for the viewer's decision."""
    if not permissions.allowed(viewer, APPROVE):
        return Extension.objects.none()
    rows = Extension.objects.filter(state=Extension.State.PENDING).exclude(requested_by=viewer)
    if not view_of(viewer).everything:
        rows = rows.filter(item__in=visible(viewer))
    return rows.select_related("item", "requested_by").order_by("old_deadline", "id")


def instructions_open(viewer: User) -> QuerySet[Instruction]:
    """Instructions that the viewer's unit has to answer."""
    if not permissions.allowed(viewer, HANDLE):
        return Instruction.objects.none()
    rows = Instruction.objects.filter(replied_at__isnull=True, item__lead_department_id__in=_acting(viewer))
    return rows.select_related("item", "leader").order_by("due", "id")


def done(viewer: User) -> QuerySet[ItemEvent]:
    """已办: the viewer's own steps, newest first, on items still visible."""
    rows = ItemEvent.objects.filter(actor_id=f"user:{viewer.pk}").exclude(action="create")
    view = view_of(viewer)
    if not view.everything:
        # From the person's own few steps to the seats, not the other way round.
        seen = Q(Exists(view.seats().filter(item=OuterRef("item_id"))))
        rows = rows.filter(seen | Q(item__created_by=viewer) if view.own else seen)
    return rows.select_related("item").order_by("-id")


def started(viewer: User) -> QuerySet[WorkItem]:
    """我发起: items the viewer created, newest first."""
    return visible(viewer).filter(created_by=viewer).order_by("-id")


def seated(viewer: User) -> set[int]:
    """The viewer's unit where the data scope reaches it."""
    view = view_of(viewer)
    return {unit for unit in _acting(viewer) if view.everything or unit in view.departments}


def copied(viewer: User) -> QuerySet[WorkItem]:
    """抄送: open items on which the viewer's unit cooperates."""
    seats = ItemSeat.objects.filter(
        department_id__in=seated(viewer), role=ItemSeat.Role.COOPERATE, state__in=open_states()
    )
    return WorkItem.objects.filter(pk__in=seats.values("item_id")).order_by(*ORDER)


def urged(viewer: User) -> QuerySet[Notice]:
    """催办: reminders to the viewer's unit, unread first."""
    return notices_for(viewer).filter(kind__in=URGING).order_by("read_at", "-id")


def overdue(viewer: User, today: date | None = None) -> QuerySet[WorkItem]:
    """逾期: open items past their deadline."""
    today = today or timezone.localdate()
    late = visible(viewer).filter(state__in=open_states(), light_rank__in=OPEN_RANKS, due__lt=today)
    return late.order_by("due", "id")


def coming(viewer: User, today: date | None = None) -> QuerySet[WorkItem]:
    """近期到期: open items whose deadline is today or later, the next first."""
    today = today or timezone.localdate()
    rows = visible(viewer).filter(state__in=open_states(), due__gte=today, deadline__isnull=False)
    return rows.order_by("due", "id")


URGING = ("urge", "remind", "overdue", "feedback")
WARNED = Filters(lights=(RED, YELLOW))


def warnings(viewer: User) -> QuerySet[WorkItem]:
    """预警: open items with a red or yellow light. :func:`total` with ``WARNED`` counts them."""
    return items(viewer, WARNED)


def notices_for(viewer: User) -> QuerySet[Notice]:
    """待阅: what was sent to the viewer or to the viewer's unit."""
    if not permissions.allowed(viewer, VIEW):
        return Notice.objects.none()
    view = view_of(viewer)
    # Whoever sees only what is their own reads nothing of the unit's desk.
    units = _acting(viewer) if view.everything or view.departments else set()
    return Notice.objects.filter(Q(user=viewer) | Q(department_id__in=units)).order_by("-id")


def unread(viewer: User) -> QuerySet[Notice]:
    """Unread notices."""
    return notices_for(viewer).filter(read_at__isnull=True)


# --- one item -------------------------------------------------------------------------------------


def timeline(viewer: User, item: WorkItem) -> QuerySet[ItemEvent]:
    """流程记录: who, unit, when, what, opinion; oldest first, with the files of each step."""
    _require_seen(viewer, item)
    return item.events.prefetch_related("files__file").order_by("id")


_PARTS = {
    "units": ItemUnit, "nodes": ItemNode, "children": WorkItem, "extensions": Extension, "opinions": Opinion,
    "instructions": Instruction, "files": ItemFile, "refs": ItemRef, "targets": ItemTarget, "reports": RoundReport,
    "levels": ItemLevel, "objections": Objection,
}  # fmt: skip


def _present(item: WorkItem) -> set[str]:
    """Which parts an item has at all, by one query: most items have few of them."""
    asked = {
        f"has_{name}": Exists(
            model.objects.order_by().filter(**{"parent" if model is WorkItem else "item": OuterRef("pk")})
        )
        for name, model in _PARTS.items()
    }
    row = WorkItem.objects.filter(pk=item.pk).values(**asked).first() or {}
    return {name for name in _PARTS if row.get(f"has_{name}")}


def around(viewer: User, item: WorkItem) -> dict[str, list[Any]]:
    """What belongs to an item, for its page: units, nodes, children, extensions, opinions, instructions, files, refs,
    targets, reports, levels, objections."""
    _require_seen(viewer, item)
    present = _present(item)
    parts = {
        "units": item.units.select_related("department").order_by("id"),
        "nodes": item.nodes.select_related("department"),
        "children": visible(viewer).filter(parent=item).select_related(*RELATED).order_by("id"),
        "extensions": item.extensions.select_related("requested_by", "approver").order_by("id"),
        "opinions": item.opinions.select_related("department", "given_by", "answered_by").order_by("id"),
        "instructions": item.instructions.select_related("leader", "replied_by").order_by("id"),
        "files": item.files.select_related("file", "event").order_by("id"),
        "refs": item.refs.order_by("id"),
        "targets": item.targets.order_by("id"),
        "reports": item.reports.select_related("round", "department").order_by("-id")[:12],
        "levels": item.levels.select_related("department", "passed_by").order_by("id"),
        "objections": item.objections.order_by("id"),
    }
    return {name: list(rows) if name in present else [] for name, rows in parts.items()}


# --- dispatch rounds ------------------------------------------------------------------------------


def rounds(viewer: User) -> QuerySet[Round]:
    """Every round, newest first."""
    return Round.objects.all() if permissions.allowed(viewer, VIEW) else Round.objects.none()


def reports(viewer: User, round_: Round) -> QuerySet[RoundReport]:
    """The reports of a round that the viewer may see."""
    rows = RoundReport.objects.filter(round=round_).select_related("item", "department")
    view = view_of(viewer)
    if not view.everything:
        rows = rows.filter(Q(department_id__in=view.departments) | Q(item__in=visible(viewer)))
    return rows.order_by("department_id", "state", "item_id")


def round_progress(viewer: User, round_: Round) -> dict[str, int]:
    """How many reports of a round are owed, submitted, returned, accepted, locked."""
    found = reports(viewer, round_).order_by().values_list("state").annotate(n=Count("pk"))
    return dict.fromkeys(RoundReport.State.values, 0) | dict(found)


def who_owes(viewer: User, round_: Round) -> list[dict[str, Any]]:
    """The units that still owe reports in a round, in the order of units (no ranking), with how many of how many."""
    owing = (RoundReport.State.OWED, RoundReport.State.RETURNED)
    rows = reports(viewer, round_).order_by().values_list("department_id", "department__name", "state", "reminded_at")
    table: dict[int, dict[str, Any]] = {}
    for unit, name, state, reminded in rows.iterator(chunk_size=2000):
        line = table.setdefault(unit, {"department_id": unit, "name": name, "owed": 0, "all": 0, "reminded_at": None})
        line["all"] += 1
        if state in owing:
            line["owed"] += 1
            if reminded and (line["reminded_at"] is None or reminded > line["reminded_at"]):
                line["reminded_at"] = reminded
    return [table[unit] for unit in sorted(table) if table[unit]["owed"]]


def reports_owed(viewer: User) -> QuerySet[RoundReport]:
    """The reports the viewer's unit still owes in open rounds."""
    if not permissions.allowed(viewer, HANDLE):
        return RoundReport.objects.none()
    rows = RoundReport.objects.filter(
        department_id__in=_acting(viewer), state__in=(RoundReport.State.OWED, RoundReport.State.RETURNED),
        round__state=Round.State.OPEN,
    )  # fmt: skip
    return rows.select_related("round", "item").order_by("round__due", "item_id")


# --- summaries for documents and tiles ------------------------------------------------------------


def summary(viewer: User, filters: Filters | None = None) -> dict[str, Any]:
    """Counts of a filtered list for 通报 and tiles: total, by light, by state, share done in % (None if empty)."""
    filters = filters or Filters()
    lit, stated = tab_counts(viewer, filters, "light"), tab_counts(viewer, filters, "state")
    whole = sum(lit.values())
    finished = sum(n for state, n in stated.items() if state in closed_states() and state not in void_states())
    share = round(100 * finished / whole, 1) if whole else None
    return {"total": whole, "by_light": lit, "by_state": stated, "done": finished, "done_percent": share}


def by_unit(viewer: User, filters: Filters | None = None) -> list[dict[str, Any]]:
    """For each lead unit of a filtered list its counts by light, in the order of units (no ranking)."""
    filters = filters or Filters()
    rollup = _rollup(viewer, filters) if view_of(viewer).everything else None
    if rollup is not None:
        rows = rollup.order_by().values_list("department_id", "department__name", "light").annotate(n=Sum("count"))
    else:
        found = items(viewer, filters).order_by()
        rows = found.values_list("lead_department_id", "lead_department__name", "light").annotate(n=Count("pk"))
    table: dict[int, dict[str, Any]] = {}
    for unit, name, light, n in rows:
        line = table.setdefault(unit, {"department_id": unit, "name": name, "total": 0, "lights": Counter()})
        line["total"] += n
        line["lights"][light] += n
    return [table[unit] for unit in sorted(table)]
