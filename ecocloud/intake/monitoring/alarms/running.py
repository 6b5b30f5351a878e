"""The minute's work: what is new in the lake is evaluated by every rule it concerns, and what silence decides.

How far each rule has got is kept for each device, and so is how far the lake was looked at: a run that is broken off is
made good by the next one, since evaluating again finds the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Prefetch
from django.utils import timezone

from ecocloud.intake.monitoring.alarms import document as doc
from ecocloud.intake.monitoring.alarms import engine
from ecocloud.intake.monitoring.alarms.conditions import FOREVER, Pause, Setting
from ecocloud.intake.monitoring.alarms.document import RuleDocument
from ecocloud.intake.monitoring.alarms.engine import Row
from ecocloud.intake.monitoring.alarms.facts import settings
from ecocloud.intake.monitoring.alarms.limits import OwnLimits, own_limits
from ecocloud.intake.monitoring.alarms.models import AlarmRule, AlarmState, Watch
from ecocloud.intake.monitoring.alarms.taking import Finding, moment, standing_of, take_in
from ecocloud.intake.monitoring.lake import changes, site
from ecocloud.intake.monitoring.lake.changes import Position, Spans
from ecocloud.intake.monitoring.lake.reading import Wanted, value_columns
from ecocloud.intake.monitoring.quality import queries as quality
from ecocloud.intake.monitoring.quality.judging import INVALID, Verdicts
from ecocloud.intake.monitoring.quality.series import exact
from ecocloud.intake.monitoring.results import rules as results
from ecocloud.intake.monitoring.stations import kinds
from ecocloud.intake.monitoring.stations.models import Channel, Device, Upkeep

NAME = "alarms"
DEVICES_AT_ONCE = 100
# Everything is looked at so often, for devices and rules of which nothing has come yet.
WHOLE_EVERY = timedelta(hours=1)
_DAY, _AHEAD = 86_400, timedelta(hours=1)


@dataclass(frozen=True)
class _Bound:
    """A rule with its document read and the devices it is for."""

    row: AlarmRule
    document: RuleDocument

    def fits(self, device: Device) -> bool:
        one = self.document
        return (
            self.row.region.contains(device.region_id) and (not one.kinds or device.kind in one.kinds)
            and (not one.devices or device.mn in one.devices)
        )  # fmt: skip


@dataclass
class _Known:
    """What is kept and known of some devices."""

    states: dict[tuple[int, int, str], AlarmState]
    pauses: dict[int, list[Upkeep]]
    verdicts: Verdicts
    rows: dict[tuple[str, str], list[Row]] = field(default_factory=lambda: defaultdict(list))
    own: OwnLimits = field(default_factory=dict)


def run(now: datetime | None = None) -> dict[str, int]:
    """Evaluate what is new; returns counts: ``devices`` looked at, ``incidents`` raised or changed."""
    now = now or timezone.now()
    rules = bound_rules()
    watch = Watch.objects.filter(pk=NAME).first()
    seen = Position.read(watch.position) if watch else None
    spans, position = new_rows(seen)
    whole = watch is None or now - watch.whole >= WHOLE_EVERY
    stale = [one for one in rules if one.row.stale]
    pks = None if whole or stale else concerned(spans, now)
    counts = evaluate(rules, pks, now)
    for one in stale:  # one changed meanwhile stays stale
        AlarmRule.objects.filter(pk=one.row.pk, revision=one.row.revision).update(stale=False)
    Watch.objects.update_or_create(
        pk=NAME, defaults={"position": position.as_json(), "whole": now if whole or watch is None else watch.whole}
    )
    return counts


def new_rows(seen: Position | None) -> tuple[dict[str, Spans], Position]:
    """What has come since; nothing where nobody has looked yet, since then everything is looked at."""
    if seen is None:
        return {}, Position.of(site.store().newest())
    return changes.since(site.store(), seen, doc.INTERVALS)


def bound_rules() -> list[_Bound]:
    """The rules that are switched on; one whose document cannot be read any more rests."""
    found = []
    for row in AlarmRule.objects.filter(enabled=True).select_related("region").order_by("pk"):
        try:
            found.append(_Bound(row, doc.read(row.document)))
        except doc.RuleFaults:
            continue
    return found


def concerned(spans: Mapping[str, Spans], now: datetime) -> set[int]:
    """The devices with new values, and those of which silence decides something now."""
    mns = {mn for part in spans.values() for mn in part}
    found = set(AlarmState.objects.filter(due__lte=now, rule__enabled=True).values_list("device", flat=True))
    names = sorted(mns)
    for start in range(0, len(names), 500):
        found |= set(Device.objects.filter(mn__in=names[start : start + 500]).values_list("pk", flat=True))
    return found


def evaluate(rules: Sequence[_Bound], pks: Iterable[int] | None, now: datetime) -> dict[str, int]:
    """Evaluate rules on devices (None: all that are on), some at a time."""
    if not rules:
        return {"devices": 0, "incidents": 0}
    devices = Device.objects.filter(enabled=True).exclude(kind__in=kinds.by_hand()).order_by("pk")
    chosen = list(devices.values_list("pk", flat=True)) if pks is None else sorted(pks)
    counts = {"devices": 0, "incidents": 0}
    used = Prefetch("channels", Channel.objects.filter(in_use=True).order_by("order", "pk"))
    for start in range(0, len(chosen), DEVICES_AT_ONCE):
        part = list(devices.filter(pk__in=chosen[start : start + DEVICES_AT_ONCE]).prefetch_related(used))
        counts["devices"] += len(part)
        counts["incidents"] += take_in(_findings(rules, part, now), now)
    return counts


def _findings(rules: Sequence[_Bound], devices: Sequence[Device], now: datetime) -> list[Finding]:
    known = _known(rules, devices)
    wanted = [
        (one, device, factor)
        for device in devices
        for one in rules
        if one.fits(device)
        for factor in one.document.subjects(tuple(channel.code for channel in device.channels.all()))
    ]
    _load(known, wanted, now)
    known.own = own_limits(((one.document, device.pk) for one, device, _factor in wanted), _earliest(known, now), now)
    return [_finding(known, one, device, factor, now) for one, device, factor in wanted]


def _known(rules: Sequence[_Bound], devices: Sequence[Device]) -> _Known:
    pks = [device.pk for device in devices]
    states = AlarmState.objects.filter(device__in=pks, rule__in=[one.row.pk for one in rules])
    pauses: dict[int, list[Upkeep]] = defaultdict(list)
    for row in Upkeep.objects.filter(device__in=pks, cancelled_at__isnull=True).select_related("channel"):
        pauses[row.device_id].append(row)
    return _Known({(row.rule_id, row.device_id, row.factor): row for row in states}, pauses, quality.verdicts(pks))


def _load(known: _Known, wanted: Sequence[tuple[_Bound, Device, str]], now: datetime) -> None:
    """The rows after what is settled, one question for each interval."""
    since: dict[str, int] = {}
    mns: dict[str, set[str]] = defaultdict(set)
    for one, device, factor in wanted:
        interval = one.document.interval
        before = _before(known, one, device, factor)
        since[interval] = min(since.get(interval, before), before)
        mns[interval].add(device.mn)
    for interval, first in since.items():
        load_rows(known.rows, known.verdicts, interval, moment(first - _DAY), now + _AHEAD, sorted(mns[interval]))


def load_rows(
    into: dict[tuple[str, str], list[Row]], verdicts: Verdicts, interval: str, first: datetime, last: datetime,
    mns: Sequence[str],
) -> None:  # fmt: skip
    """Rows of the lake with stamps from ``first`` to before ``last``, by (interval, MN); those decided against do not
    count."""
    one, other = value_columns(interval)
    table = site.snapshot(None).current(
        Wanted(interval, first, last, tuple(mns)), ("mn", "factor", "time", one, other, "flag")
    )
    for row in table.to_pylist():
        value = row[one] if row[one] is not None else row[other]
        into[interval, row["mn"]].append(
            Row(int(row["time"].timestamp()), row["factor"], exact(value), row["flag"] or "")
        )
    if verdicts:
        for mn in mns:
            into[interval, mn] = [_judged(verdicts, interval, mn, row) for row in into[interval, mn]]


def _judged(verdicts: Verdicts, interval: str, mn: str, row: Row) -> Row:
    told = verdicts.mask(mn, row.factor, interval, np.array([row.stamp]))[0]
    return row._replace(counts=bool(told != INVALID))


def _earliest(known: _Known, now: datetime) -> datetime:
    """Before every value that is looked at."""
    return moment(min((row.stamp for rows in known.rows.values() for row in rows), default=int(now.timestamp())))


def _before(known: _Known, one: _Bound, device: Device, factor: str) -> int:
    row = known.states.get((one.row.pk, device.pk, factor))
    return row.memory["at"] if row is not None else _begun(one.row, device)


def _begun(rule: AlarmRule, device: Device) -> int:
    return int(max(rule.begun, device.created_at).timestamp())


def period(interval: str, device: Device) -> tuple[int, int]:
    """How long a period of an interval's data is, and from one value to the next, in seconds."""
    if interval == "rtd":
        return 0, max(1, device.realtime_s)
    step = {"minute": device.minute_step * 60, "hour": device.step_minutes * 60, "day": _DAY}[interval]
    return step, step


