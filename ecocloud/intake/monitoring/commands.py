"""``ecocloud hj212 decode FILE`` reads packets of a file, ``ecocloud hj212 explain PACKET`` shows what each byte means.

A file has one packet on a line as text or as hexadecimal digits, read one by one.
A line of text stands for a packet with its tail; a line of hexadecimal digits gives the bytes exactly. A line may hold
several packets. Nothing is kept of a line once it is printed, so that files of any size can be read.
Exit codes: 0 read, whatever was rejected; 1 the file cannot be read; 2 wrong usage.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO, get_args

from ecocloud.intake.monitoring.hj212.decoder import Decoder, Event, Packet, ahead
from ecocloud.intake.monitoring.hj212.dialect import CrcRule, Dialect
from ecocloud.intake.monitoring.hj212.explaining import explain
from ecocloud.intake.monitoring.hj212.framing import Noise
from ecocloud.intake.monitoring.hj212.judging import Judge
from ecocloud.intake.monitoring.hj212.records import of_packet, of_rejected
from ecocloud.intake.monitoring.hj212.tables import fields
from ecocloud.intake.monitoring.hj212.words import REASONS, Reason

OK, UNREADABLE, USAGE = 0, 1, 2
# A line is read in pieces of this size, bytes.
PIECE = 1 << 16
_HEX = re.compile(rb"(?:0[xX])?[0-9A-Fa-f]{2}(?:[\s:,-]*(?:0[xX]|\\x)?[0-9A-Fa-f]{2})*\Z")
_NOT_HEX = re.compile(rb"0[xX]|\\x|[\s:,-]")
_AHEAD_MINUTES = 15
# Terminal colours (SGR) of the kinds of pieces.
_COLOURS = {"noise": "2", "frame": "36", "head": "34", "time": "33", "value": "32", "flag": "35",
            "crc": "36", "tail": "2", "wrong": "1;31"}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``ecocloud hj212``."""
    actions = parser.add_subparsers(dest="action", metavar="decode|explain", required=True)
    decode = actions.add_parser("decode", help="逐行解码：每行一个数据包（文本或十六进制）")
    decode.add_argument("file", metavar="FILE", help="文件名，- 为标准输入")
    decode.add_argument("--json", action="store_true", help="每个数据包输出一行 JSON")
    decode.add_argument(
        "--ahead", type=float, default=_AHEAD_MINUTES, metavar="MINUTES", help="DataTime 晚于现在多少分钟算未来时间"
    )
    explaining = actions.add_parser("explain", help="逐段说明一个数据包的每个字节")
    explaining.add_argument("packet", metavar="PACKET", help="数据包（文本或十六进制），- 为标准输入的第一行")
    explaining.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="是否着色")
    for action in (decode, explaining):
        action.add_argument(
            "--sm4-key", action="append", metavar="KEY", help="SM4 密钥：16 个字符或 32 位十六进制，可多次给出"
        )
        action.add_argument(
            "--crc", choices=get_args(CrcRule), default="standard", help="设备的 CRC 算法（默认标准算法）"
        )
        action.add_argument("--length", choices=("bytes", "characters"), default="bytes", help="长度按字节还是按字符计")
        action.add_argument("--closed", action="store_true", help="数据区没有以 && 结束的拒收")


