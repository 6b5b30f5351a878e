"""Finding the header in the shapes office ledgers have."""

import pytest

from ecocloud.base.sheets import Choice, Column, SheetSpec, guess_mapping, guess_workbook
from ecocloud.base.sheets.faults import EmptyWorkbook, HeaderNotFound, MissingColumns
from ecocloud.base.sheets.headers import Mapping, normal


def indexes(mapping):
    return {column.key: column.index for column in mapping.columns}


def test_plain_header(spec):
    mapping = guess_mapping([["编号", "任务名称", "牵头单位"], ["1", "排查", "水利局"]], spec)
    assert (mapping.header_row, mapping.header_rows, indexes(mapping)) == (1, 1, {"code": 1, "title": 2, "unit": 3})


def test_header_below_merged_titles(book, spec):
    rows = [
        ["2022年重点任务台账", None, None, None],
        ["填报单位：区发改委", None, "2022年9月", None],
        ["序列号", "工作任务（内容）", "责任单位", "完成时限（年月日）"],
        [1, "完成全区黑臭水体排查", "水利局", "2022年9月底"],
    ]
    mapping = guess_workbook(book(rows, merges=["A1:D1", "A2:B2"]), spec)
    assert (mapping.header_row, mapping.header_rows) == (3, 1)
    assert indexes(mapping) == {"code": 1, "title": 2, "unit": 3, "due": 4}


def test_two_row_header_with_merged_groups(book):
    spec = SheetSpec(
        "x",
        "指标",
        (
            Column("name", "指标名称", required=True),
            Column("goal", "目标值", kind="decimal"),
            Column("value", "完成值", kind="decimal"),
            Column("last", "上年完成值", kind="decimal"),
        ),
    )
    rows = [["指标名称", "本年", None, "上年"], [None, "目标值", "完成值", "完成值"], ["优良天数", 340, 338, 335]]
    mapping = guess_workbook(book(rows, merges=["A1:A2", "B1:C1"]), spec)
    assert (mapping.header_row, mapping.header_rows, mapping.first_row) == (1, 2, 3)
    assert indexes(mapping) == {"name": 1, "goal": 2, "value": 3, "last": 4}


def test_data_row_is_not_taken_for_a_second_header_row(spec):
    mapping = guess_mapping([["编号", "任务名称", "状态"], ["状态", "任务内容", "数量"], ["2", "b", "c"]], spec)
    assert mapping.header_rows == 1 and mapping.header_row == 1


def test_header_at_the_last_searched_row_and_one_too_low(spec):
    filler = [["说明文字"]] * 14
    assert guess_mapping([*filler, ["编号", "任务名称"], ["1", "a"]], spec).header_row == 15
    with pytest.raises(HeaderNotFound) as caught:
        guess_mapping([*filler, ["说明"], ["编号", "任务名称"]], spec, sheet="表")
    assert "前 15 行" in caught.value.message_zh


def test_saved_mapping_wins_and_can_leave_columns_out(spec):
    grid = [["编号", "事项", "任务名称", "备忘"], ["1", "a", "b", "c"]]
    saved = {normal("事项"): "title", normal("任务名称"): "", normal("编号"): "code"}
    mapping = guess_mapping(grid, spec, saved)
    assert indexes(mapping) == {"code": 1, "title": 2}
    assert mapping.remembered() == {"编号": "code", "事项": "title", "任务名称": "", "备忘": ""}


def test_units_in_headers(spec):
    grid = [["编号", "任务名称", "投资（亿元）"], ["1", "a", 1.2]]
    mapping = guess_mapping(grid, spec)
    assert mapping.columns[2].unit == "亿元" and "换算为万元" in mapping.warnings[0]
    other = guess_mapping([["编号", "任务名称", "投资（亩）"]], spec)
    assert other.columns[2].unit == "" and "不同类" in other.warnings[0]
    assert guess_mapping([["编号", "任务名称", "投资（万元）"]], spec).warnings == ()


def test_person_chooses(spec):
    mapping = guess_mapping([["编号", "任务名称", "某列", "投资(亿元)"]], spec)
    chosen = mapping.with_columns({1: "code", 3: "title", 4: "money"}, spec)
    assert indexes(chosen) == {"code": 1, "title": 3, "money": 4}
    assert chosen.columns[2].unit == "亿元" and chosen.unmatched == ((2, "任务名称"),)
    with pytest.raises(MissingColumns):
        mapping.with_columns({1: "code", 2: "code"}, spec)
    with pytest.raises(MissingColumns) as caught:
        mapping.with_columns({1: "code"}, spec).require(spec)
    assert "任务名称" in caught.value.message_zh
    assert Mapping.from_json(chosen.as_json()) == chosen


def test_visible_sheet_with_the_best_header_is_taken(book, spec):
    def more(workbook, sheet):
        hidden = workbook.create_sheet("旧表")
        hidden.append(["编号", "任务名称", "牵头单位", "完成时限"])
        hidden.sheet_state = "hidden"
        other = workbook.create_sheet("明细")
        other.append(["编号", "任务名称", "牵头单位"])
        other.append(["1", "a", "水利局"])
        workbook.create_sheet("填报说明").append(["编号", "任务名称", "牵头单位", "完成时限", "投资"])

    mapping = guess_workbook(book([["编号", "任务名称"], ["1", "a"]], change=more), spec)
    assert mapping.sheet == "明细"


def test_empty_and_headerless_workbooks(book, spec):
    with pytest.raises(EmptyWorkbook):
        guess_workbook(book([]), spec)
    with pytest.raises(HeaderNotFound) as caught:
        guess_workbook(book([["甲", "乙"], [1, 2]]), spec)
    assert "任务名称" in caught.value.remedy_zh


def test_similar_names_go_to_their_own_columns():
    spec = SheetSpec(
        "x",
        "x",
        (
            Column("unit", "单位"),
            Column("lead", "牵头单位"),
            Column("help", "配合单位"),
            Column("s", "状态", kind="choice", choices=(Choice("a"),)),
        ),
    )
    mapping = guess_mapping([["配合单位", "牵头单位", "单位"]], spec)
    assert indexes(mapping) == {"help": 1, "lead": 2, "unit": 3}
