"""What two versions of a pack's description say differently, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# The lists of a description: their name, and the keys that make one entry the same in both versions.
_LISTS = {
    "sources": ("来源", ("code",)), "figures": ("指标计算", ("code",)), "indicators": ("指标", ("code",)),
    "targets": ("目标", ("indicator", "year")), "tasks": ("任务", ("code",)), "tiles": ("图块", ("code",)),
    "paragraphs": ("报告段落", ("code",)), "coverage": ("数据对照", ("system", "side", "item")),
}  # fmt: skip
_WORDS = {"zh": "名称", "en": "英文名", "summary": "说明", "owner_role": "负责角色", "systems": "对应系统"}
_LONGEST = 60


def number_of(version: str) -> tuple[int, ...]:
    """A version as numbers, so that 1.10.0 comes after 1.9.0."""
    return tuple(int(part) for part in version.split("."))


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What ``new`` says otherwise than ``old`` (both as plain values of ``pack.yaml``), one sentence each.

    The version itself is none of it. A key that ``old`` was written without is not a difference.
    """
    said = [f"{word}{_from_to(old[key], new[key])}" for key, word in _WORDS.items() if _differ(old, new, key)]
    for key, (word, names) in _LISTS.items():
        said += _listed(word, _by(old.get(key, ()), names), _by(new.get(key, ()), names))
    return said


def _differ(old: Mapping[str, Any], new: Mapping[str, Any], key: str) -> bool:
    return old.get(key, new.get(key)) != new.get(key)


def _by(rows: Any, names: tuple[str, ...]) -> dict[str, Mapping[str, Any]]:
    return {" ".join(str(row[name]) for name in names): row for row in rows}


def _listed(word: str, old: dict[str, Mapping[str, Any]], new: dict[str, Mapping[str, Any]]) -> Iterator[str]:
    if fresh := [key for key in new if key not in old]:
        yield f"{word}增加 {'、'.join(fresh)}"
    if gone := [key for key in old if key not in new]:
        yield f"{word}删除 {'、'.join(gone)}"
    for key, row in new.items():
        for name in row:
            if key in old and _differ(old[key], row, name):
                yield f"{word} {key} 的 {name} {_from_to(old[key][name], row[name])}"


def _from_to(old: Any, new: Any) -> str:
    return f"由“{_shown(old)}”改为“{_shown(new)}”"


def _shown(value: Any) -> str:
    text = "、".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"{text[:_LONGEST]}…" if len(text) > _LONGEST else text
