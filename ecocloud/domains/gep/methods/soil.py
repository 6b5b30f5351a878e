"""Soil retention 土壤保持: what did not wash away, valued by the silt and nutrients that stay."""

from __future__ import annotations

from decimal import Decimal

from ecocloud.domains.gep.asking import Part
from ecocloud.domains.gep.methods import HECTARES


def retained(
    erosivity: Decimal, erodibility: Decimal, slope_length: Decimal, cover: Decimal, practice: Decimal
) -> Decimal:
    """Soil retained, t/(hm²·a): ``R·K·LS·(1 − C·P)`` (HJ 1173-2021, annex A; with P = 1 its own form ``1 − C``).

    Units: R MJ·mm/(hm²·h·a), K t·hm²·h/(hm²·MJ·mm), the others without unit.
    """
    return erosivity * erodibility * slope_length * (1 - cover * practice)


def silt_volume(soil: Decimal, share: Decimal, density: Decimal) -> Decimal:
    """Silt that did not settle, m³: ``λ·Q/ρ``; ``soil`` t, ``share`` λ, ``density`` ρ t/m³ (Ganzi 2010: 38.86 亿t ->
    10.03 亿m³).
    """
    return share * soil / density


def nutrient(soil: Decimal, content: Decimal) -> Decimal:
    """Nitrogen or phosphorus that stayed in the soil, t; ``soil`` t, ``content`` %."""
    return soil * content / 100


def _amount(part: Part, item: str, soil: Decimal) -> Decimal:
    if item == "silt":
        return silt_volume(soil, part.parameter("silt_share"), part.parameter("soil_density"))
    return nutrient(soil, part.parameter(f"soil_{item}"))


def from_means(part: Part, item: str) -> Decimal:
    """From the mean factors of one ecosystem. The mean of products is not the product of means: where rasters are at
    hand, :func:`from_amount` is nearer to the truth.
    """
    per_hectare = retained(
        part.datum("erosivity"), part.datum("erodibility"), part.datum("slope_length"), part.datum("cover"),
        part.parameter("practice"),
    )  # fmt: skip
    return _amount(part, item, part.datum("area") * HECTARES * per_hectare)


def from_amount(part: Part, item: str) -> Decimal:
    """From soil retained as the raster engine sums it, t."""
    return _amount(part, item, part.datum("soil_kept"))
