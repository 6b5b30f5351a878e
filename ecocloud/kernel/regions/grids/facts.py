"""Levels and limits of grids, read through a checked schema."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import yaml
from pydantic import BaseModel, ConfigDict

from ecocloud.kernel.regions.facts import FOLDER


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LevelFact(_Fact):
    """One level of grids; 1 is the uppermost."""

    level: int
    zh: str
    en: str
    about: str


class LimitFact(_Fact):
    """A number with its unit and where it comes from."""

    value: Decimal | int
    unit: str
    citation: str
    mark: str


class GridFacts(_Fact):
    """``data/grids.yaml``."""

    levels: tuple[LevelFact, ...]
    citation: str
    mark: str
    least_area: LimitFact
    most_points: LimitFact

    @property
    def lowest(self) -> int:
        """The number of the lowest level."""
        return max(one.level for one in self.levels)


@cache
def grid_facts() -> GridFacts:
    """Levels and limits."""
    return GridFacts.model_validate(yaml.safe_load((FOLDER / "grids.yaml").read_text(encoding="utf-8")))
