"""The limits of uploads, read from ``data/limits.yaml`` through a checked schema."""

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


class UploadLimits(BaseModel):
    """Sizes of single files, in bytes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    max_bytes: Limit
    workbook_max_bytes: Limit


class ArchiveLimits(BaseModel):
    """What a packed file (zip, docx, xlsx) may unpack to."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    max_ratio: Limit
    ratio_from_bytes: Limit
    max_unpacked_bytes: Limit
    max_members: Limit


class Limits(BaseModel):
    """All limits."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    upload: UploadLimits
    archive: ArchiveLimits


@cache
def limits() -> Limits:
    """The limits in force."""
    path = Path(__file__).parent / "data" / "limits.yaml"
    return Limits.model_validate(yaml.safe_load(path.read_text("utf-8")))
