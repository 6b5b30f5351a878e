"""Who may open which page of quality flags and reviews, their lines of the menu."""

from __future__ import annotations

from ecocloud.base.rooms import Access, MenuEntry

VIEW, REVIEW = "monitoring.device.view", "monitoring.quality.review"
_HERE, _POST = "ecocloud.intake.monitoring.quality.access", ("POST",)
GROUP = "监测预警"


def device() -> dict:
    """Any device."""
    from ecocloud.intake.monitoring.stations.models import Device

    return {"pk": Device.objects.order_by("pk").values_list("pk", flat=True).first() or 1}


def review() -> dict:
    """Any decision."""
    from ecocloud.intake.monitoring.quality.models import QualityReview

    return {"pk": QualityReview.objects.order_by("pk").values_list("pk", flat=True).first() or 1}


ACCESS = (
    Access("monitoring:flags", VIEW),
    Access("monitoring:reviews", VIEW),
    Access("monitoring:review-decide", REVIEW, _POST, f"{_HERE}.device"),
    Access("monitoring:review-cancel", REVIEW, _POST, f"{_HERE}.review"),
    Access("api:monitoring-flags", VIEW),
    Access("api:monitoring-reviews", VIEW, ("GET", "POST")),
)
MENU = (
    MenuEntry("质控标记", "Quality flags", "monitoring:flags", VIEW, "flag", GROUP, 311),
    MenuEntry("人工审核", "Reviews", "monitoring:reviews", VIEW, "check", GROUP, 312),
)  # fmt: skip
