"""Two documents side by side: every expected row follows from the two short texts below, worked out by hand."""

import pytest

from ecocloud.intake.documents.comparison import compare
from ecocloud.intake.documents.known import package_catalogue
from ecocloud.intake.documents.read import read_document
from ecocloud.intake.documents.stated import Stated
from ecocloud.intake.documents.wording import candidates, likeness, numbers, pairs, tidy

LAST = """青瓷市2025年生态文明建设工作要点

一、主要目标

全市森林覆盖率达到67.0%以上，PM2.5平均浓度不高于26微克/立方米，单位GDP能耗下降3.0%，湿地保护率达到60%以上。

二、重点任务

1.整治入河排污口。2025年11月底前完成120个入河排污口整治，落实长效管护。（市生态环境局牵头，市水利局配合）
2.推进河道清淤。对淤积严重的支流逐段清淤，恢复行洪能力。（市水利局负责）
3.淘汰老旧车辆。加快淘汰国三及以下排放标准营运柴油货车。（市交通运输局负责）
4.办好主题宣传。组织节能宣传周、低碳日等活动，营造良好氛围。（市委宣传部负责）
"""
THIS = """青瓷市2026年生态文明建设工作要点

一、主要目标

全市森林覆盖率达到67.5%以上，PM2.5平均浓度不高于25微克/立方米，单位GDP能耗下降2.8%，湿地保护率达到60%以上。

二、重点任务

1.深化入河排污口整治。2026年11月底前完成90个入河排污口整治，落实长效管护。（市生态环境局牵头，市水利局配合）
2.推进河道清淤。对淤积严重的支流逐段清淤，恢复行洪能力。（市水利局负责）
3.建设碳普惠平台。上线个人碳账户，引导公众绿色消费。（市发展改革委负责）
4.办好主题宣传。组织节能宣传周、低碳日等活动，营造良好氛围。（市委宣传部负责）
"""
HIGHER = """明省2026年生态文明建设工作要点

一、重点任务

1.全面整治入河排污口。各地要完成入河排污口整治年度任务，落实长效管护。（省生态环境厅牵头）
2.推动林业碳汇交易。建立林业碳汇计量监测体系，组织碳汇项目开发。（省林业局牵头）
"""


def stated(text: str) -> Stated:
    return Stated.of(read_document(text.encode(), "x.txt"), package_catalogue())


@pytest.fixture(scope="module")
def years():
    return compare(stated(LAST), stated(THIS), "year")


def test_tasks_kept_changed_new_dropped(years):
    rows = {
        (row.left["title"] if row.left else None, row.right["title"] if row.right else None): (
            row.state, row.differences
        )
        for row in years.tasks
    }  # fmt: skip
    assert rows == {
        ("整治入河排污口", "深化入河排污口整治"): ("changed", ("文字", "数字")),
        ("推进河道清淤", "推进河道清淤"): ("kept", ()),
        ("办好主题宣传", "办好主题宣传"): ("kept", ()),
        ("淘汰老旧车辆", None): ("dropped", ()),
        (None, "建设碳普惠平台"): ("new", ()),
    }
    assert years.gaps == ()


def test_targets_raised_or_lowered_by_direction(years):
    rows = {row.left.name: (row.state, row.difference) for row in years.targets if row.left and row.right}
    assert rows["森林覆盖率"] == ("raised", "+0.5个百分点")
    assert rows["PM2.5平均浓度"] == ("raised", "-1微克/立方米")  # 逆向: lower is stricter
    assert rows["单位GDP能耗降幅"] == ("lowered", "-0.2个百分点")  # a smaller fall asks for less
    assert rows["湿地保护率"] == ("same", "")


def test_the_other_way_round_gives_the_opposite(years):
    back = compare(stated(THIS), stated(LAST), "year")
    for one, other in (("raised", "lowered"), ("new", "dropped"), ("same", "same")):
        assert back.counts[f"targets_{one}"] == years.counts[f"targets_{other}"]
    assert back.counts["tasks_new"] == years.counts["tasks_dropped"] == 1


def test_a_document_against_itself_keeps_everything():
    made = compare(stated(THIS), stated(THIS), "year")
    assert {row.state for row in made.tasks} == {"kept"} and {row.state for row in made.targets} == {"same"}


def test_a_higher_plan_without_a_local_task_is_a_gap():
    made = compare(stated(HIGHER), stated(THIS), "level")
    assert [row.left["title"] for row in made.gaps] == ["推动林业碳汇交易"]
    pair = next(row for row in made.tasks if row.left and row.right)
    assert (pair.left["title"], pair.right["title"]) == ("全面整治入河排污口", "深化入河排污口整治")


def test_an_empty_document_has_no_rows():
    nothing = stated("青瓷市简介\n青瓷市位于省境东部。\n")
    assert compare(nothing, nothing).tasks == () and compare(stated(LAST), nothing).counts["tasks_dropped"] == 4


def test_wording():
    assert tidy("2025年底前（全市）完成！", ("全市",), 2026) == "p1年底前完成"
    assert likeness(pairs("河道清淤"), pairs("河道清淤")) == 1.0
    # 河道清淤: 河道 道清 清淤; 河道治理: 河道 道治 治理; one of three shared: 2 * 1 / 6
    assert likeness(pairs("河道清淤"), pairs("河道治理")) == pytest.approx(1 / 3)
    assert numbers("1.完成120个、2026年投入3.5亿元") == {"120": 1, "3.5": 1}
    assert candidates([pairs("河道清淤")], [pairs("植树造林"), pairs("河道治理")]) == [[1]]


def test_hundreds_of_tasks_are_compared_in_time(full_size):
    import time

    count = 600 if full_size else 150
    heads, things = "整治修复建设监测排查清理保护培育推广改造", "河道湖库湿地林地矿山农田园区管网水源村庄公路校园社区"
    lines = [
        f"{n + 1}.{heads[n % 10 * 2 :][:2]}{things[n % 13 * 2 :][:2]}。第{n}片区按年度计划实施，落实管护责任。"
        for n in range(count)
    ]
    text = "青瓷市2026年工作要点\n\n一、重点任务\n\n" + "\n".join(lines) + "\n"
    one = stated(text)
    assert len(one.tasks) == count
    begun = time.process_time()
    made = compare(one, one)
    assert made.counts["tasks_dropped"] == 0 and time.process_time() - begun < 20
