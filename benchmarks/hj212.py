"""Reading HJ 212 packets beside plain ``str.split`` parsing of the same bytes, CPU time of one core.

``python benchmarks/hj212.py [--packets N]``: packets of about 340 bytes with 14 values (seven codes, each with value
and flag) from fifty devices that report each second, in reads of 64 KB. ``split`` checks nothing: no length, checksum,
charset or number; ``split and check`` adds the checksum by the loop of the standard's text and ``float``. Nothing is
asserted about time. ``bulk`` needs the extra ``bulk``: the packets of a journal to columns with numbers.

Then the gateway, client included: many connections that each send one packet, wait until it is durable and answered,
and send the next; at offered rates, and as fast as answers come. Its raw journal lies in ``--folder``, whose disk is
named. Quicker with the extra ``gateway`` (uvloop).
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ecocloud.intake.monitoring.hj212 import bulk
from ecocloud.intake.monitoring.hj212.crc import by_the_text, crc
from ecocloud.intake.monitoring.hj212.decoder import Decoder
from ecocloud.intake.monitoring.simulator.load import Load, made_packets

CODES = ("w01018", "w21003", "w21011", "w21001", "w01001", "w01009", "w01010")
READ = 64 * 1024
Way = Callable[[list[bytes]], int]


def packets(count: int) -> list[bytes]:
    """Packets of a fixed seed."""
    chance, found = random.Random(212), []
    for number in range(count):
        second = number // 50  # fifty devices report in the same second
        stamp = f"2026030110{second // 60 % 60:02d}{second % 60:02d}"
        items = ";".join(
            f"{code}-Rtd={chance.uniform(0.1, 300):.{chance.randint(1, 3)}f},{code}-Flag=N" for code in CODES
        )
        segment = (
            f"QN={stamp}{number % 1000:03d};ST=32;CN=2011;PW=123456;MN=0123456789ABCDEF{number % 50:08d};Flag=5;"
            f"CP=&&DataTime={stamp};{items}&&"
        ).encode()
        found.append(b"##%04d%b%b\r\n" % (len(segment), segment, crc(segment)))
    return found


def reads(data: bytes) -> list[bytes]:
    """The stream in pieces as a socket would give them."""
    return [data[start : start + READ] for start in range(0, len(data), READ)]


def by_splitting(pieces: list[bytes], check: bool = False) -> int:
    """Plain splitting into dictionaries; a packet that a read cuts is put together."""
    count, rest = 0, b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\r\n")
        for line in lines:
            text = line.decode()
            head, _, region = text[6:-4].partition("CP=&&")
            fields = dict(item.split("=") for item in head.rstrip(";").split(";"))
            values = dict(item.split("=") for item in region.removesuffix("&&").replace(";", ",").split(","))
            if check:
                assert int(text[2:6]) == len(line) - 10
                assert f"{by_the_text(line[6:-4]):04X}" == text[-4:]
                [float(value) for name, value in values.items() if name.endswith("-Rtd")]
            count += bool(fields)
    return count


def splitting_and_checking(pieces: list[bytes]) -> int:
    """Splitting with length, checksum and numbers, as a first program would do it."""
    return by_splitting(pieces, True)


def by_decoder(pieces: list[bytes]) -> int:
    """The decoder: framing, length, checksum, charset, head, names, times, numbers checked, leniencies."""
    decoder = Decoder()
    return sum(len(decoder.feed(piece)) for piece in pieces)


def with_numbers(pieces: list[bytes]) -> int:
    """The same, and every packet's numbers taken."""
    decoder, count = Decoder(), 0
    for piece in pieces:
        for packet in decoder.feed(piece):
            count += len(packet.numbers) == len(CODES)
    return count


def with_values(pieces: list[bytes]) -> int:
    """The same, and every packet's values as code -> field -> text."""
    decoder, count = Decoder(), 0
    for piece in pieces:
        for packet in decoder.feed(piece):
            count += len(packet.values) == len(CODES)
    return count


_BULK = bulk.Bulk()


def in_bulk(pieces: list[bytes]) -> int:
    """The packets of a journal (here: found by their line ends) to columns with numbers."""
    data = b"".join(pieces)
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1
    return int(_BULK.decode(data, np.concatenate([[0], ends[:-1]]), ends).accepted.sum())


WAYS: dict[str, Way] = {
    "split": by_splitting,
    "split and check": splitting_and_checking,
    "decoder": by_decoder,
    "decoder, numbers": with_numbers,
    "decoder, values": with_values,
} | ({"bulk, numbers": in_bulk} if bulk.kernel else {})


