"""Two people do the same on what they both see: one of them has done it, the other is told by whom; in every kind and
for every action of its table. And after each step the journal alone tells the item.

The items are brought to where an action is possible by the services themselves, searched from the first state; what is
tried is undone. An action nobody could be brought to fails the test, so that a new row of a table cannot escape it.
"""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.kernel.duties import kinds, past, services
from ecocloud.kernel.duties import transitions as tr
from ecocloud.kernel.duties.deadlines import policy_of
from ecocloud.kernel.duties.errors import Invalid
from ecocloud.kernel.duties.models import Instruction, ItemCase, ItemNode, Opinion, WorkItem
from ecocloud.kernel.duties.services import standing

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
KINDS = sorted(kinds.all_kinds())
# After these something else is possible though the state is the same.
ASKING = {"ask_opinions", "take_opinion", "request_extension", "write_instruction", "add_nodes", "add_objection"}


class _Undo(Exception):
    pass


@contextmanager
def undone():
    """What happens inside is rolled back."""
    try:
        with transaction.atomic():
            yield
            raise _Undo
    except _Undo:
        pass


def given(land, item, row, other):
    """What a person gives with an action of the table."""
    node = ItemNode.objects.filter(item=item, done_at__isnull=True).first()
    said = Opinion.objects.filter(item=item, given_at__isnull=False, answer__isnull=True).first()
    told = Instruction.objects.filter(item=item, replied_at__isnull=True).first()
    lead = land.at_water if item.lead_department_id != land.at_water.pk else land.at_east
    data = {
        "until": TODAY + timedelta(days=9), "into": other.pk, "units": [land.at_water],
        "category": "mine" if item.category != "mine" else "water", "deadline": TODAY + timedelta(days=400),
        "nodes": [{"title": "节点"}] if row.action == "add_nodes" else [], "children": [], "answer": "adopted",
        "node_id": node and node.pk, "opinion_id": said and said.pk, "instruction_id": told and told.pk,
        "refs": ["doc:1#1-2"],
    }  # fmt: skip
    if "request_extension" in row.effects and item.table.takes_case and "within_longest" in row.guards:
        data["deadline"] = item.deadline + timedelta(days=1)
    if {"set_lead", "maybe_lead"}.intersection(row.effects):
        data["lead"] = lead
    return data


def able(people, item, row, data):
    """Who can do this now, at most two."""
    found = []
    for user in people:
        if standing.person(user, item).roles.intersection(row.by):
            try:
                services.check(user, item, row.action, opinion="理由", **data)
            except EcoError:
                continue
            found.append(user)
            if len(found) == 2:
                break
    return found


def situation(item):
    """What decides which actions are possible."""
    facts = standing.facts(item, TODAY)
    return (item.state, facts.awaited_opinions > 0, facts.unanswered_opinions > 0, facts.open_nodes > 0,
            facts.open_instructions > 0, facts.open_objections > 0, bool(facts.extension_by))  # fmt: skip


class Tour:
    """A search through one kind; ``wanted`` are the actions, or action and state, that are still to be tried."""

    def __init__(self, land, kind, every_state):
        self.land, self.kind, self.every_state = land, kind, every_state
        self.people = [land.clerk, land.second, land.hydro, land.hydro2, land.farmer, land.keeper, land.mayor,
                       land.county, land.county2, land.ranger, land.chief]  # fmt: skip
        self.wanted = {self.name(row, state) for row in kind.transitions for state in row.sources}
        self.seen = set()

    def name(self, row, state):
        return (row.action, state) if self.every_state else row.action

    def go(self, item, other, staying=False):
        """Try what is possible on ``item``, then go on from where that leads. In the small size every state is gone
        into once, and after something was asked (``staying``) only what that makes possible is tried."""
        if item.state == "published":
            ItemCase.objects.filter(item=item).update(notice_until=TODAY - timedelta(days=1))
        rows = sorted(self.kind.rows(item.state), key=lambda row: self.name(row, item.state) not in self.wanted)
        for row in rows:
            fresh = self.name(row, item.state) in self.wanted
            asks = bool(ASKING.intersection(row.effects))
            onward = row.target not in (tr.SAME, item.state) and not staying
            new = not self.targets_of(row, item) <= self.seen or self.every_state
            if not self.wanted or not (fresh or (onward and new) or (asks and self.every_state)):
                continue
            data = given(self.land, item, row, other)
            who = able(self.people, item, row, data)
            if not who:
                continue
            with undone():
                try:
                    after = services.act(who[0], item, row.action, version=item.version, opinion="理由", **data)
                except Invalid:
                    continue  # nothing there to answer or to finish
                if fresh:
                    self.wanted.discard(self.name(row, item.state))
                    self.second(who[-1], who[0], item, after, row, data)
                here = situation(after) if self.every_state else after.state
                if here not in self.seen and not staying:
                    self.seen.add(here)
                    self.go(after, other)
                elif asks and after.state == item.state and not self.every_state:
                    self.go(after, other, staying=True)

    def targets_of(self, row, item):
        """The states ``row`` may lead to."""
        return kinds.targets(self.kind, row, item.state) or {item.state}

    def second(self, user, first, item, after, row, data):
        """The second person, who saw the item as it was before."""
        with pytest.raises(services.Stale) as told:
            services.act(
                user, WorkItem.objects.get(pk=item.pk), row.action, version=item.version, opinion="理由", **data
            )
        words = told.value.sentence_zh()
        assert "已被他人更新" in words and row.label_zh in words and first.name in words and "请刷新" in words
        assert told.value.http_status == 409
        now = WorkItem.objects.get(pk=item.pk)
        assert (now.version, now.state) == (after.version, after.state) == (item.version + 1, now.state)
        assert now.state_row.terminal or now.act_by is not None
        assert past.differences(now) == []


@pytest.mark.parametrize("code", KINDS)
def test_of_two_who_do_the_same_one_has_done_it_and_the_other_is_told(land, code, full_size):
    kind = kinds.kind_of(code)
    fields = {"kind": code, "channel": kind.channels[0].code if kind.channels else "", "units": [land.at_forest]}
    fields |= {"category": "water"} if kind.categories else {}
    # Where a policy gives the deadline none is needed.
    deadline = None if policy_of(code, fields.get("category", ""), TODAY) else TODAY + timedelta(days=5)
    item = services.create_item(land.clerk, title="两人同办", lead=land.at_east, deadline=deadline, **fields)
    other = services.create_item(land.clerk, title="另一件", lead=land.at_east, deadline=deadline, **fields)
    tour = Tour(land, kind, full_size)
    tour.seen.add(situation(item) if full_size else item.state)
    tour.go(item, other)
    assert tour.wanted == set()


def test_who_lost_the_item_meanwhile_is_told_where_to_look(land):
    item = services.issue(land.clerk, services.create_item(land.clerk, title="转走了", lead=land.at_water))
    seen = WorkItem.objects.get(pk=item.pk)
    services.transfer(land.clerk, item, land.at_forest, "职责调整")
    with pytest.raises(services.NotVisible) as told:
        services.sign(land.hydro, seen)
    assert "转由其他单位" in told.value.sentence_zh() and told.value.http_status == 404
