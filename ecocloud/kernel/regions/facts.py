"""The room's data files, read through a checked schema."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).parent / "data"


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RoleFact(_Fact):
    """One role of a fresh installation."""

    code: str
    label_zh: str
    label_en: str
    scope: Literal["all", "custom", "department", "department_tree", "self"]
    camp: Literal["business", "sysadmin", "secadmin", "auditadmin"]
    order: int


class PostFact(_Fact):
    """One post of a fresh installation."""

    code: str
    name: str
    name_en: str
    order: int


class RolesFile(_Fact):
    """``data/roles.yaml``."""

    citation: str
    mark: str
    roles: tuple[RoleFact, ...]
    posts: tuple[PostFact, ...]


class FunctionFact(_Fact):
    """A functional department of most divisions; ``{p}`` in a name is the division's prefix (市, 县, 区)."""

    code: str
    name: str
    short: str
    en: str
    aliases: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    levels: tuple[str, ...] = ("city", "county")
    sample: bool = True


class GroupFact(_Fact):
    """A wording for many units; ``members`` says which, ``exact`` whether the wording alone fixes them."""

    code: str
    name: str
    patterns: tuple[str, ...]
    members: Literal["townships", "counties", "zones", "departments", "members", "counties_and_zones"]
    exact: bool = True


class FunctionsFile(_Fact):
    """``data/functions.yaml``."""

    citation: str
    mark: str
    rewrites: tuple[tuple[str, str], ...] = ()
    noise: tuple[str, ...] = ()
    role_words: tuple[str, ...] = ()
    tails: tuple[str, ...] = ()
    functions: tuple[FunctionFact, ...] = Field(min_length=1)
    groups: tuple[GroupFact, ...] = Field(min_length=1)


def _read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


@cache
def roles_file() -> RolesFile:
    """The roles and posts of a fresh installation."""
    return RolesFile.model_validate(_read("roles.yaml"))


@cache
def functions_file() -> FunctionsFile:
    """The generic dictionary of functional departments and group wordings."""
    return FunctionsFile.model_validate(_read("functions.yaml"))
