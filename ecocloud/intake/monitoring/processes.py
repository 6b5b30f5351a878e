"""What ``ecocloud up`` keeps running for this room: gateway, lake, and with the sample site simulated devices.

``ECOCLOUD_GATEWAY`` is the address the gateway listens at (``host:port``, default ``127.0.0.1:8212``), ``off`` for an
installation without one: then the lake is not fed either.
"""

from __future__ import annotations

import json
import os
import socket
from functools import cache

from django.conf import settings

DEFAULT, OFF = "127.0.0.1:8212", "off"


@cache
def address(demo: bool) -> str:
    """Where the gateway listens, '' for nowhere. The sample site takes another port when the usual one is taken."""
    wanted = os.environ.get("ECOCLOUD_GATEWAY", "").strip()
    if wanted == OFF:
        return ""
    if not wanted and demo and _taken(DEFAULT):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return f"127.0.0.1:{probe.getsockname()[1]}"
    return wanted or DEFAULT


def _taken(place: str) -> bool:
    host, _colon, port = place.rpartition(":")
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, int(port))) == 0


def gateway(demo: bool) -> list[str]:
    """The gateway; without its page of figures beside the sample site."""
    place = address(demo)
    return ["gateway", "--listen", place, *(["--metrics", "none"] if demo else [])] if place else []


def lake(demo: bool) -> list[str]:
    """The process that takes raw journals into the lake."""
    return ["lake", "ingest"] if address(demo) else []


def simulate(demo: bool) -> list[str]:
    """The sample's devices, alive; nothing without the sample site."""
    if not demo or not address(demo):
        return []
    from ecocloud.intake.monitoring.stations import sample

    devices = sample.simulated()
    if not devices:
        return []
    path = settings.HOME / "run" / "simulated.json"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(json.dumps(devices, ensure_ascii=False), encoding="utf-8")
    return ["simulate", "--to", address(demo), "--list", str(path)]
