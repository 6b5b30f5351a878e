"""How often one address may do a thing: counts lie in the cache that the web processes of a machine share.

No address is kept: counts are under a keyed digest, in a fixed number of small files, and go with their window. Two
processes that count in the same moment may lose one of the two: the limit holds against floods, not to the unit.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import caches

from ecocloud.base.errors import EcoError

EVERYBODY = "*"
_BUCKETS = 1024


class TooOften(EcoError):
    """Too much from one address, or from everybody together; nothing was taken."""

    code = "too_often"
    http_status = 429


@dataclass(frozen=True)
class Rate:
    """At most ``most`` times within ``seconds``, counted under ``name``."""

    name: str
    most: int
    seconds: int


def _digest(name: str, address: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"{name}/{address}".encode(), hashlib.sha256).hexdigest()


def wait_for(rate: Rate, address: str, now: float | None = None) -> int:
    """Count one more of ``address`` (:data:`EVERYBODY`: of all together); the seconds until it is free again, 0 where
    it was within the rate."""
    now = time.time() if now is None else now
    mark = _digest(rate.name, address)
    key = f"rate:{rate.name}:{int(mark[:8], 16) % _BUCKETS}"
    shared = caches["shared"]
    held = {one: row for one, row in (shared.get(key) or {}).items() if now - row[1] < rate.seconds}
    count, since = held.get(mark[8:24], (0, now))
    if count >= rate.most:
        return max(1, round(rate.seconds - (now - since)))
    held[mark[8:24]] = (count + 1, since)
    shared.set(key, held, rate.seconds)
    return 0


def spend(rate: Rate, address: str, now: float | None = None) -> None:
    """Count one use; raises :class:`TooOften`, which says for how many minutes, when that is more than ``rate``."""
    wait = wait_for(rate, address, now)
    if wait:
        minutes = -(-wait // 60)
        raise TooOften(
            f"过于频繁，请约 {minutes} 分钟后再试。已填写的内容没有丢失，也没有重复提交。",
            f"too many attempts, please try again in about {minutes} min; what you typed is still here",
            value=rate.name,
        )
