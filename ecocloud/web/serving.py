"""Settings of the web processes (gunicorn reads this module; see ``ecocloud up``).

Processes, not threads: the database driver of SQLite gives up the interpreter's lock for every row, and beside a busy
thread each row would wait some milliseconds to get it back.

One request at a time for each process and no kept connections: all wait in the one queue of the socket, and the process
that is free first takes the next. A kept connection would wait for its own process even while others are idle.
Connections that browsers open ahead and leave silent must not occupy a process: the system holds them back until their
first bytes have come.
"""

from __future__ import annotations

import gc
import socket
from typing import Any

from ecocloud.base.rooms import all_rooms, load

worker_class = "gthread"
threads = 1
worker_connections = 1
keepalive = 0
timeout = 60
max_requests = 20000
max_requests_jitter = 2000
loglevel = "warning"
preload_app = True
# Browsers drop a connection opened ahead after ten seconds.
SILENT_SECONDS = 60
# What is loaded before the processes part stays for good: the collector need not walk through it again and again, and
# a page makes some ten thousand containers that reference counting frees by itself. With Python's own 700 every page
# is searched a dozen times (a quarter of the wait under load); cycles are still found.
YOUNG_CONTAINERS, YOUNG_ROUNDS, MIDDLE_ROUNDS = 50_000, 20, 20


def when_ready(server: Any) -> None:
    """Gunicorn's hook before the processes part: what is loaded is set aside for the collector, and connections are
    handed over with their first bytes (Linux; elsewhere at once)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_CONTAINERS, YOUNG_ROUNDS, MIDDLE_ROUNDS)
    if not hasattr(socket, "TCP_DEFER_ACCEPT"):
        return
    for listener in server.LISTENERS:
        if listener.sock.family in (socket.AF_INET, socket.AF_INET6):
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SILENT_SECONDS)


def post_worker_init(worker: Any) -> None:
    """Gunicorn's hook in each process before its first request: rooms open what must not be shared between processes
    and would keep the first person waiting."""
    del worker
    for room in all_rooms():
        if room.on_serve:
            load(room.on_serve)()
