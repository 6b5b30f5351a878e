"""Reading HJ 212 packets beside plain ``str.split`` parsing of the same bytes, CPU time of one core.

``python benchmarks/hj212.py [--packets N]``: packets of about 340 bytes with 14 values (seven codes, each with value
and flag) from fifty devices that report each second, in reads of 64 KB. ``split`` checks nothing: no length, checksum,
charset or number; ``split and check`` adds the checksum by the loop of the standard's text and ``float``. Nothing is
asserted about time. ``bulk`` needs the extra ``bulk``: the packets of a journal to columns with numbers.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable

import numpy as np

from ecocloud.intake.monitoring.hj212 import bulk
from ecocloud.intake.monitoring.hj212.crc import by_the_text, crc
from ecocloud.intake.monitoring.hj212.decoder import Decoder

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


def main() -> None:
    parser = argparse.ArgumentParser(description="Reading HJ 212 packets: speed.")
    parser.add_argument("--packets", type=int, default=4000)
    parser.add_argument("--repeat", type=int, default=9)
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


if __name__ == "__main__":
    main()