def run(args: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code."""
    try:
        keys = tuple(_key(text) for text in args.sm4_key or ()) or (fields().example_key.value.encode(),)
    except ValueError as error:
        print(error, file=sys.stderr)
        return USAGE
    dialect = Dialect(crc=args.crc, length=args.length, closed=args.closed, keys=keys)
    if args.action == "explain":
        return _explain(args, dialect)
    show = _print_json if args.json else _print_line
    try:
        if args.file == "-":
            _decode(sys.stdin.buffer, dialect, args.ahead, show)
        else:
            with open(args.file, "rb") as source:
                _decode(source, dialect, args.ahead, show)
    except BrokenPipeError:
        raise
    except OSError as error:
        print(f"{args.file} 读不出来：{error.strerror or error}。", file=sys.stderr)
        return UNREADABLE
    return OK


def _explain(args: argparse.Namespace, dialect: Dialect) -> int:
    """The packet in colours, then a line for each piece: its place, its text, what it means."""
    given = sys.stdin.buffer.readline(PIECE) if args.packet == "-" else os.fsencode(args.packet)
    raw = b"".join(_line(given, io.BytesIO()))
    pieces = explain(raw, Judge(dialect))
    if not pieces:
        print("没有内容。", file=sys.stderr)
        return USAGE
    paint = args.color == "always" or (args.color == "auto" and sys.stdout.isatty())
    if paint:
        print("".join(_painted(piece.text, piece.kind) for piece in pieces))
    place = 0
    for piece in pieces:
        shown = piece.text if len(piece.text) <= 60 else piece.text[:57] + "..."
        print(f"{place:5d}  {_painted(shown, piece.kind) if paint else shown}\t{piece.meaning}")
        place += len(piece.raw)
    return OK


def _painted(text: str, kind: str) -> str:
    return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m"


def _key(text: str) -> bytes:
    if len(text) == 16 and text.isascii():
        return text.encode("ascii")
    if re.fullmatch("[0-9A-Fa-f]{32}", text):
        return bytes.fromhex(text)
    raise ValueError(f"“{text}”不是 SM4 密钥，应为 16 个字符或 32 位十六进制数。")


def _decode(source: BinaryIO, dialect: Dialect, minutes: float, show: Any) -> None:
    for record in records(source, dialect, datetime.now(UTC), minutes):
        show(record)


def records(source: BinaryIO, dialect: Dialect, received: datetime, minutes: float) -> Iterator[dict[str, Any]]:
    """One record for each packet of a file of lines, with its line number; blank lines give none.

    received: what counts as now. minutes: how much later than that a DataTime may be.
    """
    decoder = Decoder(dialect)
    for number, pieces in _lines(source):
        found: dict[str, Any] | None = None
        noise: Noise | None = None
        blank = True
        for data in pieces:
            blank = False
            for event in decoder.feed(data):
                if found is not None:
                    yield found
                found = _record(event, number, received, minutes)
        for event in () if blank else decoder.end():
            if isinstance(event, Noise):
                noise = event
                continue
            if found is not None:
                yield found
            found = _record(event, number, received, minutes)
        if found is not None:
            yield found | ({"trailing_bytes": noise.size} if noise else {})
        elif not blank:
            yield _record(noise or Noise(b"", 0, Reason.NO_HEAD), number, received, minutes)


def _record(event: Event, number: int, received: datetime, minutes: float) -> dict[str, Any]:
    if isinstance(event, Packet):
        late = ahead(event, received, minutes)
        return {"line": number, **of_packet(event, (late,) if late else ())}
    return {"line": number, **of_rejected(event)}


def _lines(source: BinaryIO) -> Iterator[tuple[int, Iterator[bytes]]]:
    """The lines with their numbers from 1, each as the pieces of the bytes it stands for."""
    number = 0
    while True:
        piece = source.readline(PIECE)
        if not piece:
            return
        number += 1
        if number == 1:
            piece = piece.removeprefix(b"\xef\xbb\xbf")
        yield number, _line(piece, source)


def _line(piece: bytes, source: BinaryIO) -> Iterator[bytes]:
    whole = piece.endswith(b"\n") or len(piece) < PIECE - 3
    bare = piece.strip()
    if whole and not bare:
        return
    if whole and _HEX.match(bare):
        yield bytes.fromhex(_NOT_HEX.sub(b"", bare).decode("ascii"))
        return
    last = b""
    while not whole:
        yield piece
        last, piece = piece, source.readline(PIECE)
        whole = piece.endswith(b"\n") or len(piece) < PIECE
    text = piece.rstrip(b"\n").rstrip(b"\r") if piece else b""
    # The line's end is the tail; a tail written out as \r\n is the same.
    yield text.removesuffix(rb"\n").removesuffix(rb"\r") + (b"\r\n" if text or not last.endswith(b"\n") else b"")


def _print_json(record: dict[str, Any]) -> None:
    print(json.dumps(record, ensure_ascii=False))


def _print_line(record: dict[str, Any]) -> None:
    """One line for a person: number, accepted or why not, head, values."""
    if not record["accepted"]:
        print(f"{record['line']}\t拒收\t{REASONS[Reason(record['reason'])][0]}")
        return
    head = " ".join(f"{name}={record[name]}" for name in ("MN", "ST", "CN", "QN", "DataTime") if record[name])
    values = "; ".join(
        f"{code} " + ", ".join(f"{field}={'（无）' if value is None else value}" for field, value in group.items())
        for code, group in record["values"].items()
    )
    let_pass = " ".join(leniency["code"] for leniency in record["leniencies"])
    print(f"{record['line']}\t接收\t{head}\t{values}" + (f"\t宽容：{let_pass}" if let_pass else ""))
