"""Work items come into being: create, edit before issue, sub-tasks, cooperating units, links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ecocloud.base import search, typed
from ecocloud.base.errors import Conflict
from ecocloud.kernel.duties import codes, cycles, deadlines, following, lights
from ecocloud.kernel.duties.errors import Invalid
from ecocloud.kernel.duties.kinds import kind_of
from ecocloud.kernel.duties.models import (
    NO_DUE,
    CodeCounter,
    ItemBatch,
    ItemEvent,
    ItemNode,
    ItemRef,
    ItemTarget,
    ItemUnit,
    WorkItem,
)
from ecocloud.kernel.duties.parts import Kind
from ecocloud.kernel.duties.services import cases, counts, shine, standing
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, Region, User

EDITABLE = ("title", "body", "deadline", "deadline_text", "cycle", "source_ref", "source_title", "source_place")
_NO_DOCUMENTS = frozenset({"obj", "regtype", "item"})
_MIN_YEAR, _MAX_YEAR, _MAX_TITLE = 1990, 2100, 300


@dataclass(frozen=True)
class Group:
    """Many cooperating units under one wording, such as all townships."""

    text: str
    departments: tuple[Department, ...] = ()


@dataclass(frozen=True)
class Draft:
    """What a new item is made of. ``lead`` is the one accountable unit; ``units`` are departments, groups or wordings.

    ``state`` and ``progress`` are for taking over a ledger whose duties were issued before.
    """

    title: str
    lead: Department
    kind: str = "task"
    year: int | None = None
    region: Region | None = None
    office: Department | None = None
    body: str = ""
    deadline: date | None = None
    deadline_text: str = ""
    cycle: str = "none"
    units: Sequence[Department | Group | str] = ()
    nodes: Sequence[dict[str, Any]] = ()
    targets: Sequence[str] = ()
    refs: Sequence[str] = ()
    source_ref: str = ""
    source_title: str = ""
    source_place: str = ""
    parent: WorkItem | None = None
    renews: WorkItem | None = None
    code: str = ""
    started_on: date | None = None
    state: str = ""
    progress: Decimal = Decimal(0)
    # Of kinds that have them: how it came, what about, its own number, fields, place, day, who reported it, its batch.
    channel: str = ""
    category: str = ""
    number: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    seen_on: date | None = None
    reporter: str = ""
    batch: ItemBatch | None = None
    # By what the lead unit was found, see ``services.routing``; '' where a person named it.
    routed: str = ""


def checked_title(title: str) -> str:
    """The title without surrounding space; raises :class:`Invalid` when empty or too long."""
    title = typed.words(title)
    if not title:
        raise Invalid("没有填写事项名称。", "empty title", where={"字段": "事项名称"}, remedy_zh="请写明做什么。")
    if len(title) > _MAX_TITLE:
        raise Invalid(
            f"事项名称有 {len(title)} 字，过长。", "title too long", where={"字段": "事项名称"}, value=title[:40],
            remedy_zh=f"请压缩到 {_MAX_TITLE} 字以内，其余写入内容。",
        )  # fmt: skip
    return title


def checked_cycle(cycle: str) -> str:
    """A known feedback cycle."""
    if cycle not in cycles.all_cycles():
        known = "、".join(row.label_zh for row in cycles.all_cycles().values())
        raise Invalid(
            f"没有“{cycle}”这种反馈周期。", f"unknown cycle {cycle}", where={"字段": "反馈周期"}, value=cycle,
            remedy_zh=f"可选：{known}。",
        )  # fmt: skip
    return cycle


def _year(draft: Draft, today: date) -> int:
    year = draft.year or today.year
    if not _MIN_YEAR <= year <= _MAX_YEAR:
        raise Invalid(f"年度 {year} 不合理。", f"year {year} out of range", where={"字段": "年度"}, value=year)
    return year


def _next_number(scope: str, count: int) -> int:
    """Take ``count`` running numbers; returns the first."""
    while True:
        row = CodeCounter.objects.select_for_update().filter(pk=scope).first()
        if row is None:
            try:
                with transaction.atomic():
                    row = CodeCounter.objects.create(pk=scope)
            except IntegrityError:
                continue
        row.last += count
        row.save(update_fields=["last"])
        return row.last - count + 1


def _give_codes(items: Sequence[WorkItem]) -> None:
    """Give running codes to the items that have none, in the order of the scopes, then of the items."""
    groups: dict[str, list[WorkItem]] = defaultdict(list)
    for item in items:
        if not item.code:
            rule = kind_of(item.kind).code_rule
            groups[codes.scope_key(rule, year=item.year, region=item.region_id)].append(item)
    for scope in sorted(groups):
        waiting = groups[scope]
        while waiting:
            first = _next_number(scope, len(waiting))
            for n, item in enumerate(waiting):
                rule = kind_of(item.kind).code_rule
                item.code = codes.code_for(rule, year=item.year, region=item.region_id, number=first + n)
            # Codes given by hand or taken over may be in the way: those items draw again.
            taken = set(WorkItem.objects.filter(code__in=[i.code for i in waiting]).values_list("code", flat=True))
            waiting = [item for item in waiting if item.code in taken]


def source_doc_of(source_ref: str) -> str:
    """The document (``doc:12``) of a source reference; '' for none and for what is no document (an object of a
    register, a record that is followed). Raises RefError for a wrong form."""
    found = Ref.parse(source_ref) if source_ref else None
    if found is None or found.kind in _NO_DOCUMENTS or following.followed(found.kind):
        return ""
    return str(found.record)


def checked_lead(lead: Department, on: date) -> Department:
    """A unit that can be accountable: one unit (no group of units) that exists on the day ``on``."""
    if lead.kind == Department.Kind.GROUP:
        raise Invalid(
            f"“{lead.name}”是一组单位，不能牵头。", "a group cannot lead", where={"字段": "牵头单位"}, value=lead.name,
            remedy_zh="请指定其中一个单位，或按单位分解为子任务。",
        )  # fmt: skip
    if not lead.in_force(on):
        raise Invalid(
            f"{lead.name}已撤销或尚未设立。", f"department {lead.pk} is not in force", where={"字段": "牵头单位"},
            value=lead.name, remedy_zh="请选择承接其职责的单位。",
        )  # fmt: skip
    return lead


def _start(kind: Kind, draft: Draft) -> str:
    row = kind.states.get(draft.state)
    if draft.state and (row is None or row.closed or row.owner == "level" or row.clock.by in ("notice", "until")):
        raise Invalid(f"不能以“{draft.state}”状态建立事项。", f"cannot start in {draft.state}", value=draft.state)
    return draft.state or kind.start


def _fresh(user: User, draft: Draft, at: datetime) -> WorkItem:
    today = timezone.localdate(at)
    kind = kind_of(draft.kind)
    office = draft.office or (draft.parent.office_department if draft.parent else user.department)
    if office is None:
        raise Invalid(
            "没有交办单位：您的账号未挂单位。", f"user {user.pk} has no department", remedy_zh="请指定交办单位。"
        )
    region = draft.region or (draft.parent.region if draft.parent else office.region)
    year = _year(draft, today)
    item = WorkItem(
        kind=kind.code, title=checked_title(draft.title), body=draft.body, year=year, region=region,
        lead_department=checked_lead(draft.lead, today), office_department=office, source_ref=draft.source_ref,
        source_doc=source_doc_of(draft.source_ref), source_title=draft.source_title, source_place=draft.source_place,
        state=_start(kind, draft), progress=draft.progress, code=draft.code, since=at,
        started_on=draft.started_on or today, deadline=draft.deadline,
        deadline_text=draft.deadline_text, due=draft.deadline or NO_DUE, cycle=checked_cycle(draft.cycle),
        parent=draft.parent, renews=draft.renews, created_by=user, created_at=at,
        channel=cases.checked_code(kind, "channel", draft.channel),
        category=cases.checked_code(kind, "category", draft.category), batch=draft.batch,
    )  # fmt: skip
    _give_deadline(item)
    item.current_department = draft.lead if kind.states[item.state].owner == "lead" else office
    item.act_by = act_by(item, today)
    return item


def _give_deadline(item: WorkItem) -> None:
    """The deadline of the policy where none is given."""
    terms = cases.term_of(item, item.started_on) if item.deadline is None else None
    if terms is not None:
        item.deadline = item.due = terms.close_by


def needs_deadline(item: WorkItem) -> bool:
    """Whether items of this kind always have a deadline: there is a policy for it."""
    return deadlines.policy_of(item.kind, item.category, item.started_on) is not None


def act_by(item: WorkItem, today: date) -> date | None:
    """The day by which the holder must act: the state's clock."""
    clock = item.state_row.clock
    if clock.by == "decide":
        policy = deadlines.policy_of(item.kind, item.category, today)
        return cases.workday_after(today, policy.decide if policy else clock.workdays)
    if clock.by == "workdays" or (clock.by == "deadline" and item.deadline is None):
        return cases.workday_after(today, clock.workdays)
    if clock.by == "notice":
        until = cases.case_of(item).notice_until
        return cases.workday_after(until, 1) if until else item.deadline
    if clock.by == "until":
        return cases.case_of(item).suspended_until
    return item.deadline if clock.by == "deadline" else None


