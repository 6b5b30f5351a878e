"""The few operations on files that a writer needs; tests put a faulty disk in its place."""

from __future__ import annotations

import os
from pathlib import Path


class Disk:
    """The real one. Every method raises OSError when the disk refuses."""

    def create(self, path: Path) -> int:
        """A new file for writing; its descriptor."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)

    def open(self, path: Path) -> int:
        """An existing file for writing."""
        return os.open(path, os.O_WRONLY | os.O_CLOEXEC)

    def write(self, handle: int, data: bytes, offset: int) -> None:
        """All bytes at a place; a disk that takes only some of them refuses the rest."""
        view = memoryview(data)
        while view:
            written = os.pwrite(handle, view, offset)
            view, offset = view[written:], offset + written

    def sync(self, handle: int) -> None:
        """Return when the bytes are durable."""
        os.fdatasync(handle)

    def truncate(self, handle: int, length: int) -> None:
        """Cut a file."""
        os.ftruncate(handle, length)

    def sync_folder(self, folder: Path) -> None:
        """Make new names in a folder durable."""
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
