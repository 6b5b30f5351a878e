"""The deadline policy: working days to decide, to close, at most, by kind and category. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ecocloud.kernel.duties.reminding import Workdays

_DATA = Path(__file__).parent / "data" / "deadlines.yaml"
ANY = "*"


class Policy(BaseModel):
    """One row: ``decide``, ``close`` and ``longest`` in working days from the day an item is taken in."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: str
    category: str
    decide: int = Field(gt=0)
    close: int = Field(gt=0)
    longest: int = Field(gt=0)
    valid_from: date
    citation: str = Field(min_length=4)
    mark: str

    @model_validator(mode="after")
    def _in_order(self) -> Policy:
        if not self.decide <= self.close <= self.longest:
            raise ValueError(f"时限应依次不减：{self.decide}、{self.close}、{self.longest}")
        return self


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    unit: Literal["工作日"]
    rows: list[Policy]


@dataclass(frozen=True)
class Terms:
    """The days a policy gives: decided by, closed by, at the latest."""

    decide_by: date
    close_by: date
    longest: date


@cache
def table() -> tuple[Policy, ...]:
    """Every row of the policy."""
    return tuple(_Table.model_validate(yaml.safe_load(_DATA.read_text("utf-8"))).rows)


def policy_of(kind: str, category: str, on: date, rows: tuple[Policy, ...] | None = None) -> Policy | None:
    """The row in force on the day ``on``: of the category, else of the kind; None for kinds without policy."""
    found = [
        row
        for row in (table() if rows is None else rows)
        if row.kind == kind and row.category in (category or ANY, ANY) and row.valid_from <= on
    ]
    return max(found, key=lambda row: (row.category != ANY, row.valid_from), default=None)


def terms(policy: Policy, start: date, calendar: Workdays) -> Terms:
    """The days of ``policy`` for an item taken in on ``start``."""
    return Terms(*(calendar.add_workdays(start, n) for n in (policy.decide, policy.close, policy.longest)))
