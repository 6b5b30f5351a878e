"""Is there a packet at this place of the buffer: yes, no and why, or wait for more bytes.

Packet structure: HJ 212-2017 table 2, the same in 2025 (6.3.2): ``##``, four decimal digits (bytes of the segment), the
segment, four hex digits of CRC, CR LF. Strict here: leniency in framing lets bytes of one packet pass as another's.
Every answer depends only on the bytes from the head on, never on how they were cut when they came.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from ecocloud.intake.monitoring.hj212 import crc, sm4
from ecocloud.intake.monitoring.hj212.dialect import STANDARD, Dialect
from ecocloud.intake.monitoring.hj212.words import Kind, Leniency, Reason

HEAD, LENGTH_DIGITS, CRC_DIGITS, TAIL = b"##", 4, 4, b"\r\n"
BEGIN = len(HEAD) + LENGTH_DIGITS
_HEX = re.compile(rb"[0-9A-Fa-f]{4}\Z")
_MN = re.compile(rb"MN\s*=\s*([^;,&]*)")
_LOOKS_WHOLE = re.compile(rb"&&\s*[0-9A-Fa-f]{4}\r?\n?\Z")
# How many heads behind a waiting one are tried: a good packet behind a false head must not wait for the false length.
_HEADS_TRIED = 4
# Every length a packet may state, by its digits; looking one up is quicker than reading it.
_LENGTHS = {b"%04d" % length: length for length in range(1, 10_000)}
_ENDINGS = [text + TAIL for text in crc.TEXT]
# An encrypted region takes five characters for each byte.
_ENCRYPTED_TIMES = 5


class Found(NamedTuple):
    """A packet: ``end`` is the place after its last byte; ``segment`` is plain even when it was sent encrypted."""

    end: int
    segment: bytes
    notes: tuple[Leniency, ...] = ()
    encrypted: bool = False
    dialect: Dialect = STANDARD


class Bad(NamedTuple):
    """No packet begins here."""

    reason: Reason


WAIT = None
Verdict = Found | Bad | None


class Judge:
    """Judges places of a buffer for one connection.

    dialect: for devices that have none of their own. dialects: by MN.
    """

    def __init__(self, dialect: Dialect = STANDARD, dialects: Mapping[str, Dialect] | None = None) -> None:
        self.dialect = dialect
        self.use(dialects or {})

    def use(self, dialects: Mapping[str, Dialect]) -> None:
        """Other dialects from the next packet on."""
        dialect = self.dialect
        self.dialects = dialects
        longest = max([dialect.longest, *(one.longest for one in self.dialects.values())])
        self._regular = min([dialect.longest, *(one.longest for one in self.dialects.values())])
        # No packet is longer: what a connection may keep while it waits.
        self.most = BEGIN + _ENCRYPTED_TIMES * longest + CRC_DIGITS + len(TAIL)

    def regular(self, buffer: bytes, start: int) -> bytes:
        """The segment of a packet that begins at ``start`` and is regular to its last byte; else b'', see :meth:`at`.

        Regular: within every limit, the standard's checksum in upper case, CR LF, closed by ``&&``, nothing inside that
        could be a head or encrypted. Nearly all packets are, and need no more looks than these.
        """
        length = _LENGTHS.get(buffer[start + 2 : start + BEGIN], 0)
        end = start + BEGIN + length
        segment = buffer[start + BEGIN : end]
        if not 0 < length <= self._regular or segment[-2:] != b"&&" or b"#" in segment or b"{" in segment:
            return b""
        return segment if buffer[end : end + 6] == _ENDINGS[crc.high_byte(segment)] else b""

    def at(self, buffer: bytes, start: int, final: bool) -> Verdict:
        """What begins at ``start``, where ``buffer`` has ``##``; ``final``: nothing will follow (end or silence)."""
        digits = buffer[start + len(HEAD) : start + BEGIN]
        if len(digits) < LENGTH_DIGITS:
            return Bad(Reason.INCOMPLETE) if final else WAIT
        if not digits.isdigit():
            return Bad(Reason.LENGTH_NOT_DIGITS)
        length = int(digits)
        if length == 0:
            return Bad(Reason.LENGTH_ZERO)
        end = start + BEGIN + length
        dialect = self._dialect(buffer, start + BEGIN, end)
        if length > dialect.longest:
            return Bad(Reason.LENGTH_OVER_LIMIT)
        limit = end + CRC_DIGITS
        if self._overtaken(buffer, start, limit):
            return Bad(Reason.LENGTH_MISMATCH)
        if len(buffer) < limit:
            return self._unfinished(buffer, start) if final else WAIT
        segment = buffer[start + BEGIN : end]
        if sm4.MARK in segment:
            return self._encrypted(buffer, start, length, dialect, final)
        given = buffer[end:limit]
        notes = _crc_notes(segment, given, dialect)
        if notes is not None:
            return _tail(buffer, limit, segment, notes, dialect, final)
        if dialect.length == "characters":
            return self._by_characters(buffer, start, length, dialect, final)
        return Bad(_why(segment, given))

    def _dialect(self, buffer: bytes, begin: int, end: int) -> Dialect:
        if not self.dialects:
            return self.dialect
        match = _MN.search(buffer, begin, min(end, begin + 200))
        return self.dialects.get(match.group(1).decode("latin-1").strip(), self.dialect) if match else self.dialect

    def _overtaken(self, buffer: bytes, start: int, limit: int) -> bool:
        """Whether a whole packet, CR LF included, ends before this one could: then this head is a false one."""
        place = start
        for _ in range(_HEADS_TRIED):
            place = buffer.find(HEAD, place + 1, limit)
            if place < 0:
                return False
            end = strict_end(buffer, place)
            if 0 < end < limit:
                return True
        return False

    @staticmethod
    def _unfinished(buffer: bytes, start: int) -> Bad:
        line = buffer.find(b"\n", start)
        whole = buffer[start : line + 1 if line >= 0 else len(buffer)]
        return Bad(Reason.LENGTH_MISMATCH if _LOOKS_WHOLE.search(whole) else Reason.INCOMPLETE)

    def _encrypted(self, buffer: bytes, start: int, length: int, dialect: Dialect, final: bool) -> Verdict:
        """Framed by its line, since the texts disagree on what the length of an encrypted packet counts."""
        line, head = buffer.find(b"\n", start), buffer.find(HEAD, start + BEGIN)
        stops = [place for place in (line, head) if place >= 0]
        if not stops and not final:
            longest = BEGIN + _ENCRYPTED_TIMES * dialect.longest
            return Bad(Reason.LENGTH_MISMATCH) if len(buffer) - start > longest else WAIT
        stop = min(stops, default=len(buffer))
        stripped = buffer[start + BEGIN : stop].rstrip(b"\r")
        sent, given = stripped[:-CRC_DIGITS], stripped[-CRC_DIGITS:]
        opening, closing = sent.find(b"&&") + 2, sent.rfind(b"&&")
        if closing < opening:
            return Bad(Reason.LENGTH_MISMATCH)
        if not dialect.keys:
            return Bad(Reason.NO_KEY)
        for key in dialect.keys:
            region = sm4.decrypted(sent[opening:closing], key)
            plain = sent[:opening] + region + sent[closing:] if region is not None else b""
            notes = _crc_notes(plain, given, dialect) if plain else None
            if notes is not None:
                if length not in (len(plain), len(sent)):
                    return Bad(Reason.LENGTH_MISMATCH)
                place = start + BEGIN + len(stripped)
                found = _tail(buffer, place, plain, notes, dialect, final)
                return found._replace(encrypted=True) if isinstance(found, Found) else found
        return Bad(Reason.CRC_ERROR if _HEX.match(given) else Reason.CRC_NOT_HEX)

    @staticmethod
    def _by_characters(buffer: bytes, start: int, length: int, dialect: Dialect, final: bool) -> Verdict:
        """The packet ends at the first line end behind its characters; they are counted, and the CRC decides."""
        line = buffer.find(b"\n", start + BEGIN + length)
        if line < 0:
            waits = len(buffer) - start <= BEGIN + 4 * length + CRC_DIGITS
            return WAIT if waits and not final else Bad(Reason.LENGTH_MISMATCH)
        stripped = buffer[start + BEGIN : line].rstrip(b"\r")
        segment, given = stripped[:-CRC_DIGITS], stripped[-CRC_DIGITS:]
        text = decoded(segment)[0]
        notes = _crc_notes(segment, given, dialect)
        if len(text) != length or notes is None:
            return Bad(Reason.LENGTH_MISMATCH)
        counted = Leniency(Kind.LENGTH_IN_CHARACTERS, "", str(length))
        return _tail(buffer, start + BEGIN + len(stripped), segment, (counted, *notes), dialect, final)


