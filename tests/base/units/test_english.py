"""Units on English pages. Expected forms: symbols of GB 3100-1993 where there is one, worked by hand."""

import re

import pytest

from ecocloud.base.units import english_unit, known_symbols
from ecocloud.kernel.registers import pack

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("symbol", "english"),
    [
        ("公顷", "ha"), ("万元", "×10⁴ yuan"), ("亿元", "×10⁸ yuan"), ("吨标准煤/万元", "tce/10⁴ yuan"),
        ("万吨/年", "×10⁴ t/a"), ("立方米/秒", "m³/s"), ("元/千克", "yuan/kg"), ("万千瓦时", "×10⁴ kWh"),
        ("万元/亩", "×10⁴ yuan/mu"), ("%", "%"), ("mg/L", "mg/L"), ("人", "persons"), ("", ""),
        ("人/10万人", "persons/10⁵ persons"), ("没有这个单位", "没有这个单位"),
    ],
)  # fmt: skip
def test_a_unit_in_english(symbol, english):
    assert english_unit(symbol) == english


def test_every_known_unit_word_has_its_english():
    assert [word for word in known_symbols() if CHINESE.search(english_unit(word))] == []


def test_no_unit_of_a_pack_stays_chinese():
    packs = [pack.read(pack.folder_of(name)) for name in pack.own_packs()]
    used = {one.unit for made in packs for kind in made.types for one in kind.fields}
    used |= {one.unit for made in packs for one in made.definition.figures}
    assert len(used) > 30 and [unit for unit in used if CHINESE.search(english_unit(unit))] == []
