"""How evaluations become results: ``data/results/rules.yaml`` through a checked schema. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from ecocloud.intake.monitoring.evaluation.facts import UNVERIFIED, Mark
from ecocloud.intake.monitoring.hj212.tables import read_table
from ecocloud.intake.monitoring.lake.schema import BEIJING

Span = Literal["day", "month", "quarter", "year"]
SPANS: tuple[Span, ...] = ("day", "month", "quarter", "year")
AIR_POINT, AIR_AREA, WATER_SECTION, WATER_AREA, WATER_LAKE, WATER_SOURCE, SOURCE_AREA, EMISSION = KINDS = (
    "air_point", "air_area", "water_section", "water_area", "water_lake", "water_source", "source_area", "emission",
)  # fmt: skip
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Cited(_Node):
    citation: str = Field(min_length=1)
    mark: Mark
    zh: str = ""
    en: str = ""

    @property
    def unverified(self) -> bool:
        """Whether it still has to be compared with the printed text."""
        return self.mark in UNVERIFIED


class Stamp(_Cited):
    """What the stamp of an hourly value means."""

    hour_ending: bool

    def ends(self, own: bool | None) -> bool:
        """Whether stamps of a device are the ends of their hours. own: what is registered for it, None for nothing."""
        return self.hour_ending if own is None else own


class FinalAfter(_Cited):
    """Hours after the end of a period until its result is final."""

    hours: int = Field(ge=0)


class AirRule(_Cited):
    """Whose values count for areas, and the zone (1 or 2) of the stations."""

    kind: str
    of: str
    field: str
    levels: tuple[str, ...]
    grade: Literal[1, 2]


class LakeField(_Node):
    """The field of the register that tells a lake from a river, and its value for one; the field with the name of the
    water.
    """

    field: str
    value: str
    name: str


class Targets(_Node):
    """Where target classes of sections by year stand in the registers."""

    of: str
    section: str
    year: str
    class_: str = Field(alias="class")
    classes: dict[str, int]


class WaterRule(_Cited):
    """What is known of sections from the registers; day_least: values a day needs; index_items: of the
    index of automatic stations; colours: of the classes, #RRGGBB.
    """

    kind: str
    of: str
    lake: LakeField
    targets: Targets
    day_least: int = Field(ge=1)
    index_items: tuple[str, ...]
    colours: tuple[str, ...] = Field(min_length=6, max_length=6)


class DrinkingRule(_Cited):
    """What is known of drinking-water sources from the register: fields with the type, the level and the intake of
    a year in 10⁴ m³; lake, ground: values of the type; levels: those that count for the rates; limit_class: as of the
    fact ``source.class``.
    """

    kind: str
    of: str
    type: str
    lake: str
    ground: str
    level: str
    levels: tuple[str, ...]
    intake: str
    limit_class: int = Field(ge=1, le=5)


class CapacityRule(_Cited):
    """Where the registers say what a capacity needs: of reaches and of outfalls; items: item -> field with its
    concentration at an outfall; target_class: of the form at first.
    """

    reach: str
    kind: str
    lakes: tuple[str, ...]
    water: str
    upper: str
    lower: str
    length: str
    outfall: str
    river: str
    flow: str
    items: dict[str, str]
    target_class: int = Field(ge=1, le=5)


class LiveRule(_Cited):
    """What live pages count as now. stale_hours: an hour of air that began longer ago is out of date; water_days: how
    far back the newest class of a section is looked for; every_seconds: how often pages ask again.
    """

    stale_hours: int = Field(ge=1)
    water_days: int = Field(ge=1)
    every_seconds: int = Field(ge=10)


class Medium(_Node):
    """Devices at outlets of water or gas, and the factors beside the pollutants."""

    kind: str
    flow: str
    temperature: str = ""
    oxygen: str = ""


class OwnLimit(_Node):
    """A field of the register with a limit of the permit for a factor."""

    field: str
    code: str


class OutletRegister(_Node):
    """Fields of a register of outlets; words: sets of limits by the values of ``set`` where they are not the same."""

    set: str = ""
    built: str = ""
    oxygen: str = ""
    enterprise: str = ""
    own: tuple[OwnLimit, ...] = ()
    words: dict[str, str] = {}


class LimitSet(_Node):
    """A standard of ``emission.yaml`` and the levels of it that hold together."""

    standard: str
    levels: tuple[str, ...] = Field(min_length=1)


class Permitted(_Node):
    """The register and fields of amounts permitted in a year, tonnes, by item."""

    of: str
    fields: dict[str, str]


class EmissionRule(_Cited):
    """What outlets are held against, and where the registers say so; colours: of days within their limits, above them,
    not judged, #RRGGBB.
    """

    water: Medium
    gas: Medium
    ph: str
    stopped_flags: tuple[str, ...]
    stopped_upkeep: tuple[str, ...]
    look_back_days: int = Field(ge=0)
    registers: dict[str, OutletRegister]
    sets: dict[str, LimitSet]
    permitted: Permitted
    colours: tuple[str, ...] = Field(min_length=3, max_length=3)


class ParkRule(_Cited):
    """Parks: the register, the states of parks that were given up, kinds of devices: of the ambient air and of meters
    of energy; days: of the exceedances shown; trend_hours: of the chart.
    """

    of: str
    gone: tuple[str, ...]
    ambient: tuple[str, ...]
    energy: str
    days: int = Field(ge=1)
    trend_hours: int = Field(ge=1, le=240)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of devices that are shown."""
        return (*self.ambient, self.energy, rules().emission.water.kind, rules().emission.gas.kind)


class Rules(_Node):
    """``rules.yaml``."""

    live: LiveRule

    stamp: Stamp
    final_after: FinalAfter
    areas: tuple[str, ...]
    air: AirRule
    water: WaterRule
    drinking: DrinkingRule
    capacity: CapacityRule
    emission: EmissionRule
    park: ParkRule


@cache
def rules() -> Rules:
    """The rules, read once."""
    path = files("ecocloud.intake.monitoring") / "data" / "results" / "rules.yaml"
    return read_table(path.read_text("utf-8"), "results/rules.yaml", Rules)


class Period(NamedTuple):
    """A day, month, quarter or year of Beijing time by its first day."""

    span: Span
    start: date

    @property
    def after(self) -> date:
        """The first day that is no more in it."""
        if self.span == "day":
            return self.start + timedelta(days=1)
        month = self.start.month - 1 + _MONTHS[self.span]
        return date(self.start.year + month // 12, month % 12 + 1, 1)

    @property
    def text(self) -> str:
        """``2026-03-01``, ``2026-03``, ``2026Q1``, ``2026``."""
        if self.span == "quarter":
            return f"{self.start.year}Q{(self.start.month + 2) // 3}"
        return self.start.isoformat()[: {"day": 10, "month": 7, "year": 4}[self.span]]

    def final(self, now: datetime) -> bool:
        """Whether its result is final at ``now``."""
        end = datetime.combine(self.after, datetime.min.time(), BEIJING)
        return now >= end + timedelta(hours=rules().final_after.hours)


def period_of(span: Span, day: date) -> Period:
    """The period of a span that a day lies in."""
    if span == "day":
        return Period(span, day)
    length = _MONTHS[span]
    return Period(span, date(day.year, (day.month - 1) // length * length + 1, 1))
