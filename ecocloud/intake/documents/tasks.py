"""Tasks: which items of the outline are tasks, their span, title, units and time limits."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from ecocloud.intake.documents.context import Context
from ecocloud.intake.documents.dates import FULL, find_deadlines, find_others, last_day, year_text
from ecocloud.intake.documents.duties import units_in_text
from ecocloud.intake.documents.lexicon import any_of, document_types, organisations
from ecocloud.intake.documents.segments import Node, lines_of
from ecocloud.intake.documents.unitlists import (
    Unit,
    UnitList,
    bracket_lists,
    labelled_lists,
    repair_names,
)

HEADING_MAX = 30
PARAGRAPH_MIN = 40
GENERAL = re.compile(r"(?:工作|组织|整改|强化)?(?:保障(?:措施)?|要求|组织(?:领导|保障))$|.{0,24}(?:目标|指标)$")


TOLD = re.compile(
    r"(?:关于)?(?:会议)?(?:还|也)?(?:集体|专题)?(?:学习|听取|传达学习|传达|通报|肯定|审议|研究|讨论|总结|回顾|观看)(?:通过)?了"
)

OPENING = re.compile(r"(?:纪要|通知|决定|明确|通报)如下|(?:召开|召集|主持)[^。]{0,60}(?:会议|研究)")


@dataclass
class TaskDeadline:
    """A time limit of a task: ISO date ('' for words that fix none), what it applies to ('' = the task), its span."""

    date: str
    applies_to: str
    start: int
    end: int


@dataclass
class Task:
    """One task, offsets in the text that is read. ``rules`` name what fired, ``confidence`` is 0..1."""

    start: int
    end: int
    path: str
    headings: list[tuple[int, int]]
    title_start: int
    title_end: int
    units: list[Unit] = field(default_factory=list)
    deadlines: list[TaskDeadline] = field(default_factory=list)
    plan_year: str | None = None
    rules: list[str] = field(default_factory=list)
    confidence: float = 0.5


@cache
def _not_task() -> re.Pattern[str]:
    return re.compile(any_of(document_types().not_task_words))


@cache
def _deadline_label() -> re.Pattern[str]:
    return re.compile(rf"[【(\[]?(?:[\u4e00-\u9fff]{{2}})?{any_of(organisations().deadline_labels)}[】)\]]?\s*[::]\s*")


@cache
def _task_label() -> re.Pattern[str]:
    """Labels such as 整改措施 at the start of a line: the item goes on."""
    return re.compile(
        rf"(?<=\n)\s*[【(\[]?(?:[\u4e00-\u9fff]{{2}})?{any_of(organisations().task_labels)}[】)\]]?\s*[::]"
    )


def _all_lists(text: str, start: int, end: int) -> list[UnitList]:
    """All unit lists of the body in order; labels inside brackets belong to the bracket."""
    brackets = bracket_lists(text, start, end)
    out: list[UnitList] = []
    at = start
    for item in [*brackets, None]:
        stop = item.start if item else end
        out.extend(labelled_lists(text, at, stop, 1))
        if item:
            out.append(item)
            at = item.end
    return out


def _owners(root: Node, lists: list[UnitList]) -> dict[int, list[UnitList]]:
    """Lists by the node (id) they belong to: the deepest node around them, lifted when only the last child has one."""
    owned: dict[int, list[UnitList]] = {}
    nodes = sorted((n for n in root.walk() if n.kind != "root"), key=lambda n: n.start)
    stack: list[Node] = []
    at = 0
    for item in lists:
        while at < len(nodes) and nodes[at].start <= item.start:
            while stack and stack[-1].end <= nodes[at].start:
                stack.pop()
            stack.append(nodes[at])
            at += 1
        while stack and stack[-1].end <= item.start:
            stack.pop()
        if stack:
            owned.setdefault(id(stack[-1]), []).append(item)
    return _lift(root, owned)


def _lift(root: Node, owned: dict[int, list[UnitList]]) -> dict[int, list[UnitList]]:
    for node in reversed(list(root.walk())):
        children = node.children
        if node.kind == "root" or len(children) < 2 or children[-1].rank <= 3:
            continue
        have = [c for c in children if id(c) in owned or _branch_has(c, owned)]
        if have == [children[-1]] and id(children[-1]) in owned:
            owned.setdefault(id(node), []).extend(owned.pop(id(children[-1])))
    return owned


def _branch_has(node: Node, owned: dict[int, list[UnitList]]) -> bool:
    return any(id(n) in owned for n in node.walk())


def find_tasks(text: str, context: Context) -> list[Task]:
    """All tasks of the body, in order (half-width text)."""
    root = context.root
    lists = _all_lists(text, *context.body)
    owned = _owners(root, lists)
    tasks = []
    for node in _task_nodes(text, context, owned):
        lists_of = owned.get(id(node), [])
        parts = [] if lists_of else _decisions_below(text, context, node)
        tasks.extend(parts or [_from_node(text, context, node, lists_of)])
    if context.doc_type == "会议纪要":
        tasks = [t for t in tasks if t.units or t.deadlines or not _only_told(text, t)]
    if not tasks and context.plan:
        readers = (_from_paragraphs, _from_decisions)
        first, second = readers[::-1] if context.doc_type == "会议纪要" else readers
        tasks = first(text, context) or second(text, context)
    repaired = repair_names([t.units for t in tasks])
    for task, units in zip(tasks, repaired, strict=True):
        task.units = units
    return sorted(tasks, key=lambda t: t.start)


def _only_told(text: str, task: Task) -> bool:
    """Whether an item of minutes only says what was heard, read or studied, in its heading or in all its sentences."""
    if TOLD.match(text, task.title_start):
        return True
    if re.match(r"会议(?:指出|认为)", text[task.title_start : task.title_end]):
        return not re.search(r"[要应须]", text[task.title_start : task.end])
    sentences = [s.strip() for s in re.split(r"[。;\n]", text[task.title_end : task.end]) if s.strip()]
    return bool(sentences) and all(TOLD.match(s) for s in sentences)


def _task_nodes(text: str, context: Context, owned: dict[int, list[UnitList]]) -> list[Node]:
    chosen: list[Node] = []
    stack = list(reversed(context.root.children))
    while stack:
        node = stack.pop()
        mode = context.section(node.start).mode
        if mode == "notes":
            continue
        below = [c for c in node.children if _branch_has(c, owned)]
        if id(node) in owned and not below:
            chosen.append(node)
            continue
        heading = text[node.title_start : node.title_end]
        if mode != "plan" and not _branch_has(node, owned):
            continue
        if not node.children and node.rank <= 3 and id(node) not in owned and GENERAL.match(heading):
            continue
        if len(heading) <= 10 and _not_task().search(heading) and not _branch_has(node, owned) and node.rank <= 4:
            continue
        inline_only = node.children and all(c.inline and c.kind == "是" for c in node.children)
        if node.children and not (inline_only and node.rank >= 6 and not below):
            stack.extend(reversed(node.children))
        elif node.end - node.text_start >= 6 and mode == "plan" and node.rank > 3 - (not node.children) * 1:
            chosen.append(node)
    return chosen


def _span_end(text: str, node: Node, lists: list[UnitList]) -> int:
    """Where a task ends: behind its last unit list, else with its line, else with its continuation lines."""
    end = node.end
    if lists:
        last = max(item.end for item in lists)
        rest = text[last:end].strip(" 。;,\n\t)")
        if not rest:
            return last
        if any(item.source == "label" for item in lists) or _deadline_label().search(text, last, end):
            more = _task_label().search(text, last, end)
            return end if more else _labelled_end(text, last, end)
    lines = lines_of(text, node.start, end)
    if len(lines) > 1:
        first_end = lines[0][1]
        short = first_end - node.text_start <= HEADING_MAX + 10 and text[first_end - 1] not in "。;"
        with_list = bool(lists) and max(item.start for item in lists) > first_end
        if node.inline or not (short or with_list or _multi_line(text, node)):
            return first_end if not with_list else max(item.end for item in lists)
    return end


def _multi_line(text: str, node: Node) -> bool:
    """Whether most of the neighbouring items have more than one line."""
    siblings = node.parent.children if node.parent else []
    at = bisect_left([s.start for s in siblings], node.start) if len(siblings) <= 40 else 0
    near = siblings[max(0, at - 5) : at + 6]
    return sum("\n" in text[s.start : s.end].strip() for s in near if s is not node) * 2 > len(near)


def _labelled_end(text: str, last: int, end: int) -> int:
    """Labels for time limits and the like may follow the units; the task ends with the last labelled line."""
    stop = last
    for match in _deadline_label().finditer(text, last, end):
        line_end = text.find("\n", match.end(), end)
        stop = line_end if line_end >= 0 else end
    while stop > last and text[stop - 1].isspace():
        stop -= 1
    return stop


def _from_node(text: str, context: Context, node: Node, lists: list[UnitList]) -> Task:
    end = _span_end(text, node, lists)
    section = context.section(node.start)
    lists = [item for item in lists if item.start < end]
    units: list[Unit] = []
    for number, item in enumerate(_merge_labels(text, lists), 1):
        units.extend(Unit(u.name, u.raw, u.role, number, u.source, u.start, u.end) for u in item)
    rules = [f"outline:{node.kind}"]
    if lists:
        rules += sorted({f"units:{item.source}" for item in lists})
    else:
        units = units_in_text(text, node.text_start, end)
        rules += ["units:in_text"] if units else []
    title_end = min(node.title_end, end)
    if lists and lists[0].start < title_end:
        title_end = max(node.title_start, lists[0].start)
    titles = [(n.title_start, n.title_end) for n in node.ancestors()[:-1]] + [(node.title_start, title_end)]
    year = context.plan_year if section.mode != "plan" else section.year or context.plan_year
    rules.append(f"section:{section.mode}")
    confidence = 0.97 if lists else 0.9 if section.mode == "plan" and end - node.start > 30 else 0.7
    return Task(
        node.start, end, node.path(), titles, node.title_start, title_end, units,
        task_deadlines(text, node.text_start, end, year), year, rules, confidence)  # fmt: skip


def _merge_labels(text: str, lists: list[UnitList]) -> list[list[Unit]]:
    """Labels that follow each other (牵头单位…；配合单位…) make one list; each bracket is a list of its own."""
    out: list[list[Unit]] = []
    last: UnitList | None = None
    for item in lists:
        joins = last is not None and last.source == item.source == "label" and item.start - last.end < 80
        if joins:
            out[-1].extend(item.units)
        else:
            out.append(list(item.units))
        last = item
    return out


def task_deadlines(text: str, start: int, end: int, year: str | None) -> list[TaskDeadline]:
    """Time limits inside a task span; labelled ones apply to the whole task."""
    out: list[TaskDeadline] = []
    for match in _deadline_label().finditer(text, start, end):
        stop_match = re.compile(r"[。;\n\t)]").search(text, match.end(), end)
        stop = stop_match.start() if stop_match else end
        date = labelled_date(text, match.end(), stop, year)
        if date:
            out.append(TaskDeadline(date, "", match.start(), stop))
    labelled = [(d.start, d.end) for d in out]
    limits = [*find_deadlines(text, start, end, year), *find_others(text, start, end, year)]
    limits = sorted((f for f in limits if not _quoted(text, start, f.start)), key=lambda f: (f.start, -f.end))
    last = start
    for found, later in pairwise([*limits, None]):
        if found.start < last or any(a <= found.start < b for a, b in labelled):
            continue
        last = found.end
        clause = re.compile(r"[,。;\n)]").search(text, found.end, end)
        stop = clause.start() if clause else end
        stop = later.start if later is not None and found.end <= later.start < stop else stop
        out.append(TaskDeadline(found.date, text[found.end : stop].strip(" ,、"), found.start, stop))
    return sorted(out, key=lambda d: d.start)


def _quoted(text: str, start: int, at: int) -> bool:
    """Whether ``at`` stands inside 《》 (a title) of the same task."""
    return text.rfind("《", start, at) > text.rfind("》", start, at)


def labelled_date(text: str, start: int, stop: int, year: str | None) -> str | None:
    """The ISO date in the words of a label or a column of time limits; None when there is none."""
    found = find_deadlines(text, start, stop, year)
    if found:
        return found[-1].date
    full = None
    for match in FULL.finditer(text, start, stop):
        full = match
    if full is not None:
        y, m, d = year_text(full.group("y")), full.group("m"), full.group("d")
        month = int(m) if m and 1 <= int(m) <= 12 else 12
        return f"{y}-{month:02d}-{int(d):02d}" if m and d else f"{y}-{month:02d}-{last_day(y, month):02d}"
    dotted = re.search(r"(20\d{2})[-./](\d{1,2})(?:[-./](\d{1,2}))?", text[start:stop])
    if dotted and 1 <= int(dotted.group(2)) <= 12:
        month = int(dotted.group(2))
        day = int(dotted.group(3) or last_day(dotted.group(1), month))
        return f"{dotted.group(1)}-{month:02d}-{day:02d}"
    return None


def _from_paragraphs(text: str, context: Context) -> list[Task]:
    """A plan without numbers: every paragraph below a short heading line is a task (path: heading/paragraph)."""
    tasks: list[Task] = []
    heading, number, count = (0, 0), 0, 0
    for start, end in lines_of(text, *context.body):
        if end - start <= HEADING_MAX and text[end - 1] not in "。;!?.,:":
            number, count, heading = number + 1, 0, (start, end)
            continue
        if not number or end - start < PARAGRAPH_MIN:
            continue
        count += 1
        stop = re.compile("[。;]").search(text, start, end)
        title_end = stop.start() if stop else end
        year = context.section(start).year
        tasks.append(Task(
            start, end, f"{number}/{count}", [heading, (start, title_end)], start, title_end,
            units_in_text(text, start, end), task_deadlines(text, start, end, year), year,
            ["outline:paragraph", "section:plan"], 0.75))  # fmt: skip
    return tasks


def _decisions_below(text: str, context: Context, node: Node) -> list[Task]:
    """Minutes: the paragraphs below a topic, when two or more of them charge somebody (path: topic/paragraph).

    A paragraph that charges nobody and has no time limit is no decision."""
    if context.doc_type != "会议纪要" or node.children:
        return []
    heads = [(n.title_start, n.title_end) for n in node.ancestors()]
    found = []
    lines = lines_of(text, node.start, node.end)
    if len(lines) < 3 or units_in_text(text, node.text_start, lines[0][1]):
        return []
    year = context.section(node.start).year or context.plan_year
    for number, (start, end) in enumerate(lines[1:], 1):
        task = _paragraph(text, start, end, f"{node.path()}/{number}", heads, year)
        if task is not None:
            found.append(task)
    return found if len(found) > 1 else []


def _from_decisions(text: str, context: Context) -> list[Task]:
    """A paper without numbers or headings: every paragraph that charges somebody is a task (path: 段/number)."""
    found = []
    for number, (start, end) in enumerate(lines_of(text, *context.body), 1):
        if context.section(start).mode != "plan":
            continue
        task = _paragraph(text, start, end, f"段/{number}", [], context.section(start).year)
        if task is not None:
            found.append(task)
    return found


def _paragraph(
    text: str, start: int, end: int, path: str, heads: list[tuple[int, int]], year: str | None
) -> Task | None:
    units = units_in_text(text, start, end)
    if not units or OPENING.search(text, start, end):
        return None
    stop = re.compile("[。;]").search(text, start, end)
    title_end = stop.start() if stop else end
    rules = ["outline:decision", "units:in_text", "section:plan"]
    return Task(
        start, end, path, [*heads, (start, title_end)], start, title_end, units,
        task_deadlines(text, start, end, year), year, rules, 0.7)  # fmt: skip
