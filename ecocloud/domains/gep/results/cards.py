"""What stands behind a number: method, formula, inputs with sources, parameters, price, arithmetic, marks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ecocloud.domains.gep.asking import Used
from ecocloud.domains.gep.calculation import Account, Line
from ecocloud.domains.gep.facts import MONEY, Facts, MethodFact, Word
from ecocloud.domains.gep.pricing import Price
from ecocloud.domains.gep.results.tables import Speech


@dataclass(frozen=True)
class Fact:
    """One input, parameter or price as a card shows it; ``source`` a reference or a citation, ``mark`` in words."""

    kind: str
    label: str
    part: str
    value: Decimal
    unit: str
    source: str
    mark: str
    verified: bool


@dataclass(frozen=True)
class Card:
    """The card of one line."""

    line: Line
    title: str
    part: str
    method: MethodFact
    name: str
    mark: str
    inputs: tuple[Fact, ...]
    parameters: tuple[Fact, ...]
    prices: tuple[Fact, ...]
    arithmetic: str


def card(facts: Facts, line: Line, speech: Speech) -> Card:
    """The card of a line."""
    method, (_service, item) = facts.methods[line.method], facts.items[line.item]
    made = [_fact(facts, one, line.price, speech) for one in line.used]
    kinds = {kind: tuple(one for one in made if one.kind == kind) for kind in ("datum", "parameter", "price")}
    return Card(
        line, speech.word(item), speech.part(facts, line.part), method, speech.word(method), speech.mark(method.mark),
        kinds["datum"], kinds["parameter"], kinds["price"], arithmetic(facts, line, speech),
    )  # fmt: skip


def arithmetic(facts: Facts, line: Line, speech: Speech) -> str:
    """How the value comes from the amount: ``7256000 立方米 × 7.06 元/立方米 ÷ 10⁴ = 5122.74 万元``."""
    amount, value = f"{plain(line.amount)} {speech.unit(line.unit)}", f"{line.value} {speech.unit(MONEY)}"
    if line.price is None:
        return f"{amount} = {value}" if plain(line.amount) != plain(line.value) else value
    unit = speech.unit(facts.kinds[line.price.kind].unit)
    return f"{amount} × {plain(line.price.value)} {unit} ÷ 10⁴ = {value}"


def plain(value: Decimal) -> str:
    """A number without an exponent or zeros behind it."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _fact(facts: Facts, used: Used, price: Price | None, speech: Speech) -> Fact:
    known: Mapping[str, Word] = {"datum": facts.inputs, "parameter": facts.parameters, "price": facts.kinds}[used.kind]
    label = speech.word(known[used.code])
    _ = speech.say
    if used.kind == "price":
        where = speech.region(used.part) if used.part else _("全国通用")
        part = where if price is None else _("%(place)s，%(year)s年") % {"place": where, "year": price.year}
    else:
        part = speech.part(facts, used.part)
    return Fact(used.kind, label, part, used.value, speech.unit(used.unit), used.source,
                speech.mark(used.mark) if used.mark else "", used.mark in ("", "verified"))  # fmt: skip


@dataclass(frozen=True)
class MethodCard:
    """A method of a run with what it was fed: its fact, parameters and prices used, the inputs it asks for."""

    method: MethodFact
    name: str
    service: str
    mark: str
    asks: tuple[tuple[str, str], ...]
    parameters: tuple[Fact, ...]
    prices: tuple[Fact, ...]


def methods(facts: Facts, found: Iterable[Account], speech: Speech) -> tuple[MethodCard, ...]:
    """The methods accounts were made by, in the order of the services, each parameter and price used once."""
    used: dict[str, dict[tuple, Fact]] = {}
    for account in found:
        for line in account.lines:
            own = used.setdefault(line.method, {})
            for one in line.used:
                if one.kind != "datum":
                    key = (one.kind, one.code, one.part, one.value, one.source)
                    own.setdefault(key, _fact(facts, one, line.price, speech))
    order = [code for service in facts.services for code, fact in facts.methods.items() if fact.service == service]
    return tuple(_method(facts, code, used[code], speech) for code in order if code in used)


def _method(facts: Facts, code: str, used: Mapping[tuple, Fact], speech: Speech) -> MethodCard:
    method = facts.methods[code]
    asks = tuple((speech.word(facts.inputs[one]), speech.unit(facts.inputs[one].unit)) for one in method.data)
    ordered = [used[key] for key in sorted(used, key=lambda key: tuple(map(str, key[:3])))]
    return MethodCard(
        method, speech.word(method), speech.word(facts.services[method.service]), speech.mark(method.mark), asks,
        tuple(one for one in ordered if one.kind == "parameter"), tuple(one for one in ordered if one.kind == "price"),
    )  # fmt: skip
