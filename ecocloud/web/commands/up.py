"""``ecocloud up``: web, worker and the processes of the rooms together, stopped together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from ecocloud.base.rooms import all_rooms


def add_arguments(parser) -> None:
    """Address, port and number of web processes."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=0, help="web processes (default: three for each core)")


def run(args) -> int:
    """Bring the database up to date, then serve."""
    from ecocloud.web import installation

    installation.migrate()
    return serve(args.host, args.port, args.workers)


def _commands(host: str, port: int, workers: int) -> list[list[str]]:
    workers = workers or 3 * (os.cpu_count() or 1)
    web = [sys.executable, "-m", "gunicorn", "ecocloud.web.wsgi:application", "--config", "python:ecocloud.web.serving"]
    web += ["--bind", f"{host}:{port}", "--workers", str(workers)]
    beside = [("worker",), *(words for room in all_rooms() for words in room.processes)]
    return [web, *([sys.executable, "-m", "ecocloud.cli", *words] for words in beside)]


def serve(host: str, port: int, workers: int) -> int:
    """Run all of them until one ends or a signal comes; returns the exit code of the one that ended first."""
    children = [subprocess.Popen(command, env=os.environ.copy()) for command in _commands(host, port, workers)]

    def stop(*_) -> None:
        for child in children:
            if child.poll() is None:
                child.terminate()

    signal.signal(signal.SIGTERM, stop)
    try:
        while all(child.poll() is None for child in children):
            time.sleep(0.3)
    except KeyboardInterrupt:
        pass
    stop()
    codes = [child.wait(timeout=30) for child in children]
    return next((code for code in codes if code > 0), 0)
