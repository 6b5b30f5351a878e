"""Terms of office: gaps, overlaps, who holds on a day. Expected values by hand; the sweep by days is independent."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecocloud.kernel.regions.terms import Stretch, Term, TermFault, appended, current, stretches

FIRST = date(2026, 1, 1)


def on(number):
    return FIRST + timedelta(days=number)


def test_both_days_of_a_term_belong_to_it():
    term = Term(on(0), on(9))
    assert [term.holds(on(n)) for n in (-1, 0, 9, 10)] == [False, True, True, False]
    assert Term(on(0)).holds(date(2999, 1, 1))


def test_a_day_between_is_a_gap_and_a_day_shared_an_overlap():
    assert stretches([Term(on(0), on(9)), Term(on(10))]) == []
    assert stretches([Term(on(0), on(9)), Term(on(11))]) == [Stretch("vacant", on(10), on(10))]
    assert stretches([Term(on(0), on(9)), Term(on(9))]) == [Stretch("double", on(9), on(9))]
    assert stretches([Term(on(0)), Term(on(5))]) == [Stretch("double", on(5), None)]


def test_a_successor_ends_the_term_the_day_before():
    terms, fresh = appended([Term(on(0), key="a")], on(30), key="b")
    assert terms == [Term(on(0), on(29), "a"), Term(on(30), None, "b")] and fresh.key == "b"


@pytest.mark.parametrize(("start", "end"), [(0, None), (-1, None), (5, 4)])
def test_the_past_is_not_rewritten(start, end):
    with pytest.raises(TermFault):
        appended([Term(on(0))], on(start), on(end) if end is not None else None)


TERMS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(-1, 15)).map(lambda pair: Term(on(pair[0]), on(pair[0] + pair[1]))),
    max_size=6,
)


@given(TERMS)
def test_stretches_agree_with_counting_days(terms):
    held = {n: sum(term.holds(on(n)) for term in terms) for n in range(-1, 60)}
    days = [n for n, count in held.items() if count]
    vacant = {n for n in held if days and days[0] < n < days[-1] and held[n] == 0}
    double = {n for n in held if held[n] > 1}
    told = {"vacant": set(), "double": set()}
    for one in stretches(terms):
        told[one.kind] |= set(range((one.start - FIRST).days, (one.end - FIRST).days + 1))
    assert told == {"vacant": vacant, "double": double}


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_one_after_the_other_never_leaves_a_gap_or_an_overlap(steps):
    terms, day = [], 0
    for number, step in enumerate(steps):
        day += step
        terms, fresh = appended(terms, on(day), key=str(number))
        assert current(terms, on(day)) == fresh
    assert stretches(terms) == [] and len(terms) == len(steps)
    assert all(sum(term.holds(on(n)) for term in terms) <= 1 for n in range(0, day + 3))
