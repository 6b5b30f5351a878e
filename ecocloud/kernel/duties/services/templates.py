"""Duties from the task templates of packs: planned, made once for each object or unit and period, by hand or clock."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.base.jobs.models import Job
from ecocloud.base.jobs.services import enqueue
from ecocloud.kernel.duties import recurring
from ecocloud.kernel.duties.errors import Invalid
from ecocloud.kernel.duties.models import Notice, TemplateDuty, TemplateUse, WorkItem
from ecocloud.kernel.duties.recurring import Turn
from ecocloud.kernel.duties.services import items, notices
from ecocloud.kernel.duties.services.standing import CREATE
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import Actor, change
from ecocloud.kernel.regions import codes, permissions
from ecocloud.kernel.regions.models import Department, Region, User
from ecocloud.kernel.regions.queries import in_force
from ecocloud.kernel.registers.errors import NoSuchThing
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.pack_definition import PackDefinition, TaskTemplate
from ecocloud.kernel.registers.services import packs

KIND = "routine"
NOTICE = "recurring"
RUN_JOB = "duties.templates.run"
# With more duties than this the work is done by a job; one transaction writes so many.
LONG = 500
_CHUNK = 200
_TRIES = 3
# A duty for all objects of a unit points at so many of them; the list of the register shows the rest.
MOST_LINKS = 50


@dataclass(frozen=True)
class Template:
    """A task template of a loaded pack."""

    pack: PackDefinition
    task: TaskTemplate

    @property
    def key(self) -> str:
        """``pack/task``."""
        return f"{self.pack.id}/{self.task.code}"

    def too_late(self, today: date) -> bool:
        """Whether the deadline of the period of ``today`` is over: what was not made by then waits for the next."""
        turn = recurring.turn(self.task.cycle, today)
        return turn.first + timedelta(days=self.task.due_days) < today


def templates() -> list[Template]:
    """The task templates of all loaded packs, by pack, in the order of the pack."""
    return [Template(one, task) for one in packs.with_tasks() for task in one.tasks]


def open_template(pack: str, task: str) -> Template:
    """One template; raises NoSuchThing."""
    found = packs.open_pack(pack)
    for one in found.tasks:
        if one.code == task:
            return Template(found, one)
    raise NoSuchThing(f"包“{found.zh}”没有任务“{task}”。", f"no task {task!r} in {pack}", value=task,
                      remedy_zh=f"已有：{'、'.join(one.code for one in found.tasks) or '无'}。")  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """One duty that the period asks for: its lead unit and the objects it is about (one, or all of the unit)."""

    subject: str
    lead: Department
    objects: tuple[tuple[int, str], ...]
    region: str


@dataclass
class Plan:
    """What a run would do. ``nobody``: objects without a responsible unit, counted by division."""

    template: Template
    turn: Turn
    due: date
    wanted: list[Wanted] = field(default_factory=list)
    there: int = 0
    objects: int = 0
    nobody: Counter[str] = field(default_factory=Counter)

    def by_unit(self) -> list[tuple[Department, int, int]]:
        """For each lead unit how many duties it gets, about how many objects; the most first."""
        units: dict[int, Department] = {}
        counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        for one in self.wanted:
            units[one.lead.pk] = one.lead
            counts[one.lead.pk][0] += 1
            counts[one.lead.pk][1] += len(one.objects)
        order = sorted(units, key=lambda pk: (-counts[pk][0], units[pk].order, pk))
        return [(units[pk], counts[pk][0], counts[pk][1]) for pk in order]


class _Leads:
    """Which unit of a function answers for a row: its own department, else that of its division or the next above."""

    def __init__(self, function: str) -> None:
        rows = in_force().filter(function=function).exclude(kind=Department.Kind.GROUP).order_by("-order", "-id")
        self.by_pk = {unit.pk: unit for unit in rows}
        self.by_region = {unit.region_id: unit for unit in self.by_pk.values()}

    def of(self, row: RegisterObject) -> Department | None:
        if row.department_id in self.by_pk:
            return self.by_pk[row.department_id]
        code: str | None = row.region_id
        while code:
            if code in self.by_region:
                return self.by_region[code]
            code = codes.parent_of(code)
        return None


def preview(user: User, template: Template, today: date | None = None) -> Plan:
    """What a run would make for the period of ``today``, over the objects ``user`` sees; writes nothing."""
    permissions.require(user, CREATE)
    today = today or timezone.localdate()
    task = template.task
    turn = recurring.turn(task.cycle, today)
    plan = Plan(template, turn, recurring.deadline(turn, task.due_days, today))
    leads = _Leads(task.function)
    found: dict[str, tuple[Department, str, list[tuple[int, str]]]] = {}
    for row in packs.task_objects(user, template.pack, task.code, today):
        plan.objects += 1
        lead = leads.of(row)
        if lead is None:
            plan.nobody[row.region_id] += 1
            continue
        subject = f"obj:{row.pk}" if task.per == "object" else f"unit:{lead.pk}"
        region = row.region_id if task.per == "object" else lead.region_id
        found.setdefault(subject, (lead, region, []))[2].append((row.pk, row.name))
    made = _made(template, turn)
    plan.wanted = [
        Wanted(subject, lead, tuple(objects), region)
        for subject, (lead, region, objects) in found.items()
        if subject not in made
    ]
    plan.there = len(found) - len(plan.wanted)
    return plan


def _made(template: Template, turn: Turn, among: Iterable[str] | None = None) -> set[str]:
    rows = TemplateDuty.objects.filter(pack=template.pack.id, task=template.task.code, period=turn.period)
    if among is not None:
        rows = rows.filter(subject__in=list(among))
    return set(rows.values_list("subject", flat=True))


@dataclass
class Made:
    """What a run did."""

    made: int = 0
    there: int = 0
    nobody: int = 0


def run(
    user: User, plan: Plan | Template, today: date | None = None, *, progress: Callable[[int, int], None] | None = None
) -> Made:
    """Make the duties of the period of ``today`` that are missing, issued to their units; repeating makes none twice.

    Each transaction writes some of them; an interrupted run is continued by calling again. Raises Forbidden.
    """
    permissions.require(user, CREATE)
    plan = plan if isinstance(plan, Plan) else preview(user, plan, today)
    told = Made(there=plan.there, nobody=plan.nobody.total())
    for start in range(0, len(plan.wanted), _CHUNK):
        part = plan.wanted[start : start + _CHUNK]
        made = _written(user, plan, part)
        told.made += made
        told.there += len(part) - made
        if progress:
            progress(min(start + _CHUNK, len(plan.wanted)), len(plan.wanted))
    return told


def _written(user: User, plan: Plan, part: Sequence[Wanted]) -> int:
    """Write some duties in one transaction; those that another run wrote meanwhile are left."""
    for attempt in range(_TRIES):
        try:
            return _write(user, plan, part)
        except IntegrityError:
            # Another office's run came first: what it made is seen now.
            if attempt + 1 == _TRIES:
                raise
    return 0


def _write(user: User, plan: Plan, part: Sequence[Wanted]) -> int:
    template = plan.template
    with change(user.actor()) as tx:
        there = _made(template, plan.turn, [one.subject for one in part])
        fresh = [one for one in part if one.subject not in there]
        if not fresh:
            return 0
        made = items.make_many(tx, user, [_draft(plan, one) for one in fresh])
        TemplateDuty.objects.bulk_create(
            TemplateDuty(pack=template.pack.id, task=template.task.code, subject=one.subject, period=plan.turn.period,
                         item=item)
            for one, item in zip(fresh, made, strict=True)
        )  # fmt: skip
        _tell(plan, fresh, made)
        tx.log("duties.template.run", Ref("pack", template.pack.id, template.task.code), None,
               {"period": plan.turn.period, "made": len(made), "first": made[0].code,
                "last": made[-1].code})  # fmt: skip
    return len(made)


def _draft(plan: Plan, one: Wanted) -> items.Draft:
    task, period = plan.template.task, plan.turn.words[0]
    suffix = f"（{period}）" if period else ""
    body = f"办结须提供：{task.proof}" if task.proof else ""
    more: dict[str, Any]
    if task.per == "object":
        name = one.objects[0][1]
        more = {"source_ref": one.subject, "source_place": name[:120]}
    else:
        name = f"{len(one.objects)} 个对象"
        links = [f"obj:{pk}" for pk, _name in one.objects[:MOST_LINKS]]
        more = {"source_ref": f"regtype:{task.type}", "source_place": name, "refs": links}
        listed = "、".join(name for _pk, name in one.objects[:MOST_LINKS])
        listed += "等" if len(one.objects) > MOST_LINKS else ""
        body = "\n".join(part for part in (f"对象：{listed}", body) if part)
    return items.Draft(
        title=f"{task.zh}：{name}"[: 290 - len(suffix)] + suffix, lead=one.lead, kind=KIND, deadline=plan.due,
        region=Region(pk=one.region), body=body, state="issued", source_title=plan.template.pack.zh, **more,
    )  # fmt: skip


def _tell(plan: Plan, fresh: Sequence[Wanted], made: Sequence[WorkItem]) -> None:
    """One notice to each unit and period, however many duties it gets."""
    task, period = plan.template.task, plan.turn.words[0]
    title = f"{task.zh}（{period}）" if period else task.zh
    first: dict[int, WorkItem] = {}
    for one, item in zip(fresh, made, strict=True):
        first.setdefault(one.lead.pk, item)
    ref = f"regtype:{task.type}"
    day = plan.turn.first
    known = set(
        Notice.objects.filter(ref=ref, kind=NOTICE, title=title, department__in=first, at__date__gte=day)
        .values_list("department_id", flat=True)
    )  # fmt: skip
    counts = Counter(one.lead.pk for one in fresh)
    notices.put(
        Notice(department_id=unit, kind=NOTICE, ref=ref, title=title,
               text=f"生成 {counts[unit]} 项任务，{plan.due} 到期，第一项 {item.code}")
        for unit, item in first.items() if unit not in known
    )  # fmt: skip


def run_or_enqueue(user: User, template: Template) -> Made | Job:
    """Make the missing duties at once, or by a job when there are many."""
    plan = preview(user, template)
    if len(plan.wanted) <= LONG:
        return run(user, plan)
    payload = {"user": user.pk, "pack": template.pack.id, "task": template.task.code}
    with change(user.actor()) as tx:
        job = enqueue(RUN_JOB, payload, key=f"template:{template.key}:{user.pk}", created_by=user.actor().id)
        tx.log("duties.template.run", Ref("pack", template.pack.id, template.task.code), None, {"job": job.pk})
    return job


# --- by the clock -----------------------------------------------------------------------------------------------------


def start_use(user: User, template: Template) -> TemplateUse:
    """From now on the clock makes the duties of every period, in the name of ``user`` and his unit."""
    permissions.require(user, CREATE)
    if user.department is None:
        raise Invalid("您的账号未挂单位，不能启用自动生成。", f"user {user.pk} has no department",
                      remedy_zh="请联系系统管理员为您的账号设置单位。")  # fmt: skip
    with change(user.actor()) as tx:
        row, _fresh = TemplateUse.objects.update_or_create(
            pack=template.pack.id, task=template.task.code, office=user.department,
            defaults={"by": user, "since": timezone.now(), "stopped_at": None, "trouble": ""},
        )  # fmt: skip
        tx.log("duties.template.start", Ref("pack", template.pack.id, template.task.code), None,
               {"office": user.department_id})  # fmt: skip
    return row


def stop_use(user: User, template: Template) -> bool:
    """The clock makes no more duties from the template for the person's unit; what was made stays."""
    permissions.require(user, CREATE)
    with change(user.actor()) as tx:
        rows = TemplateUse.objects.filter(pack=template.pack.id, task=template.task.code, stopped_at__isnull=True,
                                          office=user.department_id)  # fmt: skip
        stopped = rows.update(stopped_at=timezone.now())
        if stopped:
            tx.log("duties.template.stop", Ref("pack", template.pack.id, template.task.code), None,
                   {"office": user.department_id})  # fmt: skip
    return bool(stopped)


