"""Linking: what is claimed, what is only proposed, and that the words never get lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.kernel.evidence import catalogue, linking


@pytest.mark.parametrize(
    ("name", "unit", "context", "code", "variant"),
    [
        ("森林覆盖率", "%", "", "FOR.COVER", ""),
        ("全市森林覆盖率", "%", "", "FOR.COVER", ""),
        ("细颗粒物（PM2.5）平均浓度", "微克/立方米", "", "AIR.PM25.MEAN", ""),
        ("空气优良天数比例", "%", "", "AIR.GOODDAYS.RATE", ""),
        ("森林覆盖率全省排名", "位", "", "FOR.COVER", "rank"),
        ("旅游接待人数同比增长", "%", "", "TOU.VISITORS", "change_yoy"),
        ("万元GDP能耗下降", "%", "", "ENE.GDP.FALL", ""),
        ("处理规模", "万吨/日", "12座生活污水处理厂提升改造全部完成", "INF.SEWAGE.SCALE", ""),
    ],
)
def test_known_words_are_linked(name, unit, context, code, variant):
    result = catalogue.link(name, unit, context)
    assert (result.status, result.code, result.variant) == ("matched", code, variant)


@pytest.mark.parametrize(
    ("name", "unit", "direction"),
    [
        ("无人机巡河里程", "公里", "none"),
        ("污泥含水率", "%", "down"),
        ("湖泊蓝藻爆发面积", "平方公里", "up"),
        ("森林覆盖率", "万元", "up"),
    ],
)
def test_unknown_words_are_proposed_with_unit_and_direction(name, unit, direction):
    result = catalogue.link(name, unit)
    assert result.status == "proposed" and result.code == ""
    assert result.proposal.name == name and result.proposal.unit == unit
    assert result.proposal.direction in {"up", "down", "none"}
    if name == "森林覆盖率":  # right name, wrong unit: shown as a candidate, not forced
        assert result.candidates[0].code == "FOR.COVER" and not result.candidates[0].unit_fits


def test_two_equally_close_indicators_are_left_to_a_person():
    class Item:
        context = ()

        def __init__(self, code, zh):
            self.code, self.zh, self.unit, self.names = code, zh, "%", (zh,)

    result = linking.link("断面达标率", "%", "", [Item("A", "甲断面达标率"), Item("B", "乙断面达标率")])
    assert result.status == "proposed"
    assert {candidate.code for candidate in result.candidates} == {"A", "B"}


def test_the_unit_decides_between_near_names():
    assert catalogue.link("绿色贷款余额", "亿元").code == "FIN.GREEN.BALANCE"
    assert catalogue.link("绿色贷款余额同比增速", "%").code == "FIN.GREEN.GROWTH"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30), st.sampled_from(["", "%", "亿元", "个", "不是单位"]), st.text(max_size=20))
def test_any_text_gets_an_answer_and_keeps_its_words(name, unit, context):
    result = catalogue.link(name, unit, context)
    if result.status == "proposed":
        assert result.proposal.name == name.strip() and result.proposal.unit == unit
    else:
        assert result.code in catalogue.load().by_code and result.candidates[0].score >= linking.MATCH


def test_every_catalogue_name_links_to_its_own_entry():
    wrong = [
        (name, entry.code, result.code)
        for entry in catalogue.load().entries
        for name in entry.names
        if (result := catalogue.link(name, entry.unit)).code != entry.code
    ]
    assert wrong == []
