"""Pages of grids: list, map, one grid, check report, GeoJSON in and out. Thin."""

from __future__ import annotations

import io
import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from shapely import from_wkb

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.base.files.kinds import FileKind
from ecocloud.base.files.models import StoredFile
from ecocloud.base.files.services import open_stored, store
from ecocloud.base.geo import EQUAL_AREA_BASIS
from ecocloud.base.geo.boundaries import Boundary
from ecocloud.base.geo.svg import svg_map
from ecocloud.base.pages import hooks
from ecocloud.base.pages.answering import attempt
from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.inputs import whole_number
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.base.pages.maps import Choropleth, close_up
from ecocloud.kernel.journal.queries import entries_for
from ecocloud.kernel.regions.grids import checking, importing, queries, services, shapes
from ecocloud.kernel.regions.grids.facts import grid_facts
from ecocloud.kernel.regions.models import Department, Region, User, in_language
from ecocloud.kernel.regions.permissions import allowed

MOST_DRAWN, MOST_UNITS, MOST_FAULTS = 300, 400, 100
_KINDS = frozenset((FileKind.TXT, FileKind.CSV))  # JSON is text; much of it looks like a table
_LARGEST_FILE = 20 * 1024 * 1024


def level_words() -> list[tuple[str, str]]:
    """The levels with their words."""
    return [(str(one.level), in_language(one.zh, one.en)) for one in grid_facts().levels]


def _regions(viewer: Any) -> FilterSpec:
    def choices() -> list[tuple[str, str]]:
        codes = queries.grids(viewer).order_by().values("region")
        return list(Region.objects.filter(pk__in=codes).order_by("code").values_list("code", "name"))

    return FilterSpec("region", _("区划"), field="region_id", choices=choices)


class GridListing(Listing):
    """Grids with their owners of today."""

    @property
    def dressed(self) -> list[Any]:
        """The rows of the page with ``term`` and ``word`` (the level)."""
        return _dress(self.rows)

    def all_rows(self) -> Any:
        """The rows of a file, dressed alike."""
        yield from _dress(list(super().all_rows()))


def _dress(rows: Any) -> list[Any]:
    rows = list(rows)
    terms, labels = queries.terms_today(rows), dict(level_words())
    for row in rows:
        row.term, row.word = terms.get(row.pk), labels.get(str(row.level), "")
    return rows


def _columns() -> tuple[ExportColumn, ...]:
    return (
        ExportColumn(_("网格编码"), "code"), ExportColumn(_("网格名称"), "name"), ExportColumn(_("级别"), "word"),
        ExportColumn(_("区划"), "region.name"), ExportColumn(_("上级网格"), "parent.code"),
        ExportColumn(_("责任单位"), "department.name"), ExportColumn(_("责任岗位"), "term.post"),
        ExportColumn(_("责任人"), "term.holder"), ExportColumn(_("结束日期"), "ended_on"),
    )  # fmt: skip


def grid_list(request: HttpRequest) -> HttpResponseBase:
    """The grids in sight with their owners."""
    filters = (
        FilterSpec("q", _("网格"), kind="text", fields=("name", "code"), placeholder=_("名称或编码")),
        FilterSpec("level", _("级别"), choices=level_words()),
        _regions(request.user),
        FilterSpec("ended", _("含已结束"), kind="bool", apply=lambda rows, _on: rows),
    )  # fmt: skip
    rows = queries.grids(request.user)
    if request.GET.get("ended") != "1":
        rows = rows.filter(ended_on__isnull=True)
    listing = GridListing(
        request, rows, filters=filters,
        sorts=(SortSpec("code", ("code",)), SortSpec("level", ("level", "code")), SortSpec("name", ("name", "pk"))),
        decorate=lambda found: found.select_related("region", "parent", "department"), key="regions.grids",
        columns=_columns(), title=_("网格"),
    )  # fmt: skip
    context = {"edits": allowed(request.user, queries.EDIT), "target": importing.KEY}
    return list_page(request, listing, "regions/grids.html", context)


