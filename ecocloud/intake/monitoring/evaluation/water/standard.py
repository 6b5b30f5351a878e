"""What GB 3838 says on a day: items, limits, which items make the class; from ``data/evaluation/water.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from ecocloud.intake.monitoring.evaluation.facts import Fact, Facts, NoFact, facts
from ecocloud.intake.monitoring.evaluation.in_force import InForce, millionths

WORST = 6
_OTHER = "other"


@dataclass(frozen=True)
class Item:
    """An item of table 1, or one beside it without limits (temperature, chlorophyll, transparency). kind: ``most`` (the
    value may be at most the limit), ``least``, ``range``, '' without limits.

    river, lake: the limits of classes I to V in millionths of the unit (``range``: the two ends); empty where the
    standard has none. plausible: what an instrument can have measured, both ends in millionths.
    """

    key: str
    zh: str
    en: str
    unit: str
    kind: str
    river: tuple[int, ...]
    lake: tuple[int, ...]
    plausible: tuple[int, int]

    def limits(self, lake: bool) -> tuple[int, ...]:
        """The limits of a river section or of a lake point."""
        return self.lake if lake else self.river


@dataclass(frozen=True)
class Standard:
    """One edition. evaluated: the items that make the class; apart: items with classes of their own (total nitrogen,
    coliforms); saturation: share of saturated oxygen, %, that is class I, with ``numerator / (offset + t)``;
    outside_ph: class of a pH outside its range; codes: HJ 212 code to item and how many of the sent unit make one of
    the item's; unverified: names of the facts above that nobody has compared with the printed text.
    """

    edition: str
    day: date
    items: Mapping[str, Item]
    evaluated: tuple[str, ...]
    apart: tuple[str, ...]
    without_multiple: frozenset[str]
    saturation: tuple[int, int, int] | None
    outside_ph: int
    codes: Mapping[str, tuple[str, int]]
    unverified: tuple[str, ...]


@lru_cache(maxsize=32)
def standard_on(day: date, source: Facts | None = None) -> Standard:
    """The standard in force on the day of an observation.

    source: other facts than the package's, for example with some switched off. Raises :class:`NoFact` for a day before
    the first edition.
    """
    book = InForce(source or facts("water"), day)
    edition = book.get("edition").text()
    plausible = book.under("plausible")
    items = {one.key: one for one in _items(book, plausible)}
    saturation = None
    if (share := book.optional("table1.saturation")) and (formula := book.optional("saturation")):
        parts = formula.mapping()
        saturation = (share.whole(), millionths(parts["numerator"]), millionths(parts["offset"]))
    codes = {
        code: (key, int(many)) for key, fact in book.under("code").items() for code, many in fact.mapping().items()
    }
    return Standard(
        edition, day, items, book.get("evaluated").listed(), book.get("apart").listed(),
        frozenset(book.get("without_multiple").listed()), saturation, book.get("outside_ph").whole(), codes,
        book.unverified,
    )  # fmt: skip


def standard_of(edition: str, source: Facts | None = None) -> Standard:
    """The standard by its name, to evaluate under another edition than that of the day.

    Raises :class:`NoFact` when there is none of that name.
    """
    for fact in (source or facts("water")).versions("edition"):
        if fact.value == edition:
            return standard_on(fact.valid_from or fact.valid_to or date.min, source)
    raise NoFact(f"没有收录“{edition}”。", f"no edition {edition!r}", value=edition)


def lake_codes(book: InForce) -> dict[str, tuple[str, int]]:
    """As ``Standard.codes``, of the items that only the trophic state of lakes needs."""
    return {code: (key, int(many)) for key, fact in book.under("lake_code").items()
            for code, many in fact.mapping().items()}  # fmt: skip


def _items(book: InForce, plausible: Mapping[str, Fact]) -> list[Item]:
    found: dict[str, Item] = {}
    for kind in ("range", "least", "most"):
        for name, fact in book.under(f"table1.{kind}").items():
            key, _, body = name.partition(".")
            limits = tuple(millionths(one) for one in fact.listed())
            before = found.get(key)
            found[key] = Item(
                key, fact.zh, fact.en, fact.unit, kind,
                limits if body in ("", "river") else (before.river if before else ()),
                limits if body in ("", "lake") else (before.lake if before else ()),
                _ends(key, plausible),
            )  # fmt: skip
    for key, fact in plausible.items():
        if key not in found and key != _OTHER:
            found[key] = Item(key, fact.zh, fact.en, fact.unit, "", (), (), _ends(key, plausible))
    return list(found.values())


def _ends(key: str, plausible: Mapping[str, Fact]) -> tuple[int, int]:
    low, high = plausible.get(key, plausible[_OTHER]).listed()
    return millionths(low), millionths(high)
