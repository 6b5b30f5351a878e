"""Assimilative capacity of a reach and the loads on it: every input with where it comes from, registers first, then
what a person tries. Nothing is stored."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from ecocloud.intake.monitoring.alarms.hints import Reach, reach_of
from ecocloud.intake.monitoring.evaluation.facts import facts
from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.scaled import SCALE, Amounts
from ecocloud.intake.monitoring.evaluation.water import capacity as formulas
from ecocloud.intake.monitoring.evaluation.water.loads import total_loads
from ecocloud.intake.monitoring.evaluation.water.standard import standard_on
from ecocloud.intake.monitoring.results import queries
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import EMISSION, WATER_SECTION, Period, rules
from ecocloud.kernel.registers import queries as registers
from ecocloud.kernel.registers.models import RegisterObject

INPUTS = ("target", "coming", "flow", "outlet_flow", "decay", "length", "speed", "share", "volume")
RIVER = ("zero", "one", "middle", "spread")
LAKE = ("lake", "lake_steady")
SECONDS = 86_400
_MOST = 2000


@dataclass(frozen=True)
class Input:
    """One input. value: None where nobody says; source: where it comes from: ``tried``, ``standard``, ``outlets``,
    ``default``, or a reference; '' without a value.
    """

    value: float | None
    source: str = ""


@dataclass(frozen=True)
class Outlet:
    """An outfall at the reach: m³/d and mg/L of the register, kg/d, kg measured in the month (None: no data)."""

    ref: str
    name: str
    flow: float | None
    concentration: float | None
    measured: Decimal | None = None
    result: str = ""

    @property
    def kilograms(self) -> float | None:
        """kg/d by the register's flow and concentration."""
        return None if self.flow is None or self.concentration is None else self.flow * self.concentration / 1000


@dataclass(frozen=True)
class Passing:
    """What passes a section in a month. concentration: mean, millionths of mg/L; tonnes: with the flow of the inputs,
    None without one.
    """

    row: Result
    concentration: int
    tonnes: Decimal | None


@dataclass(frozen=True)
class Answer:
    """One formula with what came out: g/s and t/a; None where an input is missing, which ``lacking`` names. A lake at
    once gives tonnes, in ``tonnes``.
    """

    name: str
    grams: float | None
    tonnes: float | None
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class Balance:
    """All of a reach. load: t/a of its outlets by the register, None where none has both numbers."""

    inputs: dict[str, Input]
    answers: tuple[Answer, ...]
    outlets: tuple[Outlet, ...]
    passing: tuple[Passing, ...]
    load: float | None
    facts: tuple[str, ...]


def items() -> dict[str, str]:
    """Items a capacity is asked for: item -> field of the register of outfalls."""
    return dict(rules().capacity.items)


def is_lake(row: RegisterObject) -> bool:
    """Whether the reach is a lake or reservoir."""
    return row.body.get(rules().capacity.kind) in rules().capacity.lakes


def reaches(viewer: Any) -> list[RegisterObject]:
    """The reaches in sight, by name (one query)."""
    rows = registers.reachable(viewer).filter(type__code=rules().capacity.reach).exclude(state="retired")
    return list(rows.order_by("name").select_related("region")[:_MOST])


def balance(viewer: Any, row: RegisterObject, every: list[RegisterObject], item: str, month: date, target_class: int,
            tried: Mapping[str, float]) -> Balance:  # fmt: skip
    """A reach with an item in a month (five queries). every: all reaches in sight; tried: inputs that stand over those
    of registers and results.
    """
    known = [_reach(one) for one in every]
    outlets = _outlets(viewer, row, known, item, month)
    passing = _sections(viewer, row, known, item, month)
    inputs = _inputs(row, item, month, target_class, outlets, passing)
    inputs |= {name: Input(value, "tried") for name, value in tried.items() if name in inputs}
    passed = tuple(_passing(one, item, inputs["flow"].value, month) for one in passing)
    book = InForce(facts("water"), month)
    answers = tuple(_answer(name, inputs, book) for name in (LAKE if is_lake(row) else RIVER))
    loads = [one.kilograms for one in outlets if one.kilograms is not None]
    load = sum(loads) * 365 / 1000 if loads else None
    return Balance(inputs, answers, outlets, passed, load, tuple(f"water:{one}" for one in book.unverified))


def _reach(row: RegisterObject) -> Reach:
    said = rules().capacity
    return Reach(f"obj:{row.pk}", row.name, str(row.body.get(said.water) or ""), str(row.body.get(said.upper) or ""),
                 str(row.body.get(said.lower) or ""), row.region_id)  # fmt: skip


def _at(row: RegisterObject, known: list[Reach], one: RegisterObject, water: str) -> bool:
    found = reach_of(known, water, [one.name], one.region_id)
    return found is not None and found.ref == f"obj:{row.pk}"


