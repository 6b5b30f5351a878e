"""What the public reads of chiefs: the list of those whose signs stand at rivers, lakes and forests, and each sign."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from ecocloud.base.pages.inputs import whole_number
from ecocloud.domains.chiefs import queries, showing
from ecocloud.domains.chiefs.facts import words
from ecocloud.domains.chiefs.models import Office, Patrol, Term
from ecocloud.kernel.regions.grids.queries import in_force
from ecocloud.kernel.regions.models import Region

PER_PAGE = 50
_LONGEST = 40


def shown() -> QuerySet[Office]:
    """The offices the public may read of: those with a sign, and those of a whole division."""
    whole = [one.code for one in words().kinds if one.of == "region"]
    return Office.objects.filter(queries.open_offices()).filter(~Q(sign="") | Q(kind__in=whole))


def _narrowed(rows: QuerySet[Office], request: HttpRequest) -> tuple[QuerySet[Office], dict[str, str]]:
    asked = {
        name: request.GET.get(name, "").replace("\x00", "").strip()[:_LONGEST] for name in ("q", "family", "region")
    }
    if asked["q"]:
        held = Term.objects.filter(in_force(timezone.localdate()), name=asked["q"]).values("office")
        found = Q(object__name__icontains=asked["q"]) | Q(region__name__icontains=asked["q"]) | Q(sign=asked["q"])
        rows = rows.filter(found | Q(pk__in=held))
    kinds = [one.code for one in words().kinds if one.family == asked["family"]]
    rows = rows.filter(kind__in=kinds) if kinds else rows
    region = Region.objects.filter(pk=asked["region"]).first() if asked["region"].isdecimal() else None
    if region is not None:
        first, after = region.span
        rows = rows.filter(region_id__gte=first, region_id__lt=after)
    return rows, asked


def public_list(request: HttpRequest) -> HttpResponse:
    """Chiefs by place: name, post, unit, and the page of the sign (seven queries). No account, no script."""
    rows, asked = _narrowed(shown(), request)
    rows = rows.select_related("object", "region__parent", "department").order_by(
        "region_id", "object__name", "kind", "pk"
    )
    page = Paginator(rows, PER_PAGE).get_page(whole_number(request.GET.get("page")) or 1)
    listed = list(page.object_list)
    held = queries.holders(listed)
    for row in listed:
        row.holder, row.title = held.get(row.pk), showing.title(row)
    counties = Region.objects.filter(level="county", pk__in=_counties()).order_by("code")
    context = {
        "page": page, "rows": listed, "asked": asked, "families": showing.choices(words().families),
        "counties": list(counties.values_list("code", "name")), "section": "chiefs",
    }  # fmt: skip
    return render(request, "chiefs/public.html", context)


def _counties() -> set[str]:
    codes = shown().order_by().values_list("region_id", flat=True).distinct()
    return {code[:6] for code in codes if len(code) >= 6}


def panel(region: Region) -> dict[str, Any] | None:
    """How many chiefs of each family and level answer within a division, for the public page; None for none."""
    first, after = region.span
    rows = shown().filter(region_id__gte=first, region_id__lt=after).order_by()
    family = {one.code: one.family for one in words().kinds}
    counts: dict[str, dict[str, int]] = {}
    for kind, level, n in rows.values_list("kind", "level").annotate(n=Count("pk")):
        levels = counts.setdefault(family[kind], {})
        levels[level] = levels.get(level, 0) + n
    if not counts:
        return None
    levels = [one for one in words().levels if any(one.code in found for found in counts.values())]
    lines = []
    for one in words().families:
        found = counts.get(one.code, {})
        told = [found.get(level.code, 0) for level in levels]
        lines.append({"word": showing.family_word(one.code), "counts": told, "total": sum(told)})
    return {"levels": [showing.level_word(one.code) for one in levels], "lines": lines, "url": reverse("chiefs:public")}


def sign(request: HttpRequest, token: str) -> HttpResponse:
    """What the public reads behind the QR code of a sign: name, post, duty, the office's phone, where to complain."""
    row = (
        Office.objects.filter(queries.open_offices(), token=token[:32])
        .select_related("object", "region", "department", "contact")
        .first()
    )
    if row is None:
        return render(request, "chiefs/sign.html", {"row": None}, status=404)
    row.holder, row.title = queries.holders([row]).get(row.pk), showing.title(row)
    last = (
        Patrol.objects.filter(office=row, counts_as__in=queries.COUNTING).order_by("-day").values_list("day", flat=True)
    )
    context = {
        "row": row, "kind": showing.kind_word(row.kind), "level": showing.level_word(row.level),
        "hotlines": words().hotlines, "last": last.first(), "patrol_word": showing.patrol_word(row),
    }  # fmt: skip
    return render(request, "chiefs/sign.html", context)
