"""Writing a raw journal: records are collected, then committed as one block, durable or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from ecocloud.intake.monitoring.raw.disk import Disk
from ecocloud.intake.monitoring.raw.layout import (
    FILE_HEADER,
    FIRST,
    LOCK_NAME,
    MARK_NAME,
    RECORD,
    Item,
    Kind,
    block,
    checked_name,
    file_header,
    file_name,
    mark,
)
from ecocloud.intake.monitoring.raw.problems import CannotStore, Locked
from ecocloud.intake.monitoring.raw.scanning import files, first_of, marked, scan

log = logging.getLogger(__name__)
ROLL_BYTES = 64 << 20
BLOCK_BYTES = 64 << 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(time: datetime) -> int:
    """An aware time as µs since 1970 UTC."""
    since = time - _EPOCH
    return (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds


def _blocks(items: list[Item], first: int, committed: int) -> Iterator[bytes]:
    """Items as blocks of a size that readers take for one and hold in memory; nearly always as one."""
    begin = size = 0
    for place, (_received, _connection, length, _kind, _data) in enumerate(items):
        if size and size + length > BLOCK_BYTES:
            yield block(items[begin:place], first + begin, committed)
            begin, size = place, 0
        size += length + RECORD.itemsize
    yield block(items[begin:] if begin else items, first + begin, committed)


class Writer:
    """The one writer of a gateway's journal, for one thread.

    folder: of all journals. roll_bytes: size from which a new file begins. patience: seconds to wait for the lock of
    another process. Opening cuts off a torn last block, never a whole one; a file that is damaged inside is left as it
    is and a new one begun. Raises :class:`Locked`, :class:`BadName`, and :class:`CannotStore` when the disk refuses.
    """

    def __init__(
        self, folder: Path, gateway: str, roll_bytes: int = ROLL_BYTES, *, patience: float = 0, disk: Disk | None = None
    ) -> None:
        self.gateway = checked_name(gateway)
        self.folder = Path(folder) / gateway
        self._roll, self._disk = roll_bytes, disk or Disk()
        self._items: list[Item] = []
        self._handle, self._number, self._length, self._following = -1, 0, 0, FIRST
        self._mark = -1
        # Why nothing can be stored; None while all is well.
        self.fault: CannotStore | None = None
        self._lock = self._locked(patience)
        try:
            self._open()
        except OSError as error:
            self._release()
            raise self._refused(error) from error

    @property
    def next_sequence(self) -> int:
        """Sequence number of the next record to be appended."""
        return self._following + len(self._items)

    @property
    def pending(self) -> int:
        """Records appended and not yet committed."""
        return len(self._items)

    def append(self, kind: Kind, connection: int, data: bytes, received: datetime | int) -> int:
        """Collect a record; returns its sequence number, which holds once :meth:`commit` has returned.

        connection: number of the connection (see :class:`Kind`), 0 without. received: aware time or µs since 1970 UTC.
        """
        at = received if isinstance(received, int) else microseconds(received)
        self._items.append(Item(at, connection, len(data), kind, data))
        return self.next_sequence - 1

    def extend(self, items: Iterable[Item]) -> None:
        """Collect many records at once."""
        self._items.extend(items)

    def append_connection(self, data: bytes, received: int) -> int:
        """Collect the record of a connection; returns the connection's number: the low 32 bits of its sequence."""
        number = self.next_sequence & 0xFFFFFFFF
        self.append(Kind.CONNECTION, number, data, received)
        return number

    def commit(self) -> int:
        """Write what was collected as one block (a very large group as several, which are durable together) and return
        when it is durable; returns the next sequence number.

        Raises :class:`CannotStore` when the disk refuses: the group is dropped, its sequence numbers will be given
        anew, and every later commit first tries to recover.
        """
        items, self._items = self._items, []
        if not items:
            return self._following
        try:
            if self.fault is not None:
                self._recover()
            elif self._length >= max(self._roll, FILE_HEADER.size + 1):
                self._begin_file(self._number + 1)
            data = b"".join(_blocks(items, self._following, time.time_ns() // 1000))
            self._disk.write(self._handle, data, self._length)
            self._disk.sync(self._handle)
        except OSError as error:
            self.fault = self._refused(error)
            raise self.fault from error
        if self.fault is not None:
            log.warning("raw journal %s: storing again", self.gateway)
            self.fault = None
        self._length += len(data)
        self._following += len(items)
        self._tell()
        return self._following

    def recover(self) -> None:
        """Try whether the disk takes bytes again. Raises :class:`CannotStore` when it does not."""
        if self.fault is None:
            return
        try:
            self._recover()
        except OSError as error:
            self.fault = self._refused(error)
            raise self.fault from error
        self.fault = None

    def close(self) -> None:
        """Release the files and the lock; what was not committed is dropped."""
        for handle in (self._handle, self._mark):
            if handle >= 0:
                os.close(handle)
        self._handle = self._mark = -1
        self._release()

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _locked(self, patience: float) -> int:
        try:
            new = [one for one in (self.folder, *self.folder.parents) if not one.exists()]
            self.folder.mkdir(parents=True, exist_ok=True)
            for one in new:  # the name of a new folder must outlast a power cut
                self._disk.sync_folder(one.parent)
            handle = os.open(self.folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise self._refused(error) from error
        until = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return handle
            except OSError as error:
                if time.monotonic() >= until:
                    os.close(handle)
                    raise Locked(
                        f"另一个进程正在写接收网关“{self.gateway}”的原始流水。",
                        f"raw journal {self.folder} is locked",
                        value=self.gateway,
                        remedy_zh="请停止另一个进程，或换一个网关名称。",
                    ) from error
            time.sleep(0.02)

    def _release(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _open(self) -> None:
        found, told = files(self.folder), marked(self.folder) or (0, 0, FIRST)
        self._mark = os.open(self.folder / MARK_NAME, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o640)
        # What the mark tells of was durable and acknowledged, and its sequence numbers are known to readers: when it is
        # not there any more it was damaged or lost since, and these numbers are not given anew.
        if not found or found[-1][0] < told[0]:
            self._following = max(self._after(found), told[2])
            self._begin_file(told[0] + 1)
            return
        number, path = found[-1]
        durable = told[1] if number == told[0] else 0
        named = first_of(path)
        if named is None and max(durable, path.stat().st_size) <= FILE_HEADER.size:  # torn when made: it holds nothing
            path.unlink()
            self._following = max(self._after(found[:-1]), told[2])
            self._begin_file(number)
            return
        state = scan(path, named or FIRST)
        self._following = max(state.following, told[2])
        if state.bad >= 0 and not state.torn or named is None or state.end < durable:
            log.error("raw journal damaged: %s at byte %d; a new file is begun", path, state.end)
            self._begin_file(number + 1)
            return
        self._handle, self._number, self._length = self._disk.open(path), number, state.end
        if state.bad >= 0:
            log.warning("raw journal %s: torn last block cut off at byte %d", path, state.bad)
            self._disk.truncate(self._handle, state.end)
        self._disk.sync(self._handle)
        self._tell()

    @staticmethod
    def _after(found: list[tuple[int, Path]]) -> int:
        if not found:
            return FIRST
        path = found[-1][1]
        return scan(path, first_of(path) or FIRST).following

    def _begin_file(self, number: int) -> None:
        """A new file; the one before is closed only when the new one is durable."""
        path = self.folder / file_name(number)
        handle = self._disk.create(path)
        try:
            self._disk.write(handle, file_header(self.gateway, time.time_ns() // 1000, self._following), 0)
            self._disk.sync(handle)
            self._disk.sync_folder(self.folder)
        except OSError:
            os.close(handle)
            with contextlib.suppress(OSError):
                path.unlink()
            raise
        if self._handle >= 0:
            os.close(self._handle)
        self._handle, self._number, self._length = handle, number, FILE_HEADER.size
        self._tell()

    def _recover(self) -> None:
        """Cut off what a failed commit may have left and begin a new file: after a failed sync the kernel may hold
        pages of the old one for written that are not, so that nothing is appended to it again.
        """
        path = self.folder / file_name(self._number)
        if path.exists():
            self._disk.truncate(self._handle, self._length)
            self._disk.sync(self._handle)
            if self._length == FILE_HEADER.size:
                path.unlink()
                self._begin_file(self._number)
                return
        self._begin_file(self._number + 1)

    def _tell(self) -> None:
        """Tell readers how far the file is durable; a lower bound does no harm, so that a fault here is no fault."""
        with contextlib.suppress(OSError):
            os.pwrite(self._mark, mark(self._number, self._length, self._following), 0)

    def _refused(self, error: OSError) -> CannotStore:
        if self.fault is None:
            log.error("raw journal %s: cannot store: %s", self.gateway, error)
        return CannotStore(
            f"原始流水写不进磁盘：{error.strerror or error}。",
            f"raw journal {self.gateway}: cannot store: {error}",
            where={"网关": self.gateway, "文件夹": str(self.folder)},
            remedy_zh="请检查磁盘空间和权限；恢复后自动继续，设备会重发未应答的数据。",
        )
