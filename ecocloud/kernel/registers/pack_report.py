"""The report of a pack as a paper after GB/T 9704: its paragraphs, each number with its source in the appendix."""

from __future__ import annotations

from typing import Any

from ecocloud.base.officedocs import GbDocument, Run, Source
from ecocloud.base.units import format_value
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.registers.pack import FOLDED, PLACEHOLDER, PackDefinition, Paragraph
from ecocloud.kernel.registers.pack_figures import Shown, Taken
from ecocloud.kernel.registers.pack_page import About


def report(viewer: Any, pack: PackDefinition, about: About, taken: Taken) -> bytes:
    """The paper as the bytes of a .docx; signed by the viewer's unit on the day."""
    issuer = viewer.department.name if viewer.department_id else viewer.name
    doc = GbDocument(f"关于{about.region.name}{pack.zh}情况的报告", author=issuer)
    figures = taken.by_code()
    for one in pack.paragraphs:
        doc.heading(one.zh, 1)
        doc.paragraph(_runs(pack, one, about, figures))
    doc.signature(issuer, about.day)
    return doc.to_bytes()


def _runs(pack: PackDefinition, paragraph: Paragraph, about: About, figures: dict[str, Shown]) -> list[Run | str]:
    day = about.day
    words = {"region": about.region.name, "year": str(day.year), "day": f"{day.year}年{day.month}月{day.day}日"}
    found: list[Run | str] = []
    parts = PLACEHOLDER.split(FOLDED.sub("", paragraph.text))
    # Text and placeholders take turns.
    for position, part in enumerate(parts):
        if position % 2 == 0:
            found += [part] if part else []
        elif part in words:
            found.append(words[part])
        else:
            found.append(_number(pack, figures[part], about))
    return found


def _number(pack: PackDefinition, shown: Shown, about: About) -> Run:
    figure = shown.figure
    text = "无数据" if shown.value is None else format_value(shown.value, figure.unit, figure.decimals, group="")
    ref = Ref("regfig", f"{pack.id}/{figure.code}", about.region.pk, about.day.isoformat())
    place = f"{about.region.name}，{about.day.isoformat()}；算法 {figure.value}"
    return Run(text, source=Source(f"{pack.zh}：{figure.zh}", place, str(ref)))
