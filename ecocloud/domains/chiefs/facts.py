"""The room's data files, read through a checked schema."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

PERIODS = ("year", "half", "quarter", "month", "ten_days", "week")
PeriodName = Literal["year", "half", "quarter", "month", "ten_days", "week"]
Mark = Literal["verified", "verified-secondary", "from_memory", "decided"]
LEVELS = ("province", "city", "county", "township", "village")


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Word(_Fact):
    """A code with its words."""

    code: str
    zh: str
    en: str


class KindFact(Word):
    """What a chief is called; ``of`` a whole division or one object of ``registers``."""

    family: str
    of: Literal["region", "object"]
    registers: tuple[str, ...] = ()


class FamilyFact(Word):
    """Rivers and lakes, or forests: what a patrol of theirs is called."""

    patrol: str
    patrol_en: str


class ProblemFact(Word):
    """What may be found; ``family`` '' fits every one; ``category`` is that of its case.

    Photographs and tracks may be left out; ``needs`` asks for them only where the sort is ``urgent`` (an emergency or a
    matter of safety) and its ``legal_basis`` says so.
    """

    family: str
    category: str
    urgent: Literal["", "emergency", "safety"] = ""
    needs: tuple[Literal["photo", "track"], ...] = ()
    legal_basis: str = ""

    @model_validator(mode="after")
    def _only_with_basis(self) -> ProblemFact:
        if self.needs and not (self.urgent and self.legal_basis.strip()):
            raise ValueError("photo or track is needed only of emergencies and safety, with the legal basis")
        return self


class HotlineFact(_Fact):
    """A number the public may call."""

    number: str
    zh: str
    en: str
    citation: str
    mark: Mark


class KindsFile(_Fact):
    """``data/kinds.yaml``."""

    citation: str
    mark: Mark
    kinds: tuple[KindFact, ...]
    natures: tuple[Word, ...]
    levels: tuple[Word, ...]
    families: tuple[FamilyFact, ...]
    problems: tuple[ProblemFact, ...]
    remind_days: dict[PeriodName, int]
    hotlines: tuple[HotlineFact, ...]

    def kind(self, code: str) -> KindFact:
        """The kind of a code; raises KeyError."""
        return next_of(self.kinds, code)

    def family_of(self, kind: str) -> FamilyFact:
        """The family of a kind of chief; raises KeyError."""
        return next_of(self.families, self.kind(kind).family)

    def family(self, code: str) -> FamilyFact:
        """The family of a code; raises KeyError."""
        return next_of(self.families, code)


def next_of(rows: tuple[Any, ...], code: str) -> Any:
    """The row of a code; raises KeyError."""
    found = next((one for one in rows if one.code == code), None)
    if found is None:
        raise KeyError(code)
    return found


class Every(_Fact):
    """So many times in every period of the calendar."""

    period: PeriodName
    times: int = Field(ge=1, le=366)


class Minimums(_Fact):
    """Below these a patrol is told as short; it counts all the same unless ``decides`` with its basis."""

    minutes: int | None = Field(default=None, ge=1, le=1440)
    metres: int | None = Field(default=None, ge=1, le=200_000)
    hours_between: int | None = Field(default=None, ge=1, le=8784)
    decides: bool = False
    basis: str = ""

    @model_validator(mode="after")
    def _with_basis(self) -> Minimums:
        if self.decides and not self.basis.strip():
            raise ValueError("minimums that decide need their basis")
        return self


class LevelRule(_Fact):
    """What chiefs of one level owe; without ``every`` it is left to the local office. ``mark`` where it differs."""

    every: Every | None = None
    minimums: Minimums = Minimums()
    mark: Mark | None = None


class Variant(_Fact):
    """What the rule of one place says."""

    code: str
    area: str
    family: str
    zh: str
    en: str
    citation: str
    mark: Mark
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
    levels: Mapping[Literal["province", "city", "county", "township", "village"], LevelRule]

    def verified(self, level: str) -> bool:
        """Whether what is said of a level was compared with a printed text."""
        rule = self.levels.get(level)
        return (rule.mark if rule and rule.mark else self.mark) == "verified"


class PatrolFile(_Fact):
    """``data/patrol.yaml``."""

    variants: tuple[Variant, ...]

    @model_validator(mode="after")
    def _once(self) -> PatrolFile:
        names = [one.code for one in self.variants]
        if len(set(names)) != len(names):
            raise ValueError("a variant is there twice")
        return self


def _read(name: str) -> Any:
    return yaml.safe_load((files("ecocloud.domains.chiefs") / "data" / name).read_text("utf-8"))


@cache
def words() -> KindsFile:
    """Kinds, natures, levels, families, problems."""
    return KindsFile.model_validate(_read("kinds.yaml"))


@cache
def variants() -> dict[str, Variant]:
    """The variants of patrol rules that come with the product, by code."""
    return {one.code: one for one in PatrolFile.model_validate(_read("patrol.yaml")).variants}
