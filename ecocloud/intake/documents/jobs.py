"""Background work of the room: reading large files, entering many records."""

from __future__ import annotations

from typing import Any

from ecocloud.base.errors import Conflict, EcoError
from ecocloud.base.jobs import job
from ecocloud.intake.documents.models import Batch, Document
from ecocloud.intake.documents.services import batches
from ecocloud.intake.documents.services.entering import enter
from ecocloud.intake.documents.services.receiving import read
from ecocloud.kernel.regions.models import User


def _who(context: Any, document: Document) -> User:
    key = str(context.created_by).rpartition(":")[2]
    return User.objects.filter(pk=key).first() if key.isdigit() else document.uploaded_by


@job("documents.read", max_attempts=5, backoff=5, label_zh="读取文件")
def read_later(context: Any) -> dict[str, Any]:
    """Read a kept document, with progress; an interrupted reading goes on where it stopped."""
    document = Document.objects.select_related("file", "region").get(pk=context.payload["document"])
    if document.status not in (Document.Status.LOADED, Document.Status.READING):
        return {"document": document.pk}
    try:
        read(_who(context, document), document, progress=lambda done, total: context.progress(done, total, "正在读取"))
    except Conflict:
        raise
    except EcoError as error:
        return {"document": document.pk, "problem": error.sentence_zh()}
    return {"document": document.pk}


@job("documents.enter", max_attempts=5, backoff=5, label_zh="记录入台账")
def enter_later(context: Any) -> dict[str, Any]:
    """Enter the accepted records of a document."""
    document = Document.objects.select_related("file", "region").get(pk=context.payload["document"])
    user = _who(context, document)
    return enter(user, document, progress=lambda done, total: context.progress(done, total, "正在入台账"))


@job("documents.batch", max_attempts=20, backoff=5, label_zh="整批读取文件")
def batch_later(context: Any) -> dict[str, Any]:
    """Read the documents of a batch that wait; stops when somebody paused it."""
    batch = Batch.objects.select_related("file", "created_by").get(pk=context.payload["batch"])
    return batches.run(batch.created_by, batch, check=context.check, progress=context.progress)
