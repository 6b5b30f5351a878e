"""Dispatch rounds: list, new, overview, fill, check, workbooks. Thin."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.files.checks import check_upload
from ecocloud.base.files.kinds import FileKind
from ecocloud.base.pages.exports import XLSX_TYPE, list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.base.periods import Period
from ecocloud.kernel.duties import columns, forms, papers, queries, round_page, showing, workbooks
from ecocloud.kernel.duties.models import Round, RoundReport
from ecocloud.kernel.duties.services import drafts, long_work, rounds
from ecocloud.kernel.duties.views import back_to
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department, User

State = RoundReport.State


def _may(user: User) -> frozenset[str]:
    return permissions.rights(user).permissions


def round_list(request: HttpRequest) -> HttpResponse:
    """Every round with its counts."""
    states = [(value, showing.said(label)) for value, label in Round.State.choices]
    filters = (
        FilterSpec("q", _("名称"), kind="text", fields=("title",)),
        FilterSpec("state", _("状态"), choices=states),
    )
    rows = queries.rounds(request.user).order_by()
    listing = Listing(
        request, rows, filters=filters, sorts=(SortSpec("due", ("-due", "-id")),), key="duties.rounds",
        columns=columns.ROUNDS, title=_("调度"),
        decorate=lambda found: found.select_related("created_by"),
    )  # fmt: skip
    counts = round_page.counts_of(request.user, listing.rows)
    for row in listing.rows:
        mine = counts[row.pk]
        row.counts = mine
        row.all = sum(mine.values())
        row.owing = mine[State.OWED] + mine[State.RETURNED]
        row.accepted = mine[State.ACCEPTED] + mine[State.LOCKED]
        row.percent = round(100 * (row.all - row.owing) / row.all) if row.all else 0
        row.late = row.state == Round.State.OPEN and row.owing and row.due < timezone.localdate()
    return list_page(request, listing, "duties/rounds.html", {"may": _may(request.user)})


def new_round(request: HttpRequest) -> HttpResponse:
    """Open a round."""
    today = timezone.localdate()
    month = Period.parse(f"{today:%Y-%m}")
    form = forms.RoundForm(request.POST or None, initial={"period": month.edtf})
    refused = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made, job = long_work.open_round(
                request.user, period=given["period"], due=given["due"], title=given["title"],
                cycle=given["cycle"] or None,
            )  # fmt: skip
        except EcoError as error:
            refused = error
        else:
            if job is not None:
                messages.success(request, _("任务较多，正在后台生成应报清单，完成后通知各单位。"))
                return redirect("web:job", pk=job.pk)
            messages.success(request, _("已下发：%(title)s。") % {"title": made.title})
            return redirect("duties:round", pk=made.pk)
    context = {"form": form, "refused": refused}
    return render(request, "duties/round_new.html", context, status=422 if request.method == "POST" else 200)


def _round(request: HttpRequest, pk: int) -> Round:
    return get_object_or_404(queries.rounds(request.user), pk=pk)


def one_round(request: HttpRequest, pk: int) -> HttpResponse:
    """Who still owes, what was sent, returned, accepted; counts equal the lists behind them."""
    row = _round(request, pk)
    lines = round_page.unit_lines(request.user, row)
    counts = round_page.totals(lines)
    whole = sum(counts.values())
    context = {
        "round": row,
        "lines": lines,
        "counts": counts,
        "states": [(state, label, counts[state]) for state, label in round_page.state_words()],
        "whole": whole,
        "owing": counts[State.OWED] + counts[State.RETURNED],
        "units_owing": sum(line.owing > 0 for line in lines),
        "waiting": whole - counts[State.ACCEPTED] - counts[State.LOCKED],
        "is_open": row.state == Round.State.OPEN,
        "days": (row.due - timezone.localdate()).days,
        "may": _may(request.user),
        "own_unit": request.user.department_id,
    }
    return render(request, "duties/round.html", context)


def remind(request: HttpRequest, pk: int) -> HttpResponse:
    """催报: all units that owe, or the chosen ones."""
    row = _round(request, pk)
    chosen = [int(text) for text in request.POST.getlist("unit") if text.isdigit()]
    told = rounds.remind(request.user, row, chosen or None)
    messages.success(request, _("已催报 %(n)s 个单位。") % {"n": told})
    return redirect("duties:round", pk=pk)


def lock(request: HttpRequest, pk: int) -> HttpResponse:
    """Lock the round; with ``as_is`` also while reports are missing."""
    row = _round(request, pk)
    try:
        rounds.lock(request.user, row, even_if_owed=request.POST.get("as_is") == "1")
    except EcoError as error:
        messages.error(request, showing.told(error))
    else:
        messages.success(request, _("已锁定：%(title)s。") % {"title": row.title})
    return redirect("duties:round", pk=pk)


def _unit(request: HttpRequest, row: Round) -> Department:
    """The unit a page is about: the person's own, or for the office the one named in the address."""
    text = request.GET.get("unit", "") or request.POST.get("unit", "")
    if text.isdigit() and rounds.ROUND_MANAGE in _may(request.user):
        return get_object_or_404(Department, pk=int(text))
    if request.user.department is None:
        raise round_page.NoUnit()
    return request.user.department


