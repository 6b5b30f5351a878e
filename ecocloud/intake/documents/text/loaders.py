"""Files to :class:`SourceText`: plain text, html, docx, xlsx, pdf. Every failure is a typed, one-sentence refusal."""

from __future__ import annotations

import io
import re
from typing import Any

from ecocloud.base.files.kinds import FileKind, sniff
from ecocloud.intake.documents.errors import (
    BinaryDocument,
    EmptyDocument,
    EncryptedDocument,
    OldOfficeFormat,
    TooLarge,
    refuse,
)
from ecocloud.intake.documents.text.encodings import decode
from ecocloud.intake.documents.text.linear import check_text
from ecocloud.intake.documents.text.packages import load_package
from ecocloud.intake.documents.text.pdfs import load_pdf
from ecocloud.intake.documents.text.repair import repair
from ecocloud.intake.documents.text.source import Place, SourceText
from ecocloud.intake.documents.text.webpages import load_html
from ecocloud.intake.documents.text.worddocs import SUPPORTED, load_docx
from ecocloud.intake.documents.text.workbooks import load_xlsx

MAX_BYTES = 30 * 1024 * 1024
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
PACKED = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh")
HTML_HEAD = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body)[\s>]", re.I)


def load(data: bytes, name: str) -> SourceText:
    """The document in ``data`` as repaired :class:`SourceText`; raises a :class:`DocumentError` for anything unfit."""
    if not data:
        raise refuse(EmptyDocument, name, "文件是空的（0 字节）。", "the file is empty", value=0, remedy="请重新上传。")
    not_too_large(len(data), name)
    if sniff(data) is FileKind.ZIP and not name.lower().endswith((".docx", ".xlsx")):
        return load_package(data, name, _load_part)
    return repair(_loader(data, name)(data, name))


def not_too_large(size: int, name: str) -> None:
    """Raise :class:`TooLarge` for a file of more than the limit; ``size``: the whole file in bytes."""
    if size > MAX_BYTES:
        raise refuse(
            TooLarge, name, f"文件有 {size / 1048576:.1f} MB，超过 {MAX_BYTES // 1048576} MB 的上限。",
            "the file is above the limit", value=size, remedy="请拆分或压缩图片后再导入。")  # fmt: skip


def _load_part(data: bytes, name: str) -> SourceText:
    """A file of a package; a package inside a package is refused."""
    if sniff(data) is FileKind.ZIP:
        raise refuse(
            BinaryDocument, name, "压缩包里的压缩包不读取。", "a package inside a package", value="zip",
            remedy="请把文件直接放在一个压缩包里。")  # fmt: skip
    return load(data, name)


def _loader(data: bytes, name: str) -> Any:
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if data.startswith(OLE):
        return load_ole
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")) or suffix in ("docx", "xlsx"):
        kind = sniff(data)
        return load_xlsx if kind in (FileKind.XLSX, FileKind.XLSX_MACRO) or suffix == "xlsx" else load_docx
    if b"%PDF-" in data[:1024] or suffix == "pdf":
        return load_pdf
    if data.startswith(IMAGES) or data.startswith(PACKED):
        raise refuse(
            BinaryDocument, name, "这是图片或压缩包，不是文档。", "the file is an image or an archive",
            value=data[:4].hex(" "), remedy=SUPPORTED)  # fmt: skip
    if data.lstrip().startswith(b"{\\rtf"):
        raise refuse(
            OldOfficeFormat, name, "这是 RTF 文档，不能直接读取。", "the file is RTF", value="rtf", remedy=SUPPORTED
        )
    if suffix in ("html", "htm", "xhtml", "shtml") or HTML_HEAD.search(_head(data)):
        return load_html
    return load_plain


def _head(data: bytes) -> bytes:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data[:4096].decode("utf-16", "ignore").encode("utf-8", "ignore")
    return data[:2048]


def load_plain(data: bytes, name: str) -> SourceText:
    """A text file; offsets count code points of the decoded file with its line ends untouched."""
    found = decode(data, name)
    check_text(found.text, name)
    places, at = [], 0
    for number, line in enumerate(found.text.split("\n"), 1):
        places.append(Place(at, "line", f"第{number}行", row=number))
        at += len(line) + 1
    return SourceText.plain(name, "txt", found.text, encoding=found.encoding, places=places)


def load_ole(data: bytes, name: str) -> SourceText:
    """An OLE container is refused: an encrypted .docx, an old .doc, or something else; says which."""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            names = {"/".join(entry) for entry in ole.listdir()}
    except Exception:
        names = set()
    if any("EncryptedPackage" in n for n in names):
        raise refuse(
            EncryptedDocument, name, "文档设有打开密码。", "the document is encrypted", value="EncryptedPackage",
            remedy="请去掉密码后另存再导入。")  # fmt: skip
    kind = "doc" if "WordDocument" in names else "xls" if "Workbook" in names or "Book" in names else "ole"
    target = ".xlsx" if kind == "xls" else ".docx"
    raise refuse(
        OldOfficeFormat, name, "这是旧版 Office 文件，不能直接读取。", "the file is an old office format", value=kind,
        remedy=f"请用 Office 或 WPS 另存为 {target} 再导入。")  # fmt: skip
