"""The room's data file, read through a checked schema."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FormFact(_Fact):
    """One form: who fills it in (by a right), where, how often and how long by the product's estimate."""

    code: str = Field(pattern=r"^[a-z_]{2,24}$")
    zh: str
    en: str
    permission: str
    route: str
    a_year: int = Field(ge=0, le=9999)
    minutes: int = Field(ge=0, le=1440)
    often: str
    often_en: str


class FormsFile(_Fact):
    """``data/forms.yaml``."""

    citation: str
    mark: Literal["verified", "verified-secondary", "from_memory"]
    forms: tuple[FormFact, ...]


@cache
def forms() -> FormsFile:
    """The forms that come with the product."""
    text = (files("ecocloud.domains.burden") / "data" / "forms.yaml").read_text("utf-8")
    return FormsFile.model_validate(yaml.safe_load(text))
