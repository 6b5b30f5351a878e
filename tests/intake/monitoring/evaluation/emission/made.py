"""Hours of one outlet for tests."""

from datetime import date

import numpy as np

from ecocloud.intake.monitoring.evaluation.emission.limits import limits_of
from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from tests.intake.monitoring.evaluation.water.made import amounts, book

DAY = date(2026, 3, 1)


def rules(*off):
    """The facts of emission in force, some switched off."""
    return book(*off, name="emission")


def hours(*values, days=1):
    """One row of hours; a single value fills all."""
    one = amounts(*(values * (24 * days) if len(values) == 1 else values))
    return Amounts(one.values[None, :], one.missing[None, :])


def limit(name, *levels, built=date(2015, 1, 1)):
    """A limit by ``standard.level.item…``."""
    standard, _, rest = name.partition(".")
    found = limits_of(standard, levels or (rest.split(".")[0],), DAY, built=built)
    return next(one for one in found if one.name == name)


def rows(*several):
    """Rows of hours as one grid."""
    return Amounts(np.concatenate([one.values for one in several]), np.concatenate([one.missing for one in several]))
