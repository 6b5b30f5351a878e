"""A packet taken apart: every byte belongs to one piece with its kind and meaning, also in a packet that is wrong."""

from __future__ import annotations

import re
from typing import NamedTuple

from ecocloud.intake.monitoring.hj212.body import region_of
from ecocloud.intake.monitoring.hj212.crc import crc
from ecocloud.intake.monitoring.hj212.head import ANSWER, EDITION_SHIFT, EDITIONS, PART
from ecocloud.intake.monitoring.hj212.judging import BEGIN, CRC_DIGITS, HEAD, Found, Judge, decoded
from ecocloud.intake.monitoring.hj212.tables import code_of, command_of, fields, systems
from ecocloud.intake.monitoring.hj212.values import read_number, read_time
from ecocloud.intake.monitoring.hj212.words import KINDS

_LINE_END = re.compile(rb"[\r\n]*\Z")
# What stands between two separators of a segment.
_ITEM = re.compile(rb"[^,;]*[,;]?")
_QUOTED = re.compile(rb"[^,;=]*=\s*//.*?//\s*(?:[,;]|\Z)", re.DOTALL)
_CRC_AND_TAIL = re.compile(rb"[0-9A-Za-z]{4}[\r\n]*\Z")


class Piece(NamedTuple):
    """Some bytes of a packet. kind: noise, frame, head, time, value, flag, crc, tail, wrong. meaning: in Chinese."""

    raw: bytes
    kind: str
    meaning: str

    @property
    def text(self) -> str:
        """The bytes as text; CR and LF and other control characters spelled out."""
        shown = decoded(self.raw)[0].replace("\r", "\\r").replace("\n", "\\n")
        return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in shown)


def explain(raw: bytes, judge: Judge) -> list[Piece]:
    """The pieces of the first packet in ``raw``, in order; joined, their bytes are ``raw``."""
    start = raw.find(HEAD)
    if start < 0:
        return [Piece(raw, "noise", "没有包头“##”")] if raw else []
    pieces = [Piece(raw[:start], "noise", f"杂音，{start} 字节")] if start else []
    found = judge.at(raw, start, True)
    right = isinstance(found, Found)
    stop = found.end if right else len(raw)
    whole = raw[start:stop]
    sent = _sent_segment(whole, found.segment if right and not found.encrypted else None)
    plain = found.segment if right else sent
    pieces.append(Piece(HEAD, "frame", "包头"))
    pieces.append(_length(whole[len(HEAD) : BEGIN], sent, plain))
    pieces += _segment(sent, plain if right and found.encrypted else None)
    pieces += _ending(whole[BEGIN + len(sent) :], plain)
    if stop < len(raw):
        pieces.append(Piece(raw[stop:], "noise", f"包外的 {len(raw) - stop} 字节"))
    return [piece for piece in pieces if piece.raw]


def _sent_segment(whole: bytes, known: bytes | None) -> bytes:
    """The segment as sent: the judged one, else what stands before something like a CRC at the end."""
    if known is not None:
        return known
    match = _CRC_AND_TAIL.search(whole)
    end = match.start() if match and match.start() >= BEGIN else _LINE_END.search(whole).start()
    return whole[BEGIN:end]


def _length(digits: bytes, sent: bytes, plain: bytes) -> Piece:
    lengths = {len(sent), len(plain)}
    if len(digits) == 4 and digits.isdigit() and int(digits) in lengths:
        return Piece(digits, "frame", f"数据段长度 {int(digits)} 字节，与实际相符")
    return Piece(digits, "wrong", f"数据段长度，实际为 {'或'.join(map(str, sorted(lengths)))} 字节")


def _ending(rest: bytes, segment: bytes) -> list[Piece]:
    """CRC and tail."""
    given, tail = rest[:CRC_DIGITS], rest[CRC_DIGITS:]
    right = crc(segment)
    if given.upper() == right:
        said = Piece(given, "crc", "CRC 校验码，正确" if given == right else "CRC 校验码，正确，但为小写")
    else:
        said = Piece(given, "wrong", f"CRC 校验码，按标准应为 {right.decode()}")
    return [
        said,
        Piece(tail, "tail" if tail == b"\r\n" else "wrong", "包尾 CR LF" if tail == b"\r\n" else "包尾应为 CR LF"),
    ]


