"""The inputs of one region and year, and how methods ask for them: whatever is asked for is written down with its
source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ecocloud.domains.gep.facts import Facts, MethodFact


@dataclass(frozen=True)
class Given:
    """One input: datum, part ('' the region, a class of ecosystem, or the name of a thing), value in the datum's
    unit, and where it comes from (text of a ``Ref`` or a citation).
    """

    datum: str
    part: str
    value: Decimal
    source: str = ""


@dataclass(frozen=True)
class Used:
    """What a line was computed from: an input, a parameter or a price, with value, unit and source."""

    kind: str  # "datum", "parameter", "price"
    code: str
    part: str
    value: Decimal
    unit: str
    source: str
    mark: str = ""


class Missing(Exception):
    """A datum or parameter was asked for that nobody gave."""

    def __init__(self, kind: str, code: str, part: str) -> None:
        super().__init__(f"{kind} {code} {part}")
        self.kind, self.code, self.part = kind, code, part


class Inputs:
    """The inputs and own parameters of one region and year.

    Parameters
    ----------
    facts: the facts of the room.
    given: the inputs; one for each datum and part.
    parameters: coefficients of the office's own by code and part; they go before the published ones.
    """

    def __init__(self, facts: Facts, given: Iterable[Given], parameters: Iterable[Given] = ()) -> None:
        self.facts = facts
        self.given: Mapping[tuple[str, str], Given] = {(one.datum, one.part): one for one in given}
        self.own: Mapping[tuple[str, str], Given] = {(one.datum, one.part): one for one in parameters}

    def parts(self, datum: str) -> list[str]:
        """The parts a datum was given for: ecosystems or things in their order, or the region as a whole ('')."""
        return sorted(part for code, part in self.given if code == datum)


def wider(part: str) -> tuple[str, ...]:
    """A class of ecosystem, the classes it lies in, and all of them: ``12`` -> ``12``, ``1``, ''."""
    return tuple(part[:length] for length in range(len(part), -1, -1))


@dataclass
class Part:
    """One part of a region as a method sees it: only what the method lists may be asked for."""

    inputs: Inputs
    method: MethodFact
    part: str
    used: list[Used] = field(default_factory=list)

    def datum(self, code: str) -> Decimal:
        """The value of a datum for this part, in its unit; one given for a wider class or the whole region serves
        too.

        Amounts that add up (areas, tons) never stand for a part of what they were given for: they are taken for
        exactly this part. Raises :class:`Missing`.
        """
        assert code in self.method.data, (self.method.code, code)
        fact = self.inputs.facts.inputs[code]
        of_area = fact.scope == "ecosystem" and code not in ADDING
        tried = wider(self.part) if of_area else ("",) if fact.scope == "region" else (self.part,)
        for part in tried:
            one = self.inputs.given.get((code, part))
            if one is not None:
                self.used.append(Used("datum", code, part, one.value, fact.unit, one.source))
                return one.value
        raise Missing("datum", code, self.part)

    def parameter(self, code: str) -> Decimal:
        """The coefficient for this part in its unit, the nearest class first, the office's own before the published.

        Raises :class:`Missing`.
        """
        assert code in self.method.parameters, (self.method.code, code)
        fact = self.inputs.facts.parameters[code]
        published = {one.part: one.value for one in fact.values}
        for part in wider(self.part) if fact.values or self.part.isdigit() else (self.part, ""):
            own = self.inputs.own.get((code, part))
            if own is not None:
                self.used.append(Used("parameter", code, part, own.value, fact.unit, own.source, "decided"))
                return own.value
            if part in published:
                used = Used("parameter", code, part, published[part], fact.unit, fact.citation, fact.mark)
                self.used.append(used)
                return published[part]
        raise Missing("parameter", code, self.part)


# Amounts of a part: half of a forest does not have the tons of the whole.
ADDING = frozenset({"area", "soil_kept", "sand_kept", "nep", "npp", "carbon_gain"})
