"""The papers as XML. Expected numbers: GB/T 9704-2012 (A4, 37/35/28/26 mm, 22 lines x 28 characters, 三号 = 16 pt)
converted by hand: 1 mm = 56.69 twips, Word counts type in half-points."""

import zipfile
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ecocloud.base.officedocs import GbDocument, Run, Source, docx_text


def body_of(doc: GbDocument):
    return Document(BytesIO(doc.to_bytes())).element.body


def paragraphs(doc: GbDocument) -> dict:
    return {p.text: p for p in Document(BytesIO(doc.to_bytes())).paragraphs if p.text}


def look(paragraph) -> tuple[str, str]:
    properties = paragraph.runs[0]._r.rPr
    return properties.find(qn("w:rFonts")).get(qn("w:eastAsia")), properties.find(qn("w:sz")).get(qn("w:val"))


def test_page_margins_and_grid_in_twips():
    section = body_of(GbDocument("标题")).sectPr
    margin, size, grid = (section.find(qn(f"w:{tag}")) for tag in ("pgMar", "pgSz", "docGrid"))
    got = {side: margin.get(qn(f"w:{side}")) for side in ("top", "bottom", "left", "right")}
    assert got == {"top": "2098", "bottom": "1984", "left": "1588", "right": "1474"}
    assert (size.get(qn("w:w")), size.get(qn("w:h"))) == ("11906", "16838")
    assert grid.get(qn("w:type")) == "linesAndChars"
    # 22 lines of 579 twips in 16838-2098-1984 = 12756; 28 characters of 8844/28 = 315.86 twips, 0.207 pt below 16 pt.
    assert grid.get(qn("w:linePitch")) == "579"
    assert int(grid.get(qn("w:charSpace"))) == pytest.approx((8844 / 28 / 20 - 16) * 4096, abs=1)
    assert [child.tag.split("}")[1] for child in section][-4:] == ["pgSz", "pgMar", "cols", "docGrid"]


def test_landscape_turns_page_and_margins():
    section = body_of(GbDocument("调度表", landscape=True)).sectPr
    size, margin = section.find(qn("w:pgSz")), section.find(qn("w:pgMar"))
    assert (size.get(qn("w:w")), size.get(qn("w:h")), size.get(qn("w:orient"))) == ("16838", "11906", "landscape")
    assert [margin.get(qn(f"w:{s}")) for s in ("top", "right", "bottom", "left")] == ["1588", "2098", "1474", "1984"]


def test_fonts_and_sizes_of_every_element():
    doc = GbDocument("标题")
    doc.addressee("各县")
    doc.paragraph("正文")
    for level, name in enumerate("甲乙丙丁", 1):
        doc.heading(name, level)
    found = paragraphs(doc)
    assert look(found["标题"]) == ("方正小标宋简体", "44")
    assert look(found["正文"]) == ("仿宋_GB2312", "32")
    assert look(found["一、甲"]) == ("黑体", "32")
    assert look(found["（一）乙"]) == ("楷体_GB2312", "32")
    assert look(found["1.丙"]) == ("仿宋_GB2312", "32")
    assert look(found["（1）丁"]) == ("仿宋_GB2312", "32")
    assert found["一、甲"].style.name == "Heading 1"
    indent = found["正文"]._p.pPr.find(qn("w:ind"))
    assert indent.get(qn("w:firstLineChars")) == "200"
    assert found["各县："]._p.pPr.find(qn("w:ind")) is None
    assert found["正文"]._p.pPr.find(qn("w:spacing")).get(qn("w:line")) == "579"


def test_fonts_are_named_with_substitutes():
    with zipfile.ZipFile(BytesIO(GbDocument("标题").to_bytes())) as archive:
        root = etree.fromstring(archive.read("word/fontTable.xml"))
    names = {font.get(qn("w:name")): font.find(qn("w:altName")) for font in root}
    assert names["仿宋_GB2312"].get(qn("w:val")).startswith("仿宋,")
    assert names["方正小标宋简体"].get(qn("w:val")).startswith("宋体,")


def test_page_number_odd_right_even_left_in_song_14():
    with zipfile.ZipFile(BytesIO(GbDocument("标题").to_bytes())) as archive:
        names = [name for name in archive.namelist() if name.startswith("word/footer")]
        footers = [etree.fromstring(archive.read(name)) for name in names]
        assert b"evenAndOddHeaders" in archive.read("word/settings.xml")
    sides = {footer.find(f".//{qn('w:jc')}").get(qn("w:val")) for footer in footers}
    assert sides == {"left", "right"}
    for footer in footers:
        assert "".join(footer.itertext()) == "—  PAGE 1 —"
        assert {size.get(qn("w:val")) for size in footer.iter(qn("w:sz"))} == {"28"}
        assert {fonts.get(qn("w:ascii")) for fonts in footer.iter(qn("w:rFonts"))} == {"宋体"}


