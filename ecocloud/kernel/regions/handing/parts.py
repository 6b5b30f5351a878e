"""What goes over when a post is handed over. Pure; a room names its provider in ``Room.handing``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ecocloud.base.errors import EcoError


@dataclass(frozen=True)
class Thing:
    """One thing that waits for a person: kind (Chinese words, a text of the catalogue), reference, title, address."""

    kind: str
    ref: str
    title: str
    url: str = ""


@dataclass(frozen=True)
class Handing:
    """A room's part of a handover.

    ``open_things(person, on) -> [Thing]``: what waits for the person by name on that day. ``hand(tx, giver, taker, on,
    reason)`` gives all of it to the successor inside the change ``tx``; afterwards ``open_things(giver, on)`` is empty.
    """

    open_things: Callable[[Any, date], Sequence[Thing]]
    hand: Callable[[Any, Any, Any, date, str], None]


class HandoverRefused(EcoError):
    """The post cannot be handed over that way."""

    code = "regions.handover"


class LeftBehind(EcoError):
    """Something would have stayed with the person who leaves: nothing was handed over."""

    code = "regions.handover.left"
    http_status = 409
