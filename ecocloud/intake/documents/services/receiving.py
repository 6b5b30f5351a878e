"""Documents come in: checked, kept, read."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO

from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone

from ecocloud.base import jobs, search
from ecocloud.base.errors import EcoError
from ecocloud.base.files import check_upload
from ecocloud.base.files import errors as file_errors
from ecocloud.base.files.checks import clean_name
from ecocloud.base.files.kinds import FileKind
from ecocloud.base.files.services import open_stored, receive, record
from ecocloud.intake.documents import paragraphs
from ecocloud.intake.documents.models import Document, Record, Term
from ecocloud.intake.documents.proposing import Proposer, title_of
from ecocloud.intake.documents.read import read_source
from ecocloud.intake.documents.records import Reading
from ecocloud.intake.documents.review_errors import Incomplete, WrongState
from ecocloud.intake.documents.review_facts import review_facts
from ecocloud.intake.documents.services import likeness, questioning
from ecocloud.intake.documents.text.loaders import MAX_BYTES, load
from ecocloud.intake.documents.text.source import SourceText
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, Region, User

UPLOAD = "documents.document.upload"
EDIT = "documents.document.edit"
KINDS = (FileKind.TXT, FileKind.HTML, FileKind.DOCX, FileKind.PDF, FileKind.CSV, FileKind.XLSX, FileKind.ZIP)
_PACKED = (FileKind.DOCX, FileKind.XLSX, FileKind.ZIP)
_CHUNK = 500
_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,14}[〔\[［(（]\d{4}[〕\]］)）]\s*\d{1,4}\s*号")
_FACTS = (
    "title",
    "doc_type",
    "number",
    "issuer",
    "published",
    "effective",
    "abolished",
    "report_year",
    "plan_year",
    "secrecy",
)


@dataclass(frozen=True)
class Outcome:
    """What became of one uploaded file: the document, whether it was there before, or the sentence why not."""

    name: str
    document: Document | None = None
    known: bool = False
    error: EcoError | None = None


def upload_many(user: User, uploads: Iterable[tuple[str, BinaryIO]], **fields: Any) -> list[Outcome]:
    """Take in several files; each stands for itself: a bad one gets its sentence, the others are kept."""
    permissions.require(user, UPLOAD)
    found: list[Outcome] = []
    for name, stream in uploads:
        try:
            document, known = upload(user, name, stream, **fields)
            found.append(Outcome(name, document, known))
        except EcoError as error:
            found.append(Outcome(name, error=error))
    return found


def upload(
    user: User, name: str, stream: BinaryIO | bytes, *, secrecy: str = Document.Secrecy.INTERNAL,
    region: Region | None = None, department: Department | None = None,
    at_once: bool = False, bind: Callable[[Document], None] | None = None,
) -> tuple[Document, bool]:  # fmt: skip
    """Take in one file; returns the document and whether the same bytes were there before.

    ``at_once`` reads large files here, too; ``bind`` is called with the new document in its first transaction.
    A document that says the same as one the person may open is linked to it and gives no records of its own.
    Small files are read at once and refused without a trace when they cannot be read; large ones are kept and read by
    the job ``documents.read``. Must not run inside a transaction. Raises Forbidden, FileRefused, DocumentError.
    """
    permissions.require(user, UPLOAD)
    if secrecy not in Document.Secrecy.values:
        raise Incomplete("没有这种密级。", f"unknown secrecy {secrecy}", value=secrecy)
    department = department or user.department
    region = region or (department.region if department else None)
    if region is None:
        raise Incomplete(
            "您的账号未挂单位，不能导入文件。", f"user {user.pk} has no department", remedy_zh="请联系系统管理员。"
        )
    stream = io.BytesIO(stream) if isinstance(stream, bytes) else stream
    upload_kind, size = _look(name, stream)
    limits = review_facts().reading
    most = limits.at_once_packed_bytes if upload_kind in _PACKED else limits.at_once_bytes
    source = load(stream.read(), clean_name(name)) if at_once or size <= most.value else None
    stream.seek(0)
    received = receive(name, stream, KINDS, MAX_BYTES)
    known = Document.objects.filter(sha256=received.written.sha256).first()
    if known is not None and known.status != Document.Status.REFUSED:
        return known, True
    alike = likeness.find(user, source) if source is not None else None
    reading = read_source(source) if source is not None and not alike.copy else None
    try:
        with change(user.actor()) as tx:
            row = known or Document(sha256=received.written.sha256)
            row.file = record(received, user.actor().id)
            row.sm3, row.fmt = row.file.sm3, row.file.kind
            row.title = row.title or row.file.name.rsplit(".", 1)[0][:300]
            row.region, row.department, row.secrecy, row.uploaded_by = region, department, secrecy, user
            row.status, row.problem = Document.Status.LOADED, ""
            row.save()
            if bind is not None:
                bind(row)
            after = {"name": row.file.name, "sha256": row.sha256, "size": row.file.size, "secrecy": row.secrecy}
            tx.log("documents.document.upload", row.ref, after=after)
            if alike is not None:
                _settle(tx, row, alike, source)
            else:
                jobs.enqueue("documents.read", {"document": row.pk}, key=f"doc:{row.pk}", created_by=user.actor().id)
    except IntegrityError:
        return Document.objects.get(sha256=received.written.sha256), True
    if reading is not None:
        _keep(user, row, reading)
    return row, False


def _settle(tx: Any, row: Document, alike: likeness.Alike, source: SourceText) -> None:
    """Say what a document is like; a copy keeps its text and is done. Part of the caller's transaction."""
    likeness.link(row, alike)
    likeness.remember(row, alike)
    if alike.copy:
        row.status, row.text, row.chars = Document.Status.COPY, source.original, len(source.original)
        row.title, row.doc_type, row.encoding = alike.other.title, alike.other.doc_type, source.encoding[:20]
        row.segments = paragraphs.split(source.original, _cells(source), review_facts().reading.longest_segment.value)
    row.save()
    if alike.other is not None:
        tx.log(f"documents.document.{row.relation}", row.ref, after={"like": alike.other.ref, "share": alike.share})


