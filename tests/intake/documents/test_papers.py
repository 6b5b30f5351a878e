"""任务分解表, 目标指标表, 比对表 as files: as many rows as records, each with its sentence and place."""

import io

import pytest
from openpyxl import load_workbook

from ecocloud.base.officedocs.reading import docx_text
from ecocloud.intake.documents import comparison, papers
from ecocloud.intake.documents.breakdown import bound_of, target_rows, task_rows, units_by_role
from ecocloud.intake.documents.commands import main
from ecocloud.intake.documents.compare_command import add_arguments, run
from ecocloud.intake.documents.examining import placer, stated_of
from ecocloud.intake.documents.read import read_document

TEXT = """青瓷市2026年生态文明建设工作要点

一、主要目标

全市森林覆盖率达到67.5%以上。

二、重点任务

1.整治入河排污口。2026年11月底前完成120个入河排污口整治。（市生态环境局牵头，市水利局、市住建局配合）
2.推进河道清淤。完成清淤46公里。（市水利局负责）
"""


@pytest.fixture(scope="module")
def reading():
    return read_document(TEXT.encode(), "要点.txt")


def cells(content):
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_rows_of_tasks(reading):
    rows = task_rows(reading.tasks, reading.figures, placer(reading.source))
    assert [(r.number, r.title, r.lead, r.helpers, r.due) for r in rows] == [
        (1, "整治入河排污口", "市生态环境局", "市水利局、市住建局", "2026-11-30"),
        (2, "推进河道清淤", "市水利局", "", ""),
    ]
    assert all(TEXT[r.start : r.end] == r.sentence for r in rows)
    assert rows[0].place.startswith("第 2 段") and rows[1].place.startswith("第 3 段")
    assert "46公里" in rows[1].targets and rows[0].due_words.startswith("2026年11月底前")


def test_rows_of_targets(reading):
    rows = target_rows(reading.figures, placer(reading.source))
    assert len(rows) == sum("target" in f["qualifier"] for f in reading.figures) == 3
    first = rows[0]
    assert (first.indicator, first.bound, first.value, first.unit) == ("森林覆盖率", "不低于", "67.5", "%")
    assert TEXT[first.start : first.end] == first.sentence


@pytest.mark.parametrize("which", ["tasks", "targets"])
def test_files_have_one_line_for_each_record(reading, which):
    place = placer(reading.source)
    rows = {"tasks": task_rows(reading.tasks, reading.figures, place), "targets": target_rows(reading.figures, place)}
    head = papers.Head("青瓷市要点", "要点.txt", "全部记录")
    made = papers.table(which, "xlsx", rows[which], head)
    lines = cells(made.content)
    assert len(lines) == 1 + len(rows[which]) == 1 + made.rows and made.name.endswith(".xlsx")
    at = [column.key for column in papers.SPECS[which].columns].index("sentence")
    assert [line[at] for line in lines[1:]] == [row.sentence for row in rows[which]]
    text = docx_text(papers.table(which, "docx", rows[which], head).content)
    assert f"共{len(rows[which])}条" in text
    for row in rows[which]:
        assert row.sentence in text and row.place in text


def test_an_empty_table_is_still_a_file(reading):
    made = papers.table("tasks", "docx", [], papers.Head("空", "空.txt", "全部记录"))
    assert made.rows == 0 and "共0条" in docx_text(made.content)


def test_a_formula_in_a_sentence_stays_text():
    reading = read_document(
        "甲市2026年工作要点\n\n一、重点任务\n\n1.=1+1完成整治。完成5处整治。（市水利局负责）\n".encode(), "x.txt"
    )
    rows = task_rows(reading.tasks, reading.figures, placer(reading.source))
    for line in cells(papers.table("tasks", "xlsx", rows, papers.Head("甲", "x", "全部")).content)[1:]:
        assert not any(isinstance(cell, str) and cell.startswith("=") for cell in line)


def test_the_comparison_as_files(reading):
    other = read_document(TEXT.replace("67.5", "67.0").replace("2026", "2025").encode(), "去年.txt")
    made = comparison.compare(stated_of(other), stated_of(reading))
    places = {"left": placer(other.source), "right": placer(reading.source)}
    rows = papers.comparison_rows(made, places)
    assert len(rows) == len(made.tasks) + len(made.targets)
    raised = next(row for row in rows if row["state"] == "加严")
    assert raised["difference"] == "+0.5个百分点" and "≥67%" in raised["left"] and "≥67.5%" in raised["right"]
    head = papers.Head("比对", "两份", "全部记录")
    assert len(cells(papers.compared("xlsx", made, places, head).content)) == 1 + len(rows)
    text = docx_text(papers.compared("docx", made, places, head).content)
    assert "加严1项" in text and "保留2项" in text and raised["right_sentence"] in text


def test_units_by_role_and_bounds():
    def unit(name, role):
        return {"name": name, "role": role}

    assert units_by_role([unit("甲", "牵头"), unit("乙", "配合")]) == ("甲", "乙")
    assert units_by_role([unit("甲", "负责"), unit("乙", "负责")]) == ("甲、乙", "")
    assert units_by_role([unit("甲", "unstated"), unit("甲", "unstated")]) == ("甲", "")
    assert bound_of(["target", "lower_bound"]) == "不低于" and bound_of(["change_yoy"], "down") == "下降"


def test_commands_write_tables_and_compare(tmp_path, capsys):
    import argparse

    one, two = tmp_path / "a_去年.txt", tmp_path / "b_今年.txt"
    one.write_text(TEXT.replace("67.5", "67.0").replace("2026", "2025"), "utf-8")
    two.write_text(TEXT, "utf-8")
    out = tmp_path / "out"
    assert main([str(two), "--tables", str(out)]) == 0
    assert sorted(p.name for p in out.iterdir()) == sorted(
        f"b.{name}.{form}" for name in ("任务分解表", "目标指标表") for form in ("xlsx", "docx")
    )
    assert len(cells((out / "b.任务分解表.xlsx").read_bytes())) == 3
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    capsys.readouterr()
    assert run(parser.parse_args([str(one), str(two), "--out", str(out)])) == 0
    printed = capsys.readouterr().out
    assert "任务：保留2项；目标：加严1项，持平2项" in printed
    assert len([p for p in out.iterdir() if "比对表" in p.name]) == 2
    assert run(parser.parse_args([str(one), str(two), "--json"])) == 0
    assert '"tasks_kept": 2' in capsys.readouterr().out


def test_read_prints_questions(tmp_path, capsys):
    path = tmp_path / "r.txt"
    # 90 / 60 = 150 %
    path.write_text(
        "青瓷市2025年情况报告\n\n截至12月份全市存款余额60.00亿元，贷款余额90.00亿元，存贷比140.00%。\n", "utf-8"
    )
    assert main([str(path)]) == 0
    assert "90亿元 ÷ 60亿元 = 150% ≠ 140%" in capsys.readouterr().out
    assert main([str(path), "--json"]) == 0
    assert '"kind": "ratio"' in capsys.readouterr().out
