"""Words, figures and colours of results, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from ecocloud.base.pages.speaking import is_english, joined, pick_words
from ecocloud.intake.monitoring.evaluation.air.rules import Category, editions, pollutant_of
from ecocloud.intake.monitoring.evaluation.emission.verdicts import REASON_WORDS
from ecocloud.intake.monitoring.evaluation.facts import Fact, Facts, facts
from ecocloud.intake.monitoring.evaluation.rounding import from_units, half_even
from ecocloud.intake.monitoring.evaluation.scaled import PLACES
from ecocloud.intake.monitoring.results import outlets
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import (
    EMISSION,
    SOURCE_AREA,
    WATER_AREA,
    WATER_LAKE,
    WATER_SECTION,
    WATER_SOURCE,
    Period,
    rules,
)
from ecocloud.intake.monitoring.stations.models import Upkeep
from ecocloud.intake.monitoring.stations.showing import flag_words

NAMES = {"so2": "SO₂", "no2": "NO₂", "pm10": "PM10", "co": "CO", "o3": "O₃", "pm25": "PM2.5"}
_WATERS = (WATER_SECTION, WATER_AREA, WATER_LAKE, WATER_SOURCE, SOURCE_AREA)
_BLUE = 2  # classes I and II have one colour
_TONES = {1: "ok", 2: "bad"}  # of outlets: within and above their limits


@dataclass(frozen=True)
class Label:
    """An unverified fact a result rests on: what it says, its citation."""

    text: str
    citation: str


def is_water(kind: str) -> bool:
    """Whether a kind of result is about water."""
    return kind in _WATERS


def number(units: int | None, places: int) -> Decimal | None:
    """A whole number of the last place as a number."""
    return None if units is None else from_units(units, places)


def plain(units: int | None, places: int = PLACES) -> Decimal | None:
    """An amount without zeros at its end."""
    found = number(units, places)
    return None if found is None else trimmed(found)


def trimmed(value: Decimal) -> Decimal:
    """A number without zeros at its end and without an exponent."""
    cut = value.normalize()
    return cut if cut.as_tuple().exponent <= 0 else cut.quantize(Decimal(1))  # type: ignore[operator]


def rounded(units: int, places: int) -> Decimal:
    """An amount in millionths with few places, half to even, without zeros at its end."""
    found = half_even(from_units(units, PLACES), places).normalize()
    return found if found.as_tuple().exponent <= 0 else found.quantize(Decimal(1))  # type: ignore[operator]


def categories() -> tuple[Category, ...]:
    """The grades of air quality, from the best."""
    return editions().all[-1].categories


def level_word(kind: str, level: int | None) -> str:
    """The word of a level: 良, Ⅲ, 轻度污染; '' for none."""
    if not level:
        return ""
    if kind == EMISSION:
        return {1: _("达标"), 2: _("超标"), 3: _("不判定")}[level]
    if kind == WATER_SOURCE:
        return {1: _("达标"), 2: _("未达标")}[level]
    if kind == WATER_SECTION:
        return class_names()[level - 1]
    if kind == WATER_LAKE:
        return facts("water").versions("tli_words_en" if is_english() else "tli_words")[-1].listed()[level - 1]
    if kind == WATER_AREA:
        words = facts("water").versions("section.words_en" if is_english() else "section.words")[-1].listed()
        return list(dict.fromkeys(words))[level - 1]
    return pick_words(categories()[level - 1].zh, categories()[level - 1].en)


def short_word(level: int) -> str:
    """The word of an air level where there is little room: 轻度, Light."""
    return level_word("air_point", level).removesuffix("污染").removesuffix(" polluted")


def class_names() -> tuple[str, ...]:
    """Ⅰ to 劣Ⅴ; in English the last one is ``>Ⅴ``."""
    names = facts("water").versions("classes")[-1].listed()
    return (*names[:-1], ">Ⅴ") if is_english() else tuple(names)


def colour_class(kind: str, level: int | None) -> str:
    """The style of a badge in the standard colour of a level."""
    if kind == WATER_SOURCE:
        return {1: "tag ok", 2: "tag bad"}.get(level or 0, "tag")
    if kind in (WATER_AREA, WATER_LAKE, SOURCE_AREA):
        return "tag"
    if kind == EMISSION:
        return f"tag {_TONES.get(level or 0, '')}".strip()
    if not is_water(kind):
        return f"aqi l{level}" if level else "aqi na"
    return "wq " + ("na" if not level else "w12" if level <= _BLUE else f"w{level}")


def item_name(kind: str, item: str) -> str:
    """The name of an item or pollutant: PM2.5, 臭氧8小时, 氨氮."""
    if kind == EMISSION:
        known = _emitted().get(item)
        return pick_words(known.fact.zh, known.fact.en) if known else item
    if is_water(kind):
        found = _named(facts("water"), "table1.range", item) or _named(facts("water"), "table1.least", item)
        for prefix in ("table1.most", "plausible", "table2", "table3"):
            found = found or _named(facts("water"), prefix, item)
        return pick_words(found.zh, found.en) if found is not None else item
    pollutant, _sep, averaging = item.partition("_")
    name = NAMES.get(pollutant, item)
    words = {"24h": _("日均"), "8h": _("日最大8小时"), "1h": _("日最大1小时")}
    return f"{name} {words[averaging]}" if averaging in words else name


def hour_item_name(item: str) -> str:
    """The name of an item of the hourly report: PM2.5, with the running mean it is where it is one."""
    pollutant, _sep, averaging = item.partition("_")
    words = {"24h": _("24小时滑动平均"), "8h": _("8小时滑动平均")}
    return f"{NAMES.get(pollutant, item)} {words.get(averaging, '')}".strip()


@cache
def _emitted() -> dict[str, outlets.Item]:
    return {one.key: one for one in reversed(outlets.items().values())}


def item_unit(kind: str, item: str) -> str:
    """The unit of an item's amounts."""
    if kind == EMISSION:
        return _emitted()[item].unit if item in _emitted() else ""
    if is_water(kind):
        for prefix in ("table1.range", "table1.least", "table1.most", "plausible", "table2", "table3"):
            found = _named(facts("water"), prefix, item)
            if found is not None:
                return found.unit
        return ""
    return facts("air").versions(f"pollutant.{pollutant_of(item)}")[-1].unit


