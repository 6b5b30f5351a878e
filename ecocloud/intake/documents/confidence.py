"""How sure a record is: the share of records with such marks that people found right.

``data/calibration.yaml`` holds, per kind, weights of marks and steps from their sum to a confidence; it is made by
``ecocloud scores --calibrate`` (see :mod:`calibrating`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict

from ecocloud.intake.documents.features import DOUBTS, marks_of
from ecocloud.intake.documents.lexicon import load_list

SURE = 0.9
CEILING = 0.89


class Model(BaseModel):
    """Weights of marks, and steps ``[least sum, confidence]`` in rising order (the first one has no least sum)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    weights: dict[str, float]
    bias: float
    steps: list[tuple[float, float]]

    def total(self, marks: Iterable[str]) -> float:
        """Sum of the weights of ``marks``; unknown marks count nothing."""
        return self.bias + sum(self.weights.get(mark, 0.0) for mark in marks)

    def confidence(self, marks: Collection[str]) -> float:
        """The confidence (0 to 1) of a record with these marks; never SURE where one of them is a doubt."""
        value = step(self.steps, self.total(marks))
        return min(value, CEILING) if not DOUBTS.isdisjoint(marks) else value


def step(steps: Sequence[tuple[float, float]], total: float) -> float:
    """The value of the last step whose least sum is not above ``total``; below all, the first one's."""
    at = bisect_right(steps, total, key=lambda s: s[0])
    return steps[max(at - 1, 0)][1]


class Calibration(BaseModel):
    """The whole file: how it was made, and a model by kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: int
    made: dict[str, Any]
    kinds: dict[str, Model]


@cache
def calibration() -> Calibration:
    """The calibration in ``data/calibration.yaml``."""
    return Calibration(**load_list("calibration"))


def apply(
    records: Iterable[dict[str, Any]], document: dict[str, Any], models: Mapping[str, Model] | None = None
) -> None:
    """Set ``confidence`` of each record of a document from its marks (``models`` by kind; default: the product's)."""
    models = calibration().kinds if models is None else models
    for record in records:
        model = models.get(record["kind"])
        if model is not None:
            record["confidence"] = round(model.confidence(marks_of(record, document)), 3)
