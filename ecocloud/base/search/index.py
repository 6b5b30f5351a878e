"""The index on disk: generations of tantivy folders under one writer lock."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import struct
import threading
import time
import uuid
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Occur, Query

from ecocloud.base.errors import Conflict, EcoError
from ecocloud.base.search import text as cutting

EVERYONE = "*"
MAX_BODY = 50_000
_HEAP = 30_000_000
_MAGIC = 1337


class SearchBusy(Conflict):
    """Another process writes the index; nothing was changed and the same call may be repeated."""

    code = "search.busy"
    http_status = 503


class SearchDamaged(EcoError):
    """The index cannot be read; it holds copies only and is rebuilt from the database."""

    code = "search.damaged"
    http_status = 503


@dataclass(frozen=True)
class SearchDoc:
    """One findable text.

    ``ref`` is the reference's text form and unique; ``scopes`` the tokens of those who may see it (empty: nobody with
    a restricted view); ``group`` the record that a passage belongs to (default: ``ref``).
    """

    ref: str
    kind: str
    title: str
    body: str = ""
    scopes: Sequence[str] = ()
    year: int | None = None
    updated: datetime | None = None
    group: str = ""


@dataclass(frozen=True)
class Hit:
    """One result; marks are (start, end) in ``title`` and ``snippet``."""

    ref: str
    kind: str
    title: str
    snippet: str
    score: float
    marks: tuple[tuple[int, int], ...] = ()
    title_marks: tuple[tuple[int, int], ...] = ()
    year: int | None = None
    updated: datetime | None = None

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """The snippet cut at its marks: (piece, is marked)."""
        return cutting.parts(self.snippet, self.marks)

    @property
    def title_parts(self) -> list[tuple[str, bool]]:
        """The title cut at its marks."""
        return cutting.parts(self.title, self.title_marks)


@dataclass(frozen=True)
class Results:
    """A page of results; ``relaxed`` when the words were found only apart from each other."""

    total: int = 0
    hits: list[Hit] = field(default_factory=list)
    relaxed: bool = False


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("ref", "group", "kind", "scope"):
        builder.add_text_field(name, stored=name in ("ref", "kind"), tokenizer_name="raw", index_option="basic")
    for name in ("title_uni", "title_pairs", "uni", "pairs"):
        builder.add_text_field(name, stored=False, tokenizer_name="whitespace", index_option="position")
    # Shown, never searched: one JSON text of title, body, year, updated.
    builder.add_bytes_field("shown", stored=True, indexed=False)
    return builder.build()


class SearchIndex:
    """The index in the folder ``path``; objects may be shared by threads, the folder by processes of one machine."""

    def __init__(self, path: str | Path, *, patience: float = 10.0) -> None:
        self.path = Path(path)
        self._patience = patience
        self._guard = threading.Lock()
        self._open_name = ""
        self._stamp: tuple[int, int] = (0, 0)
        self._index: Any = None

    # --- writing -----------------------------------------------------------------------------------------------
    def upsert(self, docs: Iterable[SearchDoc], gone: Iterable[str] = ()) -> int:
        """Put documents in, replacing those of the same group; drop the groups ``gone``; one commit.

        Returns how many documents were written. Raises :class:`SearchBusy`, :class:`SearchDamaged`.
        """
        fresh = list(docs)
        with self._locked():
            folder = self._current() or self._new_generation()
            with _readable(folder):
                index = tantivy.Index(_schema(), path=str(folder), reuse=True)
                writer = index.writer(heap_size=_HEAP, num_threads=1)
                for group in {doc.group or doc.ref for doc in fresh} | set(gone):
                    writer.delete_documents_by_term("group", group)
                for doc in fresh:
                    writer.add_document(_document(doc))
                writer.commit()
                writer.wait_merging_threads()
            if self._current() is None:
                self._switch(folder)
        return len(fresh)

    def delete(self, refs: Iterable[str]) -> None:
        """Drop the records (groups) ``refs``."""
        self.upsert((), gone=refs)

    def rebuild(self, docs: Iterable[SearchDoc]) -> int:
        """Build a new generation from ``docs`` and switch to it; readers keep the old one until then."""
        count = 0
        with self._locked():
            folder = self._new_generation()
            index = tantivy.Index(_schema(), path=str(folder), reuse=False)
            writer = index.writer(heap_size=4 * _HEAP, num_threads=1)
            try:
                for doc in docs:
                    writer.add_document(_document(doc))
                    count += 1
                writer.commit()
                writer.wait_merging_threads()
            except BaseException:
                # The writer's thread must be through before its files can go.
                with contextlib.suppress(Exception):
                    writer.rollback()
                    writer.wait_merging_threads()
                shutil.rmtree(folder, ignore_errors=True)
                raise
            self._switch(folder)
        return count

    # --- reading -----------------------------------------------------------------------------------------------
    def query(
        self,
        text: str,
        kinds: Sequence[str] | None = None,
        scopes: Sequence[str] | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> Results:
        """Search; see the README for the meaning of words, kinds and scopes. Raises :class:`SearchDamaged`."""
        wanted = cutting.terms(text)
        if not wanted or (kinds is not None and not kinds):
            return Results()
        folder = self._current()
        if folder is None:
            return Results()
        with _readable(folder):
            searcher = self._searcher(folder)
            schema = self._index.schema
            results = self._search(searcher, schema, wanted, kinds, scopes, limit, offset)
            if results.total == 0 and (loose := cutting.relaxed(wanted)) != wanted:
                results = self._search(searcher, schema, loose, kinds, scopes, limit, offset)
                return Results(results.total, results.hits, relaxed=results.total > 0)
        return results

    def refs(
        self, text: str, *, kind: str, scopes: Sequence[str] | None = None, limit: int = 1000
    ) -> tuple[int, list[str]]:
        """How many records of ``kind`` may hold ``text`` in their title, and ``limit`` of their references.

        None whose title holds it is left out: Latin letters and digits at its ends may be parts of longer words.
        Raises :class:`SearchDamaged`.
        """
        inner, parts = cutting.inner(text)
        wanted, folder = cutting.terms(inner), self._current()
        if not (wanted or parts) or folder is None:
            return 0, []
        with _readable(folder):
            searcher = self._searcher(folder)
            clauses = _clauses(self._index.schema, wanted, [kind], scopes)
            for part in parts:
                clauses.append((Occur.Must, Query.regex_query(self._index.schema, "title_uni", part)))
            page = searcher.search(Query.boolean_query(clauses), limit=max(1, limit), count=True)
            return page.count, [searcher.doc(address).get_first("ref") for _score, address in page.hits]

    def count(self, kind: str = "") -> int:
        """Number of documents in the index, or of one kind."""
        folder = self._current()
        if folder is None:
            return 0
        with _readable(folder):
            searcher = self._searcher(folder)
            if not kind:
                return searcher.num_docs
            return searcher.search(_one_of(self._index.schema, "kind", [kind]), limit=1, count=True).count

    def check(self) -> list[str]:
        """Sentences about what is damaged: every file's checksum, then opening; empty when well or not yet built."""
        folder = self._current()
        if folder is None:
            return []
        found = _damaged_files(folder)
        if not found:
            try:
                with _readable(folder):
                    tantivy.Index.open(str(folder)).searcher().search(Query.all_query(), 1)
            except SearchDamaged as error:
                found.append(f"检索库打不开：{error.message_en}")
        return found

    # --- inside ------------------------------------------------------------------------------------------------
    def _search(self, searcher, schema, wanted, kinds, scopes, limit, offset) -> Results:
        clauses = _clauses(schema, wanted, kinds, scopes)
        page = searcher.search(Query.boolean_query(clauses), limit=max(1, limit), count=True, offset=max(0, offset))
        hits = [_hit(searcher.doc(address), score, wanted) for score, address in page.hits] if limit > 0 else []
        return Results(page.count, hits)

    def _searcher(self, folder: Path):
        with self._guard:
            status = (folder / "meta.json").stat()
            stamp = (status.st_mtime_ns, status.st_ino)
            if self._index is None or self._open_name != folder.name:
                self._index = tantivy.Index.open(str(folder))
                self._open_name = folder.name
                self._index.config_reader(reload_policy="manual")
                self._index.reload()
            elif stamp != self._stamp:
                self._index.reload()
            self._stamp = stamp
            return self._index.searcher()

    def _current(self) -> Path | None:
        try:
            name = (self.path / "CURRENT").read_text(encoding="ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return None
        folder = self.path / name
        return folder if name.startswith("g-") and folder.parent == self.path else None

    def _new_generation(self) -> Path:
        folder = self.path / f"g-{uuid.uuid4().hex[:12]}"
        folder.mkdir(parents=True)
        return folder

    def _switch(self, folder: Path) -> None:
        pointer = self.path / "CURRENT.new"
        with pointer.open("w", encoding="ascii") as file:
            file.write(folder.name)
            file.flush()
            os.fsync(file.fileno())
        pointer.replace(self.path / "CURRENT")
        for other in self.path.glob("g-*"):
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "writer.lock").open("w") as file:
            end = time.monotonic() + self._patience
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if time.monotonic() >= end:
                        raise SearchBusy("检索库正在更新。", "search index is being written") from None
                    time.sleep(0.05)
            yield


