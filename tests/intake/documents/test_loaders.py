"""Loaders: formats, encodings, and one typed refusal for each kind of bad input."""

from __future__ import annotations

import io
import zipfile

import docx
import pypdf
import pytest

from ecocloud.base.errors import EcoError
from ecocloud.intake.documents import errors
from ecocloud.intake.documents.read import read_document
from ecocloud.intake.documents.text import linear, loaders, pdfs
from ecocloud.intake.documents.text.loaders import load

TEXT = "关于推进节水工作的通知\r\n\r\n一、完成改造管网12.5公里。（县水利局负责）\r\n二、开展宣传，受众达3万人次。\r\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


def docx_bytes(build) -> bytes:
    document = docx.Document()
    build(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf_bytes(text: str | None, password: str = "") -> bytes:
    """A one-page pdf; ``text`` None leaves the page without a text layer."""
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(width=300, height=300)
    if text:
        font = pypdf.generic.DictionaryObject(
            {
                pypdf.generic.NameObject("/Type"): pypdf.generic.NameObject("/Font"),
                pypdf.generic.NameObject("/Subtype"): pypdf.generic.NameObject("/Type1"),
                pypdf.generic.NameObject("/BaseFont"): pypdf.generic.NameObject("/Helvetica"),
            }
        )
        fonts = pypdf.generic.DictionaryObject({pypdf.generic.NameObject("/F1"): font})
        resources = pypdf.generic.DictionaryObject({pypdf.generic.NameObject("/Font"): fonts})
        page[pypdf.generic.NameObject("/Resources")] = resources
        stream = pypdf.generic.DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode("latin-1"))
        page[pypdf.generic.NameObject("/Contents")] = writer._add_object(stream)
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_accepted_encoding_gives_the_same_text_and_offsets(encoding):
    source = load(TEXT.encode(encoding), "a.txt")
    assert source.original == TEXT
    assert source.quote(0, 11) == (TEXT[:11], 0, 11)


def test_utf8_mark_counts_in_offsets_as_open_with_newline_does(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode("utf-8-sig"))
    with open(path, encoding="utf-8", newline="") as handle:
        original = handle.read()
    reading = read_document(path.read_bytes(), "a.txt")
    assert reading.source.original == original
    assert reading.source.text == TEXT
    for record in reading.records():
        assert record["quote"] == original[record["start"] : record["end"]]


def test_docx_paragraphs_and_table_cells_are_places():
    def build(document):
        document.add_paragraph("清溪县2024年节水工作任务分工方案")
        document.add_paragraph("一、工作任务")
        table = document.add_table(rows=3, cols=4)
        rows = [
            ("序号", "重点任务", "责任单位", "完成时限"),
            ("1", "改造老旧管网8公里", "县水利局、县住建局", "2024年6月底"),
            ("2", "创建节水型企业3家", "县工信局", "2024年12月31日前"),
        ]
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                table.cell(r, c).text = cell

    reading = read_document(docx_bytes(build), "07_分工.docx")
    assert reading.doc == "07"
    assert [
        (t["title"], [u["name"] for u in t["units"]], [d["date"] for d in t["deadlines"]]) for t in reading.tasks
    ] == [
        ("改造老旧管网8公里", ["县水利局", "县住建局"], ["2024-06-30"]),
        ("创建节水型企业3家", ["县工信局"], ["2024-12-31"]),
    ]
    assert reading.tasks[0]["place"] == "表1第2行第1列"
    assert [(f["indicator"], f["value"], f["unit"], f["period"]) for f in reading.figures] == [
        ("老旧管网长度", 8, "公里", "2024"),
        ("节水型企业数", 3, "家", "2024"),
    ]


def test_html_blocks_and_declared_charset():
    page = (
        "<html><head><meta charset='gb2312'><title>x</title><script>var a=1;</script></head><body>"
        "<p>关于节水工作的通知</p><p>新增水表2.5万只。</p><table><tr><td>甲</td><td>乙</td></tr></table></body></html>"
    )
    source = load(page.encode("gb18030"), "a.html")
    assert source.original == "关于节水工作的通知\n新增水表2.5万只。\n甲\t乙\n"
    assert [p.kind for p in source.places] == ["paragraph"] * 2 + ["cell"] * 2
    assert source.place(source.original.index("乙")).label == "表1第1行第2列"


