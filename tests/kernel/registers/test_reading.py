"""Definitions from YAML: one malformed text for every possible mistake, with the words the message must hold."""

import json
from datetime import date
from decimal import Decimal

import pytest

from ecocloud.kernel.registers import rules, slots
from ecocloud.kernel.registers.errors import DefinitionFaults
from ecocloud.kernel.registers.reading import from_stored, read_type


def test_a_definition_is_read_with_exact_numbers_and_stored_without_loss(well):
    assert well.examples[0].values["depth"] == Decimal("35.5")
    stored = json.loads(json.dumps(well.as_json()))
    again = from_stored(stored)
    assert again.as_json() == well.as_json()
    assert again.fields == well.fields
    assert [field.code for field, _ in rules.compiled(again).computed] == ["volume"]


@pytest.mark.parametrize(
    ("old", "new", "field", "word"),
    [
        ("zh: 水源井", "zh: well", "zh", "须含汉字"),
        ("en: Well", "en: 井", "en", "英文字符"),
        ("prefix: SYJ", "prefix: syj", "prefix", "大写字母"),
        ("year: dug_on", "year: owner", "year", "日期或年份"),
        ("year: dug_on", "colour: red", "colour", "没有“colour”这个字段"),
        ("kind: text, section: base, required: true", "kind: words, section: base", "fields.0.kind", "只能取"),
        ("code: owner, zh: 权属人", "code: state, zh: 权属人", "fields.0.code", "换一个代码"),
        ("code: depth, zh: 井深", "code: owner, zh: 井深", "fields.2.code", "改名"),
        ("unit: 米, decimals: 2", "unit: 米粒, decimals: 2", "fields.2.unit", "可用的写法"),
        ("minimum: 0, maximum: 3000", "minimum: 5, maximum: 3", "fields.2.minimum", "对调"),
        ("kind: choice, dictionary: uses", "kind: choice, dictionary: usage", "fields.5.dictionary", "已有：uses"),
        ("kind: choice, dictionary: uses", "kind: choice", "fields.5.dictionary", "补上"),
        ("kind: money, unit: 万元", "kind: money, unit: 吨", "fields.9.unit", "例如 万元"),
        ("kind: long, section: use", "kind: long, section: use, index: true", "fields.14.index", "去掉 index"),
        ("kind: bool, section: use, index: true", "kind: bool, total: true, section: use, index: true",
         "fields.8.total", "index: true"),
        ("section: use, index: true, total: true}", "section: usage, index: true}", "fields.9.section", "已有的分组"),
        ("target: well", "target: ''", "fields.12.target", "补上"),
        ('visible_when: use = "drinking"', 'visible_when: use = "drink"', "fields.7.visible_when", "drinking"),
        ("computed: depth * diameter * diameter", "computed: depth * diameter", "fields.4.computed", "单位"),
        ("computed: depth * diameter * diameter", "computed: depth * diameter * widht", "fields.4.computed",
        "没有字段"),
        ("computed: depth * diameter * diameter", "computed: depth * diameter * diameter * year_of(today())",
         "fields.4.computed", "流转条件"),
        ("columns: [code, name, owner", "columns: [code, name, ownr", "columns.2", "已有字段"),
        ("fields: [owner, dug_on]", "fields: [owner, dugon]", "unique.0.fields.1", "已有字段"),
        ("geometry: {kind: point}", "geometry: {kind: dot}", "geometry.kind", "只能取"),
        ("to: in_use}", "to: used}", "transitions.0", "已有的状态"),
        ("action: seal", "action: start", "transitions.1.action", "改名"),
        ("    refusal_en: Sealing needs a passed inspection and a photograph.\n", "", "transitions.1.guard",
        "refusal_en"),
        ("from: [found], to: in_use", "from: [in_use], to: in_use", "states.1", "到不了"),
        ("inspection.sealing.passed and photo > 0", "inspection.seal.passed", "transitions.1.guard",
        "inspection.sealing"),
        ("rule: dug_on <= permit_until", "rule: dug_on <= owner", "checks.0.rule", "同一类"),
        ("rule: dug_on <= permit_until", "rule: dug_on <=", "checks.0.rule", "第 10 个字符"),
        ("expiry: {field: permit_until", "expiry: {field: cost", "expiry.field", "日期字段"),
        ("depth: 35.5", "depth: 3500", "examples.0.values.depth", "不大于 3000"),
        ("use: drinking, households: 120", "use: drinking", "examples.0.values.households", "必填"),
        ("permit_until: 2030-06-01", "permit_until: 2019-06-01", "examples.1.values.permit_until", "成井日期"),
        ("coordinates: [115.1, 27.1]", "coordinates: [27.1, 115.1]", "examples.0.geometry", "经度写在前面"),
        ("state: in_use\n    values", "state: inuse\n    values", "examples.1.state", "没有状态"),
        ("values: {owner: 东村,", "values: {owner: 东村, volume: 3,", "examples.0.values.volume", "不要填写"),
        ("en: Basics}", "en: Basics, zh: 基本}", "全文", "写了两次"),
        ("expiry: {", "expiry: [", "全文", "缩进"),
    ],
)  # fmt: skip
def test_every_mistake_is_named_with_file_line_field_and_remedy(well_text, old, new, field, word):
    assert old in well_text
    text = well_text.replace(old, new, 1)
    with pytest.raises(DefinitionFaults) as caught:
        read_type(text, "types/well.yaml")
    faults = [fault for fault in caught.value.faults if word in fault.sentence_zh()]
    assert faults, [fault.sentence_zh() for fault in caught.value.faults]
    where = faults[0].where
    assert where["文件"] == "types/well.yaml"
    assert where.get("字段", "") == field
    if new and "\n" not in new:
        changed = next(number for number, line in enumerate(text.splitlines(), 1) if new.splitlines()[0] in line)
        assert abs(where["行"] - changed) <= 3