def _cells(source: SourceText) -> list[tuple[int, int | None, int | None]]:
    return [(p.start, p.table, p.row) for p in source.places if p.kind == "cell" and p.column == 1]


def _look(name: str, stream: BinaryIO) -> tuple[FileKind, int]:
    """Kind and size after the files room's checks; where it cannot name a kind the reader's sentence is clearer."""
    try:
        found = check_upload(name, stream, KINDS, MAX_BYTES)
        return found.kind, found.size
    except (file_errors.KindNotAllowed, file_errors.DamagedFile, file_errors.NameMismatch):
        stream.seek(0)
        load(stream.read(), clean_name(name))
        raise


def read(user: User, document: Document, *, progress: Callable[[int, int], None] | None = None) -> Document:
    """Read a kept document; goes on where an interrupted reading stopped. A file that cannot be read is marked so."""
    with open_stored(document.file) as stream:
        data = stream.read()
    try:
        source = load(data, document.file.name)
    except EcoError as error:
        with change(user.actor()) as tx:
            document.status, document.problem = Document.Status.REFUSED, error.sentence_zh()[:400]
            document.save(update_fields=["status", "problem"])
            tx.log("documents.document.refuse", document.ref, after={"code": error.code, "problem": document.problem})
        raise
    alike = likeness.find(user, source, own=document.pk)
    if document.status == Document.Status.LOADED:
        with change(user.actor()) as tx:
            _settle(tx, document, alike, source)
    if document.status == Document.Status.COPY:
        return document
    return _keep(user, document, read_source(source), progress=progress)


def _keep(
    user: User, document: Document, reading: Reading, *, progress: Callable[[int, int], None] | None = None
) -> Document:
    """Write what was read: facts and text, then the records in chunks of short transactions."""
    fields = _facts_of(document, reading)
    rows, uses = _rows(document, reading, fields)
    if document.status == Document.Status.LOADED:
        with change(user.actor()) as tx:
            for name, value in fields.items():
                setattr(document, name, value)
            document.status, document.expected = Document.Status.READING, len(rows)
            document.version += 1
            document.save()
            note_uses(uses)
            tx.log("documents.document.read", document.ref, after={"records": len(rows)} | reading.counts())
    while True:
        with change(user.actor()) as tx:
            Document.objects.select_for_update().only("pk").get(pk=document.pk)
            there = Record.objects.filter(document=document, by_hand=False).count()
            Record.objects.bulk_create(rows[there : there + _CHUNK], batch_size=100)
            if there + _CHUNK >= len(rows):
                document.status = Document.Status.REVIEW
                document.save(update_fields=["status"])
                tx.log("documents.document.ready", document.ref, after={"records": len(rows)})
                search.index_later(document.ref, created_by=user.actor().id)
                break
        if progress:
            progress(there + _CHUNK, len(rows))
    questioning.refresh(user, document)
    return document


def _facts_of(document: Document, reading: Reading) -> dict[str, Any]:
    facts, source = reading.document, reading.source
    text = source.original
    segments = paragraphs.split(text, _cells(source), review_facts().reading.longest_segment.value)
    number = _NUMBER.search(text[:1500])
    title = " ".join(str((facts.get("title") or {}).get("text") or "").split())
    return {
        "title": (title or document.title)[:300], "doc_type": str(facts.get("doc_type") or "")[:40],
        "issuer": str(facts.get("issuer") or "")[:200], "number": number.group(0)[:80] if number else "",
        "published": _day(facts.get("published")), "report_year": _year(facts.get("report_year")),
        "plan_year": _year(facts.get("plan_year")), "encoding": source.encoding[:20], "fmt": source.kind[:10],
        "text": text, "chars": len(text), "segments": segments, "region": _region(document, facts.get("region"), title),
    }  # fmt: skip


