"""A document as the review and document pages show it: one page of text with marks, records with their words."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecocloud.intake.documents import paragraphs, queries
from ecocloud.intake.documents.choosing import Choice
from ecocloud.intake.documents.editions import difference, facts
from ecocloud.intake.documents.models import Decision, Document, Record
from ecocloud.intake.documents.review_facts import confidence_word, review_facts
from ecocloud.intake.documents.services.shaping import cut_places
from ecocloud.kernel.duties.cycles import all_cycles
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.regions.models import Region

CSS = {"task": "t", "figure": "n", "project": "j", "mechanism": "m"}
TONES = {"task": "act", "figure": "trace", "project": "", "mechanism": ""}
STEPS = {
    "accept": gettext_lazy("接受"),
    "edit": gettext_lazy("修改"),
    "reject": gettext_lazy("不采纳"),
    "reopen": gettext_lazy("重新确认"),
    "add": gettext_lazy("添加"),
    "split": gettext_lazy("拆分"),
    "merge": gettext_lazy("合并"),
    "respan": gettext_lazy("改原文"),
    "bulk": gettext_lazy("批量处理"),
    "follow": gettext_lazy("沿用上一版"),
    "reread": gettext_lazy("重新读取"),
    "dictionary": gettext_lazy("套用词条"),
}
# What the names of the engine's rules mean; what stands behind the colon is shown with it.
RULES = {
    "outline": gettext_lazy("按条目编号"),
    "units": gettext_lazy("责任单位来自"),
    "section": gettext_lazy("所在部分"),
    "name": gettext_lazy("名称位于数值"),
    "list": gettext_lazy("并列句"),
    "head": gettext_lazy("中心词"),
    "value": gettext_lazy("数值写法"),
    "scope": gettext_lazy("适用范围"),
    "by hand": gettext_lazy("人工选取"),
    "span by hand": gettext_lazy("人工改定原文"),
    "split": gettext_lazy("由一条拆出"),
    "merged": gettext_lazy("并入"),
    "dictionary": gettext_lazy("按站点词典"),
    "edition": gettext_lazy("沿用上一版"),
}
DETAILS = {
    "plan": gettext_lazy("工作安排"),
    "report": gettext_lazy("情况通报"),
    "problem": gettext_lazy("问题"),
    "notes": gettext_lazy("附注"),
    "before": gettext_lazy("之前"),
    "after": gettext_lazy("之后"),
    "inherited": gettext_lazy("承前"),
    "bracket": gettext_lazy("括号"),
    "label": gettext_lazy("责任单位栏"),
    "in_text": gettext_lazy("正文"),
    "table": gettext_lazy("表格"),
    "fallback": gettext_lazy("就近"),
    "difference": gettext_lazy("差值"),
    "words": gettext_lazy("文字"),
    "stated": gettext_lazy("原文写明"),
    "inherited_section": gettext_lazy("承自所在部分"),
    "inherited_doc": gettext_lazy("承自全文"),
    "undetermined": gettext_lazy("未能确定"),
}


@dataclass
class Line:
    """One segment on the page."""

    kind: str
    anchor: str
    number: int
    start: int
    runs: list[paragraphs.Run] = field(default_factory=list)
    cells: list[list[paragraphs.Run]] = field(default_factory=list)
    caption: str = ""
    opens_table: bool = False
    closes_table: bool = False


@dataclass
class TextPage:
    """A page of the text."""

    lines: list[Line]
    number: int
    pages: int
    start: int
    end: int


def page_ranges(document: Document) -> list[tuple[int, int]]:
    """The ranges of segments of the pages of a document."""
    facts = review_facts().reading
    return paragraphs.pages(document.segments, facts.page_segments.value, facts.page_chars.value)


def page_at(document: Document, offset: int) -> int:
    """The number of the page that shows ``offset``, from 1."""
    index = paragraphs.index_at(document.segments, offset)
    for number, (first, last) in enumerate(page_ranges(document), 1):
        if first <= index < last:
            return number
    return 1


def bounds(document: Document, number: int) -> tuple[int, int, int, int, int]:
    """(first, last segment, start, end offset, pages) of a page; the number is kept within the pages."""
    ranges = page_ranges(document)
    first, last = ranges[max(1, min(number, len(ranges))) - 1]
    part = document.segments[first:last]
    return first, last, part[0][0] if part else 0, part[-1][1] if part else 0, len(ranges)


def text_page(document: Document, number: int, spans: list[paragraphs.Span], pins: dict[int, list[int]]) -> TextPage:
    """One page of the text with its marks."""
    first, last, start, end, count = bounds(document, number)
    lines, text = [], document.text
    for segment in document.segments[first:last]:
        a, b, kind, num, table = segment
        line = Line(kind, paragraphs.anchor_of(segment), num, a)
        if kind == "r":
            line.cells = _cells(text, a, b, spans, pins)
            before = lines[-1] if lines else None
            line.opens_table = before is None or before.kind != "r" or before.anchor.split("-")[0] != f"t{table}"
            if line.opens_table and before is not None and before.kind == "r":
                before.closes_table = True
        else:
            if lines and lines[-1].kind == "r":
                lines[-1].closes_table = True
            line.runs = paragraphs.runs(text, a, b, spans, pins)
        lines.append(line)
    if lines and lines[-1].kind == "r":
        lines[-1].closes_table = True
    return TextPage(lines, max(1, min(number, count)), count, start, end)


def _cells(text: str, start: int, end: int, spans: Any, pins: Any) -> list[list[paragraphs.Run]]:
    cells, at = [], start
    for part in text[start:end].split("\t"):
        cells.append(paragraphs.runs(text, at, at + len(part), spans, pins) if part else [])
        at += len(part) + 1
    return cells


def marks(records: list[Record], current: Record | None) -> tuple[list[paragraphs.Span], dict[int, list[int]]]:
    """What is marked: titles of tasks, figures, time limits, units; the whole evidence of the current record."""
    spans: list[paragraphs.Span] = []
    pins: dict[int, list[int]] = {}
    for record in records:
        now = current is not None and record.pk == current.pk
        said = record.payload
        if record.state == "rejected" and not now:
            continue
        if now:
            spans.append(paragraphs.Span(record.start, record.end, CSS[record.kind], record.pk, True))
        if record.kind == "task":
            a, b = said.get("title_start", record.start), said.get("title_end", record.end)
            if not now and a < b:
                spans.append(paragraphs.Span(a, b, "t", record.pk))
            for css, name in (("d", "deadlines"), ("u", "units")):
                spans += [paragraphs.Span(p["start"], p["end"], css, record.pk) for p in said.get(name, [])]
        elif record.kind == "figure" and not now:
            a, b = said.get("value_start", record.start), said.get("value_end", record.end)
            spans.append(paragraphs.Span(a, b, "n", record.pk))
        elif not now:
            spans.append(paragraphs.Span(record.start, record.end, CSS[record.kind], record.pk))
        if record.kind == "task" or now:
            pins.setdefault(record.start, []).append(record.pk)
    return spans, pins


def decorate(document: Document, records: list[Record], current: Record | None, choice: Choice) -> None:
    """Give every record what the templates print: words of confidence, meta line, links, clashes."""
    base = reverse("documents:review", args=[document.pk])
    found = queries.clashes(records)
    cycles, kinds = all_cycles(), all_kinds()
    for record in records:
        share = Decimal(record.confidence)
        record.word, record.share = _(confidence_word(share)), f"{share:.2f}"
        record.percent = int(share * 100)
        record.tone, record.css = TONES[record.kind], CSS[record.kind]
        record.clashes = found.get(record.pk, [])
        record.is_current = current is not None and record.pk == current.pk
        record.link = f"{base}?{choice.query(record=record.pk)}"
        record.meta = _meta(record, cycles, kinds)


def _meta(record: Record, cycles: Any, kinds: Any) -> str:
    made = record.decided
    if record.kind == "task":
        parts = [_("牵头 %(unit)s") % {"unit": made["lead_name"]} if made.get("lead") else _("牵头单位待定")]
        if made.get("units"):
            parts.append(_("配合 %(n)s 家") % {"n": sum(len(u["ids"]) or 1 for u in made["units"])})
        parts.append(_("期限 %(day)s") % {"day": made["deadline"]} if made.get("deadline") else _("无期限"))
        return " · ".join(parts)
    if record.kind == "figure":
        uses = {"target": _("目标"), "observation": _("数值"), "none": _("不入台账")}
        words = [uses.get(made.get("use"), ""), made.get("period") or _("时段待定")]
        words.append(made["name"] if made.get("indicator") else _("新指标“%(name)s”") % {"name": made.get("name", "")})
        return " · ".join(word for word in words if word)
    return " · ".join(str(made[name]) for name in ("category", "period", "status") if made.get(name))


def form_context(document: Document, record: Record) -> dict[str, Any]:
    """Choices of the form of the current record."""
    made = record.decided
    first = {"task": "x-title", "figure": "x-value"}.get(record.kind, "x-name")
    context: dict[str, Any] = {"made": made, "first_field": first, "why": why(record)}
    if record.earlier and record.change == "changed":
        context["pair"] = pair(record.earlier, record)
    if record.state == "pending":
        context["pieces"] = [(end, document.text[start:end]) for start, end in cut_places(document, record)]
        context["near"] = queries.near(record)
    if record.kind == "task":
        context["cycles"] = [(code, row.label_zh) for code, row in all_cycles().items()]
        context["kinds_of_item"] = [(code, kind.label_zh) for code, kind in all_kinds().items()]
    elif record.kind == "figure":
        known = {code for code, _name, _why in made.get("candidates", [])}
        chosen = made.get("indicator") or ""
        context["indicators"] = [(c, n) for c, n, _why in made.get("candidates", [])]
        if chosen and chosen not in known:
            context["indicators"].insert(0, (chosen, made["name"]))
        context["operators"] = [(">=", _("不低于")), ("<=", _("不高于")), ("=", _("达到")), ("change", _("变化")),
                                ("range", _("区间"))]  # fmt: skip
        context["uses"] = [("target", _("目标")), ("observation", _("数值")), ("none", _("不入台账"))]
        region = Region.objects.filter(code=made.get("region") or "").first()
        context["region_name"] = region.name if region else ""
    else:
        labels = {"name": _("名称"), "type": _("类型"), "category": _("类别"), "status": _("状态"), "period": _("时段"),
                  "count": _("数量"), "count_unit": _("数量单位"), "amount": _("金额"),
                  "amount_unit": _("金额单位")}  # fmt: skip
        context["fields"] = [(name, labels[name], made[name]) for name in labels if name in made]
    return context


def why(record: Record) -> list[str]:
    """Why the record was read so: the rules that fired, what was inherited, and the engine's own sentences."""
    said, found = record.payload, []
    own = said.get("explanations") or said.get("why") or {}
    for rule in said.get("rules", []):
        head, _colon, rest = str(rule).partition(":")
        words = str(RULES.get(head, head))
        detail = str(DETAILS.get(rest, rest))
        line = f"{words} {detail}".strip()
        explained = own.get(rule) if isinstance(own, dict) else None
        found.append(f"{line}：{explained}" if explained else line)
    if said.get("period_basis"):
        found.append(_("时段 %(basis)s") % {"basis": DETAILS.get(said["period_basis"], said["period_basis"])})
    if said.get("heading_titles"):
        found.append(_("所在标题 %(titles)s") % {"titles": " › ".join(said["heading_titles"])})
    found += [_("又见 “%(quote)s”") % {"quote": row["quote"][:60]} for row in said.get("also", [])]
    return found + ([str(line) for line in own] if isinstance(own, list) else [])


