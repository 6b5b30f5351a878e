"""A packet taken apart: every byte belongs to one piece with its kind and meaning, also in a packet that is wrong.

Meanings are in Chinese or in English; names of factors are as the standard prints them.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

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
    """Some bytes of a packet. kind: noise, frame, head, time, value, flag, crc, tail, wrong."""

    raw: bytes
    kind: str
    meaning: str

    @property
    def text(self) -> str:
        """The bytes as text; CR and LF and other control characters spelled out."""
        shown = decoded(self.raw)[0].replace("\r", "\\r").replace("\n", "\\n")
        return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in shown)


def explain(raw: bytes, judge: Judge, *, english: bool = False) -> list[Piece]:
    """The pieces of the first packet in ``raw``, in order; joined, their bytes are ``raw``."""
    return _Explainer(english).pieces(raw, judge)


class _Explainer:
    """Says what pieces mean in one language."""

    def __init__(self, english: bool) -> None:
        self._english = english

    def pieces(self, raw: bytes, judge: Judge) -> list[Piece]:
        start = raw.find(HEAD)
        if start < 0:
            return [Piece(raw, "noise", self._say("没有包头“##”", "no packet head ##"))] if raw else []
        noise = self._say(f"杂音，{start} 字节", f"noise, {start} bytes")
        pieces = [Piece(raw[:start], "noise", noise)] if start else []
        found = judge.at(raw, start, True)
        right = isinstance(found, Found)
        stop = found.end if right else len(raw)
        whole = raw[start:stop]
        sent = _sent_segment(whole, found.segment if right and not found.encrypted else None)
        plain = found.segment if right else sent
        pieces.append(Piece(HEAD, "frame", self._say("包头", "head of the packet")))
        pieces.append(self._length(whole[len(HEAD) : BEGIN], sent, plain))
        pieces += self._segment(sent, plain if right and found.encrypted else None)
        pieces += self._ending(whole[BEGIN + len(sent) :], plain)
        if stop < len(raw):
            left = len(raw) - stop
            pieces.append(Piece(raw[stop:], "noise", self._say(f"包外的 {left} 字节", f"{left} bytes outside")))
        return [piece for piece in pieces if piece.raw]

    def _say(self, zh: str, en: str) -> str:
        return en if self._english else zh

    def _name(self, fact: Any) -> str:
        """The words of a fact in the language."""
        return (fact.en or fact.zh) if self._english else fact.zh

    def _with(self, head: str, more: str) -> str:
        return f"{head}{self._say('：', ': ')}{more}"

    def _length(self, digits: bytes, sent: bytes, plain: bytes) -> Piece:
        lengths = {len(sent), len(plain)}
        if len(digits) == 4 and digits.isdigit() and int(digits) in lengths:
            n = int(digits)
            return Piece(digits, "frame", self._say(f"数据段长度 {n} 字节，与实际相符",
                                                    f"length of the segment, {n} bytes, right"))  # fmt: skip
        there = self._say("或", " or ").join(map(str, sorted(lengths)))
        return Piece(digits, "wrong", self._say(f"数据段长度，实际为 {there} 字节",
                                                f"length of the segment; it has {there} bytes"))  # fmt: skip

    def _ending(self, rest: bytes, segment: bytes) -> list[Piece]:
        """CRC and tail."""
        given, tail = rest[:CRC_DIGITS], rest[CRC_DIGITS:]
        right = crc(segment)
        if given == right:
            said = Piece(given, "crc", self._say("CRC 校验码，正确", "CRC, right"))
        elif given.upper() == right:
            said = Piece(given, "crc", self._say("CRC 校验码，正确，但为小写", "CRC, right, but in lower case"))
        else:
            said = Piece(given, "wrong", self._say(f"CRC 校验码，按标准应为 {right.decode()}",
                                                   f"CRC; by the standard it is {right.decode()}"))  # fmt: skip
        if tail == b"\r\n":
            return [said, Piece(tail, "tail", self._say("包尾 CR LF", "tail CR LF"))]
        return [said, Piece(tail, "wrong", self._say("包尾应为 CR LF", "the tail should be CR LF"))]

    def _segment(self, sent: bytes, plain: bytes | None) -> list[Piece]:
        region = region_of(sent, False)
        pieces = [Piece(item, *self._head_meaning(*_pair(item))) for item in _items(sent[: region.begin])]
        begins, ends = (
            self._say("数据区开始", "the data region begins"),
            self._say("数据区结束", "the data region ends"),
        )
        pieces.append(Piece(sent[region.begin : region.start], "frame", begins))
        content = sent[region.start : region.end]
        if plain is not None:
            said = self._say("SM4 加密的数据区，明文：", "data region encrypted by SM4, in clear: ")
            pieces.append(Piece(content, "value", said + decoded(_content(plain))[0]))
        else:
            pieces += [Piece(item, *self._item_meaning(*_pair(item))) for item in _items(content)]
        pieces.append(Piece(sent[region.end :], "frame", ends))
        return pieces

    def _word(self, words: tuple, code: str) -> str:
        found = next((word for word in words if word.code == code), None)
        return self._name(found) if found else self._say("标准以外的值", "not in the standard")

    def _head_meaning(self, name: str, text: str) -> tuple[str, str]:
        """Kind and meaning of a head field."""
        known = next((one for one in fields().head if one.name.upper() == name.upper()), None)
        if known is None:
            if name:
                return "wrong", self._say("标准以外的包头字段", "head field not in the standard")
            return "frame", self._say("分隔符", "separator")
        said, more = self._name(known), ""
        if known.name == "QN":
            time, _ = read_time(text)
            more = f"{time:%Y-%m-%d %H:%M:%S}" if time and len(text) == 17 else self._say(
                "不是 17 位时间", "not a time of 17 digits")  # fmt: skip
        elif known.name == "ST":
            system = systems().get(text)
            more = self._name(system) if system else self._say("标准以外的系统", "not in the standard")
        elif known.name == "CN":
            command = command_of(text, 2025)
            more = self._name(command) if command else self._say("标准以外的命令", "not in the standard")
        elif known.name == "Flag":
            more = self._flag(text)
        return "head", self._with(said, more) if more else said

    def _flag(self, text: str) -> str:
        if not (text.isascii() and text.isdigit() and int(text) <= 255):
            return self._say("应为 0～255", "should be 0 to 255")
        flag = int(text)
        known = flag >> EDITION_SHIFT in EDITIONS
        edition = (
            self._word(fields().editions, str(flag >> EDITION_SHIFT))
            if known
            else self._say("版本未知", "unknown edition")
        )
        part = self._say("拆分包", "a part") if flag & PART else self._say("单包", "a single packet")
        wants = self._say("需要应答", "answer wanted") if flag & ANSWER else self._say("不需应答", "no answer wanted")
        return self._say("，", ", ").join((edition, part, wants))

    def _item_meaning(self, name: str, text: str) -> tuple[str, str]:
        """Kind and meaning of an item of the data region."""
        code, _, field = name.rpartition("-")
        if not code:
            return self._parameter(name, text)
        known = code_of(code)
        what = known.zh if known else self._say("表外因子", "factor not in the tables")
        if known and known.old == code and known.code != code:
            what += self._say(f"（2005 版编码，现为 {known.code}）", f" (code of 2005, now {known.code})")
        of_field = next((one for one in fields().fields if one.name.lower() == field.lower()), None)
        of = self._name(of_field) if of_field else self._say("标准以外的数据项", "field not in the standard")
        said = f"{what} {of}"
        if of_field is None:
            return "value", said
        if of_field.kind == "flag":
            return "flag", self._with(said, self._word(fields().data_flags, text))
        if of_field.kind == "time":
            return "time", said
        if of_field.kind == "number":
            kind = read_number(text).kind
            unit = known.amount_unit if known and of_field.name == "Cou" else known.unit if known else ""
            more = [said, *([unit] if unit else []), *([KINDS[kind][int(self._english)]] if kind else [])]
            return ("wrong" if read_number(text).number is None else "value"), self._say("，", ", ").join(more)
        return "value", said

    def _parameter(self, name: str, text: str) -> tuple[str, str]:
        if not name:
            return "frame", self._say("分隔符", "separator")
        known = next((one for one in fields().parameters if one.name.lower() == name.lower()), None)
        if known is None:
            return "wrong", self._say("标准以外的名称", "name not in the standard")
        said = self._name(known)
        if known.name == "QnRtn":
            return "value", self._with(said, self._word(fields().request_answers, text))
        if known.name == "ExeRtn":
            return "value", self._with(said, self._word(fields().results, text))
        if known.kind == "time":
            time, _ = read_time(text)
            if time:
                return "time", self._with(said, f"{time:%Y-%m-%d %H:%M:%S}")
            return "wrong", self._with(said, self._say("不是有效时间", "no valid time"))
        return "value", said


def _sent_segment(whole: bytes, known: bytes | None) -> bytes:
    """The segment as sent: the judged one, else what stands before something like a CRC at the end."""
    if known is not None:
        return known
    match = _CRC_AND_TAIL.search(whole)
    end = match.start() if match and match.start() >= BEGIN else _LINE_END.search(whole).start()
    return whole[BEGIN:end]


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
