"""Evaluation of rules: each condition by hand, plain second implementations, batches, late data, planted faults.

The oracles below are loops over the whole series; they share no code with the engine but the reading of a rule.
"""

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring.alarms import document, engine, facts
from ecocloud.intake.monitoring.alarms.conditions import FOREVER, OwnLimit, Pause, Setting
from ecocloud.intake.monitoring.alarms.engine import Row, Standing
from ecocloud.intake.monitoring.quality.series import exact
from ecocloud.intake.monitoring.simulator import series as simulated

HOUR = 3600
START = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())


def rule(when, **more):
    grades = more.pop("grades", None) or [{"level": 1, "when": when} | more.pop("grade", {})]
    return document.read({"cause": "c", "zh": "规则", "interval": "hour", "each": ["a"], "grades": grades} | more)


def rows(values, factor="a", flags=None):
    """Hourly rows; None: nothing came, 'x': came without a number."""
    return [Row(START + n * HOUR, factor, None if value == "x" else exact(value), (flags or {}).get(n, "N"))
            for n, value in enumerate(values) if value is not None]  # fmt: skip


def said(one, given_rows, until=None, setting=None, pauses=(), begun=0):
    """Transitions as (hour at whose end, level)."""
    setting = setting or Setting("a", HOUR, {}, tuple(pauses))
    found = engine.moments(given_rows, length=HOUR, hour_ending=False, flags=one.flags, pauses=setting.pauses)
    hours = until if until is not None else max((row.stamp - START) // HOUR + 1 for row in given_rows)
    steps, _memory = engine.run(one, setting, found, engine.fresh(START + begun * HOUR), START + int(hours * HOUR))
    return [((step.at - START) / HOUR, step.level) for step in steps]


ABOVE = {"is": "limit", "op": ">", "value": 10}


def test_a_limit_is_passed_not_reached():
    assert said(rule(ABOVE), rows([10, 10.000001, 10, 11, "x", 11, 9])) == [(2, 1), (3, 0), (4, 1), (7, 0)]
    least = {"is": "limit", "op": "<=", "value": 0}
    assert said(rule(least), rows([0.1, 0, -1, 0.1])) == [(2, 1), (4, 0)]


def test_hysteresis():
    back = rule(ABOVE | {"back": 8})
    assert said(back, rows([11, 9, 8.1, 8, 9])) == [(1, 1), (4, 0)]
    calm = rule(ABOVE, grade={"calm": 2})
    assert said(calm, rows([11, 9, 11, 9, 9, 9])) == [(1, 1), (5, 0)]


def test_n_of_m_counts_values_that_are_there():
    two_of_three = rule({"is": "count", "least": 2, "among": 3, "what": ABOVE})
    assert said(two_of_three, rows([11, 9, 11, 9, 9])) == [(3, 1), (4, 0)]
    assert said(two_of_three, rows([11, "x", None, 11])) == [(4, 1)]


def test_a_time_without_a_break():
    lasting = rule({"is": "lasting", "minutes": 120, "what": ABOVE})
    assert said(lasting, rows([11, 11, 11, 9])) == [(3, 1), (4, 0)]
    assert said(lasting, rows([11, 11, 9, 11, 11, 11])) == [(6, 1)]
    assert said(lasting, rows([11, "x", 11])) == [(3, 1)]
    assert said(lasting, rows([11, None, None, None, None, 11])) == []  # nobody knows what was between


def test_rates():
    up = rule({"is": "rate", "direction": "up", "change": 5, "minutes": 120})
    assert said(up, rows([1, 3, 6, 6.1])) == []
    assert said(up, rows([1, 4, 6.1])) == [(3, 1)]
    assert said(up, rows([6.1, 1])) == []
    assert said(rule({"is": "rate", "direction": "down", "change": 5, "minutes": 60}), rows([6.1, 1])) == [(2, 1)]
    assert said(rule({"is": "rate", "change": 5, "minutes": 60}), rows([1, 6, 12])) == [(3, 1)]


def test_flat():
    flat = rule({"is": "flat", "minutes": 180, "least": 3, "tolerance": 0})
    assert said(flat, rows([5, 7, 7, 7, 7, 8])) == [(4, 1), (6, 0)]
    assert said(flat, rows([7, 7, "x", 7, 7])) == []


def test_no_data():
    silent = rule({"is": "no_data", "intervals": 1.5})
    assert said(silent, rows([1, 1, None, None, 1]), until=5) == [(3.5, 1), (5, 0)]
    assert said(silent, rows([1, 1]), until=3.4) == []
    assert said(silent, [], until=10) == [(1.5, 1)]  # nothing ever came
    assert said(silent, rows([1, "x", "x"]), until=3.5) == []  # something came, if no number
    assert said(silent, rows([1] * 6, factor="b"), until=6) == [(1.5, 1)]
    graded = rule(None, grades=[{"level": 1, "when": {"is": "no_data", "intervals": 1.5}},
                                {"level": 3, "when": {"is": "no_data", "intervals": 4}}])  # fmt: skip
    assert said(graded, rows([1]), until=9) == [(2.5, 1), (5, 3)]


def test_groups_know_what_they_do_not_know():
    both = rule({"all": [ABOVE, {"is": "limit", "factor": "b", "op": ">", "value": 1}]})
    together = rows([11, 11, 11, 11]) + rows([0, 2, "x", None], "b")
    assert said(both, together) == [(2, 1)]  # without b nobody knows: it stays
    either = rule({"any": [ABOVE, {"is": "no_data", "intervals": 2}]})
    assert said(either, rows([11, 9, None, None, None]), until=5) == [(1, 1), (2, 0), (4, 1)]


def test_grades_up_and_down():
    three = rule(None, grades=[{"level": 1, "when": ABOVE}, {"level": 2, "when": ABOVE | {"value": 20, "back": 18}},
                               {"level": 3, "when": ABOVE | {"value": 30}}])  # fmt: skip
    assert said(three, rows([11, 31, 19, 18, 5])) == [(1, 1), (2, 3), (3, 2), (4, 1), (5, 0)]


def test_seasons_and_hours():
    """Beijing is eight hours ahead: the value of 0:00 UTC on 1 March ends at 9:00 there."""
    day = rule(ABOVE, windows=[{"from": "09:00", "to": "11:00"}])
    assert said(day, rows([11] * 5)) == [(2, 1), (4, 0)]  # the end of a period belongs to the minute before it
    night = rule(ABOVE, windows=[{"from": "23:00", "to": "02:00", "weekdays": [7]}])  # 1 March 2026 is a Sunday
    assert said(night, rows([11] * 40)) == [(16, 1), (19, 0)]
    assert said(rule(ABOVE, windows=[{"months": [4]}]), rows([11])) == []


def test_a_moment_without_a_value_that_counts_is_not_calm():
    calm = [{"level": 1, "when": ABOVE, "calm": 2}]
    assert said(rule(None, grades=calm), rows([11, 1, 1], flags={1: "D"})) == [(1, 1)]
    assert said(rule(None, grades=calm), rows([11, 1, 1, 1], flags={1: "D"})) == [(1, 1), (4, 0)]


def test_flags_and_upkeep():
    assert said(rule(ABOVE), rows([11, 11], flags={0: "D"})) == [(2, 1)]
    assert said(rule(ABOVE), rows([11, 11, 11]), pauses=[Pause(START, START + HOUR + 1)]) == [(3, 1)]
    assert said(rule(ABOVE), rows([11]), pauses=[Pause(START + HOUR, FOREVER)]) == [(1, 1)]
    assert said(rule(ABOVE), rows([11]), pauses=[Pause(START, FOREVER, "b")]) == [(1, 1)]
    silent = rule({"is": "no_data", "intervals": 2})
    assert said(silent, rows([1]), until=9, pauses=[Pause(START + 2 * HOUR, START + 5 * HOUR)]) == [(7, 1)]
    assert said(silent, rows([1]), until=99, pauses=[Pause(START + 2 * HOUR, FOREVER)]) == []


def test_hour_ending_stamps():
    found = engine.moments(rows([1, 2]), length=HOUR, hour_ending=True, flags=("N",))
    assert [(one.at - START) // HOUR for one in found] == [0, 1]


def test_relative_limits_need_a_registered_one():
    relative = rule({"is": "limit", "op": ">", "percent": 100})
    assert said(relative, rows([51, 50]), setting=Setting("a", HOUR, {"a": 50_000_000})) == [(1, 1), (2, 0)]
    assert said(relative, rows([51]), setting=Setting("a", HOUR, {})) == []


AIR21 = 21_000_000


def of_standard(**more):
    return rule({"is": "limit", "op": ">", "percent": 100, "of": "standard"} | more)


def limited(*own):
    return Setting("a", HOUR, own={"a": own})


def test_the_limit_of_the_outlet_in_force_on_the_day():
    """80 until the third hour, 50 from then on; equal is no exceedance; on a moment without a limit nobody knows."""
    before = OwnLimit(START, START + 3 * HOUR, None, 80 * 10**6)
    after = OwnLimit(START + 3 * HOUR, START + 5 * HOUR, None, 50 * 10**6)
    given_rows = rows([80, 80.000001, 79, 60, 50, 90])
    assert said(of_standard(), given_rows, setting=limited(before, after)) == [(2, 1), (3, 0), (4, 1), (5, 0)]
    assert said(of_standard(), given_rows, setting=Setting("a", HOUR)) == []
    assert said(of_standard(percent=90, back=50), rows([72, 73, 41, 40]), setting=limited(before)) == [(2, 1)]
    assert said(of_standard(percent=90, back=50), rows([73, 40]), setting=limited(before)) == [(1, 1), (2, 0)]
    low = rule({"is": "limit", "op": "<", "percent": 100, "of": "standard"})
    ph = OwnLimit(START, START + 9 * HOUR, 6 * 10**6, 9 * 10**6)
    assert said(low, rows([6, 5.9, 9.5]), setting=limited(ph)) == [(2, 1), (3, 0)]


def test_the_own_limit_is_held_against_converted_values():
    """HJ 212-2017 annex D (28): 100 mg/m³ at 19.5 % oxygen are 200 at 18 %; without oxygen nobody knows."""
    kiln = OwnLimit(START, START + 99 * HOUR, None, 180 * 10**6, oxygen="o2", reference=18 * 10**6, air=AIR21)
    values = rows([100, 100, 90, 500, 500, 500])
    oxygen = rows([18, 19.5, 19.5, None, 21, 18], "o2")
    assert said(of_standard(), values + oxygen, setting=limited(kiln)) == [(2, 1), (3, 0), (6, 1)]
    found = engine.moments(values + oxygen, length=HOUR, hour_ending=False, flags=("N",))
    (first, *_more), _memory = engine.run(of_standard(), limited(kiln), found, engine.fresh(START), START + 2 * HOUR)
    assert first.because[0] == {"is": "limit", "factor": "a", "value": "200", "own": "1", "op": ">", "bound": "180"}
    # in g/m³ as the device sends them
    grams = kiln._replace(top=1000)
    assert said(of_standard(), rows([0.1, 0.1]) + rows([18, 19.5], "o2"), setting=limited(grams)) == [(2, 1)]


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 22) | st.none()), min_size=1, max_size=30),
       st.integers(1, 150))  # fmt: skip