@contextlib.contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """Turn every way tantivy reports a broken folder, a Rust panic too, into :class:`SearchDamaged`."""
    try:
        yield
    except EcoError:
        raise
    except BaseException as error:
        if not isinstance(error, ValueError | OSError) and type(error).__name__ != "PanicException":
            raise
        raise SearchDamaged(
            "检索库已损坏，暂时无法检索。",
            f"search index {folder.name} unreadable: {error}",
            remedy_zh="系统将自动重建，也可运行 ecocloud search-rebuild。",
        ) from error


def _document(doc: SearchDoc) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("ref", doc.ref)
    document.add_text("group", doc.group or doc.ref)
    document.add_text("kind", doc.kind)
    for scope in doc.scopes:
        document.add_text("scope", scope)
    for prefix, content in (("title_", doc.title), ("", doc.body)):
        singles, pairs = cutting.streams(content)
        document.add_text(f"{prefix}uni", singles)
        document.add_text(f"{prefix}pairs", pairs)
    shown = [doc.title, doc.body[:MAX_BODY], doc.year, doc.updated.isoformat() if doc.updated else None]
    document.add_bytes("shown", json.dumps(shown).encode("ascii"))
    return document


def _clauses(schema, wanted, kinds, scopes) -> list:
    clauses = [(Occur.Must, _either(schema, term)) for term in wanted]
    if kinds is not None:
        clauses.append((Occur.Must, _one_of(schema, "kind", kinds)))
    if scopes is not None:
        clauses.append((Occur.Must, _one_of(schema, "scope", [*scopes, EVERYONE])))
    return clauses


