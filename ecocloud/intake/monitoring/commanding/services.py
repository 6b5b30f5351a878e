"""What people do with commands: ask, agree, take back, say how a device takes them. Permission, change and journal in
one transaction; what acts on equipment goes out only after a second person agreed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils import timezone

from ecocloud.intake.monitoring.commanding import machine, parameters, queries
from ecocloud.intake.monitoring.commanding.errors import CommandRefused
from ecocloud.intake.monitoring.commanding.machine import OPEN, Approve, Dismiss, Event, Withdraw
from ecocloud.intake.monitoring.commanding.models import DEFAULT_EDITION, Command, CommandEvent, CommandSetting
from ecocloud.intake.monitoring.commanding.table import Offer, offer_of, plan_of, table
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.kernel.evidence.guards import within_reach
from ecocloud.kernel.journal.services import Change, change

ASK, APPROVE, SET = "monitoring.command.ask", "monitoring.command.approve", "monitoring.device.edit"
MOST_OPEN = 20  # commands waiting for one device
_NOTE = 200
Kind = CommandEvent.Kind


def ask(
    user: Any,
    device: Device,
    cn: str,
    given: Mapping[str, str] | None = None,
    *,
    reason: str,
    now: datetime | None = None,
) -> Command:
    """Ask for a command to a device; it goes out by itself unless a second person must agree first.

    cn: a command of the table for the device's edition. given: texts by parameter. reason: why, mandatory. now: when it
    is asked for, None for this moment.
    Raises Forbidden outside the person's reach, ParameterFaults with the fault of every field, CommandRefused.
    """
    within_reach(user, ASK, device.region, device.department)
    setting = queries.setting_of(device)
    offer = offer_of(cn, setting.edition)
    if offer is None or offer.terms.not_offered:
        why = offer.terms.not_offered if offer else f"{setting.edition} 版标准没有这条上位机命令"
        raise CommandRefused(f"命令 {cn} 不能下发：{why}。", f"{cn} is not offered", where={"字段": "命令"}, value=cn)
    if not reason.strip():
        raise CommandRefused("没有填写事由。", "no reason", where={"字段": "事由"}, remedy_zh="请说明为什么下发。")
    if not device.enabled:
        raise CommandRefused("设备已停用。", "device is off", value=device.mn, remedy_zh="请先启用设备。")
    now = now or timezone.now()
    kept = parameters.checked(offer, given or {}, now)
    with change(user.actor()) as tx:
        Device.objects.select_for_update(of=("self",)).get(pk=device.pk)
        waiting = Command.objects.filter(device=device, state__in=[one.value for one in OPEN]).count()
        if waiting >= MOST_OPEN:
            raise CommandRefused(f"该设备已有 {waiting} 条指令未结束。", "too many open commands", value=waiting,
                                 remedy_zh="请等待结束，或撤回不需要的。")  # fmt: skip
        row = made(device, setting, offer, kept, reason.strip()[:_NOTE], now)
        row.asked_by = user
        row.save()
        note_event(row, Kind.ASKED, now, person=user, note=row.reason)
        tx.log("monitoring.command.ask", row.ref, None, facts(row), row.reason)
    return row


def made(
    device: Device, setting: CommandSetting, offer: Offer, kept: Mapping[str, str], reason: str, now: datetime
) -> Command:
    """A command that is not saved yet, at its start."""
    plan = plan_of(offer, setting.link)
    row = Command(device=device, cn=offer.code, edition=setting.edition, given=dict(kept), plan=asdict(plan),
                  acts=plan.acts, approval=plan.approval, reason=reason, asked_at=now)  # fmt: skip
    row.progress = machine.begin(plan, now)
    return row


def facts(row: Command) -> dict[str, Any]:
    """A command for the journal."""
    return {"device": row.device_id, "cn": row.cn, "given": row.given, "state": row.state}


def note_event(row: Command, kind: str, at: datetime, **more: Any) -> CommandEvent:
    """Write one step of a command with the state it led to."""
    return CommandEvent.objects.create(command=row, kind=kind, at=at, state=row.state, **more)


def locked(pk: int) -> Command:
    """A command for changing."""
    return Command.objects.select_for_update(of=("self",)).select_related("device").get(pk=pk)


def move(row: Command, event: Event, at: datetime, tx: Change | None = None) -> bool:
    """Take one step of the machine and save; whether anything changed. The end is journalled where ``tx`` is given."""
    before = row.progress
    after = machine.step(row.terms, before, event, at)
    if after == before:
        return False
    row.progress = after
    if after.sends > before.sends and row.sent_at is None:
        row.sent_at = at
    if before.open and not after.open:
        row.ended_at = at
    row.save()
    if tx is not None and after.state != before.state and not after.open:
        end = {"state": row.state, "why": row.why, "result": row.result, "sends": row.sends, "data": row.data}
        tx.log("monitoring.command.end", row.ref, {"state": before.state.value}, end)
    return True


def approve(user: Any, pk: int, *, opinion: str = "", now: datetime | None = None) -> Command:
    """Agree as a second person; the command may go out now. Raises CommandRefused for whoever asked for it, and for
    accounts of programs."""
    return _decide(user, pk, Approve(), Kind.APPROVED, "monitoring.command.approve", opinion, now)


def dismiss(user: Any, pk: int, *, opinion: str, now: datetime | None = None) -> Command:
    """Do not agree; the opinion is mandatory."""
    if not opinion.strip():
        raise CommandRefused("没有填写意见。", "no opinion", where={"字段": "意见"}, remedy_zh="不同意时请说明理由。")
    return _decide(user, pk, Dismiss(), Kind.DISMISSED, "monitoring.command.dismiss", opinion, now)


def _decide(user: Any, pk: int, event: Event, kind: str, action: str, opinion: str, now: datetime | None) -> Command:
    seen = queries.command_for(user, pk)
    within_reach(user, APPROVE, seen.device.region, seen.device.department)
    with change(user.actor()) as tx:
        row = locked(pk)
        if row.asked_by_id == user.pk:
            raise CommandRefused("审批人不能是提出人本人。", "the one who asked cannot agree",
                                 where={"指令": row.pk}, remedy_zh="请由另一位有审批权限的人员审批。")  # fmt: skip
        if user.service:
            raise CommandRefused("对接账号不能审批指令。", "a program is no second person", where={"指令": row.pk},
                                 remedy_zh="请由有审批权限的人员审批。")  # fmt: skip
        before = row.state
        row.decided_by, row.decided_at, row.opinion = user, now or timezone.now(), opinion.strip()[:_NOTE]
        move(row, event, row.decided_at)
        note_event(row, kind, row.decided_at, person=user, note=row.opinion)
        tx.log(action, row.ref, {"state": before}, {"state": row.state}, row.opinion)
    return row


def withdraw(user: Any, pk: int, *, now: datetime | None = None) -> Command:
    """Take a command back that has not gone out; by whoever asked, or by one who may agree."""
    seen = queries.command_for(user, pk)
    right = ASK if seen.asked_by_id == user.pk else APPROVE
    within_reach(user, right, seen.device.region, seen.device.department)
    with change(user.actor()) as tx:
        row, now = locked(pk), now or timezone.now()
        before = row.state
        move(row, Withdraw(), now)
        note_event(row, Kind.WITHDRAWN, now, person=user)
        tx.log("monitoring.command.withdraw", row.ref, {"state": before}, {"state": row.state})
    return row


def set_up(
    user: Any, device: Device, *, edition: int = DEFAULT_EDITION, link: str, own_qn: bool = False,
    auto_clock: bool = False,
) -> CommandSetting:  # fmt: skip
    """Say how commands go to a device: edition of its answers, kind of link, QN of its own, setting its clock."""
    within_reach(user, SET, device.region, device.department)
    links = [one.code for one in table().times]
    editions = dict(CommandSetting._meta.get_field("edition").choices)
    if edition not in editions or link not in links:
        raise CommandRefused("版本或通信方式无法识别。", "unknown edition or link", value=f"{edition}, {link}",
                             remedy_zh="请从列表中选择。")  # fmt: skip
    with change(user.actor()) as tx:
        row = CommandSetting.objects.select_for_update(of=("self",)).filter(device=device).first()
        before = _setting_facts(row) if row else None
        row = row or CommandSetting(device=device)
        row.edition, row.link, row.own_qn, row.auto_clock = edition, link, own_qn, auto_clock
        row.set_by, row.set_at = user, timezone.now()
        row.save()
        tx.log("monitoring.command.setting", device.ref, before, _setting_facts(row))
    return row


def _setting_facts(row: CommandSetting) -> dict[str, Any]:
    return {"edition": row.edition, "link": row.link, "own_qn": row.own_qn, "auto_clock": row.auto_clock}
