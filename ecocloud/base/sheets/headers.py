"""Which column of a workbook feeds which column of the spec, found from the headers of the office's own ledgers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from ecocloud.base.sheets.faults import HeaderNotFound, MissingColumns
from ecocloud.base.sheets.limits import limits
from ecocloud.base.sheets.spec import Column, SheetSpec
from ecocloud.base.units import UnitError, parse_unit, same_dimension

REASON_HEADER = "错误原因"
_BRACKETS = re.compile(r"[(（\[【](.*?)[)）\]】]")
_NOISE = re.compile(r"[\s*:：_/、.\-—]+")
ENOUGH = 0.6
SECOND_ROW = 0.45
Merge = tuple[int, int, int, int]


@dataclass(frozen=True)
class MappedColumn:
    """One column of the file that feeds a column of the spec. ``index`` counts from 1; ``unit`` is the unit in the
    file's header when it differs from the spec's, else empty."""

    key: str
    index: int
    header: str
    unit: str = ""


@dataclass(frozen=True)
class Mapping:
    """How a workbook is read: sheet, header rows (counted from 1), columns; what found no counterpart."""

    sheet: str
    header_row: int
    header_rows: int
    columns: tuple[MappedColumn, ...]
    unmatched: tuple[tuple[int, str], ...] = ()
    reason_column: int | None = None
    warnings: tuple[str, ...] = ()

    @property
    def keys(self) -> list[str]:
        """Keys of the mapped columns."""
        return [column.key for column in self.columns]

    @property
    def first_row(self) -> int:
        """The first row of data."""
        return self.header_row + self.header_rows

    def missing(self, spec: SheetSpec) -> list[Column]:
        """The columns a row cannot do without and the file does not have."""
        return [column for column in spec.columns if spec.needed(column) and column.key not in self.keys]

    def require(self, spec: SheetSpec) -> None:
        """Raise ``MissingColumns`` when a needed column has no counterpart."""
        missing = self.missing(spec)
        if missing:
            titles = "、".join(column.title_zh for column in missing)
            raise MissingColumns(
                f"工作表“{self.sheet}”缺少必填列：{titles}。",
                f"required columns missing: {[column.key for column in missing]}",
                where={"工作表": self.sheet, "表头行": self.header_row},
                remedy_zh="请在列对应中指定，或按模板补上这些列。",
            )

    def with_columns(self, chosen: Mapped[int, str], spec: SheetSpec) -> Mapping:
        """The mapping a person chose: file column (from 1) to spec key, empty to leave it out."""
        headers = {column.index: column.header for column in self.columns} | dict(self.unmatched)
        taken = {index: key for index, key in chosen.items() if key in spec.by_key and index in headers}
        if len(set(taken.values())) != len(taken):
            twice = next(key for key in taken.values() if list(taken.values()).count(key) > 1)
            raise MissingColumns(
                f"“{spec.by_key[twice].title_zh}”对应了两列。", f"{twice} mapped twice", remedy_zh="每项只能对应一列。"
            )
        columns, warnings = [], []
        for index, key in sorted(taken.items()):
            unit, warning = _unit_of(headers[index], spec.by_key[key])
            columns.append(MappedColumn(key, index, headers[index], unit))
            warnings += [warning] if warning else []
        rest = tuple((index, header) for index, header in sorted(headers.items()) if index not in taken)
        return replace(self, columns=tuple(columns), unmatched=rest, warnings=tuple(warnings))

    def remembered(self) -> dict[str, str]:
        """Normalised header to spec key, empty for columns left out: what a saved mapping keeps."""
        kept = {normal(column.header): column.key for column in self.columns}
        return {normal(header): "" for _, header in self.unmatched if normal(header)} | kept

    def as_json(self) -> dict[str, Any]:
        """For storing."""
        return {
            "sheet": self.sheet,
            "header_row": self.header_row,
            "header_rows": self.header_rows,
            "columns": [[column.key, column.index, column.header, column.unit] for column in self.columns],
            "unmatched": [list(item) for item in self.unmatched],
            "reason_column": self.reason_column,
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Mapping:
        """The mapping that :meth:`as_json` wrote."""
        return cls(
            data["sheet"],
            data["header_row"],
            data["header_rows"],
            tuple(MappedColumn(*item) for item in data["columns"]),
            tuple((index, header) for index, header in data["unmatched"]),
            data["reason_column"],
            tuple(data["warnings"]),
        )


@dataclass
class _Labels:
    """The candidate names of every file column under one choice of header rows."""

    row: int
    rows: int
    names: dict[int, list[str]] = field(default_factory=dict)
    shown: dict[int, str] = field(default_factory=dict)


def guess_mapping(
    headers: Sequence[Sequence[Any]],
    spec: SheetSpec,
    saved: Mapped[str, str] | None = None,
    *,
    merges: Sequence[Merge] = (),
    sheet: str = "",
) -> Mapping:
    """Find the header and match its columns.

    Parameters: the first rows of a sheet (at least those that may hold the header); the spec; a saved mapping
    (normalised header to key, see :meth:`Mapping.remembered`); merged areas of the sheet; its name.
    Returns the best mapping. Raises ``HeaderNotFound`` when no row matches enough columns.
    """
    mapping, score = best_mapping(headers, spec, saved or {}, merges, sheet)
    if mapping is None or not usable(mapping, spec):
        some = "、".join(column.title_zh for column in spec.columns[:5])
        raise HeaderNotFound(
            f"前 {limits().header_search_rows.value} 行里没有找到表头。",
            f"no header row found (best score {score:.1f})",
            where={"工作表": sheet} if sheet else {},
            remedy_zh=f"表头应有 {some} 等列；可下载模板对照。",
        )
    return mapping


def usable(mapping: Mapping, spec: SheetSpec) -> bool:
    """Whether a row is taken as header: two columns match, or one among at least three (a person maps the rest)."""
    headers = len(mapping.columns) + len(mapping.unmatched)
    return len(mapping.columns) >= min(2, len(spec.columns)) or (len(mapping.columns) == 1 and headers >= 3)


def best_mapping(
    headers: Sequence[Sequence[Any]], spec: SheetSpec, saved: Mapped[str, str], merges: Sequence[Merge], sheet: str
) -> tuple[Mapping | None, float]:
    """The best mapping of a sheet and its score (sum of the matches, each 0 to about 1); None without any match."""
    grid = [[_text(value) for value in row] for row in headers[: limits().header_search_rows.value + 1]]
    singles: dict[int, float] = {}
    found: list[tuple[float, _Labels, dict[int, tuple[str, float]]]] = []
    for row in range(1, min(len(grid), limits().header_search_rows.value + 1) + 1):
        for labels in _candidates(grid, row, merges):
            matched = _match(labels, spec, saved)
            score = sum(strength for _, strength in matched.values())
            found.append((score, labels, matched))
            if labels.rows == 1:
                singles[row] = score
    best: tuple[float, _Labels | None, dict[int, tuple[str, float]]] = (0.0, None, {})
    for score, labels, matched in found:
        if labels.row > limits().header_search_rows.value:
            continue
        # Two rows have to say clearly more than either alone; else one of them is a title or the first row of data.
        alone = max(singles[labels.row], singles.get(labels.row + 1, 0.0)) + SECOND_ROW if labels.rows == 2 else 0.0
        if score > best[0] + 1e-9 and score > alone:
            best = (score, labels, matched)
    score, labels, matched = best
    if labels is None:
        return None, 0.0
    return _mapping(labels, matched, spec, sheet), score


@lru_cache(maxsize=20_000)
def normal(header: str) -> str:
    """A header without case, blanks, stars, punctuation and bracketed parts (units, 必填)."""
    text = unicodedata.normalize("NFKC", header).lower()
    without = _NOISE.sub("", _BRACKETS.sub("", text))
    return without or _NOISE.sub("", text)


def _text(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())


def _candidates(grid: list[list[str]], row: int, merges: Sequence[Merge]) -> list[_Labels]:
    one = _Labels(row, 1)
    for index, text in enumerate(grid[row - 1], 1):
        if text and len(text) <= 60:
            one.names[index], one.shown[index] = [text], text
    if len(one.shown) == 0 or row >= len(grid):
        return [one]
    top = list(grid[row - 1])
    for first_row, left, last_row, right in merges:
        if first_row <= row <= last_row and left <= len(top):
            anchor = grid[first_row - 1][left - 1] if left <= len(grid[first_row - 1]) else ""
            top += [""] * (min(right, 200) - len(top))
            for index in range(left, min(right, len(top)) + 1):
                top[index - 1] = top[index - 1] or anchor
    below = grid[row]
    two = _Labels(row, 2)
    for index in range(1, max(len(top), len(below)) + 1):
        upper = top[index - 1] if index <= len(top) else ""
        lower = below[index - 1] if index <= len(below) else ""
        parts = [part for part in (upper, lower) if part]
        if not parts or max(map(len, parts)) > 60:
            continue
        two.names[index] = [upper + lower, lower] if lower else [upper]
        two.shown[index] = "／".join(dict.fromkeys(parts))
    return [one, two]


def _match(labels: _Labels, spec: SheetSpec, saved: Mapped[str, str]) -> dict[int, tuple[str, float]]:
    """File column to (spec key, strength); each file column and each key is used once, strongest first."""
    pairs = []
    for index, names in labels.names.items():
        remembered = saved.get(normal(labels.shown[index]))
        if remembered == "":
            continue
        if remembered in spec.by_key:
            pairs.append((1.1, index, remembered))
            continue
        for order, column in enumerate(spec.columns):
            strength = max(_strength(name, column) for name in names)
            if strength >= ENOUGH:
                pairs.append((strength - order * 1e-6, index, column.key))
    matched: dict[int, tuple[str, float]] = {}
    used: set[str] = set()
    for strength, index, key in sorted(pairs, key=lambda pair: (-pair[0], pair[1])):
        if index not in matched and key not in used:
            matched[index] = (key, strength)
            used.add(key)
    return matched


def _strength(name: str, column: Column) -> float:
    header = normal(name)
    best = 0.0
    for position, known in enumerate((column.title_zh, column.title_en, column.key, *column.synonyms)):
        wanted = normal(known) if known else ""
        if not wanted or not header:
            continue
        if header == wanted:
            best = max(best, 1.0 if position == 0 else 0.95)
        elif len(min(header, wanted, key=len)) >= 2 and (wanted in header or header in wanted):
            best = max(best, 0.4 + 0.5 * min(len(header), len(wanted)) / max(len(header), len(wanted)))
    return best


def _mapping(labels: _Labels, matched: dict[int, tuple[str, float]], spec: SheetSpec, sheet: str) -> Mapping:
    columns, unmatched, warnings, reason = [], [], [], None
    for index, header in sorted(labels.shown.items()):
        if normal(header) == REASON_HEADER:
            reason = index
        elif index in matched:
            key = matched[index][0]
            unit, warning = _unit_of(header, spec.by_key[key])
            columns.append(MappedColumn(key, index, header, unit))
            warnings += [warning] if warning else []
        else:
            unmatched.append((index, header))
    return Mapping(sheet, labels.row, labels.rows, tuple(columns), tuple(unmatched), reason, tuple(warnings))


def _unit_of(header: str, column: Column) -> tuple[str, str]:
    """The unit in a header when numbers must be converted, and a warning when it cannot be."""
    if column.kind not in ("int", "decimal") or not column.unit:
        return "", ""
    for bracket in _BRACKETS.findall(header):
        unit = bracket.replace("单位", "").strip("：: ")
        if unit == column.unit or not unit:
            return "", ""
        try:
            if same_dimension(parse_unit(unit), parse_unit(column.unit)):
                return unit, f"“{header}”的数字按{unit}读取，换算为{column.unit}。"
            return "", f"“{header}”的单位与本系统的{column.unit}不同类，请核对。"
        except UnitError:
            continue
    return "", ""