def uses() -> Iterator[TemplateUse]:
    """The uses in force, in order."""
    yield from TemplateUse.objects.filter(stopped_at__isnull=True).select_related("by", "office").order_by("pk")


def run_all(
    actor: Actor, today: date | None = None, *, step: Callable[[int, int], None] | None = None
) -> dict[str, int]:
    """Make what is missing for every use in force. One that cannot be done is noted on its row and stops no other.

    Where the deadline of the period is over nothing is made until the next one; by hand it can be.
    """
    found, told = list(uses()), Counter[str]()
    today = today or timezone.localdate()
    for number, use in enumerate(found, 1):
        trouble = ""
        try:
            template = open_template(use.pack, use.task)
            if template.too_late(today):
                told["late"] += 1
            else:
                outcome = run(use.by, template, today)
                told["made"] += outcome.made
                told["nobody"] += outcome.nobody
        except EcoError as error:
            trouble = error.sentence_zh()[:300]
            told["troubles"] += 1
        if trouble != use.trouble:
            with change(actor) as tx:
                TemplateUse.objects.filter(pk=use.pk).update(trouble=trouble)
                tx.log("duties.template.trouble", Ref("pack", use.pack, use.task), None, {"trouble": trouble})
        if step:
            step(number, len(found))
    return dict(told)
