"""The empty workbook a user fills in: data, 填报说明, 字典."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ecocloud.base.sheets import guard
from ecocloud.base.sheets.book import DICTIONARY_SHEET, NOTES_SHEET
from ecocloud.base.sheets.limits import limits
from ecocloud.base.sheets.spec import KIND_LABELS_ZH, Column, SheetSpec

# Celadon and paper of the visual language, as spreadsheet colours.
HEAD_FILL = PatternFill("solid", start_color="FFDDECE4")
NEEDED_FILL = PatternFill("solid", start_color="FFBEDBCD")
LINE = Side(style="thin", color="FFBCCAC2")
FORMATS = {
    "date": "yyyy-mm-dd",
    "percent": "0.00##%",
    "text": "@",
    "choice": "@",
    "ref": "@",
    "period": "@",
    "int": "#,##0",
}
EXAMPLES = {
    "date": "2022-09-30；也可写 2022年9月30日、2022年9月底",
    "percent": "97%；须带百分号",
    "period": "2022、2022-08、2022Q3、2022年1-8月",
    "int": "1200 或 1,200",
    "decimal": "12.5、1,200、3.2万",
}


def template_workbook(spec: SheetSpec) -> bytes:
    """The template of a spec as an .xlsx file: sheet 1 for data with dropdowns and a frozen head, sheet 2 notes,
    sheet 3 dictionaries with codes next to names."""
    book = Workbook()
    data = book.active
    data.title = sheet_title(spec)
    notes, dictionary = book.create_sheet(NOTES_SHEET), book.create_sheet(DICTIONARY_SHEET)
    areas = _dictionary(dictionary, spec)
    _notes(notes, spec)
    _data(data, spec, areas)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_title(spec: SheetSpec) -> str:
    """The spec's title as a sheet name: at most 31 characters, without those Excel forbids."""
    title = "".join(sign for sign in spec.title if sign not in "[]:*?/\\'").strip()
    return title[:31] or spec.name[:31]


def column_format(column: Column) -> str:
    """The number format of a column's cells."""
    return FORMATS.get(column.kind, "General")


def _data(sheet: Worksheet, spec: SheetSpec, areas: dict[str, str]) -> None:
    last = limits().max_rows.value + 1
    for index, column in enumerate(spec.columns, 1):
        cell = sheet.cell(1, index, column.header)
        head_style(cell, spec.needed(column))
        letter = get_column_letter(index)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].number_format = column_format(column)
        validation = _validation(column, areas.get(column.key))
        if validation:
            validation.add(f"{letter}2:{letter}{last}")
            sheet.add_data_validation(validation)
    sheet.row_dimensions[1].height = 30
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(spec.columns))}1"


def head_style(cell, needed: bool) -> None:
    """The look of a header cell; needed columns are a step darker and carry a star."""
    cell.font = Font(bold=True)
    cell.fill = NEEDED_FILL if needed else HEAD_FILL
    cell.border = Border(bottom=LINE, right=LINE)
    cell.alignment = Alignment(wrap_text=True, vertical="center")


def _validation(column: Column, area: str | None) -> DataValidation | None:
    prompt = (column.help or EXAMPLES.get(column.kind, ""))[:250]
    if area:
        validation = DataValidation(type="list", formula1=area, allow_blank=True, showDropDown=False)
        # Several codes in a cell, or a bare code, are right too: the import checks, the dropdown only helps.
        validation.showErrorMessage = not column.multiple
        validation.errorStyle = "warning"
        validation.errorTitle, validation.error = column.title_zh[:30], "不在字典中，导入时会报错。"
    elif prompt:
        validation = DataValidation(allow_blank=True)
    else:
        return None
    if prompt:
        validation.showInputMessage = True
        validation.promptTitle, validation.prompt = column.title_zh[:30], prompt
    return validation


def _dictionary(sheet: Worksheet, spec: SheetSpec) -> dict[str, str]:
    """Write the dictionaries; returns the area of selectable texts for each column."""
    areas, index = {}, 1
    for column in spec.columns:
        if not column.choices:
            continue
        for offset, title in enumerate((f"{column.title_zh}（可选项）", "代码", "名称")):
            head_style(sheet.cell(1, index + offset, title), False)
        for row, choice in enumerate(column.choices, 2):
            for offset, text in enumerate((choice.text, choice.code, choice.label)):
                cell = sheet.cell(row, index + offset)
                cell.value, cell.data_type, cell.number_format = guard.escape(guard.quote(text)), "s", "@"
        letter = get_column_letter(index)
        sheet.column_dimensions[letter].width = 28
        areas[column.key] = f"{quote_sheetname(DICTIONARY_SHEET)}!${letter}$2:${letter}${len(column.choices) + 1}"
        index += 4
    if index == 1:
        sheet.cell(1, 1, "本表没有字典项。")
    sheet.freeze_panes = "A2"
    return areas


def _notes(sheet: Worksheet, spec: SheetSpec) -> None:
    lines = [
        f"《{spec.title}》填报说明",
        f"1. 数据填在第一张工作表“{sheet_title(spec)}”，从第 2 行开始，一行一项，不要合并单元格，不要改动表头。",
        f"2. 带 * 的列必填。一次最多 {limits().max_rows.value} 行。",
        "3. 选项和单位填代码，或从下拉中选“代码 名称”；全部代码见工作表“字典”。",
        "4. 导入前会先预览新增、更新、不变和错误的行；有错误的行不会写入。",
        *spec.note_lines,
    ]
    for row, line in enumerate(lines, 1):
        sheet.cell(row, 1).value = line
        sheet.cell(row, 1).data_type = "s"
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    start = len(lines) + 2
    for index, title in enumerate(("列", "是否必填", "类型", "单位", "填写要求"), 1):
        head_style(sheet.cell(start, index, title), False)
    for row, column in enumerate(spec.columns, start + 1):
        unique = "，与其他主键列合起来不得重复" if len(spec.key_columns) > 1 else "，不得重复"
        texts = (
            column.title_zh,
            "必填" if spec.needed(column) else "选填",
            KIND_LABELS_ZH[column.kind] + ("，可填多个，用顿号隔开" if column.multiple else ""),
            column.unit or ("%" if column.kind == "percent" else ""),
            "；".join(part for part in (column.help, EXAMPLES.get(column.kind, "")) if part)
            + (unique if column.key in spec.key_columns else ""),
        )
        for index, text in enumerate(texts, 1):
            cell = sheet.cell(row, index)
            cell.value, cell.data_type = text, "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABCDE", (24, 10, 22, 10, 60), strict=True):
        sheet.column_dimensions[letter].width = width
