"""Everything that routing, soil loss and delivery give for nine cells with a hole in each corner of the elevation and
another in the cover, cell by cell against the formulas written out plainly (``reference``).

The other services have their nine cells in ``test_services``; both files see to it that none is left out.
"""

import numpy as np
import pytest

from ecocloud.domains.gep.raster import layers, registry
from tests.domains.gep.raster import landscape, reference
from tests.domains.gep.raster.test_services import CORNERS, county, ran

SIZE, EROSIVITY, ERODIBILITY, PRACTICE, THRESHOLD = 30.0, 8000, 0.01, 0.5, 2.5
# A valley that falls to the south, its bottom in the middle column; no two cells are of one height, slopes 10 to 40 %.
HEIGHTS = np.array([[129, 121, 127], [120, 109, 118], [112, 100, 108]], float)
COVER = np.array([[0.2, 0.1, 0.05], [0.3, 0.02, 0.4], [0.25, 0.15, 0.01]])
ROUTED = ["soil", "soil_nutrients", "soil_factors"]
WAYS = [("standard", "hj1173-2021"), ("standard", "invest-3.14"), ("invest", "invest-3.14")]


def expected(valid, known, mode, method):
    """Every raster, NaN where it is not known. ``valid`` cells are routed, ``known`` ones have a cover as well."""
    surface = np.where(valid, reference.filled(HEIGHTS, valid), 0)
    parts = reference.directions(surface, valid)
    passed = reference.accumulated(parts, valid, np.ones((3, 3)))
    slope = reference.slope(surface, valid, SIZE)
    stream = reference.streams(parts, passed, valid, THRESHOLD)
    ls = np.full((3, 3), np.nan)
    for cell in zip(*np.nonzero(valid), strict=True):
        ls[cell] = reference.length_and_steepness(method, slope[cell], passed[cell], SIZE)
    eroded = known & ~stream if mode == "invest" else known  # that model leaves streams out
    rkls = np.where(known, EROSIVITY * ERODIBILITY * ls, np.nan)
    usle = rkls * COVER * PRACTICE
    ratio = reference.delivered(parts, passed, valid, stream, slope, np.where(known, COVER, 0), SIZE)
    export = np.where(stream, np.nan, usle * ratio)
    settled = reference.deposited(parts, valid, ratio, np.where(stream, 0, usle * (1 - ratio)))
    direction = np.array([[sum(int(p) << 4 * k for k, p in enumerate(one)) for one in row] for row in parts], float)
    rkls, usle = (np.where(eroded, one, np.nan) for one in (rkls, usle))
    return {
        "slope": slope, "flow_direction": np.where(valid, direction, np.nan),
        "flow_accumulation": np.where(valid, passed, np.nan), "stream": np.where(valid, stream, np.nan), "ls": ls,
        "rkls": rkls, "usle": usle, "avoided_erosion": rkls - usle, "sdr": ratio, "sed_export": export,
        "sed_deposition": settled,
    }  # fmt: skip


def read(folder, name):
    with layers.rasterio.open(folder / f"{name}.tif") as source:
        values = source.read(1).astype(float)
        return np.where(values == source.nodata, np.nan, values)


@pytest.mark.parametrize(("mode", "method"), WAYS)
@pytest.mark.parametrize("corner", CORNERS)
def test_relief_soil_and_delivery_with_a_hole_in_each_corner(tmp_path, corner, mode, method):
    other = CORNERS[CORNERS.index(corner) - 1]
    valid, covered = np.ones((3, 3), bool), np.ones((3, 3), bool)
    valid[corner] = covered[other] = False
    given = county(tmp_path, "11", {"dem": 100, "cover_factor": 0.1})
    landscape.write(tmp_path / "dem.tif", np.where(valid, HEIGHTS, landscape.NODATA), landscape.NODATA)
    landscape.write(tmp_path / "cover_factor.tif", np.where(covered, COVER, landscape.NODATA), landscape.NODATA)
    given |= {"erosivity": EROSIVITY, "erodibility": ERODIBILITY, "practice_factor": PRACTICE, "mode": mode,
              "soil_density": 1.2, "soil_nitrogen": 0.2, "soil_phosphorus": 0.05, "services": ROUTED,
              "parameters": {"slope_length": method, "threshold_flow_accumulation": THRESHOLD,
                             "trace_threshold_proportion": 1}}  # fmt: skip
    wanted = expected(valid, valid & covered, mode, method)
    assert set(wanted) == {*registry.ROUTED, *registry.DELIVERED, *registry.services()["soil"].rasters}
    assert 0 < np.nansum(wanted["stream"]) < valid.sum() - 1 and np.nansum(wanted["sed_deposition"]) > 0
    made = ran(tmp_path, given, write=list(wanted))
    for name, values in wanted.items():
        assert read(tmp_path / "out", name) == pytest.approx(values, rel=2e-5, nan_ok=True), name
    kept = np.nansum(wanted["avoided_erosion"])
    eroded = np.isfinite(wanted["usle"])
    totals = {
        ("soil", "cells"): eroded.sum(), ("soil", "potential"): np.nansum(wanted["rkls"]),
        ("soil", "actual"): np.nansum(wanted["usle"]), ("soil", "retained"): kept,
        ("soil_nutrients", "retained"): kept, ("soil_nutrients", "silt"): kept * 0.24 / 1.2,
        ("soil_nutrients", "nitrogen"): kept * 0.002, ("soil_nutrients", "phosphorus"): kept * 0.0005,
        ("soil_factors", "cells"): eroded.sum(), ("soil_factors", "slope_length"): wanted["ls"][eroded].sum(),
        ("soil_factors", "cover"): COVER[eroded].sum(), ("soil_factors", "erosivity"): EROSIVITY * eroded.sum(),
        ("export", "cells"): np.isfinite(wanted["sed_export"]).sum(),
        ("export", "exported"): np.nansum(wanted["sed_export"]),
        ("deposition", "cells"): np.isfinite(wanted["sed_deposition"]).sum(),
        ("deposition", "deposited"): np.nansum(wanted["sed_deposition"]),
    }  # fmt: skip
    for (service, column), value in totals.items():
        assert made.totals(service, column)[0] == pytest.approx(value, rel=2e-5), (service, column)


def test_every_service_that_needs_the_routing_stands_here():
    assert [code for code, one in registry.services().items() if one.routed] == ROUTED
