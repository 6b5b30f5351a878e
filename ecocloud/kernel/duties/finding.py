"""The text filter of the ledger: exact and of bounded cost on a ledger of any size.

An item is found when its title holds the text as written, or its code begins with it. At most ``MOST`` items are found,
the most pressing ones; the page says so, and every count is the count of what is found. The index of base/search only
proposes; the database decides. What the index does not know yet is named by its waiting jobs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import BooleanField, Case, Q, QuerySet, Value, When

from ecocloud.base import search
from ecocloud.base.errors import EcoError
from ecocloud.kernel.duties import queries
from ecocloud.kernel.duties.models import ItemCount, ItemSeat, WorkItem
from ecocloud.kernel.regions.models import User

MOST = 500
# Rows that may be looked through one by one; proposals that may be checked; waiting jobs that may be read.
_PROBE, _PROPOSALS, _WAITING = 1500, 5000, 200
# How far along the order of the list words are looked for that the index calls frequent.
_STRETCHES = (6_000, 24_000)
_KEEP = 300
_LAST = "\U0010ffff"


@dataclass(frozen=True)
class Found:
    """Keys and light ranks of what was found, in the order of the list; ``more`` when there is more than ``MOST``."""

    keys: tuple[int, ...]
    ranks: tuple[int, ...]
    more: bool

    @classmethod
    def of(cls, rows: Iterable[tuple]) -> Found:
        """From rows of (light rank, due, key) in order, one more than ``MOST`` at most being looked at."""
        rows = list(rows)
        kept = rows[:MOST]
        return cls(tuple(row[2] for row in kept), tuple(row[0] for row in kept), len(rows) > MOST)


def is_code(text: str) -> bool:
    """Whether ``text`` is looked up as a code only: a year, a hyphen, a number, perhaps a word before."""
    return re.fullmatch(r"[^\W\d]{0,6}\d{4}-[\d-]*", text) is not None


def holds(text: str, prefix: str = "") -> Q:
    """The condition of the text filter on items, or on rows that point at items by ``prefix`` (``item__``)."""
    code = Q(**{f"{prefix}code__gte": text, f"{prefix}code__lt": text + _LAST})
    return code if is_code(text) else code | Q(**{f"{prefix}title__icontains": text})


def found(viewer: User, rows: QuerySet[WorkItem], text: str, seats: QuerySet | None = None) -> Found:
    """The most pressing items of ``rows`` that hold ``text``.

    Parameters
    ----------
    rows: the list without the text filter.
    seats: the seats of one unit on the very same items, where there are such.
    """
    ordered = rows.order_by(*queries.ORDER)
    if is_code(text):
        return Found.of(ordered.filter(holds(text)).values_list(*queries.ORDER)[: MOST + 1])
    # A list by seats is in the order of its index; looking an item up costs no more than the item.
    source, prefix = (ordered, "") if seats is None else (seats.order_by("light_rank", "due", "item_id"), "item__")
    columns = ("light_rank", "due", "id" if seats is None else "item_id")
    hit = Case(When(holds(text, prefix), then=Value(True)), default=Value(False), output_field=BooleanField())
    marked = source.annotate(hit=hit).values_list(*columns, "hit")
    hits, whole = _head(marked, _PROBE)
    if whole or len(hits) > MOST:
        return Found.of(hits)
    proposed = _proposed(viewer, text)
    if proposed is not None:
        code = Q(code__gte=text, code__lt=text + _LAST)
        maybe = rows.filter(Q(pk__in=proposed) | code).filter(holds(text)).order_by()
        return Found.of(sorted(maybe.values_list(*queries.ORDER)))
    # Frequent words: enough of them stand near the head of the order. A planner that cannot know this reads it all.
    for stretch in _STRETCHES:
        hits, whole = _head(marked, stretch)
        if whole or len(hits) > MOST:
            return Found.of(hits)
    return Found.of(source.filter(holds(text, prefix)).values_list(*columns)[: MOST + 1])


def _head(marked: QuerySet, stretch: int) -> tuple[list[tuple], bool]:
    """The hits among the first ``stretch`` rows of the order, and whether that was all there is."""
    near = list(marked[:stretch])
    return [row[:3] for row in near if row[3]], len(near) < stretch


def _proposed(viewer: User, text: str) -> list[int] | None:
    """Keys of items whose title may hold ``text``, none left out; None where the index cannot say."""
    waiting = search.waiting(_WAITING)
    if waiting is None:
        return None
    view = queries.view_of(viewer)
    scopes = None if view.everything or view.own else [f"d{unit}" for unit in view.departments]
    index = search.site_index()
    try:
        if index.count("item") + len(waiting) < _all_items():
            return None
        count, refs = index.refs(text, kind="item", scopes=scopes, limit=_PROPOSALS)
    except EcoError:
        return None
    if count > _PROPOSALS:
        return None
    return sorted({int(ref.partition(":")[2]) for ref in (*refs, *waiting) if ref.startswith("item:")})


def _all_items() -> int:
    """How many items there were lately: an index that was never built proposes nothing."""
    whole = cache.get("duties.items")
    if whole is None:
        whole = sum(ItemCount.objects.filter(role=ItemSeat.Role.LEAD).values_list("count", flat=True))
        cache.set("duties.items", whole, _KEEP)
    return whole