def _boundaries(viewer: Any, level: int) -> list[tuple[Boundary, Any]]:
    rows = queries.versions_on().filter(grid__in=queries.grids(viewer).filter(level=level), place__isnull=False)
    return [
        (Boundary(row.grid.code, row.name, str(level), "", from_wkb(bytes(row.place))), row.area)
        for row in rows.order_by("grid__code")[:MOST_DRAWN]
    ]


def grid_map(request: HttpRequest) -> HttpResponse:
    """The drawn grids of one level, shaded by their size; each leads to its page."""
    wanted = whole_number(request.GET.get("level"), grid_facts().lowest) or grid_facts().lowest
    found = _boundaries(request.user, wanted)
    spec = None
    if found:
        sizes = {one.code: round(area / 1_000_000, 2) for one, area in found}
        spec = Choropleth(
            _("网格面积"), svg_map([one for one, _area in found], sizes), unit=_("平方公里"), places=2,
            note=_("网格界线由各单位划定；坐标为 CGCS2000"),
            urls={one.code: reverse("regions:grid", args=[one.code]) for one, _area in found},
        )  # fmt: skip
    context = {"spec": spec, "levels": level_words(), "level": str(wanted), "full": len(found) == MOST_DRAWN,
               "most": MOST_DRAWN, "edits": allowed(request.user, queries.EDIT)}  # fmt: skip
    return render(request, "regions/grids_map.html", context)


def grid_page(request: HttpRequest, code: str) -> HttpResponse:
    """One grid: its area, owners over time, versions, grids below; ``?on=DAY`` tells what held then."""
    row = queries.grid_for(request.user, code)
    day = _day(request.GET.get("on", "")) or timezone.localdate()
    versions = list(row.versions.select_related("region", "parent").order_by("-number"))
    shown = next((one for one in versions if one.valid_from <= day and (one.valid_to is None or day <= one.valid_to)),
                 None)  # fmt: skip
    drawn = close_up(from_wkb(bytes(shown.place)), title=shown.name) if shown and shown.place is not None else None
    members = Region.objects.filter(pk__in=shown.members).order_by("code") if shown and shown.members else ()
    edits = allowed(request.user, queries.EDIT) and row.ended_on is None
    context = {
        "row": row, "day": day, "shown": shown, "drawn": drawn, "members": members, "versions": versions,
        "terms": row.terms.select_related("department", "person").order_by("-valid_from", "-pk"),
        "children": row.children.filter(ended_on__isnull=True).order_by("code")[:200], "edits": edits,
        "level": dict(level_words()).get(str(row.level), ""), "basis": EQUAL_AREA_BASIS,
        "units": Department.objects.order_by("order", "pk")[:MOST_UNITS] if edits else (),
        "entries": entries_for(row.ref)[:20], "today": timezone.localdate(),
        "square_km": round(shown.area / 1_000_000, 3) if shown and shown.area is not None else None,
    }  # fmt: skip
    return render(request, "regions/grid.html", context)


def _day(text: str) -> Any:
    try:
        return typed.day(text)
    except typed.BadInput:
        return None


def grid_check(request: HttpRequest) -> HttpResponse:
    """Overlaps and gaps with their areas, divisions in two lists or in none."""
    rows = queries.versions_on().filter(grid__in=queries.grids(request.user))
    cells = queries.cells(rows)
    listed = {one.region for one in cells if one.members}
    report = checking.check(cells, grid_facts().least_area.value, queries.divisions_near(listed))
    names = dict(Region.objects.filter(pk__in=[one.region for one in report.lists]).values_list("code", "name"))
    context = {
        "report": report, "least": grid_facts().least_area.value, "basis": EQUAL_AREA_BASIS,
        "lists": [(one, names.get(one.region, one.region)) for one in report.lists[:MOST_FAULTS]],
        "overlaps": report.overlaps[:MOST_FAULTS], "gaps": report.gaps[:MOST_FAULTS],
    }  # fmt: skip
    return render(request, "regions/grids_check.html", context)


