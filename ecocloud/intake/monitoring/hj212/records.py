"""Events as plain data: one JSON object for each packet, accepted or rejected."""

from __future__ import annotations

from typing import Any

from ecocloud.intake.monitoring.hj212.body import region_of
from ecocloud.intake.monitoring.hj212.decoder import Packet
from ecocloud.intake.monitoring.hj212.framing import Noise, Rejected
from ecocloud.intake.monitoring.hj212.head import Head, read_head
from ecocloud.intake.monitoring.hj212.judging import BEGIN
from ecocloud.intake.monitoring.hj212.words import REASONS, Leniency


def of_packet(packet: Packet, more: tuple[Leniency, ...] = ()) -> dict[str, Any]:
    """An accepted packet.

    ``values`` are the texts as sent, so that precision stays, None where a text stands for no value; ``numbers`` the
    same as numbers. ``parameters`` are the names without a code. ``more``: leniencies that its receiver adds.
    """
    layout, numbers = packet.layout, {}
    for place, number in zip(layout.numeric, packet.numbers, strict=True):
        code, field = layout.slots[place]
        numbers.setdefault(code, {})[field] = number
    return {
        "accepted": True,
        "reason": None,
        **_head(packet.head, packet.qn),
        "DataTime": packet.data_time or None,
        "time": packet.time.isoformat() if packet.time else None,
        "values": packet.values,
        "numbers": numbers,
        "parameters": packet.parameters,
        "encrypted": packet.encrypted,
        "leniencies": [leniency.as_dict() for leniency in (*packet.leniencies, *more)],
    }


def of_rejected(event: Rejected | Noise) -> dict[str, Any]:
    """Bytes that are no packet: the reason, and the head fields as far as they can be read from a rejected one."""
    found: dict[str, Any] = {"accepted": False, "reason": str(event.reason), "meaning": REASONS[event.reason][1]}
    head = _head_of(event.raw) if isinstance(event, Rejected) else None
    if head is not None:
        found |= _head(head, head.qn)
    found |= {"DataTime": None, "values": {}, "leniencies": [], "size": event.size}
    return found


def _head(head: Head, qn: str) -> dict[str, Any]:
    part = bool(head.pnum or head.pno)
    return {
        "QN": qn or None,
        "ST": head.st or None,
        "CN": head.cn or None,
        "PW": head.pw or None,
        "MN": head.mn or None,
        "Flag": head.flag if head.flag is not None else head.flag_text or None,
        "PNUM": head.pnum if part else None,
        "PNO": head.pno if part else None,
        "RF": 1 if head.again else None,
        "edition": head.edition or None,
    }


def _head_of(raw: bytes) -> Head | None:
    """The head of rejected bytes, for the log and for the answer 9011 that a request may get."""
    segment = raw[BEGIN:]
    region = region_of(segment, False)
    head = read_head(segment[: region.begin][:400], True)
    return head if head.mn or head.cn or head.qn else None
