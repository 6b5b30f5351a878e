"""Who shall do it and until when, in running sentences. Expected values: the rules of the gold schema, read by hand."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.documents.dates import find_others
from ecocloud.intake.documents.duties import units_in_text
from ecocloud.intake.documents.explaining import reasons
from ecocloud.intake.documents.read import read_source
from ecocloud.intake.documents.text.repair import repair
from ecocloud.intake.documents.text.source import SourceText, fold


def read(text):
    return read_source(repair(SourceText.plain("x.txt", "txt", text)))


def duties(text):
    folded = fold(text)
    return " ".join(f"{u.name}/{u.role}" for u in units_in_text(folded, 0, len(folded)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("由县水利局牵头，县林业局和县住建局配合，逐条排查。", "县水利局/牵头 县林业局/配合 县住建局/配合"),
        ("由县住建局、县城管局共同牵头，改造管网。", "县住建局/牵头 县城管局/牵头"),
        ("由市公安局和市生态环境局联合牵头、市交通运输局配合。", "市公安局/牵头 市生态环境局/牵头 市交通运输局/配合"),
        ("由区林业局牵头，会同区水利局、区财政局制定方案。", "区林业局/牵头 区水利局/配合 区财政局/配合"),
        ("责成区林业局会同区公安分局限期查处。", "区林业局/牵头 区公安分局/配合"),
        ("县生态环境局负责溯源，青岚镇负责封堵。", "县生态环境局/负责 青岚镇/负责"),
        ("责成县农业农村局于6月20日前拿出方案。", "县农业农村局/unstated"),
        ("请县自然资源局办理用地手续，县林业局配合供应苗木。", "县自然资源局/unstated 县林业局/配合"),
        ("由县生态文明办统筹，各乡镇具体实施。", "县生态文明办/统筹协调 各乡镇/负责"),
        ("由市工信局牵头，各县（市、区）政府落实。", "市工信局/牵头 各县(市、区)政府/负责"),
        ("市农业农村局作为牵头单位要加强调度，市应急局要积极配合。", "市农业农村局/牵头 市应急局/配合"),
        ("镇区污水厂由县住建局负责建设，县财政局筹措资金。", "县住建局/负责 县财政局/unstated"),
        ("9月底前由市供销社建成分拣站。", "市供销社/unstated"),
        ("各乡镇人民政府是农膜回收的责任主体，要建立网点。", "各乡镇人民政府/负责"),
        ("由县委督查室严肃追责。", "县委督查室/unstated"),
        ("县水务集团作为实施主体，县水利局履行监管职责。", "县水务集团/负责 县水利局/unstated"),
        ("由县监管局牵头，县公安局、县环保局等部门按照各自职责配合。", "县监管局/牵头 县公安局/配合 县环保局/配合"),
        ("由区海洋局牵头组建专班，沙湾镇派员参加。", "区海洋局/牵头 沙湾镇/配合"),
        ("县河长办协调推进考核，县委组织部将考核结果通报。", "县河长办/统筹协调 县委组织部/unstated"),
        ("资金由区财政局统筹解决。", "区财政局/unstated"),
        ("市环保局将会同市住建局编制方案。", "市环保局/牵头 市住建局/配合"),
        ("项目办要优化工序，环保分局应提前介入。", "项目办/unstated 环保分局/unstated"),
        ("沿海各镇（街道）要定期向区政府汇报。", "沿海各镇(街道)/unstated"),
        ("会议要求，市委宣传部、市住房和城乡建设局要做好宣传。", "市委宣传部/unstated 市住房和城乡建设局/unstated"),
    ],
)  # fmt: skip
def test_units_and_roles_in_sentences(text, expected):
    assert duties(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "会议听取了市水务局的汇报，市气象局介绍了形势。",
        "根据市林业局意见，报市政府审定，并抄送市财政局。",
        "向市教育局提供资料，对市审计局提出的问题立行立改。",
        "市发改委、市工信局、市生态环境局等单位参加会议。",
        "县水利局已完成清淤，县住建局进展较快。",
        "提请县政府常务会审议。",
        "由县水利局编制的方案质量较好。",
        "参会人员：县政府办张某、县水利局李某",
        "由县委常委、副县长某某同志牵头。",
        "县林业局局长主持会议。",
    ],
)
def test_who_reports_attends_or_receives_has_no_duty(text):
    assert duties(text) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("同意市水务局方案，该局应在4月前对接上游。", "市水务局/unstated"),
        ("同意市生态环境局的走航方案，由其会同市财政局落实经费。", "市生态环境局/牵头 市财政局/配合"),
        ("同意市水务局、市林业局的方案，该局应在4月前对接上游。", ""),
        ("上述单位要抓紧办理。", ""),
    ],
)
def test_a_pronoun_counts_when_one_unit_alone_can_be_meant(text, expected):
    assert duties(text) == expected


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("一周内摸排完毕", [("", "一周内")]),
        ("会后10个工作日内报送名单", [("", "会后10个工作日内")]),
        ("明年汛期前投入运行", [("", "明年汛期前")]),
        ("年内全部整改到位", [("2025-12-31", "年内")]),
        ("年内建成绿色学校12所", []),
        ("上半年完成立项批复", [("2025-06-30", "上半年")]),
        ("三年内完成", []),
        ("接到举报后3日内办结", []),
        ("每10日内报送一次", []),
    ],
)  # fmt: skip
def test_time_limits_in_words(text, limits):
    found = find_others(text, 0, len(text), "2025")
    assert [(d.date, text[d.start : d.end]) for d in found] == limits


def test_each_limit_of_a_clause_counts_and_without_a_year_the_words_are_kept():
    text = "县专题会议纪要\n2025年4月3日，县长主持召开会议。\n一、各乡镇于7月10日前、12月10日前分别报送情况。\n"
    (task,) = read(text).tasks
    assert [d["date"] for d in task["deadlines"]] == ["2025-07-10", "2025-12-10"]
    (task,) = read("县专题会议纪要\n县长主持召开会议。\n一、由县数据局负责接入平台，力争6月底前上线。\n").tasks
    assert [(d["date"], "6月底前" in d["quote"]) for d in task["deadlines"]] == [(None, True)]


def test_minutes_that_decide_below_a_heading_of_a_report():
    text = (
        "沧榆市办公会议纪要\n2025年5月27日，市长主持召开会议。\n一、听取防汛准备情况汇报\n会议强调，市水利局要排查水库。\n"
        "二、其他事项\n会议还传达学习了有关精神。\n"
    )
    assert [[u["name"] for u in t["units"]] for t in read(text).tasks] == [["市水利局"]]


def test_the_signature_is_no_part_of_the_last_task():
    text = "关于治污的通知\n一、各有关单位要明确联络员。\n二、请各镇于6月5日前报送名单。\n甲县水利局\n2025年5月28日\n"
    assert [t["quote"] for t in read(text).tasks] == ["一、各有关单位要明确联络员。", "二、请各镇于6月5日前报送名单。"]


MINUTES = """霁川县专题会议纪要
2025年8月21日，县长主持召开会议。
1.会议学习了有关文件精神。
2.会议研究了改厕工作。
会议听取了县农业农村局的汇报。
会议议定，由县农业农村局牵头，会同县卫健委制定整改方案，10月底前完成改造。
会议要求，县财政局要保障资金，一周内将首批资金拨付到位。
"""


def test_minutes_give_a_task_for_each_paragraph_that_charges_somebody():
    first, second = read(MINUTES).tasks
    assert [(t["path"], [d["date"] for d in t["deadlines"]]) for t in (first, second)] == [
        ("2/2", ["2025-10-31"]),
        ("2/3", [None]),
    ]
    assert second["deadlines"][0]["quote"].startswith("一周内")
    assert [u["name"] for u in first["units"]] == ["县农业农村局", "县卫健委"]
    assert not any(reason.zh == reason.rule for reason in reasons(first))


def test_minutes_without_numbers():
    text = (
        "关于研究湿地修复工作的专题会议纪要\n2025年4月2日，市政府召集市林业局、市水务局专题研究湿地修复工作。\n"
        "会议认为，湿地面积有所萎缩。\n会议明确，修复方案由市林业局牵头编制，5月15日前提交市政府审议。\n"
        "湖滨新区管委会要履行主体责任。\n会议还听取了市文旅局的汇报。\n"
    )
    assert [[u["name"] for u in t["units"]] for t in read(text).tasks] == [["市林业局"], ["湖滨新区管委会"]]


WORDS = ["由", "县水利局", "、", "和", "牵头", ",", "。", "要", "该局", "其", "会同", "各乡镇", "(区)", "的", "6月"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_every_unit_stands_where_it_says(parts):
    text = "".join(parts)
    for unit in units_in_text(text, 0, len(text)):
        assert text[unit.start : unit.end] == unit.raw


def test_reading_stays_linear():
    text = "由县水利局牵头和县林业局以及该局要会同各乡镇"
    spent = []
    for times in (200, 800):
        long = text * times
        begin = time.process_time()
        units_in_text(long, 0, len(long))
        spent.append(time.process_time() - begin)
    assert spent[1] < 12 * spent[0] + 0.2
