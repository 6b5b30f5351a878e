"""Bytes to text: byte order marks first, then strict decoding, then the question whether the result is Chinese."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from ecocloud.intake.documents.errors import BinaryDocument, EmptyDocument, WrongEncoding, refuse

CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
COMMON = re.compile(r"[\u4e00-\u9fa5\u3000-\u303f\uff00-\uffef\x09\x0a\x0d\x20-\x7e“”‘’—…·×÷°℃①-⑳ā-ǜ]")
PRIVATE = re.compile(r"[\ue000-\uf8ff\ufffd]")
FREQUENT = set(
    "的和在是工作與關於環態設發實縣區鄉建设推进生态环境实施全市县区以年发展管理理保护加强治水大中一不为有了人与目标任务单位责"
)
HAN = re.compile(r"[\u3400-\u9fff]")
UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
HIGH_BYTE = re.compile(rb"[\x80-\xff]")
# At most one character in this many may be broken.
BROKEN_RATE = 200
REMEDY = "请用 UTF-8 或 GB18030 编码另存后再试。"


def quality(text: str) -> float:
    """0..1: how much ``text`` looks like a Chinese (or ASCII) document rather than wrongly decoded bytes."""
    sample = text[:20000]
    if not sample:
        return 0.0
    usual = len(COMMON.findall(sample)) / len(sample)
    han = [c for c in sample if "\u3400" <= c <= "\u9fff"]
    known = sum(c in FREQUENT for c in han) / len(han) if han else 0.1
    odd = (len(PRIVATE.findall(sample)) + len(CONTROL.findall(sample))) / len(sample)
    return max(0.0, usual - 10 * odd) * (0.6 + min(known, 0.1) * 4)


def _foreign(text: str) -> bool:
    """Whether a longer text of Chinese characters holds hardly any that every official text uses."""
    han = HAN.findall(text[:20000])
    return len(han) >= 20 and sum(c in FREQUENT for c in han) < 0.03 * len(han)


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _looks_binary(data: bytes) -> bool:
    head = data[:8192]
    control = sum(b < 9 or 13 < b < 27 or 27 < b < 32 for b in head)
    return control > max(2, len(head) * 0.02)


@dataclass(frozen=True)
class Decoded:
    """The text of a file, the encoding it was in, how many characters were broken (they stand as U+FFFD)."""

    text: str
    encoding: str
    broken: int = 0


def decode(data: bytes, name: str) -> Decoded:
    """The text of a plain text file: UTF-8, UTF-8 with mark, UTF-16 (with or without mark), GB18030, Big5.

    A UTF-8 mark stays in the text (offsets count it, as ``open(newline='')`` does); a UTF-16 mark does not. A few
    broken bytes (at most one character in 200) become U+FFFD; more are refused.

    Raises EmptyDocument, BinaryDocument, WrongEncoding; the sentence names the encoding that is wrong.
    """
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf\xfe\xff"):
        raise refuse(EmptyDocument, name, "文件里没有任何文字。", "the file has no text", remedy="请选择有正文的文件。")
    found = _marked(data) or _utf8(data, name) or _guess(data) or _few_broken(data)
    if found is not None and CONTROL.search(found.text) and _looks_binary(data):
        found = _guess(data)
    sure = found is not None and found.encoding in ("utf-8", "utf-16") and not CONTROL.search(found.text)
    if found is None or (not sure and (quality(found.text) < 0.35 or _foreign(found.text))):
        if _looks_binary(data):
            raise refuse(
                BinaryDocument, name, "这不是文本文件，内容是二进制数据。", "the file is binary, not a text",
                value=data[:8].hex(" "), remedy="支持 txt、html、docx 和带文字层的 pdf。")  # fmt: skip
        raise refuse(
            WrongEncoding, name, "文字编码无法识别。", "the text is in no accepted encoding",
            value=data[:16].hex(" "), remedy=REMEDY)  # fmt: skip
    _refuse_destroyed(found.text, name)
    return found


def _marked(data: bytes) -> Decoded | None:
    """UTF-16 with a mark; a cut last character counts as broken."""
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    text = _strict(data, "utf-16")
    return Decoded(text, "utf-16") if text is not None else _lenient(data, "utf-16")


def _utf8(data: bytes, name: str) -> Decoded | None:
    """UTF-8, also with a few broken bytes; a file that goes on in another encoding is refused with the line."""
    text = _strict(data, "utf-8")
    if text is not None:
        return None if "\x00" in text else Decoded(text, "utf-8")
    multibyte = len(UTF8_SEQUENCE.findall(data))
    other = len(HIGH_BYTE.findall(UTF8_SEQUENCE.sub(b"", data)))
    if multibyte < 4:
        return None
    _refuse_mixed(data, name)
    return _lenient(data, "utf-8") if other * BROKEN_RATE <= multibyte else None


def _refuse_mixed(data: bytes, name: str) -> None:
    """Refuse a file of which some lines are UTF-8 and others GB18030 (two files put together)."""
    utf8 = other = 0
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.isascii():
            continue
        if _strict(line, "utf-8") is not None:
            utf8 = utf8 or number
            continue
        text = _strict(line, "gb18030")
        if text is not None and len(HAN.findall(text)) >= 4 and quality(text) >= 0.8:
            other = other or number
    if utf8 and other:
        raise refuse(
            WrongEncoding, name, f"文件混有两种编码：第 {utf8} 行是 UTF-8，第 {other} 行是 GB18030。",
            f"line {utf8} is UTF-8, line {other} GB18030", value=other, remedy=REMEDY, 行=other)  # fmt: skip


def _lenient(data: bytes, encoding: str) -> Decoded | None:
    """The text with broken bytes as U+FFFD, None when there are more than a few."""
    text = data.decode(encoding, "replace")
    broken = text.count("\ufffd")
    return Decoded(text, encoding, broken) if broken * BROKEN_RATE <= len(text) else None


def _few_broken(data: bytes) -> Decoded | None:
    """GB18030 or Big5 with a few broken bytes, by :func:`quality`."""
    found = [d for encoding in ("gb18030", "big5") if (d := _lenient(data, encoding)) is not None]
    return max(found, key=lambda d: quality(d.text.replace("\ufffd", "")), default=None)


def _refuse_destroyed(text: str, name: str) -> None:
    """Refuse a text that was saved in a wrong encoding before it came here: its characters are lost or others."""
    lost = text.count("\ufffd") + 2 * text.count("锟斤拷")
    if lost * BROKEN_RATE > len(text):
        raise refuse(
            WrongEncoding, name, "文字在转换编码时已经丢失（出现“锟斤拷”或“\ufffd”）。", "characters were lost before",
            value=lost, remedy="请换用原始文件。")  # fmt: skip
    sample = text[:4000]
    worth = quality(sample)
    if worth >= 0.9:
        return
    for wrong, label in (("gb18030", "GB18030"), ("cp1252", "Windows-1252"), ("latin-1", "Latin-1")):
        back = sample.encode(wrong, "ignore").decode("utf-8", "ignore")
        if len(HAN.findall(back)) * 4 >= len(back) > 3 and len(back) * 6 > len(sample) and quality(back) > worth + 0.15:
            raise refuse(
                WrongEncoding, name, f"这是被当作 {label} 打开后另存的 UTF-8 文字，已成乱码。",
                f"UTF-8 that was read as {label} and saved again", value=sample[:12],
                remedy="请换用原始文件。")  # fmt: skip


def _guess(data: bytes) -> Decoded | None:
    """The best of the encodings without a mark, by :func:`quality`; None when none decodes."""
    best, worth = None, 0.0
    wide = ["utf-16-le", "utf-16-be"] if len(data) % 2 == 0 else []
    for encoding in [*wide, "gb18030", "big5"]:
        text = _strict(data, encoding)
        if text is None:
            continue
        found = quality(text)
        if found > worth + 1e-9:
            best, worth = Decoded(text, encoding), found
    return best
