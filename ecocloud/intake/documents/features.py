"""What about a record speaks for or against it: named marks, read off the record alone.

A mark is worth something only through the weights in ``data/calibration.yaml``, which are fitted on documents that
people annotated. Marks say which rules fired and what the result looks like; none looks at topics or places.
"""

from __future__ import annotations

import re
from typing import Any

# Marks that ask for a look whatever the weights say: something in the words was probably not read, or was guessed.
DOUBTS = frozenset({
    "deadline:unread", "units:unread", "units:long", "units:in_text", "span:explains", "title:long", "year:none",
    "year:guessed",
    "name:odd_start", "name:odd_end", "name:time", "name:generic", "name:digit", "name:bracket",
    "name:very_long", "name:verb", "name:of", "region:part", "region:odd", "period:none", "value:none",
    "quote:compared", "quote:part_of_year", "quote:respectively", "quote:part", "tag:change",
    "rule:name:fallback", "unit:rate_without_rate_name",
})  # fmt: skip
# Names of units that are left when those which were read are taken out of a task.
LEFT_UNIT = re.compile(
    r"[市县区镇乡][\u4e00-\u9fff]{0,8}?(?:局|委|办|院|政府|公司|集团)(?![\u4e00-\u9fff])|各[^，,。；;]{0,6}(?:部门|单位|政府)"
)
YEAR = re.compile(r"(?:19|20)\d\d|[一二][〇零○九][〇零○一二三四五六七八九]{2}")
TIME = re.compile(r"年内|季度|月底|月份|年底|\d月|上半年|下半年|汛期前|春节前")
ODD_START = re.compile(
    r"[为比占较于对从在同由以将把被给向使让其该此仍只仅共约和及与并前后、，的了已未应有]|[低高快慢]于|每个|同意|力争|确保"
)
ODD_END = re.compile(r"(?:首次|[不已仅约内中前后个再又其给至到])数?$")
TIME_INSIDE = re.compile(r"年内|年底|季度|月底|年度|较")
VERB_INSIDE = re.compile(r".{2,}(?:建设|开展|推进|实施|完成|建成|购买|存在|进行|达到|提高|下降|增长)")
OPEN_BRACKET = re.compile(r"[（(《“][^）)》”]*$|^[^（(《“]*[）)》”]")
GENERIC = (
    "面积",
    "数",
    "金额",
    "总投资",
    "投资",
    "完成率",
    "覆盖率",
    "回收率",
    "整改率",
    "余额",
    "资金",
    "比例",
    "处理能力",
)
RATE_UNITS = ("%", "‰", "个百分点", "百分点")


