"""Pages of staff: the list of reports, one report, opening and closing the desk. Thin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.inputs import whole_number
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.kernel.journal.queries import entries_for
from ecocloud.kernel.regions.models import Department, Region, in_language
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.kernel.regions.queries import in_force
from ecocloud.portal.facts import categories
from ecocloud.portal.reports import handing, queries, services
from ecocloud.portal.reports.models import Report
from ecocloud.portal.reports.states import LABELS, State
from ecocloud.portal.reports.views import send_photo, told

_LIGHTS = {"received": "yellow", "handling": "none", "done": "done", "refused": "none"}
_SHOWN_ENTRIES, _MOST_UNITS = 12, 400


def _counts(rows: Any) -> dict[str, int]:
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def report_list(request: HttpRequest) -> HttpResponseBase:
    """The reports in sight."""
    viewer = request.user
    filters = (
        FilterSpec("q", _("编号、地点"), kind="text", fields=("number", "place", "text")),
        FilterSpec("category", _("类别"), choices=[(one.code, one.label) for one in categories().values()]),
        FilterSpec("region", _("区划"), field="region_id", choices=lambda: _regions(viewer)),
        FilterSpec("created", _("收到日期"), kind="date_range", field="created_at__date"),
        FilterSpec("state", _("状态"), choices=[(code.value, in_language(*LABELS[code])) for code in State],
                   in_bar=False, lights=_LIGHTS, counts=_counts),
        FilterSpec("waiting", _("待我处理"), kind="bool", apply=lambda rows, _on: rows.filter(
            pk__in=queries.waiting(viewer).values("pk"))),
        FilterSpec("poor", _("评价不满意"), kind="bool", apply=lambda rows, _on: rows.filter(rating__lte=2)),
    )  # fmt: skip
    listing = Listing(
        request, queries.reports(viewer), filters=filters,
        sorts=(SortSpec("number", ("-pk",)), SortSpec("seen", ("-seen", "-pk")), SortSpec("rating", ("rating", "-pk"))),
        decorate=lambda rows: rows.select_related("region", "unit"), key="portal.reports", columns=_columns(),
        title=_("公众反映"),
    )  # fmt: skip
    context = {"desk": queries.desk(), "edits": allowed(viewer, services.DESK)}
    return list_page(request, listing, "portal/reports.html", context)


def _regions(viewer: Any) -> list[tuple[str, str]]:
    codes = queries.reports(viewer).order_by().values("region")
    return list(Region.objects.filter(pk__in=codes).order_by("code").values_list("code", "name"))


def _columns() -> tuple[ExportColumn, ...]:
    """What leaves as a file: nothing of the person who reported."""
    return (
        ExportColumn(_("编号"), "number"), ExportColumn(_("类别"), "category_word"),
        ExportColumn(_("区划"), "region.name"), ExportColumn(_("具体位置"), "place"),
        ExportColumn(_("收到时间"), "created_at"), ExportColumn(_("状态"), "state_word"),
        ExportColumn(_("办理单位"), "unit.name"), ExportColumn(_("说明"), "text"), ExportColumn(_("答复"), "reply"),
        ExportColumn(_("满意度"), "rating"), ExportColumn(_("重办次数"), "reopened"),
        ExportColumn(_("也看到的人数"), "seen"),
    )  # fmt: skip


def report_page(request: HttpRequest, number: str) -> HttpResponse:
    """One report with what may be done about it."""
    row = queries.report_for(request.user, number)
    problem, contact, code = "", None, 200
    if request.method == "POST":
        try:
            contact = _act(request, row)
            if contact is None:
                return redirect("portal:report-page", number=row.number)
        except EcoError as error:
            problem, code = told(error), error.http_status
        row = queries.report_for(request.user, number)
    may = allowed(request.user, services.HANDLE)
    waits = row.state == State.RECEIVED.value
    refusable = may and row.ended_on is None and services.is_desk(request.user)
    context = {
        "row": row, "case": handing.case_of(row), "steps": list(row.steps.all()), "photos": list(row.photos.all()),
        "problem": problem, "contact": contact, "may": may, "waits": waits and may,
        "refusable": refusable, "typed": request.POST,
        "units": in_force().exclude(kind=Department.Kind.GROUP).order_by("region_id", "order", "pk")[:_MOST_UNITS]
        if waits and may else (), "entries": entries_for(row.ref)[:_SHOWN_ENTRIES],
        "item_url": reverse("duties:item", args=[row.item_ref.partition(":")[2]]) if row.item_ref else "",
        "guess": handing.owner_by_grid(row) if waits and may else None,
    }  # fmt: skip
    return render(request, "portal/report_page.html", context, status=code)


def _act(request: HttpRequest, row: Report) -> str | None:
    """Do what the form asks for; the contact where that was asked for."""
    act, text = request.POST.get("act", ""), request.POST.get("text", "")
    if act == "contact":
        return services.read_contact(request.user, row) or _("反映人没有留联系方式")
    if act == "hand":
        unit = Department.objects.filter(pk=whole_number(request.POST.get("unit"))).first()
        if unit is None:
            messages.error(request, _("请选择办理单位。"))
            return None
        services.hand_over(request.user, row, unit)
        messages.success(request, _("已交办。"))
    elif act == "refuse":
        services.refuse(request.user, row, text)
        messages.success(request, _("已告知不予受理。"))
    else:
        services.reply(request.user, row, text)
        messages.success(request, _("答复已公开。"))
    return None


def staff_photo(request: HttpRequest, number: str, order: int) -> HttpResponseBase:
    """A photo of a report in sight."""
    return send_photo(queries.report_for(request.user, number), order)


def desk(request: HttpRequest) -> HttpResponse:
    """Whether reports are taken, for which office, in whose name."""
    if request.method == "POST":
        services.open_desk(request.user, is_open=request.POST.get("on") == "1")
        messages.success(request, _("已开通。") if request.POST.get("on") == "1" else _("已停止受理。"))
        return redirect("portal:desk")
    context = {"desk": queries.desk(), "today": timezone.localdate(), "categories": list(categories().values())}
    return render(request, "portal/desk.html", context)
