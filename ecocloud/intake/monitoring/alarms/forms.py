"""A rule as its form sends it: conditions and groups of them in fields, others as text; both ways. Faults come back by
field.

A grade has a kind: a simple condition, ``all`` or ``any`` of several, or text (``own``). The form shows the fields of
the kind that is chosen; what was typed for another kind goes along unseen, so that it is there when one comes back.
Names: ``g1-kind``, ``g1-value``; of the second condition of a group ``g1p2-kind``, ``g1p2-value``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from ecocloud.intake.monitoring.alarms import wording
from ecocloud.intake.monitoring.alarms.document import (
    DIRECTIONS,
    INTERVALS,
    LEVELS,
    MOST_NODES,
    OPERATORS,
    PAUSES,
    STANDARD,
    RuleFaults,
)
from ecocloud.intake.monitoring.stations import kinds
from ecocloud.intake.monitoring.stations.models import Upkeep

OWN, GROUPS = "own", ("all", "any")
MOST_PARTS = MOST_NODES - 1
# The fields of each simple condition, in the order they are shown.
FIELDS: dict[str, tuple[str, ...]] = {
    "limit": ("factor", "op", "value", "back"),
    "percent": ("factor", "op", "percent", "back"),
    "standard": ("factor", "op", "percent", "back"),
    "count": ("factor", "op", "value", "least", "among"),
    "lasting": ("factor", "op", "value", "minutes"),
    "rate": ("factor", "direction", "change", "minutes"),
    "flat": ("factor", "minutes", "least", "tolerance"),
    "no_data": ("factor", "intervals"),
}
_WHOLE = ("percent", "least", "among", "minutes")


def kind_words() -> list[tuple[str, str]]:
    """What a grade may rest on."""
    groups = [("all", _("同时满足几个条件（且）")), ("any", _("满足任一条件（或）")), (OWN, _("组合条件（文本）"))]
    return [("", _("不用这一级")), *simple_words(), *groups]


def simple_words() -> list[tuple[str, str]]:
    """Conditions that stand alone or in a group."""
    return [
        ("limit", _("超过限值")), ("percent", _("超过登记限值的百分数")),
        ("standard", _("超过当日执行的排放限值的百分数")),
        ("count", _("最近几个数据中有几个超限")), ("lasting", _("持续超限")), ("rate", _("变化过快")),
        ("flat", _("恒值")), ("no_data", _("无数据")),
    ]  # fmt: skip


def field_words() -> dict[str, str]:
    """Labels of the fields of conditions."""
    return {
        "factor": _("因子编码"), "op": _("比较"), "value": _("限值"), "percent": _("百分数"), "back": _("恢复值"),
        "least": _("至少几个"), "among": _("最近几个"), "minutes": _("时长（分钟）"), "direction": _("方向"),
        "change": _("变化量"), "tolerance": _("允许波动"), "intervals": _("间隔数"),
    }  # fmt: skip


def read(post: QueryDict, kept: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The document a form gives, and faults of what could not be read into one.

    kept: the document the form was opened with; what has no field (data flags, kind of work item) stays as it is there.
    """
    faults: dict[str, str] = {}
    given: dict[str, Any] = {
        "cause": post.get("cause", "").strip(), "zh": post.get("zh", "").strip(), "en": post.get("en", "").strip(),
        "interval": post.get("interval", ""), "kinds": post.getlist("kinds"),
        "devices": _words(post.get("devices", "")),
        "pauses": post.getlist("pauses"), "note": post.get("note", "").strip(),
        "acknowledge": _whole(post.get("acknowledge", "")),
    }  # fmt: skip
    scope = post.get("each", "device")
    if scope != "device":
        given["each"] = "all" if scope == "all" else _words(post.get("factors", ""))
    grades = []
    for level in LEVELS:
        when = _condition(post, f"g{level}", post.get(f"g{level}-kind", ""), faults)
        if when is not None:
            grades.append({"level": level, "when": when, "calm": _whole(post.get(f"g{level}-calm", "") or "1")})
    given["grades"] = grades
    windows = _windows(post, faults)
    if windows:
        given["windows"] = windows
    if post.get("duty_level"):
        given["duty"] = {
            "level": _whole(post["duty_level"]),
            "days": _whole(post.get("duty_days", "")),
        } | {key: value for key, value in (kept.get("duty") or {}).items() if key == "kind"}
    if "flags" in kept:
        given["flags"] = kept["flags"]
    return given, faults


