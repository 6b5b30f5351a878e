"""Flags and decisions for people: rule, values and bound in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecocloud.base.pages.exports import ExportColumn
from ecocloud.intake.monitoring.alarms.document import INTERVALS
from ecocloud.intake.monitoring.alarms.wording import interval_word
from ecocloud.intake.monitoring.quality import queries
from ecocloud.intake.monitoring.quality import rules as table
from ecocloud.intake.monitoring.quality.models import QualityFlag, QualityReview
from ecocloud.kernel.regions.models import in_language

VERDICTS = {
    "invalid": Q(valid=False, cancelled_at__isnull=True),
    "valid": Q(valid=True, cancelled_at__isnull=True),
    "cancelled": Q(cancelled_at__isnull=False),
}


def verdicts() -> list[tuple[str, str, str]]:
    """Groups of decisions: code, word, light."""
    return [("invalid", _("无效"), "red"), ("valid", _("有效"), "green"), ("cancelled", _("已撤回"), "closed")]


def intervals() -> list[tuple[str, str]]:
    """Kinds of data a decision may be about; hourly data first, since they are reviewed most."""
    order = ("hour", *(one for one in INTERVALS if one != "hour"))
    return [(one, interval_word(one)) for one in order]


def rule_name(rule: Any) -> str:
    """The name of a rule in the language of the page."""
    return in_language(rule.zh, rule.en)


def dressed_rules(rules: Iterable[Any]) -> list[dict[str, Any]]:
    """The rules with what each checks."""
    return [{"code": one.code, "name": rule_name(one), "citation": one.citation, "enabled": one.enabled,
             "unverified": one.mark == "from_memory", "bounds": _bounds(one)} for one in rules]  # fmt: skip


def _bounds(rule: Any) -> str:
    if isinstance(rule, table.RangeRule):
        return _("%(n)s 个因子各有上下限") % {"n": len(rule.factors)}
    if isinstance(rule, table.RateRule):
        return _("%(n)s 分钟内的变化，%(m)s 个因子各有上限") % {"n": rule.minutes, "m": len(rule.factors)}
    if isinstance(rule, table.FlatRule):
        return _("%(n)s 小时内至少 %(m)s 个数据相同") % {"n": rule.hours, "m": rule.least}
    if isinstance(rule, table.DriftRule):
        return _("%(h)s 小时平均偏离 %(n)s 个以上周边站点（%(km)s 公里内）的中位数") % {
            "h": rule.hours, "n": rule.neighbours, "km": rule.kilometres}  # fmt: skip
    if isinstance(rule, table.OrderRule):
        return f"{rule.part} ≤ {rule.whole}"
    if isinstance(rule, table.InstrumentRule):
        return _("设备登记的量程")
    return _("小于零") if rule.which == "negative" else _("等于零")


def flag_words(row: QualityFlag, unit: str) -> str:
    """What was compared with what."""
    told, bound = row.values, row.bound
    value = f"{told.get('value', '')} {unit}".strip()
    if "median" in told:
        return _("%(value)s；近 %(hours)s 小时平均偏离周边中位数 %(difference)s") % {
            "value": value, "hours": told["hours"], "difference": told["difference"]}  # fmt: skip
    if "before" in told:
        return _("%(before)s → %(value)s，变化超过 %(change)s") % {
            "before": told["before"], "value": value, "change": bound["change"]}  # fmt: skip
    if "whole" in told:
        return _("PM2.5 %(part)s，PM10 %(whole)s") % {"part": told["value"], "whole": told["whole"]}
    if "count" in told:
        return _("连续 %(n)s 个数据为 %(value)s") % {"n": told["count"], "value": value}
    if "not" in bound:
        return value
    parts = [bound.get("low", ""), bound.get("high", "")]
    return _("%(value)s，合理范围 %(low)s—%(high)s") % {"value": value, "low": parts[0] or "…", "high": parts[1] or "…"}


def _channel(device: Any, factor: str) -> tuple[str, str]:
    for one in device.channels.all():
        if one.code == factor:
            return one.label, one.unit_label
    return factor, ""


def dressed_flags(rows: Sequence[QualityFlag]) -> list[QualityFlag]:
    """Flags with words and with what people decided about the value (one query)."""
    found = list(rows)
    told = queries.verdicts({row.device_id for row in found}) if found else None
    names = {one.code: rule_name(one) for one in table.rules().rules}
    for row in found:
        row.factor_name, row.unit = _channel(row.device, row.factor)
        row.rule_name, row.text = names.get(row.rule, row.rule), flag_words(row, row.unit)
        stamp = int(row.at.timestamp())
        row.decision = told.at(row.device.mn, row.factor, row.interval, stamp) if told else None
        row.dialog = f"review-{row.pk}"
    return found


def dressed_reviews(rows: Iterable[QualityReview]) -> list[QualityReview]:
    """Decisions with words."""
    found, words = list(rows), {code: (word, light) for code, word, light in verdicts()}
    for row in found:
        code = "cancelled" if row.cancelled_at else "valid" if row.valid else "invalid"
        row.word, row.light = words[code]
        row.factor_name = _channel(row.device, row.factor)[0] if row.factor else _("全部因子")
        row.interval_word, row.dialog = interval_word(row.interval), f"back-{row.pk}"
    return found


def _name_of(code: str) -> str:
    rule = table.rules().named(code)
    return rule_name(rule) if rule else code


FLAG_COLUMNS = (
    ExportColumn(gettext_lazy("设备"), "device.name"),
    ExportColumn(gettext_lazy("MN 号"), "device.mn"),
    ExportColumn(gettext_lazy("因子编码"), "factor"),
    ExportColumn(gettext_lazy("因子"), lambda row: _channel(row.device, row.factor)[0]),
    ExportColumn(gettext_lazy("数据时间"), "at"),
    ExportColumn(gettext_lazy("规则"), lambda row: _name_of(row.rule)),
    ExportColumn(gettext_lazy("数值"), lambda row: row.values.get("value")),
    ExportColumn(gettext_lazy("说明"), lambda row: flag_words(row, _channel(row.device, row.factor)[1])),
)
REVIEW_COLUMNS = (
    ExportColumn(gettext_lazy("编号"), "pk"),
    ExportColumn(gettext_lazy("设备"), "device.name"),
    ExportColumn(gettext_lazy("MN 号"), "device.mn"),
    ExportColumn(gettext_lazy("因子编码"), "factor"),
    ExportColumn(gettext_lazy("数据"), lambda row: interval_word(row.interval)),
    ExportColumn(gettext_lazy("起时"), "first"),
    ExportColumn(gettext_lazy("止时（不含）"), "last"),
    ExportColumn(gettext_lazy("结论"), lambda row: _("有效") if row.valid else _("无效")),
    ExportColumn(gettext_lazy("理由"), "reason"),
    ExportColumn(gettext_lazy("审核人"), "by.name"),
    ExportColumn(gettext_lazy("审核时间"), "at"),
    ExportColumn(gettext_lazy("撤回人"), "cancelled_by.name"),
    ExportColumn(gettext_lazy("撤回时间"), "cancelled_at"),
)
