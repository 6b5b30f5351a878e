"""API of commands: list, one with its steps, ask, decide, take back. Limited to the caller's data scope."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from ecocloud.intake.monitoring.commanding import queries, services, showing
from ecocloud.intake.monitoring.commanding.models import Command
from ecocloud.intake.monitoring.stations import queries as stations
from ecocloud.kernel.regions.permissions import require

router = Router(tags=["monitoring"])
MAX_ROWS = 200


class StepOut(Schema):
    """One step of a command with the packet it came in."""

    at: datetime
    kind: str
    state: str
    cn: str | None
    qn: str | None
    result: int | None
    raw: str | None
    note: str


class CommandOut(Schema):
    """A command and what became of it."""

    id: int
    device: int
    mn: str
    cn: str
    name: str
    parameters: dict[str, str]
    reason: str
    state: str
    why: str | None
    result: int | None
    data: int
    sends: int
    qn: str | None
    asked_at: datetime
    deadline: datetime | None
    ended_at: datetime | None


class CommandDetail(CommandOut):
    """A command with its steps."""

    steps: list[StepOut]


class CommandIn(Schema):
    """A command to ask for; parameters as texts by name, times in Beijing time."""

    device: int
    cn: str
    parameters: dict[str, str] = {}
    reason: str


class DecisionIn(Schema):
    """A second person's decision."""

    agree: bool
    opinion: str = ""


class Wanted(Schema):
    """Which commands."""

    device: int | None = None
    state: str = ""
    cn: str = ""
    offset: int = 0


def _out(row: Command) -> dict[str, Any]:
    return {
        "id": row.pk, "device": row.device_id, "mn": row.device.mn, "cn": row.cn,
        "name": showing.name_of(row.cn, row.edition), "parameters": row.given, "reason": row.reason,
        "state": row.state, "why": row.why, "result": row.result, "data": row.data, "sends": row.sends, "qn": row.qn,
        "asked_at": row.asked_at, "deadline": row.deadline, "ended_at": row.ended_at,
    }  # fmt: skip


@router.get("/commands", url_name="monitoring-commands", response=list[CommandOut])
def commands(request: HttpRequest, wanted: Query[Wanted]) -> Any:
    """Commands to devices in reach, the newest first, at most 200."""
    require(request.user, queries.VIEW)
    rows = queries.commands(request.user).select_related("device")
    rows = rows.filter(device=wanted.device) if wanted.device is not None else rows
    rows = rows.filter(state=wanted.state) if wanted.state else rows
    rows = rows.filter(cn=wanted.cn) if wanted.cn else rows
    start = max(0, wanted.offset)
    return [_out(row) for row in rows.order_by("-asked_at", "-pk")[start : start + MAX_ROWS]]


@router.post("/commands", url_name="monitoring-commands", response=CommandOut)
def ask(request: HttpRequest, body: CommandIn) -> Any:
    """Ask for a command; what acts on equipment waits for a second person."""
    device = stations.device_for(request.user, body.device)
    return _out(services.ask(request.user, device, body.cn, body.parameters, reason=body.reason))


@router.get("/commands/{pk}", url_name="monitoring-command", response=CommandDetail)
def command(request: HttpRequest, pk: int) -> Any:
    """One command with its steps."""
    row = queries.command_for(request.user, pk)
    steps = [
        {"at": one.at, "kind": one.kind, "state": one.state, "cn": one.cn, "qn": one.qn, "result": one.result,
         "raw": one.raw_ref, "note": one.note}
        for one in row.events.order_by("at", "pk")
    ]  # fmt: skip
    return _out(row) | {"steps": steps}


@router.post("/commands/{pk}/decision", url_name="monitoring-command-decide", response=CommandOut)
def decide(request: HttpRequest, pk: int, body: DecisionIn) -> Any:
    """Agree or not, as another person than the one who asked."""
    if body.agree:
        return _out(services.approve(request.user, pk, opinion=body.opinion))
    return _out(services.dismiss(request.user, pk, opinion=body.opinion))


@router.post("/commands/{pk}/withdrawal", url_name="monitoring-command-withdraw", response=CommandOut)
def withdraw(request: HttpRequest, pk: int) -> Any:
    """Take back what has not gone out."""
    return _out(services.withdraw(request.user, pk))