def _windows(post: QueryDict, faults: dict[str, str]) -> Any:
    """When the rule holds: one window of fields, or several as text; [] for always."""
    text = post.get("windows", "").strip()
    if text:
        try:
            return json.loads(text)
        except ValueError:
            faults["windows"] = _("文本不是 JSON。")
            return []
    window = {
        "months": [_whole(one) for one in post.getlist("months")],
        "weekdays": [_whole(one) for one in post.getlist("weekdays")],
        "from": post.get("from", "").strip() or "00:00", "to": post.get("to", "").strip() or "24:00",
    }  # fmt: skip
    return [] if window == {"months": [], "weekdays": [], "from": "00:00", "to": "24:00"} else [window]


def _words(text: str) -> list[str]:
    return [word for word in text.replace("，", " ").replace(",", " ").replace("、", " ").split() if word]


def _whole(text: str) -> Any:
    """A whole number, or the text as it is: the document's reader says what is wrong with it."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else text


def _condition(post: QueryDict, prefix: str, kind: str, faults: dict[str, str]) -> Any:
    """The condition of a kind that the fields under ``prefix`` give."""
    if not kind:
        return None
    if kind == OWN:
        try:
            return json.loads(post.get(f"{prefix}-own", ""))
        except ValueError:
            faults[f"{prefix}-own"] = _("文本不是 JSON。")
            return None
    if kind in GROUPS:
        parts = ((f"{prefix}p{n}", post.get(f"{prefix}p{n}-kind", "")) for n in range(1, MOST_PARTS + 1))
        return {kind: [_simple(post, part, one, faults) for part, one in parts if one]}
    return _simple(post, prefix, kind, faults)


def _simple(post: QueryDict, prefix: str, kind: str, faults: dict[str, str]) -> Any:
    if kind not in FIELDS:
        faults[f"{prefix}-kind"] = _("没有这种条件。")
        return None
    one = {name: post.get(f"{prefix}-{name}", "").strip() for name in FIELDS[kind]}
    row = {name: _whole(value) if name in _WHOLE else value for name, value in one.items() if value != ""}
    if kind in ("percent", "standard") and "back" in row:
        row["back"] = _whole(one["back"])
    if kind in ("count", "lasting"):
        outer = {name: row.pop(name) for name in ("least", "among", "minutes") if name in row}
        return {"is": kind, "what": {"is": "limit"} | row} | outer
    if kind == "standard":
        return {"is": "limit", "of": STANDARD} | row
    return {"is": "limit" if kind == "percent" else kind} | row


def values_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document as the form shows it."""
    each = document.get("each")
    windows = document.get("windows") or [{}]
    simple = len(windows) == 1 and isinstance(windows[0], Mapping)
    shown = {
        "cause": document.get("cause", ""), "zh": document.get("zh", ""), "en": document.get("en", ""),
        "interval": document.get("interval", "hour"), "kinds": list(document.get("kinds") or ()),
        "devices": " ".join(document.get("devices") or ()), "note": document.get("note", ""),
        "pauses": list(document.get("pauses", PAUSES)), "acknowledge": document.get("acknowledge", 60),
        "each": "device" if not each else "all" if each == "all" else "some",
        "factors": " ".join(each) if isinstance(each, list | tuple) else "",
        "months": [str(one) for one in windows[0].get("months", ())] if simple else [],
        "weekdays": [str(one) for one in windows[0].get("weekdays", ())] if simple else [],
        "windows": "" if simple else json.dumps(windows, ensure_ascii=False),
        "from": windows[0].get("from", "") if simple else "", "to": windows[0].get("to", "") if simple else "",
        "duty_level": str((document.get("duty") or {}).get("level", "")),
        "duty_days": (document.get("duty") or {}).get("days", ""),
    }  # fmt: skip
    known = {one.get("level"): one for one in document.get("grades", ()) if isinstance(one, Mapping)}
    fields: dict[str, str] = {}
    for level, grade in known.items():
        fields[f"g{level}-calm"] = str(grade.get("calm", 1))
        _spread(fields, f"g{level}", grade.get("when"))
    return shown | {"grades": _grades(fields)}


