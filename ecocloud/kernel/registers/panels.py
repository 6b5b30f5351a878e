"""Where upper rooms hang what belongs on the page of an object or of a pack, though this room may not know it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

OBJECT, PACK = "object", "pack"
_panels: dict[tuple[str, str], tuple[str, Callable[[Any, Any], dict[str, Any] | None]]] = {}


def register_panel(place: str, key: str, template: str, data: Callable[[Any, Any], dict[str, Any] | None]) -> None:
    """Show ``template`` with ``data(viewer, subject)`` on every page of ``place``; None shows nothing.

    place: ``object`` (subject: the RegisterObject) or ``pack`` (subject: the PackDefinition). key: names the panel, so
    that registering it again replaces it.
    """
    if place not in (OBJECT, PACK):
        raise ValueError(f"no place {place!r} for panels")
    _panels[place, key] = template, data


def panels(place: str, viewer: Any, subject: Any) -> list[dict[str, Any]]:
    """The panels of a page: template and data, in the order they were registered."""
    found = [(template, data(viewer, subject)) for (at, _key), (template, data) in _panels.items() if at == place]
    return [{"template": template, "data": told} for template, told in found if told is not None]
