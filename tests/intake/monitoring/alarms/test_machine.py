"""The life of an incident: each way it can go, each refusal, and what holds under any order of events."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ecocloud.intake.monitoring.alarms import machine
from ecocloud.intake.monitoring.alarms.machine import (
    Acknowledge,
    Assign,
    Done,
    FalseAlarm,
    Found,
    NotNow,
    State,
    Terms,
    Tick,
    begin,
    step,
)

START = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
TERMS = Terms(acknowledge_s=3600, escalations=2, forget_s=86400)


def run(*steps, level=1):
    """The life after steps of (minutes later, event)."""
    now, held = START, begin(TERMS, level, START)
    for minutes, event in steps:
        now += timedelta(minutes=minutes)
        held = step(TERMS, held, event, now)
    return held


@pytest.mark.parametrize(
    ("steps", "state", "active"),
    [
        ([], State.RAISED, True),
        ([(1, Acknowledge())], State.ACKNOWLEDGED, True),
        ([(1, Acknowledge()), (1, Found(0))], State.CLOSED, False),
        ([(1, Found(0))], State.OVER, False),
        ([(1, Found(0)), (1, Acknowledge())], State.CLOSED, False),
        ([(1, Found(0)), (24 * 60, Tick())], State.CLOSED, False),
        ([(1, Found(0)), (1, Found(1))], State.RAISED, True),
        ([(1, Assign()), (1, Found(0))], State.ASSIGNED, False),
        ([(1, Assign()), (1, Found(0)), (1, Done())], State.CLOSED, False),
        ([(1, Assign()), (1, Done())], State.ACKNOWLEDGED, True),  # done, but the values still say so
        ([(1, Assign()), (1, Done()), (1, Found(0))], State.CLOSED, False),
        ([(1, Assign()), (1, Found(0)), (1, Found(2))], State.ASSIGNED, True),
        ([(1, FalseAlarm())], State.FALSE, True),
        ([(1, FalseAlarm()), (1, Found(0))], State.FALSE, True),  # ended: what is found changes nothing
        ([(1, Acknowledge()), (1, Found(2))], State.RAISED, True),  # worse than what was acknowledged
        ([(1, Found(3)), (1, Acknowledge()), (1, Found(1)), (1, Found(2))], State.ACKNOWLEDGED, True),
    ],
)
def test_ways_of_an_incident(steps, state, active):
    held = run(*steps)
    assert (held.state, held.active) == (state, active)


def test_levels_up_and_down():
    held = run((1, Found(3)), (1, Found(2)))
    assert (held.level, held.peak, held.raises) == (2, 3, 1)
    again = run((1, Found(0)), (1, Found(2)))
    assert (again.level, again.peak, again.raises) == (2, 2, 2)


def test_nobody_acknowledges():
    assert run((59, Tick())).escalations == 0
    assert run((60, Tick())).escalations == 1  # the very minute
    held = run((60, Tick()), (60, Tick()), (600, Tick()))
    assert (held.escalations, held.deadline, held.state) == (2, None, State.RAISED)
    assert run((60, Tick()), (1, Acknowledge())).deadline is None
    assert run((1, Found(0)), (60, Tick())).escalations == 0  # over: nobody is called any more


@pytest.mark.parametrize(
    "steps",
    [
        [Acknowledge(), Acknowledge()],
        [Done()],
        [FalseAlarm(), Acknowledge()],
        [FalseAlarm(), FalseAlarm()],
        [FalseAlarm(), Assign()],
        [Assign(), Acknowledge()],
        [Acknowledge(), Found(0), Assign()],
    ],
)
def test_steps_that_do_not_fit(steps):
    with pytest.raises(NotNow):
        run(*[(1, one) for one in steps])


class AnyOrder(RuleBasedStateMachine):
    """Any order of events with time going on."""

    def __init__(self):
        super().__init__()
        self.now, self.held = START, begin(TERMS, 1, START)
        self.history = [self.held]

    def do(self, event):
        before = self.held
        try:
            self.held = step(TERMS, before, event, self.now)
        except NotNow:
            assert self.held == before
        self.history.append(self.held)

    @rule(minutes=st.integers(0, 2000))
    def wait(self, minutes):
        self.now += timedelta(minutes=minutes)
        self.do(Tick())

    @rule(event=st.one_of(st.builds(Found, st.integers(0, 3)),
                          st.sampled_from([Acknowledge(), Assign(), Done(), FalseAlarm()])))  # fmt: skip
    def happen(self, event):
        self.do(event)

    @precondition(lambda self: self.held.open)
    @rule()
    def it_can_always_end(self):
        held = self.held
        if held.active:
            held = step(TERMS, held, Found(0), self.now)
        if held.state == State.ASSIGNED:
            held = step(TERMS, held, Done(), self.now)
        elif held.state == State.OVER:
            held = step(TERMS, held, Acknowledge(), self.now)
        assert held.state == State.CLOSED

    @invariant()
    def it_holds_together(self):
        one = self.held
        assert one.active == (one.level > 0) and one.peak >= max(1, one.level)
        assert (one.deadline is None) or one.state in machine.UNSEEN
        assert one.state != State.OVER or (not one.active and one.deadline is not None)
        assert one.escalations <= TERMS.escalations * (len(self.history) + 1)

    @invariant()
    def an_end_is_an_end(self):
        ended = [one for one in self.history if not one.open]
        assert all(one == ended[0] for one in ended)

    @invariant()
    def nothing_active_is_closed_as_over(self):
        assert self.held.state != State.CLOSED or not self.held.active


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestAnyOrder = AnyOrder.TestCase
