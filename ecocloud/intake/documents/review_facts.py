"""The facts of the review (``data/review.yaml``), loaded through a checked schema. Pure."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Share(_Strict):
    """A share of 1."""

    value: Decimal
    unit: str


class Count(_Strict):
    """A whole number with its unit."""

    value: int
    unit: str


class Confidence(_Strict):
    """Borders between the words 高, 中, 低, and the least confidence that a bulk acceptance starts with."""

    high: Share
    middle: Share
    sweep: Share


class ReadingLimits(_Strict):
    """When a job reads, and how much of a text and of its records one page shows."""

    at_once_bytes: Count
    at_once_packed_bytes: Count
    page_segments: Count
    page_chars: Count
    longest_segment: Count
    list_records: Count


class Entering(_Strict):
    """How many records one transaction enters, and from how many on a job does it."""

    chunk: Count
    at_once: Count


class ReviewFacts(_Strict):
    """``data/review.yaml``."""

    citation: str
    mark: str
    confidence: Confidence
    reading: ReadingLimits
    entering: Entering
    cycles: tuple[tuple[str, str], ...]
    default_cycle: str
    problem_titles: tuple[str, ...]
    lead_roles: tuple[str, ...]
    help_roles: tuple[str, ...]


@cache
def review_facts() -> ReviewFacts:
    """The facts of this installation's package."""
    text = resources.files("ecocloud.intake.documents").joinpath("data", "review.yaml").read_text("utf-8")
    return ReviewFacts.model_validate(yaml.safe_load(text))


def confidence_word(confidence: Decimal) -> str:
    """高, 中 or 低."""
    borders = review_facts().confidence
    if confidence >= borders.high.value:
        return "高"
    return "中" if confidence >= borders.middle.value else "低"
