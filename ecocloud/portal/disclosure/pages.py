"""Pages of staff: what was published, publishing, taking back. Thin."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.base.files.kinds import FileKind
from ecocloud.base.files.services import receive
from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.inputs import whole_number
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.intake.documents import queries as documents
from ecocloud.intake.documents.models import Document
from ecocloud.kernel.regions.permissions import allowed, require
from ecocloud.portal.disclosure import queries, services
from ecocloud.portal.disclosure.facts import lists
from ecocloud.portal.reports.views import told

KINDS = (FileKind.PDF, FileKind.DOCX, FileKind.XLSX, FileKind.CSV, FileKind.TXT, FileKind.OFD)
_MOST_DOCUMENTS = 200


def open_list(request: HttpRequest) -> HttpResponseBase:
    """What was published, and which lists wait for something new."""
    filters = (
        FilterSpec("q", _("标题"), kind="text", fields=("title", "period")),
        FilterSpec("list", _("清单"), field="listed", choices=[(one.code, one.label) for one in lists().values()]),
        FilterSpec("published", _("公开日期"), kind="date_range", field="published_on"),
        FilterSpec("back", _("已撤回"), kind="bool", apply=lambda rows, _on: rows.filter(~Q(reason=""))),
    )  # fmt: skip
    listing = Listing(
        request, queries.publications(request.user), filters=filters,
        sorts=(SortSpec("published", ("-published_on", "-pk")),),
        decorate=lambda rows: rows.select_related("department"), key="portal.publications",
        columns=(
            ExportColumn(_("清单"), "list_word"), ExportColumn(_("标题"), "title"),
            ExportColumn(_("所属时期"), "period"),
            ExportColumn(_("公开日期"), "published_on"), ExportColumn(_("公开单位"), "department.name"),
            ExportColumn(_("撤回理由"), "reason"),
        ), title=_("信息公开"),
    )  # fmt: skip
    context = {"edits": allowed(request.user, services.EDIT), "late": [one for one in queries.overview() if one.late]}
    return list_page(request, listing, "portal/publications.html", context)


def publish(request: HttpRequest) -> HttpResponse:
    """Publish a public document or an uploaded file."""
    problem = ""
    if request.method == "POST":
        try:
            require(request.user, services.EDIT)
            pk, upload = whole_number(request.POST.get("document")), request.FILES.get("file")
            document = documents.document_for(request.user, pk) if pk else None
            received = receive(upload.name, upload, KINDS) if upload and document is None else None
            day = request.POST.get("day", "")
            services.publish(
                request.user, request.POST.get("list", ""), title=request.POST.get("title", ""),
                period=request.POST.get("period", ""), day=typed.day(day) if day else None, document=document,
                received=received,
            )  # fmt: skip
            messages.success(request, _("已公开。"))
            return redirect("portal:publications")
        except EcoError as error:
            problem = told(error)
    shown = documents.visible(request.user).filter(secrecy=Document.Secrecy.PUBLIC).order_by("-uploaded_at")
    context = {"lists": list(lists().values()), "documents": shown[:_MOST_DOCUMENTS], "problem": problem,
               "data": request.POST, "today": timezone.localdate()}  # fmt: skip
    return render(request, "portal/publish.html", context, status=400 if problem else 200)


def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a publication back, with a reason."""
    row = queries.publication_for(request.user, pk)
    try:
        services.withdraw(request.user, row, request.POST.get("reason", ""))
        messages.success(request, _("已撤回。"))
    except EcoError as error:
        if error.http_status == 403:
            raise
        messages.error(request, told(error))
    return redirect("portal:publications")
