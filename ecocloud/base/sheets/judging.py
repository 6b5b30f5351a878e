"""Rows judged as a whole, some hundred at a time, by what a room knows of them."""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from openpyxl.utils import get_column_letter

from ecocloud.base.sheets.compare import differs
from ecocloud.base.sheets.faults import CellFault
from ecocloud.base.sheets.headers import Mapping
from ecocloud.base.sheets.reading import ReadRow
from ecocloud.base.sheets.registry import Candidate, Judge, Problem
from ecocloud.base.sheets.spec import SheetSpec


def judged(
    rows: Sequence[ReadRow], existing: Mapped[tuple, Mapped[str, Any]], spec: SheetSpec, mapping: Mapping,
    judge: Judge | None,
) -> list[ReadRow]:  # fmt: skip
    """The rows with what ``judge`` finds wrong with each as a whole; one that would change nothing is not judged."""
    if judge is None:
        return list(rows)
    asked: dict[int, Candidate] = {}
    for place, row in enumerate(rows):
        if not row.faults:
            old = existing.get(spec.key_of(row.values)) if spec.key_columns else None
            if old is None or differs(row.values, old, spec):
                asked[place] = Candidate(row.number, row.values, old)
    found = list(rows)
    for place, problems in zip(asked, judge(list(asked.values())), strict=True):
        if problems:
            found[place] = replace(rows[place], faults=faults_of(rows[place].number, problems, spec, mapping))
    return found


def faults_of(number: int, problems: Sequence[Problem], spec: SheetSpec, mapping: Mapping) -> tuple[CellFault, ...]:
    """What is wrong with row ``number`` as a whole, each beside its column."""
    letters = {column.key: get_column_letter(column.index) for column in mapping.columns}
    return tuple(
        CellFault(
            number,
            letters.get(one.key, ""),
            spec.by_key[one.key].title_zh if one.key in spec.by_key else spec.title,
            "" if one.value is None else str(one.value)[:80],
            one.reason,
            one.remedy,
        )
        for one in problems
    )
