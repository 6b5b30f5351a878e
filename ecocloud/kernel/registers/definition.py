"""What a register type is: fields, states, rules, examples, as data. Pure; read from YAML by ``reading.py``."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal[
    "text", "long", "number", "integer", "money", "date", "year", "bool", "choice", "multichoice", "region",
    "department",
    "object", "document", "item", "file",
]  # fmt: skip
NUMERIC = frozenset({"number", "integer", "money", "year"})
CHOICES = frozenset({"choice", "multichoice"})
REFERENCES = frozenset({"region", "department", "object", "document", "item"})
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Zh = Annotated[str, Field(min_length=1, max_length=40, pattern=r"[一-鿿]")]
En = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[\x20-\x7e]+$")]
NO_CHINESE = r"^[^\u3400-\u9fff\u3000-\u303f\uff00-\uffef]*$"
HandlerName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]{0,39}$")]
Sentence = Annotated[str, Field(max_length=300)]
SentenceEn = Annotated[str, Field(max_length=600, pattern=NO_CHINESE)]
# Names that expressions read beside the fields.
RESERVED = frozenset(
    {"code", "name", "state", "year", "region", "department", "area", "has_place", "today", "geometry"}
)


class Part(BaseModel):
    """Base of everything in a definition: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Section(Part):
    """A group of fields on the form."""

    code: Code
    zh: Zh
    en: En


