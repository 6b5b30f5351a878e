"""Building packets: answers to a device, commands to it, and uploads of a device (for simulators and tests).

An answer speaks the edition of what it answers and repeats its QN (HJ 212-2017 6.2, annex C): 9011 to a request, 9012
when it was carried out, 9013 to a notice, 9014 to data. Nothing here reads a clock: QN and times are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from ecocloud.base.errors import EcoError
from ecocloud.intake.monitoring.hj212 import sm4
from ecocloud.intake.monitoring.hj212.crc import crc
from ecocloud.intake.monitoring.hj212.decoder import Packet
from ecocloud.intake.monitoring.hj212.head import ANSWER, EDITION_SHIFT, EDITIONS, PART
from ecocloud.intake.monitoring.hj212.layouts import TIME
from ecocloud.intake.monitoring.hj212.tables import Name, command_of, fields, is_encrypted
from ecocloud.intake.monitoring.hj212.values import BEIJING

# ST of everything that is an answer.
INTERACTION = "91"
REQUEST_ANSWER, RESULT, NOTICE_ANSWER, DATA_ANSWER, HEARTBEAT = "9011", "9012", "9013", "9014", "9015"
_ANSWERS = frozenset({REQUEST_ANSWER, RESULT, NOTICE_ANSWER, DATA_ANSWER})
_SHIFTED = {edition: number << EDITION_SHIFT for number, edition in EDITIONS.items()}
LONGEST_CP = 950  # HJ 212-2017 table 3, bytes


class BuildError(EcoError):
    """A packet cannot be built from what was given; says the field, its value and what would be right."""

    code = "hj212.build"


class Device(NamedTuple):
    """Whom a command goes to, as its register says. key: SM4 key, b'' for plain packets."""

    mn: str
    st: str
    pw: str
    edition: int = 2017
    key: bytes = b""


def framed(segment: bytes) -> bytes:
    """A segment as a packet: head, length, CRC, CR LF. Raises :class:`BuildError` over 9999 bytes."""
    if not 0 < len(segment) <= 9999:
        raise BuildError(
            f"数据段有 {len(segment)} 字节。",
            "segment length",
            value=len(segment),
            remedy_zh="应为 1～9999 字节，请拆分。",
        )
    return b"##%04d%b%b\r\n" % (len(segment), segment, crc(segment))


def head(
    cn: str,
    device: Device,
    qn: str = "",
    *,
    answer: bool = False,
    part: tuple[int, int] | None = None,
    again: bool = False,
) -> str:
    """The head fields before CP, in the order of table 3; ``part``: (PNO, PNUM); ``again``: RF=1 (2025 only)."""
    flag = _flag(device.edition, answer, part is not None)
    items = [f"QN={qn}"] if qn else []
    items += [f"ST={device.st}", f"CN={cn}", f"PW={device.pw}", f"MN={device.mn}", f"Flag={flag}"]
    if part is not None:
        number, total = part
        items += [f"PNUM={total}", f"PNO={number}"]
    if again and device.edition == 2025:
        items.append("RF=1")
    return ";".join(items) + ";"


def _flag(edition: int, answer: bool, part: bool) -> int:
    return _SHIFTED.get(edition, _SHIFTED[2017]) | (PART if part else 0) | (ANSWER if answer else 0)


def packet(head_text: str, region: str = "", key: bytes = b"") -> bytes:
    """A packet of a head and the content of its data region; ``key`` encrypts the region as in 2025 annex A.2."""
    begin, content = f"{head_text}CP=&&".encode(), region.encode("utf-8")
    plain = begin + content + b"&&"
    if not key or len(content) < sm4.BLOCK:
        return framed(plain)
    sent = begin + sm4.encrypted(content, key) + b"&&"
    return framed(sent)[: 6 + len(sent)] + crc(plain) + b"\r\n"


def answer_to(event: Packet) -> bytes | None:
    """What a host sends back to a packet of a device: 9013 to a notice, 9014 to data; None when no answer is wanted.

    An answer is never answered, whatever its Flag says.
    """
    if event.head.cn in _ANSWERS or not event.head.wants_answer:
        return None
    known = command_of(event.head.cn, event.head.edition)
    notice = known is not None and known.kind == "notice"
    return answer(event, NOTICE_ANSWER if notice else DATA_ANSWER)


def answer(event: Packet, cn: str, region: str = "") -> bytes:
    """An answer ``cn`` to a packet, in its edition: same QN, PW and MN, ST=91; nothing is asked back.

    In 2005 the answer names QN and CN of what it answers inside the data region.
    """
    given = event.head
    if given.edition == 2005:
        named = [f"QN={event.qn}"] if event.qn else []
        items = [*named, f"CN={given.cn}", *([region] if region else [])]
        return packet(f"ST={INTERACTION};CN={cn};PW={given.pw};MN={given.mn};Flag=0;", ";".join(items))
    device = Device(given.mn, INTERACTION, given.pw, given.edition)
    return packet(head(cn, device, qn=event.qn), region)


def request_answer(event: Packet, code: int) -> bytes:
    """9011: a request is taken up (1) or refused; ``code`` is a QnRtn of the standard."""
    return answer(event, REQUEST_ANSWER, f"QnRtn={_listed(code, 'QnRtn', fields().request_answers)}")


def result(event: Packet, code: int) -> bytes:
    """9012: how a request was carried out; ``code`` is an ExeRtn of the standard."""
    return answer(event, RESULT, f"ExeRtn={_listed(code, 'ExeRtn', fields().results)}")


def _listed(code: int, name: str, words: Iterable) -> int:
    allowed = [word.code for word in words]
    if str(code) not in allowed:
        raise BuildError(
            f"{name} 没有 {code}。", f"{name} {code}", value=code, remedy_zh=f"可用：{'、'.join(allowed)}。"
        )
    return code


def qn_of(time: datetime) -> str:
    """A QN: Beijing time with milliseconds. ``time`` must be aware; the caller keeps QN of one device apart."""
    local = time.astimezone(BEIJING)
    return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}"


def time_text(time: datetime) -> str:
    """A time of the data region: 14 digits, Beijing time."""
    return f"{time.astimezone(BEIJING):%Y%m%d%H%M%S}"


def command(cn: str, device: Device, qn: str, values: Mapping[str, object] | None = None) -> bytes:
    """A command from the host with an answer wanted: 1012, 1061 to 1064, 2011, 2031, 2051, 3015 … of the tables.

    values: parameters by name; times as datetime. Names outside the table are refused unless they are of the form
    ``code-Info`` (3021). Raises :class:`BuildError` for what is missing, unknown or out of range.
    """
    known = command_of(cn, device.edition)
    if known is None or known.sender == "device" or known.edition > device.edition:
        raise BuildError(
            f"{device.edition} 版没有上位机命令 {cn}。", f"no host command {cn}", value=cn, where={"字段": "CN"}
        )
    values = dict(values or {})
    missing = [name for name in known.parameters if name not in values and name not in known.optional]
    if missing:
        raise BuildError(f"命令 {cn} 缺 {'、'.join(missing)}。", f"{cn}: missing {missing}", where={"字段": missing[0]})
    free = [name for name in values if name not in known.parameters]
    wrong = [name for name in free if not name.endswith("-Info")]
    if wrong:
        raise BuildError(f"命令 {cn} 没有参数 {wrong[0]}。", f"{cn}: unknown {wrong[0]}", where={"字段": wrong[0]})
    items = [f"{name}={_value(name, values[name])}" for name in [*known.parameters, *free] if name in values]
    return packet(head(cn, device, qn=qn, answer=True), ";".join(items), _key(cn, device))


def _key(cn: str, device: Device) -> bytes:
    return device.key if is_encrypted(cn, device.edition) else b""


def _value(name: str, value: object) -> str:
    """A parameter as text; numbers within the limits of the table, texts without separators."""
    text = time_text(value) if isinstance(value, datetime) else str(value)
    known = next((one for one in fields().parameters if one.name == name), None)
    if known is not None and known.kind == "number":
        _check_number(known, text)
    if not text or not text.isprintable() or any(sign in text for sign in ";,&#=") or len(text) > LONGEST_CP:
        raise BuildError(f"{name} 的值不能写进数据区。", f"{name}: {text!r}", where={"字段": name}, value=text)
    return text


def _check_number(known: Name, text: str) -> None:
    allowed = f"{known.least}～{known.most}" if known.least is not None else "、".join(map(str, known.one_of))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    fits = number is not None and (known.least is None or known.least <= number <= (known.most or number))
    if not fits or (known.one_of and number not in known.one_of):
        raise BuildError(
            f"{known.name}={text} 不在允许范围。",
            f"{known.name}={text} is out of range",
            where={"字段": known.name},
            value=text,
            remedy_zh=f"应为 {allowed or '非负整数'}。",
        )


def upload(cn: str, device: Device, qn: str, time: datetime, groups: Iterable[Iterable[tuple[str, object]]], *,
           answer: bool = True, again: bool = False) -> list[bytes]:  # fmt: skip
    """Packets of a device that carry one record: as many parts as its length needs, each with DataTime (annex C.49).

    groups: for each code its (name, value) pairs, kept together in one part. QN of the parts count up from ``qn``.
    """
    stamp = f"{TIME}={time_text(time)}"
    pieces, size = [[stamp]], len(stamp)
    for group in groups:
        text = ",".join(f"{name}={value}" for name, value in group)
        length = len(text.encode("utf-8")) + 1
        if size + length > LONGEST_CP - 8 and len(pieces[-1]) > 1:
            pieces.append([stamp])
            size = len(stamp)
        pieces[-1].append(text)
        size += length
    total = len(pieces)
    found = []
    for number, piece in enumerate(pieces, 1):
        part = (number, total) if total > 1 else None
        own = f"{int(qn) + number - 1:017d}" if qn else ""
        text = head(cn, device, qn=own, answer=answer, part=part, again=again)
        found.append(packet(text, ";".join(piece), _key(cn, device)))
    return found
