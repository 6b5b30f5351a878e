"""The switches for one device. Without a word from its register a device is read by the standard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CrcRule = Literal["standard", "swapped", "modbus", "modbus_swapped", "ignore"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one device departs from the standard.

    crc: which checksum it sends; ``ignore`` accepts any four hex digits. The standard's own is always accepted.
    length: what its length counts; characters when a sender counts the characters of Chinese text instead of its bytes.
    closed: whether a data region without the closing ``&&`` is rejected.
    longest: greatest length of a segment in bytes (the texts say 1024; longer ones are sent).
    keys: SM4 keys of 16 bytes, tried in order on an encrypted data region (HJ 212-2025).
    """

    crc: CrcRule = "standard"
    length: Literal["bytes", "characters"] = "bytes"
    closed: bool = False
    longest: int = 9999
    keys: tuple[bytes, ...] = ()


STANDARD = Dialect()
