"""What one kind of sheet looks like: columns, keys, notes. Pure data given by the room that owns the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from ecocloud.base.sheets.faults import SpecError

Kind = Literal["text", "int", "decimal", "percent", "date", "period", "choice", "ref"]
KINDS = ("text", "int", "decimal", "percent", "date", "period", "choice", "ref")
KIND_LABELS_ZH = {
    "text": "文字",
    "int": "整数",
    "decimal": "数字",
    "percent": "百分数",
    "date": "日期",
    "period": "时段",
    "choice": "选项",
    "ref": "代码",
}


@dataclass(frozen=True)
class Choice:
    """One entry of a dictionary: code, name and other names people write. Codes contain no blanks or separators."""

    code: str
    label: str = ""
    aliases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.code or any(sign.isspace() or sign in "、，,；;'" for sign in self.code):
            raise SpecError(f"code {self.code!r} is empty or contains a separator")

    @property
    def text(self) -> str:
        """Code and name side by side, as written into cells."""
        label = " ".join(self.label.split())
        return f"{self.code} {label}" if label else self.code


Lookup = Callable[[str], Sequence[Choice]]


@dataclass(frozen=True)
class Column:
    """One column.

    ``kind`` as in the room's README; ``unit`` of numbers (shown in the header, converted to on import);
    ``choices`` for dictionaries small enough to print; ``lookup(text)`` gives the candidates for a code or a name
    (none, one or several); ``label_of(code)`` names a code on export; ``multiple`` allows several codes in a cell;
    ``vague`` says how 月底 or a bare month is read in dates; ``default_year`` completes 9月30日;
    ``one_line`` text has no line breaks and single blanks; ``max_decimals`` rounds half to even (GB/T 8170).
    """

    key: str
    title_zh: str
    title_en: str = ""
    kind: Kind = "text"
    required: bool = False
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    lookup: Lookup | None = field(default=None, compare=False)
    label_of: Callable[[str], str] | None = field(default=None, compare=False)
    help: str = ""
    width: int = 16
    max_len: int = 2000
    one_line: bool = False
    synonyms: tuple[str, ...] = ()
    multiple: bool = False
    vague: Literal["end", "start", "refuse"] = "end"
    default_year: int | None = None
    max_decimals: int = 6
    minimum: Any = None
    maximum: Any = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise SpecError(f"column {self.key}: unknown kind {self.kind!r}")
        if self.kind == "choice" and not (self.choices or self.lookup):
            raise SpecError(f"column {self.key}: a choice needs choices or a lookup")
        if self.multiple and self.kind not in ("choice", "ref"):
            raise SpecError(f"column {self.key}: only choice and ref may be multiple")

    @property
    def header(self) -> str:
        """The header as printed: name, unit, star when required."""
        unit = f"（{self.unit}）" if self.unit else ""
        return f"{self.title_zh}{unit}{' *' if self.required else ''}"

    @cached_property
    def by_code(self) -> dict[str, Choice]:
        """The choices by code."""
        return {choice.code: choice for choice in self.choices}

    @cached_property
    def by_name(self) -> dict[str, tuple[Choice, ...]]:
        """The choices by name and alias; a name may belong to several codes."""
        names: dict[str, dict[str, Choice]] = {}
        for choice in self.choices:
            for name in (choice.label, *choice.aliases):
                if name:
                    names.setdefault("".join(name.split()), {})[choice.code] = choice
        return {name: tuple(found.values()) for name, found in names.items()}


@dataclass(frozen=True)
class SheetSpec:
    """One kind of sheet. ``key_columns`` identify a row; ``blank_means`` says what an empty cell does to an
    existing value: ``clear`` it or ``keep`` it."""

    name: str
    title: str
    columns: tuple[Column, ...]
    key_columns: tuple[str, ...] = ()
    note_lines: tuple[str, ...] = ()
    blank_means: Literal["clear", "keep"] = "clear"

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        if len(set(keys)) != len(keys) or not keys:
            raise SpecError(f"sheet {self.name}: columns need different keys")
        titles = [column.title_zh for column in self.columns]
        if len(set(titles)) != len(titles):
            raise SpecError(f"sheet {self.name}: columns need different titles")
        unknown = set(self.key_columns) - set(keys)
        if unknown:
            raise SpecError(f"sheet {self.name}: unknown key columns {sorted(unknown)}")

    @cached_property
    def by_key(self) -> dict[str, Column]:
        """The columns by key."""
        return {column.key: column for column in self.columns}

    def key_of(self, row: Mapping[str, Any]) -> tuple:
        """What tells a row apart: the values of the key columns."""
        return tuple(row.get(name) for name in self.key_columns)

    def needed(self, column: Column) -> bool:
        """Whether a row cannot do without the column: required, or part of the key."""
        return column.required or column.key in self.key_columns
