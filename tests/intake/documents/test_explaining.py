"""Every record can say why: each rule that fires is explained, each inherited value names the words it comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from ecocloud.intake.documents.commands import main
from ecocloud.intake.documents.explaining import inherited, is_explained, reasons, why
from ecocloud.intake.documents.lexicon import rule_words
from ecocloud.intake.documents.read import read_document, read_source
from ecocloud.intake.documents.text.repair import repair
from ecocloud.intake.documents.text.source import SourceText
from tests.intake.documents.test_properties import fragments

HERE = Path(__file__).parent
DOCUMENTS = [*sorted((HERE / "samples").glob("*.txt")), *sorted((HERE / "corpus" / "open").glob("*.txt"))]
TEXT = """青石县2024年节水工作要点

一、2023年工作情况
农业用水量1.2亿立方米。

二、2024年重点任务
1.改造管网8公里。
整改时限：2025年6月
责任单位：县水利局
"""


def read(text):
    return read_source(repair(SourceText.plain("x.txt", "txt", text)))


def check(reading):
    original = reading.source.original
    for record in reading.records():
        assert [rule for rule in record["rules"] if not is_explained(record["kind"], rule)] == []
        assert all(reason.zh and reason.en and "{}" not in reason.zh + reason.en for reason in reasons(record))
        for item in inherited(record, reading.document, reading.tasks):
            assert item.start is None or original[item.start : item.end] == item.quote != ""


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem[:12])
def test_every_rule_that_fires_is_explained(path):
    reading = read_document(path.read_bytes(), path.name)
    assert reading.figures
    check(reading)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(fragments)
def test_rules_of_any_text_are_explained(text):
    check(read(text))


def test_the_registry_names_each_rule_once_in_both_languages():
    keys = [(kind, rule.id) for rule in rule_words().rules for kind in rule.kinds]
    assert len(keys) == len(set(keys)) > 40
    assert all(rule.zh.endswith("。") and rule.en.endswith(".") for rule in rule_words().rules)


def test_inherited_values_name_the_heading_the_title_and_the_time_limit():
    reading = read(TEXT)
    water, pipes = reading.figures
    found = {i.field: (i.value, i.source, i.quote) for i in inherited(water, reading.document, reading.tasks)}
    assert found == {
        "period": ("2023", "小标题", "一、2023年工作情况"),
        "region": ("青石县", "标题", "青石县2024年节水工作要点"),
        "meaning": ("实绩", "小标题", "一、2023年工作情况"),
    }
    found = {i.field: (i.value, i.source, i.quote) for i in inherited(pipes, reading.document, reading.tasks)}
    assert found["period"] == ("2025", "期限", "整改时限：2025年6月")
    assert found["meaning"] == ("目标", "小标题", "二、2024年重点任务")


def test_the_command_prints_why(tmp_path, capsys):
    path = tmp_path / "01_要点.txt"
    path.write_text(TEXT, "utf-8")
    assert main([str(path), "--why"]) == 0
    printed = capsys.readouterr().out
    assert "指标名称取自数字前面的词" in printed and "继承自小标题“一、2023年工作情况”" in printed
    assert main([str(path), "--why", "--json"]) == 0
    (data,) = json.loads(capsys.readouterr().out)
    assert all(record["why"] for kind in ("tasks", "figures", "projects", "mechanisms") for record in data[kind])
    reading = read_document(path.read_bytes(), path.name)
    assert data["figures"][0]["why"] == why(reading.figures[0], reading.document, reading.tasks)
