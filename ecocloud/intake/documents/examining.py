"""A reading examined without a database: its questions as text and data, its tables as files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from ecocloud.intake.documents import consistency, papers, paragraphs
from ecocloud.intake.documents.breakdown import target_rows, task_rows
from ecocloud.intake.documents.findings_facts import consistency_facts
from ecocloud.intake.documents.known import package_catalogue
from ecocloud.intake.documents.records import Reading
from ecocloud.intake.documents.stated import Finding, Stated
from ecocloud.intake.documents.text.source import SourceText

_SHOWN = 36


def stated_of(reading: Reading) -> Stated:
    """A reading as the checks take it, linked to the catalogue of the package."""
    return Stated.of(reading, package_catalogue())


def findings_of(reading: Reading) -> list[Finding]:
    """What was checked in one reading, right or wrong."""
    return consistency.check(stated_of(reading), catalogue=package_catalogue())


def placer(source: SourceText) -> Callable[[int, int], str]:
    """A callable that words a span of the original: 第 17 段 第 3 句, 表 1 第 2 行."""
    cells = [(p.start, p.table or 0, p.row or 0) for p in source.places if p.kind == "cell" and p.column == 1]
    segments = paragraphs.split(source.original, cells)
    starts = [segment[0] for segment in segments]
    return lambda start, end: paragraphs.place_of(source.original, segments, start, end, starts).words


def as_data(finding: Finding) -> dict[str, Any]:
    """A finding for ``--json``: kind, severity, words, arithmetic, spans with exact offsets."""
    kind = consistency.kind_of(finding)
    spans = [{"start": s.start, "end": s.end, "quote": s.quote, "role": s.role, "doc": s.doc} for s in finding.spans]
    return {"kind": finding.kind, "label": kind.label_zh, "severity": kind.severity, "holds": finding.holds,
            "words": consistency.words(finding.kind, finding.facts), "arithmetic": finding.arithmetic,
            "facts": dict(finding.facts), "spans": spans}  # fmt: skip


def questions_text(findings: Iterable[Finding]) -> str:
    """The questions of a summary, with the first places of each; '' when nothing was checked."""
    rows = list(findings)
    asked, held = consistency.questions(rows), sum(row.holds for row in rows)
    if not rows:
        return ""
    out = [f"\n核对  疑问 {len(asked)} 处，核对相符 {held} 处"]
    severities = consistency_facts().severities
    for finding in asked:
        kind = consistency.kind_of(finding)
        out.append(f"  [{severities[kind.severity].label_zh}] {consistency.words(finding.kind, finding.facts)}")
        out.append(f"         {finding.arithmetic}")
        for span in finding.spans[:3]:
            words = " ".join(span.quote.split())
            out.append(
                f"         {span.role} {span.start}-{span.end} “{words[:_SHOWN]}{'…' if len(words) > _SHOWN else ''}”"
            )
    return "\n".join(out)


def write_tables(reading: Reading, folder: Path) -> list[str]:
    """Write 任务分解表 and 目标指标表 of a reading as .xlsx and .docx; returns the names of the files."""
    place = placer(reading.source)
    title = reading.document["title"]["text"] or reading.name
    head = papers.Head(title, reading.name, "机器读取，未经人工确认")
    rows: dict[str, Sequence[Any]] = {
        "tasks": task_rows(reading.tasks, reading.figures, place), "targets": target_rows(reading.figures, place)
    }  # fmt: skip
    names = []
    for which, part in rows.items():
        for form in papers.FORMS:
            made = papers.table(which, form, part, head)
            name = papers.file_name(f"{reading.doc}.{papers.SPECS[which].title}") + f".{form}"
            (folder / name).write_bytes(made.content)
            names.append(name)
    return names
