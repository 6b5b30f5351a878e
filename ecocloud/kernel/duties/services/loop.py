"""The closed loop: :func:`act` moves an item by its transition table; the named services are ways to call it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from ecocloud.base import search
from ecocloud.base.errors import Conflict
from ecocloud.kernel.duties import following
from ecocloud.kernel.duties import transitions as tr
from ecocloud.kernel.duties.errors import Invalid, Refused
from ecocloud.kernel.duties.models import ItemEvent, ItemFile, ItemRef, Opinion, WorkItem
from ecocloud.kernel.duties.reconstruction import DETAIL, HANDLING
from ecocloud.kernel.duties.services import cases, counts, effects, items, shine, standing
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions.models import Department, User

# Actions after which the searchable text of an item may differ.
_INDEXED = ("change", "attach", "report", "progress", "reopen", "reclassify")


class Stale(Conflict):
    """Somebody else changed the item since it was read; read it again and decide anew."""

    code = "duties.stale"


def _stale(item: WorkItem, version: int) -> Stale:
    last = standing.history(item, 1)
    told = f"{last[0].day} {last[0].unit}{last[0].who} 已{last[0].action_zh}。" if last else ""
    return Stale(
        f"事项已被他人更新：{told}" if told else "事项已被他人更新。",
        f"item {item.pk} is at version {item.version}, not {version}",
        where={"事项": item.code}, value=version, remedy_zh="请刷新后再办。",
    )  # fmt: skip


def _number(value: Any, field: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise Invalid(f"“{value}”不是数字。", "not a number", where={"字段": field}, value=value)
    return number


def _checked(data: dict[str, Any]) -> dict[str, Any]:
    """Units and dates as objects; refuses texts where a value is needed."""
    known = dict(data)
    if known.get("progress") is not None:
        known["progress"] = _number(known["progress"], "进度")
    for name in ("deadline", "due", "done_at", "until", "notice_until"):
        value = known.get(name)
        if isinstance(value, datetime):
            known[name] = value.date()
        elif value is not None and not isinstance(value, date):
            raise Invalid(
                f"“{value}”不是日期。",
                "not a date",
                where={"字段": "日期"},
                value=value,
                remedy_zh="应形如 2026-06-30。",
            )
    if "lead" in known and not isinstance(known["lead"], Department):
        known["lead"] = Department.objects.filter(pk=known["lead"]).first() if known["lead"] else None
    return known


def _attempt(
    user: User, item: WorkItem, action: str, opinion: str, data: dict[str, Any], person: tr.Person
) -> tr.Attempt:
    row = item.table.row(item.state, action)
    evidence = sum(len(data.get(name) or ()) for name in ("files", "refs", *ItemFile.Use.values))
    if row is not None and row.evidence and not evidence:
        evidence = ItemFile.objects.filter(item=item).count()
        evidence += ItemRef.objects.filter(item=item, role=ItemRef.Role.EVIDENCE).count()
    told = dict(data)
    if data.get("lead") is not None:
        told["lead"] = str(data["lead"].pk)
    if action == "give_opinion":
        told["awaited"] = Opinion.objects.filter(
            item=item, department_id=user.department_id, given_at__isnull=True
        ).count()
    return tr.Attempt(action, person, opinion, evidence, told)


def _decide(item: WorkItem, attempt: tr.Attempt, today: date) -> tr.Decision:
    """The engine's answer on the facts the row needs; a refusal is told again on all facts, with the history."""
    row = item.table.row(item.state, attempt.action)
    needed = (*row.guards, row.target) if row else ()
    try:
        return tr.decide(item.table, standing.facts(item, today, needed), attempt)
    except Refused:
        return tr.decide(item.table, standing.facts(item, today, told=True), attempt)


def _locked(item: WorkItem) -> WorkItem:
    """The item as it is now, locked. The lock is taken without joins: PostgreSQL drops a locked row from a join whose
    columns another transaction has just changed."""
    WorkItem.objects.select_for_update().only("pk").get(pk=item.pk)
    return WorkItem.objects.select_related("lead_department", "office_department", "current_department").get(pk=item.pk)


def _finish(step: effects.Step, today: date, before: dict[str, Any]) -> None:
    item, decision = step.item, step.decision
    if decision.moves or decision.row.target != tr.SAME:
        if decision.moves:
            item.since = step.at
        item.state = decision.target
        item.current_department = cases.holder(item, item.state)
        item.act_by = items.act_by(item, timezone.localdate(step.at))
    elif item.state_row.clock.by == "deadline" and item.deadline != before["deadline"]:
        item.act_by = items.act_by(item, timezone.localdate(step.at))
    item.version += 1
    shine.relight(item, today)
    item.save()
    step.event.detail = "；".join(step.detail)[:400]
    step.event.save(update_fields=["detail", "is_handling"])
    counts.follow(step.tx, item, units_changed=step.units_changed)
    if step.units_changed or decision.row.action in _INDEXED:
        search.index_later(item.ref, created_by=step.user.actor().id)
    after = items.snapshot(item)
    told: dict[str, Any] = {DETAIL: step.event.detail} if step.detail else {}
    if "note_worker" in decision.effects:
        told[HANDLING] = step.event.is_handling
    changed = [name for name in after if after[name] != before[name]]
    step.tx.log(
        f"duties.item.{decision.row.action}", item.ref, {name: before[name] for name in changed},
        {name: after[name] for name in changed} | told,
        note=step.opinion,
    )  # fmt: skip
    if decision.moves:
        following.tell(step.tx, step.user, item, step.at)


