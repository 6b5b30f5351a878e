"""What the shell shows of this room: counters, to-do rows, health. Counts equal the lists they open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.intake.documents import queries
from ecocloud.intake.documents.models import Document, Record
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.kernel.regions.reasons import by_role


def pending_count(viewer: Any) -> int:
    """Records waiting for a decision, over all documents the person may open."""
    return queries.records(viewer).filter(state="pending").count() if allowed(viewer, queries.DECIDE) else 0


def pending_url(viewer: Any) -> str:
    """The list of just these records."""
    return f"{reverse('documents:records')}?state=pending"


def _rows(viewer: Any, tab: str) -> QuerySet[Document]:
    if not allowed(viewer, queries.DECIDE):
        return Document.objects.none()
    if tab == "todo":
        return queries.waiting_documents(viewer)
    if tab == "started":
        return queries.visible(viewer).filter(uploaded_by=viewer.pk)
    mine = Record.objects.filter(document=OuterRef("pk"), decided_by=viewer.pk)
    return queries.visible(viewer).filter(Exists(mine), status=Document.Status.ENTERED)


def todo_count(viewer: Any, tab: str) -> int:
    """How many documents the tab has."""
    return _rows(viewer, tab).count()


def todo_url(viewer: Any, tab: str) -> str:
    """The list of these documents."""
    tail = {"todo": "?status=in_review", "started": "?mine=1", "done": "?status=entered"}[tab]
    return reverse("documents:list") + tail


def todo_rows(viewer: Any, tab: str, limit: int) -> list[dict[str, Any]]:
    """文件确认: documents to confirm, documents brought in, documents entered."""
    made = []
    for row in queries.with_counts(_rows(viewer, tab)).order_by("-uploaded_at")[:limit]:
        step = _("待确认 %(n)s 条") % {"n": row.pending} if row.pending else row.get_status_display()
        url = reverse("documents:review" if tab == "todo" else "documents:document", args=[row.pk])
        made.append({"title": row.title, "url": url, "kind": _("文件确认"), "step": step,
                     "unit": row.department.label if row.department else "", "due": None, "light": (),
                     "act": _("确认") if tab == "todo" else _("查看"), "ref": f"doc:{row.pk}",
                     "why": _why(viewer, tab, row)})  # fmt: skip
    return made


def _why(viewer: Any, tab: str, row: Document) -> str:
    if tab == "started" or (tab == "todo" and row.uploaded_by_id == viewer.pk):
        return _("由您导入")
    if tab == "done":
        return _("由您确认")
    return by_role(viewer, queries.DECIDE, _("确认文件记录"))


def check_reading() -> list[str]:
    """For ``ecocloud check``: documents whose reading does not come to an end."""
    late = timezone.now() - timedelta(hours=2)
    stuck = Document.objects.filter(status__in=("loaded", "reading"), uploaded_at__lt=late).count()
    return [f"有 {stuck} 份文件上传两小时后仍未读完，请检查后台任务是否在运行。"] if stuck else []
