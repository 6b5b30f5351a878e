"""Units as printed in Chinese documents: parse, convert exactly, format. The model field is in ``units.fields``."""

from ecocloud.base.units.coal import CoalFactor, coal_equivalent, coal_factors
from ecocloud.base.units.english import english_unit, is_counter
from ecocloud.base.units.formatting import format_number, format_value
from ecocloud.base.units.quantity import Unit, UnitError, convert, known_symbols, parse_unit, same_dimension

__all__ = [
    "CoalFactor",
    "Unit",
    "UnitError",
    "coal_equivalent",
    "coal_factors",
    "convert",
    "english_unit",
    "format_number",
    "format_value",
    "is_counter",
    "known_symbols",
    "parse_unit",
    "same_dimension",
]
