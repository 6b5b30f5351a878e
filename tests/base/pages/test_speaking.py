"""Words beside data in both languages; expected forms written by hand."""

from datetime import date

import pytest
from django.utils import translation

from ecocloud.base.pages import speaking


@pytest.mark.parametrize(
    ("language", "head", "day", "words", "formula"),
    [
        ("zh-hans", "投资（万元）", "2026年3月1日", "甲、乙", 'total(x, y < 3[吨]) * 1[个] + n in ["a"]'),
        ("en", "投资 (×10⁴ yuan)", "1 March 2026", "甲, 乙", 'total(x, y < 3[t]) * 1[items] + n in ["a"]'),
    ],
)
def test_words_beside_data(language, head, day, words, formula):
    with translation.override(language):
        assert speaking.with_unit("投资", "万元") == head and speaking.with_unit("投资", "") == "投资"
        assert speaking.day_words(date(2026, 3, 1)) == day
        assert speaking.joined(["甲", "乙"]) == words
        assert speaking.formula_words('total(x, y < 3[吨]) * 1[个] + n in ["a"]') == formula
        assert speaking.unit_word("") == "" and speaking.pick_words("中", "") == "中"
