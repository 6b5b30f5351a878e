"""The life of a report: random walks, windows to the day, and what the machine promises."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecocloud.portal.errors import NotNow
from ecocloud.portal.reports.states import ENDED, Event, Standing, State, Windows, may, step

DAY = date(2026, 3, 2)
WINDOWS = Windows(rate_days=30, reopen_days=30, reopen_times=2)


def walk(moves, start=None):
    """Yields every standing of a walk that takes the moves that are possible."""
    now, day = start or Standing(), DAY
    for event, days in moves:
        day += timedelta(days=days)
        if may(now, event, day, WINDOWS):
            now = step(now, event, day, WINDOWS)
        yield now, day


@given(st.lists(st.tuples(st.sampled_from(Event), st.integers(0, 40)), max_size=30))
def test_a_report_has_an_end_day_exactly_while_it_is_ended_and_never_gets_stuck(moves):
    for now, day in walk(moves):
        assert (now.ended_on is not None) == (now.state in ENDED)
        assert not now.rated or now.state is State.DONE
        assert now.reopened <= WINDOWS.reopen_times
        # somebody can always move on: the unit while it is open, supervisor or office when it ended
        assert any(may(now, event, day, WINDOWS) for event in Event if event is not Event.RATE)


@given(st.lists(st.tuples(st.sampled_from(Event), st.integers(0, 40)), max_size=30))
def test_every_end_can_be_reached_from_everywhere(moves):
    for now, day in walk(moves):
        there = {now.state}
        for _round in range(4):
            there |= {step(Standing(state, day if state in ENDED else None), event, day, WINDOWS).state
                      for state in list(there) for event in Event
                      if may(Standing(state, day if state in ENDED else None), event, day, WINDOWS)}  # fmt: skip
        assert {State.DONE, State.REFUSED} <= there


@pytest.mark.parametrize(("days", "open_"), [(0, True), (30, True), (31, False)])
def test_the_window_ends_with_its_last_day(days, open_):
    done = Standing(State.DONE, DAY)
    assert may(done, Event.RATE, DAY + timedelta(days=days), WINDOWS) is open_
    assert may(done, Event.REOPEN, DAY + timedelta(days=days), WINDOWS) is open_


def test_reopening_is_counted_and_ends_with_words():
    now = Standing(State.DONE, DAY)
    for times in (1, 2):
        now = step(now, Event.REOPEN, DAY, WINDOWS)
        assert (now.state, now.reopened, now.ended_on) == (State.HANDLING, times, None)
        now = step(now, Event.FINISH, DAY, WINDOWS)
    with pytest.raises(NotNow, match="already reopened 2 times"):
        step(now, Event.REOPEN, DAY, WINDOWS)


def test_a_rating_belongs_to_one_ending():
    now = step(Standing(State.DONE, DAY), Event.RATE, DAY, WINDOWS)
    assert now.rated
    assert not step(now, Event.REOPEN, DAY, WINDOWS).rated
    assert not may(Standing(State.HANDLING), Event.RATE, DAY, WINDOWS)


def test_handing_over_twice_is_refused():
    with pytest.raises(NotNow):
        step(Standing(State.HANDLING), Event.HAND, DAY, WINDOWS)
