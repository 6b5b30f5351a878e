"""The manifest 清单: which files make up the lake, and how far each raw journal is taken in.

A manifest is one numbered JSON file that never changes. Files and positions stand in the same manifest, so that what is
in the lake and what is still to come never overlap: a writer that dies leaves files that no manifest names. A reader
takes the newest manifest and keeps to it; what a newer one leaves out stays on the disk for :data:`KEPT`.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ecocloud.intake.monitoring.lake.problems import Damaged, Held
from ecocloud.intake.monitoring.lake.schema import Partition

KEPT = 15 * 60.0  # seconds
_NAME = re.compile(r"([0-9]{10})\.json\Z")
FORM = 1

# fresh: as it came, may hold a key several times; current: each key once; superseded: older versions of keys.
FileKind = Literal["fresh", "current", "superseded"]


@dataclass(frozen=True)
class File:
    """A Parquet file of one partition. name: below ``data/``. first, last: times of its rows, µs since 1970 UTC (of
    their receipt where they have none). low, high: least and greatest MN.
    """

    name: str
    interval: str
    period: str
    kind: FileKind
    rows: int
    size: int
    sha256: str
    first: int
    last: int
    low: str
    high: str

    @property
    def partition(self) -> Partition:
        """Where the rows belong."""
        return Partition(self.interval, self.period)


@dataclass(frozen=True)
class Taken:
    """What was taken of one raw journal: the sequence number to go on with, and counts since its beginning."""

    sequence: int = 1
    packets: int = 0
    rows: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Waiting:
    """Packets of a device that is not admitted: from which to which record of a raw journal they lie."""

    first: int
    last: int
    packets: int


@dataclass(frozen=True)
class Manifest:
    """One state of the lake. dropped: rows left out since the same key and content was there; deleted: rows whose
    retention ended. waiting: device -> raw journal -> where its packets lie.
    """

    number: int = 0
    files: tuple[File, ...] = ()
    taken: dict[str, Taken] = field(default_factory=dict)
    dropped: int = 0
    deleted: int = 0
    waiting: dict[str, dict[str, Waiting]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows in all files."""
        return sum(file.rows for file in self.files)

    def partitions(self) -> dict[Partition, list[File]]:
        """Files by partition."""
        found: dict[Partition, list[File]] = {}
        for file in self.files:
            found.setdefault(file.partition, []).append(file)
        return found

    def exchanged(self, old: set[str], new: list[File], dropped: int) -> Manifest:
        """This state with files (by name) exchanged for others."""
        kept = tuple(file for file in self.files if file.name not in old)
        if len(kept) + len(old) != len(self.files):
            raise Damaged("要替换的数据文件已不在清单中。", "files to be exchanged are not in the manifest")
        return replace(self, files=(*kept, *new), dropped=self.dropped + dropped)