def _named(book: Facts, prefix: str, key: str) -> Fact | None:
    for name in (f"{prefix}.{key}", f"{prefix}.{key}.river", f"{prefix}.{key}.lake"):
        if name in book.names:
            return book.versions(name)[-1]
    return None


def items_words(kind: str, items: str | Iterable[str]) -> str:
    """Primary pollutants or deciding items as a list of names."""
    listed = [one for one in items.split(",") if one] if isinstance(items, str) else list(items)
    return joined(item_name(kind, one) for one in listed)


def reason_word(reason: str) -> str:
    """Why there is no value."""
    words = {
        "missing": _("缺测"), "not_monitored": _("未监测"), "not_an_item": _("本版本不评价"),
        "too_few_hours": _("有效小时数不足"), "too_few_windows": _("有效8小时滑动平均不足"),
        "below_zero": _("浓度为负"),
        "above_table": _("超出本列上限"), "item_missing": _("有缺项，不发布"), "too_few_points": _("有效点位不足"),
        "too_few_days": _("有效日数不足"), "no_limit": _("没有限值"), "fact_off": _("所需依据已停用"),
        "no_edition": _("没有生效的标准"), "no_items": _("没有可评价的项目"), "required_missing": _("缺必测项目"),
        "excluded": _("已批准剔除"), 
        "groundwater": _("地下水型，按 GB/T 14848 评价"), "stopped": _("停运停排"), "not_judged": _("没有可判定的日"),
    }  # fmt: skip
    return words.get(reason, reason)


def unjudged_word(reason: str) -> str:
    """Why emissions are not judged."""
    known = {one.name.lower(): pick_words(*said) for one, said in REASON_WORDS.items()}
    return known.get(reason) or reason_word(reason)


def why_word(why: str) -> str:
    """Why an hour of an outlet proves nothing: a decision, upkeep, the flag of the sender."""
    kind, _sep, which = why.partition(":")
    if kind == "review":
        return _("人工审核无效")
    if kind == "upkeep":
        return str(dict(Upkeep.Kind.choices).get(which, which))
    return _("标记 %(flag)s %(word)s") % {"flag": which, "word": flag_words().get(which, "")}


