"""What an import would change: every row against what exists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Mapped
from dataclasses import dataclass, field
from typing import Any

from ecocloud.base.sheets.coding import digest, equal
from ecocloud.base.sheets.faults import CellFault
from ecocloud.base.sheets.headers import Mapping
from ecocloud.base.sheets.reading import Reading, ReadRow
from ecocloud.base.sheets.spec import SheetSpec

NEW, CHANGED, SAME, WRONG = OUTCOMES = ("new", "changed", "same", "wrong")


Rows = Mapped[tuple, Mapped[str, Any]]


@dataclass(frozen=True)
class Asked:
    """What exists, where that is too much to hold: ``find(keys)`` gives the rows of some hundred keys by key."""

    find: Callable[[Sequence[tuple]], Rows]


Existing = Rows | Asked


def there(existing: Existing, keys: Sequence[tuple]) -> Rows:
    """The existing rows among which those of ``keys`` are."""
    return existing.find(keys) if isinstance(existing, Asked) else existing


@dataclass(frozen=True)
class CellDiff:
    """One value that would change."""

    key: str
    before: Any
    after: Any


@dataclass(frozen=True)
class PreviewRow:
    """One row with its outcome. ``seen`` is the fingerprint of the existing row at preview, empty for new rows."""

    number: int
    outcome: str
    key: tuple
    values: dict[str, Any]
    diffs: tuple[CellDiff, ...] = ()
    faults: tuple[CellFault, ...] = ()
    notes: tuple[str, ...] = ()
    seen: str = ""


@dataclass
class Preview:
    """All rows of a file, sorted by outcome."""

    new: list[PreviewRow] = field(default_factory=list)
    changed: list[PreviewRow] = field(default_factory=list)
    same: list[PreviewRow] = field(default_factory=list)
    wrong: list[PreviewRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    mapping: Mapping | None = None

    def add(self, row: PreviewRow) -> None:
        """Sort one row in."""
        getattr(self, row.outcome).append(row)

    def counts(self) -> dict[str, int]:
        """Rows by outcome."""
        return {outcome: len(getattr(self, outcome)) for outcome in OUTCOMES}


def compare(rows: Reading | Iterable[ReadRow], existing: Mapped[tuple, Mapped[str, Any]], spec: SheetSpec) -> Preview:
    """Sort rows into new, changed, same and wrong.

    Parameters: rows as read; what exists, by the tuple of its key columns' values (values by column key); the spec.
    Columns the file does not have are left alone; an empty cell clears or keeps as the spec says.
    """
    preview = Preview(mapping=getattr(rows, "mapping", None))
    for row in rows:
        preview.add(outcome_of(row, existing, spec))
    preview.notes = list(getattr(rows, "notes", ()))
    return preview


def outcome_of(row: ReadRow, existing: Mapped[tuple, Mapped[str, Any]], spec: SheetSpec) -> PreviewRow:
    """One row against what exists."""
    key = spec.key_of(row.values)
    if row.faults:
        return PreviewRow(row.number, WRONG, key, row.values, (), row.faults, row.notes)
    old = existing.get(key) if spec.key_columns else None
    if old is None:
        return PreviewRow(row.number, NEW, key, row.values, (), (), row.notes)
    values = dict(row.values)
    diffs = []
    for name, value in row.values.items():
        before = old.get(name)
        if value is None and spec.blank_means == "keep":
            values.pop(name)
        elif not equal(before, value):
            diffs.append(CellDiff(name, before, value))
    seen = seen_of(old, list(values))
    return PreviewRow(row.number, CHANGED if diffs else SAME, key, values, tuple(diffs), (), row.notes, seen)


def differs(values: Mapped[str, Any], old: Mapped[str, Any], spec: SheetSpec) -> bool:
    """Whether a row would change the existing one."""
    keep = spec.blank_means == "keep"
    return any(not equal(old.get(name), value) for name, value in values.items() if not (keep and value is None))


def seen_of(old: Mapped[str, Any], names: list[str]) -> str:
    """Fingerprint of an existing row in the columns a file has."""
    return digest(dict(old), sorted(names))