def _unit_rows(item: WorkItem, units: Iterable[Department | Group | str]) -> list[ItemUnit]:
    rows, seen = [], {item.lead_department_id}
    for unit in units:
        if isinstance(unit, Group):
            fresh = [one for one in unit.departments if one.pk not in seen]
            seen.update(one.pk for one in fresh)
            rows += [ItemUnit(item=item, department=one, text=unit.text[:200], is_group=True) for one in fresh]
            if not fresh and not unit.departments and unit.text.strip():
                rows.append(ItemUnit(item=item, text=unit.text.strip()[:200], is_group=True))
        elif isinstance(unit, Department):
            if unit.pk not in seen:
                seen.add(unit.pk)
                is_group = unit.kind == Department.Kind.GROUP
                rows.append(ItemUnit(item=item, department=unit, text=unit.name, is_group=is_group))
        elif unit.strip():
            rows.append(ItemUnit(item=item, text=unit.strip()[:200], is_group=True))
    return rows


def set_units(item: WorkItem, units: Iterable[Department | Group | str]) -> None:
    """Replace the cooperating units (departments once each, the lead unit left out; wordings as they are)."""
    ItemUnit.objects.filter(item=item).delete()
    ItemUnit.objects.bulk_create(_unit_rows(item, units))


def units_of(item: WorkItem) -> list[Department | Group | str]:
    """The cooperating units as they were given: what :func:`set_units` takes."""
    grouped: dict[str, list[Department]] = {}
    found: list[Department | Group | str] = []
    for row in item.units.select_related("department").order_by("id"):
        if row.is_group and row.department is not None and row.department.kind != Department.Kind.GROUP:
            if row.text not in grouped:
                grouped[row.text] = []
                found.append(row.text)
            grouped[row.text].append(row.department)
        else:
            found.append(row.department or row.text)
    return [Group(one, tuple(grouped[one])) if isinstance(one, str) and one in grouped else one for one in found]


