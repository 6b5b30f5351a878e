"""What patrols are owed and what counts. The calendar is checked against counting days one by one."""

import random
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ecocloud.domains.chiefs.facts import PERIODS, Every, LevelRule, Minimums, variants, words
from ecocloud.domains.chiefs.owing import (
    SHORT_TIME,
    SHORT_WAY,
    TOO_SOON,
    Cover,
    InForce,
    Record,
    Slot,
    cover,
    judged,
    period_of,
    running,
    slots,
)
from ecocloud.kernel.regions.terms import Term

LONG = [Term(date(2020, 1, 1))]
MONTHLY = InForce(LevelRule(every=Every(period="month", times=1)))


def at(day, hour=9, **more):
    moment = datetime(*map(int, day.split("-")), hour)
    return Record(f"{day}-{hour}", moment, **more)


@pytest.mark.parametrize(
    ("name", "day", "first", "last"),
    [("week", "2026-03-01", "2026-02-23", "2026-03-01"), ("week", "2026-03-02", "2026-03-02", "2026-03-08"),
     ("ten_days", "2026-02-10", "2026-02-01", "2026-02-10"), ("ten_days", "2026-02-11", "2026-02-11", "2026-02-20"),
     ("ten_days", "2026-02-28", "2026-02-21", "2026-02-28"), ("ten_days", "2024-02-29", "2024-02-21", "2024-02-29"),
     ("ten_days", "2026-01-31", "2026-01-21", "2026-01-31"), ("month", "2024-02-29", "2024-02-01", "2024-02-29"),
     ("quarter", "2026-03-31", "2026-01-01", "2026-03-31"), ("quarter", "2026-04-01", "2026-04-01", "2026-06-30"),
     ("half", "2026-06-30", "2026-01-01", "2026-06-30"), ("half", "2026-12-31", "2026-07-01", "2026-12-31"),
     ("year", "2026-07-29", "2026-01-01", "2026-12-31")],
)  # fmt: skip
def test_periods_of_the_calendar(name, day, first, last):
    assert period_of(name, date.fromisoformat(day)) == (date.fromisoformat(first), date.fromisoformat(last))


