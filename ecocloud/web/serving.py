"""Settings of the web processes (gunicorn reads this module; see ``ecocloud up``).

Processes, not threads: the database driver of SQLite gives up the interpreter's lock for every row, and beside a busy
thread each row would wait some milliseconds to get it back.

One request at a time for each process and no kept connections: all wait in the one queue of the socket, and the process
that is free first takes the next. A kept connection would wait for its own process even while others are idle.
Connections that browsers open ahead and leave silent must not occupy a process: the system holds them back until their
first bytes have come.
"""

from __future__ import annotations

import socket
from typing import Any

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


def when_ready(server: Any) -> None:
    """Gunicorn's hook: connections are handed over with their first bytes (Linux; elsewhere at once)."""
    if not hasattr(socket, "TCP_DEFER_ACCEPT"):
        return
    for listener in server.LISTENERS:
        if listener.sock.family in (socket.AF_INET, socket.AF_INET6):
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SILENT_SECONDS)