def add_nodes(item: WorkItem, nodes: Iterable[dict[str, Any]]) -> int:
    """Add nodes given as dicts (title, department, due, weight); returns how many there were."""
    first = ItemNode.objects.filter(item=item).count()
    rows = [
        ItemNode(
            item=item, title=checked_title(node["title"])[:200], department=node.get("department"),
            due=node.get("due"), weight=node.get("weight", 1), order=first + n,
        )
        for n, node in enumerate(nodes)
    ]  # fmt: skip
    ItemNode.objects.bulk_create(rows)
    return len(rows)


def add_refs(item: WorkItem, refs: Iterable[str], role: str) -> int:
    """Link references; those already linked are left."""
    added = 0
    for text in dict.fromkeys(refs):
        _, fresh = ItemRef.objects.get_or_create(item=item, ref=str(Ref.parse(text)), role=role)
        added += fresh
    return added


def snapshot(item: WorkItem) -> dict[str, Any]:
    """The fields of an item as the journal records them."""
    names = (
        "kind code title year state deadline deadline_text cycle progress light lead_department_id "
        "office_department_id current_department_id region_id parent_id source_ref channel category batch_id act_by "
        "version"
    )
    told = {name: getattr(item, name) for name in names.split()}
    # As it is read again: 25, not 25.0.
    return told | {"progress": Decimal(lights.plain(Decimal(item.progress)))}


