"""What is kept for all web processes: the person's own step shows at once."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.test import RequestFactory

from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import User
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
