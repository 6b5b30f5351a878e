"""The room's part of the sample site."""

from __future__ import annotations

from typing import Any

from ecocloud.kernel.evidence import services


def load(context: Any) -> None:
    """The catalogue; sample values follow."""
    services.load_catalogue()