def _outlets(viewer: Any, row: RegisterObject, known: list[Reach], item: str, month: date) -> tuple[Outlet, ...]:
    said = rules().capacity
    rows = registers.reachable(viewer).filter(type__code=said.outfall).exclude(state="retired").order_by("name")
    own = [one for one in rows[:_MOST] if _at(row, known, one, str(one.body.get(said.river) or ""))]
    refs = [f"obj:{one.pk}" for one in own]
    measured = {
        result.device.object_ref: result
        for result in queries.current(viewer, EMISSION, "month").filter(start=month, device__object_ref__in=refs)
        .select_related("device")
    }  # fmt: skip
    found = []
    for one, ref in zip(own, refs, strict=True):
        result = measured.get(ref)
        kg = result.body["items"].get(item, {}).get("kg") if result else None
        found.append(Outlet(ref, one.name, number_of(one.body.get(said.flow)), number_of(one.body.get(items()[item])),
                            None if kg is None else Decimal(kg) / SCALE, result.ref if result else ""))  # fmt: skip
    return tuple(found)


def _sections(viewer: Any, row: RegisterObject, known: list[Reach], item: str, month: date) -> list[Result]:
    """The month's results of the sections at the reach that have the item."""
    found = queries.current(viewer, WATER_SECTION, "month").filter(start=month).select_related("device", "region")
    listed = [one for one in found.order_by("device__name")[:_MOST]
              if one.body["items"].get(item, {}).get("value") is not None]  # fmt: skip
    keys = [int(one.device.object_ref[4:]) for one in listed if (one.device.object_ref or "").startswith("obj:")]
    objects = {f"obj:{one.pk}": one for one in RegisterObject.objects.filter(pk__in=keys)}
    named = rules().water.lake.name
    return [one for one in listed if (about := objects.get(one.device.object_ref or "")) is not None
            and _at(row, known, about, str(about.body.get(named) or ""))]  # fmt: skip


def _inputs(row: RegisterObject, item: str, month: date, target_class: int, outlets: tuple[Outlet, ...],
            passing: list[Result]) -> dict[str, Input]:  # fmt: skip
    ref, said = f"obj:{row.pk}", rules().capacity
    limits = standard_on(month).items[item].limits(is_lake(row))
    found = {name: Input(None) for name in INPUTS}
    found["target"] = Input(limits[target_class - 1] / SCALE, "standard") if limits else Input(None)
    if passing:
        first = passing[0]
        found["coming"] = Input(first.body["items"][item]["value"] / SCALE, first.ref)
    flows = [one.flow for one in outlets if one.flow is not None]
    if flows:
        found["outlet_flow"] = Input(sum(flows) / SECONDS, "outlets")
    length = number_of(row.body.get(said.length))
    if length is not None:
        found["length"] = Input(length * 1000, ref)
    found["share"] = Input(1.0, "default")
    return found


def number_of(given: Any) -> float | None:
    """A finite number of a register or a form, None for anything else."""
    try:
        found = float(given)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def _passing(row: Result, item: str, flow: float | None, month: date) -> Passing:
    """Concentration times flow over the seconds of the month, by the exact sum of loads."""
    value = row.body["items"][item]["value"]
    if flow is None or flow < 0:
        return Passing(row, value, None)
    seconds = (Period("month", month).after - month).days * SECONDS
    one = Amounts(np.array([value], np.int64), np.zeros(1, np.bool_))
    river = Amounts(np.array([round(flow * SCALE)], np.int64), np.zeros(1, np.bool_))
    found = total_loads(one, river, seconds, np.zeros(1, np.int64), 1)
    return Passing(row, value, Decimal(int(found.kilograms.values[0])) / SCALE / 1000)


NEEDED: dict[str, tuple[str, ...]] = {
    "zero": ("target", "coming", "flow", "outlet_flow"),
    "one": ("target", "coming", "flow", "outlet_flow", "decay", "length", "speed"),
    "middle": ("target", "coming", "flow", "decay", "length", "speed"),
    "spread": ("target", "coming", "flow", "decay", "length", "speed", "share"),
    "lake": ("target", "coming", "volume"),
    "lake_steady": ("target", "decay", "volume", "share"),
}
_RULES = {"zero": formulas.river_zero, "one": formulas.river_one, "middle": formulas.river_middle,
          "spread": formulas.river_spread, "lake_steady": formulas.lake_steady}  # fmt: skip


def _answer(name: str, inputs: Mapping[str, Input], book: InForce) -> Answer:
    """A formula with the inputs; decay is given per day, the formulas take it per second."""
    lacking = tuple(one for one in NEEDED[name] if inputs[one].value is None)
    if "speed" in NEEDED[name] and inputs["speed"].value is not None and inputs["speed"].value <= 0:
        lacking = (*lacking, "speed")
    fact = book.get(f"capacity.{name}")
    if lacking:
        return Answer(fact.name, None, None, lacking)
    given = [(inputs[one].value or 0.0) / (SECONDS if one == "decay" else 1) for one in NEEDED[name]]
    if name == "lake":
        return Answer(fact.name, None, float(formulas.lake_mixed(*given, book)) / 1e6)
    found = _RULES[name](*given, book)
    return Answer(fact.name, float(found.grams_per_second), float(found.tonnes_per_year))
