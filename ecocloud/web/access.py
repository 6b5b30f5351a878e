"""The access table: every route of every room with the permission it needs."""

from __future__ import annotations

from functools import cache

from ecocloud.base.rooms import Access, all_rooms


@cache
def access_table() -> dict[str, Access]:
    """``{route name: access line}`` from the room descriptors; a route named twice is an error."""
    table: dict[str, Access] = {}
    for room in all_rooms():
        for line in room.access:
            if line.route in table:
                raise ValueError(f"route {line.route} has two access lines (room {room.name})")
            table[line.route] = line
    return table
