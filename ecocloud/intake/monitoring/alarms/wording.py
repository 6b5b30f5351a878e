"""Rules and what spoke for an alarm, in words of the page's language, with their numbers and units."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ecocloud.intake.monitoring.alarms import document as doc
from ecocloud.intake.monitoring.alarms.document import (
    Condition,
    Count,
    Flat,
    Group,
    Lasting,
    Limit,
    NoData,
    Rate,
    RuleDocument,
    Window,
)
from ecocloud.intake.monitoring.hj212.tables import code_of
from ecocloud.intake.monitoring.quality.series import plain
from ecocloud.intake.monitoring.stations import kinds
from ecocloud.intake.monitoring.stations.models import Upkeep

_OPS = {">": "＞", ">=": "≥", "<": "＜", "<=": "≤"}
_DAYS = (1, 2, 3, 4, 5, 6, 7)


def level_word(level: int) -> str:
    """The name of a level."""
    return {0: _("正常"), 1: _("一般"), 2: _("较重"), 3: _("严重")}.get(level, str(level))


def cause_word(cause: str) -> str:
    """The name of a cause; an own one stands for itself."""
    words = {"exceed": _("超限"), "no_data": _("无数据"), "flat": _("恒值"), "instrument": _("仪器异常"),
             "sudden": _("突变")}  # fmt: skip
    return words.get(cause, cause)


def interval_word(interval: str) -> str:
    """The name of an interval of data."""
    words = {"rtd": _("实时数据"), "minute": _("分钟数据"), "hour": _("小时数据"), "day": _("日数据")}
    return words.get(interval, interval)


def factor_names(codes: Any) -> dict[str, tuple[str, str]]:
    """Short name and unit of factors, as devices have them usually, else as HJ 212 prints them."""
    usual = {one.code: (one.zh, one.unit) for kind in kinds.kinds().values() for one in kind.factors}
    found = {}
    for code in codes:
        known = code_of(code)
        name, unit = usual.get(code) or ((known.zh, known.unit) if known else (code, ""))
        found[code] = kinds.name_shown(code, name), kinds.unit_shown(unit)
    return found


def factor_name(code: str) -> str:
    """The short name of a factor; the factor at hand for ''."""
    return factor_names([code])[code][0] if code else _("该因子")


def _number(value: int, factor: str) -> str:
    unit = factor_names([factor])[factor][1] if factor else ""
    return f"{plain(value)} {unit}".strip()


def condition_words(one: Condition, at_hand: str = "") -> str:
    """A condition as a sentence without its full stop. at_hand: the factor its rule is for, where it is only one."""
    if isinstance(one, Group):
        glue = _(" 且 ") if one.every else _(" 或 ")
        said = [(part, condition_words(part, at_hand)) for part in one.of]
        return glue.join(f"（{text}）" if isinstance(part, Group) else text for part, text in said)
    if isinstance(one, Count):
        return _("最近 %(among)s 个数据中有 %(least)s 个%(what)s") % {
            "among": one.among, "least": one.least, "what": condition_words(one.what, at_hand)}  # fmt: skip
    if isinstance(one, Lasting):
        return _("%(what)s，持续 %(minutes)s") % {
            "what": condition_words(one.what, at_hand),
            "minutes": span(one.minutes),
        }
    if isinstance(one, NoData):
        name = factor_name(one.factor) if one.factor else ""
        return _("%(name)s超过 %(n)s 个数据间隔没有新数据") % {"name": name, "n": plain(one.intervals * 10_000)}
    return _value_words(one, one.factor or at_hand)


def _value_words(one: Limit | Rate | Flat, factor: str) -> str:
    name = factor_name(factor)
    if isinstance(one, Limit):
        bound = _number(one.value, factor) if one.value is not None else _share(one)
        said = f"{name} {_OPS[one.op]} {bound}"
        if one.back is None:
            return said
        back = _number(one.back, factor) if one.value is not None else f"{one.back}%"
        return _("%(said)s（回到 %(back)s 才恢复）") % {"said": said, "back": back}
    if isinstance(one, Rate):
        words = {"up": _("上升"), "down": _("下降"), "any": _("变化")}
        return _("%(name)s在 %(span)s内%(way)s超过 %(change)s") % {
            "name": name, "span": span(one.minutes), "way": words[one.direction],
            "change": _number(one.change, factor)}  # fmt: skip
    tolerance = _number(one.tolerance, factor)
    return _("%(name)s %(span)s内（至少 %(n)s 个数据）变化不超过 %(tolerance)s") % {
        "name": name, "span": span(one.minutes), "n": one.least, "tolerance": tolerance}  # fmt: skip


def _share(one: Limit) -> str:
    """What a limit is a part of."""
    said = _("当日执行的排放限值的 %(n)s%%") if one.own else _("登记限值的 %(n)s%%")
    return said % {"n": one.percent}


def span(minutes: int) -> str:
    """A length of time: hours where they are whole."""
    return _("%(n)s 小时") % {"n": minutes // 60} if minutes % 60 == 0 else _("%(n)s 分钟") % {"n": minutes}


def rule_words(rule: RuleDocument) -> list[dict[str, Any]]:
    """The grades of a rule with what each says."""
    rows = []
    at_hand = rule.each[0] if rule.each is not None and len(rule.each) == 1 else ""
    for one in rule.grades:
        said = condition_words(one.when, at_hand)
        if one.calm > 1:
            said = _("%(said)s；连续 %(n)s 个数据正常才降级") % {"said": said, "n": one.calm}
        rows.append({"level": one.level, "word": level_word(one.level), "text": said})
    return rows


def scope_words(rule: RuleDocument) -> list[tuple[str, str]]:
    """What else a rule says: data, devices, factors, times, upkeep, acknowledgement, work item."""
    labels = kinds.kinds()
    names = "、".join(labels[code].label for code in rule.kinds if code in labels) or _("全部类别")
    if rule.each is None:
        factors = _("设备的每个因子")
    else:
        factors = _("、").join(factor_name(code) for code in rule.each or rule.factors) or _("整台设备")
    pauses = dict(Upkeep.Kind.choices)
    rows = [
        (_("数据"), interval_word(rule.interval)),
        (_("设备"), names + (f"（{len(rule.devices)}）" if rule.devices else "")),
        (_("因子"), factors), (_("生效时间"), "；".join(window_words(one) for one in rule.windows) or _("全年全天")),
        (_("不判定的时段"), "、".join(str(pauses[code]) for code in rule.pauses) or _("无")),
        (_("确认时限"), _("%(span)s内无人确认即上报") % {"span": span(rule.acknowledge)}),
    ]  # fmt: skip
    if rule.duty is not None:
        rows.append((_("转督办"), _("达到%(level)s时自动转督办，期限 %(days)s 天") % {
            "level": level_word(rule.duty.level), "days": rule.duty.days}))  # fmt: skip
    return rows


def window_words(one: Window) -> str:
    """A time in which a rule is in force."""
    parts = []
    if one.months:
        parts.append(_("%(months)s 月") % {"months": "、".join(str(month) for month in one.months)})
    if one.weekdays and one.weekdays != _DAYS:
        parts.append(_("星期 %(days)s") % {"days": "、".join(str(day) for day in one.weekdays)})
    if (one.first, one.last) != (0, doc.DAY_MINUTES):
        parts.append(f"{one.first // 60:02d}:{one.first % 60:02d}—{one.last // 60:02d}:{one.last % 60:02d}")
    return " ".join(parts) or _("全年全天")


def because_words(rows: Any, units: Mapping[str, tuple[str, str]]) -> list[str]:
    """What spoke for a signal, each leaf as one short sentence. units: name and unit by factor."""
    return [_because(row, *units.get(row.get("factor", ""), (row.get("factor", ""), ""))) for row in rows]


def _because(row: Mapping[str, str], name: str, unit: str) -> str:
    kind = row.get("is")
    if kind == "no_data":
        since = localtime(datetime.fromtimestamp(int(row["since"]), UTC))
        return _("%(name)s自 %(since)s 起 %(span)s没有新数据") % {
            "name": name, "since": since.strftime("%m-%d %H:%M"), "span": span(int(row["minutes"]))}  # fmt: skip
    value = f"{row.get('value', '')} {unit}".strip()
    if kind == "limit":
        bound = f"{row['bound']} {unit}".strip()
        said = f"{name} {value} {_OPS[row['op']]} {bound}"
        if row.get("own"):
            said = _("%(said)s（当日执行的排放限值，废气为折算值）") % {"said": said}
    elif kind == "rate":
        said = _("%(name)s %(span)s内由 %(before)s 变为 %(value)s（允许变化 %(bound)s）") % {
            "name": name, "span": span(int(row["minutes"])), "before": row["from"], "value": value,
            "bound": row["bound"]}  # fmt: skip
    elif kind == "flat":
        said = _("%(name)s连续 %(n)s 个数据为 %(value)s") % {"name": name, "n": row["count"], "value": value}
    else:
        said = value
    if "for_minutes" in row:
        said = _("%(said)s，已持续 %(span)s") % {"said": said, "span": span(int(row["for_minutes"]))}
    if "for_among" in row:
        said = _("%(said)s（最近 %(among)s 个中至少 %(least)s 个）") % {
            "said": said, "among": row["for_among"], "least": row["for_least"]}  # fmt: skip
    return said