def pair(earlier: dict[str, Any], record: Record) -> dict[str, Any]:
    """Both texts of a changed record, as one with what went and what came, and what was decided before."""
    words = dict(Record.State.choices)
    texts = (record.quote, earlier["quote"]) if earlier.get("reads") else (earlier["quote"], record.quote)
    before, after = earlier.get("facts", {}), facts(record.payload)
    if earlier.get("reads"):
        before, after = after, before
    labels = {"name": _("名称"), "units": _("责任单位"), "deadlines": _("期限"), "value": _("数值"), "high": _("上限"),
              "value_text": _("数值写法"), "unit": _("单位"), "period": _("时段"), "region": _("区域"),
              "count": _("数量"), "amount": _("金额"), "status": _("状态")}  # fmt: skip
    other = [(labels[name], before.get(name, "—"), after.get(name, "—")) for name in labels
             if before.get(name) != after.get(name)]  # fmt: skip
    return {
        "runs": difference(*texts),
        "facts": other,
        "state": words.get(earlier.get("state"), ""),
        "title": earlier.get("title", ""),
        "reads": earlier.get("reads", False),
    }


def matrix(document: Document, table: dict[tuple[str, str], int]) -> list[dict[str, Any]]:
    """Numbers by kind and state, each with the list it counts."""
    base = reverse("documents:review", args=[document.pk])
    found = []
    for kind, label in Record.Kind.choices:
        cells = [(f"{base}?{Choice(tab=state, kind=kind).query()}", table.get((kind, state), 0))
                 for state in Record.LISTED]  # fmt: skip
        if any(n for _url, n in cells):
            found.append({"label": label, "cells": cells, "total": sum(n for _url, n in cells)})
    return found


