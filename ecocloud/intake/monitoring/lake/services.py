"""What changes the lake by rule, with its entry in the journal."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from ecocloud.intake.monitoring.lake import site
from ecocloud.intake.monitoring.lake.care import Ended, end, ended, replay
from ecocloud.intake.monitoring.lake.latest import Newest
from ecocloud.intake.monitoring.lake.manifest import Manifest
from ecocloud.intake.monitoring.lake.refs import FILES
from ecocloud.kernel.journal.services import SYSTEM, change


def end_retention(now: datetime, *, look_only: bool = False) -> Ended:
    """Delete what has been kept for the days of the settings (0: for ever); journalled before it happens.

    Beside a running ``lake ingest``, which holds its lock as long as it runs: that reads no raw file that may end here.
    """
    store = site.store()
    with store.lock("compact", wait=True):
        what = ended(store, site.raw_folder(), now, settings.LAKE_DAYS, settings.RAW_DAYS)
        if look_only or not (what.files or what.raw):
            return what
        periods = sorted({"/".join(file.partition) for file in what.files})
        raw = [path.relative_to(site.raw_folder()).as_posix() for path in what.raw]
        facts = {"rows": what.rows, "files": len(what.files), "first": periods[:1], "last": periods[-1:], "raw": raw,
                 "lake_days": settings.LAKE_DAYS, "raw_days": settings.RAW_DAYS}  # fmt: skip
        with change(SYSTEM) as tx:
            tx.log("monitoring.lake.end", FILES, after=facts)
        end(store, what)
    return what


def rebuild(now: datetime) -> Manifest:
    """Build the lake and the table of newest values again from the raw journals; journalled.

    Raises :class:`Held` while ``lake ingest`` runs: it holds its lock until it is stopped.
    """
    store = site.store()
    with store.lock("ingest"), store.lock("compact", wait=True):
        before = store.newest()
        after = replay(store, site.raw_folder(), lambda one: site.ingester(one, newest=False), now)
        Newest(store).rebuild()
        with change(SYSTEM) as tx:
            tx.log("monitoring.lake.rebuild", FILES, {"rows": before.rows}, {"rows": after.rows})
    return after


def record_export(rows: int, name: str, question: dict) -> None:
    """An export by the command line is journalled like one by a page."""
    with change(SYSTEM) as tx:
        tx.log("monitoring.lake.export", FILES, after={"rows": rows, "file": name, **question})
