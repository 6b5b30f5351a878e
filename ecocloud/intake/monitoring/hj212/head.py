"""The head of a segment: ``QN ST CN PW MN Flag PNUM PNO RF`` (HJ 212-2017 table 3, RF of 2025 table 3).

A device repeats its head in every packet but for QN, so that heads without QN are read once and kept (bounded).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ecocloud.intake.monitoring.hj212.judging import decoded
from ecocloud.intake.monitoring.hj212.words import Kind, Leniency, Reason

# Bits of Flag: 1 an answer is wanted, 2 the packet is a part, the rest the edition (the letters A and D of the texts
# are exchanged between 2017 and 2025; the bits are not).
ANSWER, PART, EDITION_SHIFT = 1, 2, 2
EDITIONS = {0: 2005, 1: 2017, 2: 2025}
_KNOWN = ("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF")
_BY_UPPER = {name.upper(): name for name in _KNOWN}
_SPLIT = re.compile("[;,]")
_QN = re.compile(r"[0-9]{17}\Z")
_MN = re.compile(r"[0-9A-F]{24}\Z|[0-9A-Za-z]{14}\Z")
# MN anywhere in the first bytes of a packet.
_NAMED, _HEAD_BYTES = re.compile(rb"\bMN\s*=\s*([^;,&]*)", re.IGNORECASE), 400
# 9011 to 9015: answers and heartbeat, which carry no data.
_INTERACTION = re.compile(r"90[0-9]{2}\Z")


class Head(NamedTuple):
    """Head fields as they were sent ('' when absent), and what they say.

    flag: 0 to 255, None when absent or unusable. edition: year of the standard, by Flag (0 when it names none known).
    pnum, pno: parts and number of this one; 0 for a single packet. again: RF=1, a record sent again later (2025).
    fault: why the packet must be rejected.
    """

    qn: str
    st: str
    cn: str
    pw: str
    mn: str
    flag_text: str
    flag: int | None
    edition: int
    pnum: int
    pno: int
    again: bool
    more: tuple[tuple[str, str], ...]
    notes: tuple[Leniency, ...]
    fault: Reason | None = None

    @property
    def wants_answer(self) -> bool:
        """Whether the sender waits for an answer."""
        return self.flag is not None and bool(self.flag & ANSWER)


def mn_of(raw: bytes) -> str:
    """The MN a packet names, from its bytes alone, whatever else is wrong with it; '' when it names none."""
    match = _NAMED.search(raw, 0, _HEAD_BYTES)
    return decoded(match.group(1))[0].strip() if match else ""


def read_qn(text: str) -> tuple[Leniency, ...]:
    """The leniencies of a QN: the standard wants 17 digits; any other is taken and answered as it came."""
    if not text:
        return (Leniency(Kind.NO_QN),)
    return () if _QN.match(text) else (Leniency(Kind.QN_FORM, "QN", text),)


def read_head(raw: bytes, with_qn: bool) -> Head:
    """The head from its bytes (all that stands before ``CP=``); ``with_qn``: whether QN is looked for here."""
    text, charset = decoded(raw)
    notes = [Leniency(charset)] if charset else []
    if raw and not raw.rstrip().endswith(b";"):
        notes.append(Leniency(Kind.COMMA_IN_HEAD if raw.rstrip().endswith(b",") else Kind.NO_SEMICOLON))
    if "," in text.rstrip().rstrip(","):
        notes.append(Leniency(Kind.COMMA_IN_HEAD))
    if any(not character.isprintable() for character in text):
        notes.append(Leniency(Kind.CONTROL_BYTES))
    values: dict[str, str] = {}
    more: list[tuple[str, str]] = []
    fault: Reason | None = None
    for item in _SPLIT.split(text):
        if item.strip():
            fault = _item(item, values, more, notes) or fault
    found = {name: values.get(name, "") for name in _KNOWN}
    if with_qn:
        notes += read_qn(found["QN"])
    fault = fault or _missing(found, notes)
    flag, edition = _flag(found["Flag"], notes)
    pnum, pno, wrong = _part(found["PNUM"], found["PNO"], flag, notes)
    if found["RF"] and found["RF"] != "1":
        notes.append(Leniency(Kind.RF_FORM, "RF", found["RF"]))
    texts = (found["QN"], found["ST"], found["CN"], found["PW"], found["MN"], found["Flag"])
    again, said = found["RF"] == "1", tuple(dict.fromkeys(notes))
    return Head(*texts, flag, edition, pnum, pno, again, tuple(more), said, fault or wrong)


def _item(item: str, values: dict[str, str], more: list[tuple[str, str]], notes: list[Leniency]) -> Reason | None:
    """One ``name=value`` of the head into ``values`` (or ``more`` when the standard has no such name)."""
    name, equals, value = item.partition("=")
    if name != name.strip() or value != value.strip():
        notes.append(Leniency(Kind.SPACES, name.strip()))
    name, value = name.strip(), value.strip()
    if not equals:
        notes.append(Leniency(Kind.NO_EQUALS, "", name))
        return None
    known = name if name in _KNOWN else _BY_UPPER.get(name.upper())
    if known is None:
        notes.append(Leniency(Kind.HEAD_UNKNOWN, name, value))
        more.append((name, value))
        return None
    if known != name:
        notes.append(Leniency(Kind.HEAD_CASE, name))
    if known not in values:
        values[known] = value
        return None
    notes.append(Leniency(Kind.HEAD_REPEATED, known, value))
    return None if values[known] == value else Reason.DUPLICATE_FIELD


def _missing(found: dict[str, str], notes: list[Leniency]) -> Reason | None:
    """A packet without command or device cannot be kept; answers of 2005 name no device and carry no data."""
    if not found["CN"]:
        return Reason.NO_CN
    if not found["MN"]:
        if not _INTERACTION.match(found["CN"]):
            return Reason.NO_MN
        notes.append(Leniency(Kind.NO_MN))
    elif not _MN.match(found["MN"]):
        notes.append(Leniency(Kind.MN_FORM, "MN", found["MN"]))
    if not found["ST"]:
        notes.append(Leniency(Kind.NO_ST))
    return None


def _flag(text: str, notes: list[Leniency]) -> tuple[int | None, int]:
    """Flag as a number and the year of the edition."""
    if not text:
        notes.append(Leniency(Kind.NO_FLAG))
        return None, EDITIONS[0]
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        notes.append(Leniency(Kind.FLAG_NOT_NUMBER, "Flag", text))
        return None, 0
    flag = int(text)
    if flag > 255:
        notes.append(Leniency(Kind.FLAG_RANGE, "Flag", text))
        return None, 0
    edition = EDITIONS.get(flag >> EDITION_SHIFT, 0)
    if not edition:
        notes.append(Leniency(Kind.FLAG_EDITION, "Flag", text))
    return flag, edition


def _part(pnum: str, pno: str, flag: int | None, notes: list[Leniency]) -> tuple[int, int, Reason | None]:
    """PNUM and PNO: both or none, 1 <= PNO <= PNUM."""
    flagged = flag is not None and bool(flag & PART)
    if not pnum or not pno:
        if flagged or pnum or pno:
            notes.append(Leniency(Kind.PART_WITHOUT_NUMBERS, "", f"PNUM={pnum};PNO={pno}"))
        return 0, 0, None
    if not all(text.isascii() and text.isdigit() and len(text) <= 9 for text in (pnum, pno)):
        return 0, 0, Reason.PART_NUMBER
    total, number = int(pnum), int(pno)
    if not 1 <= number <= total:
        return total, number, Reason.PART_NUMBER
    if not flagged:
        notes.append(Leniency(Kind.PART_WITHOUT_FLAG))
    return total, number, None
