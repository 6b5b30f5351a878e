"""New indexes and new uniqueness on registers that hold objects: at once where they are few, by a job where many."""

import pytest
from django.db import IntegrityError, transaction

from ecocloud.base import jobs
from ecocloud.base.errors import Conflict
from ecocloud.base.jobs.models import Job
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import queries, services
from ecocloud.kernel.registers.errors import Duplicate, MigrationNeeded
from ecocloud.kernel.registers.lists import ObjectListing
from ecocloud.kernel.registers.models import ObjectKey, RegisterObject, RegisterType
from ecocloud.kernel.registers.reading import read_type
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import counts, importing, rebuilding

INDEXED = ("decimals: 0, section: base", "decimals: 0, index: true, total: true, section: base")
OWNERS = ("unique:", "unique:\n  - {code: owners, fields: [owner]}")


def redefine(well_text, *pairs):
    text = well_text
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return services.define(CONSOLE, read_type(text, "well.yaml"))


def listed(client_user, register, query):
    from django.http import QueryDict

    return [row.name for row in ObjectListing(QueryDict(query), client_user, register).rows]


@pytest.fixture
def many(monkeypatch):
    """Registers of more than two objects count as large; two objects a chunk."""
    monkeypatch.setattr(rebuilding, "AT_ONCE", 2)
    monkeypatch.setattr(rebuilding, "CHUNK", 2)


def dug(dig, count):
    return [dig(f"井{n}", diameter=100 + n, depth=n) for n in range(count)]


def exact(register):
    return queries.slot_differences(register) == {} and counts.differences() == {}


def test_a_few_objects_are_done_with_the_definition(place, wells, dig, well_text):
    dug(dig, 3)
    register = redefine(well_text, INDEXED)
    assert register.slots == register.assigned and exact(register)
    assert listed(place.office, register, "f_diameter_from=101") == ["井1", "井2"]
    assert not Job.objects.filter(name=rebuilding.JOB).exists()


def test_many_are_done_by_a_job_and_the_list_works_meanwhile(place, wells, dig, well_text, many):
    rows = dug(dig, 5)
    register = redefine(well_text, INDEXED)
    assert "diameter" not in register.slots and "diameter" in register.assigned
    assert [one.sums for one in queries.statistics(place.office, register)][0].keys() == {"depth", "cost"}
    assert len(listed(place.office, register, "f_diameter_from=101&f_owner=井")) == 5  # no such filter yet
    with pytest.raises(queries.FilterRefused):
        queries.filtered(queries.objects(place.office, register), register, {"diameter": 100})
    assert services.rebuild_chunk(register.pk) == (2, rows[1].pk)
    services.edit(place.office, register, rows[4].pk, given={"diameter": 900})
    register = open_register("well")
    assert "diameter" not in register.slots
    jobs.drain([rebuilding.JOB])
    register = open_register("well")
    assert register.slots == register.assigned and RegisterType.objects.get(code="well").building is None
    assert exact(register)
    assert listed(place.office, register, "f_diameter_from=102") == ["井2", "井3", "井4"]
    totals = queries.statistics(place.office, register)[0].sums
    assert totals["diameter"] == 100 + 101 + 102 + 103 + 900
    assert Entry.objects.filter(action="registers.slots.rebuild").count() == 1


def test_an_index_that_goes_leaves_its_slot_empty_and_its_heir_clean(place, wells, dig, well_text, many):
    """The slot of a field that is no longer indexed is cleared, and never shows its values under another field."""
    dug(dig, 3)
    without = ("code: depth, zh: 井深, en: Depth, kind: number, unit: 米, decimals: 2, minimum: 0, maximum: 3000, "
               "section: base,\n     index: true, total: true")  # fmt: skip
    bare = without.replace(",\n     index: true, total: true", "")
    slot = wells.assigned["depth"]
    redefine(well_text, (without, bare))
    jobs.drain([rebuilding.JOB])
    assert exact(open_register("well"))
    assert not RegisterObject.objects.exclude(**{slot: None}).exists()
    register = redefine(well_text, (without, bare), INDEXED)
    assert register.assigned["diameter"] == slot and "diameter" not in register.slots
    jobs.drain([rebuilding.JOB])
    assert exact(open_register("well"))


