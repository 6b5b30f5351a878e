"""Rows of a preview written: the good ones go in, one that cannot be written any more is refused by itself."""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from ecocloud.base.errors import EcoError
from ecocloud.base.sheets.compare import CHANGED, NEW, WRONG, Existing, PreviewRow, seen_of, there
from ecocloud.base.sheets.headers import Mapping
from ecocloud.base.sheets.judging import faults_of
from ecocloud.base.sheets.models import ImportBatch
from ecocloud.base.sheets.registry import ImportTarget, Problem, RowsRefused
from ecocloud.base.sheets.spec import SheetSpec


@dataclass
class Written:
    """What became of some rows: what the target says of those that went in, and why others did not, by row number."""

    result: dict[str, Any] = field(default_factory=dict)
    refused: dict[int, Sequence[Problem]] = field(default_factory=dict)


def write(user: Any, target: ImportTarget, spec: SheetSpec, rows: Sequence[PreviewRow], *, whole: bool) -> Written:
    """Write new and changed rows of a preview in the caller's transaction.

    whole: all or none, the first reason is raised. Else a row whose record changed after the preview, or that the
    target refuses, is left out and named; where the target only says that something is wrong, halves are tried.
    """
    existing, done = target.existing(user), Written()
    gone = _changed_since(rows, existing, spec)
    if gone:
        if whole:
            raise RowsRefused(gone)
        done.refused.update(gone)
        rows = [row for row in rows if row.number not in gone]
    _write(user, target, rows, done, whole)
    return done


def _write(user: Any, target: ImportTarget, rows: Sequence[PreviewRow], done: Written, whole: bool) -> None:
    if not rows:
        return
    try:
        with transaction.atomic():
            made = target.apply(user, rows) or {}
        add(done.result, made)
    except RowsRefused as refused:
        left = [row for row in rows if row.number not in refused.problems]
        if whole or len(left) == len(rows):
            raise
        done.refused.update(refused.problems)
        _write(user, target, left, done, whole)
    except EcoError as refused:
        if whole or refused.http_status >= 500:
            raise
        if len(rows) == 1:
            done.refused[rows[0].number] = [Problem("", refused.value, refused.message_zh, refused.remedy_zh)]
            return
        for part in _parts(rows, refused):
            _write(user, target, part, done, whole)


def _parts(rows: Sequence[PreviewRow], refused: EcoError) -> list[Sequence[PreviewRow]]:
    """Refused rows in parts: the row that was named as the reason by itself, else two halves."""
    at = next((place for place, row in enumerate(rows) if row.number == refused.where.get("行")), None)
    cuts = (len(rows) // 2, len(rows) // 2) if at is None else (at, at + 1)
    return [part for part in (rows[: cuts[0]], rows[cuts[0] : cuts[1]], rows[cuts[1] :]) if part]


def add(result: dict[str, Any], more: Mapped[str, Any]) -> None:
    """Add what a target says of further rows; numbers are summed."""
    for name, value in more.items():
        known = result.get(name, 0)
        result[name] = known + value if isinstance(value, int) and isinstance(known, int) else value


def _changed_since(rows: Sequence[PreviewRow], existing: Existing, spec: SheetSpec) -> dict[int, Sequence[Problem]]:
    """Rows whose record was added, changed or removed after the preview, by number."""
    if not spec.key_columns:
        return {}
    known, gone = there(existing, [row.key for row in rows]), {}
    for row in rows:
        old = known.get(row.key)
        if row.outcome == NEW and old is None:
            continue
        if row.outcome == CHANGED and old is not None and row.seen == seen_of(old, list(row.values)):
            continue
        reason = "同样的记录在预览后已有人录入。" if row.outcome == NEW else "记录在预览后已被修改。"
        value = "、".join(str(part) for part in row.key)
        gone[row.number] = [Problem(spec.key_columns[0], value, reason, "请重新预览后再导入。")]
    return gone


def mark(batch: ImportBatch, rows: Sequence[PreviewRow], refused: Mapped[int, Sequence[Problem]],
         spec: SheetSpec) -> None:  # fmt: skip
    """Move refused rows of a locked batch among the wrong ones, with their reasons; the caller saves the batch."""
    mapping = Mapping.from_json(batch.mapping)
    for row in rows:
        if row.number in refused:
            faults = faults_of(row.number, refused[row.number], spec, mapping)
            batch.rows.filter(number=row.number).update(outcome=WRONG, faults=[one.as_list() for one in faults])
            setattr(batch, row.outcome, getattr(batch, row.outcome) - 1)
            batch.wrong += 1
