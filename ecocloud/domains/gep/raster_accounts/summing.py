"""The tables of a raster result in one language, and what stands behind a service: its card. Needs the engine."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ecocloud.domains.gep.facts import Facts
from ecocloud.domains.gep.raster import giving
from ecocloud.domains.gep.raster.config import Parameters
from ecocloud.domains.gep.raster.giving import Found, Total
from ecocloud.domains.gep.raster.registry import Service, services
from ecocloud.domains.gep.results.tables import Head, Row, Speech, Table, shown

AREA, HECTARES = "area", "公顷"
_SEDIMENT = {"export": ("输沙", "Sediment export"), "deposition": ("泥沙沉积", "Sediment deposition")}
_ROUTING = ("slope_length", "flow", "threshold_flow_accumulation", "slope_limit")


def totals(found: Found) -> list[Total]:
    """Every total of a result by service, zone and class, in its unit; areas in hectares first."""
    areas = [
        Total(AREA, zone, lucode, "cells", "面积", "Area", row["cells"] * found.hectares, HECTARES)
        for zone in found.zones for lucode, row in sorted(found.sums.get(AREA, {}).get(zone, {}).items())
    ]  # fmt: skip
    order = [*services(), *_SEDIMENT]
    return [*areas, *sorted(giving.totals(found), key=lambda one: order.index(one.service))]


def word(code: str, speech: Speech) -> str:
    """What a service of the engine is called."""
    if code in services():
        return speech.word(services()[code])
    zh, en = _SEDIMENT[code]
    return en if speech.english else zh


def decimal(value: float) -> Decimal:
    """A number of 64 bits as a decimal."""
    return Decimal(repr(float(value)))


def _summed(some: Iterable[Total]) -> Decimal:
    return sum((decimal(one.value) for one in some), Decimal(0))


def _said(one: Total, speech: Speech) -> str:
    return one.en if speech.english else one.zh


Groups = Mapping[str, Mapping[str, list[Total]]]


def grouped(all_totals: Iterable[Total]) -> Groups:
    """Totals by service and zone, each in the order they come: what the tables are made of, grouped once for all."""
    found: dict[str, dict[str, list[Total]]] = {}
    for one in all_totals:
        found.setdefault(one.service, {}).setdefault(one.zone, []).append(one)
    return found


def _of(groups: Groups, service: str) -> list[Total]:
    return [one for some in groups.get(service, {}).values() for one in some]


def _columns(own: Iterable[Total]) -> dict[str, list[Total]]:
    """The totals of one service by column; the first of each has its words and unit."""
    found: dict[str, list[Total]] = {}
    for one in own:
        found.setdefault(one.column, []).append(one)
    return found


def overview(groups: Groups, speech: Speech) -> Table:
    """What every service comes to in all zones together: a row for each amount, with its unit."""
    _ = speech.say
    rows = []
    for service in groups:
        for column, own in _columns(_of(groups, service)).items():
            cells = (word(service, speech), _said(own[0], speech), _summed(own), speech.unit(own[0].unit))
            rows.append(Row((service, column), cells))
    heads = (Head(_("服务")), Head(_("数量")), Head(_("总量")), Head(_("单位")))
    return Table("overview", _("各项服务合计"), heads, tuple(rows))


def by_zone(groups: Groups, service: str, speech: Speech) -> Table:
    """The amounts of one service by zone; the last row is the sum of those above it."""
    _ = speech.say
    zones, own = dict.fromkeys(zone for some in groups.values() for zone in some), groups.get(service, {})
    keys = [((zone,), (speech.region(zone),), own.get(zone, [])) for zone in zones]
    return _table("zones", _("按分区"), (Head(_("分区")),), keys, _columns(_of(groups, service)), service, speech)


def by_class(groups: Groups, found: Found, service: str, known: Facts, speech: Speech) -> Table:
    """The amounts of one service by class of land cover with its ecosystem; the last row is their sum."""
    _ = speech.say
    own, by = _of(groups, service), defaultdict(list)
    for one in own:
        by[one.lucode].append(one)
    keys = []
    for code in sorted(by):
        ecosystem = found.ecosystems.get(code, "")
        name = speech.word(known.classes[ecosystem]) if ecosystem in known.classes else "—"
        keys.append(((str(code),), (str(code), f"{ecosystem} {name}".strip()), by[code]))
    heads = (Head(_("土地覆盖代码")), Head(_("生态系统")))
    return _table("classes", _("按土地覆盖类型"), heads, keys, _columns(own), service, speech)


def _table(
    code: str, title: str, heads: tuple[Head, ...], keys: list[Any], amounts: Mapping[str, list[Total]], service: str,
    speech: Speech,
) -> Table:  # fmt: skip
    def cells(some: Iterable[Total]) -> tuple[Decimal, ...]:
        own = _columns(some)
        return tuple(_summed(own.get(column, ())) for column in amounts)

    rows = tuple(Row(key, (*words, *cells(some))) for key, words, some in keys)
    last = len(heads)
    sums = tuple(sum((row.cells[last + at] for row in rows), Decimal(0)) for at in range(len(amounts)))
    total = Row((), (speech.say("合计"), *[""] * (last - 1), *sums))
    named = (*heads, *(Head(_said(one, speech), speech.unit(one.unit)) for one, *_rest in amounts.values()))
    return Table(code, f"{word(service, speech)} · {title}", named, rows, total)


def lines(all_totals: Iterable[Total], found: Found, speech: Speech) -> Table:
    """Every total in a row of its own: the file for other programs."""
    _ = speech.say
    heads = (Head(_("服务")), Head(_("数量")), Head(_("分区")), Head(_("土地覆盖代码")), Head(_("生态系统")),
             Head(_("总量")), Head(_("单位")))  # fmt: skip
    rows = tuple(
        Row((), (word(one.service, speech), _said(one, speech), speech.region(one.zone), str(one.lucode),
                 found.ecosystems.get(one.lucode, ""), decimal(one.value), speech.unit(one.unit)))
        for one in all_totals
    )  # fmt: skip
    return Table("lines", _("明细"), heads, rows)


def covered(found: Found, speech: Speech) -> Table:
    """Where a zone has less land cover than its shape, or a service knows less than the land cover: shares in %."""
    _ = speech.say
    rows = []
    for (zone, service), share in giving.covered(found).items():
        what = _("土地覆盖") if service == AREA else word(service, speech)
        rows.append(Row((zone, service), (speech.region(zone), what, decimal(round(100 * share, 2)))))
    return Table("covered", _("数据不全的分区"), (Head(_("分区")), Head(_("服务")), Head(_("有数据的面积"), "%", 2)),
                 tuple(rows))  # fmt: skip


@dataclass(frozen=True)
class LayerFact:
    """One layer behind a number: what it is, the file it came from with its SHA-256, or the number it was given."""

    label: str
    unit: str
    file: str = ""
    sha256: str = ""
    value: Decimal | None = None
    of: str = ""  # the layer that is prepared from it


@dataclass(frozen=True)
class Card:
    """What stands behind the totals of a service."""

    service: Service
    name: str
    mark: str
    verified: bool
    formula: str
    method: str
    layers: tuple[LayerFact, ...]
    parameters: tuple[tuple[str, str], ...]
    coefficients: tuple[tuple[str, str], ...]
    totals: tuple[tuple[str, Decimal, str], ...]


def card(
    code: str, groups: Groups, told: Mapping[str, Any], config: Mapping[str, Any],
    layers: Iterable[LayerFact], known: Facts, speech: Speech,
) -> Card:  # fmt: skip
    """The card of a service. ``told``: result.json of the result; ``config``: as the account keeps it."""
    one = services()[code]
    method = known.methods.get(one.method)
    sums = tuple(
        (_said(own[0], speech), shown(_summed(own)), speech.unit(own[0].unit))
        for own in _columns(_of(groups, code)).values()
    )
    given = config.get("parameters", {})
    own = Parameters.model_validate(given)
    named = [*one.parameters, *(_ROUTING if one.routed else ())]
    values = [(name, getattr(own, name)) for name in named]
    values = [(name, told["slope_length"] if name == "slope_length" else value) for name, value in values]
    coefficients = {
        speech.word(known.parameters[name]) if name in known.parameters else name: source
        for name, source in told.get("coefficients", {}).items() if name in one.table
    }  # fmt: skip
    return Card(
        one, speech.word(one), speech.mark(one.mark), one.mark == "verified", method.formula if method else "",
        speech.word(method) if method else "", tuple(layers),
        tuple((name, str(value)) for name, value in values if value is not None), tuple(coefficients.items()), sums,
    )  # fmt: skip


def told_of(found: Found) -> dict[str, Any]:
    """``result.json`` of a result."""
    return json.loads((found.folder / "result.json").read_text("utf-8"))
