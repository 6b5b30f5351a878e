"""Why something of the public is not taken: one type for each reason."""

from ecocloud.base.errors import EcoError


class Refused(EcoError):
    """What was sent cannot be taken as it is."""

    code = "portal.refused"


class NoSuchReport(EcoError):
    """There is no report of this number, or not within this person's reach."""

    code = "portal.no_report"
    http_status = 404


class NotOpen(EcoError):
    """Nobody has opened this for the public yet, or it is closed."""

    code = "portal.closed"
    http_status = 409


class NotNow(EcoError):
    """This cannot be done in the state the record is in."""

    code = "portal.not_now"
    http_status = 409
