"""Rates worked by hand; the edges: zero due, nothing came, pauses that touch a period, what has not ended yet."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring.stations.models import Upkeep
from ecocloud.intake.monitoring.stations.quality import quality
from ecocloud.intake.monitoring.stations.rates import CHINA, Counts, Pause, count_day, period_of, periods, rates

DAY = date(2026, 3, 1)
MIDNIGHT = datetime(2026, 3, 1, tzinfo=CHINA)
NEXT = MIDNIGHT + timedelta(days=1)
RULE = quality().rule


def hour(number, minute=0):
    return MIDNIGHT + timedelta(hours=number, minutes=minute)


def whole(flag="N"):
    return [(hour(n), flag) for n in range(24)]


def counted(arrived, pauses=(), until=NEXT, step=60):
    return count_day(DAY, step, until, arrived, pauses, RULE)


def test_a_full_day_of_two_channels():
    assert counted({"a": whole(), "b": whole()}) == Counts(48, 48, 48, 48, 48)
    assert rates(counted({"a": whole()})).effective == Decimal("100.0")


def test_missing_and_invalid_hours():
    """20 of 24 hours came, 18 of them marked N: 83.3 %, 90.0 %, 75.0 %."""
    values = whole()[:18] + [(hour(18), "D"), (hour(19), "C")]
    told = rates(counted({"a": values}))
    assert (told.transfer, told.validity, told.effective) == (Decimal("83.3"), Decimal("90.0"), Decimal("75.0"))


def test_what_has_not_ended_is_not_due():
    assert len(periods(DAY, 60, hour(1))) == 1
    assert len(periods(DAY, 60, hour(0, 59))) == 0
    assert len(periods(DAY, 60, NEXT)) == 24 and len(periods(DAY, 240, NEXT)) == 6
    assert len(periods(DAY, 240, hour(4) - timedelta(microseconds=1))) == 0


def test_zero_due_and_nothing_received_have_no_rate():
    nothing = rates(counted({}))
    assert (nothing.transfer, nothing.validity, nothing.effective, nothing.capture) == (None, None, None, None)
    silent = rates(counted({"a": []}))
    assert (silent.transfer, silent.validity, silent.effective) == (Decimal("0.0"), None, Decimal("0.0"))
    stopped = counted({"a": whole()}, [Pause("shutdown", MIDNIGHT)])
    assert stopped == Counts() and rates(stopped).transfer is None


@pytest.mark.parametrize(
    ("start", "end", "taken"),
    [
        (hour(3), hour(4), 1),  # exactly one period: its end is not in it
        (hour(3, 59), hour(4, 1), 2),  # one minute in each
        (hour(3), hour(3, 1), 1),
        (hour(-5), hour(0), 0),  # ends where the day begins
        (hour(24), hour(30), 0),  # begins where the day ends
        (hour(23), None, 1),  # goes on
        (hour(-5), None, 24),
    ],
)
def test_a_standstill_takes_out_every_period_it_touches(start, end, taken):
    assert counted({"a": whole()}, [Pause("shutdown", start, end)]).due == 24 - taken


def test_upkeep_is_due_but_not_asked_of_capture():
    """Two hours of calibration marked C: 22 valid of 24 due is 91.7 %, of 22 captured 100 %."""
    values = [(at, "C" if at.hour in (8, 9) else "N") for at, _ in whole()]
    made = counted({"a": values}, [Pause("calibration", hour(8), hour(10))])
    assert made == Counts(24, 24, 22, 22, 22)
    assert (rates(made).effective, rates(made).capture) == (Decimal("91.7"), Decimal("100.0"))


def test_a_fault_excuses_nothing():
    assert counted({"a": []}, [Pause("fault", MIDNIGHT)]) == Counts(24, 0, 0, 24, 0)


def test_a_pause_of_one_channel_leaves_the_others():
    assert counted({"a": [], "b": whole()}, [Pause("shutdown", MIDNIGHT, None, "a")]) == Counts(24, 24, 24, 24, 24)


def test_several_values_of_a_period_count_once_and_the_last_decides():
    assert counted({"a": [(hour(1), "D"), (hour(1, 20), "N")]}) == Counts(24, 1, 1, 24, 1)
    assert counted({"a": [(hour(1), "N"), (hour(1), "D")]}) == Counts(24, 1, 0, 24, 0)


def test_a_value_without_flag_is_valid_and_an_unknown_one_is_not():
    assert counted({"a": [(hour(0), ""), (hour(1), "Q")]}).valid == 1


def test_values_of_other_days_count_for_nothing():
    assert counted({"a": [(hour(-1), "N"), (hour(24), "N")]}).got == 0


def test_a_period_is_cut_in_chinas_day_whatever_zone_it_is_told_in():
    at = datetime.fromisoformat("2026-03-01T01:30:00+00:00")  # 09:30 in China
    assert period_of(at, 60) == hour(9) and period_of(at, 240) == hour(8)


def test_rounding_is_half_to_even():
    """1/800 = 0.125 % and 3/800 = 0.375 %: GB/T 8170 gives 0.1 and 0.4."""
    assert rates(Counts(800, 1, 1, 800, 1)).transfer == Decimal("0.1")
    assert rates(Counts(800, 3, 3, 800, 3)).transfer == Decimal("0.4")
    assert rates(Counts(2000, 1, 1, 2000, 1)).transfer == Decimal("0.0")  # 0.05 % to even


TIMES = st.datetimes(datetime(2026, 2, 28), datetime(2026, 3, 3)).map(lambda at: at.replace(tzinfo=CHINA))


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from("abc"), st.lists(st.tuples(TIMES, st.sampled_from(["N", "D", ""])), max_size=40)),
    st.lists(st.builds(Pause, st.sampled_from(Upkeep.Kind.values), TIMES, st.none() | TIMES), max_size=4),
    TIMES, st.sampled_from([60, 240, 1440]),
)  # fmt: skip
def test_counts_never_contradict_each_other(arrived, pauses, until, step):
    """What the table's constraint asks: valid <= got <= due, and capture within both."""
    made = counted(arrived, pauses, until, step)
    assert 0 <= made.valid <= made.got <= made.due
    assert made.valid_capture <= made.due_capture <= made.due and made.valid_capture <= made.valid


def test_the_rule_names_kinds_of_upkeep_that_exist():
    assert RULE.not_due | RULE.no_capture <= set(Upkeep.Kind.values) and RULE.not_due <= RULE.no_capture
