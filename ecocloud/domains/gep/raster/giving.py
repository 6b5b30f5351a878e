"""A finished result read again: its totals in their units, and the data of an account that it yields by zone and
ecosystem, each with the run's digest as its source.

Means and totals are of the cells that are known; what a hole would have given is not put in. Where a service knows less
than the land cover does, :func:`covered` says how much.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from pathlib import Path

from ecocloud.domains.gep import facts
from ecocloud.domains.gep.asking import Given
from ecocloud.domains.gep.raster.finished import ResultError, whole
from ecocloud.domains.gep.raster.registry import Service, services

# What a sum per cell becomes over an area in hm², by the end of its unit: the unit of the total, and a factor.
_OF_AREA = (("/公顷", "", 1.0), ("毫米", "立方米", 10.0))
_DIGITS = Context(prec=15)  # what a number of 64 bits is sure of
_SEDIMENT = {"export": {"exported": ("输沙量", "Sediment exported", "吨/公顷")},
             "deposition": {"deposited": ("沉积量", "Sediment deposited", "吨/公顷")}}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A result as it lies on disk. ``sums``: service -> zone -> code of land cover -> column -> sum over cells."""

    folder: Path
    digest: str
    hectares: float  # of a cell
    slope_length: str
    zones: tuple[str, ...]
    zone_hectares: dict[str, tuple[float, float]]  # of its shapes, and of half a cell along their edges
    ecosystems: dict[int, str]
    sums: dict[str, dict[str, dict[int, dict[str, float]]]]


@dataclass(frozen=True)
class Total:
    """A total of one service: by zone and code of land cover; ``unit`` of the value."""

    service: str
    zone: str
    lucode: int
    column: str
    zh: str
    en: str
    value: float
    unit: str


def read(folder: Path | str) -> Found:
    """The result in a folder. Raises :class:`ResultError` when there is none or its table is another's."""
    place = Path(folder)
    told, table = whole(place)
    sums: dict = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    for row in csv.DictReader(io.StringIO(table.decode("utf-8"))):
        sums[row["service"]][row["zone"]][int(row["lucode"])][row["column"]] = float(row["sum"])
    ecosystems = {int(code): one for code, one in told["ecosystems"].items()}
    zone_hectares = {name: tuple(some) for name, some in told["zone_hectares"].items()}
    kept = {name: {zone: dict(by) for zone, by in zones.items()} for name, zones in sums.items()}
    return Found(place, told["digest"], told["cell_hectares"], told["slope_length"], tuple(told["zones"]),
                 zone_hectares, ecosystems, kept)  # fmt: skip


def totals(found: Found) -> Iterator[Total]:
    """Every column of every service as a total in its unit; days and such, which do not add up over an area, are left
    out.
    """
    for code, zones in found.sums.items():
        known = services()[code].sums if code in services() else _SEDIMENT[code]
        for zone in found.zones:
            for lucode, row in sorted(zones.get(zone, {}).items()):
                for column, value in row.items():
                    zh, en, unit = known.get(column, ("", "", ""))
                    for end, of_area, factor in _OF_AREA:
                        if unit.endswith(end):
                            whole = unit.removesuffix(end) + of_area
                            yield Total(code, zone, lucode, column, zh, en, value * found.hectares * factor, whole)


def given(found: Found, chosen: Iterable[str] = ()) -> dict[str, tuple[Given, ...]]:
    """The data of an account by zone, from all services of the result or from those ``chosen``.

    Raises :class:`ResultError`: the classes have no ecosystem, two services give the same datum.
    """
    known = facts.load()
    if not found.ecosystems:
        raise ResultError("结果里没有各类土地覆盖的生态系统。", "the classes have no ecosystems",
                          remedy_zh="请在土地覆盖表中加 ecosystem 列（HJ 1166 代码）后重新运行。")  # fmt: skip
    wanted = [services()[code] for code in found.sums if code in services() and (code in chosen or not chosen)]
    by: dict[str, list[str]] = defaultdict(list)
    for one in wanted:
        for datum in one.gives:
            by[datum].append(one.code)
    for datum, codes in by.items():
        if len(codes) > 1:
            raise ResultError(f"{'、'.join(codes)} 都给出“{known.inputs[datum].zh}”。", f"{codes} all give {datum}",
                              value=codes, remedy_zh="请用 --services 指明取哪一项。")  # fmt: skip
    return {
        zone: tuple(one for service in wanted for one in _of_zone(found, service, zone, known)) for zone in found.zones
    }


def _of_zone(found: Found, service: Service, zone: str, known: facts.Facts) -> Iterator[Given]:
    for datum, (column, how, factor) in service.gives.items():
        parts: dict[str, list[dict[str, float]]] = defaultdict(list)
        for lucode, row in sorted(found.sums[service.code].get(zone, {}).items()):
            part = found.ecosystems[lucode] if known.inputs[datum].scope == "ecosystem" else ""
            parts[part].append(row)
        for part, rows in sorted(parts.items()):
            total = _decimal(sum(row[column] for row in rows)) * _decimal(factor)
            cells = _decimal(sum(row["cells"] for row in rows))
            value = _DIGITS.divide(total, cells) if how == "mean" else total * _decimal(found.hectares)
            source = f"gep-raster:{found.digest}#{service.code}.{column}"
            yield Given(datum, part, Decimal(f"{_DIGITS.plus(value).normalize():f}"), source)


def _decimal(value: float) -> Decimal:
    """A number of a result as it is written."""
    return Decimal(repr(float(value)))


def covered(found: Found) -> dict[tuple[str, str], float]:
    """The share of the land cover's cells that a service knows, by zone and service, where it is less than all; under
    ``area`` the share of a zone's shape that has land cover, where more is missing than cells along its edges.
    """
    cells = {
        (code, zone): sum(row["cells"] for row in rows.values())
        for code, zones in found.sums.items() for zone, rows in zones.items()
    }  # fmt: skip
    classes = {
        (code, zone): {lucode for lucode, one in found.ecosystems.items()
                       if not services()[code].ecosystems or one.startswith(services()[code].ecosystems)}
        for code in found.sums if code in services() for zone in found.zones
    }  # fmt: skip
    shares = {}
    for zone, (hectares, edge) in found.zone_hectares.items():
        there = cells.get(("area", zone), 0) * found.hectares
        if there < hectares - edge:
            shares[zone, "area"] = there / hectares
    for (code, zone), of in classes.items():
        area = found.sums.get("area", {}).get(zone, {})
        whole = sum(row["cells"] for lucode, row in area.items() if lucode in of)
        if whole and cells.get((code, zone), 0) < whole:
            shares[zone, code] = cells.get((code, zone), 0) / whole
    return shares