def _spread(fields: dict[str, str], prefix: str, when: Any) -> None:
    """The fields of a condition, by name."""
    parts = next((when[name] for name in GROUPS if isinstance(when, Mapping) and set(when) == {name}), None)
    flat = [_flattened(one) for one in parts] if isinstance(parts, list | tuple) else [_flattened(when)]
    if any(kind is None for kind, _given in flat) or len(flat) > MOST_PARTS:
        fields |= {f"{prefix}-kind": OWN, f"{prefix}-own": json.dumps(when, ensure_ascii=False)}
        return
    if parts is not None:
        fields[f"{prefix}-kind"] = next(iter(when))
    for n, (kind, given) in enumerate(flat, 1):
        own = f"{prefix}p{n}" if parts is not None else prefix
        fields[f"{own}-kind"] = str(kind)
        fields |= {f"{own}-{name}": str(value) for name, value in given.items() if value is not None}


def values_sent(post: QueryDict) -> dict[str, Any]:
    """What a form sent, to be shown again: every word of it, also of what cannot be read. ``show``: the grade of which
    another kind was chosen, or a further condition asked for."""
    plain = ("cause", "zh", "en", "interval", "devices", "note", "acknowledge", "each", "factors", "windows", "from",
             "to", "duty_level", "duty_days")  # fmt: skip
    lists = ("kinds", "pauses", "months", "weekdays")
    fields = {name: value for name, value in post.items() if name.startswith("g")}
    for level in LEVELS:
        _changed(post, fields, f"g{level}")
    more = post.get("more", "") if "more" in post else ""
    return {name: post.get(name, "") for name in plain} | {name: post.getlist(name) for name in lists} | {
        "grades": _grades(fields, more)}  # fmt: skip


def _changed(post: QueryDict, fields: dict[str, str], prefix: str) -> None:
    """Where another kind was chosen, what stood there goes over: as the first of a group, or as text."""
    kind, was = fields.get(f"{prefix}-kind", ""), fields.get(f"{prefix}-was", "")
    if kind == was or not was:
        return
    if kind == OWN and not fields.get(f"{prefix}-own"):
        when = _condition(post, prefix, was, {})
        fields[f"{prefix}-own"] = json.dumps(when, ensure_ascii=False) if when else ""
    if kind in GROUPS and was in FIELDS and not fields.get(f"{prefix}p1-kind"):
        fields[f"{prefix}p1-kind"] = was
        fields |= {f"{prefix}p1-{name}": fields.get(f"{prefix}-{name}", "") for name in FIELDS[was]}


def _grades(fields: Mapping[str, str], more: str = "") -> list[dict[str, Any]]:
    """The grades as the page shows them, each with its conditions and what goes along unseen."""
    found = []
    for level in LEVELS:
        prefix = f"g{level}"
        kind = fields.get(f"{prefix}-kind", "")
        parts = [f"{prefix}p{n}" for n in range(1, _parts(fields, prefix, more == prefix) + 1)]
        rows = [_row(fields, one, fields.get(f"{one}-kind", "")) for one in parts] if kind in GROUPS else []
        rows = [_row(fields, prefix, kind)] if kind in FIELDS else rows
        seen = {name for row in rows for name, *_rest in row["fields"]} | {f"{one}-kind" for one in (prefix, *parts)}
        seen |= {f"{prefix}-{name}" for name in ("calm", "was", *(["own"] if kind == OWN else []))}
        found.append({
            "level": level, "word": wording.level_word(level), "prefix": prefix, "kind": kind, "group": kind in GROUPS,
            "rows": rows,
            "own": fields.get(f"{prefix}-own", ""), "calm": fields.get(f"{prefix}-calm", "1"),
            "kept": [(name, value) for name, value in fields.items()
                     if name.startswith(prefix) and name not in seen and value],
        })  # fmt: skip
    return found


