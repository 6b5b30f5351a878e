"""What a gateway asks and tells about commands, against the database.

A command is claimed in its own transaction before its bytes leave, so that a gateway that dies in between can never
send it a second time: the claim stands, and time decides. The same answer told twice counts once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.intake.monitoring.commanding import parameters, services
from ecocloud.intake.monitoring.commanding.machine import (
    OPEN,
    UNDER_WAY,
    HandOut,
    Reported,
    State,
    Tick,
    Unbuilt,
    may_go,
)
from ecocloud.intake.monitoring.commanding.matching import By, Known, Told, event_of, match, told
from ecocloud.intake.monitoring.commanding.models import Command, CommandEvent, CommandSetting, StrayAnswer
from ecocloud.intake.monitoring.commanding.table import offer_of, own
from ecocloud.intake.monitoring.gateway.backstage import Answer, Due, Sent
from ecocloud.intake.monitoring.hj212 import building
from ecocloud.intake.monitoring.stations.models import Device, DeviceState
from ecocloud.intake.monitoring.stations.services.devices import key_of, password_of
from ecocloud.kernel.journal.services import SYSTEM, Busy, Change, change

LOG = logging.getLogger(__name__)
CLOCK = "1012"
MOST_AT_ONCE = 50  # commands handed out, or answers taken in, by one transaction or call
SHOWN_DATA = 20  # packets of data that get a step of their own; more are counted
_OPEN, _UNDER_WAY = [one.value for one in OPEN], [one.value for one in UNDER_WAY]
Kind = CommandEvent.Kind


def due(gateway: str, online: Collection[str], now: datetime | None = None) -> list[Due]:
    """Commands for devices connected to this gateway, each claimed for it; one at a time for a device.

    online: MN of the devices. Time that has passed is settled first.
    """
    now = now or timezone.now()
    sweep(now)
    ready = Command.objects.filter(state=State.READY.value, device__enabled=True).order_by("asked_at", "pk")
    found: list[Due] = []
    taken: set[int] = set(Command.objects.filter(state__in=_UNDER_WAY).values_list("device_id", flat=True))
    for pk, device, mn in ready.values_list("pk", "device_id", "device__mn").iterator(500):
        if len(found) >= MOST_AT_ONCE:
            break
        if mn not in online or device in taken:
            continue
        one = _claim(pk, gateway, now)
        if one is not None:
            taken.add(device)
            found.append(one)
    return found


def _claim(pk: int, gateway: str, now: datetime) -> Due | None:
    with change(SYSTEM) as tx:
        # The device's row first: two gateways that see the same device take turns, and one finds the other's claim.
        device_id = Command.objects.filter(pk=pk).values_list("device_id", flat=True).get()
        device = Device.objects.select_for_update(of=("self",)).get(pk=device_id)
        row = services.locked(pk)
        busy = Command.objects.filter(device=device, state__in=_UNDER_WAY).exists()
        if busy or not may_go(row.progress, now):
            return None
        row.qn = row.qn or _free_qn(device, now)
        try:
            frame = _frame(row, device, now)
        except EcoError as error:
            services.move(row, Unbuilt(), now, tx)
            services.note_event(row, Kind.UNBUILT, now, note=error.sentence_zh()[:200])
            return None
        row.gateway = gateway[:40]
        services.move(row, HandOut(), now)
        services.note_event(row, Kind.HANDED, now, qn=row.qn, note=row.gateway)
    return Due(row.pk, device.mn, frame, row.qn, row.cn)


def _free_qn(device: Device, now: datetime) -> str:
    """A QN that no command to this device has had: the time, a millisecond later while it is taken."""
    at = now
    while Command.objects.filter(device=device, qn=building.qn_of(at)).exists():
        at += timedelta(milliseconds=1)
    return building.qn_of(at)


def _frame(row: Command, device: Device, now: datetime) -> bytes:
    offer = offer_of(row.cn, row.edition)
    assert offer is not None
    to = building.Device(device.mn, device.st, password_of(device), row.edition, key_of(device))
    return building.command(row.cn, to, row.qn or "", parameters.wired(offer, row.given, now))


def sent(gateway: str, sendings: Sequence[Sent], answers: Sequence[Answer]) -> None:
    """What became of sending, then what devices answered; taken in piece by piece, each whole or not at all.

    Raises while the database is busy or away: the gateway then tells it again. One that cannot be taken in at all is
    logged and left out, so that it does not hold up all others.
    """
    _in_pieces(gateway, sendings, _take_sending)
    _in_pieces(gateway, answers, _take_answer)


def _in_pieces(gateway: str, told_all: Sequence[Any], take: Callable[[Any, Change], None]) -> None:
    for start in range(0, len(told_all), MOST_AT_ONCE):
        piece = told_all[start : start + MOST_AT_ONCE]
        try:
            _take_all(piece, take)
        except (Busy, OperationalError, InterfaceError):
            raise
        except Exception:
            for one in piece:
                try:
                    _take_all([one], take)
                except (Busy, OperationalError, InterfaceError):
                    raise
                except Exception:
                    LOG.exception("gateway %s: %r is left out", gateway, one)


def _take_all(piece: Sequence[Any], take: Callable[[Any, Change], None]) -> None:
    with change(SYSTEM) as tx:
        for one in piece:
            take(one, tx)


def _take_sending(one: Sent, tx: Change) -> None:
    row = Command.objects.select_for_update(of=("self",)).filter(pk=one.id).first()
    if row is None:
        return
    if services.move(row, Reported(one.delivered), one.at, tx):
        services.note_event(row, Kind.SENT if one.delivered else Kind.NOT_SENT, one.at, qn=row.qn)
        if one.delivered:
            tx.log("monitoring.command.sent", row.ref, None, {"qn": row.qn, "sends": row.sends})


def _take_answer(answer: Answer, tx: Change) -> None:
    said = told(answer.cn, answer.qn, answer.result)
    rows = Command.objects.filter(device__mn=answer.mn).filter(Q(qn=said.qn) | Q(state__in=_UNDER_WAY))
    rows = {row.pk: row for row in rows.select_for_update(of=("self",)).order_by("pk")}
    own_qn = CommandSetting.objects.filter(device__mn=answer.mn, own_qn=True).exists() if rows else False
    known = [
        Known(row.pk, row.cn, row.qn or "", row.state in _UNDER_WAY, row.terms.notice, row.acts and not own_qn)
        for row in rows.values()
    ]
    found = match(said, known)
    if found is None:
        _stray(answer, said)
        return
    _answered(rows[found[0].id], answer, said, found[1], tx)


def _answered(row: Command, answer: Answer, said: Told, by: By, tx: Change) -> None:
    if row.events.filter(raw_ref=answer.raw_ref).exists():
        return
    event = event_of(said)
    is_data = event is not None and said.cn not in (building.REQUEST_ANSWER, building.RESULT, building.NOTICE_ANSWER)
    row.matched = By.DEVICE.value if by == By.DEVICE else row.matched or by.value
    if is_data:
        row.data_ref = answer.raw_ref
    if event is None or not services.move(row, event, answer.at, tx):
        row.save()
    if not is_data or row.data <= SHOWN_DATA:
        services.note_event(row, Kind.DATA if is_data else Kind.ANSWER, answer.at, cn=said.cn, qn=said.qn,
                            result=said.code, matched=by.value, raw_ref=answer.raw_ref)  # fmt: skip


def _stray(answer: Answer, said: Told) -> None:
    """An answer that belongs to nothing is counted; data that nobody asked for are ordinary uploads."""
    if said.cn not in (building.REQUEST_ANSWER, building.RESULT, building.NOTICE_ANSWER, building.DATA_ANSWER):
        return
    row = StrayAnswer.objects.select_for_update().filter(mn=answer.mn[:40], cn=said.cn).first()
    row = row or StrayAnswer(mn=answer.mn[:40], cn=said.cn, first=answer.at, last=answer.at)
    row.qn, row.result, row.raw_ref = said.qn, said.code, answer.raw_ref
    row.last = max(row.last, answer.at)
    row.count += 1
    row.save()


def sweep(now: datetime | None = None) -> int:
    """Settle what time has decided; how many commands moved. Answers on their way from a gateway get their moment."""
    now = now or timezone.now()
    limit = now - timedelta(seconds=own("grace_s"))
    late = list(Command.objects.filter(state__in=_OPEN, deadline__lte=limit).order_by("deadline")
                .values_list("pk", flat=True)[:500])  # fmt: skip
    moved = 0
    for start in range(0, len(late), MOST_AT_ONCE):
        with change(SYSTEM) as tx:
            for pk in late[start : start + MOST_AT_ONCE]:
                row = services.locked(pk)
                if row.deadline is not None and row.deadline <= limit and services.move(row, Tick(), now, tx):
                    services.note_event(row, Kind.TIME, now)
                    moved += 1
    return moved


def set_clocks(now: datetime | None = None) -> int:
    """Ask for 1012 where a clock drifts, its device is switched so, and none was asked for lately; how many.

    The standing consent is the person's who switched it on (journalled); no more often than the table says.
    """
    now = now or timezone.now()
    limit, wait = own("drift_s"), timedelta(seconds=own("drift_wait_s"))
    drifting = DeviceState.objects.filter(
        Q(clock_drift_s__gt=limit) | Q(clock_drift_s__lt=-limit), online=True, device__enabled=True,
        device__commanding__auto_clock=True,
    ).exclude(device__commands__in=Command.objects.filter(cn=CLOCK, asked_at__gt=now - wait))  # fmt: skip
    asked = 0
    for state in drifting.select_related("device__commanding")[:MOST_AT_ONCE]:
        device = state.device
        offer = offer_of(CLOCK, device.commanding.edition)
        if offer is None:
            continue
        with change(SYSTEM) as tx:
            Device.objects.select_for_update(of=("self",)).get(pk=device.pk)
            if Command.objects.filter(device=device, cn=CLOCK, asked_at__gt=now - wait).exists():
                continue
            reason = f"设备时钟偏差 {state.clock_drift_s:+.0f} 秒，自动校时"
            row = services.made(device, device.commanding, offer, {}, reason, now)
            row.automatic = True
            row.save()
            services.note_event(row, Kind.ASKED, now, note=reason)
            tx.log("monitoring.command.ask", row.ref, None, services.facts(row), reason)
            asked += 1
    return asked
