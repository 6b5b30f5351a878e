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
