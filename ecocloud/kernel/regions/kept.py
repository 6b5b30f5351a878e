"""Numbers of a person that pages ask for again and again, kept for all web processes of the machine.

What the person does shows at once, for a number is kept under the newest entry of the journal that is the person's own;
what others do shows within the seconds for which it is kept, give or take a fifth: the numbers of many people who
came at the same time must not fall due together.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.utils import timezone

from ecocloud.kernel.journal.queries import last_of
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.models import User


def kept(user: User, name: str, count: Callable[[], Any], seconds: int) -> Any:
    """``count()``, a number or several, kept for ``seconds`` under ``name`` for this person, the day, and the person's
    rights, unit and key."""
    own_last = scope.remembered(user, "journal.last", lambda: last_of(f"user:{user.pk}"))
    rights = (user.rights_version, user.department_id, getattr(user, "key_head", ""))
    under = (*rights, timezone.localdate(), own_last)
    shared, key = caches["shared"], f"kept:{name}:{user.pk}"  # few keys, used again: see SharedFiles
    held = shared.get(key)
    if held is not None and held[0] == under:
        return held[1]
    found = count()
    shared.set(key, (under, found), seconds * random.uniform(0.8, 1.2) if not settings.TESTING else 0)
    return found
