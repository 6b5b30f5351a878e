"""检索: Chinese full-text search in a folder, fed by jobs.

Importing registers the jobs ``search.update``, ``search.rebuild`` and ``search.check``.
"""

from ecocloud.base.search.index import (
    EVERYONE,
    Hit,
    Results,
    SearchBusy,
    SearchDamaged,
    SearchDoc,
    SearchIndex,
)
from ecocloud.base.search.services import check, index_later, query, rebuild, site_index, waiting
from ecocloud.base.search.sources import SearchSource, kinds_for, register_source, search_sources

__all__ = [
    "EVERYONE",
    "Hit",
    "Results",
    "SearchBusy",
    "SearchDamaged",
    "SearchDoc",
    "SearchIndex",
    "SearchSource",
    "check",
    "index_later",
    "kinds_for",
    "query",
    "rebuild",
    "register_source",
    "search_sources",
    "site_index",
    "waiting",
]
