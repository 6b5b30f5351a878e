"""What people send from the pages of the room, as checked values."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.http import QueryDict

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.intake.documents.models import Document, Record
from ecocloud.intake.documents.proposing import Proposer
from ecocloud.intake.documents.review_errors import Incomplete
from ecocloud.kernel.regions.models import Department

USES = ("target", "observation", "none")
OPERATORS = (">=", "<=", "=", "change", "range")
_SEPARATORS = re.compile(r"[、，,；;\n]+")


def day(text: str, field: str) -> date | None:
    """A date or None for an empty field."""
    text = text.strip()
    if not text:
        return None
    try:
        return typed.day(text)
    except typed.BadInput as error:
        raise Incomplete(f"“{text[:20]}”不是日期。", "not a date", where={"字段": field}, value=text[:20],
                         remedy_zh="应形如 2026-09-30。") from error  # fmt: skip


def year(text: str, field: str) -> int | None:
    """A year or None for an empty field."""
    text = text.strip()
    if not text:
        return None
    if not re.fullmatch(r"(?:19|20)\d\d", text):
        raise Incomplete(f"“{text[:20]}”不是年份。", "not a year", where={"字段": field}, value=text[:20],
                         remedy_zh="应为四位数字，如 2026。")  # fmt: skip
    return int(text)


def unit_named(proposer: Proposer, text: str) -> Department | None:
    """The one department a person wrote; raises with the candidates when the wording is not clear."""
    text = " ".join(text.split())
    if not text:
        return None
    exact = list(Department.objects.filter(name=text)[:2])
    if len(exact) == 1:
        return exact[0]
    found = proposer.match(text)
    if found.department is not None:
        return found.department
    near = "、".join(one.department.name for one in found.candidates[:4])
    remedy = f"相近的有：{near}。" if near else "请写单位全称。"
    raise Incomplete(f"“{text[:40]}”不能确定是哪个单位。", f"unit not clear: {found.status}", value=text[:40],
                     where={"字段": "牵头单位"}, remedy_zh=remedy)  # fmt: skip


def task_changes(post: QueryDict, record: Record, proposer: Proposer) -> dict[str, Any]:
    """The fields of a task that differ from what stands."""
    made, changes = record.decided, {}
    title = " ".join(post.get("title", "").split())[:300]
    if "title" in post and title != made.get("title"):
        changes["title"] = title
    for name in ("cycle", "kind"):
        if post.get(name) and post[name] != made.get(name):
            changes[name] = post[name]
    if "deadline" in post:
        due = day(post["deadline"], "期限")
        if (due.isoformat() if due else "") != made.get("deadline", ""):
            changes["deadline"] = due
    if post.get("lead_id", "").isdigit():
        chosen = Department.objects.filter(pk=post["lead_id"]).first()
        if chosen and chosen.pk != made.get("lead"):
            changes["lead"] = chosen
    elif "lead" in post and post["lead"].strip() != made.get("lead_name", ""):
        changes["lead"] = unit_named(proposer, post["lead"])
    units = _units(post, made.get("units", []), proposer)
    if units is not None:
        changes["units"] = units
    return changes


def _units(post: QueryDict, present: list[dict[str, Any]], proposer: Proposer) -> list[dict[str, Any]] | None:
    if "with_units" not in post:
        return None
    kept = [unit for at, unit in enumerate(present) if str(at) in post.getlist("unit")]
    for text in _SEPARATORS.split(post.get("more_units", "")):
        if text.strip():
            kept.append(proposer.unit(text.strip()[:120]))
    return kept if kept != present else None


def figure_changes(post: QueryDict, record: Record) -> dict[str, Any]:
    """The fields of a figure that differ from what stands."""
    made, changes = record.decided, {}
    for name in ("value", "high", "unit", "period", "region", "value_text"):
        if name in post and post[name].strip() != str(made.get(name) or ""):
            changes[name] = post[name].strip()[:60]
    for name, known in (("use", USES), ("operator", OPERATORS), ("direction", ("up", "down", "none"))):
        if post.get(name) in known and post[name] != made.get(name):
            changes[name] = post[name]
    if "indicator" in post and post["indicator"] != (made.get("indicator") or ""):
        changes |= {"indicator": post["indicator"], "propose": not post["indicator"]}
    name = post.get("name", "").strip()[:60]
    if name and name != made.get("name") and not post.get("indicator"):
        changes["name"] = name
    return changes


def other_changes(post: QueryDict, record: Record) -> dict[str, Any]:
    """The fields of a project or mechanism that differ."""
    return {name: post[name].strip()[:200] for name, old in record.decided.items()
            if name in post and post[name].strip() != str(old)}  # fmt: skip


def changes_of(post: QueryDict, document: Document, record: Record) -> dict[str, Any]:
    """What the form of a record changes."""
    if record.kind == Record.Kind.TASK:
        proposer = Proposer(document.region, document.published, document.title, (None, document.plan_year))
        return task_changes(post, record, proposer)
    return figure_changes(post, record) if record.kind == Record.Kind.FIGURE else other_changes(post, record)


def facts(post: QueryDict) -> dict[str, Any]:
    """The facts of a document from its form."""
    made: dict[str, Any] = {name: " ".join(post.get(name, "").split())[:size]
                            for name, size in (("title", 300), ("number", 80), ("issuer", 200))}  # fmt: skip
    for name, label in (("published", "公布日期"), ("effective", "施行日期"), ("abolished", "废止日期")):
        made[name] = day(post.get(name, ""), label)
    for name, label in (("report_year", "报告年度"), ("plan_year", "计划年度")):
        made[name] = year(post.get(name, ""), label)
    if post.get("secrecy") in Document.Secrecy.values:
        made["secrecy"] = post["secrecy"]
    return made


def version_of(post: QueryDict) -> int | None:
    """The version of the record the person saw."""
    text = post.get("version", "")
    return int(text) if text.isdigit() and len(text) < 10 else None


def span_of(post: QueryDict, document: Document) -> tuple[int, int]:
    """The selected stretch: offsets from the script, else the words, which must stand in the text exactly once."""
    start, end = post.get("start", ""), post.get("end", "")
    if start.isdigit() and end.isdigit() and len(start + end) < 20:
        return int(start), int(end)
    words = post.get("quote", "").strip()
    if len(words) < 2:
        raise Incomplete("没有选中原文。", "nothing selected", remedy_zh="请在左侧选中一段，或填写原文中的一句话。")
    found = [m.start() for m in re.finditer(re.escape(words), document.text)][:2]
    if len(found) != 1:
        zh = "原文中没有这句话。" if not found else "原文中这句话不止一处。"
        raise Incomplete(zh, "quote not unique", value=words[:40], remedy_zh="请照原文多写几个字。")
    return found[0], found[0] + len(words)


def not_a_share(text: str) -> Incomplete:
    """The refusal of a confidence that is none."""
    return Incomplete(f"“{text[:20]}”不是把握。", "not a confidence", where={"字段": "把握"}, value=text[:20],
                      remedy_zh="应为 0 到 1 之间的数，如 0.90。")  # fmt: skip


def none_chosen() -> Incomplete:
    """The refusal of a selection without records."""
    return Incomplete("没有勾选记录。", "no record chosen", remedy_zh="请先勾选要处理的记录。")


def not_two(number: int) -> Incomplete:
    """The refusal to merge other than two records."""
    return Incomplete("合并要选两条待确认的记录。", f"{number} records chosen for a merge", value=number,
                      remedy_zh="请勾选两条同类记录。")  # fmt: skip


def sentence(error: EcoError, english: bool) -> str:
    """An error as one sentence in the page's language."""
    return error.message_en if english else error.sentence_zh()
