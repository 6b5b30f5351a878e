"""The page of a run's review: comments and replies, running it again, confirming it. Thin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ecocloud.base.pages.answering import attempt
from ecocloud.base.pages.inputs import whole_number
from ecocloud.domains.gep import facts, queries, snapshot
from ecocloud.domains.gep.access import COMMENT, CONFIRM
from ecocloud.domains.gep.errors import NotThere
from ecocloud.domains.gep.models import Comment, Run
from ecocloud.domains.gep.reporting import showing
from ecocloud.domains.gep.services import reviewing, runs
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.models import in_language
from ecocloud.kernel.regions.permissions import allowed


def _found(viewer: Any, pk: int) -> Run:
    row = queries.runs(viewer).filter(pk=pk).first()
    if row is None:
        raise NotThere("没有这次运行，或不在您的数据范围内。", f"no run {pk} in reach", value=pk)
    return row


def review(request: HttpRequest, pk: int, again: runs.Rerun | None = None) -> HttpResponse:
    """A run with what is said of it and whether it can be confirmed."""
    row, known = _found(request.user, pk), facts.load()
    comments = row.comments.filter(parent__isnull=True).select_related("by__department", "line", "resolved_by")
    said = list(comments.prefetch_related("replies__by__department"))
    for one in said:
        service = known.services.get(one.service)
        one.about = in_language(service.zh, service.en) if service else ""
        if one.line_id:
            item = known.items[one.line.item][1]
            one.about += (
                f" · {in_language(item.zh, item.en)} {showing.part_word(one.line.part) if one.line.part else ''}"
            )
    confirms = row.state == "draft" and scope.sees_department(request.user, row.accounting.office_id, CONFIRM)
    older = reviewing.superseded_by(row) if confirms else []
    context = {
        "row": row, "totals": sorted(queries.totals(row).items()), "comments": said, "again": again,
        "edition": showing.edition_word(row.edition), "comments_allowed": allowed(request.user, COMMENT),
        "open_comments": sum(1 for one in said if one.resolved_at is None), "confirms": confirms, "older": older,
        "own": row.made_by_id == request.user.pk, "outdated": runs.outdated(row) if row.state == "draft" else [],
        "services": [(code, in_language(one.zh, one.en)) for code, one in known.services.items()],
        "same_code": row.code_version == snapshot.code_version(),
        "office": scope.sees_department(request.user, row.accounting.office_id, CONFIRM),
    }  # fmt: skip
    return render(request, "gep/review.html", context)


def rerun(request: HttpRequest, pk: int) -> HttpResponse:
    """Compute it again from what it kept, and say what differs."""
    return review(request, pk, runs.rerun(_found(request.user, pk)))


def _done(request: HttpRequest, pk: int, act: Any, told: str) -> HttpResponse:
    attempt(request, act, told)
    return redirect("gep:review", pk=pk)


def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Let its figures hold."""
    row = _found(request.user, pk)
    return _done(request, pk, lambda: reviewing.confirm(request.user, row, reason=request.POST.get("opinion", "")),
                 _("已确认，结果已进入指标。"))  # fmt: skip


def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something of it, or reply."""
    row, data = _found(request.user, pk), request.POST
    return _done(request, pk, lambda: reviewing.comment(
        request.user, row, data.get("text", ""), service=data.get("service", ""),
        line=whole_number(data.get("line", "")), parent=whole_number(data.get("parent", "")),
    ), _("已提交。"))  # fmt: skip


def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a comment as answered."""
    row = Comment.objects.filter(pk=pk, run__in=queries.runs(request.user).values("pk")).first()
    if row is None:
        raise NotThere("没有这条意见，或不在您的数据范围内。", f"no comment {pk} in reach", value=pk)
    return _done(request, row.run_id, lambda: reviewing.resolve(request.user, row), _("已标记为解决。"))
