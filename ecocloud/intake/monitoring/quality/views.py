"""Pages of quality: flags with their rules, the review of what they speak of, decisions with their versions. Thin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.intake.monitoring.quality import queries, services, showing
from ecocloud.intake.monitoring.quality import rules as table
from ecocloud.intake.monitoring.stations import queries as stations
from ecocloud.intake.monitoring.stations.errors import DeviceRefused
from ecocloud.intake.monitoring.stations.forms import moment
from ecocloud.intake.monitoring.stations.showing import refusal_words
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.permissions import allowed


class FlagListing(Listing):
    """Flags with words, and what people decided about their values."""

    @property
    def dressed(self) -> list[Any]:
        """The rows of the page as they are shown."""
        return showing.dressed_flags(self.rows)


class ReviewListing(Listing):
    """Decisions with words."""

    @property
    def dressed(self) -> list[Any]:
        """The rows of the page as they are shown."""
        return showing.dressed_reviews(self.rows)


def _device(request: HttpRequest) -> FilterSpec:
    """A filter by one device, for links from its pages."""
    number = request.GET.get("device", "")
    found = []
    if number.isascii() and number.isdigit() and len(number) < 15:
        found = list(stations.devices(request.user).filter(pk=int(number)).values_list("pk", "name"))
    return FilterSpec("device", _("设备"), field="device_id", choices=[(str(pk), name) for pk, name in found])


def _regions(viewer: Any) -> FilterSpec:
    def choices() -> list[tuple[str, str]]:
        codes = stations.devices(viewer).order_by().values("region")
        return list(Region.objects.filter(pk__in=codes).order_by("code").values_list("code", "name"))

    return FilterSpec("region", _("区划"), field="device__region_id", choices=choices)


def _counts(rows: QuerySet) -> dict[str, int]:
    return dict(rows.order_by().values_list("rule").annotate(n=Count("pk")))


def flag_list(request: HttpRequest) -> HttpResponse:
    """Automatic flags, the newest first; values can be reviewed from here."""
    viewer = request.user
    rules = [(one.code, showing.rule_name(one)) for one in table.rules().rules]
    filters = (
        FilterSpec("q", _("设备"), kind="text", fields=("device__name", "device__mn"), placeholder=_("名称或 MN 号")),
        _device(request),
        FilterSpec("factor", _("因子编码"), kind="text", lookup="exact"),
        _regions(viewer),
        FilterSpec("on", _("数据日期"), kind="date_range", field="at__date"),
        FilterSpec("rule", _("规则"), choices=rules, in_bar=False, counts=_counts),
    )
    listing = FlagListing(
        request, queries.flags(viewer), filters=filters,
        sorts=(SortSpec("at", ("-at", "-pk")), SortSpec("device", ("device__name", "-at", "pk"))),
        decorate=lambda rows: rows.select_related("device__region").prefetch_related("device__channels"),
        key="monitoring.flags", columns=showing.FLAG_COLUMNS, title=_("质控标记"),
    )  # fmt: skip
    context = {"may": allowed(viewer, services.REVIEW), "rules": showing.dressed_rules(table.rules().rules)}
    return list_page(request, listing, "monitoring/flags.html", context)


def review_list(request: HttpRequest) -> HttpResponse:
    """What people decided about values, with those taken back; a form for another decision."""
    viewer = request.user
    filters = (
        FilterSpec("q", _("设备"), kind="text", fields=("device__name", "device__mn", "reason"),
                   placeholder=_("名称、MN 号或理由")),
        _device(request), _regions(viewer),
        FilterSpec("on", _("数据日期"), kind="date_range", field="first__date"),
        FilterSpec("verdict", _("结论"), choices=[(code, word) for code, word, _light in showing.verdicts()],
                   in_bar=False, apply=lambda rows, code: rows.filter(showing.VERDICTS[code]),
                   lights={code: light for code, _word, light in showing.verdicts()},
                   counts=lambda rows: rows.order_by().aggregate(
                       **{code: Count("pk", filter=which) for code, which in showing.VERDICTS.items()})),
    )  # fmt: skip
    listing = ReviewListing(
        request, queries.reviews(viewer), filters=filters, sorts=(SortSpec("at", ("-at", "-pk")),),
        decorate=lambda rows: rows.select_related("device", "by", "cancelled_by").prefetch_related("device__channels"),
        key="monitoring.reviews", columns=showing.REVIEW_COLUMNS, title=_("人工审核"),
    )  # fmt: skip
    number = request.GET.get("device", "")
    device = None
    if number.isascii() and number.isdigit() and len(number) < 15:
        device = stations.devices(viewer).filter(pk=int(number)).first()
    context = {"may": allowed(viewer, services.REVIEW), "device": device, "intervals": showing.intervals(),
               "channels": list(device.channels.all()) if device else []}  # fmt: skip
    return list_page(request, listing, "monitoring/reviews.html", context)


def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """A decision about values of a device."""
    device = services.device_of(request.user, pk)

    def act() -> None:
        first = moment(request.POST.get("first", ""), "first")
        last = moment(request.POST.get("last", ""), "last", needed=False)
        # One value: the moment after its stamp ends it.
        last = last if last is not None else first + timedelta(seconds=1)
        services.review(
            request.user, device, factor=request.POST.get("factor", ""), interval=request.POST.get("interval", ""),
            first=first, last=last, valid=request.POST.get("valid") == "1", reason=request.POST.get("opinion", ""),
        )  # fmt: skip

    return _attempt(request, act, _("已审核，理由已留痕。"), pk)


def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision back."""
    reason = request.POST.get("opinion", "")
    return _attempt(request, lambda: services.take_back(request.user, pk, reason=reason), _("已撤回。"), None)


def _attempt(request: HttpRequest, act: Callable[[], Any], done: str, device: int | None) -> HttpResponse:
    try:
        act()
    except DeviceRefused as error:
        messages.error(request, error.message_zh)
    except EcoError as error:
        if error.http_status in (403, 404):
            raise
        messages.error(request, refusal_words(error))
    else:
        messages.success(request, done)
    address = redirect("monitoring:reviews")
    if device is not None:
        address["Location"] += f"?device={device}"
    return address