def cpu(way: Way, pieces: list[bytes], count: int, repeat: int) -> float:
    """Least CPU seconds of ``repeat`` passes."""
    times = []
    for _ in range(repeat):
        start = time.process_time()
        assert way(pieces) == count
        times.append(time.process_time() - start)
    return min(times)


def disk_of(folder: Path) -> str:
    """The disk a folder lies on: device, model where the system tells it, file system, and what a sync costs."""
    number = os.stat(folder).st_dev
    name, kind = "?", "?"
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _dash, rest = line.partition(" - ")
        if fields.split()[2] == f"{os.major(number)}:{os.minor(number)}":
            kind, name = rest.split()[:2]
    model = Path(f"/sys/class/block/{Path(name).name}/device/model")
    times = []
    with tempfile.NamedTemporaryFile(dir=folder) as probe:
        for _ in range(50):
            os.write(probe.fileno(), bytes(64 * 1024))
            start = time.perf_counter()
            os.fdatasync(probe.fileno())
            times.append(time.perf_counter() - start)
    told = f" ({model.read_text().strip()})" if model.exists() else ""
    return f"{name}{told}, {kind}; 64 KB and fdatasync: median {sorted(times)[25] * 1e3:.1f} ms"


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far, of itself and of the kernel on its behalf."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def gateway(connections: int, count: int, rates: list[float], folder: Path) -> None:
    """Durable acknowledgements over real connections: the gateway as a process, the client in this one."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, connections + 1000), hard))
    packets_of_a_run = count // connections * connections
    made = made_packets(packets_of_a_run * len(rates) + connections, connections)
    size = len(made[0])
    print(f"\ngateway: {connections:,} connections, one packet of {size} bytes per read, answered when durable")
    print(f"disk: {disk_of(folder)}; {os.cpu_count()} CPUs, client included")
    with tempfile.TemporaryDirectory(dir=folder) as place:
        words = ["gateway", "--anyone", place, "--listen", "127.0.0.1:0", "--metrics", "none"]
        words += ["--per-address", str(connections + 10)]
        process = subprocess.Popen(
            [sys.executable, "-m", "ecocloud.cli", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            port = int(process.stdout.readline().rpartition(":")[2])
            load = Load("127.0.0.1", port, connections)
            load.run(made[:connections])  # each head is read once
            for number, rate in enumerate(rates):
                start = connections + number * packets_of_a_run
                mine, own = cpu_of(process.pid), time.process_time()
                found = load.run(made[start : start + packets_of_a_run], rate)
                answered = len(found.waits) or 1
                cost = (cpu_of(process.pid) - mine) / answered, (time.process_time() - own) / answered
                print(
                    f"offered {f'{rate:,.0f}/s' if rate else 'all':>9s}: {found.rate:8,.0f} packets/s, "
                    f"p50 {found.quantile(0.5) * 1e3:6.1f} ms, p99 {found.quantile(0.99) * 1e3:6.1f} ms, "
                    f"unanswered {found.unanswered}, CPU per packet: gateway {cost[0] * 1e6:.1f} us, "
                    f"client {cost[1] * 1e6:.1f} us"
                )
            load.close()
        finally:
            process.terminate()
            process.wait(30)


def main() -> None:
    parser = argparse.ArgumentParser(description="Reading HJ 212 packets: speed.")
    parser.add_argument("--packets", type=int, default=4000)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--connections", type=int, default=2000)
    parser.add_argument("--load", type=int, default=60_000, help="packets of each run against the gateway, 0: none")
    parser.add_argument("--rates", type=float, nargs="*", default=[10_000.0, 20_000.0, 0.0], help="offered, 0: all")
    parser.add_argument("--folder", type=Path, default=Path(), help="a folder on the disk to be measured")
    args = parser.parse_args()
    made = packets(args.packets)
    data = b"".join(made)
    pieces = reads(data)
    print(f"{len(made):,} packets of {len(data) / len(made):.0f} bytes, 14 values each")
    base = None
    for name, way in WAYS.items():
        repeat = 2 if way is splitting_and_checking else args.repeat
        seconds = cpu(way, pieces, len(made), repeat)
        base = base or seconds
        print(f"{name:18s} {len(made) / seconds:10,.0f} packets/s  {base / seconds:5.2f} x split")
    if args.load:
        gateway(args.connections, args.load, args.rates, args.folder)


if __name__ == "__main__":
    main()
