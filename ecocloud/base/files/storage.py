"""Bytes on disk under their digest: streamed, synced, renamed into place in one step."""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ecocloud.base.files import errors

CHUNK = 1 << 20


@dataclass(frozen=True)
class Written:
    """Bytes that are safely on disk. ``path`` is relative to the store's root; ``size`` in bytes."""

    sha256: str
    sm3: str
    size: int
    path: str
    existed: bool


def write(root: Path, stream: BinaryIO, max_bytes: int) -> Written:
    """Keep a stream's bytes.

    The bytes go to ``<root>/tmp``, are synced, and are renamed to ``<root>/ab/cd/<sha256>``; a kill at any moment
    leaves at most a ``.part`` file. Equal bytes are kept once. Raises ``EmptyFile`` or ``FileTooBig``.
    """
    temporary = root / "tmp" / f"{uuid.uuid4().hex}.part"
    temporary.parent.mkdir(parents=True, exist_ok=True)
    try:
        sha256, sm3, size = _copy(stream, temporary, max_bytes)
        relative = path_of(sha256)
        target = root / relative
        existed = target.is_file() and target.stat().st_size == size
        if not existed:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(temporary, target)
            _sync_folder(target.parent)
            _sync_folder(target.parent.parent)
    finally:
        temporary.unlink(missing_ok=True)
    return Written(sha256, sm3, size, relative, existed)


def path_of(sha256: str) -> str:
    """The place of a content below the store's root."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def digests(stream: BinaryIO) -> tuple[str, str, int]:
    """SHA-256, SM3 (empty when the platform has none) and size in bytes of a stream."""
    sha256, sm3, size = hashlib.sha256(), new_sm3(), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        sha256.update(chunk)
        if sm3:
            sm3.update(chunk)
    return sha256.hexdigest(), sm3.hexdigest() if sm3 else "", size


def new_sm3():
    """A hash object for SM3 (GB/T 32905-2016), or None where OpenSSL does not offer it."""
    try:
        return hashlib.new("sm3")
    except ValueError:
        return None


def contents(root: Path) -> Iterator[Path]:
    """Every kept content below the root."""
    for first in sorted(root.glob("[0-9a-f][0-9a-f]")):
        yield from sorted(path for path in first.glob("[0-9a-f][0-9a-f]/*") if path.is_file())


def remove_leftovers(root: Path, older_than_seconds: float = 86400) -> int:
    """Delete ``.part`` files of broken uploads; returns how many."""
    limit = time.time() - older_than_seconds
    old = [path for path in (root / "tmp").glob("*.part") if path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _copy(stream: BinaryIO, temporary: Path, max_bytes: int) -> tuple[str, str, int]:
    sha256, sm3, size = hashlib.sha256(), new_sm3(), 0
    with open(temporary, "xb") as out:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > max_bytes:
                raise errors.FileTooBig(
                    f"文件超过上限 {max_bytes} 字节。", f"file exceeds {max_bytes} bytes", value=size
                )
            sha256.update(chunk)
            if sm3:
                sm3.update(chunk)
            out.write(chunk)
        if size == 0:
            raise errors.EmptyFile("文件是空的，没有内容。", "empty file")
        out.flush()
        os.fsync(out.fileno())
    os.chmod(temporary, 0o440)
    return sha256.hexdigest(), sm3.hexdigest() if sm3 else "", size


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