@given(st.sampled_from(PERIODS), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_every_day_lies_in_exactly_one_period(name, day):
    first, last = period_of(name, day)
    assert first <= day <= last
    assert period_of(name, first) == period_of(name, last) == (first, last)
    assert period_of(name, last + timedelta(days=1))[0] == last + timedelta(days=1)


def test_the_numbers_of_a_year_by_jiangxi_rules():
    """江西省实施河长制湖长制条例: once a year, half-year, quarter, month, week. 2026 has 52 weeks that end in it."""
    rules = variants()["jx-water"].levels
    year = date(2026, 1, 1), date(2026, 12, 31)
    owed = {level: sum(slot.times for slot in slots([InForce(rules[level])], LONG, *year)) for level in rules}
    assert owed == {"province": 1, "city": 2, "county": 4, "township": 12, "village": 52}
    tens = variants()["shantou-water"].levels["township"]
    assert len(slots([InForce(tens)], LONG, *year)) == 36  # 每旬


def test_only_whole_periods_are_owed():
    held = [Term(date(2026, 1, 2), date(2026, 3, 31))]
    owed = slots([MONTHLY], held, date(2026, 1, 1), date(2026, 12, 31))
    assert [slot.first.month for slot in owed] == [2, 3]
    with_gap = [Term(date(2026, 1, 1), date(2026, 2, 9)), Term(date(2026, 2, 11))]
    assert [slot.first.month for slot in slots([MONTHLY], with_gap, date(2026, 1, 1), date(2026, 3, 31))] == [1, 3]
    joined = [Term(date(2026, 1, 1), date(2026, 2, 10)), Term(date(2026, 2, 11))]
    assert len(slots([MONTHLY], joined, date(2026, 1, 1), date(2026, 3, 31))) == 3


def test_a_period_is_judged_when_it_is_over():
    assert slots([MONTHLY], LONG, date(2026, 1, 1), date(2026, 1, 30)) == []
    assert len(slots([MONTHLY], LONG, date(2026, 1, 31), date(2026, 1, 31))) == 1
    assert running([MONTHLY], LONG, date(2026, 1, 30)) == Slot(date(2026, 1, 1), date(2026, 1, 31), 1)
    assert running([MONTHLY], [Term(date(2026, 1, 2))], date(2026, 1, 30)) is None


def test_a_rule_that_changes_in_between():
    """Monthly until 15 May, quarterly from then: May is still owed monthly, the quarter from July on."""
    quarterly = InForce(LevelRule(every=Every(period="quarter", times=2)), date(2026, 5, 16))
    monthly = InForce(MONTHLY.rule, None, date(2026, 5, 15))
    owed = slots([monthly, quarterly], LONG, date(2026, 4, 1), date(2026, 12, 31))
    assert [(slot.first.month, slot.last.month, slot.times) for slot in owed] == [
        (4, 4, 1), (5, 5, 1), (7, 9, 2), (10, 12, 2)]  # fmt: skip


def test_a_level_left_to_the_local_office_owes_nothing():
    rules = variants()["jx-forest"]
    assert slots([InForce(rules.levels["village"])], LONG, date(2026, 1, 1), date(2026, 12, 31)) == []
    assert rules.verified("county") and not rules.verified("village")


SLOT = Slot(date(2026, 3, 1), date(2026, 3, 31), 2)


def test_the_first_and_the_last_day_count_and_more_does_not_make_up():
    owed = [SLOT, Slot(date(2026, 4, 1), date(2026, 4, 30), 2)]
    rows = [at("2026-03-01"), at("2026-03-31"), at("2026-03-15"), at("2026-02-28"), at("2026-05-01")]
    assert cover(rows, owed) == Cover(owed=4, done=2, records=3)
    assert cover(rows, owed).missing == 2


def test_equal_to_a_minimum_is_enough_and_shorter_only_warns():
    minimums = Minimums(minutes=30, metres=1000, hours_between=24)
    slot = Slot(SLOT.first, SLOT.last, 4, minimums)
    rows = [at("2026-03-02", minutes=30, metres=1000), at("2026-03-03", minutes=29, metres=999),
            at("2026-03-04", 8), at("2026-03-05", 8, metres=0)]  # fmt: skip
    told = judged(rows, slot)
    assert [one.warnings for one in told] == [(), (SHORT_TIME, SHORT_WAY), (TOO_SOON,), (SHORT_WAY,)]
    assert all(one.counts for one in told)
    assert cover(rows, [slot]) == Cover(4, 4, 4, 3)


def test_minimums_decide_only_with_a_basis():
    with pytest.raises(ValidationError):
        Minimums(minutes=30, decides=True)
    slot = Slot(SLOT.first, SLOT.last, 2, Minimums(hours_between=24, decides=True, basis="县政府办〔2026〕1号"))
    rows = [at("2026-03-02"), at("2026-03-02", 20), at("2026-03-03", 8), at("2026-03-03", 9)]
    # the second and third follow too soon; the fourth is exactly a day behind the one that counted
    assert [one.counts for one in judged(rows, slot)] == [True, False, False, True]
    assert cover(rows, [slot]).done == 2


RECORDS = st.lists(
    st.builds(
        lambda day, hour, minutes, metres: at(f"2026-{3 + day // 30:02d}-{day % 30 + 1:02d}", hour, minutes=minutes,
                                              metres=metres),
        st.integers(0, 89), st.integers(0, 23), st.none() | st.integers(0, 60), st.none() | st.integers(0, 2000),
    ),
    max_size=12, unique_by=lambda record: record.key,
)  # fmt: skip


@given(RECORDS, st.integers(0, 10**6), st.booleans(), st.integers(1, 4))
def test_the_order_of_records_never_changes_coverage(rows, seed, decides, times):
    minimums = Minimums(minutes=20, hours_between=48, decides=decides, basis="依据")
    owed = [
        Slot(date(2026, month, 1), period_of("month", date(2026, month, 1))[1], times, minimums) for month in (3, 4)
    ]
    shuffled = random.Random(seed).sample(rows, len(rows))
    found = cover(rows, owed)
    assert cover(shuffled, owed) == cover(shuffled + rows, owed) == found  # nor does the same record twice
    assert 0 <= found.done <= min(found.owed, found.records) and found.owed == 2 * times
    if not decides:
        keys = {(one.start.month, one.key) for one in rows if one.start.month in (3, 4)}
        assert found.done == sum(min(times, sum(month == m for m, _key in keys)) for month in (3, 4))


def test_words_and_rules_are_there():
    facts = words()
    assert {one.family for one in facts.kinds} == {one.code for one in facts.families}
    assert set(facts.remind_days) == set(PERIODS)
    assert all(one.levels and one.citation for one in variants().values())
