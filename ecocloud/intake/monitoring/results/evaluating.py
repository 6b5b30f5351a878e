"""Evaluates days and what lies above them: from the lake to stored results, for all stations at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from ecocloud.intake.monitoring.evaluation.air.rules import Editions, editions
from ecocloud.intake.monitoring.evaluation.facts import NoFact, facts
from ecocloud.intake.monitoring.lake.reading import Snapshot
from ecocloud.intake.monitoring.quality.judging import Verdicts
from ecocloud.intake.monitoring.quality.queries import verdicts
from ecocloud.intake.monitoring.results import (
    air_days,
    air_periods,
    drinking,
    emission_days,
    emission_periods,
    outlets,
    services,
    water_periods,
)
from ecocloud.intake.monitoring.results.lakes import lakes
from ecocloud.intake.monitoring.results.made import Key, digest_of
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.reading import INTERVAL, both_bounds, bounds
from ecocloud.intake.monitoring.results.rules import (
    AIR_AREA,
    AIR_POINT,
    EMISSION,
    WATER_SECTION,
    WATER_SOURCE,
    Period,
    Span,
    period_of,
    rules,
)
from ecocloud.intake.monitoring.results.services import Written
from ecocloud.intake.monitoring.results.sites import Site, air_sites, source_sites, water_sites

Step = Callable[[], None]


def evaluate(snapshot: Snapshot, first: date, last: date, now: datetime, *, under: str = "",
             step: Step | None = None) -> Written:  # fmt: skip
    """Evaluate the days from ``first`` to ``last`` and the months and years they lie in; what did not change stays.

    under: an edition in place of the one in force on each day: of air or of water, whichever has it; raises
    :class:`NoFact` when neither has. step: called between parts, may raise to stop; what is written stays.
    """
    written = Written()
    book = editions()
    air = not under or under in {one.id for one in book.all}
    water = not under or under in {one.text() for one in facts("water").versions("edition")}
    if not (air or water):
        known = [one.id for one in book.all] + [one.text() for one in facts("water").versions("edition")]
        raise NoFact(f"没有名为“{under}”的标准版本。", f"no edition {under!r}", value=under,
                     remedy_zh="可选：" + "、".join(known) + "。")  # fmt: skip
    for begin, days in air_days.months_of(first, last):
        if step:
            step()
        if air:
            _air(snapshot, air_sites(), book, begin, days, now, under, written)
        if water and not under:
            _sources(snapshot, period_of("month", begin), now, written)
        if water:
            _water(snapshot, water_sites(), begin, days, now, under, written)
        if not under:
            _emission(snapshot, begin, days, now, written)
    return written


def _decided(sites: Sequence[Site], first: date, days: int) -> Verdicts:
    """What people decided about the values of days (one query)."""
    return verdicts([one.device for one in sites], INTERVAL, *both_bounds(first, days))


def _kept(kind: str, sites: Sequence[Site], first: date, days: int, under: str) -> list[tuple[int, date]]:
    """The sites (by their place) and days with a result, of devices whose stamps came to mean something else: a day
    that lost all its values says so (one query).
    """
    places = {one.device: place for place, one in enumerate(sites)}
    rows = Result.objects.filter(kind=kind, span="day", asked=under, current=True, device__restamped_at__isnull=False,
                                 start__gte=first, start__lt=first + timedelta(days=days))  # fmt: skip
    return [(places[pk], day) for pk, day in rows.values_list("device", "start") if pk in places]


def _air(snapshot: Snapshot, sites: Sequence[Site], book: Editions, first: date, days: int, now: datetime, under: str,
         written: Written) -> None:  # fmt: skip
    first = max(first, book.all[0].first) if not under else first
    if not sites or days <= 0:
        return
    hours = air_days.read_hours(snapshot, sites, book, first, days, _decided(sites, first, days),
                                _kept(AIR_POINT, sites, first, days, under))  # fmt: skip
    made = air_days.evaluate(hours, sites, book, book.named(under) if under else None)
    points, areas = services.parts(made)
    services.write(points, now, under, into=written)
    services.write(areas, now, under, into=written)
    spans: tuple[Span, ...] = ("month", "year")
    for span in spans:
        period = period_of(span, first)
        stored = _air_days(period, under, written)
        made = air_periods.periods(period, stored, book, over=period.final(now), under=under)
        services.write(made, now, under, into=written)


def _air_days(period: Period, under: str, written: Written) -> list[air_periods.Stored]:
    """The current days of stations and areas within a period (one query)."""
    rows = Result.objects.filter(
        kind__in=(AIR_POINT, AIR_AREA), span="day", asked=under, current=True, start__gte=period.start,
        start__lt=period.after,
    ).order_by("kind", "subject", "start")  # fmt: skip
    found = []
    fields = ("pk", "version", "kind", "start", "subject", "device_id", "region_id", "department_id", "body", "outcome")
    for row in rows.values(*fields).iterator(2000):
        key = Key(row["kind"], "day", row["start"], row["subject"])
        written.keys[key] = row["pk"], row["version"]
        means = {item: (one["mean"], one["reason"]) for item, one in row["body"]["items"].items()}
        found.append(air_periods.Stored(key, row["device_id"], row["region_id"], row["department_id"], row["outcome"],
                                        means))  # fmt: skip
    return found


def _water(snapshot: Snapshot, sites: Sequence[Site], first: date, days: int, now: datetime, under: str,
           written: Written) -> None:  # fmt: skip
    if not sites:
        return
    daily = water_periods.read_days(snapshot, sites, first, days, _decided(sites, first, days),
                                    also=_kept(WATER_SECTION, sites, first, days, under))  # fmt: skip
    if len(daily.readings):
        by_day = list(water_periods.sections(daily, sites, under or None))
        services.write(by_day, now, under, into=written)
        services.write(lakes(daily, by_day, sites), now, under, into=written)
    spans: tuple[tuple[Span, Span], ...] = (("month", "day"), ("year", "month"))
    for span, shorter in spans:
        stored = _stored(period_of(span, first), shorter, sites, under, written)
        if not stored:
            continue
        over = period_of(span, first).final(now)
        longer = water_periods.longer(span, stored, sites, over=over)
        made = list(water_periods.sections(longer, sites, under or None))
        services.write(made, now, under, into=written)
        services.write(lakes(longer, made, sites), now, under, into=written)
        services.write(water_periods.areas(longer, made, sites, under or None), now, under, into=written)


def _sources(snapshot: Snapshot, month: Period, now: datetime, written: Written) -> None:
    """A month of drinking-water sources, the year it lies in, and the areas."""
    sites = source_sites()
    if not sites:
        return
    decided = verdicts([one.device for one in sites], drinking.INTERVAL,
                       *bounds(month.start, (month.after - month.start).days, False))  # fmt: skip
    services.write(drinking.months(snapshot, sites, month, decided), now, into=written)
    within = {one.subject: one.areas for one in sites}
    year = period_of("year", month.start)
    stored = _source_months(year, written)
    services.write(drinking.years(stored, year), now, into=written)
    own = [one for one in stored if one.key.start == month.start]
    services.write([*drinking.areas(own, month, within), *drinking.areas(stored, year, within)], now, into=written)


def _source_months(year: Period, written: Written) -> list[drinking.Stored]:
    """The current months of sources within a year (one query)."""
    rows = Result.objects.filter(kind=WATER_SOURCE, span="month", asked="", current=True, start__gte=year.start,
                                 start__lt=year.after).order_by("start", "subject")  # fmt: skip
    found = []
    for row in rows:
        key = Key(WATER_SOURCE, "month", row.start, row.subject)
        written.keys[key] = row.pk, row.version
        found.append(drinking.Stored(
            key, row.region_id, row.department_id, row.device_id, row.edition, row.meets,
            tuple(one for one in row.items.split(",") if one), row.body["intake"], row.body["counts"], row.outcome,
            tuple(row.facts),
        ))  # fmt: skip
    return found


def _stored(period: Period, shorter: Span, sites: Sequence[Site], under: str, written: Written
            ) -> list[water_periods.Stored]:  # fmt: skip
    """The sections' current results of the shorter periods within a period (one query)."""
    places = {one.subject: number for number, one in enumerate(sites)}
    rows = Result.objects.filter(
        kind=WATER_SECTION, span=shorter, asked=under, current=True, start__gte=period.start, start__lt=period.after
    ).order_by("start", "subject")
    found = []
    for row in rows.only("pk", "version", "start", "subject", "body", "digest", "outcome"):
        if row.subject in places:
            key = Key(WATER_SECTION, shorter, row.start, row.subject)
            written.keys[key] = row.pk, row.version
            amounts = {item: one["value"] for item, one in row.body["items"].items() if one["value"] is not None}
            found.append(water_periods.Stored(key, places[row.subject], row.outcome, amounts))
    return found


