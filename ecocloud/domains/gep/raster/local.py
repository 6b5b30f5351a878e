"""What each cell gives by itself: soil loss to water and wind, water balance, Budyko yield, factors of soil. Kernels on
arrays of any shape.

``known`` is 1 where every input is known. Sums over zones are made in the same pass (``zones``), in float64 and block
by block, so that two runs and any tiling give the same bytes.
"""

from __future__ import annotations

import math

from numba import njit

from ecocloud.domains.gep.methods import sand
from ecocloud.domains.gep.raster.powers import power


@njit(cache=True, nogil=True)
def soil_retained(erosivity, erodibility, slope_length, cover, practice):
    """Potential and actual soil loss, t/(hm²·a): ``R·K·LS`` and that times ``C·P`` (HJ 1173-2021, annex A)."""
    potential = erosivity * erodibility * slope_length
    return potential, potential * cover * practice


@njit(cache=True, nogil=True)
def water_balance(rain, runoff, evapotranspiration):
    """Water retained, mm: ``P − P·α − ET``; α a share (HJ 1173-2021, annex A)."""
    return rain - rain * runoff - evapotranspiration


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def evaporated_share(crop, reference, rain, available, root, soil_depth, vegetated, seasonality):
    """Share of the rain that evaporates: Budyko's curve in Fu's form (Zhang 2004), as InVEST's annual water yield has
    it.

    ``crop`` coefficient Kc, ``reference`` evapotranspiration mm, ``rain`` mm (> 0), ``available`` water content as a
    share, ``root`` and ``soil_depth`` mm, ``vegetated`` 0 or 1, ``seasonality`` Z. ω = Z·AWC/P + 1.25, at most 5.
    """
    dry = crop * reference / rain
    omega = min(min(root, soil_depth) * available / rain * seasonality + 1.25, 5.0)
    curve = 1 + dry - power(1 + power(dry, omega), 1 / omega)
    return min(dry, curve if vegetated else 1.0)


_wind_loss = njit(cache=True, nogil=True)(sand.soil_loss)


@njit(cache=True, nogil=True)
def wind_losses(known, weather, erodible, crust, roughness, covered, coefficient, distance, potential, actual):
    """Soil lost to wind of each known cell, t/hm², of bare ground and under ``covered`` per cent of plants:
    ``C = e^(−a·SC)``, a the ``coefficient`` of the cell (HJ 1173-2021, A.14 ff.). Fills ``potential``, ``actual``.
    """
    for cell in range(known.size):
        if known[cell]:
            cover = math.exp(-coefficient[cell] * covered[cell])
            given = float(weather[cell]), float(erodible[cell]), float(crust[cell]), float(roughness[cell])
            potential[cell] = 10 * _wind_loss(*given, 1.0, distance)
            actual[cell] = 10 * _wind_loss(*given, cover, distance)


@njit(cache=True, nogil=True)
def erosivity_day(rain, factor, threshold):
    """Erosivity of one day, MJ·mm/(hm²·h): ``α·P^1.7265`` on days with at least ``threshold`` mm (HJ 1173-2021, annex
    A); ``factor`` α differs by season.
    """
    return factor * rain**1.7265 if rain >= threshold else 0.0


@njit(cache=True, nogil=True)
def erosivity_days(rain, factors, threshold, out):
    """Add to ``out`` the erosivity of the days (rows) of each cell; ``factors`` α of each day."""
    for day in range(rain.shape[0]):
        for cell in range(rain.shape[1]):
            out[cell] += erosivity_day(float(rain[day, cell]), factors[day], threshold)


@njit(cache=True, nogil=True)
def erodibility(sand, silt, clay, carbon):
    """K, t·hm²·h/(hm²·MJ·mm): EPIC's formula brought to Chinese soils, ``(−0.01383 + 0.51575·K_EPIC)·0.1317`` (HJ
    1173-2021).

    ``sand``, ``silt``, ``clay`` and organic ``carbon`` in per cent. 0 for soil without silt and clay. Signs that the
    published copy lost follow the standard literature.
    """
    if silt + clay <= 0:
        return 0.0
    rest = 1 - sand / 100
    epic = (
        (0.2 + 0.3 * math.exp(-0.0256 * sand * (1 - silt / 100)))
        * (silt / (clay + silt)) ** 0.3
        * (1 - 0.25 * carbon / (carbon + math.exp(3.72 - 2.95 * carbon)))
        * (1 - 0.7 * rest / (rest + math.exp(-5.51 + 22.9 * rest)))
    )
    return max((-0.01383 + 0.51575 * epic) * 0.1317, 0.0)


@njit(cache=True, nogil=True)
def each_erodibility(sand, silt, clay, carbon, out):
    """K of each cell."""
    for cell in range(out.size):
        out[cell] = erodibility(sand[cell], silt[cell], clay[cell], carbon[cell])


@njit(cache=True, nogil=True)
def cover_of_dry_land(fraction):
    """C of dry land: ``0.221 − 0.595·log10(fvc)``, held between 0 and 1 (HJ 1173-2021); ``fraction`` of ground
    covered, 0 to 1.
    """
    if fraction <= 0:
        return 1.0
    return min(max(0.221 - 0.595 * math.log10(fraction), 0.0), 1.0)


@njit(cache=True, nogil=True)
def covers_of_dry_land(fraction, dry, out):
    """C of each cell that is dry land; the others of ``out`` stay as they are."""
    for cell in range(out.size):
        if dry[cell]:
            out[cell] = cover_of_dry_land(fraction[cell])
