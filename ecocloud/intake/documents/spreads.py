"""Lists that share words (分别, 均): 甲、乙分别达到1%、2%; 2021、2022年分别…: one record per name and value."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from ecocloud.intake.documents.context import Section
from ecocloud.intake.documents.dates import year_text
from ecocloud.intake.documents.indicators import BASE, name_before, split_names, strip_marks
from ecocloud.intake.documents.lexicon import any_of, qualifiers
from ecocloud.intake.documents.marks import Marks, read_marks
from ecocloud.intake.documents.naming import RELATION, related
from ecocloud.intake.documents.quantities import Quantity, bare_number, kind_of
from ecocloud.intake.documents.statements import Clause, Figure, State

if TYPE_CHECKING:
    from ecocloud.intake.documents.figures import Reader

YEARS = re.compile(r"((?:(?:19|20)\d{2}年?(?:度)?(?:、|和|及))+(?:19|20)\d{2})年")
PLACE = re.compile(r"[\u4e00-\u9fff]{1,5}[县区市镇乡]")
Value = tuple[int, int, float | int | None, str, bool]


@cache
def _turn() -> re.Pattern[str]:
    return re.compile(any_of([*qualifiers().rise, *qualifiers().fall]) + "$")


def read_spread(reader: Reader, clause: Clause, state: State, section: Section) -> list[Figure]:
    """One record for each name or year and its value; [] when their numbers differ."""
    text = reader.text
    at = text.find("分别", clause.start, clause.end)
    values = _values(text, clause, at + 2)
    if len(values) < 2:
        return []
    head = text[clause.start : at]
    marks = read_marks(text, at, values[0][0], values[0][1], clause.end, values[0][3], False)
    if not marks.change and (direct := read_marks(text, clause.start, at, at, clause.end, values[0][3], False)).change:
        marks = replace(direct, cut=marks.cut)
    if marks.change == "change_yoy" and BASE.search(strip_marks(head)):
        marks = replace(marks, change="change")
    years = YEARS.search(head)
    of: list[Figure | None] = [None] * len(values)
    if years:
        stated = re.findall(r"(?:19|20)\d{2}", years.group())
        rest = head[years.end() :] if years.start() < len(head) - years.end() else head[: years.start()]
        names = [[strip_marks(rest)]] * len(stated) if len(stated) == len(values) else []
        periods: list[str | None] = [year_text(y) for y in stated]
        regions = [""] * len(names)
    else:
        regions, names = _shared_object(reader, split_names(head), text[at + 2 : marks.cut])
        periods = [None] * len(values)
        if len(names) != len(values) or not any(n[0] for n in names):
            names, of = _levels(state, len(values), values[0][3])
            if relation := RELATION.match(text[at + 2 : marks.cut].strip()):
                names = [related(n[0], relation.group()) for n in names]
            regions = [f.region if f is not None else "" for f in of]
    if len(names) != len(values):
        return []
    made = []
    for name, period, region, before, value in zip(names, periods, regions, of, values, strict=True):
        made.append(_one(reader, clause, state, section, marks, name, period, region, before, value))
    state.figures.extend(made)
    reader.found.extend(made)
    return made


def _one(
    reader: Reader, clause: Clause, state: State, section: Section, marks: Marks, names: list[str], period: str | None,
    region: str, before: Figure | None, value: Value,
) -> Figure:  # fmt: skip
    start, end, number, unit, more = value
    text = reader.text
    quantity = Quantity(start, end, number, unit, kind_of(unit) if region else "other", more)
    single = read_marks(text, start, start, end, clause.end, unit, more)
    own = replace(marks, cut=start, after=single.after, lower=single.lower or marks.lower, upper=single.upper)
    turn = _turn().search(text, max(clause.start, start - 4), start)
    if turn and own.change:
        own.direction = "down" if turn.group() in qualifiers().fall else "up"
    figure = reader.make(clause, quantity, own, names, (clause.start, clause.end), state, section)
    figure.region = region or figure.region
    if period:
        figure.period, figure.period_basis = period, "stated"
    if own.change == "change_yoy":
        figure.comparison, figure.of = {"kind": "yoy", "base_text": marks.base}, before
    figure.rules = ["list:分别", *figure.rules]
    figure.confidence = 0.92
    return figure


def _levels(state: State, count: int, unit: str) -> tuple[list[list[str]], list[Figure | None]]:
    """分别增长A、B without names: the last levels of the sentence, of the same kind when the values are points."""
    levels = [f for f in state.figures if not f.comparison]
    if "百分点" in unit:
        levels = [f for f in levels if f.unit == "%"]
    last: list[Figure | None] = list(levels[-count:])
    if len(last) < count:
        return [], []
    return [[f.indicator, *f.aliases] for f in levels[-count:]], last


def _shared_object(reader: Reader, names: list[list[str]], between: str) -> tuple[list[str], list[list[str]]]:
    """(regions, names) of 甲县、乙县分别拆除锅炉4台、3台: the object stands behind 分别, places become regions."""
    objects = name_before(between)
    if not objects:
        return [""] * len(names), names
    if all(PLACE.fullmatch(n[0]) for n in names):
        city = re.match(r"[\u4e00-\u9fff]{2,4}?市", reader.context.region)
        return [(city.group() if city else "") + n[0] for n in names], [[objects[0]]] * len(names)
    return [""] * len(names), [[f"{n[0]}{objects[0]}"] for n in names]


def _values(text: str, clause: Clause, start: int) -> list[Value]:
    """Values behind 分别: numbers with their unit, and bare numbers that share the unit of the last one."""
    units = [q for q in clause.quantities if q.start >= start]
    if not units:
        return []
    last_unit = units[-1].unit
    points = last_unit in ("个百分点", "百分点")
    out: list[Value] = [
        (q.start, q.end, q.value, last_unit if points and q.unit == "个" else q.unit, q.more) for q in units
    ]
    for first, last, value in bare_number(text, start, units[-1].end):
        inside = any(q.start <= first < q.end for q in units)
        if not inside and text[last : last + 1] in ("、", "和", ",") and text[first - 1 : first] not in "年月":
            out.append((first, last, value, last_unit, False))
    return sorted(out, key=lambda v: v[:2])


def shared_names(lead: str) -> list[list[str]]:
    """Names of 甲、乙均 in front of one value; [] unless two or more whole names share it."""
    found = re.search(r"(?:均|都)(?:已)?$", lead.rstrip())
    if not found:
        return []
    names = split_names(lead[: found.start()])
    return names if len(names) > 1 and all(len(n[0]) >= 4 for n in names) else []
