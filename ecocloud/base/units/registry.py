"""The pint registry with our definitions: every factor is a ``Fraction``, so nothing is rounded on the way."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from importlib.resources import as_file, files

import pint
import yaml
from pint.util import UnitsContainer
from pydantic import BaseModel, ConfigDict, Field


class Counter(BaseModel):
    """One unit word with its other spellings, and what a page in English writes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    words: tuple[str, ...] = Field(min_length=1)
    en: str


class CounterFile(BaseModel):
    """Schema of ``data/counters.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    counters: tuple[Counter, ...]


@lru_cache(maxsize=1)
def counters() -> dict[str, Counter]:
    """Every counting word -> its entry; the first word of an entry names the dimension."""
    text = (files(__package__) / "data" / "counters.yaml").read_text(encoding="utf-8")
    loaded = CounterFile.model_validate(yaml.safe_load(text))
    table: dict[str, Counter] = {}
    for entry in loaded.counters:
        for word in entry.words:
            if word in table:
                raise ValueError(f"counters.yaml: {word} occurs twice")
            table[word] = entry
    return table


class EnglishFile(BaseModel):
    """Schema of ``data/english.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    units: tuple[Counter, ...]


@lru_cache(maxsize=1)
def english_words() -> dict[str, str]:
    """What a page in English writes for each Chinese unit word."""
    text = (files(__package__) / "data" / "english.yaml").read_text(encoding="utf-8")
    units = EnglishFile.model_validate(yaml.safe_load(text)).units
    found = {word: one.en for one in units for word in one.words}
    return found | {word: one.en for word, one in counters().items()}


@lru_cache(maxsize=1)
def registry() -> pint.UnitRegistry:
    """The pint registry (units.txt and one base unit per counting word)."""
    with as_file(files(__package__) / "data" / "units.txt") as path:
        built = pint.UnitRegistry(str(path), non_int_type=Fraction, autoconvert_offset_to_baseunit=False)
    for entry in dict.fromkeys(counters().values()):
        built.define(f"{counter_name(entry)} = [{counter_name(entry)}]")
    return built


def counter_name(entry: Counter) -> str:
    """The identifier of a counting word in the registry."""
    return f"count_{entry.words[0]}"


@lru_cache(maxsize=4096)
def unit_name(word: str) -> str | None:
    """The registry's name of a single unit word (``亩``, ``kWh``, ``家``), or None when unknown."""
    if word in counters():
        return counter_name(counters()[word])
    if not word.isidentifier():
        return None
    candidates = [found for found in registry().parse_unit_name(word) if not found[2]]
    if not candidates:
        return None
    prefix, name, _ = candidates[0]
    if prefix and not word.isascii() and word[0] not in "μ":
        return None
    return prefix + name


@lru_cache(maxsize=4096)
def root(parts: tuple[tuple[str, int], ...]) -> tuple[Fraction, tuple[tuple[str, Fraction], ...]]:
    """Exact factor to root units and the dimensions of a product of powers."""
    container = UnitsContainer({name: Fraction(power) for name, power in parts}, non_int_type=Fraction)
    factor, _ = registry()._get_root_units(container)
    dims = registry().get_dimensionality(container)
    return Fraction(factor), tuple(sorted((name, Fraction(power)) for name, power in dims.items() if power))


@lru_cache(maxsize=1)
def _named_dimensions() -> dict[tuple[tuple[str, Fraction], ...], str]:
    table = {}
    for name, definition in registry()._dimensions.items():
        reference = getattr(definition, "reference", None)
        if reference:
            dims = registry().get_dimensionality(UnitsContainer({name: Fraction(1)}, non_int_type=Fraction))
            table[tuple(sorted((key, Fraction(power)) for key, power in dims.items()))] = name.strip("[]")
    return table


def dimension_name(dims: tuple[tuple[str, Fraction], ...]) -> str:
    """A readable, stable name of a dimension: ``area``, ``count:家``, ``ratio``, ``mass/money``."""
    if not dims:
        return "ratio"
    if dims in _named_dimensions():
        return _named_dimensions()[dims]

    def part(name: str, power: Fraction) -> str:
        base = name.strip("[]").replace("count_", "count:")
        return base if power == 1 else f"{base}^{power}"

    above = "*".join(part(name, power) for name, power in dims if power > 0) or "1"
    below = "/".join(part(name, -power) for name, power in dims if power < 0)
    return f"{above}/{below}" if below else above
