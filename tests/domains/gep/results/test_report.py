"""Report and workbook: the figures of the tables, with sources, gaps and methods; totals are the same everywhere."""

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from openpyxl import load_workbook

from ecocloud.base.officedocs import docx_text
from ecocloud.domains.gep.results import cards, published, report, tables, workbook
from ecocloud.domains.gep.results.published import Told
from ecocloud.domains.gep.results.report import Cover
from tests.domains.gep.results.county import FACTS, SPEECH, made

COVER = Cover("青溪县", "青溪县生态文明办", date(2024, 6, 3), "试算", False,
              (("核算批次", "2023年第2次"), ("结果摘要", "ab12")), lambda key: f"gep:7#{key}")  # fmt: skip
TOLD = [Told("", D(100000), "2023年公报", "公报含农田"), Told("oxygen_release", D(50), "2023年公报")]


@pytest.fixture(scope="module")
def paper():
    found = made()
    return docx_text(report.write(found, COVER, SPEECH, published.compare(found, TOLD, SPEECH)))


def rows(paper, caption):
    """The cells of the table under a caption."""
    after = paper.split(f"{caption}\n", 1)[1].split("\n")
    taken = []
    for line in after:
        if "\t" not in line:
            break
        taken.append(re.sub(r"\[\d+\]", "", line).replace("−", "-").split("\t"))
    return taken


def test_the_paper_has_every_table_with_the_same_total(paper):
    found = made()
    assert paper.startswith("青溪县2023年生态产品总值核算报告\n（试算，未确认）")
    assert f"GEP为{found.total}万元" in re.sub(r"\[\d+\]", "", paper)
    for table, at in (
        (tables.services(found, SPEECH), 2), (tables.items(found, SPEECH), 4),
        (tables.ecosystems(found, SPEECH), 4), (tables.regions(found, SPEECH), 4),
    ):  # fmt: skip
        read = rows(paper, table.title)
        assert read[-1][0] == "合计" and D(read[-1][at]) == found.total
        assert sum(D(line[at]) for line in read[1:-1]) == found.total
        assert len(read) == len(table.rows) + 2
    change = rows(paper, "变化分解")
    assert [sum(D(line[at]) for line in change[1:-1]) for at in range(1, 7)] == [D(one) for one in change[-1][1:]]
    assert D(change[-1][3]) == sum(D(one) for one in change[-1][4:])


def test_the_paper_says_what_is_left_out_and_what_is_not_verified(paper):
    assert "缺参数：平均径流系数" in paper and "不按零计入" in paper
    assert "尚未与印发文本核对：发改基础〔2022〕481号" in paper
    assert "水源涵养量在两年中核算范围不同" in paper
    assert "公报含农田；本次有未核算的科目" in paper and "所用版本不核算此项" in paper
    assert "公布数据来源：2023年公报。" in paper


def test_the_appendix_has_formulas_parameters_and_prices_with_source_and_mark(paper):
    assert "公式：Q = Σ A·(P − P·α − ET)·10⁻³。" in paper
    assert "参数\t平均径流系数\t阔叶林\t4.65\t%\t龚诗涵等2017（ChinaXiv-201704.00215V1）表2\t已核对原文" in paper
    assert "价格\t水库单位库容造价\t全国通用，2023年\t8.13\t元/立方米\t县水利局2023年概算\t自行确定" in paper


def test_figures_name_their_place_in_the_run(paper):
    assert "数据与事实来源" in paper and "gep:7#carbon_fixation" in paper and "gep:7#\n" in paper


def test_a_paper_without_base_year_earlier_years_or_statistics():
    bare = replace(made(0), earlier=(), statistics={}, accounts=made().accounts[1:2], whole="")
    told = docx_text(report.write(bare, replace(COVER, confirmed=True, source=lambda _key: ""), SPEECH))
    assert "不变价" not in told and "不作变化分解" in told and "GDP未填报" in told and "未确认" not in told
    assert "分地区" not in told and "与已公布结果比较" not in told and "数据与事实来源" not in told
    none = replace(bare, accounts=(replace(bare.accounts[0], gaps=()),))
    assert "各项服务均已核算" in docx_text(report.write(none, COVER, SPEECH))


def book():
    found = made()
    sheets = [tables.services(found, SPEECH), tables.regions(found, SPEECH), tables.lines(found, SPEECH),
              workbook.of_methods(cards.methods(FACTS, found.accounts, SPEECH), SPEECH)]  # fmt: skip
    return found, load_workbook(io.BytesIO(workbook.write(sheets, [("核算批次", "=1+1")], SPEECH)))


def test_a_workbook_comes_back_as_it_was_written():
    found, read = book()
    table = tables.lines(found, SPEECH)
    back = [list(row) for row in read["核算明细"].values]
    assert back[0] == [f"{head.label}（{head.unit}）" if head.unit else head.label for head in table.heads]
    for line, row in zip(back[1:], [*table.rows, table.total], strict=True):
        for cell, value in zip(line, row.cells, strict=True):
            if isinstance(value, D):
                assert abs(D(str(cell)) - value) <= abs(value) * D("1e-15")
            else:
                assert cell == (value if value not in ("", None) else None)
    values = [D(str(row[-1])) for row in back[1:-1]]
    assert sum(values) == D(str(back[-1][-1])) == found.total


def test_sheets_have_the_same_total_and_no_text_is_a_formula():
    found, read = book()
    assert read.sheetnames == ["分服务价值量", "分地区价值量", "核算明细", "方法和参数", "说明"]
    for sheet, at in (("分服务价值量", 2), ("分地区价值量", 4), ("核算明细", 10)):
        lines = list(read[sheet].values)
        assert D(str(lines[-1][at])) == sum(D(str(line[at])) for line in lines[1:-1]) == found.total
    assert read["说明"]["B2"].value == "'=1+1" and read["说明"]["B2"].data_type == "s"
    assert "发改基础〔2022〕481号（公式待核对）" in {row[8] for row in read["方法和参数"].values}