def test_own_limits_as_a_plain_loop_says(pairs, percent):
    """Replay against a loop by Fraction: every hour by itself, no memory but of one step."""
    kiln = OwnLimit(START, START + 99 * HOUR, None, 180 * 10**6, oxygen="o2", reference=11 * 10**6, air=AIR21)
    given_rows = rows([one for one, _o2 in pairs]) + rows([o2 for _one, o2 in pairs], "o2")
    expected, level = [], 0
    known = (0, -9)  # the last answer and its hour
    for hour, (value, o2) in enumerate(pairs, 1):
        if o2 is not None and o2 < 21:
            now = int(Fraction(value * (21 - 11), 21 - o2) > Fraction(180 * percent, 100))
            known = (now, hour)
        elif hour - known[1] > 1:
            continue
        else:
            now = level
        if now != level:
            level = now
            expected.append((hour, level))
    assert said(of_standard(percent=percent), given_rows, setting=limited(kiln)) == expected


def test_what_speaks_for_it():
    one = rule({"any": [{"is": "count", "least": 1, "among": 2, "what": ABOVE}, {"is": "no_data", "intervals": 2}]})
    found = engine.moments(rows([1, 11.5]), length=HOUR, hour_ending=False, flags=("N",))
    (up, *_rest), memory = engine.run(one, Setting("a", HOUR), found, engine.fresh(START), START + 2 * HOUR)
    assert up.because == ({"is": "limit", "factor": "a", "value": "11.5", "op": ">", "bound": "10", "for_least": "1",
                           "for_among": "2"},)  # fmt: skip
    assert json.loads(json.dumps(memory)) == memory


