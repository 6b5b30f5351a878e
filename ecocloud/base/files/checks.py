"""Whether an upload may come in: size, kind, name against content, archives, macros, passwords."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from ecocloud.base.files import errors
from ecocloud.base.files.kinds import LABELS_ZH, FileKind, sniff
from ecocloud.base.files.limits import ArchiveLimits, limits

EXTENSIONS: dict[str, frozenset[FileKind]] = {
    "txt": frozenset({FileKind.TXT, FileKind.CSV}),
    "csv": frozenset({FileKind.CSV, FileKind.TXT}),
    "json": frozenset({FileKind.TXT, FileKind.CSV}),
    "geojson": frozenset({FileKind.TXT, FileKind.CSV}),
    "htm": frozenset({FileKind.HTML}),
    "html": frozenset({FileKind.HTML}),
    "xml": frozenset({FileKind.XML}),
    "pdf": frozenset({FileKind.PDF}),
    "docx": frozenset({FileKind.DOCX, FileKind.DOCX_MACRO, FileKind.OOXML_ENCRYPTED}),
    "docm": frozenset({FileKind.DOCX_MACRO}),
    "xlsx": frozenset({FileKind.XLSX, FileKind.XLSX_MACRO, FileKind.OOXML_ENCRYPTED}),
    "xlsm": frozenset({FileKind.XLSX_MACRO, FileKind.XLSX}),
    "pptx": frozenset({FileKind.PPTX, FileKind.OOXML_ENCRYPTED}),
    "doc": frozenset({FileKind.DOC, FileKind.OLE}),
    "wps": frozenset({FileKind.DOC, FileKind.OLE}),
    "xls": frozenset({FileKind.XLS, FileKind.OLE}),
    "et": frozenset({FileKind.XLS, FileKind.OLE}),
    "ofd": frozenset({FileKind.OFD}),
    "zip": frozenset({FileKind.ZIP}),
    "png": frozenset({FileKind.PNG}),
    "jpg": frozenset({FileKind.JPG}),
    "jpeg": frozenset({FileKind.JPG}),
    "tif": frozenset({FileKind.TIF}),
    "tiff": frozenset({FileKind.TIF}),
    "gpkg": frozenset({FileKind.GPKG}),
}
_PACKED = {FileKind.ZIP, FileKind.DOCX, FileKind.XLSX, FileKind.PPTX, FileKind.OFD}
_REMEDY = {
    FileKind.XLS: "请用 Excel 或 WPS 另存为 .xlsx 后重新上传。",
    FileKind.DOC: "请用 Word 或 WPS 另存为 .docx 后重新上传。",
}


@dataclass(frozen=True)
class CheckedUpload:
    """An upload that passed: the name without path and control characters, its kind and its size in bytes."""

    name: str
    kind: FileKind
    size: int


def check_upload(
    name: str, stream: BinaryIO | bytes, kinds: Collection[FileKind], max_bytes: int | None = None
) -> CheckedUpload:
    """Look at an upload before anything is kept.

    Parameters: the name as given; a seekable stream (left at its start) or bytes; the kinds taken here; the size
    limit in bytes (default ``upload.max_bytes`` of the limits).
    Returns what it is. Raises a type of :mod:`ecocloud.base.files.errors`.
    """
    if isinstance(stream, bytes):
        stream = io.BytesIO(stream)
    name = clean_name(name)
    allowed = max_bytes if max_bytes is not None else limits().upload.max_bytes.value
    stream.seek(0, os.SEEK_END)
    size = stream.tell()
    stream.seek(0)
    where = {"文件": name}
    if size == 0:
        raise errors.EmptyFile("文件是空的，没有内容。", "empty file", where=where, remedy_zh="请检查后重新上传。")
    if size > allowed:
        raise errors.FileTooBig(
            f"文件 {_megabytes(size)}，超过上限 {_megabytes(allowed)}。",
            f"file of {size} bytes exceeds {allowed} bytes",
            where=where,
            value=size,
            remedy_zh="请拆分或压缩图片后重新上传。",
        )
    kind = sniff(stream)
    _check_kind(kind, kinds, where)
    _check_name(name, kind, where)
    if kind in _PACKED:
        check_archive(stream, where, limits().archive)
    stream.seek(0)
    return CheckedUpload(name, kind, size)


def clean_name(name: str) -> str:
    """The last part of a name as given, without control characters, at most 200 characters."""
    last = PurePosixPath(str(name).replace("\\", "/")).name
    last = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", last).strip() or "未命名"
    if len(last) <= 200:
        return last
    stem, dot, extension = last.rpartition(".")
    return f"{stem[: 199 - len(extension)]}.{extension}" if dot and len(extension) < 10 else last[:200]


def check_archive(stream: BinaryIO, where: dict, archive_limits: ArchiveLimits) -> None:
    """Refuse an archive that unpacks to too much. Raises ``ArchiveTooDense`` or ``DamagedFile``."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as fault:
        raise errors.DamagedFile(
            "文件已损坏，打不开。", f"broken archive: {fault}", where=where, remedy_zh="请重新导出或另存后上传。"
        ) from fault
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    ratio = unpacked // packed
    dense = unpacked > archive_limits.ratio_from_bytes.value and ratio > archive_limits.max_ratio.value
    if dense or unpacked > archive_limits.max_unpacked_bytes.value or len(members) > archive_limits.max_members.value:
        raise errors.ArchiveTooDense(
            f"文件解压后有 {_megabytes(unpacked)}（{ratio} 倍，{len(members)} 个成员），超过安全上限，未接收。",
            f"archive unpacks to {unpacked} bytes, ratio {ratio}, {len(members)} members",
            where=where,
            value=unpacked,
            remedy_zh="请删去多余的空白行列或大图后另存上传。",
        )


def _check_kind(kind: FileKind, kinds: Collection[FileKind], where: dict) -> None:
    if kind in kinds:
        return
    allowed = "、".join(LABELS_ZH[each] for each in kinds)
    if kind is FileKind.OOXML_ENCRYPTED:
        raise errors.EncryptedFile(
            "文件设有打开密码，系统读不了。",
            "password-protected file",
            where=where,
            remedy_zh="请取消密码后重新上传。",
        )
    if kind in (FileKind.XLSX_MACRO, FileKind.DOCX_MACRO):
        raise errors.MacroEnabled(
            "文件带有宏，为安全起见不接收。",
            "macro-enabled file",
            where=where,
            remedy_zh="请另存为不带宏的 .xlsx 或 .docx 后重新上传。",
        )
    raise errors.KindNotAllowed(
        f"这里不接收{LABELS_ZH[kind]}，只接收{allowed}。",
        f"kind {kind.value} not allowed",
        where=where,
        value=kind.value,
        remedy_zh=_REMEDY.get(kind, ""),
    )


def _check_name(name: str, kind: FileKind, where: dict) -> None:
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if kind in EXTENSIONS.get(extension, frozenset()):
        return
    said = f"扩展名是 .{extension}" if extension else "文件名没有扩展名"
    raise errors.NameMismatch(
        f"{said}，内容却是{LABELS_ZH[kind]}，两者不一致。",
        f"extension {extension!r} does not match content {kind.value}",
        where=where,
        value=extension,
        remedy_zh="请用原来的程序打开并另存为正确的格式，不要只改扩展名。",
    )


def _megabytes(size: int) -> str:
    return f"{size / 1048576:.1f} MB" if size >= 104858 else f"{size} 字节"
