"""The engine's door: bytes of a document in, tasks, figures, projects and mechanisms with exact evidence out."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from ecocloud.intake.documents import confidence
from ecocloud.intake.documents.context import Context, Section, read_context
from ecocloud.intake.documents.figures import Figure, find_figures
from ecocloud.intake.documents.mechanisms import Mechanism, find_mechanisms
from ecocloud.intake.documents.projects import Project, find_projects
from ecocloud.intake.documents.records import Reading, Recorder, doc_of
from ecocloud.intake.documents.tables import doubt_flattened, read_tables
from ecocloud.intake.documents.tasks import Task, find_tasks
from ecocloud.intake.documents.text.loaders import load
from ecocloud.intake.documents.text.source import SourceText


def read_document(data: bytes, name: str) -> Reading:
    """Read one document.

    Parameters
    ----------
    data: the bytes of the file (txt, html, docx, pdf with a text layer).
    name: its file name; the stem up to the first underscore becomes ``doc``.

    Returns a :class:`Reading`; every record satisfies ``quote == reading.source.original[start:end]``.

    Raises :class:`~ecocloud.intake.documents.errors.DocumentError` (an ``EcoError``) for files that cannot be read.
    """
    return read_source(load(data, name))


def read_source(source: SourceText) -> Reading:
    """Read a text that is loaded already."""
    doc = doc_of(source.name)
    context = read_context(source.folded)
    recorder = Recorder(source, doc)
    reading = Reading(source.name, doc, source, document_record(source, context, doc))
    tables = read_tables(source, context)
    tasks = tables.tasks + [t for t in find_tasks(source.folded, context) if not _covered(t, tables.rows)]
    tasks.sort(key=lambda t: t.start)
    context.limits = item_limits(tasks)
    for task in tasks:
        tables.mark(task, task.start)
    figures = [f for f in find_figures(source.folded, context, tables.rows) if not tables.is_taken(f.value_start)]
    figures = sorted(figures + tables.figures, key=lambda f: (f.value_start, f.value_end))
    for figure in figures:
        tables.mark(figure, figure.value_start)
    reading.figures = [figure_record(f, recorder) for f in figures]
    _link(reading.figures, figures)
    printed = {source.folded[u.start : u.end]: source.text[u.start : u.end] for t in tasks for u in t.units}
    reading.tasks = [task_record(t, recorder, reading.figures, printed) for t in tasks]
    projects = find_projects(source.folded, context, figures)
    reading.projects = [project_record(p, recorder, reading.figures) for p in projects]
    mechanisms = find_mechanisms(source.folded, context)
    reading.mechanisms = [mechanism_record(m, recorder) for m in mechanisms]
    confidence.apply(reading.records(), reading.document)
    doubt_flattened(reading.records())
    return reading


def item_limits(tasks: list[Task]) -> list[tuple[int, int, str]]:
    """(start, end, year) of the items whose time limit holds for the whole item."""
    whole = [(t, next((d for d in reversed(t.deadlines) if d.date and not d.applies_to), None)) for t in tasks]
    return [(t.start, t.end, d.date[:4]) for t, d in whole if d is not None]


def _covered(task: Task, rows: list[tuple[int, int]]) -> bool:
    """Whether a task overlaps a table row that was read already (``rows`` sorted, disjoint)."""
    at = bisect_left(rows, task.end, key=lambda r: r[0])
    return at > 0 and rows[at - 1][1] > task.start


def document_record(source: SourceText, context: Context, doc: str) -> dict[str, Any]:
    """Facts of the document as a record."""
    quote, first, last = source.quote(*context.title_span)
    body_first, body_last = source.map.span(*context.body)
    return {
        "id": f"{doc}-D", "kind": "document", "file": source.name, "doc": doc, "chars": len(source.original),
        "format": source.kind, "encoding": source.encoding, "repairs": source.repairs, "doc_type": context.doc_type,
        "title": {"text": context.title, "quote": quote, "start": first, "end": last}, "issuer": context.issuer or None,
        "region": context.region or None, "published": context.published, "report_year": context.report_year,
        "plan_year": context.plan_year, "body": {"start": body_first, "end": body_last},
        "sections": [_section(s, source) for s in context.sections],
    }  # fmt: skip


def _section(section: Section, source: SourceText) -> dict[str, Any]:
    first, last = source.map.span(section.start, section.end)
    record: dict[str, Any] = {"path": section.path, "mode": section.mode, "year": section.year}
    record |= {"start": first, "end": last, "heading": None}
    if section.heading[1] > section.heading[0]:
        quote, start, end = source.quote(*section.heading)
        record["heading"] = {"quote": quote, "start": start, "end": end}
    return record


def figures_inside(record: dict[str, Any], figures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Figures (sorted by the place of their value) whose evidence lies inside that of ``record``."""
    first = bisect_left(figures, record["start"], key=lambda f: f["value_start"])
    last = bisect_left(figures, record["end"], key=lambda f: f["value_start"])
    return [f for f in figures[first:last] if record["start"] <= f["start"] and f["end"] <= record["end"]]


