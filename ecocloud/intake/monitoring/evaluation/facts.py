"""Facts of evaluation: what standards say, from ``data/evaluation/*.yaml`` through a checked schema.

A file is a list ``facts``; each node has a name, its value with unit, the days it is valid from and to, citation and
mark. Nodes of one name are its versions: they follow each other day by day, a gap or an overlap is refused. A fact that
nobody has compared with the printed text may be switched off, and what rests on it says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ecocloud.base.errors import EcoError
from ecocloud.base.yaml_lines import compose, line_of
from ecocloud.intake.monitoring.hj212.tables import read_table

Mark = Literal["verified", "verified-secondary", "from_memory", "unconfirmed", "decided"]
UNVERIFIED = ("from_memory", "unconfirmed")


class FactError(EcoError):
    """A file of facts is wrong, or asks for one that is not there; says file, line and name."""

    code = "evaluation.fact"


class NoFact(FactError):
    """No fact of that name is in force on that day, or it is switched off."""

    code = "evaluation.no_fact"


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$")
    value: Any
    unit: str = Field(min_length=1)
    valid_from: date | None = None
    valid_to: date | None = None
    edition: str = ""
    citation: str = Field(min_length=1)
    mark: Mark
    on: bool = True
    zh: str = ""
    en: str = ""
    note: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    facts: tuple[_Node, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Fact:
    """One version of a fact. value: number (int or Decimal), text, truth, or tuples and mappings of them; unit: '1' for
    none; valid_from, valid_to: first and last day, None without end; edition: the standard; on: whether it is used.
    zh, en: how a page names it; where: file and line.
    """

    name: str
    value: Any
    unit: str
    valid_from: date | None
    valid_to: date | None
    edition: str
    citation: str
    mark: Mark
    on: bool
    zh: str
    en: str
    note: str
    where: str

    @property
    def unverified(self) -> bool:
        """Whether it still has to be compared with the printed text: what rests on it is labelled."""
        return self.mark in UNVERIFIED

    def valid(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def number(self) -> Decimal:
        """The value as an exact number; raises :class:`FactError` when it is none."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | Decimal):
            raise self._wrong("一个数", "a number")
        return Decimal(self.value)

    def whole(self) -> int:
        """The value as a whole number; raises :class:`FactError` when it is none."""
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self._wrong("整数", "a whole number")
        return self.value

    def text(self) -> str:
        """The value as text; raises :class:`FactError` when it is none."""
        if not isinstance(self.value, str):
            raise self._wrong("文字", "text")
        return self.value

    def listed(self) -> tuple:
        """The value as a tuple; raises :class:`FactError` when it is no list."""
        if not isinstance(self.value, tuple):
            raise self._wrong("列表", "a list")
        return self.value

    def mapping(self) -> Mapping[str, Any]:
        """The value as a mapping; raises :class:`FactError` when it is none."""
        if not isinstance(self.value, MappingProxyType):
            raise self._wrong("映射", "a mapping")
        return self.value

    def _wrong(self, zh: str, en: str) -> FactError:
        return FactError(f"“{self.name}”的值应是{zh}。", f"{self.name}: {en} is needed", where={"位置": self.where},
                         value=self.value)  # fmt: skip


