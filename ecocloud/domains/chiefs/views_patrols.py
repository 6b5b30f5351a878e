"""Pages of patrols: what I owe, the phone page, the list, one patrol, its photographs. Thin."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.base.files import pictures
from ecocloud.base.files import services as files
from ecocloud.base.files.kinds import FileKind
from ecocloud.base.pages import offline
from ecocloud.base.pages.answering import refusal
from ecocloud.base.pages.exports import list_page
from ecocloud.base.pages.inputs import whole_number
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.base.pages.maps import Mark, locator
from ecocloud.domains.chiefs import queries, showing
from ecocloud.domains.chiefs.errors import ChiefRefused
from ecocloud.domains.chiefs.facts import words
from ecocloud.domains.chiefs.models import Office, PatrolPhoto
from ecocloud.domains.chiefs.services import patrols as services
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.permissions import allowed

_PICTURES = frozenset((FileKind.PNG, FileKind.JPG))
_MOST_OFFICES = 200


def mine(request: HttpRequest) -> HttpResponse:
    """The offices I answer for, what is owed in the period that goes on, my last patrols."""
    rows = list(queries.own_offices(request.user).select_related("object", "region", "department")[:_MOST_OFFICES])
    standings = queries.standings(rows) if rows else {}
    for row in rows:
        row.title, row.standing = showing.title(row), standings.get(row.pk)
        row.word = showing.standing_words(row.standing) if row.standing else ""
        row.act = showing.patrol_word(row)
    if request.GET.get("owed") == "1":
        rows = [row for row in rows if row.standing and row.standing.missing]
    rows.sort(key=lambda row: (row.standing is None, row.standing.slot.last if row.standing else None, row.pk)
              if row.standing else (True, timezone.localdate(), row.pk))  # fmt: skip
    last = queries.patrols(request.user).filter(by=request.user).select_related("office__object", "office__region")[:10]
    context = {"rows": rows, "last": [_dress(row) for row in last], "owed": request.GET.get("owed") == "1"}
    return render(request, "chiefs/mine.html", context)


def _dress(row: Any) -> Any:
    row.title, row.light = showing.title(row.office), showing.patrol_light(row)
    row.act, row.as_word = showing.patrol_word(row.office), showing.counts_as_word(row.counts_as)
    return row


class PatrolListing(Listing):
    """Patrols with their words."""

    @property
    def dressed(self) -> list[Any]:
        """The rows of the page as they are shown."""
        return [_dress(row) for row in self.rows]


def patrol_list(request: HttpRequest) -> HttpResponseBase:
    """The patrols in sight, the newest first."""
    viewer = request.user

    def regions() -> list[tuple[str, str]]:
        codes = queries.patrols(viewer).order_by().values("region")
        return list(Region.objects.filter(pk__in=codes).order_by("code").values_list("code", "name"))

    families = {one.code: [kind.code for kind in words().kinds if kind.family == one.code] for one in words().families}
    filters = (
        FilterSpec("q", _("对象"), kind="text", fields=("office__object__name", "office__post", "note"),
                   placeholder=_("河湖、林地、岗位或情况")),
        FilterSpec("family", _("类别"), choices=showing.choices(words().families),
                   apply=lambda rows, value: rows.filter(office__kind__in=families.get(value, []))),
        FilterSpec("region", _("区划"), field="region_id", choices=regions),
        FilterSpec("on", _("日期"), kind="date_range", field="day"),
        FilterSpec("found", _("发现问题"), kind="bool", apply=lambda rows, _on: rows.filter(found__gt=0)),
    )  # fmt: skip
    listing = PatrolListing(
        request, queries.patrols(viewer), filters=filters,
        sorts=(SortSpec("day", ("-start", "-pk")), SortSpec("found", ("-found", "-pk"))),
        decorate=lambda rows: rows.select_related("office__object", "office__region", "department", "by"),
        key="chiefs.patrols", columns=showing.patrol_columns(), title=_("巡查记录"),
    )  # fmt: skip
    return list_page(request, listing, "chiefs/patrols.html", {"records": allowed(viewer, queries.RECORD)})


def patrol_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One patrol: where, what was found and what became of it, photographs without their remarks."""
    row = _dress(queries.patrol_for(request.user, pk))
    findings = list(row.findings.order_by("pk"))
    for one in findings:
        one.word = showing.problem_word(one.kind)
    drawn = None
    if row.lon is not None and len(row.region_id) >= 4:
        parent = f"{row.region_id[:4]}00"
        drawn = locator(parent, [Mark(row.lon, row.lat, row.title)], title=row.title, current=row.region_id[:6])
    context = {
        "row": row, "findings": findings, "photos": row.photos.order_by("pk"), "drawn": drawn,
        "warnings": showing.warning_words(services.warnings_of(row)),
    }  # fmt: skip
    return render(request, "chiefs/patrol.html", context)


