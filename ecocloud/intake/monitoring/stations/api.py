"""API of the stations part: devices in reach, and values brought in (JSON), by key or session."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from ecocloud.intake.monitoring.results.rules import rules
from ecocloud.intake.monitoring.stations import queries
from ecocloud.intake.monitoring.stations.errors import DeviceRefused
from ecocloud.intake.monitoring.stations.services import bringing
from ecocloud.kernel.regions.permissions import require

router = Router(tags=["monitoring"])
MOST_RECORDS, MOST_DEVICES = 1000, 500
_LONGEST = timedelta(days=366 * 30)


class DeviceOut(Schema):
    """A device. hour_ending: its hours are stamped at their end."""

    id: int
    mn: str
    name: str
    kind: str
    st: str
    region: str
    standing: str
    last_packet: datetime | None
    last_data_time: datetime | None
    hour_ending: bool


class RecordIn(Schema):
    """The values of a device at a time. Numbers may be text (no digit is lost); a time without zone is China's."""

    mn: str = Field(max_length=24)
    time: str = Field(max_length=40)
    interval: str = Field("hour", pattern="^(hour|day|minute|realtime)$")
    values: dict[str, str | int | float] = Field(min_length=1, max_length=60)
    flag: str = Field("N", pattern="^[A-Za-z]?$")


class ValuesIn(Schema):
    """Up to 1000 records."""

    records: list[RecordIn] = Field(min_length=1, max_length=MOST_RECORDS)


class ValuesOut(Schema):
    """What was kept: how many records, of how many devices, and where they lie in the raw journal."""

    records: int
    devices: int
    raw: str


@router.get("/devices", response=list[DeviceOut], url_name="monitoring-devices")
def devices(request: HttpRequest, kind: str = "", offset: int = 0) -> Any:
    """Devices the caller may see, by name, at most 500."""
    require(request.user, queries.VIEW)
    rows = queries.devices(request.user).select_related("state").order_by("name", "pk")
    rows = rows.filter(kind=kind) if kind else rows
    start = max(0, offset)
    return [
        {"id": row.pk, "mn": row.mn, "name": row.name, "kind": row.kind, "st": row.st, "region": row.region_id,
         "standing": queries.standing(row), "last_packet": getattr(getattr(row, "state", None), "last_packet", None),
         "last_data_time": getattr(getattr(row, "state", None), "last_data_time", None),
         "hour_ending": rules().stamp.ends(row.hour_ending)}
        for row in rows[start : start + MOST_DEVICES]
    ]  # fmt: skip


@router.post("/values", response=ValuesOut, url_name="monitoring-values")
def values(request: HttpRequest, body: ValuesIn) -> Any:
    """Bring in values. All records are kept, or none: then ``faults`` names each that cannot be, by its place."""
    require(request.user, bringing.BRING)
    wanted = {one.mn for one in body.records}
    known = {row.mn: row for row in queries.devices(request.user).filter(mn__in=wanted, enabled=True)
             .select_related("region", "department")}  # fmt: skip
    given, faults = [], {}
    for number, one in enumerate(body.records):
        at = bringing.moment(one.time)
        place = f"records.{number}"
        if one.mn not in known:
            faults[f"{place}.mn"] = f"没有设备 {one.mn}，或它不在您的数据范围内。"
        elif at is None or not timezone.now() - _LONGEST < at <= timezone.now() + bringing.AHEAD:
            faults[f"{place}.time"] = f"“{one.time}”不是可用的时间，应形如 2026-03-01T08:00:00+08:00，且不晚于现在。"
        elif wrong := [code for code, value in one.values.items() if not _usable(code, value)]:
            faults[f"{place}.values.{wrong[0]}"] = f"因子 {wrong[0]} 的编码或数值不能读取。"
        else:
            content = {code: str(value) for code, value in one.values.items()}
            given.append(bringing.Given(known[one.mn], at, one.interval, content, one.flag, f"user:{request.user.pk}"))
    if faults:
        raise DeviceRefused(f"有 {len(faults)} 条不能接收，全部没有保存。", f"{len(faults)} records refused, none kept",
                            faults=faults)  # fmt: skip
    return bringing.bring(request.user, given)


def _usable(code: str, value: Any) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return code.isascii() and code.isalnum() and len(code) <= 12 and number == number and abs(number) < 1e12