def strict_end(buffer: bytes, start: int) -> int:
    """The place after a packet that begins at ``start`` and is right in length, CRC (either case) and CR LF; or -1."""
    digits = buffer[start + len(HEAD) : start + BEGIN]
    if len(digits) < LENGTH_DIGITS or not digits.isdigit():
        return -1
    end = start + BEGIN + int(digits)
    after = buffer[end : end + CRC_DIGITS + len(TAIL)]
    if after[CRC_DIGITS:] != TAIL or not _HEX.match(after[:CRC_DIGITS]):
        return -1
    segment = buffer[start + BEGIN : end]
    return end + len(after) if segment and crc.crc(segment) == after[:CRC_DIGITS].upper() else -1


def _crc_notes(segment: bytes, given: bytes, dialect: Dialect) -> tuple[Leniency, ...] | None:
    """The leniencies under which the CRC as given fits, none for the standard's own; None when it does not fit."""
    if not _HEX.match(given):  # before summing: hostile streams state great lengths again and again
        return None
    right, upper = crc.crc(segment), given.upper()
    if given == right:
        return ()
    if upper == right:
        return (Leniency(Kind.CRC_LOWER_CASE, "", given.decode("latin-1")),)
    if dialect.crc == "standard":
        return None
    wanted = {
        "swapped": lambda: crc.swapped(right),
        "modbus": lambda: crc.modbus(segment),
        "modbus_swapped": lambda: crc.swapped(crc.modbus(segment)),
        "ignore": lambda: upper,
    }[dialect.crc]()
    return (Leniency(Kind.CRC_DIALECT, dialect.crc, given.decode("latin-1")),) if upper == wanted else None