def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """A photograph of a patrol in sight, without what it says of place, time and device."""
    found = PatrolPhoto.objects.filter(pk=pk).select_related("file").first()
    if found is None:
        raise Http404
    queries.patrol_for(request.user, found.patrol_id)
    with files.open_stored(found.file) as stream:
        clean = pictures.stripped(stream.read())
    if not clean:
        raise Http404
    return HttpResponse(clean, content_type="image/png" if found.file.kind == FileKind.PNG.value else "image/jpeg")


def create(request: HttpRequest) -> HttpResponse:
    """The phone page. A call for JSON (the script that sends drafts) is answered in JSON."""
    script = request.headers.get("Accept", "").startswith("application/json")
    error = None
    if request.method == "POST":
        try:
            told = services.record(request.user, _given(request))
            return _recorded(request, told, script)
        except EcoError as refused:
            if script:
                said = {"ok": False, "error": refusal(refused), "code": refused.code}
                return JsonResponse(said, status=refused.http_status)
            if refused.http_status == 403:
                raise
            error = refused
    return _form(request, error)


def worker(request: HttpRequest) -> HttpResponse:
    """The service worker that keeps the phone page for where there is no network."""
    needed = ("web/tokens.css", "web/app.css", "web/app.js", "chiefs/chiefs.css", "chiefs/patrol.mjs",
              "vendor/icons.svg", "vendor/htmx.min.js", "web/favicon.svg")  # fmt: skip
    return offline.worker(f"{offline.OWN}patrol-1", [reverse("chiefs:patrol-new"), *map(static, needed)])


def _recorded(request: HttpRequest, told: services.Recorded, script: bool) -> HttpResponse:
    url = reverse("chiefs:patrol", args=[told.patrol.pk])
    said = showing.warning_words(told.warnings)
    if script:
        return JsonResponse({"ok": True, "url": url, "fresh": told.fresh, "warning": said})
    done = _("已记录。") if told.fresh else _("这条记录此前已经收到，没有重复登记。")
    messages.success(request, done)
    if said:
        messages.warning(request, _("提示：%(what)s。记录有效。") % {"what": said})
    return redirect(url)


def _form(request: HttpRequest, error: EcoError | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else request.GET
    offices = _choices(request.user)
    wanted = whole_number(data.get("office"))
    chosen = next((row for row in offices if row.pk == wanted), offices[0] if len(offices) == 1 else None)
    context = {
        "error": error, "data": data, "offices": offices, "chosen": chosen, "key": data.get("key") or uuid.uuid4().hex,
        "problems": showing.problems_for(chosen), "most": services.MOST_PHOTOS, "now": timezone.localtime(),
    }  # fmt: skip
    return render(request, "chiefs/patrol_new.html", context, status=error.http_status if error else 200)


def _choices(viewer: Any) -> list[Office]:
    """Whom I may record for: first the offices I answer for."""
    own = set(queries.own_offices(viewer).values_list("pk", flat=True))
    rows = list(queries.recordable(viewer).select_related("object", "region")[:_MOST_OFFICES])
    for row in rows:
        row.title = showing.title(row)
    return sorted(rows, key=lambda row: (row.pk not in own, row.title))


def _given(request: HttpRequest) -> services.Given:
    data = request.POST
    given = request.FILES.getlist("photos")
    if len(given) > services.MOST_PHOTOS:
        raise ChiefRefused(f"一次最多 {services.MOST_PHOTOS} 张照片。", "too many photographs", value=len(given))
    if data.get("result") not in ("none", "found"):
        raise ChiefRefused("请选择有没有发现问题。", "no result chosen", where={"字段": "结果"})
    photos = [files.receive(one.name, one.file, _PICTURES) for one in given]
    start = parse_datetime(data.get("start", "")) if data.get("start") else None
    if start is not None and timezone.is_naive(start):
        start = timezone.make_aware(start)
    problems = services.problems_from(data) if data.get("result") == "found" else []
    return services.Given(
        key=data.get("key", ""), office=whole_number(data.get("office")) or 0, start=start,
        minutes=_whole(data, "minutes", 1440), metres=_whole(data, "metres", 200_000), lon=_degree(data, "lon"),
        lat=_degree(data, "lat"), note=data.get("note", ""), problems=problems, photos=photos,
    )  # fmt: skip


def _whole(data: Any, name: str, largest: int) -> int | None:
    text = data.get(name, "").strip()
    if not text:
        return None
    number = whole_number(typed.plain(text), largest)
    if number is None:
        raise ChiefRefused(
            "应填整数。", f"{name}: not a whole number up to {largest}", where={"字段": name}, value=text[:40]
        )
    return number


def _degree(data: Any, name: str) -> float | None:
    text = data.get(name, "").strip()
    return float(typed.number(text)) if text else None