def change_word(change: str) -> str:
    """Why a version was made."""
    words = {"first": _("首次评价"), "late": _("补传数据"), "values": _("数据更正或审核"), "rule": _("评价依据变化")}
    return words.get(change, change)


def edition_word(kind: str, edition: str) -> str:
    """The standards of an edition, or of several."""
    if is_water(kind):
        return edition
    if kind == EMISSION:
        names = {"own": _("排污许可"), "ultra_low": _("超低排放")}
        return pick_words("；", "; ").join(names.get(one, one) for one in edition.split(",") if one)
    known = {one.id: pick_words(one.zh, one.en) for one in editions().all}
    return pick_words("；", "; ").join(known.get(one, one) for one in edition.split(","))


def kind_word(kind: str) -> str:
    """What was evaluated."""
    words = {"air_point": _("空气质量（站点）"), "air_area": _("空气质量（区域）"), "water_section": _("断面水质"),
             "water_area": _("区域地表水质量"), "water_lake": _("湖库营养状态"),
             "water_source": _("饮用水水源水质"), "source_area": _("饮用水水源达标率"),
             "emission": _("排放")}  # fmt: skip
    return words.get(kind, kind)


def subject_name(row: Result) -> str:
    """The name of the station or division."""
    return row.device.name if row.device_id else row.region.name


def value_words(row: Result) -> str:
    """A result in a few words: ``AQI 84 良``, ``Ⅲ类``, or why there is none."""
    if row.kind == EMISSION:
        return _emission_words(row)
    if row.value is None and row.level is None:
        return reason_word(row.reason)
    if row.kind == SOURCE_AREA:
        return _("水源达标率 %(n)s%%") % {"n": number(row.value, row.body["attained"]["places"])}
    if row.kind == WATER_SOURCE:
        return level_word(row.kind, row.level)
    if row.kind == WATER_LAKE:
        return f"TLI {tli(row)} {level_word(row.kind, row.level)}"
    if row.kind == "water_section":
        return _("%(name)s类") % {"name": level_word(row.kind, row.level)}
    if row.kind == "water_area":
        return level_word(row.kind, row.level)
    if row.span == "day":
        return f"AQI {row.value} {level_word(row.kind, row.level)}"
    return _("综合指数 %(n)s") % {"n": number(row.value, row.body["composite"]["places"])}


def _emission_words(row: Result) -> str:
    if row.span == "quarter":
        share = _("捕集率 %(n)s%%") % {"n": number(row.value, 1)} if row.value is not None else ""
        return share or unjudged_word(row.reason)
    if row.meets is None:
        return f"{level_word(row.kind, row.level)} {unjudged_word(row.reason)}"
    if row.span != "day":
        return _("超标 %(n)s 天") % {"n": row.value} if row.value else level_word(row.kind, row.level)
    multiple = _("（%(n)s 倍）") % {"n": number(row.value, 2)} if row.value else ""
    return level_word(row.kind, row.level) + multiple


def tli(row: Result) -> Decimal | None:
    """The index of a lake; None without one."""
    return number(row.value, row.body["places"])


def title(row: Result) -> str:
    """What a result is: place, period, what was evaluated."""
    return f"{subject_name(row)} {Period(row.span, row.start).text} {kind_word(row.kind)}"


def labels(names: Iterable[str]) -> list[Label]:
    """What the unverified facts say that a result rests on."""
    found = []
    for name in names:
        source, _sep, key = name.partition(":")
        if source == "results":
            rule: Any = getattr(rules(), key)
            found.append(Label(pick_words(rule.zh, rule.en), rule.citation))
            continue
        fact = facts(source).versions(key)[-1]
        said = pick_words(fact.zh, fact.en) or fact.citation
        if key.startswith("limit."):
            said = f"{fact.edition or key.split('.')[1]} {said}"
        found.append(Label(said, fact.citation))
    return found


def share_words(share: Mapping[str, Any]) -> str:
    """A share with what it is of: ``95.0%（19/20）``; '' where there is nothing to share."""
    if not share["whole"]:
        return ""
    part = f"{share['part']}/{share['whole']}"
    return f"{number(share['units'], share['places'])}%" + pick_words(f"（{part}）", f" ({part})")
