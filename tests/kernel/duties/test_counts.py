"""Counts stay exact under random operations, against a recount from the items themselves."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.base.jobs import drain
from ecocloud.base.jobs.models import Job
from ecocloud.kernel.duties import kinds, queries, services
from ecocloud.kernel.duties.models import ItemCount, WorkItem

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def test_counts_are_exact_after_random_operations(town, make, full_size, exact):
    rng = random.Random(20260601)
    units = [town.at_water, town.at_forest, town.at_roads, town.at_east]
    users = [town.clerk, town.second, town.chief, town.hydro, town.ranger, town.driver, town.farmer]
    actions = sorted({row.action for kind in kinds.all_kinds().values() for row in kind.transitions})
    ids = [make(lead=rng.choice(units), kind=rng.choice(["task", "routine", "problem"])).pk for _ in range(12)]
    done, refused = Counter(), Counter()
    for n in range(6000 if full_size else 250):
        item = WorkItem.objects.get(pk=rng.choice(ids))
        options = [(u, o.row.action) for u in users if rng.random() < 0.4 for o in services.possible(u, item)]
        user, action = (
            rng.choice(options) if options and rng.random() < 0.9 else (rng.choice(users), rng.choice(actions))
        )
        data = {
            "deadline": TODAY + timedelta(days=rng.randint(-30, 400)), "lead": rng.choice(units),
            "units": rng.sample(units, 2), "progress": rng.randint(-5, 105), "nodes": [], "stance": "agree",
        }  # fmt: skip
        if action in ("reopen", "terminate", "close_out") and rng.random() < 0.5:
            continue
        if action in ("change", "reopen"):
            data.pop("lead")
        try:
            services.act(user, item, action, opinion=rng.choice(["", "理由"]), **data)
            done[action] += 1
        except EcoError as error:
            refused[type(error).__name__] += 1
        if n % 100 == 0:
            exact()
    assert sum(done.values()) > 100 and len(done) > 12 and {"WrongState", "OpinionMissing"} <= set(refused)
    recount = Counter(WorkItem.objects.values_list("year", "kind", "lead_department_id", "state", "light"))
    kept = {
        (c.year, c.kind, c.department_id, c.state, c.light): c.count
        for c in ItemCount.objects.filter(role="lead", count__gt=0)
    }
    assert kept == dict(recount)
    assert queries.total(town.clerk) == WorkItem.objects.count()


def test_light_refresh_turns_lights_with_the_day_and_keeps_counts(town, make, exact):
    item = make("in_progress", deadline=TODAY + timedelta(days=60))
    closed = make("closed_out", deadline=TODAY + timedelta(days=60))
    assert item.light == "green"
    assert services.refresh_lights(today=TODAY + timedelta(days=61)) == 1
    item.refresh_from_db()
    assert (item.light, item.light_words) == ("red", "逾期 1 天；实际 0%，序时 100%")
    closed.refresh_from_db()
    assert closed.light == "closed"
    exact()
    assert services.refresh_lights(today=TODAY + timedelta(days=61)) == 0
    assert queries.tab_counts(town.hydro)["red"] == 1


def test_light_rule_edit_makes_a_version_and_is_checked(town, make, exact):
    item = make("in_progress", deadline=TODAY + timedelta(days=60))
    for wrong in ({"near_workdays": -1}, {"yellow_gap": 0}, {"red_gap": 1}, {"kind": "dance"}):
        with pytest.raises(EcoError):
            services.edit_rule(town.clerk, **({"near_workdays": 5, "yellow_gap": 5, "red_gap": 20} | wrong))
    with pytest.raises(EcoError):
        services.edit_rule(town.hydro, near_workdays=5, yellow_gap=5, red_gap=20)
    rule = services.edit_rule(town.clerk, kind="task", near_workdays=60, yellow_gap=5, red_gap=20)
    assert (rule.version, services.edit_rule(town.clerk, near_workdays=1, yellow_gap=5, red_gap=20).version) == (1, 2)
    assert Job.objects.filter(name="duties.lights", state="queued").count() == 1  # one for both versions
    drain()
    item.refresh_from_db()
    assert (item.light, item.light_rule_version) == ("yellow", 1)
