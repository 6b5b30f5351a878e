"""Layers prepared from others: R from daily rain, K and the factors of wind erosion from texture, C from the cover of
plants (HJ 1173-2021, annex A).
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.raster import local
from ecocloud.domains.gep.raster.layers import Grid, Layer, LayerError, Reader, Seen, facts, judge, on_grid

if TYPE_CHECKING:
    from ecocloud.domains.gep.raster.config import Config
    from ecocloud.domains.gep.raster.tables import Classes

DAILY_RAIN = "daily_rain"
_NARROW = 128  # cells on the side of a window of which all days of a year are read
# From which part of the cells sand, silt and clay that do not add up are refused, and how many per cent they may miss.
_SHARE, _MISS = 0.01, 5.0


@cache
def told() -> dict[str, Any]:
    """``data/preparing.yaml``."""
    return yaml.safe_load(files("ecocloud.domains.gep").joinpath("data", "preparing.yaml").read_text("utf-8"))


def erodibility(sand: np.ndarray, silt: np.ndarray, clay: np.ndarray, organic_carbon: np.ndarray) -> np.ndarray:
    """K of each cell from texture and organic carbon, per cent."""
    out = np.empty(sand.size)
    local.each_erodibility(sand.ravel(), silt.ravel(), clay.ravel(), organic_carbon.ravel(), out)
    return out.reshape(sand.shape)


def erodible_fraction(
    sand: np.ndarray, silt: np.ndarray, clay: np.ndarray, organic_matter: np.ndarray, carbonate: np.ndarray
) -> np.ndarray:
    """EF: ``(29.09 + 0.31·sa + 0.17·si + 0.33·sa/cl − 2.59·OM − 0.95·CaCO₃)/100``, held between 0 and 1; per cent."""
    ratio = np.divide(sand, clay, out=np.zeros(sand.shape), where=clay > 0)
    share = 29.09 + 0.31 * sand + 0.17 * silt + 0.33 * ratio - 2.59 * organic_matter - 0.95 * carbonate
    return np.clip(share / 100, 0, 1)


def crust(clay: np.ndarray, organic_matter: np.ndarray) -> np.ndarray:
    """SCF: ``1/(1 + 0.0066·cl² + 0.021·OM²)``; per cent."""
    return 1 / (1 + 0.0066 * clay**2 + 0.021 * organic_matter**2)


def erosivity(rain: np.ndarray, days: list[datetime.date]) -> np.ndarray:
    """R of the rain of some days (days, rows, cols), mm: the sum over the erosive ones, MJ·mm/(hm²·h)."""
    fact = told()["erosivity"]
    warm = {*fact["warm_months"]}
    factors = np.array([fact["warm"] if day.month in warm else fact["cold"] for day in days])
    out = np.zeros(rain[0].size)
    local.erosivity_days(rain.reshape(len(days), -1), factors, float(fact["threshold"]), out)
    return out.reshape(rain.shape[1:])


def days_of(year: int) -> list[datetime.date]:
    """The days of a year."""
    first = datetime.date(year, 1, 1)
    return [first + datetime.timedelta(n) for n in range(366 if calendar.isleap(year) else 365)]


def cover_rules(table: Classes) -> tuple[np.ndarray, np.ndarray]:
    """The factor C of each class (rows) by stage of cover (columns), and which classes are dry land with a formula of
    its own. A class without a rule has its own ``usle_c``. Raises :class:`GepError`.
    """
    fact = told()["cover"]
    rules, dry = np.zeros((len(table.codes), len(fact["limits"]) + 1)), np.zeros(len(table.codes), bool)
    for place, ecosystem in enumerate(table.ecosystems):
        one = next((one for one in fact["parts"] if ecosystem.startswith(one["part"])), None)
        if one:
            rules[place] = one.get("values", one.get("fixed"))
        elif ecosystem == "51":
            dry[place] = table.columns["paddy"][place] == 0
            rules[place] = fact["paddy"]
        elif "usle_c" in table.columns and not np.isnan(table.columns["usle_c"][place]):
            rules[place] = table.columns["usle_c"][place]
        else:
            code = table.codes[place]
            raise GepError(f"生态系统 {ecosystem}（土地覆盖代码 {code}）没有由植被覆盖度求 C 的规则。",
                           f"no rule for the cover factor of ecosystem {ecosystem} (code {code})", value=ecosystem,
                           remedy_zh="耕地和园地请分到二级类；其他类请在表中加列 usle_c 并填写。")  # fmt: skip
    return rules, dry


def cover_factor(fraction: np.ndarray, kind: np.ndarray, rules: np.ndarray, dry: np.ndarray) -> np.ndarray:
    """C of each cell from the cover of plants, 0 to 1, and the place of its class (see :func:`cover_rules`)."""
    fraction = np.round(fraction.astype(float), 6)  # 0.7 of 32 bits is a little less than 0.7
    limits = told()["cover"]["limits"]
    stage = np.searchsorted(limits[:-1], fraction, side="right") + (fraction > limits[-1])
    found = rules[kind, stage]
    local.covers_of_dry_land(fraction.ravel(), dry[kind].ravel(), found.ravel())
    return found


Function = Callable[..., np.ndarray]
RECIPES: dict[str, tuple[tuple[str, ...], Function]] = {
    "erosivity": ((DAILY_RAIN,), erosivity),
    "erodibility": (("sand", "silt", "clay", "organic_carbon"), erodibility),
    "cover_factor": (("fraction",), cover_factor),
    "erodible_fraction": (("sand", "silt", "clay", "organic_matter", "carbonate"), erodible_fraction),
    "crust": (("clay", "organic_matter"), crust),
}


@dataclass
class Recipe:
    """One layer that a run has to prepare: its sources on the grid, those of daily rain by year."""

    layer: Layer
    sources: dict[str, Layer]

    @property
    def paths(self) -> dict[str, Path]:
        """The files it is made of."""
        return {name: one.path for name, one in self.sources.items() if one.number is None}


def recipes(config: Config, grid: Grid, folder: Path) -> dict[str, Recipe]:
    """The layers to be prepared, their sources opened and looked through; each will lie in ``folder``.

    Raises :class:`LayerError`.
    """
    found = {}
    for name, given in config.prepare.items():
        sources: dict[str, Layer] = {}
        for source, value in given.items():
            fact = facts()["sources"][source]
            if isinstance(value, dict):
                for year, path in sorted(value.items()):
                    sources[str(year)] = on_grid(fact, path, grid, config.align)
                    _look_at_days(sources[str(year)], int(year))
            elif isinstance(value, Path):
                sources[source] = on_grid(fact, value, grid, config.align)
            else:
                sources[source] = Layer(fact, Path("配置"), number=value)
        for one in sources.values():
            if one.fact.code != DAILY_RAIN:
                _look(one)
        layer = Layer(facts()["layers"][name], folder / f"prepared-{name}" / f"{name}.tif")
        found[name] = Recipe(layer, sources)
    return found


def _look(layer: Layer) -> None:
    """Look through a source on its own grid and judge it."""
    seen = Seen()
    if layer.number is not None:
        seen.add(layer.fact, np.array([layer.number]), np.ones(1, np.uint8))
        return judge(layer, seen, None)
    reader = Reader(Layer(layer.fact, layer.path), None)
    for _, window in reader.source.block_windows(1):
        seen.add(layer.fact, *reader.read(window))
    reader.close()
    return judge(layer, seen, reader.nodata)


def _look_at_days(layer: Layer, year: int) -> None:
    """The same for a year of daily rain, which has a band for each day."""
    reader, seen = Reader(Layer(layer.fact, layer.path), None), Seen()
    due, have = len(days_of(year)), reader.source.count
    if have != due:
        reader.close()
        raise LayerError(f"{year} 年应有 {due} 个波段（每日一个），现有 {have} 个。",
                         f"{due} bands are needed for {year}, there are {have}",
                         where={"图层": layer.fact.zh, "文件": layer.path.name}, value=have,
                         remedy_zh="请按日期顺序把全年逐日降水量存为多波段栅格。")  # fmt: skip
    for _, window in reader.source.block_windows(1):
        values, known = reader.read_all(window)
        seen.add(layer.fact, values, np.broadcast_to(known, values.shape))
    reader.close()
    judge(layer, seen, reader.nodata)


def blocks(
    recipe: Recipe, grid: Grid, cover: Layer, lookup: np.ndarray, rules: tuple[np.ndarray, np.ndarray] | None
) -> Iterator[tuple[Any, np.ndarray, np.ndarray]]:
    """The prepared layer block by block: window, values, what is known. ``cover``: the layer of land cover, for C."""
    name = recipe.layer.fact.code
    readers = {source: Reader(layer, grid) for source, layer in recipe.sources.items()}
    base = Reader(cover, grid)
    try:
        for window in grid.windows(_NARROW) if name == "erosivity" else grid.windows():
            known = np.ones((window.height, window.width), np.uint8)
            if name == "erosivity":
                values = np.zeros(known.shape)
                for year, reader in readers.items():
                    rain, there = reader.read_all(window)
                    known &= there
                    values += erosivity(np.where(there, rain, 0), days_of(int(year))) / len(readers)
            else:
                found = {}
                for source, reader in readers.items():
                    one, there = reader.read(window)
                    found[source], known = one, known & there
                found = {source: np.where(known, one, 0).astype(float) for source, one in found.items()}
                if name == "cover_factor":
                    assert rules is not None
                    codes, there = base.read(window)
                    known &= there
                    kind = lookup[np.minimum(np.where(known, codes, 0).astype(np.int64), lookup.size - 1)]
                    values = cover_factor(found["fraction"], np.maximum(kind, 0), *rules)
                    known &= (kind >= 0).astype(np.uint8)
                else:
                    _refuse_texture(recipe, found, known)
                    values = RECIPES[name][1](**found)
            yield window, values, known
    finally:
        for reader in (*readers.values(), base):
            reader.close()


def _refuse_texture(recipe: Recipe, found: dict[str, np.ndarray], known: np.ndarray) -> None:
    if not {"sand", "silt", "clay"} <= {*found}:
        return
    total = (found["sand"] + found["silt"] + found["clay"])[known == 1]
    share = float((np.abs(total - 100) > _MISS).mean()) if total.size else 0.0
    if share >= _SHARE:
        raise LayerError(f"砂粒、粉粒、黏粒之和有 {share:.1%} 的像元不是 100%（中位数 {np.median(total):g}）。",
                         f"sand, silt and clay do not add up to 100 in {share:.1%} of cells",
                         where={"图层": recipe.layer.fact.zh}, value=float(np.median(total)),
                         remedy_zh="请核对三个图层是否配套、单位是否为 %。")  # fmt: skip
