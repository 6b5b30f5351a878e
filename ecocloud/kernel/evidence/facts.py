"""The room's small data files, read once and checked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict


class _Functions(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    citation: str
    mark: str
    functions: dict[str, str]


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    value: Decimal
    unit: str
    valid_from: str
    citation: str
    mark: str


class _Lights(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    amber_ratio: _Fact


def _read(name: str) -> object:
    return yaml.safe_load((files(__package__) / "data" / name).read_text(encoding="utf-8"))


@cache
def function_codes() -> Mapping[str, str]:
    """Function words of the catalogue (生态环境) and the code of the department dictionary (ecology)."""
    return _Functions.model_validate(_read("functions.yaml")).functions


def words_of(function_code: str) -> list[str]:
    """The catalogue's function words that a department with ``function_code`` answers for."""
    return [word for word, code in function_codes().items() if code == function_code]


@cache
def amber_ratio() -> Decimal:
    """The lowest ratio to target or 序时 that is amber (dimensionless)."""
    return _Lights.model_validate(_read("lights.yaml")).amber_ratio.value
