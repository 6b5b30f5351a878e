"""What the services of single cells compute over a block: one function each, named in ``data/raster.yaml``.

A function takes a :class:`Block` and the sums to add to (one row for each pair of zone and class), and gives its
rasters. Whatever it asks of the block it has declared. Units are converted in sight.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.methods.carbon import CO2_OF_CARBON, O2_OF_CARBON
from ecocloud.domains.gep.raster import kernels, local, services
from ecocloud.domains.gep.raster.padding import unpadded

if TYPE_CHECKING:
    from ecocloud.domains.gep.raster.config import Config
    from ecocloud.domains.gep.raster.flow import Flow

NODATA = -9999.0  # outside the range of every raster that is written
Rasters = dict[str, np.ndarray]
_CO2, _O2 = float(CO2_OF_CARBON), float(O2_OF_CARBON)
_TONS = 0.01  # t/hm² in a g/m²
_MM = 1000.0  # in a metre
_M3 = 10.0  # m³/hm² in a mm
_M2 = 10_000.0  # in a hm²


@dataclass
class Block:
    """One block of a run as a service sees it; cells in one row after the other."""

    config: Config
    window: Any
    zone: np.ndarray  # of each cell, -1 none
    kind: np.ndarray  # place of each cell's class in the table
    known: np.ndarray  # 1 where the class is known and of the service
    codes: tuple[int, ...]
    table: dict[str, np.ndarray]  # columns by class
    layer: Callable[[str], tuple[np.ndarray, np.ndarray]]  # values and what is known of a layer
    over: dict[str, str]  # columns of the table that a layer stands for
    places: Callable[[np.ndarray, np.ndarray], np.ndarray]  # of codes in the table
    flow: Flow | None

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.codes)

    def layers(self, *names: str) -> tuple[np.ndarray, list[np.ndarray]]:
        """Where all of these layers are known, and their values."""
        known, values = self.known.copy(), []
        for name in names:
            one, there = self.layer(name)
            known &= there
            values.append(one)
        return known, values

    def column(self, name: str, known: np.ndarray) -> np.ndarray:
        """A column of the table for each cell, or the layer that stands for it, which is taken out of ``known`` where
        it has no value.
        """
        if name not in self.over:
            return kernels.by_class(self.table[name], self.kind)
        values, there = self.layer(self.over[name])
        known &= there
        return values.astype(float)

    def empty(self) -> np.ndarray:
        """A raster of this block in which nothing is known."""
        return np.full(self.known.size, NODATA, np.float32)

    def raster(self, known: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Values as a raster, without a value where not known."""
        return kernels.masked(known, values, NODATA)

    def summed(self, sums: np.ndarray, known: np.ndarray, *columns: np.ndarray) -> None:
        """Add the cells and these values, one after the other, to the columns of the sums."""
        services.added(known, self.zone, self.kind, np.stack(columns), self.classes, sums)

    def routed(self, name: str) -> np.ndarray:
        """A part of the routing (``ls``, ``valid``, ``stream``) in this block."""
        assert self.flow is not None
        return unpadded(getattr(self.flow, name), self.flow.shape)[self.window.toslices()].ravel()


Compute = Callable[[Block, np.ndarray], Rasters]


def area(block: Block, sums: np.ndarray) -> Rasters:
    """Cells of each class, whatever else is known of them."""
    services.added(block.known, block.zone, block.kind, np.empty((0, block.known.size)), block.classes, sums)
    return {}


def _routed_cells(block: Block) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where R, K and the routing are known, R and K."""
    known, (erosivity, erodibility) = block.layers("erosivity", "erodibility")
    known &= block.routed("valid")
    if block.config.mode == "invest":  # streams are left out
        known &= (block.routed("stream") == 0).astype(np.uint8)
    return known, erosivity, erodibility


def soil_factors(block: Block, sums: np.ndarray) -> Rasters:
    """The factors R, K, LS and C, of which the table path takes the means."""
    known, erosivity, erodibility = _routed_cells(block)
    cover = block.column("usle_c", known)
    block.summed(sums, known, erosivity, erodibility, block.routed("ls"), cover)
    return {}


def _eroded(block: Block, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where soil loss is known, and potential and actual loss, t/(hm²·a), summed."""
    known, erosivity, erodibility = _routed_cells(block)
    cover, practice = block.column("usle_c", known), block.column("usle_p", known)
    potential, actual = block.empty(), block.empty()
    services.soil(known, block.zone, block.kind, erosivity, erodibility, block.routed("ls"), cover, practice,
                  block.classes, sums, potential, actual)  # fmt: skip
    return known, potential, actual


def soil(block: Block, sums: np.ndarray) -> Rasters:
    """Soil retained, t/hm²: R·K·LS·(1 − C·P)."""
    known, potential, actual = _eroded(block, sums)
    found = {"rkls": potential, "usle": actual}
    if "avoided_erosion" in block.config.write:
        found["avoided_erosion"] = block.raster(known, potential - actual)
    return found


