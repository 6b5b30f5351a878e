"""The only code that keeps files and writes their rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connection

from ecocloud.base.files import errors, storage
from ecocloud.base.files.checks import CheckedUpload, check_upload
from ecocloud.base.files.kinds import FileKind
from ecocloud.base.files.limits import limits
from ecocloud.base.files.models import StoredFile


@dataclass(frozen=True)
class Received:
    """An upload that passed its checks and whose bytes are on disk; it has no row yet."""

    upload: CheckedUpload
    written: storage.Written


def store_root() -> Path:
    """The folder of kept bytes."""
    return Path(settings.MEDIA_ROOT)


def receive(name: str, stream: BinaryIO, kinds: Collection[FileKind], max_bytes: int | None = None) -> Received:
    """Check an upload and put its bytes on disk. Must not run inside a transaction (writing and hashing take time).

    Parameters: name as given, seekable stream, kinds taken, size limit in bytes. Raises types of
    :mod:`ecocloud.base.files.errors`, and RuntimeError inside a transaction.
    """
    _outside_of_transaction()
    upload = check_upload(name, stream, kinds, max_bytes)
    allowed = max_bytes if max_bytes is not None else limits().upload.max_bytes.value
    return Received(upload, storage.write(store_root(), stream, allowed))


def record(received: Received, uploaded_by: str) -> StoredFile:
    """Write the row of a received upload; may run inside the caller's transaction."""
    return StoredFile.objects.create(
        sha256=received.written.sha256,
        sm3=received.written.sm3 or None,
        size=received.written.size,
        kind=received.upload.kind.value,
        name=received.upload.name,
        path=received.written.path,
        uploaded_by=uploaded_by[:120],
    )


def store(
    name: str, stream: BinaryIO, kinds: Collection[FileKind], uploaded_by: str, max_bytes: int | None = None
) -> StoredFile:
    """Check, keep and record an upload. See :func:`receive` and :func:`record`."""
    return record(receive(name, stream, kinds, max_bytes), uploaded_by)


def open_stored(file: StoredFile) -> BinaryIO:
    """The bytes of a stored file, open for reading. Raises ``StoredFileMissing``."""
    try:
        return open(store_root() / file.path, "rb")
    except OSError as fault:
        raise errors.StoredFileMissing(
            "附件的内容不在存放位置。",
            f"content of file {file.pk} is not at {file.path}",
            where={"文件": file.name},
            remedy_zh="请联系系统管理员从备份恢复。",
        ) from fault


def _outside_of_transaction() -> None:
    # The same test as Django's own atomic(durable=True): the transaction around a test case does not count.
    blocks = connection.atomic_blocks
    if blocks and not blocks[-1]._from_testcase:
        raise RuntimeError("files are received outside of transactions")
