"""A register on two days. Thin."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from ecocloud.base.pages.exports import list_page
from ecocloud.kernel.registers import comparison
from ecocloud.kernel.registers.lists import ObjectListing
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.register_frame import frame


def compare(request: HttpRequest, code: str) -> HttpResponseBase:
    """What came, went and changed between two days (``?from=``, ``?to=``), field by field."""
    register = open_register(code)
    base = ObjectListing(request, request.user, register, part="compare")
    today = timezone.localdate()
    first, second, problem = comparison.days(request.GET, today)
    listing = comparison.Comparison(request, request.user, base, first, second)
    context = frame(request, register, "compare", base) | {
        "problem": problem, "first": first, "second": second, "today": today,
        "usual": [(label, listing.url(**{"from": day, "to": None, "page": None}), day == first and second == today)
                  for label, day in comparison.usual_days(today)],
        "change": listing.whole[1] - listing.whole[0],
    }  # fmt: skip
    context["listing"] = listing
    return list_page(request, listing, "registers/compare.html", context)
