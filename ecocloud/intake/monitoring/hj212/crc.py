"""The checksum of HJ/T 212-2005, HJ 212-2017 (annex A) and HJ 212-2025 (annex A.1), and what some devices send instead.

The register starts at 0xFFFF; for each byte ``register = (register >> 8) ^ byte``, then eight right shifts, each with
``^= 0xA001`` when the bit shifted out was 1. Because of the ``>> 8`` only the high byte of the register lives on from
byte to byte, the step is linear over XOR, and done eight times it is the identity. The checksum therefore depends only
on the XOR of all bytes at the same distance, modulo 8, from the end: a segment folds into eight bytes, which are
looked up two by two. tests/intake/monitoring hold the fold against the loop of the standard.
"""

from __future__ import annotations

import struct

_START, _POLYNOMIAL = 0xFFFF, 0xA001


def by_the_text(segment: bytes, register: int = _START) -> int:
    """The checksum as the standard's text computes it, byte by byte; ``register`` is where it starts."""
    for byte in segment:
        register = (register >> 8) ^ byte
        for _ in range(8):
            carry = register & 1
            register >>= 1
            if carry:
                register ^= _POLYNOMIAL
    return register


# The register after one byte, and the high byte of it: all that the next byte sees.
_AFTER = [by_the_text(bytes([value]), 0) for value in range(256)]
_STEP = [register >> 8 for register in _AFTER]


def _at_distance(distance: int) -> list[int]:
    """For each byte value, what it adds to the final high byte when ``distance`` bytes follow it."""
    found = list(_STEP)
    for _ in range(distance):
        found = [_STEP[value] for value in found]
    return found


def _start_after(length: int) -> int:
    """What the starting register adds to the final high byte of a segment of ``length`` bytes."""
    high = _START >> 8
    for _ in range(length):
        high = _STEP[high]
    return high


def _of_two(distance: int) -> bytes:
    """The same for two bytes at once: the high one at ``distance`` + 1, the low one at ``distance``."""
    low, ones = int.from_bytes(bytes(_at_distance(distance)), "big"), int.from_bytes(b"\1" * 256, "big")
    return b"".join((low ^ high * ones).to_bytes(256, "big") for high in _at_distance(distance + 1))


# For the compiled reader: what each byte adds by its distance from the end, modulo 8.
BY_DISTANCE = [_at_distance(distance) for distance in range(8)]
_W0, _W2, _W4, _W6 = (_of_two(distance) for distance in (0, 2, 4, 6))
BEGIN = [_start_after(length) for length in range(8)]
_LOW = {register >> 8: register for register in _AFTER}
# The whole checksum as four upper-case hex digits, by the high byte of the final register.
TEXT = [b"%04X" % _LOW[high] for high in range(256)]
_FOUR = struct.Struct(">4H").unpack
_MASK_1024, _MASK_256, _MASK_64 = ((1 << bits) - 1 for bits in (1024, 256, 64))


def high_byte(segment: bytes) -> int:
    """The high byte of the checksum (0 to 255); it fixes the low byte, see :data:`TEXT`.

    An empty segment has no final step: 0xFFFF, which no packet carries; use :func:`crc`.
    """
    folded = int.from_bytes(segment, "big")
    length = len(segment)
    if length > 512:
        width = 1 << (length * 4 - 1).bit_length()  # at least half of the bits, a power of two
        while width >= 4096:
            folded = (folded >> width) ^ (folded & ((1 << width) - 1))
            width >>= 1
    folded ^= folded >> 2048
    folded = (folded ^ (folded >> 1024)) & _MASK_1024
    folded ^= folded >> 512
    folded = (folded ^ (folded >> 256)) & _MASK_256
    folded ^= folded >> 128
    folded ^= folded >> 64
    a, b, c, d = _FOUR((folded & _MASK_64).to_bytes(8, "big"))
    return BEGIN[length & 7] ^ _W6[a] ^ _W4[b] ^ _W2[c] ^ _W0[d]


def crc(segment: bytes) -> bytes:
    """The standard's checksum of a segment as four upper-case hex digits, high byte first."""
    return TEXT[high_byte(segment)] if segment else b"FFFF"


def modbus(segment: bytes) -> bytes:
    """CRC-16/MODBUS as four upper-case hex digits: no checksum of HJ 212, but some devices send it."""
    register = _START
    for byte in segment:
        register ^= byte
        for _ in range(8):
            carry = register & 1
            register >>= 1
            if carry:
                register ^= _POLYNOMIAL
    return b"%04X" % register


def swapped(text: bytes) -> bytes:
    """The same checksum with its two bytes exchanged."""
    return text[2:] + text[:2]
