"""The facts in force on one day, with a note of those read that nobody has compared with the printed text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np

from ecocloud.intake.monitoring.evaluation.facts import Fact, Facts
from ecocloud.intake.monitoring.evaluation.scaled import PLACES, SCALE


class InForce:
    """Reads facts for one computation. ``unverified``: the names of the unverified ones it has read so far, in the
    order of reading; they go with the result, so that a page can label it.
    """

    def __init__(self, source: Facts, day: date) -> None:
        self.source, self.day = source, day
        self._unverified: dict[str, None] = {}

    def fresh(self) -> InForce:
        """The same facts, nothing read yet: a result names what it rests on itself, not what was asked before."""
        return InForce(self.source, self.day)

    @property
    def unverified(self) -> tuple[str, ...]:
        """Names of the unverified facts read so far."""
        return tuple(self._unverified)

    def get(self, name: str) -> Fact:
        """The fact; raises :class:`NoFact` when none is in force or it is switched off."""
        return self._read(self.source.in_force(name, self.day))

    def optional(self, name: str) -> Fact | None:
        """The fact, None when none is in force or it is switched off."""
        found = self.source.optional(name, self.day)
        return None if found is None else self._read(found)

    def under(self, prefix: str) -> dict[str, Fact]:
        """Facts whose names begin with ``prefix.``, by what follows it."""
        return {key: self._read(fact) for key, fact in self.source.under(prefix, self.day).items()}

    def units(self, name: str) -> tuple[int, ...]:
        """A list of numbers in millionths."""
        return tuple(millionths(one) for one in self.get(name).listed())

    def _read(self, fact: Fact) -> Fact:
        if fact.unverified:
            self._unverified[fact.name] = None
        return fact


def millionths(value: Decimal | int) -> int:
    """An exact number in millionths; raises ValueError when it has more than 6 places: a limit is never rounded."""
    scaled = Decimal(value) * SCALE
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{value} has more than {PLACES} places")
    return int(scaled)


def spans(source: Facts, days: np.ndarray) -> list[tuple[date, np.ndarray]]:
    """Rows that fall under the same versions of every fact, together.

    days: datetime64[D], one for each row. Returns (a day of the span, the rows' numbers), in the order of time.
    """
    starts = {fact.valid_from for fact in source if fact.valid_from is not None}
    ends = {np.datetime64(fact.valid_to, "D") + 1 for fact in source if fact.valid_to is not None}
    breaks = np.array(sorted({np.datetime64(one, "D") for one in starts} | ends), "datetime64[D]")
    span = np.searchsorted(breaks, days, "right")
    order = np.argsort(span, kind="stable")
    cuts = np.flatnonzero(np.diff(span[order])) + 1
    return [(days[rows[0]].astype(date), rows) for rows in np.split(order, cuts) if rows.size]