class Entry(Part):
    """One entry of a dictionary. A deprecated one stays readable but is not chosen any more."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]
    zh: Zh
    en: En
    names: tuple[str, ...] = ()
    deprecated: bool = False


class Dictionary(Part):
    """The values a choice may have, with the source of the list."""

    code: Code
    zh: Zh
    en: En
    source: Sentence = ""
    entries: tuple[Entry, ...] = Field(min_length=1)

    @cached_property
    def by_code(self) -> dict[str, Entry]:
        """The entries by code."""
        return {entry.code: entry for entry in self.entries}

    @cached_property
    def by_name(self) -> dict[str, str]:
        """Codes by the names people write."""
        return {name: entry.code for entry in self.entries for name in (entry.zh, entry.en, *entry.names)}

    @cached_property
    def codes(self) -> frozenset[str]:
        """Every code, deprecated ones too."""
        return frozenset(entry.code for entry in self.entries)


class FieldSpec(Part):
    """One field. ``was`` is its code in the version before; ``target`` the type an object reference points at."""

    code: Code
    zh: Zh
    en: En
    kind: Kind
    unit: Annotated[str, Field(max_length=20)] = ""
    decimals: int = Field(default=2, ge=0, le=6)
    dictionary: str = ""
    target: str = ""
    help: Sentence = ""
    help_en: SentenceEn = ""
    section: str = ""
    widget: Literal["", "area", "radio", "tags", "map", "photo", "slider"] = ""
    width: Literal["full", "half", "third"] = "half"
    required: bool = False
    index: bool = False
    total: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    max_length: int = Field(default=0, ge=0, le=20000)
    visible_when: str = ""
    computed: str = ""
    names: tuple[str, ...] = ()
    deprecated: bool = False
    was: str = ""

    @property
    def longest(self) -> int:
        """The most characters of a text."""
        return self.max_length or (20000 if self.kind == "long" else 300)

    @property
    def digits(self) -> int:
        """Decimals kept: none for whole numbers and years."""
        return 0 if self.kind in ("integer", "year") else self.decimals


class UniqueKey(Part):
    """Fields whose values together may stand once in the register."""

    code: Code
    fields: tuple[str, ...] = Field(min_length=1, max_length=5)


class GeometryRule(Part):
    """Where an object lies. ``patch`` is one or several polygons, ``site`` these or a point where nothing is drawn."""

    kind: Literal["none", "point", "line", "polygon", "patch", "site"] = "none"
    required: bool = False

    @property
    def has_area(self) -> bool:
        """Whether what is drawn may have an area."""
        return self.kind in ("polygon", "patch", "site")


class State(Part):
    """Where an object stands. The first state is where it begins; a ``final`` one is the end of its way."""

    code: Code
    zh: Zh
    en: En
    tone: Literal["", "good", "warn", "bad", "muted"] = ""
    final: bool = False


class Transition(Part):
    """A step between states. ``guard`` must be true for it; else it is refused with ``refusal``. ``by``: role codes.

    ``on_transition``: handlers that run in its transaction, see ``handlers.py``.
    """

    action: Code
    zh: Zh
    en: En
    sources: tuple[str, ...] = Field(min_length=1, alias="from")
    to: str
    guard: str = ""
    refusal_zh: Sentence = ""
    refusal_en: Sentence = ""
    by: tuple[str, ...] = ()
    opinion: bool = False
    on_transition: tuple[HandlerName, ...] = ()

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Check(Part):
    """A rule over several fields: when ``rule`` is false the object is refused with the sentence."""

    rule: str = Field(min_length=1)
    field: str = ""
    refusal_zh: Annotated[str, Field(min_length=4, max_length=300)]
    refusal_en: Annotated[str, Field(min_length=4, max_length=300)]


class CheckItem(Part):
    """One line of a check list."""

    code: Code
    zh: Zh
    en: En
    kind: Literal["pass", "number", "text"] = "pass"
    unit: str = ""
    required: bool = True


class Inspection(Part):
    """A kind of inspection with its check list; due again after ``every_months`` (0: once).

    remind_days: how many days before it is due people are reminded.
    """

    code: Code
    zh: Zh
    en: En
    every_months: int = Field(default=0, ge=0, le=120)
    remind_days: int = Field(default=0, ge=0, le=180)
    photos: int = Field(default=0, ge=0, le=20)
    items: tuple[CheckItem, ...] = Field(min_length=1)


class Expiry(Part):
    """The date field after which an object must be renewed, and how many days before people are reminded."""

    field: str
    remind_days: int = Field(default=60, ge=1, le=730)


class Example(Part):
    """A worked example: a whole object that must be accepted."""

    name: str = Field(min_length=2, max_length=120)
    state: str = ""
    geometry: dict[str, Any] | None = None
    values: dict[str, Any]


class TypeDefinition(Part):
    """A register type. ``year`` names the date or year field that gives an object its year; ``prefix`` its codes.

    ``on_change``: handlers that run in the transaction of every change of an object, see ``handlers.py``.
    """

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,29}$")]
    zh: Zh
    en: En
    prefix: Annotated[str, Field(pattern=r"^[A-Z]{2,6}$")]
    icon: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")] = "folder"
    help: Sentence = ""
    help_en: SentenceEn = ""
    year: str = ""
    sections: tuple[Section, ...] = ()
    dictionaries: tuple[Dictionary, ...] = ()
    fields: tuple[FieldSpec, ...] = Field(min_length=1)
    columns: tuple[str, ...] = Field(min_length=1, max_length=12)
    unique: tuple[UniqueKey, ...] = ()
    geometry: GeometryRule = GeometryRule()
    states: tuple[State, ...] = Field(min_length=1)
    transitions: tuple[Transition, ...] = ()
    checks: tuple[Check, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    expiry: Expiry | None = None
    on_change: tuple[HandlerName, ...] = ()
    examples: tuple[Example, ...] = Field(min_length=2)

    # A definition is itself: what was compiled for it is found by identity, never by comparing a hundred parts.
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    @cached_property
    def by_code(self) -> dict[str, FieldSpec]:
        """The fields by code."""
        return {field.code: field for field in self.fields}

    @cached_property
    def entered(self) -> frozenset[str]:
        """The codes of the fields that people fill in: neither computed nor files."""
        return frozenset(one.code for one in self.fields if not one.computed and one.kind != "file")

    @cached_property
    def required(self) -> tuple[FieldSpec, ...]:
        """The fields without which no object is complete, where they are shown; files are asked for by guards."""
        return tuple(one for one in self.fields if one.required and one.kind != "file" and not one.deprecated)

    @cached_property
    def dictionary(self) -> dict[str, Dictionary]:
        """The dictionaries by code."""
        return {one.code: one for one in self.dictionaries}

    @cached_property
    def state_by_code(self) -> dict[str, State]:
        """The states by code; ``retired`` belongs to every type."""
        return {state.code: state for state in (*self.states, RETIRED)}

    @property
    def first_state(self) -> str:
        """Where an object begins."""
        return self.states[0].code

    def entries_of(self, field: FieldSpec) -> dict[str, Entry]:
        """The dictionary entries of a choice by code."""
        return self.dictionary[field.dictionary].by_code

    def inspection(self, code: str) -> Inspection | None:
        """The kind of inspection with this code."""
        return next((one for one in self.inspections if one.code == code), None)

    def as_json(self) -> dict[str, Any]:
        """The definition as plain values, as stored with every version."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


RETIRED = State(code="retired", zh="已注销", en="Retired", tone="muted", final=True)
