"""The limits of workbooks, read from ``data/limits.yaml`` through a checked schema."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, PositiveInt


class Limit(BaseModel):
    """One limit with its unit and where it comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    value: PositiveInt
    unit: str
    citation: str
    mark: str


class Limits(BaseModel):
    """All limits of workbooks."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    max_rows: Limit
    header_search_rows: Limit
    max_columns: Limit
    stage_chunk_rows: Limit
    direct_rows: Limit
    commit_chunk_rows: Limit
    max_cell_text: Limit


@cache
def limits() -> Limits:
    """The limits in force."""
    path = Path(__file__).parent / "data" / "limits.yaml"
    return Limits.model_validate(yaml.safe_load(path.read_text("utf-8")))