def soil_nutrients(block: Block, sums: np.ndarray) -> Rasters:
    """Silt λ·Q/ρ, m³/hm², and nitrogen and phosphorus Q·c, t/hm², of the soil retained."""
    known, potential, actual = _eroded(block, np.zeros((sums.shape[0], len(services.SOIL))))
    more, (density, nitrogen, phosphorus) = block.layers("soil_density", "soil_nitrogen", "soil_phosphorus")
    known &= more
    kept = potential.astype(float) - actual
    silt = kept * block.column("silt_share", known) / np.where(known, density, 1)
    nitrogen, phosphorus = kept * nitrogen / 100, kept * phosphorus / 100
    block.summed(sums, known, kept, silt, nitrogen, phosphorus)
    return {
        "silt_avoided": block.raster(known, silt), "nitrogen_kept": block.raster(known, nitrogen),
        "phosphorus_kept": block.raster(known, phosphorus),
    }  # fmt: skip


def water(block: Block, sums: np.ndarray) -> Rasters:
    """Water retained, mm: P − P·α − ET."""
    known, (rain, gone) = block.layers("precipitation", "evapotranspiration")
    out, runoff = block.empty(), block.column("runoff", known) / 100
    services.water(known, block.zone, block.kind, rain, gone, runoff, block.classes, sums, out)
    return {"water_retained": out}


