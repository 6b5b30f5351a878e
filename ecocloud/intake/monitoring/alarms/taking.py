"""What the rules found becomes signals and incidents: one incident for a station and a cause, however many values,
devices and rules speak for it. Written set by set; running it again with the same findings changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import Max, Q

from ecocloud.intake.monitoring.alarms import machine
from ecocloud.intake.monitoring.alarms.document import RuleDocument
from ecocloud.intake.monitoring.alarms.engine import Episode, Progress, Standing
from ecocloud.intake.monitoring.alarms.facts import settings
from ecocloud.intake.monitoring.alarms.machine import Found, Terms
from ecocloud.intake.monitoring.alarms.models import (
    OPEN,
    AlarmEvent,
    AlarmIncident,
    AlarmRule,
    AlarmSignal,
    AlarmState,
)
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.kernel.journal.services import SYSTEM, Change, change

AT_ONCE = 200  # findings in one transaction
_BATCH = 200
Kind = AlarmEvent.Kind
_LIFE = ("state", "active", "level", "peak", "raises", "escalations", "deadline")
_INCIDENT = (*_LIFE, "last", "over", "ended_at", "wants")
_SIGNAL = ("start", "end", "level", "peak", "because", "withdrawn")


@dataclass(frozen=True)
class Finding:
    """What a rule found on a device and factor ('' for the whole device). before: moments up to then had been settled,
    seconds since 1970 UTC."""

    rule: AlarmRule
    document: RuleDocument
    device: Device
    factor: str
    before: int
    progress: Progress

    @property
    def key(self) -> tuple[int, int, int, str]:
        """What its signals have in common."""
        return self.rule.pk, self.rule.revision, self.device.pk, self.factor

    @property
    def station(self) -> str:
        """What it is grouped by, beside the cause."""
        return station_of(self.device)


@dataclass(eq=False)
class _Touched:
    """An incident in the making: signals to be added, the highest level reached, whether late data took some back."""

    row: AlarmIncident
    new: list[AlarmSignal] = field(default_factory=list)
    reached: int = 0
    revised: bool = False
    latest: datetime | None = None


def station_of(device: Device) -> str:
    """The register object a device stands at, or the device itself."""
    return device.object_ref or device.ref


def moment(seconds: int) -> datetime:
    """A time of the engine as a datetime."""
    return datetime.fromtimestamp(seconds, UTC)


def standing_of(row: AlarmState | None, fresh: dict[str, Any]) -> Standing:
    """How far a rule had got; from the beginning where nothing is kept."""
    if row is None:
        return Standing(fresh)
    going = row.going
    open_one = Episode(**(going | {"because": tuple(going["because"])})) if going else None
    return Standing(row.memory, open_one)


def take_in(findings: Iterable[Finding], now: datetime) -> int:
    """Write what was found; returns how many incidents were raised or changed."""
    changed = 0
    for part in _parts(sorted(findings, key=lambda one: (one.station, one.key))):
        known = _signals(part)
        loud = [one for one in part if one.progress.episodes or known.get(one.key)]
        with change(SYSTEM) as tx:
            changed += _Taking(tx, known, now).take(loud) if loud else 0
            _keep(part)
    return changed


def _parts(findings: Sequence[Finding]) -> Iterator[list[Finding]]:
    """Findings in parts that fit a short transaction; those of one station stay together."""
    part: list[Finding] = []
    for one in findings:
        if len(part) >= AT_ONCE and one.station != part[-1].station:
            yield part
            part = []
        part.append(one)
    if part:
        yield part


def _signals(part: Sequence[Finding]) -> dict[tuple, list[AlarmSignal]]:
    """The signals that what was found may be about: those going on, and those not settled before."""
    before = moment(max(0, min(one.before for one in part)))
    rows = AlarmSignal.objects.filter(
        Q(end__isnull=True) | Q(end__gt=before), withdrawn=False, device__in={one.device.pk for one in part},
        rule__in={one.rule.pk for one in part},
    )  # fmt: skip
    since = {one.key: moment(max(0, one.before)) for one in part}
    found: dict[tuple, list[AlarmSignal]] = defaultdict(list)
    for row in rows.order_by("start", "pk"):
        key = row.rule_id, row.rule_revision, row.device_id, row.factor
        if key in since and (row.end is None or row.end > since[key]):
            found[key].append(row)
    return found


def _keep(part: Sequence[Finding]) -> None:
    """Keep how far each rule has got."""
    rows = []
    for one in part:
        standing, due = one.progress.standing, one.progress.due
        going = asdict(standing.open_one) if standing.open_one else None
        rows.append(AlarmState(rule=one.rule, device=one.device, factor=one.factor, memory=standing.memory,
                               going=going, due=moment(due) if due is not None else None))  # fmt: skip
    AlarmState.objects.bulk_create(
        rows, batch_size=_BATCH, update_conflicts=True, unique_fields=["rule", "device", "factor"],
        update_fields=["memory", "going", "due"],
    )  # fmt: skip


class _Taking:
    """One transaction of taking in."""

    def __init__(self, tx: Change, known: dict[tuple, list[AlarmSignal]], now: datetime) -> None:
        self._tx, self._known, self._now = tx, known, now
        self._open: dict[tuple[str, str], _Touched] = {}
        self._by_pk: dict[int, _Touched] = {}
        self._changed: list[AlarmSignal] = []
        self._events: list[AlarmEvent] = []

    def take(self, findings: Sequence[Finding]) -> int:
        self._read(findings)
        for one in findings:
            self._match(one)
        touched = list(dict.fromkeys([*self._by_pk.values(), *self._open.values()]))
        fresh = [one for one in touched if one.row.pk is None]
        AlarmIncident.objects.bulk_create([one.row for one in fresh], batch_size=_BATCH)
        signals = []
        for one in touched:
            for row in one.new:
                row.incident = one.row
                signals.append(row)
        AlarmSignal.objects.bulk_create(signals, batch_size=_BATCH)
        AlarmSignal.objects.bulk_update(self._changed, _SIGNAL, batch_size=_BATCH)
        return self._settle([one for one in touched if one.new or one.reached or one.revised or one.latest], fresh)

    def stop(self, rows: Sequence[AlarmSignal]) -> int:
        """End signals whose rule does not go on."""
        pks = {row.incident_id for row in rows}
        for row in AlarmIncident.objects.filter(pk__in=pks).select_for_update(of=("self",)).order_by("pk"):
            self._by_pk[row.pk] = _Touched(row, latest=row.last)
        for row in rows:
            row.end = max(row.start, self._now)
        AlarmSignal.objects.bulk_update(rows, ["end"], batch_size=_BATCH)
        return self._settle(list(self._by_pk.values()), [])

    def _read(self, findings: Sequence[Finding]) -> None:
        """The incidents that may be touched, locked."""
        mentioned = {row.incident_id for rows in self._known.values() for row in rows}
        stations = {one.station for one in findings}
        rows = AlarmIncident.objects.filter(Q(pk__in=mentioned) | Q(station__in=stations, state__in=OPEN))
        for row in rows.select_for_update(of=("self",)).order_by("pk"):
            touched = self._by_pk[row.pk] = _Touched(row)
            if row.state in OPEN:
                self._open[row.station, row.cause] = touched

    def _match(self, one: Finding) -> None:
        """Episodes found and signals kept, in the order of their time: equal or overlapping ones are the same."""
        waiting = list(self._known.get(one.key, ()))
        for episode in one.progress.episodes:
            start, end = moment(episode.start), moment(episode.end) if episode.end is not None else None
            same = next((row for row in waiting if row.start == start), None) or next(
                (row for row in waiting if (end is None or row.start <= end) and (row.end is None or row.end >= start)),
                None,
            )
            if same is None:
                self._raise(one, episode, start, end)
            else:
                waiting.remove(same)
                self._follow(one, same, episode, start, end)
        for row in waiting:
            self._end(row, one)

    def _raise(self, one: Finding, episode: Episode, start: datetime, end: datetime | None) -> None:
        key = one.station, one.document.cause
        touched = self._open.get(key)
        if touched is None:
            row = AlarmIncident(
                station=one.station, device=one.device, cause=one.document.cause, title=one.document.zh,
                level=episode.peak, peak=episode.peak, acknowledge_s=one.document.acknowledge * 60, first=start,
                last=start, created_at=self._now,
            )  # fmt: skip
            touched = self._open[key] = _Touched(row)
        _want(touched.row, one, episode)
        touched.reached = max(touched.reached, episode.peak)
        touched.latest = max(touched.latest or start, start)
        touched.new.append(AlarmSignal(
            rule=one.rule, rule_revision=one.rule.revision, device=one.device, factor=one.factor, start=start, end=end,
            level=episode.level, peak=episode.peak, because=list(episode.because), noticed=self._now,
        ))  # fmt: skip

    def _follow(self, one: Finding, row: AlarmSignal, episode: Episode, start: datetime, end: datetime | None) -> None:
        because = list(episode.because)
        new = (start, end, episode.level, episode.peak, because)
        if new == (row.start, row.end, row.level, row.peak, row.because):
            return
        touched = self._by_pk[row.incident_id]
        if episode.peak > row.peak:
            _want(touched.row, one, episode)
        touched.reached = max(touched.reached, episode.peak if episode.peak > row.peak else episode.level)
        touched.latest = touched.latest or touched.row.last
        row.start, row.end, row.level, row.peak, row.because = new
        self._changed.append(row)

    def _end(self, row: AlarmSignal, one: Finding) -> None:
        """Not found any more: late data took it back, or its rule does not go on with it."""
        touched = self._by_pk[row.incident_id]
        if row.start > moment(max(0, one.before)):
            row.withdrawn, row.end = True, row.start
            touched.revised = True
        elif row.end is None:
            row.end = max(row.start, self._now)
            touched.latest = touched.latest or touched.row.last
        else:
            return
        self._changed.append(row)

    def _settle(self, touched: Sequence[_Touched], fresh: Sequence[_Touched]) -> int:
        """Move each incident to what its signals say now."""
        pks = [one.row.pk for one in touched]
        going = AlarmSignal.objects.filter(incident__in=pks, end__isnull=True, withdrawn=False)
        levels = dict(going.order_by().values_list("incident").annotate(level=Max("level")))
        new = {one.row.pk for one in fresh}
        for one in touched:
            terms = terms_of(one.row)
            if one.row.pk in new:
                one.row.life = machine.begin(terms, max(one.reached, 1), self._now)
                self._note(one, Kind.RAISED)
                self._tx.log("monitoring.alarm.raise", one.row.ref, None, facts(one.row), one.row.title)
            elif one.latest is not None and one.reached > one.row.level:
                self._found(one, terms, one.reached)
            self._found(one, terms, levels.get(one.row.pk, 0))
            if one.latest is not None:
                one.row.last = max(one.row.last, one.latest)
        AlarmIncident.objects.bulk_update([one.row for one in touched], _INCIDENT, batch_size=_BATCH)
        AlarmEvent.objects.bulk_create(self._events, batch_size=_BATCH)
        return len(touched)

    def _found(self, one: _Touched, terms: Terms, level: int) -> None:
        row, before = one.row, one.row.life
        after = machine.step(terms, before, Found(level), self._now)
        if after == before:
            return
        row.life = after
        if level == 0:
            row.over = self._now
        if before.open and not after.open:
            row.ended_at = self._now
        kind = Kind.AGAIN if before.level == 0 else Kind.UP if level > before.level else Kind.DOWN
        if level == 0:
            kind = Kind.REVISED if one.revised else Kind.OVER
        self._note(one, kind)
        held = {"level": before.level, "state": before.state.value}
        self._tx.log("monitoring.alarm.level", row.ref, held, facts(row))

    def _note(self, one: _Touched, kind: str) -> None:
        self._events.append(
            AlarmEvent(incident=one.row, at=self._now, kind=kind, state=one.row.state, level=one.row.level)
        )


def _want(row: AlarmIncident, one: Finding, episode: Episode) -> None:
    """A rule may ask for a work item from a level on."""
    duty = one.document.duty
    if duty is not None and episode.peak >= duty.level and row.item_ref is None:
        row.wants = duty.level


def stop_rule(tx: Change, rule: AlarmRule, now: datetime) -> None:
    """A rule is switched off or changed: what it had found ends, and it begins anew."""
    going = list(AlarmSignal.objects.filter(rule=rule, end__isnull=True).order_by("pk"))
    if going:
        _Taking(tx, {}, now).stop(going)
    AlarmState.objects.filter(rule=rule).delete()


def terms_of(row: AlarmIncident) -> Terms:
    """The waits of an incident."""
    waits = settings().terms(0)
    return row.terms(waits.escalations, waits.forget_s)


def facts(row: AlarmIncident) -> dict[str, Any]:
    """An incident for the journal."""
    return {"station": row.station, "cause": row.cause, "state": row.state, "level": row.level, "peak": row.peak}
