"""Whatever people do, in any order: slots and keys equal bodies, the roll-up objects, versions follow each other."""

import random
from datetime import date, timedelta

import pytest

from ecocloud.base.errors import EcoError
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import queries, services
from ecocloud.kernel.registers.models import ObjectKey, ObjectVersion, RegisterObject
from ecocloud.kernel.registers.reading import read_type
from ecocloud.kernel.registers.register import as_written, open_register
from ecocloud.kernel.registers.services import claims, counts

FIRST = date(2024, 1, 1)


def some_values(pick):
    """A few fields with values, empty ones, and now and then one that cannot be."""
    made = {
        "owner": pick.choice(["甲", "乙", "丙", "丁", "戊", ""]), "depth": pick.choice([3, "12.50", 40, 8, 99999]),
        "diameter": pick.choice([None, 200]), "use": pick.choice([None, "饮用", "farming"]),
        "households": pick.choice([None, 7]), "cost": pick.choice([None, "1.25", -3]),
        "dug_on": pick.choice([None, "2020-01-01", "2021-05-05"]), "metered": pick.choice([None, True, False]),
        "permit_until": pick.choice([None, "2019-01-01", "2030-01-01"]),
    }  # fmt: skip
    return dict(pick.sample(sorted(made.items()), 5))


def act(pick, place, register, day):
    """One random act of a random person; what is refused changes nothing."""
    keys = list(RegisterObject.objects.order_by("pk").values_list("pk", flat=True))
    who = pick.choice([place.office, place.office, place.clerk])
    what = pick.choice(["create"] * 5 + ["edit"] * 4 + ["step", "step", "retire", "move", "bulk"])
    if what == "create" or not keys:
        services.create(who, register, name=f"井{day}", region=pick.choice([place.east, place.town, place.west]),
                        department=pick.choice([None, place.units["east"]]), on=day,
                            given={"owner": "甲"} | some_values(pick))  # fmt: skip
    elif what == "edit":
        services.edit(who, register, pick.choice(keys), given=some_values(pick), on=day)
    elif what == "step":
        services.transition(who, register, pick.choice(keys), pick.choice(["start", "seal"]), on=day, opinion="同意")
    elif what == "retire":
        services.retire(who, register, pick.choice(keys), reason="填埋", on=day)
    elif what == "move":
        services.move(who, register, place.town, pick.choice([place.east, place.west]), note="文", on=day)
    else:
        services.bulk_edit(who, register, pick.sample(keys, min(3, len(keys))), some_values(pick), on=day)


def keys_of(register):
    """The uniqueness keys that the bodies ask for: of objects that are not retired, whole ones only."""
    return sorted(
        (row.pk, one.code, claims.key_digest(one.fields, {**register.values(row), "name": row.name}))
        for row in RegisterObject.objects.exclude(state="retired") for one in register.definition.unique
        if {*one.fields} <= {*register.values(row), "name"}
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_everything_stays_exact(place, wells, well_text, full_size, seed):
    pick = random.Random(seed)
    done = refused = 0
    steps = 600 if full_size else 60
    for number in range(steps):
        if number == steps // 2:
            text = well_text.replace("code: cost,", "code: spent, was: cost,").replace("cost: 3.2", "spent: 3.2")
            services.define(CONSOLE, read_type(text, "well.yaml"))
        register = open_register("well")
        before = (RegisterObject.objects.count(), Entry.objects.count(), ObjectVersion.objects.count())
        try:
            act(pick, place, register, FIRST + timedelta(days=number))
            done += 1
        except EcoError:
            refused += 1
            assert before == (RegisterObject.objects.count(), Entry.objects.count(), ObjectVersion.objects.count())
        assert counts.differences() == {}
        assert queries.slot_differences(register) == {}
    assert done > 10 and refused > 5
    assert sorted(ObjectKey.objects.values_list("object_id", "name", "digest")) == keys_of(register)
    for row in RegisterObject.objects.all():
        history = list(ObjectVersion.objects.filter(object=row).select_related("type").order_by("number"))
        assert [one.number for one in history] == list(range(1, row.version + 1))
        assert [one.valid_to for one in history] == [one.valid_from for one in history[1:]] + [None]
        assert (history[-1].body, history[-1].state, history[-1].region_id) == (row.body, row.state, row.region_id)
        for one in history:
            as_written(one)