def test_all_mistakes_come_at_once(well_text):
    text = well_text.replace("zh: 水源井", "zh: well").replace("kind: point", "kind: dot")
    with pytest.raises(DefinitionFaults) as caught:
        read_type(text, "well.yaml")
    assert len(caught.value.faults) == 2
    assert "共 2 处" in caught.value.message_zh


def test_computed_fields_may_stand_on_each_other_but_not_in_a_circle(well_text):
    half = "code: half, zh: 一半, en: Half, kind: number, unit: 立方米, section: base, computed: volume / 2"
    more = f"  - {{{half}}}\ncolumns:"
    definition = read_type(well_text.replace("columns:", more, 1), "well.yaml")
    assert [field.code for field, _ in rules.compiled(definition).computed] == ["volume", "half"]
    circle = well_text.replace("columns:", more, 1).replace(
        "computed: depth * diameter * diameter", "computed: half * 2"
    )
    with pytest.raises(DefinitionFaults, match="circle"):
        read_type(circle, "well.yaml")


def test_more_indexed_fields_than_slots_are_refused_with_their_names(well_text):
    more = "".join(
        f"  - {{code: date{i}, zh: 日期, en: Date, kind: date, section: base, index: true}}\n" for i in range(3)
    )
    with pytest.raises(DefinitionFaults) as caught:
        read_type(well_text.replace("columns:", f"{more}columns:", 1), "well.yaml")
    assert "建索引的同类字段有 5 个，最多 4 个" in caught.value.message_zh
    assert "date2" in caught.value.value


def test_a_field_keeps_its_slot(well, with_fields):
    first = slots.assign(well)
    fewer = with_fields(well, [one for one in well.fields if one.code != "owner"])
    assert slots.assign(fewer, first)["use"] == first["use"]
    renamed = with_fields(
        well, [one.model_copy(update={"code": "holder"}) if one.code == "owner" else one for one in well.fields]
    )
    assert slots.assign(renamed, first, {"owner": "holder"})["holder"] == first["owner"]
    assert slots.project(well, first, {"depth": Decimal("3.5"), "metered": True, "dug_on": date(2020, 1, 1)}) == {
        **dict.fromkeys(slots.ALL), "n1": Decimal("3.5"), "t3": "true", "d1": date(2020, 1, 1)}  # fmt: skip
