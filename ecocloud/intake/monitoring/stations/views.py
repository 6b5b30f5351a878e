"""Pages of devices: the list and one device. Thin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.pages.charts import Chart, Limit, Series
from ecocloud.base.pages.exports import list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.intake.monitoring.results.rules import rules
from ecocloud.intake.monitoring.stations import columns, forms, kinds, queries, readings, showing
from ecocloud.intake.monitoring.stations.models import Device, DeviceDay, Upkeep
from ecocloud.intake.monitoring.stations.quality import quality
from ecocloud.intake.monitoring.stations.rates import Counts, rates
from ecocloud.kernel.regions.models import Region

SHOWN_UPKEEP, SHOWN_ENTRIES, SHOWN_PACKETS = 12, 12, 10


class DeviceListing(Listing):
    """Devices with words, lights and rates, on pages and in files."""

    @property
    def dressed(self) -> list[Device]:
        """The rows of the page as they are shown."""
        return showing.dressed(self.rows)

    def all_rows(self):  # noqa: ANN201 - as in Listing
        for row in super().all_rows():
            yield from showing.dressed([row])


def region_filter(viewer: Any) -> FilterSpec:
    """The divisions that devices in sight lie in, as a filter."""

    def choices() -> list[tuple[str, str]]:
        codes = queries.devices(viewer).order_by().values("region")
        return list(Region.objects.filter(pk__in=codes).order_by("code").values_list("code", "name"))

    return FilterSpec("region", _("区划"), field="region_id", choices=choices)


def kind_filter() -> FilterSpec:
    """What devices watch, as a filter."""
    return FilterSpec("kind", _("类别"), choices=[(one.code, one.label) for one in kinds.kinds().values()])


def device_list(request: HttpRequest) -> HttpResponse:
    """All devices in sight: who is on-line, when something came last, how much of what was due."""
    viewer = request.user
    words = showing.standing_words()
    first, last = queries.recent()
    filters = (
        FilterSpec("q", _("设备"), kind="text", fields=("name", "mn"), placeholder=_("名称或 MN 号")),
        kind_filter(),
        region_filter(viewer),
        FilterSpec(
            "standing", _("状态"), choices=[(code, words[code]) for code in queries.STANDING], in_bar=False,
            apply=lambda rows, which: rows.filter(queries.STANDING[which]), counts=queries.standing_counts,
            lights={code: showing.LIGHTS[code] for code in queries.STANDING},
        ),
    )  # fmt: skip
    listing = DeviceListing(
        request, queries.devices(viewer), filters=filters,
        sorts=(SortSpec("name", ("name", "pk")), SortSpec("last", ("-state__last_packet", "pk")),
               SortSpec("rejected", ("-state__rejected", "pk"))),
        decorate=lambda rows: queries.with_counts(rows, first, last), key="monitoring.devices",
        columns=columns.DEVICES, title=_("监测设备"),
    )  # fmt: skip
    may = forms.viewer_may(viewer)
    context = {"may": may, "waiting": queries.waiting(viewer) if may["decide"] else 0, "passing": _passing(),
               "recent": rates(Counts(**queries.totals(viewer, first, last))), "first": first}  # fmt: skip
    return list_page(request, listing, "monitoring/devices.html", context)


def _passing() -> int | None:
    return quality().effective_rate.pass_percent


def device_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One device: how it stands, its newest values, the last day of a factor, rates, upkeep, packets, history."""
    return render(request, "monitoring/device.html", device_context(request, pk))


def device_context(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Everything the page of a device shows; views that refuse something show it again with the reason."""
    viewer = request.user
    row = queries.device_for(viewer, pk)
    showing.dressed([row])
    may = forms.viewer_may(viewer)
    may["raw"] = may["raw"] and queries.devices(viewer, queries.RAW).filter(pk=pk).exists()
    channels = list(row.channels.all())
    used = [one for one in channels if one.in_use]
    wanted = request.GET.get("factor", "")
    chosen = next((one for one in used if one.code == wanted), used[0] if used else None)
    newest = readings.latest([row.mn]).get(row.mn, {})
    words = showing.flag_words()
    values = [{"channel": one, "value": newest.get(one.code), "flag": words.get(_flag(newest.get(one.code)), "")}
              for one in used]  # fmt: skip
    return {
        "device": row, "kind": kinds.kinds().get(row.kind), "may": may, "values": values, "channels": channels,
        "unused": len(channels) - len(used), "chosen": chosen, "chart": last_day(row, chosen),
        "quality": _quality(row), "days": _days(row), "upkeep_kinds": showing.choice_words(Upkeep.Kind.choices),
        "upkeeps": _upkeeps(row),
        "packets": readings.packets(row.mn, SHOWN_PACKETS) if may["raw"] else [],
        "entries": showing.history(row.ref, SHOWN_ENTRIES), "now": timezone.localtime(),
        "object_name": forms.object_named(row.object_ref), "step_hours": row.step_minutes / 60,
        "ending": rules().stamp.ends(row.hour_ending),
    }  # fmt: skip


def _upkeeps(row: Device) -> list[Upkeep]:
    found = list(row.upkeeps.select_related("channel", "entered_by")[:SHOWN_UPKEEP])
    for one in found:
        one.dialog = f"cancel-{one.pk}"
    return found


def _flag(value: Any) -> str:
    return value.flag if value is not None else ""


def last_day(row: Device, channel: Any) -> Chart | None:
    """The last 24 hours of a channel from the hour data; gaps stay gaps; None without anything."""
    if channel is None:
        return None
    step = timedelta(minutes=row.step_minutes)
    points = readings.last_day(row.mn, channel.code, step)
    if not any(point.value is not None for point in points):
        return None
    limits = [Limit(channel.limit_text or _("限值"), channel.limit)] if channel.limit is not None else []
    return Chart(
        "line", channel.label, [timezone.localtime(point.at).strftime("%H:%M") for point in points],
        [Series(channel.label, [point.value for point in points],
                marks=tuple(n for n, point in enumerate(points) if point.flag not in ("", "N")))],
        unit=channel.unit_label, limits=limits,
        category_label=_("时段终点") if rules().stamp.ends(row.hour_ending) else _("时段起点"),
    )  # fmt: skip


def _quality(row: Device) -> list[dict[str, Any]]:
    """The four rates of the last days with their words."""
    first, last = queries.recent()
    counts = sum((day_counts(day) for day in row.days.filter(day__gte=first, day__lte=last)), Counts())
    made = rates(counts)
    return [{"fact": fact, "value": getattr(made, name), "counts": counts} for name, fact in quality().rates.items()]


def day_counts(day: DeviceDay) -> Counts:
    """A day's counts as the pure rule has them."""
    return Counts(day.due, day.got, day.valid, day.due_capture, day.valid_capture)


def _days(row: Device) -> list[dict[str, Any]]:
    return [{"day": day.day, "counts": day_counts(day), "rates": rates(day_counts(day))}
            for day in row.days.order_by("-day")[: queries.RECENT_DAYS]]  # fmt: skip