def _either(schema, term: cutting.Term):
    clauses = []
    for field_name, boost in ((f"title_{term.stream}", 4.0), (term.stream, 1.0)):
        if len(term.tokens) == 1:
            query = Query.term_query(schema, field_name, term.tokens[0])
        else:
            query = Query.phrase_query(schema, field_name, list(term.tokens))
        clauses.append((Occur.Should, Query.boost_query(query, boost)))
    return Query.boolean_query(clauses)


def _one_of(schema, field_name: str, values: Sequence[str]):
    return Query.const_score_query(Query.term_set_query(schema, field_name, list(values)), 0.0)


def _hit(document, score: float, wanted: Sequence[cutting.Term]) -> Hit:
    title, body, year, updated = json.loads(bytes(document.get_first("shown")))
    excerpt, marks = cutting.snippet(body, wanted)
    return Hit(
        ref=document.get_first("ref"),
        kind=document.get_first("kind"),
        title=title,
        snippet=excerpt,
        score=score,
        marks=tuple(marks),
        title_marks=tuple(cutting.marks(title, wanted)),
        year=year,
        updated=datetime.fromisoformat(updated) if updated else None,
    )


def _damaged_files(folder: Path) -> list[str]:
    """Files of the last commit that are missing or whose checksum differs (tantivy's own footer: CRC-32)."""
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        segments = [segment["segment_id"].replace("-", "") for segment in meta["segments"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return [f"检索库目录文件 meta.json 不可读（{type(error).__name__}）。"]
    found = []
    for segment in segments:
        names = sorted(folder.glob(f"{segment}.*"))
        kinds = {path.name.split(".")[-1] for path in names}
        for missing in sorted({"idx", "pos", "term", "store", "fast", "fieldnorm"} - kinds):
            found.append(f"检索库缺少文件 {segment}.{missing}。")
        found.extend(f"检索库文件 {path.name} 校验不符。" for path in names if not _sound(path))
    return found


def _sound(path: Path) -> bool:
    data = path.read_bytes()
    try:
        size, magic = struct.unpack("<II", data[-8:])
        footer = json.loads(data[-8 - size : -8])
        return magic == _MAGIC and zlib.crc32(data[: -8 - size]) == footer["crc"]
    except (struct.error, ValueError, KeyError, TypeError):
        return False
