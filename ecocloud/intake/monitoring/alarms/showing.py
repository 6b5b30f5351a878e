"""Incidents for people: words, lights, steps, timeline, the chart around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ecocloud.base.pages.charts import Chart, Limit, Series
from ecocloud.base.pages.exports import ExportColumn
from ecocloud.intake.monitoring.alarms import queries, replaying, wording
from ecocloud.intake.monitoring.alarms.facts import settings
from ecocloud.intake.monitoring.alarms.machine import State
from ecocloud.intake.monitoring.alarms.models import AlarmEvent, AlarmIncident, AlarmRule, AlarmSignal
from ecocloud.intake.monitoring.alarms.running import period
from ecocloud.intake.monitoring.stations.showing import ago

Kind = AlarmEvent.Kind
MOST_POINTS = 400


def group_words() -> dict[str, tuple[str, str]]:
    """Groups of the list: word and light."""
    return {"raised": (_("待确认"), "red"), "over": (_("已恢复，待确认"), "yellow"),
            "handled": (_("已确认、处置中"), "none"),
            "closed": (_("已结束"), "closed"), "false": (_("误报"), "closed")}  # fmt: skip


def dressed(rows: Iterable[AlarmIncident]) -> list[AlarmIncident]:
    """Incidents as lists show them; on English pages by the English names of rules (one query)."""
    made, names = [], _english_names() if (get_language() or "").startswith("en") else {}
    for row in rows:
        row.label = names.get(row.title) or row.title
        row.light, row.level_word = queries.light(row), wording.level_word(row.peak)
        row.cause_word, row.ago = wording.cause_word(row.cause), ago(row.last)
        made.append(row)
    return made


def _english_names() -> dict[str, str]:
    return {name: str(document.get("en") or "") for name, document in AlarmRule.objects.values_list("name", "document")}


def light_word(row: AlarmIncident) -> str:
    """The state in words, with the level while it goes on."""
    word = str(row.get_state_display())
    if not row.active or row.state in (State.CLOSED.value, State.FALSE.value):
        return word
    return f"{wording.level_word(row.level)} · {word}"


def steps(row: AlarmIncident) -> list[dict[str, str]]:
    """The way of an incident as a row of steps: what is behind it, where it is."""
    words = [_("触发"), _("确认"), _("处置"), _("恢复"), _("结束")]
    ended = row.state in (State.CLOSED.value, State.FALSE.value)
    done = {0: True, 1: row.acknowledged_at is not None, 2: row.assigned_to_id is not None and row.state != "assigned",
            3: not row.active, 4: ended}  # fmt: skip
    now = {State.RAISED.value: 1, State.ACKNOWLEDGED.value: 3, State.ASSIGNED.value: 2, State.OVER.value: 1}
    place = now.get(row.state, 4)
    return [{"label": word, "mark": "now" if number == place and not ended else "done" if done[number] else ""}
            for number, word in enumerate(words)]  # fmt: skip


def timeline(events: Iterable[AlarmEvent]) -> list[dict[str, Any]]:
    """Every step with who and when, the newest last."""
    found = []
    for one in events:
        who = one.person.name if one.person else _("系统")
        unit = one.person.department.name if one.person and one.person.department else ""
        title = str(one.get_kind_display())
        if one.kind in (Kind.RAISED, Kind.AGAIN, Kind.UP, Kind.DOWN):
            title = f"{title} · {wording.level_word(one.level)}"
        kind = "back" if one.kind in (Kind.RAISED, Kind.AGAIN, Kind.UP, Kind.ESCALATED, Kind.FALSE) else ""
        found.append({"title": title, "who": who, "unit": unit, "at": one.at, "text": one.note, "kind": kind,
                      "refs": [one.ref] if one.ref else []})  # fmt: skip
    return found


def signal_rows(signals: Sequence[AlarmSignal]) -> list[dict[str, Any]]:
    """What raised an incident: rule, device, factor, from when to when, with its numbers."""
    names: dict[int, dict[str, tuple[str, str]]] = {}
    rows = []
    for one in signals:
        if one.device_id not in names:
            names[one.device_id] = {row.code: (row.label, row.unit_label) for row in one.device.channels.all()}
        known = names[one.device_id]
        plain = wording.factor_name(one.factor) if one.factor else ""
        factor, said = known.get(one.factor, (plain, ""))[0], wording.because_words(one.because, known)
        rows.append({"row": one, "level": wording.level_word(one.peak), "because": said, "factor": factor})
    return rows


def chart(signal: AlarmSignal | None, now: datetime | None = None) -> Chart | None:
    """The values around a signal with its limit; None where it speaks of no factor or nothing is there."""
    if signal is None:
        return None
    factor = signal.factor or next((row["factor"] for row in signal.because if row.get("factor")), "")
    device, interval = signal.device, signal.rule.interval
    channel = next((one for one in device.channels.all() if one.code == factor), None)
    if channel is None:
        channel = next(iter(device.channels.all()), None)
    if channel is None:
        return None
    around = timedelta(hours=settings().around.value)
    now = now or timezone.now()
    # Of one that goes on for long its beginning is shown.
    longest = signal.start + MOST_POINTS * timedelta(seconds=period(interval, device)[1])
    last = min((signal.end or now) + around, now, longest)
    points = replaying.course(device, channel.code, interval, signal.start - around, last)[:MOST_POINTS]
    if not any(point.value is not None for point in points):
        return None
    bounds = {row["bound"] for row in signal.because if row.get("is") == "limit" and row.get("factor") == channel.code}
    form = "%m-%d %H:%M" if interval != "day" else "%m-%d"
    return Chart(
        "line", channel.label, [timezone.localtime(point.at).strftime(form) for point in points],
        [Series(channel.label, [point.value for point in points])], unit=channel.unit_label,
        limits=[Limit(_("报警值"), float(bound)) for bound in sorted(bounds)], category_label=_("时段起点"),
    )  # fmt: skip


COLUMNS = (
    ExportColumn(gettext_lazy("编号"), "pk"),
    ExportColumn(gettext_lazy("站点"), "device.name"),
    ExportColumn(gettext_lazy("MN 号"), "device.mn"),
    ExportColumn(gettext_lazy("区划代码"), "device.region_id"),
    ExportColumn(gettext_lazy("责任单位"), "device.department.name"),
    ExportColumn(gettext_lazy("报警"), "title"),
    ExportColumn(gettext_lazy("原因"), lambda row: wording.cause_word(row.cause)),
    ExportColumn(gettext_lazy("当前级别"), lambda row: wording.level_word(row.level)),
    ExportColumn(gettext_lazy("最高级别"), lambda row: wording.level_word(row.peak)),
    ExportColumn(gettext_lazy("状态"), "get_state_display"),
    ExportColumn(gettext_lazy("首次触发"), "first"),
    ExportColumn(gettext_lazy("最近触发"), "last"),
    ExportColumn(gettext_lazy("触发次数"), "raises"),
    ExportColumn(gettext_lazy("恢复时间"), "over"),
    ExportColumn(gettext_lazy("确认人"), "acknowledged_by.name"),
    ExportColumn(gettext_lazy("确认时间"), "acknowledged_at"),
    ExportColumn(gettext_lazy("上报次数"), "escalations"),
    ExportColumn(gettext_lazy("处置单位"), "assigned_to.name"),
    ExportColumn(gettext_lazy("督办事项"), "item_ref"),
    ExportColumn(gettext_lazy("误报理由"), "reason"),
    ExportColumn(gettext_lazy("结束时间"), "ended_at"),
)
RULE_COLUMNS = (
    ExportColumn(gettext_lazy("规则"), "name"),
    ExportColumn(gettext_lazy("原因"), lambda row: wording.cause_word(row.cause)),
    ExportColumn(gettext_lazy("数据"), lambda row: wording.interval_word(row.interval)),
    ExportColumn(gettext_lazy("适用区划"), "region.name"),
    ExportColumn(gettext_lazy("启用"), lambda row: _("是") if row.enabled else _("否")),
    ExportColumn(gettext_lazy("版本"), "revision"),
    ExportColumn(gettext_lazy("依据"), "citation"),
)
OFFLINE_COLUMNS = (
    ExportColumn(gettext_lazy("站点"), "name"),
    ExportColumn(gettext_lazy("MN 号"), "mn"),
    ExportColumn(gettext_lazy("区划代码"), "region_id"),
    ExportColumn(gettext_lazy("责任单位"), "department.name"),
    ExportColumn(gettext_lazy("状态"), "standing_label"),
    ExportColumn(gettext_lazy("最近接收"), "state.last_packet"),
    ExportColumn(gettext_lazy("最近数据时间"), "state.last_data_time"),
)
