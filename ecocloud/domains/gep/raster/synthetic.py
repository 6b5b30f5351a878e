"""A county that does not exist, for demonstration and tests: relief with valleys, a river and a reservoir, land cover
by height, slope and water, rain and evapotranspiration by height, texture of the soil. Seeded: the same county again.
Pure; what it is made of stands in ``data/synthetic.yaml``.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import yaml

NODATA, NO_CODE = -9999.0, 0
FIELD = "code"  # of the zones
_EDGE = 240  # points of the boundary
_POOLS = ("c_above", "c_below", "c_soil", "c_dead")


@cache
def facts() -> dict[str, Any]:
    """``data/synthetic.yaml``."""
    text = files("ecocloud.domains.gep").joinpath("data", "synthetic.yaml").read_text("utf-8")
    return yaml.safe_load(text)


def fractal(rows: int, cols: int, seed: int, power: float) -> np.ndarray:
    """A surface (rows, cols) of mean 0 and deviation 1 whose spectrum falls with the ``power`` of the frequency:
    noise of all lengths, the long ones the strongest (spectral synthesis, Voss 1985).
    """
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(cols)[None, :])
    frequency[0, 0] = np.inf
    surface = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((rows, cols))) / frequency**power, (rows, cols))
    return (surface - surface.mean()) / surface.std()


@dataclass(frozen=True)
class County:
    """``layers``: by role of a raster account, each (rows, cols) with :data:`NODATA` (land cover :data:`NO_CODE`)
    outside the county; ``boundary``: (points, 2), m.
    """

    layers: dict[str, np.ndarray]
    boundary: np.ndarray
    cell: float
    origin: tuple[float, float]  # west and north, m


def county(rows: int = 0, cols: int = 0, cell: float = 0) -> County:
    """The county on a grid of its own size or of another; ``cell`` m."""
    told = facts()
    rows, cols, cell = rows or told["rows"], cols or told["cols"], cell or told["cell"]
    seed, half = told["seed"], (rows * cell / 2, cols * cell / 2)
    origin = (told["centre"][0] - half[1], told["centre"][1] + half[0])
    east = (np.arange(cols) + 0.5) * cell - half[1]
    north = half[0] - (np.arange(rows) + 0.5) * cell
    east, north = np.meshgrid(east, north)  # m from the centre
    noise = [fractal(rows, cols, seed + number, power) for number, power in enumerate(told["noise"])]
    boundary = _boundary(seed)
    inside = _inside(boundary, east, north)
    river = _from_river(east, north, half[0])
    lake = told["lake"]
    shore = np.hypot(east - lake["east"], north - lake["north"]) - lake["radius"] * (1 + 0.25 * noise[2])
    heights = _heights(river, north, half[0], noise, shore)
    cover = _cover(heights, river, shore, cell, noise)
    layers = {"dem": heights, **_climate(heights, noise), **_soil(heights, noise), **_by_class(cover, noise)}
    found = {name: np.where(inside, values, NODATA).astype(np.float32) for name, values in layers.items()}
    found["lulc"] = np.where(inside, cover, NO_CODE).astype(np.uint8)
    return County(found, boundary + np.array(told["centre"]), cell, origin)


def _boundary(seed: int) -> np.ndarray:
    """Points around the centre, m: a circle with bays and headlands."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, _EDGE, endpoint=False)
    waves = sum(
        rng.uniform(0.1, 0.25) / n * np.sin(n * angle + rng.uniform(0, 2 * np.pi)) for n in (2, 3, 4, 6, 9, 14, 23)
    )
    radius = facts()["radius"] * (1 + waves)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _inside(boundary: np.ndarray, east: np.ndarray, north: np.ndarray) -> np.ndarray:
    """Which cells lie within the boundary, by the radius at their angle."""
    angle = np.arctan2(north, east) % (2 * np.pi)
    edge = np.linspace(0, 2 * np.pi, len(boundary) + 1)
    radius = np.hypot(*boundary.T)
    return np.hypot(east, north) <= np.interp(angle, edge, np.append(radius, radius[0]))


