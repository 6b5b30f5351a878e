"""The web processes: silent connections occupy none of them."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

import pytest

APP = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.skipif(not hasattr(socket, "TCP_DEFER_ACCEPT"), reason="the system cannot hold connections back")
def test_silent_connections_wait_outside(tmp_path):
    (tmp_path / "small.py").write_text(APP)
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "small:application", "--chdir", str(tmp_path), "--workers", "1"]
    command += ["--config", "python:ecocloud.web.serving", "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command)
    try:
        for _ in range(300):
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60):
                break  # the port answers before it holds connections back: only an answer says that all is set
            time.sleep(0.1)
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
            assert answer.read() == b"ok"
        # Had the one process taken a silent connection, it would have closed it before it came to the request.
        for line in silent:
            line.setblocking(False)
            with pytest.raises(BlockingIOError):
                line.recv(1)
            line.close()
    finally:
        server.terminate()
        server.wait(timeout=20)


def test_rooms_open_ahead_what_their_pages_need(monkeypatch):
    from ecocloud.intake.monitoring.lake import reading
    from ecocloud.intake.monitoring.lake.duck import Duck
    from ecocloud.web import serving

    duck = Duck()
    monkeypatch.setattr(reading, "_duck", duck)
    serving.post_worker_init(None)
    assert duck._made is not None
