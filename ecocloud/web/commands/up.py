"""``ecocloud up``: web, worker and the rooms' own processes together, stopped together.

When web or worker ends, all end. A process of a room that ends (a port is taken, a disk refuses) is started anew with
growing pauses, and the pages stay open meanwhile.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from ecocloud.base.rooms import all_rooms, load

# Seconds until a process of a room that ended is started anew: doubled each time, up to the last.
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0
# Seconds after which a worker for jobs that may last for hours is started: the pages come first.
LONG_LATER = 15.0


def add_arguments(parser) -> None:
    """Address, port and number of web processes."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=0, help="web processes (default: three for each core)")
    parser.add_argument("--alone", action="store_true", help="web and worker only, no processes of rooms")


def run(args) -> int:
    """Bring the database up to date, then serve."""
    from ecocloud.web import installation

    installation.migrate()
    return serve(args.host, args.port, args.workers, alone=args.alone)


def _commands(host: str, port: int, workers: int, take: str) -> list[list[str]]:
    workers = workers or 3 * (os.cpu_count() or 1)
    web = [sys.executable, "-m", "gunicorn", "ecocloud.web.wsgi:application", "--config", "python:ecocloud.web.serving"]
    web += ["--bind", f"{host}:{port}", "--workers", str(workers)]
    return [web, _ecocloud(["worker", "--take", take])]


def _ecocloud(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "ecocloud.cli", *arguments]


class _Beside:
    """A process of a room: started, and started anew after it ended."""

    def __init__(self, arguments: list[str], first: float = 0.0) -> None:
        self._command, self._pause, self._next = _ecocloud(arguments), FIRST_PAUSE, first
        self.child: subprocess.Popen | None = None

    def look(self, now: float) -> None:
        """Start it when it is time; notice that it ended."""
        if self.child is not None and self.child.poll() is not None:
            self.child, self._next = None, now + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        if self.child is None and now >= self._next:
            self.child = subprocess.Popen(self._command, env=os.environ.copy())


def beside(demo: bool) -> list[list[str]]:
    """The arguments of the rooms' processes that are wanted."""
    wanted = (load(process)(demo) for room in all_rooms() for process in room.processes)
    return [list(arguments) for arguments in wanted if arguments]


def serve(host: str, port: int, workers: int, *, demo: bool = False, alone: bool = False) -> int:
    """Run everything until web or worker ends or a signal comes; returns the exit code of the one that ended first.

    demo: the sample site is served. alone: without the processes of rooms.
    """
    from ecocloud.web import state

    state.ask()  # what an installation finds wrong with itself is known once it is served
    children = [
        subprocess.Popen(command, env=os.environ.copy())
        for command in _commands(host, port, workers, "all" if alone else "quick")
    ]
    others = [] if alone else [_Beside(arguments) for arguments in beside(demo)]
    if not alone:  # so that alarms, reminders and anchors need not wait for it
        others.append(_Beside(["worker", "--take", "long"], time.monotonic() + LONG_LATER))
    ending = False

    def stop(*_) -> None:
        nonlocal ending
        ending = True
        for child in (*children, *(one.child for one in others)):
            if child is not None and child.poll() is None:
                child.terminate()

    signal.signal(signal.SIGTERM, stop)
    try:
        while all(child.poll() is None for child in children):
            for one in () if ending else others:
                one.look(time.monotonic())
            time.sleep(0.3)
    except KeyboardInterrupt:
        pass
    stop()
    codes = [child.wait(timeout=30) for child in children]
    for one in others:
        if one.child is not None:
            one.child.wait(timeout=30)
    return next((code for code in codes if code > 0), 0)
