"""The life of a consultation: its days, equal to the limit, and what keeps the results back."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecocloud.portal.consulting.states import (
    Phase,
    Showing,
    State,
    Verdict,
    Window,
    concluded,
    may_answer,
    must_take_comments,
    needs_answer,
    phase,
    published,
    withdrawn,
)
from ecocloud.portal.errors import NotNow

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
OPEN = Window(State.PUBLISHED, FIRST, LAST)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "expected"),
    [(FIRST - DAY, Phase.COMING), (FIRST, Phase.RUNNING), (LAST, Phase.RUNNING), (LAST + DAY, Phase.ANSWERING)],
)
def test_both_days_of_the_window_belong_to_it(day, expected):
    assert phase(OPEN, day) is expected
    if expected is Phase.RUNNING:
        must_take_comments(OPEN, day)
    else:
        with pytest.raises(NotNow):
            must_take_comments(OPEN, day)


@given(st.sampled_from(State), st.integers(-60, 60), st.integers(0, 40), st.integers(0, 3))
def test_results_come_after_the_window_with_every_comment_answered_and_at_no_other_time(state, ahead, length, open_):
    day = date(2026, 6, 15)
    window = Window(state, day + ahead * DAY, day + (ahead + length) * DAY)
    right = state is State.PUBLISHED and window.closes < day and open_ == 0
    if right:
        assert concluded(window, day, open_) is State.CONCLUDED
    else:
        with pytest.raises(NotNow):
            concluded(window, day, open_)


@given(st.sampled_from(State), st.integers(-60, 60))
def test_from_every_state_that_is_no_end_somebody_can_move_on(state, ahead):
    day = date(2026, 6, 15)
    window = Window(state, day + ahead * DAY, day + (ahead + 10) * DAY)
    if state in (State.DRAFT, State.PUBLISHED):
        assert withdrawn(window) is State.WITHDRAWN
    else:
        with pytest.raises(NotNow):
            withdrawn(window)


def test_a_window_that_has_passed_cannot_be_published():
    draft = Window(State.DRAFT, FIRST, LAST)
    assert published(draft, LAST) is State.PUBLISHED
    with pytest.raises(NotNow):
        published(draft, LAST + DAY)
    with pytest.raises(NotNow):
        published(OPEN, FIRST)


@pytest.mark.parametrize(
    ("showing", "verdict", "keeps"),
    [
        (Showing.WAITING, None, True), (Showing.SHOWN, None, True), (Showing.SHOWN, Verdict.REJECTED, False),
        (Showing.HIDDEN, None, False), (Showing.WAITING, Verdict.ACCEPTED, True),
    ],
)  # fmt: skip
def test_what_keeps_the_results_back(showing, verdict, keeps):
    assert needs_answer(showing, verdict) is keeps


def test_answers_are_given_to_public_comments_before_the_end():
    may_answer(OPEN, Showing.SHOWN)
    for window, showing in ((OPEN, Showing.WAITING), (Window(State.CONCLUDED, FIRST, LAST), Showing.SHOWN)):
        with pytest.raises(NotNow):
            may_answer(window, showing)
