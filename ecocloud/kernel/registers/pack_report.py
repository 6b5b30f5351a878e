"""The report of a pack as a paper after GB/T 9704: its paragraphs, each number with its source in the appendix."""

from __future__ import annotations

from typing import Any

from ecocloud.base.officedocs import GbDocument, Run, Source
from ecocloud.base.pages.speaking import day_words, pick_words
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.registers.pack_definition import FOLDED, PLACEHOLDER, PackDefinition, Paragraph
from ecocloud.kernel.registers.pack_figures import Shown, Taken
from ecocloud.kernel.registers.pack_page import About
from ecocloud.kernel.registers.services.packs import figure_words


def report(viewer: Any, pack: PackDefinition, about: About, taken: Taken) -> bytes:
    """The paper as the bytes of a .docx; signed by the viewer's unit on the day."""
    issuer = viewer.department.name if viewer.department_id else viewer.name
    title = pick_words(f"关于{about.region.name}{pack.zh}情况的报告", f"{pack.en} in {about.region.name}: report")
    doc = GbDocument(title, author=issuer)
    figures = taken.by_code()
    for one in pack.paragraphs:
        doc.heading(pick_words(one.zh, one.en or ""), 1)
        doc.paragraph(_runs(pack, one, about, figures))
    doc.signature(issuer, about.day)
    return doc.to_bytes()


def _runs(pack: PackDefinition, paragraph: Paragraph, about: About, figures: dict[str, Shown]) -> list[Run | str]:
    words = {"region": about.region.name, "year": str(about.day.year), "day": day_words(about.day)}
    found: list[Run | str] = []
    parts = PLACEHOLDER.split(FOLDED.sub("", pick_words(paragraph.text, paragraph.text_en)))
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
    text = figure_words(figure, shown.value)
    ref = Ref("regfig", f"{pack.id}/{figure.code}", about.region.pk, about.day.isoformat())
    where = f"{about.region.name}, {about.day.isoformat()}"
    place = pick_words(f"{where.replace(', ', '，')}；算法 {figure.value}", f"{where}; computed as {figure.value}")
    name = pick_words(f"{pack.zh}：{figure.zh}", f"{pack.en}: {figure.en}")
    return Run(text, source=Source(name, place, str(ref)))
