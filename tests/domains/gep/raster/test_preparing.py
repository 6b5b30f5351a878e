"""Layers prepared from others, by hand from the formulas of HJ 1173-2021, and a run that prepares what it needs."""

import datetime
import math

import numpy as np
import pytest
import rasterio

from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.raster import config, layers, preparing, run
from tests.domains.gep.raster import landscape
from tests.domains.gep.raster.test_services import county


def test_rain_erodes_from_ten_millimetres_and_more_in_the_warm_months():
    """20^1.7265 = e^5.172132 = 176.29; 10^1.7265 = e^3.975410 = 53.272; April is cold, May warm; 9.99 mm count not."""
    days = [
        datetime.date(2023, 4, 30),
        datetime.date(2023, 5, 1),
        datetime.date(2023, 5, 2),
        datetime.date(2023, 10, 1),
    ]
    rain = np.array([20.0, 20.0, 9.99, 10.0]).reshape(4, 1, 1)
    expected = 0.3101 * 176.29 + 0.3937 * 176.29 + 0.3101 * 53.272
    assert preparing.erosivity(rain, days)[0, 0] == pytest.approx(expected, rel=1e-4)
    assert len(preparing.days_of(2024)) == 366 and len(preparing.days_of(2023)) == 365


def test_erodibility_by_hand():
    """Sand 40, silt 40, clay 20, carbon 1.5 %, the factors one by one."""
    coarse = 0.2 + 0.3 * math.exp(-0.0256 * 40 * 0.6)
    fine = (40 / 60) ** 0.3
    organic = 1 - 0.25 * 1.5 / (1.5 + math.exp(3.72 - 2.95 * 1.5))
    sandy = 1 - 0.7 * 0.6 / (0.6 + math.exp(-5.51 + 22.9 * 0.6))
    expected = (-0.01383 + 0.51575 * coarse * fine * organic * sandy) * 0.1317
    given = [np.full((2, 2), one) for one in (40.0, 40.0, 20.0, 1.5)]
    assert preparing.erodibility(*given) == pytest.approx(np.full((2, 2), expected))


def test_factors_of_wind_erosion_by_hand():
    """29.09 + 12.4 + 6.8 + 0.66 − 5.18 − 0.95 = 42.82 %; 1/(1 + 2.64 + 0.084)."""
    sand, silt, clay, organic, carbonate = (np.array([one]) for one in (40.0, 40.0, 20.0, 2.0, 1.0))
    assert preparing.erodible_fraction(sand, silt, clay, organic, carbonate)[0] == pytest.approx(0.4282)
    assert preparing.crust(clay, organic)[0] == pytest.approx(1 / 3.724)
    assert preparing.erodible_fraction(sand, silt, np.zeros(1), organic, carbonate)[0] == pytest.approx(0.4216)


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [
        (0, 0.1),
        (0.0999, 0.1),
        (0.1, 0.08),
        (0.3, 0.06),
        (0.5, 0.02),
        (0.7, 0.004),
        (0.9, 0.004),
        (0.901, 0.001),
        (1, 0.001),
    ],
)
def test_cover_of_forest_by_stage(fraction, expected):
    rules = np.array([preparing.told()["cover"]["parts"][0]["values"]])
    given = np.array([fraction], np.float32)
    assert preparing.cover_factor(given, np.array([0]), rules, np.array([False]))[0] == expected


def test_cover_of_dry_land_by_its_own_formula():
    found = preparing.cover_factor(np.array([0.1, 0.0, 1.0]), np.zeros(3, int), np.zeros((1, 6)), np.array([True]))
    assert found == pytest.approx([0.816, 1, 0.221])


def days(folder, name, days_, value=0.0, wet=None, nodata=landscape.NODATA):
    """A year of daily rain on nine cells; ``wet``: day number -> mm."""
    values = np.full((days_, 3, 3), value, np.float32)
    for day, rain in (wet or {}).items():
        values[day] = rain
    with rasterio.open(folder / name, "w", driver="GTiff", height=3, width=3, count=days_, dtype="float32",
                       crs="EPSG:4527", transform=rasterio.transform.from_origin(39_500_000, 3_000_000, 30, 30),
                       nodata=nodata) as out:  # fmt: skip
        out.write(values)


@pytest.fixture
def raw(tmp_path):
    """Nine cells of level forest, of which rain of two years, texture and cover of plants are known."""
    hole = (2, 0)
    values = {"sand": 40, "silt": 40, "clay": 20, "organic_carbon": 1.5, "fraction": 0.6}
    given = county(tmp_path, "11", {"dem": 100, **values}, hole)
    days(tmp_path, "rain2023.tif", 365, wet={130: 20})
    days(tmp_path, "rain2024.tif", 366, wet={10: 20, 131: 20})
    for name in values:
        del given[name]
    given["prepare"] = {
        "erosivity": {"daily_rain": {2023: "rain2023.tif", 2024: "rain2024.tif"}},
        "erodibility": {name: f"{name}.tif" for name in ("sand", "silt", "clay", "organic_carbon")},
        "cover_factor": {"fraction": "fraction.tif"},
    }
    return tmp_path, given


