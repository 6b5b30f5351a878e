"""A small ledger as spec, and workbooks made by openpyxl (another program than the one under test writes the input)."""

import io

import openpyxl
import pytest

from ecocloud.base.sheets import Choice, Column, SheetSpec

UNITS = (
    Choice("360802", "吉州区", ("吉州",)),
    Choice("360803", "青原区"),
    Choice("100001", "生态环境局", ("环保局",)),
    Choice("100002", "水利局"),
    Choice("200001", "城南街道"),
    Choice("200002", "城南街道"),
)


def ledger_spec(**changes) -> SheetSpec:
    columns = (
        Column("code", "编号", "Code", required=True, synonyms=("任务编号", "序列号")),
        Column("title", "任务名称", "Task", required=True, synonyms=("工作任务", "任务内容"), max_len=200, width=40),
        Column("unit", "牵头单位", "Lead unit", "ref", choices=UNITS, synonyms=("责任单位",)),
        Column("helpers", "配合单位", "Cooperating units", "ref", choices=UNITS, multiple=True),
        Column("due", "完成时限", "Deadline", "date", synonyms=("期限", "完成时间")),
        Column("money", "投资", "Investment", "decimal", unit="万元", synonyms=("总投资", "投资额")),
        Column("done", "完成率", "Completion", "percent"),
        Column("count", "数量", "Count", "int", minimum=0),
        Column("period", "时段", "Period", "period"),
        Column("state", "状态", "State", "choice", choices=(Choice("open", "推进"), Choice("closed", "销号"))),
    )
    given = {"name": "ledger", "title": "任务台账", "columns": columns, "key_columns": ("code",)}
    return SheetSpec(**(given | changes))


def make_book(rows, *, title="台账", merges=(), change=None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for area in merges:
        sheet.merge_cells(area)
    if change:
        change(book, sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def spec() -> SheetSpec:
    return ledger_spec()


@pytest.fixture
def make_spec():
    return ledger_spec


@pytest.fixture
def book():
    return make_book