def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """One form for all reports of a unit: kept as a draft or sent."""
    row = _round(request, pk)
    unit = _unit(request, row)
    rows = round_page.fill_rows(request.user, round_page.unit_reports(request.user, row, unit), row.period)
    context: dict[str, Any] = {"round": row, "unit": unit, "rows": rows, "is_open": row.state == Round.State.OPEN}
    context["own"] = unit.pk == request.user.department_id
    status = 200
    if request.method == "POST":
        entries = round_page.typed(rows, request.POST)
        try:
            return _filled(request, row, unit, entries)
        except EcoError as error:
            context["refused"], status = error, error.http_status
    context["left"] = sum(line.report.state in round_page.OWING for line in rows)
    return render(request, "duties/fill.html", context, status=status)


def _filled(request: HttpRequest, row: Round, unit: Department, entries: list[drafts.Entry]) -> HttpResponse:
    if request.POST.get("do") == "draft":
        kept = drafts.save_drafts(request.user, [one for one in entries if one.report.state in round_page.OWING])
        messages.success(request, _("已保存草稿 %(n)s 项，尚未报送。") % {"n": kept})
    else:
        written = [entry for entry in entries if entry.text]
        sent = drafts.send(request.user, written)
        messages.success(request, _("已报送 %(n)s 项。") % {"n": sent})
        if len(written) < len(entries):
            messages.warning(request, _("%(n)s 项没有填写进展，未报送。") % {"n": len(entries) - len(written)})
    url = f"{request.path}?unit={unit.pk}" if unit.pk != request.user.department_id else request.path
    return redirect(url)


def check(request: HttpRequest, pk: int) -> HttpResponse:
    """The office's list of reports by state and unit, to accept or return."""
    row = _round(request, pk)
    viewer = request.user
    lines = round_page.unit_lines(viewer, row)
    counts = round_page.totals(lines)
    filters = (
        FilterSpec("q", _("任务"), kind="text", fields=("item__title", "item__code")),
        FilterSpec(
            "unit", _("单位"), kind="department", field="department_id",
            choices=[(line.department_id, line.name) for line in lines],
        ),
        FilterSpec(
            "state", _("状态"), choices=round_page.state_words(), in_bar=False,
            counts=lambda found: _by_state(found, counts, "unit" in listing.values or "q" in listing.values),
        ),
    )  # fmt: skip
    listing = Listing(
        request, queries.reports(viewer, row).select_related(None).order_by(), filters=filters,
        sorts=(SortSpec("unit", ("department_id", "item_id")),), key="duties.check", decorate=_with_item,
        columns=columns.REPORTS, title=row.title,
    )  # fmt: skip
    showing.show([report.item for report in listing.rows])
    round_page.told_figures(viewer, listing.rows, row.period)
    for report in listing.rows:
        report.label = showing.said(State(report.state).label)
    context = {"round": row, "is_open": row.state == Round.State.OPEN, "may": _may(viewer)}
    return list_page(request, listing, "duties/check.html", context)


def _with_item(rows: Any) -> Any:
    return rows.select_related("item", "item__lead_department", "department", "submitted_by", "checked_by")


def _by_state(rows: Any, counts: dict[str, int], narrowed: bool) -> dict[str, int]:
    if not narrowed:
        return counts
    found = rows.order_by().values_list("state", flat=True)
    return {state: sum(one == state for one in found) for state in State.values}


