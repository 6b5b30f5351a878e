"""Changes of a definition: what may change silently, what needs a migration, and how old bodies are read.

Allowed: add, rename (``was``), widen, deprecate, a uniqueness that the objects hold, and anything that touches words
and rules only. Everything else is a conflict with a sentence. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ecocloud.kernel.registers.definition import CHOICES, FieldSpec, TypeDefinition

WIDER_KINDS = {("text", "long"), ("integer", "number"), ("choice", "multichoice")}
_WIDER_PLACES = {("polygon", "patch"), ("point", "site"), ("polygon", "site"), ("patch", "site")}


@dataclass(frozen=True)
class Change:
    """One allowed change: add, rename, widen, unique, deprecate, restore or words."""

    kind: str
    what: str
    sentence_zh: str


@dataclass(frozen=True)
class Lifting:
    """How a body of the version before becomes one of this version. ``listed``: fields whose value becomes a list."""

    renamed: dict[str, str] = field(default_factory=dict)
    listed: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The mapping as it is written down with the version."""
        return {"renamed": self.renamed, "listed": list(self.listed)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Lifting:
        """The mapping of a stored version."""
        return cls(dict(stored.get("renamed", {})), tuple(stored.get("listed", ())))


@dataclass(frozen=True)
class Plan:
    """What a new version does: its changes, its conflicts, the mapping, and the codes of the uniqueness keys that the
    objects there are have to hold as well."""

    changes: tuple[Change, ...]
    conflicts: tuple[str, ...]
    mapping: Lifting
    keys: tuple[str, ...] = ()


def plan(old: TypeDefinition, new: TypeDefinition) -> Plan:
    """Compare two versions of one type."""
    changes: list[Change] = []
    conflicts: list[str] = []
    renamed: dict[str, str] = {}
    listed: list[str] = []
    for one in new.fields:
        before = old.by_code.get(one.code)
        if before is None and one.was:
            before = old.by_code.get(one.was)
            if before is None or one.was in new.by_code or one.was in renamed:
                conflicts.append(f"字段 {one.code} 写明由 {one.was} 改名，但旧版没有它或它仍在使用")
                continue
            renamed[one.was] = one.code
            changes.append(Change("rename", one.code, f"字段 {one.was} 改名为 {one.code}"))
        if before is None:
            if one.required:
                conflicts.append(f"新增的字段 {one.code}（{one.zh}）不能必填，旧对象没有它的值")
            changes.append(Change("add", one.code, f"新增字段 {one.code}（{one.zh}）"))
            continue
        found, against = _field(old, new, before, one)
        changes += found
        conflicts += against
        if (before.kind, one.kind) == ("choice", "multichoice"):
            listed.append(one.code)
    kept = {one.code for one in new.fields} | set(renamed)
    conflicts += [f"字段 {one.code}（{one.zh}）被删除" for one in old.fields if one.code not in kept]
    conflicts += _whole(old, new, renamed)
    keys = _new_keys(old, new, {*renamed, *listed})
    changes += [Change("unique", code, f"新增或改动了唯一性要求 {code}") for code in keys]
    if not changes and not conflicts and old.as_json() != new.as_json():
        changes.append(Change("words", new.code, "只改动了文字、布局或规则"))
    return Plan(tuple(changes), tuple(conflicts), Lifting(renamed, tuple(listed)), keys)


def _field(
    old: TypeDefinition, new: TypeDefinition, before: FieldSpec, one: FieldSpec
) -> tuple[list[Change], list[str]]:
    name = f"字段 {one.code}（{one.zh}）"
    against: list[str] = []
    wider: list[str] = []
    if before.kind != one.kind:
        (wider if (before.kind, one.kind) in WIDER_KINDS else against).append(f"{name}由 {before.kind} 改为 {one.kind}")
    if before.unit != one.unit:
        against.append(f"{name}的单位由“{before.unit or '无'}”改为“{one.unit or '无'}”")
    if before.computed != one.computed:
        against.append(f"{name}的计算公式改变")
    if before.target != one.target:
        against.append(f"{name}改为引用 {one.target or '无'}")
    if one.required and not before.required:
        against.append(f"{name}改为必填")
    if before.required and not one.required:
        wider.append(f"{name}不再必填")
    for wide, tight, word in _limits(before, one):
        if tight:
            against.append(f"{name}的{word}收紧")
        elif wide:
            wider.append(f"{name}的{word}放宽")
    if one.kind in CHOICES and before.kind in CHOICES:
        gone = sorted(old.dictionary[before.dictionary].codes - new.dictionary[one.dictionary].codes)
        fresh = new.dictionary[one.dictionary].codes - old.dictionary[before.dictionary].codes
        against += [f"{name}的字典删除了 {'、'.join(gone)}"] if gone else []
        wider += [f"{name}的字典增加 {len(fresh)} 项"] if fresh else []
    changes = [Change("widen", one.code, sentence) for sentence in wider]
    if one.deprecated != before.deprecated:
        kind, word = ("deprecate", "停用") if one.deprecated else ("restore", "恢复使用")
        changes.append(Change(kind, one.code, f"{name}{word}"))
    return changes, against


def _limits(before: FieldSpec, one: FieldSpec) -> Iterator[tuple[bool, bool, str]]:
    """(wider, tighter, word) for decimals, length and bounds."""
    yield one.digits > before.digits, one.digits < before.digits, "小数位数"
    yield one.longest > before.longest, one.longest < before.longest, "长度"
    lowest, highest = Decimal("-Infinity"), Decimal("Infinity")
    pairs = ((before.minimum, one.minimum, lowest, 1, "下限"), (before.maximum, one.maximum, highest, -1, "上限"))
    for was, now, none, sign, word in pairs:
        was, now = (none if was is None else was), (none if now is None else now)
        yield (was - now) * sign > 0 if was != now else False, (now - was) * sign > 0 if was != now else False, word


def _whole(old: TypeDefinition, new: TypeDefinition, renamed: Mapping[str, str]) -> Iterator[str]:
    if old.code != new.code:
        yield f"类型代码由 {old.code} 改为 {new.code}"
    gone = [state.zh for state in old.states if state.code not in new.state_by_code]
    if gone:
        yield f"删除了状态 {'、'.join(gone)}"
    if renamed.get(old.year, old.year) != new.year:
        yield f"年度改为取自 {new.year or '无'}"
    before, after = old.geometry, new.geometry
    if before.kind not in ("none", after.kind) and (before.kind, after.kind) not in _WIDER_PLACES:
        yield f"位置由 {before.kind} 改为 {after.kind}"
    if after.required and not before.required:
        yield "位置改为必填"
    lost = {one.code for one in old.inspections} - {one.code for one in new.inspections}
    if lost:
        yield f"删除了检查 {'、'.join(sorted(lost))}"


def _new_keys(old: TypeDefinition, new: TypeDefinition, moved: set[str]) -> tuple[str, ...]:
    """The uniqueness keys that the old version did not have, or over other fields, or over fields whose codes or values
    are written differently now (``moved``): a digest is one of codes and values."""
    known = {(one.code, one.fields) for one in old.unique if not set(one.fields) & moved}
    return tuple(one.code for one in new.unique if (one.code, one.fields) not in known)


def lift(body: Mapping[str, Any], mappings: Iterable[Lifting]) -> dict[str, Any]:
    """A body read under a later version: ``mappings`` of every version after the one it was written under, in order."""
    found = dict(body)
    for mapping in mappings:
        found = {mapping.renamed.get(code, code): value for code, value in found.items()}
        for code in mapping.listed:
            if isinstance(found.get(code), str):
                found[code] = [found[code]]
    return found
