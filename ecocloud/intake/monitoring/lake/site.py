"""The lake of this installation: where it lies, and what it takes from the register of devices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from django.conf import settings

from ecocloud.intake.monitoring.gateway.backstage_db import DatabaseBackstage
from ecocloud.intake.monitoring.hj212.dialect import Dialect
from ecocloud.intake.monitoring.lake import keeping
from ecocloud.intake.monitoring.lake.days import days_of
from ecocloud.intake.monitoring.lake.latest import Newest
from ecocloud.intake.monitoring.lake.manifest import Store
from ecocloud.intake.monitoring.lake.reading import SECONDS, Snapshot
from ecocloud.intake.monitoring.lake.schema import Partition
from ecocloud.intake.monitoring.stations.errors import SealBroken
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.intake.monitoring.stations.services.devices import dialect_of, key_of
from ecocloud.intake.monitoring.stations.services.late import note_late

if TYPE_CHECKING:
    from ecocloud.intake.monitoring.lake.ingest import Ingester
    from ecocloud.intake.monitoring.lake.ingest import Newest as Tell


def folder() -> Path:
    """The folder of the lake."""
    return Path(settings.HOME) / "lake"


def raw_folder() -> Path:
    """The folder of the raw journals."""
    return folder() / "raw"


def kept() -> AbstractContextManager[Callable[[], keeping.Members]]:
    """Lake and raw journals of the installation for its backup."""
    return keeping.held(folder())


def store() -> Store:
    """The lake's manifests and files."""
    return Store(folder())


def snapshot(seconds: float | None = SECONDS) -> Snapshot:
    """The lake as it is now. seconds: the limit of a question, None without."""
    return Snapshot(store(), seconds=seconds)


def ingester(of: Store, *, newest: bool = True) -> Ingester:
    """Takes the raw journals of the installation into a lake. newest: whether the table of newest values is
    moved and late days are noted."""
    # Brings the compiler of the bulk decoder, which no process that only serves pages needs.
    from ecocloud.intake.monitoring.lake.ingest import Ingester

    backstage = DatabaseBackstage()
    return Ingester(of, raw_folder(), backstage.admitted, _told(Newest(of)) if newest else None, dialects=_switched_off)


def _told(newest: Newest) -> Tell:
    """Newest values are moved, and days that values come late for are noted, before a batch is committed."""

    def tell(parts: list[tuple[Partition, pa.Table]]) -> None:
        newest(parts)
        note_late(days_of(parts))

    return tell


def _switched_off() -> Mapping[str, Dialect]:
    """Dialects of devices that are switched off: what they sent before is still read by them."""
    found = {}
    for row in Device.objects.filter(enabled=False).only("pk", "mn", "cipher_key", "dialect"):
        try:
            found[row.mn] = dialect_of(row, key_of(row))
        except SealBroken:
            found[row.mn] = dialect_of(row)
    return found
