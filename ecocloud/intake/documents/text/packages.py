"""A document that comes as several files: a zip with the main text and its attachments, read as one text with parts.

Nothing is unpacked to disk. Every member is loaded and repaired for itself; a member that cannot be read is named in
``SourceText.parts`` with the sentence why, the others are kept.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO

from ecocloud.base.errors import EcoError
from ecocloud.base.files.checks import check_archive
from ecocloud.base.files.errors import ArchiveTooDense
from ecocloud.base.files.limits import limits as file_limits
from ecocloud.intake.documents.errors import (
    BrokenContainer,
    DocumentError,
    EmptyDocument,
    EncryptedDocument,
    TooLarge,
    UnsafePackage,
    refuse,
)
from ecocloud.intake.documents.text.linear import check_text
from ecocloud.intake.documents.text.source import OffsetMap, Part, SourceText

READABLE = ("docx", "html", "htm", "pdf", "txt", "xlsx")
NOT_READ = ("doc", "xls", "wps", "et", "zip", "rar", "7z", "rtf", "ofd")
MAX_PARTS = 60
MAX_PART_BYTES = 30 * 1024 * 1024
LINK = re.compile(rb"(?:href|src)\s*=\s*[\"']([^\"'#?]{1,300})[\"']", re.I)
ATTACHMENT = re.compile(r"附件|附表|附录|分解表|清单|表\d|attachment", re.I)
NOTICE = "附件："
FIXED_TIME = (1980, 1, 1, 0, 0, 0)


def load_package(data: bytes, name: str, load_part: Callable[[bytes, str], SourceText]) -> SourceText:
    """A zip of documents as one text; ``load_part`` reads and repairs one file.

    Raises UnsafePackage (names that leave the archive), TooLarge (zip bombs, too many parts), EncryptedDocument,
    BrokenContainer, EmptyDocument (nothing readable inside); when no part can be read, the refusal of the first.
    """
    members = _members(data, name)
    chosen = [m for m in members if _suffix(m[0]) in READABLE + NOT_READ]
    if not chosen:
        raise refuse(
            EmptyDocument, name, "压缩包里没有可以读取的文件。", "the package holds no document", value=len(members),
            remedy="请放入 docx、xlsx、pdf、html 或 txt。")  # fmt: skip
    if len(chosen) > MAX_PARTS:
        raise refuse(
            TooLarge, name, f"压缩包里有 {len(chosen)} 个文件，超过 {MAX_PARTS} 个的上限。", "too many parts",
            value=len(chosen), remedy="一个压缩包只放一份文件和它的附件。")  # fmt: skip
    loaded: list[tuple[str, SourceText | EcoError]] = []
    for path, read in _in_order(chosen):
        try:
            loaded.append((path, load_part(read(), path)))
        except EcoError as error:
            loaded.append((path, error))
    sources = [s for _, s in loaded if isinstance(s, SourceText)]
    if not sources:
        first = next(e for _, e in loaded if isinstance(e, EcoError))
        raise type(first)(
            first.message_zh, first.message_en, where={**first.where, "压缩包": name}, value=first.value,
            remedy_zh=first.remedy_zh)  # fmt: skip
    return join(name, loaded)


def pack(files: Sequence[tuple[str, bytes]]) -> bytes:
    """Several files as one package: the same files always give the same bytes."""
    out = io.BytesIO()
    used: set[str] = set()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, data) in enumerate(files, 1):
            name = PurePosixPath(name.replace("\\", "/")).name or f"{number}"
            name = name if name not in used else f"{number}_{name}"
            used.add(name)
            archive.writestr(zipfile.ZipInfo(name, FIXED_TIME), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _members(data: bytes, name: str) -> list[tuple[str, Callable[[], bytes]]]:
    """(path, reader) of the files inside, after the checks of the whole archive."""
    stream = io.BytesIO(data)
    infos = members_of(stream, name)
    archive = zipfile.ZipFile(stream)
    return [(path, partial(member_bytes, archive, info, path)) for path, info in infos]


def members_of(stream: BinaryIO, name: str) -> list[tuple[str, zipfile.ZipInfo]]:
    """(path, entry) of the files of a zip, after the checks of the whole archive; folders and hidden files left out.

    Raises UnsafePackage, TooLarge, EncryptedDocument, BrokenContainer.
    """
    try:
        check_archive(stream, {"文件": name}, file_limits().archive)
    except ArchiveTooDense as error:
        raise refuse(
            TooLarge, name, "压缩包解压后过大，超过安全上限。", "the package unpacks to more than the limit",
            value=error.value, remedy="请只放文件和附件，去掉大图片后再导入。") from error  # fmt: skip
    except EcoError as error:
        raise _broken(name, error) from error
    found: list[tuple[str, zipfile.ZipInfo]] = []
    for info in zipfile.ZipFile(stream).infolist():
        path = _decoded(info)
        _check_path(path, name)
        if info.is_dir() or path.startswith("__MACOSX/") or PurePosixPath(path).name.startswith((".", "~$")):
            continue
        if info.flag_bits & 1:
            raise refuse(
                EncryptedDocument, name, "压缩包设有密码。", "the package is encrypted", value=path,
                remedy="请去掉密码后重新压缩再导入。", 成员=path)  # fmt: skip
        found.append((path, info))
    return found


def _check_path(path: str, name: str) -> None:
    parts = path.replace("\\", "/").split("/")
    if path.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:", path) or "\x00" in path:
        raise refuse(
            UnsafePackage, name, f"压缩包里有不安全的路径“{path[:60]}”。", "a member's path leaves the package",
            value=path[:200], remedy="请重新压缩后再导入。")  # fmt: skip


def member_bytes(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> bytes:
    """The bytes of one file, never more than the limit whatever the archive claims."""
    try:
        with archive.open(info) as member:
            data = member.read(MAX_PART_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise _broken(path, error) from error
    if len(data) > MAX_PART_BYTES:
        raise refuse(
            TooLarge, path, f"附件超过 {MAX_PART_BYTES // 1048576} MB 的上限。", "a part is above the limit",
            value=info.file_size, remedy="请拆分或压缩图片后再导入。")  # fmt: skip
    return data


def _broken(name: str, error: Exception) -> DocumentError:
    return refuse(
        BrokenContainer, name, "压缩包已损坏，打不开。", f"zip cannot be opened: {type(error).__name__}",
        value=str(error)[:80], remedy="请重新压缩后再导入。")  # fmt: skip


def _decoded(info: zipfile.ZipInfo) -> str:
    """The member's path; packers that do not say UTF-8 write GB18030 in China."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix[1:].lower()


