"""All mistakes of a pack are named in one run: where, what, the value, what to do; and none that only follows."""

import json
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud import cli
from ecocloud.kernel.registers import pack
from ecocloud.kernel.registers.errors import DefinitionFaults

OUTFALLS = "river-outfalls"
HELD = f"version: {pack.read(pack.own_folder() / OUTFALLS).definition.version}"
# Planted in three files: kind, old text, new text, the field and value named, a word of the Chinese sentence.
PACK = [
    ("yaml", "en: All outfalls", "en: [All outfalls", "全文", "- {code: all,", "括号"),
    ("pattern", HELD, "version: one", "version", "one", "应为三段数字"),
    ("literal", "owner_role: office", "owner_role: boss", "owner_role", "boss",
     "只能取 office、department、township 之一"),
    ("system", "systems: [S107]", "systems: [S107, S999]", "systems.1", "S999", "S001 到 S245"),
    ("date", "issued: 2024-10-16", "issued: soon", "sources.1.issued", "soon", "应为日期"),
    ("address", 'url: "https://', 'url: "javascript:/', "sources.0.url", "javascript:",
     "应为 http:// 或 https:// 开头"),
    ("unknown key", "en: Share traced", "en: Share traced, colour: red", "figures.1.colour", "red",
     "没有“colour”这个字段"),
    ("expression", 'rows(state = "closed" and', 'rows(state = "shut" and', "figures.2.value", "rows(state",
     "字典里没有“shut”"),
    ("catalogue", "code: WAT.OUTLET.FIXED}", "code: WAT.OUTLET.FIXD}", "indicators.0.code", "WAT.OUTLET.FIXD",
     "相近的有：WAT.OUTLET.FIXED"),
    ("target", "year: 2025, source: opinion", "year: 1925, source: opinion", "targets.0.year", "1925", "应不小于 2000"),
    ("function", "due_days: 80, function: ecology", "due_days: 80, function: ecologie", "tasks.0.function", "ecologie",
     "相近的有：ecology"),
    ("cycle", "cycle: year, due_days: 300", "cycle: yearly, due_days: 300", "tasks.1.cycle", "yearly", "只能取"),
    ("tile", "figures: [all, fixed_share", "figures: [all, fixed", "tiles.0.figures.1", "fixed",
     "相近的有：fixed_share"),
    ("placeholder", "{region}共排查", "{place}共排查", "paragraphs.0.text", "place", "没有占位符“place”"),
    ("coverage", "by: [outfall.kind]", "by: [outfall.sort]", "coverage.1.by.0", "outfall.sort",
     "没有这一项“outfall.sort”"),
    ("item", "item: close-out", "item: closing", "systems.0", "close-out", "输出：销号"),
]  # fmt: skip
TYPE = [
    ("unit", "unit: 千克/天", "unit: 千克/夭", "fields.16.unit", "千克/夭", "单位"),
    ("dictionary", "dictionary: banks", "dictionary: shores", "fields.2.dictionary", "shores", "没有字典"),
    ("guard", "count(method) > 0", "count(methods) > 0", "transitions.1.guard", "not missing(owner)",
     "没有字段“methods”"),
    ("column", "measure, plan_until, state]", "measure, until, state]", "columns.8", "until", "没有字段“until”"),
    ("example", "flow: 4800", "flow: -4800", "examples.0.values.flow", "-4800", "下限"),
    ("choice", "form: ditch", "form: dich", "examples.1.values.form", "dich", "可选：pipe 管道"),
]  # fmt: skip
SAMPLE = [
    ("state", "state: closed", "state: shut", "rows.0.state", "shut", "没有状态"),
    ("number", "cod: 38.5", "cod: 许多", "rows.0.values.cod", "许多", "不是数字"),
    ("required", "      found_on: 2023-04-12\n      rhythm: rain\n", "      rhythm: rain\n", "rows.1.values.found_on",
     None, "必填"),
]  # fmt: skip
FILES = {"pack.yaml": PACK, "types/outfall.yaml": TYPE, "samples/outfall.yaml": SAMPLE}


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """A pack with all of them; and the line on which each stands."""
    folder = tmp_path_factory.mktemp("packs") / OUTFALLS
    shutil.copytree(pack.own_folder() / OUTFALLS, folder)
    lines = {}
    for name, mistakes in FILES.items():
        text = (folder / name).read_text("utf-8")
        for kind, old, new, *_rest in mistakes:
            assert old in text, (name, kind)
            text = text.replace(old, new, 1)
        (folder / name).write_text(text, "utf-8")
        for kind, _old, new, *_rest in mistakes:
            lines[name, kind] = text[: text.index(new)].count("\n") + 1
    # Said where the system is listed, and where the values of the row begin.
    lines["pack.yaml", "item"] = lines["pack.yaml", "system"]
    lines["samples/outfall.yaml", "required"] -= 4
    lines["pack.yaml", "placeholder"] -= 1  # where the paragraph begins
    return folder, lines