def test_a_second_definition_while_the_first_is_built(place, wells, dig, well_text, many):
    dug(dig, 5)
    register = redefine(well_text, INDEXED)
    services.rebuild_chunk(register.pk)
    third = ("code: households, zh: 供水户数, en: Households, kind: integer, unit: 户,",
             "code: households, zh: 供水户数, en: Households, kind: integer, unit: 户, index: true,")  # fmt: skip
    register = redefine(well_text, INDEXED, third)
    assert {"diameter", "households"} & register.slots.keys() == set()
    assert Job.objects.filter(name=rebuilding.JOB, state="queued").count() == 1
    jobs.drain([rebuilding.JOB])
    assert {"diameter", "households"} <= open_register("well").slots.keys() and exact(open_register("well"))


def test_a_uniqueness_that_the_objects_hold_is_taken(place, wells, dig, well_text):
    dug(dig, 3)
    gone = dig("废井", owner="井1")
    services.retire(place.office, wells, gone.pk, reason="填埋")
    register = redefine(well_text, OWNERS)
    assert ObjectKey.objects.filter(type=register.pk, name="owners").count() == 3
    with pytest.raises(Duplicate):
        services.create(place.office, register, name="新井", region=place.east, given={"owner": "井1"})


def test_a_uniqueness_that_they_do_not_hold_is_refused_with_every_pair(place, wells, dig, well_text):
    first, second = dig("一", owner="甲"), dig("二", owner="甲")
    dig("三", owner="乙")
    with pytest.raises(MigrationNeeded) as caught:
        redefine(well_text, OWNERS)
    assert caught.value.conflicts == (f"{second.code} 与 {first.code} 重复（owners）",)
    assert open_register("well").version == 1 and not ObjectKey.objects.filter(name="owners").exists()
    services.edit(place.office, wells, second.pk, given={"owner": "丙"})
    assert redefine(well_text, OWNERS).version == 2


def test_uniqueness_of_many_by_a_job_with_one_repeated_meanwhile(place, wells, dig, well_text, many):
    """The repeated one is named, the others hold; no import until all do; after the correction the job ends."""
    rows = dug(dig, 5)
    register = redefine(well_text, OWNERS)
    again = services.create(place.office, register, name="又", region=place.east, given={"owner": "井3"})
    with pytest.raises(Conflict):
        importing.existing(place.office, register)
    jobs.drain([rebuilding.JOB])
    job = Job.objects.get(name=rebuilding.JOB)
    assert job.state == "failed" and rows[3].code in job.error and again.code in job.error
    register = open_register("well")
    assert register.keys_waiting == {"owners"} and register.slots == register.assigned
    services.edit(place.office, register, again.pk, given={"owner": "又"})
    redefine(well_text, OWNERS)
    jobs.drain([rebuilding.JOB])
    assert open_register("well").keys_waiting == frozenset()
    assert ObjectKey.objects.filter(name="owners").count() == 6
    importing.existing(place.office, open_register("well"))


def test_a_renamed_field_keeps_its_uniqueness(place, wells, dig, well_text):
    dig("一", owner="甲", dug_on="2020-01-01")
    register = redefine(
        well_text, ("code: owner,", "code: holder, was: owner,"), ("[owner, dug_on]", "[holder, dug_on]"),
        ("[code, name, owner,", "[code, name, holder,"), ("owner: 东村", "holder: 东村"),
        ("owner: 西村", "holder: 西村"),
    )  # fmt: skip
    with pytest.raises(Duplicate):
        services.create(place.office, register, name="二", region=place.east,
                        given={"holder": "甲", "dug_on": "2020-01-01"})  # fmt: skip


def test_the_database_refuses_what_the_code_might_miss(wells, dig):
    dig("一", owner="甲", dug_on="2020-01-01")
    key = ObjectKey.objects.get()
    key.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        key.save(force_insert=True)
