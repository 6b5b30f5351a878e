# ruff: noqa: E501 (parts of packages, one element a line)
"""Packages as other programs write them: shared strings, rich text, prefixed tags, cells without addresses, the 1904
calendar, phonetic parts, sheets under unusual names. Written by hand from ECMA-376 part 1."""

import io
import re
import zipfile
from datetime import date

import openpyxl
import pytest

from ecocloud.base.sheets import compare, error_workbook, guess_workbook, read_rows

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
STRINGS = ["编号", "任务名称", "完成时限", "完成率", "T1", "排查", "T2"]


def package(sheet: str, *, book_options: str = "") -> bytes:
    parts = {
        "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/data.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        '<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
        '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELS}/officeDocument" Target="/xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELS}">{book_options}<sheets><sheet name="重点任务" sheetId="7" r:id="rId9"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId9" Type="{RELS}/worksheet" Target="/xl/worksheets/data.xml"/>'
        f'<Relationship Id="rId2" Type="{RELS}/styles" Target="styles.xml"/><Relationship Id="rId3" Type="{RELS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="3"><xf xfId="0"/><xf numFmtId="14" xfId="0" applyNumberFormat="1"/><xf numFmtId="10" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">'
        + "".join(f"<si><t>{text}</t></si>" for text in STRINGS)
        + "<si><r><t>黑臭</t></r><r><rPr><b/></rPr><t>水体</t></r><rPh sb=\"0\" eb=\"1\"><t>hei</t></rPh></si></sst>",
        "xl/worksheets/data.xml": sheet,
    }  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


ADDRESSED = (
    f'<worksheet xmlns="{MAIN}"><sheetData>'
    '<row r="1" spans="1:4"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="s"><v>3</v></c></row>'
    '<row r="2" spans="1:4"><c r="A2" t="s"><v>4</v></c><c r="B2" t="s"><v>7</v></c><c r="C2" s="1"><v>44834</v></c><c r="D2" s="2"><v>0.975</v></c></row>'
    '<row r="3" spans="1:4" hidden="1"><c r="A3" t="s"><v>6</v></c><c r="C3" t="str"><f>""</f><v></v></c><c r="D3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    "</sheetData></worksheet>"
)  # fmt: skip
PREFIXED = (
    ADDRESSED.replace("<worksheet xmlns=", "<x:worksheet xmlns:x=").replace("</worksheet", "</x:worksheet")
    .replace("<row", "<x:row").replace("</row", "</x:row").replace("<c ", "<x:c ").replace("</c>", "</x:c>")
    .replace("<v>", "<x:v>").replace("</v>", "</x:v>").replace("<f>", "<x:f>").replace("</f>", "</x:f>")
    .replace("<sheetData", "<x:sheetData").replace("</sheetData", "</x:sheetData")
)  # fmt: skip


@pytest.mark.parametrize("sheet", [ADDRESSED, PREFIXED], ids=["plain", "prefixed"])
def test_shared_strings_rich_text_dates_percents_and_the_error_file(sheet, spec):
    data = package(sheet)
    preview = compare(read_rows(data, spec, guess_workbook(data, spec)), {}, spec)
    good, bad = preview.new[0], preview.wrong[0]
    assert (good.values["title"], good.values["due"], good.values["done"]) == ("黑臭水体", date(2022, 9, 30), 97.5)
    assert {fault.code for fault in bad.faults} == {"required", "error_cell"}
    assert any("隐藏行" in note for note in preview.notes)
    result = openpyxl.load_workbook(io.BytesIO(error_workbook(data, preview)))["重点任务"]
    assert result["E1"].value == "错误原因" and "除以了零" in result["E3"].value
    assert result["D3"].fill.fgColor.rgb == "FFF9DDD8" and result["D3"].value == "=1/0"
    assert result["B2"].value == "黑臭水体" and result["C2"].value.date() == date(2022, 9, 30)


def test_cells_without_addresses(spec):

    data = package(re.sub(r' r="[A-Z]?\d"', "", ADDRESSED))
    preview = compare(read_rows(data, spec, guess_workbook(data, spec)), {}, spec)
    assert preview.new[0].values["due"] == date(2022, 9, 30)


def test_1904_calendar(spec):
    data = package(ADDRESSED.replace("44834", "43372"), book_options='<workbookPr date1904="1"/>')
    rows = list(read_rows(data, spec, guess_workbook(data, spec)))
    assert rows[0].values["due"] == date(2022, 9, 30)
