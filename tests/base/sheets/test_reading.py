"""Rows of workbooks: values, faults with their place, notes."""

import re
import zipfile
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest

from ecocloud.base.sheets import Choice, Column, SheetSpec, compare, guess_workbook, read_rows
from ecocloud.base.sheets import limits as limits_module
from ecocloud.base.sheets.faults import EmptyWorkbook, MissingColumns, TooManyRows

HEAD = ["编号", "任务名称", "牵头单位", "配合单位", "完成时限", "投资（万元）", "完成率", "数量", "时段", "状态"]


def read(data, spec, **options):
    reading = read_rows(data, spec, guess_workbook(data, spec), **options)
    return list(reading), reading.notes


def test_a_full_row(book, spec):
    rows, notes = read(
        book(
            [
                HEAD,
                ["T1", "排查", "水利局", "360802、生态环境局", "2022年9月底", "1.2亿元", "97%", 3, "2022年8月", "推进"],
            ]
        ),
        spec,
    )
    assert rows[0].number == 2 and not rows[0].faults
    assert rows[0].values == {
        "code": "T1", "title": "排查", "unit": "100002", "helpers": ("360802", "100001"), "due": date(2022, 9, 30),
        "money": Decimal(12000), "done": Decimal(97), "count": 3, "period": "2022-08", "state": "open",
    }  # fmt: skip
    assert "2022年9月底" in rows[0].notes[0]
    assert notes == []


def test_every_fault_names_row_column_value_and_remedy(book, spec):
    rows, _ = read(
        book([HEAD, ["T1", None, "财政局", None, "2022-02-30", "很多", 0.97, 1.5, "去年", "完"], ["T2", "好的"]]), spec
    )
    faults = {fault.title: fault for fault in rows[0].faults}
    assert set(faults) == {"任务名称", "牵头单位", "完成时限", "投资", "完成率", "数量", "时段", "状态"}
    due = faults["完成时限"]
    assert (due.row, due.column, due.value) == (2, "E", "2022-02-30")
    assert "不存在" in due.reason and "2022-09-30" in due.remedy
    assert faults["状态"].remedy.startswith("应为 open 推进、closed 销号")
    assert not rows[1].faults and rows[1].values["title"] == "好的"


def test_percent_format_error_cells_and_formulas(book, spec):
    def change(_, sheet):
        sheet["G2"].number_format = "0.0%"
        sheet["H2"] = "=1+1"
        sheet["F2"] = "#REF!"
        sheet["F2"].data_type = "e"

    rows, _ = read(book([HEAD, ["T1", "a", None, None, None, 1, 0.975, 1]], change=change), spec)
    faults = {fault.title: fault.code for fault in rows[0].faults}
    assert faults == {"投资": "error_cell", "数量": "formula"}
    assert rows[0].values["done"] == Decimal("97.5")


def test_formula_with_a_stored_result_is_read(book, spec):
    data = book([HEAD, ["T1", "a", None, None, None, None, None, "=1+1"]])
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet1.xml"):
                content = re.sub(rb"(<f>1\+1</f>)<v\s*/>|(<f>1\+1</f>)<v></v>", b"<f>1+1</f><v>2</v>", content)
                assert b"<v>2</v>" in content
            new.writestr(name, content)
    rows, _ = read(out.getvalue(), spec)
    assert rows[0].values["count"] == 2 and not rows[0].faults


def test_row_of_nothing_but_uncached_formulas_is_not_lost(book, spec):
    rows, _ = read(book([HEAD, ["T1", "a"], ['=A2&"x"', '=B2&"x"']]), spec)
    assert [row.number for row in rows] == [2, 3]
    assert {fault.code for fault in rows[1].faults} == {"formula"}


def test_merged_cells_headings_totals_footers_hidden_rows(book, spec):
    rows = [
        HEAD,
        ["一、水污染防治"],
        ["T1", "a", "水利局"],
        ["T2", "b", None],
        ["T3", "c", None],
        [None] * 10,
        ["合 计", None, None, None, None, 500],
        ["填表人：张三"],
    ]

    def hide(_, sheet):
        sheet.row_dimensions[4].hidden = True
        sheet.column_dimensions["C"].hidden = True

    found, notes = read(book(rows, merges=["A2:J2", "C3:C4"], change=hide), spec)
    assert [(row.number, row.values["unit"]) for row in found] == [(3, "100002"), (4, "100002"), (5, None)]
    assert "合并单元格" in found[1].notes[0]
    text = "".join(notes)
    assert "第 2 行是分节标题“一、水污染防治”" in text
    assert "第 7 行是合计行" in text and "第 8 行是表注" in text and "1 行是隐藏行" in text
    assert "“牵头单位”是隐藏列" in text and "“任务名称”是隐藏列" not in text


