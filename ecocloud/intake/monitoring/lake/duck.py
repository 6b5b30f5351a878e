"""The DuckDB of this process: in memory, one thread for each question, bounded; it cannot write files of the lake.

All questions share it, so that what footers of files say is read once. Files of the lake never change, but they come
and go with every compaction, and DuckDB forgets no footer and counts none of them as memory: so many are kept, then it
begins anew.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence

import duckdb

from ecocloud.intake.monitoring.lake.files import GROUP
from ecocloud.intake.monitoring.lake.manifest import File

MEMORY = "512MB"
# Row groups whose footers are kept; one takes some 24 kB.
MOST_GROUPS = 10_000


class Duck:
    """For any number of threads; one that was forked makes its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: duckdb.DuckDBPyConnection | None = None
        self._process, self._groups = 0, 0
        self._known: set[str] = set()

    def ready(self, files: Sequence[File]) -> duckdb.DuckDBPyConnection:
        """A connection for one question about these files; close it."""
        with self._lock:
            new = [file for file in files if file.name not in self._known]
            self._groups += sum(1 + file.rows // GROUP for file in new)
            if self._made is None or self._process != os.getpid() or self._groups > MOST_GROUPS:
                self._made, self._process, new = _made(), os.getpid(), list(files)
                self._known, self._groups = set(), sum(1 + file.rows // GROUP for file in new)
            self._known.update(file.name for file in new)
            return self._made.cursor()


def _made() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect(":memory:", config={"threads": 1, "memory_limit": MEMORY})
    # Of the database, not of one connection: they hold for its cursors, too.
    made.execute("SET GLOBAL parquet_metadata_cache=true; SET GLOBAL TimeZone='UTC'; SET lock_configuration=true")
    return made
