"""Pages of the whole portal: its home, larger type, the worker that keeps the form off line. Thin."""

from __future__ import annotations

from typing import Any

from django.db.models import Avg, Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from ecocloud.base.pages import offline
from ecocloud.portal.consulting import queries as drafts
from ecocloud.portal.disclosure import queries as disclosure
from ecocloud.portal.reports import queries
from ecocloud.portal.reports.models import Report
from ecocloud.portal.reports.states import ENDED, State

LARGE_COOKIE = "large"
_YEAR = 365 * 86400
_SHOWN = 5


def home(request: HttpRequest) -> HttpResponse:
    """The public's first page: what one may do here, how reports stand this year."""
    desk = queries.desk()
    year = Report.objects.filter(created_at__year=timezone.localdate().year)
    counts: dict[str, Any] = year.aggregate(
        taken=Count("pk"), done=Count("pk", filter=Q(state=State.DONE.value)), rating=Avg("rating"),
    )  # fmt: skip
    latest = Report.objects.exclude(state=State.REFUSED.value).select_related("region__parent", "unit")[:_SHOWN]
    context = {
        "desk": desk, "counts": counts, "latest": [_line(row) for row in latest], "day": timezone.localdate(),
        "section": "home", "drafts": drafts.running().order_by("closes", "pk")[:_SHOWN],
        "published": disclosure.public()[:_SHOWN],
    }  # fmt: skip
    return render(request, "portal/home.html", context)


def _line(row: Report) -> Report:
    region = row.region.parent if row.region.level == "village" and row.region.parent else row.region
    row.where, row.is_over = region.name, State(row.state) in ENDED
    return row


def larger(request: HttpRequest) -> HttpResponse:
    """Larger type on or off, kept in this browser, and back to the page."""
    back = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}) or not back.startswith("/"):
        back = reverse("portal:home")
    answer = redirect(back)
    on = "1" if request.GET.get("large") == "1" else "0"
    answer.set_cookie(LARGE_COOKIE, on, max_age=_YEAR, samesite="Lax", secure=request.is_secure())
    return answer


def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of the public pages; served here because it may only look after pages below its address."""
    needed = ("web/tokens.css", "web/app.css", "web/app.js", "portal/portal.css", "portal/report.js", "portal/pick.mjs",
              "vendor/icons.svg", "web/favicon.svg")  # fmt: skip
    drawn = (static(f"vendor/maplibre-gl{end}") for end in (".css", ".mjs", "-worker.mjs"))
    return offline.worker("eco-report-2", [reverse("portal:report"), *map(static, needed)],
                          [reverse("portal:ground"), *drawn])  # fmt: skip
