"""Evaluates again what the lake's new rows touch. Late, corrected and repeated rows end in the same results, whatever
the order they come in; after a stop in the middle the same days are done again, which changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import Q
from django.utils import timezone

from ecocloud.intake.monitoring.evaluation.air.hours import HOURS, hours_of
from ecocloud.intake.monitoring.lake import changes, schema, site
from ecocloud.intake.monitoring.quality.models import QualityReview
from ecocloud.intake.monitoring.results import drinking
from ecocloud.intake.monitoring.results.evaluating import Step, evaluate
from ecocloud.intake.monitoring.results.models import Evaluated, Result
from ecocloud.intake.monitoring.results.reading import INTERVAL
from ecocloud.intake.monitoring.results.rules import EMISSION, Period, rules
from ecocloud.intake.monitoring.stations.models import Device, Upkeep
from ecocloud.kernel.registers.models import ObjectVersion

_EPOCH = date(1970, 1, 1)


def recalculate(now: datetime, step: Step | None = None) -> dict[str, int]:
    """Evaluate the days of rows that came since the last time, of values that were reviewed, of outlets whose upkeep or
    limits changed, and those that have become final meanwhile.

    Returns how many results are new, got a version, were made anew, stayed; and ``days``. step: as of :func:`evaluate`.
    """
    begun = timezone.now()
    state, _new = Evaluated.objects.get_or_create(pk=1)
    seen = changes.Position.read(state.position) if state.position else changes.Position()
    spans, position = changes.since(site.store(), seen, (INTERVAL, drinking.INTERVAL))
    news = spans.get(INTERVAL, {})
    ending = _ending(news)
    days = {day for mn, span in news.items() for day in days_of(*span, mn in ending)} | _open(now)
    days |= _of_sources(spans.get(drinking.INTERVAL, {}))
    days |= _reviewed(state.at) | _restamped(state.at) | _of_outlets(state.at)
    told: Counter[str] = Counter()
    for first, last in stretches(days):
        for edition in ("", *_asked(first, last)):
            told += evaluate(site.snapshot(None), first, last, now, under=edition, step=step).counts
    Evaluated.objects.filter(pk=1).update(position=position.as_json(), at=begun)
    return dict(told) | {"days": len(days)}


def days_of(first: int, last: int, ending: bool) -> Iterator[date]:
    """The days that stamps from ``first`` to ``last`` (µs since 1970 UTC) belong to. ending: hours are stamped at their
    end.
    """
    hours, _off = hours_of(np.array([first, last]), hour_ending=ending)
    for number in range(int(hours[0]) // HOURS, int(hours[1]) // HOURS + 1):
        yield _EPOCH + timedelta(days=number)


def stretches(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """Days as stretches without a gap, in order."""
    ordered = sorted(days)
    begin = 0
    for place, day in enumerate(ordered):
        if place + 1 == len(ordered) or ordered[place + 1] - day > timedelta(days=1):
            yield ordered[begin], day
            begin = place + 1


def _open(now: datetime) -> set[date]:
    """Days that were not over when they were evaluated, and may be now; the first days of months and years that were
    not final and are now, whether or not their last days had any values.
    """
    rows = Result.objects.filter(final=False, current=True, asked="", start__lte=now.date())
    pairs = rows.exclude(span="quarter").order_by().values_list("span", "start").distinct()
    return {start for span, start in pairs if span == "day" or Period(span, start).final(now)}


def _reviewed(since: datetime | None) -> set[date]:
    """The days of values that somebody has decided on, or taken a decision back about, since."""
    rows = QualityReview.objects.filter(interval__in=(INTERVAL, drinking.INTERVAL))
    if since is not None:
        rows = rows.filter(Q(at__gte=since) | Q(cancelled_at__gte=since))
    pairs = rows.values_list("first", "last", "device__hour_ending")
    return {day for first, last, own in pairs
            for day in days_of(schema.micro(first), schema.micro(last) - 1, rules().stamp.ends(own))}  # fmt: skip


def _ending(mns: Collection[str]) -> set[str]:
    """Those of the devices that stamp hours at their end."""
    known = Device.objects.filter(mn__in=list(mns)).values_list("mn", "hour_ending") if mns else ()
    return {mn for mn, own in known if rules().stamp.ends(own)}


def _of_sources(news: Mapping[str, tuple[int, int]]) -> set[date]:
    """The first days of the months of which drinking-water sources have new samples."""
    known = Device.objects.filter(kind=rules().drinking.kind, mn__in=list(news)) if news else Device.objects.none()
    days = [day for mn in known.values_list("mn", flat=True) for day in days_of(*news[mn], False)]
    return {day.replace(day=1) for day in days}


def _restamped(since: datetime | None) -> set[date]:
    """The days of devices whose stamps mean something else since, and the days beside them."""
    if since is None:
        return set()
    rows = Result.objects.filter(current=True, span="day", asked="", device__restamped_at__gte=since)
    known = set(rows.order_by().values_list("start", flat=True).distinct())
    return {day + timedelta(days=by) for day in known for by in (-1, 0, 1)}


def _of_outlets(since: datetime | None) -> set[date]:
    """The evaluated days of outlets whose upkeep was entered, ended or taken back since, or whose register object was
    changed: it may name other limits.
    """
    if since is None:
        return set()
    chosen = Q(pk__in=[])
    for device, start in Upkeep.objects.filter(changed_at__gte=since).values_list("device", "start"):
        chosen |= Q(device=device, start__gte=start.astimezone(schema.BEIJING).date())
    objects = ObjectVersion.objects.filter(at__gte=since, type__code__in=rules().emission.registers)
    for key, number, first in objects.order_by().values_list("object", "number", "valid_from"):
        # the first version stands for the days before it as well
        chosen |= Q(device__object_ref=f"obj:{key}", start__gte=first if number > 1 else date.min)
    rows = Result.objects.filter(chosen, kind=EMISSION, span="day", current=True, asked="")
    return set(rows.order_by().values_list("start", flat=True).distinct())


def _asked(first: date, last: date) -> list[str]:
    """The other editions that results of these days are kept under."""
    rows = Result.objects.filter(current=True, span="day", start__range=(first, last)).exclude(asked="")
    return sorted(rows.order_by().values_list("asked", flat=True).distinct())
