"""What a raster account takes: layers, sources that layers are prepared from, tables, zones; and which services become
possible with what is there. Needs the engine's libraries.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ecocloud.base.files.kinds import FileKind
from ecocloud.domains.gep.raster import layers
from ecocloud.domains.gep.raster.config import Parameters
from ecocloud.domains.gep.raster.preparing import DAILY_RAIN, RECIPES
from ecocloud.domains.gep.raster.registry import Service, services

CLASSES, POOLS, ZONES, COVER = "biophysical_table", "carbon_pools", "watersheds", "lulc"
RASTERS, TABLES = frozenset({FileKind.TIF}), frozenset({FileKind.CSV, FileKind.TXT})
SHAPES = frozenset({FileKind.GPKG, FileKind.TXT, FileKind.CSV})  # GeoJSON is text


@dataclass(frozen=True)
class Role:
    """One thing that can be given. ``group``: base, layer, source; ``number``: one number will do for the whole grid;
    ``of``: the layer that a source prepares; ``least``, ``most``: what is plausible, in ``unit``.
    """

    code: str
    zh: str
    en: str
    unit: str
    group: str
    kinds: frozenset[FileKind]
    number: bool = False
    of: str = ""
    least: float | None = None
    most: float | None = None


_TABLES = (
    Role(CLASSES, "土地覆盖分类表", "Table of classes", "", "base", TABLES),
    Role(ZONES, "分区边界", "Zones", "", "base", SHAPES),
    Role(POOLS, "各类碳库表", "Carbon pools", "吨/公顷", "layer", TABLES),
)


@cache
def roles() -> dict[str, Role]:
    """All roles by code in the order of the page: what every account needs, layers, sources of layers."""
    known = layers.facts()
    found = [_layer(known["layers"][COVER], "base"), *_TABLES]
    found += [_layer(one, "layer") for code, one in known["layers"].items() if code != COVER]
    for name, (sources, _function) in RECIPES.items():
        for source in sources:
            one = known["sources"][source]
            found.append(Role(f"{name}.{source}", one.zh, one.en, one.unit, "source", RASTERS, source != DAILY_RAIN,
                              name, one.least, one.most))  # fmt: skip
    return {one.code: one for one in sorted(found, key=lambda one: ("base", "layer", "source").index(one.group))}


def _layer(one: layers.LayerFact, group: str) -> Role:
    return Role(one.code, one.zh, one.en, one.unit, group, RASTERS, one.nature == "number", "", one.least, one.most)


def prepared(given: Collection[str]) -> tuple[str, ...]:
    """The layers all of whose sources are among ``given`` roles."""
    return tuple(
        name for name, (sources, _function) in RECIPES.items()
        if all(f"{name}.{one}" in given for one in sources) and name not in given
    )  # fmt: skip


def parameters(config: Mapping[str, Any]) -> set[str]:
    """The parameters of the engine that have a value: of their own, or given in the configuration of an account."""
    own = {name for name, one in Parameters.model_fields.items() if one.default is not None}
    return own | {*config.get("parameters", {})}


@dataclass(frozen=True)
class Possible:
    """A service, and what it still lacks; ``asked``: only when it is chosen, because it needs no layer of its own."""

    service: Service
    lacks: tuple[str, ...]

    @property
    def asked(self) -> bool:
        """Whether it has to be chosen."""
        return self.service.asked


def possible(given: Collection[str], parameters: Collection[str]) -> list[Possible]:
    """Every service with the roles and parameters (``parameters.NAME``) it lacks of those ``given``."""
    there = {*given, *prepared(given)}
    return [
        Possible(one, (
            *(layer for layer in one.layers if layer not in there),
            *((POOLS,) if one.pools and POOLS not in there else ()),
            *(f"parameters.{name}" for name in one.parameters if name not in parameters),
        ))
        for one in services().values()
    ]  # fmt: skip


def enables(role: str) -> list[Service]:
    """The services that a role is needed for."""
    code = roles()[role].of or role
    return [one for one in services().values() if code in one.layers or (code == POOLS and one.pools)]