def marks_of(record: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """The marks of a record of a document, sorted; both in the shape of the README."""
    marks = {f"rule:{_rule(rule)}" for rule in record.get("rules") or []}
    marks |= _OF_KIND[record["kind"]](record)
    if not YEAR.search(str((document.get("title") or {}).get("text") or "")):
        marks.add("title:no_year")
        if record.get("period_basis") == "inherited_doc":
            marks.add("year:guessed")
    if "simplified" in (document.get("repairs") or {}):
        marks.add("text:repaired")
    return sorted(marks)


def _rule(rule: str) -> str:
    """A rule without the word it fired on (``head:甲`` is ``head``); what it says in ASCII stays."""
    name, _, rest = rule.partition(":")
    return f"{name}:{rest}" if rest and rest.isascii() else name


def _name(name: str, longest: int) -> set[str]:
    found = set()
    if len(name) <= 2:
        found.add("name:short")
    if len(name) > longest:
        found.add("name:long")
    if len(name) > longest + 8:
        found.add("name:very_long")
    if ODD_START.match(name):
        found.add("name:odd_start")
    if ODD_END.search(name):
        found.add("name:odd_end")
    if TIME_INSIDE.search(name):
        found.add("name:time")
    if VERB_INSIDE.match(name):
        found.add("name:verb")
    if OPEN_BRACKET.search(name):
        found.add("name:bracket")
    if re.search(r"\d", re.sub(r"PM\d+(?:\.\d+)?|COD\d*|SO2|NO2|O3|CO2|BOD5", "", name)):
        found.add("name:digit")
    if "的" in name:
        found.add("name:of")
    if re.search(r"[、和及与]", name):
        found.add("name:list")
    return found


def _figure(record: dict[str, Any]) -> set[str]:
    name, tags = record.get("indicator") or "", record.get("qualifier") or []
    quote = record.get("quote_clean") or record.get("quote") or ""
    found = _name(name, 16) | {f"tag:{t}" for t in tags if t not in ("actual", "target")}
    found.add(f"basis:{record.get('period_basis')}")
    if re.match(r"(?:全市|全县)?(?:市区|城区|园区|城郊|县城|老城区)", name) or re.match(
        r"(?:市区|城区|园区|县城)", quote
    ):
        found.add("region:part")
    if "target" in tags:
        found.add("target")
    if record.get("value") is None:
        found.add("value:none")
    if name in GENERIC or name.removesuffix("数") == "":
        found.add("name:generic")
    if record.get("period") is None:
        found.add("period:none")
    elif "/" in str(record["period"]) or "-" in str(record["period"]):
        found.add("period:exact")
    if (record.get("unit") or "") in RATE_UNITS:
        found.add("unit:rate")
        if not re.search(r"[率占比重]|幅|增速|比例|提高|上升|变化|高于|低于", name):
            found.add("unit:rate_without_rate_name")
    if re.search(r"[，,、].*[，,、]", quote):
        found.add("quote:several")
    if "其中" in quote:
        found.add("quote:part")
    if "分别" in quote:
        found.add("quote:respectively")
    if re.search(r"较|比(?!例|重|率)|同期|年初", quote):
        found.add("quote:compared")
    if re.search(r"[一二三四]季度|[\d一二三四五六七八九十]+月|上半年|下半年", quote):
        found.add("quote:part_of_year")
    if record.get("region") and re.search(r"(?:[县区市]|中心城区)$", str(record["region"])) is None:
        found.add("region:odd")
    return found


def _task(record: dict[str, Any]) -> set[str]:
    units, title = record.get("units") or [], record.get("title") or ""
    found = {f"units:{u.get('source')}" for u in units} | {f"role:{u.get('role')}" for u in units}
    if not units:
        found.add("units:none")
    quote = record.get("quote") or ""
    if record.get("deadlines"):
        found.add("deadline")
    elif TIME.search(quote):
        found.add("deadline:unread")
    if re.match(r"[^。;；\n]{1,24}[:：]", quote) and not units:
        found.add("span:explains")
    if len({u.get("list") for u in units}) > 1:
        found.add("units:several_lists")
    rest = quote
    for unit in units:
        rest = rest.replace(unit.get("raw") or unit.get("name") or "\n", " ", 1)
    if LEFT_UNIT.search(rest[-80:]):
        found.add("units:unread")
    if any(len(u.get("name") or "") > 14 for u in units):
        found.add("units:long")
    if len(title) > 30:
        found.add("title:long")
    if len(title) < 4:
        found.add("title:short")
    if len(quote) < 40:
        found.add("span:short")
    if len(quote) > 500:
        found.add("span:long")
    if not record.get("plan_year"):
        found.add("year:none")
    return found


def _project(record: dict[str, Any]) -> set[str]:
    found = _name(record.get("name") or "", 20) | {f"type:{record.get('type')}", f"status:{record.get('status')}"}
    found |= {f"has:{key}" for key in ("count", "amount", "category") if record.get(key)}
    return found | _place(record)


def _mechanism(record: dict[str, Any]) -> set[str]:
    name = record.get("name") or ""
    found = _name(name, 18) | {f"type:{record.get('type')}", f"status:{record.get('status')}"}
    if "“" in name or "《" in name:
        found.add("name:quoted")
    return found | _place(record)


def _place(record: dict[str, Any]) -> set[str]:
    quote = record.get("quote") or ""
    return {"quote:long"} if len(quote) > 40 else {"quote:short"} if len(quote) < 12 else set()


_OF_KIND = {"figure": _figure, "task": _task, "project": _project, "mechanism": _mechanism}
