"""What people decided about values: the newest decision counts, over a span, one factor or all."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring.quality.judging import Decision, Verdicts


def test_the_newest_decision_counts():
    told = Verdicts([
        Decision(2, "M", "a", "hour", 20, 30, True), Decision(1, "M", "", "hour", 0, 40, False),
        Decision(3, "N", "a", "hour", 0, 40, True), Decision(4, "M", "a", "day", 0, 40, True),
    ])  # fmt: skip
    stamps = np.array([0, 20, 29, 30, 39, 40])
    assert told.mask("M", "a", "hour", stamps).tolist() == [2, 1, 1, 2, 2, 0]
    assert told.mask("M", "b", "hour", stamps).tolist() == [2, 2, 2, 2, 2, 0]
    assert told.mask("X", "a", "hour", stamps).tolist() == [0] * 6
    assert told.at("M", "a", "hour", 20).number == 2
    assert told.at("M", "a", "hour", 40) is None


decisions = st.builds(
    lambda number, factor, first, length, valid: Decision(number, "M", factor, "hour", first, first + length, valid),
    st.integers(1, 10**6), st.sampled_from(["", "a", "b"]), st.integers(0, 20), st.integers(1, 10), st.booleans(),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(decisions, unique_by=lambda one: one.number), st.randoms())
def test_order_of_reading_does_not_matter_and_mask_says_what_at_says(rows, chance):
    stamps = np.arange(0, 32)
    told = Verdicts(rows).mask("M", "a", "hour", stamps).tolist()
    one_by_one = [Verdicts(rows).at("M", "a", "hour", int(at)) for at in stamps]
    assert told == [0 if one is None else 1 if one.valid else 2 for one in one_by_one]
    chance.shuffle(rows)
    assert told == Verdicts(rows).mask("M", "a", "hour", stamps).tolist()
