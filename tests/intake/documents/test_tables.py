"""Tables of html, docx and xlsx: where cells stand, which records they give, that every quote is exact.

The tables are written by hand in each format; what must come out is written beside them.
"""

from __future__ import annotations

import io

import docx
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.documents.read import read_document
from ecocloud.intake.documents.text.linear import Cell, Linear, lay_out
from ecocloud.intake.documents.text.loaders import load

TITLE = "清溪县2025年生态文明建设工作要点"
TASKS = [
    ["序号", "重点任务", "责任单位", "配合单位", "完成时限"],
    ["1", "改造老旧管网8公里", "县水利局", "县住建局、县财政局", "2025年6月底"],
    ["2", "创建节水型企业3家", "县工信局", "", "2025年12月31日前"],
]
TARGETS = [
    ["序号", "指标名称", "单位", "2024年现状", "2025年目标", "属性"],
    ["1", "森林覆盖率", "%", "61.2", "≥61.5", "约束性"],
    ["2", "细颗粒物（PM2.5）浓度", "微克/立方米", "28", "27以下", "预期性"],
    ["3", "用水总量（亿立方米）", "", "1.85", "1,234.5", "约束性"],
    ["4", "能耗强度下降", "%", "—", "完成市下达任务", "约束性"],
]


def as_html(rows) -> bytes:
    body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
    return f"<html><meta charset=utf-8><body><h1>{TITLE}</h1><table>{body}</table></body></html>".encode()


def as_docx(rows) -> bytes:
    document = docx.Document()
    document.add_paragraph(TITLE)
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for r, row in enumerate(rows):
        for c, words in enumerate(row):
            table.cell(r, c).text = words
    return saved(document)


def saved(document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def as_xlsx(rows) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = TITLE[:20]
    for row in rows:
        sheet.append(row)
    return saved(book)


FORMATS = {"html": as_html, "docx": as_docx, "xlsx": as_xlsx}


def exact(reading) -> None:
    for record in reading.records():
        assert record["quote"] == reading.source.original[record["start"] : record["end"]]
    for task in reading.tasks:
        for unit in task["units"]:
            assert task["start"] <= unit["start"] < unit["end"] <= task["end"]


@pytest.mark.parametrize("kind", list(FORMATS))
def test_a_task_table_in_every_format(kind):
    reading = read_document(FORMATS[kind](TASKS), f"a.{kind}")
    tasks = [(t["title"], [(u["name"], u["role"]) for u in t["units"]], [d["date"] for d in t["deadlines"]])
             for t in reading.tasks]  # fmt: skip
    assert tasks == [
        ("改造老旧管网8公里", [("县水利局", "负责"), ("县住建局", "配合"), ("县财政局", "配合")], ["2025-06-30"]),
        ("创建节水型企业3家", [("县工信局", "负责")], ["2025-12-31"]),
    ]
    assert [t["place"].endswith(f"表1第{r}行第1列") for r, t in enumerate(reading.tasks, 2)] == [True, True]
    exact(reading)


@pytest.mark.parametrize("kind", list(FORMATS))
def test_a_target_table_in_every_format(kind):
    reading = read_document(FORMATS[kind](TARGETS), f"a.{kind}")
    figures = [(f["indicator"], f["period"], f["value"], f["unit"], f["qualifier"], f["value_text"])
               for f in reading.figures]  # fmt: skip
    assert figures == [
        ("森林覆盖率", "2024", 61.2, "%", ["actual"], None),
        ("森林覆盖率", "2025", 61.5, "%", ["target", "lower_bound"], None),
        ("细颗粒物(PM2.5)浓度", "2024", 28, "微克/立方米", ["actual"], None),
        ("细颗粒物(PM2.5)浓度", "2025", 27, "微克/立方米", ["target", "upper_bound"], None),
        ("用水总量", "2024", 1.85, "亿立方米", ["actual"], None),
        ("用水总量", "2025", 1234.5, "亿立方米", ["target"], None),
        ("能耗强度下降", "2025", None, "%", ["target"], "完成市下达任务"),
    ]
    assert {f["period_basis"] for f in reading.figures} == {"stated"}
    assert reading.source.original[reading.figures[1]["value_start"] : reading.figures[1]["value_end"]] == "≥61.5"
    exact(reading)


def test_a_table_of_counties_gives_a_figure_per_county_and_indicator():
    rows = [
        ["县区", "造林面积（亩）", "2025年森林覆盖率（%）"],
        ["甲县", "1200", "61"],
        ["乙区", "800", "58.5"],
        ["合计", "2000", "60"],
    ]
    reading = read_document(as_html(rows), "a.html")
    assert [(f["region"], f["indicator"], f["value"], f["unit"]) for f in reading.figures] == [
        ("甲县", "造林面积", 1200, "亩"), ("甲县", "森林覆盖率", 61, "%"), ("乙区", "造林面积", 800, "亩"),
        ("乙区", "森林覆盖率", 58.5, "%"), ("清溪县", "造林面积", 2000, "亩"), ("清溪县", "森林覆盖率", 60, "%"),
    ]  # fmt: skip


MERGED = """<html><meta charset=utf-8><body><h1>清溪县2025年生态文明建设工作要点</h1><table>
<tr><td colspan=5>附表 主要指标</td></tr>
<tr><th rowspan=2>指标</th><th rowspan=2>单位</th><th colspan=2>目标值</th><th rowspan=2>责任单位</th></tr>
<tr><th>2024年</th><th>2025年</th></tr>
<tr><td>森林覆盖率</td><td>%</td><td>61.2</td><td>61.5</td><td rowspan=2>县林业局</td></tr>
<tr><td>湿地保护率</td><td>%</td><td>70</td><td>72</td></tr></table></body></html>"""


def test_merged_heads_and_cells_are_laid_out():
    reading = read_document(MERGED.encode(), "a.html")
    assert [(f["indicator"], f["period"], f["value"]) for f in reading.figures] == [
        ("森林覆盖率", "2024", 61.2), ("森林覆盖率", "2025", 61.5),
        ("湿地保护率", "2024", 70), ("湿地保护率", "2025", 72),
    ]  # fmt: skip
    assert [(t["title"], [u["name"] for u in t["units"]]) for t in reading.tasks] == [
        ("森林覆盖率", ["县林业局"]), ("湿地保护率", ["县林业局"])]  # fmt: skip
    assert reading.source.place(reading.figures[-1]["value_start"]).label == "表1第5行第4列"
    exact(reading)


def test_merged_cells_of_docx_and_xlsx_give_the_same_grid():
    document = docx.Document()
    table = document.add_table(rows=3, cols=3)
    for r in range(3):
        for c in range(3):
            table.cell(r, c).text = f"{r}{c}"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "合并"
    table.cell(0, 1).merge(table.cell(0, 2)).text = "宽"
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["00", "宽", None], ["合并", "11", "12"], [None, "21", "22"]):
        sheet.append(row)
    sheet.merge_cells("B1:C1")
    sheet.merge_cells("A2:A3")
    word, work = load(saved(document), "a.docx"), load(saved(book), "a.xlsx")
    assert word.original == "00\t宽\n合并\t11\t12\n合并\t21\t22\n"
    assert work.original == "Sheet\n" + word.original
    cells = [[(p.row, p.column, p.columns, p.copy) for p in s.places if p.kind == "cell"] for s in (word, work)]
    assert cells[0] == cells[1] and (1, 2, 2, False) in cells[0] and (3, 1, 1, True) in cells[0]


