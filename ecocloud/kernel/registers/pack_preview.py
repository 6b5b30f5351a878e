"""What a pack will look like, before it is loaded: its forms, lists, steps, figures and report over the rows of its
samples, as one HTML file that opens without a server. Reads no database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from ecocloud.base.pages.speaking import with_unit
from ecocloud.kernel.registers import showing, values
from ecocloud.kernel.registers.definition import FieldSpec, TypeDefinition
from ecocloud.kernel.registers.expressions import together
from ecocloud.kernel.registers.pack_definition import PackFolder, SampleRow, compiled_figure
from ecocloud.kernel.registers.register import Register
from ecocloud.kernel.registers.services import packs

# The styles of the platform that the file brings with it.
_STYLES = (("web", "tokens.css"), ("web", "app.css"), ("kernel/registers", "registers.css"),
           ("kernel/registers", "preview.css"))  # fmt: skip
_CYCLES = {"once": ("一次性", "once"), "month": ("每月", "every month"), "quarter": ("每季度", "every quarter"),
           "half_year": ("每半年", "every half year"), "year": ("每年", "every year")}  # fmt: skip


@dataclass(frozen=True)
class Control:
    """A field as the form asks for it: name with unit, kind of control, choices, what it is computed by."""

    label: str
    kind: str
    help: str
    required: bool
    choices: tuple[str, ...]
    formula: str
    condition: str


@dataclass(frozen=True)
class Row:
    """A row of the sample as the list shows it: name, cells in the order of the columns, state."""

    name: str
    cells: tuple[tuple[str, bool], ...]
    light: showing.Light


@dataclass(frozen=True)
class Look:
    """One register as it will look."""

    name: str
    help: str
    sections: tuple[tuple[str, tuple[Control, ...]], ...]
    heads: tuple[tuple[str, bool], ...]
    rows: tuple[Row, ...]
    states: tuple[showing.Light, ...]
    steps: tuple[tuple[str, str, str, str, str], ...]


def context(made: PackFolder, day: date) -> dict[str, Any]:
    """Everything the preview shows, in the language that is set; figures over the rows of the samples on ``day``."""
    rows = {one.type: [(row, _values(made.type_by_code[one.type], row, day)) for row in one.rows]
            for one in made.samples}  # fmt: skip
    found = figures(made, day)
    pack = made.definition
    region = _division(made) or _("本行政区")
    said = packs.filled(pack, SimpleNamespace(name=region), day, found)
    feeds = {one.figure: one.code for one in pack.indicators}
    return {
        "pack": pack, "name": showing.pick(pack), "summary": showing.summary_of(pack), "day": day,
        "looks": [_look(one, rows.get(one.code, [])) for one in made.types],
        "figures": [(showing.pick(one), packs.figure_words(one, found[one.code]), one.value, feeds.get(one.code, ""))
                    for one in pack.figures],
        "paragraphs": [(showing.pick_words(one.zh, one.en or ""), said[one.code]) for one in pack.paragraphs],
        "tasks": [(showing.pick(one), showing.pick_words(*_CYCLES[one.cycle]), one.due_days,
                   showing.pick_words(one.proof, one.proof_en))
                  for one in pack.tasks],
    }  # fmt: skip


def _division(made: PackFolder) -> str:
    """The county that the rows of the samples lie in, '' when they name none."""
    named = (row.region for one in made.samples for row in one.rows)
    found = (re.match(r"\w+?[县市区旗]", name) for name in named)
    return next((match[0] for match in found if match), "")


def figures(made: PackFolder, day: date) -> dict[str, Decimal | None]:
    """The figures of a pack over the rows of its samples, by code."""
    found: dict[str, Decimal | None] = {}
    for definition in made.types:
        mine = [one for one in made.definition.figures if one.type == definition.code]
        rows = [row for one in made.samples if one.type == definition.code for row in one.rows]
        compiled = [compiled_figure(one, definition) for one in mine]
        read = [_values(definition, row, day) for row in rows]
        found |= dict(zip((one.code for one in mine), together(compiled, read, day), strict=True))
    return found


def html(made: PackFolder, day: date, language: str = "zh-hans") -> str:
    """The preview as one file."""
    with translation.override(language):
        # Our own files, in one element: the preview is read from a folder, without a server.
        styles = mark_safe("<style>" + "\n".join(_style(*one) for one in _STYLES) + "</style>")
        told = context(made, day) | {"styles": styles, "language": language}
        return render_to_string("registers/pack_preview.html", told)


def _style(room: str, name: str) -> str:
    return (files("ecocloud") / room / "static" / room.rpartition("/")[2] / name).read_text("utf-8")


def _values(definition: TypeDefinition, row: SampleRow, day: date) -> dict[str, Any]:
    """The values of a sample row with what is computed, and what every object has; references stay names."""
    pointing = {one.code for one in definition.fields if one.kind == "object" and one.code in row.values}
    given = {code: "obj:1" if code in pointing else value for code, value in row.values.items()}
    typed, _faults = values.clean(definition, given)
    found = values.completed(definition, typed, day) | {code: row.values[code] for code in pointing}
    year = found.get(definition.year) if definition.year else None
    return {**found, "name": row.name, "state": row.state or definition.first_state, "region": row.region,
            "has_place": row.geometry is not None,
            "year": year.year if isinstance(year, date) else year}  # fmt: skip


def _look(definition: TypeDefinition, rows: list[tuple[SampleRow, Mapping[str, Any]]]) -> Look:
    register = Register(0, definition.code, 1, definition, {}, {}, ())
    wanted = [one for one in showing.columns(register) if one.code not in ("code", "name", "state")]
    lights = {code: showing.light(state) for code, state in definition.state_by_code.items()}
    shown = []
    for row, found in rows:
        cells = tuple(
            (showing.words(register, one.field, found.get(one.code), showing.Names()) if one.field
             else str(getattr(row, one.code, "") or ""), one.is_number)
            for one in wanted
        )  # fmt: skip
        shown.append(Row(row.name, cells, lights[found["state"]]))
    names = {section.code: showing.pick(section) for section in definition.sections}
    groups: dict[str, list[Control]] = {}
    for one in definition.fields:
        if not one.deprecated:
            groups.setdefault(names.get(one.section, _("内容")), []).append(_control(register, one))
    states = definition.state_by_code
    steps = tuple(
        (showing.pick(one), "、".join(showing.pick(states[code]) for code in one.sources), showing.pick(states[one.to]),
         one.guard, showing.pick_words(one.refusal_zh, one.refusal_en))
        for one in definition.transitions
    )  # fmt: skip
    return Look(showing.pick(definition), showing.help_of(definition),
                tuple((title, tuple(of)) for title, of in groups.items()),
                tuple((one.head, one.is_number) for one in wanted), tuple(shown),
                tuple(lights[one.code] for one in definition.states), steps)  # fmt: skip


def _control(register: Register, field: FieldSpec) -> Control:
    kinds = {"long": "area", "date": "date", "choice": "select", "multichoice": "select", "bool": "select",
             "file": "file"}  # fmt: skip
    choices: tuple[str, ...] = ()
    if field.dictionary:
        choices = tuple(showing.pick(one) for one in register.definition.entries_of(field).values()
                        if not one.deprecated)  # fmt: skip
    elif field.kind == "bool":
        choices = (_("是"), _("否"))
    kind = "output" if field.computed else kinds.get(field.kind, "text")
    return Control(with_unit(showing.pick(field), field.unit), kind, showing.help_of(field), field.required, choices,
                   field.computed, field.visible_when)  # fmt: skip
