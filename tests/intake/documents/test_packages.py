"""A document with its attachments in one zip: parts, offsets, refusals. Archives are made here byte by byte."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest

from ecocloud.intake.documents import errors
from ecocloud.intake.documents.read import read_document
from ecocloud.intake.documents.text.loaders import load
from ecocloud.intake.documents.text.packages import pack

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
MAIN = "清溪县2025年生态文明建设工作要点\n一、重点任务\n1.完成改造管网12.5公里。（县水利局负责）\n"


def book() -> bytes:
    found = openpyxl.Workbook()
    for row in (["指标", "单位", "2025年目标"], ["森林覆盖率", "%", 61.5], ["湿地保护率", "%", 72]):
        found.active.append(row)
    out = io.BytesIO()
    found.save(out)
    return out.getvalue()


def zipped(files, **options) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_a_document_with_its_attachments_is_one_document_with_parts():
    data = zipped({"附件1 指标表.xlsx": book(), "工作要点.txt": MAIN.encode("gb18030"), "图.png": b"x", "旧.doc": OLE})
    reading = read_document(data, "一份.zip")
    source = reading.source
    assert [(p.name, p.kind, bool(p.problem)) for p in source.parts] == [
        ("工作要点.txt", "txt", False), ("旧.doc", "", True), ("附件1 指标表.xlsx", "xlsx", False)]  # fmt: skip
    assert [t["title"] for t in reading.tasks] == ["完成改造管网12.5公里"]
    rate = next(f for f in reading.figures if f["indicator"] == "森林覆盖率")
    assert (rate["value"], rate["place"]) == (61.5, "附件1 指标表.xlsx 工作表“Sheet”表1第2行第1列")
    assert source.part(rate["start"]).name == "附件1 指标表.xlsx"
    for record in reading.records():
        assert record["quote"] == source.original[record["start"] : record["end"]]


def test_a_web_page_names_the_order_of_its_attachments():
    page = f"<html><meta charset=utf-8><p>{MAIN}</p><a href='f/b.txt'>附件1</a><a href='f/a.txt'>附件2</a></html>"
    data = zipped(
        {"f/a.txt": "甲附件。".encode(), "f/b.txt": "乙附件。".encode(), "index.html": page.encode(), "x.css": b"p"}
    )
    assert [p.name for p in load(data, "a.zip").parts] == ["index.html", "b.txt", "a.txt"]


def test_names_in_gb18030_and_several_files_packed():
    data = pack([("dir/要点.txt", MAIN.encode()), ("要点.txt", b"second file")])
    assert data == pack([("dir/要点.txt", MAIN.encode()), ("要点.txt", b"second file")])
    assert [p.name for p in load(data, "a.zip").parts] == ["2_要点.txt", "要点.txt"]
    raw = zipped({"aaaa.txt": MAIN.encode()}).replace(b"aaaa", "要点".encode("gb18030"))
    assert load(raw, "a.zip").parts[0].name == "要点.txt"


def encrypted() -> bytes:
    """The flag of encryption set in both headers of the only member."""
    data = bytearray(zipped({"a.txt": MAIN.encode()}))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


BAD = {
    "bomb": (zipped({"a.txt": b"0" * 40_000_000}), errors.TooLarge),
    "path above": (zipped({"../../etc/a.txt": b"x"}), errors.UnsafePackage),
    "absolute path": (zipped({"/etc/a.txt": b"x"}), errors.UnsafePackage),
    "drive": (zipped({"C:/a.txt": b"x"}), errors.UnsafePackage),
    "encrypted": (encrypted(), errors.EncryptedDocument),
    "package inside": (zipped({"b.zip": zipped({"a.txt": MAIN.encode()})}), errors.BinaryDocument),
    "nothing to read": (zipped({"a.png": b"x"}), errors.EmptyDocument),
    "only bad ones": (zipped({"a.docx": b"PK\x03\x04" + b"\x00" * 50}), errors.BrokenContainer),
    "too many": (zipped({f"{n}.txt": b"x" for n in range(70)}), errors.TooLarge),
    "cut off": (zipped({"a.txt": MAIN.encode()})[:-30], errors.BrokenContainer),
}


@pytest.mark.parametrize("case", list(BAD))
def test_unfit_packages_are_refused_with_one_sentence(case):
    data, kind = BAD[case]
    with pytest.raises(errors.DocumentError) as caught:
        load(data, "a.zip")
    assert type(caught.value) is kind
    assert caught.value.message_zh.count("。") == 1 and caught.value.remedy_zh
