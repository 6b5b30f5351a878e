"""Read models of commands, limited to devices a person may see."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from ecocloud.intake.monitoring.commanding.errors import NoSuchCommand
from ecocloud.intake.monitoring.commanding.machine import DOUBTFUL, OPEN, State
from ecocloud.intake.monitoring.commanding.models import Command, CommandSetting, StrayAnswer
from ecocloud.intake.monitoring.stations import queries as stations
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.kernel.regions import scope

VIEW, APPROVE = "monitoring.device.view", "monitoring.command.approve"


def commands(viewer: Any, permission: str = VIEW) -> QuerySet[Command]:
    """The commands to devices ``viewer`` may see (with ``permission``: those in its reach)."""
    return scope.limit(Command.objects.all(), viewer, ["device__department"], "device__region", permission=permission)


def command_for(viewer: Any, pk: int) -> Command:
    """One command with its device and people; raises NoSuchCommand outside the reach."""
    rows = commands(viewer).filter(pk=pk)
    row = rows.select_related("device__region", "device__department", "device__state", "asked_by__department",
                              "decided_by__department").first()  # fmt: skip
    if row is None:
        raise NoSuchCommand("没有这条指令，或它不在您的数据范围内。", f"no command {pk} in reach", value=pk)
    return row


def to_approve(viewer: Any) -> QuerySet[Command]:
    """Commands that wait for this person's agreement: never those the person asked for."""
    return commands(viewer, APPROVE).filter(state=State.PREPARED.value).exclude(asked_by=viewer.pk)


def setting_of(device: Device) -> CommandSetting:
    """How commands go to a device; the defaults where nobody has said."""
    return CommandSetting.objects.filter(device=device).first() or CommandSetting(device=device)


def strays(viewer: Any) -> QuerySet[StrayAnswer]:
    """Answers that belong to no command, of devices the person may see."""
    return StrayAnswer.objects.filter(mn__in=stations.devices(viewer).values("mn"))


def light(state: str) -> str:
    """The light of a state: red where somebody should look at the device, amber where somebody should act."""
    if state == State.DONE.value:
        return "green"
    if state in (State.PREPARED.value, State.INCOMPLETE.value):
        return "yellow"
    if state in {one.value for one in OPEN} or state in (State.WITHDRAWN.value, State.DISMISSED.value):
        return "none"
    return "red" if state in {one.value for one in DOUBTFUL} | {State.FAILED.value, State.REFUSED.value} else "yellow"
