"""What stations show now: the hour's index of air, the newest class of a section, whether outlets are on-line, alarms.

Few questions whatever the number of stations; only devices and alarms within the viewer's reach.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.base.pages.speaking import joined, pick_words
from ecocloud.intake.monitoring.alarms import queries as alarms
from ecocloud.intake.monitoring.lake import schema, site
from ecocloud.intake.monitoring.results import queries, showing
from ecocloud.intake.monitoring.results.air_hours import AirHour, newest
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import AIR_POINT, WATER_SECTION, rules
from ecocloud.intake.monitoring.results.sites import plain_sites
from ecocloud.intake.monitoring.stations import kinds
from ecocloud.intake.monitoring.stations import queries as devices
from ecocloud.intake.monitoring.stations import showing as standing
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.kernel.regions.permissions import allowed
from ecocloud.kernel.registers.models import RegisterObject

# Colours of the map by what is shown; outlets by how they stand, open alarms before all.
_TONES = {"green": "good", "yellow": "warn", "red": "bad", "none": "muted"}  # by light
TONES = ("good", "warn", "bad", "muted", *(f"aqi-{n}" for n in range(1, 7)), "aqi-na", "wq-12",
         *(f"wq-{n}" for n in range(3, 7)), "wq-na")  # fmt: skip


@dataclass(frozen=True)
class Spot:
    """A station as it is now. tone: its colour; badge: the style of its word; words: what it shows; figure: the AQI;
    at: time of the data; detail: primary pollutants or deciding items; alarms: open ones; edition: standard used;
    lon, lat: degrees, None without a place.
    """

    row: Device
    url: str
    tone: str
    badge: str
    words: str
    light: str
    state: str
    figure: int | None = None
    at: datetime | None = None
    detail: str = ""
    alarms: int = 0
    edition: str = ""
    stale: bool = False
    lon: float | None = None
    lat: float | None = None

    @property
    def kind(self) -> str:
        """What it watches."""
        return kinds.label_of(self.row.kind)

    @property
    def said(self) -> str:
        """Everything in one line, for the map."""
        figure = f"AQI {self.figure} {self.words}" if self.figure is not None else self.words
        told = [figure, f"{self.at.astimezone(schema.BEIJING):%m-%d %H:%M}" if self.at else ""]
        told += [self.state] if self.state != self.words else []
        told += [_("%(n)s 条报警") % {"n": self.alarms}] if self.alarms else []
        return joined(one for one in told if one)


@dataclass
class Board:
    """What is known of some devices beside the devices themselves."""

    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    hours: Mapping[int, AirHour] = field(default_factory=dict)
    classes: Mapping[int, Result] = field(default_factory=dict)
    alarms: Mapping[int, int] = field(default_factory=dict)


def spots(viewer: Any, rows: Sequence[Device], now: datetime) -> list[Spot]:
    """Devices (with region and state) as they are now; at most seven questions to the database."""
    board = Board(_places(rows), _hours(rows, now), _classes(viewer, rows, now), _alarms(viewer, rows))
    return [_spot(row, board, now) for row in rows]


def _places(rows: Iterable[Device]) -> dict[str, tuple[float, float]]:
    """The middle of the objects devices stand at."""
    refs = {row.object_ref for row in rows if row.object_ref}
    keys = [int(one.removeprefix("obj:")) for one in refs if one.removeprefix("obj:").isdecimal()]
    found = RegisterObject.objects.filter(pk__in=keys, west__isnull=False) if keys else RegisterObject.objects.none()
    return {f"obj:{pk}": ((west + east) / 2, (south + north) / 2)
            for pk, west, east, south, north in found.values_list("pk", "west", "east", "south", "north")}  # fmt: skip


def _hours(rows: Iterable[Device], now: datetime) -> dict[int, AirHour]:
    stations = [row for row in rows if row.kind == rules().air.kind]
    if not stations:
        return {}
    return newest(plain_sites(stations), now.astimezone(schema.BEIJING).date()).lines(site.snapshot())


def _classes(viewer: Any, rows: Iterable[Device], now: datetime) -> dict[int, Result]:
    """The newest day with a class of each section, of the last days."""
    sections = [row.pk for row in rows if row.kind == rules().water.kind]
    if not sections:
        return {}
    first = now.astimezone(schema.BEIJING).date() - timedelta(days=rules().live.water_days)
    own = queries.current(viewer, WATER_SECTION, "day").filter(device__in=sections, start__gte=first)
    return {row.device_id: row for row in own.filter(level__isnull=False).order_by("start").defer("body", "sources")}


def _alarms(viewer: Any, rows: Sequence[Device]) -> dict[int, int]:
    if not rows or not allowed(viewer, alarms.VIEW):
        return {}
    counted = alarms.going(viewer).order_by().values("device").annotate(n_=Count("pk"))
    return {one["device"]: one["n_"] for one in counted}


def _spot(row: Device, board: Board, now: datetime) -> Spot:
    stands = devices.standing(row)
    place = board.places.get(row.object_ref or "")
    open_alarms = board.alarms.get(row.pk, 0)
    common: dict[str, Any] = {
        "row": row, "light": standing.LIGHTS[stands], "state": standing.standing_words()[stands],
        "alarms": open_alarms, "lon": place[0] if place else None, "lat": place[1] if place else None,
    }  # fmt: skip
    if row.kind == rules().air.kind:
        return Spot(**common, **_air(row, board.hours.get(row.pk), now))
    if row.kind == rules().water.kind:
        return Spot(**common, **_water(row, board.classes.get(row.pk)))
    state = getattr(row, "state", None)
    return Spot(**common, url=reverse("monitoring:device", args=[row.pk]), badge="",
                tone="bad" if open_alarms else _TONES[common["light"]], words=common["state"],
                at=state.last_data_time if state else None)  # fmt: skip


def _air(row: Device, line: AirHour | None, now: datetime) -> dict[str, Any]:
    url = reverse("monitoring:evaluation", args=[row.pk])
    if line is None:
        return {"url": url, "tone": "aqi-na", "badge": showing.colour_class(AIR_POINT, None), "words": _("没有数据")}
    stale = now - line.start > timedelta(hours=rules().live.stale_hours)
    level = None if stale else line.level
    words = showing.level_word(AIR_POINT, level) or showing.reason_word(line.reason)
    return {"url": url, "tone": f"aqi-{level or 'na'}", "badge": showing.colour_class(AIR_POINT, level),
            "words": _("数据过时") if stale else words, "figure": None if stale else line.aqi, "at": line.start,
            "detail": "" if stale else showing.items_words(AIR_POINT, line.primary), "edition": line.edition,
            "stale": stale}  # fmt: skip


def _water(row: Device, result: Result | None) -> dict[str, Any]:
    url = reverse("monitoring:evaluation", args=[row.pk])
    if result is None:
        return {"url": url, "tone": "wq-na", "badge": showing.colour_class(WATER_SECTION, None),
                "words": _("没有结果")}  # fmt: skip
    badge = showing.colour_class(WATER_SECTION, result.level)
    return {"url": url, "tone": "wq-" + badge.rpartition("w")[2], "badge": badge,
            "words": showing.level_word(WATER_SECTION, result.level), "edition": result.edition,
            "at": datetime.combine(result.start, datetime.min.time(), schema.BEIJING),
            "detail": showing.items_words(WATER_SECTION, result.items)}  # fmt: skip


def editions_of(found: Iterable[Spot]) -> list[str]:
    """The standards that what is shown was judged by, in words."""
    used = dict.fromkeys((one.row.kind == rules().water.kind, one.edition) for one in found if one.edition)
    return [showing.edition_word(WATER_SECTION if water else AIR_POINT, edition) for water, edition in sorted(used)]


def legend(kinds_there: set[str]) -> list[tuple[str, str]]:
    """The colours there are with their words: (tone, word)."""
    found: list[tuple[str, str]] = []
    if rules().air.kind in kinds_there:
        found += [(f"aqi-{one.level}", pick_words(one.zh, one.en)) for one in showing.categories()]
        found.append(("aqi-na", _("空气：没有指数")))
    if rules().water.kind in kinds_there:
        names = showing.class_names()
        found += [("wq-12", _("水质 %(names)s类") % {"names": f"{names[0]}、{names[1]}"})]
        found += [(f"wq-{n}", _("水质 %(names)s类") % {"names": names[n - 1]}) for n in range(3, 7)]
        found.append(("wq-na", _("水质：没有结果")))
    if kinds_there - {rules().air.kind, rules().water.kind}:
        words = standing.standing_words()
        silent = joined(words[one] for one, light in standing.LIGHTS.items() if light == "none")
        found += [("good", words["online"]), ("warn", words["late"]), ("bad", _("离线或有报警")),
                  ("muted", silent)]  # fmt: skip
    return found