def _emission(snapshot: Snapshot, first: date, days: int, now: datetime, written: Written) -> None:
    """Days, month and year of outlets; the quarter of stacks as far as its days are final."""
    back = first - timedelta(days=rules().emission.look_back_days + 100)
    sites = outlets.outlets(since=both_bounds(back, 1)[0])
    if not sites:
        return
    hours = emission_days.read_hours(snapshot, sites, first, days, _decided(sites, first, days),
                                     _kept(EMISSION, sites, first, days, ""))  # fmt: skip
    made = list(emission_days.evaluate(hours, sites))
    services.write(made, now, into=written)
    by_subject = {one.subject: one for one in sites}
    for span, shorter in _LONGER:
        period = period_of(span, first)
        stored = _shorter(period.start, period.after, shorter, {one.key.subject for one in made}, written)
        services.write(emission_periods.totals(span, stored, by_subject), now, into=written)
    _quarters(period_of("quarter", first), by_subject, now, written)


_LONGER: tuple[tuple[Span, Span], ...] = (("month", "day"), ("year", "month"))


def _shorter(first: date, after: date, span: Span, subjects: Collection[str], written: Written, *, body: bool = True
          ) -> list[emission_periods.Stored]:  # fmt: skip
    """The current results of outlets from ``first`` to before ``after`` (one query). body: with their figures."""
    rows = Result.objects.filter(kind=EMISSION, span=span, asked="", current=True, start__gte=first, start__lt=after,
                                 subject__in=subjects).order_by("start", "subject")  # fmt: skip
    found = []
    fields = ("pk", "version", "start", "subject", "outcome", "edition", "meets", "facts", "final")
    for row in rows.values(*fields, *(("body",) if body else ())).iterator(2000):
        key = Key(EMISSION, span, row["start"], row["subject"])
        written.keys[key] = row["pk"], row["version"]
        found.append(emission_periods.Stored(key, row["outcome"], row["edition"], row["meets"], row.get("body", {}),
                                             tuple(row["facts"]), row["final"]))  # fmt: skip
    return found


