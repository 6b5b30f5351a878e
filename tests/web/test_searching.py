"""The search page: words, kinds, pages; a person finds only what lies in his data scope."""

import pytest

from ecocloud.base import jobs
from ecocloud.web import searching

pytestmark = pytest.mark.django_db


def test_tokens_follow_the_data_scope(client_for_role):
    from ecocloud.kernel.regions.models import User

    client_for_role("office")
    client_for_role("department")
    office, clerk = User.objects.get(username="test-office"), User.objects.get(username="test-department")
    assert searching.scope_tokens(office) is None
    assert searching.scope_tokens(clerk) == [f"d{clerk.department_id}"]


def test_page_answers_without_words_with_words_and_with_nonsense(client_for_role, settings, tmp_path):
    settings.HOME = tmp_path
    client = client_for_role("department")
    jobs.drain()
    for query in ("", "森林", "\x00", "a" * 5000, "森林&page=99999", "森林&kind=none", '"（）*:'):
        response = client.get(f"/search/?q={query}")
        assert response.status_code == 200, query
