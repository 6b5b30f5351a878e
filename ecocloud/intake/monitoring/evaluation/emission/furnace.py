"""Temperature of a waste incinerator's furnace 炉膛温度: five-minute means below 850 ℃ in a natural day
(生态环境部令第10号).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecocloud.intake.monitoring.evaluation.emission.verdicts import Reason, checked
from ecocloud.intake.monitoring.evaluation.in_force import InForce, millionths
from ecocloud.intake.monitoring.evaluation.scaled import Amounts

_MINUTES_OF_A_DAY = 1440


@dataclass(frozen=True)
class FurnaceDays:
    """(furnaces, days). below: five-minute means below the least temperature; known: those that are there and not
    excused; violates: more of them than a day may have; unverified: names of unverified facts.
    """

    below: np.ndarray
    known: np.ndarray
    violates: np.ndarray
    unverified: tuple[str, ...]


def furnace_days(means: Amounts, book: InForce, excused: np.ndarray | None = None) -> FurnaceDays:
    """means: five-minute means of the thermocouples, ℃, (furnaces, days · 288), from midnight on; excused: those under
    a mark that excuses (启炉, 停炉 …). A mean that is missing is neither below nor above. Exactly 850 ℃ is not below.
    """
    book = book.fresh()
    per_day = _MINUTES_OF_A_DAY // book.get("furnace.minutes").whole()
    least = millionths(book.get("furnace.least").number())
    times = book.get("furnace.times").whole()
    usable = checked(means, "furnace", excused, book) == Reason.JUDGED
    shape = (means.shape[0], means.shape[1] // per_day, per_day)
    below = (usable & (means.values < least)).reshape(shape).sum(axis=-1)
    return FurnaceDays(below, usable.reshape(shape).sum(axis=-1), below > times, book.unverified)
