"""Who may open which page of the stations part, its lines of the menu, its numbers on the work desk."""

from __future__ import annotations

from typing import Any

from ecocloud.base.rooms import Access, Counter, MenuEntry

VIEW, EDIT, DECIDE = "monitoring.device.view", "monitoring.device.edit", "monitoring.stranger.decide"
RAW, BRING = "monitoring.raw.view", "monitoring.values.import"
_HERE, _POST, _BOTH = "ecocloud.intake.monitoring.stations.access", ("POST",), ("GET", "POST")
GROUP = "监测预警"


def device() -> dict:
    """Any device."""
    from ecocloud.intake.monitoring.stations.models import Device

    return {"pk": Device.objects.order_by("pk").values_list("pk", flat=True).first() or 1}


def upkeep() -> dict:
    """Any time of upkeep."""
    from ecocloud.intake.monitoring.stations.models import Upkeep

    return {"pk": Upkeep.objects.order_by("pk").values_list("pk", flat=True).first() or 1}


def stranger() -> dict:
    """Any sender."""
    from ecocloud.intake.monitoring.stations.models import Stranger

    return {"pk": Stranger.objects.order_by("pk").values_list("pk", flat=True).first() or 1}


def record() -> dict:
    """A record of the raw journal that is nowhere."""
    return {"gateway": "none", "sequence": 1}


def waiting(viewer: Any) -> int:
    """How many senders wait for a decision."""
    from ecocloud.intake.monitoring.stations import queries
    from ecocloud.kernel.regions.permissions import allowed

    return queries.waiting(viewer) if allowed(viewer, DECIDE) else 0


def waiting_url(viewer: Any) -> str:
    """The list of just these senders."""
    from django.urls import reverse

    return reverse("monitoring:strangers") + "?state=waiting"


def offline(viewer: Any) -> int:
    """How many devices in sight are off-line."""
    from ecocloud.intake.monitoring.stations import queries

    return queries.devices(viewer).filter(queries.STANDING["offline"]).count()


def offline_url(viewer: Any) -> str:
    """The list of just these devices."""
    from django.urls import reverse

    return reverse("monitoring:devices") + "?standing=offline"


ACCESS = (
    Access("monitoring:devices", VIEW),
    Access("monitoring:device", VIEW, sample=f"{_HERE}.device"),
    Access("monitoring:device-new", EDIT, _BOTH),
    Access("monitoring:device-edit", EDIT, _BOTH, f"{_HERE}.device"),
    Access("monitoring:device-turn", EDIT, _POST, f"{_HERE}.device"),
    Access("monitoring:device-secret", EDIT, _POST, f"{_HERE}.device"),
    Access("monitoring:upkeep-add", EDIT, _POST, f"{_HERE}.device"),
    Access("monitoring:upkeep-end", EDIT, _POST, f"{_HERE}.upkeep"),
    Access("monitoring:upkeep-cancel", EDIT, _POST, f"{_HERE}.upkeep"),
    Access("monitoring:rates", VIEW),
    Access("monitoring:values", BRING, _BOTH),
    Access("api:monitoring-devices", VIEW),
    Access("api:monitoring-values", BRING, _POST),
    Access("monitoring:strangers", DECIDE),
    Access("monitoring:stranger", DECIDE, _BOTH, f"{_HERE}.stranger"),
    Access("monitoring:stranger-refuse", DECIDE, _POST, f"{_HERE}.stranger"),
    Access("monitoring:stranger-reopen", DECIDE, _POST, f"{_HERE}.stranger"),
    Access("monitoring:raw", RAW, sample=f"{_HERE}.record"),
)
MENU = (
    MenuEntry("监测设备", "Devices", "monitoring:devices", VIEW, "activity", GROUP, 300),
    MenuEntry("数据质量", "Data quality", "monitoring:rates", VIEW, "activity", GROUP, 310),
    MenuEntry("数据导入", "Bring in values", "monitoring:values", BRING, "activity", GROUP, 315),
    MenuEntry("待准入", "Quarantine", "monitoring:strangers", DECIDE, "activity", GROUP, 320, f"{_HERE}.waiting"),
)
COUNTERS = (
    Counter("monitoring.offline", "离线设备", "Devices off-line", f"{_HERE}.offline", f"{_HERE}.offline_url", VIEW,
            "wifi-off", 70),
    Counter("monitoring.waiting", "待准入设备", "Senders to admit", f"{_HERE}.waiting", f"{_HERE}.waiting_url", DECIDE,
            "shield-check", 75),
)  # fmt: skip
