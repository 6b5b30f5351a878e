"""``ecocloud worker``: jobs and schedules."""

from __future__ import annotations

import os
import signal
import threading

# Work nobody waits for stands behind pages and devices.
NICE = 5


def add_arguments(parser) -> None:
    """``--once`` empties the queue and ends; ``--take`` shares the jobs between workers."""
    parser.add_argument("--once", action="store_true", help="run what is due, then end")
    parser.add_argument("--take", choices=("all", "quick", "long"), default="all",
                        help="which jobs: those that may last for hours, or the others")  # fmt: skip


def run(args) -> int:
    """Run jobs until a signal comes."""
    from ecocloud.base.jobs import job_names, run_worker

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    os.nice(NICE)
    names = None if args.take == "all" else job_names(long=args.take == "long")
    run_worker(stop, once=args.once, names=names)
    return 0
