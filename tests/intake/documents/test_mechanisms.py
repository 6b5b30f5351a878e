"""Mechanisms: what counts as one, how its name is cut, its type, what is left out, and repetition.

The sentences are our own; the types are those of the record shape."""

from __future__ import annotations

import pytest

from ecocloud.intake.documents.lexicon import compounded, mechanism_words
from ecocloud.intake.documents.read import read_document

PLAN = "清溪县2025年生态文明工作方案\n一、重点任务\n"
REPORT = "清溪县2024年生态文明工作情况报告\n一、2024年工作情况\n"


def mechanisms(sentence: str, head: str = PLAN) -> list[dict]:
    """Mechanisms of a sentence inside a document."""
    text = head + sentence + "\n"
    found = read_document(text.encode("utf-8"), "样本.txt").mechanisms
    for record in found:
        assert text[record["start"] : record["end"]] == record["quote"]
    return found


def named(sentence: str, head: str = PLAN) -> list[tuple[str, str]]:
    return [(m["name"], m["type"]) for m in mechanisms(sentence, head)]


@pytest.mark.parametrize(
    ("sentence", "name", "kind"),
    [
        ("建立健全湖长联席会商机制。", "湖长联席会商机制", "mechanism"),
        ("搭建竹林碳资源交易平台。", "竹林碳资源交易平台", "market"),
        ("推行排污口“一口一策”管理。", "排污口“一口一策”管理", "mechanism"),
        ("开展领导干部林业资产离任审计。", "领导干部林业资产离任审计", "audit"),
        ("完善县域空间分级管控制度。", "县域空间分级管控制度", "mechanism"),
        ("严格落实流域横向生态补偿制度。", "流域横向生态补偿制度", "fund"),
        ("动态更新饮用水源风险名录。", "饮用水源风险名录", "registry"),
        ("开展农田退水监测评估。", "农田退水监测评估", "monitoring"),
        ("探索推出“青竹贷”。", "“青竹贷”", "finance"),
        ("健全旧衣物回收网络。", "旧衣物回收网络", "network"),
        ("全面落实林长制。", "林长制", "institution"),
        ("成立县双碳工作领导小组。", "县双碳工作领导小组", "organisation"),
        ("完善污水处理阶梯价格。", "污水处理阶梯价格", "pricing"),
        ("持续开展矿山扬尘专项整治。", "矿山扬尘专项整治", "enforcement"),
    ],
)
def test_the_object_of_a_verb_with_a_head_is_a_mechanism_of_its_type(sentence, name, kind):
    assert named(sentence) == [(name, kind)]


@pytest.mark.parametrize(
    "sentence",
    [
        "完善工作机制。",
        "制定相关实施方案。",
        "深入贯彻国家发展战略规划。",
        "聚焦重点平台。",
        "新建污水管网12公里。",
        "在生态监测、环境评估等方面协同发力。",
    ],
)
def test_general_words_preambles_and_counted_works_are_left_out(sentence):
    assert named(sentence) == []


def test_a_list_of_doings_is_one_and_a_list_of_institutions_is_several():
    assert named("综合运用日常调度、实地核查、发函督办等方式。")[0][1] == "supervision"
    assert named("建立湖长会商机制和水权交易平台。") == [("湖长会商机制", "mechanism"), ("水权交易平台", "market")]


def test_honours_with_numbers_of_their_own_are_one_record():
    assert named("创建省级绿色园区2个、绿色工厂5家。") == [("省级绿色园区、绿色工厂", "registry")]


def test_what_is_taken_into_a_duty_is_named_whole():
    assert named("将湿地保护成效纳入年度目标考核内容。") == [("湿地保护成效纳入年度目标考核内容", "assessment")]


def test_rectification_is_named_by_its_problem():
    assert named("整改销号矿区环境问题31个。", REPORT) == [("矿区环境问题整改销号", "ledger")]


def test_observed_quantities_count_once_and_only_with_a_number_in_a_report():
    sentence = "县城空气优良率达98.1%,PM2.5浓度降至22微克/立方米。"
    assert [kind for _, kind in named(sentence, REPORT)] == ["monitoring"]
    assert named("空气优良率继续改善。", REPORT) == []
    assert named(sentence) == []


def test_a_mechanism_named_again_is_kept_once_unless_it_is_new():
    twice = "建立竹林碳资源交易平台。完善竹林碳资源交易平台建设。"
    assert len(mechanisms(twice)) == 1
    again = "推进“七大提升行动”。实施新的“七大提升行动”。"
    assert len(mechanisms(again)) == 2


def test_the_title_of_an_item_counts_only_by_what_it_quotes():
    body = "组织各乡镇逐村核对图斑边界并上报结果,年底前完成。"
    assert mechanisms("(一)完善林地管护机制。" + body) == []
    assert named("(一)实施“青山计划”行动。" + body) == [("“青山计划”行动", "programme")]


def test_every_head_names_one_type_only():
    """A word in two lists would make its type depend on the order of the file."""
    words = mechanism_words()
    kinds: dict[str, set[str]] = {}
    for lists, compounds in (
        (words.heads, words.compounds),
        (words.practices, words.practice_compounds),
        (words.measured, words.measured_compounds),
    ):
        for kind in {**lists, **compounds}:
            for word in [*lists.get(kind, ()), *compounded(compounds.get(kind, ()))]:
                kinds.setdefault(word, set()).add(kind)
    assert {word: found for word, found in kinds.items() if len(found) > 1} == {}


def test_confidence_tells_an_institution_set_up_from_a_field_of_work():
    (strong,) = mechanisms("建立健全竹林碳资源收储会商机制。")
    (weak,) = mechanisms("推进畜禽粪污综合利用。")
    assert 0 < weak["confidence"] < strong["confidence"] <= 1