class Facts:
    """The facts of one file by name and day."""

    def __init__(self, versions: Mapping[str, tuple[Fact, ...]], source: str) -> None:
        self._versions, self.source = dict(versions), source

    def __iter__(self) -> Iterator[Fact]:
        return (fact for versions in self._versions.values() for fact in versions)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, in the order of the file."""
        return tuple(self._versions)

    def versions(self, name: str) -> tuple[Fact, ...]:
        """The versions of a fact from the oldest on; raises :class:`NoFact` when the file has none."""
        if name not in self._versions:
            raise NoFact(f"没有名为“{name}”的评价依据。", f"no fact {name!r}", where={"文件": self.source}, value=name)
        return self._versions[name]

    def in_force(self, name: str, day: date) -> Fact:
        """The fact as it is in force on a day; raises :class:`NoFact` when none is, or when it is switched off."""
        found = self._on(name, day)
        if found is None:
            first, last = self.versions(name)[0].valid_from, self.versions(name)[-1].valid_to
            raise NoFact(f"“{name}”在 {day} 没有生效的规定。", f"{name}: nothing in force on {day}",
                         where={"文件": self.source}, value=day,
                         remedy_zh=f"已收录的规定自 {first or '最初'} 起，至 {last or '今后'}。")  # fmt: skip
        if not found.on:
            raise NoFact(f"“{name}”已停用。", f"{name} is switched off", where={"位置": found.where}, value=name)
        return found

    def optional(self, name: str, day: date) -> Fact | None:
        """As :meth:`in_force`; None when the file has none for that day or it is switched off."""
        found = self._on(name, day)
        return found if found is not None and found.on else None

    def under(self, prefix: str, day: date) -> dict[str, Fact]:
        """The facts in force and switched on whose names begin with ``prefix.``, by what follows it."""
        inside = (name for name in self._versions if name.startswith(f"{prefix}."))
        return {name[len(prefix) + 1 :]: fact for name in inside if (fact := self.optional(name, day)) is not None}

    def switched(self, on: Collection[str] = (), off: Collection[str] = ()) -> Facts:
        """The same facts with some switched on or off. Only unverified ones can be switched; raises
        :class:`FactError` for others, :class:`NoFact` for unknown names.
        """
        changed = dict(self._versions)
        for names, state in ((on, True), (off, False)):
            for name in names:
                if not all(fact.unverified for fact in self.versions(name)):
                    raise FactError(f"“{name}”已核对过原文，不能停用。", f"{name} is verified: no switch", value=name,
                                    remedy_zh="只有标记为待核对的依据可以启用或停用。")  # fmt: skip
                changed[name] = tuple(replace(fact, on=state) for fact in self.versions(name))
        return Facts(changed, self.source)

    def _on(self, name: str, day: date) -> Fact | None:
        return next((fact for fact in self.versions(name) if fact.valid(day)), None)


def read_facts(text: str, source: str) -> Facts:
    """The facts of a file's text. Raises :class:`TableError` or :class:`FactError` with file, line and name when a
    node is incomplete, or versions of a name leave a day out or claim one twice.
    """
    nodes = read_table(text, source, _File).facts
    _data, lines = compose(text, source)
    versions: dict[str, list[Fact]] = {}
    for position, node in enumerate(nodes):
        where = f"{source}:{line_of(lines, ('facts', position))}"
        if node.valid_from and node.valid_to and node.valid_to < node.valid_from:
            raise FactError(f"“{node.name}”的有效期止早于起。", f"{node.name}: ends before it begins",
                            where={"位置": where}, value=node.valid_to)  # fmt: skip
        values = {key: getattr(node, key) for key in _Node.model_fields if key != "value"}
        versions.setdefault(node.name, []).append(Fact(value=_frozen(node.value), where=where, **values))
    for name, listed in versions.items():
        listed.sort(key=lambda fact: fact.valid_from or date.min)
        for before, after in zip(listed, listed[1:], strict=False):
            _follows(name, before, after)
    return Facts({name: tuple(listed) for name, listed in versions.items()}, source)


def _follows(name: str, before: Fact, after: Fact) -> None:
    """The second version begins on the day after the first ends."""
    if before.valid_to is not None and after.valid_from == before.valid_to + timedelta(days=1):
        return
    gap = before.valid_to is not None and after.valid_from is not None and before.valid_to < after.valid_from
    zh, en = ("之间有空档", "a gap") if gap else ("重叠", "an overlap")
    raise FactError(f"“{name}”两个版本的有效期{zh}。", f"{name}: {en} of validity",
                    where={"位置": after.where, "前一版本": before.where}, value=after.valid_from,
                    remedy_zh="后一版本应从前一版本截止的次日起生效。")  # fmt: skip


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(one) for one in value)
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(one) for key, one in value.items()})
    return value


@cache
def facts(name: str) -> Facts:
    """The facts of a file of the package, ``facts("air")`` of ``data/evaluation/air.yaml``; read once."""
    path = files("ecocloud.intake.monitoring") / "data" / "evaluation" / f"{name}.yaml"
    return read_facts(path.read_text("utf-8"), f"{name}.yaml")
