"""The facts of the sample's closed loop fit the kinds: a walk by state alone, against the transition tables."""

from itertools import pairwise

import pytest

from ecocloud.kernel.duties import sample
from ecocloud.kernel.duties.kinds import kind_of

GIVEN = sample.facts()
LIVES = [("problem", code, steps) for code, steps in GIVEN.courses.items()]
LIVES += [(one.kind, one.title, one.steps) for one in GIVEN.others]


@pytest.mark.parametrize(("kind", "name", "steps"), LIVES, ids=[life[1] for life in LIVES])
def test_every_step_is_in_the_table_and_days_run_forward(kind, name, steps):
    table, state = kind_of(kind), kind_of(kind).start
    for _days, action, _who, words, *_more in steps:
        row = table.row(state, action)
        assert row is not None, f"{name}: {action} from {state}"
        assert words or not row.opinion
        state = {"same": state, "next_level": "check_city"}.get(row.target, row.target)
        if action == "pass_level":
            state = table.after_levels
    days = [step[0] for step in steps]
    assert all(a > b for a, b in pairwise(days)) and all(day > 0 for day in days)


def test_codes_are_those_of_the_kinds_and_titles_differ():
    problem = kind_of("problem")
    assert {one.category for one in GIVEN.problems} <= {row.code for row in problem.categories}
    assert {one.course for one in GIVEN.problems} == set(GIVEN.courses)
    titles = [one.title for one in (*GIVEN.problems, *GIVEN.others)]
    assert len(set(titles)) == len(titles)
    assert {one.about for one in GIVEN.others if one.about} <= set(titles)
    for one in GIVEN.others:
        assert kind_of(one.kind).channel(one.channel) is not None