def to_text(manifest: Manifest) -> str:
    """A manifest as JSON with its own checksum."""
    body = json.dumps(asdict(manifest), ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f'{{"form":{FORM},"sha256":"{digest}","manifest":{body}}}\n'


def from_text(text: str, name: str) -> Manifest:
    """A manifest from its JSON. Raises :class:`Damaged` when the checksum does not fit."""
    try:
        outer = json.loads(text)
        body: dict[str, Any] = outer["manifest"]
        written = text.partition('"manifest":')[2].removesuffix("}\n")
        whole = outer["form"] == FORM and outer["sha256"] == hashlib.sha256(written.encode()).hexdigest()
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise Damaged(
            "清单文件已损坏。", f"manifest {name} is damaged", where={"文件": name},
            remedy_zh="请用 ecocloud lake replay 由原始流水重建。",
        )  # fmt: skip
    body["files"] = tuple(File(**one) for one in body["files"])
    body["taken"] = {name: Taken(**one) for name, one in body["taken"].items()}
    body["waiting"] = {mn: {name: Waiting(**one) for name, one in lies.items()} for mn, lies in body["waiting"].items()}
    return Manifest(**body)


class Store:
    """The manifests and files of a lake in a folder: ``manifests/``, ``data/``, and locks beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.manifests, self.data = self.folder / "manifests", self.folder / "data"
        self._known: Manifest | None = None

    def newest(self) -> Manifest:
        """The newest manifest; an empty one of a lake that has none."""
        for _ in range(10):  # a manifest may be cleaned up between the look and the reading; a newer one is there then
            numbers = self._numbers()
            if not numbers:
                return Manifest()
            if self._known is not None and self._known.number == numbers[-1]:
                return self._known
            try:
                text = self._path(numbers[-1]).read_text("utf-8")
            except FileNotFoundError:
                continue
            self._known = from_text(text, self._path(numbers[-1]).name)
            return self._known
        raise Damaged("读不到清单。", "no manifest could be read", where={"文件夹": str(self.manifests)})

    def commit(self, change: Callable[[Manifest], Manifest]) -> Manifest:
        """The next manifest: what ``change`` makes of the newest. Durable on return; one writer at a time.

        Raises :class:`Damaged` when a file that comes in is not there. A commit that fails takes the files it would
        have brought with it, so that trying again and again on a full disk does not fill it.
        """
        self.manifests.mkdir(parents=True, exist_ok=True)
        with self.lock("commit", wait=True):
            before = self.newest()
            after = replace(change(before), number=before.number + 1)
            known = {file.name for file in before.files}
            new = [file for file in after.files if file.name not in known]
            making = self.manifests / f"making-{os.getpid()}"
            try:
                self._there(new)
                with making.open("w", encoding="utf-8") as target:
                    target.write(to_text(after))
                    target.flush()
                    os.fsync(target.fileno())
                os.rename(making, self._path(after.number))
            except BaseException:
                for path in (making, *(self.data / file.name for file in new)):
                    path.unlink(missing_ok=True)
                raise
            sync_folder(self.manifests)
            self._known = after
            return after

    def _there(self, files: Sequence[File]) -> None:
        """Raises :class:`Damaged` for a file that went meanwhile: a clock that jumps makes a young file look old."""
        for file in files:
            path = self.data / file.name
            if not path.is_file() or path.stat().st_size != file.size:
                raise Damaged(
                    "新写的数据文件不见了。", f"{file.name} is gone before its commit", where={"文件": file.name},
                    remedy_zh="将自动重试；如反复出现，请检查系统时钟和磁盘。",
                )  # fmt: skip

    @contextmanager
    def lock(self, name: str, wait: bool = False) -> Iterator[None]:
        """Hold a work of the lake; the system releases it when the process ends, however it ends.

        Raises :class:`Held` when another holds it and ``wait`` is not given.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Held(
                    "另一个进程正在做这件事。", f"lock {name} is held", value=name,
                    remedy_zh="请等它结束后再试；持续取入（ecocloud up 或 lake ingest）须先停止。",
                ) from error  # fmt: skip
            yield
        finally:
            os.close(handle)

    @contextmanager
    def reading(self, manifest: Manifest) -> Iterator[None]:
        """Keep the files of a manifest for a reader that may need longer than :data:`KEPT`; the system lets go of them
        when the process ends, however it ends.
        """
        if not manifest.number:
            yield
            return
        path = self.manifests / f"reading-{manifest.number:010d}-{uuid.uuid4().hex}"
        with self.lock("commit", wait=True):  # cleaning holds it, too: it sees this file locked or not at all
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
            fcntl.flock(handle, fcntl.LOCK_SH)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            os.close(handle)

    def _read(self) -> set[int]:
        """Numbers of the manifests that somebody reads for long; what a dead reader left is deleted."""
        found = set()
        for path in self.manifests.glob("reading-*"):
            with path.open("rb") as handle:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink(missing_ok=True)
                except BlockingIOError:
                    found.add(int(path.name.split("-")[1]))
        return found

    def clean(self, now: float | None = None, kept: float = KEPT) -> int:
        """Delete what no manifest of the last ``kept`` seconds names; returns how many files. Holds the commit lock,
        so that no file is taken for left over while its manifest is being written.

        The newest manifest and the oldest one kept are looked at: a file that came and went between them is younger
        than twice that time, and younger files (also those being made) are left alone. So are the files of manifests
        that are being read for long.
        """
        now = time.time() if now is None else now
        count = 0
        with self.lock("commit", wait=True):
            named = {file.name for file in self.newest().files}
            numbers = self._numbers()
            # A manifest is superseded when the next one is written: it counts until that one is old enough.
            old = [one for one, after in zip(numbers, numbers[1:], strict=False)
                   if now - self._path(after).stat().st_mtime > kept]  # fmt: skip
            read = self._read() & set(numbers)
            for number in {*numbers[len(old) :][:1], *read}:
                named |= {file.name for file in from_text(self._path(number).read_text("utf-8"), str(number)).files}
            for number in sorted({*old} - read):
                self._path(number).unlink()
                count += 1
            for path in (*self._all_files(), *self.manifests.glob("making-*")):
                stale = now - path.stat().st_mtime > 2 * kept
                if stale and not (self.data in path.parents and path.relative_to(self.data).as_posix() in named):
                    path.unlink()
                    count += 1
        return count

    def _all_files(self) -> list[Path]:
        return [path for path in self.data.rglob("*") if path.is_file()] if self.data.is_dir() else []

    @staticmethod
    def name_of(number: int) -> str:
        """The name of the file of a manifest."""
        return f"{number:010d}.json"

    def _path(self, number: int) -> Path:
        return self.manifests / self.name_of(number)

    def _numbers(self) -> list[int]:
        if not self.manifests.is_dir():
            return []
        found = (_NAME.match(name) for name in os.listdir(self.manifests))
        return sorted(int(match[1]) for match in found if match)


def sync_folder(folder: Path) -> None:
    """Make new names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
