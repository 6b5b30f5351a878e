"""The indicator catalogue: read from ``data/catalogue/*.yaml`` through a checked schema.

A fault is reported with file, line, field, value and remedy; names and aliases are unique over all files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ecocloud.base.errors import EcoError
from ecocloud.base.units.quantity import UnitError, parse_unit
from ecocloud.base.yaml_lines import Lines, YamlFault, compose, line_of
from ecocloud.kernel.evidence import linking
from ecocloud.kernel.evidence.linking import normalise
from ecocloud.kernel.regions import unmeasured

Direction = Literal["up", "down", "none"]
Nature = Literal["binding", "expected", "none"]
Aggregation = Literal["sum", "mean", "weighted", "last", "ratio", "none"]
PeriodKind = Literal["year", "quarter", "month", "day", "any"]
Mark = Literal["verified", "from_memory", "seed"]

_REMEDIES = {
    "missing": "请补上该字段。",
    "extra_forbidden": "没有这个字段，请检查拼写。",
    "literal_error": "只能取 {expected} 之一。",
    "string_pattern_mismatch": "应形如 AIR.PM25.MEAN（大写字母、数字，点号分段）。",
    "less_than_equal": "小数位数应为 0 至 6。",
    "greater_than_equal": "小数位数应为 0 至 6。",
    "int_parsing": "应为整数。",
    "string_type": "应为文字，数字和符号请加引号。",
    "list_type": "应为列表。",
    "tuple_type": "应为列表。",
}


class CatalogueError(EcoError):
    """A catalogue file breaks a rule; ``where`` has file, line and field."""

    code = "evidence.catalogue"


class Entry(BaseModel):
    """One indicator as the catalogue states it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[A-Z]{3}(\.[A-Z0-9]{2,16}){1,3}$", max_length=40)
    zh: str = Field(min_length=2, max_length=60)
    en: str = Field(min_length=2, max_length=90)
    aliases: tuple[str, ...] = ()
    unit: str = Field(max_length=20)
    decimals: int = Field(ge=0, le=6)
    direction: Direction
    nature: Nature
    aggregation: Aggregation
    across: Aggregation = "none"
    weight: str = ""
    period: PeriodKind
    department: str = Field(min_length=2, max_length=20)
    definition: str = ""
    citation: str = Field(min_length=2)
    mark: Mark
    context: tuple[str, ...] = ()
    group: str = ""

    @field_validator("unit")
    @classmethod
    def _known_unit(cls, value: str) -> str:
        if value:
            try:
                parse_unit(value)
            except UnitError as error:
                raise ValueError(error.sentence_zh()) from error
        return value

    @model_validator(mode="after")
    def _measures_work(self) -> Entry:
        word = unmeasured.word_in(self.code, self.zh, self.en, *self.aliases, self.definition, self.weight)
        if word:
            raise ValueError("".join(unmeasured.sentences(word)[::2]))
        return self

    @model_validator(mode="after")
    def _weight_where_weighted(self) -> Entry:
        if ("weighted" in (self.aggregation, self.across)) != bool(self.weight):
            raise ValueError("加权平均（weighted）必须且只有它需要写明权重指标 weight")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The name and every alias."""
        return (self.zh, *self.aliases)


@dataclass(frozen=True)
class Group:
    """A field of the catalogue (大气, 水 ...)."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Catalogue:
    """All entries in file order."""

    entries: tuple[Entry, ...]
    groups: tuple[Group, ...] = field(default=())

    @cached_property
    def by_code(self) -> Mapping[str, Entry]:
        """Entries by code."""
        return {entry.code: entry for entry in self.entries}

    @cached_property
    def by_name(self) -> Mapping[str, Entry]:
        """Entries by every normalised name and alias."""
        return {normalise(name): entry for entry in self.entries for name in entry.names}


def _compose(text: str, name: str) -> tuple[Any, Lines]:
    """The YAML document and the line (from 1) of every node by its path."""
    try:
        return compose(text, name)
    except YamlFault as error:
        raise CatalogueError(
            error.message_zh, error.message_en, where=error.where, value=error.value, remedy_zh=error.remedy_zh
        ) from error


def _fault(name: str, lines: Lines, base: tuple, fault: dict, value: Any) -> CatalogueError:
    line = line_of(lines, (*base, *fault["loc"]))
    field_name = ".".join(str(part) for part in fault["loc"]) or "条目"
    expected = str(fault.get("ctx", {}).get("expected", "")).replace(" or ", "、").replace("'", "")
    kind = fault["type"]
    if kind == "value_error":
        remedy = str(fault["ctx"]["error"])
    else:
        remedy = _REMEDIES.get(kind, "请对照说明改正。").format(expected=expected)
    shown = "" if kind == "missing" else value
    return CatalogueError(
        f"字段“{field_name}”的值“{shown}”不合规定。" if shown != "" else f"字段“{field_name}”缺失或为空。",
        f"{name}:{line} field {field_name}: {fault['msg']}",
        where={"文件": name, "行": line, "字段": field_name},
        value=shown,
        remedy_zh=remedy,
    )