# Second implementations


def plain_levels(values, levels, back, least, among, calm):
    """By a loop: for each grade, n of the last m values beyond its limit (with a way back), ended by calm good ones."""
    out, on, quiet = [], dict.fromkeys(levels, False), dict.fromkeys(levels, 0)
    history, beyond = {level: [] for level in levels}, dict.fromkeys(levels, False)
    now = 0
    for hour, value in enumerate(values):
        if value is None or value == "x":
            continue
        for level, bound in levels.items():
            beyond[level] = value > bound or (beyond[level] and value > bound - back)
            history[level].append(beyond[level])
            if sum(history[level][-among:]) >= least:
                on[level], quiet[level] = True, 0
            elif on[level]:
                quiet[level] += 1
                on[level] = quiet[level] < calm
        new = max([level for level in levels if on[level]], default=0)
        if new != now:
            out.append((hour + 1, new))
        now = new
    return out


values = st.lists(st.one_of(st.none(), st.just("x"), st.integers(0, 30)), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@example([11, 0, 0, "x"], 0, 1, 0, 2)  # a value that does not count is no good one
@given(values, st.integers(0, 4), st.integers(1, 3), st.integers(0, 2), st.integers(1, 3))
def test_grades_are_what_a_plain_reckoning_finds(given_values, back, least, more, calm):
    among = least + more + (least == 1 and more == 0)
    levels = {1: 10, 2: 18, 3: 25}
    grades = []
    for level, bound in levels.items():
        what = {"is": "limit", "op": ">", "value": bound, "back": bound - back}
        count = {"is": "count", "least": least, "among": among, "what": what}
        grades.append({"level": level, "calm": calm, "when": count})
    found = [
        (hour, level) for hour, level in said(rule(None, grades=grades), rows(given_values), until=len(given_values))
    ]
    assert found == plain_levels(given_values, levels, back, least, among, calm)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(105, 500))
