"""Lists ask the database the same few questions whatever they hold.

The items are made once for all lists: first ten, then a hundred; each test looks at its own list.
"""

import pytest
from django.core.cache import cache, caches
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ecocloud.kernel.regions.models import User
from tests.kernel.duties.conftest import maker, people_and_units, some_items

pytestmark = pytest.mark.django_db  # sets the database up for the fixture of the module
LISTS = (
    "/duties/",
    "/duties/mine/?tab=todo",
    "/duties/mine/?tab=warning",
    "/duties/mine/?tab=read",
    "/duties/instructions/",
    "/duties/rounds/",
)
PEOPLE = ("clerk", "hydro")


def questions(client, address):
    """What a page asks; the site's own row is kept in the cache outside of tests."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in asked if "web_site" not in query["sql"]]


@pytest.fixture(scope="module")
def asked(django_db_setup, django_db_blocker):
    """(person, list) -> what is asked for ten items, what for a hundred; as when served, caches kept."""
    from django.conf import settings

    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(settings, "TESTING", False)
        cache.clear()
        caches["shared"].clear()
        town = people_and_units()
        User.objects.update(must_change_password=False)
        found = {}
        for more in (10, 90):
            some_items(maker(town), more)
            for who in PEOPLE:
                client = Client()
                client.force_login(User.objects.get(pk=getattr(town, who).pk))
                for address in LISTS:
                    whole = f"{address}{'&' if '?' in address else '?'}per=100"
                    client.get(whole)
                    found.setdefault((who, address), []).append(questions(client, whole))
        transaction.set_rollback(True)
    cache.clear()
    caches["shared"].clear()
    return found


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("who", PEOPLE)
def test_a_list_asks_the_same_few_questions_for_ten_and_for_hundred_rows(asked, address, who):
    few, more = asked[who, address]
    assert len(few) == len(more) <= 12, "\n".join(more)
