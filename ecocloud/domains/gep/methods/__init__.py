"""The methods of accounting, one function each: ``function(part, item) -> amount in the item's unit``.

A function reads what it needs from its :class:`~ecocloud.domains.gep.asking.Part`, which writes down what was asked for
and raises :class:`~ecocloud.domains.gep.asking.Missing` when something was not given. Units are converted in sight.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from importlib import import_module

from ecocloud.domains.gep.asking import Part

Method = Callable[[Part, str], Decimal]
HECTARES = Decimal(100)  # in a square kilometre
SQUARE_METRES = Decimal(10**6)  # in a square kilometre
WAN = Decimal(10**4)


def function(name: str) -> Method:
    """The function of a method by ``module.function``; raises AttributeError or ModuleNotFoundError."""
    module, _, member = name.partition(".")
    return getattr(import_module(f"{__name__}.{module}"), member)
