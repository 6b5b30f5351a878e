"""The word lists of ``data/*.yaml``, loaded once through a checked schema.

They hold grammar words of official Chinese, units, suffixes of names: never the name of a place, person or project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    version: int


class Measures(Strict):
    physical: dict[str, list[str]]
    counters: list[str]
    per: list[str]
    windows: list[str]
    rhetorical: list[str]


class TextValue(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    pattern: str
    tags: list[str]


class Qualifiers(Strict):
    rise: list[str]
    fall: list[str]
    level: list[str]
    lower_before: list[str]
    upper_before: list[str]
    strict: list[str]
    lower_after: list[str]
    upper_after: list[str]
    approx_before: list[str]
    approx_after: list[str]
    yoy: list[str]
    cumulative: list[str]
    rank_verbs: list[str]
    scopes: list[str]
    text_values: list[TextValue]


class Organisations(Strict):
    suffixes: list[str]
    groups: list[str]
    not_units: list[str]
    slip_characters: str
    roles: dict[str, list[str]]
    labels: dict[str, list[str]]
    deadline_labels: list[str]
    task_labels: list[str]
    duty_verbs: dict[str, list[str]]
    duty_leads: list[str]


class IndicatorWords(Strict):
    generic: list[str]
    general_modifiers: list[str]
    measure_tails: list[str]
    rate_verbs: list[str]
    object_verbs: list[str]
    activities: list[str]
    reducing: list[str]


class DocumentTypes(Strict):
    types: dict[str, list[str]]
    plan_words: list[str]
    report_words: list[str]
    problem_words: list[str]
    not_task_words: list[str]
    note_words: list[str]
    tail_words: list[str]


class Verbs(Strict):
    action: list[str]
    achieve: list[str]
    adverbs: list[str]
    leads: list[str]
    noun_tails: list[str]


class ProjectWords(Strict):
    heads: dict[str, list[str]]
    categories: dict[str, list[str]]
    status: dict[str, list[str]]
    not_names: list[str]


class MechanismWords(Strict):
    heads: dict[str, list[str]]
    status: dict[str, list[str]]
    not_names: list[str]


def _load(name: str) -> dict:
    text = resources.files("ecocloud.intake.documents").joinpath("data", f"{name}.yaml").read_text("utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def measures() -> Measures:
    """Units and classifiers that can stand after a number."""
    return Measures(**_load("measures"))


@cache
def qualifiers() -> Qualifiers:
    """Words of change, bounds and comparison."""
    return Qualifiers(**_load("qualifiers"))


@cache
def indicator_words() -> IndicatorWords:
    """Words inside the names of indicators."""
    return IndicatorWords(**_load("indicators"))


@cache
def organisations() -> Organisations:
    """Suffixes and kinds of organisations."""
    return Organisations(**_load("organisations"))


@cache
def document_types() -> DocumentTypes:
    """Types of documents and how they are recognised."""
    return DocumentTypes(**_load("document_types"))


@cache
def verbs() -> Verbs:
    """Verbs of tasks and reports."""
    return Verbs(**_load("verbs"))


@cache
def project_words() -> ProjectWords:
    """Words that name projects."""
    return ProjectWords(**_load("projects"))


@cache
def mechanism_words() -> MechanismWords:
    """Words that name mechanisms."""
    return MechanismWords(**_load("mechanisms"))


def any_of(words: Iterable[str]) -> str:
    """A regular expression group that matches one of ``words``, the longest first."""
    return "(?:" + "|".join(re.escape(w) for w in sorted(set(words), key=lambda w: (-len(w), w))) + ")"
