"""Rooms above are told when an item made from a record of theirs moves: in its transaction, and only then."""

import pytest

from ecocloud.kernel.duties import following, services
from ecocloud.kernel.duties.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch):
    monkeypatch.setattr(following, "_followers", {})
    seen = []
    following.register_follower("flood", lambda tx, user, item, at: seen.append((user.username, item.state)))
    return seen


def test_a_follower_is_told_of_every_move_and_its_records_are_no_documents(town, make, told):
    item = make(source_ref="flood:7", source_title="洪水")
    assert (item.source_doc, told) == ("", [])
    services.issue(town.clerk, item)
    services.urge(town.clerk, WorkItem.objects.get(pk=item.pk))  # stays in its state
    services.sign(town.hydro, WorkItem.objects.get(pk=item.pk))
    assert told == [("clerk", "issued"), ("hydro", "signed")]


def test_others_are_not_told(town, make, told):
    item = make(source_ref="doc:7#1-2")
    services.issue(town.clerk, item)
    assert (item.source_doc, told) == ("doc:7", [])


def test_what_a_follower_refuses_undoes_the_move(town, make, told):
    def refuse(tx, user, item, at):
        raise ValueError("not now")

    following.register_follower("flood", refuse)
    item = make(source_ref="flood:7")
    with pytest.raises(ValueError, match="not now"):
        services.issue(town.clerk, item)
    assert WorkItem.objects.get(pk=item.pk).state == "registered"