def grids_export(request: HttpRequest) -> HttpResponse:
    """The grids in sight as GeoJSON."""
    made = importing.as_geojson(request.user)
    hooks.record_export(request, "regions.grids", "geojson", len(made["features"]), "")
    response = HttpResponse(json.dumps(made, ensure_ascii=False), content_type="application/geo+json")
    response["Content-Disposition"] = 'attachment; filename="grids.geojson"'
    return response


def grids_geojson(request: HttpRequest) -> HttpResponse:
    """A GeoJSON file: preview first, then written. The file is kept between the two steps."""
    error, found, file = None, None, None
    system = request.POST.get("system", shapes.LONLAT)
    if request.method == "POST":
        try:
            file = _file(request)
            with open_stored(file) as stream:
                found = importing.preview(request.user, stream.read().decode("utf-8-sig"), system)
            if request.POST.get("commit"):
                day = _day(request.POST.get("on", ""))
                counts = importing.commit(request.user, found, on=day, basis=request.POST.get("basis", ""))
                messages.success(
                    request, _("已写入：新划定 %(created)s 个，调整 %(redrawn)s 个，更换责任 %(given)s 个。") % counts
                )
                return redirect("regions:grids")
        except UnicodeDecodeError:
            error = services.GridRefused("文件不是 UTF-8 文本。", "the file is no UTF-8 text")
        except EcoError as refused:
            error = refused
    context = {"error": error, "found": found, "file": file, "system": system, "today": timezone.localdate(),
               "lines": sorted(found.lines, key=lambda one: one.outcome != "error")[:200] if found else ()}  # fmt: skip
    return render(request, "regions/grids_geojson.html", context, status=400 if error else 200)


def _file(request: HttpRequest) -> StoredFile:
    """The file that is uploaded now, or the one the person uploaded for the preview."""
    who = f"grids {request.user.pk}"
    given = request.FILES.get("file")
    if given is not None:
        return store(given.name, io.BytesIO(given.read(_LARGEST_FILE + 1)), _KINDS, who, _LARGEST_FILE)
    number = whole_number(request.POST.get("kept"))
    row = StoredFile.objects.filter(pk=number, uploaded_by=who).first() if number else None
    if row is None:
        raise services.GridRefused("请先选择文件。", "no file given")
    return row


def grid_give(request: HttpRequest, code: str) -> HttpResponse:
    """Another owner from a day on."""
    row = queries.grid_for(request.user, code)

    def act() -> None:
        unit = Department.objects.filter(pk=whole_number(request.POST.get("unit")) or 0).first()
        if unit is None:
            raise services.GridRefused("请选择责任单位。", "no unit", where={"字段": "责任单位"})
        version = row.versions.get(valid_to__isnull=True)
        services.save_grids(request.user, [services.Given(
            row.code, version.name, row.level, version.region_id, unit, version.parent.code if version.parent else "",
            from_wkb(bytes(version.place)) if version.place is not None else None, tuple(version.members),
            request.POST.get("post", "").strip(), request.POST.get("holder", "").strip(),
            User.objects.filter(username=request.POST.get("account", "").strip() or "?", is_active=True).first(),
        )], on=_day(request.POST.get("on", "")))  # fmt: skip

    attempt(request, act, _("网格责任已更新。"))
    return redirect("regions:grid", code=code)


def grid_end(request: HttpRequest, code: str) -> HttpResponse:
    """The grid is no more."""
    queries.grid_for(request.user, code)
    reason = request.POST.get("opinion", "")
    attempt(request, lambda: services.end_grid(request.user, code, reason=reason), _("网格已结束，历史保留。"))
    return redirect("regions:grid", code=code)
