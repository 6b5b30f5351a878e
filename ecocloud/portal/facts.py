"""The room's data files, read through a checked schema."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from ecocloud.base import limiting
from ecocloud.base.limiting import EVERYBODY, Rate
from ecocloud.kernel.regions.models import in_language


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _File(_Fact):
    citation: str
    mark: str


class Size(_Fact):
    """A number with its unit."""

    value: int = Field(gt=0)
    unit: str


class Category(_Fact):
    """What a report is about; ``case`` is the category of the case made of it, which knows function and deadlines."""

    code: str = Field(pattern=r"^[a-z_]{2,24}$")
    zh: str
    en: str
    icon: str
    case: str
    by: Literal["grid", "function"]
    hint_zh: str
    hint_en: str

    @property
    def label(self) -> str:
        """Its word in the language of the page."""
        return in_language(self.zh, self.en)

    @property
    def hint(self) -> str:
        """What belongs to it, in the language of the page."""
        return in_language(self.hint_zh, self.hint_en)


class CategoryFile(_File):
    """``data/categories.yaml``."""

    categories: tuple[Category, ...]


class PhotoLimits(_Fact):
    """How many photos, how large, and for how long one is kept that nobody claims."""

    most: Size
    max_bytes: Size
    shrunk_bytes: Size
    shrunk_side: Size
    unclaimed_hours: Size


class TextLimits(_Fact):
    """The longest texts, in characters."""

    report: Size
    place: Size
    comment: Size
    contact: Size


class Window(_Fact):
    """For how long, and how often, a reporter may rate and reopen."""

    rate_days: Size
    reopen_days: Size
    reopen_times: Size


class Often(_Fact):
    """At most ``most`` times within ``seconds``."""

    name: str
    most: int = Field(gt=0)
    seconds: int = Field(gt=0)

    @property
    def rate(self) -> Rate:
        """As the limiter takes it."""
        return Rate(f"portal.{self.name}", self.most, self.seconds)


class LimitFile(_File):
    """``data/limits.yaml``."""

    photo: PhotoLimits
    text: TextLimits
    window: Window
    rates: tuple[Often, ...]
    together: tuple[Often, ...]


def read(name: str) -> Any:
    """A data file of this room as plain values."""
    return yaml.safe_load((files(__package__) / "data" / name).read_text("utf-8"))


@cache
def limits() -> LimitFile:
    """The limits in force."""
    return LimitFile.model_validate(read("limits.yaml"))


@cache
def categories() -> dict[str, Category]:
    """The categories by code, in the order of the page."""
    return {one.code: one for one in CategoryFile.model_validate(read("categories.yaml")).categories}


def spend(name: str, address: str, now: float | None = None) -> None:
    """Count one use of ``name`` by ``address``; raises ``limiting.TooOften`` when that is more than its rate,
    or that of everybody together, allows."""
    for rates, who in ((limits().rates, address), (limits().together, EVERYBODY)):
        for one in rates:
            if one.name == name:
                limiting.spend(one.rate, who, now)