def _segment(sent: bytes, plain: bytes | None) -> list[Piece]:
    region = region_of(sent, False)
    values = {}
    pieces = []
    for item in _items(sent[: region.begin]):
        name, text = _pair(item)
        values[name.upper()] = text
        pieces.append(Piece(item, *_head_meaning(name, text, values)))
    pieces.append(Piece(sent[region.begin : region.start], "frame", "数据区开始"))
    content = sent[region.start : region.end]
    if plain is not None:
        pieces.append(Piece(content, "value", "SM4 加密的数据区，明文：" + decoded(_content(plain))[0]))
    else:
        pieces += [Piece(item, *_item_meaning(*_pair(item))) for item in _items(content)]
    pieces.append(Piece(sent[region.end :], "frame", "数据区结束"))
    return pieces


def _content(plain: bytes) -> bytes:
    region = region_of(plain, False)
    return plain[region.start : region.end]


def _items(content: bytes) -> list[bytes]:
    """The items with the separators behind them; a text between ``//`` is one."""
    found, place = [], 0
    while place < len(content):
        match = _QUOTED.match(content, place) or _ITEM.match(content, place)
        found.append(match.group())
        place = match.end()
    return found


def _pair(item: bytes) -> tuple[str, str]:
    name, _, value = decoded(item.rstrip(b",;"))[0].partition("=")
    return name.strip(), value.strip()


def _word(words: tuple, code: str) -> str:
    return next((word.zh for word in words if word.code == code), "标准以外的值")


def _head_meaning(name: str, text: str, values: dict[str, str]) -> tuple[str, str]:
    """Kind and meaning of a head field."""
    known = next((one for one in fields().head if one.name.upper() == name.upper()), None)
    if known is None:
        return ("wrong", "标准以外的包头字段") if name else ("frame", "分隔符")
    said = known.zh
    if known.name == "QN":
        time, _ = read_time(text)
        said += f"：{time:%Y-%m-%d %H:%M:%S}" if time and len(text) == 17 else "：不是 17 位时间"
    elif known.name == "ST":
        said += f"：{systems()[text].zh}" if text in systems() else "：标准以外的系统"
    elif known.name == "CN":
        command = command_of(text, 2025)
        said += f"：{command.zh}" if command else "：标准以外的命令"
    elif known.name == "Flag":
        said += f"：{_flag(text)}"
    return "head", said


def _flag(text: str) -> str:
    if not (text.isascii() and text.isdigit() and int(text) <= 255):
        return "应为 0～255"
    flag = int(text)
    edition = _word(fields().editions, str(flag >> EDITION_SHIFT)) if flag >> EDITION_SHIFT in EDITIONS else "版本未知"
    return f"{edition}，{'拆分包' if flag & PART else '单包'}，{'需要' if flag & ANSWER else '不需'}应答"


def _item_meaning(name: str, text: str) -> tuple[str, str]:
    """Kind and meaning of an item of the data region."""
    code, _, field = name.rpartition("-")
    if not code:
        return _parameter(name, text)
    known = code_of(code)
    what = known.zh if known else "表外因子"
    if known and known.old == code and known.code != code:
        what += f"（2005 版编码，现为 {known.code}）"
    of_field = next((one for one in fields().fields if one.name.lower() == field.lower()), None)
    said = f"{what} {of_field.zh if of_field else '标准以外的数据项'}"
    if of_field is None:
        return "value", said
    if of_field.kind == "flag":
        return "flag", f"{said}：{_word(fields().data_flags, text)}"
    if of_field.kind == "time":
        return "time", said
    if of_field.kind == "number":
        kind = read_number(text).kind
        unit = known.amount_unit if known and of_field.name == "Cou" else known.unit if known else ""
        note = f"，{KINDS[kind][0]}" if kind else ""
        return ("wrong" if read_number(text).number is None else "value"), said + (f"，{unit}" if unit else "") + note
    return "value", said


def _parameter(name: str, text: str) -> tuple[str, str]:
    if not name:
        return "frame", "分隔符"
    known = next((one for one in fields().parameters if one.name.lower() == name.lower()), None)
    if known is None:
        return "wrong", "标准以外的名称"
    if known.name == "QnRtn":
        return "value", f"{known.zh}：{_word(fields().request_answers, text)}"
    if known.name == "ExeRtn":
        return "value", f"{known.zh}：{_word(fields().results, text)}"
    if known.kind == "time":
        time, _ = read_time(text)
        return ("time", f"{known.zh}：{time:%Y-%m-%d %H:%M:%S}") if time else ("wrong", f"{known.zh}：不是有效时间")
    return "value", known.zh
