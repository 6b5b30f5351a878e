"""What the room refuses."""

from ecocloud.base.errors import EcoError


class ChiefRefused(EcoError):
    """An office, a term, a handover or a patrol cannot be written that way."""

    code = "chiefs.refused"


class NoSuchChief(EcoError):
    """The record does not exist or lies outside the person's reach."""

    code = "chiefs.not_found"
    http_status = 404
