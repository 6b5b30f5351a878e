"""Accounts from rasters: speed, memory and agreement against natcap.invest 3.20.2 on the same files in one run.

``python benchmarks/gep.py --pixels 2000 --invest DIR`` makes a synthetic county, runs sediment delivery with soil
loss, annual water yield and carbon with both, and prints wall seconds, peak memory, and how far totals by zone, flow
directions and streams agree. DIR holds an environment with InVEST; without it one is built there (Debian: libgdal-dev,
g++), which takes some minutes. ``--scale`` runs services (with ``--route`` the routing) over 13,600 squared pixels
instead, twice, each in a process of its own, and compares the bytes. Kernels are compiled before (a first run).
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import shutil
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


def timed(command: list[object]) -> tuple[float, float, float, str]:
    """A process of its own: wall seconds, CPU seconds, peak memory in MB, what it printed."""
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as printed:
        process = subprocess.Popen([str(one) for one in command], stdout=printed, stderr=subprocess.STDOUT, text=True)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        told = printed.read()
    if process.returncode:
        sys.exit(told[-3000:])
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, told


def configured(folder: Path, given: dict, output: str, **more: object) -> tuple[Path, Path]:
    """A CONFIG of the county and where its results go."""
    config, place = folder / f"{output}.yaml", folder / output
    shutil.rmtree(place, ignore_errors=True)
    config.write_text(yaml.safe_dump({**given, **more, "output": str(place)}, allow_unicode=True), "utf-8")
    return config, place


def own(folder: Path, given: dict, output: str, **more: object) -> tuple[float, float, float, dict, Path]:
    """Our run as a process of its own: wall and CPU seconds, peak MB, what it told, its output."""
    config, place = configured(folder, given, output, **more)
    wall, cpu, peak, told = timed([sys.executable, "-m", "ecocloud.cli", "gep", "run", config, "--json"])
    return wall, cpu, peak, json.loads(told.splitlines()[-1]), place


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


def county(folder: Path, pixels: int) -> dict:
    """The files of a county, made unless they are there."""
    told = folder / "given.json"
    if told.exists():
        return json.loads(told.read_text("utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    given = landscape.make(folder, pixels, pixels, holes=True)
    meta, _, shapes, values = pyogrio.raw.read(folder / "zones.geojson")
    pyogrio.raw.write(folder / "zones.gpkg", shapes, values, meta["fields"], geometry_type="Polygon", crs="EPSG:4527",
                      driver="GPKG")  # fmt: skip
    given |= {"watersheds": "zones.gpkg", "parameters": {"threshold_flow_accumulation": THRESHOLD}}
    told.write_text(json.dumps(given), "utf-8")
    return given


def compare(pixels: int, folder: Path, invest: Path | None) -> None:
    """Both tools on one county."""
    given = county(folder, pixels) | {"mode": "invest"}
    given.pop("evapotranspiration", None)
    own(folder, given, "warm", write=[])  # kernels compiled once
    write = ["flow_direction", "stream", "rkls", "usle", "avoided_erosion", "sed_export", "aet", "wyield", "carbon"]
    wall, cpu, peak, told, output = own(folder, given, "own", write=write)
    print(
        f"{pixels}² pixels: EcoCloud {wall:.1f} s, CPU {cpu:.1f} s, peak {peak:.0f} MB, {told['seconds']}", flush=True
    )
    *_, again = own(folder, given, "again", write=[])
    same = (output / "sums.csv").read_bytes() == (again / "sums.csv").read_bytes()
    print(f"  two runs: {'the same bytes' if same else 'DIFFERENT'}", flush=True)
    python = built(invest) if invest else None
    if python is None:
        print("  InVEST was not run")
        return
    (folder / "arguments.json").write_text(json.dumps(invest_arguments(folder)))
    (folder / "invest.py").write_text(INVEST)
    shutil.rmtree(folder / "invest", ignore_errors=True)
    theirs, theirs_cpu, theirs_peak, _ = timed([python, folder / "invest.py", folder / "arguments.json",
                                                folder / "told.json"])  # fmt: skip
    seconds = {name: round(value, 1) for name, value in json.loads((folder / "told.json").read_text()).items()}
    print(f"  InVEST {theirs:.1f} s, CPU {theirs_cpu:.1f} s, peak {theirs_peak:.0f} MB, {seconds}")
    print(f"  ratio of wall {theirs / wall:.1f}, of CPU {theirs_cpu / cpu:.1f}", flush=True)
    agreement(folder, output)


def routed(config: Path) -> None:
    """Elevation to LS, LS written: seconds and the digests of what was made (a process of its own)."""
    from ecocloud.domains.gep.raster import config as configs
    from ecocloud.domains.gep.raster import memory, outputs, run, sediment

    began = time.perf_counter()
    prepared = run.prepare(configs.read(config))
    checked = time.perf_counter()
    prepared.config.output.mkdir(parents=True, exist_ok=True)
    steps: dict[str, float] = {}

    def say(text: str, share: float) -> None:
        steps[text] = round(time.perf_counter() - checked, 1)

    with memory.frugal():
        flow = sediment.routed(prepared, sediment.mask(prepared), say)
        done = time.perf_counter()
        told = outputs.told_of(prepared.config.method)
        outputs.write_flat(prepared.config.output, prepared.grid, flow, {"ls": flow.ls}, told)
    digests = [hashlib.sha256(one).hexdigest()[:16] for one in (flow.direction, flow.passed, flow.stream, flow.ls)]
    print(json.dumps({"checks": checked - began, "routing": done - checked, "written": time.perf_counter() - done,
                      "begins": steps, "digests": digests}, ensure_ascii=False))  # fmt: skip


def scale(pixels: int, folder: Path, route: bool) -> None:
    """Services (or routing) over a province, twice: what comes out must be the same bytes."""
    given = county(folder, pixels)
    if route:
        files = (
            "precipitation",
            "evapotranspiration",
            "eto",
            "depth_to_root_restricting_layer",
            "pawc",
            "carbon_pools",
        )
        given = {name: value for name, value in given.items() if name not in files}
        found = []
        for output in ("first", "second"):
            config, _ = configured(folder, given, output)
            wall, cpu, peak, told = timed([sys.executable, __file__, "--routed", config])
            seconds = json.loads(told.splitlines()[-1])
            found.append(seconds.pop("digests"))
            print(f"{pixels}² pixels, elevation to LS: {seconds['routing']:.1f} s, LS written in "
                  f"{seconds['written']:.1f} s, checks before {seconds['checks']:.1f} s; the process {wall:.1f} s, "
                  f"CPU {cpu:.1f} s, peak {peak:.0f} MB; steps began at {seconds['begins']}", flush=True)  # fmt: skip
        print(f"  two runs: {'the same bytes' if found[0] == found[1] else 'DIFFERENT'}")
        return
    given = {name: value for name, value in given.items() if name not in ("dem", "erosivity", "erodibility")}
    outputs = []
    for output, write in (("first", ["water_retained", "aet", "wyield", "carbon"]), ("second", [])):
        wall, cpu, peak, told, place = own(folder, given, output, write=write)
        outputs.append(place)
        print(f"{pixels}² pixels, services of single cells, {len(write)} rasters: {wall:.1f} s, CPU {cpu:.1f} s, "
              f"peak {peak:.0f} MB, {told['seconds']}", flush=True)  # fmt: skip
    first, second = ((one / "sums.csv").read_bytes() for one in outputs)
    print(f"  two runs: {'the same bytes' if first == second else 'DIFFERENT'}")


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pixels", type=int, default=0, help="cells on a side (2000; 13600 with --scale)")
    parser.add_argument("--invest", type=Path, help="folder of an environment with InVEST, built there when absent")
    parser.add_argument("--scale", action="store_true", help="services over a province")
    parser.add_argument("--route", action="store_true", help="with --scale: routing instead, from elevation to LS")
    parser.add_argument("--folder", type=Path, help="where files are made and kept (default: a temporary folder)")
    parser.add_argument("--routed", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.routed:
        routed(args.routed)
        return
    pixels = args.pixels or (13_600 if args.scale else 2000)
    with tempfile.TemporaryDirectory() as place:
        folder = args.folder or Path(place)
        if args.scale:
            scale(pixels, folder, args.route)
        else:
            compare(pixels, folder, args.invest)


if __name__ == "__main__":
    main()
