"""From what was given for a whole and for its parts to the inputs of each account, and back to one total. Pure.

Whatever is an amount counts once: where any part was given it, the whole's figure is a total to check against and no
input. What holds everywhere alike (rain, a coefficient of soil) serves every part that has none of its own. What was
given for the whole only stays with the whole, undivided. So the accounts of the parts and of what the whole keeps sum
to the account of the region.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ecocloud.domains.gep.asking import ADDING, Given
from ecocloud.domains.gep.calculation import Account, Gap
from ecocloud.domains.gep.facts import Facts, InputFact


def is_amount(fact: InputFact) -> bool:
    """Whether a datum is an amount, which adds up over regions, and no rate, depth or coefficient."""
    if fact.scope == "ecosystem":
        return fact.code in ADDING
    return not fact.everywhere


def divided(facts: Facts, parts: Mapping[str, Sequence[Given]]) -> frozenset[str]:
    """The amounts that any part was given."""
    known = {**facts.inputs, **facts.statistics}
    return frozenset(one.datum for given in parts.values() for one in given if is_amount(known[one.datum]))


def gather(facts: Facts, whole: Sequence[Given], parts: Mapping[str, Sequence[Given]]) -> dict[str, list[Given]]:
    """The inputs of each part by its code, and under '' what the whole keeps for itself."""
    known = {**facts.inputs, **facts.statistics}
    taken = divided(facts, parts)
    shared = [one for one in whole if not is_amount(known[one.datum])]
    found = {"": [one for one in whole if one.datum not in taken or one.datum in facts.statistics]}
    for code, given in parts.items():
        own = {one.datum for one in given}
        found[code] = [*given, *(one for one in shared if one.datum not in own)]
    return found


@dataclass(frozen=True)
class Control:
    """An amount given both for the whole and for its parts."""

    datum: str
    part: str
    whole: Decimal
    parts: Decimal

    @property
    def off(self) -> bool:
        """Whether the parts do not make the whole."""
        return self.whole != self.parts


def controls(facts: Facts, whole: Iterable[Given], parts: Mapping[str, Sequence[Given]]) -> list[Control]:
    """What was given for the whole and for parts: figure of the whole beside the sum of the parts."""
    taken = divided(facts, parts)
    sums: dict[tuple[str, str], Decimal] = {}
    for given in parts.values():
        for one in given:
            if one.datum in taken:
                key = one.datum, one.part
                sums[key] = sums.get(key, Decimal(0)) + one.value
    return [
        Control(one.datum, one.part, one.value, sums[one.datum, one.part])
        for one in whole
        if (one.datum, one.part) in sums
    ]  # fmt: skip


def settle_gaps(whole: Account, parts: Sequence[Account], taken: frozenset[str]) -> tuple[Account, list[Account]]:
    """The same accounts with each gap told once: where it lies.

    An edition's own gap is the whole's. An item that the whole accounts undivided is no gap of a part; what the parts
    were given (``taken``) or account is no gap of the whole; a datum nobody gave is told once, with the whole.
    """
    if not parts:
        return whole, []
    of_whole = {line.item for line in whole.lines}
    of_parts = {line.item for part in parts for line in part.lines}
    settled = []
    for part in parts:
        own = {line.item for line in part.lines}
        gaps = (gap for gap in part.gaps if gap.kind != "edition" and gap.item not in of_whole - own)
        settled.append(replace(part, gaps=tuple(gap for gap in gaps if gap.item in of_parts or not _nobodys(gap))))
    kept = tuple(gap for gap in whole.gaps if gap.item not in of_parts and gap.code not in taken)
    return replace(whole, gaps=kept), settled


def _nobodys(gap: Gap) -> bool:
    """Whether a gap of a part is told with the whole as well: a datum of the region as a whole."""
    return gap.kind == "datum" and not gap.part
