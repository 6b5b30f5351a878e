"""API of alarms: incidents, their steps, rules, a trial of a rule. Limited to the caller's data scope."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from ecocloud.intake.monitoring.alarms import document as doc
from ecocloud.intake.monitoring.alarms import queries, replaying, services
from ecocloud.intake.monitoring.alarms.errors import AlarmRefused
from ecocloud.intake.monitoring.alarms.models import OPEN, AlarmIncident
from ecocloud.intake.monitoring.alarms.taking import moment
from ecocloud.kernel.regions.models import Department
from ecocloud.kernel.regions.permissions import require

router = Router(tags=["monitoring"])
MAX_ROWS = 200


class IncidentOut(Schema):
    """An incident: one for a station and a cause."""

    id: int
    station: str
    device: int
    mn: str
    cause: str
    title: str
    state: str
    active: bool
    level: int
    peak: int
    raises: int
    escalations: int
    first: datetime
    last: datetime
    over: datetime | None
    acknowledged_at: datetime | None
    ended_at: datetime | None
    item: str | None


class SignalOut(Schema):
    """What raised an incident."""

    rule: int
    mn: str
    factor: str
    start: datetime
    end: datetime | None
    level: int
    peak: int
    withdrawn: bool
    because: list[dict[str, str]]


class StepOut(Schema):
    """One step of an incident."""

    at: datetime
    kind: str
    state: str
    level: int
    person: str
    note: str


class IncidentDetail(IncidentOut):
    """An incident with what raised it (the newest 200) and its steps."""

    signals: list[SignalOut]
    steps: list[StepOut]


class StepIn(Schema):
    """A step: acknowledge, assign (to ``unit``), done, false or comment; words where they are mandatory."""

    step: Literal["acknowledge", "assign", "done", "false", "comment"]
    note: str = ""
    unit: int | None = None


class RuleOut(Schema):
    """A rule with its document."""

    id: int
    name: str
    region: str
    enabled: bool
    revision: int
    document: dict[str, Any]


class TrialIn(Schema):
    """A rule document to be tried on the last days (at most 30)."""

    document: dict[str, Any]
    days: int = 7


class EpisodeOut(Schema):
    """What a rule would have found."""

    mn: str
    factor: str
    start: datetime
    end: datetime | None
    peak: int
    because: list[dict[str, str]]


class TrialOut(Schema):
    """The outcome of a trial: devices looked at, how many more there are, episodes in all, the newest 100, and how many
    incidents they make at how many stations."""

    devices: int
    more: int
    days: int
    total: int
    incidents: int
    stations: int
    episodes: list[EpisodeOut]


class Wanted(Schema):
    """Which incidents."""

    state: str = ""
    cause: str = ""
    open: bool = False
    device: int | None = None
    offset: int = 0


def _out(row: AlarmIncident) -> dict[str, Any]:
    names = ("station", "cause", "title", "state", "active", "level", "peak", "raises", "escalations", "first", "last",
             "over", "acknowledged_at", "ended_at")  # fmt: skip
    return {name: getattr(row, name) for name in names} | {
        "id": row.pk, "device": row.device_id, "mn": row.device.mn, "item": row.item_ref}  # fmt: skip


@router.get("/alarms", url_name="monitoring-alarms", response=list[IncidentOut])
def alarms(request: HttpRequest, wanted: Query[Wanted]) -> Any:
    """Incidents in reach, the newest first, at most 200."""
    require(request.user, queries.VIEW)
    rows = queries.incidents(request.user).select_related("device")
    rows = rows.filter(state=wanted.state) if wanted.state else rows
    rows = rows.filter(cause=wanted.cause) if wanted.cause else rows
    rows = rows.filter(state__in=OPEN) if wanted.open else rows
    rows = rows.filter(device=wanted.device) if wanted.device is not None else rows
    start = max(0, wanted.offset)
    return [_out(row) for row in rows.order_by("-last", "-pk")[start : start + MAX_ROWS]]


@router.get("/alarms/rules", url_name="monitoring-alarm-rules", response=list[RuleOut])
def rules(request: HttpRequest) -> Any:
    """All rules."""
    names = ("name", "enabled", "revision", "document")
    rows = queries.rules(request.user).order_by("name", "pk")[:MAX_ROWS]
    return [{name: getattr(row, name) for name in names} | {"id": row.pk, "region": row.region_id} for row in rows]


@router.post("/alarms/trial", url_name="monitoring-alarm-try", response=TrialOut)
def trial(request: HttpRequest, body: TrialIn) -> Any:
    """What a rule would have found on the devices in reach; nothing is written."""
    require(request.user, queries.RULE)
    read = doc.read(body.document)
    region = getattr(request.user.department, "region", None)
    if region is None:
        raise AlarmRefused("您的账号未挂单位。", "the account has no department")
    found = replaying.try_on(request.user, read, region, body.days)
    return {"devices": found.devices, "more": found.more, "days": found.days, "total": found.total,
            "incidents": found.incidents, "stations": found.stations, "episodes": [
        {"mn": device.mn, "factor": factor, "start": moment(one.start),
         "end": moment(one.end) if one.end is not None else None, "peak": one.peak, "because": list(one.because)}
        for device, factor, one in found.found]}  # fmt: skip


@router.get("/alarms/{pk}", url_name="monitoring-alarm", response=IncidentDetail)
def alarm(request: HttpRequest, pk: int) -> Any:
    """One incident with what raised it and its steps."""
    row = queries.incident_for(request.user, pk)
    signals = [
        {"rule": one.rule_id, "mn": one.device.mn, "factor": one.factor, "start": one.start, "end": one.end,
         "level": one.level, "peak": one.peak, "withdrawn": one.withdrawn, "because": one.because}
        for one in row.signals.select_related("device")[:MAX_ROWS]
    ]  # fmt: skip
    steps = [{"at": one.at, "kind": one.kind, "state": one.state, "level": one.level,
              "person": one.person.name if one.person else "", "note": one.note}
             for one in row.events.select_related("person").order_by("at", "pk")]  # fmt: skip
    return _out(row) | {"signals": signals, "steps": steps}


@router.post("/alarms/{pk}/steps", url_name="monitoring-alarm-step", response=IncidentOut)
def step(request: HttpRequest, pk: int, body: StepIn) -> Any:
    """Take a step; a refusal says why (409 when the state does not fit)."""
    user = request.user
    if body.step == "assign":
        unit = Department.objects.filter(pk=body.unit).first() if body.unit is not None else None
        if unit is None:
            raise AlarmRefused("没有这个单位。", "no such unit", where={"字段": "unit"}, value=body.unit)
        return _out(services.assign(user, pk, unit=unit, note=body.note))
    acts = {
        "acknowledge": lambda: services.acknowledge(user, pk, note=body.note),
        "done": lambda: services.done(user, pk, note=body.note),
        "false": lambda: services.false_alarm(user, pk, reason=body.note),
        "comment": lambda: services.comment(user, pk, note=body.note),
    }
    return _out(acts[body.step]())
