"""When packets are received, so that what came later never bears an earlier time than what it corrects."""

from __future__ import annotations

import time

# A clock that is set back by less is waited for; one set back further was wrong, and is believed at once (µs).
WAITED_FOR = 60_000_000


class Clock:
    """Times in µs since 1970 UTC. The lake orders versions by them: a time service that takes a second back must not
    put a correction before what it corrects. Waited for, all packets have the last time, and their sequence decides.
    """

    def __init__(self) -> None:
        self._last = 0

    def now(self) -> int:
        """The time by the system's clock, or the last one given while the clock is a little behind it."""
        at = time.time_ns() // 1000
        if at < self._last < at + WAITED_FOR:
            return self._last
        self._last = at
        return at

    def saw(self, at: int) -> None:
        """A time that was given before, by another process perhaps."""
        self._last = max(self._last, at)
