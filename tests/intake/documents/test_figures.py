"""Figures in running text, rule by rule. The sentences are our own; expected values were worked out by hand from
the record shape (README): name, value, unit, period, meaning."""

from __future__ import annotations

import pytest

from ecocloud.intake.documents.read import read_source
from ecocloud.intake.documents.text.repair import repair
from ecocloud.intake.documents.text.source import SourceText

REPORT = "梅江县2023年工作总结\n"
HALF = "南溪镇2023年上半年工作情况汇报\n一、工作进展\n新建公厕8座。\n二、下步打算\n打造示范村3个。\n"
PLAN = "梅江县2024年工作要点\n一、重点任务\n1."


def figures(text, head=REPORT):
    return read_source(repair(SourceText.plain("x.txt", "txt", head + text))).figures


def brief(text, head=REPORT):
    return [(f["indicator"], f["value"], f["unit"]) for f in figures(text, head)]


def names(figure):
    return {figure["indicator"], *figure["aliases"]}


@pytest.mark.parametrize(
    ("text", "name", "value", "unit"),
    [
        ("完成水土流失治理任务35平方公里。", "水土流失治理面积", 35, "平方公里"),
        ("全县产生危险废物1.2万吨。", "危险废物产生量", 1.2, "万吨"),
        ("投资2.3亿元实施清溪河综合整治。", "清溪河综合整治投资", 2.3, "亿元"),
        ("安排专项资金600万元用于河道清淤。", "专项资金", 600, "万元"),
        ("建成建筑面积1.4万平方米的绿色产业园。", "绿色产业园建筑面积", 1.4, "万平方米"),
        ("新建县污水处理厂二期工程（设计规模2万吨/日）。", "县污水处理厂二期工程设计规模", 2, "万吨/日"),
        ("空气质量优良天数达352天。", "空气质量优良天数", 352, "天"),
        ("农田灌溉水有效利用系数提高到0.56以上。", "农田灌溉水有效利用系数", 0.56, None),
        ("省级以上生态村占比超过四成。", "省级以上生态村占比", 4, "成"),
        ("带动2.6万林农增收。", "林农数", 2.6, "万"),
        ("举办了3届桃花节。", "桃花节数", 3, "届"),
        ("万元地区生产总值能耗为0.35吨标准煤/万元。", "万元地区生产总值能耗", 0.35, "吨标准煤/万元"),
        ("每亩施用有机肥300公斤/亩。", "有机肥", 300, "公斤/亩"),
        ("接待游客三百二十万人次。", "游客", 320, "万人次"),
        ("带动十余家企业参与。", "企业", 10, "家"),
    ],
)  # fmt: skip
def test_names_values_and_units(text, name, value, unit):
    (found,) = figures(text)
    assert (found["value"], found["unit"]) == (value, unit)
    assert any(name in one for one in names(found)), names(found)


@pytest.mark.parametrize(
    "text",
    [
        "工期30天，连续四个月保持第一。",  # windows and streaks
        "第5届大会和十五届三中全会。",  # ordinals
        "“八大战役、30个专项行动”全面铺开。",  # names of campaigns
        "《2023年10个项目清单》印发。",  # titles
        "落实五个方面要求，坚持3个结合。",  # rhetoric
    ],
)
def test_numbers_that_are_no_figures(text):
    assert [f for f in figures(text) if "rank" not in f["qualifier"]] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("甲产业产值3亿元，税收0.2亿元。", [("甲产业产值", 3), ("甲产业税收", 0.2)]),
        ("完成农村污水治理12个村，治理率由35%提高到52%。", [("农村污水治理率", 35), ("农村污水治理率", 52)]),
        ("办理信访件152件，办结率100%。", [("信访件数", 152), ("信访件办结率", 100)]),
        ("谋划重点项目20个，总投资15亿元。", [("重点项目数", 20), ("重点项目总投资", 15)]),
    ],
)
def test_names_that_say_too_little_take_the_subject_of_the_sentence(text, expected):
    found = [f for f in figures(text) if f["unit"] != "个" or "村" not in f["indicator"]]
    assert [(f["indicator"], f["value"]) for f in found] == expected


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("自2021年以来，完成造林3万亩。", ["2021/.."]),
        ("“十四五”期间，治理矿山27座。", ["2021/2025"]),
        ("上半年，检查企业456家。", ["2023-01-01/2023-06-30"]),
        ("前三季度，产值3亿元，增长5%。", ["2023-01-01/2023-09-30"] * 2),
        ("截至11月底，贷款余额5亿元。", ["2023-11-30"]),
        ("去年接待游客2万人次。", ["2022"]),
        ("2021-2023年完成造林60万亩。", ["2021/2023"]),
        ("满意度由去年底的88%上升到93%。", ["2022", "2023"]),
        ("达标率由2018年的77%提高到2022年的90%。", ["2018", "2022"]),
        ("2021年完成3座、2022年完成6座。", ["2021", "2022"]),
        ("1-8月产值3亿元;税收2亿元。", ["2023-01-01/2023-08-31"] * 2),
        ("补偿机制建立以来，拨付资金2亿元。", ["../2023"]),
        ("累计投入资金2亿元。", ["../2023"]),
        ("森林覆盖率比2020年提高1个百分点。", ["2023"]),
    ],
)
def test_periods(text, periods):
    assert [f["period"] for f in figures(text)] == periods


