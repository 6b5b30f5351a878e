"""Projects: what counts as one, how its name is cut, how lists become one record or several, counts and money.

The sentences are our own; the expected records follow the record shape in the room's README (named works, facilities,
parks, pilots and counted groups; no honours, no headings)."""

from __future__ import annotations

import pytest

from ecocloud.intake.documents.read import read_document

HEAD = "清溪县2025年重点工作方案\n一、重点任务\n(一)加快建设。\n"


def projects(sentence: str) -> list[dict]:
    """Projects of a sentence inside a plan."""
    text = HEAD + sentence + "\n"
    found = read_document(text.encode("utf-8"), "样本.txt").projects
    for record in found:
        assert text[record["start"] : record["end"]] == record["quote"]
    return found


def names(sentence: str) -> list[str]:
    return [p["name"] for p in projects(sentence)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("加快推进东坪镇污水处理厂建设。", ["东坪镇污水处理厂"]),
        ("规划建设再生水产业园。", ["再生水产业园"]),
        ("支持白石县建设松林康养集散地。", ["松林康养集散地"]),
        ("麻石岭风电场正式开工。", ["麻石岭风电场"]),
        ("实施县城老旧排水管网升级改造。", ["县城老旧排水管网升级改造"]),
    ],
)
def test_a_named_work_is_the_object_or_the_subject_of_its_verb(sentence, expected):
    assert names(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "创建国家生态文明建设示范区。",
        "新增省级绿色工厂3家。",
        "获评省级先进基地。",
        "加强项目建设。",
        "完善基础设施建设。",
        "深入贯彻绿色发展理念,聚焦重大项目。",
        "依法关闭禁养区养殖场。",
    ],
)
def test_honours_general_words_and_what_is_closed_are_no_projects(sentence):
    assert names(sentence) == []


def test_the_title_of_an_item_names_no_project_of_its_own():
    found = names("(二)加强生活垃圾处理中心建设。加快建设东坪镇分拣中心,年内完成主体施工并投入使用。")
    assert found == ["东坪镇分拣中心"]


def test_members_with_heads_of_their_own_are_projects_of_their_own():
    found = names("推进城东餐厨垃圾处置中心、石桥建筑垃圾填埋场、竹山大件垃圾分拣站等重点项目建设。")
    assert found == ["城东餐厨垃圾处置中心", "石桥建筑垃圾填埋场", "竹山大件垃圾分拣站"]


def test_places_that_share_one_head_are_one_group():
    (group,) = projects("推进镜湖、月湖、南湖国家湿地公园建设。")
    assert (group["name"], group["type"], group["count"]) == ("镜湖、月湖、南湖国家湿地公园", "group", None)


def test_works_that_share_one_head_are_one_programme():
    (group,) = projects("实施水系连通、岸坡绿化、河道清淤等工程。")
    assert (group["name"], group["type"]) == ("水系连通、岸坡绿化、河道清淤等工程", "programme")


def test_a_printed_number_makes_a_counted_group():
    (before,) = projects("建成15个农村污水处理设施。")
    assert (before["name"], before["type"], before["count"], before["count_unit"]) == (
        "农村污水处理设施",
        "group",
        15,
        "个",
    )
    (after,) = projects("建成秸秆收储点20个。")
    assert (after["name"], after["count"], after["count_unit"]) == ("秸秆收储点", 20, "个")
    (inside,) = projects("争取云台新材料、金石电子等7个重大项目获省级批复。")
    assert (inside["name"], inside["count"]) == ("云台新材料、金石电子等重大项目", 7)


def test_money_of_the_clause_and_of_the_next_belongs_to_the_project():
    (one,) = projects("实施东坪镇污水处理厂提升改造,完成投资3200万元。")
    assert (one["amount"], one["amount_unit"]) == (3200, "万元")
    assert one["quote"].endswith("3200万元")


def test_the_same_project_is_kept_once():
    assert names("建设东坪镇分拣中心。加快推进东坪镇分拣中心项目建设。") == ["东坪镇分拣中心"]


def test_a_general_name_takes_the_places_that_won_it():
    assert names("镜湖、月湖成功获批省级重要湿地。") == ["省级重要湿地(镜湖、月湖)"]
