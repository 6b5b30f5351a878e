"""The facts of questions and comparisons (``data/consistency.yaml``, ``data/comparison.yaml``), checked. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict, field_validator

from ecocloud.intake.documents.lexicon import Strict


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _pattern(text: str) -> str:
    re.compile(text)
    return text


class QuestionKind(_Part):
    """One kind of question: how grave, its label, its sentence with placeholders."""

    severity: str
    label_zh: str
    label_en: str
    words_zh: str
    words_en: str


class Severity(_Part):
    """A degree of gravity; a lower ``order`` comes first."""

    label_zh: str
    label_en: str
    order: int


class RatioFact(_Part):
    """A ratio in percent: patterns of its own name and of the names above and below the line."""

    name: str
    top: str
    bottom: str

    _checked = field_validator("name", "top", "bottom")(_pattern)


class ConsistencyFacts(Strict):
    """``data/consistency.yaml``."""

    citation: str
    mark: str
    kinds: dict[str, QuestionKind]
    severities: dict[str, Severity]
    ratios: tuple[RatioFact, ...]
    bounded: str
    share_of: str
    total_words: tuple[str, ...]
    not_total_after: tuple[str, ...]
    class_words: tuple[str, ...]
    among_words: tuple[str, ...]
    rest_words: tuple[str, ...]
    plain_names: tuple[str, ...]
    ambiguous_units: tuple[str, ...]
    least_name: int
    duplicate_least: Decimal

    _checked = field_validator("bounded", "share_of")(_pattern)


class Weights(_Part):
    """How much each likeness counts in the match of two tasks; they add up to 1."""

    title: Decimal
    words: Decimal
    units: Decimal
    path: Decimal


class Thresholds(_Part):
    """From which likeness on two tasks are one (``match``), the same (``kept``), or at least near (``near``)."""

    match: Decimal
    kept: Decimal
    near: Decimal


class ComparisonFacts(Strict):
    """``data/comparison.yaml``."""

    citation: str
    mark: str
    weights: Weights
    years: Thresholds
    levels: Thresholds
    levels_words: tuple[str, ...]
    compared_characters: int
    figure_near: Decimal
    labels_zh: dict[str, str]
    labels_en: dict[str, str]


def _load(name: str) -> dict:
    text = resources.files("ecocloud.intake.documents").joinpath("data", f"{name}.yaml").read_text("utf-8")
    return yaml.safe_load(text)


@cache
def consistency_facts() -> ConsistencyFacts:
    """Kinds of questions, ratios and deciding words."""
    return ConsistencyFacts(**_load("consistency"))


@cache
def comparison_facts() -> ComparisonFacts:
    """Weights and thresholds of comparisons."""
    return ComparisonFacts(**_load("comparison"))
