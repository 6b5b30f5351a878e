"""What is refused about alarms."""

from __future__ import annotations

from ecocloud.base.errors import Conflict, EcoError


class AlarmRefused(EcoError):
    """The step cannot be done as given: a reason is missing, a unit does not fit."""

    code = "monitoring.alarm"


class NoSuchAlarm(EcoError):
    """The incident or the rule does not exist or lies outside the person's reach."""

    code = "monitoring.no-alarm"
    http_status = 404


class AlreadyDone(Conflict):
    """Somebody has done it meanwhile, or changed the record."""

    code = "monitoring.alarm.done"
