"""The names of a data region: read once for each sequence of names, since a device repeats it in every packet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter

from ecocloud.intake.monitoring.hj212.tables import fields
from ecocloud.intake.monitoring.hj212.words import Kind, Leniency

TIME = "DataTime"


@dataclass(frozen=True, slots=True)
class Layout:
    """The names of one data region, in order.

    slots: (code, field) of each; a parameter has the code ''. numeric: places of the fields that hold numbers.
    time: place of DataTime, -1 without. pick: the texts at ``numeric``. groups: code -> fields with their places.
    """

    names: tuple[str, ...]
    slots: tuple[tuple[str, str], ...]
    numeric: tuple[int, ...]
    time: int
    pick: Callable[[Sequence[str]], Sequence[str]] = field(compare=False, repr=False)
    groups: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    notes: tuple[Leniency, ...]


@cache
def _known() -> tuple[dict[str, str], dict[str, str], frozenset[str]]:
    """Fields and parameters by their names in lower case; fields that hold numbers."""
    names = fields()
    numeric = frozenset(one.name for one in names.fields if one.kind == "number")
    by_field = {one.name.lower(): one.name for one in names.fields}
    return by_field, {one.name.lower(): one.name for one in names.parameters}, numeric


def _slot(name: str, notes: list[Leniency]) -> tuple[str, str]:
    """(code, field) of a name ``code-field``; a name without both parts is a parameter. Case is let pass."""
    by_field, by_parameter, _numeric = _known()
    code, _hyphen, said = name.rpartition("-")
    if not code or not said:
        code, said = "", name
    known = (by_field if code else by_parameter).get(said.lower())
    if known is None:
        notes.append(Leniency(Kind.NAME_UNKNOWN, name))
        return code, said
    if known != said:
        notes.append(Leniency(Kind.NAME_CASE, name))
    return code, known


def _picker(places: tuple[int, ...]) -> Callable[[Sequence[str]], Sequence[str]]:
    if not places:
        return lambda texts: ()
    if len(places) == 1:
        only = places[0]
        return lambda texts: (texts[only],)
    return itemgetter(*places)


def layout_of(names: tuple[str, ...]) -> Layout:
    """The layout of a sequence of names; a name that stands twice is a leniency, the last one holds."""
    notes: list[Leniency] = []
    slots = tuple(_slot(name, notes) for name in names)
    last = {slot: place for place, slot in enumerate(slots)}
    repeated = dict.fromkeys(name for place, name in enumerate(names) if last[slots[place]] != place)
    notes += [Leniency(Kind.NAME_REPEATED, name) for name in repeated]
    numeric = tuple(place for place, (code, said) in enumerate(slots) if code and said in _known()[2])
    groups: dict[str, dict[str, int]] = {}
    for place, (code, said) in enumerate(slots):
        if code:
            groups.setdefault(code, {})[said] = place
    grouped = tuple((code, tuple(group.items())) for code, group in groups.items())
    return Layout(names, slots, numeric, last.get(("", TIME), -1), _picker(numeric), grouped, tuple(notes))


class Layouts:
    """Layouts already read; bounded, since a sender chooses the names.

    The key is the names joined, with ``=`` behind each: as many names as ``=``.
    """

    MOST, LONGEST = 2048, 400

    def __init__(self) -> None:
        self._known: dict[str, Layout] = {}
        self.get = self._known.get

    def of(self, names: tuple[str, ...]) -> Layout:
        """The layout of a sequence of names, kept for the next packet."""
        key = "".join(f"{name}=" for name in names)
        found = self._known.get(key)
        if found is None:
            found = layout_of(names)
            if len(names) <= self.LONGEST and all(names):
                if len(self._known) >= self.MOST:
                    self._known.clear()
                self._known[key] = found
        return found
