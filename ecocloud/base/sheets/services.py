"""The only code that writes imports: upload, mapping, staging, commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Mapped
from itertools import islice
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone

from ecocloud.base import bulk
from ecocloud.base.errors import Conflict, EcoError, Forbidden
from ecocloud.base.files import FileKind
from ecocloud.base.files import services as files
from ecocloud.base.files.limits import limits as file_limits
from ecocloud.base.sheets import coding, registry, writing
from ecocloud.base.sheets.book import guess_workbook, row_count
from ecocloud.base.sheets.compare import (
    CHANGED,
    NEW,
    WRONG,
    CellDiff,
    PreviewRow,
    outcome_of,
    there,
)
from ecocloud.base.sheets.error_file import mark_faults
from ecocloud.base.sheets.faults import CellFault
from ecocloud.base.sheets.headers import Mapping
from ecocloud.base.sheets.judging import judged
from ecocloud.base.sheets.limits import limits
from ecocloud.base.sheets.models import ImportBatch, ImportRow, SavedMapping
from ecocloud.base.sheets.reading import read_rows
from ecocloud.base.sheets.spec import SheetSpec

Status = ImportBatch.Status
WORKBOOK_KINDS = (FileKind.XLSX,)


class ErrorsRemain(EcoError):
    """The file has wrong rows and the user did not choose to skip them."""

    code = "sheets.errors_remain"


class NothingToDo(EcoError):
    """No row would be added or changed."""

    code = "sheets.nothing"


def upload(user: Any, target_key: str, name: str, stream: BinaryIO) -> ImportBatch:
    """Keep an uploaded workbook, guess its mapping and open a batch.

    Raises the types of ``files.errors`` and ``sheets.faults``, ``Forbidden``. Nothing is kept of a refused file.
    """
    target = registry.target_of(target_key)
    registry.require(user, target)
    spec = target.spec(user)
    files.check_upload(name, stream, WORKBOOK_KINDS, file_limits().upload.workbook_max_bytes.value)
    mapping = _guess(stream, spec, remembered(user, target.mapping_key or target_key))
    size = row_count(stream, mapping.sheet)
    stream.seek(0)
    received = files.receive(name, stream, WORKBOOK_KINDS, file_limits().upload.workbook_max_bytes.value)
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            target=target_key,
            file=files.record(received, f"{user.pk} {display_name(user)}"),
            mapping=mapping.as_json(),
            size=size,
            created_by=str(user.pk),
            created_by_name=display_name(user)[:80],
        )
        registry.announce(user, "sheets.upload", batch)
    return batch


def choose_mapping(user: Any, batch: ImportBatch, chosen: Mapped[int, str], *, remember_as: str = "") -> Mapping:
    """Set which file column feeds which spec column, as a person chose; optionally remember it under a name."""
    target = own(user, batch)
    expect(batch, Status.UPLOADED, Status.PREVIEWED)
    spec = target.spec(user)
    mapping = Mapping.from_json(batch.mapping).with_columns(chosen, spec)
    mapping.require(spec)
    with transaction.atomic():
        locked = lock(batch, Status.UPLOADED, Status.PREVIEWED)
        locked.mapping = mapping.as_json()
        _reset(locked)
        if remember_as:
            save_mapping(user, registry.target_of(batch.target).mapping_key or batch.target, remember_as, mapping)
    batch.refresh_from_db()
    return mapping


def save_mapping(user: Any, target_key: str, name: str, mapping: Mapping) -> SavedMapping:
    """Remember how headers were mapped; the same name again replaces it."""
    return SavedMapping.objects.update_or_create(
        target=target_key, owner=str(user.pk), name=name.strip()[:100], defaults={"headers": mapping.remembered()}
    )[0]


def remembered(user: Any, target_key: str) -> dict[str, str]:
    """What the user's saved mappings know of headers, the newest winning."""
    known: dict[str, str] = {}
    for saved in SavedMapping.objects.filter(target=target_key, owner=str(user.pk)).order_by("at", "pk"):
        known.update(saved.headers)
    return known


