"""A running gateway for tests: in this process, in a thread of its own, with quick time-outs."""

import asyncio
import contextlib
import socket
import threading
import time
from dataclasses import replace

from ecocloud.intake.monitoring import raw
from ecocloud.intake.monitoring.gateway.backstage import Admitted, MemoryBackstage
from ecocloud.intake.monitoring.gateway.limits import Limits
from ecocloud.intake.monitoring.gateway.server import Gateway, Options
from ecocloud.intake.monitoring.hj212.decoder import Decoder
from ecocloud.intake.monitoring.raw.disk import Disk
from tests.intake.monitoring.made import packet

MN, PW = "0123456789ABCDEF01234567", "123456"
DEVICE = Admitted(MN, PW, "32")
AT, CLOCK = 1772331300_000000, 1000.0  # 2026-03-01 10:15 Beijing time


def qn(number: int = 0) -> str:
    """A QN of 2026-03-01 10:15 Beijing time; the number counts its milliseconds."""
    return f"20260301{101500 + number // 1000:06d}{number % 1000:03d}"


def upload(number: int = 0, mn: str = MN, pw: str = PW, *, st="32", cn="2011", flag="5", time="20260301101500",
           values="w01018-Rtd=32.6,w01018-Flag=N", with_qn=True) -> bytes:  # fmt: skip
    """A right packet; each number makes another one."""
    head = f"QN={qn(number)};" if with_qn else ""
    stamp = f"DataTime={time};" if time else ""
    return packet(f"{head}ST={st};CN={cn};PW={pw};MN={mn};Flag={flag};CP=&&{stamp}{values}&&")


class FaultyDisk(Disk):
    """Refuses while ``error`` (an OSError) is set."""

    error: OSError | None = None

    def create(self, path):
        self._check()
        return super().create(path)

    def write(self, handle, data, offset):
        if self.error is not None:
            with contextlib.suppress(OSError):
                super().write(handle, data[: len(data) // 2], offset)
        self._check()
        super().write(handle, data, offset)

    def sync(self, handle):
        self._check()
        super().sync(handle)

    def _check(self):
        if self.error is not None:
            raise self.error


class Site:
    """The gateway and its loop."""

    def __init__(self, folder, backstage=None, limits=None, disk=None, **options):
        self.folder, self.disk = folder, disk or FaultyDisk()
        self.backstage = backstage or MemoryBackstage([DEVICE])
        quick = {"sweep": 0.02, "talk": 0.05, "start_patience": 0.3} | options
        self.options = Options(
            folder, limits=replace(Limits(), quiet=0.05, **(limits or {})),
            writer=lambda place, name: raw.Writer(place, name, disk=self.disk), **quick,
        )  # fmt: skip

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()
        try:
            self.gateway = self.call(self._made())
        except BaseException:
            self._end()
            raise
        return self

    async def _made(self):
        gateway = Gateway(self.options, self.backstage)
        await gateway.start()
        return gateway

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    def __exit__(self, *_):
        self.call(self.gateway.stop())
        self._end()

    def _end(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def connect(self):
        return Client(self.gateway.port)

    def get(self, path):
        with socket.create_connection(("127.0.0.1", self.gateway.metrics_port), 5) as one:
            one.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            return b"".join(iter(lambda: one.recv(65536), b"")).decode()

    def counted(self, name, label=""):
        return self.gateway.metrics.counts.get((name, label), 0)

    def stored(self, kind=raw.Kind.FRAME):
        return stored(self.folder, kind)


def stored(folder, kind=raw.Kind.FRAME, gateway="gateway"):
    """The bytes of all records of a kind, in order."""
    return [
        block.record(place)
        for block in raw.Reader(folder).blocks(gateway)
        for place in range(len(block))
        if block.kinds[place] == kind
    ]


def until(condition, seconds=10.0):
    """Wait for something to become true; says whether it did."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return bool(condition())


class Client:
    """A device's end of a connection; answers are read as packets."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._decoder = Decoder()
        self._read = []

    def send(self, data):
        self.socket.sendall(data)

    def answers(self, count, seconds=10.0):
        """The next ``count`` answers; fewer when the time is up or the connection closed."""
        self.socket.settimeout(seconds)
        while len(self._read) < count:
            try:
                data = self.socket.recv(65536)
            except OSError:
                break
            if not data:
                break
            self._read += self._decoder.feed(data)
        found, self._read = self._read[:count], self._read[count:]
        return found

    def closed(self, seconds=5.0):
        """Whether the gateway closes the connection."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        return True

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
