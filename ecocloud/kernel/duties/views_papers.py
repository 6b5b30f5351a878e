"""A list as a file: 清单, 通报, 督办函, 调度表. Thin."""

from __future__ import annotations

import io

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecocloud.base.files import services as files
from ecocloud.base.files.models import StoredFile
from ecocloud.base.pages.exports import ExportColumn, export
from ecocloud.kernel.duties import papers, showing
from ecocloud.kernel.duties.services import outputs
from ecocloud.kernel.duties.views import list_of

# More items than this are written by a job.
AT_ONCE = 500
FORMS = {"circular": ("docx",), "letter": ("docx",), "schedule": ("docx", "xlsx"), "list": ("xlsx", "csv")}
COLUMNS = (
    ExportColumn(gettext_lazy("编号"), "code"),
    ExportColumn(gettext_lazy("事项名称"), "title"),
    ExportColumn(gettext_lazy("类型"), lambda item: item.table.label_zh),
    ExportColumn(gettext_lazy("年度"), "year"),
    ExportColumn(gettext_lazy("牵头单位"), "lead_department.name"),
    ExportColumn(gettext_lazy("配合单位"), showing.units_text),
    ExportColumn(gettext_lazy("完成期限"), "deadline"),
    ExportColumn(gettext_lazy("期限原文"), "deadline_text"),
    ExportColumn(gettext_lazy("环节"), "state_zh"),
    ExportColumn(gettext_lazy("进度（%）"), "progress"),
    ExportColumn(gettext_lazy("亮灯"), "light_zh"),
    ExportColumn(gettext_lazy("亮灯说明"), "light_words"),
    ExportColumn(gettext_lazy("来源文件"), "source_title"),
    ExportColumn(gettext_lazy("来源位置"), "source_place"),
    ExportColumn(gettext_lazy("内容与要求"), "body"),
)


def paper(request: HttpRequest, kind: str, form: str) -> HttpResponseBase:
    """The list of the address (``list`` and its filters, or the picked ``item``) as a file."""
    if form not in FORMS.get(kind, ()):
        raise Http404
    listing = list_of(request)
    request_id = getattr(request, "request_id", "")

    def record(rows: int, query: str) -> None:
        outputs.record(request.user, what=f"{kind}.{form}", rows=rows, query=query, request_id=request_id)

    if form == "csv":
        plain = listing._decorate
        listing._decorate = lambda rows: plain(rows).prefetch_related("units")
        return export(listing, COLUMNS, _("任务清单"), form=form, record=record)
    if listing.total > AT_ONCE:
        return _as_job(request, kind, form, listing)
    try:
        matter = papers.matter_of(request.user, listing.every(), listing.filter_words())
        made = papers.make(kind, form, matter)
    except papers.NothingToWrite as nothing:
        messages.warning(request, nothing.sentence_zh())
        return redirect(_list_url(listing))
    record(made.rows, listing.query_text)
    return FileResponse(
        io.BytesIO(made.content), as_attachment=True, filename=papers.file_name(made.name), content_type=made.kind
    )


def _list_url(listing) -> str:
    route = "duties:ledger" if listing.name == "ledger" else "duties:mine"
    tab = "" if listing.name == "ledger" else f"tab={listing.name}&"
    return f"{reverse(route)}?{tab}{listing.query_text}"


def _as_job(request: HttpRequest, kind: str, form: str, listing) -> HttpResponse:
    job = outputs.start(
        request.user, kind=kind, form=form, name=listing.name, query=listing.query_text, rows=listing.total,
        request_id=getattr(request, "request_id", ""),
    )  # fmt: skip
    try:
        return redirect("web:job", pk=job.pk)
    except NoReverseMatch:
        messages.success(request, _("文件正在后台生成。"))
        return redirect(_list_url(listing))


def output_file(request: HttpRequest, pk: int) -> FileResponse:
    """A file a job made, for the person who asked for it."""
    row = get_object_or_404(StoredFile, pk=pk, uploaded_by=request.user.actor().id)
    return FileResponse(files.open_stored(row), as_attachment=True, filename=row.name)
