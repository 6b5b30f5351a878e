"""Files made of lists: who took what, with which filter, in the journal; long ones as a job."""

from __future__ import annotations

import io

from ecocloud.base.files import services as files
from ecocloud.base.files.kinds import FileKind
from ecocloud.base.files.models import StoredFile
from ecocloud.base.jobs.models import Job
from ecocloud.base.jobs.services import enqueue
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import User

EXPORT = "duties.item.export"
JOB = "duties.output"
MAX_BYTES = 200 * 1024 * 1024


def record(user: User, *, what: str, rows: int, query: str, request_id: str = "") -> None:
    """Journal that the person took a list as a file: kind of file, number of items, filter."""
    permissions.require(user, EXPORT)
    with change(user.actor(request_id)) as tx:
        tx.log("duties.item.export", "duties:items", after={"what": what, "rows": rows, "filter": query})


def start(user: User, *, kind: str, form: str, name: str, query: str, rows: int, request_id: str = "") -> Job:
    """Let a job make the file; the wish and its journal entry are one transaction."""
    permissions.require(user, EXPORT)
    payload = {"user": user.pk, "kind": kind, "form": form, "list": name, "query": query}
    with change(user.actor(request_id)) as tx:
        job = enqueue(JOB, payload, created_by=user.actor().id)
        after = {"what": f"{kind}.{form}", "rows": rows, "filter": query, "job": job.pk}
        tx.log("duties.item.export", "duties:items", after=after)
    return job


def keep(user: User, name: str, content: bytes) -> StoredFile:
    """Keep a made file for its maker."""
    kinds = {FileKind.DOCX, FileKind.XLSX, FileKind.ZIP}
    return files.store(name, io.BytesIO(content), kinds, user.actor().id, MAX_BYTES)
