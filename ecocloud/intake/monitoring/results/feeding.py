"""Results of areas become values of indicators: handed in for review by whoever switched that on, each with the result
it is; where a result changes after it was confirmed, a correction is handed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from django.utils import timezone
from pydantic import BaseModel, ConfigDict

from ecocloud.base.errors import EcoError
from ecocloud.intake.monitoring.hj212.tables import read_table
from ecocloud.intake.monitoring.results import showing
from ecocloud.intake.monitoring.results.models import Result, ResultFeed
from ecocloud.intake.monitoring.results.rules import Period
from ecocloud.kernel.evidence import services as evidence
from ecocloud.kernel.evidence import trusted
from ecocloud.kernel.evidence.guards import within_reach
from ecocloud.kernel.evidence.models import Indicator, Observation
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import SYSTEM, change
from ecocloud.kernel.regions.models import Region

FEED = "evidence.observation.fill"
RULE = "monitoring.verified"  # of ``trusting``


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Feeding(_Node):
    """One indicator and the figure of a result that is its value."""

    code: str
    kind: Literal["air_area", "water_area", "source_area"]
    figure: Literal["statistic", "share", "rate", "part", "composite"]
    of: str
    unit: str


class Feedings(_Node):
    """``indicators.yaml``."""

    indicators: tuple[Feeding, ...]


@dataclass(frozen=True)
class Fed:
    """What became of one value: recorded, confirmed (by the rule), corrected, same, waiting (handed in, not decided),
    none, refused.
    """

    code: str
    period: str
    outcome: str
    value: Decimal | None = None
    source: str = ""
    refusal: EcoError | None = None


@cache
def feedings() -> tuple[Feeding, ...]:
    """The indicators that are fed, in the order of the file."""
    path = files("ecocloud.intake.monitoring") / "data" / "results" / "indicators.yaml"
    return read_table(path.read_text("utf-8"), "results/indicators.yaml", Feedings).indicators


def figure(one: Feeding, body: Mapping[str, Any]) -> tuple[Decimal | None, int | None]:
    """The value of an indicator in a result as rounded there, and for shares what they are of; None without one."""
    if one.figure in ("share", "rate", "part"):
        share = body.get(one.of)  # results of long ago may not have it
        if not share or not share["whole"]:
            return None, None
        value = Decimal(share["part"]) if one.figure == "part" else showing.number(share["units"], share["places"])
        return value, share["whole"] if one.figure == "share" else None
    found = body["statistics"].get(one.of) if one.figure == "statistic" else body[one.of]
    return (showing.number(found["units"], found["places"]) if found else None), None


def period_text(row: Result) -> str:
    """The month or year of a result as values have it."""
    return Period(row.span, row.start).text


def feed_of(region: Region) -> ResultFeed | None:
    """The feed in force."""
    return ResultFeed.objects.filter(region=region, stopped_at__isnull=True).select_related("by", "trusted_by").first()


def start_feed(user: Any, region: Region) -> ResultFeed:
    """From now on the values of the region are handed in every day, in the name of ``user``; those of this year too.
    People confirm them, until somebody else switches the rule on.
    """
    within_reach(user, FEED, region, None)
    with change(user.actor()) as tx:
        row, _fresh = ResultFeed.objects.update_or_create(
            region=region, defaults={"by": user, "since": timezone.now(), "stopped_at": None, "trouble": "",
                                     "trusted_by": None, "trusted_since": None})  # fmt: skip
        tx.log("monitoring.result.feed-start", Ref("region", region.pk), None, {"by": user.pk})
    return row


def stop_feed(user: Any, region: Region) -> bool:
    """Nothing more is handed in; what was handed in stays."""
    within_reach(user, FEED, region, None)
    with change(user.actor()) as tx:
        rows = ResultFeed.objects.filter(region=region, stopped_at__isnull=True)
        stopped = rows.update(stopped_at=timezone.now())
        if stopped:
            tx.log("monitoring.result.feed-stop", Ref("region", region.pk), None, {"stopped": True})
    return bool(stopped)


@dataclass(frozen=True)
class Planned:
    """One value that results give an indicator. standing, waiting: the confirmed value, the one handed in, if any."""

    feeding: Feeding
    indicator: Indicator
    row: Result
    value: Decimal | None
    whole: int | None
    standing: Observation | None
    waiting: Observation | None

    @property
    def period(self) -> str:
        """The month or year."""
        return period_text(self.row)

    @property
    def state(self) -> str:
        """none (no value), waiting, same, differs (from what is confirmed) or new."""
        if self.value is None:
            return "none"
        if self.waiting is not None:
            return "waiting"
        if self.standing is None:
            return "new"
        return "same" if self.standing.value == self.value else "differs"


def plan(region: Region, first: date) -> list[Planned]:
    """The values of a region's months and years that are over, from the one ``first`` lies in on (three queries)."""
    rows = Result.objects.filter(
        subject=f"region:{region.pk}", kind__in={one.kind for one in feedings()}, span__in=("month", "year"),
        current=True, final=True, asked="", start__gte=first.replace(day=1),
    ).order_by("-start", "span")  # fmt: skip
    known = {one.code: one for one in Indicator.objects.filter(code__in={one.code for one in feedings()})}
    listed = list(rows)
    held = _held(region, [Period(row.span, row.start).text for row in listed])
    found = []
    for row in listed:
        for one in feedings():
            if one.kind == row.kind and one.code in known:
                there = held.get((one.code, Period(row.span, row.start).text), [])
                waiting = next((each for each in there if each.status == Observation.Status.SUBMITTED), None)
                standing = next((each for each in there if each.status in Observation.STANDING), None)
                found.append(Planned(one, known[one.code], row, *figure(one, row.body), standing, waiting))
    return found


