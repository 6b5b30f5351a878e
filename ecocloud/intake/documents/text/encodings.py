"""Bytes to text: byte order marks first, then strict decoding, then the question whether the result is Chinese."""

from __future__ import annotations

import codecs
import re

from ecocloud.intake.documents.errors import BinaryDocument, EmptyDocument, WrongEncoding, refuse

CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
COMMON = re.compile(r"[\u4e00-\u9fa5\u3000-\u303f\uff00-\uffef\x09\x0a\x0d\x20-\x7e“”‘’—…·×÷°℃①-⑳ā-ǜ]")
PRIVATE = re.compile(r"[\ue000-\uf8ff\ufffd]")
FREQUENT = set("的和在是工作建设推进生态环境实施全市县区以年发展管理理保护加强治水大中一不为有了人与目标任务单位责")
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


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _looks_binary(data: bytes) -> bool:
    head = data[:8192]
    control = sum(b < 9 or 13 < b < 27 or 27 < b < 32 for b in head)
    return control > max(2, len(head) * 0.02)


def decode(data: bytes, name: str) -> tuple[str, str]:
    """(text, encoding) of a plain text file; UTF-8, UTF-8 with mark, UTF-16 (with or without mark), GB18030, Big5.

    A UTF-8 mark stays in the text (offsets count it, as ``open(newline='')`` does); a UTF-16 mark does not.

    Raises EmptyDocument, BinaryDocument, WrongEncoding.
    """
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf\xfe\xff"):
        raise refuse(EmptyDocument, name, "文件里没有任何文字。", "the file has no text", remedy="请选择有正文的文件。")
    text, encoding = None, ""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text, encoding = _strict(data, "utf-16"), "utf-16"
    if text is None:
        text, encoding = _strict(data, "utf-8"), "utf-8"
        if text is not None and "\x00" in text:
            text = None
    if text is None or (CONTROL.search(text) and _looks_binary(data)):
        text, encoding = _guess(data)
    sure = encoding != "gb18030" and encoding != "big5" and text is not None and not CONTROL.search(text)
    if text is None or (not sure and quality(text) < 0.35):
        if _looks_binary(data):
            raise refuse(
                BinaryDocument, name, "这不是文本文件，内容是二进制数据。", "the file is binary, not a text",
                value=data[:8].hex(" "), remedy="支持 txt、html、docx 和带文字层的 pdf。")  # fmt: skip
        raise refuse(
            WrongEncoding, name, "文字编码无法识别。", "the text is in no accepted encoding",
            value=data[:16].hex(" "), remedy=REMEDY)  # fmt: skip
    return text, encoding


def _guess(data: bytes) -> tuple[str | None, str]:
    """The best of the encodings without a mark, by :func:`quality`; (None, '') when none decodes."""
    best: tuple[float, str | None, str] = (0.0, None, "")
    wide = ["utf-16-le", "utf-16-be"] if len(data) % 2 == 0 else []
    for encoding in [*wide, "gb18030", "big5"]:
        text = _strict(data, encoding)
        if text is None:
            continue
        worth = quality(text)
        if worth > best[0] + 1e-9:
            best = (worth, text, encoding)
    return best[1], best[2]
