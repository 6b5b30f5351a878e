"""Packs and registers by field of work, and what is looked for among them: what the pages over all of them share.

The field of work of a pack is the section of the programme that its first system belongs to; a pack without a system
stands under the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ecocloud.kernel.registers.showing import pick_words
from ecocloud.kernel.registers.systems import systems

REST = "rest"
_KEYS = ("q", "field")
# With more of them the fields of work are closed until one is opened or something is looked for.
MOST_OPEN = 40


@dataclass(frozen=True)
class Found:
    """Something with a field of work: ``text`` is what a search looks in, ``card`` what the page shows."""

    field: str
    text: str
    card: dict[str, Any]


@dataclass(frozen=True)
class Field:
    """A field of work as a filter: how many there are, and the address that asks for it (or for all again)."""

    code: str
    name: str
    count: int
    url: str
    chosen: bool


def field_of(numbers: Sequence[str]) -> str:
    """The field of work of a pack with these systems, by the code of the section; ``rest`` for none."""
    known = {one.id: one.section for one in systems()}
    return next((known[number] for number in numbers if number in known), REST)


def words_of(numbers: Iterable[str]) -> str:
    """What a search may find a pack by: the names of its systems in both languages, and their numbers."""
    wanted = set(numbers)
    return " ".join(f"{one.id} {one.zh} {one.en}" for one in systems() if one.id in wanted)


class Finder:
    """What the address asks for (``q``, ``field``), and all there is grouped by field of work in the programme's
    order."""

    def __init__(self, request: HttpRequest, everything: Iterable[Found], **kept: str) -> None:
        """kept: parameters of the page that its links keep."""
        self.everything = list(everything)
        self.path, self.kept = request.path, kept
        self.values = {key: request.GET.get(key, "").strip()[:60] for key in _KEYS}
        self.names = {one.section: pick_words(one.section_zh, one.section_en) for one in systems()} | {REST: _("其他")}

    def _query(self, **changes: str) -> str:
        given = self.kept | self.values | changes
        return f"?{urlencode({key: value for key, value in given.items() if value})}"

    def _said(self, one: Found) -> bool:
        return all(word in one.text.lower() for word in self.values["q"].lower().split())

    @property
    def clear_url(self) -> str:
        """The address without search and field."""
        return f"{self.path}{self._query(q='', field='')}"

    def fields(self) -> list[Field]:
        """The fields of work that have something the search finds."""
        counts, chosen = Counter(one.field for one in self.everything if self._said(one)), self.values["field"]
        return [
            Field(code, name, counts[code], self._query(field="" if code == chosen else code), code == chosen)
            for code, name in self.names.items() if counts[code] or code == chosen
        ]  # fmt: skip

    def found(self) -> list[Found]:
        """What search and field leave."""
        return [one for one in self.everything if self._said(one) and self.values["field"] in ("", one.field)]

    @property
    def folded(self) -> bool:
        """Whether the groups are closed to begin with: there are many, and nothing was asked for."""
        return len(self.everything) > MOST_OPEN and not any(self.values.values())

    def groups(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """Names of fields with their cards."""
        left = self.found()
        cards = {code: [one.card for one in left if one.field == code] for code in self.names}
        return [(name, cards[code]) for code, name in self.names.items() if cards[code]]