def test_table_head_repeats_rows_stay_whole_and_figures_are_right():
    doc = GbDocument("标题")
    doc.table(["事项", "数"], [["植树", Decimal("12.50")], ["清河", "—"]], widths=[3, 1], size="4号")
    table = body_of(doc).find(qn("w:tbl"))
    rows = table.findall(qn("w:tr"))
    assert rows[0].trPr.find(qn("w:tblHeader")) is not None
    assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
    assert rows[1].trPr.find(qn("w:tblHeader")) is None
    grid = [int(column.get(qn("w:w"))) for column in table.find(qn("w:tblGrid"))]
    assert grid == [6633, 2211]
    sides = [[jc.get(qn("w:val")) for jc in row.iter(qn("w:jc"))] for row in rows]
    assert sides == [["center", "center"], ["left", "right"], ["left", "left"]]
    assert {size.get(qn("w:val")) for size in table.iter(qn("w:sz"))} >= {"28"}


@pytest.mark.parametrize(
    "arguments",
    [
        {"headers": [], "rows": []},
        {"headers": ["a"], "rows": [["1", "2"]]},
        {"headers": ["a"], "rows": [], "widths": [1, 2]},
        {"headers": ["a"], "rows": [], "align": ["middle"]},
    ],
)
def test_a_table_that_does_not_fit_is_refused(arguments):
    with pytest.raises(ValueError):
        GbDocument("标题").table(**arguments)


def test_heading_level_out_of_range_is_refused():
    with pytest.raises(ValueError):
        GbDocument("标题").heading("甲", 5)


def right_chars(paragraph) -> int:
    indent = paragraph._p.pPr.find(qn("w:ind"))
    return 0 if indent is None else int(indent.get(qn("w:rightChars"), "0"))


def test_sealed_signature_centres_the_organisation_over_the_date():
    doc = GbDocument("标题")
    doc.signature("某某市办公室", date(2026, 1, 5))
    found = paragraphs(doc)
    # The date is 6 characters wide and ends 4 from the right; the name is 6 wide as well.
    assert right_chars(found["2026年1月5日"]) == 400
    assert right_chars(found["某某市办公室"]) == 400


def test_unsealed_signature_date_begins_two_characters_after_the_organisation():
    doc = GbDocument("标题")
    doc.signature("某某市生态文明办公室", date(2026, 1, 5), sealed=False)
    found = paragraphs(doc)
    # Name 10 wide, date 6: name ends 2 from the right and begins at 12, so the date begins at 10 and ends at 4.
    assert right_chars(found["某某市生态文明办公室"]) == 200
    assert right_chars(found["2026年1月5日"]) == 400
    short = GbDocument("标题")
    short.signature("某办", date(2026, 12, 31), sealed=False)
    found = paragraphs(short)
    # A date wider than the name (7 against 2): the date ends 2 from the right, the name moves left.
    assert right_chars(found["2026年12月31日"]) == 200
    assert right_chars(found["某办"]) == 900


def test_attachments_and_colophon():
    doc = GbDocument("标题")
    doc.attachments(["任务清单。", "指标表"])
    doc.attachment_page(1, "任务清单")
    doc.heading("甲")
    doc.copy_to(["市委办", "市府办"], printed_by="某办", printed_on=date(2026, 10, 9))
    lines = docx_text(doc.to_bytes()).split("\n")
    assert "附件：1.任务清单" in lines and "2.指标表" in lines
    assert "附件1" in lines and "一、甲" in lines
    assert "抄送：市委办，市府办。" in lines
    assert "某办\t2026年10月9日印发" in lines
    single = GbDocument("标题")
    single.attachments(["清单"])
    assert "附件：清单" in docx_text(single.to_bytes())


def test_evidence_appendix_numbers_each_source_once():
    doc = GbDocument("标题")
    report, ledger = Source("月报", "第3页"), Source("台账", "第7行", "item:7")
    doc.paragraph([Run("优良率"), Run("96.2%", source=report), Run("，较上年"), Run("升", source=ledger)])
    doc.table(["项", "数"], [["优良率", Run("96.2%", source=report)]])
    text = docx_text(doc.to_bytes())
    assert "优良率96.2%[1]，较上年升[2]" in text
    assert "优良率\t96.2%[1]" in text
    assert "1\t月报\t第3页\t" in text and "2\t台账\t第7行\titem:7" in text
    assert text.count("数据与事实来源") == 1
    assert docx_text(doc.to_bytes()) == text  # asking twice changes nothing


def test_no_sources_no_appendix():
    doc = GbDocument("标题")
    doc.paragraph("甲\n乙")
    assert docx_text(doc.to_bytes()) == "标题\n\n甲\n乙"


anything = st.text(st.characters(exclude_categories=()), max_size=40)


@given(texts=st.lists(anything, min_size=9, max_size=9), landscape=st.booleans())
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_the_file(texts, landscape):
    doc = GbDocument(texts[0], landscape=landscape, author=texts[1])
    doc.red_head(texts[2], texts[3], texts[4])
    doc.addressee(texts[5])
    doc.paragraph([Run(texts[6], source=Source(texts[7], texts[8])), texts[0]])
    doc.heading(texts[1], 2, run_in=texts[2])
    doc.table([texts[3], texts[4]], [[texts[5], texts[6]]], caption=texts[7])
    doc.attachments(texts[:2])
    doc.signature(texts[8], date(2026, 1, 1))
    doc.attachment_page(1, texts[0])
    doc.copy_to(texts[:3], printed_by=texts[3])
    data = doc.to_bytes()
    kept = "".join(char for char in texts[6] if char.isalnum() and not 0xD800 <= ord(char) <= 0xDFFF)
    assert kept in "".join(char for char in docx_text(data) if char.isalnum())
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(archive.read(name))