def _region(document: Document, name: Any, title: str) -> Region:
    text = str(name or "").strip()
    if not text:
        return _above(document, title) or document.region
    first, after = document.region.span
    rows = Region.objects.filter(name=text).exclude(level="village")
    inside = rows.filter(code__gte=first, code__lt=after).first()
    return inside or rows.filter(level__in=("city", "county")).first() or document.region


def _above(document: Document, title: str) -> Region | None:
    """The region above the document's own with whose name the title begins."""
    row = document.region.parent
    while row is not None and not title.startswith(row.name):
        row = row.parent
    return row


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _year(text: Any) -> int | None:
    found = re.fullmatch(r"\d{4}", str(text or ""))
    return int(found.group(0)) if found else None


def proposer_for(document: Document) -> Proposer:
    """The proposer of a document's records."""
    return Proposer(document.region, document.published, document.title, (document.report_year, document.plan_year))


def read_rows(document: Document, reading: Reading) -> list[Record]:
    """The records of a new reading of a kept document, unsaved, by the facts that people may have corrected."""
    names = ("region", "published", "title", "report_year", "plan_year", "text", "segments")
    return _rows(document, reading, {name: getattr(document, name) for name in names})[0]


def _rows(document: Document, reading: Reading, fields: dict[str, Any]) -> tuple[list[Record], Counter[int]]:
    """The records in document order, each with its proposal, and how often entries of the dictionary were used.

    The same reading and dictionary always give the same rows.
    """
    years = (fields["report_year"], fields["plan_year"])
    proposer = Proposer(fields["region"], fields["published"], fields["title"], years)
    text, segments = fields["text"], fields["segments"]
    starts = [segment[0] for segment in segments]
    order = {"task": 0, "figure": 1, "project": 2, "mechanism": 3}
    found = sorted(reading.records(), key=lambda r: (r["start"], order[r["kind"]], r["id"]))
    rows, inside = [], {}
    for number, payload in enumerate(found, 1):
        place = paragraphs.place_of(text, segments, payload["start"], payload["end"], starts)
        inside[place.index] = inside.get(place.index, 0) + 1
        label = f"{place.mark}-{inside[place.index]}"[:16]
        payload, decided = proposer.read(payload["kind"], payload)
        rows.append(
            Record(
                document=document, kind=payload["kind"], number=number, key=payload["id"][-60:], label=label,
                start=payload["start"], end=payload["end"], place=place.words[:60], quote=payload["quote"],
                title=title_of(payload["kind"], payload, decided), payload=payload, decided=decided,
                confidence=str(round(float(payload.get("confidence") or 0), 4)), **comparable(decided),
            )
        )  # fmt: skip
    return rows, proposer.terms.uses


def note_uses(uses: Counter[int]) -> None:
    """Count how often entries of the dictionary were used; inside the transaction that uses them."""
    for key, number in uses.items():
        if number:
            Term.objects.filter(pk=key).update(applied=F("applied") + number)


def comparable(decided: dict[str, Any]) -> dict[str, Any]:
    """The columns by which figures of different documents are compared."""
    if decided.get("use") != "target" or not decided.get("indicator"):
        return {"indicator": None, "region": None, "period": None, "value": None}
    try:
        value = Decimal(decided["value"]) if decided.get("value") else None
    except InvalidOperation:
        value = None
    return {"indicator": decided["indicator"], "region": decided["region"] or None,
            "period": decided["period"] or None, "value": value}  # fmt: skip


def change_facts(user: User, document: Document, *, version: int | None = None, **fields: Any) -> Document:
    """Correct the facts of a document: title, number, issuer, dates, years, secrecy."""
    permissions.require(user, EDIT)
    wrong = set(fields) - set(_FACTS)
    if wrong:
        raise Incomplete("不能修改这些字段。", f"not editable: {sorted(wrong)}", value="、".join(sorted(wrong)))
    if not str(fields.get("title", document.title)).strip():
        raise Incomplete("标题不能为空。", "empty title", where={"字段": "标题"})
    with change(user.actor()) as tx:
        row = Document.objects.select_for_update().get(pk=document.pk)
        if version is not None and row.version != version:
            raise WrongState("文件信息已被他人修改。", f"version {version} is stale", remedy_zh="请刷新后再改。")
        before = {name: getattr(row, name) for name in fields}
        for name, value in fields.items():
            setattr(row, name, value)
        row.version += 1
        row.save(update_fields=[*fields, "version"])
        tx.log("documents.document.change", row.ref, before, fields)
        search.index_later(row.ref, created_by=user.actor().id)
    return row


def note_download(user: User, document: Document) -> None:
    """Record that somebody took the original file."""
    with change(user.actor()) as tx:
        tx.log("documents.document.download", document.ref, after={"name": document.file.name, "at": timezone.now()})
