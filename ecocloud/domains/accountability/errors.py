"""Errors of the room."""

from ecocloud.base.errors import EcoError


class FileRefused(EcoError):
    """The file cannot be made that way."""

    code = "accountability.refused"


class NoSuchFile(EcoError):
    """There is no such file or holder of duties in the person's reach."""

    code = "accountability.none"
    http_status = 404
