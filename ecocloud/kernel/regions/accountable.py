"""What an accountability file (责任档案) is made of: a unit, a post or another holder of duties over some days, and
lines that rooms give. Pure values; a room names its provider in ``Room.accountable``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Subject:
    """Whose file it is. ``ref``: ``dept:ID``, ``post:DEPARTMENT-POST`` or a room's own (``chief:ID``); ``department``
    decides who may see it. ``actors``: the accounts that held the post (``user:5``) with their first and last day."""

    ref: str
    label: str
    department: int
    region: str
    actors: tuple[tuple[str, date, date], ...] = ()

    @property
    def kind(self) -> str:
        """dept, post, or a room's own kind."""
        return self.ref.partition(":")[0]

    @property
    def key(self) -> str:
        """What follows the kind."""
        return self.ref.partition(":")[2]


@dataclass(frozen=True)
class Line:
    """One line: the record, its title and address, the day, what is said of it, and the numbers of the journal's
    entries that prove it. ``more``: the number of records the line stands for."""

    ref: str
    title: str
    url: str
    day: date | None
    words: str
    entries: tuple[int, ...] = ()
    more: int = 1


@dataclass(frozen=True)
class Section:
    """Lines of one sort; ``label`` is a text of the catalogue in Chinese, ``order`` its place in the file."""

    code: str
    label: str
    order: int
    lines: tuple[Line, ...] = field(default=())

    @property
    def count(self) -> int:
        """How many records its lines stand for."""
        return sum(line.more for line in self.lines)


@dataclass(frozen=True)
class Accountable:
    """A room's part of accountability files: ``sections(subject, first, last) -> [Section]``; ``subjects(department
    ids or None for all) -> [Subject]`` for holders of duties of the room's own."""

    sections: Callable[[Subject, date, date], Sequence[Section]]
    subjects: Callable[[Sequence[int] | None], Sequence[Subject]] | None = None


def proof(found: dict[str, list[tuple[int, str]]], ref: str, *actions: str) -> tuple[int, ...]:
    """The last entry about ``ref`` with one of these endings of its action; the last of all without any."""
    rows = found.get(ref, [])
    chosen = [pk for pk, action in rows if not actions or action.rpartition(".")[2] in actions]
    return tuple(chosen[-1:] or [pk for pk, _action in rows[-1:]])
