"""``air_hour:DEVICE-2026030508@MOMENT``: the air of one hour as a reference, made anew when it is opened.

The hour is given by its start, Beijing time. MOMENT, in microseconds since 1970 UTC, says of when: values that arrived
later and decisions taken later are left out; without it the hour as it is now. A value that had arrived but was taken
into the lake a little later counts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.intake.monitoring.lake import schema, site
from ecocloud.intake.monitoring.results import air_hours, showing
from ecocloud.intake.monitoring.results.rules import AIR_POINT, rules
from ecocloud.intake.monitoring.results.sites import air_sites
from ecocloud.intake.monitoring.stations import queries
from ecocloud.kernel.journal.refs import Ref, Resolved, register_resolver
from ecocloud.kernel.regions.permissions import allowed

KIND = air_hours.KIND
_DIGITS, _MOMENT = 10, 17


def register() -> None:
    """Register the resolver; called once at start."""
    register_resolver(KIND, resolve)


def ref_of(device: int, start: datetime, moment: datetime | None = None) -> Ref:
    """The reference of an hour, as it is or as it stood at a moment."""
    version = str(schema.micro(moment)) if moment else ""
    return Ref(KIND, f"{device}-{start.astimezone(schema.BEIJING):%Y%m%d%H}", version=version)


def hour_of(text: str) -> datetime | None:
    """The start of an hour from its ten digits; None for what is none."""
    if len(text) != _DIGITS or not (text.isascii() and text.isdecimal()):
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H").replace(tzinfo=schema.BEIJING)
    except ValueError:
        return None


def moment_of(text: str) -> datetime | None:
    """A moment from microseconds since 1970 UTC; None for what is none."""
    usable = text.isascii() and text.isdecimal() and len(text) < _MOMENT
    return schema.moment(int(text)) if usable else None


def resolve(ref: Ref, viewer: Any) -> Resolved | None:
    """Title, index and page; a viewer sees the hours of devices within reach."""
    device, _hyphen, digits = ref.key.partition("-")
    start, moment = hour_of(digits), moment_of(ref.version)
    if start is None or not device.isdecimal() or len(device) >= _DIGITS or (ref.version and moment is None):
        return None
    may = viewer is not None and allowed(viewer, queries.VIEW)
    row = queries.devices(viewer).filter(pk=int(device), kind=rules().air.kind).first() if may else None
    if row is None:
        return Resolved(ref, _("小时空气质量（不在您的数据范围内）"), allowed=False)
    hours = air_hours.evaluate_hours(site.snapshot(), air_sites([row.pk]), start.date(), 1, as_of=moment)
    line = next((one for one in hours.lines(0) if one.start == start), None)
    url = reverse("monitoring:air-hour", args=[row.pk, digits]) + (f"?as_of={ref.version}" if moment else "")
    title = _("%(name)s %(hour)s 小时空气质量") % {"name": row.name, "hour": f"{start:%Y-%m-%d %H:%M}"}
    return Resolved(ref, title, url, excerpt=words(line))


def words(line: air_hours.AirHour | None) -> str:
    """An hour in a few words: ``AQI 84 良 PM2.5``, or why there is no index."""
    if line is None:
        return _("没有数据")
    if line.aqi is None:
        return showing.reason_word(line.reason)
    said = f"AQI {line.aqi} {showing.level_word(AIR_POINT, line.level)}"
    return f"{said} {showing.items_words(AIR_POINT, line.primary)}".strip()
