"""The CONFIG.yaml of a run: which files, which methods and parameters, what is written. Paths are relative to the
file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.raster.registry import DELIVERED, ROUTED, SERVICES
from ecocloud.domains.gep.raster.slope_length import HJ1173, INVEST

LAYERS = ("dem", "lulc", "erosivity", "erodibility", "precipitation", "evapotranspiration", "eto",
          "depth_to_root_restricting_layer", "pawc")  # fmt: skip
RASTERS = (*ROUTED, *DELIVERED, *(name for one in SERVICES.values() for name in one.rasters))


class ConfigError(GepError):
    """The configuration of a run cannot be taken as given."""

    code = "gep.config"


class Parameters(BaseModel):
    """What the methods need besides files; units beside each."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slope_length: Literal["hj1173-2021", "invest-3.14"] = HJ1173
    slope_limit: float | None = Field(None, gt=0)  # m for HJ 1173 (300), the factor L for InVEST (122)
    threshold_flow_accumulation: float = Field(1000, ge=1)  # cells
    trace_threshold_proportion: float = Field(0.7, ge=0, le=1)
    k_param: float = Field(2, gt=0)
    ic_0_param: float = 0.5
    sdr_max: float = Field(0.8, gt=0, le=1)
    seasonality_constant: float = Field(5, gt=0)


class Config(BaseModel):
    """One run. A service is computed when its files are named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=80)
    mode: Literal["standard", "invest"] = "standard"
    dem: Path | None = None
    lulc: Path
    erosivity: Path | None = None
    erodibility: Path | None = None
    precipitation: Path | None = None
    evapotranspiration: Path | None = None
    eto: Path | None = None
    depth_to_root_restricting_layer: Path | None = None
    pawc: Path | None = None
    biophysical_table: Path
    carbon_pools: Path | None = None
    watersheds: Path
    zone_field: str = "ws_id"
    parameters: Parameters = Parameters()
    align: bool = False  # bring rasters of other grids onto that of the elevation (else of the land cover)
    write: tuple[str, ...] = ()  # of RASTERS
    threads: int = Field(2, ge=1, le=64)
    output: Path

    def layers(self) -> dict[str, Path]:
        """The rasters that are named, by layer."""
        found = {name: getattr(self, name) for name in LAYERS}
        return {name: path for name, path in found.items() if path is not None}

    @property
    def services(self) -> tuple[str, ...]:
        """What is computed, in the order of the registry: every service whose files are named."""
        named = self.layers()
        return tuple(
            one.code for one in SERVICES.values()
            if all(layer in named for layer in one.layers) and (self.carbon_pools is not None or not one.pools)
            and (one.layers or one.pools)
        )  # fmt: skip

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table of classes that these services need."""
        return tuple(dict.fromkeys(name for one in self.services for name in SERVICES[one].table))

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
    unknown = [one for one in config.write if one not in RASTERS]
    if unknown:
        raise ConfigError(f"不能写出 {'、'.join(unknown)}。", f"unknown rasters {unknown}", where={"字段": "write"},
                          value=unknown, remedy_zh=f"可写：{'、'.join(RASTERS)}。")  # fmt: skip
    if not config.services:
        raise ConfigError("列出的文件不够任何一项服务。", "no service has all its files",
                          remedy_zh="土壤保持要 dem、erosivity、erodibility；"
                          "水源涵养要 precipitation、evapotranspiration。")  # fmt: skip
    paths = {
        name: folder / value for name, value in config.__dict__.items() if isinstance(value, Path)
    }  # an absolute path stays as it is
    return config.model_copy(update=paths)
