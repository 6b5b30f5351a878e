"""What upper rooms do when a work item made from a record of theirs moves on, in the same transaction.

A room registers one follower for the kind of its references (``alarm:12``); it is told of every move to another state
of items whose source is such a record.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import Change
from ecocloud.kernel.regions.models import User

Follower = Callable[[Change, User, WorkItem, datetime], None]
_followers: dict[str, Follower] = {}


def register_follower(kind: str, follower: Follower) -> None:
    """Call ``follower(tx, user, item, at)`` when an item whose ``source_ref`` is of ``kind`` has moved to another state
    (the item is as it is then). Registering a kind again replaces it."""
    _followers[kind] = follower


def followed(kind: str) -> bool:
    """Whether records of this kind are followed: they are no documents."""
    return kind in _followers


def tell(tx: Change, user: User, item: WorkItem, at: datetime) -> None:
    """Tell the follower of the item's source, if there is one."""
    follower = _followers.get(Ref.parse(item.source_ref).kind) if item.source_ref else None
    if follower is not None:
        follower(tx, user, item, at)
