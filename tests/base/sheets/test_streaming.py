"""Streamed cells beside openpyxl's own read-only rows: the same values, types and percent signs."""

import io
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from ecocloud.base.sheets import book as books
from ecocloud.base.sheets.streaming import SheetCell

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**14), 10**14), st.floats(allow_nan=False, allow_infinity=False),
    TEXTS, st.sampled_from(["#REF!", "#N/A", "=1+1", "007", " 左 ", "a\nb", "1e5"]),
    st.dates(date(1905, 1, 1), date(2199, 1, 1)),
    st.datetimes(datetime(1905, 1, 1), datetime(2199, 1, 1)).map(lambda at: at.replace(microsecond=0)),
    st.builds(lambda n: timedelta(minutes=n), st.integers(1, 10**5)), st.just(time(8, 30)),
)  # fmt: skip
FORMATS = st.sampled_from(["General", "0%", "0.00%", '0.0"%"', "yyyy-mm-dd", "@", "0.000_ "])
ROWS = st.lists(st.lists(st.tuples(VALUES, FORMATS), max_size=5), max_size=6)


def package(rows, write_only=False):
    made = openpyxl.Workbook(write_only=write_only)
    sheet = made.create_sheet("甲") if write_only else made.active
    for number, row in enumerate(rows, 1):
        if write_only:
            sheet.append([value for value, _ in row])
            continue
        for column, (value, shown) in enumerate(row, 1):
            cell = sheet.cell(number, column, value)
            if shown != "General" and not isinstance(value, date | time | timedelta):
                cell.number_format = shown
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def by_openpyxl(content):
    """Every cell that holds something, as openpyxl's read-only mode gives it."""
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
    sheet.reset_dimensions()
    found = {}
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = {
            cell.column: SheetCell(cell.value, cell.data_type == "e",
                                   isinstance(cell.value, int | float) and "%" in cell.number_format)
            for cell in row if cell.value is not None and str(cell.value).strip()
        }  # fmt: skip
        if cells:
            found[number] = cells
    return found


def streamed(content, first=1, last=200):
    with books.opened(content) as book:
        return dict(books.cells_of(book.worksheets[0], first, last))


def typed(rows):
    return {number: {at: (*cell, type(cell.value)) for at, cell in row.items()} for number, row in rows.items()}


@settings(max_examples=60, deadline=None)
@given(ROWS, st.booleans())
def test_same_cells_as_openpyxl(rows, write_only):
    content = package(rows, write_only)
    assert typed(streamed(content)) == typed(by_openpyxl(content))


def test_rich_texts_and_gaps_and_bounds():
    def change(sheet):
        sheet["B2"] = CellRichText("甲", TextBlock(InlineFont(b=True), "乙"))
        sheet["D5"], sheet["A9"] = "丁", 9

    made = openpyxl.Workbook()
    change(made.active)
    out = io.BytesIO()
    made.save(out)
    content = out.getvalue()
    assert streamed(content) == by_openpyxl(content) == {
        2: {2: SheetCell("甲乙")}, 5: {4: SheetCell("丁")}, 9: {1: SheetCell(9)}
    }  # fmt: skip
    assert list(streamed(content, first=3)) == [5, 9] and list(streamed(content, last=3)) == [2, 9]


def test_rows_are_counted_without_reading_cells():
    content = package([[("a", "General")]] * 1234)
    assert books.row_count(io.BytesIO(content), "Sheet") == 1234


def test_a_broken_sheet_is_no_workbook():
    import zipfile

    source, out = zipfile.ZipFile(io.BytesIO(package([[("a", "General")]] * 5))), io.BytesIO()
    with zipfile.ZipFile(out, "w") as broken:
        for name in source.namelist():
            data = source.read(name)
            broken.writestr(name, data[: len(data) // 2] if name.endswith("sheet1.xml") else data)
    with pytest.raises(books.NotAWorkbook):
        streamed(out.getvalue())
