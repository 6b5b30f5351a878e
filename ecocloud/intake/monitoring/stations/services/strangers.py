"""Deciding on senders in quarantine: admit as a new device or with the password they send, refuse, look again."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.intake.monitoring.stations import queries
from ecocloud.intake.monitoring.stations.errors import AlreadyDecided, DeviceRefused
from ecocloud.intake.monitoring.stations.models import Device, Stranger
from ecocloud.intake.monitoring.stations.services.devices import add_device, set_password, turn_device
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions

DECIDE = queries.DECIDE


def admit(user: Any, pk: int, **given: Any) -> Device:
    """Admit a sender: a new device with what is given (see :func:`add_device`; ``mn`` is the sender's); a known device
    is switched on where it was off and takes the ``password`` given. What waits in quarantine is read afterwards.

    Raises Forbidden, DeviceRefused, AlreadyDecided.
    """
    with change(user.actor()) as tx:
        row = _waiting(user, pk, (Stranger.State.WAITING, Stranger.State.REFUSED))
        device = Device.objects.filter(mn=row.mn).first()
        if device is None:
            device = add_device(user, mn=row.mn, **given)
        else:
            if not device.enabled:
                turn_device(user, device.pk, True)
            if given.get("password"):
                set_password(user, device.pk, password=given["password"])
            device.refresh_from_db()
        Stranger.objects.filter(mn=row.mn).exclude(state=Stranger.State.ADMITTED).update(
            state=Stranger.State.ADMITTED, device=device, decided_by_id=user.pk, decided_at=timezone.now()
        )
        tx.log("monitoring.stranger.admit", row.ref, {"state": row.state}, {"mn": row.mn, "device": device.ref})
    return device


def refuse(user: Any, pk: int, opinion: str) -> Stranger:
    """Refuse a sender with a reason; its packets stay in the raw journal until their retention ends."""
    permissions.require(user, DECIDE)
    if not opinion.strip():
        raise DeviceRefused("拒绝准入须说明理由。", "no reason given", faults={"opinion": _("请填写理由。")})
    return _decide(user, pk, Stranger.State.WAITING, Stranger.State.REFUSED, "refuse", opinion.strip())


def readmit(user: Any, pk: int) -> Stranger:
    """Put a refused sender back among those that wait."""
    return _decide(user, pk, Stranger.State.REFUSED, Stranger.State.WAITING, "reopen", "")


def _decide(user: Any, pk: int, before: str, after: str, verb: str, opinion: str) -> Stranger:
    with change(user.actor()) as tx:
        row = _waiting(user, pk, (before,))
        row.state, row.opinion, row.decided_by_id, row.decided_at = after, opinion[:200], user.pk, timezone.now()
        row.save()
        tx.log(f"monitoring.stranger.{verb}", row.ref, {"state": before}, {"mn": row.mn, "state": after}, opinion)
    return row


def _waiting(user: Any, pk: int, states: tuple[str, ...]) -> Stranger:
    row = queries.strangers(user).select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None or row.state not in states:
        raise AlreadyDecided("该来源已处理，或已不存在。", f"stranger {pk} is not open", value=pk,
                             remedy_zh="请刷新待准入清单。")  # fmt: skip
    return row
