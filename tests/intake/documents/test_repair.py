"""Repairs of web damage: what each one does, that the way back is exact, that undamaged texts stay as they are.

Expected texts are written by hand; undamaged documents are the samples of this folder and of the room.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.documents.read import read_source
from ecocloud.intake.documents.text.repair import STEPS, repair
from ecocloud.intake.documents.text.source import SourceText

HERE = Path(__file__).parent
ROOM = HERE.parents[2] / "ecocloud" / "intake" / "documents" / "sample"
UNDAMAGED = sorted([*HERE.glob("samples/*.txt"), *HERE.glob("corpus/shown/*.txt"), *ROOM.glob("*.txt")])
BODY = (
    "一、全市森林覆盖率达到61.5%，比上年提高0.3个百分点。\n二、建成污水管网35公里，新增日处理能力2万吨。\n"
    "三、县水利局负责河道清淤，年底前完成清淤12公里。\n"
)


def read(text: str) -> SourceText:
    return repair(SourceText.plain("x.txt", "txt", text))


def exact(source: SourceText) -> None:
    """Map: monotone, inside the original, and a character that was not replaced leads back to itself."""
    last = 0
    for at in range(len(source.text)):
        start, end = source.map.span(at, at + 1)
        assert 0 <= start < end <= len(source.original) and start >= last
        last = start
    for record in read_source(source).records():
        assert record["quote"] == source.original[record["start"] : record["end"]]


CASES = {
    "entities": (
        "全市&nbsp;PM2.5浓度&ldquo;双下降&rdquo;，达到27&#24494;克，见&amp;nbsp;附表。",
        "全市\xa0PM2.5浓度“双下降”，达到27微克，见\xa0附表。", {"html_entities": 5}),
    "unknown entity": ("甲&foo;乙&T;丙&", "甲&foo;乙&T;丙&", {}),
    "zero width": ("森林\u200b覆盖\ufeff率\u202a达61%。\u00ad", "森林覆盖率达61%。", {"invisible_characters": 4}),
    "radicals": ("⽣态⽂明建设", "生态文明建设", {"character_forms": 2}),
    "glosses": ("乡(xiāng)镇(zhèn)建设(shè)", "乡镇建设", {"pinyin_glosses": 3}),
    "opening quotation lost": (
        "加快建设园区!3+2”产业体系基本形成。", "加快建设园区。“3+2”产业体系基本形成。", {"lost_quotation_marks": 1}),
    "closing quotation lost": (
        "坚持“生态优先、绿色发展!推进“两山”转化。", "坚持“生态优先、绿色发展。”推进“两山”转化。",
        {"lost_quotation_marks": 1}),
    "exclamation that belongs there": ("大家高呼“加油！”全场振奋！", "大家高呼“加油！”全场振奋！", {}),
    "two paragraphs of one speech": ("他说：“大家辛苦了！\n“明年再会！”", "他说：“大家辛苦了！\n“明年再会！”", {}),
    "doubled spaces": (
        "全市森林覆盖率  达到 61.5%，比上年\u3000\u3000提高0.3个百分点，位居全省前列。",
        "全市森林覆盖率达到 61.5%，比上年提高0.3个百分点，位居全省前列。", {"stray_spaces": 2}),
    "letters apart": ("全 市 生 态 文 明 建 设", "全市生态文明建设", {"stray_spaces": 7}),
    "a signature keeps its spaces": ("主任  王 某", "主任  王 某", {}),
    "crumbs and imprint": (
        "当前位置: 首页 > 政务公开 > 正文\n" + BODY + "责任编辑：甲乙\n电话：010-12345678\n分享到：\n微信 微博",
        BODY, {"page_furniture": 2}),
    "a signature is no furniture": (BODY + "某市办公室\n2024年3月1日\n", BODY + "某市办公室\n2024年3月1日\n", {}),
    "photograph": ("活动现场(记者甲 摄)\n" + BODY, BODY, {"page_furniture": 1}),
    "date and source stay": (
        "发布时间：2024-03-01 来源：某市日报\n" + BODY + "关闭窗口", "发布时间：2024-03-01 来源：某市日报\n" + BODY,
        {"page_furniture": 1}),
    "page numbers": (
        "一、推进水环境\n- 1 -\n治理。\n二、完成\n— 2 —\n管网改造。\n第 3 页 共 3 页\n",
        None, {"page_numbers_and_heads": 3}),
    "one number alone is no page": ("共有项目\n- 3 -\n个。", "共有项目\n- 3 -\n个。", {}),
    "cut abstract": (
        "摘要：一、全市森林覆盖率达到61.5%，比上年提高0.3个...\n" + BODY, BODY, {"repeated_abstract": 1}),
    "broken at a comma": ("全市森林覆盖率，\n达到61%。", "全市森林覆盖率，达到61%。", {"joined_lines": 1}),
    "broken before a mark": ("全市森林覆盖率达到61\n%，居前。", "全市森林覆盖率达到61%，居前。", {"joined_lines": 1}),
    "a list is not joined": ("1.甲，\n2.乙，\n（三）丙、\n四、丁", "1.甲，\n2.乙，\n（三）丙、\n四、丁", {}),
}  # fmt: skip


@pytest.mark.parametrize("case", list(CASES))
def test_each_repair_does_what_it_says_and_no_more(case):
    damaged, expected, repairs = CASES[case]
    source = read(damaged)
    if expected is not None:
        assert source.text == expected
    assert source.repairs == repairs
    assert source.original == damaged
    exact(source)


def test_running_heads_beside_page_numbers_go_and_the_sentence_closes_again():
    head = "某市2024年工作要点（送审稿）"
    pages = ["全面推进流域综合治理和水环境", "质量持续改善，确保达标。", "完成管网改造35公里。", "加强宣传。"]
    text = "".join(f"{head}\n{page}\n- {n} -\n" for n, page in enumerate(pages, 1))
    source = read(text)
    assert "- 2 -" not in source.text and source.text.count(head) == 1  # the first one is the title
    assert "水环境\n质量持续" in source.text
    exact(source)


def test_a_wrapped_text_gets_its_paragraphs_back():
    text = (
        "    全面推进流域综合治理和水环境质量\n持续改善工作，确保国考断面水质优良\n比例达到百分之九十六以上，城市黑臭\n"
        "水体全部消除，饮用水水源地水质全部\n达标。\n    一、加强林业工作，完成人工造林二万\n亩，"
        "封山育林三万亩，退化林修复一万\n亩。\n"
    )
    source = read(text)
    assert [line.strip() for line in source.text.strip().split("\n")] == [
        "全面推进流域综合治理和水环境质量持续改善工作，确保国考断面水质优良比例达到百分之九十六以上，城市黑臭"
        "水体全部消除，饮用水水源地水质全部达标。",
        "一、加强林业工作，完成人工造林二万亩，封山育林三万亩，退化林修复一万亩。",
    ]
    exact(source)


def test_traditional_characters_with_a_changing_number_of_characters_keep_their_places():
    text = "生態環境治理與鄉鎮建設，覆蓋率達到61.5%，𨦫鄉鎮環境質量。\n" * 3
    source = read(text)
    assert "生态环境治理与乡镇建设，覆盖率达到61.5%" in source.text
    start = source.text.rindex("61.5%")
    assert source.quote(start, start + 5) == ("61.5%", text.rindex("61.5%"), text.rindex("61.5%") + 5)
    exact(source)


def test_a_length_change_inside_a_stretch_is_aligned(monkeypatch):
    """The converter is replaced by one that makes two characters of one and one of two."""
    from ecocloud.intake.documents.text import script

    def convert(text: str) -> str:
        return text.replace("證券", "证").replace("鄉", "乡下").replace("達", "达")

    monkeypatch.setattr(script, "_converter", lambda: convert)
    source = read("鄉達證券達鄉達六十一鄉")
    assert source.text == "乡下达证达乡下达六十一乡下"
    for at, quote in ((2, "達"), (4, "達"), (7, "達"), (8, "六")):
        assert source.quote(at, at + 1)[0] == quote
    assert source.quote(0, 1)[0] == "鄉"


@pytest.mark.parametrize("path", UNDAMAGED, ids=lambda p: p.name)
def test_undamaged_documents_stay_the_same(path):
    text = path.read_text("utf-8")
    source = read(text)
    assert source.text == text and source.repairs == {} and source.map.starts is None


SENTENCES = [line for path in UNDAMAGED for line in path.read_text("utf-8").split("\n") if len(line) > 12]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=12).map("\n".join))
def test_any_selection_of_undamaged_paragraphs_stays_the_same(text):
    assert read(text).text == text


DAMAGE = [
    "&nbsp;", "\u200b", "  ", "!", "”", "“", "\n- 1 -\n", "\n- 2 -\n", "\n- 3 -\n", "责任编辑：甲", "\f", "，\n",
    "\n，", "...", "⽣", "全 市 生 态 文 明", "鄉鎮達標", "(xiāng)", "(zhèn)", "(shè)", "首页 > 正文", "\r\n",
    "(记者甲 摄)", "摘要：",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(DAMAGE) | st.sampled_from(SENTENCES) | st.text(max_size=3), max_size=14).map("".join))
def test_repairs_of_any_damage_keep_the_way_back_exact(text):
    source = SourceText.plain("x.txt", "txt", text)
    for step in STEPS:
        after = step(source)
        assert after.map.length == len(after.text)
        assert (after is source) or set(after.repairs) - set(source.repairs)
        source = after
    exact(source)


def test_repairing_twice_changes_nothing_more():
    for damaged, _, _ in CASES.values():
        once = read(damaged).text
        assert read(once).text == once
