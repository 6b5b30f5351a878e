"""Which command a packet of a device answers. Pure: what a gateway tells, and what the database makes of it.

By the standard an answer repeats the QN of what it answers (HJ 212-2017 6.2, annex C); in 2005 it stands in the data
region. Some devices send a QN of their own: since one command at a time is under way to a device, its answer is still
clear. An answer is never answered, and one that belongs to nothing is only noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ecocloud.intake.monitoring.commanding.machine import Answered, Data
from ecocloud.intake.monitoring.hj212.building import DATA_ANSWER, NOTICE_ANSWER, REQUEST_ANSWER, RESULT
from ecocloud.intake.monitoring.hj212.decoder import Packet

ANSWERS = frozenset({REQUEST_ANSWER, RESULT, NOTICE_ANSWER, DATA_ANSWER})
_CODES = {REQUEST_ANSWER: "QnRtn", RESULT: "ExeRtn"}


class Told(NamedTuple):
    """What a packet says about commands: its CN, the QN it answers, its code."""

    cn: str
    qn: str
    code: int | None


class By(StrEnum):
    """How an answer was matched."""

    QN = "qn"
    DEVICE = "device"


@dataclass(frozen=True)
class Known:
    """A command of the device the packet came from. ``strict``: its answers must carry its QN."""

    id: int
    cn: str
    qn: str
    under_way: bool
    notice: bool = False
    strict: bool = False


def told_by(packet: Packet) -> Told:
    """What a packet says: of an answer the QN it names (2005: inside the data region), of any other its own."""
    cn = packet.head.cn
    if cn not in ANSWERS:
        return Told(cn, packet.qn, None)
    given = packet.parameters
    text = given.get(_CODES.get(cn, ""), "").strip()
    code = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else None
    return Told(cn, given.get("QN", "").strip() or packet.qn, code)


def concerns(told: Told, qns: Iterable[str], cns: Iterable[str]) -> bool:
    """Whether the database should hear of a packet: it is an answer, or data that a command to its device asked for.

    qns, cns: of the commands lately sent to the device.
    """
    return told.cn in ANSWERS or told.cn in set(cns) or (bool(told.qn) and told.qn in set(qns))


def match(told: Told, known: Sequence[Known]) -> tuple[Known, By] | None:
    """The command a packet answers; None when it answers none that is known.

    known: the commands of the device with this QN, and those under way.
    """
    for one in known:
        if one.qn and one.qn == told.qn:
            return one, By.QN
    under_way = [one for one in known if one.under_way]
    if len(under_way) != 1 or under_way[0].strict or told.cn == DATA_ANSWER:
        return None
    only = under_way[0]
    fits = told.cn in (REQUEST_ANSWER, RESULT) or (only.notice if told.cn == NOTICE_ANSWER else told.cn == only.cn)
    return (only, By.DEVICE) if fits else None


def event_of(told: Told) -> Answered | Data | None:
    """The event of the state machine; None for 9014, which answers data and says nothing about a command."""
    if told.cn == DATA_ANSWER:
        return None
    return Answered(told.cn, told.code) if told.cn in ANSWERS else Data()
