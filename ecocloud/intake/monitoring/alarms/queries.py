"""Read models of incidents and rules, limited to what a person may see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from ecocloud.intake.monitoring.alarms.errors import NoSuchAlarm
from ecocloud.intake.monitoring.alarms.machine import UNSEEN, State
from ecocloud.intake.monitoring.alarms.models import OPEN, AlarmIncident, AlarmRule
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.permissions import require

VIEW, HANDLE, RULE = "monitoring.alarm.view", "monitoring.alarm.handle", "monitoring.alarm.rule"
_WAITING = sorted(state.value for state in UNSEEN)


def incidents(viewer: Any, permission: str = VIEW) -> QuerySet[AlarmIncident]:
    """The incidents ``viewer`` may see (with ``permission``: those in its reach): of devices in reach, and those that
    were assigned to a unit in reach."""
    paths = ["device__department", "assigned_to"]
    rows = AlarmIncident.objects.all()
    mine = scope.limit(rows, viewer, paths[:1], "device__region", permission=permission)
    if mine is rows:
        return rows
    given = scope.limit(rows, viewer, paths[1:], permission=permission)
    return rows.filter(Q(pk__in=mine.values("pk")) | Q(pk__in=given.values("pk")))


def incident_for(viewer: Any, pk: int) -> AlarmIncident:
    """One incident with its device and people; raises NoSuchAlarm outside the reach."""
    rows = incidents(viewer).filter(pk=pk)
    row = rows.select_related("device__region", "device__department", "acknowledged_by__department",
                              "assigned_to").first()  # fmt: skip
    if row is None:
        raise NoSuchAlarm("没有这条报警，或它不在您的数据范围内。", f"no incident {pk} in reach", value=pk)
    return row


def unseen(viewer: Any) -> QuerySet[AlarmIncident]:
    """Incidents that wait for this person, or a colleague, to acknowledge them."""
    return incidents(viewer, HANDLE).filter(state__in=_WAITING)


def going(viewer: Any) -> QuerySet[AlarmIncident]:
    """Incidents that are not ended."""
    return incidents(viewer).filter(state__in=OPEN)


def rules(viewer: Any) -> QuerySet[AlarmRule]:
    """The rules: everybody who sees alarms sees what raises them."""
    require(viewer, VIEW)
    return AlarmRule.objects.all()


def rule_for(viewer: Any, pk: int) -> AlarmRule:
    """One rule; raises NoSuchAlarm."""
    row = rules(viewer).filter(pk=pk).select_related("region", "enabled_by", "created_by").first()
    if row is None:
        raise NoSuchAlarm("没有这条报警规则。", f"no rule {pk}", value=pk)
    return row


def light(row: AlarmIncident) -> str:
    """The light of an incident: red where it is grave, or nobody came; amber while somebody should act."""
    if row.state in (State.CLOSED.value, State.FALSE.value):
        return "closed"
    if not row.active:
        return "yellow" if row.state == State.OVER.value else "none"
    return "red" if row.level > 1 or row.escalations else "yellow"


# How a list of incidents is narrowed by what should be done.
GROUPS: dict[str, Q] = {
    "raised": Q(state=State.RAISED.value),
    "over": Q(state=State.OVER.value),
    "handled": Q(state__in=[State.ACKNOWLEDGED.value, State.ASSIGNED.value]),
    "closed": Q(state=State.CLOSED.value),
    "false": Q(state=State.FALSE.value),
}


def recent(days: int) -> Any:
    """The moment so many days ago."""
    return timezone.now() - timedelta(days=days)
