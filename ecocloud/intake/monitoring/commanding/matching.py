"""Which command a packet of a device answers. Pure: what the database makes of what a gateway tells.

By the standard an answer repeats the QN of what it answers (HJ 212-2017 6.2, annex C); in 2005 it stands in the data
region. Some devices send a QN of their own: since one command at a time is under way to a device, its answer is still
clear. An answer is never answered, and one that belongs to nothing is only noted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ecocloud.intake.monitoring.commanding.machine import Answered, Data
from ecocloud.intake.monitoring.hj212.building import DATA_ANSWER, NOTICE_ANSWER, REQUEST_ANSWER, RESULT

ANSWERS = frozenset({REQUEST_ANSWER, RESULT, NOTICE_ANSWER, DATA_ANSWER})
_CODED = frozenset({REQUEST_ANSWER, RESULT})
_LARGEST = 999  # N3, HJ 212-2017 table 4


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


def told(cn: str, qn: str, code: int | None) -> Told:
    """What a gateway says a packet says, as far as it can be: codes of up to three digits, printable QN."""
    known = code if cn in _CODED and code is not None and code <= _LARGEST else None
    return Told(cn[:8], "".join(filter(str.isprintable, qn))[:24], known)


def match(said: Told, known: Sequence[Known]) -> tuple[Known, By] | None:
    """The command a packet answers; None when it answers none that is known.

    known: the commands of the device with this QN, and those under way.
    """
    for one in known:
        if one.qn and one.qn == said.qn:
            return one, By.QN
    under_way = [one for one in known if one.under_way]
    if len(under_way) != 1 or under_way[0].strict or said.cn == DATA_ANSWER:
        return None
    only = under_way[0]
    fits = said.cn in (REQUEST_ANSWER, RESULT) or (only.notice if said.cn == NOTICE_ANSWER else said.cn == only.cn)
    return (only, By.DEVICE) if fits else None


def event_of(said: Told) -> Answered | Data | None:
    """The event of the state machine; None for 9014, which answers data and says nothing about a command."""
    if said.cn == DATA_ANSWER:
        return None
    return Answered(said.cn, said.code) if said.cn in ANSWERS else Data()
