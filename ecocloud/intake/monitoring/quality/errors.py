"""What is refused about reviews."""

from __future__ import annotations

from typing import Any

from ecocloud.base.errors import Conflict, EcoError


class ReviewRefused(EcoError):
    """The decision cannot be taken as given; ``faults``: field -> sentence."""

    code = "monitoring.review"

    def __init__(self, faults: dict[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__("；".join(faults.values()), f"faults in {sorted(faults)}", where={"字段": next(iter(faults))})

    def as_dict(self) -> dict[str, Any]:
        """The error with its faults by field."""
        return super().as_dict() | {"faults": [{"field": key, "message_zh": text} for key, text in self.faults.items()]}


class NoSuchReview(EcoError):
    """The decision does not exist or lies outside the person's reach."""

    code = "monitoring.no-review"
    http_status = 404


class AlreadyTakenBack(Conflict):
    """Somebody has taken the decision back meanwhile."""

    code = "monitoring.review.done"
