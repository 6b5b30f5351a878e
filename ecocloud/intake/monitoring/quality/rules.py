"""The rules of automatic flags: ``data/quality/rules.yaml`` through a checked schema. Pure."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ecocloud.intake.monitoring.hj212.tables import Mark, TableError, read_table
from ecocloud.intake.monitoring.quality.series import exact

HOUR = 3600


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Rule(_Node):
    """What every rule has. code: kept with each flag. kinds: of devices; () for all. interval: of the data it reads.

    enabled: switched off it flags nothing.
    """

    code: str = Field(pattern=r"^[a-z_]{2,20}$")
    zh: str
    en: str
    kinds: tuple[str, ...] = ()
    interval: Literal["hour"] = "hour"
    enabled: bool = True
    citation: str = Field(min_length=1)
    mark: Mark

    @property
    def reach(self) -> int:
        """How far before a value the rule looks, in seconds."""
        return 0


class Bounds(_Node):
    """Least and greatest believable value of a factor, in the unit it is sent in."""

    low: Decimal | None = None
    high: Decimal | None = None
    unit: str

    @model_validator(mode="after")
    def _ordered(self) -> Bounds:
        if self.low is None and self.high is None:
            raise ValueError("neither low nor high")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low is not below high")
        return self


class RangeRule(_Rule):
    """A value outside of what is believable. A value equal to a bound is inside."""

    check: Literal["range"]
    factors: dict[str, Bounds]


class InstrumentRule(_Rule):
    """A value outside of the range registered for the channel of its device."""

    check: Literal["instrument"]


class Step(_Node):
    """The greatest believable change from the value before, in the unit of the factor."""

    change: Decimal = Field(gt=0)
    unit: str


class RateRule(_Rule):
    """A change from the value before, at most ``minutes`` earlier, by more than ``change``."""

    check: Literal["rate"]
    minutes: int = Field(ge=1, le=7 * 24 * 60)
    factors: dict[str, Step]

    @property
    def reach(self) -> int:
        return self.minutes * 60


class FlatRule(_Rule):
    """The same value (to ``tolerance``, in the unit of the factor) for ``hours``, in at least ``least`` values.

    factors: None for all but ``without``.
    """

    check: Literal["flat"]
    hours: int = Field(ge=1, le=24 * 14)
    least: int = Field(ge=2)
    tolerance: Decimal = Field(Decimal(0), ge=0)
    factors: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()

    @property
    def reach(self) -> int:
        return self.hours * HOUR


class SignRule(_Rule):
    """Values below zero, or exactly zero, where none can be. which: ``negative`` or ``zero``."""

    check: Literal["sign"]
    which: Literal["negative", "zero"]
    factors: tuple[str, ...]


class OrderRule(_Rule):
    """A part that is greater than its whole by more than ``tolerance`` (PM2.5 and PM10)."""

    check: Literal["order"]
    part: str
    whole: str
    tolerance: Decimal = Field(Decimal(0), ge=0)
    unit: str


class Drift(_Node):
    """The greatest believable mean difference: ``least`` in the unit of the factor, and ``percent`` of the median of
    the neighbours; the greater of the two holds."""

    least: Decimal = Field(gt=0)
    percent: int = Field(ge=0, le=1000)
    unit: str


class DriftRule(_Rule):
    """The mean difference to the median of the neighbouring stations over ``hours`` is too great.

    neighbours: how many of them must have a value in an hour for it to count. share: percentage of the hours that
    must count.
    """

    check: Literal["drift"]
    hours: int = Field(ge=2, le=24 * 30)
    neighbours: int = Field(ge=2)
    share: int = Field(ge=1, le=100)
    kilometres: int = Field(ge=1)
    factors: dict[str, Drift]

    @property
    def reach(self) -> int:
        return self.hours * HOUR


Rule = Annotated[
    RangeRule | InstrumentRule | RateRule | FlatRule | SignRule | OrderRule | DriftRule, Field(discriminator="check")
]


class Rules(_Node):
    """``rules.yaml``."""

    rules: tuple[Rule, ...]

    @property
    def in_use(self) -> tuple[Rule, ...]:
        """The rules that are switched on."""
        return tuple(rule for rule in self.rules if rule.enabled)

    @property
    def reach(self) -> int:
        """How far before a value any rule looks, in seconds: so far a late value changes the flags after it."""
        return max((rule.reach for rule in self.in_use), default=0)

    def named(self, code: str) -> Rule | None:
        """A rule by its code."""
        return next((rule for rule in self.rules if rule.code == code), None)


def read(text: str, name: str = "rules.yaml") -> Rules:
    """Rules from their text; raises :class:`TableError` with file, line and field."""
    found = read_table(text, name, Rules)
    codes = [rule.code for rule in found.rules]
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice:
        raise TableError(f"规则 {twice} 出现两次。", f"rule {twice} twice", where={"文件": name}, value=twice)
    return found


@cache
def rules() -> Rules:
    """The rules of the installation."""
    return read((files("ecocloud.intake.monitoring") / "data" / "quality" / "rules.yaml").read_text("utf-8"))


def micro(value: Decimal) -> int:
    """A bound of a rule in 10^-6 of its unit."""
    found = exact(value)
    assert found is not None
    return found
