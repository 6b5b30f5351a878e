"""Pages of raster accounts: the list, opening one, checking and running it. Thin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.jobs.queries import JobStatus, job_status
from ecocloud.base.pages.answering import attempt
from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.inputs import whole_number
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.domains.gep import queries
from ecocloud.domains.gep.access import RUN
from ecocloud.domains.gep.errors import GepError, NotThere
from ecocloud.domains.gep.models import Accounting, RasterAccount
from ecocloud.domains.gep.raster_accounts import engine, showing
from ecocloud.domains.gep.services import rasters
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.permissions import allowed

_SORTS = (
    SortSpec("new", ("-at", "-pk"), descending_first=True),
    SortSpec("year", ("year", "pk"), descending_first=True),
    SortSpec("name", ("name", "pk")),
)


class RasterListing(Listing):
    """Raster accounts with their words."""

    @property
    def dressed(self) -> list[RasterAccount]:
        """The rows of the page in words."""
        return showing.dress(self.rows)

    def all_rows(self) -> Any:
        """The rows of a file, dressed alike."""
        yield from showing.dress(super().all_rows())


def raster_list(request: HttpRequest) -> HttpResponseBase:
    """The raster accounts in sight, the newest first."""
    viewer = request.user
    filters = (
        FilterSpec("q", _("名称"), kind="text", field="name"),
        FilterSpec("accounting", _("核算"), field="accounting_id", choices=lambda: [
            (str(pk), title) for pk, title in queries.accountings(viewer).values_list("pk", "title")]),
        FilterSpec("state", _("状态"), choices=RasterAccount.State.choices),
    )  # fmt: skip
    columns = (
        ExportColumn(_("名称"), "name"), ExportColumn(_("核算"), "accounting.title"), ExportColumn(_("年度"), "year"),
        ExportColumn(_("状态"), "state_word"), ExportColumn(_("更新时间"), "at"), ExportColumn(_("摘要"), "digest"),
    )  # fmt: skip
    listing = RasterListing(request, queries.rasters(viewer), filters=filters, sorts=_SORTS, key="gep.rasters",
                            columns=columns, title=_("栅格核算"))  # fmt: skip
    context = {"runs": allowed(viewer, RUN), "lacking": engine.missing()}
    return list_page(request, listing, "gep/raster_list.html", context)


def found(viewer: Any, pk: int) -> RasterAccount:
    """A raster account in sight. Raises NotThere."""
    row = queries.rasters(viewer).filter(pk=pk).first()
    if row is None:
        raise NotThere("没有这项栅格核算，或不在您的数据范围内。", f"no raster account {pk} in reach", value=pk)
    return showing.dress([row])[0]


def create(request: HttpRequest) -> HttpResponse:
    """Choose accounting and year, name it."""
    error, data = None, request.POST if request.method == "POST" else request.GET
    if request.method == "POST":
        try:
            row = rasters.open_raster(request.user, *_chosen(data.get("of", "")), data.get("name", ""))
            return redirect("gep:raster-layers", pk=row.pk)
        except EcoError as refused:
            if refused.http_status in (403, 404):
                raise
            error = refused
    mine = queries.accountings(request.user).filter(state=Accounting.State.OPEN)
    options = [
        (f"{one.pk}-{year}", one.title, year) for one in mine
        if scope.sees_department(request.user, one.office_id, RUN) for year in reversed(one.years)
    ]  # fmt: skip
    wanted = data.get("of") or next(
        (key for key, *_rest in options if key.startswith(f"{data.get('accounting')}-")), ""
    )
    context = {"options": options, "of": wanted, "data": data, "error": error, "lacking": engine.missing(),
               "steps": showing.steps(None, "new", edits=True)}  # fmt: skip
    return render(request, "gep/raster_new.html", context, status=400 if error else 200)


def _chosen(text: str) -> tuple[int, int]:
    accounting, _dash, year = text.partition("-")
    keys = whole_number(accounting), whole_number(year)
    if keys[0] is None or keys[1] is None:
        raise GepError("没有选择核算和年度。", "no accounting", where={"字段": "核算和年度"}, remedy_zh="请选择。")
    return keys[0], keys[1]


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Check and run: what is given, what the check said, the job that works."""
    row = found(request.user, pk)
    if row.state == RasterAccount.State.DONE and rasters.has_result(row):
        return redirect("gep:raster-result", pk=pk)
    gone = bool(row.digest)  # it was done: it may only be computed again
    edits = showing.may_run(request.user, row)
    status = _status(row)
    context: dict[str, Any] = {
        "row": row, "edits": edits, "gone": gone, "steps": showing.steps(row, "run", edits=edits),
        "lacking": engine.missing(), "busy": status is not None and not status.finished, **_progress(row, status),
        "error": showing.error_words(row.told["error"]) if row.told.get("error") else "",
        "failed": status.error if status is not None and status.finished and not row.told else "",
    }  # fmt: skip
    if not engine.missing():
        groups = showing.layer_rows(row)
        context["layers"] = [one for group in groups.values() for one in group if one.given or one.wrong]
        context["services"] = showing.service_rows(row)
        words = showing.speech(row.accounting)
        context["computed"] = [one for one in context["services"] if one.code in row.told.get("services", ())]
        context["zones"] = [words.region(one) for one in row.told.get("zones", ())]
    return render(request, "gep/raster.html", context)


def _status(row: RasterAccount) -> JobStatus | None:
    return job_status(row.job) if row.job else None


def _progress(row: RasterAccount, status: JobStatus | None) -> dict[str, Any]:
    return {"status": status, "poll_url": reverse("gep:raster-progress", args=[row.pk]),
            "cancel_url": reverse("gep:raster-cancel", args=[row.pk])}  # fmt: skip


def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the job is; when it has ended the page is read again."""
    row = found(request.user, pk)
    status = _status(row)
    if request.headers.get("HX-Request") != "true" or status is None:
        return redirect("gep:raster", pk=pk)
    context = _progress(row, status)
    if not showing.may_run(request.user, row):
        context["cancel_url"] = ""
    response = render(request, "jobs/progress.html", context)
    if status.finished:
        response["HX-Refresh"] = "true"
    return response


def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Look everything through."""
    return _done(request, pk, rasters.check, _("已开始检查。"))


def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Compute it."""
    return _done(request, pk, rasters.start, _("已开始核算，可离开本页，完成后再来查看。"))


def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the job."""
    found(request.user, pk)
    attempt(request, lambda: rasters.cancel(request.user, pk), _("已取消；已完成的部分保留，再次运行时接着做。"))
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect("gep:raster", pk=pk)


def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Another account of the same layers."""
    row = found(request.user, pk)
    name = request.POST.get("opinion", "") or row.name
    made = attempt(request, lambda: rasters.copy(request.user, row, name), _("已沿用图层新建。"))
    return redirect("gep:raster-layers", pk=made.pk) if made else redirect("gep:raster", pk=pk)


def _done(request: HttpRequest, pk: int, act: Any, told: str) -> HttpResponse:
    found(request.user, pk)
    revision = whole_number(request.POST.get("revision", ""))
    attempt(request, lambda: act(request.user, pk, revision=revision), told)
    return redirect("gep:raster", pk=pk)
