"""Writers at the same time, each with a connection of its own: numbers, keys and the roll-up stay whole."""

import threading

import pytest
from django.db import connection

from ecocloud.base.errors import EcoError
from ecocloud.kernel.journal import verification
from ecocloud.kernel.regions.models import User
from ecocloud.kernel.registers import services
from ecocloud.kernel.registers.models import ObjectCount, RegisterObject
from ecocloud.kernel.registers.services import counts

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, EACH = 4, 5


def together(work):
    """``work(number)`` in threads that start at once; what each returned, or the refusal it met."""
    ready, told = threading.Barrier(WRITERS), {}

    def run(number):
        try:
            ready.wait()
            told[number] = work(number)
        except EcoError as refused:
            told[number] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(WRITERS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert len(told) == WRITERS, "a writer never came back"
    return [told[number] for number in sorted(told)]


def test_writers_at_once_share_numbers_keys_and_counts(place, wells):
    """20 new wells in two counties by four writers, then one change each of the same well, then the same new well."""

    def dig(number):
        user = User.objects.get(pk=place.office.pk)
        where = place.east if number % 2 else place.west
        return [
            services.create(user, wells, name=f"井{number}-{at}", region=where, given={
                "owner": f"户{number}-{at}", "depth": at, "dug_on": f"202{at}-01-01"}).code
            for at in range(EACH)
        ]  # fmt: skip

    made = [code for codes in together(dig) for code in codes]
    assert len(set(made)) == RegisterObject.objects.count() == WRITERS * EACH
    # Every county has its own row of numbers: prefix, six digits, 1 to 10 without a gap.
    for head in ("990102", "990103"):
        assert sorted(int(code[-5:]) for code in made if head in code) == list(range(1, 11))
    assert counts.differences() == {}
    assert sum(ObjectCount.objects.values_list("count", flat=True)) == WRITERS * EACH
    assert sum(ObjectCount.objects.values_list("n1", flat=True)) == WRITERS * (0 + 1 + 2 + 3 + 4)

    row = RegisterObject.objects.order_by("code")[0]
    told = together(lambda number: services.edit(
        User.objects.get(pk=place.office.pk), wells, row.pk, version=1, given={"depth": 100 + number}))  # fmt: skip
    assert sum(not isinstance(one, EcoError) for one in told) == 1, told
    assert {one.code for one in told if isinstance(one, EcoError)} <= {"registers.stale", "journal.busy"}
    row.refresh_from_db()
    assert row.version == 2 and counts.differences() == {}

    same = {"owner": "同户", "dug_on": "2020-05-05"}
    told = together(lambda number: services.create(
        User.objects.get(pk=place.office.pk), wells, name="同井", region=place.east, given=same))  # fmt: skip
    assert sum(not isinstance(one, EcoError) for one in told) == 1, told
    assert RegisterObject.objects.filter(name="同井").count() == 1
    assert counts.differences() == {}
    assert verification.verify().consistent
