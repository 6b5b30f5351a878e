"""The way to change anything: ``with change(actor) as tx``.

One outermost block is one database transaction. Its entries are inserted and sealed by one link at the end; the chain
head is locked last, so that business rows never wait for the head while holding it.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from ecocloud.base import bulk, typed
from ecocloud.base.errors import Conflict, EcoError
from ecocloud.kernel.journal import anchors, chain
from ecocloud.kernel.journal.models import Entry, Head, Link, RefusalCount
from ecocloud.kernel.journal.refs import Ref


@dataclass(frozen=True)
class Actor:
    """Who acts: the person as known now, kept as text so that the record outlives the account."""

    id: str
    name: str
    department: str = ""
    address: str = ""
    request_id: str = ""


SYSTEM = Actor("system", "系统")


class Busy(Conflict):
    """The database is busy; nothing was changed and the same call may be repeated."""

    code = "journal.busy"
    http_status = 503


class JournalError(EcoError):
    """The journal cannot be written; the business change is refused with it."""

    code = "journal.unwritable"
    http_status = 500


class Change:
    """One business transaction in the making; made by :func:`change` only."""

    def __init__(self) -> None:
        self.tx = uuid.uuid4().hex
        self._entries: list[Entry] = []
        self._hooks: list[Callable[[], None]] = []
        self._actors: list[Actor] = []

    @property
    def actor(self) -> Actor:
        """The actor of the innermost block."""
        return self._actors[-1]

    def log(
        self,
        action: str,
        ref: Ref | str,
        before: Any = None,
        after: Any = None,
        note: str = "",
        actor: Actor | None = None,
    ) -> None:
        """Record that ``action`` changed the record ``ref`` from ``before`` to ``after``.

        ``action`` is ``room.thing.verb``; ``before`` and ``after`` are plain values (dicts of changed fields);
        ``note`` is the person's opinion in their own words; raises ``base.typed.BadInput`` for signs nobody can see.
        """
        ref = Ref.parse(ref) if isinstance(ref, str) else ref
        who = actor or self.actor
        place = str(Ref("x", "x", ref.fragment, ref.version))[3:]
        self._entries.append(
            Entry(
                tx=self.tx,
                at=timezone.now(),
                actor_id=who.id,
                actor_name=who.name[:80],
                actor_unit=who.department[:120],
                address=who.address[:64],
                request_id=who.request_id[:40],
                action=action,
                ref_kind=ref.kind,
                ref_key=ref.key,
                ref_place=place,
                before=chain.canonical(before),
                after=chain.canonical(after),
                note=typed.visible(note),
            )
        )

    def before_seal(self, hook: Callable[[], None]) -> None:
        """Run ``hook`` once, inside the transaction, just before the chain head is locked."""
        self._hooks.append(hook)

    def _seal(self) -> None:
        for hook in self._hooks:
            hook()
        if not self._entries:
            return
        for position, entry in enumerate(self._entries):
            entry.position = position
            entry.digest = chain.entry_digest(entry.sealed_fields())
        bulk.insert(self._entries)
        rows = chain.rows_digest(entry.digest for entry in self._entries)
        head = Head.objects.select_for_update().filter(pk=1).first()
        if head is None:
            raise JournalError(
                "留痕链头缺失，系统拒绝写入。", "journal head is missing", remedy_zh="请运行 ecocloud verify-journal。"
            )
        content = chain.LinkContent(
            number=head.number + 1,
            tx=self.tx,
            at=timezone.now(),
            count=len(self._entries),
            total=head.total + len(self._entries),
            rows=rows,
            previous=head.digest,
        )
        link = Link.objects.create(digest=chain.link_digest(content), **vars(content))
        head.number, head.total, head.digest, head.at = link.number, link.total, link.digest, link.at
        head.signature = anchors.sign_head(head)
        head.save()
        transaction.on_commit(lambda: anchors.after_commit(link.number))


_current: ContextVar[Change | None] = ContextVar("ecocloud_change", default=None)
_BUSY_WORDS = ("locked", "busy", "deadlock", "could not serialize", "lock timeout", "canceling statement")


@contextmanager
def change(actor: Actor) -> Iterator[Change]:
    """A business transaction by ``actor``: all of it happens and is journalled, or none of it.

    Inside another ``change`` the block joins it: what it logged disappears if it raises and the outer block goes on.
    Raises :class:`Busy` when the database could not give the lock in time: nothing happened, repeating is safe.
    """
    running = _current.get()
    if running is not None:
        mark, hooks = len(running._entries), len(running._hooks)
        running._actors.append(actor)
        try:
            with transaction.atomic():
                yield running
        except BaseException:
            del running._entries[mark:]
            del running._hooks[hooks:]
            raise
        finally:
            running._actors.pop()
        return
    fresh = Change()
    fresh._actors.append(actor)
    token = _current.set(fresh)
    try:
        with transaction.atomic():
            yield fresh
            fresh._seal()
    except OperationalError as error:
        if any(word in str(error).lower() for word in _BUSY_WORDS):
            raise Busy("系统正忙，本次操作未生效。", f"database busy: {error}", remedy_zh="请稍后再试。") from error
        raise
    finally:
        _current.reset(token)


_refusals: Counter[tuple[str, str]] = Counter()
_refusals_lock = threading.Lock()
_refusals_flushed = 0.0
_REFUSAL_FLUSH_SECONDS = 60.0


def count_refusal(route: str, reason: str) -> None:
    """Count a refusal of somebody who is not signed in (by day and route).

    Counted in memory and written at most once a minute, so that a flood of anonymous calls cannot become a flood of
    database writes.
    """
    global _refusals_flushed
    with _refusals_lock:
        _refusals[route[:120], reason[:60]] += 1
        if time.monotonic() - _refusals_flushed < _REFUSAL_FLUSH_SECONDS:
            return
        _refusals_flushed = time.monotonic()
        waiting = dict(_refusals)
        _refusals.clear()
    with transaction.atomic():
        for (where, why), count in sorted(waiting.items()):
            row, _ = RefusalCount.objects.get_or_create(day=timezone.localdate(), route=where, reason=why)
            RefusalCount.objects.filter(pk=row.pk).update(count=F("count") + count)
