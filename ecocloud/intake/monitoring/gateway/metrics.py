"""Figures of a gateway as Prometheus text, and whether it is well, on a local HTTP port."""

from __future__ import annotations

import asyncio
import bisect
from collections.abc import Callable

# Upper bounds of the histogram of seconds from receipt to acknowledgement.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_HELP = {
    "connections_total": "connections accepted",
    "refused_total": "connections closed at once, by reason",
    "closed_total": "connections closed by the gateway, by reason",
    "bytes_total": "bytes received",
    "frames_total": "valid packets, by what became of them",
    "rejected_total": "packets rejected, by reason",
    "noise_bytes_total": "bytes that belong to no packet",
    "acknowledged_total": "answers sent",
    "commands_total": "commands, by whether they were handed to a connection",
    "groups_total": "groups committed to the raw journal",
    "records_total": "records stored in the raw journal",
    "dropped_total": "packets not stored and not acknowledged, by reason (disk, or the limit for strangers)",
    "backstage_failures_total": "calls to the database that failed",
    "several_lines_total": "times a device opened a connection while another one was open",
}


class Metrics:
    """Counters by name and label, and one histogram. Only the event loop writes."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], int] = {}
        self.gauges: dict[str, Callable[[], float]] = {}
        self._buckets = [0] * (len(BOUNDS) + 1)
        self._sum = 0.0

    def count(self, name: str, label: str = "", by: int = 1) -> None:
        """Add to a counter. label: ``key="value"``."""
        key = (name, label)
        self.counts[key] = self.counts.get(key, 0) + by

    def waited(self, seconds: float, answers: int) -> None:
        """So many answers went out so many seconds after receipt."""
        self._buckets[bisect.bisect_left(BOUNDS, seconds)] += answers
        self._sum += seconds * answers

    def text(self, gateway: str) -> str:
        """Prometheus text format 0.0.4."""
        own, lines = f'gateway="{gateway}"', []
        names: dict[str, list[str]] = {}
        for (name, label), value in sorted(self.counts.items()):
            labels = f"{own},{label}" if label else own
            names.setdefault(name, []).append(f"ecocloud_gateway_{name}{{{labels}}} {value}")
        for name, series in names.items():
            lines += [
                f"# HELP ecocloud_gateway_{name} {_HELP[name]}",
                f"# TYPE ecocloud_gateway_{name} counter",
                *series,
            ]
        for name, read in self.gauges.items():
            lines += [f"# TYPE ecocloud_gateway_{name} gauge", f"ecocloud_gateway_{name}{{{own}}} {read():g}"]
        full = "ecocloud_gateway_answer_seconds"
        lines.append(f"# TYPE {full} histogram")
        total = 0
        for bound, number in zip((*BOUNDS, "+Inf"), self._buckets, strict=True):
            total += number
            lines.append(f'{full}_bucket{{{own},le="{bound}"}} {total}')
        lines += [f"{full}_sum{{{own}}} {self._sum:.6f}", f"{full}_count{{{own}}} {total}"]
        return "\n".join(lines) + "\n"


class Page:
    """``GET /metrics`` and ``GET /health`` (200 ``ok``, or 503 with the fault in one line)."""

    LONGEST, PATIENCE = 4096, 5.0

    def __init__(self, text: Callable[[], str], fault: Callable[[], str]) -> None:
        self._text, self._fault = text, fault
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen; returns the port (0 chooses one)."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=self.LONGEST)
        return self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(self.PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer(head.split(b" ")[1] if head.startswith(b"GET ") else b""))
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, IndexError):
            pass
        finally:
            writer.close()

    def _answer(self, path: bytes) -> bytes:
        fault = self._fault()
        if path == b"/metrics":
            status, body = "200 OK", self._text()
        elif path == b"/health":
            status, body = ("503 Service Unavailable", fault) if fault else ("200 OK", "ok")
        else:
            status, body = "404 Not Found", "/metrics, /health"
        raw = body.encode()
        kind = "text/plain; version=0.0.4; charset=utf-8"
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(raw)}\r\nConnection: close\r\n\r\n"
        return head.encode() + raw
