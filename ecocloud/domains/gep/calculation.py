"""An edition over the inputs of one region and year: lines with amount, price, value and what they were computed
from. Pure.

The same inputs, choices, parameters and prices give the same lines to the last digit; :func:`digest` names them all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from ecocloud.domains.gep import pricing
from ecocloud.domains.gep.asking import Inputs, Missing, Part, Used
from ecocloud.domains.gep.editions import Choice
from ecocloud.domains.gep.editions import gaps as edition_gaps
from ecocloud.domains.gep.errors import NoPrice
from ecocloud.domains.gep.facts import EditionFact, Facts, MethodFact
from ecocloud.domains.gep.methods import function
from ecocloud.domains.gep.pricing import Price


@dataclass(frozen=True)
class Line:
    """One amount with its value: the smallest thing of an account; every total is a sum of lines.

    ``part``: the ecosystem, the thing, or '' for the region; ``amount`` in ``unit``; ``value`` 万元, rounded to 0.01.
    """

    service: str
    item: str
    part: str
    method: str
    amount: Decimal
    unit: str
    price: Price | None
    value: Decimal
    used: tuple[Used, ...]


@dataclass(frozen=True)
class Gap:
    """What is not accounted and why: ``kind`` "edition" (formula not seen), "datum", "parameter" or "price"."""

    kind: str
    service: str
    item: str
    part: str
    code: str


@dataclass(frozen=True)
class Account:
    """The account of one region and year."""

    edition: str
    region: str
    year: int
    lines: tuple[Line, ...]
    gaps: tuple[Gap, ...]

    @property
    def total(self) -> Decimal:
        """GEP, 万元: the sum of the lines."""
        return sum((line.value for line in self.lines), Decimal(0))


def calculate(
    facts: Facts,
    edition: EditionFact,
    chosen: Iterable[Choice],
    region: str,
    year: int,
    inputs: Inputs,
    prices: Iterable[Price],
    places: Iterable[str] = (),
) -> Account:
    """The account of ``region`` in ``year``.

    ``chosen``: the methods of each service (:func:`~ecocloud.domains.gep.editions.choices`); ``prices``: all that may
    be used; ``places``: the divisions the region lies in, the nearest first. Nothing missing stops the rest: it is a
    gap.
    """
    prices, places = tuple(prices), (region, *places)
    lines: list[Line] = []
    gaps = [Gap("edition", service, "", "", edition.id) for service in edition_gaps(edition)]
    gaps = [one for one in gaps if one.service not in {choice.service for choice in chosen}]
    for choice in chosen:
        optional = edition.by_service[choice.service].optional
        for method in (facts.methods[code] for code in choice.methods):
            if optional and not any(inputs.parts(code) for code in method.data if code != "area"):
                continue
            for found in _of_method(facts, method, year, inputs, prices, places):
                (lines if isinstance(found, Line) else gaps).append(found)
    return Account(edition.id, region, year, tuple(lines), tuple(dict.fromkeys(gaps)))


def _of_method(
    facts: Facts, method: MethodFact, year: int, inputs: Inputs, prices: tuple[Price, ...], places: tuple[str, ...]
) -> Iterator[Line | Gap]:
    parts = [""] if not method.over else _parts(method, inputs)
    if not parts and not (method.parts and inputs.parts(method.over)):
        yield from (Gap("datum", method.service, item, "", method.over) for item in method.items)
    for name in parts:
        for item in method.items:
            part = Part(inputs, method, name)
            try:
                amount = function(method.function)(part, item)
            except Missing as missing:
                yield Gap(missing.kind, method.service, item, name, missing.code)
                continue
            fact, price, used = facts.items[item][1], None, tuple(part.used)
            if fact.price:
                try:
                    price = pricing.choose(fact.price, year, places, prices)
                except NoPrice:
                    yield Gap("price", method.service, item, name, fact.price)
                    continue
                unit = facts.kinds[fact.price].unit
                used += (Used("price", price.kind, price.place, price.value, unit, price.source, price.mark),)
            worth = pricing.value(fact, amount, price)
            yield Line(method.service, item, name, method.code, amount, fact.unit, price, worth, used)


def _parts(method: MethodFact, inputs: Inputs) -> list[str]:
    """The parts a method runs over: those its datum was given for, of the ecosystems it is for."""
    found = inputs.parts(method.over)
    return [part for part in found if not method.parts or part.startswith(method.parts)]


def digest(account: Account, version: str) -> str:
    """SHA-256 of everything an account was computed from and came to, with the version of the code; hexadecimal."""
    told = [account.edition, account.region, account.year, version, [
        [line.service, line.item, line.part, line.method, str(line.amount), line.unit, str(line.value),
         [[used.kind, used.code, used.part, str(used.value), used.unit, used.source] for used in line.used]]
        for line in account.lines
    ], [[gap.kind, gap.service, gap.item, gap.part, gap.code] for gap in account.gaps]]  # fmt: skip
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
