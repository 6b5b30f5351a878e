"""What single cells give, by hand from the formulas of HJ 1173-2021, annex A, with the edges of its stretches."""

import math

import pytest

from ecocloud.domains.gep.methods import sand
from ecocloud.domains.gep.raster import local, slope_length


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [
        (0, 0.03),
        (5.13, 10.8 * 0.0894165 + 0.03),  # sin 5.13° = 0.0894165
        (5.14, 16.8 * 0.0895903 - 0.5),  # the limit belongs to the steeper stretch
        (10.20, 21.9 * 0.1770847 - 0.96),
        (28.80, 21.9 * 0.4817537 - 0.96),
        (28.81, 9.5988),
        (60, 9.5988),
    ],
)
def test_steepness_by_stretch(degrees, expected):
    assert slope_length.steepness_hj1173(degrees) == pytest.approx(expected, abs=1e-4)


def test_length_is_one_at_the_length_of_the_standard_plot():
    assert slope_length.length_hj1173(22.13, 12) == pytest.approx(1)
    assert slope_length.length_hj1173(50, 0) == 1  # m is 0 on level ground


def test_erosivity_of_a_day():
    """0.3937 · 20^1.7265: the power is e^(1.7265 · 2.995732) = e^5.172132 = 176.29."""
    assert local.erosivity_day(20.0, 0.3937, 10.0) == pytest.approx(0.3937 * 176.29, rel=1e-4)
    assert local.erosivity_day(10.0, 0.3101, 10.0) > 0  # the threshold itself erodes
    assert local.erosivity_day(9.99, 0.3101, 10.0) == 0


def test_cover_of_dry_land_is_held_between_0_and_1():
    assert local.cover_of_dry_land(0.1) == pytest.approx(0.816)  # 0.221 + 0.595
    assert local.cover_of_dry_land(1.0) == pytest.approx(0.221)
    assert local.cover_of_dry_land(0.01) == 1 and local.cover_of_dry_land(0.0) == 1


def test_erodibility_of_soil_without_fine_parts_is_zero_and_of_loam_plausible():
    assert local.erodibility(100.0, 0.0, 0.0, 0.5) == 0
    assert 0.003 < local.erodibility(40.0, 40.0, 20.0, 1.5) < 0.06


@pytest.mark.parametrize(("vegetated", "root"), [(1, 3000.0), (0, 1.0)])
def test_no_more_evaporates_than_falls(vegetated, root):
    share = local.evaporated_share(1.2, 5000.0, 100.0, 0.2, root, 1000.0, vegetated, 5.0)
    assert 0 < share <= 1


def test_budyko_by_hand():
    """Kc 1, ETo = P = 1000, AWC = 150 mm, Z 5: ω = 0.75 + 1.25 = 2; 1 + 1 − √2 = 0.585786."""
    share = local.evaporated_share(1.0, 1000.0, 1000.0, 0.15, 1000.0, 2000.0, 1, 5.0)
    assert share == pytest.approx(2 - math.sqrt(2))


def test_soil_lost_to_wind_is_none_without_wind_and_rises_with_bare_ground():
    assert sand.soil_loss(0.0, 0.5, 0.5, 1.0, 1.0, 50.0) == 0
    bare, covered = (sand.soil_loss(20.0, 0.5, 0.5, 1.0, cover, 50.0) for cover in (1.0, 0.2))
    assert bare > covered > 0
