"""The monthly report of patrols: an official paper (GB/T 9704) by unit and object, every figure with its source."""

from __future__ import annotations

from datetime import date
from typing import Any

from ecocloud.base.officedocs import GbDocument, Run, Source
from ecocloud.domains.chiefs import coverage, showing
from ecocloud.domains.chiefs.coverage import Coverage, Line
from ecocloud.kernel.regions.models import Region

_MOST_LINES = 200


def title_of(first: date, last: date) -> str:
    """What the paper is called."""
    months = (
        f"{first.month}月" if (first.year, first.month) == (last.year, last.month) else f"{first.month}—{last.month}月"
    )
    return f"{first.year}年{months}河湖长、林长巡查情况月报"


def paper(viewer: Any, first: date, last: date, *, region: Region | None = None) -> bytes:
    """The report as .docx. It names objects and units, never persons."""
    found = coverage.build(viewer, first, last, region=region)
    issuer = viewer.department.name if viewer.department else ""
    doc = GbDocument(title_of(first, last))
    source = Source("巡查到位统计", f"{first} 至 {last} 到期的巡查周期")
    doc.paragraph([
        Run(f"{first.year}年{first.month}月{first.day}日至{last.year}年{last.month}月{last.day}日，到期的巡查周期内应巡查"),
        Run(f"{found.total.cover.owed}次", source=source), Run("，到位"),
        Run(f"{found.total.cover.done}次", source=source),
        Run("；发现问题"), Run(f"{found.total.found}个", source=source),
        Run(f"，其中在办{found.total.open}个。"),
    ])  # fmt: skip
    if found.ruleless:
        doc.paragraph(f"另有{found.ruleless}个岗位所在区划尚未选定巡查频次，未纳入统计。")
    doc.heading("各单位情况", 1)
    _table(doc, "单位", found.units)
    doc.heading("巡查不足的河湖、林地", 1)
    short = [line for line in found.offices if line.cover.missing]
    if short:
        _table(doc, "对象", short[:_MOST_LINES])
    else:
        doc.paragraph("到期的巡查周期均已到位。")
    doc.heading("发现问题的河湖、林地", 1)
    troubled = [line for line in found.offices if line.found]
    if troubled:
        _table(doc, "对象", troubled[:_MOST_LINES])
    else:
        doc.paragraph("没有发现问题。")
    for citation in found.unverified:
        doc.paragraph(f"说明：巡查频次依据{citation}，尚未与印发文本核对。")
    doc.signature(issuer, last)
    return doc.to_bytes()


def _table(doc: GbDocument, head: str, lines: Any) -> None:
    rows = [[_label(line, head), str(line.cover.owed), str(line.cover.done), str(line.found), str(line.open)]
            for line in lines]  # fmt: skip
    doc.table([head, "应巡查（次）", "到位（次）", "发现问题", "在办"], rows, widths=[76, 22, 20, 20, 18])


def _label(line: Line, head: str) -> str:
    return line.label if head == "单位" or line.office is None else showing.title(line.office)


def summary(found: Coverage) -> dict[str, int]:
    """The figures of the first paragraph."""
    total = found.total
    return {"owed": total.cover.owed, "done": total.cover.done, "found": total.found, "open": total.open}
