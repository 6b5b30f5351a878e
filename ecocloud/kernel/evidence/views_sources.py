"""The page of a source: what it is and which values and targets were taken from it. Thin."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ecocloud.base.pages.exports import list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.kernel.evidence import exporting, queries, sources

_TAKEN_FROM_SHEET = "targets"


def source(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """A source with the values taken from it; ``?place=row-12`` shows that place first."""
    place = request.GET.get("place", "")
    found = sources.card(kind, key, place)
    if found is None:
        raise Http404(_("没有这个来源。"))
    ref = f"{found.prefix}{place}"
    values, goals = sources.values_from(request.user, found), sources.targets_from(request.user, found)
    wants_goals = request.GET.get("show") == "targets" or place.startswith("target-") or key == _TAKEN_FROM_SHEET
    listing = Listing(
        request, goals if wants_goals else values,
        filters=(FilterSpec("q", _("指标"), kind="text", fields=("indicator__zh", "indicator__code")),),
        sorts=(SortSpec("end", ("-end", "indicator__order", "region_id", "id")),
               SortSpec("indicator", ("indicator__order", "-end", "id"))),
        key="evidence.source", decorate=lambda rows: rows.select_related("indicator", "region"),
        columns=exporting.TARGETS if wants_goals else exporting.VALUES, title=found.title,
    )  # fmt: skip
    for row in listing.rows:
        row.place = sources.place_words(row_ref(row).partition("#")[2])
    here = {"values": [], "goals": []}
    if found.place:
        here["values"] = list(values.filter(source=ref).select_related("indicator", "region")[:20])
        here["goals"] = list(goals.filter(document=ref).select_related("indicator", "region")[:20])
    return list_page(request, listing, "evidence/source.html", {
        "card": found, "shows_goals": wants_goals, "has_both": kind == sources.PUBLIC,
        "here_values": here["values"],
        "here_goals": [(goal, queries.target_words(goal)) for goal in here["goals"]], "ref": ref,
    })  # fmt: skip


def row_ref(row: object) -> str:
    """The reference of a value or target to its source."""
    return getattr(row, "source", "") or getattr(row, "document", "")
