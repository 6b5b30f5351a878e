"""The only writers of disclosure: publish, withdraw, and the public's objections to results of rectification."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from ecocloud.base import typed
from ecocloud.base.files import services as files
from ecocloud.base.files.models import StoredFile
from ecocloud.intake.documents.models import Document
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.duties.services import loop
from ecocloud.kernel.evidence.guards import within_reach
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import User
from ecocloud.portal.disclosure import queries
from ecocloud.portal.disclosure.facts import lists
from ecocloud.portal.disclosure.models import Publication
from ecocloud.portal.errors import NotOpen, Refused
from ecocloud.portal.facts import limits
from ecocloud.portal.plain import cleaned, one_line
from ecocloud.portal.reports import queries as reports

EDIT = "portal.open.edit"


def publish(
    user: User, listed: str, *, title: str = "", period: str = "", day: date | None = None,
    document: Document | None = None, received: files.Received | None = None,
) -> Publication:  # fmt: skip
    """Publish a public document, or a file received before. Raises Forbidden and :class:`Refused`."""
    permissions.require(user, EDIT)
    if listed not in lists():
        raise Refused("没有这张清单。", "no such list", where={"清单": listed[:20]})
    if document is not None and document.secrecy != Document.Secrecy.PUBLIC:
        raise Refused("这份文件不是公开文件。", "the document is not public", where={"文件": document.title[:40]},
                      value=document.secrecy)  # fmt: skip
    if document is None and received is None:
        raise Refused("没有选文件。", "no file", where={"文件": ""}, remedy_zh="请选一份公开文件，或上传一个文件。")
    title = typed.words(title or (document.title if document else received.upload.name if received else ""))[:300]
    if user.department is None:
        raise Refused("没有公开单位。", "no department", remedy_zh="请用有所属单位的账号操作。")
    with change(user.actor()) as tx:
        kept: StoredFile = document.file if document is not None else files.record(received, user.actor().id)
        row = Publication.objects.create(
            listed=listed, title=title, period=typed.words(period)[:40], file=kept,
            document_ref=document.ref if document is not None else "", published_on=day or timezone.localdate(),
            department=user.department, created_by=user,
        )  # fmt: skip
        tx.log("portal.open.publish", row.ref, after={"list": listed, "title": title, "document": row.document_ref})
    return row


def withdraw(user: User, row: Publication, reason: str) -> Publication:
    """Take a publication back; the reason stays on the public page in its place."""
    reason = typed.words(reason)[:300]
    if not reason:
        raise Refused("没有写明理由。", "no reason", where={"理由": ""})
    with change(user.actor()) as tx:
        row = Publication.objects.select_for_update(of=("self",)).select_related("department__region").get(pk=row.pk)
        within_reach(user, EDIT, row.department.region, row.department)
        row.withdrawn_at, row.reason = timezone.now(), reason
        row.save()
        tx.log("portal.open.withdraw", row.ref, note=reason)
    return row


def object_to(item: WorkItem, text: str, name: str = "") -> WorkItem:
    """Somebody of the public objects to a result that is open to everybody; the office answers it (duties room).

    Raises :class:`NotOpen` when nobody takes things from the public or the notice is over.
    """
    text, name = cleaned(text), one_line(name)[:60]
    if not text:
        raise Refused("还没有写异议。", "no objection yet", where={"异议": ""})
    if len(text) > limits().text.comment.value:
        raise Refused(f"超过 {limits().text.comment.value} 字。", "too long", where={"异议": ""})
    desk = reports.desk()
    if desk is None:
        raise NotOpen("本平台暂未开通网上异议。", "objections are not taken here yet", remedy_zh="请与公示单位联系。")
    if not queries.notices().filter(pk=item.pk).exists():
        raise NotOpen("公示已经结束，没有提交。", "the notice is over, nothing was sent")
    return loop.act(desk.person, item, "object", opinion=text, objector=f"公众 {name}".strip())
