"""The schema of ``data/sample.yaml``."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict, Field

_HERE = resources.files("ecocloud.intake.documents")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class SampleDocument(_Strict):
    """One template: how it comes in and what becomes of it (``take``: all, half, keep, none; kept ones
    are confirmed but not entered); ``year`` counts from the year of the sample."""

    name: str
    title: str
    type: str
    file: str
    form: str = Field(alias="as")
    day: str
    number: str
    secrecy: str
    take: str
    year: int = 0


class Reasons(_Strict):
    """Reasons for not taking a record."""

    count_zh: str
    doubtful_zh: str
    double_zh: str
    unsure_zh: str


class SampleFacts(_Strict):
    """``data/sample.yaml``."""

    citation: str
    mark: str
    documents: tuple[SampleDocument, ...]
    leads: tuple[tuple[str, str], ...]
    default_lead: str
    reject: Reasons
    year_end_zh: str
    persons: tuple[str, ...]
    progress_zh: tuple[str, ...]
    problem_zh: tuple[str, ...]
    instructions: tuple[str, ...]
    replies: tuple[str, ...]
    returns: tuple[str, ...]
    extension_zh: str
    wrong_unit_zh: str
    node_zh: str


@cache
def sample_facts() -> SampleFacts:
    """What the made-up office does."""
    return SampleFacts.model_validate(yaml.safe_load(_HERE.joinpath("data", "sample.yaml").read_text("utf-8")))


def template(name: str, year: int) -> str:
    """A sample document with its years filled in."""
    return filled(_HERE.joinpath("sample", f"{name}.txt").read_text("utf-8"), year)


def filled(text: str, year: int) -> str:
    """``text`` with the years of the sample."""
    return text.replace("{Y-1}", str(year - 1)).replace("{Y+1}", str(year + 1)).replace("{Y}", str(year))
