"""What is kept while the figures of a sentence are read: the figures themselves, clauses, what earlier clauses said."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecocloud.intake.documents.quantities import Quantity


@dataclass
class Figure:
    """One figure, offsets in the text that is read. ``of`` is the figure that a change, difference or rank is about;
    ``subject`` is what its name is about (甲产业 of 甲产业产值)."""

    start: int
    end: int
    value_start: int
    value_end: int
    value: float | int | None
    unit: str
    indicator: str
    aliases: list[str]
    qualifier: list[str]
    path: str = ""
    region: str = ""
    period: str | None = None
    period_basis: str = "undetermined"
    value_text: str = ""
    high: float | int | None = None
    direction: str | None = None
    strict: bool = False
    comparison: dict | None = None
    of: Figure | None = None
    subject: str = ""
    rules: list[str] = field(default_factory=list)
    confidence: float = 0.5


@dataclass
class State:
    """What earlier clauses of the same sentence said: period (``carried`` goes on behind a
    semicolon unless the parts of the list state their own), region, promise (the rest is a target), ``words`` of
    the last clause without a number, and the last figures."""

    period: str | None = None
    carried: str = ""
    restated: bool = False
    region: str = ""
    core: bool = False
    last_name: str = ""
    since: bool = False
    promise: bool = False
    measured: bool = False
    done: bool = False
    limit: str = ""
    topic: str = ""
    words: str = ""
    figures: list[Figure] = field(default_factory=list)

    def level(self) -> Figure | None:
        """The last figure that is a level, not a change, rank or difference."""
        return next((f for f in reversed(self.figures) if not f.comparison), None)

    def subject(self) -> str:
        """What the sentence is about so far; '' when no figure and no sentence before said."""
        return next((f.subject for f in reversed(self.figures) if f.subject), self.topic)


@dataclass
class Clause:
    """A stretch between commas with the quantities inside."""

    start: int
    end: int
    quantities: list[Quantity]
