"""Export comes back unchanged; the template has its three sheets."""

import io
import os
from datetime import date, datetime
from decimal import Decimal

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.base import typed
from ecocloud.base.sheets import (
    Choice,
    Column,
    ExportMeta,
    SheetSpec,
    compare,
    export_workbook,
    guess_workbook,
    read_rows,
    template_workbook,
)
from ecocloud.base.typed import BadInput

CHOICES = (Choice("a", "甲 单位"), Choice("b", "=乙"), Choice("c-1", ""), Choice("d", "丁，戊"))
SPEC = SheetSpec(
    "all", "全部类型",
    (
        Column("id", "编号", kind="int"),
        Column("text", "文字", max_len=100),
        Column("money", "金额", kind="decimal", unit="万元"),
        Column("rate", "比例", kind="percent"),
        Column("day", "日期", kind="date"),
        Column("period", "时段", kind="period"),
        Column("one", "单选", kind="choice", choices=CHOICES),
        Column("many", "多选", kind="ref", choices=CHOICES, multiple=True),
    ),
    ("id",),
)  # fmt: skip

EXAMPLES = 1000 if os.environ.get("ECOCLOUD_FULL_SIZE") == "1" else 60
NUMBERS = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=6)


def seen(text):
    """Signs nobody can see are refused when read back (tests/base/test_typed.py)."""
    try:
        return typed.visible(text) == text.replace("\r\n", "\n").replace("\r", "\n")
    except BadInput:
        return False


TEXTS = st.one_of(
    st.text(min_size=1, max_size=40).filter(seen),
    st.text(alphabet=st.sampled_from("=+-@\t\r\n' ＝合计_x000D"), min_size=1, max_size=8),
    st.sampled_from(
        ["=1+1", "@a", "-", "'", "\tx", "\rx", "12", "2022-09-30", "TRUE", "#REF!", "1e5", "合计", "注：x"]
    ),
)
CODES = st.sampled_from([choice.code for choice in CHOICES])
ROW = st.fixed_dictionaries(
    {},
    optional={
        "text": TEXTS.filter(lambda text: text.encode("utf-8", "ignore").decode() == text),
        "money": NUMBERS,
        "rate": st.decimals(-1000, 1000, places=4, allow_nan=False),
        "day": st.dates(date(1900, 1, 1), date(2199, 12, 31)),
        "period": st.sampled_from(["2022", "2022-08", "2022Q3", "2022H1", "../2020", "2022-01-01/2022-08-31"]),
        "one": CODES,
        "many": st.lists(CODES, min_size=1, max_size=4, unique=True).map(tuple),
    },
)


@given(st.lists(ROW, min_size=1, max_size=6))
@settings(max_examples=EXAMPLES, deadline=None)
def test_export_then_import_is_identity(rows):
    rows = [{"id": number, **row} for number, row in enumerate(rows)]
    data = export_workbook(SPEC, rows)
    existing = {(row["id"],): row for row in rows}
    preview = compare(read_rows(data, SPEC, guess_workbook(data, SPEC)), existing, SPEC)
    assert preview.counts() == {"new": 0, "changed": 0, "same": len(rows), "wrong": 0}, (
        preview.wrong or preview.changed or preview.notes
    )
    for row, original in zip(preview.same, rows, strict=True):
        text = {"text": typed.visible(original["text"])} if "text" in original else {}
        assert {key: value for key, value in row.values.items() if value is not None} == original | text


def test_numbers_beyond_15_digits_and_early_dates_survive():
    row = {"id": 1, "money": Decimal("123456789012.123456"), "day": date(1900, 1, 1), "rate": Decimal("33.333333")}
    data = export_workbook(SPEC, [row])
    found = next(iter(read_rows(data, SPEC, guess_workbook(data, SPEC))))
    assert {key: value for key, value in found.values.items() if value is not None} == row


def test_no_cell_is_a_formula():
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")']
    data = export_workbook(SPEC, [{"id": n, "text": text} for n, text in enumerate(texts)])
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    for row in sheet.iter_rows(min_row=2):
        assert row[1].data_type == "s" and row[1].value.startswith("'")


def test_meta_sheet_says_who_when_what_and_how_many():
    meta = ExportMeta("张三（区发改委）", datetime(2022, 9, 21, 9, 30), (("牵头单位", "=水利局"),))
    book = openpyxl.load_workbook(io.BytesIO(export_workbook(SPEC, [{"id": 1}, {"id": 2}], meta)))
    lines = dict(book["导出说明"].iter_rows(values_only=True))
    assert lines["导出人"] == "张三（区发改委）" and lines["导出时间"] == "2022-09-21 09:30:00"
    assert lines["行数"] == "2" and lines["条件：牵头单位"] == "'=水利局"
    assert book.worksheets[0].freeze_panes == "A2"


def test_text_beyond_a_cell_is_cut_visibly_and_refused_on_import():
    spec = SheetSpec("x", "x", (Column("a", "文字", max_len=10**6), Column("b", "别的")))
    data = export_workbook(spec, [{"a": "长" * 40000, "b": "1"}])
    row = next(iter(read_rows(data, spec, guess_workbook(data, spec))))
    assert row.faults[0].code == "cut"


def test_template_has_data_notes_and_dictionary(spec):
    book = openpyxl.load_workbook(io.BytesIO(template_workbook(spec)))
    assert book.sheetnames == ["任务台账", "填报说明", "字典"]
    data, notes, dictionary = book.worksheets
    assert [cell.value for cell in data[1]][:6] == [
        "编号 *",
        "任务名称 *",
        "牵头单位",
        "配合单位",
        "完成时限",
        "投资（万元）",
    ]
    assert data.freeze_panes == "A2"
    lists = {str(item.sqref): item.formula1 for item in data.data_validations.dataValidation if item.type == "list"}
    assert lists["C2:C50001"] == "'字典'!$A$2:$A$7"
    assert [cell.value for cell in dictionary[2]][:3] == ["360802 吉州区", "360802", "吉州区"]
    text = "\n".join(str(cell.value) for row in notes.iter_rows() for cell in row if cell.value)
    assert "50000" in text and "必填" in text and "万元" in text


def test_filled_template_is_read(spec):
    book = openpyxl.load_workbook(io.BytesIO(template_workbook(spec)))
    for column, value in enumerate(["T1", "排查", "360802 吉州区", None, "2022-09-30", 12], 1):
        book.worksheets[0].cell(2, column, value)
    out = io.BytesIO()
    book.save(out)
    reading = read_rows(out.getvalue(), spec, guess_workbook(out.getvalue(), spec))
    rows = list(reading)
    assert not rows[0].faults and rows[0].values["unit"] == "360802" and reading.notes == []


def test_titles_excel_forbids():
    spec = SheetSpec("x", "a/b:c*[d]?" + "长" * 40, (Column("a", "名称"),))
    assert openpyxl.load_workbook(io.BytesIO(template_workbook(spec))).sheetnames[0] == ("abcd" + "长" * 40)[:31]
