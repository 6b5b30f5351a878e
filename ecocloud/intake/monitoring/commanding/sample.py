"""Commands of the sample site: each asked for, agreed to, sent and answered through the services, at moments gone by.

What the device says is made by the simulator and lies in the raw journal, so that every step leads to its packet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ecocloud.intake.monitoring import raw
from ecocloud.intake.monitoring.commanding import delivery, services
from ecocloud.intake.monitoring.commanding.machine import OPEN, State
from ecocloud.intake.monitoring.commanding.models import Command
from ecocloud.intake.monitoring.commanding.table import own
from ecocloud.intake.monitoring.gateway.backstage import Answer, Due, Sent
from ecocloud.intake.monitoring.hj212 import building
from ecocloud.intake.monitoring.hj212.decoder import Decoder, Packet
from ecocloud.intake.monitoring.hj212.tables import read_table
from ecocloud.intake.monitoring.raw import Kind
from ecocloud.intake.monitoring.simulator.device import Simulated, SimulatedDevice
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.kernel.regions.models import User

_DECISION = timedelta(minutes=8)  # from asking to a second person's word
_STEP = timedelta(seconds=1)  # from one packet to the next
_OPEN = {one.value for one in OPEN}
End = Literal["done", "refused", "silent", "queued", "waiting", "dismissed", "withdrawn"]


class Course(BaseModel):
    """One command: to the device of a number, asked for so many hours ago, by whom and why, and how it ends.

    begin, end: hours before it is asked for, of a command for history. code: QnRtn of a refusal.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    device: int
    cn: str
    hours: float
    by: str
    reason: str
    ends: End
    parameters: dict[str, str] = {}
    begin: int = 0
    end: int = 0
    decides: str = ""
    opinion: str = ""
    code: int = 0


class Courses(BaseModel):
    """``commanding_sample.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    commands: tuple[Course, ...]


def courses() -> tuple[Course, ...]:
    """The sample's commands, the oldest first."""
    path = files("ecocloud.intake.monitoring") / "data" / "commanding_sample.yaml"
    found = read_table(path.read_text("utf-8"), "commanding_sample.yaml", Courses).commands
    return tuple(sorted(found, key=lambda one: -one.hours))


@dataclass(frozen=True)
class Stage:
    """Where the commands are played: the raw journal, the gateway that takes part, what simulated devices send."""

    writer: raw.Writer
    gateway: str
    password: str
    now: datetime


def play(people: Mapping[str, User], devices: Sequence[Device], stage: Stage) -> list[Command]:
    """Play every command to a device that is there; returns them, the oldest first."""
    return [_played(one, people, devices[one.device], stage) for one in courses() if one.device < len(devices)]


def _played(one: Course, people: Mapping[str, User], device: Device, stage: Stage) -> Command:
    at = stage.now - timedelta(hours=one.hours)
    row = services.ask(people[one.by], device, one.cn, _parameters(one, at), reason=one.reason, now=at)
    if one.decides:
        at += _DECISION
        decide = services.dismiss if one.ends == "dismissed" else services.approve
        decide(people[one.decides], row.pk, opinion=one.opinion, now=at)
    if one.ends == "withdrawn":
        services.withdraw(people[one.by], row.pk, now=at + _DECISION)
    if one.ends not in ("done", "refused", "silent"):
        return row
    at += _STEP
    (due,) = delivery.due(stage.gateway, {device.mn}, now=at)
    _sent(due, stage, at)
    if one.ends == "silent":
        _unanswered(row, device, stage, at)
        return row
    _answered(due, device, one, stage, at)
    return row


def _parameters(one: Course, at: datetime) -> dict[str, str]:
    if not one.begin:
        return one.parameters
    begin, end = (at - timedelta(hours=hours) for hours in (one.begin, one.end))
    hour = {"minute": 0, "second": 0, "microsecond": 0}
    local = (moment.astimezone(building.BEIJING).replace(**hour) for moment in (begin, end))
    return one.parameters | {
        name: f"{moment:%Y-%m-%dT%H:%M}" for name, moment in zip(("BeginTime", "EndTime"), local, strict=True)
    }


def _sent(due: Due, stage: Stage, at: datetime) -> None:
    stage.writer.append(Kind.SENT, 0, due.frame, at)
    delivery.sent(stage.gateway, [Sent(due.id, at, True)], [])


def _unanswered(row: Command, device: Device, stage: Stage, at: datetime) -> None:
    """Nothing comes: time decides, and sends again what may be sent again."""
    while row.state in _OPEN:
        row.refresh_from_db()
        if row.state == State.READY.value:
            for due in delivery.due(stage.gateway, {device.mn}, now=at):
                _sent(due, stage, at)
        elif row.deadline is not None:
            at = row.deadline + timedelta(seconds=own("grace_s"))
            delivery.sweep(at)


def _answered(due: Due, device: Device, one: Course, stage: Stage, at: datetime) -> None:
    codes = tuple(channel.code for channel in device.channels.all())
    simulated = SimulatedDevice(Simulated(device.mn, stage.password, device.st, codes))
    (command,) = Decoder().feed(due.frame)
    packets = [building.request_answer(command, one.code)] if one.code else simulated.answers(command, at)
    told = []
    for packet in packets:
        at += _STEP
        sequence = stage.writer.append(Kind.FRAME, 0, packet, at)
        told.append(_told(packet, f"raw:{stage.gateway}/{sequence}", at))
    stage.writer.commit()
    delivery.sent(stage.gateway, [], told)


def _told(raw_packet: bytes, ref: str, at: datetime) -> Answer:
    """A packet as a gateway tells it."""
    (packet,) = Decoder().feed(raw_packet)
    assert isinstance(packet, Packet)
    code = packet.parameters.get("QnRtn") or packet.parameters.get("ExeRtn")
    return Answer(packet.head.mn, packet.head.cn, packet.qn, int(code) if code else None, ref, at)
