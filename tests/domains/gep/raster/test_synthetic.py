"""The county that does not exist: plausible, the same again, taken by the engine without a remark on its layers."""

import numpy as np
import pytest

from ecocloud.domains.gep.raster import config, run, synthetic
from ecocloud.domains.gep.raster.registry import services

PARTS = ["360899001", "360899002", "360899003"]
SIZE, CELL = 100, 240.0


@pytest.fixture(scope="module")
def made():
    """The county on 100 by 100 cells of 240 m."""
    return synthetic.county(SIZE, SIZE, CELL)


def test_noise_has_no_mean_a_deviation_of_one_and_is_smoother_with_a_greater_power():
    rough, smooth = (synthetic.fractal(64, 48, 7, power) for power in (1.0, 2.0))
    for surface in (rough, smooth):
        assert surface.shape == (64, 48)
        assert surface.mean() == pytest.approx(0, abs=1e-12) and surface.std() == pytest.approx(1)
    steps = [np.abs(np.diff(surface, axis=0)).mean() for surface in (rough, smooth)]
    assert steps[1] < steps[0] / 2
    assert np.array_equal(rough, synthetic.fractal(64, 48, 7, 1.0))
    assert not np.array_equal(rough, synthetic.fractal(64, 48, 8, 1.0))


def test_layers_are_known_in_the_county_and_nowhere_else(made):
    inside = made.layers["lulc"] != synthetic.NO_CODE
    assert 0.4 < inside.mean() < 0.8
    for role, values in made.layers.items():
        if role != "lulc":
            assert values.dtype == np.float32 and ((values != synthetic.NODATA) == inside).all(), role
    x, y = made.boundary.T
    area = abs(np.dot(x - x[0], np.roll(y, -1)) - np.dot(y, np.roll(x - x[0], -1))) / 2  # the shoelace formula
    assert inside.sum() * CELL**2 == pytest.approx(area, rel=0.01)


def test_what_belongs_together_goes_together(made):
    layers, cover = made.layers, made.layers["lulc"]
    inside = cover != synthetic.NO_CODE
    assert {str(one) for one in np.unique(cover[inside])} <= {*synthetic.facts()["classes"]}
    heights = layers["dem"][inside]

    def with_height(role):
        return np.corrcoef(heights, layers[role][inside])[0, 1]

    assert with_height("precipitation") > 0.5 and with_height("hot_days") < -0.95 and with_height("eto") < -0.9
    assert layers["dem"][cover == 43].mean() < np.median(heights) - 50  # the river lies low, fields below forests
    assert layers["dem"][cover == 51].mean() < layers["dem"][cover == 12].mean()
    assert np.ptp(layers["dem"][cover == 42]) == 0  # a lake is level
    texture = sum(layers[f"erodibility.{one}"][inside] for one in ("sand", "silt", "clay"))
    assert (texture == 100).all()
    assert (layers["storm_runoff"][inside] < layers["storm_rain"][inside]).all()


def test_the_engine_takes_it_and_every_service_gives_something(made, tmp_path):
    given = synthetic.configuration(synthetic.write(tmp_path, PARTS, {}, made))
    prepared = run.prepare(config.checked({**given, "parameters": {"threshold_flow_accumulation": 100}}, tmp_path))
    assert all("取公开系数" in one for one in prepared.remarks), prepared.remarks
    found = run.run(prepared)
    assert list(found.zones) == PARTS
    cells = found.totals("area", "cells")
    assert cells.min() > 1000 and cells.sum() == pytest.approx((made.layers["lulc"] != 0).sum(), rel=0.01)
    for code in synthetic.facts()["services"]:
        column = list(services()[code].sums)[-1]
        assert found.totals(code, column).sum() > 0, code


def test_it_is_small_and_the_same_again(tmp_path):
    sizes = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        files = synthetic.write(tmp_path / name, PARTS, {"dem": "合成数据-高程"})
        sizes.append(sum(path.stat().st_size for path in files.values()))
        assert files["dem"].name == "合成数据-高程.tif"
    assert sizes[0] == sizes[1] < 3_000_000
    assert files["lulc"].read_bytes() == (tmp_path / "a" / "lulc.tif").read_bytes()
