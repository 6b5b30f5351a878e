"""``ecocloud worker``: jobs and schedules."""

from __future__ import annotations

import os
import signal
import threading

# Work nobody waits for stands behind pages and devices.
NICE = 5


def add_arguments(parser) -> None:
    """``--once`` empties the queue and ends."""
    parser.add_argument("--once", action="store_true", help="run what is due, then end")


def run(args) -> int:
    """Run jobs until a signal comes."""
    from ecocloud.base.jobs import run_worker

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    os.nice(NICE)
    run_worker(stop, once=args.once)
    return 0