def _budyko(block: Block, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What evaporates and what does not, mm, by Budyko's curve."""
    known, (rain, eto, depth, available) = block.layers(
        "precipitation", "eto", "depth_to_root_restricting_layer", "pawc"
    )
    gone, left = np.empty(known.size, np.float32), np.empty(known.size, np.float32)
    table, seasonality = block.table, block.config.parameters.seasonality_constant
    root = np.where(table["lulc_veg"] == 1, table["root_depth"], 1.0)
    crop, root, vegetated = (kernels.by_class(one, block.kind) for one in (table["kc"], root, table["lulc_veg"]))
    services.budyko(known, rain, eto, depth, available, crop, root, vegetated, seasonality, NODATA, gone, left)
    services.water_yield(known, block.zone, block.kind, rain, eto, table["kc"], block.classes, sums, gone, left)
    return gone, left


def water_yield(block: Block, sums: np.ndarray) -> Rasters:
    """Annual water yield as InVEST has it."""
    gone, left = _budyko(block, sums)
    return {"aet": gone, "wyield": left}


def water_budyko(block: Block, sums: np.ndarray) -> Rasters:
    """Water retained, mm: P − P·α − ET with ET by Budyko's curve."""
    gone, _ = _budyko(block, np.zeros((sums.shape[0], len(services.YIELD))))
    known = (gone != np.float32(NODATA)).astype(np.uint8)
    rain = block.layer("precipitation")[0]
    out, runoff = block.empty(), block.column("runoff", known) / 100
    services.water(known, block.zone, block.kind, rain, gone, runoff, block.classes, sums, out)
    return {"budyko_evapotranspiration": gone, "budyko_retained": out}


def flood(block: Block, sums: np.ndarray) -> Rasters:
    """Rain of storms that vegetation held, mm: P − R."""
    known, (rain, runoff) = block.layers("storm_rain", "storm_runoff")
    held = rain.astype(float) - runoff
    block.summed(sums, known, rain, runoff, held)
    return {"flood_held": block.raster(known, held)}


def marsh(block: Block, sums: np.ndarray) -> Rasters:
    """What marshes hold, mm, from the depth they hold, m."""
    known = block.known.copy()
    held = block.column("marsh_depth", known) * _MM
    block.summed(sums, known, held)
    return {"marsh_held": block.raster(known, held)}


def _stock(block: Block, kind: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The carbon of each cell, t/hm²; a class without it that occurs is refused."""
    density = block.table["carbon"]
    absent = np.isnan(density) & kernels.present(known, kind, density.size)
    if absent.any():
        codes = sorted(block.codes[one] for one in np.flatnonzero(absent))
        raise GepError(f"土地覆盖代码 {codes} 在碳库表中没有对应的行。", f"codes {codes} have no carbon", value=codes)
    return kernels.by_class(density, kind)


def carbon(block: Block, sums: np.ndarray) -> Rasters:
    """Stock of carbon, t/hm²."""
    held = _stock(block, block.kind, block.known)
    services.gathered(block.known, block.zone, block.kind, held, block.classes, sums)
    return {"carbon": block.raster(block.known, held)}


def carbon_change(block: Block, sums: np.ndarray) -> Rasters:
    """Change of the stock of carbon from the land cover before to that of now, t/hm² a year, summed by the class of
    now.
    """
    codes, there = block.layer("lulc_before")
    known = block.known & there
    place = block.places(codes, known)
    years = block.config.parameters.years
    assert years is not None
    before, after = _stock(block, place, known), _stock(block, block.kind, known)
    fixed = (after - before) / years
    block.summed(sums, known, before, after, fixed, fixed * _CO2)
    return {"carbon_change": block.raster(known, fixed * _CO2)}


def _fixed(block: Block, sums: np.ndarray, known: np.ndarray, grams: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """CO₂ and O₂, t/hm², beside net ecosystem production, g/m² of carbon; summed."""
    tons = grams * _TONS
    block.summed(sums, known, tons, tons * _CO2, tons * _O2)
    return block.raster(known, tons * _CO2), block.raster(known, tons * _O2)


def nep(block: Block, sums: np.ndarray) -> Rasters:
    """CO₂ and O₂ from net ecosystem production."""
    known, (produced,) = block.layers("nep")
    co2, o2 = _fixed(block, sums, known, produced.astype(float))
    return {"co2_fixed": co2, "o2_released": o2}


def carbon_balance(block: Block, sums: np.ndarray) -> Rasters:
    """CO₂ and O₂ from net primary production less the respiration of the soil."""
    known, (produced, breathed) = block.layers("npp_carbon", "respiration")
    co2, o2 = _fixed(block, sums, known, produced.astype(float) - breathed)
    return {"balance_co2_fixed": co2, "balance_o2_released": o2}


def photosynthesis(block: Block, sums: np.ndarray) -> Rasters:
    """CO₂ and O₂ from net primary production of dry matter, g/m²."""
    known, (produced,) = block.layers("npp_dry")
    tons = produced.astype(float) * _TONS
    co2, o2 = tons * block.column("co2_of_npp", known), tons * block.column("o2_of_npp", known)
    block.summed(sums, known, tons, co2, o2)
    return {"dry_co2_fixed": block.raster(known, co2), "dry_o2_released": block.raster(known, o2)}


def carbon_rate(block: Block, sums: np.ndarray) -> Rasters:
    """CO₂ from a rate of sequestration by class, t/hm² of carbon a year."""
    known = block.known.copy()
    rate = block.column("carbon_rate", known)
    block.summed(sums, known, rate, rate * _CO2)
    return {"rate_co2_fixed": block.raster(known, rate * _CO2)}


def climate_plants(block: Block, sums: np.ndarray) -> Rasters:
    """Heat of transpiration as electricity, kWh/hm²: EPP·D/(3600·r), EPP kJ/(m²·d)."""
    known, (days,) = block.layers("hot_days")
    heat = block.column("heat_of_plants", known) * _M2 * days
    energy = heat / (3600 * block.column("cooling_ratio", known))
    block.summed(sums, known, days, energy)
    return {"transpiration_energy": block.raster(known, energy)}


def climate_water(block: Block, sums: np.ndarray) -> Rasters:
    """Heat of evaporation of open water as electricity, kWh/hm²: E_w·ρ·q/3600 + E_w·γ, q J/g, γ kWh/m³."""
    known, (gone,) = block.layers("water_evaporation")
    of_volume = block.column("latent_heat", known) * 1000 / 3600 + block.column("humidifier_power", known)
    energy = gone.astype(float) * _M3 * of_volume
    block.summed(sums, known, gone, energy)
    return {"evaporation_energy": block.raster(known, energy)}


def _by_class(block: Block, sums: np.ndarray, **columns: str) -> Rasters:
    """Columns of the table as they are, one raster each."""
    known = block.known.copy()
    values = {name: block.column(column, known) for name, column in columns.items()}
    block.summed(sums, known, *values.values())
    return {name: block.raster(known, one) for name, one in values.items()}


def air(block: Block, sums: np.ndarray) -> Rasters:
    """What the ecosystems can take out of the air, kg/hm²."""
    return _by_class(block, sums, so2_removed="capacity_so2", dust_held="capacity_dust")


def water_quality(block: Block, sums: np.ndarray) -> Rasters:
    """What wetlands can take out of the water, kg/hm²."""
    return _by_class(block, sums, cod_removed="capacity_cod", nh3n_removed="capacity_nh3n", tn_removed="capacity_tn",
                     tp_removed="capacity_tp")  # fmt: skip


def sand(block: Block, sums: np.ndarray) -> Rasters:
    """Soil that the wind does not take because plants cover it, t/hm²: loss of bare ground less loss under the cover,
    whose factor is ``e^(−a·SC)``, SC %.
    """
    known, (weather, erodible, crust, roughness, covered) = block.layers(
        "wind_factor", "erodible_fraction", "crust", "roughness", "vegetation_cover"
    )
    coefficient = block.column("wind_cover", known)
    distance = block.config.parameters.wind_distance
    potential, actual = np.zeros(known.size), np.zeros(known.size)
    local.wind_losses(known, weather, erodible, crust, roughness, covered, coefficient, distance, potential, actual)
    block.summed(sums, known, potential, actual, potential - actual)
    return {"wind_erosion": block.raster(known, actual), "sand_kept": block.raster(known, potential - actual)}
