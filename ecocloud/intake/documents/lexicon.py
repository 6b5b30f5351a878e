"""The word lists of ``data/*.yaml``, loaded once through a checked schema.

They hold grammar words of official Chinese, units, suffixes of names: never the name of a place, person or project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

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
    people: list[str]


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
    short_labels: dict[str, list[str]]
    deadline_labels: list[str]
    task_labels: list[str]
    duty_verbs: dict[str, list[str]]
    duty_leads: list[str]
    duty_acts: list[str]
    duty_modals: list[str]
    along: list[str]
    charges: list[str]
    decision_words: list[str]
    clause_leads: list[str]
    not_actors: list[str]


class IndicatorWords(Strict):
    generic: list[str]
    general_modifiers: list[str]
    measure_tails: list[str]
    rate_verbs: list[str]
    object_verbs: list[str]
    activities: list[str]
    nominal: list[str]
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


class RuleText(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    kinds: list[str]
    zh: str
    en: str


class RuleWords(Strict):
    rules: list[RuleText]


class PhraseWords(Strict):
    adverbs: list[str]
    both: list[str]
    leads: list[str]
    governing: list[str]
    weak: list[str]
    front_only: list[str]
    noun_after: list[str]
    subject_ends: list[str]
    subject_verbs: list[str]
    behind: list[str]
    tails: list[str]


Compound = tuple[list[str], list[str]]


class ProjectWords(Strict):
    heads: dict[str, list[str]]
    compounds: dict[str, list[Compound]]
    honour_compounds: list[Compound]
    works: list[str]
    counted_works: list[str]
    honours: list[str]
    not_works: list[str]
    categories: dict[str, list[str]]
    status: dict[str, list[str]]
    lost_verbs: list[str]
    city_verbs: list[str]
    award_verbs: list[str]
    generic: list[str]


class MechanismWords(Strict):
    heads: dict[str, list[str]]
    compounds: dict[str, list[Compound]]
    practices: dict[str, list[str]]
    practice_compounds: dict[str, list[Compound]]
    measured: dict[str, list[str]]
    measured_compounds: dict[str, list[Compound]]
    families: list[list[str]]
    orders: list[str]
    acts: dict[str, list[str]]
    duties: list[tuple[str, list[str]]]
    last_decides: list[str]
    weak_types: list[str]
    activities: list[str]
    vague: list[str]
    founding: list[str]
    title_types: list[str]
    named_only: list[str]
    drop_verbs: list[str]
    counted_off: list[str]
    bare: list[str]
    topics: list[tuple[str, list[str]]]
    status: dict[str, list[str]]
    generic: list[str]


class ScoringWords(Strict):
    units: dict[str, dict[str, float]]
    per: list[str]
    scales: dict[str, float]
    loose_ends: dict[str, list[str]]
    rank_units: list[str]
    up: list[str]
    down: list[str]
    core_tags: list[str]
    change_tags: list[str]
    own_places: list[str]
    province: list[str]
    region_endings: str
    indicator: float
    name: float
    span: float


def load_list(name: str) -> dict:
    """The content of ``data/{name}.yaml``."""
    text = resources.files("ecocloud.intake.documents").joinpath("data", f"{name}.yaml").read_text("utf-8")
    return _without(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


# Entries that are left out while a document is read as if it had never been seen (see leaving_out.py).
_left_out: frozenset[str] = frozenset()


def leave_out(words: Iterable[str]) -> None:
    """Read the lists without ``words`` from now on: to be called before anything else of the engine is imported."""
    global _left_out
    _left_out = frozenset(words)


def _without(node: Any) -> Any:
    """``node`` without the entries that are left out."""
    if not _left_out:
        return node
    if isinstance(node, dict):
        return {key: _without(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_without(x) for x in node if entry(x) not in _left_out]
    return node


def entry(node: Any) -> str | None:
    """What stands in the text for an item of a list: the word, or the pattern of a rule; None for anything else."""
    if isinstance(node, dict):
        return node.get("pattern")
    return node if isinstance(node, str) else None


@cache
def measures() -> Measures:
    """Units and classifiers that can stand after a number."""
    return Measures(**load_list("measures"))


@cache
def qualifiers() -> Qualifiers:
    """Words of change, bounds and comparison."""
    return Qualifiers(**load_list("qualifiers"))


@cache
def indicator_words() -> IndicatorWords:
    """Words inside the names of indicators."""
    return IndicatorWords(**load_list("indicators"))


@cache
def organisations() -> Organisations:
    """Suffixes and kinds of organisations."""
    return Organisations(**load_list("organisations"))


@cache
def document_types() -> DocumentTypes:
    """Types of documents and how they are recognised."""
    return DocumentTypes(**load_list("document_types"))


@cache
def verbs() -> Verbs:
    """Verbs of tasks and reports."""
    return Verbs(**load_list("verbs"))


@cache
def rule_words() -> RuleWords:
    """What each rule says, for people."""
    return RuleWords(**load_list("rules"))


@cache
def phrase_words() -> PhraseWords:
    """Words around the names of projects and mechanisms."""
    return PhraseWords(**load_list("phrases"))


@cache
def project_words() -> ProjectWords:
    """Words that name projects."""
    return ProjectWords(**load_list("projects"))


@cache
def mechanism_words() -> MechanismWords:
    """Words that name mechanisms."""
    return MechanismWords(**load_list("mechanisms"))


@cache
def scoring_words() -> ScoringWords:
    """Units, spellings and borders of the scores."""
    return ScoringWords(**load_list("scoring"))


def compounded(pairs: Iterable[Compound]) -> list[str]:
    """Every first part with every second part (处理, 处置 and 中心, 设施 give four words)."""
    return [first + second for firsts, seconds in pairs for first in firsts for second in seconds]


def any_of(words: Iterable[str]) -> str:
    """A regular expression group that matches one of ``words``, the longest first."""
    words = list(words)
    if not words:
        return "(?!)"
    return "(?:" + "|".join(re.escape(w) for w in sorted(set(words), key=lambda w: (-len(w), w))) + ")"
