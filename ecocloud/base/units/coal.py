"""Standard coal: fuels, heat and electricity expressed in 标准煤 through cited factors."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from ecocloud.base.units.quantity import Unit, UnitError, _finite, _number, parse_unit, same_dimension


class CoalFactor(BaseModel):
    """A conversion factor: ``value`` kilograms of standard coal for one ``per`` of the fuel."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    fuel: str
    value: Decimal = Field(gt=0)
    unit: str
    per: str
    valid_from: str
    citation: str
    mark: Literal["verified", "from_memory"]
    note: str = ""


class _FactorFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    factors: tuple[CoalFactor, ...]


@lru_cache(maxsize=1)
def coal_factors() -> dict[str, CoalFactor]:
    """Every fuel with its factor, in the order of the data file."""
    text = (files(__package__) / "data" / "energy_factors.yaml").read_text(encoding="utf-8")
    loaded = _FactorFile.model_validate(yaml.safe_load(text))
    return {factor.fuel: factor for factor in loaded.factors}


def coal_equivalent(value: Decimal | int, unit: str | Unit, fuel: str, *, to: str = "吨标准煤") -> Decimal:
    """Standard coal for an amount of ``fuel`` (GB/T 2589-2020, reference factors of annex A).

    value, unit: the amount, for example 3, "万吨"; fuel: a key of :func:`coal_factors`; to: unit of the result.
    Raises :class:`UnitError` for an unknown fuel or a unit that does not measure it.
    """
    factor = coal_factors().get(fuel)
    if factor is None:
        raise UnitError(
            f"没有“{fuel}”的折标准煤系数。",
            f"no standard coal factor for {fuel!r}",
            code="units.fuel",
            value=fuel,
            known=tuple(coal_factors()),
        )
    source, per, kilogram, target = parse_unit(unit), parse_unit(factor.per), parse_unit(factor.unit), parse_unit(to)
    if not same_dimension(source, per):
        raise UnitError(
            f"“{fuel}”按“{factor.per}”折算，不能用“{source.symbol}”。",
            f"{fuel!r} is measured in {factor.per}, not {source.symbol}",
            code="units.dimension",
            value=source.symbol,
            known=(factor.per,),
        )
    if not same_dimension(target, kilogram):
        raise UnitError(
            f"“{target.symbol}”不是标准煤的单位。",
            f"{target.symbol!r} is not a unit of standard coal",
            code="units.dimension",
            value=target.symbol,
            known=("吨标准煤", "万吨标准煤", "千克标准煤"),
        )
    amount = Fraction(_number(value)) * source.factor / per.factor
    return _finite(amount * Fraction(factor.value) * kilogram.factor / target.factor)
