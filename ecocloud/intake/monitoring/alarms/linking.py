"""One incident, one work item: made by a person's click or by the rule, linked both ways, closed back; and who is told
when nobody acknowledges."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.intake.monitoring.alarms import document as doc
from ecocloud.intake.monitoring.alarms import machine, queries, services
from ecocloud.intake.monitoring.alarms.errors import AlarmRefused, AlreadyDone
from ecocloud.intake.monitoring.alarms.machine import Assign, Done, NotNow, State, Tick
from ecocloud.intake.monitoring.alarms.models import OPEN, AlarmIncident, AlarmRule
from ecocloud.intake.monitoring.alarms.services import Kind, locked, move, note_event
from ecocloud.intake.monitoring.alarms.taking import terms_of
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.duties.services import items as duty_items
from ecocloud.kernel.duties.services.notices import tell_unit
from ecocloud.kernel.duties.services.standing import CREATE
from ecocloud.kernel.evidence.guards import within_reach
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import SYSTEM, Change, change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department

AT_ONCE = 50
NOTICE = "alarm"
DEFAULT_KIND = "problem"
# By which way the item came, where its kind tells such ways apart.
CHANNEL = "alarm"


def make_item(
    user: Any, pk: int, *, lead: Department, deadline: date, kind: str = DEFAULT_KIND, body: str = "",
    rule: AlarmRule | None = None,
) -> WorkItem:  # fmt: skip
    """Make the work item of an incident; it is assigned by that. rule: made by the rule in the person's name.

    Raises AlreadyDone when there is one, NotNow when the incident has ended, Forbidden without the right to create
    items or outside the reach, and what the ledger refuses.
    """
    permissions.require(user, CREATE)
    seen = queries.incident_for(user, pk)
    within_reach(user, services.HANDLE, seen.device.region, seen.device.department)
    if kind not in all_kinds():
        raise AlarmRefused(f"没有“{kind}”这种事项。", f"unknown kind {kind}", where={"字段": "事项类型"}, value=kind)
    with change(user.actor()) as tx:
        row, now = locked(pk), timezone.now()
        if row.item_ref is not None:
            raise AlreadyDone("这条报警已有督办事项。", f"incident {pk} has {row.item_ref}", value=row.item_ref)
        machine.step(terms_of(row), row.life, Assign(), now)
        item = duty_items.make(tx, user, duty_items.Draft(
            title=f"{row.device.name}：{row.title}", lead=lead, kind=kind, region=row.device.region, deadline=deadline,
            body=body, refs=(row.device.ref,), source_ref=row.ref, source_title=row.title,
            channel=CHANNEL if all_kinds()[kind].channel(CHANNEL) else "",
        ))  # fmt: skip
        row.item_ref, row.assigned_to, row.wants = item.ref, lead, 0
        services.seen_by(row, user, now)
        by = f"{item.code}（规则：{rule.name}）" if rule else item.code
        move(tx, row, Assign(), Kind.ITEM, "monitoring.alarm.item", now, person=user, note=by, ref=item.ref)
    return item


def item_moved(tx: Change, user: Any, item: WorkItem, at: datetime) -> None:
    """A work item made of an incident has moved: its end is the end of the incident's handling, its reopening takes the
    incident up again. In the transaction of the item."""
    key = Ref.parse(item.source_ref).key
    row = AlarmIncident.objects.filter(pk=int(key) if key.isdecimal() and len(key) < 19 else 0).first()
    if row is None or row.item_ref != item.ref:
        return
    row = locked(row.pk)
    note = f"{item.code} {item.state_zh}"
    event = Assign() if item.is_open else Done()
    if (row.state == State.ASSIGNED.value) != item.is_open:
        try:
            action = "monitoring.alarm.item_moved"
            move(tx, row, event, Kind.ITEM_STEP, action, at, person=user, note=note, ref=item.ref)
            return
        except NotNow:
            pass  # the incident has ended otherwise; that its item moved is still told
    note_event(row, Kind.ITEM_STEP, at, person=user, note=note, ref=item.ref)


def make_wanted(now: datetime) -> int:
    """Make the work items that rules want, in the name of whoever switched the rule on; how many were made.

    Where that is refused, the incident says why and is left to people.
    """
    made = 0
    rows = AlarmIncident.objects.filter(wants__gt=0, item_ref__isnull=True, state__in=OPEN).order_by("pk")
    for row in rows.select_related("device__department")[:AT_ONCE]:
        rule, duty = _wanting(row)
        try:
            if rule is None or duty is None or rule.enabled_by is None:
                raise AlarmRefused("规则已不再要求转督办。", "no rule wants it")
            if row.device.department is None:
                raise AlarmRefused("设备没有责任单位，无法确定牵头单位。", "no department")
            deadline = services.deadline_after(duty.days, timezone.localdate(now))
            make_item(rule.enabled_by, row.pk, lead=row.device.department, deadline=deadline, kind=duty.kind, rule=rule)
            made += 1
        except EcoError as error:
            with change(SYSTEM) as tx:
                fresh = locked(row.pk)
                fresh.wants = 0
                fresh.save(update_fields=["wants"])
                note_event(fresh, Kind.ITEM_FAILED, now, note=error.message_zh)
                tx.log("monitoring.alarm.item_failed", fresh.ref, None, None, error.message_zh)
    return made


def _wanting(row: AlarmIncident) -> tuple[AlarmRule | None, doc.Duty | None]:
    signals = row.signals.select_related("rule__enabled_by__department").order_by("pk")
    for signal in signals:
        duty = signal.rule.document.get("duty")
        if duty and signal.peak >= duty.get("level", 0) and signal.rule.enabled:
            return signal.rule, doc.read(signal.rule.document).duty
    return None, None


def sweep(now: datetime | None = None) -> dict[str, int]:
    """What time has decided: nobody acknowledged (the unit above is told), or it was over long enough."""
    now = now or timezone.now()
    counts = {"escalated": 0, "ended": 0}
    late = list(AlarmIncident.objects.filter(deadline__lte=now).order_by("deadline").values_list("pk", flat=True)[:500])
    for start in range(0, len(late), AT_ONCE):
        with change(SYSTEM) as tx:
            for pk in late[start : start + AT_ONCE]:
                row = locked(pk)
                if row.deadline is not None and row.deadline <= now:
                    counts["escalated" if row.state == State.RAISED.value else "ended"] += 1
                    _pass(tx, row, now)
    return counts


def _pass(tx: Change, row: AlarmIncident, now: datetime) -> None:
    if row.state != State.RAISED.value:
        move(tx, row, Tick(), Kind.ENDED, "monitoring.alarm.end", now, note="恢复后无人确认，到时自动结束")
        return
    unit = _above(row, row.escalations + 1)
    note = f"告知{unit.name}" if unit else "没有可告知的上级单位"
    move(tx, row, Tick(), Kind.ESCALATED, "monitoring.alarm.escalate", now, note=note)
    if unit is not None:
        text = f"{row.device.name}：{row.title}，{row.acknowledge_s // 60 * row.escalations} 分钟无人确认。"
        tell_unit(unit, NOTICE, row.ref, f"报警未确认：{row.device.name} {row.title}", text, now)


def _above(row: AlarmIncident, steps: int) -> Department | None:
    """The unit so many steps above the device's; the highest there is; that of the rule where the device has none."""
    unit = row.device.department
    above = unit
    for _ in range(steps):
        if above is None or above.parent is None:
            break
        above = above.parent
    if above is not None and above != unit:
        return above
    signal = row.signals.select_related("rule__enabled_by__department").order_by("pk").first()
    person = signal.rule.enabled_by if signal else None
    return (person.department if person else None) or unit
