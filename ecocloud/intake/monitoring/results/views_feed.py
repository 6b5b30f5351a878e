"""Results that become values of indicators: what is handed in for a division, and who has switched it on. Thin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.speaking import pick_words
from ecocloud.intake.monitoring.results import feeding, queries, trusting
from ecocloud.intake.monitoring.results.models import ResultFeed
from ecocloud.intake.monitoring.results.rules import AIR_AREA, SOURCE_AREA, WATER_AREA
from ecocloud.kernel.evidence.services import REVIEW
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.permissions import allowed


def feed_page(request: HttpRequest) -> HttpResponse:
    """``?region=``: the division. POST ``do``: start, stop, trust, distrust (the rule that confirms), or now
    (hand in once).
    """
    regions = _regions(request.user)
    wanted = (request.POST if request.method == "POST" else request.GET).get("region", "")
    region = next((one for one in regions if one.pk == wanted), regions[0] if regions else None)
    refused: EcoError | None = None
    if request.method == "POST" and region is not None:
        try:
            _do(request, region, request.POST.get("do", ""))
            return redirect(f"{reverse('monitoring:result-feed')}?region={region.pk}")
        except EcoError as error:
            refused = error
    context: dict[str, Any] = {"regions": regions, "region": region, "refused": refused, "rows": [], "feed": None}
    if region is not None:
        planned = feeding.plan(region, feeding.first_of_feed(timezone.localdate()))
        feeds = feeding.feed_of(region)
        context |= {
            "feed": feeds,
            "may_trust": allowed(request.user, REVIEW),
            "rows": [_shown(one, feeds) for one in planned if one.value is not None],
        }
    return render(request, "monitoring/result_feed.html", context)


def _regions(viewer: Any) -> list[Region]:
    codes = (
        queries.results(viewer)
        .filter(kind__in=(AIR_AREA, WATER_AREA, SOURCE_AREA), current=True)
        .order_by()
        .values("region")
    )
    return list(Region.objects.filter(pk__in=codes).order_by("code"))


def _do(request: HttpRequest, region: Region, what: str) -> None:
    if what == "start":
        feeding.start_feed(request.user, region)
        messages.success(request, _("已启用，每日报送满期的结果。"))
    elif what == "stop":
        feeding.stop_feed(request.user, region)
        messages.success(request, _("已停用，已报送的数据保留。"))
    elif what == "trust":
        trusting.trust(request.user, region)
        messages.success(request, _("已启用规则确认；依据未核对的数据和更正仍由人复核。"))
    elif what == "distrust":
        trusting.distrust(request.user, region)
        messages.success(request, _("已停用规则确认，已确认的数据保留。"))
    elif what == "now":
        found = feeding.feed(request.user, region, feeding.first_of_feed(timezone.localdate()))
        done = sum(one.outcome in ("recorded", "corrected", "confirmed") for one in found)
        ruled = sum(one.outcome == "confirmed" for one in found)
        refused = [one for one in found if one.refusal is not None]
        messages.success(request, _("已报送 %(n)s 项，待复核。") % {"n": done - ruled})
        if ruled:
            messages.success(request, _("规则已确认 %(n)s 项。") % {"n": ruled})
        for one in refused[:1]:
            messages.error(request, f"{one.code} {one.period}：{one.refusal.sentence_zh() if one.refusal else ''}")


def _shown(one: feeding.Planned, feeds: ResultFeed | None) -> dict[str, Any]:
    words = {"new": _("未报送"), "waiting": _("待复核"), "same": _("已确认"), "differs": _("与已确认的不同")}
    lights = {"new": "none", "waiting": "yellow", "same": "green", "differs": "red"}
    there = one.standing or one.waiting
    by_rule = there is not None and bool(there.confirmed_rule)
    held = feeds is not None and feeds.trusted_by is not None and one.waiting is not None
    why = _("更正由人复核") if held and one.waiting.replaces_id else ""  # type: ignore[union-attr]
    why = why or (_("评价依据待核对，由人复核") if held and one.row.facts else "")
    return {"name": pick_words(one.indicator.zh, one.indicator.en), "code": one.feeding.code, "period": one.period,
            "value": one.value, "unit": one.feeding.unit, "row": one.row, "state": words[one.state],
            "light": lights[one.state], "there": there, "held": f"obs:{there.pk}" if there else "",
            "by_rule": by_rule, "why": why}  # fmt: skip
