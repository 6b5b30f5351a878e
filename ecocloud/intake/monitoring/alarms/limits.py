"""The emission limits in force for outlets, as facts for the rules that ask for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from ecocloud.intake.monitoring.alarms.conditions import OwnLimit
from ecocloud.intake.monitoring.alarms.document import Limit, RuleDocument, walk
from ecocloud.intake.monitoring.evaluation.emission.limits import Limit as Emission
from ecocloud.intake.monitoring.evaluation.facts import facts
from ecocloud.intake.monitoring.evaluation.in_force import millionths
from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.results.outlets import Outlet, held_on, outlets
from ecocloud.intake.monitoring.results.reading import Factor, ratio
from ecocloud.intake.monitoring.results.rules import rules

# By device and interval: the limits of each factor in their order.
OwnLimits = Mapping[tuple[int, str], Mapping[str, tuple[OwnLimit, ...]]]
# Averaging times that values of an interval are held against, the first there is; a day's limit warns of an hour.
_HELD = {"hour": ("hour", "instant", "day"), "day": ("day",), "minute": ("instant", "hour", "day"),
         "rtd": ("instant", "hour", "day")}  # fmt: skip


def asks(rule: RuleDocument) -> bool:
    """Whether a rule asks for emission limits of outlets."""
    return any(isinstance(one, Limit) and one.own for grade in rule.grades for one in walk(grade.when))


def own_limits(wanted: Iterable[tuple[RuleDocument, int]], first: datetime, last: datetime) -> OwnLimits:
    """The limits of the devices of rules that ask for them, for moments between two (no query where none asks)."""
    asked: dict[int, set[str]] = defaultdict(set)
    for rule, device in wanted:
        if asks(rule):
            asked[device].add(rule.interval)
    if not asked:
        return {}
    days = _days(first, last)
    return {(site.device, interval): _of(site, interval, days)
            for site in outlets(list(asked)) for interval in asked[site.device]}  # fmt: skip


def _days(first: datetime, last: datetime) -> list[date]:
    begin, end = (at.astimezone(schema.BEIJING).date() for at in (first, last))
    return [begin + timedelta(days=n) for n in range((end - begin).days + 2)]


def _of(site: Outlet, interval: str, days: list[date]) -> dict[str, tuple[OwnLimit, ...]]:
    """Limits by factor; days in a row under the same ones are one."""
    found: dict[str, list[OwnLimit]] = defaultdict(list)
    for day in days:
        start, end = (int(at.timestamp()) for at in schema.day_bounds(day))
        held: dict[str, list[Emission]] = defaultdict(list)
        for limit in held_on(site, day):
            held[limit.code].append(limit)
        for code, limits in held.items():
            own = _bound(site, code, limits, interval, start, end)
            if own is None:
                continue
            before = found[code][-1] if found[code] else None
            if before is not None and before.end == start and before._replace(start=start, end=end) == own:
                found[code][-1] = before._replace(end=end)
            else:
                found[code].append(own)
    return {code: tuple(listed) for code, listed in found.items()}


def _bound(site: Outlet, code: str, limits: list[Emission], interval: str, start: int, end: int) -> OwnLimit | None:
    """The limit of the first averaging time there is; of several (by water temperature, of the permit) the widest: an
    alarm then is sure.
    """
    word = next((word for word in _HELD[interval] if any(one.averaging == word for one in limits)), None)
    chosen = [one for one in limits if one.averaging == word]
    if not chosen:
        return None
    widest = max(chosen, key=lambda one: (one.most is None, one.most or 0))
    top, bottom = ratio(site.units.get(code, ""), Factor(0, widest.unit))
    if widest.oxygen is None:
        return OwnLimit(start, end, widest.least, widest.most, top, bottom)
    air = facts("emission").in_force("gas.oxygen_of_air", schema.moment(start * 1_000_000).date()).number()
    return OwnLimit(start, end, widest.least, widest.most, top, bottom, rules().emission.gas.oxygen, widest.oxygen,
                    millionths(air))  # fmt: skip
