"""What can be wrong during review: one type per reason."""

from __future__ import annotations

from ecocloud.base.errors import Conflict, EcoError


class NotVisible(EcoError):
    """There is no such document for this viewer."""

    code = "documents.not_visible"
    http_status = 404


class Incomplete(EcoError):
    """A record lacks what it needs before it can be accepted."""

    code = "documents.incomplete"


class WrongState(Conflict):
    """The document or record is in a state that does not allow this."""

    code = "documents.state"


class Stale(Conflict):
    """Somebody else changed the record first."""

    code = "documents.stale"