def ran(folder, given, **more):
    return run.run(run.prepare(config.checked({**given, **more}, folder)))


def test_a_run_prepares_what_it_needs(raw):
    """Mean of two years: (0.3937 · 176.29 + (0.3101 + 0.3937) · 176.29)/2; LS 0.03; C 0.02 at 60 per cent."""
    folder, given = raw
    made = ran(folder, given)
    r = (0.3937 + 0.3101 + 0.3937) * 176.29 / 2
    k = preparing.erodibility(*(np.array([one]) for one in (40.0, 40.0, 20.0, 1.5)))[0]
    assert made.totals("soil", "cells").tolist() == [8]
    assert made.totals("soil", "potential")[0] == pytest.approx(8 * r * k * 0.03, rel=1e-4)
    assert made.totals("soil", "actual")[0] == pytest.approx(8 * r * k * 0.03 * 0.02, rel=1e-4)
    again = ran(folder, given)
    assert {"prepared-erosivity", "prepared-erodibility", "prepared-cover_factor"} <= {*again.reused}
    days(folder, "rain2024.tif", 366, wet={10: 20, 131: 30})
    third = ran(folder, given)
    assert third.digest != made.digest and "prepared-erodibility" in third.reused
    assert "prepared-erosivity" not in third.reused and third.totals("soil", "potential") > made.totals(
        "soil", "potential"
    )


def test_arable_land_is_paddy_or_dry_and_what_has_no_rule_gives_its_own(raw, tmp_path):
    folder, given = raw
    table = folder / "table.csv"
    table.write_text("lucode,ecosystem,usle_p,paddy\n11,51,1,0\n33,51,1,1\n")
    made = ran(folder, given)
    share = made.totals("soil", "actual")[0] / made.totals("soil", "potential")[0]
    assert share == pytest.approx(0.221 - 0.595 * math.log10(0.6), rel=1e-5)
    table.write_text("lucode,ecosystem,usle_p,paddy\n11,51,1,1\n33,51,1,1\n")
    assert ran(folder, given).totals("soil", "actual")[0] == 0
    table.write_text("lucode,ecosystem,usle_p,usle_c\n11,82,1,0.8\n33,1,1,\n")
    made = ran(folder, given)
    assert made.totals("soil", "actual")[0] == pytest.approx(0.8 * made.totals("soil", "potential")[0])
    table.write_text("lucode,ecosystem,usle_p,paddy\n11,5,1,1\n33,1,1,1\n")
    with pytest.raises(GepError) as caught:
        ran(folder, given)
    assert "生态系统 5（土地覆盖代码 11）没有由植被覆盖度求 C 的规则" in caught.value.sentence_zh()


@pytest.mark.parametrize(
    ("year", "words"),
    [
        ({"days_": 360}, ("2023 年应有 365 个波段", "现有 360 个", "rain2023.tif")),
        ({"days_": 365, "wet": {40: -3}}, ("逐日降水量", "有负值", "-3")),
        ({"days_": 365, "value": -9999.0, "nodata": None}, ("没有设无数据值",)),
        ({"days_": 365, "value": 20000.0}, ("100.0%", "单位")),
    ],
)
def test_bad_rain_is_found_before_the_run(raw, year, words):
    folder, given = raw
    days(folder, "rain2023.tif", **year)
    with pytest.raises(layers.LayerError) as caught:
        run.prepare(config.checked(given, folder))
    assert all(word in caught.value.sentence_zh() for word in words), caught.value.sentence_zh()


def test_texture_that_does_not_add_up_is_refused(raw):
    folder, given = raw
    landscape.write(folder / "silt.tif", np.full((3, 3), 10.0), landscape.NODATA)
    with pytest.raises(layers.LayerError) as caught:
        ran(folder, given)
    assert "之和有 100.0% 的像元不是 100%（中位数 70）" in caught.value.sentence_zh()
    assert not (folder / "out" / "result.json").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"prepare": {"pawc": {"sand": 1}}}, ("不能制备 pawc",)),
        ({"prepare": {"erodibility": {"sand": 40, "silt": 40}}}, ("sand、silt、clay、organic_carbon",)),
        ({"prepare": {"erosivity": {"daily_rain": "rain2023.tif"}}}, ("逐日降水量按年份列文件",)),
        ({"erosivity": 5000}, ("erosivity 既给出又制备",)),
    ],
)
def test_a_recipe_that_is_wrong_is_named(raw, change, words):
    folder, given = raw
    with pytest.raises(config.ConfigError) as caught:
        config.checked({**given, **change}, folder)
    assert all(word in caught.value.sentence_zh() for word in words), caught.value.sentence_zh()