def test_pdf_text_layer_is_read_with_pages():
    source = load(pdf_bytes("Water 2024"), "a.pdf")
    assert source.original.strip() == "Water 2024"
    assert source.place(0).label == "第1页"


def kept(page: str) -> list[str]:
    lines = page.split("\n")
    return pdfs._reflow([line for at, line in enumerate(lines) if not pdfs._is_edge(lines, at, set())])


def test_wrapped_lines_of_a_pdf_page_are_joined_and_page_numbers_dropped():
    page = "1\n全面推进流域综合治理和水环境质量持续\n改善工作，确保达标。\n一、完成任务\n- 3 -"
    assert kept(page) == ["全面推进流域综合治理和水环境质量持续改善工作，确保达标。", "一、完成任务"]


BAD = {
    "empty": (b"", "a.txt", errors.EmptyDocument),
    "blank": (b" \n\t", "a.txt", errors.EmptyDocument),
    "blank with mark": (b"\xef\xbb\xbf\r\n", "a.txt", errors.EmptyDocument),
    "binary": (bytes(range(256)) * 40, "a.txt", errors.BinaryDocument),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "a.png", errors.BinaryDocument),
    "broken docx": (b"PK\x03\x04" + b"\x00" * 200, "a.docx", errors.BrokenContainer),
    "text named docx": ("不是文档".encode(), "a.docx", errors.BrokenContainer),
    "old doc": (OLE, "a.doc", errors.OldOfficeFormat),
    "broken pdf": (b"%PDF-1.4\n garbage", "a.pdf", errors.BrokenContainer),
    "encrypted pdf": (pdf_bytes("Water", "secret"), "a.pdf", errors.EncryptedDocument),
    "scanned pdf": (pdf_bytes(None), "a.pdf", errors.NoTextLayer),
    "wrong encoding": ("生态环境".encode("gb18030") * 5 + b"\xff\xff\xfe", "a.txt", errors.WrongEncoding),
    "rtf": (b"{\\rtf1 abc}", "a.rtf", errors.OldOfficeFormat),
    "too many bytes": (b"a" * (loaders.MAX_BYTES + 1), "a.txt", errors.TooLarge),
    "too long": ("水".encode() * (linear.MAX_CHARS + 1), "a.txt", errors.TooLarge),
}


@pytest.mark.parametrize("case", list(BAD))
def test_bad_input_is_refused_with_one_clear_sentence(case):
    data, name, kind = BAD[case]
    with pytest.raises(EcoError) as caught:
        read_document(data, name)
    error = caught.value
    assert type(error) is kind
    assert error.where["文件"] == name
    assert error.message_zh.endswith("。") and error.message_zh.count("。") == 1
    assert error.remedy_zh and error.message_en != error.message_zh and error.code.startswith("documents.")


def test_limits_are_inclusive(monkeypatch):
    monkeypatch.setattr(linear, "MAX_CHARS", 6)
    assert load("一二三四五六".encode(), "a.txt").text == "一二三四五六"
    with pytest.raises(errors.TooLarge):
        load("一二三四五六七".encode(), "a.txt")


def test_zip_without_word_body_is_not_a_document():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(errors.BinaryDocument) as caught:
        read_document(out.getvalue(), "a.docx")
    assert caught.value.value == "zip"


def test_a_file_above_the_limit_is_refused_by_its_own_size(tmp_path):
    from ecocloud.intake.documents.commands import read_path

    large = tmp_path / "大.docx"
    with large.open("wb") as stream:
        stream.truncate(56 * 1024 * 1024)  # no bytes on disk
    with pytest.raises(errors.TooLarge) as refused:
        read_path(str(large))
    assert refused.value.value == 56 * 1024 * 1024
    assert refused.value.message_zh == "文件有 56.0 MB，超过 30 MB 的上限。"
