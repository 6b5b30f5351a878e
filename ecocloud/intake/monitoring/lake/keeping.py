"""A copy of lake and raw journals for the backup, while gateways store and the lake is compacted.

The lake is held as one manifest has it, before the database is copied; the raw journals afterwards, up to what is
durable. So every value the copied database refers to is in the copied journals, and what the held lake has not taken in
yet it takes in after the restore.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ecocloud.intake.monitoring.lake.manifest import Manifest, Store, to_text
from ecocloud.intake.monitoring.lake.problems import Damaged
from ecocloud.intake.monitoring.raw.layout import FIRST, MARK_NAME, file_name, mark
from ecocloud.intake.monitoring.raw.scanning import files, first_of, marked, scan

Members = list[tuple[str, Path]]
_PREFIX = ".backup-"  # folders of backups; those of one that was killed are removed by the next
_TRIES = 3


@contextmanager
def held(lake: Path) -> Iterator[Callable[[], Members]]:
    """Hold the lake in the folder ``lake`` as it is now. Calling what is given names the members of the backup
    (``lake/…``) with files that do not change until the end of the block: those of the lake, and of the raw journals
    as they are at the call. Other files are linked, not copied, where the disk can.
    """
    if not lake.is_dir():
        yield lambda: []
        return
    for left in lake.glob(f"{_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=lake) as name:
        pins = Path(name)
        found = _lake(Store(lake), pins)
        yield lambda: found + _raw(lake / "raw", pins)


def _lake(store: Store, pins: Path) -> Members:
    """The newest manifest and its files."""
    for _ in range(_TRIES):  # a manifest may be superseded, and its files be cleaned up, while they are linked
        manifest = store.newest()
        try:
            return _pinned(manifest, store, pins)
        except FileNotFoundError as error:
            missing = error.filename
    raise Damaged("测量库缺少数据文件，未写备份。", f"a file of the lake is missing: {missing}", value=missing,
                  remedy_zh="请先运行 ecocloud lake check，再用 ecocloud lake replay 重建。")  # fmt: skip


def _pinned(manifest: Manifest, store: Store, pins: Path) -> Members:
    if not manifest.number:
        return []
    found: Members = []
    for file in manifest.files:
        found.append((f"lake/data/{file.name}", _held(store.data / file.name, pins / "data" / file.name)))
    path = pins / "manifest.json"
    path.write_text(to_text(manifest), encoding="utf-8")
    return [*found, (f"lake/manifests/{store.name_of(manifest.number)}", path)]


def _raw(folder: Path, pins: Path) -> Members:
    """The files of every raw journal up to what is durable, with the mark that says so."""
    found: Members = []
    for journal in sorted(folder.iterdir()) if folder.is_dir() else []:
        there = files(journal)
        told = marked(journal) or _durable(there)
        if told is None:
            continue
        number, length, _following = told
        own = pins / "raw" / journal.name
        for each, path in there:
            if each > number:
                continue
            name = f"lake/raw/{journal.name}/{file_name(each)}"
            try:
                place = _beginning(path, own / path.name, length) if each == number else _held(path, own / path.name)
            except FileNotFoundError:  # its retention ended meanwhile
                continue
            found.append((name, place))
        own.mkdir(parents=True, exist_ok=True)
        (own / MARK_NAME).write_bytes(mark(*told))
        found.append((f"lake/raw/{journal.name}/{MARK_NAME}", own / MARK_NAME))
    return found


def _durable(there: list[tuple[int, Path]]) -> tuple[int, int, int] | None:
    """What the mark would say of a journal without one: its last file up to its last whole block."""
    if not there:
        return None
    number, path = there[-1]
    state = scan(path, first_of(path) or FIRST)
    return number, state.end, state.following


def _held(path: Path, place: Path) -> Path:
    """A file that never changes, so that it stays although it is deleted: linked, or copied where links cannot be."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    try:
        os.link(path, place)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(path, place)
    return place


def _beginning(path: Path, place: Path, length: int) -> Path:
    """A copy of the first ``length`` bytes of a file that grows."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as source, place.open("wb") as target:
        left = length
        while left and (chunk := source.read(min(left, 1 << 20))):
            target.write(chunk)
            left -= len(chunk)
    return place
