"""What a GeoPackage holds besides plain tables. It is a database whose views and virtual tables are programmes of
whoever made it: GDAL's reader runs them, and Spatialite's virtual tables open any file of the machine.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

_NAME = r"""(?:"[^"]*"|'[^']*'|\[[^\]]*\]|`[^`]*`|\w+)"""
# As SQLite keeps them: tables, indexes, triggers (which run when something is written), the index of places.
_PLAIN = re.compile(
    rf"CREATE\s+(?:(?:UNIQUE\s+)?INDEX\s|TABLE\s|TRIGGER\s|VIRTUAL\s+TABLE\s+{_NAME}\s+USING\s+rtree\s*\()",
    re.IGNORECASE,
)


def foreign(path: Path) -> str:
    """The first view or virtual table (other than an index of places) in a GeoPackage; '' for none. Raises
    :class:`sqlite3.Error`: it is no database.
    """
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as database:
        for name, told in database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"):
            if not _PLAIN.match(told if isinstance(told, str) else ""):
                return str(name)
    return ""
