"""Conditions over the values of one device as they come. Pure: memory and a moment in, the answer and memory out.

Answers are True, False or None: None where a value that is needed is missing, since missing is neither good nor bad.
What a condition must remember is plain data, so that it can be kept between runs and a run can go on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from ecocloud.intake.monitoring.alarms.document import (
    Condition,
    Count,
    Flat,
    Group,
    Lasting,
    Limit,
    NoData,
    Rate,
    measure,
    walk,
)
from ecocloud.intake.monitoring.quality.series import plain

FOREVER = 1 << 60
Memory = dict[str, Any]
Answer = bool | None


@dataclass(frozen=True)
class Moment:
    """One moment of a device: the end of a period of data, or a time at which nothing had come.

    at: seconds since 1970 UTC. values: those that count, by factor, 10^-6 of the unit. came: factors of which anything
    came.
    """

    at: int
    values: Mapping[str, int]
    came: frozenset[str] = frozenset()


class Pause(NamedTuple):
    """Upkeep from ``start`` to before ``end`` (FOREVER while it goes on); factor '' for the whole device."""

    start: int
    end: int
    factor: str = ""


class OwnLimit(NamedTuple):
    """The emission limit of an outlet for a factor at moments after ``start`` and up to ``end``.

    least, most: 10^-6 of its unit, None where there is no such end; top, bottom: a value times top over bottom is in
    that unit; oxygen: the factor of the oxygen, '' where nothing is converted; reference, air: the reference oxygen and
    that of air, millionths of a percent.
    """

    start: int
    end: int
    least: int | None
    most: int | None
    top: int = 1
    bottom: int = 1
    oxygen: str = ""
    reference: int = 0
    air: int = 1


@dataclass(frozen=True)
class Setting:
    """What holds for one device and factor.

    factor: '' for the device as a whole. step: seconds from one value to the next. limits: those registered for the
    channels, 10^-6 of the unit. pauses: upkeep, by its beginning. own: emission limits by factor, in their order.
    """

    factor: str
    step: int
    limits: Mapping[str, int] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()
    own: Mapping[str, tuple[OwnLimit, ...]] = field(default_factory=dict)

    @property
    def beside(self) -> frozenset[str]:
        """Factors that are needed beside the one at hand."""
        return frozenset(one.oxygen for limits in self.own.values() for one in limits if one.oxygen)

    def of(self, named: str) -> str:
        """The factor a condition speaks of."""
        return named or self.factor


def evaluate(condition: Condition, path: str, moment: Moment, setting: Setting, memory: Memory) -> Answer:
    """Whether a condition holds at a moment; ``memory`` is changed. path: its place in the rule, names its memory."""
    return _EVALUATE[type(condition)](condition, path, moment, setting, memory)


def _held(path: str, moment: Moment, setting: Setting, memory: Memory) -> Answer:
    """The last answer of a condition without a value now, for one step; then nobody knows."""
    known = memory.get(path)
    return known[0] if known is not None and moment.at - known[1] <= setting.step else None


def _limit(one: Limit, path: str, moment: Moment, setting: Setting, memory: Memory) -> Answer:
    value, bound, back = _sides(one, moment, setting)
    if bound is None:
        return None
    if value is None:
        return _held(path, moment, setting, memory)
    known = memory.get(path)
    beyond = _beyond(one.op, value, bound)
    if not beyond and back is not None and known is not None and known[0]:
        beyond = _beyond(one.op, value, back)
    memory[path] = [beyond, moment.at]
    return beyond


Number = int | Fraction


def _sides(one: Limit, moment: Moment, setting: Setting) -> tuple[Number | None, Number | None, Number | None]:
    """What is compared with what: value, bound, and the way back; of a limit of the outlet's own exactly, the value
    converted: ``C (21 - O2 reference) / (21 - O2)`` (HJ 212-2017 annex D, 28). None where it is not known.
    """
    factor = setting.of(one.factor)
    value: Number | None = moment.values.get(factor)
    if not one.own:
        return value, *measure(one, setting.limits.get(factor))
    limit = next((own for own in setting.own.get(factor, ()) if own.start < moment.at <= own.end), None)
    bound = None if limit is None else limit.most if one.op in (">", ">=") else limit.least
    if limit is None or bound is None:
        return value, None, None
    if value is not None:
        value = Fraction(value * limit.top, limit.bottom)
        if limit.oxygen:
            oxygen = moment.values.get(limit.oxygen)
            known = oxygen is not None and 0 <= oxygen < limit.air
            value = value * (limit.air - limit.reference) / (limit.air - (oxygen or 0)) if known else None
    back = None if one.back is None else Fraction(bound * one.back, 100)
    return value, Fraction(bound * (one.percent or 0), 100), back


def _beyond(op: str, value: Number, bound: Number) -> bool:
    return {">": value > bound, ">=": value >= bound, "<": value < bound, "<=": value <= bound}[op]


def _rounded(number: Number) -> str:
    """A number as people read it: a fraction of 10^-6 units to the nearest of them, half to even."""
    return plain(round(number))


def _recent(path: str, moment: Moment, value: int, seconds: int, memory: Memory) -> list[list[int]]:
    """The values of the last ``seconds`` with this one, as [moment, value]."""
    first = moment.at - seconds
    rows = [row for row in memory.get(f"{path}#", ()) if row[0] > first]
    rows.append([moment.at, value])
    memory[f"{path}#"] = rows
    return rows


def _rate(one: Rate, path: str, moment: Moment, setting: Setting, memory: Memory) -> Answer:
    value = moment.values.get(setting.of(one.factor))
    if value is None:
        return _held(path, moment, setting, memory)
    before = [row[1] for row in _recent(path, moment, value, one.minutes * 60 + 1, memory)]
    rise, fall = value - min(before), max(before) - value
    change = {"up": rise, "down": fall, "any": max(rise, fall)}[one.direction]
    memory[path] = [change > one.change, moment.at]
    return change > one.change


def _flat(one: Flat, path: str, moment: Moment, setting: Setting, memory: Memory) -> Answer:
    value = moment.values.get(setting.of(one.factor))
    if value is None:
        return _held(path, moment, setting, memory)
    values = [row[1] for row in _recent(path, moment, value, one.minutes * 60, memory)]
    flat = len(values) >= one.least and max(values) - min(values) <= one.tolerance
    memory[path] = [flat, moment.at]
    return flat


def deadline(one: NoData, path: str, setting: Setting, memory: Memory) -> int:
    """When nothing has come for too long, seconds since 1970 UTC; upkeep in between makes the wait begin anew."""
    since, wait, factor = memory.get(path, memory["begun"]), setting.step * one.intervals // 100, setting.of(one.factor)
    for pause in setting.pauses:
        if pause.factor in ("", factor) and pause.start < since + wait and pause.end > since:
            since = pause.end
    return min(since + wait, FOREVER)


def _no_data(one: NoData, path: str, moment: Moment, setting: Setting, memory: Memory) -> Answer:
    factor = setting.of(one.factor)
    if factor in moment.came if factor else moment.came:
        memory[path] = moment.at
        return False
    return moment.at >= deadline(one, path, setting, memory)


def _count(one: Count, path: str, moment: Moment, setting: Setting, memory: Memory) -> Answer:
    answer = evaluate(one.what, f"{path}.what", moment, setting, memory)
    rows = memory.get(path, [])
    named = {setting.of(getattr(part, "factor", "")) for part in walk(one.what)}
    if answer is not None and not named.isdisjoint(moment.values):
        rows = memory[path] = [*rows, int(answer)][-one.among :]
    return sum(rows) >= one.least if rows else None


def _lasting(one: Lasting, path: str, moment: Moment, setting: Setting, memory: Memory) -> Answer:
    """From the first moment at which it held; what is missing in between is borne for three steps."""
    answer = evaluate(one.what, f"{path}.what", moment, setting, memory)
    known = memory.get(path)
    if answer is False:
        memory.pop(path, None)
        return False
    if answer is None:
        return None
    if known is None or moment.at - known[1] > 3 * setting.step:
        known = [moment.at, moment.at]
    memory[path] = [known[0], moment.at]
    return moment.at - known[0] >= one.minutes * 60


def _group(one: Group, path: str, moment: Moment, setting: Setting, memory: Memory) -> Answer:
    """Every part is asked, since each must remember."""
    name = "all" if one.every else "any"
    answers = [evaluate(part, f"{path}.{name}.{n}", moment, setting, memory) for n, part in enumerate(one.of)]
    if (not one.every) in answers:
        return not one.every
    return None if None in answers else one.every


_EVALUATE: dict[type, Callable[..., Answer]] = {
    Limit: _limit, Rate: _rate, Flat: _flat, NoData: _no_data, Count: _count, Lasting: _lasting, Group: _group,
}  # fmt: skip


def reasons(condition: Condition, moment: Moment, setting: Setting, path: str, memory: Memory) -> list[dict[str, str]]:
    """What speaks for a condition that holds: each leaf with its numbers as texts (``is``, ``factor``, ``value`` …)."""
    if isinstance(condition, Group):
        name = "all" if condition.every else "any"
        found = [reasons(part, moment, setting, f"{path}.{name}.{n}", memory) for n, part in enumerate(condition.of)]
        return [row for rows in found for row in rows]
    if isinstance(condition, Count | Lasting):
        more = (
            {"least": str(condition.least), "among": str(condition.among)}
            if isinstance(condition, Count)
            else {"minutes": str(condition.minutes)}
        )
        below = reasons(condition.what, moment, setting, f"{path}.what", memory)
        return [row | {f"for_{key}": value for key, value in more.items()} for row in below]
    return _leaf(condition, moment, setting, path, memory)


def _leaf(condition: Condition, moment: Moment, setting: Setting, path: str, memory: Memory) -> list[dict[str, str]]:
    factor = setting.of(getattr(condition, "factor", ""))
    if isinstance(condition, NoData):
        since = memory.get(path, memory["begun"])
        if moment.at < deadline(condition, path, setting, memory):
            return []
        return [{"is": "no_data", "factor": factor, "since": str(since), "minutes": str((moment.at - since) // 60)}]
    known, value = memory.get(path), moment.values.get(factor)
    if value is None or known is None or not known[0]:
        return []
    row = {"is": "", "factor": factor, "value": plain(value)}
    if isinstance(condition, Limit):
        compared, bound, _back = _sides(condition, moment, setting)
        own = {"value": _rounded(compared or 0), "own": "1"} if condition.own else {}
        return [row | own | {"is": "limit", "op": condition.op, "bound": _rounded(bound or 0)}]
    if isinstance(condition, Rate):
        before = [one[1] for one in memory[f"{path}#"]]
        from_ = max(before) if abs(max(before) - value) > abs(value - min(before)) else min(before)
        return [row | {"is": "rate", "from": plain(from_), "bound": plain(condition.change),
                       "minutes": str(condition.minutes)}]  # fmt: skip
    if isinstance(condition, Flat):
        return [row | {"is": "flat", "minutes": str(condition.minutes), "count": str(len(memory[f"{path}#"]))}]
    return []
