"""How far a target linked to an item is, asked of the evidence room."""

from __future__ import annotations

from typing import Any


def attainment_of(ref: str, viewer: Any) -> dict[str, Any] | None:
    """Now, target, pace and light of ``target:ID`` for the attainment bar; None where nothing can be said."""
    return None
