"""The backstage of a gateway on the database: admitted devices out of the register, reports into it.

Gateways call it from threads of their own; whatever fails here fails the one call, and the gateway goes on storing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any, TypeVar

from django.db import close_old_connections, connection

from ecocloud.intake.monitoring.commanding import delivery
from ecocloud.intake.monitoring.gateway.backstage import Admitted, Answer, Due, Seen, Sent, Stranger
from ecocloud.intake.monitoring.stations.errors import SealBroken
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.intake.monitoring.stations.services.devices import dialect_of, key_of, password_of
from ecocloud.intake.monitoring.stations.services.reporting import take_report

_log = logging.getLogger(__name__)
_FIELDS = ("pk", "mn", "st", "revision", "password", "cipher_key", "dialect")
Method = TypeVar("Method", bound=Callable[..., Any])


def _own_connection(method: Method) -> Method:
    """A thread's database connection that died meanwhile is replaced, before and after."""

    @wraps(method)
    def called(*args: Any, **kwargs: Any) -> Any:
        if connection.in_atomic_block:  # the caller's own transaction
            return method(*args, **kwargs)
        close_old_connections()
        try:
            return method(*args, **kwargs)
        finally:
            close_old_connections()

    return called  # type: ignore[return-value]


class DatabaseBackstage:
    """Implements :class:`gateway.backstage.Backstage`. Seals are opened once for each revision of a device."""

    def __init__(self) -> None:
        self._opened: dict[int, tuple[int, Admitted]] = {}

    @_own_connection
    def admitted(self) -> Mapping[str, Admitted]:
        """The devices that are switched on. One whose seal does not open is left out and named in the log: its packets
        wait in quarantine until its password is entered anew."""
        opened: dict[int, tuple[int, Admitted]] = {}
        for row in Device.objects.filter(enabled=True).only(*_FIELDS).order_by().iterator(2000):
            held = self._opened.get(row.pk)
            if held is None or held[0] != row.revision:
                try:
                    key = key_of(row)
                    held = row.revision, Admitted(row.mn, password_of(row), row.st, dialect_of(row, key), key)
                except SealBroken as error:
                    _log.error("device %s is not admitted: %s", row.mn, error.message_en)
                    continue
            opened[row.pk] = held
        self._opened = opened
        return {one.mn: one for _revision, one in opened.values()}

    @_own_connection
    def report(self, gateway: str, seen: list[Seen], strangers: list[Stranger]) -> None:
        """Keep how devices stand and who knocked."""
        take_report(gateway, seen, strangers)

    @_own_connection
    def due(self, gateway: str, online: Collection[str]) -> list[Due]:
        """Commands to be sent now, each claimed for this gateway."""
        return delivery.due(gateway, online)

    @_own_connection
    def sent(self, gateway: str, sent: list[Sent], answers: list[Answer]) -> None:
        """What became of sending commands, and what devices answered."""
        delivery.sent(gateway, sent, answers)