def _quarters(period: Period, sites: Mapping[str, outlets.Outlet], now: datetime, written: Written) -> None:
    """The quarter of each stack of which a final day is new or other; figures are read of those alone."""
    stacks = {subject: one for subject, one in sites.items() if one.medium == outlets.GAS}
    begin = period.start - timedelta(days=rules().emission.look_back_days)
    rows = Result.objects.filter(kind=EMISSION, span="quarter", asked="", current=True, start=period.start)
    known = {row["subject"]: row for row in rows.values("subject", "digest", "final")}
    days = _by_subject(_shorter(begin, period.after, "day", list(stacks), written, body=False))
    changed = {}
    for subject, listed in days.items():
        own, before = _split(listed, period)
        if not own:
            continue
        inputs = emission_periods.quarter_inputs(own, before, own[-1].key.start, stacks[subject], period)
        old = known.get(subject)
        if old is None or old["digest"] != digest_of(inputs) or old["final"] != period.final(now):
            changed[subject] = own[-1].key.start
    if changed:
        whole = _by_subject(_shorter(begin, period.after, "day", list(changed), written))
        made = (emission_periods.quarter(period, stacks[subject], *_split(whole[subject], period), last)
                for subject, last in sorted(changed.items()))  # fmt: skip
        services.write(made, now, into=written)


def _by_subject(stored: Sequence[emission_periods.Stored]) -> dict[str, list[emission_periods.Stored]]:
    found: dict[str, list[emission_periods.Stored]] = defaultdict(list)
    for one in stored:
        found[one.key.subject].append(one)
    return found


def _split(listed: Sequence[emission_periods.Stored], period: Period) -> tuple[list, list]:
    """The final days of a quarter, and those before it."""
    own = [one for one in listed if one.key.start >= period.start and one.final]
    return own, [one for one in listed if one.key.start < period.start]
