"""Codes: GB/T 2260-2007 gives provinces 2, cities 4, counties 6 digits written in six places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecocloud.kernel.regions import codes


@pytest.mark.parametrize(
    ("given_code", "full", "level", "parent"),
    [
        ("36", "360000", "province", None),
        ("360000", "360000", "province", None),
        ("3608", "360800", "city", "360000"),
        ("360800", "360800", "city", "360000"),
        ("360802", "360802", "county", "360800"),
        ("360802001", "360802001", "township", "360802"),
        ("360802001003", "360802001003", "village", "360802001"),
        ("360800000000", "360800", "city", "360000"),
        ("360802001000", "360802001", "township", "360802"),
        (" 360802 ", "360802", "county", "360800"),
    ],
)
def test_forms_levels_and_parents(given_code, full, level, parent):
    assert codes.normalise(given_code) == full
    assert codes.level_of(given_code) == level
    assert codes.parent_of(given_code) == parent


@pytest.mark.parametrize(
    ("given_code", "line"),
    [
        ("36", ["360000"]),
        ("360802001003", ["360802001003", "360802001", "360802", "360800", "360000"]),
        ("360802001000", ["360802001", "360802", "360800", "360000"]),
    ],
)
def test_a_line_begins_with_the_division_and_ends_with_the_province(given_code, line):
    assert codes.line(given_code) == line


@pytest.mark.parametrize("wrong", ["", "3", "360", "36080", "3608021", "36080200A", "吉安", "3608020010031"])
def test_other_texts_are_refused(wrong):
    with pytest.raises(codes.RegionCodeError) as caught:
        codes.normalise(wrong)
    assert caught.value.value == wrong
    assert "6" in caught.value.remedy_zh


def test_containment_has_sharp_borders():
    assert codes.contains("360800", "360899")
    assert codes.contains("360800", "360802001003")
    assert codes.contains("360802", "360802")
    assert not codes.contains("360802", "360800")
    assert not codes.contains("360800", "360900")
    assert not codes.contains("360100", "361000")


_CODE = st.tuples(st.integers(11, 65), st.integers(1, 98), st.integers(1, 98), st.integers(1, 998), st.integers(1, 998))


@given(_CODE, st.integers(0, 4), _CODE, st.integers(0, 4))
def test_span_agrees_with_containment(one, depth, other, other_depth):
    def text(parts, level):
        pieces = [f"{parts[0]:02d}", f"{parts[1]:02d}", f"{parts[2]:02d}", f"{parts[3]:03d}", f"{parts[4]:03d}"]
        return codes.normalise("".join(pieces[: level + 1]))

    outer = text(one, depth)
    for inner in (text(other, other_depth), text(one[: depth + 1] + other[depth + 1 :], other_depth)):
        first, after = codes.span(outer)
        assert (first <= inner < after) == codes.contains(outer, inner)
