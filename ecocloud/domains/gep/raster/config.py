"""The CONFIG.yaml of a run: which files, which methods and parameters, what is written. Paths are relative to the
file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.raster import layers as known
from ecocloud.domains.gep.raster.preparing import DAILY_RAIN, RECIPES
from ecocloud.domains.gep.raster.registry import DELIVERED, ROUTED, Service, rasters, services
from ecocloud.domains.gep.raster.slope_length import HJ1173, INVEST


class ConfigError(GepError):
    """The configuration of a run cannot be taken as given."""

    code = "gep.config"


class Parameters(BaseModel):
    """What the methods need besides files; units beside each."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slope_length: Literal["hj1173-2021", "invest-3.14"] = HJ1173
    slope_limit: float | None = Field(None, gt=0)  # m for HJ 1173 (300), the factor L for InVEST (122)
    flow: Literal["mfd", "d8"] = "mfd"  # to all lower neighbours in proportion to their slopes, or to the steepest
    threshold_flow_accumulation: float = Field(1000, ge=1)  # cells
    trace_threshold_proportion: float = Field(0.7, ge=0, le=1)
    k_param: float = Field(2, gt=0)
    ic_0_param: float = 0.5
    sdr_max: float = Field(0.8, gt=0, le=1)
    seasonality_constant: float = Field(5, gt=0)
    years: float | None = Field(None, gt=0)  # between the land cover before and that of now
    wind_distance: float | None = Field(None, gt=0)  # z of wind erosion, m


