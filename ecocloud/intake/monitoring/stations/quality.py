"""The rule by which rates are counted: facts from ``data/stations/quality.yaml`` through a checked schema."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict, Field

from ecocloud.intake.monitoring.hj212.tables import Mark, read_table
from ecocloud.intake.monitoring.stations.rates import Rule


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    citation: str = Field(min_length=1)
    mark: Mark


class _Period(_Node):
    value: Literal["hour"]


class _Words(_Node):
    value: tuple[str, ...]


class RateFact(_Node):
    """A rate: its name, what is divided by what, its source; ``pass_percent`` where a mark is set, %."""

    zh: str
    en: str
    formula_zh: str
    formula_en: str
    pass_percent: int | None = Field(None, ge=0, le=100)

    @property
    def label(self) -> str:
        """Its name in the language of the page."""
        return self.en if (get_language() or "").startswith("en") else self.zh

    @property
    def formula(self) -> str:
        """What is divided by what, in the language of the page."""
        return self.formula_en if (get_language() or "").startswith("en") else self.formula_zh


class Quality(BaseModel):
    """``quality.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    period: _Period
    valid_flags: _Words
    not_due: _Words
    no_capture: _Words
    transfer_rate: RateFact
    validity_rate: RateFact
    effective_rate: RateFact
    capture_rate: RateFact

    @property
    def rule(self) -> Rule:
        """What the pure counting needs."""
        return Rule(frozenset(self.valid_flags.value), frozenset(self.not_due.value), frozenset(self.no_capture.value))

    @property
    def rates(self) -> dict[str, RateFact]:
        """The four rates by the names of ``rates.Rates``."""
        return {"transfer": self.transfer_rate, "validity": self.validity_rate, "effective": self.effective_rate,
                "capture": self.capture_rate}  # fmt: skip


@cache
def quality() -> Quality:
    """The rule in force."""
    path = files("ecocloud.intake.monitoring") / "data" / "stations" / "quality.yaml"
    return read_table(path.read_text("utf-8"), "quality.yaml", Quality)
