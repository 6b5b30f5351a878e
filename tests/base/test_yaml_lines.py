"""YAML that is wrong in places is read in all others, every fault with its line."""

import pytest

from ecocloud.base.yaml_lines import YamlFault, compose, salvage

GONE = object()


@pytest.mark.parametrize(
    ("text", "data", "lines", "lost"),
    [
        ("a: 1\nb: [2]\n", {"a": 1, "b": [2]}, [], set()),
        ("a: 1\nb: [2\nc: 3\n", {"a": 1, "c": 3}, [2], {"b"}),
        ("a: 1\nb:\n  - {x: 1}\n  - {x: 2\n  - {x: 3}\nc: 'o\nd: 4\n",
         {"a": 1, "b": [{"x": 1}, GONE, {"x": 3}], "d": 4}, [4, 6], {"b", "c"}),
        ("a: 1\na: 2\nb: [\n", {"a": 2}, [2, 3], {"b"}),
        ("a: 1\n  b: 2\nc: 3\n", {"c": 3}, [2], {"a"}),
        ("a: 1\nb:\n  [\n  - 1\n  - 2\n", {"a": 1, "b": [1, 2]}, [4], {"b"}),
        ("]\na: 1\nb: 2\n", {"a": 1, "b": 2}, [1], set()),
        ("{a: 1", None, [1], set()),
        ("", None, [], set()),
    ],
)  # fmt: skip
def test_what_can_be_read_is_read(text, data, lines, lost):
    found = salvage(text, "x.yaml", GONE)
    assert (found.data, set(found.lost)) == (data, lost)
    assert [one.where["行"] for one in found.faults] == lines
    assert all(one.where["文件"] == "x.yaml" and one.remedy_zh for one in found.faults)


def test_places_are_those_of_the_whole_file():
    found = salvage("a: 1\nb:\n  - {x: 1,\n     y: 2}\n  - {x: {2}\n  - x: 3\n    y: 4\n", "x.yaml", GONE)
    assert [found.lines[path] for path in [("a",), ("b", 0, "y"), ("b", 1), ("b", 2, "y")]] == [1, 4, 5, 7]


def test_composing_takes_nothing_that_is_wrong():
    with pytest.raises(YamlFault):
        compose("a: 1\na: 2\n", "x.yaml")
    assert compose("a: 1.50\n", "x.yaml")[0]["a"].as_tuple().exponent == -2


def test_keys_are_text_as_they_are_written():
    data, lines = compose("on: 1\n2024: {no: 2, 1.50: 3}\nb: &b {x: 1}\nc: {<<: *b, y: 2}\n", "x.yaml")
    assert data == {"on": 1, "2024": {"no": 2, "1.50": 3}, "b": {"x": 1}, "c": {"x": 1, "y": 2}}
    assert lines["2024", "1.50"] == 2
