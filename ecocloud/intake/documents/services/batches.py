"""Many documents at once: a zip whose files become documents one by one, in a job that can be paused and resumed."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from typing import Any, BinaryIO

from django.utils import timezone

from ecocloud.base import jobs
from ecocloud.base.errors import EcoError
from ecocloud.base.files.kinds import FileKind
from ecocloud.base.files.services import open_stored, receive, record
from ecocloud.intake.documents import queries
from ecocloud.intake.documents.models import Batch, BatchFile, Document
from ecocloud.intake.documents.review_errors import Incomplete, WrongState
from ecocloud.intake.documents.services import receiving
from ecocloud.intake.documents.text.packages import member_bytes, members_of
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import User

MAX_BYTES = 200 * 1024 * 1024
MAX_FILES = 5000
JOB = "documents.batch"


def start(user: User, name: str, stream: BinaryIO, *, secrecy: str = Document.Secrecy.INTERNAL) -> Batch:
    """Take in a zip of documents; each file inside becomes a document of its own, read by a job.

    Must not run inside a transaction. Raises Forbidden, FileRefused, DocumentError (the whole archive is unfit),
    Incomplete.
    """
    permissions.require(user, receiving.UPLOAD)
    if secrecy not in Document.Secrecy.values:
        raise Incomplete("没有这种密级。", f"unknown secrecy {secrecy}", value=secrecy)
    if user.department is None:
        raise Incomplete(
            "您的账号未挂单位，不能导入文件。", f"user {user.pk} has no department", remedy_zh="请联系系统管理员。"
        )
    received = receive(name, stream, (FileKind.ZIP,), MAX_BYTES)
    stream.seek(0)
    paths = [path for path, _ in members_of(stream, received.upload.name)]
    if not paths:
        raise Incomplete("压缩包里没有文件。", "empty archive", value=0, remedy_zh="请把要导入的文件压缩后再上传。")
    if len(paths) > MAX_FILES:
        raise Incomplete(
            f"压缩包里有 {len(paths)} 个文件，超过 {MAX_FILES} 个的上限。", "too many files", value=len(paths),
            remedy_zh="请分成几包后再上传。")  # fmt: skip
    with change(user.actor()) as tx:
        batch = Batch.objects.create(
            file=record(received, user.actor().id), name=received.upload.name[:200], secrecy=secrecy, total=len(paths),
            created_by=user)  # fmt: skip
        rows = [BatchFile(batch=batch, number=n, path=path[:400]) for n, path in enumerate(paths, 1)]
        BatchFile.objects.bulk_create(rows, batch_size=500)
        tx.log("documents.batch.start", batch.ref, after={"name": batch.name, "files": len(rows), "secrecy": secrecy})
        _enqueue(user, batch)
    return batch


def _enqueue(user: User, batch: Batch) -> None:
    jobs.enqueue(JOB, {"batch": batch.pk}, key=f"batch:{batch.pk}", created_by=user.actor().id)


def pause(user: User, batch: Batch) -> Batch:
    """Stop after the document that is being read; what is done stays done."""
    return _turn(user, batch, Batch.State.RUNNING, Batch.State.PAUSED, "documents.batch.pause")


def resume(user: User, batch: Batch) -> Batch:
    """Go on with the documents that have no outcome yet."""
    return _turn(user, batch, Batch.State.PAUSED, Batch.State.RUNNING, "documents.batch.resume")


def _turn(user: User, batch: Batch, before: str, after: str, action: str) -> Batch:
    permissions.require(user, receiving.UPLOAD)
    with change(user.actor()) as tx:
        row = Batch.objects.select_for_update().get(pk=batch.pk)
        if row.state != before:
            raise WrongState("批次的状态已经变了。", f"batch {row.pk} is {row.state}", remedy_zh="请刷新后再试。")
        row.state = after
        row.save(update_fields=["state"])
        tx.log(action, row.ref, {"state": before}, {"state": after})
        if after == Batch.State.RUNNING:
            _enqueue(user, row)
    return row


def run(
    user: User, batch: Batch, *, check: Callable[[], None], progress: Callable[[int, int, str], None]
) -> dict[str, Any]:
    """Read the documents that wait, one after the other, until none waits or somebody paused.

    ``check`` stops the job when the worker ends. A document and its row are bound in the transaction that creates the
    document, so that a killed run neither reads one twice nor loses one.
    """
    with open_stored(batch.file) as stream, zipfile.ZipFile(stream) as archive:
        infos = dict(members_of(stream, batch.name))
        while True:
            check()
            if Batch.objects.filter(pk=batch.pk).values_list("state", flat=True).first() != Batch.State.RUNNING:
                return counts(batch)
            row = batch.files.filter(outcome=BatchFile.Outcome.WAITING).order_by("number").first()
            if row is None:
                break
            _one(user, batch, row, lambda path: member_bytes(archive, infos[path], path))
            progress(row.number, batch.total, row.path.rsplit("/", 1)[-1])
    with change(user.actor()) as tx:
        done = Batch.objects.filter(pk=batch.pk, state=Batch.State.RUNNING)
        if done.update(state=Batch.State.DONE, finished_at=timezone.now()):
            tx.log("documents.batch.done", batch.ref, after=counts(batch))
    return counts(batch)


def _one(user: User, batch: Batch, row: BatchFile, read_member: Callable[[str], bytes]) -> None:
    """One file to its outcome; a document that an interrupted run created is finished, not created again."""
    try:
        if row.document is None:
            _take(user, batch, row, read_member(row.path))
        elif row.document.status in (Document.Status.LOADED, Document.Status.READING):
            receiving.read(user, row.document)
        document = Document.objects.only("status", "problem").get(pk=row.document_id)
        if document.status == Document.Status.REFUSED:
            row.outcome, row.problem = BatchFile.Outcome.REFUSED, document.problem
        elif row.outcome == BatchFile.Outcome.WAITING:
            copy = document.status == Document.Status.COPY
            row.outcome = BatchFile.Outcome.COPY if copy else BatchFile.Outcome.READ
    except EcoError as error:
        row.outcome, row.problem = BatchFile.Outcome.REFUSED, error.sentence_zh()[:400]
    row.done_at = timezone.now()
    row.save(update_fields=["outcome", "problem", "document", "done_at"])


def _take(user: User, batch: Batch, row: BatchFile, data: bytes) -> None:
    def bind(document: Document) -> None:
        row.document = document
        row.save(update_fields=["document"])

    name = row.path.rsplit("/", 1)[-1]
    document, known = receiving.upload(user, name, data, secrecy=batch.secrecy, at_once=True, bind=bind)
    if known:
        row.document, row.outcome = document, BatchFile.Outcome.KNOWN


def counts(batch: Batch) -> dict[str, int]:
    """How many files have each outcome."""
    found = dict.fromkeys(BatchFile.Outcome.values, 0)
    return found | queries.outcome_counts(batch.files.all())
