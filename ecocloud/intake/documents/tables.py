"""Tables as records: target tables give figures, task tables give tasks, each with the place of its cell.

Columns are known by their heads (``data/tables.yaml`` and the labels of ``organisations.yaml``); a table without known
heads gives nothing here and is read like running text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ecocloud.intake.documents.context import Context
from ecocloud.intake.documents.flattened import flat_tables
from ecocloud.intake.documents.grids import (
    Grid,
    GridCell,
    Head,
    grids,
    heads,
    is_head,
    period_in,
    plain,
    table_words,
    unit_in,
)
from ecocloud.intake.documents.lexicon import organisations
from ecocloud.intake.documents.numbers import parse_number
from ecocloud.intake.documents.quantities import kind_of
from ecocloud.intake.documents.statements import Figure
from ecocloud.intake.documents.tasks import Task, TaskDeadline, labelled_date, task_deadlines
from ecocloud.intake.documents.text.source import SourceText
from ecocloud.intake.documents.unitlists import Unit, parse_list, repair_names

VALUE = re.compile(
    r"(?P<mark>≥|≤|>=|<=|>|<|大于等于|小于等于|不低于|不少于|不高于|不超过|控制在|大于|小于|高于|低于|达到|达|约|左右|累计|第)?\s*"
    r"(?P<open>\[)?(?P<num>-?\d[\d,]*(?:\.\d+)?)\s*(?:[-~—–～至]\s*(?P<high>\d[\d,]*(?:\.\d+)?))?\]?\s*"
    r"(?P<unit>[^\d\s()\[\],;。以左]{1,10})?(?P<after>以上|以内|以下|左右)?(?:\(.{1,12}\))?"
)
LOWER = {"≥", ">=", ">", "大于等于", "不低于", "不少于", "大于", "高于", "以上"}
UPPER = {"≤", "<=", "<", "小于等于", "不高于", "不超过", "控制在", "小于", "低于", "以下", "以内"}
STRICT = {">", "<", "大于", "小于", "高于", "低于"}
NOTHING = re.compile(r"[-—–/\\\s]*|无|暂无|—")
LEAD = re.compile(r"^(?:[(（]?[\d一二三四五六七八九十]{1,3}[)）.、．]\s*|其中[:：]?)")
LONGEST_WORDS = 30
# the task column, unit columns with their role, columns of time limits, columns of headings
TaskColumns = tuple[int, dict[int, str], list[int], list[int]]
SURE, FAIR, DOUBTFUL = 0.95, 0.85, 0.4
FLATTENED = "table:flattened"


@dataclass
class Readout:
    """What the tables gave: tasks, figures, the spans of rows read as tasks, the spans whose numbers are read
    already or only repeat a cell above, and the spans of tables whose columns were lost."""

    tasks: list[Task] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    rows: list[tuple[int, int]] = field(default_factory=list)
    taken: list[tuple[int, int]] = field(default_factory=list)
    flat: list[tuple[int, int]] = field(default_factory=list)

    def is_taken(self, offset: int) -> bool:
        """Whether a number at ``offset`` must not be read once more."""
        return _inside(self.taken, offset)

    def mark(self, record: Task | Figure, offset: int) -> None:
        """Mark a record that stands in a flattened table: its columns were guessed."""
        if _inside(self.flat, offset) and FLATTENED not in record.rules:
            record.rules = [*record.rules, FLATTENED]


def doubt_flattened(records: Iterable[dict[str, Any]]) -> None:
    """No record of a flattened table is surer than ``DOUBTFUL``, whatever its other marks say; call it last."""
    for record in records:
        if FLATTENED in record["rules"]:
            record["confidence"] = min(record["confidence"], DOUBTFUL)


def _inside(spans: list[tuple[int, int]], offset: int) -> bool:
    at = bisect_right(spans, (offset, 1 << 60)) - 1
    return at >= 0 and spans[at][0] <= offset < spans[at][1]


def read_tables(source: SourceText, context: Context) -> Readout:
    """Read all tables of a document (offsets in the text that is read)."""
    out = Readout()
    text = source.folded
    real = grids(source)
    flat = flat_tables(source, len(real) + 1)
    for grid in [*real, *(f.grid for f in flat if f.grid is not None)]:
        found = heads(text, grid)
        tasks = next((t for head in found if (t := _tasks(text, grid, head, context))), [])
        out.tasks.extend(tasks)
        out.rows.extend((t.start, t.end) for t in tasks)
        for head in found:
            figures = _figures(text, grid, head, context) or _figures_by_region(text, grid, head, context)
            if figures:
                out.figures.extend(figures)
                out.taken.extend((f.value_start, f.value_end) for f in figures)
                break
        out.taken.extend((c.start, c.end) for row in grid.rows for c in row if c.copy and c.end > c.start)
    for task, units in zip(out.tasks, repair_names([t.units for t in out.tasks]), strict=True):
        task.units = units
    out.flat = [(f.start, f.end) for f in flat if not f.tabs]
    out.taken.sort()
    out.rows.sort()
    return out


# ---------------------------------------------------------------- tasks
def _tasks(text: str, grid: Grid, head: Head, context: Context) -> list[Task]:
    """A row per task, when the table has a column of responsible units."""
    words, labels = organisations(), head.labels
    roles = {w: role for role, names in words.labels.items() for w in names}
    units = {c: roles[plain(label)] for c, label in labels.items() if plain(label) in roles}
    dues = [c for c, label in labels.items() if is_head(label, words.deadline_labels)]
    named = [c for c, label in labels.items() if is_head(label, words.task_labels)]
    free = [c for c in labels if c not in units and c not in dues]
    if not units or not free:
        return []
    body = range(head.last + 1, len(grid.rows))

    def width(c: int) -> int:
        return sum(cell.end - cell.start for r in body if (cell := grid.at(r, c)) is not None and not cell.copy)

    column = max(named or free, key=width)
    groups = [c for c in free if c < column and is_head(labels[c], table_words().group_heads)]
    return [t for r in body if (t := _task(text, grid, r, (column, units, dues, groups), head, context)) is not None]


def _task(
    text: str, grid: Grid, r: int, columns: TaskColumns, head: Head, context: Context
) -> Task | None:  # fmt: skip
    column, unit_columns, due_columns, groups = columns
    cell = grid.at(r, column)
    if cell is None or cell.end - cell.start < 4 or cell.columns > 1 + max(0, grid.width // 2):
        return None
    units: list[Unit] = []
    for c, role in unit_columns.items():
        if (at := grid.at(r, c)) is not None:
            units.extend(parse_list(text, at.start, at.end, 1, "table", role))
    year = context.plan_year
    limits = [at for c in due_columns if (at := grid.at(r, c)) is not None and at.end > at.start]
    due = [TaskDeadline(day, "", at.start, at.end) for at in limits
           if (day := labelled_date(text, at.start, at.end, year))]  # fmt: skip
    due += [] if due else task_deadlines(text, cell.start, cell.end, year)
    stop = re.compile("[。;]").search(text, cell.start, cell.end)
    title_end = stop.start() if stop else cell.end
    row = [c for c in grid.rows[r] if c.end > c.start]
    headings = [(g.start, g.end) for c in groups if (g := grid.at(r, c)) is not None and g.end > g.start]
    return Task(
        row[0].start, max(c.end for c in row), f"表{grid.number}/{r - head.last}", [*headings, (cell.start, title_end)],
        cell.start, title_end, units, due, year, ["table:row"], SURE if units else 0.6)  # fmt: skip


# ---------------------------------------------------------------- figures
def _figures(text: str, grid: Grid, head: Head, context: Context) -> list[Figure]:
    """A row per indicator: a column of names, columns of values with the year or the kind of value in their head."""
    words, labels = table_words(), head.labels
    names = [c for c, label in labels.items() if is_head(label, words.indicator_heads)]
    units = [c for c, label in labels.items() if is_head(label, words.unit_heads)]
    taken = {*names, *units}
    values = [c for c, label in labels.items() if c not in taken and _is_value(label)]
    if not names or not values or (not units and not any(period_in(labels[c]) or unit_in(labels[c]) for c in values)
                                   and not any(is_head(labels[c], words.value_heads) for c in values)):  # fmt: skip
        return []
    out: list[Figure] = []
    for r in range(head.last + 1, len(grid.rows)):
        name = next(
            (cell for c in reversed(names) if (cell := grid.at(r, c)) is not None and cell.end > cell.start), None
        )
        if name is None or name.columns >= grid.width:
            continue
        unit_cell = grid.at(r, units[0]) if units else None
        unit = text[unit_cell.start : unit_cell.end].strip() if unit_cell else ""
        seen: set[int] = set()
        for c in values:
            cell = grid.at(r, c)
            if cell is None or cell.start in seen or cell.copy or cell is name:
                continue
            seen.add(cell.start)
            words_of = text[name.start : name.end]
            made = _figure(text, cell, words_of, unit or unit_in(words_of) or unit_in(labels[c]), labels[c], context)
            if made is not None:
                made.start, made.end = min(name.start, cell.start), max(name.end, cell.end)
                made.path = f"表{grid.number}/{r - head.last}"
                out.append(made)
    return out


def _figures_by_region(text: str, grid: Grid, head: Head, context: Context) -> list[Figure]:
    """A row per county or township, a column per indicator with its unit in the head."""
    labels = head.labels
    places = [c for c, label in labels.items() if is_head(label, table_words().region_heads)]
    values = [c for c, label in labels.items() if unit_in(label) and c not in places]
    if not places or not values:
        return []
    out: list[Figure] = []
    for r in range(head.last + 1, len(grid.rows)):
        place = grid.at(r, places[0])
        if place is None or place.end <= place.start:
            continue
        region = text[place.start : place.end].strip()
        for c in values:
            cell = grid.at(r, c)
            made = _figure(text, cell, labels[c], unit_in(labels[c]), labels[c], context) if cell else None
            if made is not None and cell is not None and not cell.copy:
                made.start, made.end = min(place.start, cell.start), max(place.end, cell.end)
                made.path = f"表{grid.number}/{r - head.last}"
                made.region = context.region if region in ("合计", "全市", "全县", "全区", "总计") else region
                out.append(made)
    return out


def _is_value(label: str) -> bool:
    words = table_words()
    if len(plain(label)) > 16:
        return False
    if period_in(label) or is_head(label, words.value_heads):
        return True
    kinds = words.target_words + words.actual_words
    return any(w in label for w in kinds) and not is_head(label, organisations().task_labels)


def _figure(text: str, cell: GridCell, name: str, unit: str, label: str, context: Context) -> Figure | None:
    """The figure of one cell, None for an empty one. ``unit`` is what the table says; a unit in the cell goes first."""
    start, end = cell.start, cell.end
    while start < end and text[start].isspace():
        start += 1
    words = text[start:end]
    if NOTHING.fullmatch(words):
        return None
    tags, period, basis = _meaning(label, context)
    rules = ["table:indicator"]
    indicator = _name(name, label)
    if not indicator:
        return None
    figure = Figure(
        start, end, start, end, None, unit, indicator, [], tags, "", context.region, period, basis, rules=rules
    )
    found = VALUE.fullmatch(words)
    if not found or (found.group("unit") and not _fits(found.group("unit"), unit)):
        if len(words) > LONGEST_WORDS:
            return None
        figure.value_text, figure.confidence = words, 0.6
        figure.rules.append("table:words")
        return figure
    figure.value = parse_number(found.group("num").replace(",", ""))
    figure.high = parse_number(found.group("high").replace(",", "")) if found.group("high") else None
    if figure.high is not None:
        figure.value, figure.value_text = None, words
    figure.unit = found.group("unit") or unit
    marks = {found.group("mark") or "", found.group("after") or ""}
    figure.qualifier += ["lower_bound"] if marks & LOWER else ["upper_bound"] if marks & UPPER else []
    figure.qualifier += ["approx"] if marks & {"约", "左右"} else []
    figure.strict = bool(marks & STRICT)
    if found.group("open") or "累计" in marks:
        figure.rules.append("table:cumulative")
    figure.confidence = SURE if figure.unit and basis == "stated" else FAIR
    return figure


def _fits(printed: str, unit: str) -> bool:
    """Whether words behind a number are a unit: a known one, or the one the table names."""
    return printed == unit or kind_of(printed) != "other" or len(printed) <= 2


def _meaning(label: str, context: Context) -> tuple[list[str], str | None, str]:
    """(qualifier, period, basis) that the head of a column gives its values."""
    words = table_words()
    period = period_in(label)
    if any(w in label for w in words.actual_words):
        tag = "actual"
    elif any(w in label for w in words.target_words) or context.plan:
        tag = "target"
    else:
        tag = "actual"
    base = context.plan_year or context.report_year or (context.published or "")[:4]
    if period and not any(w in label for w in words.actual_words + words.target_words) and base.isdigit():
        tag = "target" if period[-4:] >= base and (context.plan or period[-4:] > base) else "actual"
    if period:
        return [tag], period, "stated"
    year = context.plan_year if tag == "target" else context.report_year
    return [tag], year, "inherited_doc" if year else "undetermined"


def _name(name: str, label: str) -> str:
    """The indicator's name: without its number, its unit in brackets and line breaks."""
    words = re.sub(r"\s+", "", LEAD.sub("", name.strip()))
    unit = unit_in(words)
    if unit:
        words = re.sub(rf"[(\[]\s*(?:单位[:：]?)?{re.escape(unit)}\s*[)\]]", "", words)
    if name == label:
        words = re.sub(r"(?<!\d)20\d{2}年?", "", words)
        words = re.sub(rf"(?:{'|'.join(table_words().value_heads)})$", "", words) or words
    return words.strip(" :*")