def make(tx: Change, user: User, draft: Draft, at: datetime | None = None) -> WorkItem:
    """Write one item inside a running change; the caller has checked the right."""
    return make_many(tx, user, [draft], at)[0]


def make_many(tx: Change, user: User, drafts: Sequence[Draft], at: datetime | None = None) -> list[WorkItem]:
    """Write items inside a running change, set by set; the caller has checked the right."""
    at = at or timezone.now()
    made = [_fresh(user, draft, at) for draft in drafts]
    _refuse_taken([draft.code for draft in drafts if draft.code])
    _give_codes(made)
    in_force, today = shine.rules(), timezone.localdate()
    for item in made:
        shine.relight(item, today, in_force)
    WorkItem.objects.bulk_create(made, batch_size=200)
    pairs = list(zip(made, drafts, strict=True))
    ItemUnit.objects.bulk_create(
        [row for item, draft in pairs for row in _unit_rows(item, draft.units)], batch_size=500
    )
    for item, draft in pairs:
        if draft.nodes:
            add_nodes(item, draft.nodes)
    _link(pairs)
    cases.write_new(pairs, at)
    ItemEvent.objects.bulk_create(
        [
            step(item, user, "create", "立项", item.state, item.state, at=at, detail=draft.source_title)
            for item, draft in pairs
        ],
        batch_size=200,
    )
    counts.sit(tx, made, counts.wanted_of_many(made))
    for item in made:
        tx.log("duties.item.create", item.ref, after=snapshot(item))
    search.index_later(*(item.ref for item in made), created_by=user.actor().id)
    return made


def _refuse_taken(given: list[str]) -> None:
    taken = list(WorkItem.objects.filter(code__in=given).values_list("code", flat=True)[:1]) if given else []
    taken += [code for code in given if given.count(code) > 1]
    if taken:
        raise Conflict(
            f"编号 {taken[0]} 已被使用。",
            f"code {taken[0]} exists",
            code="duties.code_exists",
            value=taken[0],
            remedy_zh="请换一个编号，或留空由系统编号。",
        )


def _link(pairs: Sequence[tuple[WorkItem, Draft]]) -> None:
    """The links of new items: targets, references, sources."""
    targets = [
        ItemTarget(item=item, target_ref=text)
        for item, draft in pairs
        for text in dict.fromkeys(str(Ref.parse(text)) for text in draft.targets)
    ]
    ItemTarget.objects.bulk_create(targets, batch_size=500)
    refs = [
        ItemRef(item=item, ref=text, role=ItemRef.Role.RELATED)
        for item, draft in pairs
        for text in dict.fromkeys(str(Ref.parse(text)) for text in draft.refs)
    ]
    refs += [ItemRef(item=i, ref=d.source_ref, role=ItemRef.Role.SOURCE) for i, d in pairs if d.source_ref]
    ItemRef.objects.bulk_create(refs, batch_size=500)


def step(
    item: WorkItem, user: User, action: str, action_zh: str, source: str, target: str, *, opinion: str = "",
    detail: str = "", handling: bool = False, at: datetime | None = None, key: str | None = None,
) -> ItemEvent:  # fmt: skip
    """One step of the timeline, not yet written."""
    return ItemEvent(
        item=item, action=action, action_zh=action_zh, from_state=source, to_state=target,
        actor_id=f"user:{user.pk}", actor_name=user.name, department=user.department,
        department_name=user.department.name if user.department else "", opinion=opinion, detail=detail[:400],
        is_handling=handling, at=at or timezone.now(), key=key,
    )  # fmt: skip


def record(*args: Any, **more: Any) -> ItemEvent:
    """Write one step of the timeline; arguments as for :func:`step`."""
    event = step(*args, **more)
    event.save()
    return event


def create_item(user: User, draft: Draft | None = None, *, at: datetime | None = None, **fields: Any) -> WorkItem:
    """A new item in its kind's first state, held by the office.

    Give a :class:`Draft` or its fields (``title``, ``lead`` and so on). ``at`` is for taking over an older ledger.
    Raises Forbidden, Invalid, KindError, Conflict (code in use).
    """
    permissions.require(user, standing.CREATE)
    draft = draft or Draft(**fields)
    if draft.parent is not None:
        standing.require_seen(user, draft.parent)
    with change(user.actor()) as tx:
        return make(tx, user, draft, at)
