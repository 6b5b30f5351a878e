"""What this room refuses, as types."""

from ecocloud.base.errors import Conflict, EcoError


class EvidenceError(EcoError):
    """An observation, target or indicator cannot be taken as given."""

    code = "evidence.refused"


class WrongState(Conflict):
    """The record is in a state in which this step is not possible."""

    code = "evidence.state"


class Locked(Conflict):
    """The region, year and group were locked after review."""

    code = "evidence.locked"


class Stale(Conflict):
    """Somebody else changed the record since it was read."""

    code = "evidence.stale"
