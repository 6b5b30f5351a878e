"""Pages of staff: consultations, a new one, one with its comments, one comment with its answer. Thin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.inputs import whole_number
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.intake.documents import queries as documents
from ecocloud.intake.documents.models import Document
from ecocloud.kernel.duties.services.standing import CREATE
from ecocloud.kernel.regions.models import Department, in_language
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.kernel.regions.queries import in_force
from ecocloud.portal.consulting import queries, services
from ecocloud.portal.consulting.models import Comment
from ecocloud.portal.consulting.states import SHOWINGS, VERDICTS, Phase, Showing, State, Verdict
from ecocloud.portal.consulting.views import paper_answer
from ecocloud.portal.reports.views import told

_MOST_DOCUMENTS, _MOST_UNITS = 200, 400
_STATES = {
    State.DRAFT: ("未发布", "Not published"), State.PUBLISHED: ("已发布", "Published"),
    State.CONCLUDED: ("已公布结果", "Results published"), State.WITHDRAWN: ("已撤回", "Withdrawn"),
}  # fmt: skip


def consult_list(request: HttpRequest) -> HttpResponseBase:
    """The consultations in sight."""
    filters = (
        FilterSpec("q", _("标题"), kind="text", fields=("title",)),
        FilterSpec("closes", _("截止日期"), kind="date_range", field="closes"),
        FilterSpec("state", _("状态"), choices=[(one.value, in_language(*words)) for one, words in _STATES.items()],
                   in_bar=False,
                   counts=lambda rows: dict(rows.order_by().values_list("state").annotate(n=Count("pk")))),
    )  # fmt: skip
    listing = Listing(
        request, queries.consultations(request.user), filters=filters, sorts=(SortSpec("closes", ("-closes", "-pk")),),
        decorate=lambda rows: queries.with_counts(rows).select_related("department"), key="portal.consults",
        columns=(
            ExportColumn(_("标题"), "title"), ExportColumn(_("组织单位"), "department.name"),
            ExportColumn(_("开始"), "opens"),
            ExportColumn(_("截止"), "closes"), ExportColumn(_("状态"), "phase_word"),
            ExportColumn(_("意见数"), "taken"),
            ExportColumn(_("待处理"), "waiting"),
        ), title=_("征求意见"),
    )  # fmt: skip
    return list_page(request, listing, "portal/consult_list.html", {"edits": allowed(request.user, services.EDIT)})


def consult_new(request: HttpRequest) -> HttpResponse:
    """A new one on a public document."""
    shown = documents.visible(request.user).filter(secrecy=Document.Secrecy.PUBLIC).exclude(segments=[])
    shown = shown.order_by("-uploaded_at")[:_MOST_DOCUMENTS]
    problem = ""
    if request.method == "POST":
        try:
            pk = whole_number(request.POST.get("document")) or 0
            row = services.create(
                request.user, documents.document_for(request.user, pk), opens=typed.day(request.POST.get("opens", "")),
                closes=typed.day(request.POST.get("closes", "")), title=request.POST.get("title", ""),
                intro=request.POST.get("intro", ""),
            )  # fmt: skip
            return redirect("portal:consult-page", pk=row.pk)
        except EcoError as error:
            problem = told(error)
    context = {"documents": shown, "problem": problem, "data": request.POST, "today": timezone.localdate(),
               "chosen": whole_number(request.POST.get("document") or request.GET.get("document"))}  # fmt: skip
    return render(request, "portal/consult_new.html", context, status=400 if problem else 200)


def consult_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One consultation: what may be done with it, its comments as a list."""
    row = queries.consultation_for(request.user, pk)
    problem = ""
    if request.method == "POST":
        try:
            _act(request, row)
            return redirect("portal:consult-page", pk=row.pk)
        except EcoError as error:
            problem = told(error)
            row.refresh_from_db()
    listing = Listing(
        request, Comment.objects.filter(consultation=row), filters=_comment_filters(),
        sorts=(SortSpec("number", ("number",)),), decorate=lambda rows: rows.select_related("consultation"),
        key="portal.comments", columns=_columns(), title=f"{_('意见')} {row.pk}",
    )  # fmt: skip
    context = {
        "row": row, "problem": problem, "edits": allowed(request.user, services.EDIT), "typed": request.POST,
        "unanswered": queries.unanswered(row).count(), "ended": row.phase is Phase.ANSWERING,
    }  # fmt: skip
    return list_page(request, listing, "portal/consult_page.html", context)


