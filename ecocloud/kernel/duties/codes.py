"""Numbering rules of work items. Pure functions."""

from __future__ import annotations

import string
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator

_DATA = Path(__file__).parent / "data" / "codes.yaml"
_FIELDS = {"year", "region", "n"}


class CodeRule(BaseModel):
    """``pattern`` with {year}, {region}, {n}; ``scope`` names what restarts the running number."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    pattern: str = Field(min_length=3)
    scope: list[str]

    @field_validator("pattern")
    @classmethod
    def _known_fields(cls, text: str) -> str:
        names = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        if "n" not in names or names - _FIELDS:
            raise ValueError(f"编号规则 {text} 应含 {{n}}，只能用 year、region、n")
        return text


@cache
def all_rules() -> dict[str, CodeRule]:
    """Every numbering rule by name."""
    data = yaml.safe_load(_DATA.read_text("utf-8"))
    return {name: CodeRule.model_validate(raw) for name, raw in data["rules"].items()}


def scope_key(rule_name: str, *, year: int, region: str) -> str:
    """The key of the running number a code takes its ``n`` from, for example ``task|2026``."""
    values = {"year": str(year), "region": region}
    return "|".join([rule_name, *(values[name] for name in all_rules()[rule_name].scope)])


def code_for(rule_name: str, *, year: int, region: str, number: int) -> str:
    """The code of an item, for example ``督2026-0007``."""
    return all_rules()[rule_name].pattern.format(year=year, region=region, n=number)