def _tail(
    buffer: bytes, place: int, segment: bytes, notes: tuple[Leniency, ...], dialect: Dialect, final: bool
) -> Verdict:
    """CR LF; let pass: LF alone, or nothing when the next head or silence follows at once."""
    after = buffer[place : place + 3]
    if after.startswith(TAIL):
        return Found(place + 2, segment, notes, False, dialect)
    if after.startswith(b"\n"):
        return Found(place + 1, segment, (*notes, Leniency(Kind.LF_ONLY)), False, dialect)
    carriage = 1 if after.startswith(b"\r") else 0
    rest = after[carriage : carriage + 2]
    if rest == HEAD or (final and rest in (b"", b"#")):
        return Found(place + carriage, segment, (*notes, Leniency(Kind.NO_CRLF)), False, dialect)
    return WAIT if rest in (b"", b"#") and not final else Bad(Reason.BAD_TAIL)


def _why(segment: bytes, given: bytes) -> Reason:
    """Which of length and CRC is wrong, as far as the bytes can tell."""
    is_hex = _HEX.match(given) is not None
    if segment.rstrip().endswith(b"&&") and not given.startswith(b"&"):
        return Reason.CRC_ERROR if is_hex else Reason.CRC_NOT_HEX
    return Reason.LENGTH_MISMATCH


def decoded(raw: bytes) -> tuple[str, Kind | None]:
    """Text of a segment: UTF-8 (2017 text), else GB18030, else with replacement marks; and the leniency for it."""
    try:
        return raw.decode("utf-8"), None
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("gb18030"), Kind.GB18030
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace"), Kind.UNDECODABLE
