"""The catalogue: what a wrong file says, what holds over all files, and how well it covers the annotated documents."""

import json
import os
from pathlib import Path

import pytest
import yaml

from ecocloud.kernel.evidence import catalogue
from ecocloud.kernel.evidence.catalogue import CatalogueError

GOOD = """\
group: {code: TST, zh: 试验, en: Test}
defaults: {department: 生态环境, period: month, decimals: 1, direction: up, nature: none, aggregation: sum,
  mark: seed, citation: 试验用}
indicators:
- {code: TST.ONE, zh: 指标甲, en: One, unit: 万亩, aliases: [甲面积]}
- {code: TST.TWO, zh: 指标乙, en: Two, unit: "%"}
"""


def faulty(old: str, new: str) -> CatalogueError:
    assert old in GOOD
    with pytest.raises(CatalogueError) as caught:
        catalogue.build([("t.yaml", GOOD.replace(old, new))])
    return caught.value


def test_a_good_file_is_read():
    made = catalogue.build([("t.yaml", GOOD)])
    assert [(entry.code, entry.group, entry.unit) for entry in made.entries] == [
        ("TST.ONE", "TST", "万亩"), ("TST.TWO", "TST", "%")]  # fmt: skip
    assert made.by_name["甲面积"].code == "TST.ONE"


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "value"),
    [
        ("unit: 万亩", "unit: 万亩亩", 5, "unit", "万亩亩"),
        ('unit: "%"', 'unit: "%", direction: 向上', 6, "direction", "向上"),
        ("code: TST.ONE", "code: tst.one", 5, "code", "tst.one"),
        ("code: TST.ONE", "code: AIR.ONE", 5, "code", "AIR.ONE"),
        ("en: Two", "en: Two, colour: red", 6, "colour", "red"),
        ('unit: "%"', 'unit: "%", decimals: 9', 6, "decimals", 9),
        ("zh: 指标乙, ", "", 6, "zh", ""),
        ("zh: 指标乙", "zh: 指标甲", 6, "zh", "指标甲"),
        ("zh: 指标乙", "zh: 甲 面积", 6, "zh", "甲 面积"),
        ("code: TST.TWO", "code: TST.ONE", 6, "code", "TST.ONE"),
    ],
)
def test_a_fault_names_file_line_field_value_and_remedy(old, new, line, field, value):
    error = faulty(old, new)
    assert (error.where["文件"], error.where["行"], error.where["字段"]) == ("t.yaml", line, field)
    assert error.value == value
    assert error.remedy_zh
    assert error.sentence_zh().startswith(f"文件 t.yaml，行 {line}")


def test_broken_yaml_and_unknown_weight():
    assert faulty("[甲面积]", "[甲面积").where["行"] >= 5
    assert "t.yaml" in str(faulty("indicators:", "rows:").where)
    unknown = faulty('unit: "%"', 'unit: "%", across: weighted, weight: TST.NONE')
    assert (unknown.where["字段"], unknown.value) == ("weight", "TST.NONE")
    assert "weight" in faulty('unit: "%"', 'unit: "%", across: weighted').remedy_zh


def test_the_whole_catalogue_is_sound():
    made = catalogue.load()
    assert 150 <= len(made.entries) <= 400
    assert {"AIR", "WAT", "SOL", "FOR", "ENE", "WST", "MIN", "AGR", "IND", "TOU", "FIN", "GOV", "INF"} == {
        group.code for group in made.groups
    }
    for entry in made.entries:
        if entry.unit in {"%", "‰"}:
            assert entry.aggregation in {"mean", "last", "none", "ratio"}, f"{entry.code}: percentages do not add up"
        if entry.zh.endswith("排名"):
            assert entry.direction == "down" and entry.unit == "位", entry.code


def place_names() -> set[str]:
    folder = Path(catalogue.__file__).resolve().parents[1] / "regions" / "data"
    names: set[str] = set()
    for file in folder.glob("*.csv"):
        for line in file.read_text(encoding="utf-8").splitlines()[1:]:
            names |= {cell.strip() for cell in line.split(",") if 2 <= len(cell.strip()) <= 8 and not cell.isascii()}
    shared = Path(os.environ.get("ECOCLOUD_SHARED", "../shared")) / "data/admin/jiangxi_units.csv"
    if shared.exists():
        names |= {line.split(",")[1] for line in shared.read_text(encoding="utf-8").splitlines()[1:]}
    return {name for name in names if name[-1] in "省市县区乡镇"}


def test_no_place_stands_in_the_catalogue():
    fixed = {"江西", "吉安", "赣州", "萍乡", "景德镇", "南昌", "赣江", "井冈山", "武功山", "昌江", "遂川", "泰和"}
    names = {name for name in place_names() | fixed if len(name) >= 2} - {"市辖区", "城区"}
    texts = []
    for file in (Path(catalogue.__file__).parent / "data" / "catalogue").glob("*.yaml"):
        texts += [
            (file.name, json.dumps(row, ensure_ascii=False))
            for row in yaml.safe_load(file.read_text("utf-8"))["indicators"]
        ]
    found = [(file, name, text[:60]) for file, text in texts for name in names if name in text]
    assert found == []


def test_coverage_of_the_annotated_documents(shared_folder):
    """Oracle: the figures annotated by readers; a figure counts when its name or an alias links to one indicator."""
    files = sorted((shared_folder / "gold" / "gold").glob("*.figures.jsonl"))
    assert files
    wanted, missed = 0, []
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["optional"]:
                continue
            wanted += 1
            names = [row["indicator"], *row["aliases"]]
            if not any(catalogue.link(name, row["unit"] or "", row["quote"]).status == "matched" for name in names):
                missed.append((row["id"], row["indicator"]))
    assert wanted > 50
    assert len(missed) <= 0.05 * wanted, missed
