"""Units as printed. Expected factors: GB 3100-1993 and GB 3101-1993, 1 亩 = 60 方丈 of 1/3 m 市尺; by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.base.units import UnitError, coal_equivalent, coal_factors, convert, parse_unit, same_dimension
from ecocloud.base.units.registry import counters

D = Decimal


@pytest.mark.parametrize(
    ("text", "canonical", "scale", "dimension", "factor"),
    [
        ("万亩", "亩", "10000", "area", Fraction(20_000_000, 3)),
        ("亩", "亩", "1", "area", Fraction(2000, 3)),
        ("公顷", "公顷", "1", "area", Fraction(10_000)),
        ("平方公里", "平方公里", "1", "area", Fraction(1_000_000)),
        ("m2", "m2", "1", "area", Fraction(1)),
        ("㎡", "m2", "1", "area", Fraction(1)),
        ("亿立方米", "立方米", "100000000", "volume", Fraction(10**8)),
        ("万m³", "m3", "10000", "volume", Fraction(10**4)),
        ("万千瓦", "千瓦", "10000", "power", Fraction(10**4 * 1000 * 1000)),
        ("亿千瓦时", "千瓦时", "100000000", "energy", Fraction(10**8 * 3_600_000 * 1000)),
        ("度", "度", "1", "energy", Fraction(3_600_000 * 1000)),
        ("kWh", "kWh", "1", "energy", Fraction(3_600_000 * 1000)),
        ("万吨标准煤", "吨标准煤", "10000", "coal_equivalent", Fraction(10**10)),
        ("吨标准煤", "吨标准煤", "1", "coal_equivalent", Fraction(10**6)),
        ("微克/立方米", "微克/立方米", "1", "mass_concentration", Fraction(1, 10**6)),
        ("μg/m³", "μg/m3", "1", "mass_concentration", Fraction(1, 10**6)),
        ("µg/m3", "μg/m3", "1", "mass_concentration", Fraction(1, 10**6)),
        ("ug/m3", "ug/m3", "1", "mass_concentration", Fraction(1, 10**6)),
        ("mg/L", "mg/L", "1", "mass_concentration", Fraction(1)),
        ("毫克/升", "毫克/升", "1", "mass_concentration", Fraction(1)),
        ("元", "元", "1", "money", Fraction(1)),
        ("万元", "元", "10000", "money", Fraction(10**4)),
        ("亿元", "元", "100000000", "money", Fraction(10**8)),
        ("万亿元", "元", "1000000000000", "money", Fraction(10**12)),
        ("人次", "人次", "1", "count:人次", Fraction(1)),
        ("万人次", "人次", "10000", "count:人次", Fraction(10**4)),
        ("吨/日", "吨/日", "1", "mass_flow", Fraction(10**6, 86400)),
        ("吨/天", "吨/天", "1", "mass_flow", Fraction(10**6, 86400)),
        ("万吨/日", "吨/日", "10000", "mass_flow", Fraction(10**10, 86400)),
        ("蒸吨/小时", "蒸吨/小时", "1", "steam_rate", Fraction(1, 3600)),
        ("%", "%", "1", "ratio", Fraction(1, 100)),
        ("％", "%", "1", "ratio", Fraction(1, 100)),
        ("‰", "‰", "1", "ratio", Fraction(1, 1000)),
        ("个百分点", "个百分点", "1", "percentage_point", Fraction(1)),
        ("百分点", "百分点", "1", "percentage_point", Fraction(1)),
        ("倍", "倍", "1", "multiple", Fraction(1)),
        ("人/万人", "人/人", "0.0001", "ratio", Fraction(1, 10**4)),
        ("人/10万人", "人/人", "0.00001", "ratio", Fraction(1, 10**5)),
        ("万标准立方米", "标准立方米", "10000", "standard_gas_volume", Fraction(10**4)),
        ("微西门子/厘米", "微西门子/厘米", "1", "conductivity", Fraction(1, 10**4)),
        ("吨标准煤/万元", "吨标准煤/元", "0.0001", "energy_intensity", Fraction(100)),
        ("元/(平方米·年)", "元/平方米/年", "1", "money/calendar_time/length^2", Fraction(1)),
        ("个/cm3", "个/cm3", "1", "count:个/length^3", Fraction(10**6)),
        ("百万千瓦", "千瓦", "1000000", "power", Fraction(10**12)),
        ("千米", "千米", "1", "length", Fraction(1000)),
        ("kWh/(m2·a)", "kWh/m2/a", "1", "mass/calendar_time/time^2", Fraction(3_600_000 * 1000)),
        ("m3/s", "m3/s", "1", "flow", Fraction(1)),
        ("dB（A）", "dB", "1", "sound_level", Fraction(1)),
        ("℃", "celsius", "1", "temperature", Fraction(1)),
        ("10000", None, None, None, None),
    ],
)
def test_units_as_printed(text, canonical, scale, dimension, factor):
    if canonical is None:
        with pytest.raises(UnitError):
            parse_unit(text)
        return
    unit = parse_unit(text)
    assert unit.symbol == text
    assert unit.dimension == dimension
    assert unit.scale == D(scale)
    assert unit.factor == factor
    if text not in ("℃", "％"):
        assert unit.canonical == canonical


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        ("1", "公顷", "亩", "15"),
        ("15", "亩", "公顷", "1"),
        ("1", "平方公里", "亩", "1500"),
        ("6.05", "万亩", "平方公里", "40.33333333333333333333333333"),
        ("1", "亩", "m2", "666.6666666666666666666666667"),
        ("3", "亩", "m2", "2000"),
        ("1", "亿元", "万元", "10000"),
        ("0", "亿元", "万元", "0"),
        ("-2.50", "万元", "元", "-25000"),
        ("1", "亿千瓦时", "度", "100000000"),
        ("1", "μg/m3", "mg/L", "0.000001"),
        ("35", "微克/立方米", "mg/m3", "0.035"),
        ("1", "m3/s", "万吨/日", None),
        ("1", "m3/s", "万立方米/日", "8.64"),
        ("97.7", "%", "‰", "977"),
        ("1", "斤", "克", "500"),
        ("123456789012345678901234567890.123456789", "元", "分钱", "12345678901234567890123456789012.3456789"),
    ],
)
def test_conversions_are_exact(value, source, target, expected):
    if expected is None:
        with pytest.raises(UnitError):
            convert(D(value), source, target)
    else:
        assert str(convert(D(value), source, target)) == expected


def test_percent_is_not_percentage_point():
    with pytest.raises(UnitError) as caught:
        convert(D(3), "%", "个百分点")
    assert caught.value.code == "units.dimension"
    assert "百分点" in caught.value.message_zh and "%" in caught.value.message_zh
    with pytest.raises(UnitError):
        convert(D(3), "个百分点", "%")
    with pytest.raises(UnitError):
        convert(D(3), "倍", "%")


def test_year_is_not_days_and_coal_is_not_mass():
    assert not same_dimension("吨/年", "吨/日")
    assert not same_dimension("吨标准煤", "吨")
    assert not same_dimension("吨二氧化碳", "吨二氧化碳当量")
    assert not same_dimension("元", "美元")


def test_every_counter_is_its_own_dimension():
    entries = list(dict.fromkeys(counters().values()))
    firsts = [entry.words[0] for entry in entries]
    assert len({parse_unit(word).dimension for word in firsts}) == len(firsts) > 50
    assert not same_dimension("家", "座")
    assert same_dimension("株", "棵")
    assert same_dimension("万家", "家")


def test_unknown_unit_names_itself_and_near_ones():
    with pytest.raises(UnitError) as caught:
        parse_unit("万吨标准媒")
    error = caught.value
    assert error.value == "万吨标准媒"
    assert "万吨标准媒" in error.sentence_zh()
    assert "吨标准煤" in error.known


@pytest.mark.parametrize(
    "text", ["", "   ", "/", "亩/", "/亩亩", "万", "亿", "亩.", "(亩", "万万亩x", "m9", "10", "100", "元/100", "吨//日"]
)
def test_nonsense_is_refused(text):
    with pytest.raises(UnitError):
        parse_unit(text)


def test_values_must_be_exact_numbers():
    for bad in (1.5, True, "3", None, D("NaN"), D("Infinity")):
        with pytest.raises(UnitError):
            convert(bad, "亩", "公顷")


_NUMBERS = st.decimals(min_value=D("-1e12"), max_value=D("1e12"), places=6, allow_nan=False)


def test_round_trip_of_exact_conversions(full_size):
    pairs = [("万亩", "公顷"), ("亿元", "万元"), ("μg/m3", "mg/L"), ("亿千瓦时", "万千瓦时"), ("平方公里", "亩")]

    @settings(max_examples=2000 if full_size else 100, deadline=None)
    @given(_NUMBERS, st.sampled_from(pairs))
    def check(number, pair):
        there = convert(number, *pair)
        source, target = (parse_unit(unit).factor for unit in pair)
        exact = Fraction(number) * source / target
        assert abs(Fraction(there) - exact) <= abs(exact) * Fraction(1, 10**26)
        if Fraction(there) == exact:
            assert convert(there, pair[1], pair[0]) == number

    check()


def test_any_text_gives_a_unit_or_a_unit_error(full_size):
    @settings(max_examples=3000 if full_size else 200, deadline=None)
    @given(st.text(alphabet="万亿千百十亩公顷吨标准煤/·()个百分点m23μgLkWh%‰元 人次", max_size=10))
    def check(text):
        try:
            unit = parse_unit(text)
        except UnitError as error:
            assert error.message_zh.endswith("。")
        else:
            assert unit.factor > 0
            assert parse_unit(text) == unit

    check()


def test_standard_coal_factors():
    # Independent: kgce = lower heating value / 29307.6 kJ per kg of standard coal (GB/T 2589-2020, 3.9: 29 307 kJ).
    for fuel, heating_value in {"原煤": 20908, "汽油": 43070, "柴油": 42652, "油田天然气": 38931}.items():
        assert coal_factors()[fuel].value == pytest.approx(D(heating_value) / D("29271"), abs=D("0.0005"))
    assert coal_equivalent(D(1), "万吨", "原煤") == D("7143")
    assert coal_equivalent(D(1), "亿千瓦时", "电力(当量)", to="万吨标准煤") == D("1.229")
    with pytest.raises(UnitError, match="木炭"):
        coal_equivalent(D(1), "吨", "木炭")
    with pytest.raises(UnitError):
        coal_equivalent(D(1), "立方米", "原煤")
    with pytest.raises(UnitError):
        coal_equivalent(D(1), "吨", "原煤", to="吨")
