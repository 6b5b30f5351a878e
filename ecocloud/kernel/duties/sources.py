"""Documents that items come from, for the filter of the ledger."""

from __future__ import annotations

from django.db import connection

from ecocloud.kernel.duties import queries
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.regions.models import User

# Seats that are looked through for documents.
_LOOKED = 300
# From one document to the next through the index, without reading the items between them.
_LEAPS = """
WITH RECURSIVE d(doc) AS (
  SELECT MIN(source_doc) FROM {table} WHERE source_doc > ''
  UNION ALL SELECT (SELECT MIN(source_doc) FROM {table} WHERE source_doc > d.doc) FROM d WHERE d.doc IS NOT NULL
) SELECT doc, (SELECT source_title FROM {table} WHERE source_doc = d.doc LIMIT 1) FROM d WHERE doc IS NOT NULL LIMIT %s
"""


def documents(viewer: User, most: int) -> dict[str, str]:
    """References and titles of documents that visible items come from, at most ``most``.

    Who sees everything gets all documents; others those of their most pressing items.
    """
    view = queries.view_of(viewer)
    if view.nothing:
        return {}
    if view.everything:
        with connection.cursor() as cursor:
            cursor.execute(_LEAPS.format(table=connection.ops.quote_name(WorkItem._meta.db_table)), [most])
            return dict(cursor.fetchall())
    if view.single:
        seats = view.seats().order_by("light_rank", "due", "item_id")
        rows = seats.values_list("item__source_doc", "item__source_title")[:_LOOKED]
    else:
        rows = queries.visible(viewer).order_by(*queries.ORDER).values_list("source_doc", "source_title")[:_LOOKED]
    found = {doc: title for doc, title in rows if doc}
    return dict(list(found.items())[:most])