def _from_river(east: np.ndarray, north: np.ndarray, half: float) -> np.ndarray:
    """The distance to a river that winds from north to south, m."""
    along = north / half
    return np.abs(east - half * (0.16 * np.sin(3.1 * along) + 0.05 * np.sin(11 * along + 1)))


def _heights(
    river: np.ndarray, north: np.ndarray, half: float, noise: Sequence[np.ndarray], shore: np.ndarray
) -> np.ndarray:
    """Heights, m: the ground rises from the river; side valleys lie where noise changes its sign; the lake is level."""
    told = facts()["relief"]
    away = 1 - np.exp(-((river / told["reach"]) ** 1.3))
    valleys = np.tanh(1.6 * np.minimum(np.abs(noise[1]), np.abs(noise[4])))  # 0 along the side valleys
    hills = np.clip(0.5 + 0.25 * noise[0], 0.05, None)
    heights = told["lowest"] + told["fall"] * (north + half) + told["rise"] * away * (0.1 + 0.9 * valleys) * hills
    level = np.quantile(heights[shore < 0], 0.1) if (shore < 0).any() else 0
    return np.round(np.where(shore < 0, level, heights), 1)


def _cover(
    heights: np.ndarray, river: np.ndarray, shore: np.ndarray, cell: float, noise: Sequence[np.ndarray]
) -> np.ndarray:
    """The class of each cell: the later line takes the cell."""
    slope = 100 * np.hypot(*np.gradient(heights, cell))
    fields, patches, towns = noise[2], noise[3], noise[1]
    cover = np.full(heights.shape, 11)
    for code, there in (
        (13, patches > 0.2), (12, (heights > 620) | (patches > 0.9)), (21, patches < -1.1),
        (33, (heights > 850) & (fields > 0)), (52, (slope < 30) & (heights < 420) & (patches < -0.4)),
        (51, (slope < 13) & (heights < 300)), (62, (river < 1500) & (slope < 6) & (towns > 1.0)),
        (61, (river < 1300) & (slope < 6) & (towns > 1.15)),
        (41, (np.minimum(river, shore) < 260) & (slope < 3) & (fields > 0.6)),
        (43, river < facts()["river"]), (42, shore < 0),
    ):  # fmt: skip
        cover[there] = code
    return cover


