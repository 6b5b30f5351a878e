"""Every number of the tiles equals the list its link opens."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from ecocloud.kernel.duties import home, services, tiles
from ecocloud.kernel.journal.refs import resolve, resolve_many
from ecocloud.kernel.regions.models import Region, User

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def ledger(town, make):
    """Items in every state of the loop, two overdue, one about a county."""
    county = Region.objects.create(code="360981", name="某县", level="county", parent=town.city)
    states = "registered issued signed in_progress in_progress reported completed closed_out"
    for state in states.split():
        make(state, deadline=TODAY + timedelta(days=40))
    make("in_progress", deadline=TODAY - timedelta(days=3))
    make("in_progress", deadline=TODAY - timedelta(days=30), region=county)
    services.refresh_lights()
    User.objects.update(must_change_password=False, password_changed_at=timezone.now())
    return county


def total(client, url):
    return client.get(url).context["listing"].total


@pytest.mark.parametrize("where", ["city", "county"])
def test_lights_and_stages_equal_their_lists(client, town, ledger, where):
    region = town.city if where == "city" else ledger
    client.force_login(town.clerk, backend=settings.AUTHENTICATION_BACKENDS[-1])
    made = tiles.lights_tile(town.clerk, region, TODAY.year)
    assert made["total"] == total(client, made["url"]) == (10 if where == "city" else 1)
    for one in made["lights"]:
        assert one["count"] == total(client, one["url"]), one["word"]
    loop = tiles.loop_tile(town.clerk, region, TODAY.year)
    assert [stage["word"] for stage in loop["stages"]] == ["交办", "签收", "推进", "反馈", "审核", "待销号"]
    for stage in loop["stages"]:
        assert stage["count"] == total(client, stage["url"]), stage["word"]
    assert loop["late"] == total(client, loop["late_url"]) == (2 if where == "city" else 1)


def test_done_share_and_longest_overdue(town, ledger):
    loop = tiles.loop_tile(town.clerk, town.city, TODAY.year)
    assert loop["share"] == 20  # completed and closed out: 2 of 10
    late = tiles.lights_tile(town.clerk, town.city, TODAY.year)["late"]
    assert [(TODAY - row.due).days for row in late] == [30, 3]


def test_a_unit_sees_its_own_numbers(client, town, ledger):
    client.force_login(town.ranger, backend=settings.AUTHENTICATION_BACKENDS[-1])
    made = tiles.lights_tile(town.ranger, town.city, TODAY.year)
    assert made["total"] == total(client, made["url"])


def test_days_with_deadlines_equal_their_lists(client, town, ledger):
    client.force_login(town.clerk, backend=settings.AUTHENTICATION_BACKENDS[-1])
    days = home.due_days(town.clerk, TODAY, TODAY + timedelta(days=60))
    assert list(days) == [TODAY + timedelta(days=40)]
    for count, url in days.values():
        assert count == total(client, url) == 6  # open ones only


def test_notes_say_what_is_in_the_counts(town, ledger):
    assert home.overdue_note(town.clerk) == "最长 30 天"
    assert home.todo_note(town.clerk)


@pytest.mark.parametrize("person", ["clerk", "ranger", "driver", "root"])
def test_many_references_resolve_as_one_by_one(town, make, person):
    refs = [make("issued").ref, make("registered", units=()).ref, "item:99999999"]
    viewer = getattr(town, person)
    assert resolve_many(refs, viewer) == {ref: resolve(ref, viewer) for ref in refs}
