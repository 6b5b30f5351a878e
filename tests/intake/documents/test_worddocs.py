"""Word: automatic numbers become visible, footnotes come last. What Word shows is written beside each case by hand."""

from __future__ import annotations

import io

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from ecocloud.intake.documents.text.loaders import load
from ecocloud.intake.documents.text.numbering import chinese, letters, roman, shape


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (21, "二十一"),
        (100, "一百"),
        (105, "一百零五"),
        (1001, "一千零一"),
    ],
)
def test_chinese_numerals(number, expected):
    assert chinese(number) == expected


def test_other_forms():
    assert [roman(n) for n in (1, 4, 9, 14, 40, 1999)] == ["I", "IV", "IX", "XIV", "XL", "MCMXCIX"]
    assert [letters(n) for n in (1, 26, 27)] == ["A", "Z", "AA"]
    assert [shape(2, f) for f in ("decimal", "lowerLetter", "decimalZero", "none", "decimalEnclosedCircle")] == [
        "2", "b", "02", "", "②"]  # fmt: skip


def numbered(document, text, level, number="77"):
    paragraph = document.add_paragraph(text)
    properties = paragraph._p.get_or_add_pPr()
    properties.append(parse_xml(
        f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'))  # fmt: skip
    return paragraph


def test_automatic_numbers_stand_in_the_linear_text():
    document = docx.Document()
    numbering = document.part.numbering_part.element
    levels = (
        ("chineseCountingThousand", "%1、"),
        ("chineseCounting", "（%2）"),
        ("decimal", "%3."),
        ("decimal", "%3.%4"),
    )
    body = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, (form, text) in enumerate(levels)
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="99">{body}</w:abstractNum>'))
    numbering.append(parse_xml(
        f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="99"/></w:num>'))  # fmt: skip
    for text, level in (
        ("总体要求", 0),
        ("重点任务", 0),
        ("水", 1),
        ("管网", 2),
        ("改造", 3),
        ("气", 1),
        ("排口", 2),
        ("保障", 0),
    ):
        numbered(document, text, level)
    document.add_paragraph("不编号")
    out = io.BytesIO()
    document.save(out)
    assert load(out.getvalue(), "a.docx").original.splitlines() == [
        "一、总体要求", "二、重点任务", "（一）水", "1.管网", "1.1改造", "（二）气", "1.排口", "三、保障", "不编号",
    ]  # fmt: skip


def test_tracked_changes_and_fields_read_as_shown():
    document = docx.Document()
    paragraph = document.add_paragraph("完成")
    for xml in (
        "<w:del {n}><w:r><w:delText>旧</w:delText></w:r></w:del>",
        "<w:ins {n}><w:r><w:t>新</w:t></w:r></w:ins>",
        "<w:r {n}><w:instrText>PAGE</w:instrText></w:r>",
        "<w:r {n}><w:t>任务</w:t></w:r>",
    ):
        paragraph._p.append(parse_xml(xml.format(n=nsdecls("w"))))
    out = io.BytesIO()
    document.save(out)
    assert load(out.getvalue(), "a.docx").original == "完成新任务\n"


def test_footnotes_are_marked_and_come_last():
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    document = docx.Document()
    paragraph = document.add_paragraph("全市PM2.5")
    paragraph._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:footnoteReference w:id="2"/></w:r>'))
    paragraph.add_run("浓度下降。")
    notes = (f'<w:footnotes {nsdecls("w")}><w:footnote w:id="0" w:type="separator"/><w:footnote w:id="2"><w:p><w:r>'
             "<w:t>细颗粒物。</w:t></w:r></w:p></w:footnote></w:footnotes>")  # fmt: skip
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, notes.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    out = io.BytesIO()
    document.save(out)
    assert load(out.getvalue(), "a.docx").original == "全市PM2.5①浓度下降。\n注释\n1.细颗粒物。\n"