class Config(BaseModel):
    """One run. Layers stand in the file by their codes, each a raster or one number for the whole grid; a service is
    computed when its files are named, or those of ``services`` alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=80)
    mode: Literal["standard", "invest"] = "standard"
    rasters: dict[str, Path] = {}
    numbers: dict[str, float] = {}
    prepare: dict[str, dict[str, float | Path | dict[int, Path]]] = {}  # layers made of others (preparing.py)
    services: tuple[str, ...] = ()
    biophysical_table: Path
    carbon_pools: Path | None = None
    watersheds: Path
    zone_field: str = "ws_id"
    parameters: Parameters = Parameters()
    align: bool = False  # bring rasters of other grids onto that of the elevation (else of the land cover)
    write: tuple[str, ...] = ()
    threads: int = Field(2, ge=1, le=64)
    most_cells: int = Field(1_000_000_000, ge=1)  # of the grid: what it takes in memory grows with them
    keep: bool = True  # finished parts, so that a run that was stopped goes on and the next makes only what changed
    output: Path

    @model_validator(mode="before")
    @classmethod
    def _by_code(cls, given: Any) -> Any:
        """Layers given by their codes, sorted into rasters and numbers."""
        if not isinstance(given, dict):
            return given
        codes = known.facts()["layers"]
        rest = {name: value for name, value in given.items() if name not in codes}
        own = {name: value for name, value in given.items() if name in codes and value is not None}
        numbers = {
            name: value
            for name, value in own.items()
            if isinstance(value, int | float) and codes[name].nature == "number"
        }
        files = {name: value for name, value in own.items() if name not in numbers}
        return {**rest, "rasters": {**rest.get("rasters", {}), **files},
                "numbers": {**rest.get("numbers", {}), **numbers}}  # fmt: skip

    def needs(self) -> dict[str, tuple[str, ...]]:
        """The columns of the table of classes that the services need, without those a layer stands for; each with the
        ecosystems it is needed for (none: all).
        """
        over = self.over()
        found: dict[str, tuple[str, ...]] = {}
        for one in (services()[code] for code in self.services):
            for name in one.table:
                if name not in over:
                    whole = not one.ecosystems or found.get(name) == ()
                    found[name] = () if whole else (*found.get(name, ()), *one.ecosystems)
        if "cover_factor" in self.prepare:
            found |= {"paddy": ("51",), "usle_c": ("8",)}  # what the rules for C do not know
        return found

    def files(self) -> dict[str, Path]:
        """Every file that is read, by what it is in the configuration."""
        found = {**self.rasters, "biophysical_table": self.biophysical_table, "watersheds": self.watersheds}
        if self.carbon_pools:
            found["carbon_pools"] = self.carbon_pools
        for name, given in self.prepare.items():
            for source, value in given.items():
                several = value.items() if isinstance(value, dict) else [(source, value)]
                found |= {f"prepare.{name}.{one}": path for one, path in several if isinstance(path, Path)}
        return found

    def over(self) -> dict[str, str]:
        """Columns of the table of classes that a layer stands for, with the layer."""
        return {fact.column: code for code, fact in known.facts()["layers"].items() if fact.column and self.has(code)}

    def has(self, layer: str) -> bool:
        """Whether a layer is given."""
        return layer in self.rasters or layer in self.numbers or layer in self.prepare

    def lacks(self, service: Service) -> list[str]:
        """What a service needs that is not given, by its name in the file."""
        return [
            *(layer for layer in service.layers if not self.has(layer)),
            *(["carbon_pools"] if service.pools and self.carbon_pools is None else []),
            *(f"parameters.{one}" for one in service.parameters if getattr(self.parameters, one) is None),
        ]

    def chosen(self) -> tuple[str, ...]:
        """What is computed, in the order of the registry: the services asked for, else every one whose files are
        named.
        """
        return tuple(
            code for code, one in services().items()
            if one.always or code in self.services or not (self.services or one.asked or self.lacks(one))
        )  # fmt: skip

    @property
    def method(self) -> str:
        """The method of the slope length: that of the mode unless the parameters say otherwise."""
        given = "slope_length" in self.parameters.model_fields_set
        return self.parameters.slope_length if given or self.mode == "standard" else INVEST


def read(path: Path | str) -> Config:
    """The configuration in a file. Raises :class:`ConfigError` with every field that is wrong."""
    place = Path(path)
    try:
        given: Any = yaml.safe_load(place.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"找不到配置文件 {path}。", f"no file {path}", value=str(path)) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError("配置文件不是 UTF-8 编码的 YAML。", f"not YAML in UTF-8: {error}", where={"文件": place.name},
                          remedy_zh="请按样例改写。") from error  # fmt: skip
    if not isinstance(given, dict):
        raise ConfigError("配置文件应是“字段: 值”的列表。", "not a mapping", where={"文件": place.name})
    return checked(given, place.parent)


def checked(given: dict[str, Any], folder: Path) -> Config:
    """The configuration from a mapping, its paths relative to ``folder``. Raises :class:`ConfigError`."""
    try:
        config = Config.model_validate(given)
    except ValidationError as error:
        told = "；".join(f"{'.'.join(map(str, one['loc'])) or '配置'}：{one['msg']}" for one in error.errors())
        raise ConfigError(f"配置有误：{told}。", f"bad configuration: {told}", remedy_zh="请改正这些字段。") from error
    _refuse_unknown("write", config.write, rasters())
    _refuse_unknown("services", config.services, tuple(services()))
    _refuse_recipes(config)
    if "lulc" not in config.rasters:
        raise ConfigError("没有给出土地覆盖。", "no land cover", where={"字段": "lulc"}, remedy_zh="请给出 lulc 栅格。")
    for code in config.services:
        lacking = config.lacks(services()[code])
        if lacking:
            raise ConfigError(f"“{services()[code].zh}”还缺 {'、'.join(lacking)}。", f"{code} lacks {lacking}",
                              where={"字段": "services"}, value=code, remedy_zh="请补上，或不列这项服务。")  # fmt: skip
    chosen = config.chosen()
    if not config.services and all(services()[one].always for one in chosen):
        raise ConfigError("列出的文件不够任何一项服务。", "no service has all its files",
                          remedy_zh="土壤保持要 dem、erosivity、erodibility；"
                          "水源涵养要 precipitation、evapotranspiration。")  # fmt: skip
    offered = [name for one in chosen for name in services()[one].rasters]
    offered += ROUTED if any(services()[one].routed for one in chosen) else ()
    offered += DELIVERED if "soil" in chosen else ()
    for name in config.write:
        if name not in offered:
            raise ConfigError(f"没有一项要算的服务给出 {name}。", f"no service gives {name}", where={"字段": "write"},
                              value=name, remedy_zh=f"现可写：{'、'.join(offered)}。")  # fmt: skip
    paths = {
        name: folder / value for name, value in config.__dict__.items() if isinstance(value, Path)
    }  # an absolute path stays as it is
    files = {name: folder / value for name, value in config.rasters.items()}
    made = {name: {one: _placed(value, folder) for one, value in some.items()} for name, some in config.prepare.items()}
    return config.model_copy(update={**paths, "rasters": files, "prepare": made, "services": chosen})


def _placed(value: Any, folder: Path) -> Any:
    if isinstance(value, dict):
        return {name: folder / path for name, path in value.items()}
    return folder / value if isinstance(value, Path) else value


def _refuse_recipes(config: Config) -> None:
    """Layers that are prepared have exactly the sources of their recipe, and are not given besides."""
    for name, given in config.prepare.items():
        recipe = RECIPES.get(name)
        if recipe is None:
            raise ConfigError(f"不能制备 {name}。", f"{name} cannot be prepared", where={"字段": "prepare"}, value=name,
                              remedy_zh=f"可制备：{'、'.join(RECIPES)}。")  # fmt: skip
        wrong = {*recipe[0]} ^ {*given}
        by_year = [one for one in given if isinstance(given[one], dict) != (one == DAILY_RAIN)]
        if wrong or by_year or not all(given.values() if name == "erosivity" else [True]):
            raise ConfigError(f"制备 {name} 要且只要 {'、'.join(recipe[0])}（逐日降水量按年份列文件）。",
                              f"{name} needs {recipe[0]}", where={"字段": f"prepare.{name}"},
                              value=sorted(wrong or by_year), remedy_zh="请补上或删去。")  # fmt: skip
        if name in config.rasters or name in config.numbers:
            raise ConfigError(f"{name} 既给出又制备。", f"{name} is given and prepared", where={"字段": name},
                              value=name, remedy_zh="请只留一种。")  # fmt: skip


def _refuse_unknown(field: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    unknown = [one for one in given if one not in known]
    if unknown:
        raise ConfigError(f"{'不能写出' if field == 'write' else '没有服务'} {'、'.join(unknown)}。",
                          f"unknown {field} {unknown}", where={"字段": field}, value=unknown,
                          remedy_zh=f"可写：{'、'.join(known)}。")  # fmt: skip
