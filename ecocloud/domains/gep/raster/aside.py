"""Work done beside the main thread of a run, on what the main thread leaves of the processor."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

_STEPS_BACK = 5  # how much nicer than the main thread, which everything waits for in the end


class Aside:
    """Use it as a context: at its end everything is done, or was told to halt because the main thread failed.

    With one thread all is done at once where it is asked for.
    """

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(2) if threads > 1 else None
        self._given: list[Future[Any]] = []
        self._halted = threading.Event()

    def __enter__(self) -> Aside:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._halted.set()
        if self._pool:
            self._pool.shutdown(wait=True)

    def start(self, work: Callable[[], Any]) -> None:
        """Begin with something."""
        if self._pool:
            self._given.append(self._pool.submit(self._done, work))
        else:
            work()

    def _done(self, work: Callable[[], Any]) -> None:
        if sys.platform == "linux":  # where priorities are of threads
            own = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, own, min(os.getpriority(os.PRIO_PROCESS, own) + _STEPS_BACK, 19))
        work()

    @property
    def halted(self) -> bool:
        """Whether the main thread has failed."""
        return self._halted.is_set()

    def check(self) -> None:
        """Raise what has failed meanwhile."""
        for one in self._given:
            if one.done():
                one.result()

    def wait(self) -> None:
        """Wait until all is done; raises what failed."""
        for one in self._given:
            one.result()