def band_words() -> list[tuple[str, str]]:
    """The choices of confidence with their borders."""
    borders = review_facts().confidence
    high, middle = borders.high.value, borders.middle.value
    return [("high", _("高（%(x)s 以上）") % {"x": high}), ("middle", _("中（%(x)s 以上）") % {"x": middle}),
            ("low", _("低（不到 %(x)s）") % {"x": middle})]  # fmt: skip


def step_words(decision: Decision) -> str:
    """What a step did, in a word."""
    return str(STEPS.get(decision.action, decision.action))


def review_keys() -> list[tuple[str, str]]:
    """The keys of the review page for the help dialog."""
    return [("J K", _("下一条、上一条")), ("A", _("接受，转到下一条待确认")), ("E", _("修改，光标进入第一栏")),
            ("Ctrl+Enter", _("在栏内：保存修改；在不采纳的理由中：提交")), ("Esc", _("离开栏目，内容不丢")),
            ("S", _("拆分；不能拆分的跳过")), ("M", _("与相邻记录合并")), ("R", _("不采纳，须写理由")),
            ("O", _("看原文那一句")), ("U", _("撤销自己的上一步")), ("Y", _("重做"))]  # fmt: skip


def change_words() -> list[tuple[str, str]]:
    """How a record stands to the edition before."""
    return [("changed", _("有改动")), ("new", _("新增")), ("gone", _("不再读出")), ("same", _("未变"))]
