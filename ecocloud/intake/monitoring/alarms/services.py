"""What people do with incidents and rules. Permission, change and journal in one transaction; every step is kept
with who did it and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from ecocloud.intake.monitoring.alarms import document as doc
from ecocloud.intake.monitoring.alarms import machine, queries
from ecocloud.intake.monitoring.alarms.errors import AlarmRefused, AlreadyDone
from ecocloud.intake.monitoring.alarms.facts import given_rules, settings
from ecocloud.intake.monitoring.alarms.machine import Acknowledge, Assign, Done, Event, FalseAlarm, State
from ecocloud.intake.monitoring.alarms.models import AlarmEvent, AlarmIncident, AlarmRule
from ecocloud.intake.monitoring.alarms.taking import facts, stop_rule, terms_of
from ecocloud.kernel.evidence.guards import within_reach
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions.models import Department, Region

HANDLE, RULE = queries.HANDLE, queries.RULE
NOTE = 200
Kind = AlarmEvent.Kind


def locked(pk: int) -> AlarmIncident:
    """An incident for changing."""
    AlarmIncident.objects.select_for_update().only("pk").get(pk=pk)
    return AlarmIncident.objects.select_related("device__region", "device__department").get(pk=pk)


def move(
    tx: Change, row: AlarmIncident, event: Event, kind: str, action: str, at: datetime, *, person: Any = None,
    note: str = "", ref: str | None = None,
) -> None:  # fmt: skip
    """Take one step of the machine, save it, keep it as a step of the incident and journal it."""
    before = facts(row)
    held = row.life
    row.life = machine.step(terms_of(row), held, event, at)
    if held.open and not row.life.open:
        row.ended_at = at
    row.save()
    note_event(row, kind, at, person=person, note=note, ref=ref)
    tx.log(action, row.ref, before, facts(row), note)


def note_event(row: AlarmIncident, kind: str, at: datetime, **more: Any) -> AlarmEvent:
    """Keep one step of an incident."""
    more["note"] = more.get("note", "")[:NOTE]
    return AlarmEvent.objects.create(incident=row, kind=kind, at=at, state=row.state, level=row.level, **more)


def _act(user: Any, pk: int, act: Callable[[Change, AlarmIncident, datetime], None]) -> AlarmIncident:
    """The frame of what a person does: seen, in reach, locked, in one transaction."""
    seen = queries.incident_for(user, pk)
    if not queries.incidents(user, HANDLE).filter(pk=pk).exists():
        within_reach(user, HANDLE, seen.device.region, seen.device.department)
    with change(user.actor()) as tx:
        row = locked(pk)
        act(tx, row, timezone.now())
    return row


def acknowledge(user: Any, pk: int, *, note: str = "") -> AlarmIncident:
    """Say that one has seen it. Raises NotNow when somebody has already."""

    def act(tx: Change, row: AlarmIncident, at: datetime) -> None:
        row.acknowledged_by, row.acknowledged_at = user, at
        move(tx, row, Acknowledge(), Kind.ACKNOWLEDGED, "monitoring.alarm.acknowledge", at, person=user, note=note)

    return _act(user, pk, act)


def assign(user: Any, pk: int, *, unit: Department, note: str = "") -> AlarmIncident:
    """Give it to a unit to see to; whoever assigns it has seen it."""

    def act(tx: Change, row: AlarmIncident, at: datetime) -> None:
        if unit.kind == Department.Kind.GROUP:
            raise AlarmRefused("不能指派给单位组。", "a group cannot act", where={"字段": "单位"}, value=unit.name,
                               remedy_zh="请选择一个单位。")  # fmt: skip
        seen_by(row, user, at)
        row.assigned_to = unit
        told = f"{unit.name}：{note.strip()}" if note.strip() else unit.name
        move(tx, row, Assign(), Kind.ASSIGNED, "monitoring.alarm.assign", at, person=user, note=told)

    return _act(user, pk, act)


def done(user: Any, pk: int, *, note: str) -> AlarmIncident:
    """Say what was done about an assigned one; what was found and done is mandatory."""
    _told(note, "处置情况")

    def act(tx: Change, row: AlarmIncident, at: datetime) -> None:
        move(tx, row, Done(), Kind.DONE, "monitoring.alarm.done", at, person=user, note=note.strip())

    return _act(user, pk, act)


def false_alarm(user: Any, pk: int, *, reason: str) -> AlarmIncident:
    """End it as a false alarm; the reason is mandatory. What goes on raises nothing until it has ended once."""
    _told(reason, "理由")

    def act(tx: Change, row: AlarmIncident, at: datetime) -> None:
        row.reason = reason.strip()[:NOTE]
        seen_by(row, user, at)
        move(tx, row, FalseAlarm(), Kind.FALSE, "monitoring.alarm.false", at, person=user, note=row.reason)

    return _act(user, pk, act)


def comment(user: Any, pk: int, *, note: str) -> AlarmIncident:
    """Add words to it; the state stays."""
    _told(note, "备注")

    def act(tx: Change, row: AlarmIncident, at: datetime) -> None:
        note_event(row, Kind.COMMENT, at, person=user, note=note.strip())
        tx.log("monitoring.alarm.comment", row.ref, None, None, note.strip()[:NOTE])

    return _act(user, pk, act)


def seen_by(row: AlarmIncident, user: Any, at: datetime) -> None:
    """Note who saw it first since it was raised."""
    if row.acknowledged_at is None or row.state in {one.value for one in machine.UNSEEN}:
        row.acknowledged_by, row.acknowledged_at = user, at


def _told(text: str, field: str) -> None:
    if not text.strip():
        raise AlarmRefused(f"没有填写{field}。", "text missing", where={"字段": field}, remedy_zh="请说明后再提交。")


# Rules


def install(user: Any) -> int:
    """Bring in the rules of a fresh installation that are not there yet, for the person's division; how many."""
    region = _own_region(user)
    there = set(AlarmRule.objects.filter(given__isnull=False).values_list("given", flat=True))
    made = 0
    for one in given_rules():
        if one.code not in there:
            told = {"code": one.code, "citation": one.citation, "mark": one.mark}
            save_rule(user, None, given=one.document, region=region, **told)
            made += 1
    return made


