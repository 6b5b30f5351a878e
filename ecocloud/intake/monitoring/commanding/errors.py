"""What is refused about commands."""

from __future__ import annotations

from ecocloud.base.errors import EcoError


class CommandRefused(EcoError):
    """The command cannot be asked for, or not be decided by this person."""

    code = "monitoring.command"


class NoSuchCommand(EcoError):
    """The command does not exist or lies outside the person's reach."""

    code = "monitoring.no-command"
    http_status = 404
