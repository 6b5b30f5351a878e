"""Pages of handovers of posts: list, preview and act, one handover. Thin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.kernel.regions.handing import queries, services
from ecocloud.kernel.regions.models import User

MOST_SHOWN = 200


def handovers(request: HttpRequest) -> HttpResponse:
    """The handovers in sight, newest first."""
    listing = Listing(
        request, queries.handovers(request.user).order_by(),
        filters=(
            FilterSpec("q", _("人员或单位"), kind="text", fields=("giver__name", "taker__name", "department__name")),
            FilterSpec("on", _("日期"), kind="date_range", field="on"),
        ),
        sorts=(SortSpec("new", ("-at", "-pk")),), key="regions.handovers", title=_("岗位交接"),
        columns=(
            ExportColumn(_("日期"), "on"), ExportColumn(_("单位"), "department.name"),
            ExportColumn(_("岗位"), lambda row: row.post.label if row.post else ""),
            ExportColumn(_("移交人"), "giver.name"), ExportColumn(_("接任人"), "taker.name"),
            ExportColumn(_("原因"), "reason"),
        ),
    )  # fmt: skip
    return list_page(request, listing, "regions/handovers.html", {})


def _chosen(people: list[User], text: str) -> User | None:
    return next((one for one in people if text.isdigit() and one.pk == int(text)), None)


def hand(request: HttpRequest) -> HttpResponse:
    """Who leaves, who follows, what goes over; POST does it."""
    people = services.candidates(request.user)
    given = request.POST if request.method == "POST" else request.GET
    giver, taker = _chosen(people, given.get("giver", "")), _chosen(people, given.get("taker", ""))
    problem = ""
    if request.method == "POST" and giver and taker:
        try:
            made = services.hand_over(request.user, giver, taker, reason=given.get("reason", ""))
        except EcoError as error:
            problem = error.sentence_zh()
        else:
            messages.success(request, _("已交接 %(n)s 件。") % {"n": made.things.count()})
            return redirect("regions:handover", pk=made.pk)
    context: dict[str, Any] = {
        "people": people, "giver": giver, "taker": taker, "problem": problem, "reason": given.get("reason", ""),
        "takers": [one for one in people if giver and one.is_active and one.pk != giver.pk
                   and one.department_id == giver.department_id],
        "preview": services.preview(request.user, giver, taker) if giver else None, "most": MOST_SHOWN,
    }  # fmt: skip
    if context["preview"]:
        context["kinds"] = [(_(kind), things) for kind, things in context["preview"].by_kind.items()]
    return render(request, "regions/hand.html", context, status=400 if problem else 200)


def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """One handover with all that went over."""
    made = queries.handovers(request.user).filter(pk=pk).first()
    if made is None:
        raise Http404(_("没有这次交接，或它不在您的数据范围内。"))
    kinds: dict[str, list[Any]] = {}
    for thing in made.things.all():
        kinds.setdefault(_(thing.kind), []).append(thing)
    return render(request, "regions/handover.html", {"made": made, "kinds": list(kinds.items()), "most": MOST_SHOWN})