def _perform(
    tx: Change, user: User, item: WorkItem, decision: tr.Decision, attempt: tr.Attempt, data: dict[str, Any],
    at: datetime, key: str | None,
) -> None:  # fmt: skip
    before = items.snapshot(item)
    row = decision.row
    event = items.record(
        item, user, row.action, row.label_zh, decision.source, decision.target, opinion=attempt.opinion, at=at,
        key=key,
    )  # fmt: skip
    step = effects.Step(
        tx, user, item, decision, attempt.opinion, data, at, event, roles=attempt.person.roles
    )  # fmt: skip
    for name in decision.effects:
        effects.DONE[name](step)
    _finish(step, timezone.localdate(), before)


def act(
    user: User,
    item: WorkItem,
    action: str,
    *,
    version: int | None = None,
    opinion: str = "",
    key: str | None = None,
    at: datetime | None = None,
    **data: Any,
) -> WorkItem:
    """Do ``action`` on ``item``: right, version, table, change, timeline, counts and journal in one transaction.

    Parameters
    ----------
    version: the version the person saw; default that of ``item`` as given.
    opinion: the person's words; mandatory where the table says so.
    key: a text that makes repeating harmless: a call with a key that was already used changes nothing.
    at: only for taking over what happened earlier (an older ledger); the journal keeps the real time.
    data: what the action needs (``deadline``, ``lead``, ``progress``, ``files`` (stored or received), ``refs``,
        ``nodes``, ``children``, ``units``, ``due``, ``stance``, ``opinion_id``, ``answer``, ``instruction_id``,
        ``node_id``, ``done_at``, ``until``, ``category``, ``into``, ``notice_until``, ``objection_id``, ``objector``).

    Returns the item as it is now. Raises Stale, UnknownAction, WrongState, WrongPerson, OpinionMissing,
    EvidenceMissing, GuardFailed, Invalid, NotVisible, journal Busy; after any of them nothing has changed.
    """
    version = item.version if version is None else version
    data = _checked(data)
    try:
        with change(user.actor()) as tx:
            fresh = _locked(item)
            standing.require_seen(user, fresh)
            if key is not None and ItemEvent.objects.filter(key=key, item=fresh).exists():
                return fresh
            if fresh.version != version:
                raise _stale(fresh, version)
            attempt = _attempt(user, fresh, action, opinion, data, standing.person(user, fresh, seen=True))
            decision = _decide(fresh, attempt, timezone.localdate())
            _perform(tx, user, fresh, decision, attempt, data, at or timezone.now(), key)
            return fresh
    except IntegrityError as error:
        if key is not None and ItemEvent.objects.filter(key=key, item_id=item.pk).exists():
            return WorkItem.objects.get(pk=item.pk)
        raise Stale(
            "事项刚刚被他人更新。", f"constraint refused the change: {error}", where={"事项": item.code},
            remedy_zh="请刷新后再办。",
        ) from error  # fmt: skip


def check(user: User, item: WorkItem, action: str, *, opinion: str = "", **data: Any) -> None:
    """Raise what :func:`act` would raise for the item as it is now, and change nothing. ``files`` may be anything that
    can be counted: uploads are checked before their bytes are kept."""
    data = _checked(data)
    standing.require_seen(user, item)
    attempt = _attempt(user, item, action, opinion, data, standing.person(user, item, seen=True))
    _decide(item, attempt, timezone.localdate())


def possible(user: User, item: WorkItem, known: dict[str, Any] | None = None) -> tuple[tr.Option, ...]:
    """The actions this person may do now on ``item``, with what still stands in the way (for buttons); ``known`` are
    facts a page has read already (:func:`standing.known_facts`)."""
    facts = standing.facts(item, timezone.localdate(), known=known)
    return tr.options(item.table, facts, standing.person(user, item))


def story(item: WorkItem) -> tr.Story:
    """The item's story: state, last steps, what is possible now and by whom."""
    return tr.story(item.table, standing.facts(item, timezone.localdate(), told=True))


def act_on_many(
    user: User, chosen: Iterable[WorkItem], action: str, *, opinion: str = "", **data: Any
) -> tuple[list[WorkItem], list[tuple[WorkItem, Exception]]]:
    """Do one action on many items, each in a transaction of its own; returns those done and those refused with why."""
    done: list[WorkItem] = []
    refused: list[tuple[WorkItem, Exception]] = []
    for item in sorted(chosen, key=lambda one: one.pk):
        try:
            done.append(act(user, item, action, opinion=opinion, **data))
        except (Refused, Conflict, Invalid, standing.NotVisible) as error:
            refused.append((item, error))
    return done, refused
