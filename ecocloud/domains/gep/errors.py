"""What this room refuses, as types."""

from ecocloud.base.errors import Conflict, EcoError


class GepError(EcoError):
    """An account, form or parameter cannot be taken as given."""

    code = "gep.refused"


class FactsError(GepError):
    """A data file of the room does not hold together."""

    code = "gep.facts"


class NoPrice(GepError):
    """There is no price of a kind that is in force for the place and year."""

    code = "gep.price"


class WrongState(Conflict):
    """The account or form is in a state in which this step is not possible."""

    code = "gep.state"


class NotThere(GepError):
    """There is no such accounting, form or run in the person's reach."""

    code = "gep.none"
    http_status = 404


class Stale(Conflict):
    """Somebody else changed the form since it was read."""

    code = "gep.stale"


class OwnWork(GepError):
    """Nobody checks, approves or confirms what he filled in or computed himself."""

    code = "gep.own"
    http_status = 403
