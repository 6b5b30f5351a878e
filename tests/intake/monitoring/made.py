"""Packets made by hand for the tests of this folder."""

from ecocloud.intake.monitoring.hj212.crc import by_the_text

HEAD = "QN=20260301101500123;ST=32;CN=2011;PW=123456;MN=0123456789ABCDEF01234567;Flag=5;"
REGION = "DataTime=20260301101500;w01018-Rtd=32.6,w01018-Flag=N;w21003-Rtd=1.84,w21003-Flag=N"
SEGMENT = f"{HEAD}CP=&&{REGION}&&"
KEY = b"0" * 16  # the public key of the example of HJ 212-2025 annex A.2


def packet(segment: str | bytes = SEGMENT, crc: bytes | None = None, length: int | str | None = None,
           tail: bytes = b"\r\n") -> bytes:  # fmt: skip
    """A packet; right unless told otherwise. The CRC is computed by the loop of the standard's text."""
    raw = segment.encode("utf-8") if isinstance(segment, str) else segment
    digits = f"{len(raw):04d}" if length is None else length if isinstance(length, str) else f"{length:04d}"
    return b"##" + digits.encode() + raw + (crc or b"%04X" % by_the_text(raw)) + tail


def with_region(region: str, head: str = HEAD) -> bytes:
    """A right packet with another data region."""
    return packet(f"{head}CP=&&{region}&&")


def with_head(head: str, region: str = REGION) -> bytes:
    """A right packet with another head."""
    return packet(f"{head}CP=&&{region}&&")
