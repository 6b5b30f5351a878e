"""What people send from the pages of devices, as checked values."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _

from ecocloud.base.pages.inputs import whole_number
from ecocloud.intake.monitoring.stations import kinds, queries
from ecocloud.intake.monitoring.stations.errors import DeviceRefused
from ecocloud.intake.monitoring.stations.services import ChannelGiven
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import queries as registers
from ecocloud.kernel.registers.models import RegisterObject

_CHINA = ZoneInfo("Asia/Shanghai")
MOST_OFFERED = 300
TEXTS = ("mn", "name", "kind", "st", "maker", "object_ref", "password", "cipher_key")
NUMBERS = ("step_minutes", "realtime_s", "minute_step")
CHANNEL_PARTS = ("code", "name", "unit", "low", "high", "limit", "limit_text")


def device(post: QueryDict, user: Any) -> dict[str, Any]:
    """A device as its form sends it; raises DeviceRefused with the fault of every field that cannot be read."""
    faults: dict[str, str] = {}
    given: dict[str, Any] = {name: post.get(name, "").strip() for name in TEXTS}
    for name in NUMBERS:
        number = whole_number(post.get(name, "").strip(), 32000)
        if number is None:
            faults[name] = _("请填写整数。")
        given[name] = number
    region = Region.objects.filter(pk=post.get("region", "").partition(" ")[0]).first()
    if region is None:
        faults["region"] = _("请选择区划。")
    unit = post.get("department", "").strip()
    found = Department.objects.select_related("region").filter(name=unit).order_by("pk").first() if unit else None
    if unit and found is None:
        faults["department"] = _("没有名为“%(name)s”的单位，请写全称。") % {"name": unit[:40]}
    given |= {"region": region, "department": found, "dialect": dialect(post), "hour_ending": ending(post)}
    if faults:
        raise DeviceRefused("；".join(faults.values()), f"faults in {sorted(faults)}", faults=faults)
    return given


def ending(post: QueryDict) -> bool | None:
    """Whether hours are stamped at their end; None for as usual."""
    return {"end": True, "start": False}.get(post.get("hour_ending", ""))


def dialect(post: QueryDict) -> dict[str, Any]:
    """The switches that depart from the standard."""
    switches: dict[str, Any] = {}
    if post.get("crc", "standard") != "standard":
        switches["crc"] = post["crc"]
    if post.get("length", "bytes") != "bytes":
        switches["length"] = post["length"]
    if post.get("closed"):
        switches["closed"] = True
    return switches


def channels(post: QueryDict) -> list[ChannelGiven]:
    """The channels of the table in the form; lines without a code are passed over."""
    columns = [post.getlist(f"channel_{part}") for part in CHANNEL_PARTS]
    used = set(post.getlist("channel_used"))
    return [
        ChannelGiven(**dict(zip(CHANNEL_PARTS, line, strict=True)), in_use=not used or line[0].strip() in used)
        for line in zip(*columns, strict=False)
        if line[0].strip()
    ]


def moment(text: str, field: str, needed: bool = True) -> datetime | None:
    """A moment as ``datetime-local`` sends it, in China; None for an empty field that may be empty."""
    text = text.strip()
    if not text and not needed:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=_CHINA)
    except ValueError as error:
        fault = _("“%(text)s”不是时间，应形如 2026-03-01 08:00。") % {"text": text[:20]}
        raise DeviceRefused(fault, "not a time", faults={field: fault}) from error


def objects_for(user: Any, kind: str) -> list[dict[str, str]]:
    """Register objects in sight that a device of a kind may stand at: reference, name, register; at most 300."""
    rows = registers.reachable(user).filter(type__code__in=kinds.kinds()[kind].registers).select_related("type")
    rows = rows.only("name", "code", "type__zh").order_by("type", "name")[:MOST_OFFERED]
    return [{"ref": f"obj:{row.pk}", "name": row.name, "type": row.type.zh} for row in rows]


def object_named(ref: str | None) -> str:
    """The name of a register object by its reference, for those who see the device that stands there."""
    key = (ref or "").partition(":")[2]
    row = RegisterObject.objects.filter(pk=int(key)).only("name").first() if key.isdecimal() else None
    return row.name if row else ""


def regions_for(user: Any) -> list[Region]:
    """The divisions a person may enter devices in, from the city down to townships of his reach; at most 300."""
    seen = scope.reach(user, "monitoring.device.edit")
    rows = Region.objects.exclude(level="village").order_by("code")
    if not seen.everything:
        inside = set(seen.regions)
        spans = list(seen.region_spans)
        rows = rows.filter(pk__in=inside) if not spans else rows.filter(pk__gte=spans[0][0], pk__lt=spans[0][1])
    else:
        rows = rows.exclude(level="township")
    return list(rows[:MOST_OFFERED])


def units_for(user: Any) -> list[str]:
    """Names of the units in the person's reach; at most 300."""
    rows = scope.departments_in_scope(user, "monitoring.device.edit").order_by("order", "pk")
    return list(rows.values_list("name", flat=True)[:MOST_OFFERED])


def blank(kind: str, mn: str = "") -> dict[str, Any]:
    """What an empty form shows for a kind."""
    found = kinds.kinds()[kind]
    return {"mn": mn, "name": "", "kind": kind, "st": found.systems[0], "maker": "", "object_ref": "",
            "step_minutes": found.step_minutes, "realtime_s": 60, "minute_step": 10, "region": "", "department": "",
            "dialect": {}, "hour_ending": None}  # fmt: skip


def kept(post: QueryDict) -> dict[str, Any]:
    """What was typed, to show it again; never a password."""
    typed: dict[str, Any] = {name: post.get(name, "") for name in (*TEXTS, *NUMBERS, "region", "department")}
    return typed | {"password": "", "cipher_key": "", "dialect": dialect(post), "hour_ending": ending(post)}


def of_row(row: Any) -> dict[str, Any]:
    """A device as its form shows it."""
    names = ("mn", "name", "kind", "st", "maker", "step_minutes", "hour_ending", "realtime_s", "minute_step", "dialect")
    return {name: getattr(row, name) for name in names} | {
        "object_ref": row.object_ref or "", "region": row.region_id,
        "department": row.department.name if row.department else "",
    }  # fmt: skip


def usual_channels(kind: str) -> list[dict[str, Any]]:
    """The lines of the channel table for a new device of a kind."""
    return [{"code": one.code, "name": one.zh, "unit": one.unit, "low": "", "high": "", "limit": "", "limit_text": "",
             "in_use": True} for one in kinds.kinds()[kind].usual]  # fmt: skip


def viewer_may(user: Any) -> dict[str, bool]:
    """What the person may do on these pages."""
    from ecocloud.kernel.regions.permissions import allowed

    codes = {"edit": "monitoring.device.edit", "decide": "monitoring.stranger.decide", "raw": queries.RAW,
             "bring": "monitoring.values.import"}  # fmt: skip
    return {name: allowed(user, code) for name, code in codes.items()}
