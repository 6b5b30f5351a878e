"""A folder of documents read one after the other: outcome per document, resumable, in flat memory. No database.

Beside the records a folder gets ``outcomes.jsonl`` (one line per document, written when its records are complete) and,
at the end, the same as ``outcomes.csv``. A run that was killed goes on with ``resume``: what has a line is not read
again, what has none is read.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ecocloud.base.errors import EcoError
from ecocloud.intake.documents.errors import FileUnreadable, refuse
from ecocloud.intake.documents.output import FILES, json_lines
from ecocloud.intake.documents.read import read_source
from ecocloud.intake.documents.records import doc_of
from ecocloud.intake.documents.text.fingerprint import compare, essence, fingerprint
from ecocloud.intake.documents.text.loaders import MAX_BYTES, load, not_too_large
from ecocloud.intake.documents.text.source import SourceText

LOG, TABLE = "outcomes.jsonl", "outcomes.csv"
READ, REFUSED, SAME = "read", "refused", "same"
COLUMNS = ("path", "outcome", "doc", "tasks", "figures", "projects", "mechanisms", "sentence", "same_as", "share",
           "version_of", "seconds")  # fmt: skip


@dataclass
class Outcome:
    """What became of one file. ``out`` is the stem of its record files; ``same_as`` the path of the document it is a
    copy of, ``version_of`` of one it is another edition of, ``share`` of what they have in common (0..1)."""

    path: str
    size: int
    modified: int
    outcome: str
    doc: str = ""
    out: str = ""
    tasks: int = 0
    figures: int = 0
    projects: int = 0
    mechanisms: int = 0
    sentence: str = ""
    same_as: str = ""
    version_of: str = ""
    share: float | None = None
    sha256: str = ""
    bands: list[str] = field(default_factory=list)
    seconds: float = 0.0


def files_below(root: Path) -> list[str]:
    """The files below a folder as relative paths, sorted; hidden ones and office lock files are left out."""
    found = []
    for folder, names, files in os.walk(root):
        names[:] = sorted(n for n in names if not n.startswith("."))
        found.extend(
            str(Path(folder, name).relative_to(root)) for name in files if not name.startswith((".", "~$"))
        )  # fmt: skip
    return sorted(found)


class FolderReader:
    """Reads the files of a folder into ``out``; ``done`` holds what earlier runs did."""

    def __init__(self, root: Path, out: Path, *, resume: bool = False) -> None:
        self.root, self.out = root, out
        self.done: dict[str, Outcome] = {}
        self._stems: set[str] = set()
        self._meets: dict[str, list[str]] = {}
        self._digests: dict[str, str] = {}
        log = out / LOG
        if resume and log.exists():
            self._take_up(log)
        else:
            log.write_text("", "utf-8")

    def _take_up(self, log: Path) -> None:
        """Read the log of an earlier run; a line that a kill cut off is dropped from the file."""
        whole = 0
        with open(log, "rb") as stream:
            for line in stream:
                try:
                    outcome = Outcome(**json.loads(line))
                except (ValueError, TypeError):
                    break
                whole += len(line)
                self._note(outcome)
        with open(log, "r+b") as stream:
            stream.truncate(whole)

    def _note(self, outcome: Outcome) -> None:
        self.done[outcome.path] = outcome
        self._stems.add(outcome.out)
        if outcome.outcome == READ:
            self._digests.setdefault(outcome.sha256, outcome.path)
            for band in outcome.bands:
                self._meets.setdefault(band, []).append(outcome.path)

    def waiting(self, paths: list[str]) -> list[str]:
        """The files that have no outcome yet or were changed since."""
        return [p for p in paths if not self._is_done(p)]

    def _is_done(self, path: str) -> bool:
        before = self.done.get(path)
        if before is None:
            return False
        try:
            now = (self.root / path).stat()
        except OSError:
            return False
        return (now.st_size, now.st_mtime_ns) == (before.size, before.modified)

    def run(self, paths: list[str]) -> Iterator[Outcome]:
        """Read the files one after the other; each outcome is on disk before it is given."""
        with open(self.out / LOG, "a", encoding="utf-8") as log:
            for path in paths:
                began = time.monotonic()
                outcome = self._one(path)
                outcome.seconds = round(time.monotonic() - began, 3)
                log.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")
                log.flush()
                os.fsync(log.fileno())
                self._note(outcome)
                yield outcome

    def _one(self, path: str) -> Outcome:
        place = self.root / path
        outcome = Outcome(path, 0, 0, REFUSED)
        try:
            stat = place.stat()
            outcome.size, outcome.modified = stat.st_size, stat.st_mtime_ns
            data = read_limited(place, path)
            outcome.sha256 = hashlib.sha256(data).hexdigest()
            self._document(path, data, outcome)
        except EcoError as error:
            outcome.outcome, outcome.sentence = REFUSED, error.sentence_zh()
        except OSError as error:
            outcome.sentence = f"{path} 读不出或结果写不出去（{error.strerror or error}）。"
        return outcome

    def _document(self, path: str, data: bytes, outcome: Outcome) -> None:
        known = self._digests.get(outcome.sha256)
        if known is not None and known != path:
            outcome.outcome, outcome.same_as, outcome.share = SAME, known, 1.0
            return
        source = load(data, Path(path).name)
        text = essence(source)
        mark = fingerprint(text)
        outcome.bands = mark.bands if mark is not None else []
        self._compare(path, text, outcome)
        if outcome.same_as:
            outcome.outcome = SAME
            return
        self._write(source, path, outcome)
        outcome.outcome = READ

    def _compare(self, path: str, text: str, outcome: Outcome) -> None:
        """Look for a copy or another edition among the documents read before, the most alike first."""
        votes: dict[str, int] = {}
        for band in outcome.bands:
            for other in self._meets.get(band, ()):
                votes[other] = votes.get(other, 0) + 1
        for other in sorted(votes, key=lambda p: (-votes[p], p))[:5]:
            if other == path:
                continue
            try:
                before = essence(load(read_limited(self.root / other, other), Path(other).name))
            except (EcoError, OSError):
                continue
            found = compare(before, text)
            if found.same:
                outcome.same_as, outcome.version_of, outcome.share = other, "", round(found.share, 3)
                return
            if found.share >= 0.7 and (outcome.share is None or found.share > outcome.share):
                outcome.version_of, outcome.share = other, round(found.share, 3)

    def _write(self, source: SourceText, path: str, outcome: Outcome) -> None:
        reading = read_source(source)
        outcome.doc = reading.doc
        outcome.out = self._stem(path)
        for name, count in reading.counts().items():
            setattr(outcome, name, count)
        for kind in FILES:
            target = self.out / f"{outcome.out}.{kind}.jsonl"
            part = target.with_suffix(".part")
            part.write_text(json_lines(getattr(reading, kind)), "utf-8")
            part.replace(target)

    def _stem(self, path: str) -> str:
        """A free name for the record files: the document's key, its whole stem, then with a number."""
        before = self.done.get(path)
        if before is not None and before.out:
            return before.out
        stem = Path(path).stem
        for name in (doc_of(path), stem, *(f"{stem}-{n}" for n in range(2, 1_000_000))):
            if name and name not in self._stems:
                return name
        raise AssertionError("no free name")

    def write_table(self) -> Path:
        """Write ``outcomes.csv`` (UTF-8 with mark, so that spreadsheets open it) from the log; returns its path."""
        target = self.out / TABLE
        with open(target, "w", encoding="utf-8-sig", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(COLUMNS)
            for path in sorted(self.done):
                row: dict[str, Any] = asdict(self.done[path])
                table.writerow(["" if row[c] is None else row[c] for c in COLUMNS])
        return target

    def counts(self) -> dict[str, int]:
        """How many documents were read, refused, copies; ``versions`` are other editions among those read."""
        rows = list(self.done.values())
        kinds = {kind: sum(r.outcome == kind for r in rows) for kind in (READ, REFUSED, SAME)}
        return {**kinds, "versions": sum(bool(r.version_of) for r in rows)}


def read_limited(place: Path, name: str) -> bytes:
    """The bytes of a file; one above the limit is refused by its size, without reading it."""
    try:
        with open(place, "rb") as stream:
            not_too_large(os.fstat(stream.fileno()).st_size, name)
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = {"FileNotFoundError": "文件不存在。", "IsADirectoryError": "这是文件夹，不是文件。"}.get(
            type(error).__name__, "文件打不开。"
        )
        raise refuse(FileUnreadable, name, reason, str(error), value=name, remedy="请检查路径和权限。") from error
