"""Refusals of the duties room. Each carries the item's story where there is one."""

from __future__ import annotations

from typing import Any

from ecocloud.base.errors import EcoError, Forbidden


class Refused(EcoError):
    """An action on a work item was refused; ``story`` tells state, history and what is possible now, by whom."""

    code = "duties.refused"
    http_status = 409

    def __init__(self, message_zh: str, message_en: str = "", *, story: Any = None, **more: Any) -> None:
        super().__init__(message_zh, message_en, **more)
        self.story = story

    def as_dict(self) -> dict[str, Any]:
        """The refusal for the API, with its story."""
        told = super().as_dict()
        told["story"] = self.story.as_dict() if self.story else None
        return told


class UnknownAction(Refused):
    """The kind has no such action at all."""

    code = "duties.unknown_action"
    http_status = 400


class WrongState(Refused):
    """The action exists, but not from the state the item is in."""

    code = "duties.wrong_state"


class WrongPerson(Refused, Forbidden):
    """The action is possible now, but not by this person."""

    code = "duties.wrong_person"
    http_status = 403


class GuardFailed(Refused):
    """State and person are right, a condition is not met."""

    code = "duties.guard"
    http_status = 422


class OpinionMissing(GuardFailed):
    """The action needs a written opinion."""

    code = "duties.opinion_missing"


class EvidenceMissing(GuardFailed):
    """The action needs at least one proof (attachment or reference)."""

    code = "duties.evidence_missing"


class KindError(EcoError):
    """A kind's table is not sound."""

    code = "duties.kind"
    http_status = 500


class Invalid(EcoError):
    """A field of an item, round or rule cannot be accepted."""

    code = "duties.invalid"
    http_status = 422