def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept the chosen reports, or return one with its reason."""
    row = _round(request, pk)
    one = request.POST.get("accept", "")
    wanted = [one] if one else request.POST.getlist("report")
    keys = [int(text) for text in wanted if text.isdigit()][:500]
    found = queries.reports(request.user, row).filter(pk__in=keys)
    remark, back = request.POST.get("opinion", "").strip(), request.POST.get("do") == "return" and not one
    done = 0
    for report in found:
        version = request.POST.get(f"version-{report.pk}", "")
        seen = int(version) if version.isdigit() else None
        try:
            if back:
                rounds.send_back(request.user, report, remark, version=seen)
            else:
                rounds.check(request.user, report, remark=remark, version=seen)
            done += 1
        except EcoError as error:
            messages.warning(request, f"{report.item.code}：{showing.told(error)}")
    if done:
        words = _("已退回 %(n)s 项。") if back else _("已核 %(n)s 项，进度记入台账。")
        messages.success(request, words % {"n": done})
    elif not keys:
        messages.warning(request, _("没有选择报送。"))
    return redirect(back_to(request, f"{request.path.rsplit('decide', 1)[0]}check/"))


def workbook(request: HttpRequest, pk: int) -> FileResponse:
    """The workbook of one unit (``?unit=``), or of all units in one archive for the office (``?all=1``)."""
    row = _round(request, pk)
    who = request.user.get_full_name()
    note = _("报送期限 %(day)s") % {"day": row.due}
    if request.GET.get("all") == "1" and rounds.ROUND_MANAGE in _may(request.user):
        units = [line.department_id for line in round_page.unit_lines(request.user, row)]
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for unit in Department.objects.filter(pk__in=units).order_by("order", "id"):
                reports = round_page.unit_reports(request.user, row, unit)
                archive.writestr(
                    papers.file_name(f"{unit.pk}-{unit.label}.xlsx"), workbooks.fill_workbook(reports, who, note)
                )
        _journal(request, row, "workbooks", len(units))
        return _download(buffer.getvalue(), f"{row.title}-{_('填报表')}.zip", "application/zip")
    unit = _unit(request, row)
    reports = round_page.unit_reports(request.user, row, unit)
    _journal(request, row, "workbook", len(reports))
    return _download(workbooks.fill_workbook(reports, who, note), f"{row.title}-{unit.label}.xlsx", XLSX_TYPE)


def _journal(request: HttpRequest, row: Round, what: str, rows: int) -> None:
    with change(request.user.actor(getattr(request, "request_id", ""))) as tx:
        tx.log("duties.round.export", f"round:{row.pk}", after={"what": what, "rows": rows})


def _download(content: bytes, name: str, kind: str) -> FileResponse:
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=papers.file_name(name), content_type=kind)


def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """A filled workbook back in: all rows or none; faults are told by cell and marked in the file."""
    row = _round(request, pk)
    unit = _unit(request, row)
    given = request.FILES.get("workbook")
    context: dict[str, Any] = {"round": row, "unit": unit, "own": unit.pk == request.user.department_id}
    if request.method != "POST" or given is None:
        if request.method == "POST":
            context["refused"] = round_page.no_file()
        return render(request, "duties/round_upload.html", context, status=422 if request.method == "POST" else 200)
    try:
        check_upload(given.name, given.file, {FileKind.XLSX})
        given.file.seek(0)
        content = given.file.read()
        reports = round_page.unit_reports(request.user, row, unit)
        found = workbooks.read_fill(content, reports)
        if found.faults and request.POST.get("marked") == "1":
            return _download(found.marked, f"{row.title}-{unit.label}-{_('错误')}.xlsx", XLSX_TYPE)
        if not found.faults:
            sent = drafts.send(request.user, found.entries)
            messages.success(request, _("已报送 %(n)s 项。") % {"n": sent})
            if found.skipped:
                messages.warning(request, _("%(n)s 行没有进展情况，未报送。") % {"n": found.skipped})
            return redirect("duties:round", pk=pk)
        context["faults"] = found.faults
    except EcoError as error:
        context["refused"] = error
    return render(request, "duties/round_upload.html", context, status=422)


def paper(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The round's 调度表 as .docx or .xlsx, with the reports accepted or sent so far."""
    row = _round(request, pk)
    made = papers.round_schedule(request.user, row, form)
    _journal(request, row, f"schedule.{form}", made.rows)
    return _download(made.content, made.name, made.kind)
