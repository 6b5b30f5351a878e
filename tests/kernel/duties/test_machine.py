"""Random walks through every table: what must hold at every moment, whatever people do."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ecocloud.kernel.duties import errors, kinds
from ecocloud.kernel.duties import transitions as tr

TODAY = date(2026, 6, 1)
UNITS = ("water", "forest", "office")
ALL_ACTIONS = sorted({row.action for kind in kinds.all_kinds().values() for row in kind.transitions})


def people(lead, holder=""):
    """Two persons in each unit, an approver and a leader; roles follow from the unit as in the services."""
    found = []
    for unit in UNITS:
        for n in (1, 2):
            roles = {"lead"} if unit == lead else {"cooperating"}
            if unit == "office":
                roles |= {"office"}
            if unit == holder:
                roles |= {"checker"}
            found.append(tr.Person(f"{unit}{n}", unit, frozenset(roles)))
    found.append(tr.Person("chief", "office", frozenset({"approver", "leader"})))
    found.append(tr.Person("deputy", "office", frozenset({"approver", "leader"})))
    found.append(tr.Person("neighbour", "", frozenset({"reporter"})))
    return found


class Walk(RuleBasedStateMachine):
    kind_code = "task"

    def __init__(self):
        super().__init__()
        self.kind = kinds.kind_of(self.kind_code)
        self.facts = tr.Facts(
            self.kind.start, "water", "office", "office", TODAY, date(2026, 12, 31), longest=date(2027, 6, 1)
        )

    @initialize(chosen=st.sets(st.sampled_from(("check_township", "check_county", "check_city", "check_province"))))
    def levels_of_the_item(self, chosen):
        levels = tuple(state for state in self.kind.levels if state in chosen)
        units = dict(zip(levels, ("forest", "office", "water", "forest"), strict=False))
        self.facts = replace(self.facts, levels=levels, level_units=units)

    @rule(
        action=st.sampled_from(ALL_ACTIONS),
        who=st.integers(0, 8),
        opinion=st.sampled_from(["", "理由"]),
        evidence=st.integers(0, 1),
        days=st.integers(-400, 400),
        unit=st.sampled_from(UNITS),
        n=st.integers(0, 2),
    )
    def attempt(self, action, who, opinion, evidence, days, unit, n):
        person = people(self.facts.lead, self.facts.holder)[who]
        wanted = TODAY + timedelta(days=days)
        data = {"until": wanted, "category": "water", "into": n, "notice_until": wanted}
        data |= {"deadline": TODAY + timedelta(days=days), "lead": unit, "units": list(UNITS[:n]), "nodes": [1] * n}
        data["children"], data["awaited"] = [1] * n, self.facts.awaited_opinions
        if action == "reopen":
            data.pop("deadline")
        attempt = tr.Attempt(action, person, opinion, evidence, data)
        before = self.facts
        try:
            decision = tr.decide(self.kind, before, attempt)
        except errors.Refused as refusal:
            assert refusal.story.state == before.state and refusal.story.options
            row = self.kind.row(before.state, action)
            if isinstance(refusal, errors.WrongState):
                assert row is None
            if isinstance(refusal, errors.WrongPerson):
                assert row is not None and not person.roles & set(row.by)
            return
        if decision.row.verifies:
            assert person.id not in before.handlers
        if action == "pass_level":
            assert person.unit == before.holder and person.id not in before.passers
        ended = self.kind.states[decision.target]
        if decision.moves and ended.closed and not ended.void:
            assert decision.row.verifies
        self.facts = tr.apply(self.kind, before, decision, attempt)

    @rule()
    def a_child_closes(self):
        self.facts = replace(self.facts, open_children=max(0, self.facts.open_children - 1))

    @invariant()
    def exactly_one_accountable_unit(self):
        assert self.facts.lead in UNITS
        f = self.facts
        assert f.holder == tr.holder_of(self.kind, f.state, f.lead, f.office, f.level_units)
        assert f.holder in UNITS

    @invariant()
    def an_owner_and_a_clock(self):
        state = self.kind.states[self.facts.state]
        assert state.owner in tr.OWNERS
        assert state.terminal == (state.clock.by == "stopped")
        if state.clock.by == "until":
            assert self.facts.suspended_until > TODAY
        if state.clock.by == "notice":
            assert self.facts.notice_until is not None

    @invariant()
    def no_dead_end(self):
        """Somebody can move the item on, once sub-tasks are closed, nodes done and opinions answered."""
        clear = replace(
            self.facts, open_children=0, open_nodes=0, unanswered_opinions=0, awaited_opinions=0, open_objections=0
        )
        movers = [
            option
            for person in people(self.facts.lead, self.facts.holder)
            for option in tr.options(self.kind, clear, person)
            if option.row.target not in (tr.SAME, self.facts.state) and not option.blocked_zh
        ]
        assert movers
        # As things stand somebody who has to do with the state can always do something, too.
        assert any(
            not option.blocked_zh
            for person in people(self.facts.lead, self.facts.holder)
            for option in tr.options(self.kind, self.facts, person)
        )

    @invariant()
    def numbers_are_never_negative(self):
        f = self.facts
        assert min(f.open_children, f.open_nodes, f.awaited_opinions, f.unanswered_opinions, f.open_instructions) >= 0
        assert f.open_objections >= 0


@pytest.mark.parametrize("code", sorted(kinds.all_kinds()))
def test_random_walks_keep_the_invariants(code, full_size):
    walk = type(f"Walk_{code}", (Walk,), {"kind_code": code})
    count, steps = (500, 100) if full_size else (30, 60)
    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=count,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
