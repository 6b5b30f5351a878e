"""The life of a command: each way of the standard, each silence, and two promises under any order of events.

Waits are those of HJ 212-2017 table 1 (10 s, three re-sends); sequences of answers are those of its 6.2 and annex C.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ecocloud.intake.monitoring.commanding import machine
from ecocloud.intake.monitoring.commanding.machine import (
    Answered,
    Approve,
    Data,
    Dismiss,
    HandOut,
    NotNow,
    Plan,
    Reported,
    State,
    Tick,
    Why,
    Withdraw,
    begin,
    step,
)

START = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
READ = Plan(acts=False, approval=False, notice=False, single=True, answer_s=10, execute_s=30, whole_s=600, resends=3,
            deliver_s=3600, resend_s=300, report_s=30, approve_s=86400)  # fmt: skip
MANY = replace(READ, single=False)
NOTICE = replace(READ, notice=True)
ACT = replace(READ, acts=True, approval=True, single=False, resends=0)


def run(plan, *steps):
    """The state after steps of (seconds later, event)."""
    now, held = START, begin(plan, START)
    for seconds, event in steps:
        now += timedelta(seconds=seconds)
        held = step(plan, held, event, now)
    return held


OUT = (1, HandOut()), (1, Reported(True))


@pytest.mark.parametrize(
    ("plan", "steps", "state", "why"),
    [
        (READ, [(1, Answered("9011", 1)), (1, Data()), (1, Answered("9012", 1))], State.DONE, None),
        (READ, [(1, Answered("9012", 1))], State.DONE, None),  # some devices leave 9011 out
        (READ, [(1, Data()), (1, Answered("9012", 1))], State.DONE, None),
        (READ, [(1, Answered("9011"))], State.ACCEPTED, None),  # 9011 without a code
        (READ, [(1, Answered("9011", 2))], State.REFUSED, None),
        (READ, [(1, Answered("9011", 9))], State.REFUSED, None),
        (READ, [(1, Answered("9011", 100))], State.REFUSED, None),
        (READ, [(1, Answered("9011", 1)), (1, Answered("9012", 5))], State.FAILED, None),
        (READ, [(1, Answered("9011", 1)), (1, Answered("9012", 100))], State.FAILED, None),
        (READ, [(1, Answered("9011", 1)), (1, Answered("9012"))], State.INCOMPLETE, Why.NO_CODE),
        (READ, [(1, Answered("9014"))], State.SENT, None),
        (READ, [(1, Answered("9013"))], State.SENT, None),  # 9013 answers a notice, not a request
        (NOTICE, [(1, Answered("9013"))], State.DONE, None),
        (NOTICE, [(1, Answered("9011", 1))], State.DONE, None),
        (NOTICE, [(1, Answered("9011", 8))], State.REFUSED, None),
        (READ, [(1, Answered("9011", 1)), (1, Data()), (30, Tick())], State.DONE, Why.NO_RESULT),
        (MANY, [(1, Answered("9011", 1)), (1, Data()), (30, Tick())], State.INCOMPLETE, Why.NO_RESULT),
        (MANY, [(1, Answered("9011", 1)), (30, Tick())], State.TIMED_OUT, Why.NO_RESULT),
        (MANY, [(1, Answered("9011", 1)), (29, Data()), (29, Data()), (29, Tick())], State.ACCEPTED, None),
        (MANY, [(1, Answered("9011", 1)), (1, Answered("9011", 5))], State.ACCEPTED, None),
    ],
)
def test_after_it_went_out(plan, steps, state, why):
    found = run(plan, *OUT, *steps)
    assert (found.state, found.why) == (state, why)


def test_codes_and_packets_are_kept():
    assert run(READ, *OUT, (1, Answered("9011", 3))).result == 3
    done = run(MANY, *OUT, (1, Answered("9011", 1)), (1, Data()), (1, Data()), (1, Answered("9012", 1)), (1, Data()))
    assert (done.state, done.data, done.result, done.deadline) == (State.DONE, 3, 1, None)


def test_a_silent_device_is_asked_four_times_in_all():
    """HJ 212-2017 table 1: 10 s, three re-sends, then the link counts as unusable."""
    now, held, sendings = START, begin(READ, START), []
    while held.open:
        if held.state == State.READY:
            held = step(READ, held, HandOut(), now)
            held = step(READ, held, Reported(True), now)
            sendings.append((now - START).total_seconds())
        now += timedelta(seconds=1)
        held = step(READ, held, Tick(), now)
    assert sendings == [0, 10, 20, 30]
    assert (held.state, held.why, held.sends) == (State.TIMED_OUT, Why.NO_ANSWER, 4)
    assert now - START == timedelta(seconds=40)


def test_an_acting_command_is_sent_once():
    ready = run(ACT, (5, Approve()))
    assert ready.state == State.READY
    silent = run(ACT, (5, Approve()), *OUT, (10, Tick()))
    assert (silent.state, silent.sends, silent.deadline) == (State.TIMED_OUT, 1, None)
    with pytest.raises(ValueError, match="never sent again"):
        replace(ACT, resends=1)


def test_a_gateway_killed_between_sending_and_its_report():
    """Nobody knows whether it went out: a command that acts ends there, a reading one is asked again."""
    acting = run(ACT, (5, Approve()), (1, HandOut()), (30, Tick()))
    assert (acting.state, acting.why, acting.sends) == (State.UNKNOWN, Why.NO_REPORT, 1)
    reading = run(READ, (1, HandOut()), (30, Tick()))
    assert (reading.state, reading.sends) == (State.READY, 1)
    # an answer before the report proves that it went out; one that does not fit proves no more than that
    proven = run(ACT, (5, Approve()), (1, HandOut()), (1, Answered("9013")))
    assert (proven.state, proven.sends) == (State.SENT, 1)
    # what comes late still tells
    late = step(ACT, acting, Answered("9012", 1), START + timedelta(hours=1))
    assert (late.state, late.why) == (State.DONE, Why.ANSWERED_LATE)
    never = step(ACT, acting, Reported(False), START + timedelta(hours=1))
    assert (never.state, never.sends) == (State.UNDELIVERED, 0)
    silent = step(ACT, acting, Reported(True), START + timedelta(hours=1))
    assert (silent.state, silent.why) == (State.TIMED_OUT, Why.NO_ANSWER)


def test_a_device_off_line_is_waited_for_and_no_longer():
    assert run(READ, (3599, Tick())).state == State.READY
    assert run(READ, (3600, Tick())).why == Why.OFF_LINE
    # it went away as the gateway wanted to write: the wait goes on from the first try, and not at once
    back = run(READ, (100, HandOut()), (1, Reported(False)))
    assert (back.state, back.sends, back.deadline) == (State.READY, 0, START + timedelta(seconds=3600))
    with pytest.raises(NotNow):
        step(READ, back, HandOut(), START + timedelta(seconds=102))
    assert step(READ, back, HandOut(), START + timedelta(seconds=111)).state == State.HANDED


def test_people():
    assert run(ACT).state == State.PREPARED
    assert run(ACT, (1, Dismiss())).state == State.DISMISSED
    assert run(ACT, (1, Withdraw())).state == State.WITHDRAWN
    assert run(READ, (1, Withdraw())).state == State.WITHDRAWN
    assert run(ACT, (86400, Tick())).why == Why.NOT_APPROVED
    for steps in ([(1, Approve())], [*OUT, (1, Withdraw())], [(1, HandOut()), (30, Tick()), (1, Withdraw())]):
        with pytest.raises(NotNow):
            run(READ, *steps)
    with pytest.raises(NotNow):
        run(ACT, (1, HandOut()))


def test_late_answers_tell_but_open_nothing_again():
    silent = run(ACT, (5, Approve()), *OUT, (10, Tick()))
    later = START + timedelta(minutes=5)
    assert step(ACT, silent, Answered("9011", 1), later) == silent
    assert step(ACT, silent, Answered("9011", 2), later).state == State.REFUSED
    assert step(ACT, silent, Answered("9012", 4), later).state == State.FAILED
    assert step(ACT, silent, Data(), later).state == State.INCOMPLETE
    assert step(READ, run(READ, *OUT, (1, Answered("9011", 1)), (30, Tick())), Data(), later).state == State.DONE
    for over in (run(READ, (1, Withdraw())), run(ACT, (1, Dismiss())), run(READ, (3600, Tick()))):
        assert step(READ, over, Answered("9012", 1), later) == over


def test_real_time_data_without_end_do_not_keep_a_command_open():
    """2011: the device goes on sending with the QN of the command and never says 9012."""
    now, held = START, run(READ, *OUT, (0, Answered("9011", 1)))
    for _ in range(100):
        now += timedelta(seconds=20)
        held = step(READ, held, Data(), now)
        held = step(READ, held, Tick(), now)
    assert held.state == State.DONE
    assert held.why == Why.NO_RESULT


class AnyOrder(RuleBasedStateMachine):
    """Whatever comes in whatever order: an acting command goes out at most once, and everything ends."""

    @initialize(acts=st.booleans(), notice=st.booleans(), single=st.booleans(), resends=st.integers(0, 3))
    def start(self, acts, notice, single, resends):
        self.plan = replace(
            READ, acts=acts, approval=acts, notice=notice, single=single, resends=0 if acts else resends
        )
        self.now, self.held = START, begin(self.plan, START)
        self.handed = self.certainly_not = 0

    def take(self, event):
        before = self.held
        try:
            self.held = step(self.plan, self.held, event, self.now)
        except NotNow:
            assert isinstance(event, Approve | Dismiss | Withdraw | HandOut)
            return
        if not before.open and before.state not in machine.DOUBTFUL:
            assert replace(self.held, data=before.data) == before  # what is certain stays
        if not before.open:
            assert not self.held.open  # nothing opens again

    @rule(event=st.sampled_from([Approve(), Dismiss(), Withdraw(), Data(), Tick()]))
    def person_data_or_time(self, event):
        self.take(event)

    @rule(cn=st.sampled_from(["9011", "9012", "9013", "9014"]), code=st.sampled_from([None, 1, 2, 9, 100]))
    def answer(self, cn, code):
        self.take(Answered(cn, code))

    @rule()
    def hand_out(self):
        tries = self.held.tries
        self.take(HandOut())
        self.handed += self.held.tries - tries

    @rule(delivered=st.booleans())
    def report(self, delivered):
        """Only a gateway that has it says "not delivered", once."""
        if not delivered and self.held.state == State.HANDED:
            self.certainly_not += 1
        if delivered or self.held.state in (State.HANDED, State.READY):
            self.take(Reported(delivered))

    @rule(seconds=st.integers(1, 5000))
    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)
        self.take(Tick())

    @precondition(lambda self: self.held.open)
    @rule()
    def wait_to_the_second(self):
        self.now = max(self.now, self.held.deadline)
        self.take(Tick())

    @invariant()
    def never_twice(self):
        if not hasattr(self, "held"):
            return
        assert self.handed - self.certainly_not <= 1 + self.plan.resends
        assert self.held.sends <= 1 + self.plan.resends
        assert self.held.open == (self.held.deadline is not None)

    def teardown(self):
        """By waiting alone every command ends, after few deadlines."""
        if not hasattr(self, "held"):
            return
        for _ in range(20):
            if not self.held.open:
                return
            self.now = max(self.now, self.held.deadline)
            self.take(Tick())
        raise AssertionError(f"still {self.held}")


AnyOrder.TestCase.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)
TestAnyOrder = AnyOrder.TestCase
