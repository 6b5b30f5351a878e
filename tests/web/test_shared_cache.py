"""What is kept for all web processes: the person's own step shows at once."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.test import RequestFactory
from django.utils import timezone

from ecocloud.kernel.evidence import display
from ecocloud.kernel.evidence import home as evidence
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Region, RoleGrant, RolePermission, User
from ecocloud.web import home

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(settings, tmp_path):
    """The shared cache at work, as outside tests."""
    settings.CACHES = settings.CACHES | {
        "shared": {"BACKEND": "ecocloud.web.shared_cache.SharedFiles", "LOCATION": tmp_path}
    }
    settings.TESTING = False
    return caches["shared"]


def test_a_count_is_kept_until_the_person_acts(kept, client_for_role):
    for role in ("office", "department"):
        client_for_role(role)
    person, other = (User.objects.get(username=f"test-{role}") for role in ("office", "department"))
    asked: list[int] = []

    def count() -> int:
        asked.append(1)
        return len(asked)

    def ask(user: User = person) -> int:
        request = RequestFactory().get("/")
        request.user = user
        return home.counted(request, "todo", count)

    def act(user: User) -> None:
        with change(user.actor()) as tx:
            tx.log("web.site.change", "web:site", None, {"name": "x"})

    assert [ask(), ask()] == [1, 1]
    act(other)
    assert ask() == 1  # what others do may wait
    act(person)
    assert [ask(), ask()] == [2, 2]
    assert [ask(other), ask()] == [3, 2]
    User.objects.filter(pk=person.pk).update(rights_version="other")
    person.refresh_from_db()
    assert ask() == 4


def test_nothing_is_kept_beyond_its_time(kept):
    kept.set("a", 1, 0)
    assert kept.get("a") is None
    for number in range(400):
        kept.set(f"k{number}", number, 60)
    assert [kept.get(f"k{number}") for number in range(400)] == list(range(400))


def test_rights_are_those_of_their_version_and_one_entry_a_person(kept, client_for_role):
    client_for_role("office")
    person = User.objects.get(username="test-office")
    may = "duties.item.create"
    assert permissions.allowed(person, may)
    version, held = kept.get(f"rights:{person.pk}")
    assert version == person.rights_version and may in {one for role in held for one in role.permissions}

    role = RoleGrant.objects.get(user=person).role
    RolePermission.objects.filter(role=role, code=may).delete()
    assert permissions.allowed(person, may)  # what is kept under the version is answered from
    User.objects.filter(pk=person.pk).update(rights_version="next")
    person.refresh_from_db()
    assert not permissions.allowed(person, may)
    assert kept.get(f"rights:{person.pk}")[0] == "next"


def test_indicators_of_the_desk_are_kept_for_this_year_and_the_own_region_alone(kept, client_for_role, monkeypatch):
    client_for_role("office")
    read: list[tuple[str, int]] = []
    monkeypatch.setattr(evidence.queries, "any_in", lambda region, year: read.append((region.pk, year)))

    def ask(region: Region, year: int) -> None:
        evidence._tracked(User.objects.get(username="test-office"), region, year)  # as each request: a person anew

    own = display.home_region(User.objects.get(username="test-office"))
    other = Region.objects.create(code="990199", name="西县", level="county")
    year = timezone.localdate().year
    for region, asked in ((own, year), (own, year), (own, year - 1), (own, year - 1), (other, year), (other, year)):
        ask(region, asked)
    assert read == [(own.pk, year), *[(own.pk, year - 1)] * 2, *[(other.pk, year)] * 2]