def _held(region: Region, periods: list[str]) -> dict[tuple[str, str], list[Observation]]:
    """The values there are of the indicators and periods (one query)."""
    found: dict[tuple[str, str], list[Observation]] = {}
    rows = Observation.objects.filter(region=region, period__in=periods, qualifier="actual",
                                      indicator__code__in={one.code for one in feedings()})  # fmt: skip
    for row in rows.select_related("indicator").order_by("version", "pk"):
        found.setdefault((row.indicator.code, row.period), []).append(row)
    return found


def feed(user: Any, region: Region, first: date) -> list[Fed]:
    """Hand in what is planned. A confirmed value that differs is corrected: a new version, for review, with the reason
    of the result's version. One that is refused says why and stops no other. Where the rule is switched on it confirms
    those handed in by whoever feeds that it vouches for.
    """
    feeds = feed_of(region)
    return [_confirmed(feeds, one, _hand_in(user, one, region)) for one in plan(region, first)]


def _confirmed(feeds: ResultFeed | None, one: Planned, told: Fed) -> Fed:
    """What became of a value that waits, once the rule has looked at it."""
    if feeds is None or feeds.trusted_by is None or told.outcome not in ("recorded", "waiting"):
        return told
    value = Observation.objects.filter(
        indicator=one.indicator, region=feeds.region_id, period=one.period, qualifier="actual", source=told.source,
        status=Observation.Status.SUBMITTED, entered_by=feeds.by_id, replaces__isnull=True,
    ).select_related("indicator", "region", "department").first()  # fmt: skip
    if value is None or trusted.rule_of(RULE).against(value):
        return told
    try:
        evidence.confirm_by_rule(feeds.trusted_by, value, RULE)
    except EcoError as error:
        return replace(told, outcome="refused", refusal=error)
    return replace(told, outcome="confirmed")


def _hand_in(user: Any, one: Planned, region: Region) -> Fed:
    code, source = one.feeding.code, one.row.ref
    if one.state in ("none", "waiting", "same"):
        return Fed(code, one.period, one.state, one.value, source)
    given = {"value": one.value, "unit": one.feeding.unit, "source": source, "denominator": one.whole}
    try:
        if one.standing is None:
            evidence.record_observation(user, one.indicator, region, one.period, submitted=True,
                                        note="由监测评价得出", **given)  # fmt: skip
            return Fed(code, one.period, "recorded", one.value, source)
        reason = f"评价结果第 {one.row.version} 版：{one.row.get_change_display()}"
        evidence.correct(user, one.standing, reason=reason, **given)
        return Fed(code, one.period, "corrected", one.value, source)
    except EcoError as error:
        return Fed(code, one.period, "refused", one.value, source, error)


def first_of_feed(today: date) -> date:
    """From when on values are handed in: the year before."""
    return date(today.year - 1, 1, 1)


def feed_all(today: date | None = None) -> dict[str, int]:
    """Hand in for every feed in force: this year and the year before. What cannot be done is noted on its row."""
    today = today or timezone.localdate()
    told: Counter[str] = Counter()
    for row in ResultFeed.objects.filter(stopped_at__isnull=True).select_related("by", "region").order_by("pk"):
        troubles: list[str] = []
        try:
            within_reach(row.by, FEED, row.region, None)
            for one in feed(row.by, row.region, first_of_feed(today)):
                told[one.outcome] += 1
                if one.refusal is not None:
                    troubles.append(f"{one.code} {one.period}：{one.refusal.sentence_zh()}")
        except EcoError as error:
            troubles.append(error.sentence_zh())
        trouble = "；".join(troubles)[:300]
        if trouble != row.trouble:
            with change(SYSTEM) as tx:
                ResultFeed.objects.filter(pk=row.pk).update(trouble=trouble)
                tx.log("monitoring.result.feed-trouble", Ref("region", row.region_id), None, {"trouble": trouble})
    return dict(told)
