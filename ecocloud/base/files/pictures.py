"""Photographs: where and when they say they were taken, and the same without what they say. Pure: bytes in, bytes out.

JPEG (ISO/IEC 10918-1, segments) with EXIF (JEITA CP-3451: TIFF directories in the APP1 segment), PNG (ISO/IEC 15948,
chunks). Nothing is decoded, so that a picture loses no quality and a broken one does no harm.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

_EXIF = b"Exif\x00\x00"
_PNG = b"\x89PNG\r\n\x1a\n"
_ORIENTATION, _GPS, _DETAILS, _TAKEN = 0x0112, 0x8825, 0x8769, 0x9003
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}
_MOST_TAGS = 400
# Kept in a stripped JPEG: JFIF (APP0), colour profile (APP2 when it is one), Adobe's colour transform (APP14).
_PRIVATE_PNG = {b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"}


@dataclass(frozen=True)
class Told:
    """What a photograph says of itself: longitude and latitude in degrees of WGS-84, the time on the camera's clock
    (without a zone), how it must be turned (1 to 8). None where it says nothing."""

    lon: float | None = None
    lat: float | None = None
    taken: datetime | None = None
    turned: int = 1


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """The segments before the picture: marker, where the segment begins (its 0xFF), where it ends."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xDA:  # the picture itself
            return
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            yield marker, at, at + 2
            at += 2
            continue
        length = struct.unpack_from(">H", data, at + 2)[0]
        if length < 2 or at + 2 + length > len(data):
            return
        yield marker, at, at + 2 + length
        at += 2 + length


def read(data: bytes) -> Told:
    """What a photograph says of itself; an empty answer for everything that cannot be read."""
    try:
        return _tags(_exif(data))
    except (struct.error, ValueError, ZeroDivisionError, IndexError, OverflowError, UnicodeDecodeError):
        return Told()


def _exif(data: bytes) -> bytes:
    if data.startswith(b"\xff\xd8"):
        for marker, begin, end in _segments(data):
            if marker == 0xE1 and data[begin + 4 : begin + 10] == _EXIF:
                return data[begin + 10 : end]
    if data.startswith(_PNG):
        for name, begin, end in _chunks(data):
            if name == b"eXIf":
                return data[begin:end]
    return b""


def _tags(block: bytes) -> Told:
    if len(block) < 8 or block[:2] not in (b"II", b"MM"):
        return Told()
    order = "<" if block[:2] == b"II" else ">"
    first = _directory(block, order, struct.unpack_from(f"{order}I", block, 4)[0])
    lon = lat = None
    if _GPS in first:
        lon, lat = _place(_directory(block, order, int(first[_GPS][0])))
    taken = None
    details = _directory(block, order, int(first[_DETAILS][0])) if _DETAILS in first else {}
    if _TAKEN in details:
        text = bytes(details[_TAKEN]).split(b"\x00")[0].decode("ascii")
        try:
            taken = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")
        except ValueError:
            taken = None
    turned = int(first[_ORIENTATION][0]) if _ORIENTATION in first else 1
    return Told(lon, lat, taken, turned if 1 <= turned <= 8 else 1)


def _directory(block: bytes, order: str, at: int) -> dict[int, list]:
    """The values of a TIFF directory by tag: whole numbers, bytes, or fractions."""
    if at <= 0 or at + 2 > len(block):
        return {}
    found: dict[int, list] = {}
    for number in range(min(struct.unpack_from(f"{order}H", block, at)[0], _MOST_TAGS)):
        tag, kind, count = struct.unpack_from(f"{order}HHI", block, at + 2 + number * 12)
        size = _SIZES.get(kind, 0) * count
        if not size or size > len(block):
            continue
        where = at + 2 + number * 12 + 8
        if size > 4:
            where = struct.unpack_from(f"{order}I", block, where)[0]
        if where + size <= len(block):
            found[tag] = _values(block, order, kind, count, where)
    return found


def _values(block: bytes, order: str, kind: int, count: int, at: int) -> list:
    if kind in (1, 2, 7):
        return list(block[at : at + count])
    if kind in (5, 10):
        pairs = struct.unpack_from(f"{order}{count * 2}{'I' if kind == 5 else 'i'}", block, at)
        return [pairs[n] / pairs[n + 1] if pairs[n + 1] else math.nan for n in range(0, count * 2, 2)]
    return list(struct.unpack_from(f"{order}{count}{'H' if kind == 3 else 'I' if kind == 4 else 'i'}", block, at))


def _place(gps: dict[int, list]) -> tuple[float | None, float | None]:
    """Longitude and latitude; both None unless both are there and lie on the globe. 0, 0 is what cameras write that do
    not know."""

    def degrees(value: int, side: int, minus: bytes) -> float:
        parts = [*gps.get(value, []), 0, 0]
        number = parts[0] + parts[1] / 60 + parts[2] / 3600 if gps.get(value) else math.nan
        return -number if bytes(gps.get(side, []))[:1] == minus else number

    lat, lon = degrees(2, 1, b"S"), degrees(4, 3, b"W")
    known = math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180 and (lat or lon)
    return (lon, lat) if known else (None, None)


def stripped(data: bytes) -> bytes:
    """The same picture without place, time, device and remarks; how it must be turned is kept. What is neither JPEG
    nor PNG, or broken before the picture begins, comes back empty: nobody is shown what cannot be cleaned."""
    if data.startswith(b"\xff\xd8"):
        return _stripped_jpeg(data)
    if data.startswith(_PNG):
        kept = [data[begin - 8 : end + 4] for name, begin, end in _chunks(data) if name not in _PRIVATE_PNG]
        return _PNG + b"".join(kept)
    return b""


def _stripped_jpeg(data: bytes) -> bytes:
    turned, parts, rest = read(data).turned, [b"\xff\xd8"], 2
    for marker, begin, end in _segments(data):
        rest = end
        profile = marker == 0xE2 and data[begin + 4 : begin + 15] == b"ICC_PROFILE"
        private = (0xE1 <= marker <= 0xEF and marker != 0xEE and not profile) or marker == 0xFE
        if not private:
            parts.append(data[begin:end])
    while data[rest : rest + 2] == b"\xff\xff":
        rest += 1
    if data[rest : rest + 2] != b"\xff\xda":  # the segments end before the picture begins: it is broken
        return b""
    if turned != 1:
        tiff = b"MM\x00\x2a\x00\x00\x00\x08\x00\x01" + struct.pack(">HHIHH", _ORIENTATION, 3, 1, turned, 0) + bytes(4)
        block = _EXIF + tiff
        parts.insert(1, b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block)
    # Behind the end of the picture phones put videos and depth maps with their own remarks.
    end = data.find(b"\xff\xd9", rest)
    last = len(data) if end < 0 else end + 2
    return b"".join(parts) + data[rest:last]


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The chunks of a PNG whose sums are right: name, where its data begin and end; the end of the picture ends it."""
    at = len(_PNG)
    while at + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        begin, end = at + 8, at + 8 + length
        if end + 4 > len(data) or struct.unpack_from(">I", data, end)[0] != zlib.crc32(data[at + 4 : end]):
            return
        yield name, begin, end
        if name == b"IEND":
            return
        at = end + 4
