"""Passwords and keys of devices, sealed under a key of this installation (``keys/devices.key``).

Losing the key file loses the passwords, not the measurements: they are entered anew.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from ecocloud.base import sealing
from ecocloud.intake.monitoring.stations.errors import SealBroken


def _key() -> Path:
    return settings.HOME / "keys" / "devices.key"


def seal(secret: bytes, place: str) -> bytes:
    """``secret`` sealed for ``place`` (such as ``MN/password``)."""
    return sealing.seal(secret, place, _key())


def unseal(sealed: bytes, place: str) -> bytes:
    """What was sealed for ``place``; raises :class:`SealBroken` for anything altered, moved or of another key."""
    try:
        return sealing.unseal(sealed, place, _key())
    except sealing.SealBroken as error:
        raise SealBroken(
            "设备口令无法解开。", f"the seal of {place} does not open", value=place,
            remedy_zh="请恢复 keys/devices.key，或重新填写该设备的口令。",
        ) from error  # fmt: skip