def _in_order(members: list[tuple[str, Callable[[], bytes]]]) -> list[tuple[str, Callable[[], bytes]]]:
    """The main text first, then the attachments: as a web page links them, else by name."""

    def rank(member: tuple[str, Callable[[], bytes]]) -> tuple:
        path = member[0]
        kind = (READABLE + NOT_READ).index(_suffix(path))
        return bool(ATTACHMENT.search(PurePosixPath(path).name)), path.count("/"), kind, path

    ordered = sorted(members, key=rank)
    if _suffix(ordered[0][0]) not in ("html", "htm"):
        return ordered
    try:
        links = [PurePosixPath(_unquoted(found)).name for found in LINK.findall(ordered[0][1]())]
    except DocumentError:
        return ordered
    place = {link: at for at, link in reversed(list(enumerate(links)))}
    return [ordered[0], *sorted(ordered[1:], key=lambda m: place.get(PurePosixPath(m[0]).name, len(links)))]


def _unquoted(link: bytes) -> str:
    from urllib.parse import unquote_to_bytes

    raw = unquote_to_bytes(link)
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def join(name: str, loaded: Sequence[tuple[str, SourceText | EcoError]]) -> SourceText:
    """One text of several repaired ones: texts, maps and places one behind the other, each part named."""
    originals: list[str] = []
    texts: list[str] = []
    starts, ends = array("l"), array("l")
    places, parts, repairs = [], [], {}
    size = tables = 0
    for path, source in loaded:
        label = PurePosixPath(path).name
        if isinstance(source, EcoError):
            parts.append(Part(label, size, size, "", source.sentence_zh()))
            continue
        notice = f"{NOTICE}{label}\n" if originals else ""
        originals.append(notice)
        texts.append(notice)
        starts.extend(range(size, size + len(notice)))
        ends.extend(range(size + 1, size + len(notice) + 1))
        first = size + len(notice)
        close = "" if source.original.endswith("\n") else "\n"
        originals.append(source.original + close)
        texts.append(source.text + close)
        for at in range(len(source.text)):
            a, b = source.map.span(at, at + 1)
            starts.append(first + a)
            ends.append(first + b)
        size = first + len(source.original) + len(close)
        starts.extend(range(size - len(close), size))
        ends.extend(range(size - len(close) + 1, size + 1))
        parts.append(Part(label, first - len(notice), size, source.kind))
        places.extend(
            replace(p, start=first + p.start, label=f"{label} {p.label}", table=p.table + tables if p.table else None)
            for p in source.places
        )
        tables += max((p.table or 0 for p in source.places), default=0)
        for what, count in source.repairs.items():
            repairs[what] = repairs.get(what, 0) + count
    original, text = "".join(originals), "".join(texts)
    check_text(original, name)
    encodings = {s.encoding for _, s in loaded if isinstance(s, SourceText) and s.encoding}
    return SourceText(
        name, "zip", original, text, OffsetMap(len(text), len(original), starts, ends), "、".join(sorted(encodings)),
        places, repairs, parts=parts,
    )  # fmt: skip
