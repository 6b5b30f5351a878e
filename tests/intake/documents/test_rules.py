"""Rules one by one: numbers, dates, unit lists, segments, marks. Expected values were worked out by hand."""

from __future__ import annotations

import pytest

from ecocloud.intake.documents.context import read_context, type_of_title
from ecocloud.intake.documents.dates import find_deadlines, find_stated
from ecocloud.intake.documents.duties import units_in_text
from ecocloud.intake.documents.marks import find_ranks
from ecocloud.intake.documents.numbers import chinese_to_int, parse_number
from ecocloud.intake.documents.quantities import find_quantities
from ecocloud.intake.documents.read import read_source
from ecocloud.intake.documents.records import doc_of
from ecocloud.intake.documents.segments import outline
from ecocloud.intake.documents.text.repair import repair
from ecocloud.intake.documents.text.source import SourceText, fold
from ecocloud.intake.documents.unitlists import bracket_lists, labelled_lists, repair_names


def read(text):
    return read_source(repair(SourceText.plain("x.txt", "txt", text)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十", 10),
        ("二十", 20),
        ("一百零五", 105),
        ("二〇二四", 2024),
        ("三万", 30000),
        ("两千", 2000),
        ("甲", None),
        ("", None),
    ],
)
def test_chinese_numerals(text, value):
    assert chinese_to_int(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("1,234.5", 1234.5), ("0", 0), ("七十二点五", 72.5), ("点", None), ("-", None)]
)
def test_numbers(text, value):
    assert parse_number(text) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("面积6.05万亩", [(6.05, "万亩", False)]),
        ("资金1.2亿余元", [(1.2, "亿元", True)]),
        ("户数1000余户", [(1000, "户", True)]),
        ("规模30.7万吨/日", [(30.7, "万吨/日", False)]),
        ("浓度15微克每立方米", [(15, "微克每立方米", False)]),
        ("比重提高2个百分点", [(2, "个百分点", False)]),
        ("达到百分之九十五", [(95, "%", False)]),
        ("新建二十三座", [(23, "座", False)]),
        ("每年50-60亩", [(None, "亩", False)]),
        ("第5次会议，DN110管，5A级，4+1工程，1+6规划，十大行动，2024年5月3日，近3年，五个方面，3个月，8个方面", []),
    ],
)
def test_quantities(text, expected):
    folded = fold(text)
    assert [(q.value, q.unit, q.more) for q in find_quantities(folded, 0, len(folded))] == expected


def test_a_value_destroyed_by_anonymisation_is_null_never_a_number():
    figures = read("某县2020年工作总结\n养殖面积达202_亩，投入资金202_万元。").figures
    assert [(f["value"], f["unit"], f["value_text"]) for f in figures] == [
        (None, "亩", "202_亩"),
        (None, "万元", "202_万元"),
    ]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("2022年9月底前完成", ["2022-09-30"]),
        ("6月30日前完成", ["2024-06-30"]),
        ("年底前完成", ["2024-12-31"]),
        ("到2025年底建成", ["2025-12-31"]),
        ("2024年2月底前报送", ["2024-02-29"]),
        ("一季度末完成", []),
        ("上半年前完成", ["2024-06-30"]),
        ("2023年实施方案", []),
        ("2月30日前", []),
    ],
)
def test_deadlines(text, dates):
    assert [d.date for d in find_deadlines(text, 0, len(text), "2024")] == dates


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("2022年产值", "2022"),
        ("2020年1月1日至8月31日", "2020-01-01/2020-08-31"),
        ("2021年1-8月", "2021-01-01/2021-08-31"),
        ("1-9月", "2024-01-01/2024-09-30"),
        ("截至2022年末", "2022-12-31"),
        ("202_年产值", "202X"),
        ("从202_年起", "202X/.."),
        ("8月份浓度", "2024-08"),
        ("举办2022年大会", None),
    ],
)
def test_stated_periods(text, edtf):
    found = find_stated(text, 0, len(text), "2024")
    assert (found.edtf if found else None) == edtf


def units(lists):
    return [[(u.name, u.role) for u in item.units] for item in lists]


def test_bracketed_lists_nest_stray_and_repeat():
    text = "甲。(县水利局、各乡(镇)街道负责,县直有关单位配合))乙。(县林业局牵头、县发改委配合)丙(试行)。"
    assert units(bracket_lists(text, 0, len(text))) == [
        [("县水利局", "负责"), ("各乡(镇)街道", "负责"), ("县直有关单位", "配合")],
        [("县林业局", "牵头"), ("县发改委", "配合")],
    ]