def read_file(text: str, name: str) -> tuple[Group, list[tuple[Entry, int]]]:
    """Read one catalogue file: its group and its entries with their line numbers; raises :class:`CatalogueError`."""
    data, lines = _compose(text, name)
    if not isinstance(data, dict) or set(data) - {"group", "defaults", "indicators"} or "indicators" not in data:
        raise CatalogueError(
            "目录文件的结构不对。", f"{name}: wrong top-level keys", where={"文件": name, "行": 1},
            remedy_zh="应含 group、defaults、indicators 三部分。",
        )  # fmt: skip
    try:
        group = Group(**data["group"])
    except (TypeError, KeyError) as error:
        raise CatalogueError(
            "分组说明 group 不完整。", f"{name}: {error}",
            where={"文件": name, "行": lines.get(("group",), 1), "字段": "group"},
            value=data.get("group"), remedy_zh="应写明 code、zh、en。",
        ) from error  # fmt: skip
    defaults = data.get("defaults") or {}
    entries: list[tuple[Entry, int]] = []
    for position, row in enumerate(data["indicators"] or []):
        base = ("indicators", position)
        if not isinstance(row, dict):
            raise CatalogueError(
                "指标条目应为键值对。",
                f"{name}: entry {position} is not a mapping",
                where={"文件": name, "行": lines[base]},
                value=row,
                remedy_zh="应形如 {code: …, zh: …}。",
            )
        try:
            entry = Entry.model_validate({**defaults, **row, "group": group.code})
        except ValidationError as error:
            first = error.errors()[0]
            raise _fault(name, lines, base, first, first.get("input")) from error
        if not entry.code.startswith(f"{group.code}."):
            raise _fault(
                name,
                lines,
                base,
                {
                    "loc": ("code",),
                    "type": "value_error",
                    "msg": "wrong group",
                    "ctx": {"error": f"编码应以本文件分组“{group.code}.”开头。"},
                },
                entry.code,
            )
        entries.append((entry, lines[base]))
    return group, entries


def build(sources: Iterable[tuple[str, str]]) -> Catalogue:
    """A catalogue from ``(file name, text)`` pairs; refuses a code, name or alias that stands twice."""
    groups: list[Group] = []
    entries: list[Entry] = []
    seen: dict[str, tuple[str, int, str]] = {}
    for name, text in sources:
        group, rows = read_file(text, name)
        groups.append(group)
        for entry, line in rows:
            claims = [("code", entry.code, entry.code)] + [
                ("zh" if position == 0 else "aliases", normalise(word), word)
                for position, word in enumerate(entry.names)
            ]
            for kind, key, shown in claims:
                if key in seen:
                    other_file, other_line, other = seen[key]
                    raise CatalogueError(
                        f"“{shown}”与{other_file} 第{other_line}行的“{other}”重复。",
                        f"{name}:{line} {shown!r} repeats {other_file}:{other_line}",
                        where={"文件": name, "行": line, "字段": kind}, value=shown,
                        remedy_zh="名称和别名在整个目录中只能出现一次，请改名或删去一处。",
                    )  # fmt: skip
                seen[key] = (name, line, entry.code)
            entries.append(entry)
    made = Catalogue(tuple(entries), tuple(groups))
    for entry in entries:
        if entry.weight and entry.weight not in made.by_code:
            file, line, _ = seen[entry.code]
            raise CatalogueError(
                "权重指标不在目录中。",
                f"{entry.code}: unknown weight {entry.weight}",
                where={"文件": file, "行": line, "字段": "weight"},
                value=entry.weight,
                remedy_zh="请写目录中已有的指标编码。",
            )
    return made


@cache
def load() -> Catalogue:
    """The product's catalogue."""
    folder = files(__package__) / "data" / "catalogue"
    names = sorted(item.name for item in folder.iterdir() if re.fullmatch(r"[a-z_]+\.yaml", item.name))
    return build((name, (folder / name).read_text(encoding="utf-8")) for name in names)


def link(name: str, unit: str = "", context: str = "") -> linking.LinkResult:
    """:func:`ecocloud.kernel.evidence.linking.link` against the product's catalogue."""
    return linking.link(name, unit, context, load().entries)
