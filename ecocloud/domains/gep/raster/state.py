"""Finished parts of a run, kept beside its results under the digest of everything that went into each.

A part is made in a hidden folder and renamed when it is whole, so that a run that is killed leaves nothing that could
be taken for one; the next run goes on with the parts that are there, and a run of changed files makes anew only those
whose digest changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ecocloud.base.errors import Conflict

FOLDER = ".state"
HALF, TOLD = "half-", "told.json"  # marks of passes that are not finished (half.py), and what each says
_TOLD = "part.json"


class Busy(Conflict):
    """Another run works in the folder; it may be tried again."""

    code = "gep.busy"


def key(*told: Any) -> str:
    """SHA-256 of what is told, as JSON with sorted keys."""
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def files_digest(paths: Iterable[Path], threads: int) -> dict[Path, str]:
    """SHA-256 of the bytes of files."""

    def one(path: Path) -> str:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    order = sorted(set(paths))
    with ThreadPoolExecutor(threads) as pool:
        return dict(zip(order, pool.map(one, order), strict=True))


class State:
    """The parts kept in one folder. Use it as a context: two runs at once are refused, what an earlier one left half
    made is removed unless a mark says how far it is whole. ``check`` is called before a part is kept and may refuse
    it.
    """

    def __init__(self, output: Path, check: Callable[[], None] = lambda: None) -> None:
        self.folder, self.check = output / FOLDER, check
        self._lock: int | None = None

    def __enter__(self) -> State:
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            raise Busy(
                "另一次核算正在使用这个结果文件夹。", "another run works in this folder",
                value=str(self.folder.parent), remedy_zh="请等它结束，或改用别的 output。",
            ) from error  # fmt: skip
        self._lock = lock
        held = {name for names in self._marks().values() for name in names}
        for left in self.folder.glob(".*"):
            if left.name.removeprefix(".") not in held:
                shutil.rmtree(left, ignore_errors=True)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._lock is not None
        os.close(self._lock)

    def have(self, name: str, digest: str, names: Iterable[str] = ()) -> Path | None:
        """The folder of a part that was made of exactly this and holds these files, untouched since; else None."""
        place = self.folder / name
        try:
            told = json.loads((place / _TOLD).read_text("utf-8"))
            whole = all(stamp(place / one) == before for one, before in told["files"].items())
        except (OSError, ValueError, KeyError):
            return None
        return place if whole and told["key"] == digest and {*names} <= {*told["files"]} else None

    @contextmanager
    def making(self, name: str, digest: str) -> Iterator[Path]:
        """An empty folder to make a part in, which is kept when the block ends without an error."""
        work = self.begin(name)
        yield work
        self.keep(name, digest)

    def begin(self, name: str) -> Path:
        """An empty hidden folder to make a part in; marks of what was made in it before are gone."""
        for mark, names in self._marks().items():
            if name in names:
                shutil.rmtree(mark, ignore_errors=True)
        work = self.begun(name)
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        return work

    def begun(self, name: str) -> Path:
        """The hidden folder a part is made in."""
        return self.folder / f".{name}"

    def _marks(self) -> dict[Path, list[str]]:
        """The marks of passes that are not finished, with the parts each is about; one that cannot be read is about
        none.
        """
        found: dict[Path, list[str]] = {}
        for mark in self.folder.glob(f"{HALF}*"):
            try:
                found[mark] = json.loads((mark / TOLD).read_text("utf-8"))["held"]
            except (OSError, ValueError, KeyError):
                found[mark] = []
        return found

    def keep(self, name: str, digest: str) -> Path:
        """Keep the part that was begun, instead of an earlier one; its folder."""
        self.check()
        work, place, old = self.begun(name), self.folder / name, self.folder / f".old-{name}"
        told = {"key": digest, "files": {one.name: stamp(one) for one in sorted(work.iterdir())}}
        (work / _TOLD).write_text(json.dumps(told), "utf-8")
        if place.exists():
            os.replace(place, old)
        os.replace(work, place)
        shutil.rmtree(old, ignore_errors=True)
        return place

    def forget(self, names: Iterable[str]) -> None:
        """Remove all parts but these."""
        kept = {*names, "lock"}
        for one in self.folder.iterdir():
            if one.name not in kept:
                shutil.rmtree(one, ignore_errors=True)


def stamp(path: Path) -> list[int]:
    """Size and time of the last change of a file."""
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def placed(source: Path, target: Path) -> None:
    """Put a file of a part under its public name at once: as a second name of the same bytes, or as a copy."""
    part = target.with_name(f".{target.name}")
    part.unlink(missing_ok=True)
    try:
        os.link(source, part)
    except OSError:
        shutil.copyfile(source, part)
    os.replace(part, target)
    part.unlink(missing_ok=True)  # renaming a second name onto the first leaves both
