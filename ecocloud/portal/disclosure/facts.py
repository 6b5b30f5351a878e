"""Lists, terms and open data sets: the data files of disclosure, read through a checked schema."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ecocloud.kernel.regions.models import in_language
from ecocloud.portal.facts import Size, read

Every = Literal["month", "quarter", "year", "none"]


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Word(_Fact):
    """A thing with its names."""

    zh: str
    en: str

    @property
    def label(self) -> str:
        """Its name in the language of the page."""
        return in_language(self.zh, self.en)


class ListFact(Word):
    """A list of disclosure and how often something new is due."""

    code: str = Field(pattern=r"^[a-z_]{2,20}$")
    every: Every
    what_zh: str
    what_en: str

    @property
    def what(self) -> str:
        """What belongs into it, in the language of the page."""
        return in_language(self.what_zh, self.what_en)


class TermFact(Word):
    """A term and its meaning in plain words."""

    what_zh: str
    what_en: str

    @property
    def what(self) -> str:
        """The meaning in the language of the page."""
        return in_language(self.what_zh, self.what_en)


class Licence(Word):
    """Under which conditions the data may be used."""

    name: str
    url: str


class FieldFact(Word):
    """A column of a set."""

    code: str


class SetFact(Word):
    """A set of open data with its columns."""

    code: str = Field(pattern=r"^[a-z_]{2,20}$")
    most: Size
    fields: tuple[FieldFact, ...]


class _Lists(_Fact):
    citation: str
    mark: str
    lists: tuple[ListFact, ...]


class _Terms(_Fact):
    citation: str
    mark: str
    terms: tuple[TermFact, ...]


class OpenData(_Fact):
    """``data/opendata.yaml``."""

    citation: str
    mark: str
    licence: Licence
    kept_seconds: Size
    sets: tuple[SetFact, ...]


@cache
def lists() -> dict[str, ListFact]:
    """The lists by code, in the order of the page."""
    return {one.code: one for one in _Lists.model_validate(read("disclosure.yaml")).lists}


@cache
def terms() -> tuple[TermFact, ...]:
    """The terms in the order of the page."""
    return _Terms.model_validate(read("glossary.yaml")).terms


@cache
def open_data() -> OpenData:
    """Licence and sets."""
    return OpenData.model_validate(read("opendata.yaml"))


def due_after(every: Every, last: date | None, day: date) -> date | None:
    """The first day of the period in which the next publication is due: the period after the one of ``last``; this
    period where nothing was published yet; None for what is published as it happens."""
    if every == "none":
        return None
    if last is None:
        return _start(every, day)
    first = _start(every, last)
    months = {"month": 1, "quarter": 3, "year": 12}[every]
    ahead = first.month - 1 + months
    return date(first.year + ahead // 12, ahead % 12 + 1, 1)


def _start(every: Every, day: date) -> date:
    if every == "year":
        return date(day.year, 1, 1)
    return date(day.year, day.month if every == "month" else (day.month - 1) // 3 * 3 + 1, 1)
