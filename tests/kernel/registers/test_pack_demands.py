"""What every pack of the product brings, and when two registers are one said twice.

Expected shares are counted by hand: of ten fields, six are 60 % and pass, seven are refused.
"""

import json
import random
import shutil
from fractions import Fraction

import pytest

from ecocloud import cli
from ecocloud.kernel.registers import pack, pack_demands, scaffold
from ecocloud.kernel.registers.errors import DefinitionFaults
from ecocloud.kernel.registers.pack_demands import Profile, alike, is_more_than_a_count

OUTFALLS = "river-outfalls"


def profile(pack_="a", code="one", shared=0, own=0, *, change=None):
    """A register with ``shared`` fields that are called the same in all, and ``own`` ones."""
    fields = [(f"s{n}", "number", f"共有{n}", f"Shared {n}") for n in range(shared)]
    fields = [change(one) for one in fields] if change else fields
    fields += [(f"{code}{n}", "text", f"{code}自有{n}", f"{code} own {n}") for n in range(own)]
    return Profile(pack_, f"types/{code}.yaml", 7, code, tuple(fields))


@pytest.mark.parametrize(
    ("shared", "small", "large", "refused"),
    [
        (6, 4, 4, False),  # 6 of 10: exactly 60 %
        (7, 3, 3, True),  # 7 of 10
        (6, 4, 40, False),  # the smaller one counts: 6 of 10
        (7, 3, 40, True),
        (3, 2, 2, False),  # 3 of 5: exactly 60 %
        (2, 1, 1, True),  # 2 of 3
        (61, 39, 39, True),  # 61 of 100
        (60, 40, 40, False),
        (1, 0, 20, True),  # the only field it has
        (0, 5, 5, False),
    ],
)
@pytest.mark.parametrize("packs", [("a", "b"), ("a", "a")])
def test_sixty_percent_of_the_smaller_register_pass(shared, small, large, refused, packs):
    one, other = profile(packs[0], "one", shared, small), profile(packs[1], "other", shared, large)
    found = alike([one, other], []) if packs[0] == packs[1] else alike([one], [other])
    assert bool(found) is refused
    assert bool(alike([other], [one])) is refused  # whichever is asked
    for each in found:
        assert each.code == "registers.alike"
        assert each.where == {"文件": "types/one.yaml", "行": 7, "字段": "fields"}
        assert each.value == ("other" if packs[0] == packs[1] else "b/other")
        assert "合成一个名录" in each.remedy_zh and "one type with a dictionary" in each.sentence_en()
        assert f"{shared} 个字段相同" in each.message_zh


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (lambda one: (f"{one[0]}_new", *one[1:]), True),  # another code, the same words
        (lambda one: (one[0], one[1], f"{one[2]}新", one[3]), True),  # other Chinese words; code and English the same
        (lambda one: (one[0], "text", *one[2:]), False),  # another kind
        (lambda one: (one[0], one[1], f"{one[2]}新", f"{one[3]} new"), False),  # only the code is the same
    ],
)
def test_which_fields_are_the_same(change, same):
    one, other = profile(shared=10), profile("b", "other", shared=10, change=change)
    assert bool(alike([one], [other])) is same


def test_the_rule_is_the_share_counted_by_itself():
    """500 pairs of a fixed seed: refused when the exact share of the smaller one is above three fifths."""
    rng, refused = random.Random(41), 0
    for _ in range(500):
        shared, small = rng.randint(0, 14), rng.randint(0, 9)
        if shared + small:
            larger = small + rng.randint(0, 6)
            wanted = Fraction(shared, shared + small) > Fraction(3, 5)
            one, other = profile(shared=shared, own=small), profile("b", "other", shared, larger)
            assert bool(alike([one], [other])) is wanted
            refused += wanted
    assert 100 < refused < 400


@pytest.mark.parametrize(
    ("expression", "more"),
    [
        ("rows()", False),
        ('rows(state = "done" and days_between(found, today()) > 30[天])', False),
        ("rows() * 1[个]", False),
        ('rows(a = "x") + rows(a = "y") - 1', False),
        ("rows() / 100", False),
        ('rows(state = "done") / rows()', True),
        ("total(capacity)", True),
        ("mean(score, not missing(score))", True),
        ("highest(depth)", True),
        ("rows(", False),
    ],
)
def test_what_is_more_than_a_count(expression, more):
    assert is_more_than_a_count(expression) is more


@pytest.fixture
def product(tmp_path, monkeypatch):
    """The packs of a product that has only river outfalls; ``product(old, new, file)`` spoils it."""
    folder = tmp_path / "packs"
    shutil.copytree(pack.own_folder() / OUTFALLS, folder / OUTFALLS)
    monkeypatch.setattr(pack, "own_folder", lambda: folder)

    def spoil(change, file="pack.yaml"):
        path = folder / OUTFALLS / file
        path.write_text(change(path.read_text("utf-8")), "utf-8")
        return folder / OUTFALLS

    return spoil