def stage(user: Any, batch: ImportBatch, step: Callable[[int], None] = lambda done: None) -> ImportBatch:
    """Read and check every row, compare with what exists, keep the result in chunks for the preview.

    Reading runs outside of transactions; each chunk is a short one, and ``step(rows so far)`` is called after it. A
    kill leaves the batch in ``staging``; staging again starts over. Raises the types of ``faults`` for unusable files;
    the batch then waits for another mapping.
    """
    target = own(user, batch)
    spec = target.spec(user)
    with transaction.atomic():
        locked = lock(batch, Status.UPLOADED, Status.STAGING, Status.PREVIEWED)
        _reset(locked, Status.STAGING)
    lookup = (lambda key, text: target.lookup(user, key, text)) if target.lookup else None
    counts = dict.fromkeys(("new", "changed", "same", "wrong"), 0)
    try:
        with files.open_stored(batch.file) as stream:
            mapping = Mapping.from_json(batch.mapping)
            reading = read_rows(stream, spec, mapping, lookup)
            judge = target.check(user) if target.check else None
            existing = target.existing(user)
            for chunk in _chunks(iter(reading), limits().stage_chunk_rows.value):
                known = there(existing, [spec.key_of(row.values) for row in chunk])
                rows = [outcome_of(row, known, spec) for row in judged(chunk, known, spec, mapping, judge)]
                with transaction.atomic():
                    bulk.insert([_staged(batch, row) for row in rows])
                for row in rows:
                    counts[row.outcome] += 1
                step(sum(counts.values()))
    except BaseException:
        ImportRow.objects.filter(batch=batch).delete()
        ImportBatch.objects.filter(pk=batch.pk, status=Status.STAGING).update(status=Status.UPLOADED)
        raise
    with transaction.atomic():
        locked = lock(batch, Status.STAGING)
        locked.status = Status.PREVIEWED
        locked.total, locked.notes = sum(counts.values()), reading.notes[:200]
        for outcome, count in counts.items():
            setattr(locked, outcome, count)
        locked.save()
        registry.announce(user, "sheets.stage", locked)
    batch.refresh_from_db()
    return batch


def commit(user: Any, batch: ImportBatch, *, skip_errors: bool = False, all_or_nothing: bool = False) -> ImportBatch:
    """Write the new and changed rows of a preview in one transaction.

    A row that cannot be written any more (its record changed after the preview, its code was taken meanwhile) is
    refused by itself and goes into the error file, unless ``all_or_nothing`` was chosen: then its reason is raised and
    nothing is written. So it is where the target's rows depend on each other.
    Raises ``ErrorsRemain`` when rows are wrong and skipping was not chosen, ``NothingToDo``, ``Conflict`` when the
    batch was dealt with already, ``RowsRefused`` and whatever else the target's ``apply`` raises.
    """
    target = own(user, batch)
    spec = target.spec(user)
    worth_writing(batch, skip_errors and not all_or_nothing)
    rows = staged_rows(batch, (NEW, CHANGED))
    with transaction.atomic():
        locked = lock(batch, Status.PREVIEWED)
        done = writing.write(user, target, spec, rows, whole=all_or_nothing or not target.in_chunks)
        writing.mark(locked, rows, done.refused, spec)
        locked.status, locked.finished_at = Status.COMMITTED, timezone.now()
        locked.skipped_errors = bool(locked.wrong)
        locked.result = done.result
        locked.save()
        registry.announce(user, "sheets.commit", locked)
    batch.refresh_from_db()
    return batch


def cancel(user: Any, batch: ImportBatch) -> ImportBatch:
    """Give a batch up; its staged rows are removed, the uploaded file stays."""
    own(user, batch)
    with transaction.atomic():
        locked = lock(batch, Status.UPLOADED, Status.STAGING, Status.PREVIEWED)
        ImportRow.objects.filter(batch=locked).delete()
        _reset(locked, Status.CANCELLED, finished=True)
        registry.announce(user, "sheets.cancel", locked)
    batch.refresh_from_db()
    return batch


