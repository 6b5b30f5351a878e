"""Accounts from rasters: speed, memory and agreement against natcap.invest 3.20.2 on the same files in one run.

``python benchmarks/gep.py --pixels 2000 --invest DIR`` makes a synthetic county, runs sediment delivery with soil
loss, annual water yield and carbon with both, and prints wall seconds, peak memory, and how far totals by zone, flow
directions and streams agree. DIR holds an environment with InVEST; without it one is built there (Debian: libgdal-dev,
g++), which takes some minutes. ``--scale`` runs services (and ``--route`` the routing) over 13,600 squared pixels
instead, twice, and compares the bytes.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
import shapely
import yaml
from rasterio.features import rasterize

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.domains.gep.raster import landscape  # noqa: E402

THRESHOLD = 1000
INVEST = """
import json, sys, time, resource
given = json.load(open(sys.argv[1]))
from natcap.invest.sdr import sdr
from natcap.invest.annual_water_yield import annual_water_yield
from natcap.invest.carbon import carbon
told = {}
for name, module in (("sdr", sdr), ("yield", annual_water_yield), ("carbon", carbon)):
    began = time.perf_counter()
    module.execute(given[name])
    told[name] = time.perf_counter() - began
told["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
json.dump(told, open(sys.argv[2], "w"))
"""


def built(place: Path) -> Path | None:
    """The Python of an environment with InVEST; None with the reason printed."""
    python = place / "bin" / "python"
    there = [python, "-c", "import natcap.invest.sdr"]
    if python.exists() and subprocess.run(there, capture_output=True).returncode == 0:
        return python
    limits = place.parent / "invest-constraints.txt"
    limits.parent.mkdir(parents=True, exist_ok=True)
    limits.write_text("cython<3.3\ngdal==3.6.2\n")
    pip = [place / "bin" / "pip", "install", "--quiet"]
    steps = (
        [sys.executable, "-m", "venv", place], [*pip, "numpy", "setuptools", "wheel"],
        [*pip, "--no-build-isolation", "gdal==3.6.2"], [*pip, "natcap.invest==3.20.2"],
    )  # fmt: skip
    for step in steps:
        done = subprocess.run(step, env={**os.environ, "PIP_CONSTRAINT": str(limits)}, capture_output=True, text=True)
        if done.returncode:
            print("InVEST was not built:", done.stderr.strip().splitlines()[-1:] or step)
            return None
    return python


def invest_arguments(folder: Path) -> dict[str, dict]:
    """The arguments of the three models on the files of the county."""

    def at(name: str) -> str:
        return str(folder / name)

    common = {"results_suffix": "", "n_workers": -1}
    table, zones = at("biophysical.csv"), at("zones.gpkg")
    return {
        "sdr": {**common, "workspace_dir": at("invest/sdr"), "dem_path": at("dem.tif"), "lulc_path": at("lulc.tif"),
                "erosivity_path": at("erosivity.tif"), "erodibility_path": at("erodibility.tif"),
                "watersheds_path": zones, "biophysical_table_path": table, "threshold_flow_accumulation": THRESHOLD,
                "k_param": 2, "sdr_max": 0.8, "ic_0_param": 0.5, "l_max": 122, "drainage_path": "",
                "flow_dir_algorithm": "mfd"},
        "yield": {**common, "workspace_dir": at("invest/yield"), "lulc_path": at("lulc.tif"), "eto_path": at("eto.tif"),
                  "depth_to_root_rest_layer_path": at("depth_to_root_restricting_layer.tif"),
                  "pawc_path": at("pawc.tif"),
                  "precipitation_path": at("precipitation.tif"), "watersheds_path": zones, "sub_watersheds_path": "",
                  "biophysical_table_path": table, "seasonality_constant": 5, "demand_table_path": "",
                  "valuation_table_path": ""},
        "carbon": {**common, "workspace_dir": at("invest/carbon"), "lulc_bas_path": at("lulc.tif"),
                   "carbon_pools_path": at("carbon.csv"), "calc_sequestration": False, "do_valuation": False},
    }  # fmt: skip


def own(folder: Path, given: dict, **more: object) -> tuple[float, float, dict, Path]:
    """Our run as a process of its own: wall seconds, peak MB, what it told, its output."""
    output = folder / str(more.get("output", "own"))
    config = folder / f"{output.name}.yaml"
    config.write_text(yaml.safe_dump({**given, **more, "output": str(output)}, allow_unicode=True), "utf-8")
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "ecocloud.cli", "gep", "run", str(config), "--json"],
                          capture_output=True, text=True)  # fmt: skip
    wall = time.perf_counter() - began
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return wall, peak, json.loads(done.stdout.splitlines()[-1]), output


def sums(output: Path) -> dict[tuple[str, str, str], float]:
    """Sums of a result by service, zone and column."""
    found: dict[tuple[str, str, str], float] = {}
    with (output / "sums.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            key = (row["service"], row["zone"], row["column"])
            found[key] = found.get(key, 0.0) + float(row["sum"])
    return found


def zonal(path: Path, zones: np.ndarray, count: int) -> list[float]:
    """Sums of a raster over zones given as cells of the same grid."""
    with rasterio.open(path) as source:
        values, nodata = source.read(1).astype(float), source.nodata
    known = np.isfinite(values) & (zones >= 0) & ~np.isclose(values, nodata, rtol=1e-5)
    return np.bincount(zones[known], values[known], count).tolist()


def grid_of(path: Path) -> tuple[np.ndarray, rasterio.Affine]:
    """The first band of a raster and where it lies."""
    with rasterio.open(path) as source:
        return source.read(1), source.transform


def agreement(folder: Path, output: Path) -> None:
    """How far the two agree: directions and streams cell by cell, totals by zone."""
    ours = sums(output)
    shapes = pyogrio.raw.read(folder / "zones.gpkg")[2]
    for name, theirs in (("flow_direction", "flow_direction.tif"), ("stream", "stream.tif")):
        mine, place = grid_of(output / f"{name}.tif")
        other, offset = grid_of(next((folder / "invest" / "sdr").rglob(theirs)))
        row, col = round((place.f - offset.f) / place.a), round((offset.c - place.c) / place.a)
        part = mine[row : row + other.shape[0], col : col + other.shape[1]]
        if name == "flow_direction":
            same = part == other.view(np.uint32)
        else:
            same = part == other
        print(f"  {name}: {(~same).sum():,} of {same.size:,} cells differ")
    pairs = (("soil", "potential", "sdr/intermediate_outputs/rkls.tif"), ("soil", "actual", "sdr/usle.tif"),
             ("soil", "retained", "sdr/avoided_erosion.tif"), ("export", "exported", "sdr/sed_export.tif"),
             ("deposition", "deposited", "sdr/sed_deposition.tif"),
             ("water_yield", "yielded", "yield/output/per_pixel/wyield.tif"),
             ("water_yield", "evaporated", "yield/output/per_pixel/aet.tif"),
             ("carbon", "stock", "carbon/c_storage_bas.tif"))  # fmt: skip
    for service, column, name in pairs:
        found = list((folder / "invest").glob(name)) or list((folder / "invest").rglob(Path(name).name))
        if not found:
            print(f"  {service} {column}: {name} is not there")
            continue
        _, place = grid_of(found[0])
        with rasterio.open(found[0]) as source:
            shape = source.shape
        cells = rasterize([(one, n) for n, one in enumerate(shapely.from_wkb(shapes))], shape, fill=-1, transform=place,
                          dtype="int32")  # fmt: skip
        theirs_ = zonal(found[0], cells, len(shapes))
        worst = max(abs(ours[service, str(n + 1), column] - one) / abs(one) for n, one in enumerate(theirs_) if one)
        print(f"  {service} {column}: totals by zone differ by at most {worst:.1e}")


def compare(pixels: int, folder: Path, invest: Path | None) -> None:
    """Both tools on one county."""
    given = landscape.make(folder, pixels, pixels, holes=True)
    meta, _, shapes, values = pyogrio.raw.read(folder / "zones.geojson")
    pyogrio.raw.write(folder / "zones.gpkg", shapes, values, meta["fields"], geometry_type="Polygon", crs="EPSG:4527",
                      driver="GPKG")  # fmt: skip
    given |= {"mode": "invest", "watersheds": "zones.gpkg", "parameters": {"threshold_flow_accumulation": THRESHOLD}}
    del given["evapotranspiration"]
    own(folder, {**given, "write": []}, output="warm")  # kernels compiled once
    wall, peak, told, output = own(folder, given, output="own",
                                   write=["flow_direction", "stream", "rkls", "usle", "avoided_erosion", "sed_export",
                                          "aet", "wyield", "carbon"])  # fmt: skip
    print(f"{pixels}² pixels: EcoCloud {wall:.1f} s, peak {peak:.0f} MB, {told['seconds']}")
    python = built(invest) if invest else None
    if python is None:
        print("  InVEST was not run")
        return
    (folder / "arguments.json").write_text(json.dumps(invest_arguments(folder)))
    (folder / "invest.py").write_text(INVEST)
    began = time.perf_counter()
    done = subprocess.run([python, folder / "invest.py", folder / "arguments.json", folder / "told.json"],
                          capture_output=True, text=True)  # fmt: skip
    theirs = time.perf_counter() - began
    if done.returncode:
        print(done.stderr[-1500:])
        return
    seconds = json.loads((folder / "told.json").read_text())
    print(f"  InVEST {theirs:.1f} s { ({k: round(v, 1) for k, v in seconds.items()}) }; ratio {theirs / wall:.1f}")
    agreement(folder, output)


def scale(pixels: int, folder: Path, route: bool) -> None:
    """Services (and routing) over a province, twice: the tables must be the same bytes."""
    given = landscape.make(folder, pixels, pixels, holes=True)
    if not route:
        for name in ("dem", "erosivity", "erodibility"):
            del given[name]
    write = ["ls"] if route else ["water_retained", "aet", "wyield", "carbon"]
    own(folder, {**given, "write": []}, output="warm")
    wall, peak, told, first = own(folder, given, output="first", write=write)
    print(f"{pixels}² pixels, {'routing' if route else 'services'}: {wall:.1f} s, {peak:.0f} MB, {told['seconds']}")
    _, _, _, second = own(folder, given, output="second", write=[])
    same = (first / "sums.csv").read_bytes() == (second / "sums.csv").read_bytes()
    print(f"  two runs: {'the same bytes' if same else 'DIFFERENT'}")


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pixels", type=int, default=2000, help="cells on a side")
    parser.add_argument("--invest", type=Path, help="folder of an environment with InVEST, built there when absent")
    parser.add_argument("--scale", action="store_true", help="13,600 squared pixels, services only")
    parser.add_argument("--route", action="store_true", help="with routing")
    parser.add_argument("--folder", type=Path, help="where files are made (default: a temporary folder)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as place:
        if args.scale:
            scale(args.pixels if args.pixels != 2000 else 13_600, Path(place), args.route)
        else:
            compare(args.pixels, Path(place), args.invest)


if __name__ == "__main__":
    main()