def test_a_repeated_cell_gives_its_number_once():
    page = ("<html><meta charset=utf-8><body><h1>清溪县水务情况的报告</h1><p>一、基本情况</p>"
            "<table><tr><td rowspan=2>新增水表2.5万只</td><td>甲</td></tr>"
            "<tr><td>乙</td></tr></table></body></html>")  # fmt: skip
    assert [f["value"] for f in read_document(page.encode(), "a.html").figures] == [2.5]


def test_nested_tables_follow_the_table_they_stand_in():
    page = ("<html><meta charset=utf-8><body><table><tr><td>甲</td><td>乙<table><tr><td>内1</td><td>内2</td></tr>"
            "</table></td></tr>"
            "<tr><td>丙</td><td>丁</td></tr></table></body></html>")  # fmt: skip
    source = load(page.encode(), "a.html")
    assert source.original == "甲\t乙\n丙\t丁\n内1\t内2\n"
    document = docx.Document()
    outer = document.add_table(rows=1, cols=2)
    outer.cell(0, 0).text, outer.cell(0, 1).text = "甲", "乙"
    inner = outer.cell(0, 1).add_table(rows=1, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "内1", "内2"
    assert load(saved(document), "a.docx").original == "甲\t乙\n内1\t内2\n"


def test_a_table_that_only_arranges_the_page_is_text():
    page = ("<html><meta charset=utf-8><table><tr><td><p>一、完成改造管网12.5公里。</p><p>二、其他。</p></td></tr>"
            "</table></html>")  # fmt: skip
    assert [p.kind for p in load(page.encode(), "a.html").places] == ["paragraph"] * 2


def test_hidden_rows_percent_formats_and_formulas_of_a_workbook():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "指标表"
    for row in (["指标", "单位", "2025年目标"], ["森林覆盖率", "%", 0.615], ["不看", "%", 1], ["面积", "亩", 12345.0]):
        sheet.append(row)
    sheet["C2"].number_format = "0.0%"
    sheet.row_dimensions[3].hidden = True
    book.create_sheet("隐藏").append(["密"])
    book["隐藏"].sheet_state = "hidden"
    source = load(saved(book), "a.xlsx")
    assert source.original == "指标表\n指标\t单位\t2025年目标\n森林覆盖率\t%\t61.5%\n面积\t亩\t12345\n"
    assert source.place(source.original.index("12345")).label == "工作表“指标表”表1第3行第3列"


span = st.integers(1, 4)
tables = st.lists(st.lists(st.builds(Cell, st.text("甲乙1.%\n", max_size=4), span, span), max_size=5), max_size=6)


@settings(max_examples=150, deadline=None)
@given(tables)
def test_laid_out_rows_start_with_column_one_and_never_overlap(rows):
    for row in lay_out(rows):
        at = 1
        for laid in row:
            assert laid.column == at
            at += laid.columns
    own = [c.text for row in rows for c in row]
    assert [laid.text for row in lay_out(rows) for laid in row if not laid.copy and laid.text] == [t for t in own if t]


@settings(max_examples=100, deadline=None)
@given(tables)
def test_every_cell_of_a_linear_table_is_where_its_place_says(rows):
    linear = Linear()
    linear.paragraph("说明")
    linear.table(rows)
    source = linear.source("a", "html")
    cells = [p for p in source.places if p.kind == "cell"]
    laid = [cell for row in lay_out(rows) for cell in row]
    assert len(cells) == len(laid)
    for place, cell in zip(cells, laid, strict=True):
        assert source.original[place.start : place.start + len(cell.text)] == cell.text


def test_a_span_of_any_size_is_bounded():
    page = (
        "<html><body><table><tr><td rowspan=99999999 colspan=99999999>甲</td><td>乙</td></tr>"
        + "<tr><td>丙</td></tr>" * 50
    )
    source = load(page.encode(), "a.html")
    assert len(source.original) < 2000


FLAT = {
    "columns by spaces": "指标 单位 2024年现状 2025年目标\n森林覆盖率 % 61.2 61.5\n湿地保护率 % 70 72\n",
    "one cell per line": "指标\n单位\n2024年现状\n2025年目标\n森林覆盖率\n%\n61.2\n61.5\n湿地保护率\n%\n70\n72\n",
}
TARGETS_FOUND = [("森林覆盖率", "2024", 61.2, "%"), ("森林覆盖率", "2025", 61.5, "%"), ("湿地保护率", "2024", 70, "%"),
                 ("湿地保护率", "2025", 72, "%")]  # fmt: skip


def found(reading):
    return [(f["indicator"], f["period"], f["value"], f["unit"]) for f in reading.figures]


@pytest.mark.parametrize("case", list(FLAT))
def test_a_flattened_table_is_read_where_its_columns_can_be_told_and_is_marked(case):
    text = f"{TITLE}\n一、主要目标\n{FLAT[case]}二、保障措施\n加强组织领导，落实责任。\n"
    reading = read_document(text.encode(), "a.txt")
    assert found(reading) == TARGETS_FOUND
    assert all("table:flattened" in f["rules"] and f["confidence"] <= 0.4 for f in reading.figures)
    exact(reading)


def test_a_flattened_table_that_lost_a_cell_is_marked_and_not_guessed():
    rows = "指标 单位 2024年现状 2025年目标\n森林覆盖率 61.5%\n湿地保护率 % 72\n造林 12万亩 8万亩\n"
    text = f"{TITLE}\n一、主要目标\n{rows}二、其他\n"
    reading = read_document(text.encode(), "a.txt")
    assert reading.figures and all("table:flattened" in f["rules"] for f in reading.figures)
    assert all(f["confidence"] <= 0.4 and f["rules"][0] != "table:indicator" for f in reading.figures)


def test_pasted_tables_with_tabs_have_their_columns():
    rows = "\n".join("\t".join(row) for row in TARGETS)
    reading = read_document(f"{TITLE}\n一、主要目标\n{rows}\n二、其他\n".encode(), "a.txt")
    assert len(reading.figures) == 7 and "table:flattened" not in str(reading.figures)
    tasks = "\n".join("\t".join(row) for row in TASKS)
    reading = read_document(f"{TITLE}\n{tasks}\n".encode(), "a.txt")
    assert [t["title"] for t in reading.tasks] == ["改造老旧管网8公里", "创建节水型企业3家"]
    exact(reading)


names = st.sampled_from(["森林覆盖率", "湿地保护率", "达标率", "回收率", "利用率"])
numbers = st.integers(1, 99).map(str) | st.decimals(1, 99, places=1).map(str)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(names, numbers, numbers), min_size=2, max_size=6), st.sampled_from([" ", "\n", "\t"]))
def test_flattening_a_table_loses_no_value_and_invents_none(rows, gap):
    table = [("指标", "单位", "2024年现状", "2025年目标"), *((n, "%", a, b) for n, a, b in rows)]
    text = f"{TITLE}\n一、主要目标\n" + "\n".join(gap.join(row) for row in table) + "\n二、保障措施\n"
    reading = read_document(text.encode(), "a.txt")
    expected = [(n, year, float(v), "%") for n, a, b in rows for year, v in (("2024", a), ("2025", b))]
    assert [(i, p, float(v), u) for i, p, v, u in found(reading)] == expected
    exact(reading)
