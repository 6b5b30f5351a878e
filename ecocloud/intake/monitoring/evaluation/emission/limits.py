"""Emission limits: which standard, which class of discharger, which averaging time; from
``data/evaluation/emission.yaml``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from ecocloud.intake.monitoring.evaluation.facts import Fact, Facts, facts
from ecocloud.intake.monitoring.evaluation.in_force import InForce, millionths

AVERAGINGS = ("hour", "day", "instant", "sampling")


@dataclass(frozen=True)
class Limit:
    """A limit. name: ``standard.level.item…averaging``; averaging: ``hour``, ``day``, ``instant`` or ``sampling`` (the
    mean of a sampling); least, most: millionths of the unit, None where there is no such end; oxygen: the reference
    oxygen, millionths of a percent, None where nothing is converted; warmer_than, not_warmer_than: the water
    temperature it holds for, millionths of ℃; built_from, built_to: when the plant was built; code: HJ 212 code.
    """

    name: str
    item: str
    averaging: str
    least: int | None
    most: int | None
    unit: str
    oxygen: int | None
    warmer_than: int | None
    not_warmer_than: int | None
    built_from: date | None
    built_to: date | None
    code: str
    zh: str
    en: str
    edition: str
    citation: str
    mark: str
    unverified: bool


def limits_of(
    standard: str, levels: Collection[str], day: date, *, built: date | None = None, source: Facts | None = None
) -> tuple[Limit, ...]:
    """The limits of a standard for the levels a discharger falls under, in force on the day of the observation.

    standard: ``gb18918``, ``gb8978``, ``gb18485``, ``gb13223``, ``ultra_low``, ``gb25464_gas``, ``gb25464_water``;
    levels: such as ``1a`` and ``all``; built: when the plant was built: of limits that depend on it those that hold
    for it, none when it is not known. Limits from memory that are switched off are left out.
    """
    book = InForce(source or facts("emission"), day)
    found = []
    for name, fact in book.under(f"limit.{standard}").items():
        limit = _limit(f"{standard}.{name}", fact)
        level = next((one for one in levels if name.startswith(f"{one}.")), None)
        if level is not None and _for_plant(limit, built):
            found.append(limit)
    return tuple(found)


def beyond(values: np.ndarray, limit: Limit) -> np.ndarray:
    """Whether values (millionths) are beyond a limit; equal to it is not."""
    over = np.zeros(values.shape, np.bool_)
    if limit.most is not None:
        over |= values > limit.most
    if limit.least is not None:
        over |= values < limit.least
    return over


def _for_plant(limit: Limit, built: date | None) -> bool:
    if limit.built_from is None and limit.built_to is None:
        return True
    after = limit.built_from is None or (built is not None and built >= limit.built_from)
    return built is not None and after and (limit.built_to is None or built <= limit.built_to)


def _limit(name: str, fact: Fact) -> Limit:
    value = fact.mapping()
    averaging = value["averaging"]
    if averaging not in AVERAGINGS or not {"least", "most"} & set(value):
        raise ValueError(f"{fact.where}: {name} has no averaging time, or no limit")

    def units(key: str) -> Any:
        return millionths(value[key]) if key in value else None

    return Limit(
        name, value["item"], averaging, units("least"), units("most"), fact.unit, units("oxygen"), units("warmer_than"),
        units("not_warmer_than"), value.get("built_from"), value.get("built_to"), value.get("code", ""), fact.zh,
        fact.en, fact.edition, fact.citation, fact.mark, fact.unverified,
    )  # fmt: skip