def stamped_at_end(interval: str, device: Device) -> bool:
    """Whether a stamp is the end of its period: hours of devices that are registered so."""
    return interval == "hour" and results.rules().stamp.ends(device.hour_ending)


def setting_of(document: RuleDocument, device: Device, factor: str, upkeep: Iterable[Upkeep],
               own: OwnLimits | None = None) -> Setting:  # fmt: skip
    """What holds for a device and factor. own: emission limits of outlets, where the rule asks for them."""
    _length, step = period(document.interval, device)
    limits = {channel.code: exact(channel.limit) for channel in device.channels.all() if channel.limit is not None}
    pauses = [
        Pause(int(row.start.timestamp()), int(row.end.timestamp()) if row.end else FOREVER,
              row.channel.code if row.channel else "")
        for row in upkeep if row.kind in document.pauses
    ]  # fmt: skip
    known = {code: value for code, value in limits.items() if value is not None}
    limited = (own or {}).get((device.pk, document.interval), {})
    return Setting(factor, step, known, tuple(sorted(pauses)), limited)


def _finding(known: _Known, one: _Bound, device: Device, factor: str, now: datetime) -> Finding:
    rule, key = one.document, (one.row.pk, device.pk, factor)
    setting = setting_of(rule, device, factor, known.pauses.get(device.pk, ()), known.own)
    length, _step = period(rule.interval, device)
    rows = known.rows.get((rule.interval, device.mn), ())
    named = {factor} | setting.beside
    mine = [row for row in rows if row.factor in named] if factor and not rule.factors else rows
    moments = engine.moments(mine, length=length, hour_ending=stamped_at_end(rule.interval, device),
                             flags=rule.flags, pauses=setting.pauses)  # fmt: skip
    standing = standing_of(known.states.get(key), engine.fresh(_begun(one.row, device)))
    before = standing.memory["at"]
    progress = engine.advance(
        rule, setting, moments, standing, int(now.timestamp()), settings().lateness.seconds(rule.interval)
    )
    return Finding(one.row, rule, device, factor, before, progress)
