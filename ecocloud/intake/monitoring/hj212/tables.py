"""Codes, commands, fields and systems of HJ 212: facts from ``data/hj212``, read once through a checked schema."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from ecocloud.base.errors import EcoError
from ecocloud.base.yaml_lines import compose, line_of

Mark = Literal["verified", "verified-secondary", "from_memory"]


class TableError(EcoError):
    """A data file of the room is wrong; says file, line and field."""

    code = "hj212.table"


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Cited(_Node):
    citation: str = ""
    mark: Mark | Literal[""] = ""


class Name(_Cited):
    """A name before ``=``: of a field of a code, a parameter or a head field. ``limit`` is its type as printed."""

    name: str
    zh: str
    en: str
    kind: Literal["number", "text", "time", "flag"]
    limit: str = ""
    least: int | None = None
    most: int | None = None
    one_of: tuple[int, ...] = ()


class Word(_Cited):
    """A code with its meaning: data flags, answers, results, editions."""

    code: str
    zh: str
    en: str


class Defaults(_Node):
    """Citation and mark of every entry that names none."""

    citation: str
    mark: Mark


class ExampleKey(_Cited):
    """The public key of the standard's own encrypted example."""

    value: str


class Encrypted(_Cited):
    """Commands whose data region HJ 212-2025 encrypts: ``first`` to ``last`` and ``more``."""

    first: int
    last: int
    more: tuple[str, ...]


class Fields(_Node):
    """``fields.yaml``."""

    defaults: Defaults
    fields: tuple[Name, ...]
    parameters: tuple[Name, ...]
    head: tuple[Name, ...]
    data_flags: tuple[Word, ...]
    request_answers: tuple[Word, ...]
    results: tuple[Word, ...]
    editions: tuple[Word, ...]
    example_key: ExampleKey
    encrypted: Encrypted


class Code(_Cited):
    """What is measured. ``old`` is the code of the edition of 2005; units and ``type`` as the standard prints them.

    ``x`` in a code stands for one digit of a running number.
    """

    code: str
    zh: str
    old: str = ""
    unit: str = ""
    amount_unit: str = ""
    type: str = ""
    note: str = ""


class Codes(_Node):
    """``codes_*.yaml``."""

    defaults: Defaults
    medium: str
    codes: tuple[Code, ...]


class Command(_Cited):
    """A command CN. ``parameters``: what it carries from the host, in order, those in ``optional`` at will.

    ``acts``: it changes something at the device.
    """

    code: str
    zh: str
    en: str
    edition: Literal[2005, 2017, 2025]
    sender: Literal["host", "device", "both"]
    kind: Literal["request", "notice", "upload", "answer"]
    parameters: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    parameters_mark: Mark | Literal[""] = ""
    acts: bool = False


class Commands(_Node):
    """``commands.yaml``."""

    commands: tuple[Command, ...]


class System(_Cited):
    """A system code ST."""

    code: str
    zh: str
    en: str
    edition: Literal[2017, 2025]


class Systems(_Node):
    """``systems.yaml``."""

    systems: tuple[System, ...]


Table = TypeVar("Table", bound=BaseModel)
MEDIA = ("water", "air", "noise", "process", "siteinfo")


def read_table(text: str, name: str, schema: type[Table]) -> Table:
    """One data file through its schema; raises :class:`TableError` with file, line and field."""
    node, lines = compose(text, name)
    try:
        return schema.model_validate(node)
    except ValidationError as error:
        first = error.errors()[0]
        path = tuple(first["loc"])
        raise TableError(
            f"“{'.'.join(map(str, path))}”不合要求：{first['msg']}。", f"{name}: {first['msg']}",
            where={"文件": name, "行": line_of(lines, path)}, value=first.get("input"),
        ) from error  # fmt: skip


def _load(name: str, schema: type[Table]) -> Table:
    """A file of the package; its lines are only looked for when it is wrong, since every start reads it."""
    text = (files("ecocloud.intake.monitoring") / "data" / "hj212" / name).read_text("utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return schema.model_validate(yaml.load(text, loader))  # noqa: S506
    except (ValidationError, yaml.YAMLError):
        return read_table(text, name, schema)


@cache
def fields() -> Fields:
    """Names of fields, parameters and head fields; words of flags, answers, results and editions."""
    return _load("fields.yaml", Fields)


@cache
def codes() -> dict[str, Code]:
    """Every code of HJ 212-2017 annex B by itself, as printed."""
    found: dict[str, Code] = {}
    for medium in MEDIA:
        for code in _load(f"codes_{medium}.yaml", Codes).codes:
            found[code.code] = code
    return found


@cache
def old_codes() -> dict[str, tuple[Code, ...]]:
    """Codes of today by the code of the edition of 2005; some old ones stand in water and in air."""
    found: dict[str, tuple[Code, ...]] = {}
    for code in codes().values():
        if code.old:
            found[code.old] = (*found.get(code.old, ()), code)
    return found


@cache
def _patterns() -> dict[tuple[str, int], Code]:
    """Codes with running numbers by what stands before the ``x`` and their whole length."""
    return {(code.code.rstrip("x"), len(code.code)): code for code in codes().values() if code.code.endswith("x")}


def code_of(text: str) -> Code | None:
    """What a code means: itself, with its running number, or as a code of 2005; None when the tables lack it."""
    found = codes().get(text)
    if found is not None:
        return found
    for digits in (1, 2):
        if text[-digits:].isdigit() and (text[:-digits], len(text)) in _patterns():
            return _patterns()[text[:-digits], len(text)]
    old = old_codes().get(text, ())
    return old[0] if old else None


@cache
def commands() -> dict[tuple[str, int], Command]:
    """Commands by code and the year of the edition that brought them."""
    return {(command.code, command.edition): command for command in _load("commands.yaml", Commands).commands}


def command_of(code: str, edition: int) -> Command | None:
    """The command a code means in an edition (its year): the newest meaning not younger than the edition."""
    for year in (2025, 2017, 2005):
        if year <= edition and (code, year) in commands():
            return commands()[code, year]
    return next((commands()[code, year] for year in (2017, 2025, 2005) if (code, year) in commands()), None)


def is_encrypted(code: str, edition: int) -> bool:
    """Whether an edition encrypts the data region of a command."""
    rule = fields().encrypted
    return edition >= 2025 and (code in rule.more or (code.isdigit() and rule.first <= int(code) <= rule.last))


@cache
def systems() -> dict[str, System]:
    """System codes ST."""
    return {system.code: system for system in _load("systems.yaml", Systems).systems}