def _own_region(user: Any) -> Region:
    if user.department is None:
        raise AlarmRefused("您的账号未挂单位，无法确定规则适用的区划。", "no department",
                           remedy_zh="请先为账号设置单位。")  # fmt: skip
    return user.department.region


def save_rule(
    user: Any, row: AlarmRule | None, *, given: Any, region: Region, revision: int | None = None, enabled: bool = True,
    code: str | None = None, citation: str = "", mark: str = "",
) -> AlarmRule:  # fmt: skip
    """A new rule, or another document for one. What an older document had found ends, and it begins anew.

    given: the document. revision: the one the person saw. Raises RuleFaults, AlreadyDone, Forbidden.
    """
    within_reach(user, RULE, region, None)
    read = doc.read(given)
    if row is not None:
        within_reach(user, RULE, row.region, None)
    now = timezone.now()
    with change(user.actor()) as tx:
        if row is None:
            before = None
            row = AlarmRule(given=code, created_by=user, created_at=now, citation=citation[:NOTE], mark=mark)
        else:
            row = AlarmRule.objects.select_for_update(of=("self",)).get(pk=row.pk)
            if revision is not None and row.revision != revision:
                raise AlreadyDone("规则已被他人修改。", f"rule {row.pk} is at {row.revision}", value=revision,
                                  remedy_zh="请刷新后再改。")  # fmt: skip
            before = _rule_facts(row)
            row.revision += 1
            stop_rule(tx, row, now)
        row.name, row.cause, row.interval, row.document = read.zh, read.cause, read.interval, given
        row.region, row.updated_at = region, now
        _turn(row, user, enabled, now)
        row.save()
        tx.log("monitoring.rule.edit" if before else "monitoring.rule.add", row.ref, before, _rule_facts(row))
    return row


def switch_rule(user: Any, pk: int, *, on: bool) -> AlarmRule:
    """Switch a rule on or off; switched off, what it had found ends."""
    seen = queries.rule_for(user, pk)
    within_reach(user, RULE, seen.region, None)
    now = timezone.now()
    with change(user.actor()) as tx:
        row = AlarmRule.objects.select_for_update(of=("self",)).get(pk=pk)
        if row.enabled != on:
            before = _rule_facts(row)
            stop_rule(tx, row, now)
            row.revision += 1
            _turn(row, user, on, now)
            row.save()
            tx.log("monitoring.rule.enable" if on else "monitoring.rule.disable", row.ref, before, _rule_facts(row))
    return row


def _turn(row: AlarmRule, user: Any, on: bool, now: datetime) -> None:
    """It looks as far back as late values may come, so that what goes on is found at once."""
    row.enabled, row.enabled_by, row.stale = on, user, True
    row.begun = now - timedelta(seconds=settings().lateness.seconds(row.interval))


def _rule_facts(row: AlarmRule) -> dict[str, Any]:
    return {"name": row.name, "region": row.region_id, "enabled": row.enabled, "revision": row.revision,
            "document": row.document}  # fmt: skip


def deadline_after(days: int, today: date | None = None) -> date:
    """The day so many days from now."""
    return (today or timezone.localdate()) + timedelta(days=days)


def is_open(row: AlarmIncident) -> bool:
    """Whether something is still to come."""
    return row.state not in (State.CLOSED.value, State.FALSE.value)
