"""Who may call a service: a person with the right, or the operator at the command line."""

from __future__ import annotations

from typing import Any

from ecocloud.kernel.journal.services import Actor
from ecocloud.kernel.regions import permissions


class Console:
    """The operator at the machine's own command line; the journal names it as such."""

    pk = None

    def actor(self, request_id: str = "", address: str = "") -> Actor:
        """The journal's name for the command line."""
        return Actor("console", "命令行", address=address, request_id=request_id)


CONSOLE = Console()


def check(user: Any, code: str) -> None:
    """Raise ``Forbidden`` unless ``user`` is the command line or holds ``code``."""
    if user is not CONSOLE:
        permissions.require(user, code)