def _without(key):
    """The text without the part under a key at the margin."""

    def change(text):
        lines, skip, left = text.splitlines(), False, []
        for line in lines:
            skip = line.startswith(f"{key}:") or (skip and line[:1] in (" ", "#", ""))
            left += [] if skip else [line]
        assert len(left) < len(lines)
        return "\n".join(left) + "\n"

    return change


def _few_rows(text):
    """The first nine rows of the sample."""
    parts = text.split("\n  - name: ")
    return "\n  - name: ".join(parts[:10]) + "\n"


def _no_guards(text):
    return "\n".join(line for line in text.splitlines() if not line.strip().startswith(("guard:", "refusal_"))) + "\n"


@pytest.mark.parametrize(
    ("change", "file", "words"),
    [
        (_without("tasks"), "pack.yaml", "没有任务模板"),
        (_without("tiles"), "pack.yaml", "没有图块"),
        (_without("paragraphs"), "pack.yaml", "没有报告段落"),
        (_few_rows, "samples/outfall.yaml", "样例只有 9 行"),
    ],
)
def test_a_pack_of_the_product_that_lacks_something_is_refused(product, change, file, words):
    folder = product(lambda text: text, file)
    assert pack.read(folder)
    product(change, file)
    with pytest.raises(DefinitionFaults) as caught:
        pack.read(folder)
    (one,) = caught.value.faults
    assert words in one.message_zh and one.remedy_zh and one.remedy_en and one.where["文件"] == "pack.yaml"


def test_demands_of_the_smallest_pack_by_name(tmp_path):
    """A begun pack has two fields, no indicator, task, tile and rows, but a guard, a paragraph and a source."""
    folder = scaffold.begin("own-trees", tmp_path)
    said = [one.message_zh for one in pack_demands.unmet(pack.read(folder))]
    wanted = ["只有 2 个自己的字段", "没有一项指标不只是计数", "没有任务模板", "没有图块", "样例只有 0 行"]
    assert len(said) == len(wanted)
    assert all(word in sentence for word, sentence in zip(wanted, said, strict=True))
    path = folder / "types" / "own_trees.yaml"
    path.write_text(_no_guards(path.read_text("utf-8")), "utf-8")
    assert "没有会拒绝的流转条件。" in [one.message_zh for one in pack_demands.unmet(pack.read(folder))]


def test_an_office_is_told_hints_and_its_pack_is_right(tmp_path, capsys):
    """A copy of a pack in an office's own folder: right, with the register it is like named; a mistake hides hints."""
    folder = tmp_path / "own-outfalls"
    shutil.copytree(pack.own_folder() / OUTFALLS, folder)
    path = folder / "pack.yaml"
    path.write_text(path.read_text("utf-8").replace(f"id: {OUTFALLS}", "id: own-outfalls"), "utf-8")
    assert cli.main(["packs", "check", str(folder)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "：正确" in said[0] and all(one.startswith("  提示：") for one in said[1:])
    (alike,) = [one for one in said[1:] if "river-outfalls/outfall" in one]
    assert all("已由包 river-outfalls" in one for one in said[1:] if one != alike)  # codes that are taken
    assert cli.main(["packs", "check", str(folder), "--english", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    codes = [one["code"] for one in told["hints"][str(folder)]]
    assert told["faults"] == {} and len(codes) == len(said) - 1 and codes.count("registers.alike") == 1


def test_two_packs_of_the_product_that_are_alike_both_fail(product, capsys):
    folder = product(lambda text: text)
    other = folder.parent / "other-outfalls"
    shutil.copytree(folder, other)
    for path in other.rglob("*.yaml"):
        text = path.read_text("utf-8").replace("outfall.", "gate.").replace("type: outfall", "type: gate")
        text = text.replace("code: outfall\n", "code: gate\n").replace("by: [outfall", "by: [gate")
        path.write_text(text.replace(f"id: {OUTFALLS}", "id: other-outfalls").replace(":outfall", ":gate"), "utf-8")
    assert cli.main(["packs", "check", "--json"]) == 1
    faults = json.loads(capsys.readouterr().out)["faults"]
    for name, value in ((OUTFALLS, "other-outfalls/gate"), ("other-outfalls", f"{OUTFALLS}/outfall")):
        (one,) = [fault for fault in faults[name] if fault["code"] == "registers.alike"]
        assert one["value"] == value and "dictionary" in one["remedy_en"]
    assert cli.main(["packs", "check", OUTFALLS]) == 1  # one alone is compared with all of the product


def test_the_packs_of_the_product_are_different_work():
    """Every register of the product beside every other: none shares more than 60 %."""
    found = [one for name in pack.own_packs() for one in pack_demands.profiles(pack.own_folder() / name)]
    assert [one.message_zh for one in alike(found, [])] == []
    assert all(one.line > 1 and one.fields for one in found)