def test_silence_is_what_a_plain_reckoning_finds(came, hundredths):
    one = rule({"is": "no_data", "intervals": hundredths / 100})
    found = said(one, rows([1 if yes else None for yes in came]), until=len(came) + 6)
    expected, last = [], 0
    for hour in [n + 1 for n, yes in enumerate(came) if yes] + [None]:
        end = len(came) + 6 if hour is None else hour
        # A value that comes at the very moment is not late.
        if last + hundredths / 100 < end or (hour is None and last + hundredths / 100 <= end):
            expected.append((last + HOUR * hundredths // 100 / HOUR, 1))
            expected += [] if hour is None else [(hour, 0)]
        last = hour
    assert [(round(hour, 4), level) for hour, level in found] == [(round(hour, 4), level) for hour, level in expected]


ANY_RULE = rule(
    None,
    each=None,
    grades=[
        {"level": 1, "calm": 2, "when": {"any": [
            {"is": "limit", "factor": "a", "op": ">", "value": 20, "back": 17}, {"is": "no_data", "intervals": 2.5},
            {"is": "rate", "factor": "b", "direction": "up", "change": 12, "minutes": 180}]}},
        {"level": 2, "when": {"all": [
            {"is": "lasting", "minutes": 120, "what": {"is": "limit", "factor": "a", "op": ">", "value": 12}},
            {"is": "count", "least": 2, "among": 3, "what": {"is": "limit", "factor": "b", "op": ">", "value": 10}}]}},
        {"level": 3, "when": {"is": "flat", "factor": "b", "minutes": 240, "least": 3, "tolerance": 1}},
    ],
    windows=[{"from": "03:00", "to": "23:30"}],
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(values, values, st.lists(st.integers(0, 60), max_size=6), st.randoms())
def test_batches_and_order_of_rows_change_nothing(one, two, cuts, chance):
    setting = Setting(
        "", HOUR, {}, (Pause(START + 5 * HOUR, START + 7 * HOUR, "b"), Pause(START + 20 * HOUR, START + 22 * HOUR))
    )
    shuffled = rows(one) + rows(two, "b")
    chance.shuffle(shuffled)
    found = engine.moments(shuffled, length=HOUR, hour_ending=False, flags=("N",), pauses=setting.pauses)
    end = START + 60 * HOUR
    whole, memory = engine.run(ANY_RULE, setting, found, engine.fresh(START), end)
    parts, kept = [], engine.fresh(START)
    for cut in [*sorted(cuts), 60]:
        until = START + cut * HOUR
        new, kept = engine.run(ANY_RULE, setting, [row for row in found if row.at <= until], kept, until)
        kept = json.loads(json.dumps(kept))
        parts += new
    assert parts == whole and kept == memory


@settings(max_examples=60, deadline=None)
@given(values, values, st.data())
def test_late_data_within_the_allowed_time_change_nothing(one, two, data):
    """Each row arrives up to six hours late, in any order, and the rule is advanced every hour with what is there."""
    setting, lateness = Setting("", HOUR), 7 * HOUR
    arriving = [(row.stamp + HOUR * (1 + data.draw(st.integers(0, 5))), row) for row in rows(one) + rows(two, "b")]
    standing, episodes, there = Standing(engine.fresh(START)), {}, []
    for hour in range(60):
        clock = START + hour * HOUR
        there += [row for at, row in arriving if clock - HOUR < at <= clock]
        found = engine.moments(there, length=HOUR, hour_ending=False, flags=("N",))
        before = standing
        done = engine.advance(ANY_RULE, setting, found, standing, clock, lateness)
        kept = {start: one for start, one in episodes.items() if start <= before.memory["at"]}
        episodes = kept | {one.start: one for one in done.episodes}
        standing = done.standing
    found = engine.moments(there, length=HOUR, hour_ending=False, flags=("N",))
    steps, _memory = engine.run(ANY_RULE, setting, found, engine.fresh(START), START + 59 * HOUR)
    assert [episodes[start] for start in sorted(episodes)] == engine.episodes(steps)


def test_what_comes_too_late_changes_no_alarm():
    one, setting = rule(ABOVE), Setting("a", HOUR)
    standing = engine.advance(one, setting, [], Standing(engine.fresh(START)), START + 48 * HOUR, 24 * HOUR).standing
    late = engine.moments(rows([11]), length=HOUR, hour_ending=False, flags=("N",))
    assert engine.advance(one, setting, late, standing, START + 49 * HOUR, 24 * HOUR).episodes == ()


# Replay of the rules given


def replay(kind, codes, mn, days, change=lambda code, hour, value: value, limits=None):
    """The rules of a fresh installation over a simulated device: {cause: [(hour, level)]}."""
    length = timedelta(hours=4 if kind == "section" else 1)
    step = int(length.total_seconds())
    found, rows_ = {}, []
    for n in range(days * 86400 // step):
        at = datetime.fromtimestamp(START, UTC) + n * length
        for code in codes:
            value = float(dict(simulated.period(mn, code, at, length))[f"{code}-Avg"])
            value = change(code, n * step // HOUR, value)
            if value is not None:
                rows_.append(Row(int(at.timestamp()), code, exact(value), simulated.flag(mn, at)))
    for given_rule in facts.given_rules():
        one = document.read(given_rule.document)
        if one.kinds and kind not in one.kinds:
            continue
        for subject in one.subjects(codes):
            setting = Setting(subject, step, limits or {})
            ready = engine.moments(rows_, length=step, hour_ending=False, flags=one.flags)
            steps, _memory = engine.run(one, setting, ready, engine.fresh(START), START + days * 24 * HOUR)
            found.setdefault(given_rule.code, []).extend(((it.at - START) / HOUR, it.level) for it in steps)
    return {code: steps for code, steps in found.items() if steps}


AIR = ("a34004", "a34002", "a05024", "a21004")
WATER = ("w01001", "w01009", "w01019", "w21003", "w21011")
OUTLET = ("w01018", "w21003", "w21011")
LIMITS = {"w01018": 120_000_000, "w21003": 8_000_000, "w21011": 2_000_000}


@pytest.mark.parametrize(("kind", "codes", "limits"), [("air", AIR, None), ("section", WATER, None),
                                                       ("outlet_water", OUTLET, LIMITS)])  # fmt: skip
def test_clean_series_raise_nothing(kind, codes, limits):
    """A simulated section lies about class III now and then; a clean one lies well within."""

    def within(code, _hour, value):
        return value * 0.6 if code in ("w01019", "w21003", "w21011") else value

    found = {mn: replay(kind, codes, mn, 20, within, limits) for mn in ("CLEAN1", "CLEAN2")}
    assert found == {"CLEAN1": {}, "CLEAN2": {}}


def plant(code, first, fault, last=10**6):
    return lambda name, hour, value: fault(value) if name == code and first <= hour < last else value


def test_each_planted_fault_is_found_within_the_time_of_its_rule():
    def gone(_name, hour, value):
        return None if hour >= 200 else value

    silent = replay("air", AIR, "CLEAN1", 10, gone)
    assert silent == {"silent": [(201.5, 1), (206, 2)]}  # within two intervals after the last value
    silent = replay("section", WATER, "CLEAN1", 10, gone)
    assert silent["silent"][0] == (206, 1)  # four-hourly: the last value ends at 200, two intervals are eight hours
    stuck = replay("air", AIR, "CLEAN1", 10, plant("a34004", 100, lambda _v: 27.0, 112))
    assert stuck == {"flat": [(108, 1), (113, 0)]}
    below = replay("air", AIR, "CLEAN1", 10, plant("a05024", 100, lambda _v: -1.0, 104))
    assert below["below_zero"] == [(103, 1), (105, 0)]
    over = replay("outlet_water", OUTLET, "CLEAN1", 10, plant("w01018", 100, lambda _v: 130.0, 104), LIMITS)
    assert over["outlet_limit"] == [(101, 2), (103, 3), (107, 0)]  # three of the last four until 105
    near = replay("outlet_water", OUTLET, "CLEAN1", 10, plant("w01018", 100, lambda _v: 110.0, 101), LIMITS)
    assert near["outlet_limit"] == [(101, 1), (103, 0)]
    ammonia = replay("section", WATER, "CLEAN1", 10, plant("w21003", 100, lambda _v: 2.0))
    assert ammonia["section_class"][0] == (104, 2) and ammonia["sudden"][0] == (104, 1)
    smog = replay("air", AIR, "CLEAN1", 10, plant("a34004", 100, lambda v: v + 110.0, 130))
    assert smog["particles"][0] == (102, 1)
