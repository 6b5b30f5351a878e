"""公开征求意见情况说明: the results of a consultation as an official paper (GB/T 9704)."""

from __future__ import annotations

from collections import Counter

from django.utils import timezone

from ecocloud.base.officedocs import GbDocument, Run, Source
from ecocloud.portal.consulting.models import Comment, Consultation
from ecocloud.portal.consulting.states import VERDICTS, Showing, Verdict


def day_zh(day) -> str:
    """2026年9月30日."""
    return f"{day.year}年{day.month}月{day.day}日"


def summary(row: Consultation) -> bytes:
    """The paper: window, counts, every public comment with its answer, how many were not public and why."""
    comments = list(row.comments.order_by("number"))
    shown = [one for one in comments if one.showing == Showing.SHOWN.value]
    doc = GbDocument(f"关于《{row.title}》\n公开征求意见情况的说明", author=row.department.name)
    source = Source(row.title, f"征求意见 {row.opens} 至 {row.closes}", row.ref)
    doc.paragraph([
        f"{row.department.name}于{day_zh(row.opens)}至{day_zh(row.closes)}就《{row.title}》公开征求意见，共收到意见",
        Run(f"{len(comments)}条", source=source), f"。{_counts(shown)}",
    ])  # fmt: skip
    hidden = [one for one in comments if one.showing == Showing.HIDDEN.value]
    if hidden:
        reasons = "；".join(dict.fromkeys(one.hidden_reason for one in hidden))
        doc.paragraph(f"另有{len(hidden)}条未予公开，理由：{reasons}。")
    if row.conclusion:
        doc.heading("总体情况", 1)
        for line in row.conclusion.splitlines():
            doc.paragraph(line)
    doc.heading("意见和答复", 1)
    if shown:
        doc.table(["序号", "针对内容", "意见", "答复", "理由和修改"], [_line(one) for one in shown],
                  widths=[10, 32, 50, 16, 48], caption="表1 意见和答复")  # fmt: skip
    else:
        doc.paragraph("没有收到公开的意见。")
    doc.signature(row.department.name, timezone.localdate(row.ended_at) if row.ended_at else timezone.localdate())
    return doc.to_bytes()


def _counts(shown: list[Comment]) -> str:
    counts = Counter(one.verdict for one in shown)
    told = "，".join(f"{VERDICTS[one][0]}{counts[one.value]}条" for one in Verdict if counts[one.value])
    open_ = counts[None]
    return "、".join(part for part in (f"其中{told}" if told else "", f"未答复{open_}条" if open_ else "") if part) + (
        "。" if told or open_ else ""
    )


def _line(one: Comment) -> list[str]:
    changed = f"\n修改：{one.change_note}" if one.change_note else ""
    verdict = VERDICTS[Verdict(one.verdict)][0] if one.verdict else "未答复"
    return [str(one.number), one.place or "全文", one.text, verdict, f"{one.answer or '—'}{changed}"]
