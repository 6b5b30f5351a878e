"""A synthetic county on disk, seeded: hills with valleys and pits, rasters that belong together, tables, two zones."""

import csv
import json

import numpy as np
import rasterio
from rasterio.transform import from_origin

CODES = (11, 12, 33, 41, 51, 52, 61)
# usle_c, usle_p, kc, root_depth mm, lulc_veg, runoff %, carbon above, below, soil, dead t/hm²
TABLE = {
    11: (0.002, 1, 1.0, 3500, 1, 4.65, 55, 14, 110, 4),
    12: (0.004, 1, 0.95, 3000, 1, 4.52, 48, 12, 100, 5),
    33: (0.06, 1, 0.65, 1500, 1, 3.87, 3, 5, 90, 1),
    41: (0.0, 1, 1.05, 1, 0, 0, 1, 1, 120, 0),
    51: (0.22, 0.6, 0.85, 900, 1, 25, 4, 2, 80, 0),
    52: (0.09, 0.8, 0.8, 1800, 1, 9.57, 14, 5, 85, 1),
    61: (0.01, 1, 0.3, 1, 0, 60, 1, 0, 40, 0),
}
COLUMNS = ("usle_c", "usle_p", "kc", "root_depth", "lulc_veg", "runoff")
POOLS = ("c_above", "c_below", "c_soil", "c_dead")
NODATA = -9999.0
# HJ 1166 class of each code.
ECOSYSTEMS = {11: "11", 12: "12", 33: "33", 41: "41", 51: "51", 52: "52", 61: "61"}


def more(folder, given, rows=300, cols=280, seed=20240607, holes=True, cell=30.0):
    """Layers of the other services beside those of :func:`make`; the mapping for the configuration of all services."""
    rng = np.random.default_rng(seed + 2)
    y, x = np.mgrid[0:rows, 0:cols]
    wave = np.sin(x / 23) * np.cos(y / 31)
    spans = {
        "storm_rain": (180, 320), "storm_runoff": (40, 160), "nep": (-60, 520), "npp_carbon": (300, 900),
        "respiration": (200, 500), "npp_dry": (500, 1900), "hot_days": (90, 150), "water_evaporation": (500, 900),
        "soil_density": (1.0, 1.5), "soil_nitrogen": (0.05, 0.4), "soil_phosphorus": (0.02, 0.11),
        "wind_factor": (5, 60), "erodible_fraction": (0.2, 0.6),
        "crust": (0.3, 0.9), "roughness": (0.5, 1), "vegetation_cover": (5, 95),
    }  # fmt: skip
    for name, (low, high) in spans.items():
        values = (low + (high - low) * (1 + wave) / 2).astype(np.float32)
        if holes:
            row, col = int(rng.integers(5, rows - 15)), int(rng.integers(5, cols - 15))
            values[row : row + 5, col : col + 7] = NODATA
        write(folder / f"{name}.tif", values, NODATA, cell)
    with rasterio.open(folder / "lulc.tif") as source:
        before = np.roll(source.read(1), 6, axis=1)
    write(folder / "lulc_before.tif", before, 255, cell)
    with (folder / "biophysical.csv").open("w", newline="") as stream:
        out = csv.writer(stream)
        capacities = ("capacity_cod", "capacity_nh3n", "capacity_tn", "capacity_tp", "carbon_rate", "capacity_so2")
        out.writerow(["lucode", "ecosystem", *COLUMNS, *capacities])
        out.writerows([code, ECOSYSTEMS[code], *TABLE[code][:6], 110, 9, 25, 3, 0.8, 120] for code in CODES)
    return {**given, **{name: f"{name}.tif" for name in (*spans, "lulc_before")},
            "parameters": {"threshold_flow_accumulation": 200, "years": 5, "wind_distance": 50}}  # fmt: skip


STRIP = 256  # rows made at a time, so that a province fits into memory


