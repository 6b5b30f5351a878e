"""What a gateway allows a connection and itself: every buffer, table and wait has an end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Times in seconds, sizes in bytes.

    connections, per_address: open at a time. garbage: bytes without a valid packet. first: until a connection's first
    valid packet. packet: for one packet from its first byte to its last. idle: between packets; the longest interval of
    real-time data by the standard is an hour, twice of which is silence. quiet: after which a packet that lacks its
    tail is whole. unread: answers that wait for a device to read them. pending: bytes that wait for the disk; above it
    nothing more is read. strange, strange_rate: burst and bytes per second that packets of devices not admitted and
    samples of rejected bytes may take on disk. sample: bytes kept of something rejected. devices: devices not admitted
    that are remembered. recent: packets of a device that are remembered to know repeated ones.
    """

    connections: int = 20_000
    per_address: int = 2_000
    garbage: int = 64 << 10
    first: float = 60.0
    packet: float = 30.0
    idle: float = 7200.0
    quiet: float = 1.0
    unread: int = 256 << 10
    pending: int = 64 << 20
    strange: int = 64 << 20
    strange_rate: float = 20_000.0
    sample: int = 512
    devices: int = 10_000
    recent: int = 64


class Allowance:
    """Bytes that may be used: a store that refills at a rate up to a burst. Time is given."""

    def __init__(self, burst: float, rate: float) -> None:
        self._burst, self._rate, self._left, self._at = burst, rate, burst, 0.0

    def take(self, size: int, clock: float) -> bool:
        """Whether ``size`` may be used at ``clock`` (monotonic seconds)."""
        self._left = min(self._burst, self._left + max(0.0, clock - self._at) * self._rate)
        self._at = clock
        if self._left < size:
            return False
        self._left -= size
        return True