def test_all_are_found_at_once_each_with_its_line_and_nothing_else(planted):
    folder, lines = planted
    with pytest.raises(DefinitionFaults) as caught:
        pack.read(folder)
    left = list(caught.value.faults)
    for name, mistakes in FILES.items():
        for kind, _old, _new, field, value, words in mistakes:
            (one,) = [each for each in left if (each.where["文件"], each.where["字段"]) == (name, field)]
            left.remove(one)
            sentence = one.sentence_zh()
            assert words in sentence, (kind, sentence)
            assert value is None or str(one.value).startswith(value), (kind, one.value)
            assert one.remedy_zh and one.remedy_en, kind
            assert one.message_en.startswith(f"{name}:{one.where['行']} "), kind
            assert one.where["行"] == lines[name, kind], (kind, one.where, lines[name, kind])
    assert left == [], [one.sentence_zh() for one in left]


def test_the_command_says_them_in_either_language(planted, capsys):
    folder, _lines = planted
    count = sum(map(len, FILES.values()))
    assert cli.main(["packs", "check", str(folder)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith(f"：{count} 处错误") and len(said) == count + 1
    assert cli.main(["packs", "check", str(folder), "--english"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith(f": {count} mistakes") and len(said) == count + 1
    assert any("owner_role cannot be 'boss'. Use one of office, department or township." in line for line in said)
    assert cli.main(["packs", "check", str(folder), "--json"]) == 1
    (faults,) = json.loads(capsys.readouterr().out)["faults"].values()
    assert len(faults) == count
    assert {"message_zh", "message_en", "remedy_zh", "remedy_en", "where", "value"} <= faults[0].keys()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("types/outfall.yaml", "kind: choice, dictionary: kinds", "kind: choise, dictionary: kinds"),
        ("types/outfall.yaml", "en: COD, kind: number, unit: mg/L", "en: COD, kind: number, unit: mgg/L"),
        ("types/outfall.yaml", "code: measures\n", "code: measures\n    colour: red\n"),
        ("types/outfall.yaml", "geometry: {kind: point", "geometry: {kind: dot"),
        ("types/outfall.yaml", "  - {code: traced, zh: 已溯源", "  - {code: traced, zh: traced"),
        ("types/outfall.yaml", "fields:\n", "fields: none\nothers:\n"),
        ("types/outfall.yaml", "transitions:\n  - action: test", "transitions:\n  - action: [test"),
        ("pack.yaml", "code: fixed_share, zh: 整治完成率", "code: fixed_share, zh: {整治完成率"),
        ("pack.yaml", "  - {code: opinion, title: ", "  - {code: opinion, titel: "),
        ("pack.yaml", "figures:\n", "figures:\n  [\n"),
        ("samples/outfall.yaml", "type: outfall\n", ""),
        ("samples/outfall.yaml", "      found_on: 2023-04-12\n", "      found_on: 2023-04-12\n      on: 1\n"),
        ("samples/outfall.yaml", "      found_on: 2023-04-12\n", "      found_on: 2023-04-12\n      0:\n"),
    ],
)  # fmt: skip
def test_what_only_follows_from_a_mistake_is_not_told(tmp_path, file, old, new):
    folder = tmp_path / OUTFALLS
    shutil.copytree(pack.own_folder() / OUTFALLS, folder)
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(DefinitionFaults) as caught:
        pack.read(folder)
    told = {(one.where["文件"], one.message_zh) for one in caught.value.faults}
    assert {name for name, _said in told} == {file} and len(told) <= 2, told


def test_a_file_that_is_no_utf8_hides_nothing_else(tmp_path):
    folder = tmp_path / OUTFALLS
    shutil.copytree(pack.own_folder() / OUTFALLS, folder)
    path = folder / "samples" / "outfall.yaml"
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    path = folder / "pack.yaml"
    path.write_text(path.read_text("utf-8").replace("owner_role: office", "owner_role: boss"), "utf-8")
    with pytest.raises(DefinitionFaults) as caught:
        pack.read(folder)
    assert [(one.where["文件"], one.where["字段"]) for one in caught.value.faults] == [
        ("pack.yaml", "owner_role"), ("samples/outfall.yaml", "全文")]  # fmt: skip


class Torn:
    """The lines of a pack, not shown when a test fails."""

    def __init__(self, folder, files):
        self.folder, self.files = folder, files

    def read(self, name, lines):
        (self.folder / name).write_text("\n".join(lines), "utf-8")
        try:
            pack.read(self.folder)
        finally:
            (self.folder / name).write_text("\n".join(self.files[name]), "utf-8")


@pytest.fixture(scope="module")
def torn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("torn") / OUTFALLS
    shutil.copytree(pack.own_folder() / OUTFALLS, folder)
    return Torn(folder, {name: (folder / name).read_text("utf-8").splitlines() for name in FILES})


@settings(max_examples=40, deadline=None, print_blob=False)
@given(
    st.sampled_from(sorted(FILES)), st.integers(0, 10_000), st.integers(0, 200),
    st.sampled_from(["", "{", "]", ": ", "- ", '"', "\t", "1", "null", " #", "&a ", "? ", "1: "]),
)  # fmt: skip
def test_whatever_is_written_is_read_or_refused_by_name(torn, name, line, column, junk):
    lines = list(torn.files[name])
    line %= len(lines)
    at = min(column, len(lines[line]))
    lines[line] = lines[line][:at] + junk + lines[line][at + 1 :]
    try:
        torn.read(name, lines)
    except DefinitionFaults as error:
        assert all(one.where["文件"] in FILES and one.where["行"] >= 1 and one.message_zh for one in error.faults)