def relief(rows, cols, seed=20240607):
    """Heights in m: sums of waves of several lengths, a tilt, and noise that makes pits."""
    rng = np.random.default_rng(seed)
    waves = [(length, height, rng.uniform(0, 2 * np.pi), rng.uniform(0, 2 * np.pi, 2))
             for length, height in ((400, 120), (130, 60), (45, 22), (15, 6))]  # fmt: skip
    tilt = min(0.02, 240 / (cols + 2 * rows))  # never all the way down to the sea
    heights = np.empty((rows, cols), np.float32)
    for top in range(0, rows, STRIP):
        y, x = np.mgrid[top : min(top + STRIP, rows), 0:cols].astype(np.float32)
        part = 300 - tilt * (x + 2 * y)
        for length, height, angle, shift in waves:
            along = x * np.cos(angle) + y * np.sin(angle)
            across = -x * np.sin(angle) + y * np.cos(angle)
            part += (
                height * np.sin(2 * np.pi * along / length + shift[0]) * np.cos(2 * np.pi * across / length + shift[1])
            )
        heights[top : top + STRIP] = np.maximum(part + rng.normal(0, 1.0, part.shape).astype(np.float32), 5)
    return heights


def write(path, values, nodata, cell=30.0, crs="EPSG:4527", origin=(39_500_000, 3_000_000)):
    """A raster as GeoTIFF with blocks of 256."""
    with rasterio.open(path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1,
                       dtype=values.dtype, crs=crs, transform=from_origin(*origin, cell, cell), nodata=nodata,
                       tiled=True, blockxsize=256, blockysize=256, compress="lzw") as out:  # fmt: skip
        out.write(values, 1)


def make(folder, rows=300, cols=280, seed=20240607, holes=True, cell=30.0):
    """All files of a run in ``folder``; the mapping for its configuration."""
    rng = np.random.default_rng(seed + 1)
    heights = relief(rows, cols, seed)
    y, x = np.mgrid[0:rows, 0:cols]
    smooth = np.sin(x / 37) * np.cos(y / 51)
    cover = np.array(CODES, np.uint8)[np.clip(((heights / heights.max() + 0.3 * smooth) * 7).astype(int), 0, 6)]
    rasters = {
        "dem": heights,
        "lulc": cover,
        "erosivity": (7000 + 1500 * smooth).astype(np.float32),
        "erodibility": (0.008 + 0.003 * np.cos(x / 70)).astype(np.float32),
        "precipitation": (1600 + 200 * smooth + heights * 0.3).astype(np.float32),
        "evapotranspiration": (820 + 60 * np.cos(y / 90)).astype(np.float32),
        "eto": (1050 - heights * 0.2).astype(np.float32),
        "depth_to_root_restricting_layer": (1200 + 500 * np.sin(x / 99)).astype(np.float32),
        "pawc": (0.14 + 0.05 * np.cos(x / 61)).astype(np.float32),
    }
    if holes:
        for name, values in rasters.items():
            if name != "lulc":
                row, col = int(rng.integers(5, rows - 15)), int(rng.integers(5, cols - 15))
                values[row : row + 7, col : col + 5] = NODATA
        rasters["dem"][:3, : cols // 2] = NODATA
        cover[-4:, -9:] = 255
    for name, values in rasters.items():
        write(folder / f"{name}.tif", values, 255 if name == "lulc" else NODATA, cell)
    with (folder / "biophysical.csv").open("w", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(["lucode", *COLUMNS])
        out.writerows([code, *TABLE[code][:6]] for code in CODES)
    with (folder / "carbon.csv").open("w", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(["lucode", *POOLS])
        out.writerows([code, *TABLE[code][6:]] for code in CODES)
    west, north = 39_500_000, 3_000_000
    cuts = ((0.02, 0.453), (0.453, 0.97))
    zones = [
        [[west + a * cols * cell, north - 0.03 * rows * cell], [west + b * cols * cell, north - 0.03 * rows * cell],
         [west + b * cols * cell, north - 0.96 * rows * cell], [west + a * cols * cell, north - 0.96 * rows * cell]]
        for a, b in cuts
    ]  # fmt: skip
    (folder / "zones.geojson").write_text(json.dumps({
        "type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4527"}},
        "features": [
            {"type": "Feature", "properties": {"ws_id": number + 1},
             "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}}
            for number, ring in enumerate(zones)
        ],
    }))  # fmt: skip
    named = {name: f"{name}.tif" for name in rasters}
    return {
        "name": "试验县", **named, "biophysical_table": "biophysical.csv", "carbon_pools": "carbon.csv",
        "watersheds": "zones.geojson", "output": "out",
        "parameters": {"threshold_flow_accumulation": 200},
    }  # fmt: skip
