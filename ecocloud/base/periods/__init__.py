"""Periods: the time a figure belongs to."""

from ecocloud.base.periods.period import Period, PeriodError, ytd

__all__ = ["Period", "PeriodError", "ytd"]