def _parts(fields: Mapping[str, str], prefix: str, more: bool) -> int:
    """How many conditions of a group are shown: two at least, and a further one where it is asked for."""
    used = [n for n in range(1, MOST_PARTS + 1) if fields.get(f"{prefix}p{n}-kind")]
    return min(max(2, max(used, default=0) + more), MOST_PARTS)


def _row(fields: Mapping[str, str], prefix: str, kind: str) -> dict[str, Any]:
    words = field_words()
    shown = [(f"{prefix}-{name}", name, words[name], fields.get(f"{prefix}-{name}", ""))
             for name in FIELDS.get(kind, ())]  # fmt: skip
    return {"prefix": prefix, "kind": kind, "fields": shown}


def _flattened(when: Any) -> tuple[str | None, dict[str, Any]]:
    """A condition as fields, where it is simple enough."""
    if not isinstance(when, Mapping) or "is" not in when:
        return None, {}
    kind, flat = when["is"], {name: value for name, value in when.items() if name not in ("is", "what")}
    if kind in ("count", "lasting"):
        what = when.get("what")
        if not isinstance(what, Mapping) or what.get("is") != "limit" or "value" not in what or what.get("back"):
            return None, {}
        flat |= {name: value for name, value in what.items() if name != "is"}
    elif kind == "limit" and "percent" in when:
        kind = "standard" if flat.pop("of", "") == STANDARD else "percent"
    return (kind, flat) if kind in FIELDS and set(flat) <= set(FIELDS[kind]) else (None, {})


def shown_faults(error: RuleFaults, document: Mapping[str, Any]) -> dict[str, str]:
    """Faults of a document beside the fields of the form: those of a grade's condition stand at the grade."""
    levels = [one["level"] for one in document.get("grades", ())]
    found: dict[str, str] = {}
    for path, sentence in error.faults.items():
        parts = path.split(".")
        key = f"g{levels[int(parts[1])]}" if parts[0] == "grades" and len(parts) > 1 else parts[0]
        tail = ".".join(parts[2:]) if parts[0] == "grades" else ""
        found[key] = f"{found[key]} {tail} {sentence}".strip() if key in found else f"{tail} {sentence}".strip()
    return found


def fault_lines(faults: Mapping[str, str]) -> list[tuple[str, str]]:
    """Faults with the words of their fields."""
    labels = {
        "zh": _("规则名称"), "en": _("英文名称"), "cause": _("原因"), "interval": _("数据"), "region": _("适用区划"),
        "acknowledge": _("确认时限（分钟）"), "each": _("因子编码"), "windows": _("何时判定"),
        "grades": _("判定条件"), "duty": _("自动转督办"), "kinds": _("类别"), "devices": _("MN 号"), "form": _("规则"),
    }  # fmt: skip
    found = []
    for key, line in faults.items():
        level = grade_of(key)
        found.append((wording.level_word(level) if level else labels.get(key, key), line))
    return found


def grade_of(key: str) -> int:
    """The level a fault belongs to, as ``g2`` and ``g2-own`` name it; 0 for none."""
    return int(key[1]) if key.startswith("g") and key[1:2].isdigit() else 0


def choices() -> dict[str, Any]:
    """What the controls of the form offer."""
    pauses = dict(Upkeep.Kind.choices)
    return {
        "intervals": [(one, wording.interval_word(one)) for one in INTERVALS],
        "all_kinds": [(one.code, one.label) for one in kinds.kinds().values()],
        "all_pauses": [(one, pauses[one]) for one in PAUSES], "operators": OPERATORS,
        "directions": list(zip(DIRECTIONS, (_("上升"), _("下降"), _("任一方向")), strict=True)),
        "known_factors": sorted({(one.code, kinds.name_shown(one.code, one.zh))
                                 for kind in kinds.kinds().values() for one in kind.factors}),
        "condition_kinds": kind_words(), "part_kinds": simple_words(), "months_all": [str(n) for n in range(1, 13)],
        "weekdays_all": list(zip("1234567", (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"),
                                             _("周日")), strict=True)),
        "levels": [(str(level), wording.level_word(level)) for level in LEVELS],
        "causes": [(one, wording.cause_word(one)) for one in ("exceed", "no_data", "flat", "instrument", "sudden")],
    }  # fmt: skip
