"""Every situation each kind can get into, searched through from its start with the engine itself.

A situation is what the guards look at, coarsely: counts as none or some, persons as the few who stand for all. For each
one: some role can bring it on to an end, and from the end it can be opened again; one unit answers for it and its clock
runs; whoever worked on it verifies nothing. Kinds are data: a kind in the folder is a kind here.
"""

from collections import deque
from dataclasses import replace
from datetime import date, timedelta

import pytest

from ecocloud.kernel.duties import errors, kinds
from ecocloud.kernel.duties import transitions as tr

TODAY = date(2026, 6, 1)
# One who does what falls to his role: in the unit that leads, in another (to hand over to; it also checks a level), in
# one that helps, in the office. Who checks a level is somebody of its unit who has not worked on the item.
PEOPLE = (
    ("worker", "water", {"lead", "cooperating"}),
    ("ranger", "forest", {"lead", "cooperating"}),
    ("ranger2", "forest", {"checker"}),
    ("driver", "roads", {"cooperating"}),
    ("clerk", "office", {"office"}),
    ("second", "office", {"checker"}),
    ("chief", "city", {"approver", "leader"}),
    ("mayor", "city", {"checker"}),
    ("governor", "province", {"checker"}),
    ("neighbour", "", {"reporter"}),
)


def persons(facts):
    """The people with what they are towards the item as it stands."""
    for name, unit, roles in PEOPLE:
        missing = {"cooperating" if unit == facts.lead else "lead"} | ({"checker"} if unit != facts.holder else set())
        yield tr.Person(name, unit, frozenset(roles - missing))


def given(facts, row):
    """What a sensible person gives with an action; handing over goes to the other unit."""
    other = "forest" if facts.lead == "water" else "water"
    data = {"until": TODAY + timedelta(days=9), "category": "water", "into": 7, "notice_until": TODAY,
            "deadline": TODAY + timedelta(days=300), "units": ["forest"], "nodes": [1], "awaited": 1}  # fmt: skip
    if "set_lead" in row.effects or row.action == "arbitrate":
        data["lead"] = other
    return data


def coarse(facts):
    """The facts with counts of none and some only, the notice over, and nothing that no guard looks at."""
    some = ("open_children", "open_nodes", "awaited_opinions", "unanswered_opinions", "open_objections")
    return replace(
        facts, **{name: min(1, getattr(facts, name)) for name in some}, open_instructions=0, progress=0,
        notice_until=facts.notice_until and TODAY - timedelta(days=1), deadline=TODAY, longest=None,
        extension_to=facts.extension_to and TODAY + timedelta(days=300), history=(),
    )  # fmt: skip


def key_of(facts, fine):
    """What makes two situations different; ``fine`` tells apart more of them."""
    more = (facts.extension_by, facts.settled) if fine else ()
    return (
        facts.state, facts.lead, facts.handlers - {"driver"}, facts.passers, facts.awaited_opinions,
        facts.unanswered_opinions, facts.open_objections, facts.open_nodes, more,
    )  # fmt: skip


def search(kind, levels, fine):
    """All situations from the start: key to facts, key to the keys that one step leads to, and the steps taken."""
    units = dict(zip(levels, ("forest", "office", "city", "province"), strict=False))
    start = tr.Facts(kind.start, "water", "office", "office", TODAY, TODAY, levels=levels, level_units=units)
    found, ways, steps = {key_of(start, fine): start}, {}, set()
    todo = deque([start])
    while todo:
        facts = todo.popleft()
        here = key_of(facts, fine)
        ways[here] = set()
        who = list(persons(facts))
        for row in kind.rows(facts.state):
            for person in who:
                if not person.roles.intersection(row.by):
                    continue
                attempt = tr.Attempt(row.action, person, "理由", 1, given(facts, row))
                if any(tr.GUARDS[name](facts, attempt) for name in row.guards):
                    continue
                after = coarse(tr.apply(kind, facts, tr.decide(kind, facts, attempt), attempt))
                steps.add((row.action, facts.state))
                there = key_of(after, fine)
                ways[here].add(there)
                if there not in found:
                    found[there] = after
                    todo.append(after)
                break  # the first who may stands for all of them
    return found, ways, steps