def _comment_filters() -> tuple[FilterSpec, ...]:
    def counts(rows: Any) -> dict[str, int]:
        return dict(rows.order_by().values_list("showing").annotate(n=Count("pk")))

    return (
        FilterSpec("q", _("意见"), kind="text", fields=("text", "name")),
        FilterSpec("verdict", _("答复"), choices=[(one.value, in_language(*VERDICTS[one])) for one in Verdict]),
        FilterSpec("showing", _("状态"), choices=[(one.value, in_language(*SHOWINGS[one])) for one in Showing],
                   in_bar=False, counts=counts),
        FilterSpec("waiting", _("待处理"), kind="bool", apply=lambda rows, _on: rows.filter(queries.WAITS)),
    )  # fmt: skip


def _columns() -> tuple[ExportColumn, ...]:
    return (
        ExportColumn(_("序号"), "number"), ExportColumn(_("针对内容"), "place"), ExportColumn(_("意见"), "text"),
        ExportColumn(_("署名"), "name"), ExportColumn(_("收到时间"), "created_at"),
        ExportColumn(_("状态"), "showing_word"),
        ExportColumn(_("不公开理由"), "hidden_reason"), ExportColumn(_("答复"), "verdict_word"),
        ExportColumn(_("理由"), "answer"), ExportColumn(_("修改"), "change_note"),
    )  # fmt: skip


def _act(request: HttpRequest, row: Any) -> None:
    act, text = request.POST.get("act", ""), request.POST.get("text", "")
    if act == "publish":
        services.publish(request.user, row)
        messages.success(request, _("已发布。"))
    elif act == "withdraw":
        services.withdraw(request.user, row, text)
        messages.success(request, _("已撤回。"))
    else:
        services.conclude(request.user, row, text)
        messages.success(request, _("结果已公布。"))


def consult_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper of the results as it stands."""
    return paper_answer(queries.consultation_for(request.user, pk))


def comment_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One comment: make it public or not, answer it, make a task of it."""
    row = queries.comment_for(request.user, pk)
    problem = ""
    if request.method == "POST":
        try:
            _answer(request, row)
            return redirect("portal:comment-page", pk=row.pk)
        except EcoError as error:
            problem = told(error)
        row = queries.comment_for(request.user, pk)
    waits = queries.unanswered(row.consultation).filter(number__gt=row.number).order_by("number").first()
    takes = row.verdict in (Verdict.ACCEPTED.value, Verdict.PARTLY.value) and not row.item_ref
    context = {
        "row": row, "problem": problem, "data": request.POST, "edits": allowed(request.user, services.EDIT),
        "next": waits,
        "verdicts": [(one.value, in_language(*VERDICTS[one])) for one in Verdict],
        "text": next((text for anchor, _kind, text in row.consultation.segments if anchor == row.anchor), ""),
        "takes": takes and allowed(request.user, CREATE),
        "units": in_force().exclude(kind=Department.Kind.GROUP).order_by("region_id", "order", "pk")[:_MOST_UNITS]
        if takes else (),
        "item_url": reverse("duties:item", args=[row.item_ref.partition(":")[2]]) if row.item_ref else "",
    }  # fmt: skip
    return render(request, "portal/comment_page.html", context, status=400 if problem else 200)


def _answer(request: HttpRequest, row: Comment) -> None:
    act, text = request.POST.get("act", ""), request.POST.get("text", "")
    if act == "show":
        services.moderate(request.user, row, True)
    elif act == "hide":
        services.moderate(request.user, row, False, text)
    elif act == "task":
        unit = Department.objects.filter(pk=whole_number(request.POST.get("unit"))).first()
        if unit is None:
            messages.error(request, _("请选择牵头单位。"))
            return
        services.make_task(request.user, row, unit, typed.day(request.POST.get("deadline", "")))
        messages.success(request, _("已转为任务。"))
    else:
        services.answer(request.user, row, request.POST.get("verdict", ""), text, request.POST.get("change", ""))
        messages.success(request, _("已答复。"))


def comment_list(request: HttpRequest) -> HttpResponseBase:
    """The comments of all consultations in sight; ``?waiting=1``: those the viewer's unit must do something about."""
    rows = queries.comments(request.user)
    mine = FilterSpec("waiting", _("待我处理"), kind="bool", apply=lambda found, _on: found.filter(
        pk__in=queries.waiting(request.user).values("pk")))  # fmt: skip
    listing = Listing(
        request, rows, filters=(*_comment_filters()[:3], mine), sorts=(SortSpec("created", ("-pk",)),),
        decorate=lambda found: found.select_related("consultation"), key="portal.all-comments",
        columns=(ExportColumn(_("征求意见"), "consultation.title"), *_columns()), title=_("公众意见"),
    )  # fmt: skip
    return list_page(request, listing, "portal/comments.html", {})