def task_record(
    task: Task, recorder: Recorder, figures: list[dict[str, Any]], printed: dict[str, str]
) -> dict[str, Any]:
    """A task in the record shape; ``targets`` are the ids of the figures inside its span, ``printed`` gives unit names
    with the brackets of the document."""
    record = recorder.base("task", task.start, task.end)
    titles = recorder.offsets(task.title_start, task.title_end)
    units = []
    for unit in task.units:
        names = {"name": printed.get(unit.name, unit.name), "raw": printed.get(unit.raw, unit.raw)}
        units.append({**unit.as_dict(), **names, **recorder.offsets(unit.start, unit.end)})
    due = []
    for limit in task.deadlines:
        quote, first, last = recorder.source.quote(limit.start, limit.end)
        due.append(
            {"date": limit.date or None, "applies_to": limit.applies_to, "quote": quote, "start": first, "end": last}
        )
    inside = [f["id"] for f in figures_inside(record, figures)]
    return {
        **record, "path": task.path, "heading_titles": [recorder.words(a, b) for a, b in task.headings],
        "title": recorder.words(task.title_start, task.title_end), "title_start": titles["start"],
        "title_end": titles["end"], "units": units, "deadlines": due, "targets": inside, "related_targets": [],
        "plan_year": task.plan_year, "rules": task.rules, "confidence": task.confidence,
    }  # fmt: skip


def figure_record(figure: Figure, recorder: Recorder) -> dict[str, Any]:
    """A figure in the record shape (``comparison`` is linked afterwards)."""
    record = recorder.base("figure", figure.start, figure.end)
    return {
        **record, "path": figure.path, "indicator": figure.indicator, "aliases": figure.aliases,
        "region": figure.region or None, "period": figure.period, "period_basis": figure.period_basis,
        "value": figure.value, "unit": figure.unit or None, "value_text": figure.value_text or None,
        "high": figure.high, "qualifier": figure.qualifier, "direction": figure.direction,
        "strict_inequality": figure.strict, "comparison": None,
        **recorder.span("value", figure.value_start, figure.value_end), "rules": figure.rules,
        "confidence": figure.confidence,
    }  # fmt: skip


def _link(records: list[dict[str, Any]], figures: list[Figure]) -> None:
    """Connect changes, differences and ranks with the figure they are about."""
    index = {id(f): r for f, r in zip(figures, records, strict=True)}
    for figure, record in zip(figures, records, strict=True):
        if not figure.comparison:
            continue
        of = index.get(id(figure.of)) if figure.of is not None else None
        record["comparison"] = {**figure.comparison, "of": of["id"] if of else None}
        if of is not None and of["comparison"] is None:
            of["comparison"] = {
                **figure.comparison, "direction": figure.direction, "value": figure.value, "unit": record["unit"],
                "figure": record["id"],
            }  # fmt: skip


def project_record(project: Project, recorder: Recorder, figures: list[dict[str, Any]]) -> dict[str, Any]:
    """A project in the record shape; figures inside its evidence are listed and given as measures."""
    record = recorder.base("project", project.start, project.end)
    inside = [f for f in figures_inside(record, figures) if f["value"] is not None]
    measures = [
        {"indicator": f["indicator"], "value": f["value"], "unit": f["unit"]}
        for f in inside if "count_of" not in f["qualifier"] or project.count is None
    ]  # fmt: skip
    return {
        **record, "path": project.path, "name": project.name, "aliases": project.aliases, "type": project.type,
        "category": project.category, "region": project.region or None, "period": project.period,
        "status": project.status, "count": project.count, "count_unit": project.count_unit, "amount": project.amount,
        "amount_unit": project.amount_unit, "measures": measures, "figures": [f["id"] for f in inside], "parent": None,
        "rules": project.rules, "confidence": project.confidence,
    }  # fmt: skip


def mechanism_record(mechanism: Mechanism, recorder: Recorder) -> dict[str, Any]:
    """A mechanism in the record shape; ``name_en``, ``description`` and ``system`` are left to a person."""
    record = recorder.base("mechanism", mechanism.start, mechanism.end)
    return {
        **record, "path": mechanism.path, "name": mechanism.name, "name_en": "", "type": mechanism.type,
        "status": mechanism.status, "description": "", "system": "", "rules": mechanism.rules,
        "confidence": mechanism.confidence,
    }  # fmt: skip
