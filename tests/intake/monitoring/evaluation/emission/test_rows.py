"""Rows of the lake to hours of outlets: the hour a stamp means, flags, days."""

from datetime import date

import numpy as np
import pytest

from ecocloud.intake.monitoring.evaluation.air.hours import TwoValues
from ecocloud.intake.monitoring.evaluation.emission.rows import outlet_hours
from tests.intake.monitoring.evaluation.emission.made import rules
from tests.intake.monitoring.evaluation.water.made import amounts

# 2026-03-01 00:00, 23:00 and 2026-03-02 00:00 in Beijing.
STAMPS = np.array(["2026-02-28T16:00", "2026-03-01T15:00", "2026-03-01T16:00"], "datetime64[us]")


def placed(hour_ending, flags=("N", "C", ""), values=(1, 2, 3)):
    return outlet_hours(
        np.zeros(3, int), STAMPS, amounts(*values), np.array(flags), count=2, first=date(2026, 3, 1), days=1,
        hour_ending=hour_ending, book=rules(),
    )  # fmt: skip


def test_a_stamp_is_the_start_or_the_end_of_its_hour():
    starts, ends = placed(False), placed(True)
    assert [starts.amounts.number(0, hour) for hour in (0, 23)] == [1, 2]
    assert [ends.amounts.number(0, hour) for hour in (0, 22, 23)] == [None, 2, 3]  # 24:00 belongs to the day that ends
    assert (starts.grid.outside, ends.grid.outside) == (1, 1)
    assert starts.amounts.missing[1].all()


def test_flags_go_along_with_their_hours():
    found = placed(False)
    assert np.flatnonzero(found.excluded[0]).tolist() == [23]
    assert not placed(False, values=(1, None, 3)).excluded.any()  # what is missing has no flag


def test_two_rows_of_an_hour_that_differ_are_refused():
    two = (np.zeros(2, int), STAMPS[[0, 0]])
    where = {"count": 1, "first": date(2026, 3, 1), "days": 1, "hour_ending": False, "book": rules()}
    assert outlet_hours(*two, amounts(1, 1), np.array(["N", "N"]), **where).amounts.number(0, 0) == 1
    for values, flags in (((1, 2), ["N", "N"]), ((1, 1), ["N", "D"])):
        with pytest.raises(TwoValues):
            outlet_hours(*two, amounts(*values), np.array(flags), **where)
