"""Lights, cycles and codes. Expected lights are worked out by hand from data/lights.yaml (near 5 working days, yellow
at 5 points behind, red at 20, nothing from the gap in the first 10 % of the time)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.kernel.duties import codes, cycles, lights


class Weekdays:
    """Monday to Friday are working days."""

    def workdays_between(self, start, end):
        if end < start:
            return -self.workdays_between(end, start)
        return sum((start + timedelta(days=n)).weekday() < 5 for n in range(1, (end - start).days + 1))

    def add_workdays(self, day, count):
        while count:
            day += timedelta(days=1)
            count -= day.weekday() < 5
        return day


RULE = lights.default_rule()
START, DUE = date(2026, 1, 1), date(2026, 4, 11)  # 100 days


def at(passed, progress, **more):
    day = START + timedelta(days=passed)
    given_ = {"deadline": DUE, "start": START, "today": day, "progress": Decimal(progress), "rule": RULE}
    return lights.light(**(given_ | {"calendar": Weekdays()} | more))


@pytest.mark.parametrize(
    ("passed", "progress", "code"),
    [
        (0, 0, "green"),
        (9, 0, "green"),  # within the first 10 % of the time
        (10, 0, "yellow"),  # exactly at the grace share: 10 points behind
        (50, "45.1", "green"),  # 4.9 points behind
        (50, 45, "yellow"),  # exactly 5 points
        (50, "30.1", "yellow"),
        (50, 30, "red"),  # exactly 20 points
        (50, 90, "green"),  # ahead of plan
        (91, 95, "green"),  # Thursday 2026-04-02, 6 working days left
        (92, 95, "yellow"),  # Friday 2026-04-03, 5 working days left
        (100, 99, "yellow"),  # the deadline itself is not overdue
        (100, 100, "green"),
        (101, 100, "red"),
    ],
)
def test_light_at_the_edges(passed, progress, code):
    assert at(passed, progress).code == code


def test_words_state_the_cause():
    # 2026-04-02 to 2026-04-11: 9 days, of which 3, 6, 7, 8, 9, 10 April are weekdays.
    assert at(91, 82).words == "距期限 9 天（6 个工作日）；实际 82%，序时 91%"
    assert at(103, 82).words == "逾期 3 天；实际 82%，序时 100%"
    assert at(100, 90).words == "今天到期；实际 90%，序时 100%"


def test_reported_closed_and_without_deadline():
    assert at(50, 0, reported=True).code == "green"
    assert at(120, 0, reported=True).code == "red"
    assert at(50, 0, deadline=None).code == "none"
    closed = at(120, 100, closed_on=date(2026, 4, 13))
    assert (closed.code, closed.words) == ("closed", "2026-04-13 办结，超期限 2 天")
    assert at(120, 100, closed_on=DUE).words == "2026-04-11 按期办结"


def test_ranks_put_what_is_late_first():
    assert sorted(lights.RANKS, key=lights.RANKS.get) == ["red", "yellow", "green", "none", "closed"]
    assert set(lights.LABELS) == set(lights.RANKS)


def test_planned_progress_with_deadline_on_or_before_start():
    assert lights.planned_progress(START, START, START) == 100
    assert lights.planned_progress(START, START, START - timedelta(days=1)) == 0


@settings(max_examples=100, deadline=None)
@given(st.integers(-50, 300), st.integers(0, 100), st.integers(0, 100))
def test_more_progress_never_gives_a_worse_light(passed, low, more):
    assert at(passed, min(100, low + more)).rank >= at(passed, low).rank


def test_cycles_give_periods_and_due_days():
    got = cycles.turns("monthly", date(2026, 1, 31), date(2026, 3, 1), Weekdays())
    assert [t.period for t in got] == ["2026-01", "2026-02", "2026-03"]
    # three working days after Saturday 31 January 2026: Wednesday 4 February
    assert (got[0].last, got[0].due) == (date(2026, 1, 31), date(2026, 2, 4))
    assert [t.period for t in cycles.turns("quarterly", date(2026, 1, 1), date(2026, 12, 31), Weekdays())] == [
        "2026Q1",
        "2026Q2",
        "2026Q3",
        "2026Q4",
    ]
    assert [t.first for t in cycles.turns("halfyear", date(2026, 1, 1), date(2026, 12, 31), Weekdays())] == [
        date(2026, 1, 1),
        date(2026, 7, 1),
    ]
    week = cycles.turns("weekly", date(2026, 1, 1), date(2026, 1, 5), Weekdays())
    assert [(t.first, t.last) for t in week] == [
        (date(2025, 12, 29), date(2026, 1, 4)),
        (date(2026, 1, 5), date(2026, 1, 11)),
    ]
    assert cycles.turns("none", date(2026, 1, 1), date(2026, 12, 31), Weekdays()) == []


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["weekly", "monthly", "quarterly", "halfyear"]), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_periods_leave_no_day_out_and_none_twice(code, day):
    _, first, last = cycles.period_of(code, day)
    assert first <= day <= last
    assert cycles.period_of(code, last + timedelta(days=1))[1] == last + timedelta(days=1)


def test_codes():
    assert codes.code_for("task", year=2026, region="360800", number=7) == "督2026-0007"
    assert codes.code_for("task", year=2026, region="360800", number=12345) == "督2026-12345"
    assert codes.scope_key("task", year=2026, region="360800") == "task|2026"
    with pytest.raises(ValueError, match="编号规则"):
        codes.CodeRule(pattern="督{year}", scope=[])
