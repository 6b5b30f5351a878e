"""The installation's index: changed by jobs, asked by pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from ecocloud.base import jobs
from ecocloud.base.jobs import job, periodic
from ecocloud.base.search.index import Results, SearchDamaged, SearchDoc, SearchIndex
from ecocloud.base.search.sources import search_sources, source_of

_REFS_PER_JOB = 2000


def site_index() -> SearchIndex:
    """The index of this installation (``HOME/search``)."""
    return _index_at(Path(settings.HOME) / "search")


@cache
def _index_at(path: Path) -> SearchIndex:
    return SearchIndex(path)


def index_later(*refs: str, created_by: str = "") -> None:
    """Bring records up to date in the index once the caller's transaction is committed (also when they are gone)."""
    known = list(dict.fromkeys(map(str, refs)))
    for start in range(0, len(known), _REFS_PER_JOB):
        jobs.enqueue("search.update", {"refs": known[start : start + _REFS_PER_JOB]}, created_by=created_by)


def query(
    text: str,
    *,
    kinds: Sequence[str] | None = None,
    scopes: Sequence[str] | None = None,
    limit: int = 20,
    offset: int = 0,
) -> Results:
    """Search this installation; a damaged index is put up for rebuilding and :class:`SearchDamaged` is raised."""
    try:
        return site_index().query(text, kinds=kinds, scopes=scopes, limit=limit, offset=offset)
    except SearchDamaged:
        jobs.enqueue("search.rebuild", key="search")
        raise


def check() -> list[str]:
    """For ``ecocloud check``: what is damaged."""
    return site_index().check()


@job("search.update", max_attempts=30, backoff=2, label_zh="更新检索库")
def update(context: Any) -> dict[str, int]:
    """Write the present state of the records named by this job and by those waiting behind it."""
    payloads = [context.payload, *context.absorb()]
    docs: list[SearchDoc] = []
    gone: list[str] = []
    for ref in dict.fromkeys(ref for payload in payloads for ref in payload["refs"]):
        source = source_of(ref)
        if source is None:
            continue
        found = source.one(ref)
        fresh = [found] if isinstance(found, SearchDoc) else list(found or ())
        docs.extend(replace(doc, group=ref) for doc in fresh)
        if not fresh:
            gone.append(ref)
    if not docs and not gone:
        return {"written": 0, "gone": 0}
    try:
        site_index().upsert(docs, gone)
    except SearchDamaged:
        jobs.enqueue("search.rebuild", key="search")
        raise
    return {"written": len(docs), "gone": len(gone)}


def waiting(most: int = 200) -> set[str] | None:
    """References of records whose change the index may not hold yet; None when more than ``most`` jobs wait."""
    from ecocloud.base.jobs.models import Job, State  # the index itself is used without Django's apps, too

    behind = (State.QUEUED, State.RUNNING, State.FAILED)
    jobs_behind = Job.objects.filter(name="search.update", state__in=behind)
    payloads = list(jobs_behind.values_list("payload", flat=True)[: most + 1])
    return None if len(payloads) > most else {ref for payload in payloads for ref in payload["refs"]}


def rebuild(progress: Any = None) -> int:
    """Build the index anew from every source; ``progress(count)`` is called now and then. Returns the documents."""
    return site_index().rebuild(_everything(progress))


def _everything(progress: Any) -> Iterator[SearchDoc]:
    count = 0
    for source in search_sources():
        for doc in source.iterate():
            count += 1
            if progress and count % 500 == 0:
                progress(count)
            yield doc


@job("search.rebuild", max_attempts=5, backoff=30, label_zh="重建检索库")
def rebuild_job(context: Any) -> dict[str, int]:
    """Rebuild as a job, with progress and cancellation."""

    def progress(count: int) -> None:
        context.check()
        context.progress(count, None, "正在重建检索库")

    return {"documents": rebuild(progress)}


@periodic("search.check", at="03:40", label_zh="检查检索库")
def check_nightly(context: Any) -> dict[str, int]:
    """Rebuild the index at night when a file of it is damaged."""
    found = check()
    if found:
        jobs.enqueue("search.rebuild", key="search")
    return {"damaged": len(found)}