def _climate(heights: np.ndarray, noise: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """Rain, evapotranspiration and what follows from them, mm a year; R; hot days."""
    told = facts()

    def by_height(name: str, spread: np.ndarray) -> np.ndarray:
        one = told[name]
        return np.round(one["base"] + one["of_height"] * heights + one.get("spread", 0) * spread)

    rain, erosive = by_height("rain", noise[3]), told["erosivity"]
    return {
        "precipitation": rain, "evapotranspiration": by_height("evapotranspiration", noise[2]),
        "eto": by_height("eto", noise[1]), "hot_days": by_height("hot_days", 0),
        "erosivity": np.round(erosive["factor"] * rain ** erosive["power"], -1),
        "storm_rain": np.round(told["storm"]["rain"] * rain), "storm_runoff": np.round(told["storm"]["runoff"] * rain),
    }  # fmt: skip


def _soil(heights: np.ndarray, noise: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """Texture, per cent, by what prepares K; carbon; depth and water that plants can use."""
    sand = np.clip(38 + 9 * noise[1] + heights / 90, 12, 78)
    clay = np.clip(24 - 6 * noise[1] - heights / 160, 6, 50)
    clay = np.minimum(clay, 96 - sand)
    return {
        "erodibility.sand": np.round(sand), "erodibility.clay": np.round(clay),
        "erodibility.silt": np.round(100 - np.round(sand) - np.round(clay)),
        "erodibility.organic_carbon": np.round(np.clip(1.3 + 0.35 * noise[2] + heights / 1100, 0.3, 6), 1),
        "depth_to_root_restricting_layer": np.round(np.clip(1500 - heights * 0.55 + 160 * noise[3], 250, None), -1),
        "pawc": np.round(np.clip(0.1 + 0.0024 * clay, 0.05, 0.3), 2),
    }  # fmt: skip


def _by_class(cover: np.ndarray, noise: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """NEP, g/m² of carbon, by class, with some spread."""
    nep = np.zeros(256)
    for code, row in facts()["classes"].items():
        nep[int(code)] = row[facts()["columns"].index("nep")]
    return {"nep": np.round(nep[cover] * (1 + 0.12 * np.tanh(noise[0])))}


def zones(boundary: np.ndarray, parts: Sequence[str]) -> dict[str, Any]:
    """The county divided among ``parts`` (codes) by lines from its centre, as GeoJSON with the field :data:`FIELD`."""
    told, ends = facts(), np.linspace(0, len(boundary), len(parts) + 1).round().astype(int)
    ring, features = np.vstack([boundary, boundary[:1]]), []
    for number, code in enumerate(parts):
        edge = ring[ends[number] : ends[number + 1] + 1]
        points = np.vstack([told["centre"], edge, told["centre"]]) if len(parts) > 1 else ring
        features.append({"type": "Feature", "properties": {FIELD: code},
                         "geometry": {"type": "Polygon", "coordinates": [np.round(points, 1).tolist()]}})  # fmt: skip
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{told['epsg']}"}}
    return {"type": "FeatureCollection", "crs": crs, "features": features}


def _table(columns: Sequence[str], *, ecosystem: bool) -> str:
    """Columns of the classes as CSV."""
    told, stream = facts(), io.StringIO()
    out = csv.writer(stream)
    out.writerow(["lucode", *(["ecosystem"] if ecosystem else []), *columns])
    for code, row in told["classes"].items():
        values = dict(zip(told["columns"], row, strict=True))
        out.writerow([code, *([code] if ecosystem else []), *(values[one] for one in columns)])
    return stream.getvalue()


def write(folder: Path, parts: Sequence[str], words: Mapping[str, str], made: County | None = None) -> dict[str, Path]:
    """Write the county into ``folder``; its files by role of a raster account.

    ``parts``: codes of the zones; ``words``: how the file of a role is called, without which it has the role's name.
    Needs rasterio.
    """
    import rasterio
    from rasterio.transform import from_origin

    made, told, found = made or county(), facts(), {}
    for role, values in made.layers.items():
        path = found[role] = folder / f"{words.get(role, role)}.tif"
        with rasterio.open(path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1,
                           dtype=values.dtype, crs=f"EPSG:{told['epsg']}", compress="deflate", tiled=True,
                           transform=from_origin(*made.origin, made.cell, made.cell), predictor=2,
                           nodata=NO_CODE if role == "lulc" else NODATA) as out:  # fmt: skip
            out.write(values, 1)
    of_account = [one for one in told["columns"] if one not in (*_POOLS, "nep")]
    texts = {"biophysical_table": (_table(of_account, ecosystem=True), "csv"),
             "carbon_pools": (_table(_POOLS, ecosystem=False), "csv"),
             "watersheds": (json.dumps(zones(made.boundary, parts)), "geojson")}  # fmt: skip
    for role, (text, kind) in texts.items():
        found[role] = folder / f"{words.get(role, role)}.{kind}"
        found[role].write_text(text, "utf-8")
    return found


def configuration(files: Mapping[str, Path]) -> dict[str, Any]:
    """The files of :func:`write` as what stands in a configuration of the engine, their paths without the folder."""
    told = facts()
    found: dict[str, Any] = {
        "name": "合成数据：虚构县（非实测）", "prepare": {}, **told["numbers"], "zone_field": FIELD,
        "services": told["services"], "parameters": told["parameters"], "write": ["ls", "usle", "water_retained"],
        "output": "result",
    }  # fmt: skip
    for role, path in files.items():
        layer, _dot, source = role.partition(".")
        (found["prepare"].setdefault(layer, {}) if source else found)[source or role] = path.name
    return found
