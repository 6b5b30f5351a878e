"""What commands register when a process starts: the resolver of their references."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from ecocloud.intake.monitoring.commanding import queries, showing
from ecocloud.intake.monitoring.commanding.models import Command
from ecocloud.kernel.journal.refs import Ref, Resolved, register_resolver


def register() -> None:
    """Register ``command:ID``."""
    register_resolver("command", _command)


def _command(ref: Ref, viewer: Any) -> Resolved | None:
    number = int(ref.key) if ref.key.isdecimal() and len(ref.key) < 19 else None
    row = Command.objects.select_related("device").filter(pk=number).first()
    if row is None:
        return None
    title = f"{showing.name_of(row.cn, row.edition)} {row.device.name}"
    if viewer is None or not queries.commands(viewer).filter(pk=row.pk).exists():
        return Resolved(ref, title, allowed=False)
    return Resolved(ref, title, reverse("monitoring:command", args=[row.pk]), excerpt=row.reason,
                    place=row.get_state_display())  # fmt: skip