def test_labels_give_roles_and_end_at_the_next_label():
    text = "牵头单位:县水利局\n责任单位:县林业局、县住建局;县财政局\n整改时限:2024年6月"
    assert units(labelled_lists(text, 0, len(text), 1)) == [
        [("县水利局", "牵头")],
        [("县林业局", "负责"), ("县住建局", "负责"), ("县财政局", "负责")],
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("（牵头单位：县水利局  责任单位：县财政局）", [("县水利局", "牵头"), ("县财政局", "负责")]),
        ("【牵头：县水利局；配合：县财政局】", [("县水利局", "牵头"), ("县财政局", "配合")]),
        ("（责任领导：王某某；责任单位：县水利局）", [("县水利局", "负责")]),
    ],
)  # fmt: skip
def test_labels_inside_brackets(text, expected):
    (task,) = read("梅江县2024年工作要点\n一、任务\n1.治水。" + text + "\n").tasks
    assert [(u["name"], u["role"]) for u in task["units"]] == expected


def test_units_in_running_text():
    text = "县河长办充分发挥统筹协调作用。由县水利局牵头,做好调度。"
    assert [(u.name, u.role) for u in units_in_text(text, 0, len(text))] == [
        ("县河长办", "统筹协调"),
        ("县水利局", "牵头"),
    ]


def test_slips_in_names_take_the_frequent_spelling_but_other_places_stay_apart():
    east, slip, west = "市规划和自然资源局东湖分局", "市规划自然资源局东湖分局", "市规划和自然资源局西湖分局"
    text = "".join(f"做好工作。({name}负责)\n" for name in (east, east, slip, west))
    lists = [item.units for item in bracket_lists(text, 0, len(text))]
    names = [u.name for item in repair_names(lists) for u in item]
    assert names == [east, east, east, west]


def test_outline_with_headings_that_run_into_the_text():
    text = (
        "二、安排\n(一)抓好甲事,在乙上见效一是做甲。丙。二是做乙。\n(二)丁。一是戊。二是己。\n1.庚\n(1)辛\n(2)壬\n2.癸"
    )
    root = outline(text, 0, len(text))
    assert [n.path() for n in root.walk() if n.kind != "root"] == [
        "二", "二/(一)", "二/(一)/一是", "二/(一)/二是", "二/(二)", "二/(二)/一是", "二/(二)/二是", "二/(二)/1",
        "二/(二)/1/(1)", "二/(二)/1/(2)", "二/(二)/2",
    ]  # fmt: skip


def test_words_that_look_like_markers_are_none():
    text = "一、统一是前提\n唯一是根本,二是枝叶。占比3.5%,共1.2万亩。"
    root = outline(text, 0, len(text))
    assert [n.path() for n in root.walk() if n.kind != "root"] == ["一"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("位居全省第一", [(1, False)]),
        ("进入全省前十", [(10, True)]),
        ("全国排名第5", [(5, False)]),
        ("居全省前列", [(None, False)]),
        ("全省第一批", []),
        ("第三次会议", []),
        ("前三年", []),
    ],
)
def test_ranks(text, expected):
    assert [(r.value, r.upto) for r in find_ranks(text, 0, len(text))] == expected


def test_shared_rank_gives_one_record_for_each_indicator():
    figures = read("某市2023年工作总结\n甲产业产值和乙产业产值均居全省第二。").figures
    assert [(f["indicator"], f["value"], f["unit"]) for f in figures] == [
        ("甲产业产值全省排名", 2, "位"),
        ("乙产业产值全省排名", 2, "位"),
    ]


def test_lists_with_bei_and_years_give_one_record_for_each_value():
    figures = read("某市2023年工作总结\n全市2021、2022年产值分别达到3.1、4.2亿元。甲、乙占比分别为40%、35%。").figures
    assert [(f["period"], f["value"], f["unit"]) for f in figures[:2]] == [("2021", 3.1, "亿元"), ("2022", 4.2, "亿元")]
    assert [f["value"] for f in figures[2:]] == [40, 35]


def test_sections_say_what_is_report_plan_and_problem():
    text = "关于甲市节水情况的报告\n一、2023年工作情况\n做了3项。\n二、存在的问题\n还有2处。\n"
    text += "三、2024年工作打算\n(一)建设5座。"
    context = read_context(text)
    assert [(s.mode, s.year) for s in context.sections] == [("report", "2023"), ("problem", "2023"), ("plan", "2024")]
    assert (context.doc_type, context.region, context.report_year, context.plan_year) == (
        "报告",
        "甲市",
        "2023",
        "2024",
    )


