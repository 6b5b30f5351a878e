"""The user's own file with reasons; openpyxl reads the result back as an independent judge."""

import io
import zipfile

import openpyxl
from openpyxl.styles import Font, PatternFill

from ecocloud.base.sheets import compare, error_workbook, guess_workbook, read_rows

HEAD = ["编号", "任务名称", "完成时限", "备忘"]


def preview_of(data, spec):
    return compare(read_rows(data, spec, guess_workbook(data, spec)), {}, spec)


def styled(_, sheet):
    sheet["A1"].font = Font(bold=True, color="FF00AA00")
    sheet["D2"].fill = PatternFill("solid", start_color="FF123456")
    sheet["D3"] = "=1+1"
    sheet["C3"].number_format = "yyyy-mm-dd"
    sheet.column_dimensions["B"].width = 33
    sheet.freeze_panes = "A2"
    sheet.conditional_formatting.add("D2:D3", openpyxl.formatting.rule.CellIsRule("equal", ["1"]))


def test_reasons_colours_and_everything_else_unchanged(book, spec):
    data = book(
        [["台账"], HEAD, ["T1", "a", "明年", "x"], ["T2", None, None, None], ["T3", "c", None, "好"]], change=styled
    )
    result = error_workbook(data, preview_of(data, spec))
    sheet = openpyxl.load_workbook(io.BytesIO(result)).active
    assert sheet["E2"].value == "错误原因"
    assert "完成时限：“明年”不是日期" in sheet["E3"].value and "2022-09-30" in sheet["E3"].value
    assert "任务名称：没有填写" in sheet["E4"].value
    assert sheet["E5"].value is None
    assert sheet["C3"].fill.fgColor.rgb == sheet["B4"].fill.fgColor.rgb == "FFF9DDD8"
    assert sheet["C3"].number_format == "yyyy-mm-dd"
    assert sheet["D3"].value == "=1+1" and sheet["A1"].font.bold and sheet["D2"].fill.fgColor.rgb == "FF123456"
    assert sheet["A3"].fill.fgColor.rgb == "00000000"
    assert sheet.column_dimensions["B"].width == 33 and sheet.freeze_panes == "A2"
    assert len(sheet.conditional_formatting) == 1
    assert sheet["C3"].value == "明年"


def test_other_parts_stay_byte_for_byte(book, spec):
    data = book([HEAD, ["T1", None]])
    result = error_workbook(data, preview_of(data, spec))
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(io.BytesIO(result)) as after:
        assert before.namelist() == after.namelist()
        changed = [name for name in before.namelist() if before.read(name) != after.read(name)]
    assert sorted(changed) == ["xl/styles.xml", "xl/worksheets/sheet1.xml"]


def test_corrected_file_comes_back_and_the_reason_column_is_reused(book, spec):
    data = book([HEAD, ["T1", None], ["T2", "b", "明年"]])
    first = error_workbook(data, preview_of(data, spec))
    workbook = openpyxl.load_workbook(io.BytesIO(first))
    workbook.active["B2"] = "补上了"
    out = io.BytesIO()
    workbook.save(out)
    again = out.getvalue()
    preview = preview_of(again, spec)
    assert preview.counts() == {"new": 1, "changed": 0, "same": 0, "wrong": 1}
    sheet = openpyxl.load_workbook(io.BytesIO(error_workbook(again, preview))).active
    assert [cell.value for cell in sheet[1]].count("错误原因") == 1
    assert sheet["E2"].value is None and "不是日期" in sheet["E3"].value


def test_reason_that_starts_like_a_formula_stays_text(book, make_spec):
    spec = make_spec()
    data = book([HEAD, ["T1", "a", "=x("]])
    sheet = openpyxl.load_workbook(io.BytesIO(error_workbook(data, preview_of(data, spec)))).active
    assert sheet["E2"].data_type == "s"


def test_second_sheet_and_rows_missing_in_the_xml(book, spec):
    def second(workbook, sheet):
        sheet.title = "封面"
        target = workbook.create_sheet("数据")
        for column, text in enumerate(HEAD, 1):
            target.cell(3, column, text)
        target.cell(9, 1, "T1")

    data = book([], change=second)
    result = error_workbook(data, preview_of(data, spec))
    workbook = openpyxl.load_workbook(io.BytesIO(result))
    assert workbook["封面"].max_column == 1
    assert "任务名称" in workbook["数据"]["E9"].value
