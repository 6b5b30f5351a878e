"""The facts of the sample's closed loop fit the kinds: a walk by state alone, against the transition tables."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from ecocloud.kernel.duties import sample
from ecocloud.kernel.duties.kinds import kind_of

ROOT = Path(__file__).resolve().parents[3]
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


_COMPARE = """
import json, django
django.setup()
from ecocloud.kernel.duties import past
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.duties.models import WorkItem
items = list(WorkItem.objects.order_by("pk"))
wrong = {item.pk: past.differences(item) for item in items}
print(json.dumps({"items": len(items), "kinds": sorted({item.kind for item in items}), "all": sorted(all_kinds()),
                  "wrong": {pk: words[:2] for pk, words in wrong.items() if words}}))
"""


def test_the_journal_alone_tells_every_item_of_the_sample_site(tmp_path, sample_site):
    sample_site(tmp_path)
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"ECOCLOUD_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment.setdefault("DJANGO_SETTINGS_MODULE", "ecocloud.web.settings")
    done = subprocess.run(
        [sys.executable, "-c", _COMPARE], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert told["wrong"] == {} and told["items"] > 50
    assert told["kinds"] == told["all"]  # a kind without an item in the sample would not be shown to anybody