@pytest.mark.parametrize(
    ("text", "tags", "direction"),
    [
        ("优良率同比上升1.2个百分点。", {"actual", "change_yoy"}, "up"),
        ("森林覆盖率比2020年提高1个百分点。", {"actual", "change"}, "up"),
        ("绿色贷款余额较年初增加3亿元。", {"actual", "change"}, "up"),
        ("完成率90%，比序时进度快3个百分点。", {"actual", "difference"}, "above"),
        ("每公顷蓄积量76立方米，低于全省平均值8立方米。", {"actual", "difference"}, "below"),
        ("优良天数较目标少3天。", {"actual", "difference"}, "below"),
        ("每个乡镇至少建设1座。", {"actual", "lower_bound"}, None),
        ("用水总量控制在2亿立方米以内。", {"actual", "upper_bound"}, None),
    ],
)
def test_changes_differences_and_bounds(text, tags, direction):
    last = figures(text)[-1]
    core = {"actual", "target", "lower_bound", "upper_bound", "change_yoy", "change", "difference"}
    assert (set(last["qualifier"]) & core, last["direction"]) == (tags, direction)


def test_lists_with_bei_share_tails_units_and_turn_direction_inside():
    found = figures("细颗粒物、臭氧浓度分别为24微克/立方米、132微克/立方米，分别较上年上升9.8%和下降2.9%。")
    assert [(f["indicator"], f["value"], f["direction"]) for f in found] == [
        ("细颗粒物浓度", 24, None),
        ("臭氧浓度", 132, None),
        ("细颗粒物浓度增速", 9.8, "up"),
        ("臭氧浓度降幅", 2.9, "down"),
    ]


def test_a_list_with_bei_without_names_goes_back_to_the_levels_of_the_sentence():
    found = figures("办结率100%，群众满意度98%，分别比上年提高2.1个、3.4个百分点。")
    assert [(f["value"], f["unit"]) for f in found[2:]] == [(2.1, "个百分点"), (3.4, "个百分点")]
    assert [f["comparison"]["of"] for f in found[2:]] == [found[0]["id"], found[1]["id"]]


def test_one_value_for_several_names_gives_a_record_for_each():
    assert brief("农村饮水安全普及率、生活垃圾收集率均达100%。") == [
        ("农村饮水安全普及率", 100, "%"),
        ("生活垃圾收集率", 100, "%"),
    ]


def test_places_in_front_of_numbers_are_parts_of_the_figure_before():
    found = figures("新建污水管网150公里，其中市本级60公里、湖口县40公里。", "临湖市2023年工作总结\n")
    assert [(f["region"], f["value"]) for f in found] == [("临湖市", 150), ("临湖市本级", 60), ("临湖市湖口县", 40)]
    assert len({f["indicator"] for f in found}) == 1


def test_ranges_keep_both_ends_and_no_value():
    found = figures("比重为10%～15%，培育企业2-3家。")
    assert [(f["value"], f["value_quote"], f["high"]) for f in found] == [(None, "10%～15%", 15), (None, "2-3家", 3)]
    assert [f["value"] for f in figures("权重由6%提高到15%。")] == [6, 15]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("建设改造。新建公园3个。", "target"),
        ("狠抓整改。截至2023年底仅完成5处。", "actual"),
        ("改善空气。1-2月PM2.5平均浓度46微克/立方米，同比上升9.5%。", "actual"),
        ("改善空气。确保2023年12月底前完成3处治理。", "target"),
    ],
)
def test_a_plan_tells_targets_but_also_what_has_happened(text, meant):
    assert {f["qualifier"][0] for f in figures(text, PLAN)} == {meant}


def test_a_report_on_half_a_year_gives_that_half_and_plans_the_rest():
    found = read_source(repair(SourceText.plain("x.txt", "txt", HALF)))
    assert [f["period"] for f in found.figures] == ["2023-01-01/2023-06-30", "2023"]
    assert found.document["plan_year"] == "2023"


def test_a_report_that_looks_ahead_tells_targets():
    assert [f["qualifier"][0] for f in figures("下一步，力争创建基地3个，建设公园2个。")] == ["target", "target"]
    assert figures("到2025年，建成基地3个。")[0]["qualifier"][0] == "target"


def test_problems_of_a_rectification_plan_are_actual_and_its_measures_take_the_time_limit():
    text = (
        "柳江区督察反馈问题整改方案\n2024年5月6日，省督察组反馈意见。\n一、整改任务\n"
        "（一）管网不完善。有空白区7平方公里。\n整改措施：新建管网42公里。\n整改时限：2025年12月底\n责任单位：区住建局\n"
    )
    found = read_source(repair(SourceText.plain("x.txt", "txt", text))).figures
    assert [(f["qualifier"][0], f["value"], f["period"]) for f in found][-1] == ("target", 42, "2025")
    assert [f["qualifier"][0] for f in found if f["value"] == 7] == ["actual"]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("在2023年度全市河长制考核中排名第2。", "河长制考核全市排名", 2),
        ("空气优良率97.8%，列全省11个设区市第二位。", "空气优良率全省排名", 2),
        ("绿色矿山23家，位列全省第三。", "绿色矿山数全省排名", 3),
    ],
)
def test_ranks_take_the_contest_or_the_figure_before(text, name, value):
    rank = next(f for f in figures(text) if "rank" in f["qualifier"])
    assert (rank["value"], rank["unit"]) == (value, "位")
    assert name in names(rank)
