"""The quick reader of events gives what the reader of nodes gives, and leaves to it whatever it cannot judge."""

import random

import pytest

from ecocloud.base import yaml_lines
from ecocloud.base.yaml_lines import YamlFault, compose, salvage
from ecocloud.kernel.registers import pack

SCALARS = ["1", "1.50", "-3", "1_000", "0o7", "0x1F", "true", "no", "~", "", "null", "2026-01-31", "一二", "'1'",
           "2026-01-31 08:00:00", '"x: y"', "a#b", "12:30", ".inf", "1e3", "=", "<<x", "|\n  多行\n  文字",
           ">-\n  折\n  行"]  # fmt: skip


def _text(rng, depth, indent):
    """A mapping or list in block style as text, with blank lines and comments between."""
    pad, lines = "  " * indent, []
    listed = rng.random() < 0.4
    for number in range(rng.randint(1, 4)):
        head = f"{pad}- " if listed else f"{pad}k{number}: "
        if rng.random() < 0.2:
            lines.append(f"{pad}# 说明")
        if depth and rng.random() < 0.5:
            lines += [head.rstrip(), _text(rng, depth - 1, indent + 1).rstrip("\n")]
        else:
            value = rng.choice(SCALARS)
            value = value.replace("\n  ", f"\n{pad}    ")
            lines.append(
                head + (f"{{x: {value}, y: [{value}]}}" if rng.random() < 0.3 and "\n" not in value else value)
            )
    return "\n".join(lines) + "\n"


def test_both_readers_agree_on_values_kinds_and_lines():
    """400 texts that a fixed seed makes; both must say the same, or the quick one must leave it to the other."""
    rng, quick = random.Random(20260131), 0
    for _ in range(400):
        text, faults = _text(rng, 3, 0), []
        try:
            wanted = yaml_lines._read_whole(text, "x.yaml", faults)
        except YamlFault as fault:
            with pytest.raises(YamlFault) as again:
                compose(text, "x.yaml")
            assert (str(again.value), again.value.where) == (str(fault), fault.where)
            continue
        found = yaml_lines._Plain(text).document()
        quick += 1
        assert repr(found) == repr(wanted), text
    assert quick > 200


def test_the_packs_of_the_product_are_read_quickly_and_the_same():
    for name in ("river-outfalls", "water-sections"):
        for path in sorted((pack.own_folder() / name).rglob("*.yaml")):
            text = path.read_text("utf-8")
            assert repr(yaml_lines._Plain(text).document()) == repr(yaml_lines._read_whole(text, path.name, []))


@pytest.mark.parametrize(
    "text",
    ["a: &b 1\nc: *b\n", "a: !!str 1\n", "a: 1\na: 2\n", "a: {<<: {x: 1}}\n", "a: 1\n---\nb: 2\n", "", "[1]: 2\n",
     "a: 2026-13-01\n", "a: [1\n", "a: \tb: c\n", "!x a: 1\n"],
)  # fmt: skip
def test_what_it_cannot_judge_is_read_as_before(text):
    """Anchors, tags, keys twice, merges, several documents and every mistake: values, lines and words of the reader of
    nodes."""
    faults = []
    try:
        wanted = yaml_lines._read_whole(text, "x.yaml", faults)
    except YamlFault as fault:
        wanted = None
        faults.append(fault)
    found = salvage(text, "x.yaml")
    assert [(str(one), one.where, one.value) for one in found.faults] == [
        (str(one), one.where, one.value) for one in faults
    ]
    if wanted is not None:
        assert (found.data, found.lines) == wanted


def test_values_that_are_shared_cannot_be_changed():
    """The same word twice may be the same value: lists and mappings never are."""
    data, _ = compose("a: [1.5]\nb: [1.5]\n", "x.yaml")
    data["a"].append(2)
    assert len(data["b"]) == 1


@pytest.mark.parametrize(
    ("text", "key", "wanted"),
    [
        ("a: 1\n# x\nb:\n  - {c: 2}\n  - 3\nd: 4\n", "b", ([{"c": 2}, 3], 3)),
        ("a: 1\nb: 2\n", "b", (2, 2)),
        ("a: 1\n", "b", (None, 1)),
        ("a: [\nb: 2\n", "b", (2, 2)),  # what is wrong elsewhere does not matter
        ("a: 1\nb: [2\nc: 3\n", "b", (None, 2)),
        ("b: 1\nb: 2\n", "b", (2, 2)),
        ("", "b", (None, 1)),
    ],
)
def test_one_part_is_read_without_the_rest(text, key, wanted):
    assert yaml_lines.part(text, "x.yaml", key) == wanted
