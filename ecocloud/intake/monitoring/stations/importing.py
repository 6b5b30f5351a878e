"""Workbooks of measurements: import targets of base/sheets, one for each kind of device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.sheets import Choice, Column, PreviewRow, SheetSpec
from ecocloud.base.sheets.registry import Candidate, ImportTarget, Judge, Problem
from ecocloud.base.units import UnitError, parse_unit
from ecocloud.intake.monitoring.hj212.tables import fields
from ecocloud.intake.monitoring.stations import kinds, queries
from ecocloud.intake.monitoring.stations.services import bringing
from ecocloud.intake.monitoring.stations.services.bringing import BRING, Given

PREFIX = "monitoring-values-"
# What else heads the column of devices.
_DEVICE = ("mn", "MN", "MN号", "station", "section", "站点", "站点名称", "断面", "断面名称", "排口", "点位")
_INTERVALS = (
    Choice("hour", "小时数据", ("小时", "小时均值", "4h")), Choice("day", "日数据", ("日", "日均值")),
    Choice("minute", "分钟数据", ("分钟",)), Choice("realtime", "实时数据", ("实时",)),
)  # fmt: skip


def keys() -> list[str]:
    """Kinds that have usual factors."""
    return [one.code for one in kinds.kinds().values() if one.factors]


def target(kind: str) -> ImportTarget:
    """The import target of a kind."""
    return ImportTarget(
        key=f"{PREFIX}{kind}", title=_("监测数据（%(kind)s）") % {"kind": kinds.label_of(kind)}, permission=BRING,
        spec=lambda user: _spec(user, kind), existing=lambda user: {},
        apply=lambda user, rows: _apply(user, rows, kind),
        list_route="monitoring:values", check=lambda user: _judge(kind), in_chunks=True,
    )  # fmt: skip


def _unit(text: str) -> str:
    try:
        parse_unit(text)
    except UnitError:
        return ""
    return "" if text == "无量纲" else text


def _spec(user: Any, kind: str) -> SheetSpec:
    def devices(text: str) -> Sequence[Choice]:
        rows = queries.devices(user).filter(kind=kind).filter(Q(mn=text) | Q(name=text))
        return [Choice(mn, name) for mn, name in rows.values_list("mn", "name")[:5]]

    found = kinds.kinds()[kind]
    factors = tuple(
        Column(one.code, one.zh, kind="decimal", unit=_unit(one.unit), synonyms=(one.code, *one.names))
        for one in found.factors
    )
    flags = tuple(Choice(one.code, one.zh) for one in fields().data_flags)
    return SheetSpec(
        name=f"{PREFIX}{kind}", title=f"监测数据（{found.zh}）",
        columns=(
            Column("device", "设备", kind="ref", required=True, lookup=devices, width=28, help="MN 号或设备名称",
                   synonyms=_DEVICE),
            Column("time", "数据时间", required=True, width=20, max_len=40,
                   help="如 2026-03-01 08:00，按设备登记的标注（时段起点或终点）",
                   synonyms=("time", "时间", "监测时间", "datetime")),
            Column("interval", "数据类型", kind="choice", choices=_INTERVALS, help="不填为小时数据",
                   synonyms=("kind",)),
            *factors,
            Column("flag", "数据标记", kind="choice", choices=flags, help="不填为正常", synonyms=("flag",)),
        ),
        key_columns=("device", "time"),
        note_lines=("一行是一台设备的一个时间。空格子表示没有数据。",
                    "重复导入同样的数据不会改变什么；不同的数据成为新版本，原来的保留。"),
    )  # fmt: skip


def _judge(kind: str) -> Judge:
    codes = [one.code for one in kinds.kinds()[kind].factors]

    def judge(candidates: Sequence[Candidate]) -> list[list[Problem]]:
        return [_problems(one.values, codes) for one in candidates]

    return judge


def _problems(row: Mapping[str, Any], codes: Sequence[str]) -> list[Problem]:
    found = []
    text = str(row.get("time") or "")
    at = bringing.moment(text)
    if at is None:
        found.append(Problem("time", text, _("不是时间"), _("应形如 2026-03-01 08:00")))
    elif at > timezone.now() + bringing.AHEAD:
        found.append(Problem("time", text, _("时间在将来"), _("应不晚于现在")))
    if all(row.get(code) is None for code in codes):
        found.append(Problem(codes[0], None, _("这一行没有任何数值"), _("至少填写一个因子")))
    return found


def _apply(user: Any, rows: Sequence[PreviewRow], kind: str) -> Mapping[str, int]:
    codes = [one.code for one in kinds.kinds()[kind].factors]
    wanted = {row.values["device"] for row in rows}
    devices = {
        one.mn: one for one in queries.devices(user).filter(mn__in=wanted).select_related("region", "department")
    }
    given = [
        Given(devices[row.values["device"]], bringing.moment(str(row.values["time"])),
              row.values.get("interval") or "hour",
              {code: format(row.values[code], "f") for code in codes if row.values.get(code) is not None},
              row.values.get("flag") or "N", f"user:{user.pk}#row-{row.number}")
        for row in rows
    ]  # fmt: skip
    return {"records": bringing.bring(user, given)["records"]} if given else {}
