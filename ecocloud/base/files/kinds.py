"""What a file is, by its magic bytes and inner structure; its name is never looked at."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import olefile

HEAD = 65536


class FileKind(StrEnum):
    """Kinds the platform tells apart; the value is the usual extension where there is one."""

    TXT = "txt"
    CSV = "csv"
    HTML = "html"
    XML = "xml"
    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    DOCX_MACRO = "docm"
    XLSX_MACRO = "xlsm"
    DOC = "doc"
    XLS = "xls"
    OOXML_ENCRYPTED = "ooxml-encrypted"
    OLE = "ole"
    OFD = "ofd"
    ZIP = "zip"
    PNG = "png"
    JPG = "jpg"
    TIF = "tif"
    GPKG = "gpkg"
    EMPTY = "empty"
    UNKNOWN = "unknown"


LABELS_ZH = {
    FileKind.TXT: "纯文本",
    FileKind.CSV: "CSV 文本表",
    FileKind.HTML: "网页",
    FileKind.XML: "XML 文件",
    FileKind.PDF: "PDF 文件",
    FileKind.DOCX: "Word 文档（.docx）",
    FileKind.XLSX: "Excel 工作簿（.xlsx）",
    FileKind.PPTX: "演示文稿（.pptx）",
    FileKind.DOCX_MACRO: "带宏的 Word 文档",
    FileKind.XLSX_MACRO: "带宏的 Excel 工作簿",
    FileKind.DOC: "旧版 Word 文档（.doc）",
    FileKind.XLS: "旧版 Excel 工作簿（.xls）",
    FileKind.OOXML_ENCRYPTED: "加密的 Office 文件",
    FileKind.OLE: "旧版复合文档",
    FileKind.OFD: "OFD 版式文件",
    FileKind.ZIP: "压缩包",
    FileKind.PNG: "PNG 图片",
    FileKind.JPG: "JPG 图片",
    FileKind.TIF: "TIFF 栅格或图片",
    FileKind.GPKG: "GeoPackage 矢量文件",
    FileKind.EMPTY: "空文件",
    FileKind.UNKNOWN: "无法识别的文件",
}

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF_STARTS = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
_TIFF_STARTS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")  # the latter two: BigTIFF
_SQLITE_MAGIC = b"SQLite format 3\x00"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def sniff(data: bytes | str | Path | BinaryIO) -> FileKind:
    """The kind of a file.

    Parameters: bytes, a path, or a seekable binary stream (its position is restored).
    Returns :class:`FileKind`; never raises for bad content.
    """
    if isinstance(data, bytes | bytearray):
        return _sniff(io.BytesIO(data))
    if isinstance(data, str | Path):
        with open(data, "rb") as stream:
            return _sniff(stream)
    place = data.tell()
    try:
        data.seek(0)
        return _sniff(data)
    finally:
        data.seek(place)


def _sniff(stream: BinaryIO) -> FileKind:
    head = stream.read(HEAD)
    if not head:
        return FileKind.EMPTY
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return FileKind.JPG
    if head.startswith(_TIFF_STARTS):
        return FileKind.TIF
    if head.startswith(_SQLITE_MAGIC):  # whose database stands at byte 68: formerly GP10 and GP11
        return FileKind.GPKG if head[68:72] in (b"GPKG", b"GP10", b"GP11") else FileKind.UNKNOWN
    if b"%PDF-" in head[:1024]:
        return FileKind.PDF
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _sniff_zip(stream)
    if head.startswith(_OLE_MAGIC):
        return _sniff_ole(stream)
    if head.startswith(_BIFF_STARTS):
        return FileKind.XLS
    return _sniff_text(head)


def _sniff_zip(stream: BinaryIO) -> FileKind:
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
            if "OFD.xml" in names:
                return FileKind.OFD
            if "[Content_Types].xml" not in names:
                return FileKind.ZIP
            with archive.open("[Content_Types].xml") as member:
                types = member.read(4 * HEAD).decode("utf-8", "replace")
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error):
        return FileKind.UNKNOWN
    macro = "macroEnabled" in types or any(name.lower().endswith("vbaproject.bin") for name in names)
    if "spreadsheetml" in types or "ms-excel.sheet" in types:
        return FileKind.XLSX_MACRO if macro else FileKind.XLSX
    if "wordprocessingml" in types or "ms-word.document" in types:
        return FileKind.DOCX_MACRO if macro else FileKind.DOCX
    if "presentationml" in types:
        return FileKind.PPTX
    return FileKind.ZIP


def _sniff_ole(stream: BinaryIO) -> FileKind:
    stream.seek(0)
    try:
        names = {"/".join(path).lower() for path in olefile.OleFileIO(stream).listdir()}
    except Exception:  # olefile raises many types on damaged input; the answer is the same for all
        return FileKind.UNKNOWN
    if "encryptedpackage" in names:
        return FileKind.OOXML_ENCRYPTED
    if "worddocument" in names:
        return FileKind.DOC
    if names & {"workbook", "book"}:
        return FileKind.XLS
    return FileKind.OLE


def _sniff_text(head: bytes) -> FileKind:
    text = _decode(head)
    if text is None or _CONTROL.search(text):
        return FileKind.UNKNOWN
    start = text.lstrip("\ufeff \t\r\n")[:4096].lower()
    if start.startswith(("<!doctype html", "<html")) or re.search(r"<(html|head|body|table|meta)[\s>]", start):
        return FileKind.HTML
    if start.startswith("<?xml"):
        return FileKind.XML
    return FileKind.CSV if _is_csv(text) else FileKind.TXT


def _decode(head: bytes) -> str | None:
    """Text in UTF-8, UTF-16 with mark or GB 18030; a character cut by the end of the sample is dropped."""
    encodings = ["utf-16"] if head.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        for cut in range(4):
            if cut and len(head) < HEAD:
                break
            try:
                return head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
    return None


def _is_csv(text: str) -> bool:
    """Whether the first lines all have the same number (at least two) of comma or tab separated fields."""
    lines = [line for line in text.splitlines()[:-1] or text.splitlines() if line.strip()][:20]
    if len(lines) < 2:
        return False
    for delimiter in ",\t":
        try:
            widths = {len(row) for row in csv.reader(lines, delimiter=delimiter)}
        except csv.Error:
            continue
        if len(widths) == 1 and widths.pop() >= 2:
            return True
    return False
