"""``data/alarms``: waits, reaches and the rules of a fresh installation, through a checked schema. Pure."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ecocloud.intake.monitoring.alarms import document
from ecocloud.intake.monitoring.alarms.machine import Terms
from ecocloud.intake.monitoring.hj212.tables import Mark, TableError, read_table

MINUTE = 60


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fact(_Node):
    """A whole number with its unit, source and mark."""

    value: int = Field(ge=0)
    unit: str
    citation: str = Field(min_length=1)
    mark: Mark


class CodeFact(_Node):
    """A factor code with its source and mark."""

    value: str
    citation: str = Field(min_length=1)
    mark: Mark


class Lateness(_Node):
    """How late values may come, min, by interval."""

    rtd: Fact
    minute: Fact
    hour: Fact
    day: Fact

    def seconds(self, interval: str) -> int:
        """For an interval, in seconds."""
        fact: Fact = getattr(self, interval)
        return fact.value * MINUTE


class WindFactors(_Node):
    """The factors that carry wind."""

    direction: CodeFact
    speed: CodeFact


class Stretches(_Node):
    """The register of stretches and its fields."""

    register_: str = Field(alias="register")
    water: str
    upper: str
    lower: str


class Placed(_Node):
    """A register of places at waters; water: the field that names the water, '' for none; only: values its objects must
    have."""

    register_: str = Field(alias="register")
    water: str
    only: dict[str, str] = {}


class WaterRegisters(_Node):
    """What hints about water read."""

    stretches: Stretches
    placed: tuple[Placed, ...]


class Settings(_Node):
    """``settings.yaml``."""

    lateness: Lateness
    escalations: Fact
    forget: Fact
    upwind_hours: Fact
    upwind_distance: Fact
    upstream_stretches: Fact
    around: Fact
    wind: WindFactors
    water: WaterRegisters
    air: tuple[str, ...]
    upstream_kinds: tuple[str, ...]
    upwind_kinds: tuple[str, ...]

    def terms(self, acknowledge_minutes: int) -> Terms:
        """The waits of an incident of a rule."""
        return Terms(acknowledge_minutes * MINUTE, self.escalations.value, self.forget.value * MINUTE)


class GivenRule(_Node):
    """A rule of a fresh installation."""

    code: str = Field(pattern=r"^[a-z_]{2,20}$")
    citation: str = Field(min_length=1)
    mark: Mark | Literal[""]
    document: dict[str, Any]


class GivenRules(_Node):
    """``rules.yaml``."""

    rules: tuple[GivenRule, ...]


def _text(name: str) -> str:
    return (files("ecocloud.intake.monitoring") / "data" / "alarms" / name).read_text("utf-8")


@cache
def settings() -> Settings:
    """Waits and reaches."""
    return read_table(_text("settings.yaml"), "settings.yaml", Settings)


@cache
def given_rules() -> tuple[GivenRule, ...]:
    """The rules of a fresh installation, each a document that can be read."""
    return read_rules(_text("rules.yaml"))


def read_rules(text: str) -> tuple[GivenRule, ...]:
    """Rules from their text; raises :class:`TableError` with the path of the fault."""
    found = read_table(text, "rules.yaml", GivenRules).rules
    for one in found:
        try:
            document.read(one.document)
        except document.RuleFaults as error:
            raise TableError(error.message_zh, str(error), where={"文件": "rules.yaml", "规则": one.code}) from error
    return tuple(one.model_copy(update={"document": _jsonable(one.document)}) for one in found)


def _jsonable(given: Any) -> Any:
    """A document as JSON would give it back: exact decimals as texts."""
    if isinstance(given, dict):
        return {key: _jsonable(value) for key, value in given.items()}
    if isinstance(given, list | tuple):
        return [_jsonable(value) for value in given]
    return given if given is None or isinstance(given, str | bool | int) else str(given)
