"""What the rooms offer to search."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

from ecocloud.base.search.index import SearchDoc

One = Callable[[str], SearchDoc | Iterable[SearchDoc] | None]


@dataclass(frozen=True)
class SearchSource:
    """A kind of record: all its documents, the documents of one reference, its label, the right to see it."""

    kind: str
    iterate: Callable[[], Iterable[SearchDoc]]
    one: One
    label_zh: str = ""
    permission: str = ""


_sources: dict[str, SearchSource] = {}


def register_source(
    kind: str, iterate: Callable[[], Iterable[SearchDoc]], one: One, *, label_zh: str = "", permission: str = ""
) -> None:
    """Offer a kind to search; ``kind`` is the kind of its references. Registering again replaces."""
    _sources[kind] = SearchSource(kind, iterate, one, label_zh or kind, permission)


def search_sources() -> tuple[SearchSource, ...]:
    """All registered sources in the order of registration."""
    return tuple(_sources.values())


def source_of(ref: str) -> SearchSource | None:
    """The source of a reference by its kind."""
    return _sources.get(ref.partition(":")[0])


def kinds_for(allowed: Callable[[str], bool]) -> dict[str, str]:
    """Kind -> label of the sources a person may search; ``allowed(permission)`` decides, '' is open to all."""
    return {
        source.kind: gettext(source.label_zh)
        for source in _sources.values()
        if not source.permission or allowed(source.permission)
    }
