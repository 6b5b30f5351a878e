"""The editions of the air standards: which is in force on a day, what it says; from ``data/evaluation/air.yaml``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from typing import Literal, NamedTuple

import numpy as np

from ecocloud.intake.monitoring.evaluation import facts as fact_files
from ecocloud.intake.monitoring.evaluation.facts import Fact, FactError, Facts, NoFact
from ecocloud.intake.monitoring.evaluation.rounding import divide_up

Report = Literal["daily", "hourly"]
_COLUMNS = "iaqi.breakpoints."
POLLUTANTS = ("so2", "no2", "pm10", "co", "o3", "pm25")


class Category(NamedTuple):
    """A grade of air quality: level from 1, greatest AQI of it, its names and colour (#RRGGBB)."""

    level: int
    most: int
    zh: str
    en: str
    colour: str


@dataclass(frozen=True)
class Column:
    """A column of the table of sub-indices.

    index: the sub-index of each concentration from 0 on, in units of the last place, and one more for what lies above
    the table; 0 there with ``above`` naming the column that is used instead.
    """

    name: str
    index: np.ndarray
    above: str


class Edition:
    """What the standards of one edition say. Facts are read as of its first day; within it none changes."""

    def __init__(self, facts: Facts, named: Fact) -> None:
        self._facts = facts
        self.id, self.zh, self.en = named.text(), named.zh, named.en
        assert named.valid_from is not None
        self.first: date = named.valid_from
        self.last: date | None = named.valid_to

    def __repr__(self) -> str:
        return f"<Edition {self.id}>"

    def fact(self, name: str) -> Fact:
        """A fact of the edition; raises :class:`NoFact` when it has none or it is switched off."""
        return self._facts.in_force(name, self.first)

    def optional(self, name: str) -> Fact | None:
        """A fact of the edition, None when it has none or it is switched off."""
        return self._facts.optional(name, self.first)

    def _named(self, name: str) -> Fact | None:
        """As :meth:`optional`, for names that are made: None when the file has none of the name."""
        return self.optional(name) if name in self._facts.names else None

    def unverified(self, *names: str) -> tuple[str, ...]:
        """Of the facts named those in use that are unverified: what rests on them carries their names."""
        found = (self.optional(name) for name in names)
        return tuple(fact.name for fact in found if fact is not None and fact.unverified)

    @cached_property
    def decimals(self) -> Mapping[str, int]:
        """Places of a concentration by pollutant."""
        return self.fact("concentration.decimals").mapping()

    def places(self, item: str) -> int:
        """Places of a concentration of an item or column; raises :class:`NoFact` for a pollutant it does not know."""
        pollutant = pollutant_of(item)
        if pollutant not in self.decimals:
            raise NoFact(f"空气质量指数没有“{pollutant}”这一项。", f"no pollutant {pollutant!r}", value=item,
                         remedy_zh="可选：" + "、".join(self.decimals) + "。")  # fmt: skip
        return self.decimals[pollutant]

    def items(self, report: Report) -> Mapping[str, str]:
        """The items of a report with the column each is looked up in."""
        return self.fact(f"aqi.items.{report}").mapping()

    @cached_property
    def known_items(self) -> frozenset[str]:
        """Every column of the index and item of a report."""
        columns = {name.removeprefix(_COLUMNS) for name in self._facts.names if name.startswith(_COLUMNS)}
        return frozenset(columns | set(self.items("daily")) | set(self.items("hourly")))

    @cached_property
    def aqi_range(self) -> tuple[int, int]:
        """The least and greatest AQI."""
        least, most = self.fact("aqi.range").listed()
        return least, most

    @cached_property
    def categories(self) -> tuple[Category, ...]:
        """Grades from the best."""
        listed = self.fact("aqi.categories").listed()
        return tuple(Category(n, one["most"], one["zh"], one["en"], one["colour"]) for n, one in enumerate(listed, 1))

    def column(self, name: str) -> Column:
        """The column of a name; raises :class:`NoFact` when the edition has none."""
        if name not in self._columns:
            self._columns[name] = self._column(name)
        return self._columns[name]

    @cached_property
    def _columns(self) -> dict[str, Column]:
        return {}

    def _column(self, name: str) -> Column:
        scale = 10 ** self.places(name)
        points = [int(point * scale) for point in self.fact(f"{_COLUMNS}{name}").listed()]
        levels = self.fact("iaqi.levels").listed()
        index = np.zeros(points[-1] + 2, np.int16)
        spans = zip(points, points[1:], levels, levels[1:], strict=False)
        for low, high, least, most in spans:
            amounts = np.arange(low, high + 1)
            index[low : high + 1] = least + divide_up((most - least) * (amounts - low), high - low)
        above = self._named(f"iaqi.above.{name}")
        instead = above.value if above is not None and isinstance(above.value, str) else ""
        index[-1] = 0 if instead else (above or self.fact("iaqi.cap")).whole()
        index.flags.writeable = False
        return Column(name, index, instead)

    def limit(self, item: str, grade: int = 2) -> Decimal | None:
        """The limit of GB 3095 for an item (``pm25_24h``, ``o3_8h``, ``so2_annual``) in µg/m³ (CO mg/m³); None where
        there is none. grade: 1 for class-1 zones, 2 for class-2 zones.
        """
        pollutant, _, averaging = item.partition("_")
        fact = self._named(f"limit.{pollutant}.{averaging}")
        return None if fact is None else Decimal(fact.mapping()[f"grade{grade}"])


class Editions:
    """The editions of a file of facts, oldest first."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.all = tuple(Edition(facts, fact) for fact in facts.versions("edition"))
        begins = {edition.first for edition in self.all} | {None}
        ends = {edition.last for edition in self.all} | {None}
        for fact in facts:
            inside = fact.valid_from in begins and fact.valid_to in ends
            if not inside and not fact.name.startswith("reference_state."):
                raise FactError(f"“{fact.name}”在一个版本的有效期内变更。", f"{fact.name} changes within an edition",
                                where={"位置": fact.where}, value=fact.valid_from)  # fmt: skip

    def on(self, day: date) -> Edition:
        """The edition in force on a day; raises :class:`NoFact` before the first."""
        return self.named(self.facts.in_force("edition", day).text())

    def named(self, name: str) -> Edition:
        """The edition of an id; raises :class:`NoFact` for others."""
        found = next((edition for edition in self.all if edition.id == name), None)
        if found is None:
            raise NoFact(f"没有名为“{name}”的标准版本。", f"no edition {name!r}", value=name,
                         remedy_zh="可选：" + "、".join(edition.id for edition in self.all) + "。")  # fmt: skip
        return found

    def slices(self, days: np.ndarray) -> list[tuple[Edition, slice]]:
        """Stretches of days (datetime64[D], ascending) with the edition in force in each."""
        days = np.asarray(days, "datetime64[D]")
        if days.size == 0:
            return []
        if (np.diff(days) < np.timedelta64(0, "D")).any():
            raise ValueError("days are not in ascending order")
        self.on(days[0].item())  # a day before every edition is refused
        bounds = np.searchsorted(days, [np.datetime64(edition.first) for edition in self.all] + [days[-1] + 1])
        pairs = zip(self.all, bounds, bounds[1:], strict=False)
        return [(edition, slice(int(begin), int(end))) for edition, begin, end in pairs if begin < end]

    def codes(self, day: date) -> dict[str, str]:
        """Pollutants by the factor code their values come under (``a34004`` is ``pm25``)."""
        return {fact.text(): pollutant for pollutant, fact in self.facts.under("pollutant", day).items()}

    def gas_states(self, days: np.ndarray) -> tuple[Decimal, ...]:
        """The temperatures (K) gases are reported at over some days; more than one: not comparable as they are."""
        found = [self.facts.in_force("reference_state.gas", day).number() for day in _ends(days)]
        return tuple(dict.fromkeys(found))

    def switched(self, on: Collection[str] = (), off: Collection[str] = ()) -> Editions:
        """The same with unverified facts switched on or off."""
        return Editions(self.facts.switched(on, off))


def _ends(days: np.ndarray) -> tuple[date, ...]:
    days = np.asarray(days, "datetime64[D]")
    return (days.min().item(), days.max().item()) if days.size else ()


def pollutant_of(item: str) -> str:
    """The pollutant of an item or column."""
    return item.partition("_")[0]


@cache
def editions() -> Editions:
    """The editions of the package as they are delivered."""
    return Editions(fact_files.facts("air"))
