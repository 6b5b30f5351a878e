"""The expression language of registers: small, total, typed, unit-checked and bounded in cost."""

from ecocloud.kernel.registers.expressions.checking import BOOL, DATE, TEXT, Kind, Scope, list_of, number, text_of
from ecocloud.kernel.registers.expressions.evaluation import (
    Aggregate,
    Expression,
    compile_aggregate,
    compile_row,
    together,
)

__all__ = [
    "BOOL", "DATE", "TEXT", "Aggregate", "Expression", "Kind", "Scope", "compile_aggregate", "compile_row", "list_of",
    "number", "text_of", "together",
]  # fmt: skip