@pytest.mark.parametrize(
    ("name", "doc"),
    [("002_5ae3.txt", "002"), ("a/b/要点.docx", "要点"), ("_x.txt", "_x"), ("x", "x"), ("a.b_c.pdf", "a.b")],
)
def test_doc_key_is_the_stem_up_to_the_first_underscore(name, doc):
    assert doc_of(name) == doc


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("由县水利局牵头，县住建局配合，开展整治。", [("县水利局", "牵头"), ("县住建局", "配合")]),
        ("县发改委会同县财政局抓紧完善方案。", [("县发改委", "牵头"), ("县财政局", "配合")]),
        ("县水利局、县林业局要在6月15日前完成清理。", [("县水利局", "unstated"), ("县林业局", "unstated")]),
        ("各乡镇（街道）落实巡查责任。", [("各乡镇(街道)", "unstated")]),
        ("县公安局及各乡镇配合整治。", [("县公安局", "配合"), ("各乡镇", "配合")]),
        ("市自然资源局、市财政局等部门要密切配合。", [("市自然资源局", "unstated"), ("市财政局", "unstated")]),
        ("推动企业落实主体责任，督促有关部门做好工作。", []),
    ],
)  # fmt: skip
def test_units_that_act_in_running_text(text, expected):
    folded = fold(text)
    assert [(u.name, u.role) for u in units_in_text(folded, 0, len(folded))] == expected


def test_notes_in_lists_are_no_units_and_a_bracket_behind_a_unit_is_part_of_its_name():
    text = "1.做甲。（县水利局、县住建局；列第一位的为牵头单位，下同）\n责任单位：各乡（镇）人民政府（街道办事处）\n"
    (task,) = read("梅江县2024年工作要点\n一、任务\n" + text).tasks
    assert [u["name"] for u in task["units"]] == ["县水利局", "县住建局", "各乡（镇）人民政府（街道办事处）"]


def test_minutes_give_one_task_for_each_decision_and_end_with_its_line():
    text = (
        "梅 江 县 会 议 纪 要\n2024年4月18日，会议听取汇报。会议指出，1-3月优良率93%，同比下降1个百分点。\n"
        "一、关于治水工作。会议明确，由县水利局牵头，6月底前完成清淤5公里。\n"
        "二、关于护林工作。县林业局要抓紧造林2万亩。\n会议强调，各单位要抓好落实。\n"
    )
    reading = read(text)
    assert reading.document["doc_type"] == "会议纪要"
    assert [(t["path"], t["quote"][-5:], [u["name"] for u in t["units"]]) for t in reading.tasks] == [
        ("一", "淤5公里。", ["县水利局"]),
        ("二", "林2万亩。", ["县林业局"]),
    ]
    assert [f["qualifier"][0] for f in reading.figures] == ["actual", "actual", "target", "target"]


def test_an_item_whose_units_stand_before_its_measures_reaches_to_their_end():
    text = (
        "梅江县督察反馈问题整改方案\n一、整改任务\n（一）管网不全。\n整改时限：2024年6月底前\n责任单位：县住建局\n"
        "整改措施：\n1.改造管网3公里。\n2.2024年4月底前消除直排口2个。\n（二）矿山未复绿。\n责任单位：县林业局\n整改措施：\n1.复绿5亩。\n"
    )
    first, second = read(text).tasks
    assert first["quote"].endswith("直排口2个。") and second["quote"].endswith("复绿5亩。")
    assert {d["date"] for d in first["deadlines"]} == {"2024-06-30", "2024-04-30"}


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("甲县2023年工作总结及2024年工作打算", "总结"),
        ("甲 县 会 议 纪 要", "会议纪要"),
        ("甲县整改方案（征求意见稿）", "方案"),
        ("甲县风采", None),
    ],
)
def test_kinds_of_documents_by_title(title, kind):
    assert type_of_title(fold(title)) == kind


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2019年，我县抓好节水。\n一、主要成效\n建设3座。\n二、2020年工作思路\n建设5座。", ("2019", "2020")),
        ("甲市成绩单\n发布日期：2021-02-03\n2020年，全市建成3座。", ("2020", "2021")),
        ("甲市成绩单\n发布日期：2021-06-03\n今年，全市建成3座。", ("2021", "2022")),
    ],
)
def test_report_and_plan_years(text, years):
    context = read_context(fold(text))
    assert (context.report_year, context.plan_year) == years
