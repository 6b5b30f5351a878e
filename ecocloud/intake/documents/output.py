"""Readings as JSON lines and as a readable summary."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from ecocloud.intake.documents.explaining import why
from ecocloud.intake.documents.records import Reading

FILES = ("tasks", "figures", "projects", "mechanisms")


def json_lines(records: list[dict[str, Any]]) -> str:
    """One JSON object per line."""
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)


def width(text: str) -> int:
    """Columns of ``text`` on a terminal (Chinese characters take two)."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def cut(text: str, columns: int) -> str:
    """``text`` cut to ``columns`` with an ellipsis and padded to them."""
    text = " ".join(text.split())
    if width(text) > columns:
        while text and width(text) > columns - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (columns - width(text))


def summary(reading: Reading) -> str:
    """Title, issuer, type, years, counts, the tasks with units and time limits, the figures."""
    d = reading.document
    counts = reading.counts()
    years = "，".join(f"{k}{v}" for k, v in (("报告年度 ", d["report_year"]), ("计划年度 ", d["plan_year"])) if v)
    out = [
        f"《{d['title']['text'] or '无标题'}》",
        f"  文件 {reading.name}（{d['format']}，{d['chars']} 字）  "
        f"类型 {d['doc_type']}  地区 {d['region'] or '未识别'}",
        f"  发文 {d['issuer'] or '未识别'}  发布 {d['published'] or '未识别'}  {years or '年度未识别'}",
        f"  任务 {counts['tasks']}  数据 {counts['figures']}  项目 {counts['projects']}  机制 {counts['mechanisms']}",
    ]
    if reading.tasks:
        out.append("\n任务")
        out.append(f"  {cut('序号', 14)}{cut('任务', 42)}{cut('期限', 12)}责任单位")
        for task in reading.tasks:
            due = "、".join(sorted({x["date"] or x["quote"] for x in task["deadlines"]}))
            out.append(f"  {cut(task['path'], 14)}{cut(task['title'], 40)}  {cut(due, 12)}{units_text(task) or '—'}")
    if reading.figures:
        out.append("\n数据")
        out.append(f"  {cut('指标', 44)}{cut('数值', 16)}{cut('期间', 12)}{cut('性质', 16)}地区")
        for f in reading.figures:
            value = f"{f['value']}{f['unit'] or ''}" if f["value"] is not None else f["value_text"] or "—"
            sign = {"up": "↑", "down": "↓", "above": "＋", "below": "－"}.get(f["direction"] or "", "")
            bound = "≥" if "lower_bound" in f["qualifier"] else "≤" if "upper_bound" in f["qualifier"] else ""
            meant = "目标" if "target" in f["qualifier"] else "定义" if "definition" in f["qualifier"] else "实绩"
            out.append(
                f"  {cut(f['indicator'], 42)}  {cut(bound + sign + value, 16)}{cut(f['period'] or '—', 12)}"
                f"{cut(meant, 16)}{f['region'] or '—'}"
            )
    return "\n".join(out)


def why_text(reading: Reading) -> str:
    """Every record with the rules that made it and what it inherited."""
    out = ["", "为什么这样读"]
    for record in reading.records():
        name = record.get("indicator") or record.get("title") or record.get("name") or ""
        out.append(f"  {record['id']} {cut(name, 40)}  {record['start']}–{record['end']}")
        out += [f"      · {line}" for line in why(record, reading.document, reading.tasks)]
    return "\n".join(out)


def units_text(task: dict[str, Any]) -> str:
    """The units of a task grouped by role, in the order of the text."""
    groups: dict[tuple[int, str], list[str]] = {}
    for unit in task["units"]:
        groups.setdefault((unit["list"], unit["role"]), []).append(unit["name"])
    parts = []
    for (_, role), names in groups.items():
        parts.append("、".join(names) + ("" if role == "unstated" else f"（{role}）"))
    return "；".join(parts)
