"""Readings for tests, written as they are read."""

from datetime import date
from decimal import Decimal

import numpy as np

from ecocloud.intake.monitoring.evaluation.facts import facts
from ecocloud.intake.monitoring.evaluation.in_force import InForce
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from ecocloud.intake.monitoring.evaluation.water.readings import Readings

DAY = date(2026, 3, 1)


def book(*off, on=(), name="water"):
    """The facts in force, some switched off or on."""
    return InForce(facts(name).switched(on=on, off=off), DAY)


def amounts(*values):
    """Amounts of one dimension; None is missing."""
    return Amounts.from_numbers([None if one is None else Decimal(str(one)) for one in values])


def readings(rows, lake=False, day=DAY):
    """Rows of {item: text, number or None}."""
    items = tuple(dict.fromkeys(key for row in rows for key in row))
    cells = [None if row.get(key) is None else Decimal(str(row[key])) for row in rows for key in items]
    flat = Amounts.from_numbers(cells)
    shape = (len(rows), len(items))
    amounts = Amounts(flat.values.reshape(shape), flat.missing.reshape(shape))
    lakes = np.broadcast_to(np.asarray(lake, np.bool_), (len(rows),))
    return Readings.of(items, amounts, lakes, np.full(len(rows), np.datetime64(day, "D")))
