"""Results of outlets as pages show them: each limit with what was held against it, hours, amounts, capture."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from ecocloud.base.pages.figures import group_digits
from ecocloud.base.pages.speaking import joined, unit_word
from ecocloud.intake.monitoring.evaluation.air.hours import HOURS
from ecocloud.intake.monitoring.results import outlets, showing, sources
from ecocloud.intake.monitoring.results.emission_days import codes
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import EMISSION, rules
from ecocloud.kernel.journal.refs import Ref

_PLACES, _MULTIPLE = 3, 2


def averaging_word(averaging: str) -> str:
    """What a limit holds for."""
    words = {"hour": _("小时均值"), "day": _("日均值"), "instant": _("任何一次"), "sampling": _("采样均值")}
    return words.get(averaging, averaging)


def limit_words(least: int | None, most: int | None, unit: str = "") -> str:
    """A limit: ``≤ 180 mg/m³``, ``6 ～ 9``."""
    low, high = showing.plain(least), showing.plain(most)
    said = f"{low} ～ {high}" if low is not None and high is not None else f"≤ {high}" if low is None else f"≥ {low}"
    return said if unit in ("", "无量纲") else f"{said} {printed(unit)}"


def printed(unit: str) -> str:
    """A unit of the facts as it is printed: ``mg/m³``."""
    return unit_word(unit.replace("m3", "m³"))


def short(units: int | None, places: int = _PLACES) -> Decimal | None:
    """An amount in millionths with few places, half to even, without zeros at its end."""
    return None if units is None else showing.rounded(units, places)


def over_words(row: Result) -> str:
    """The items above a limit with their greatest multiples: ``氮氧化物 (0.11)``."""
    said = []
    for item in (one for one in row.items.split(",") if one):
        multiple = row.body["items"].get(item, {}).get("multiple")
        name = showing.item_name(EMISSION, item)
        said.append(f"{name} ({showing.number(multiple, _MULTIPLE)})" if multiple is not None else name)
    return joined(said)


def checks(row: Result) -> list[dict[str, Any]]:
    """Each limit of a day with what was held against it; items without a limit as well."""
    found: list[dict[str, Any]] = []
    for item, line in row.body["items"].items():
        base = {"name": showing.item_name(EMISSION, item), "kg": short(line["kg"]), "covered": line["covered"],
                "valid": line["valid"]}  # fmt: skip
        if not line["checks"]:
            found.append(base | {"limit": "", "why": _("没有登记限值"), "over": []})
        found += [base | _check(one) for one in line["checks"]]
    return found


def _check(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "limit": limit_words(one["least"], one["most"], one["unit"]), "averaging": averaging_word(one["averaging"]),
        "own": one["limit"].startswith(outlets.OWN), "oxygen": showing.plain(one["oxygen"]),
        "value": short(one["value"]), "unit": one["unit"], "judged": one["judged"],
        "why": showing.unjudged_word(one["reason"]) if one["reason"] else "",
        "over": [{"at": hour_word(hour), "value": short(value), "multiple": showing.number(multiple, _MULTIPLE)}
                 for hour, value, multiple in one["over"]],
    }  # fmt: skip


def hour_word(hour: int | None) -> str:
    """An hour of the day: ``03:00–04:00``; the day for None."""
    return _("当日") if hour is None else f"{hour:02d}:00–{hour + 1:02d}:00"


def code_name(code: str) -> tuple[str, str]:
    """Name and unit of a factor as results have it: amounts are in the unit of the limits."""
    rule = rules().emission
    item = outlets.items().get(code)
    if item is not None:
        return showing.item_name(EMISSION, item.key), printed(item.unit)
    beside = {rule.water.flow: (_("流量"), "m³/h"), rule.gas.flow: (_("流量"), "m³/h"),
              rule.gas.oxygen: (_("氧含量"), "%"), rule.water.temperature: (_("水温"), "℃")}  # fmt: skip
    return beside.get(code, (code, ""))


def values(row: Result) -> dict[str, Any] | None:
    """The hours of a day by factor, each with the row of the lake behind it; what proves nothing says why."""
    if row.span != "day":
        return None
    hours, off = row.body["hours"], row.body["off"]
    named = [code for code in codes() if code in hours]
    why = {(code, hour): (word, value) for code, rows in off.items() for hour, word, value in rows}
    over = {(line["code"], at) for line in row.body["items"].values() for one in line["checks"]
            for at, _value, _multiple in one["over"] if at is not None}  # fmt: skip
    refs = sources.lake_refs(row)
    lines = [(hour_word(hour), [_cell(hours[code][hour], why.get((code, hour)), refs.get((code, hour)),
                                      (code, hour) in over) for code in named]) for hour in range(HOURS)]  # fmt: skip
    heads = [dict(zip(("name", "unit"), code_name(code), strict=True)) for code in named]
    return {"heads": heads, "lines": lines}


def _cell(value: int | None, off: tuple[str, int | None] | None, ref: Ref | None, over: bool) -> dict[str, Any]:
    shown = off[1] if off else value
    return {"text": "" if shown is None else str(showing.plain(shown)), "ref": str(ref) if ref else "", "over": over,
            "why": showing.why_word(off[0]) if off else ""}  # fmt: skip


def amounts(row: Result) -> list[dict[str, Any]]:
    """The amounts of a month or year by item, with days and hours above a limit."""
    if row.span not in ("month", "year"):
        return []
    return [{"name": showing.item_name(EMISSION, item), "kg": short(line["kg"]), "days": line["kg_days"],
             "covered": line["covered"], "over_days": line["over_days"], "over_hours": line["over_hours"]}
            for item, line in row.body["items"].items()]  # fmt: skip


def captures(row: Result) -> list[dict[str, Any]]:
    """Capture and substitution of a quarter by item."""
    if row.span != "quarter":
        return []
    return [{"name": showing.item_name(EMISSION, item), "share": showing.share_words(line), "passes": line["passes"],
             "whole": line["whole"], "kg": short(line["kg"]), "by": line["by"], "with_kg": short(line["with_kg"]),
             "open": line["open"]} for item, line in row.body["items"].items()]  # fmt: skip


def summary(row: Result) -> list[tuple[str, str]]:
    """What else a result of an outlet says."""
    body, found = row.body, []
    if row.span == "quarter":
        return [(_("截至"), body["to_date"]), (_("应运行时段"), _("%(n)s 小时") % {"n": body["due_hours"]}),
                (_("其中停运"), _("%(n)s 小时") % {"n": body["stopped"]}),
                (_("捕集率下限"), f"{body['rule'][0]}%")]  # fmt: skip
    if row.span != "day":
        found = [(_("有数据的天数"), str(body["days"])), (_("参与判定的天数"), str(body["judged_days"])),
                 (_("超标天数"), str(body["over_days"]))]  # fmt: skip
    elif body["stopped"]:
        found = [(_("停运时段"), _("%(n)s 小时") % {"n": body["stopped"]})]
    if body["flow"] is not None:
        flow = showing.rounded(body["flow"], 1)
        found.append((_("排水量") if body["medium"] == outlets.WATER else _("排气量"), f"{group_digits(flow)} m³"))
    return found


def reasons(row: Result) -> str:
    """Why hours of a day prove nothing, each reason with its count: ``维护 2 小时``."""
    counts: dict[str, set[int]] = {}
    for rows in row.body.get("off", {}).values():
        for hour, word, _value in rows:
            counts.setdefault(word, set()).add(hour)
    return joined(_("%(why)s %(n)s 小时") % {"why": showing.why_word(word), "n": len(hours)}
                  for word, hours in sorted(counts.items()))  # fmt: skip
