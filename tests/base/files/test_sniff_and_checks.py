"""Kinds and refusals of uploads. Samples are made here by the programs' own libraries or by hand from the formats'
published signatures (PNG, JPEG, PDF, OLE compound file, BIFF)."""

import io
import zipfile

import docx
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.base.files import FileKind, check_upload, errors, sniff
from ecocloud.base.files.checks import check_archive, clean_name
from ecocloud.base.files.limits import limits


def workbook() -> bytes:
    out = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["名称", "数值"])
    book.save(out)
    return out.getvalue()


def document() -> bytes:
    out = io.BytesIO()
    docx.Document().save(out)
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def compound(stream_name: str) -> bytes:
    """A minimal OLE compound file (MS-CFB) with one root and one stream entry."""
    header = bytearray(512)
    header[0:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[24:26], header[26:28] = (0x3E).to_bytes(2, "little"), (3).to_bytes(2, "little")
    header[28:30], header[30:32], header[32:34] = b"\xfe\xff", (9).to_bytes(2, "little"), (6).to_bytes(2, "little")
    header[44:48] = (1).to_bytes(4, "little")
    header[48:52] = (1).to_bytes(4, "little")
    header[56:60] = (4096).to_bytes(4, "little")
    header[60:64] = b"\xfe\xff\xff\xff"
    header[68:72] = b"\xfe\xff\xff\xff"
    header[76:512] = b"\xff" * 436
    header[76:80] = (0).to_bytes(4, "little")
    fat = bytearray(b"\xff" * 512)
    fat[0:4], fat[4:8] = b"\xfd\xff\xff\xff", b"\xfe\xff\xff\xff"

    def entry(name: str, kind: int, child: int) -> bytes:
        raw = bytearray(128)
        text = name.encode("utf-16-le") + b"\0\0"
        raw[0 : len(text)] = text
        raw[64:66] = len(text).to_bytes(2, "little")
        raw[66], raw[67] = kind, 1
        raw[68:76] = b"\xff" * 8
        raw[76:80] = child.to_bytes(4, "little")
        raw[116:120] = b"\xfe\xff\xff\xff"
        return bytes(raw)

    folder = entry("Root Entry", 5, 1) + entry(stream_name, 2, 0xFFFFFFFF) + bytes(256)
    return bytes(header) + bytes(fat) + folder


SAMPLES = {
    FileKind.EMPTY: b"",
    FileKind.PNG: b"\x89PNG\r\n\x1a\n" + bytes(20),
    FileKind.JPG: b"\xff\xd8\xff\xe0" + bytes(20),
    FileKind.TIF: b"II+\x00" + bytes(20),  # BigTIFF
    FileKind.GPKG: b"SQLite format 3\x00" + bytes(52) + b"GPKG" + bytes(28),
    FileKind.PDF: b"%PDF-1.7\n%\xe2\xe3",
    FileKind.XLSX: workbook(),
    FileKind.DOCX: document(),
    FileKind.ZIP: zipped({"a.txt": b"a"}),
    FileKind.OFD: zipped({"OFD.xml": b"<a/>"}),
    FileKind.XLSX_MACRO: zipped({"[Content_Types].xml": b"spreadsheetml", "xl/vbaProject.bin": b"x"}),
    FileKind.DOCX_MACRO: zipped({"[Content_Types].xml": b"ms-word.document.macroEnabled.main+xml"}),
    FileKind.OOXML_ENCRYPTED: compound("EncryptedPackage"),
    FileKind.DOC: compound("WordDocument"),
    FileKind.XLS: compound("Workbook"),
    FileKind.OLE: compound("Other"),
    FileKind.HTML: "<html><body>名单</body></html>".encode("gb18030"),
    FileKind.XML: b"<?xml version='1.0'?><Workbook/>",
    FileKind.CSV: "名称,数值\n甲,1\n乙,2\n".encode("gb18030"),
    FileKind.TXT: "一、水污染防治，完成排查。\n二、大气，达到目标。".encode(),
    FileKind.UNKNOWN: bytes(range(256)),
}


@pytest.mark.parametrize("kind", SAMPLES, ids=str)
def test_kind_is_told_by_content(kind, tmp_path):
    data = SAMPLES[kind]
    path = tmp_path / "没有扩展名"
    path.write_bytes(data)
    stream = io.BytesIO(data)
    stream.seek(min(3, len(data)))
    assert sniff(data) is sniff(path) is sniff(stream) is kind
    assert stream.tell() == min(3, len(data))


def test_old_binary_workbook_without_container_and_utf16_text():
    assert sniff(b"\x09\x04\x06\x00\x00\x00\x10\x00") is FileKind.XLS
    assert sniff("期限".encode("utf-16")) is FileKind.TXT


def test_character_cut_by_the_sample_end_is_still_text():
    assert sniff(b"a" + "青".encode() * 40000) is FileKind.TXT
    assert sniff(b"a" + "青".encode("gb18030") * 40000) is FileKind.TXT


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-"]))
@settings(max_examples=60, deadline=None)
def test_sniff_never_raises(data, start):
    assert isinstance(sniff(start + data), FileKind)


XLSX_ONLY = {FileKind.XLSX}


@pytest.mark.parametrize(
    ("name", "data", "error", "says"),
    [
        ("a.xlsx", b"", errors.EmptyFile, "空的"),
        ("a.xlsx", SAMPLES[FileKind.TXT], errors.KindNotAllowed, "纯文本"),
        ("a.xlsx", SAMPLES[FileKind.XLS], errors.KindNotAllowed, "另存为 .xlsx"),
        ("a.xlsx", SAMPLES[FileKind.OOXML_ENCRYPTED], errors.EncryptedFile, "密码"),
        ("a.xlsx", SAMPLES[FileKind.XLSX_MACRO], errors.MacroEnabled, "宏"),
        ("a.pdf", SAMPLES[FileKind.XLSX], errors.NameMismatch, "扩展名是 .pdf，内容却是Excel"),
        ("台账", SAMPLES[FileKind.XLSX], errors.NameMismatch, "没有扩展名"),
    ],
)
def test_refusals_are_typed_and_say_what_is_wrong(name, data, error, says):
    with pytest.raises(error) as caught:
        check_upload(name, io.BytesIO(data), XLSX_ONLY)
    assert says in caught.value.sentence_zh()
    assert name in caught.value.sentence_zh()


def test_size_limit_is_inclusive():
    data = workbook()
    assert check_upload("a.xlsx", data, XLSX_ONLY, len(data)).size == len(data)
    with pytest.raises(errors.FileTooBig):
        check_upload("a.xlsx", data, XLSX_ONLY, len(data) - 1)


def test_archive_that_unpacks_too_far_is_refused():
    bomb = zipped({"[Content_Types].xml": b"spreadsheetml", "xl/a.xml": bytes(30_000_000)})
    with pytest.raises(errors.ArchiveTooDense) as caught:
        check_upload("a.xlsx", bomb, XLSX_ONLY)
    assert "解压后" in caught.value.message_zh
    many = zipped({str(n): b"" for n in range(limits().archive.max_members.value + 1)})
    with pytest.raises(errors.ArchiveTooDense):
        check_archive(io.BytesIO(many), {}, limits().archive)


def test_small_dense_archive_passes():
    data = zipped({"[Content_Types].xml": b"spreadsheetml", "xl/a.xml": bytes(1_000_000)})
    assert check_upload("a.xlsx", data, XLSX_ONLY).kind is FileKind.XLSX


def test_cut_archive_is_refused():
    with pytest.raises(errors.FileRefused):
        check_upload("a.xlsx", workbook()[:-200], XLSX_ONLY)


def test_names_lose_paths_and_direction_marks():
    assert clean_name("C:\\桌面\\台账\u202e.xlsx") == "台账.xlsx"
    assert clean_name("../../etc/passwd") == "passwd"
    assert clean_name("\x00") == "未命名"
    long = clean_name("长" * 300 + ".xlsx")
    assert len(long) == 200 and long.endswith(".xlsx")
