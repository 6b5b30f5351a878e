"""What a pack says: the schema of ``pack.yaml`` and of its samples, and what is computed from it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from ecocloud.kernel.evidence.catalogue import Entry
from ecocloud.kernel.registers import rules
from ecocloud.kernel.registers.definition import (
    NO_CHINESE,
    Code,
    En,
    Part,
    Sentence,
    SentenceEn,
    TypeDefinition,
    Zh,
)
from ecocloud.kernel.registers.expressions import Aggregate, compile_aggregate

SystemId = Annotated[str, Field(pattern=r"^S\d{3}$")]
PackCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{2,39}$")]
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# A line of YAML that ends in Chinese punctuation is folded with a space that no Chinese sentence has.
FOLDED = re.compile(r"(?<=[，。；：、]) +")
# What a paragraph may say beside figures.
WORDS = frozenset({"region", "year", "day"})


class PackSource(Part):
    """A published document the pack rests on."""

    code: Code
    title: str = Field(min_length=4)
    issuer: str = Field(min_length=2)
    number: str = ""
    issued: date
    url: str = Field("", pattern=r"^(https?://\S+)?$")
    mark: Literal["verified", "from_memory"]


class Figure(Part):
    """A number over all objects of a type: an expression with rows(...), total(...), mean, lowest, highest."""

    code: Code
    zh: Zh
    en: En
    type: str
    value: str = Field(min_length=1)
    unit: str = ""
    decimals: int = Field(default=0, ge=0, le=6)
    source: str = ""


class PackIndicator(Part):
    """An indicator that a figure feeds: one of the catalogue (only figure and code), or a new one, fully described.

    Unit and decimals of a new one are the figure's.
    """

    figure: str
    code: str
    zh: str = ""
    en: str = ""
    aliases: tuple[str, ...] = ()
    direction: str = "none"
    nature: str = "expected"
    period: str = "year"
    department: str = ""
    definition: str = ""
    citation: str = ""
    mark: str = ""

    @property
    def is_new(self) -> bool:
        """Whether the pack brings the indicator."""
        return bool(self.zh)


class PackTarget(Part):
    """A target a region may adopt: by year, with the source that sets it."""

    indicator: str
    operator: Literal[">=", "<=", "="]
    value: Decimal
    year: int = Field(ge=2000, le=2100)
    source: str


class TaskTemplate(Part):
    """A recurring duty for each object for which ``when`` is true (empty: all).

    per: ``unit`` makes one duty for all objects of a responsible unit. due_days: days from the first day of the cycle's
    period (once: from the day it is made). function: of the responsible unit. fills: the date field of the object that
    takes the day of the report when the duty is closed; empty for none.
    """

    code: Code
    zh: str = Field(min_length=4, max_length=60)
    en: En
    type: str
    when: str = ""
    cycle: Literal["once", "month", "quarter", "half_year", "year"]
    due_days: int = Field(ge=1, le=400)
    function: str = Field(min_length=2)
    proof: Sentence = ""
    proof_en: SentenceEn = ""
    per: Literal["object", "unit"] = "object"
    fills: str = ""


class PackTile(Part):
    """A tile of the cockpit or the register's head: figures, or objects grouped."""

    code: Code
    zh: Zh
    en: En
    kind: Literal["numbers", "bars", "share", "map"]
    type: str
    figures: tuple[str, ...] = ()
    by: Literal["", "state", "year", "county", "township"] = ""


class Paragraph(Part):
    """A paragraph of a report; ``{figure}``, ``{region}``, ``{year}``, ``{day}`` are filled in."""

    code: Code
    zh: Zh
    en: En | None = None
    text: str = Field(min_length=10, max_length=1000)
    text_en: Annotated[str, Field(max_length=2000, pattern=NO_CHINESE)] = ""


class Coverage(Part):
    """Where one item of a system's data lives in the pack, or why it is missing.

    by: ``TYPE`` (the register), ``TYPE.FIELD``, ``state:TYPE.STATE``, ``inspection:TYPE.KIND``, ``figure:CODE``,
    ``indicator:CODE``, ``task:CODE``.
    """

    system: SystemId
    side: Literal["in", "out"]
    item: str = Field(min_length=2)
    by: tuple[str, ...] = ()
    missing: str = ""
    missing_en: SentenceEn = ""


class PackDefinition(Part):
    """The content of ``pack.yaml``. ``systems`` is empty for a programme of an office's own."""

    id: PackCode
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    zh: Zh
    en: En
    summary: str = Field(min_length=10, max_length=600)
    summary_en: Annotated[str, Field(max_length=1200, pattern=NO_CHINESE)] = ""
    owner_role: Literal["office", "department", "township"]
    systems: tuple[SystemId, ...] = ()
    sources: tuple[PackSource, ...] = Field(min_length=1)
    figures: tuple[Figure, ...] = ()
    indicators: tuple[PackIndicator, ...] = ()
    targets: tuple[PackTarget, ...] = ()
    tasks: tuple[TaskTemplate, ...] = ()
    tiles: tuple[PackTile, ...] = ()
    paragraphs: tuple[Paragraph, ...] = ()
    coverage: tuple[Coverage, ...] = ()


class SampleRow(Part):
    """One row of a sample workbook."""

    code: str = ""
    name: str = Field(min_length=2)
    region: str = ""
    department: str = ""
    state: str = ""
    geometry: dict[str, Any] | None = None
    values: dict[str, Any]


class Sample(Part):
    """The rows of the sample workbook of one type. A reference to an object is the name of a row of another sample."""

    type: str
    rows: tuple[SampleRow, ...] = Field(min_length=3)


@dataclass(frozen=True)
class PackFolder:
    """A pack read and checked: its description, types and samples."""

    definition: PackDefinition
    types: tuple[TypeDefinition, ...]
    samples: tuple[Sample, ...]
    digest: str

    @cached_property
    def type_by_code(self) -> dict[str, TypeDefinition]:
        """The types by code."""
        return {one.code: one for one in self.types}

    def figure(self, code: str) -> tuple[Figure, Aggregate]:
        """A figure with its checked expression."""
        found = next(one for one in self.definition.figures if one.code == code)
        return found, compiled_figure(found, self.type_by_code[found.type])

    def entries(self) -> list[Entry]:
        """The indicators the pack brings, as entries of the catalogue."""
        return [entry_of(one, self.definition) for one in self.definition.indicators if one.is_new]


def compiled_figure(figure: Figure, definition: TypeDefinition) -> Aggregate:
    """A figure's expression, checked against its type; raises :class:`ExpressionError`."""
    scope = rules.scope_of_rows(definition)
    return compile_aggregate(figure.value, scope, unit=figure.unit, decimals=figure.decimals)


def entry_of(one: PackIndicator, pack: PackDefinition) -> Entry:
    """An indicator of a pack as an entry of the catalogue; raises pydantic's ValidationError."""
    figure = next((each for each in pack.figures if each.code == one.figure), None)
    given = one.model_dump(exclude={"figure"}) | {"aggregation": "last", "group": one.code[:3]}
    return Entry.model_validate(
        {**given, "unit": figure.unit if figure else "", "decimals": figure.decimals if figure else 0}
    )


def fill(text: str, found: Mapping[str, str]) -> str:
    """The text of a paragraph with its placeholders filled in; ``found`` has every word and figure it names."""
    return PLACEHOLDER.sub(lambda match: found[match[1]], FOLDED.sub("", text))
