"""What is refused about devices and their data."""

from __future__ import annotations

from typing import Any

from ecocloud.base.errors import Conflict, EcoError


class DeviceRefused(EcoError):
    """A device, channel or upkeep as given cannot be; ``faults`` names every field with its sentence."""

    code = "monitoring.device"

    def __init__(self, message_zh: str, message_en: str = "", *, faults: dict[str, str] | None = None, **more: Any):
        super().__init__(message_zh, message_en, **more)
        self.faults = faults or {}

    def as_dict(self) -> dict[str, Any]:
        """The error with its faults by field."""
        return super().as_dict() | {"faults": [{"field": key, "message_zh": text} for key, text in self.faults.items()]}


class NoSuchDevice(EcoError):
    """The device does not exist or lies outside the person's reach."""

    code = "monitoring.no-device"
    http_status = 404


class AlreadyDecided(Conflict):
    """Somebody has decided on this sender meanwhile, or changed the device."""

    code = "monitoring.decided"


class SealBroken(EcoError):
    """A sealed secret does not open: another key, another place, or altered."""

    code = "monitoring.seal"
    http_status = 500
