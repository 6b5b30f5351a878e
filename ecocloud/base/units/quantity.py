"""Parse a unit as printed and convert values exactly."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal
from difflib import get_close_matches
from fractions import Fraction
from functools import lru_cache

from ecocloud.base.errors import EcoError
from ecocloud.base.units.registry import counters, dimension_name, registry, root, unit_name

SCALE_WORDS = {
    "十": 10, "百": 10**2, "千": 10**3, "万": 10**4, "亿": 10**8,
    "十万": 10**5, "百万": 10**6, "千万": 10**7, "十亿": 10**9, "百亿": 10**10, "千亿": 10**11, "万亿": 10**12,
}  # fmt: skip
_LONGEST_FIRST = sorted(SCALE_WORDS, key=len, reverse=True)
_SPECIAL = {
    "%": "percent", "‰": "permille", "℃": "celsius", "°C": "celsius", "°": "degree_angle", "¥": "yuan", "￥": "yuan",
}  # fmt: skip
_CASE = {
    "ug": "μg", "KW": "kW", "KWh": "kWh", "KWH": "kWh", "kwh": "kWh", "kw": "kW", "KG": "kg", "Kg": "kg", "KM": "km",
    "Km": "km", "KV": "kV", "ML": "mL", "HA": "ha", "MG": "mg", "T": "t", "M": "m", "PH": "pH", "ph": "pH",
    "GWH": "GWh", "MWH": "MWh",
}  # fmt: skip
_SIGNIFICANT = Context(prec=28, rounding=ROUND_HALF_EVEN)


class UnitError(EcoError):
    """A unit is unknown, or two units do not measure the same thing. ``known`` lists near or allowed units."""

    code = "units.unknown"

    def __init__(
        self,
        message_zh: str,
        message_en: str,
        *,
        code: str = "",
        value: object = None,
        known: tuple[str, ...] = (),
        remedy_zh: str = "",
    ) -> None:
        self.known = known
        if known and not remedy_zh:
            remedy_zh = f"可用的写法：{'、'.join(known)}。"
        super().__init__(message_zh, message_en, code=code or None, value=value, remedy_zh=remedy_zh)


@dataclass(frozen=True)
class Unit:
    """A unit as printed.

    symbol: the text as given; canonical: without scale words; scale: the scale words as a number;
    dimension: name of what it measures (units convert within one dimension only).
    """

    symbol: str
    canonical: str
    scale: Decimal
    dimension: str
    parts: tuple[tuple[str, int], ...] = field(repr=False, compare=False, default=())

    @property
    def factor(self) -> Fraction:
        """Exact number of root units (metre, gram, second, yuan ...) in one printed unit."""
        return Fraction(self.scale) * root(self.parts)[0]

    def __str__(self) -> str:
        return self.symbol


def parse_unit(text: str | Unit) -> Unit:
    """Read a unit as printed, e.g. ``万亩``, ``亿千瓦时``, ``微克/立方米``, ``mg/L``, ``吨标准煤/万元``, ``人次``.

    Returns a :class:`Unit`; raises :class:`UnitError` naming the unit and the nearest known ones.
    """
    if isinstance(text, Unit):
        return text
    if not isinstance(text, str):
        raise UnitError("单位应为文字。", f"a unit must be text, not {type(text).__name__}", value=text)
    return _parse(text.strip())


@lru_cache(maxsize=4096)
def _parse(symbol: str) -> Unit:
    plain = _normalise(symbol)
    if not plain:
        raise UnitError(
            "没有写单位。", "empty unit", code="units.empty", value=symbol, remedy_zh="请写明单位，如“万亩”。"
        )
    scale, powers, words = Fraction(1), {}, []
    for word, power in _terms(plain, symbol):
        word_scale, bare, name, inner = _word(word, symbol)
        exponent = power * inner
        scale *= Fraction(word_scale) ** power
        powers[name] = powers.get(name, 0) + exponent
        words.append((bare, power))
    parts = tuple(sorted((name, power) for name, power in powers.items() if power))
    return Unit(
        symbol=symbol,
        canonical=_canonical(words),
        scale=_finite(scale),
        dimension=dimension_name(root(parts)[1]) if parts else "ratio",
        parts=parts,
    )


def terms(symbol: str) -> list[tuple[str, int]]:
    """The words of a printed unit with +1 (above) or -1 (below the line); raises :class:`UnitError`."""
    return _terms(_normalise(symbol), symbol)


def worded(word: str, symbol: str) -> tuple[int, str]:
    """Scale and bare word of one word of the unit ``symbol``; raises :class:`UnitError`."""
    return _word(word, symbol)[:2]


def _normalise(symbol: str) -> str:
    if symbol in _SPECIAL:
        return symbol
    text = unicodedata.normalize("NFKC", symbol.replace("℃", "celsius").replace("㏄", "cc")).replace("µ", "μ")
    text = text.replace("μ", "μ").replace("（", "(").replace("）", ")").replace("—", "-").replace("−", "-")
    text = re.sub(r"\s+", "", text)
    text = re.sub(r"[·•∙⋅×*]", ".", text)
    return text.replace("**", "^").replace("dB(A)", "dB").replace("台(套)", "台套").replace("人.次", "人次")


def _terms(plain: str, symbol: str) -> list[tuple[str, int]]:
    """Split ``a.b/c/(d.e)`` into (word, +1 or -1)."""
    terms: list[tuple[str, int]] = []
    above, *below = re.split(r"/(?![^(]*\))|每", plain)
    for index, group in enumerate([above, *below]):
        sign = 1 if index == 0 else -1
        if group.startswith("(") and group.endswith(")"):
            group = group[1:-1]
        for word in group.split("."):
            if not word and not (index == 0 and below):
                raise _unknown(symbol)
            if word:
                terms.append((word, sign))
    if not terms:
        raise _unknown(symbol)
    return terms


def _word(word: str, symbol: str) -> tuple[int, str, str, int]:
    """(scale, bare word, registry name, inner exponent) of one word: ``万m3`` -> (10000, 'm3', 'meter', 3)."""
    found = _name(word)
    if found:
        return 1, word, *found
    counted = re.fullmatch(r"(10+)(\D.*)", word)  # 人/10万人, 元/100公里
    if counted:
        scale, bare, *found = _word(counted[2], symbol)
        return int(counted[1]) * scale, bare, *found
    for scale_word in _LONGEST_FIRST:
        rest = word[len(scale_word) :]
        if word.startswith(scale_word) and rest and (found := _name(rest)):
            return SCALE_WORDS[scale_word], rest, *found
    raise _unknown(symbol)


def _name(word: str) -> tuple[str, int] | None:
    if word in _SPECIAL:
        return _SPECIAL[word], 1
    name = unit_name(_CASE.get(word, word))
    if name:
        return name, 1
    powered = re.fullmatch(r"([A-Za-zμ]+|米)\^?(-?[1-4])", word)
    if powered and (name := unit_name(_CASE.get(powered[1], powered[1]))):
        return name, int(powered[2])
    if powered and powered[1] == "hm" and powered[2] == "2":
        return "hectare", 1
    return None


def _canonical(words: list[tuple[str, int]]) -> str:
    above = "·".join(word for word, power in words if power > 0) or "1"
    below = "".join(f"/{word}" for word, power in words if power < 0)
    return above + below


def _finite(number: Fraction) -> Decimal:
    """A fraction as a plain Decimal: exact when it has a finite decimal form, else 28 significant digits."""
    rest = number.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return _plain(_SIGNIFICANT.divide(Decimal(number.numerator), Decimal(number.denominator)))
    places = max(twos, fives)
    digits = number.numerator * 10**places // number.denominator
    sign = 1 if digits < 0 else 0
    return _plain(Decimal((sign, tuple(int(digit) for digit in str(abs(digits))), -places)))


def _plain(number: Decimal) -> Decimal:
    """Without trailing zeros and without exponent: 1.50 -> 1.5, 1E+3 -> 1000 (no rounding, any length)."""
    sign, digits, exponent = number.as_tuple()
    while exponent < 0 and len(digits) > 1 and digits[-1] == 0:
        digits, exponent = digits[:-1], exponent + 1
    if exponent < 0 and digits == (0,):
        return Decimal(0)
    if exponent > 0:
        digits, exponent = digits + (0,) * exponent, 0
    return Decimal((sign if any(digits) else 0, digits, exponent))


def convert(value: Decimal | int, from_unit: str | Unit, to_unit: str | Unit) -> Decimal:
    """``value`` in ``from_unit`` expressed in ``to_unit``, exactly.

    Where the factor has no finite decimal form (m2 to 亩 is finite, 亩 to m2 is not) the result has 28 significant
    digits, half-even. Raises :class:`UnitError` when the units measure different things; % to 个百分点 is such a case.
    """
    source, target = parse_unit(from_unit), parse_unit(to_unit)
    number = _number(value)
    if not same_dimension(source, target):
        raise _different(source, target)
    return _finite(Fraction(number) * source.factor / target.factor)


def _number(value: Decimal | int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise UnitError(
            "数值应为十进制数。",
            f"value must be Decimal or int, not {type(value).__name__}",
            code="units.value",
            value=value,
        )
    number = Decimal(value)
    if not number.is_finite():
        raise UnitError("数值不是有限的数。", "value is not finite", code="units.value", value=value)
    return number


def same_dimension(a: str | Unit, b: str | Unit) -> bool:
    """Whether values in the two units may be converted into each other."""
    return root(parse_unit(a).parts)[1] == root(parse_unit(b).parts)[1]


@lru_cache(maxsize=1)
def known_symbols() -> tuple[str, ...]:
    """Single units the registry knows, as people write them (no scale words, no compounds)."""
    names = {name for name in registry()._units if not name.endswith("_zh") and not name.startswith("count_")}
    return tuple(sorted(names | set(counters()) | {"%", "‰", "℃"}))


def _unknown(symbol: str) -> UnitError:
    bare = symbol.lstrip("十百千万亿") or symbol
    names = known_symbols()
    near = get_close_matches(bare, names, n=5, cutoff=0.5)
    near += [name for name in names if name not in near and len(name) > 1 and (name in bare or bare in name)]
    known = tuple(near[:5]) or ("亩", "公顷", "平方公里", "吨", "万元", "%")
    english = f"unknown unit {symbol!r}; near: {', '.join(known)}"
    return UnitError(f"不认识单位“{symbol}”。", english, value=symbol, known=known)


def _different(source: Unit, target: Unit) -> UnitError:
    pair = {source.dimension, target.dimension}
    if pair == {"ratio", "percentage_point"}:
        zh = f"“{source.symbol}”与“{target.symbol}”不能换算：百分数是比值，百分点是两个百分数之差。"
    else:
        zh = f"“{source.symbol}”与“{target.symbol}”不是同一种量，不能换算。"
    en = f"cannot convert {source.symbol!r} ({source.dimension}) to {target.symbol!r} ({target.dimension})"
    return UnitError(
        zh,
        en,
        code="units.dimension",
        value=f"{source.symbol}→{target.symbol}",
        remedy_zh=f"请使用与“{source.symbol}”同类的单位。",
    )
