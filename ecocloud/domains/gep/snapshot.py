"""What a run was computed from, as plain values that can be kept and computed again. Pure.

Kept are the methods chosen, the office's own coefficients, the published coefficients those methods use, and every
price that could be chosen: a newer version of the product that brings other facts does not change what a run came to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from ecocloud import __version__
from ecocloud.domains.gep import asking, calculation
from ecocloud.domains.gep.asking import Given, Used
from ecocloud.domains.gep.calculation import Account, Line
from ecocloud.domains.gep.editions import Choice
from ecocloud.domains.gep.facts import Facts, PartValue
from ecocloud.domains.gep.pricing import Price

_CODE = ("asking.py", "calculation.py", "editions.py", "facts.py", "gathering.py", "pricing.py")


def text_digest(value: Any) -> str:
    """SHA-256 of plain values, hexadecimal."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


@cache
def code_version() -> str:
    """The version of the product and a digest of the code that computes."""
    package = files(__package__)
    names = [
        *_CODE,
        *sorted(f"methods/{one.name}" for one in (package / "methods").iterdir() if one.name[-3:] == ".py"),
    ]
    found = hashlib.sha256()
    for name in names:
        found.update(package.joinpath(*name.split("/")).read_bytes())
    return f"{__version__}+{found.hexdigest()[:12]}"


def make(facts: Facts, chosen: Iterable[Choice], own: Iterable[Given], prices: Iterable[Price]) -> dict[str, Any]:
    """The basis of a run as plain values."""
    chosen = list(chosen)
    asked = {code for one in chosen for method in one.methods for code in facts.methods[method].parameters}
    return {
        "choices": [[one.service, list(one.methods), one.given] for one in chosen],
        "own": plain(own),
        "parameters": {
            code: [facts.parameters[code].unit, facts.parameters[code].citation, facts.parameters[code].mark,
                   [[one.part, str(one.value), one.note] for one in facts.parameters[code].values]]
            for code in sorted(asked)
        },
        "prices": [[one.kind, one.year, one.place, str(one.value), one.source, one.mark] for one in prices],
    }  # fmt: skip


def plain(given: Iterable[Given]) -> list[list[str]]:
    """Inputs as rows of text in a fixed order."""
    return sorted([one.datum, one.part, str(one.value), one.source] for one in given)


def given_of(rows: Iterable[Sequence[str]]) -> list[Given]:
    """The inputs again."""
    return [Given(datum, part, Decimal(value), source) for datum, part, value, source in rows]


def choices_of(basis: dict[str, Any]) -> list[Choice]:
    """The methods a run used."""
    return [Choice(service, tuple(methods), given) for service, methods, given in basis["choices"]]


def prices_of(basis: dict[str, Any]) -> list[Price]:
    """The prices a run could choose from."""
    return [Price(kind, year, place, Decimal(value), source, mark)
            for kind, year, place, value, source, mark in basis["prices"]]  # fmt: skip


def facts_of(facts: Facts, basis: dict[str, Any]) -> Facts:
    """Today's facts with the coefficients as they were."""
    changed = dict(facts.parameters)
    for code, (unit, citation, mark, values) in basis["parameters"].items():
        if code in changed:
            parts = tuple(PartValue(part=part, value=Decimal(value), note=note) for part, value, note in values)
            changed[code] = changed[code].model_copy(
                update={"unit": unit, "citation": citation, "mark": mark, "values": parts}
            )
    return facts.model_copy(update={"parameters": changed})


def compute(
    facts: Facts, edition: str, basis: dict[str, Any], region: str, year: int, rows: Iterable[Sequence[str]],
    places: Iterable[str],
) -> Account:  # fmt: skip
    """The account of one region and year from what is kept of a run."""
    known = facts_of(facts, basis)
    inputs = [one for one in given_of(rows) if one.datum in known.inputs]
    return calculation.calculate(
        known, known.editions[edition], choices_of(basis), region, year,
        asking.Inputs(known, inputs, given_of(basis["own"])), prices_of(basis), places,
    )  # fmt: skip


def price_json(price: Price | None) -> dict[str, Any] | None:
    """A price as plain values."""
    return None if price is None else asdict(price) | {"value": str(price.value)}


def used_json(line: Line) -> list[dict[str, Any]]:
    """What a line was computed from, as plain values."""
    return [asdict(one) | {"value": str(one.value)} for one in line.used]


def price_of(kept: dict[str, Any] | None) -> Price | None:
    """The price again."""
    return None if kept is None else Price(**(kept | {"value": Decimal(kept["value"])}))


def used_of(kept: Iterable[dict[str, Any]]) -> tuple[Used, ...]:
    """What a line was computed from, again."""
    return tuple(Used(**(one | {"value": Decimal(one["value"])})) for one in kept)