def leading_to(ways, goals):
    """The situations from which one of ``goals`` can be reached."""
    back = {}
    for here, there in ways.items():
        for one in there:
            back.setdefault(one, set()).add(here)
    reached, todo = set(goals), list(goals)
    while todo:
        for one in back.get(todo.pop(), ()):
            if one not in reached:
                reached.add(one)
                todo.append(one)
    return reached


KINDS = sorted(kinds.all_kinds())


@pytest.mark.parametrize("code", KINDS)
def test_from_every_situation_somebody_leads_on_to_the_end_and_back(code, full_size):
    kind = kinds.kind_of(code)
    levels = tuple(kind.levels) if full_size else tuple(kind.levels)[:2]
    found, ways, steps = search(kind, levels, full_size)
    reached = {facts.state for facts in found.values()}
    assert reached == {state for state in kind.states if not kind.states[state].level or state in levels}
    ends = {key for key, facts in found.items() if kind.states[facts.state].terminal}
    proven = {key for key in ends if not kind.states[found[key].state].void}
    stuck = set(found) - leading_to(ways, ends)
    assert not stuck, sorted(map(str, stuck))[:3]
    # An item that is alive can end with a result, whatever happened to it before.
    assert set(found) == leading_to(ways, proven)
    assert all(any(found[there].state in kind.states and there not in ends for there in ways[key]) for key in ends)
    # No way of the table from one state to another was left out of the search.
    ways_of_table = {(r.action, s) for r in kind.transitions for s in r.sources if r.target not in (tr.SAME, s)}
    assert {way for way in ways_of_table if way[1] in reached} <= steps


@pytest.mark.parametrize("code", KINDS)
def test_who_worked_on_an_item_verifies_nothing_of_it(code, full_size):
    """Whoever has handled the item, with every role there is, is refused every verification in every situation."""
    kind = kinds.kind_of(code)
    found, _ways, _steps = search(kind, tuple(kind.levels)[:2], full_size)
    seen = set()
    for facts in found.values():
        for row in kind.rows(facts.state):
            for name in sorted(facts.handlers):
                if not row.verifies or (row.action, facts.state, name) in seen:
                    continue
                seen.add((row.action, facts.state, name))
                both = tr.Person(name, facts.holder, frozenset(tr.ACTOR_ROLES))
                with pytest.raises(errors.GuardFailed):
                    tr.decide(kind, facts, tr.Attempt(row.action, both, "理由", 1, given(facts, row)))
                refused = tr.GUARDS["not_handler"](facts, tr.Attempt(row.action, both))
                assert refused is not None and "not_handler" in row.guards
    assert seen


@pytest.mark.parametrize("code", KINDS)
def test_in_every_situation_one_unit_answers_and_a_clock_runs(code, full_size):
    kind = kinds.kind_of(code)
    found, _ways, _steps = search(kind, tuple(kind.levels)[:2], full_size)
    for facts in found.values():
        state = kind.states[facts.state]
        assert facts.lead in ("water", "forest") and facts.holder in ("water", "forest", "office", "city")
        assert facts.holder == tr.holder_of(kind, facts.state, facts.lead, facts.office, facts.level_units)
        # Somebody of the unit that holds it has something to do, in the table's own words.
        mine = [person for person in persons(facts) if person.unit == facts.holder]
        assert any(person.roles.intersection(row.by) for person in mine for row in kind.rows(facts.state)), facts.state
        if state.terminal:
            assert state.clock.by == "stopped"
        elif state.clock.by in ("workdays", "deadline", "decide"):  # also without a deadline, without a policy
            assert state.clock.workdays > 0
        elif state.clock.by == "until":
            assert facts.suspended_until is not None
        elif state.clock.by == "notice":
            assert facts.notice_until is not None
        else:
            raise AssertionError(state.clock.by)


def test_every_file_of_the_folder_is_a_kind_and_walked_through():
    files = {path.stem for path in kinds.FOLDER.glob("*.yaml")}
    assert files == set(KINDS) == set(kinds.all_kinds())
