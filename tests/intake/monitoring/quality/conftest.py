"""The place, devices and lake of the alarms' tests."""

from tests.intake.monitoring.alarms.conftest import device, field, lake, place

__all__ = ["device", "field", "lake", "place"]