def error_file(user: Any, batch: ImportBatch) -> bytes:
    """The user's own workbook with the reasons of its wrong rows."""
    own(user, batch)
    faults = {row.number: row.fault_list() for row in batch.rows.filter(outcome=WRONG)}
    with files.open_stored(batch.file) as stream:
        return mark_faults(stream.read(), faults, Mapping.from_json(batch.mapping))


def worth_writing(batch: ImportBatch, skip_errors: bool) -> None:
    """Raise ``Conflict``, ``ErrorsRemain`` or ``NothingToDo`` unless the preview can be written now."""
    expect(batch, Status.PREVIEWED)
    if batch.wrong and not skip_errors:
        raise ErrorsRemain(
            f"文件有 {batch.wrong} 行错误，没有写入任何数据。",
            f"{batch.wrong} wrong rows",
            value=batch.wrong,
            remedy_zh="请改正后重新上传，或选择跳过错误行。",
        )
    if not batch.new + batch.changed:
        raise NothingToDo("没有新增或更新的行，无需导入。", "no new or changed rows")


def staged_rows(
    batch: ImportBatch, outcomes: Sequence[str], *, after: int = 0, most: int | None = None
) -> list[PreviewRow]:
    """The staged rows of some outcomes, in the file's order; ``most`` of them, behind row ``after`` of the file."""
    found = ImportRow.objects.filter(batch=batch, outcome__in=outcomes, number__gt=after).order_by("number")[:most]
    return [preview_row(row) for row in found.iterator(chunk_size=2000)]


def preview_row(row: ImportRow) -> PreviewRow:
    """A staged row as the engine's row."""
    diffs = tuple(CellDiff(key, coding.unpack(before), coding.unpack(after)) for key, before, after in row.diffs)
    faults = tuple(CellFault.from_list(items) for items in row.faults)
    values = coding.unpack_row(row.values)
    key = tuple(coding.unpack(part) for part in row.key)
    return PreviewRow(row.number, row.outcome, key, values, diffs, faults, tuple(row.notes), row.seen)


def display_name(user: Any) -> str:
    """A person's name as far as the object knows one."""
    full = getattr(user, "get_full_name", None)
    return str((full() if callable(full) else "") or getattr(user, "name", "") or user)


def _guess(stream: BinaryIO, spec: SheetSpec, saved: dict[str, str]) -> Mapping:
    stream.seek(0)
    return guess_workbook(stream, spec, saved)


def own(user: Any, batch: ImportBatch) -> registry.ImportTarget:
    """The batch's target; other people's batches do not exist for the user."""
    target = registry.target_of(batch.target)
    registry.require(user, target)
    if batch.created_by != str(user.pk):
        raise Forbidden("这是其他人上传的文件。", f"batch {batch.pk} belongs to {batch.created_by}")
    return target


def expect(batch: ImportBatch, *statuses: str) -> None:
    """Raise ``Conflict`` unless the batch stands at one of these."""
    if batch.status not in statuses:
        raise Conflict(
            f"本次导入{batch.get_status_display()}，不能再操作。",
            f"batch {batch.pk} is {batch.status}",
            value=batch.status,
            remedy_zh="请重新上传。",
        )


def lock(batch: ImportBatch, *statuses: str) -> ImportBatch:
    """The batch's row, locked, standing at one of these."""
    locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    expect(locked, *statuses)
    return locked


def _reset(batch: ImportBatch, status: str = Status.UPLOADED, *, finished: bool = False) -> None:
    ImportRow.objects.filter(batch=batch).delete()
    batch.status, batch.notes = status, []
    batch.total = batch.new = batch.changed = batch.same = batch.wrong = 0
    batch.finished_at = timezone.now() if finished else None
    batch.save()


def _staged(batch: ImportBatch, row: PreviewRow) -> ImportRow:
    return ImportRow(
        batch=batch,
        number=row.number,
        outcome=row.outcome,
        key=[coding.pack(part) for part in row.key],
        values=coding.pack_row(row.values),
        diffs=[[diff.key, coding.pack(diff.before), coding.pack(diff.after)] for diff in row.diffs],
        faults=[fault.as_list() for fault in row.faults],
        notes=list(row.notes),
        seen=row.seen,
    )


def _chunks(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, size)):
        yield chunk