def test_other_and_hidden_sheets_are_noted(book, spec):
    def more(workbook, _):
        workbook.create_sheet("附表").append(["x"])
        workbook.create_sheet("底稿").sheet_state = "hidden"

    _, notes = read(book([HEAD, ["T1", "a"]], change=more), spec)
    assert notes == ["工作表“附表”没有读取。", "隐藏的工作表“底稿”没有读取。"]


def test_duplicates_within_the_file(book, spec):
    rows, _ = read(book([HEAD, ["T1", "a"], ["T1", "a"], ["T1", "b"], ["T2", "a"]]), spec)
    assert [bool(row.faults) for row in rows] == [False, True, True, False]
    assert "与第 2 行重复，内容相同" in rows[1].faults[0].reason
    assert "内容不同" in rows[2].faults[0].reason


def test_wrong_dimension_in_the_file_hides_nothing(book, spec):
    data = book([HEAD, ["T1", "a", None, None, None, None, None, 7]])
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet1.xml"):
                content = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', content)
            new.writestr(name, content)
    rows, _ = read(out.getvalue(), spec)
    assert rows[0].values["count"] == 7


def test_row_limit_is_inclusive(book, spec, monkeypatch):
    small = limits_module.limits().model_copy(
        update={"max_rows": limits_module.limits().max_rows.model_copy(update={"value": 3})}
    )
    monkeypatch.setattr("ecocloud.base.sheets.reading.limits", lambda: small)
    data = book([HEAD, *([f"T{n}", "a"] for n in range(3))])
    assert len(read(data, spec)[0]) == 3
    data = book([HEAD, *([f"T{n}", "a"] for n in range(4))])
    with pytest.raises(TooManyRows) as caught:
        read(data, spec)
    assert "超过 3 行" in caught.value.message_zh and caught.value.where["行"] == 5


def test_stated_row_limit():
    assert limits_module.limits().max_rows.value == 50000


def test_no_rows_and_missing_columns(book, spec):
    with pytest.raises(EmptyWorkbook):
        read(book([HEAD]), spec)
    with pytest.raises(MissingColumns) as caught:
        read(book([["编号", "牵头单位"], ["T1", "水利局"]]), spec)
    assert "缺少必填列：任务名称" in caught.value.message_zh


def test_lookup_given_by_the_target(book):
    spec = SheetSpec("x", "x", (Column("a", "名称"), Column("u", "单位", kind="ref")))
    rows, _ = read(
        book([["名称", "单位"], ["x", "水利局"], ["y", "无此局"]]), spec,
        lookup=lambda key, text: [Choice("W1", "水利局")] if (key, text) == ("u", "水利局") else [],
    )  # fmt: skip
    assert rows[0].values["u"] == "W1" and rows[1].faults[0].code == "unknown_code"


def test_header_unit_converts_rows(book, spec):
    rows, notes = read(book([["编号", "任务名称", "投资（亿元）"], ["T1", "a", 1.2]]), spec)
    assert rows[0].values["money"] == Decimal(12000) and "换算" in notes[0]


EXISTING = {
    ("T1",): {"code": "T1", "title": "a", "count": 1, "money": Decimal("1.50"), "unit": ""},
    ("T2",): {"code": "T2", "title": "旧", "count": 2, "money": None, "unit": "100002"},
}


def test_compare_sorts_rows_and_shows_cells(book, spec):
    head = ["编号", "任务名称", "数量", "投资", "牵头单位"]
    data = book([head, ["T1", "a", 1, 1.5, None], ["T2", "新", 2, None, None], ["T3", "c"], ["T4", None]])
    preview = compare(read_rows(data, spec, guess_workbook(data, spec)), EXISTING, spec)
    assert preview.counts() == {"new": 1, "changed": 1, "same": 1, "wrong": 1}
    assert {(diff.key, diff.before, diff.after) for diff in preview.changed[0].diffs} == {
        ("title", "旧", "新"),
        ("unit", "100002", None),
    }


def test_blank_may_keep_and_unmapped_columns_are_left_alone(book, make_spec):
    spec = make_spec(blank_means="keep")
    data = book([["编号", "任务名称", "牵头单位"], ["T2", "新", None]])
    preview = compare(read_rows(data, spec, guess_workbook(data, spec)), EXISTING, spec)
    assert [diff.key for diff in preview.changed[0].diffs] == ["title"]
    assert preview.changed[0].values == {"code": "T2", "title": "新"}


def test_task_named_total_is_a_row_when_it_is_complete(book, spec):
    rows, notes = read(book([HEAD, ["合计", "汇总全区数据"], ["T2", "b"]]), spec)
    assert [row.values["code"] for row in rows] == ["合计", "T2"] and notes == []
