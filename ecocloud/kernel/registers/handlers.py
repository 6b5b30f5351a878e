"""Handlers: what a register type names to be done in the transaction that changes its objects. Pure registry.

A room registers a handler when it starts (``room.on_start``) under ``room.name``; a definition names it under
``on_change`` (every change of an object) or under ``on_transition`` of one step. A definition that names an unknown
handler is refused when it is read; so is a change whose handler is gone, because a rule silently not done is a lie.
A handler raises an EcoError to refuse the whole change. It sees many objects at once: an import is one call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any

from ecocloud.base.errors import Conflict

DEEPEST = 3


@dataclass(frozen=True)
class Moved:
    """One object that was written: its row as it is now, typed values before and after (before: {} when new).

    ``action`` is ``create``, ``edit``, ``bulk``, ``move``, ``import``, ``retire`` or the action of the step;
    ``from_state`` is '' for a new object.
    """

    row: Any
    before: dict[str, Any]
    after: dict[str, Any]
    action: str
    from_state: str
    note: str = ""


@dataclass(frozen=True)
class Event:
    """A change of objects of one register by ``user``, in force from ``day``; ``tx`` takes the handler's entries."""

    tx: Any
    user: Any
    register: Any
    day: date
    moved: tuple[Moved, ...]


Handler = Callable[[Event], None]
_known: dict[str, Handler] = {}
_depth: ContextVar[int] = ContextVar("registers_handlers", default=0)


class HandlerGone(Conflict):
    """A definition names a handler that no room registers."""

    code = "registers.handler"


def register_handler(name: str, handler: Handler) -> None:
    """Offer ``handler`` to definitions as ``name`` (``room.name``); the same name again replaces it."""
    _known[name] = handler


def known() -> tuple[str, ...]:
    """The names definitions may use."""
    return tuple(sorted(_known))


def run(names: Sequence[str], event: Event) -> None:
    """Call the named handlers in order; raises HandlerGone, or what a handler raises."""
    if not names or not event.moved:
        return
    for name in names:
        if name not in _known:
            raise HandlerGone(f"处理程序“{name}”不存在，改动未生效。", f"no handler {name!r}", value=name,
                              where={"名录": event.register.definition.zh},
                              remedy_zh="请重新装入相应的包，或联系运维人员。")  # fmt: skip
        with _deeper(name):
            _known[name](event)


@contextmanager
def _deeper(name: str) -> Iterator[None]:
    """Handlers may change other objects, whose handlers run in turn: to a depth, so that a circle ends."""
    depth = _depth.get()
    if depth >= DEEPEST:
        raise HandlerGone(f"处理程序“{name}”层层触发超过 {DEEPEST} 层。", "handlers call each other in a circle",
                          value=name, remedy_zh="请检查名录定义中互相触发的处理程序。")  # fmt: skip
    token = _depth.set(depth + 1)
    try:
        yield
    finally:
        _depth.reset(token)
