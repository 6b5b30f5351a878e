"""What a gateway reads of a packet: whose it is, whether it is admitted, when, how to answer. Pure.

All packets with the same head (QN apart) have the same answer to these questions, so that each head is read once; the
values wait in the raw journal for whoever builds the lake. Packets with an unusual head go through the decoder.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from ecocloud.intake.monitoring.gateway.roster import PASSWORD, SYSTEM, UNKNOWN, Device, Roster
from ecocloud.intake.monitoring.hj212 import building
from ecocloud.intake.monitoring.hj212.body import MARKS, OPENING
from ecocloud.intake.monitoring.hj212.crc import TEXT, high_byte
from ecocloud.intake.monitoring.hj212.decoder import Decoder, Packet
from ecocloud.intake.monitoring.hj212.dialect import Dialect
from ecocloud.intake.monitoring.hj212.framing import Framer, Rejected
from ecocloud.intake.monitoring.hj212.head import Head
from ecocloud.intake.monitoring.hj212.judging import Judge
from ecocloud.intake.monitoring.hj212.layouts import TIME
from ecocloud.intake.monitoring.hj212.tables import command_of
from ecocloud.intake.monitoring.hj212.values import BEIJING, read_time
from ecocloud.intake.monitoring.hj212.words import Leniency

_QN = slice(3, 20)  # "QN=" and 17 digits
_QN_END = 20
_TIME = f"{TIME}=".encode()
_TIME_DIGITS = 14
_PLACEHOLDER = "0" * 17
_EPOCH = datetime(1970, 1, 1, tzinfo=BEIJING) + timedelta(hours=8)
# Codes of QnRtn by which a request is refused (HJ 212-2017 table 7).
_REFUSALS = {PASSWORD: 3, UNKNOWN: 4, SYSTEM: 5}
# Answers to commands; 9014 answers data and says nothing about one.
TELLING = frozenset({building.REQUEST_ANSWER, building.RESULT, building.NOTICE_ANSWER})
_new = tuple.__new__


class Sender:
    """Packets with one head. reason: why they are not admitted, '' when they are. before, after: halves of the answer's
    segment around QN; ``before`` alone is a whole answer that names no QN; both b'' when no answer is due. tells:
    whether they are answers to commands.
    """

    __slots__ = ("head", "device", "reason", "before", "after", "tells")

    def __init__(self, head: Head, device: Device, reason: str, before: bytes, after: bytes) -> None:
        self.head, self.device, self.reason, self.before, self.after = head, device, reason, before, after
        self.tells = head.cn in TELLING


class Frame(NamedTuple):
    """One packet. qn: as sent. time: DataTime, µs since 1970 UTC, 0 without. answer: what goes back once it is stored,
    b'' for none.
    """

    raw: bytes
    qn: bytes
    sender: Sender
    time: int
    answer: bytes


class Frames:
    """Reads the packets of all connections of a gateway."""

    MOST_SENDERS, MOST_TIMES = 50_000, 4096

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._judge = Judge()
        self._decoder = Decoder()
        self._senders: dict[bytes, Sender] = {}
        self._times: dict[bytes, int] = {}

    def framer(self) -> Framer:
        """Cuts the bytes of one connection into frames."""
        return Framer(self._judge, self._make)

    def admit(self, dialects: dict[str, Dialect]) -> None:
        """Other devices are admitted: all verdicts are made anew."""
        self._judge.use(dialects)
        self._senders.clear()

    def time(self, digits: bytes) -> int:
        """14 digits of Beijing time as µs since 1970 UTC; 0 when they are no time."""
        found = self._times.get(digits)
        if found is None:
            if len(self._times) >= self.MOST_TIMES:
                self._times.clear()
            read = read_time(digits.decode("latin-1"))[0]
            found = 0
            if read is not None:
                since = read - _EPOCH
                found = (since.days * 86400 + since.seconds) * 1_000_000
            self._times[digits] = found
        return found

    def _make(
        self, raw: bytes, segment: bytes, notes: tuple[Leniency, ...], encrypted: bool, dialect: Dialect
    ) -> Frame | Rejected:
        begin = segment.find(OPENING)
        sender = self._senders.get(segment[_QN_END:begin])
        qn = segment[_QN]
        if (
            sender is None or segment[:3] != b"QN=" or not qn.isdigit() or segment[-2:] != MARKS
            or len(segment) < begin + 7
        ):  # fmt: skip
            return self._exact(raw, segment, notes, encrypted, dialect)
        place = segment.find(_TIME, begin)
        digits = segment[place + 9 : place + 9 + _TIME_DIGITS] if place >= 0 else b""
        time = self._times.get(digits)
        if time is None:
            time = self.time(digits) if digits else 0
        answer = sender.before
        if sender.after:
            text = answer + qn + sender.after
            answer = b"##%04d%b%b\r\n" % (len(text), text, TEXT[high_byte(text)])
        return _new(Frame, (raw, qn, sender, time, answer))

    def _exact(
        self, raw: bytes, segment: bytes, notes: tuple[Leniency, ...], encrypted: bool, dialect: Dialect
    ) -> Frame | Rejected:
        packet = self._decoder.make(raw, segment, notes, encrypted, dialect)
        if isinstance(packet, Rejected):
            return packet
        reason = self._roster.verdict(packet.head)
        answer = self._answer(packet, reason)
        sender = Sender(packet.head, self._roster.device(packet.head.mn), reason, *self._halves(packet, reason))
        leading = segment[:3] == b"QN=" and segment[_QN].isdigit() and segment[_QN_END : _QN_END + 1] == b";"
        begin = segment.find(OPENING)
        # Of devices that are not admitted each packet is read anew: a request is told from an upload by its content.
        if leading and begin > 0 and packet.head.mn and not reason:
            if len(self._senders) >= self.MOST_SENDERS:
                self._senders.clear()
            self._senders[segment[_QN_END:begin]] = sender
        return Frame(raw, packet.qn.encode(), sender, self.time(packet.data_time.encode()), answer)

    def _halves(self, packet: Packet, reason: str) -> tuple[bytes, bytes]:
        """The answer's segment before and after its QN."""
        sample = b"" if reason else self._answer(packet._replace(qn=_PLACEHOLDER), reason)
        before, _found, after = sample[6:-6].partition(b"QN=" + _PLACEHOLDER.encode())
        return (before + b"QN=", after) if after else (sample, b"")

    @staticmethod
    def _answer(packet: Packet, reason: str) -> bytes:
        """What goes back; to a device that is not admitted only when it asks for something, since the standard has no
        refusal of data.
        """
        if not reason:
            return building.answer_to(packet) or b""
        known = command_of(packet.head.cn, packet.head.edition)
        asks = known is not None and known.kind == "request" and not packet.data_time and packet.head.wants_answer
        return building.request_answer(packet, _REFUSALS[reason]) if asks else b""
